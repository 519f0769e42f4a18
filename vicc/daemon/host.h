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
	void (*exchange)(struct tap *t, struct view cmd, struct view rsp,
			 const struct card_note *note);
	/*
	 * the next exchange is not the card's: what a remote has made of it, in words; NULL: of no
	 * interest
	 */
	void (*fault)(struct tap *t, const char *what);
};

/* What becomes of the card, for whoever commands it. */
enum host_news {
	HOST_INSERTED, /* offered to the reader */
	HOST_REMOVED,
	HOST_CONNECTED, /* the reader has asked something */
	HOST_DISCONNECTED,
};

#define HOST_REMOTE_MAX 9 /* descriptors */

/*
 * Whoever commands the card from outside, and stands between it and the reader.
 * Everything is called in the host's own thread.
 */
struct host_remote {
	void *ctx;
	/* What to wait for besides: how many of p it has set, at most HOST_REMOTE_MAX. */
	unsigned (*watch)(void *ctx, struct pollfd *p);
	/* Something of that is ready, as revents say. Never within a command. */
	void (*serve)(void *ctx, const struct pollfd *p, unsigned n);
	/* why is one word, for as long as the call */
	void (*news)(void *ctx, enum host_news what, const char *why);
	/*
	 * A command, before the card has it: 0: the card is to answer; 1: rsp is the answer;
	 * negative: there is none, and the card leaves the reader.
	 */
	int (*command)(void *ctx, struct view cmd, struct buf *rsp);
	/* The answer, or the ATR (then cmd is empty), to be changed. 0, or negative as above. */
	int (*answer)(void *ctx, struct view cmd, struct buf *rsp);
	/* Send it, as link_send does; positive: the card leaves the reader. */
	int (*send)(void *ctx, int fd, struct view body);
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
	const struct host_remote *remote; /* NULL: nobody */

	/* what the remote may read; locked and why are its to set */
	bool locked;     /* out, whatever signals say */
	const char *why; /* the next removal's reason; NULL: a signal */
	/* ms until a card that the remote has made leave is offered again; 0: a moment */
	int back;
	bool offered;    /* to the reader */
	bool connected;

	/* its own */
	struct wire in;
	struct buf rsp;
	bool powered;
	unsigned removals; /* seen so far */
	unsigned passed;   /* times that the remote had to wait for the reader */
	uint8_t rx[WIRE_FRAME_MAX];
};

/*
 * Offer the card until the process is told to end: then 0. Negative (said): there
 * will be no reader, or no card, any more.
 */
int host_run(struct host *h);

/* The card is out, or in, from the next chance on, as by a signal; h->why says why. */
void host_set_out(struct host *h, bool out, const char *why);

/* Whether that, or a lock, keeps it out. */
bool host_is_out(const struct host *h);

#endif
