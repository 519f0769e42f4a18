/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What an application has that shares nothing with the plain card but being selected. */
#include "iso/iso.h"

sw_t
iso_select_name(struct iso *c, const struct apdu *cmd, struct buf *rsp)
{
	if (cmd->p1 != FS_BY_NAME)
		return SW_WRONG_P1P2;
	return iso_select(c, cmd, rsp);
}

static const struct instr rows[] = {
	{ .ins = 0xa4, .fn = iso_select_name, .name = "SELECT", .flags = INSTR_LC },
	/*
	 * also without Le, which clients leave out: in T=0 that is P3 00, 256 bytes (7816-3,
	 * 12.2.2)
	 */
	{ .ins = 0xc0, .fn = iso_get_response, .name = "GET RESPONSE",
	  .flags = INSTR_NO_LC | INSTR_TRANSPORT, .p1_rfu = 0xff, .p2_rfu = 0xff },
	INSTR_END
};

const struct iso_app iso_bare_app = {
	.schema.name = "bare",
	.rows = rows,
};
