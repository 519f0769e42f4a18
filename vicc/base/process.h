/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A program that was started to be talked to through its standard input and output. */
#ifndef VICC_BASE_PROCESS_H
#define VICC_BASE_PROCESS_H

#include <stdbool.h>
#include <sys/types.h>

struct process {
	pid_t pid;    /* 0: it has ended */
	int to, from; /* its standard input and output, non-blocking; -1: closed */
};

/*
 * Start it; without a slash in its name PATH is searched. Its standard error is ours. It ends
 * with this process, whatever happens. SIGPIPE is ignored by now. 0, or a negative errno value,
 * also where the program cannot be executed.
 */
int process_start(struct process *p, const char *path);

/* Whether it ends within so many ms; then its status, once. */
bool process_ended(struct process *p, int *status, int ms);

/* Close both ends, wait ms for it to end by itself, and kill it where that is allowed. */
void process_end(struct process *p, int ms);

#endif
