/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Who enters the digits: a file with PINs, a person at the terminal, a program. A pad asks its
 * source when the reader asks the pad, and says what the source says (padline.h).
 */
#ifndef VICC_PAD_SOURCE_H
#define VICC_PAD_SOURCE_H

#include <poll.h>

#include "base/bytes.h"
#include "base/log.h"
#include "model/props.h"
#include "padline.h"

#define PAD_WATCH 9 /* descriptors */

struct pad_source;

struct pad_source_ops {
	/*
	 * A request, and further news of it: something can be read from fd, or it is time. Lines
	 * for the reader go into say, each with LF. 0; -ECANCELED: close the connection instead;
	 * another negative errno value: this source will never answer again (said).
	 */
	int (*ask)(struct pad_source *s, const struct pad_ask *ask, struct buf *say);
	int (*more)(struct pad_source *s, struct buf *say);
	/*
	 * What it looks at besides, at any time: how many of p are set, at most PAD_WATCH; and
	 * what to do with that, as more is done where a request is under way. NULL: nothing.
	 */
	unsigned (*watch)(const struct pad_source *s, struct pollfd *p);
	int (*serve)(struct pad_source *s, const struct pollfd *p, unsigned n, struct buf *say);
	/* The reader wants nothing more: the status word that its client got, or 0. */
	void (*over)(struct pad_source *s, unsigned sw);
	void (*free)(struct pad_source *s);
};

struct pad_source {
	const struct pad_source_ops *ops;
	const struct log *log;
	int fd;        /* to look at between ask and over; -1: none */
	int64_t until; /* when more is to be called at the latest, wire_now; 0: never */
	const char *socket; /* that it listens on, and removes at the end; NULL: none */
	bool connected;     /* the pad's: its reader is there */
};

/*
 * PINs by name, which is what --pin-file has, and words that say how they are entered one
 * request after the other (NULL: right). Takes the PINs over. NULL: said.
 */
struct pad_source *pad_file(struct props *pins, const char *words, const struct log *log);

/*
 * Whoever commands it (vicc-control(7)) at the socket of this name or path, with these PINs,
 * or others. Takes the PINs over; path is the pad's own. NULL: said.
 */
struct pad_source *pad_control(struct props *pins, const char *name, const char *path,
			       const struct log *log);

/* A person at /dev/tty. NULL: said. */
struct pad_source *pad_terminal(const struct log *log);

/* A program: each request is a line on its standard input, and its line the answer. NULL: said. */
struct pad_source *pad_program(const char *path, const struct log *log);

#endif
