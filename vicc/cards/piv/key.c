/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Keys: where they are, how they come there, and GENERAL AUTHENTICATE (SP 800-73-4 Part
 * 2, 3.2.4, 3.3.2).
 */
#include "cards/piv/piv.h"

#include <errno.h>

#include "cards/piv/sm.h"
#include "codec/tlv.h"
#include "crypto/cipher.h"
#include "iso/key.h"
#include "model/key.h"

/* --- places and algorithms ----------------------------------------------------------------- */

static const struct piv_slot slots[] = {
	{ 0x9a, PIV_PIN_ONCE, 0x5fc105 },   /* PIV authentication */
	{ 0x9c, PIV_PIN_ALWAYS, 0x5fc10a }, /* digital signature */
	{ 0x9d, PIV_PIN_ONCE, 0x5fc10b },   /* key management */
	{ 0x9e, PIV_PIN_NEVER, 0x5fc101 },  /* card authentication */
	{ PIV_KEY_ATTESTATION, PIV_PIN_NEVER, PIV_OBJECT_ATTESTATION },
};

bool
piv_slot(uint8_t ref, struct piv_slot *out)
{
	uint8_t retired = (uint8_t)(ref - PIV_RETIRED_FIRST);
	size_t i;

	for (i = 0; i < sizeof(slots) / sizeof(*slots); i++) {
		if (slots[i].ref == ref) {
			*out = slots[i];
			return true;
		}
	}
	*out = (struct piv_slot) { ref, PIV_PIN_ONCE, PIV_OBJECT_RETIRED + retired };
	return ref >= PIV_RETIRED_FIRST && retired < PIV_RETIRED_COUNT;
}

/* SP 800-78-4, table 6-2; 05, 16, E0 and E1 are Yubico's. */
static const struct piv_algorithm algorithms[] = {
	{ .id = 0x03, .kind = SAM_DES3, .bits = 192 },
	{ .id = 0x08, .kind = SAM_AES, .bits = 128 },
	{ .id = 0x0a, .kind = SAM_AES, .bits = 192 },
	{ .id = 0x0c, .kind = SAM_AES, .bits = 256 },
	{ .id = 0x06, .kind = SAM_RSA, .bits = 1024 },
	{ .id = 0x07, .kind = SAM_RSA, .bits = 2048 },
	{ .id = 0x05, .kind = SAM_RSA, .bits = 3072 },
	{ .id = 0x16, .kind = SAM_RSA, .bits = 4096 },
	{ .id = 0x11, .kind = SAM_EC, .curve = CURVE_P256 },
	{ .id = 0x14, .kind = SAM_EC, .curve = CURVE_P384 },
	{ .id = 0xe0, .kind = SAM_ED25519 },
	{ .id = 0xe1, .kind = SAM_X25519 },
};
#define N_ALGORITHMS (sizeof(algorithms) / sizeof(*algorithms))

/* Whether the image takes it away: it lists those of asymmetric keys. */
static bool
is_listed(const struct iso *c, const struct piv_algorithm *a)
{
	struct view ids = props_get(&iso_df(c)->props, PIV_FIELD_ALGORITHMS);
	size_t i;

	for (i = 0; i < ids.n; i++) {
		if (ids.p[i] == a->id)
			return true;
	}
	return ids.n == 0 || sam_kind_is_symmetric(a->kind);
}

const struct piv_algorithm *
piv_algorithm(const struct iso *c, uint8_t id)
{
	size_t i;

	for (i = 0; i < N_ALGORITHMS; i++) {
		if (algorithms[i].id == id)
			return is_listed(c, &algorithms[i]) ? &algorithms[i] : NULL;
	}
	return NULL;
}

static bool
is_of(struct sam_key *k, const struct piv_algorithm *a)
{
	if (k->kind != a->kind)
		return false;
	if (a->kind == SAM_EC)
		return key_ec(k) && ec_curve(key_ec(k)) == a->curve;
	return a->bits == 0 || k->bits == a->bits;
}

const struct piv_algorithm *
piv_algorithm_of(struct sam_key *k)
{
	size_t i;

	for (i = 0; i < N_ALGORITHMS; i++) {
		if (is_of(k, &algorithms[i]))
			return &algorithms[i];
	}
	return NULL;
}

uint8_t
piv_key_number(uint8_t ref)
{
	return ref & 0x7f;
}

struct sam_key *
piv_key(const struct iso *c, uint8_t ref)
{
	struct sam_key *k = sam_key_find(&c->state->sam, iso_df(c)->uid, piv_key_number(ref));

	return k && key_is_private(k) ? k : NULL;
}

