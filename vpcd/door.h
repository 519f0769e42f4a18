/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Where a card comes in: an endpoint that listens, or that connects (reversed
 * mode). Whoever is there but has not yet shown a valid ATR is a candidate and
 * is asked for it, and for nothing else; the first to answer is the card. With /atr=
 * nobody is asked: who is there, and silent, for a moment is the card.
 */
#ifndef VPCD_DOOR_H
#define VPCD_DOOR_H

#include <netdb.h>
#include <poll.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include "atr.h"
#include "name.h"
#include "net.h"
#include "wire.h"

#define DOOR_CANDIDATES 8
#define DOOR_CANDIDATE_MS 12000 /* to show an ATR: some cards sleep for seconds first */
#define DOOR_FAIR_MS 250        /* of these are nobody else's */
#define DOOR_SILENCE_MS 200     /* who is not asked is a card after so long */
#define DOOR_CONNECT_MS 3000
#define DOOR_LISTEN_RETRY_MS 1000
#define DOOR_BACKOFF_MIN_MS 250
#define DOOR_BACKOFF_MAX_MS 2000
#define DOOR_POLLFDS (NET_LISTENERS + DOOR_CANDIDATES)

struct candidate {
	int fd; /* -1: nobody */
	bool connecting;
	bool greeted; /* /atr=power: it has said something, the one time that it may */
	int64_t deadline;
	struct wire in;
	/* one byte more than the longest, to see that there is one too many */
	uint8_t buf[WIRE_HEADER + ATR_MAX + 1];
};

struct door {
	pthread_mutex_t lock; /* a shared door may change its watcher at any time */
	const struct name *name;
	unsigned k; /* which of the name's endpoints */
	struct candidate candidates[DOOR_CANDIDATES];

	int listeners[NET_LISTENERS];
	unsigned n_listeners;
	unsigned first;     /* whose turn it is: which listener is served first */
	int64_t rest_until; /* try nothing new before */
	bool complained;    /* of what keeps it from opening */
	bool turned_away;   /* somebody, since it was last free */

	struct addrinfo *addresses; /* of the host, while they are being tried */
	struct addrinfo *next;
	unsigned backoff_ms;
};

/* A card with its valid ATR. */
struct arrival {
	int fd; /* blocking; the receiver's now */
	uint8_t atr[ATR_MAX];
	size_t atr_len; /* 0: /atr=power, it is told when the card is powered */
};

/*
 * Opens endpoint k of the name, which the caller keeps. A port that is taken is
 * no error: it is said in the log and tried again by door_step.
 */
void door_open(struct door *d, const struct name *name, unsigned k);
void door_close(struct door *d);

/*
 * What to wait for, at most DOOR_POLLFDS; *until is brought forward to when
 * door_step has something to do by itself. With busy, only those who have to be
 * rejected.
 */
unsigned door_pollfds(struct door *d, struct pollfd *fds, bool busy, int64_t *until);

/*
 * Do whatever is due, without waiting (but for a name lookup). True: a card has
 * come in.
 */
bool door_step(struct door *d, struct arrival *a);

/* Close at once whoever is at the door: there is a card already. */
void door_turn_away(struct door *d);

/* The card has gone: begin anew. */
void door_reopen(struct door *d);

/* Whether somebody is there or on the way, so that waiting a little is worth it. */
bool door_expects(struct door *d);

#endif
