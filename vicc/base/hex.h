/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Bytes as people write them. */
#ifndef VICC_BASE_HEX_H
#define VICC_BASE_HEX_H

#include "base/bytes.h"

/*
 * Append the bytes that text says: pairs of digits, with spaces or colons
 * between the pairs. False, and nothing appended, when it says anything else.
 */
bool hex_read(struct buf *b, const char *text);
bool hex_read_n(struct buf *b, const char *text, size_t n); /* n characters of it */

/* The value of a digit, or -1. */
int hex_digit(int c);

/* Append upper-case digits, without a terminator. */
void hex_write(struct buf *b, struct view v);

#endif
