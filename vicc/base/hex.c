/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/hex.h"

#include <string.h>

int
hex_digit(int c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

bool
hex_read_n(struct buf *b, const char *text, size_t n)
{
	size_t start = b->n, i = 0;
	int high, low;

	while (i < n) {
		if (text[i] == ' ' || text[i] == ':' || text[i] == '\t') {
			i++;
			continue;
		}
		high = hex_digit(text[i]);
		low = i + 1 < n ? hex_digit(text[i + 1]) : -1;
		if (high < 0 || low < 0) {
			buf_cut(b, start);
			return false;
		}
		buf_u8(b, (uint8_t)(high << 4 | low));
		i += 2;
	}
	return !b->failed;
}

bool
hex_read(struct buf *b, const char *text)
{
	return hex_read_n(b, text, strlen(text));
}

void
hex_write(struct buf *b, struct view v)
{
	static const char digits[] = "0123456789ABCDEF";
	uint8_t *at = v.n > 0 && v.n <= SIZE_MAX / 2 ? buf_grow(b, 2 * v.n) : NULL;
	size_t i;

	for (i = 0; at && i < v.n; i++) {
		*at++ = (uint8_t)digits[v.p[i] >> 4];
		*at++ = (uint8_t)digits[v.p[i] & 15];
	}
}
