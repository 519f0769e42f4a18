/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A conversation written down as the APDU script (script.h) that replays it. What
 * is secret does not get into it: of a PIN stands its name, to be given by
 * --pin-file when it is replayed; keys, and what is done with them, are comments.
 */
#ifndef VICC_TRACE_RECORDER_H
#define VICC_TRACE_RECORDER_H

#include "daemon/host.h"
#include "model/props.h"

struct record {
	struct tap tap;
	int fd;
	struct props names; /* the values of PINs that have a name; wiped by record_free */
	const struct log *log;
	char fault[64];     /* what the next exchange suffers; empty: nothing */
	bool failed;        /* and has said so */
};

/*
 * Begin a file, whose contents, if any, are gone; mode 0600. names: those that
 * have a name already. 0, or -errno.
 */
int record_open(struct record *r, const char *path, const char *type, const struct props *names,
		const struct log *log);
void record_free(struct record *r);

#endif
