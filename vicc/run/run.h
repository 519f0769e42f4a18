/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * vicc-run(1): a pcscd, a reader and cards for one command. Three processes:
 *
 *	front   what was called. Passes signals on, ends with the status of the keeper.
 *	keeper  its child: sets up, starts the command, waits, and takes all away again, also
 *	        when the front was killed. Whatever the command leaves behind is its child, too.
 *	place   its child, process 1 of namespaces where there are any: pcscd and the cards are
 *	        its children, and end with it.
 */
#ifndef VICC_RUN_RUN_H
#define VICC_RUN_RUN_H

#include <limits.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/types.h>

#define RUN_FAILED 125 /* as of env(1) and its kin: the command was not started */
#define RUN_CANNOT_EXEC 126
#define RUN_NOT_FOUND 127
#define RUN_SIGNALLED 128 /* and the number of the signal */

#define RUN_TIMEOUT 10     /* seconds, for the cards to be in; --timeout */
#define RUN_FOLDER_SIZE 72 /* with the name of a socket in it, it is the path of a socket */

struct run {
	/* asked for */
	const char *device;   /* appended to DEVICENAME; "" */
	const char *slots;    /* NULL: as many as the driver makes by itself */
	const char *timeout;  /* seconds; NULL: RUN_TIMEOUT */
	int timeout_ms;       /* the same */
	const char *logs;     /* folder of the logs, to be kept; NULL: the private one */
	bool inside;          /* the command, too */
	bool plain;           /* no namespaces */
	const char *driver;   /* the path of libifdvpcd.so */
	char **card;          /* vicc and its options, NULL at the end */
	char *const *command; /* likewise */
	char **words;         /* what card points into; of the front, which frees it */

	/* found out, and made */
	char ipc[PATH_MAX];           /* the folder in which pcscd has its socket */
	bool disable_polkit;          /* pcscd has that option */
	char folder[RUN_FOLDER_SIZE]; /* of all that is made here, absolute */
	char reader[RUN_FOLDER_SIZE + 16]; /* the socket of the reader; inside it is a port */
	bool apart;                   /* in namespaces */
	char comm[PATH_MAX + 16];     /* pcscd's socket, as the command sees it */
	int pcscd_log, card_log;      /* descriptors, to append and read */
	sigset_t mask;                /* what was blocked before us */
};

/* Say it on standard error, a line. Always RUN_FAILED. */
int run_fail(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* The exit status that a wait status is. */
int run_status(int wait_status);

/*
 * Whether such a signal is for the command: one that somebody has sent to us alone. What the
 * terminal sends, it sends to the command as well.
 */
bool run_passes(int signal, int code);

/* Become the command. Returns what to exit with, having said why. */
int run_exec(const struct run *r);

/* Remove the private folder, with all that is in it. */
void run_remove(const struct run *r);

#endif
