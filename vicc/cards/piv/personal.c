/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cards/piv/personal.h"

#include <string.h>

#include "base/hex.h"
#include "cards/pkcs15/certificate.h"
#include "cards/piv/piv.h"
#include "codec/tlv.h"
#include "model/key.h"
#include "model/object.h"

#define PIN_MIN 6
#define ADMIN_MIN 16 /* bytes: AES-128 */
#define ADMIN_MAX 32
#define ADMIN_3DES 24

static const uint8_t aid[] = { 0xa0, 0x00, 0x00, 0x03, 0x08, 0x00, 0x00, 0x10, 0x00, 0x01, 0x00 };

/* Where a key goes that nobody has named a place for: to all four, in this order. */
static const uint8_t usual[] = { 0x9a, 0x9c, 0x9d, 0x9e };

/* A new card, being filled. */
struct filling {
	struct state *s;
	struct personal *p;
	struct file *df;
};

/* --- keys and certificates -------------------------------------------------------- */

static unsigned
place(const char *name)
{
	struct buf ref = BUF(1);
	struct piv_slot slot;
	unsigned n = hex_read(&ref, name) && ref.n == 1 && piv_slot(ref.p[0], &slot) ? ref.p[0] : 0;

	buf_free(&ref);
	return n;
}

/* Ed25519 signs and X25519 agrees, and that is all. */
static bool
fits(const struct import_key *k, unsigned ref)
{
	if (!k->ed)
		return true;
	return (ed_kind(k->ed) == ED_X25519) == (ref == 0x9d) ||
	       (ref >= PIV_RETIRED_FIRST && ref < PIV_RETIRED_FIRST + PIV_RETIRED_COUNT);
}

/* Its own, or else one that the key signs itself; of a key that cannot, none. */
static sw_t
put_certificate(struct filling *y, const struct import_key *k, struct sam_key *key,
		const struct piv_slot *slot)
{
	const struct import_cert *cert = personal_certificate(&y->p->from, k->id);
	struct buf der = BUF(OBJECT_MAX), value = BUF(OBJECT_MAX);
	sw_t sw = SW_OK;
	int rc = 0;

	if (cert)
		buf_put_view(&der, buf_view(&cert->der));
	else if (key->kind != SAM_X25519)
		rc = personal_self_sign(key, y->p->subject[0] ? y->p->subject : y->p->label,
					slot->ref == PIV_KEY_ATTESTATION
						? PERSONAL_CERTIFICATE_CA
						: PERSONAL_CERTIFICATE_USER,
					&der);
	piv_put_certificate_object(&value, buf_view(&der));
	if (rc < 0 || der.failed || value.failed)
		sw = SW_NO_MEMORY;
	else if (der.n > 0)
		sw = object_set(&y->s->fs, y->df, slot->object, buf_view(&value));
	buf_free(&der);
	buf_free(&value);
	return sw;
}

/* from: the same key in another place; NULL: it is in none yet. */
static sw_t
put_key(struct filling *y, size_t n, uint8_t ref, struct sam_key **from)
{
	struct import_key *k = &y->p->from.keys[n];
	struct sam_key *key = sam_key_add(&y->s->sam, y->df->uid, ref & 0x7f, SAM_EC);
	struct piv_slot slot;

	piv_slot(ref, &slot);
	if (!key || (*from ? personal_copy(key, *from) : personal_give(key, k)) != SW_OK ||
	    !field_set_word(&key->props, PIV_FIELD_ORIGIN,
			    y->p->orders[n].generated ? PIV_GENERATED : PIV_IMPORTED))
		return SW_NO_MEMORY;
	*from = key;
	return put_certificate(y, k, key, &slot);
}

static bool
is_free(const struct filling *y, uint8_t ref)
{
	return !sam_key_find(&y->s->sam, y->df->uid, ref & 0x7f);
}

/* One that has no place named: the usual ones, as far as they are free, or the next retired one. */
static sw_t
put_anywhere(struct filling *y, size_t n)
{
	const struct import_key k = y->p->from.keys[n]; /* as it was, once it is given away */
	struct sam_key *key = NULL;
	sw_t sw = SW_OK;
	uint8_t ref;
	size_t i;
	bool fit[sizeof(usual)];

	for (i = 0; i < sizeof(usual); i++)
		fit[i] = is_free(y, usual[i]) && fits(&k, usual[i]);
	for (i = 0; sw == SW_OK && i < sizeof(usual); i++) {
		if (fit[i])
			sw = put_key(y, n, usual[i], &key);
	}
	if (key || sw != SW_OK)
		return sw;
	for (ref = PIV_RETIRED_FIRST; !is_free(y, ref); ref++)
		;
	return put_key(y, n, ref, &key);
}

