/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Instructions that Yubico added to PIV: who the card is, what it has, and how it begins again. */
#include "cards/piv/piv.h"

#include <string.h>

#include "codec/tlv.h"
#include "iso/key.h"

/* 5.7: its tools ask for metadata, move keys, and know RSA-3072, RSA-4096, Ed25519 and X25519. */
static const uint8_t version[] = { 5, 7, 2 };

static const uint8_t default_admin[] = {
	1, 2, 3, 4, 5, 6, 7, 8, 1, 2, 3, 4, 5, 6, 7, 8, 1, 2, 3, 4, 5, 6, 7, 8,
};
static const uint8_t default_pin[PIV_CODE_SIZE] = { '1', '2', '3', '4', '5', '6', 0xff, 0xff };
static const uint8_t default_puk[PIV_CODE_SIZE] = { '1', '2', '3', '4', '5', '6', '7', '8' };

#define DEFAULT_TRIES 3

/* --- who it is -------------------------------------------------------------------------------- */

struct view
piv_version(const struct iso *c)
{
	struct view own = props_get(&iso_df(c)->props, PIV_FIELD_VERSION);

	return own.n > 0 ? own : view_of(version, sizeof(version));
}

sw_t
piv_get_version(struct iso *c, const struct apdu *cmd, struct buf *rsp)
{
	(void)cmd;
	buf_put_view(rsp, piv_version(c));
	return SW_OK;
}

sw_t
piv_get_serial(struct iso *c, const struct apdu *cmd, struct buf *rsp)
{
	uint32_t serial = iso_serial(c);

	(void)cmd;
	buf_u16(rsp, (uint16_t)(serial >> 16));
	buf_u16(rsp, (uint16_t)serial);
	return SW_OK;
}

/* --- GET METADATA ----------------------------------------------------------------- */

#define META_ALGORITHM 0x01
#define META_POLICY 0x02
#define META_ORIGIN 0x03
#define META_PUBLIC 0x04
#define META_IS_DEFAULT 0x05
#define META_RETRIES 0x06

static void
put_pair(struct buf *rsp, uint32_t tag, uint8_t first, uint8_t second)
{
	const uint8_t pair[] = { first, second };

	tlv_put(rsp, tag, view_of(pair, sizeof(pair)));
}

static sw_t
put_code(const struct sam_code *code, struct view initial, struct buf *rsp)
{
	tlv_put_u8(rsp, META_ALGORITHM, 0xff);
	tlv_put_u8(rsp, META_IS_DEFAULT, secret_equal(secret_view(&code->value), initial));
	put_pair(rsp, META_RETRIES, code->tries_max, code->tries);
	return SW_OK;
}

static sw_t
put_admin(struct iso *c, struct buf *rsp)
{
	struct sam_key *k = piv_key(c, PIV_KEY_ADMIN);
	const struct piv_algorithm *a = k ? piv_algorithm_of(k) : NULL;

	if (!a)
		return SW_REFERENCE_NOT_FOUND;
	tlv_put_u8(rsp, META_ALGORITHM, a->id);
	put_pair(rsp, META_POLICY, 0,
		 (uint8_t)(field_word(&k->props, PIV_FIELD_TOUCH_POLICY, PIV_TOUCH_NEVER) + 1));
	tlv_put_u8(rsp, META_IS_DEFAULT,
		   secret_equal(secret_view(&k->secret),
				view_of(default_admin, sizeof(default_admin))));
	return SW_OK;
}

static sw_t
put_key(struct iso *c, const struct piv_slot *slot, struct buf *rsp)
{
	struct sam_key *k;
	const struct piv_algorithm *a;
	size_t mark;
	sw_t sw = slot->ref == PIV_KEY_ATTESTATION ? piv_attestation_ready(c) : SW_OK;

	if (sw != SW_OK)
		return sw;
	k = piv_key(c, slot->ref);
	a = k ? piv_algorithm_of(k) : NULL;
	if (!a)
		return SW_REFERENCE_NOT_FOUND;
	tlv_put_u8(rsp, META_ALGORITHM, a->id);
	put_pair(rsp, META_POLICY, (uint8_t)(piv_pin_policy(k, slot) + 1),
		 (uint8_t)(field_word(&k->props, PIV_FIELD_TOUCH_POLICY, PIV_TOUCH_NEVER) + 1));
	tlv_put_u8(rsp, META_ORIGIN,
		   (uint8_t)(field_word(&k->props, PIV_FIELD_ORIGIN, PIV_IMPORTED) + 1));
	if (sam_kind_is_symmetric(k->kind))
		return SW_OK;
	mark = tlv_open(rsp, META_PUBLIC);
	sw = iso_crypto_sw(c, key_put_plain_public(k, rsp));
	tlv_close(rsp, mark);
	return sw;
}

