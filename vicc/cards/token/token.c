/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* An OpenPGP card that has other applications beside: an image, and nothing else. */
#include "cards/token/token.h"

#include "cards/contents.h"
#include "cards/openpgp/openpgp.h"
#include "cards/token/personal.h"

const struct card_type token_type = {
	.name = "token",
	.summary = "PIV and OpenPGP on one card, as USB tokens are",
	.flags = CARD_TAKES_ATR | CARD_TAKES_SERIAL,
	.open = iso_open,
	.options = openpgp_options,
	.data = &openpgp_iso_type,
	.schema = iso_type_schema,
	.contents = contents_token,
	.personal = &token_personal,
};
