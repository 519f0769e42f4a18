/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Where pcscd and the cards live: process 1 of namespaces, or, where nobody can make any, just
 * a process.
 */
#ifndef VICC_RUN_PLACE_H
#define VICC_RUN_PLACE_H

#include <stddef.h>
#include <sys/types.h>

#include "run/run.h"

/* the cards are in: the end of one is no failure any more; inside: start the command */
#define PLACE_GO SIGUSR1
#define PLACE_END SIGUSR2 /* end, the cards first and in order */

/*
 * Start it: r->apart says how. Its process id, or -1 with the reason in why: what was
 * asked of the kernel, and what that said.
 */
pid_t place_start(const struct run *r, char *why, size_t size);

#endif