sw_t
piv_get_metadata(struct iso *c, const struct apdu *cmd, struct buf *rsp)
{
	const struct sam_pin *pin = piv_pin(c);
	struct piv_slot slot;

	switch (cmd->p2) {
	case 0x80:
		return pin ? put_code(&pin->code, view_of(default_pin, PIV_CODE_SIZE), rsp)
			   : SW_REFERENCE_NOT_FOUND;
	case 0x81:
		return pin ? put_code(&pin->puk, view_of(default_puk, PIV_CODE_SIZE), rsp)
			   : SW_REFERENCE_NOT_FOUND;
	case 0x96: /* biometry: a reference that might be, and is not there */
		return SW_REFERENCE_NOT_FOUND;
	case PIV_KEY_ADMIN:
		return put_admin(c, rsp);
	default:
		return piv_slot(cmd->p2, &slot) ? put_key(c, &slot, rsp) : SW_WRONG_P1P2;
	}
}

/* --- SET MANAGEMENT KEY ----------------------------------------------------------- */

#define TOUCH_NO 0xff
#define TOUCH_YES 0xfe

/* SP 800-67, 3.4: weak and semi-weak keys, without parity. */
static const uint8_t weak_keys[][8] = {
	{ 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00 },
	{ 0xfe, 0xfe, 0xfe, 0xfe, 0xfe, 0xfe, 0xfe, 0xfe },
	{ 0xe0, 0xe0, 0xe0, 0xe0, 0xf0, 0xf0, 0xf0, 0xf0 },
	{ 0x1e, 0x1e, 0x1e, 0x1e, 0x0e, 0x0e, 0x0e, 0x0e },
	{ 0x00, 0x1e, 0x00, 0x1e, 0x00, 0x0e, 0x00, 0x0e },
	{ 0x1e, 0x00, 0x1e, 0x00, 0x0e, 0x00, 0x0e, 0x00 },
	{ 0x00, 0xe0, 0x00, 0xe0, 0x00, 0xf0, 0x00, 0xf0 },
	{ 0xe0, 0x00, 0xe0, 0x00, 0xf0, 0x00, 0xf0, 0x00 },
	{ 0x00, 0xfe, 0x00, 0xfe, 0x00, 0xfe, 0x00, 0xfe },
	{ 0xfe, 0x00, 0xfe, 0x00, 0xfe, 0x00, 0xfe, 0x00 },
	{ 0x1e, 0xe0, 0x1e, 0xe0, 0x0e, 0xf0, 0x0e, 0xf0 },
	{ 0xe0, 0x1e, 0xe0, 0x1e, 0xf0, 0x0e, 0xf0, 0x0e },
	{ 0x1e, 0xfe, 0x1e, 0xfe, 0x0e, 0xfe, 0x0e, 0xfe },
	{ 0xfe, 0x1e, 0xfe, 0x1e, 0xfe, 0x0e, 0xfe, 0x0e },
	{ 0xe0, 0xfe, 0xe0, 0xfe, 0xf0, 0xfe, 0xf0, 0xfe },
	{ 0xfe, 0xe0, 0xfe, 0xe0, 0xfe, 0xf0, 0xfe, 0xf0 },
};

static bool
is_weak(struct view key)
{
	uint8_t bits[8];
	size_t i;

	for (i = 0; i < sizeof(bits); i++)
		bits[i] = key.p[i] & 0xfe;
	for (i = 0; i < sizeof(weak_keys) / sizeof(*weak_keys); i++) {
		if (secret_equal(view_of(bits, sizeof(bits)),
				 view_of(weak_keys[i], sizeof(weak_keys[i]))))
			break;
	}
	explicit_bzero(bits, sizeof(bits));
	return i < sizeof(weak_keys) / sizeof(*weak_keys);
}

static bool
has_weak_key(const struct piv_algorithm *a, struct view key)
{
	struct view one;

	while (a->kind == SAM_DES3 && view_take(&key, 8, &one)) {
		if (is_weak(one))
			return true;
	}
	return false;
}

/* A management key in the making. NULL: no memory. */
static struct sam_key *
draft_admin(struct iso *c, enum sam_kind kind, struct view value, uint8_t touch)
{
	struct sam_key *k = iso_draft_key(c, iso_df(c)->uid, kind);

	if (k && sam_key_set_secret(k, value) &&
	    field_set_word(&k->props, PIV_FIELD_TOUCH_POLICY, touch))
		return k;
	if (k)
		iso_draft_drop(c, k);
	return NULL;
}

