/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The process that sets up, waits, and leaves nothing behind. */
#ifndef VICC_RUN_KEEPER_H
#define VICC_RUN_KEEPER_H

#include <sys/types.h>

#include "run/run.h"

/* The signals that front and keeper wait for, to be blocked in both. */
void keeper_signals(sigset_t *set);

/* All of it, in a process of its own whose parent is the front. What to exit with. */
int keeper_run(struct run *r, pid_t front);

#endif
