/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Attributes as SoftHSM 2 writes them into the file of an object. */
#ifndef TESTS_CARDS_CAC_OBJECTS_H
#define TESTS_CARDS_CAC_OBJECTS_H

#include "base/bytes.h"

static inline void
put_number(struct buf *b, uint64_t n)
{
	int i;

	for (i = 56; i >= 0; i -= 8)
		buf_u8(b, (uint8_t)(n >> i));
}

static inline void
put_value(struct buf *b, uint64_t type, uint64_t n)
{
	put_number(b, type);
	put_number(b, 2);
	put_number(b, n);
}

#endif
