/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What is asked at the terminal, whatever standard input is; nothing of the answer is shown. */
#ifndef VICC_CLI_ASK_H
#define VICC_CLI_ASK_H

#include "base/mem.h"

/*
 * The terminal, for this process alone until it is closed: of several cards one asks
 * after the other. A descriptor, or a negative errno value: there is none.
 */
int ask_open(void);
void ask_close(int fd); /* takes what ask_open has returned */

/*
 * Ask for one line. 0; -EMSGSIZE: it is longer than SECRET_MAX; -ECANCELED: the
 * terminal has ended; -EINTR: a signal came.
 */
int ask_secret(int fd, const char *prompt, struct secret *out);

/* Say a line there. */
void ask_say(int fd, const char *text);

#endif
