/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Bytes as an APDU script writes them. Words stand one after the other, with or
 * without space between:
 *
 *   00 A4 04 00   bytes, spaced or not
 *   63 C?  ??     a half-byte, a byte that may be anything
 *   *             any number of bytes, none too; once in a pattern
 *   "1234"        the characters as bytes
 *   $NAME         the bytes that the name stands for
 *   $NAME:8       eight bytes that may be anything: NAME stands for them from now on
 *   $NAME:*       the same for any number
 *   [ ... ]       the length of what is between, as BER writes it, and then that
 *   ( ... )       the same as a command's Lc: nothing for nothing, one byte up to
 *                 255, three beyond
 *   {NAME ...}    computed: numbers first, then values of one word each, of which
 *                 the last takes all words that are left
 *   # ...         a comment, to the end of the line
 */
#ifndef VICC_SCRIPT_PATTERN_H
#define VICC_SCRIPT_PATTERN_H

#include "base/bytes.h"
#include "model/props.h"

#define PATTERN_MAX 0x11000 /* bytes: a command of any form, and then some */
#define PATTERN_NAME_MAX 31 /* characters of a name */
#define PATTERN_KEEP_MAX 8  /* names that one pattern gives */

/* A name for some bytes of what matches. */
struct keep {
	char name[PATTERN_NAME_MAX + 1];
	size_t at, n; /* in the pattern's value */
	bool open;    /* what the star stands for */
	bool behind;  /* the star is before it */
};

struct pattern {
	struct buf value, mask; /* of one length; got & mask must be value */
	bool open;              /* any number of bytes fits in at star */
	size_t star;
	struct keep keep[PATTERN_KEEP_MAX];
	size_t n_keep;
};

#define PATTERN { .value = BUF(PATTERN_MAX), .mask = BUF(PATTERN_MAX) }

/* Text being read. */
struct reader {
	struct view text;
	size_t at;                  /* the next character; where fault is, when there is one */
	const struct props *names;  /* what $NAME stands for */
	const char *fault;          /* what is wrong, for a person; NULL: nothing */
	unsigned depth;             /* of brackets */
};

/* Read words up to the end of the text. False: see r->fault. */
bool pattern_read(struct pattern *p, struct reader *r);

/* As pattern_read, but bytes that are all known. Appends to out. */
bool pattern_value(struct buf *out, struct reader *r);

/* As pattern_value, for one word alone. */
bool pattern_word(struct buf *out, struct reader *r);

/* Take a name from the front of the text: letters, digits and _ - . */
bool pattern_name(char name[PATTERN_NAME_MAX + 1], struct reader *r);

/* Pass over space and comments. Whether that was all. */
bool pattern_end(struct reader *r);

/* Where two strings of bytes begin to differ; an index at the end: too short. */
struct mismatch {
	size_t wanted, got;
};

bool pattern_match(const struct pattern *p, struct view got, struct mismatch *where);

/* What a name of the pattern stands for in what matched. */
struct view pattern_kept(const struct pattern *p, const struct keep *k, struct view got);

void pattern_free(struct pattern *p); /* wiped */

#endif
