/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "codec/apdu.h"

#include <errno.h>

static void
set_le(struct apdu *cmd, enum apdu_le form, uint16_t raw)
{
	cmd->le = (uint8_t)form;
	cmd->le_raw = raw;
	/* 7816-3, 12.1.3: all zero means the most that the form can say */
	cmd->ne = raw ? raw : form == APDU_LE_SHORT ? 256 : APDU_NE_MAX;
}

/* What stands behind the data: nothing, or an Le as wide as Lc was. */
static bool
trailing_le(struct apdu *cmd, struct view rest)
{
	uint8_t le8;
	uint16_t le16;

	if (rest.n == 0)
		return true;
	if (cmd->extended && rest.n == 2 && view_u16(&rest, &le16))
		set_le(cmd, APDU_LE_EXTENDED, le16);
	else if (!cmd->extended && rest.n == 1 && view_u8(&rest, &le8))
		set_le(cmd, APDU_LE_SHORT, le8);
	else
		return false;
	return true;
}

/* Behind the byte 00 of an extended length. */
static bool
extended_body(struct apdu *cmd, struct view body)
{
	uint16_t n;

	cmd->extended = true;
	if (!view_u16(&body, &n))
		return false;
	if (body.n == 0) {
		set_le(cmd, APDU_LE_EXTENDED, n);
		return true;
	}
	return n > 0 && view_take(&body, n, &cmd->data) && trailing_le(cmd, body);
}

static bool
body_forms(struct apdu *cmd, struct view body)
{
	uint8_t first;

	if (!view_u8(&body, &first))
		return true;
	if (body.n == 0) {
		set_le(cmd, APDU_LE_SHORT, first);
		return true;
	}
	if (first == 0)
		return extended_body(cmd, body);
	return view_take(&body, first, &cmd->data) && trailing_le(cmd, body);
}

int
apdu_parse(struct apdu *cmd, struct view raw)
{
	*cmd = (struct apdu) { 0 };
	if (!view_u8(&raw, &cmd->cla) || !view_u8(&raw, &cmd->ins) ||
	    !view_u8(&raw, &cmd->p1) || !view_u8(&raw, &cmd->p2))
		return -EINVAL;
	return body_forms(cmd, raw) ? 0 : -EINVAL;
}

bool
apdu_class(struct apdu *cmd)
{
	uint8_t cla = cmd->cla;

	if (cla >> 5 == 0) {
		cmd->channel = cla & 3;
		cmd->sm = cla >> 2 & 3;
		cmd->chained = cla >> 4 & 1;
		return true;
	}
	if (cla >> 6 == 1) {
		cmd->channel = (uint8_t)(4 + (cla & 15));
		cmd->sm = cla & 0x20 ? APDU_SM_PLAIN_HEADER : APDU_SM_NONE;
		cmd->chained = cla >> 4 & 1;
		return true;
	}
	return false;
}

bool
apdu_build(struct buf *b, const struct apdu *cmd)
{
	bool extended = cmd->data.n > 255 || cmd->ne > 256;
	const uint8_t header[] = { cmd->cla, cmd->ins, cmd->p1, cmd->p2 };

	if (cmd->data.n > APDU_DATA_MAX || cmd->ne > APDU_NE_MAX)
		return false;
	buf_put(b, header, sizeof(header));
	if (extended)
		buf_u8(b, 0);
	if (cmd->data.n > 0 && extended)
		buf_u16(b, (uint16_t)cmd->data.n);
	else if (cmd->data.n > 0)
		buf_u8(b, (uint8_t)cmd->data.n);
	buf_put_view(b, cmd->data);
	if (cmd->ne > 0 && extended)
		buf_u16(b, (uint16_t)cmd->ne);
	else if (cmd->ne > 0)
		buf_u8(b, (uint8_t)cmd->ne);
	return !b->failed;
}
