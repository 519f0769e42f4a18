/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a type keeps beyond the model: names and bytes, saved as they are. */
#ifndef VICC_MODEL_PROPS_H
#define VICC_MODEL_PROPS_H

#include "base/bytes.h"

#define PROPS_VALUE_MAX 65536 /* bytes */
#define PROPS_MAX 4096        /* names: they are searched from the front */

struct prop {
	struct prop *next;
	char *name;
	struct buf value;
};

/* All zero is an empty one. */
struct props {
	struct prop *first; /* in the order in which they were set */
	bool changed;       /* since the owner last cleared it */
};

struct view props_get(const struct props *p, const char *name); /* empty: there is none */
bool props_has(const struct props *p, const char *name);
/* False: no memory, or PROPS_MAX others are there; then as before. */
bool props_set(struct props *p, const char *name, struct view value);
/*
 * The bytes of one that is there and has n, to be changed where they stand; NULL: there
 * is none such.
 */
uint8_t *props_change(struct props *p, const char *name, size_t n);
size_t props_size(const struct props *p); /* bytes of all names and values */
void props_remove(struct props *p, const char *name);
void props_clear(struct props *p); /* empty, wiped */

#endif
