/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What pcscd sees of a card: asked as a PC/SC client, without switching the card on. */
#ifndef VICC_DAEMON_READER_H
#define VICC_DAEMON_READER_H

#include <stdbool.h>
#include <stddef.h>

#include <winscard.h>

#define READERS_MAX 16 /* slots that a card may be in */

/* Slots that share an endpoint are several: a card is in one of them. */
struct readers {
	size_t n;
	struct {
		char name[MAX_READERNAME];
		DWORD event_state; /* as SCardGetStatusChange has it, with its counter */
		unsigned char atr[MAX_ATR_SIZE];
		DWORD atr_len;
	} r[READERS_MAX];
};

/*
 * The slots of the reader at an endpoint of this machine, a unix socket's path or (path
 * NULL) a TCP port, and their state now. False: there is none, pcscd is not there, or
 * lets us not in: why is set.
 */
bool readers_of(struct readers *to, const char *path, unsigned port, const char **why);

/*
 * Call for each slot of a reader of vpcd's that pcscd has; atr is "empty" for want of a card.
 * False: why.
 */
bool readers_all(void (*call)(void *ctx, const char *name, const char *endpoint, const char *atr),
		 void *ctx, const char **why);

/* Wait until one of them is no longer as it was, at most ms: then they are as they are now. */
void readers_await(struct readers *r, int ms);

/* A counter that moves with each insertion and removal. */
unsigned readers_counter(const struct readers *r, size_t i);

/* Reset the card in this reader, or take its power away: other sessions are told. A PC/SC error. */
LONG reader_reset(const char *name, bool cold);

#endif