static sw_t
put_in_place(void *ctx, size_t n)
{
	struct filling *y = ctx;
	const uint8_t ref = (uint8_t)y->p->orders[n].place;
	struct sam_key *none = NULL;
	struct piv_slot slot;

	if (!ref)
		return put_anywhere(y, n);
	if (!piv_slot(ref, &slot))
		return SW_OK; /* a place of another application of this card */
	return is_free(y, ref) ? put_key(y, n, ref, &none) : SW_FILE_EXISTS;
}

/* --- what guards them ------------------------------------------------------------- */

/* Without a PUK there is none: the one of all new cards would be everybody's. */
static sw_t
set_codes(struct filling *y)
{
	struct sam_pin *pin = sam_pin_find(&y->s->sam, y->df->uid, PIV_PIN_REF);
	const struct secret *puk = &y->p->secrets[PERSONAL_PUK];

	if (!pin || !sam_code_set(&pin->code, secret_view(&y->p->secrets[PERSONAL_PIN])))
		return SW_WRONG_DATA;
	if (puk->n == 0)
		secret_wipe(&pin->puk.value);
	else if (!sam_code_set(&pin->puk, secret_view(puk)))
		return SW_WRONG_DATA;
	y->s->sam.changed = true;
	return SW_OK;
}

/* Both satisfy the card, and the application's own goes first (SP 800-73-4 Part 1, 3.3.2). */
static sw_t
set_global_pin(struct filling *y)
{
	static const uint8_t discovery[] = {
		0x4f, 0x0b, 0xa0, 0x00, 0x00, 0x03, 0x08, 0x00, 0x00, 0x10, 0x00, 0x01,
		0x00, 0x5f, 0x2f, 0x02, 0x60, 0x10,
	};
	const struct secret *value = &y->p->secrets[PERSONAL_GLOBAL_PIN];
	struct sam_pin *pin = value->n > 0 ? sam_pin_add(&y->s->sam, 0, PIV_PIN_REF) : NULL;

	if (value->n == 0)
		return SW_OK;
	if (!pin)
		return SW_NO_MEMORY;
	pin->code = (struct sam_code) {
		.min = PIN_MIN, .max = PIV_CODE_SIZE, .pad = SAM_PAD_FF, .tries = 3, .tries_max = 3,
	};
	pin->life = SAM_ACTIVE;
	if (!sam_code_set(&pin->code, secret_view(value)))
		return SW_WRONG_DATA;
	return object_set(&y->s->fs, y->df, PIV_OBJECT_DISCOVERY,
			  view_of(discovery, sizeof(discovery)));
}

/* 24 bytes are 3DES, all else is AES. */
static sw_t
set_admin_key(struct filling *y)
{
	const struct secret *value = &y->p->secrets[PERSONAL_ADMIN_KEY];
	struct sam_key *k = sam_key_find(&y->s->sam, y->df->uid, PIV_KEY_ADMIN & 0x7f);

	if (value->n == 0)
		return SW_OK;
	if (!k)
		return SW_REFERENCE_NOT_FOUND;
	k->kind = value->n == ADMIN_3DES ? SAM_DES3 : SAM_AES;
	return sam_key_set_secret(k, secret_view(value)) ? SW_OK : SW_WRONG_DATA;
}

static sw_t
piv_personalise(struct state *s, struct personal *p)
{
	struct filling y = { .s = s, .p = p, .df = fs_by_name(&s->fs, view_of(aid, sizeof(aid))) };
	sw_t sw;

	if (!y.df || !props_set(&y.df->props, PIV_FIELD_LABEL, view_of(p->label, strlen(p->label))))
		return SW_NO_MEMORY;
	sw = set_codes(&y);
	if (sw == SW_OK)
		sw = set_global_pin(&y);
	if (sw == SW_OK)
		sw = set_admin_key(&y);
	return sw == SW_OK ? personal_put_keys(p, put_in_place, &y) : sw;
}

static const char *
fault(const struct import_key *k)
{
	size_t bits = k->rsa ? rsa_size(k->rsa) * 8 : 0;

	if (k->ed && (ed_kind(k->ed) == ED_25519 || ed_kind(k->ed) == ED_X25519))
		return NULL;
	if (bits == 1024 || bits == 2048 || bits == 3072 || bits == 4096)
		return NULL;
	if (k->ec && (ec_curve(k->ec) == CURVE_P256 || ec_curve(k->ec) == CURVE_P384))
		return NULL;
	return "RSA of 1024, 2048, 3072 or 4096 bits, P-256, P-384, Ed25519, X25519";
}

const struct personal_type piv_personal = {
	.secrets = {
		[PERSONAL_PIN] = { PIN_MIN, PIV_CODE_SIZE },
		[PERSONAL_PUK] = { 1, PIV_CODE_SIZE },
		[PERSONAL_GLOBAL_PIN] = { PIN_MIN, PIV_CODE_SIZE },
		[PERSONAL_ADMIN_KEY] = { ADMIN_MIN, ADMIN_MAX },
	},
	.fault = fault,
	.place = place,
	.fits = fits,
	.personalise = piv_personalise,
};