uint8_t
piv_pin_policy(const struct sam_key *k, const struct piv_slot *slot)
{
	return field_word(&k->props, PIV_FIELD_PIN_POLICY, slot->pin_policy);
}

/* --- policies --------------------------------------------------------------------- */

#define TAG_PIN_POLICY 0xaa
#define TAG_TOUCH_POLICY 0xab

bool
piv_policy(const struct tlv *t, struct piv_policies *p)
{
	if (t->value.n != 1 || t->value.p[0] > 3)
		return false;
	if (t->tag == TAG_PIN_POLICY)
		p->pin = t->value.p[0];
	else if (t->tag == TAG_TOUCH_POLICY)
		p->touch = t->value.p[0];
	else
		return false;
	return true;
}

static sw_t
set_fields(struct sam_key *k, const struct piv_policies *p, const struct piv_slot *slot,
	   uint8_t origin)
{
	uint8_t pin = p->pin ? (uint8_t)(p->pin - 1) : slot->pin_policy;
	uint8_t touch = p->touch ? (uint8_t)(p->touch - 1) : PIV_TOUCH_NEVER;

	if (!field_set_word(&k->props, PIV_FIELD_PIN_POLICY, pin) ||
	    !field_set_word(&k->props, PIV_FIELD_TOUCH_POLICY, touch) ||
	    !field_set_word(&k->props, PIV_FIELD_ORIGIN, origin))
		return SW_NO_MEMORY;
	return SW_OK;
}

/* --- GENERATE ASYMMETRIC KEY PAIR ------------------------------------------------- */

#define TEMPLATE_CONTROL 0xac
#define TEMPLATE_PUBLIC 0x7f49

struct order {
	const struct piv_algorithm *algorithm;
	struct piv_policies policies;
};

static bool
is_65537(struct view e)
{
	size_t n;

	return view_number(e, &n) && n == 65537;
}

static bool
take_order_object(const struct iso *c, const struct tlv *t, struct order *o)
{
	switch (t->tag) {
	case 0x80:
		o->algorithm = t->value.n == 1 ? piv_algorithm(c, t->value.p[0]) : NULL;
		return o->algorithm && !sam_kind_is_symmetric(o->algorithm->kind);
	case 0x81:
		return is_65537(t->value);
	default:
		return piv_policy(t, &o->policies);
	}
}

static bool
take_order(const struct iso *c, struct view in, struct order *o)
{
	struct tlv control, t;

	*o = (struct order) { .algorithm = NULL };
	if (!tlv_next(&in, &control) || control.tag != TEMPLATE_CONTROL || in.n > 0)
		return false;
	while (tlv_next(&control.value, &t)) {
		if (!take_order_object(c, &t, o))
			return false;
	}
	return control.value.n == 0 && o->algorithm;
}

sw_t
piv_generate(struct iso *c, const struct apdu *cmd, struct buf *rsp)
{
	struct piv_slot slot;
	struct order order;
	struct sam_key *k;
	size_t mark;
	sw_t sw;

	if (!piv_admin_is_proven(c))
		return SW_SECURITY_STATUS;
	if (!piv_slot(cmd->p2, &slot) || slot.ref == PIV_KEY_ATTESTATION)
		return SW_WRONG_P1P2;
	if (!take_order(c, cmd->data, &order))
		return SW_WRONG_DATA;
	k = iso_draft_key(c, iso_df(c)->uid, order.algorithm->kind);
	if (!k)
		return SW_NO_MEMORY;
	sw = iso_crypto_sw(c, key_generate(k, order.algorithm->bits, order.algorithm->curve,
					   iso_interrupted, c));
	if (sw == SW_OK)
		sw = set_fields(k, &order.policies, &slot, PIV_GENERATED);
	mark = tlv_open(rsp, TEMPLATE_PUBLIC);
	if (sw == SW_OK)
		sw = iso_crypto_sw(c, key_put_plain_public(k, rsp));
	tlv_close(rsp, mark);
	if (sw != SW_OK || rsp->failed) {
		iso_draft_drop(c, k);
		return sw == SW_OK ? SW_NO_MEMORY : sw;
	}
	iso_draft_keep(c, k, piv_key_number(slot.ref));
	return SW_OK;
}

/* --- IMPORT ASYMMETRIC KEY -------------------------------------------------------- */

#define IMPORT_PARTS 8 /* 01 p, 02 q, 03 dP, 04 dQ, 05 qInv; 06, 07, 08: the private key */

