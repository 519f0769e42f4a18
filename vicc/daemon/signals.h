/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What the process is told from outside. A handler only takes note: whoever
 * waits polls the descriptor as well, whoever works long asks signals_give_up.
 */
#ifndef VICC_DAEMON_SIGNALS_H
#define VICC_DAEMON_SIGNALS_H

#include <stdbool.h>

/*
 * Catch SIGTERM, SIGINT and SIGHUP (end), SIGUSR1 (card out) and SIGUSR2 (card
 * back); ignore SIGPIPE. Whoever does not end by itself in 0.8 s after being
 * told to, because a card call never returns, ends then. Returns a descriptor
 * that is readable when something came, or a negative errno value.
 */
int signals_catch(void);

bool signals_stop(void);         /* to end */
bool signals_give_up(void);      /* the same, for work that is broken off when it is so */
bool signals_gave_up(void);      /* whether any was: what came of it is no answer */
bool signals_out(void);          /* the card is out */
void signals_set_out(bool out);  /* as if such a signal had come; whoever waits is not woken */
unsigned signals_removals(void); /* how often it was taken out */
void signals_clear(int fd);      /* what came has been looked at */

#endif
