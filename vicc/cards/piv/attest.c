/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Certificates that the card makes: that of its attestation key, F9, and with it those
 * that say of a key that it was made here (Yubico, "PIV attestation").
 */
#include "cards/piv/piv.h"

#include <errno.h>
#include <stdio.h>

#include "cards/pkcs15/certificate.h"
#include "codec/tlv.h"
#include "codec/x509.h"
#include "iso/key.h"
#include "model/key.h"
#include "model/object.h"

#define CERTIFICATE_MAX 4096 /* bytes */

#define ATTESTATION_NAME "vicc PIV Attestation"
#define FORM_FACTOR 0x01 /* a keychain: the first that there was */

/* 1.3.6.1.4.1.41482.3.N */
#define YUBICO(n) { 0x2b, 0x06, 0x01, 0x04, 0x01, 0x82, 0xc4, 0x0a, 0x03, (n) }
static const uint8_t version_oid[] = YUBICO(3), serial_oid[] = YUBICO(7), policy_oid[] = YUBICO(8),
	form_oid[] = YUBICO(9);

static void
put_extension(struct buf *out, const uint8_t oid[10], struct view value)
{
	x509_put_extension(out, view_of(oid, 10), false, value);
}

/* --- the attestation key --------------------------------------------------------------------- */

/* 53 { 70 certificate, 71 how it is packed, FE }: SP 800-73-4 Part 1, table 10. */
static sw_t
keep_certificate(struct iso *c, uint32_t tag, struct view der)
{
	struct buf value = BUF(CERTIFICATE_MAX + 16);
	sw_t sw;

	piv_put_certificate_object(&value, der);
	sw = value.failed ? SW_NO_MEMORY
			  : object_set(&c->state->fs, iso_df(c), tag, buf_view(&value));
	buf_free(&value);
	return sw;
}

static sw_t
certify_attestation(struct iso *c, struct sam_key *k)
{
	struct buf der = BUF(CERTIFICATE_MAX);
	sw_t sw = iso_crypto_sw(
		c, personal_self_sign(k, ATTESTATION_NAME, PERSONAL_CERTIFICATE_CA, &der));

	if (sw == SW_OK)
		sw = keep_certificate(c, PIV_OBJECT_ATTESTATION, buf_view(&der));
	buf_free(&der);
	return sw;
}

static sw_t
make_attestation(struct iso *c)
{
	struct sam_key *k = iso_draft_key(c, iso_df(c)->uid, SAM_EC);
	sw_t sw;

	if (!k)
		return SW_NO_MEMORY;
	sw = iso_crypto_sw(c, key_generate(k, 0, CURVE_P256, iso_interrupted, c));
	if (sw == SW_OK && !field_set_word(&k->props, PIV_FIELD_ORIGIN, PIV_GENERATED))
		sw = SW_NO_MEMORY;
	if (sw == SW_OK)
		sw = certify_attestation(c, k);
	if (sw == SW_OK)
		iso_draft_keep(c, k, piv_key_number(PIV_KEY_ATTESTATION));
	else
		iso_draft_drop(c, k);
	return sw;
}

/* As before, and nothing is to be kept. */
static void
unmake_attestation(struct iso *c)
{
	sam_key_remove(&c->state->sam, piv_key(c, PIV_KEY_ATTESTATION));
	object_put(&c->state->fs, iso_df(c), NULL, PIV_OBJECT_ATTESTATION, view_of(NULL, 0));
	state_clean(c->state);
}

/*
 * Made for a card that has neither: what somebody has brought stays. It is the card's
 * making, put off, and is kept whatever becomes of the command.
 */
sw_t
piv_attestation_ready(struct iso *c)
{
	sw_t sw;
	int rc;

	if (piv_key(c, PIV_KEY_ATTESTATION) || object_find(iso_df(c), PIV_OBJECT_ATTESTATION))
		return SW_OK;
	sw = make_attestation(c);
	if (sw != SW_OK)
		return sw;
	rc = state_commit(c->state);
	if (rc < 0)
		unmake_attestation(c);
	return iso_sw(c, rc);
}

/* --- ATTEST ----------------------------------------------------------------------- */

static void
put_number(struct buf *out, uint32_t n)
{
	const uint8_t bytes[] = { (uint8_t)(n >> 24), (uint8_t)(n >> 16), (uint8_t)(n >> 8),
				  (uint8_t)n };

	x509_put_integer(out, view_of(bytes, sizeof(bytes)));
}

static void
put_claims(const struct iso *c, const struct sam_key *k, const struct piv_slot *slot,
	   struct buf *out)
{
	const uint8_t policies[] = {
		(uint8_t)(piv_pin_policy(k, slot) + 1),
		(uint8_t)(field_word(&k->props, PIV_FIELD_TOUCH_POLICY, PIV_TOUCH_NEVER) + 1),
	};
	const uint8_t form[] = { FORM_FACTOR };
	struct buf serial = BUF(8);

	put_number(&serial, iso_serial(c));
	put_extension(out, version_oid, piv_version(c));
	put_extension(out, serial_oid, buf_view(&serial));
	put_extension(out, policy_oid, view_of(policies, sizeof(policies)));
	put_extension(out, form_oid, view_of(form, sizeof(form)));
	out->failed = out->failed || serial.failed;
	buf_free(&serial);
}

/* Who signs: the subject of F9's certificate. */
static bool
find_issuer(const struct iso *c, struct view *issuer)
{
	const struct object *o = object_find(iso_df(c), PIV_OBJECT_ATTESTATION);
	struct view der;

	return o && tlv_find(buf_view(&o->value), 0x70, &der) && x509_subject(der, issuer);
}

static sw_t
attest(struct iso *c, struct sam_key *k, const struct piv_slot *slot, struct buf *rsp)
{
	struct sam_key *by = piv_key(c, PIV_KEY_ATTESTATION);
	struct buf claims = BUF(256);
	char name[sizeof(ATTESTATION_NAME) + 8];
	struct view issuer;
	sw_t sw;

	if (!by || !find_issuer(c, &issuer))
		return SW_REFERENCE_NOT_FOUND;
	snprintf(name, sizeof(name), "%s %02x", ATTESTATION_NAME, slot->ref);
	put_claims(c, k, slot, &claims);
	sw = claims.failed ? SW_NO_MEMORY
			   : iso_crypto_sw(c, personal_certify(k, name, by, issuer,
							       buf_view(&claims), rsp));
	buf_free(&claims);
	return sw;
}

sw_t
piv_attest(struct iso *c, const struct apdu *cmd, struct buf *rsp)
{
	struct piv_slot slot;
	struct sam_key *k;
	sw_t sw;

	if (!piv_slot(cmd->p1, &slot) || slot.ref == PIV_KEY_ATTESTATION)
		return SW_WRONG_P1P2;
	k = piv_key(c, slot.ref);
	if (!k)
		return SW_REFERENCE_NOT_FOUND;
	if (field_word(&k->props, PIV_FIELD_ORIGIN, PIV_IMPORTED) != PIV_GENERATED)
		return SW_WRONG_DATA;
	sw = piv_attestation_ready(c);
	return sw == SW_OK ? attest(c, k, &slot, rsp) : sw;
}
