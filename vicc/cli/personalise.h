/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * --import: keys and certificates out of files, PINs out of another or from the
 * terminal, and a new card that holds them.
 */
#ifndef VICC_CLI_PERSONALISE_H
#define VICC_CLI_PERSONALISE_H

#include "base/log.h"
#include "model/state.h"
#include "cli/options.h"

/* What a --pin-file calls them, in the order of enum personal_secret. */
extern const char *const personalise_names[];

/*
 * Fill a new card with what the options name; its type has a place for keys. 0, or a
 * negative errno value with one line in error that shows no secret; then s is good
 * for nothing any more. What is left out is said in the log.
 */
int personalise(const struct options *o, struct state *s, const struct log *log, char *error,
		size_t size);

#endif
