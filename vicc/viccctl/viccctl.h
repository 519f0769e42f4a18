/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the command line of viccctl(1) says, for all of its files. */
#ifndef VICC_VICCCTL_VICCCTL_H
#define VICC_VICCCTL_VICCCTL_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "viccctl/connection.h"

enum {
	CTL_DONE = 0,
	CTL_FAILED = 1,  /* refused, or failed */
	CTL_USAGE = 2,
	CTL_NOBODY = 3,  /* no such card */
	CTL_TIMEOUT = 4,
};

#define CTL_NAMES_MAX 64

struct ctl {
	const char *names[CTL_NAMES_MAX];
	size_t n_names;
	const char *socket;
	bool all, json, no_wait, no_pcsc, verbose, cold, qr;
	const char *config;
	int timeout_ms;     /* -1: not chosen */
	json_t *members;    /* what options of the verb have set */
	const char **words; /* the verb and its arguments; ended by NULL */
	size_t n_words;

	/* of the card under way */
	const char *name;
	char path[128];
	struct connection card;
	int64_t deadline; /* wire_now */
	bool headed;      /* the table has its heading */
};

/* Say one line on standard error, with the card's name. Returns code. */
int ctl_fail(const struct ctl *t, int code, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* Say what this error of a connection is; late: that time is over. The exit code for it. */
int ctl_lost(const struct ctl *t, int error, const char *late);

/*
 * Send a request, which is taken over: the members of its answer; or NULL, *code says
 * what for, and it has been said. passed: a descriptor, or -1.
 */
json_t *ctl_ask(struct ctl *t, json_t *request, int passed, int *code);

/* The same of a verb without members. */
json_t *ctl_do(struct ctl *t, const char *verb, int *code);

struct readers;

/* Those of the card with this status: see readers_of. */
bool ctl_readers(struct readers *to, const json_t *status, const char **why);

/* The folder of the sockets, said if there is none; the names in it: how many. */
size_t ctl_list(char names[CTL_NAMES_MAX][64]);

#endif
