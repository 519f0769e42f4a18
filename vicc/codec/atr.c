/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "codec/atr.h"

/* What is found on the way through an ATR. */
struct walk {
	struct view historical;
	bool needs_tck; /* a protocol other than T=0 is offered (8.2.5) */
	bool has_tck;
	bool tck_right;
};

/* The interface bytes: TA, TB, TC as the last TD says, TD brings the next. */
static bool
interface_bytes(struct view *rest, uint8_t y, struct walk *w)
{
	struct view skipped;
	uint8_t td;

	for (; y; y = td >> 4) {
		if (!view_take(rest, (y & 1u) + (y >> 1 & 1u) + (y >> 2 & 1u), &skipped))
			return false;
		if (!(y & 8))
			break;
		if (!view_u8(rest, &td))
			return false;
		if ((td & 15) != 0)
			w->needs_tck = true;
	}
	return true;
}

static const char *
walk(struct view atr, struct walk *w)
{
	struct view rest = atr;
	uint8_t ts, t0, sum = 0;
	size_t i;

	*w = (struct walk) { 0 };
	if (atr.n > ATR_BYTES_MAX)
		return "it is longer than 33 bytes";
	if (!view_u8(&rest, &ts) || !view_u8(&rest, &t0))
		return "it is shorter than 2 bytes";
	if (ts != 0x3b && ts != 0x3f)
		return "it begins with neither 3B nor 3F";
	if (!interface_bytes(&rest, t0 >> 4, w) || !view_take(&rest, t0 & 15, &w->historical))
		return "it ends before what its T0 and TDi announce";
	if (rest.n > 1)
		return "bytes follow after what its T0 and TDi announce";
	w->has_tck = rest.n == 1;
	for (i = 1; i < atr.n; i++)
		sum ^= atr.p[i];
	w->tck_right = sum == 0;
	return NULL;
}

const char *
atr_fault(struct view atr)
{
	struct walk w;
	const char *fault = walk(atr, &w);

	if (fault)
		return fault;
	if (w.needs_tck && !w.has_tck)
		return "its check byte TCK is missing";
	if (w.has_tck && !w.needs_tck)
		return "a check byte TCK is not allowed if T=0 is the only protocol";
	if (w.has_tck && !w.tck_right)
		return "its check byte TCK is wrong";
	return NULL;
}

bool
atr_historical(struct view atr, struct view *out)
{
	struct walk w;

	if (walk(atr, &w))
		return false;
	*out = w.historical;
	return true;
}

void
atr_build(struct buf *b, unsigned protocols, struct view historical)
{
	size_t start = b->n, i;
	uint8_t tck = 0;

	buf_u8(b, 0x3b);
	buf_u8(b, (uint8_t)((protocols & 2 ? 0x80 : 0x00) | historical.n));
	if (protocols == 2) {
		buf_u8(b, 0x01);
	} else if (protocols == 3) {
		buf_u8(b, 0x80);
		buf_u8(b, 0x01);
	}
	buf_put_view(b, historical);
	if (!(protocols & 2) || b->failed)
		return;
	for (i = start + 1; i < b->n; i++)
		tck ^= b->p[i];
	buf_u8(b, tck);
}
