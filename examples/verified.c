/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A middle-man that answers each VERIFY by itself: whatever the PIN, the terminal is told 9000. */
#include <vicc/card.h>

static const struct vicc_services *vicc;

static int32_t
verified_command(struct vicc_card *m, struct vicc_view cmd, struct vicc_buf *instead)
{
	(void)m;
	if (cmd.n < 4 || cmd.p[1] != 0x20)
		return VICC_PASS;
	vicc->put(instead, "\x90\x00", 2);
	return VICC_ANSWER;
}

static const struct vicc_mitm_ops ops = { .command = verified_command };

VICC_PLUGIN(vicc, .name = "verified", .summary = "takes every PIN for the right one (an example)",
	    .memory = sizeof(struct vicc_card), .mitm = &ops)
