/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The PIN pad of a slot: a unix socket on which programs wait that enter digits (padline.h).
 * Who connects lies in the backlog until there is something to enter; nobody polls it before.
 * Called by whoever holds the slot's talk, but for pad_end.
 */
#ifndef VPCD_PAD_H
#define VPCD_PAD_H

#include <stdatomic.h>

#include "name.h"
#include "pinblock.h"

#define PAD_ALL_MS 300000 /* for one request, however many keys */

struct pad {
	const struct name *name; /* NULL: the slot has no pad */
	unsigned k;
	int listener;     /* -1: it cannot listen, which is tried again by each request */
	bool complained;  /* of that */
	atomic_bool over; /* the slot ends */

	/* of one request, wiped at its end */
	int fd; /* the program that is asked, or -1 */
	char line[PADLINE_SIZE];
	size_t have; /* bytes of it */
	struct pad_answer answer;
	struct pinblock block;
};

/* Listen, for slot k of the name, which the caller keeps; says in the log when it cannot. */
void pad_open(struct pad *p, const struct name *name, unsigned k);
void pad_close(struct pad *p);

/* From any thread: a request that is under way is told that the reader ends, once it ends. */
void pad_end(struct pad *p);

/*
 * Have the PINs entered that p->block asks for, while the card on this descriptor stays: 0, and
 * they are in p->answer; a status word for the client; -ENODEV: the card has gone.
 */
int pad_ask(struct pad *p, int card);

/* What became of the request: the client's status word; 0: the card has gone. Forget all of it. */
void pad_done(struct pad *p, unsigned sw);

#endif
