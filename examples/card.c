/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A card of its own: 80 10 00 00 answers how often it has done so since it was put in. */
#include <vicc/card.h>

static const struct vicc_services *vicc;
struct counter {
	struct vicc_card card; /* first, always */
	uint8_t count;
};

static int32_t
counter_atr(struct vicc_card *c, struct vicc_buf *out)
{
	(void)c;
	vicc->put(out, "\x3b\x84\x80\x01mine\x0a", 9); /* T=0 and T=1, historical bytes, TCK */
	return 0;
}

static int32_t
counter_transmit(struct vicc_card *c, struct vicc_view raw, struct vicc_buf *rsp)
{
	struct counter *me = (struct counter *)c;
	struct vicc_apdu cmd;

	if (vicc->parse(raw, &cmd) < 0)
		vicc->put(rsp, "\x67\x00", 2);
	else if (cmd.cla != 0x80 || cmd.ins != 0x10)
		vicc->put(rsp, "\x6d\x00", 2);
	else
		vicc->put(rsp, (uint8_t[]) { ++me->count, 0x90, 0x00 }, 3);
	return 0;
}

static const struct vicc_card_ops ops = { .atr = counter_atr, .transmit = counter_transmit };

VICC_PLUGIN(vicc, .name = "counter", .summary = "counts (an example)",
	    .memory = sizeof(struct counter), .ops = &ops)