static const enum rsa_part import_parts[] = {
	RSA_PART_P, RSA_PART_Q, RSA_PART_DP, RSA_PART_DQ, RSA_PART_QINV,
};
#define RSA_PARTS (sizeof(import_parts) / sizeof(*import_parts))

struct import_data {
	struct view part[IMPORT_PARTS];
	struct piv_policies policies;
};

static bool
take_import(struct view in, struct import_data *d)
{
	struct tlv t;

	*d = (struct import_data) { .policies = { 0 } };
	while (tlv_next(&in, &t)) {
		if (t.tag >= 1 && t.tag <= IMPORT_PARTS)
			d->part[t.tag - 1] = t.value;
		else if (!piv_policy(&t, &d->policies))
			return false;
	}
	return in.n == 0;
}

static int
import_rsa(struct sam_key *k, const struct import_data *d, size_t bits)
{
	struct rsa_parts parts = { .part = { { .n = 0 } } };
	struct rsa *rsa;
	size_t i;
	int rc;

	for (i = 0; i < RSA_PARTS; i++) {
		if (d->part[i].n != bits / 16)
			return -EINVAL;
		parts.part[import_parts[i]] = d->part[i];
	}
	rc = rsa_private(&rsa, &parts);
	if (rc < 0)
		return rc;
	if (rsa_size(rsa) != bits / 8) {
		rsa_free(rsa);
		return -EINVAL;
	}
	return key_keep_rsa(k, rsa);
}

static int
import_ec(struct sam_key *k, const struct import_data *d, enum curve curve)
{
	struct view private = d->part[5];
	struct ec *ec;
	int rc;

	if (private.n != curve_order(curve))
		return -EINVAL;
	rc = ec_private(&ec, curve, private);
	return rc < 0 ? rc : key_keep_ec(k, ec);
}

static int
import_ed(struct sam_key *k, struct view private, enum ed_kind kind)
{
	struct ed *ed;
	int rc = ed_private(&ed, kind, private);

	return rc < 0 ? rc : key_keep_ed(k, ed);
}

static int
import_key(struct sam_key *k, const struct piv_algorithm *a, const struct import_data *d)
{
	if (a->kind == SAM_RSA)
		return import_rsa(k, d, a->bits);
	if (a->kind == SAM_EC)
		return import_ec(k, d, a->curve);
	return a->kind == SAM_ED25519 ? import_ed(k, d->part[6], ED_25519)
				      : import_ed(k, d->part[7], ED_X25519);
}

sw_t
piv_import(struct iso *c, const struct apdu *cmd, struct buf *rsp)
{
	const struct piv_algorithm *a = piv_algorithm(c, cmd->p1);
	struct import_data d;
	struct piv_slot slot;
	struct sam_key *k;
	sw_t sw;

	(void)rsp;
	if (!piv_admin_is_proven(c))
		return SW_SECURITY_STATUS;
	if (!a || sam_kind_is_symmetric(a->kind) || !piv_slot(cmd->p2, &slot))
		return SW_WRONG_P1P2;
	if (!take_import(cmd->data, &d))
		return SW_WRONG_DATA;
	k = iso_draft_key(c, iso_df(c)->uid, a->kind);
	if (!k)
		return SW_NO_MEMORY;
	sw = iso_crypto_sw(c, import_key(k, a, &d));
	if (sw == SW_OK)
		sw = set_fields(k, &d.policies, &slot, PIV_IMPORTED);
	if (sw == SW_OK)
		iso_draft_keep(c, k, piv_key_number(slot.ref));
	else
		iso_draft_drop(c, k);
	return sw;
}

/* --- GENERAL AUTHENTICATE --------------------------------------------------------- */

#define TEMPLATE_DYNAMIC 0x7c
#define TAG_RESULT 0x82

static const uint32_t template_tags[PIV_TEMPLATE_OBJECTS] = { 0x80, 0x81, 0x82, 0x85 };

static bool
take_template(struct view in, struct piv_template *t)
{
	struct tlv outer, o;
	size_t i;

	*t = (struct piv_template) { .is_there = { false } };
	if (!tlv_next(&in, &outer) || outer.tag != TEMPLATE_DYNAMIC || in.n > 0)
		return false;
	while (tlv_next(&outer.value, &o)) {
		for (i = 0; i < PIV_TEMPLATE_OBJECTS && template_tags[i] != o.tag; i++)
			;
		if (i == PIV_TEMPLATE_OBJECTS)
			return false;
		t->object[i] = o.value;
		t->is_there[i] = true;
	}
	return outer.value.n == 0;
}

