/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Keys: made on the card (7.2.14), read, and brought (4.4.3.12). */
#include "cards/openpgp/openpgp.h"

#include <errno.h>

#include "codec/tlv.h"
#include "crypto/rsa.h"
#include "iso/key.h"
#include "model/key.h"

#define PUBLIC_KEY 0x7f49

struct sam_key *
openpgp_key(const struct iso *c, uint8_t slot)
{
	struct sam_key *k = sam_key_find(&c->state->sam, iso_df(c)->uid, slot);

	return k && key_is_private(k) ? k : NULL;
}

/*
 * A control reference template that names a key: empty, or
 * with its number in 84. 0: it names none.
 */
static uint8_t
take_slot(const struct tlv *crt)
{
	static const uint32_t tags[] = {
		[OPENPGP_SIG] = 0xb6, [OPENPGP_DEC] = 0xb8, [OPENPGP_AUT] = 0xa4
	};
	struct view in = crt->value;
	struct tlv number;
	uint8_t slot;

	for (slot = OPENPGP_SIG; slot <= OPENPGP_SLOTS && tags[slot] != crt->tag; slot++)
		;
	if (slot > OPENPGP_SLOTS)
		return 0;
	if (in.n == 0)
		return slot;
	if (!tlv_next(&in, &number) || in.n > 0 || number.tag != 0x84)
		return 0;
	return number.value.n == 1 && number.value.p[0] == slot ? slot : 0;
}

/*
 * A key that is all there goes into its place; what cannot be done is refused first. A new
 * key for signatures begins to count them.
 */
static sw_t
keep(struct iso *c, struct sam_key *draft, uint8_t slot, uint8_t origin)
{
	if (!field_set_word(&draft->props, OPENPGP_FIELD_ORIGIN, origin))
		return SW_NO_MEMORY;
	if (slot == OPENPGP_SIG) {
		if (!field_set_number(&iso_df(c)->props, OPENPGP_FIELD_SIGNATURES, 0))
			return SW_NO_MEMORY;
		c->state->fs.changed = true;
	}
	iso_draft_keep(c, draft, slot);
	return SW_OK;
}

/* --- GENERATE ASYMMETRIC KEY PAIR ----------------------------------------- */

static sw_t
put_public(struct iso *c, struct sam_key *k, struct buf *rsp)
{
	size_t mark = tlv_open(rsp, PUBLIC_KEY);
	int rc = key_put_plain_public(k, rsp);

	tlv_close(rsp, mark);
	return rsp->failed ? SW_NO_MEMORY : iso_crypto_sw(c, rc);
}

static sw_t
openpgp_generate_new(struct iso *c, uint8_t slot, struct buf *rsp)
{
	struct openpgp_algorithm a;
	struct sam_key *k;
	sw_t sw = openpgp_read_attributes(openpgp_attributes(iso_df(c), slot), slot, &a);

	if (sw != SW_OK)
		return SW_CONDITIONS; /* of an image that nobody has checked */
	k = iso_draft_key(c, iso_df(c)->uid, a.kind);
	if (!k)
		return SW_NO_MEMORY;
	sw = iso_crypto_sw(c, key_generate(k, a.bits, a.curve, iso_interrupted, c));
	if (sw == SW_OK)
		sw = put_public(c, k, rsp);
	if (sw == SW_OK)
		sw = keep(c, k, slot, OPENPGP_GENERATED);
	if (sw != SW_OK)
		iso_draft_drop(c, k);
	return sw;
}

sw_t
openpgp_generate(struct iso *c, const struct apdu *cmd, struct buf *rsp)
{
	struct view in = cmd->data;
	struct sam_key *k;
	struct tlv crt;
	uint8_t slot;

	if ((cmd->p1 != 0x80 && cmd->p1 != 0x81) || cmd->p2 != 0x00)
		return SW_WRONG_OFFSET;
	slot = tlv_next(&in, &crt) && in.n == 0 ? take_slot(&crt) : 0;
	if (!slot)
		return SW_WRONG_DATA;
	if (cmd->p1 == 0x81) {
		k = openpgp_key(c, slot);
		return k ? put_public(c, k, rsp) : SW_REFERENCE_NOT_FOUND;
	}
	return openpgp_is_proven(c, OPENPGP_PW3) ? openpgp_generate_new(c, slot, rsp)
						 : SW_SECURITY_STATUS;
}

/* --- import --------------------------------------------------------------- */

#define HEADER_LIST 0x4d
#define TAGS_AND_LENGTHS 0x7f48
#define VALUES 0x5f48

#define PART_FIRST 0x91
#define PARTS 9 /* 91 e, 92 p or d, 93 q, 94 u, 95 dp, 96 dq, 97 n, 99 Q */
#define PART(parts, tag) ((parts)->part[(tag)-PART_FIRST])

struct import_parts {
	uint8_t slot;
	bool deletes;
	struct view part[PARTS];
};

/* The tags' lengths say how the values are cut. */
static bool
cut(struct view tags, struct view values, struct import_parts *p)
{
	uint32_t tag;
	size_t n;

	while (tlv_tag_next(&tags, &tag)) {
		if (tag < PART_FIRST || tag >= PART_FIRST + PARTS || !tlv_length_next(&tags, &n) ||
		    !view_take(&values, n, &PART(p, tag)))
			return false;
	}
	return tags.n == 0 && values.n == 0;
}

