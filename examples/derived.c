/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A plain ISO card, but for three things: 80 10 00 00 00 answers a count that is kept
 * with the card, a challenge is wanted in full, and there is one channel only.
 */
#include <vicc/card.h>

static const struct vicc_services *vicc;

static uint16_t
count(struct vicc_iso *c, const struct vicc_apdu *cmd, struct vicc_buf *rsp)
{
	struct vicc_view kept = vicc->kept(c, "count");
	uint8_t n = kept.n == 1 ? kept.p[0] + 1 : 1;

	(void)cmd;
	if (vicc->keep(c, "count", (struct vicc_view) { &n, 1 }) < 0)
		return 0x6581;
	vicc->put(rsp, &n, 1);
	return 0x9000;
}

static uint16_t
challenge(struct vicc_iso *c, const struct vicc_apdu *cmd, struct vicc_buf *rsp)
{
	return cmd->ne < 8 ? 0x6700 : vicc->base(c, cmd, rsp);
}

static const struct vicc_instr rows[] = {
	{ .cla = 0x80, .cla_mask = 0xff, .ins = 0x10, .p1_rfu = 0xff, .p2_rfu = 0xff, .fn = count,
	  .name = "COUNT", .flags = VICC_INSTR_LE | VICC_INSTR_NO_LC },
	{ .ins = 0x84, .fn = challenge, .name = "GET CHALLENGE", .flags = VICC_INSTR_LE },
	{ .ins = 0x70, .fn = NULL, .name = "MANAGE CHANNEL" },
};

VICC_PLUGIN(vicc, .name = "derived", .summary = "a plain card that counts (an example)",
	    .base = "iso7816", .rows = rows, .n_rows = sizeof(rows) / sizeof(rows[0]))
