/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* MUTUAL AUTHENTICATE of the plain card (ISO/IEC 7816-4, 11.5.5): as passports do it. */
#include "cards/eac/bac.h"
#include "cards/iso7816/iso7816.h"
#include "iso/auth.h"
#include "iso/sm.h"

/* Both sides prove themselves: of a session's keys, when the environment names such. */
static sw_t
mutual(struct iso *c, const struct iso_sm_keys *keys, const struct apdu *cmd, struct buf *rsp)
{
	struct sam_key *k = keys->enc;
	sw_t sw;

	if (iso_key_is_blocked(k))
		return SW_BLOCKED;
	if (iso_challenge_of(c).n != BAC_CHALLENGE)
		return SW_CONDITIONS;
	sw = sam_decrement_tries(&c->state->sam, &k->tries, k->tries_max);
	if (sw != SW_OK)
		return sw;
	sw = bac_authenticate(c, keys->suite, secret_view(&k->secret),
			      secret_view(&keys->mac->secret), cmd->data, rsp);
	if (sw != SW_OK && sw != SW_WARNING_CHANGED) {
		sam_increment_tries(&c->state->sam, &k->tries, k->tries_max);
		return sw;
	}
	sw = sam_restore_tries(&c->state->sam, &k->tries, k->tries_max, sw == SW_OK);
	iso_prove_key(c, k, sw == SW_OK);
	return sw;
}

/* Keys for secure messaging that the environment names make an authentication mutual. */
sw_t
iso7816_external_authenticate(struct iso *c, const struct apdu *cmd, struct buf *rsp)
{
	struct iso_sm_keys keys;

	if (cmd->ne > 0 && cmd->data.n == BAC_SIZE && iso_sm_keys(c, &keys) && keys.enc)
		return mutual(c, &keys, cmd, rsp);
	return iso_external_authenticate(c, cmd, rsp);
}
