/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Algorithm attributes (4.4.3.9): one table for what may be put, and for what DO FA tells. */
#include "cards/openpgp/openpgp.h"

#include "codec/tlv.h"
#include "model/key.h"
#include "model/object.h"

#define FOR(slot) (1u << (slot))
#define SIGNS (FOR(OPENPGP_SIG) | FOR(OPENPGP_AUT))
#define AGREES FOR(OPENPGP_DEC)

#define EXPONENT_MIN 17 /* bits */
#define EXPONENT_MAX 32
#define FORMAT_MAX 3 /* of imports */

static const uint8_t rsa_2048[] = { OPENPGP_RSA, 0x08, 0x00, 0x00, 0x20, 0x00 };
static const uint16_t rsa_bits[] = { 2048, 3072, 4096 };

static const enum curve curves[] = {
	CURVE_P256, CURVE_P384, CURVE_P521, CURVE_BP256, CURVE_BP384, CURVE_BP512, CURVE_K256,
};

/* The first two have names of their own in OpenPGP (RFC 9580, 9.2), beside those of RFC 8410. */
static const struct {
	uint8_t id;
	unsigned slots;
	enum ed_kind kind;
	uint8_t oid[10];
	size_t n;
} eds[] = {
	{ OPENPGP_EDDSA,
	  SIGNS,
	  ED_25519,
	  { 0x2b, 0x06, 0x01, 0x04, 0x01, 0xda, 0x47, 0x0f, 0x01 },
	  9 },
	{ OPENPGP_ECDH,
	  AGREES,
	  ED_X25519,
	  { 0x2b, 0x06, 0x01, 0x04, 0x01, 0x97, 0x55, 0x01, 0x05, 0x01 },
	  10 },
	{ OPENPGP_EDDSA, SIGNS, ED_448, { 0x2b, 0x65, 0x71 }, 3 },
	{ OPENPGP_ECDH, AGREES, ED_X448, { 0x2b, 0x65, 0x6f }, 3 },
	/* not told */
	{ OPENPGP_EDDSA, SIGNS, ED_25519, { 0x2b, 0x65, 0x70 }, 3 },
	{ OPENPGP_ECDH, AGREES, ED_X25519, { 0x2b, 0x65, 0x6e }, 3 },
};
#define N_EDS (sizeof(eds) / sizeof(*eds))
#define N_EDS_TOLD 4

#define N(array) (sizeof(array) / sizeof(*(array)))

/* --- what they mean --------------------------------------------------------------------------- */

static bool
is_one_of(const uint16_t *list, size_t n, uint16_t value)
{
	size_t i;

	for (i = 0; i < n && list[i] != value; i++)
		;
	return i < n;
}

/* modulus, exponent (bits of each), and the format of imports, of which we take all. */
static sw_t
read_rsa(struct view in, struct openpgp_algorithm *a)
{
	uint16_t n, e;
	uint8_t format = 0;

	if (!view_u16(&in, &n) || !view_u16(&in, &e))
		return SW_WRONG_LENGTH;
	view_u8(&in, &format);
	if (in.n > 0)
		return SW_WRONG_LENGTH;
	a->kind = SAM_RSA;
	a->bits = n;
	if (!is_one_of(rsa_bits, N(rsa_bits), n) || e < EXPONENT_MIN || e > EXPONENT_MAX ||
	    format > FORMAT_MAX)
		return SW_WRONG_DATA;
	return SW_OK;
}

static bool
read_ec(struct view oid, struct openpgp_algorithm *a)
{
	size_t i;

	if (!curve_from_oid(oid, &a->curve))
		return false;
	for (i = 0; i < N(curves) && curves[i] != a->curve; i++)
		;
	a->kind = SAM_EC;
	return i < N(curves);
}

static bool
read_ed(struct view oid, uint8_t slot, struct openpgp_algorithm *a)
{
	size_t i;

	for (i = 0; i < N_EDS; i++) {
		if (eds[i].id == a->id && eds[i].slots & FOR(slot) &&
		    view_equal(oid, view_of(eds[i].oid, eds[i].n)))
			break;
	}
	if (i == N_EDS)
		return false;
	a->kind = key_kind_of_ed(eds[i].kind);
	return true;
}

/* Behind the identifier of the curve may stand whether an import brings the point, too. */
static struct view
without_format(struct view in)
{
	uint8_t last = in.n > 0 ? in.p[in.n - 1] : 0x01;

	return last == 0x00 || last == 0xff ? view_slice(in, 0, in.n - 1) : in;
}

/* ECDH stands in the slot of authentication for MSE, which makes it the other's. */
static bool
may_be_ec(uint8_t id, uint8_t slot)
{
	if (id == OPENPGP_ECDSA)
		return SIGNS & FOR(slot);
	return id == OPENPGP_ECDH && slot != OPENPGP_SIG;
}

