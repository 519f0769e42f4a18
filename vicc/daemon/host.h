/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* One link, one card: frames come in, the card is called, frames go out. */
#ifndef VICC_DAEMON_HOST_H
#define VICC_DAEMON_HOST_H

#include "model/card.h"
#include "daemon/link.h"
#include "wire.h"

/* Somebody who looks on, a trace. Views die with the return. */
struct tap {
	struct tap *next;
	/* power, or a reset; NULL: of no interest */
	void (*power)(struct tap *t, enum card_power what);
	/* the reader was given the ATR */
	void (*atr)(struct tap *t, struct view atr);
	/* a command and its answer; note says what of them is not to be shown */
	void (*exchange)(struct tap *t, struct view cmd, struct view rsp, const struct card_note *note);
};

struct host {
	/* set by the owner, which keeps them */
	struct link *link;
	struct card *card;
	const struct log *log;
	int signals;      /* signals_catch */
	struct tap *taps; /* in the order of their call; NULL: none */
	/* a reader is there, and nothing of it was read yet; negative: it is not served. Or NULL */
	int (*found)(void *ctx);
	void *found_ctx;

	/* its own */
	struct wire in;
	struct buf rsp;
	bool powered;
	unsigned removals; /* seen so far */
	uint8_t rx[WIRE_FRAME_MAX];
};

/*
 * Offer the card until the process is told to end: then 0. Negative (said): there
 * will be no reader, or no card, any more.
 */
int host_run(struct host *h);

#endif
