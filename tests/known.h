/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Bytes in tests, written as the standard prints them. */
#ifndef TESTS_KNOWN_H
#define TESTS_KNOWN_H

#include <string.h>

#include "base/bytes.h"
#include "base/hex.h"
#include "support.h"

/* The bytes of a hex text. Good until known() was called 16 times more. */
static inline struct view
known(const char *text)
{
	static uint8_t ring[16][2048];
	static unsigned next;
	uint8_t *at = ring[next++ % 16];
	struct buf b = BUF(sizeof(ring[0]));
	size_t n;

	ck_assert_msg(hex_read(&b, text), "not hex: %s", text);
	n = b.n;
	if (n > 0)
		memcpy(at, b.p, n);
	buf_free(&b);
	return view_of(at, n);
}

/* The bytes of a text, without its end. */
static inline struct view
said(const char *text)
{
	return view_of(text, strlen(text));
}

#define ck_assert_view(got, wanted) \
	do { \
		struct view got_ = (got), wanted_ = (wanted); \
		ck_assert_uint_eq(got_.n, wanted_.n); \
		if (got_.n > 0) \
			ck_assert_mem_eq(got_.p, wanted_.p, got_.n); \
	} while (0)

/* What stands in b is this; then b is empty again. */
#define ck_assert_buf(b, wanted) \
	do { \
		ck_assert(!(b)->failed); \
		ck_assert_view(buf_view(b), wanted); \
		buf_free(b); \
	} while (0)

#endif
