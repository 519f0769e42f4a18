/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/text.h"

#include <stddef.h>
#include <stdint.h>

/* The value of a UTF-8 sequence of n bytes (RFC 3629); 0: it is cut, or none. */
static uint32_t
decode(const uint8_t *p, size_t n)
{
	uint32_t c = n == 1 ? p[0] : p[0] & (0x7fu >> n);
	size_t i;

	for (i = 1; i < n; i++) {
		/* NUL, too, is none of these */
		if ((p[i] & 0xc0) != 0x80)
			return 0;
		c = c << 6 | (p[i] & 0x3f);
	}
	return c;
}

/* Bytes of the plain character at p; 0: there is none. */
static size_t
plain_char(const char *text)
{
	static const uint32_t least[] = { 0, 0x20, 0xa0, 0x800, 0x10000 };
	const uint8_t *p = (const uint8_t *)text;
	size_t n = *p < 0x80   ? 1
		   : *p < 0xc0 ? 0
		   : *p < 0xe0 ? 2
		   : *p < 0xf0 ? 3
		   : *p < 0xf8 ? 4
			       : 0;
	uint32_t c = n > 0 ? decode(p, n) : 0;

	/* C0, C1, and what has a shorter form, are below the least */
	if (n == 0 || c < least[n] || c == 0x7f || c > 0x10ffff || (c >= 0xd800 && c < 0xe000))
		return 0;
	return n;
}

bool
text_is_plain(const char *text)
{
	size_t n;

	for (; *text; text += n) {
		n = plain_char(text);
		if (n == 0)
			return false;
	}
	return true;
}

void
text_make_plain(char *text)
{
	size_t n;

	while (*text) {
		n = plain_char(text);
		if (n == 0)
			*text = '?';
		text += n ? n : 1;
	}
}
