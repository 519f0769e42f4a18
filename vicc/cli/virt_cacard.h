/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * vicc, called by the name of another program: virt_cacard, whose place it takes in test
 * suites. Its command line is that program's, and a card of a token of SoftHSM what it starts.
 */
#ifndef VICC_CLI_VIRT_CACARD_H
#define VICC_CLI_VIRT_CACARD_H

#include <stdbool.h>
#include <stdio.h>
#include <sys/types.h>

enum virt_cacard_action {
	VIRT_CACARD_RUN,
	VIRT_CACARD_HELP,
	VIRT_CACARD_SIGNAL, /* other processes of that name */
	VIRT_CACARD_WRONG,  /* said what */
};

struct virt_cacard {
	enum virt_cacard_action action;
	int signal;       /* SIGUSR1, SIGUSR2 */
	pid_t pid;        /* to this one; 0: to all */
	char slot[2];     /* a digit */
	char conf[4096];  /* SoftHSM's configuration */
};

bool virt_cacard_is(const char *program); /* argv[0] */

/* Words that are no options mean nothing: what a shell would take, a service manager passes on. */
void virt_cacard_parse(struct virt_cacard *v, int argc, char *const *argv, FILE *err);

/* The words of a command line of vicc that does the same; they view v. */
#define VIRT_CACARD_WORDS 9
void virt_cacard_words(struct virt_cacard *v, char *words[VIRT_CACARD_WORDS + 1]);

/* To all processes of that name in a folder like /proc, but this one. The number of them. */
size_t virt_cacard_signal(const struct virt_cacard *v, const char *proc);

void virt_cacard_help(FILE *out);

#endif
