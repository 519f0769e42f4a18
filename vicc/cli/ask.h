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
 * Ask for one line, at the terminal that ask_open has locked: readpassphrase(3), so that
 * the terminal is as it was also while this process is stopped. 0, and no answer (^D) is an
 * empty one; -EMSGSIZE: it is longer than SECRET_MAX; -EINTR: a signal came, and was handled;
 * another negative errno value.
 */
int ask_secret(const char *prompt, struct secret *out);

/* Say a line there. */
void ask_write(int fd, const char *text);

#endif