static bool
take_import(struct view data, struct import_parts *p)
{
	struct tlv list, crt, tags, values;

	*p = (struct import_parts) { .slot = 0 };
	if (!tlv_next(&data, &list) || data.n > 0 || list.tag != HEADER_LIST ||
	    !tlv_next(&list.value, &crt))
		return false;
	p->slot = take_slot(&crt);
	p->deletes = list.value.n == 0;
	if (!p->slot || p->deletes)
		return p->slot;
	return tlv_next(&list.value, &tags) && tags.tag == TAGS_AND_LENGTHS &&
	       tlv_next(&list.value, &values) && values.tag == VALUES && list.value.n == 0 &&
	       cut(tags.value, values.value, p);
}

static int
import_rsa(struct sam_key *k, const struct import_parts *p, size_t bits)
{
	const struct rsa_parts parts = { .part = {
						 [RSA_PART_E] = PART(p, 0x91),
						 [RSA_PART_P] = PART(p, 0x92),
						 [RSA_PART_Q] = PART(p, 0x93),
						 [RSA_PART_QINV] = PART(p, 0x94),
						 [RSA_PART_DP] = PART(p, 0x95),
						 [RSA_PART_DQ] = PART(p, 0x96),
						 [RSA_PART_N] = PART(p, 0x97),
					 } };
	struct rsa *rsa;
	int rc;

	if (PART(p, 0x91).n == 0 || PART(p, 0x92).n == 0 || PART(p, 0x93).n == 0)
		return -EINVAL;
	rc = rsa_private(&rsa, &parts);
	if (rc < 0)
		return rc;
	if (rsa_size(rsa) * 8 != bits) {
		rsa_free(rsa);
		return -EINVAL;
	}
	return key_keep_rsa(k, rsa);
}

static int
import_ec(struct sam_key *k, const struct import_parts *p, enum curve curve)
{
	struct ec *ec;
	int rc = ec_private(&ec, curve, PART(p, 0x92));

	return rc < 0 ? rc : key_keep_ec(k, ec);
}

/* As long as the key is; the scalars of RFC 7748 come as numbers, their last byte first. */
static int
import_ed(struct sam_key *k, const struct import_parts *p, enum ed_kind kind)
{
	struct view d = PART(p, 0x92);
	struct buf key = BUF(ED_KEY_SIZE_MAX);
	struct ed *ed;
	size_t i;
	int rc;

	if (d.n == 0 || d.n > ed_size(kind))
		return -EINVAL;
	buf_fill(&key, 0x00, ed_size(kind) - d.n);
	buf_put_view(&key, d);
	for (i = 0; kind == ED_X25519 && i < key.n / 2; i++) {
		uint8_t byte = key.p[i];

		key.p[i] = key.p[key.n - 1 - i];
		key.p[key.n - 1 - i] = byte;
	}
	rc = key.failed ? -ENOMEM : ed_private(&ed, kind, buf_view(&key));
	buf_free(&key);
	return rc < 0 ? rc : key_keep_ed(k, ed);
}

#define NATIVE_POINT 0x40 /* before a point that is no 04 X Y (RFC 9580, 11.2.3) */

/* Whether a public half that came along is this key's. */
static int
check_point(struct sam_key *k, struct view given)
{
	struct buf objects = BUF(256);
	struct view own = { .n = 0 };
	int rc = key_put_plain_public(k, &objects);

	tlv_find(buf_view(&objects), KEY_POINT, &own);
	if (given.n == own.n + 1 && given.p[0] == NATIVE_POINT)
		given = view_slice(given, 1, own.n);
	if (rc == 0 && objects.failed)
		rc = -ENOMEM;
	if (rc == 0 && !view_equal(given, own))
		rc = -EINVAL;
	buf_free(&objects);
	return rc;
}

/* Whether no part came but those of the kind: 91 to 97 of RSA, 92 and 99 of curves. */
static bool
has_parts_of(const struct import_parts *p, bool rsa)
{
	uint8_t tag;

	for (tag = PART_FIRST; tag < PART_FIRST + PARTS; tag++) {
		if (PART(p, tag).n > 0 && tag != 0x92 && (tag <= 0x97) != rsa)
			return false;
	}
	return true;
}

static int
import_key(struct sam_key *k, const struct openpgp_algorithm *a, const struct import_parts *p)
{
	enum ed_kind kind;
	int rc;

	if (!has_parts_of(p, a->kind == SAM_RSA))
		return -EINVAL;
	if (a->kind == SAM_RSA)
		return import_rsa(k, p, a->bits);
	rc = key_ed_kind(a->kind, &kind) ? import_ed(k, p, kind) : import_ec(k, p, a->curve);
	if (rc == 0 && PART(p, 0x99).n > 0)
		rc = check_point(k, PART(p, 0x99));
	return rc;
}

static sw_t
delete_key(struct iso *c, uint8_t slot)
{
	struct sam_key *k = openpgp_key(c, slot);

	if (k)
		sam_key_remove(&c->state->sam, k);
	return SW_OK;
}

sw_t
openpgp_import(struct iso *c, struct view data)
{
	struct openpgp_algorithm a;
	struct import_parts p;
	struct sam_key *k;
	sw_t sw;

	if (!openpgp_is_proven(c, OPENPGP_PW3))
		return SW_SECURITY_STATUS;
	if (!take_import(data, &p))
		return SW_WRONG_DATA;
	if (p.deletes)
		return delete_key(c, p.slot);
	if (openpgp_read_attributes(openpgp_attributes(iso_df(c), p.slot), p.slot, &a) != SW_OK)
		return SW_CONDITIONS;
	k = iso_draft_key(c, iso_df(c)->uid, a.kind);
	if (!k)
		return SW_NO_MEMORY;
	sw = iso_crypto_sw(c, import_key(k, &a, &p));
	if (sw == SW_OK)
		sw = keep(c, k, p.slot, OPENPGP_IMPORTED);
	if (sw != SW_OK)
		iso_draft_drop(c, k);
	return sw;
}
