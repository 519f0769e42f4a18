/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cards/openpgp/personal.h"

#include <string.h>

#include "cards/openpgp/openpgp.h"
#include "model/key.h"
#include "model/object.h"

#define PW1_MIN 6
#define PW3_MIN 8
#define CODE_MAX 127

static const char *const places[] = {
	[OPENPGP_SIG] = "sig", [OPENPGP_DEC] = "dec", [OPENPGP_AUT] = "aut"
};

/* A new card, being filled. */
struct filling {
	struct state *s;
	struct personal *p;
	struct file *df;
};

static unsigned
openpgp_place(const char *name)
{
	unsigned slot;

	for (slot = OPENPGP_SIG; slot <= OPENPGP_SLOTS; slot++) {
		if (strcmp(places[slot], name) == 0)
			return slot;
	}
	return 0;
}

/* Keys of these curves sign or agree, and the others do both. */
static bool
openpgp_key_fits(const struct import_key *k, unsigned slot)
{
	return !k->ed || ed_signs(ed_kind(k->ed)) == (slot != OPENPGP_DEC);
}

/* In its place, with the attributes that say what it is. */
static sw_t
openpgp_adopt(struct filling *y, size_t n, uint8_t slot, struct sam_key *key)
{
	struct buf attributes = BUF(OPENPGP_ATTRIBUTES_MAX);
	uint8_t origin = y->p->orders[n].generated ? OPENPGP_GENERATED : OPENPGP_IMPORTED;
	sw_t sw = SW_NO_MEMORY;

	if (field_set_word(&key->props, OPENPGP_FIELD_ORIGIN, origin) &&
	    openpgp_put_attributes(key, slot, &attributes))
		sw = object_set(&y->s->fs, y->df, OPENPGP_ATTRIBUTES + slot, buf_view(&attributes));
	buf_free(&attributes);
	return sw;
}

/* The certificates' order is the keys', from the last on. */
static sw_t
put_certificate(struct filling *y, const struct import_key *k, uint8_t slot)
{
	const struct import_cert *cert = personal_certificate(&y->p->from, k->id);
	uint32_t tag = openpgp_certificate_tag((uint8_t)(OPENPGP_SLOTS - slot));

	if (!cert)
		return SW_OK;
	return cert->der.n <= OPENPGP_SPECIAL_MAX
		       ? object_set(&y->s->fs, y->df, tag, buf_view(&cert->der))
		       : SW_NO_MEMORY;
}

/* from: the same key in another place; NULL: it is in none yet. */
static sw_t
put_key(struct filling *y, size_t n, uint8_t slot, struct sam_key **from)
{
	struct import_key *k = &y->p->from.keys[n];
	struct sam_key *key = sam_key_add(&y->s->sam, y->df->uid, slot, SAM_EC);
	sw_t sw = key ? (*from ? personal_copy(key, *from) : personal_give(key, k)) : SW_NO_MEMORY;

	*from = key;
	if (sw == SW_OK)
		sw = openpgp_adopt(y, n, slot, key);
	return sw == SW_OK ? put_certificate(y, k, slot) : sw;
}

static bool
is_free(const struct filling *y, uint8_t slot)
{
	return !sam_key_find(&y->s->sam, y->df->uid, slot);
}

/* One that has no place named: all that are free, where it is of use. */
static sw_t
put_anywhere(struct filling *y, size_t n)
{
	const struct import_key k = y->p->from.keys[n]; /* as it was, once it is given away */
	struct sam_key *key = NULL;
	bool fit[OPENPGP_SLOTS + 1];
	sw_t sw = SW_OK;
	uint8_t slot;

	for (slot = OPENPGP_SIG; slot <= OPENPGP_SLOTS; slot++)
		fit[slot] = is_free(y, slot) && openpgp_key_fits(&k, slot);
	for (slot = OPENPGP_SIG; sw == SW_OK && slot <= OPENPGP_SLOTS; slot++) {
		if (fit[slot])
			sw = put_key(y, n, slot, &key);
	}
	return sw == SW_OK && !key ? SW_FILE_EXISTS : sw;
}

/* Or another application has taken it. */
static bool
is_there(const struct import_key *k)
{
	return k->rsa || k->ec || k->ed;
}

static sw_t
put_in_place(void *ctx, size_t n)
{
	struct filling *y = ctx;
	const unsigned place = y->p->orders[n].place;
	const uint8_t slot = (uint8_t)place;
	struct sam_key *none = NULL;

	/* a place of another application of this card, or a key that it has taken */
	if (place > OPENPGP_SLOTS || !is_there(&y->p->from.keys[n]))
		return SW_OK;
	if (!place)
		return put_anywhere(y, n);
	return is_free(y, slot) ? put_key(y, n, slot, &none) : SW_FILE_EXISTS;
}

/* PW3 is that of all new cards unless it is said: without it nobody could change the card. */
static sw_t
set_codes(struct filling *y)
{
	struct sam_pin *pw1 = sam_pin_find(&y->s->sam, y->df->uid, OPENPGP_PW1);
	struct sam_pin *pw3 = sam_pin_find(&y->s->sam, y->df->uid, OPENPGP_PW3);
	const struct secret *code = &y->p->secrets[PERSONAL_PUK],
			    *admin = &y->p->secrets[PERSONAL_SO_PIN];

	if (!pw1 || !pw3 || !sam_code_set(&pw1->code, secret_view(&y->p->secrets[PERSONAL_PIN])))
		return SW_WRONG_DATA;
	if (code->n > 0 && !sam_code_set(&pw1->puk, secret_view(code)))
		return SW_WRONG_DATA;
	if (admin->n > 0 && !sam_code_set(&pw3->code, secret_view(admin)))
		return SW_WRONG_DATA;
	y->s->sam.changed = true;
	return SW_OK;
}

static sw_t
openpgp_personalise(struct state *s, struct personal *p)
{
	struct filling y = { .s = s, .p = p, .df = iso_app_file(&s->fs, "openpgp") };
	sw_t sw = y.df ? set_codes(&y) : SW_NO_MEMORY;

	return sw == SW_OK ? personal_put_keys(p, put_in_place, &y) : sw;
}

static const char *
openpgp_fault(const struct import_key *k)
{
	size_t bits = k->rsa ? rsa_size(k->rsa) * 8 : 0;
	struct openpgp_algorithm a;
	struct buf attributes = BUF(OPENPGP_ATTRIBUTES_MAX);
	bool known = k->ed || bits == 2048 || bits == 3072 || bits == 4096;

	if (k->ec) {
		buf_u8(&attributes, OPENPGP_ECDSA);
		buf_put_view(&attributes, curve_oid(ec_curve(k->ec)));
		known = openpgp_read_attributes(buf_view(&attributes), OPENPGP_SIG, &a) == SW_OK;
		buf_free(&attributes);
	}
	return known ? NULL
		     : "RSA of 2048, 3072 or 4096 bits, P-256, P-384, P-521, brainpoolP256r1, P384r1, P512r1, "
		       "secp256k1, Ed25519, X25519, Ed448, X448";
}

const struct personal_type openpgp_personal = {
	.secrets = {
		[PERSONAL_PIN] = { PW1_MIN, CODE_MAX },
		[PERSONAL_PUK] = { PW3_MIN, CODE_MAX },
		[PERSONAL_SO_PIN] = { PW3_MIN, CODE_MAX },
	},
	.fault = openpgp_fault,
	.place = openpgp_place,
	.fits = openpgp_key_fits,
	.personalise = openpgp_personalise,
};
