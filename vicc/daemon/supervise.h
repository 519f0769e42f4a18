/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Several cards: a process for each, and this one, which waits for them and forwards signals. */
#ifndef VICC_DAEMON_SUPERVISE_H
#define VICC_DAEMON_SUPERVISE_H

#include <stdbool.h>
#include <stddef.h>

struct supervised {
	size_t n;
	int (*run)(const void *ctx, size_t i);          /* card i, in its process: the exit code */
	const char *(*name)(const void *ctx, size_t i); /* its type, for messages */
	/*
	 * Whether card i is read anew when it is put back: then SIGUSR2 ends its process and starts
	 * another, and the supervisor has the wide filter, behind which that can be done.
	 */
	bool (*renews)(const void *ctx, size_t i);
	const void *ctx;
	bool no_sandbox; /* the supervisor is not confined, either */
	bool runs_programs; /* a card that is read anew starts some: then there is no filter */
};

/*
 * The highest exit code of the cards, EXIT_FAILURE for one that a signal ended. In the process
 * of a card it returns, too: what run returned. A card's process ends when its parent ends.
 */
int supervise(const struct supervised *cards);

#endif
