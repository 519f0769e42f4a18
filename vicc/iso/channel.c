/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* MANAGE CHANNEL and GET RESPONSE (ISO/IEC 7816-4, 11.1.2 and 11.7.1). */
#include "iso/iso.h"

/* What comes before the cut by Le: finish keeps the rest again. */
sw_t
iso_get_response(struct iso *c, const struct apdu *cmd, struct buf *rsp)
{
	struct channel *ch = c->x.ch;

	(void)cmd;
	if (ch->pending.n == 0)
		return SW_CONDITIONS;
	buf_put_view(rsp, buf_view(&ch->pending));
	buf_free(&ch->pending);
	return ch->pending_sw;
}

static struct channel *
free_channel(struct iso *c, uint8_t *number)
{
	unsigned i;

	for (i = 1; i < c->channels; i++) {
		if (!c->channel[i].open) {
			*number = (uint8_t)i;
			return &c->channel[i];
		}
	}
	return NULL;
}

/* From the basic channel what a reset selects, from another one what is selected there. */
static void
open_from(struct iso *c, struct channel *ch)
{
	iso_channel_open(c, ch, c->x.ch != &c->channel[0] ? c->x.ch : NULL);
}

static sw_t
open_any(struct iso *c, const struct apdu *cmd, struct buf *rsp)
{
	struct channel *ch;
	uint8_t number;

	if (cmd->ne == 0)
		return SW_WRONG_LENGTH;
	ch = free_channel(c, &number);
	if (!ch)
		return SW_FUNCTION_NOT_SUPPORTED;
	open_from(c, ch);
	buf_u8(rsp, number);
	return SW_OK;
}

static sw_t
open_one(struct iso *c, uint8_t number)
{
	if (number >= c->channels)
		return SW_CHANNEL_NOT_SUPPORTED;
	if (c->channel[number].open)
		return SW_CONDITIONS;
	open_from(c, &c->channel[number]);
	return SW_OK;
}

static sw_t
close_one(struct iso *c, const struct apdu *cmd)
{
	unsigned number = cmd->p2 ? cmd->p2 : cmd->channel;

	if (number == 0)
		return SW_CONDITIONS;
	if (number >= c->channels || !c->channel[number].open)
		return SW_CHANNEL_NOT_SUPPORTED;
	iso_channel_close(c, &c->channel[number]);
	return SW_OK;
}

sw_t
iso_manage_channel(struct iso *c, const struct apdu *cmd, struct buf *rsp)
{
	if (cmd->p1 == 0x80)
		return close_one(c, cmd);
	return cmd->p2 ? open_one(c, cmd->p2) : open_any(c, cmd, rsp);
}
