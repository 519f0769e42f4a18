/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Options of a type that are secrets, which --pin-file may have in place of the command line. */
#ifndef VICC_SESSION_PASSWORDS_H
#define VICC_SESSION_PASSWORDS_H

#include "base/mem.h"
#include "cli/options.h"

#define PASSWORDS_MAX 8

struct passwords {
	struct card_value values[OPTIONS_MAX + PASSWORDS_MAX + 1]; /* the last has no name */
	char text[PASSWORDS_MAX][SECRET_MAX + 1];
};

/*
 * All values by which a new card is made: those of the command line, and each secret that is not
 * among them and has a line in --pin-file, under its option's name in capitals (CAN, QES-PIN). Out
 * is the caller's to wipe. 0, or negative with one line in error, which never shows a value.
 */
int passwords_take(const struct options *o, struct passwords *out, char *error, size_t size);

#endif
