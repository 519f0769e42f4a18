/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A middle-man that is a program: it reads one line per message on its standard input,
 * and answers each with one line on its standard output.
 *
 *   !atr 3B...      the ATR, on its way to the terminal
 *   !power on       likewise !power off and !reset: before the card has it
 *   > 00A4000C...   a command, on its way to the card
 *   < 9000          the card's answer, on its way to the terminal
 *
 * The same line passes it on; another with the same beginning, and other bytes, goes on
 * in its place; "< HEX" to a command answers it, and the card never sees it; "!gone"
 * takes the card out for a moment. Anything else is nonsense, as is no answer within the
 * deadline, or a line that nothing asked for. Its standard error is vicc's.
 */
#ifndef VICC_CARDS_PLUGIN_MITM_PROGRAM_H
#define VICC_CARDS_PLUGIN_MITM_PROGRAM_H

#include "cards/plugin/mitm.h"

/*
 * Start it: instance is for mitm_new. It ends with this process, whatever happens. SIGPIPE
 * is ignored by now. 0, or negative (said).
 */
int mitm_program_start(struct mitm_instance *instance, const char *path, int deadline,
		       const struct card_env *env);

#endif
