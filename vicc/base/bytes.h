/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Bytes that travel: a view looks at somebody's, a buf owns its own. */
#ifndef VICC_BASE_BYTES_H
#define VICC_BASE_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * What a plug-in sees is defined in the header that is installed for it, and only
 * there: struct vicc_view, which is struct view in here. A macro for the prefix
 * rather than a renaming of either side: plug-ins' names want one, ours do not, and
 * types that are the same need no conversion between them.
 */
#define VICC(name) name
#include "vicc/card.h"

#define VIEW(array) { .p = (array), .n = sizeof(array) }

struct view view_of(const void *p, size_t n);
bool view_equal(struct view a, struct view b); /* not for secrets */
bool view_starts(struct view v, struct view prefix);

/* Take from the front. False when it is too short: then nothing was taken. */
bool view_take(struct view *from, size_t n, struct view *out);
bool view_u8(struct view *from, uint8_t *out);
bool view_u16(struct view *from, uint16_t *out); /* big-endian */

/* All of v as one big-endian number; nothing is 0. False: too large. */
bool view_number(struct view v, size_t *out);

/* At most n bytes from at on; less, or none, where v ends. */
struct view view_slice(struct view v, size_t at, size_t n);

/* One more, big-endian, around at the end. */
void bytes_count_up(uint8_t *number, size_t n);

/* Without the run of this byte at its beginning, at its end. */
struct view view_strip_start(struct view v, uint8_t byte);
struct view view_strip_end(struct view v, uint8_t byte);

/*
 * Bytes of its own, at most max. What does not fit, or finds no memory, sets
 * failed and leaves the contents as they were; ask once, at the end. Growing
 * copies and wipes, so that no byte stays behind in freed memory. All zero but
 * for max is an empty one.
 */
struct buf {
	uint8_t *p;
	size_t n;   /* bytes in use */
	size_t cap; /* bytes allocated */
	size_t max; /* bytes allowed */
	bool failed;
};

#define BUF(limit) { .max = (limit) }

void buf_put(struct buf *b, const void *p, size_t n);
void buf_put_view(struct buf *b, struct view v);
void buf_u8(struct buf *b, uint8_t v);
void buf_u16(struct buf *b, uint16_t v); /* big-endian */
void buf_fill(struct buf *b, uint8_t v, size_t n); /* n times v */
void buf_insert(struct buf *b, size_t at, const void *p, size_t n); /* at <= b->n; p is not in b */
uint8_t *buf_grow(struct buf *b, size_t n); /* n more bytes to fill; NULL: failed */
void buf_cut(struct buf *b, size_t n);      /* shrink to n, wiping what falls off */
void buf_drop(struct buf *b, size_t n);     /* remove n from the front, wiping */
void buf_reset(struct buf *b);              /* empty again, wiped, not failed; keeps its memory */
void buf_free(struct buf *b);               /* wiped; as new */
/* contents replaced, also from itself; false: as before */
bool buf_set(struct buf *b, struct view v);
struct view buf_view(const struct buf *b);

#endif
