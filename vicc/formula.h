/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What an APDU script can compute, because a card expects its host to. */
#ifndef VICC_FORMULA_H
#define VICC_FORMULA_H

#include "base/bytes.h"

#define FORMULA_NUMBERS_MAX 2
#define FORMULA_VALUES_MAX 3

struct formula {
	const char *name;
	unsigned numbers, values; /* how many it takes */
	/* Append the result. NULL, or what is wrong, for a person. */
	const char *(*fn)(const size_t *numbers, const struct view *values, struct buf *out);
};

const struct formula *formula_find(const char *name); /* NULL: there is none */

#endif