sw_t
openpgp_read_attributes(struct view attributes, uint8_t slot, struct openpgp_algorithm *a)
{
	struct view oid = attributes;

	*a = (struct openpgp_algorithm) { .id = 0 };
	if (!view_u8(&oid, &a->id) || oid.n == 0)
		return SW_WRONG_LENGTH;
	if (a->id == OPENPGP_RSA)
		return read_rsa(oid, a);
	if (attributes.n > OPENPGP_ATTRIBUTES_MAX)
		return SW_WRONG_LENGTH;
	oid = without_format(oid);
	if (read_ed(oid, slot, a) || (may_be_ec(a->id, slot) && read_ec(oid, a)))
		return SW_OK;
	return SW_WRONG_DATA;
}

/* --- how they are written ------------------------------------------------- */

static void
put_rsa(size_t bits, uint16_t exponent, struct buf *out)
{
	buf_u8(out, OPENPGP_RSA);
	buf_u16(out, (uint16_t)bits);
	buf_u16(out, exponent);
	buf_u8(out, 0x00);
}

static void
put_ec(enum curve curve, uint8_t slot, struct buf *out)
{
	buf_u8(out, SIGNS & FOR(slot) ? OPENPGP_ECDSA : OPENPGP_ECDH);
	buf_put_view(out, curve_oid(curve));
}

bool
openpgp_put_attributes(struct sam_key *k, uint8_t slot, struct buf *out)
{
	struct openpgp_algorithm a;
	size_t i;

	for (i = 0; i < N_EDS_TOLD && (!key_ed(k) || eds[i].kind != ed_kind(key_ed(k))); i++)
		;
	if (key_rsa(k))
		put_rsa(rsa_size(key_rsa(k)) * 8, EXPONENT_MAX, out);
	else if (key_ec(k))
		put_ec(ec_curve(key_ec(k)), slot, out);
	else if (i < N_EDS_TOLD) {
		buf_u8(out, eds[i].id);
		buf_put(out, eds[i].oid, eds[i].n);
	}
	return !out->failed && openpgp_read_attributes(buf_view(out), slot, &a) == SW_OK;
}

static void
put_all_of(uint8_t slot, uint16_t exponent, struct buf *out)
{
	size_t i, mark;

	for (i = 0; i < N(rsa_bits); i++) {
		mark = tlv_open(out, OPENPGP_ATTRIBUTES + slot);
		put_rsa(rsa_bits[i], exponent, out);
		tlv_close(out, mark);
	}
	for (i = 0; i < N(curves); i++) {
		mark = tlv_open(out, OPENPGP_ATTRIBUTES + slot);
		put_ec(curves[i], slot, out);
		tlv_close(out, mark);
	}
	for (i = 0; i < N_EDS_TOLD; i++) {
		if (!(eds[i].slots & FOR(slot)))
			continue;
		mark = tlv_open(out, OPENPGP_ATTRIBUTES + slot);
		buf_u8(out, eds[i].id);
		buf_put(out, eds[i].oid, eds[i].n);
		tlv_close(out, mark);
	}
}

/* Yubico's tools look for theirs among them: an exponent of 17 bits. */
void
openpgp_put_all_attributes(const struct iso *c, struct buf *out)
{
	uint16_t exponent = openpgp_is_yubico(c) ? EXPONENT_MIN : EXPONENT_MAX;
	uint8_t slot;

	for (slot = OPENPGP_SIG; slot <= OPENPGP_SLOTS; slot++)
		put_all_of(slot, exponent, out);
}

/* --- those in force ------------------------------------------------------- */

struct view
openpgp_attributes(const struct file *df, uint8_t slot)
{
	struct view own = openpgp_object(df, OPENPGP_ATTRIBUTES + slot);

	return own.n > 0 ? own : view_of(rsa_2048, sizeof(rsa_2048));
}

/* With another algorithm the key is gone, and what the host has said of it. */
sw_t
openpgp_set_attributes(struct iso *c, uint8_t slot, struct view value)
{
	struct openpgp_algorithm a;
	struct sam_key *k;
	sw_t sw = openpgp_read_attributes(value, slot, &a);

	if (sw != SW_OK || view_equal(value, openpgp_attributes(iso_df(c), slot)))
		return sw;
	sw = openpgp_keep_object(c, OPENPGP_ATTRIBUTES + slot, value);
	if (sw != SW_OK)
		return sw;
	k = sam_key_find(&c->state->sam, iso_df(c)->uid, slot);
	if (k)
		sam_key_remove(&c->state->sam, k);
	openpgp_keep_object(c, OPENPGP_FINGERPRINT + slot, view_of(NULL, 0));
	openpgp_keep_object(c, OPENPGP_DATE + slot, view_of(NULL, 0));
	return SW_OK;
}