/* algorithm, 9B, length, key */
sw_t
piv_set_admin_key(struct iso *c, const struct apdu *cmd, struct buf *rsp)
{
	const struct piv_algorithm *a;
	struct view in = cmd->data;
	struct sam_key *k;
	uint8_t id, ref, n;

	(void)rsp;
	if (!piv_admin_is_proven(c))
		return SW_SECURITY_STATUS;
	if (cmd->p1 != 0xff || (cmd->p2 != TOUCH_NO && cmd->p2 != TOUCH_YES))
		return SW_WRONG_P1P2;
	if (!view_u8(&in, &id) || !view_u8(&in, &ref) || !view_u8(&in, &n) || in.n != n ||
	    ref != PIV_KEY_ADMIN)
		return SW_WRONG_DATA;
	a = piv_algorithm(c, id);
	if (!a || !sam_kind_is_symmetric(a->kind) || a->bits != in.n * 8 || has_weak_key(a, in))
		return SW_WRONG_DATA;
	k = draft_admin(c, a->kind, in, cmd->p2 == TOUCH_YES ? PIV_TOUCH_ALWAYS : PIV_TOUCH_NEVER);
	if (!k)
		return SW_NO_MEMORY;
	iso_draft_keep(c, k, piv_key_number(PIV_KEY_ADMIN));
	return SW_OK;
}

/* --- PIN and PUK from the beginning ----------------------------------------------- */

static void
renew_codes(struct iso *c, struct sam_pin *pin, uint8_t pin_tries, uint8_t puk_tries)
{
	pin->code.tries_max = pin_tries;
	pin->puk.tries_max = puk_tries;
	sam_code_set(&pin->code, view_of(default_pin, PIV_CODE_SIZE));
	sam_code_set(&pin->puk, view_of(default_puk, PIV_CODE_SIZE));
	c->state->sam.changed = true;
	piv_forget_pin(c);
}

sw_t
piv_set_retries(struct iso *c, const struct apdu *cmd, struct buf *rsp)
{
	struct sam_pin *pin = piv_pin(c);

	(void)rsp;
	if (!pin)
		return SW_REFERENCE_NOT_FOUND;
	if (!piv_admin_is_proven(c) || !piv_pin_is_proven(c))
		return SW_SECURITY_STATUS;
	if (cmd->p1 == 0 || cmd->p2 == 0)
		return SW_WRONG_DATA;
	renew_codes(c, pin, cmd->p1, cmd->p2);
	return SW_OK;
}

/* --- RESET ------------------------------------------------------------------------ */

/* All of the application's but F9, which says where the card comes from. */
static void
remove_keys(struct iso *c)
{
	struct sam_key *k, *next;
	uint32_t uid = iso_df(c)->uid;

	for (k = c->state->sam.keys; k; k = next) {
		next = k->next;
		if (k->owner == uid && k->ref != (PIV_KEY_ATTESTATION & 0x7f) &&
		    k->ref != (PIV_KEY_ADMIN & 0x7f))
			sam_key_remove(&c->state->sam, k);
	}
}

/* Only who has run both codes down: there is nobody left whose card it could be. */
sw_t
piv_reset(struct iso *c, const struct apdu *cmd, struct buf *rsp)
{
	struct sam_pin *pin = piv_pin(c);
	struct sam_key *admin;
	sw_t sw;

	(void)cmd;
	(void)rsp;
	if (!pin || pin->code.tries > 0 || pin->puk.tries > 0)
		return SW_CONDITIONS;
	admin = draft_admin(c, SAM_DES3, view_of(default_admin, sizeof(default_admin)),
			    PIV_TOUCH_NEVER);
	if (!admin)
		return SW_NO_MEMORY;
	sw = piv_renew_objects(c);
	if (sw != SW_OK) {
		iso_draft_drop(c, admin);
		return sw;
	}
	iso_draft_keep(c, admin, piv_key_number(PIV_KEY_ADMIN));
	remove_keys(c);
	renew_codes(c, pin, DEFAULT_TRIES, DEFAULT_TRIES);
	piv_prove_admin(c, false);
	return SW_OK;
}

/* --- MOVE KEY --------------------------------------------------------------------- */

#define NOWHERE 0xff

static bool
is_movable(uint8_t ref, struct piv_slot *slot)
{
	return piv_slot(ref, slot) && ref != PIV_KEY_ATTESTATION;
}

/* A key takes the policy along that the place gave it. */
static sw_t
move(struct iso *c, struct sam_key *k, const struct piv_slot *from, const struct piv_slot *to)
{
	if (piv_key(c, to->ref))
		return SW_CONDITIONS;
	if (!field_set_word(&k->props, PIV_FIELD_PIN_POLICY, piv_pin_policy(k, from)))
		return SW_NO_MEMORY;
	iso_draft_keep(c, k, piv_key_number(to->ref));
	return SW_OK;
}

sw_t
piv_move_key(struct iso *c, const struct apdu *cmd, struct buf *rsp)
{
	struct piv_slot from, to = { .ref = NOWHERE };
	struct sam_key *k;

	(void)rsp;
	if (!piv_admin_is_proven(c))
		return SW_SECURITY_STATUS;
	if (!is_movable(cmd->p2, &from) || (cmd->p1 != NOWHERE && !is_movable(cmd->p1, &to)))
		return SW_WRONG_P1P2;
	k = piv_key(c, from.ref);
	if (!k)
		return SW_REFERENCE_NOT_FOUND;
	if (to.ref != NOWHERE)
		return move(c, k, &from, &to);
	sam_key_remove(&c->state->sam, k);
	return SW_OK;
}
