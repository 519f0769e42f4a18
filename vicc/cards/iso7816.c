/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The plain ISO/IEC 7816 card: the root of the table-driven types. */
#include "cards/iso.h"

#include "cards/contents.h"

/*
 * T=0 and T=1, category 80: card service data F8 (selection by full and partial
 * name; EF.DIR and EF.ATR hold BER-TLV and are read with READ BINARY; there is
 * an MF), capabilities F7 C1 FF (all selections but an implicit one; WRITE is
 * OR, a data unit is a byte; chaining, extended length, lengths in EF.ATR,
 * channels assigned by either side, eight or more).
 */
static const uint8_t atr[] = {
	0x3b, 0x87, 0x80, 0x01, 0x80, 0x31, 0xf8, 0x73, 0xf7, 0xc1, 0xff, 0xf5,
};

static const struct instr rows[] = {
	{ .ins = 0x70, .fn = iso_manage_channel, .name = "MANAGE CHANNEL",
	  .flags = INSTR_NO_LC, .p1_rfu = 0x7f },
	{ .ins = 0xc0, .fn = iso_get_response, .name = "GET RESPONSE",
	  .flags = INSTR_NO_LC | INSTR_LE | INSTR_TRANSPORT, .p1_rfu = 0xff, .p2_rfu = 0xff },
	INSTR_END
};

const struct iso_type iso7816_iso_type = {
	.atr = VIEW(atr),
	.instr = rows,
	.channels = ISO_CHANNELS_MAX,
};

const struct card_type iso7816_type = {
	.name = "iso7816",
	.summary = "plain ISO 7816-4/-8/-9 card: files, PINs, keys, secure messaging, channels",
	.flags = CARD_TAKES_ATR | CARD_TAKES_SERIAL,
	.open = iso_open,
	.data = &iso7816_iso_type,
	.contents = contents_iso7816,
};
