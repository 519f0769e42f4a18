/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * DEVICENAME of a reader.conf entry: `[mode:]address[:port][/key=value]...`, all
 * forms in vpcd(8). Nothing is guessed: what is not understood is refused.
 */
#ifndef VPCD_NAME_H
#define VPCD_NAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define NAME_SLOTS_MAX 16
#define NAME_TIMEOUT_MAX 86400 /* seconds */
#define NAME_ADDRESS_SIZE 256
#define NAME_TEXT_SIZE (NAME_ADDRESS_SIZE + 32)

enum name_mode {
	NAME_LISTEN,  /* TCP; cards connect */
	NAME_UNIX,    /* unix socket; cards connect */
	NAME_CONNECT, /* TCP; we connect: "reversed" */
};

struct name {
	enum name_mode mode;
	char address[NAME_ADDRESS_SIZE]; /* LISTEN: "" loopback, "@" all, or numeric; else path, host */
	uint16_t port;      /* of slot 0; TCP modes */
	unsigned slots;     /* 1..NAME_SLOTS_MAX */
	bool shared;        /* one endpoint for all slots */
	unsigned timeout_s; /* per APDU, 1..NAME_TIMEOUT_MAX */
	mode_t file_mode;   /* UNIX */
	gid_t group;        /* UNIX; -1: not changed */
};

/*
 * Read a DEVICENAME as pcscd hands it over, quotes and all. Returns 0, or -1
 * with one line that says what is wrong in error.
 */
int name_parse(struct name *n, const char *devicename, char *error, size_t size);

/* What CHANNELID alone means: listen on loopback, on that port. 0 or -1. */
int name_from_port(struct name *n, unsigned long port, char *error, size_t size);

/* The endpoint of slot k, as a person would write it, into text[NAME_TEXT_SIZE]. */
void name_endpoint(const struct name *n, unsigned k, char *text);

/* Whether a slot of each would stand at the same endpoint. */
bool name_collides(const struct name *a, const struct name *b);

#endif
