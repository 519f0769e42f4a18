/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/bytes.h"

#include <stdlib.h>
#include <string.h>

struct view
view_of(const void *p, size_t n)
{
	return (struct view) { .p = p, .n = n };
}

bool
view_equal(struct view a, struct view b)
{
	return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

bool
view_starts(struct view v, struct view prefix)
{
	return v.n >= prefix.n && view_equal(view_of(v.p, prefix.n), prefix);
}

bool
view_take(struct view *from, size_t n, struct view *out)
{
	if (from->n < n)
		return false;
	*out = view_of(from->p, n);
	from->p = n > 0 ? from->p + n : from->p;
	from->n -= n;
	return true;
}

bool
view_u8(struct view *from, uint8_t *out)
{
	struct view v;

	if (!view_take(from, 1, &v))
		return false;
	*out = v.p[0];
	return true;
}

bool
view_u16(struct view *from, uint16_t *out)
{
	struct view v;

	if (!view_take(from, 2, &v))
		return false;
	*out = (uint16_t)(v.p[0] << 8 | v.p[1]);
	return true;
}

bool
view_number(struct view v, size_t *out)
{
	size_t i, n = 0;

	for (i = 0; i < v.n; i++) {
		if (n >> (8 * (sizeof(n) - 1)))
			return false;
		n = n << 8 | v.p[i];
	}
	*out = n;
	return true;
}

struct view
view_slice(struct view v, size_t at, size_t n)
{
	if (at >= v.n)
		return view_of(NULL, 0);
	return view_of(v.p + at, n < v.n - at ? n : v.n - at);
}

void
bytes_count_up(uint8_t *number, size_t n)
{
	while (n > 0 && ++number[n - 1] == 0)
		n--;
}

struct view
view_strip_start(struct view v, uint8_t byte)
{
	while (v.n > 0 && v.p[0] == byte)
		v = view_slice(v, 1, v.n);
	return v;
}

struct view
view_strip_end(struct view v, uint8_t byte)
{
	uint8_t run[64];

	/* files are long, and mostly erased */
	memset(run, byte, sizeof(run));
	while (v.n >= sizeof(run) && memcmp(v.p + v.n - sizeof(run), run, sizeof(run)) == 0)
		v.n -= sizeof(run);
	while (v.n > 0 && v.p[v.n - 1] == byte)
		v.n--;
	return v;
}

/* By copy and wipe: realloc would leave the old bytes behind in free memory. */
static bool
reserve(struct buf *b, size_t need)
{
	size_t cap = b->cap ? b->cap : 64;
	uint8_t *p;

	if (need <= b->cap)
		return true;
	while (cap < need)
		cap *= 2;
	if (cap > b->max)
		cap = b->max;
	p = malloc(cap);
	if (!p)
		return false;
	if (b->n > 0)
		memcpy(p, b->p, b->n);
	if (b->p)
		freezero(b->p, b->cap);
	b->p = p;
	b->cap = cap;
	return true;
}

uint8_t *
buf_grow(struct buf *b, size_t n)
{
	uint8_t *at;

	if (b->failed || n > b->max - b->n || !reserve(b, b->n + n)) {
		b->failed = true;
		return NULL;
	}
	/* never NULL on success, not even for nothing */
	if (!b->p && !reserve(b, b->max ? 1 : 0)) {
		b->failed = true;
		return NULL;
	}
	at = b->p + b->n;
	b->n += n;
	return at;
}

void
buf_put(struct buf *b, const void *p, size_t n)
{
	uint8_t *at;

	if (n == 0)
		return;
	at = buf_grow(b, n);
	if (at)
		memcpy(at, p, n);
}

void
buf_put_view(struct buf *b, struct view v)
{
	buf_put(b, v.p, v.n);
}

void
buf_u8(struct buf *b, uint8_t v)
{
	buf_put(b, &v, 1);
}

void
buf_u16(struct buf *b, uint16_t v)
{
	const uint8_t bytes[] = { (uint8_t)(v >> 8), (uint8_t)v };

	buf_put(b, bytes, sizeof(bytes));
}

void
buf_fill(struct buf *b, uint8_t v, size_t n)
{
	uint8_t *at = n > 0 ? buf_grow(b, n) : NULL;

	if (at)
		memset(at, v, n);
}

void
buf_insert(struct buf *b, size_t at, const void *p, size_t n)
{
	size_t behind = b->n - at;

	if (n == 0 || !buf_grow(b, n))
		return;
	memmove(b->p + at + n, b->p + at, behind);
	memcpy(b->p + at, p, n);
}

void
buf_cut(struct buf *b, size_t n)
{
	if (n >= b->n)
		return;
	explicit_bzero(b->p + n, b->n - n);
	b->n = n;
}

void
buf_drop(struct buf *b, size_t n)
{
	if (n > b->n)
		n = b->n;
	if (n == 0)
		return;
	memmove(b->p, b->p + n, b->n - n);
	buf_cut(b, b->n - n);
}

void
buf_reset(struct buf *b)
{
	buf_cut(b, 0);
	b->failed = false;
}

bool
buf_set(struct buf *b, struct view v)
{
	struct buf next = BUF(b->max);

	buf_put_view(&next, v);
	if (next.failed) {
		buf_free(&next);
		return false;
	}
	buf_free(b);
	*b = next;
	return true;
}

void
buf_free(struct buf *b)
{
	if (b->p)
		freezero(b->p, b->cap);
	*b = (struct buf) BUF(b->max);
}

struct view
buf_view(const struct buf *b)
{
	return view_of(b->p, b->n);
}
