/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A whole card and what a reader sends it. The first line names the type; then
 * come frames as on vpcd's wire: a length of two bytes and so many bytes, one
 * byte being a control.
 */
#include <string.h>

#include "base/bytes.h"
#include "model/card.h"
#include "fuzz.h"
#include "newcard.h"
#include "wire.h"

#define FRAMES_MAX 200

static void
control(struct card *c, uint8_t what)
{
	struct buf atr = BUF(256);

	switch (what) {
	case WIRE_POWER_OFF:
		must(card_power(c, CARD_POWER_OFF) == 0);
		break;
	case WIRE_POWER_ON:
		must(card_power(c, CARD_POWER_ON) == 0);
		break;
	case WIRE_RESET:
		must(card_power(c, CARD_RESET) == 0);
		break;
	case WIRE_ATR:
		must(card_atr(c, &atr) == 0 && atr.n >= 2 && atr.n <= CARD_ATR_MAX);
		break;
	}
	buf_free(&atr);
}

static void
command(struct card *c, struct view cmd)
{
	struct buf rsp = BUF(CARD_RESPONSE_MAX);
	uint8_t sw1;

	must(card_transmit(c, cmd, &rsp) == 0);
	must(!rsp.failed && rsp.n >= 2);
	sw1 = rsp.p[rsp.n - 2];
	must(sw1 == 0x90 || (sw1 >= 0x61 && sw1 <= 0x6f));
	/* an error has no data */
	must(rsp.n == 2 || sw1 == 0x90 || sw1 <= 0x63);
	buf_free(&rsp);
}

/* The type of the first line, which is taken; the plain card for any other. */
static const struct card_type *
pick(struct view *in)
{
	const uint8_t *end = in->n > 0 ? memchr(in->p, '\n', in->n) : NULL;
	char name[32];
	struct view line;

	if (!end || (size_t)(end - in->p) >= sizeof(name))
		return card_type_find("iso7816");
	view_take(in, (size_t)(end - in->p) + 1, &line);
	snprintf(name, sizeof(name), "%.*s", (int)(line.n - 1), (const char *)line.p);
	return card_type_find(name) ? card_type_find(name) : card_type_find("iso7816");
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct view in = view_of(data, size), frame;
	const struct card_type *type = pick(&in);
	struct new_card made;
	uint16_t n;
	unsigned i;

	new_card(&made, type, NULL, NULL, nobody_waits);
	/* a relay is nothing by itself */
	if (!made.card && !type->contents)
		return 0;
	must(made.card);
	for (i = 0; i < FRAMES_MAX && view_u16(&in, &n) && in.n > 0; i++) {
		/* the last one may be short: it is what there is */
		must(view_take(&in, n < in.n ? n : in.n, &frame));
		if (frame.n == 1)
			control(made.card, frame.p[0]);
		else if (frame.n > 1)
			command(made.card, frame);
	}
	free_card(&made);
	return 0;
}
