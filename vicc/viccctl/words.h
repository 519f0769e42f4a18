/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Words of the command line, and what they ask of a card. */
#ifndef VICC_VICCCTL_WORDS_H
#define VICC_VICCCTL_WORDS_H

#include <stdio.h>

#include "viccctl/viccctl.h"

/* Do what t->words say, on the card that is connected: an exit code. */
int words_do(struct ctl *t);

/* Whether that is a verb, and one that waits for the card's socket, too. */
bool words_known(const char *verb);
bool words_patient(const char *verb);
bool words_name_card(const char *verb); /* its word does */
bool words_alone(const char *verb);     /* it is about no card */
bool words_for_pads(const char *verb);  /* a PIN pad has it, too */

/*
 * An option of a verb, such as --after: taken into t->members.
 * 0; -1: unknown; else an exit code (said).
 */
int words_option(struct ctl *t, const char *name, const char *value);

/* Lines of the help. */
void words_help(FILE *out);

int words_usage(const struct ctl *t); /* says how the verb is used: CTL_USAGE */
bool words_number(const char *text, long min, long max, long *out);
void words_sleep(int ms);

#endif
