/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A process that goes on in the background once pcscd has its cards. */
#ifndef VICC_DAEMON_BACKGROUND_H
#define VICC_DAEMON_BACKGROUND_H

#include <stdbool.h>
#include <stddef.h>

#include "daemon/link.h"

#define BACKGROUND_MS 10000 /* that cards and pcscd may take */

struct background {
	const char *pid_file; /* NULL: none */
	size_t n;             /* cards */
	const struct endpoint **where; /* where each is to be seen; NULL: it need not be */
};

/*
 * True: this is the process in the background, which tells when it is ready
 * (notify_ready), and has nothing of the terminal. False: it is the one that was started,
 * and is to exit with *code: EXIT_SUCCESS when pcscd has the cards; or else what is wrong
 * has been said, and nothing is left.
 */
bool background_enter(const struct background *b, int *code);

#endif
