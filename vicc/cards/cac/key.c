/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The PIN (GSC-IS 2.1, 5.3.3), and what private keys do once it was right. */
#include "cards/cac/cac.h"

#include <errno.h>

#include "iso/auth.h"
#include "iso/key.h"
#include "model/key.h"

#define NEW_PIN_MIN 6 /* digits */

/* --- PIN ---------------------------------------------------------------------------------- */

#define PIN_BIT (UINT32_C(1) << CAC_PIN_REF)

bool
cac_pin_is_proven(struct iso *c)
{
	return iso_auth(c, 0)->user & PIN_BIT;
}

static struct sam_pin *
cac_pin(const struct iso *c)
{
	return sam_pin_find(&c->state->sam, 0, CAC_PIN_REF);
}

sw_t
cac_verify(struct iso *c, const struct apdu *cmd, struct buf *rsp)
{
	struct sam_pin *pin = cac_pin(c);

	(void)rsp;
	if (cmd->data.n > CAC_PIN_SIZE)
		return SW_WRONG_LENGTH;
	if (cac_is_token(c))
		return cac_token_verify(c, cmd->data);
	if (!pin)
		return SW_REFERENCE_NOT_FOUND;
	if (cmd->data.n == 0)
		return sam_pin_state(pin, CAC_PIN_REF, iso_auth(c, 0));
	return sam_verify(&c->state->sam, pin, CAC_PIN_REF, cmd->data, iso_auth(c, 0));
}

/* The PIN, and what is behind the first of two codes, if it is one that may be set. */
static sw_t
pin_to_set(struct iso *c, const struct apdu *cmd, bool by_puk, struct sam_pin **pin)
{
	struct view new = view_slice(cmd->data, CAC_PIN_SIZE, CAC_PIN_SIZE);

	*pin = cac_pin(c);
	if (cac_is_token(c))
		return SW_INS;
	if (!*pin)
		return SW_REFERENCE_NOT_FOUND;
	if (by_puk && (*pin)->puk.value.n == 0)
		return SW_REFERENCE_UNUSABLE;
	if (cmd->data.n != 2 * CAC_PIN_SIZE)
		return SW_WRONG_LENGTH;
	return iso_is_padded_pin(new, NEW_PIN_MIN, CAC_PIN_SIZE) ? SW_OK : SW_WRONG_DATA;
}

sw_t
cac_change_reference_data(struct iso *c, const struct apdu *cmd, struct buf *rsp)
{
	struct sam_pin *pin;
	sw_t sw = pin_to_set(c, cmd, false, &pin);

	(void)rsp;
	return sw == SW_OK ? sam_change(&c->state->sam, pin, CAC_PIN_REF, cmd->data, iso_auth(c, 0))
			   : sw;
}

sw_t
cac_reset_retry_counter(struct iso *c, const struct apdu *cmd, struct buf *rsp)
{
	const struct access who = iso_asker(c);
	struct sam_pin *pin;
	sw_t sw = pin_to_set(c, cmd, true, &pin);

	(void)rsp;
	return sw == SW_OK ? sam_unblock(&c->state->sam, pin, 0, cmd->data, &who, iso_auth(c, 0))
			   : sw;
}

/* --- keys ------------------------------------------------------------------------------------ */

/* The instance's, ready for use. NULL: it has none, or it is not open. */
static struct rsa *
private_key(struct iso *c, const struct file *df)
{
	struct sam_key *k = sam_key_find(&c->state->sam, df->uid, CAC_KEY_REF);

	return k ? key_rsa(k) : cac_token_key(c, df);
}

size_t
cac_key_size(const struct iso *c, const struct file *df)
{
	struct sam_key *k = sam_key_find(&c->state->sam, df->uid, CAC_KEY_REF);

	return (k ? k->bits : field_number(&df->props, CAC_TOKEN_BITS, 0)) / 8;
}

void
cac_drop_block(struct cac *own)
{
	buf_free(&own->block);
}

#define PART 0x80

/* The raw operation over all parts: padding is the host's. */
static sw_t
use_key(struct iso *c, const struct rsa *k, struct view block, struct buf *rsp)
{
	int rc = block.n == rsa_size(k) ? rsa_raw_private(k, block, rsp) : -EINVAL;

	return rc == -EINVAL ? SW_REFERENCE_UNUSABLE : iso_crypto_sw(c, rc);
}

sw_t
cac_private_sign_decrypt(struct iso *c, const struct apdu *cmd, struct buf *rsp)
{
	struct buf *block = &cac_own(c)->block;
	struct rsa *k;
	sw_t sw;

	if (!cac_pin_is_proven(c))
		return SW_SECURITY_STATUS;
	k = private_key(c, iso_df(c));
	if (!k)
		return SW_CONDITIONS;
	block->max = rsa_size(k);
	if (block->n + cmd->data.n > block->max)
		return SW_REFERENCE_UNUSABLE;
	buf_put_view(block, cmd->data);
	if (block->failed)
		return SW_NO_MEMORY;
	if (cmd->p1 & PART)
		return SW_OK;
	sw = use_key(c, k, buf_view(block), rsp);
	cac_drop_block(cac_own(c));
	return sw;
}
