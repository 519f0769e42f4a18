/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What the OpenPGP application of Yubico's tokens has beside the specification, and its tools
 * ask for: a version, tries to set, templates that come with their own tag. A card has it
 * where its DF has a version; without, it keeps to the specification, which has none of it.
 */
#include "cards/openpgp/openpgp.h"

bool
openpgp_is_yubico(const struct iso *c)
{
	return props_get(&iso_df(c)->props, OPENPGP_FIELD_VERSION).n > 0;
}

/* Three numbers, each in BCD. */
sw_t
openpgp_get_version(struct iso *c, const struct apdu *cmd, struct buf *rsp)
{
	if (!openpgp_is_yubico(c))
		return SW_INS;
	if (apdu_p1p2(cmd) != 0x0000)
		return SW_WRONG_OFFSET;
	buf_put_view(rsp, props_get(&iso_df(c)->props, OPENPGP_FIELD_VERSION));
	return SW_OK;
}

/* Of PW1, the resetting code, and PW3. */
sw_t
openpgp_set_retries(struct iso *c, const struct apdu *cmd, struct buf *rsp)
{
	const uint8_t *tries = cmd->data.p;

	(void)rsp;
	if (!openpgp_is_yubico(c))
		return SW_INS;
	if (apdu_p1p2(cmd) != 0x0000)
		return SW_WRONG_OFFSET;
	if (cmd->data.n != OPENPGP_SECRETS)
		return SW_WRONG_LENGTH;
	if (!openpgp_is_proven(c, OPENPGP_PW3))
		return SW_SECURITY_STATUS;
	if (tries[0] == 0 || tries[1] == 0 || tries[2] == 0)
		return SW_WRONG_DATA;
	openpgp_set_tries(c, tries);
	return SW_OK;
}

bool
openpgp_wraps(const struct iso *c, uint16_t tag)
{
	return (tag == 0x65 || tag == 0x6e || tag == 0x7a || tag == 0xfa) && openpgp_is_yubico(c);
}

/* How many tries are left stands in DO C4; whoever asks VERIFY itself is told. */
sw_t
openpgp_refusal(const struct iso *c, const struct apdu *cmd, sw_t sw)
{
	bool wrong = (sw & 0xfff0) == SW_TRIES && cmd->data.n > 0;

	return wrong && openpgp_is_yubico(c) ? SW_SECURITY_STATUS : sw;
}
