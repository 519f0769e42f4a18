/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "formula.h"

#include <string.h>

/* {fill N BYTES}: N bytes, BYTES over and over */
static const char *
fill(const size_t *n, const struct view *v, struct buf *out)
{
	size_t i;

	if (v[0].n == 0)
		return "nothing to fill with";
	for (i = 0; i < n[0] && !out->failed; i++)
		buf_u8(out, v[0].p[i % v[0].n]);
	return NULL;
}

/* {pad N BYTES}: 80 00.. up to a multiple of N (7816-4, 10.2.3.1) */
static const char *
pad(const size_t *n, const struct view *v, struct buf *out)
{
	if (n[0] == 0 || n[0] > 256)
		return "a block is of 1 to 256 bytes";
	buf_put_view(out, v[0]);
	buf_u8(out, 0x80);
	buf_fill(out, 0, n[0] - 1 - v[0].n % n[0]);
	return NULL;
}

/* {slice AT N BYTES}: N bytes of them from AT on, counted from 0 */
static const char *
slice(const size_t *n, const struct view *v, struct buf *out)
{
	struct view part = view_slice(v[0], n[0], n[1]);

	if (part.n != n[1])
		return "there are not so many bytes";
	buf_put_view(out, part);
	return NULL;
}

/* {add N BYTES}: the big-endian number, N larger, in as many bytes */
static const char *
add(const size_t *n, const struct view *v, struct buf *out)
{
	size_t i = v[0].n, carry = n[0];
	uint8_t *p = buf_grow(out, v[0].n);

	for (; p && i > 0; i--) {
		carry += v[0].p[i - 1];
		p[i - 1] = (uint8_t)carry;
		carry >>= 8;
	}
	return NULL;
}

/* {xor A B} */
static const char *
xor(const size_t *n, const struct view *v, struct buf *out)
{
	size_t i;

	(void)n;
	if (v[0].n != v[1].n)
		return "two values of one length are wanted";
	for (i = 0; i < v[0].n; i++)
		buf_u8(out, v[0].p[i] ^ v[1].p[i]);
	return NULL;
}

static const struct formula formulas[] = {
	{ "fill", 1, 1, fill },
	{ "pad", 1, 1, pad },
	{ "slice", 2, 1, slice },
	{ "add", 1, 1, add },
	{ "xor", 0, 2, xor },
};

const struct formula *
formula_find(const char *name)
{
	size_t i;

	for (i = 0; i < sizeof(formulas) / sizeof(*formulas); i++) {
		if (strcmp(formulas[i].name, name) == 0)
			return &formulas[i];
	}
	return NULL;
}
