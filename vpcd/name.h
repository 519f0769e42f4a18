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

#include "atr.h"
#include "padline.h"

#define NAME_SLOTS_MAX 16
#define NAME_TIMEOUT_MAX 86400 /* seconds */
#define NAME_ADDRESS_SIZE 256
#define NAME_TEXT_SIZE (NAME_ADDRESS_SIZE + 32)

enum name_mode {
	NAME_LISTEN,  /* TCP; cards connect */
	NAME_UNIX,    /* unix socket; cards connect */
	NAME_CONNECT, /* TCP; we connect: "reversed" */
};

/* Where the ATR of a card comes from. */
enum name_atr {
	NAME_ATR_ASKED, /* the card, by get ATR */
	NAME_ATR_FIXED, /* here: the card does not know get ATR */
	NAME_ATR_POWER, /* the card, which answers power on and reset with it */
};

enum name_pad {
	NAME_PAD_NONE,
	NAME_PAD_KEYS,    /* a PIN pad */
	NAME_PAD_DISPLAY, /* that shows what it asks for, in 2 lines of 16 characters */
};

struct name {
	enum name_mode mode;
	/* LISTEN: "" loopback, "@" all, or numeric; else path, host */
	char address[NAME_ADDRESS_SIZE];
	uint16_t port;      /* of slot 0; TCP modes */
	unsigned slots;     /* 1..NAME_SLOTS_MAX */
	bool shared;        /* one endpoint for all slots */
	enum name_atr atr_from;
	uint8_t atr[ATR_MAX]; /* FIXED */
	size_t atr_len;
	unsigned timeout_s; /* per APDU, 1..NAME_TIMEOUT_MAX */
	enum name_pad pad;
	mode_t file_mode; /* UNIX, and the sockets of pads */
	gid_t group;      /* likewise; -1: not changed */
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

/* The socket of slot k's PIN pad. False: its path is too long, which name_parse refuses. */
bool name_pad_path(const struct name *n, unsigned k, char out[PADLINE_PATH]);

/* Whether a slot of each would stand at the same endpoint. */
bool name_collides(const struct name *a, const struct name *b);

#endif