/* What the key's policy asks of who uses it. */
static sw_t
may_use(struct iso *c, const struct sam_key *k, const struct piv_slot *slot)
{
	switch (piv_pin_policy(k, slot)) {
	case PIV_PIN_NEVER:
		return SW_OK;
	case PIV_PIN_ONCE:
		return piv_pin_is_proven(c) ? SW_OK : SW_SECURITY_STATUS;
	default:
		return piv_pin_is_proven(c) && piv_own(c)->verified_last ? SW_OK
									 : SW_SECURITY_STATUS;
	}
}

/* The host pads and unpads: what comes is as long as the modulus. */
static int
use_rsa(struct sam_key *k, struct view block, struct buf *out)
{
	if (block.n != rsa_size(key_rsa(k)))
		return -EINVAL;
	return rsa_raw_private(key_rsa(k), block, out);
}

static int
sign_ec(struct sam_key *k, struct view hash, struct buf *out)
{
	if (hash.n > curve_size(ec_curve(key_ec(k))))
		return -EINVAL;
	return ec_sign(key_ec(k), EC_FORM_DER, hash, out);
}

static int
encipher_block(const struct sam_key *k, struct view block, struct buf *out)
{
	enum cipher cipher = k->kind == SAM_AES ? CIPHER_AES : CIPHER_3DES;

	if (block.n != cipher_block(cipher))
		return -EINVAL;
	return cipher_encrypt(cipher, CIPHER_ECB, secret_view(&k->secret), NULL, block, out);
}

/* A challenge: signed, deciphered or enciphered, as the key can. */
static int
piv_respond(struct sam_key *k, struct view challenge, struct buf *out)
{
	switch (k->kind) {
	case SAM_RSA:
		return use_rsa(k, challenge, out);
	case SAM_EC:
		return sign_ec(k, challenge, out);
	case SAM_ED25519:
		return ed_sign(key_ed(k), challenge, out);
	case SAM_X25519:
		return -EINVAL;
	default:
		return encipher_block(k, challenge, out);
	}
}

static int
piv_agree(struct sam_key *k, struct view point, struct buf *out)
{
	if (k->kind == SAM_EC)
		return ec_shared(key_ec(k), point, out);
	return k->kind == SAM_X25519 ? ed_shared(key_ed(k), point, out) : -EINVAL;
}

static sw_t
use_key(struct iso *c, struct sam_key *k, const struct piv_template *t, struct buf *rsp)
{
	struct view challenge = t->object[PIV_CHALLENGE], point = t->object[PIV_POINT];
	size_t outer = tlv_open(rsp, TEMPLATE_DYNAMIC), mark = tlv_open(rsp, TAG_RESULT);
	int rc = challenge.n > 0 ? piv_respond(k, challenge, rsp) : piv_agree(k, point, rsp);

	tlv_close(rsp, mark);
	tlv_close(rsp, outer);
	return iso_crypto_sw(c, rc);
}

static sw_t
authenticate_with(struct iso *c, const struct apdu *cmd, const struct piv_slot *slot,
		  const struct piv_template *t, struct buf *rsp)
{
	struct sam_key *k = piv_key(c, slot->ref);
	const struct piv_algorithm *a = k ? piv_algorithm_of(k) : NULL;
	sw_t sw;

	if (!k)
		return SW_REFERENCE_NOT_FOUND;
	if (!a || a->id != cmd->p1)
		return SW_WRONG_P1P2;
	if ((t->object[PIV_CHALLENGE].n > 0) == (t->object[PIV_POINT].n > 0) ||
	    t->object[PIV_WITNESS].n > 0)
		return SW_WRONG_DATA;
	sw = may_use(c, k, slot);
	return sw == SW_OK ? use_key(c, k, t, rsp) : sw;
}

sw_t
piv_general_authenticate(struct iso *c, const struct apdu *cmd, struct buf *rsp)
{
	struct piv_template t;
	struct piv_slot slot;
	bool is_slot = piv_slot(cmd->p2, &slot) && cmd->p2 != PIV_KEY_ATTESTATION;

	if (!is_slot && cmd->p2 != PIV_KEY_ADMIN && cmd->p2 != PIV_KEY_SM)
		return SW_WRONG_P1P2;
	if (!take_template(cmd->data, &t))
		return SW_WRONG_DATA;
	if (cmd->p2 == PIV_KEY_ADMIN)
		return piv_authenticate_admin(c, cmd->p1, &t, rsp);
	if (cmd->p2 == PIV_KEY_SM)
		return piv_establish_sm(c, cmd->p1, &t, rsp);
	return authenticate_with(c, cmd, &slot, &t, rsp);
}
