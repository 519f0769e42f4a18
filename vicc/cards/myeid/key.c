/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Keys: how they come into their EF, number by number or generated, and what is told of them. */
#include <string.h>

#include "iso/key.h"
#include "cards/myeid/myeid.h"
#include "codec/tlv.h"
#include "model/acl.h"

#define RULE_SIZE 3
#define KEY_OVERHEAD 64 /* bytes of the card's memory that a key takes, without a value */

/* --- key EFs --------------------------------------------------------------------------- */

static bool
kind_of(uint8_t descriptor, size_t bits, enum sam_kind *kind)
{
	static const struct {
		uint8_t descriptor;
		enum sam_kind kind;
	} rows[] = {
		{ MYEID_KEY_RSA, SAM_RSA },
		{ MYEID_KEY_EC, SAM_EC },
		{ MYEID_KEY_EC_OTHER, SAM_EC },
		{ MYEID_KEY_DES, SAM_DES3 }, { MYEID_KEY_AES, SAM_AES },
	};
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		if (rows[i].descriptor != descriptor)
			continue;
		*kind = rows[i].kind == SAM_DES3 && bits == 64 ? SAM_DES : rows[i].kind;
		return true;
	}
	return false;
}

bool
myeid_is_key(uint8_t descriptor)
{
	enum sam_kind kind;

	return kind_of(descriptor, 0, &kind);
}

/* The size says which curve. */
static bool
curve_of(size_t bits, enum curve *out)
{
	static const enum curve curves[] = { CURVE_P192, CURVE_P224, CURVE_P256, CURVE_P384,
					     CURVE_P521 };
	size_t i;

	for (i = 0; i < sizeof(curves) / sizeof(*curves); i++) {
		if (curve_bits(curves[i]) == bits) {
			*out = curves[i];
			return true;
		}
	}
	return false;
}

static bool
size_may_be(enum sam_kind kind, size_t bits)
{
	enum curve curve;

	switch (kind) {
	case SAM_RSA:
		return bits >= RSA_KEY_BITS_MIN && bits <= RSA_KEY_BITS_MAX && bits % 8 == 0;
	case SAM_EC:
		return curve_of(bits, &curve);
	case SAM_AES:
		return bits == 128 || bits == 192 || bits == 256;
	default:
		return bits == 64 || bits == 128 || bits == 192; /* DES */
	}
}

static void
put_curve(size_t bits, struct buf *objects)
{
	enum curve curve;

	if (curve_of(bits, &curve))
		tlv_put(objects, KEY_OID, curve_oid(curve));
}

sw_t
myeid_new_key(struct iso *c, const struct file *ef)
{
	struct sam *sam = &c->state->sam;
	struct buf objects = BUF(32);
	bool changed = sam->changed;
	enum sam_kind kind;
	struct sam_key *k;

	if (!kind_of(ef->descriptor[0], ef->size, &kind) || !size_may_be(kind, ef->size))
		return SW_WRONG_DATA;
	k = iso_room(c, KEY_OVERHEAD) ? sam_key_add(sam, ef->uid, 0, kind) : NULL;
	if (!k)
		return SW_NO_MEMORY;
	k->bits = (unsigned)ef->size;
	if (kind == SAM_EC)
		put_curve(ef->size, &objects);
	if (objects.failed || !sam_key_set_asym(k, buf_view(&objects))) {
		sam_key_remove(sam, k);
		sam->changed = changed;
		k = NULL;
	}
	buf_free(&objects);
	return k ? SW_OK : SW_NO_MEMORY;
}

/* The key of the current EF. 6986, 6981, 6A88. */
static sw_t
current_key(struct iso *c, struct file **ef, struct sam_key **k)
{
	*ef = iso_ef(c);
	if (!*ef)
		return SW_NO_CURRENT_EF;
	if (file_kind(*ef) != FILE_INTERNAL)
		return SW_INCOMPATIBLE_FILE;
	*k = sam_key_find(&c->state->sam, (*ef)->uid, 0);
	return *k ? SW_OK : SW_REFERENCE_NOT_FOUND;
}

/* --- public halves --------------------------------------------------------------------- */

#define GET_KIND 0x00
#define GET_N 0x01
#define GET_E 0x02
#define GET_P 0x81 /* of the curve */
#define GET_A 0x82
#define GET_B 0x83
#define GET_G 0x84
#define GET_ORDER 0x85
#define GET_Q 0x86

#define KIND_RSA 0x9200 /* with CRT */

/* What it is, bits of the modulus, and of the exponent's bytes. */
static sw_t
get_kind(struct iso *c, struct sam_key *k, const struct file *ef, struct buf *rsp)
{
	const struct rsa *rsa = key_rsa(k);
	struct buf e = BUF(RSA_KEY_SIZE_MAX);
	int rc;

	if (!rsa)
		return SW_REFERENCE_NOT_FOUND;
	rc = rsa_get(rsa, RSA_PART_E, &e);
	buf_u16(rsp, KIND_RSA);
	buf_u16(rsp, (uint16_t)ef->size);
	buf_u16(rsp, (uint16_t)(e.n * 8));
	buf_free(&e);
	return iso_crypto_sw(c, rc);
}

static sw_t
get_rsa(struct iso *c, struct sam_key *k, enum rsa_part part, struct buf *rsp)
{
	const struct rsa *rsa = key_rsa(k);

	return rsa ? iso_crypto_sw(c, rsa_get(rsa, part, rsp)) : SW_REFERENCE_NOT_FOUND;
}

static sw_t
get_point(struct iso *c, struct sam_key *k, struct buf *rsp)
{
	const struct ec *ec = key_ec(k);
	size_t mark;
	int rc;

	if (!ec)
		return SW_REFERENCE_NOT_FOUND;
	mark = tlv_open(rsp, KEY_POINT);
	rc = ec_get_point(ec, rsp);
	tlv_close(rsp, mark);
	return iso_crypto_sw(c, rc);
}

/* Of the curve, whose size says which; its generator without the 04 in front. */
static sw_t
get_curve(struct iso *c, const struct sam_key *k, const struct file *ef, uint8_t part,
	  struct buf *rsp)
{
	static const enum curve_part parts[] = {
		CURVE_PART_P, CURVE_PART_A, CURVE_PART_B, CURVE_PART_G, CURVE_PART_N,
	};
	struct buf value = BUF(2 * CURVE_SIZE_MAX + 1);
	enum curve curve;
	int rc;

	if (k->kind != SAM_EC || !curve_of(ef->size, &curve))
		return SW_REFERENCE_NOT_FOUND;
	rc = curve_get(curve, parts[part - GET_P], &value);
	buf_put_view(rsp, view_slice(buf_view(&value), part == GET_G, value.n - (part == GET_G)));
	buf_free(&value);
	return iso_crypto_sw(c, rc);
}

sw_t
myeid_get_public(struct iso *c, uint8_t part, struct buf *rsp)
{
	struct sam_key *k;
	struct file *ef;

	if (current_key(c, &ef, &k) != SW_OK)
		return SW_REFERENCE_NOT_FOUND;
	switch (part) {
	case GET_KIND:
		return get_kind(c, k, ef, rsp);
	case GET_P:
	case GET_A:
	case GET_B:
	case GET_G:
	case GET_ORDER:
		return get_curve(c, k, ef, part, rsp);
	case GET_N:
		return get_rsa(c, k, RSA_PART_N, rsp);
	case GET_E:
		return get_rsa(c, k, RSA_PART_E, rsp);
	case GET_Q:
		return get_point(c, k, rsp);
	default:
		return SW_REFERENCE_NOT_FOUND;
	}
}

/* --- loading: a number with each command ------------------------------------------------- */

#define LOAD_N 0x80
#define LOAD_N_FIRST 0x88  /* a modulus of 2048 bits comes in halves */
#define LOAD_N_SECOND 0x89
#define LOAD_POINT 0x86    /* into an EC key */
#define LOAD_D 0x87
#define LOAD_SECRET 0xa0

static const struct {
	uint8_t part, tag;
} rsa_parts[] = {
	{ LOAD_N, KEY_RSA_N }, { 0x81, KEY_RSA_E },
	{ 0x83, KEY_RSA_P }, { 0x84, KEY_RSA_Q },
	{ 0x85, KEY_RSA_DP }, { 0x86, KEY_RSA_DQ }, { 0x87, KEY_RSA_QINV },
};

#define RSA_PARTS (sizeof(rsa_parts) / sizeof(*rsa_parts))

static bool
rsa_tag_of(uint8_t part, uint8_t *tag)
{
	size_t i;

	for (i = 0; i < RSA_PARTS; i++) {
		if (rsa_parts[i].part == part) {
			*tag = rsa_parts[i].tag;
			return true;
		}
	}
	return false;
}

/* Whether every number is there, be they right or not. */
static bool
all_there(struct view objects)
{
	struct view v;
	size_t i;

	for (i = 0; i < RSA_PARTS; i++) {
		if (!tlv_find(objects, rsa_parts[i].tag, &v))
			return false;
	}
	return true;
}

/* A key, or what will be one: then in a template, in which nobody takes it for a key. */
static sw_t
keep_rsa(struct iso *c, struct sam_key *k, const struct file *ef, struct view numbers)
{
	const struct key_ref at = { .owner = ef->uid };
	struct buf objects = BUF(SAM_ASYM_MAX);
	struct view n;
	sw_t sw;

	if (all_there(numbers)) {
		tlv_find(numbers, KEY_RSA_N, &n);
		return n.n == ef->size / 8 ? iso_keep_key(c, &at, SAM_RSA, numbers, NULL)
					   : SW_WRONG_DATA;
	}
	if (!iso_room(c, numbers.n))
		return SW_NO_MEMORY;
	tlv_put(&objects, KEY_UNFINISHED, numbers);
	sw = !objects.failed && sam_key_set_asym(k, buf_view(&objects)) ? SW_OK : SW_NO_MEMORY;
	buf_free(&objects);
	return sw;
}

/* What came so far; of a whole key nothing, since one more number begins another. */
static struct view
unfinished(const struct sam_key *k)
{
	struct view numbers = { .n = 0 };

	tlv_find(buf_view(&k->asym), KEY_UNFINISHED, &numbers);
	return numbers;
}

/* Numbers are kept as they come, over a reset too, and are a key once they are seven. */
static sw_t
put_number(struct iso *c, struct sam_key *k, const struct file *ef, uint8_t tag, struct view value)
{
	struct buf numbers = BUF(SAM_ASYM_MAX);
	struct view rest = unfinished(k);
	struct tlv t;
	sw_t sw;

	while (tlv_next(&rest, &t)) {
		if (t.tag != tag)
			buf_put_view(&numbers, t.whole);
	}
	tlv_put(&numbers, tag, value);
	sw = numbers.failed ? SW_NO_MEMORY : keep_rsa(c, k, ef, buf_view(&numbers));
	buf_free(&numbers);
	return sw;
}

/* Behind the first half, which stands there as if it were all. */
static sw_t
put_second_half(struct iso *c, struct sam_key *k, const struct file *ef, struct view value)
{
	struct buf whole = BUF(RSA_KEY_SIZE_MAX);
	struct view first;
	sw_t sw;

	if (!tlv_find(unfinished(k), KEY_RSA_N, &first) || first.n + value.n != ef->size / 8)
		return SW_CONDITIONS;
	buf_put_view(&whole, first);
	buf_put_view(&whole, value);
	sw = whole.failed ? SW_NO_MEMORY : put_number(c, k, ef, KEY_RSA_N, buf_view(&whole));
	buf_free(&whole);
	return sw;
}

static sw_t
load_rsa(struct iso *c, struct sam_key *k, const struct file *ef, uint8_t part, struct view value)
{
	uint8_t tag = KEY_RSA_N;

	if (part == LOAD_N_SECOND)
		return put_second_half(c, k, ef, value);
	if (part != LOAD_N_FIRST && !rsa_tag_of(part, &tag))
		return SW_WRONG_P1P2;
	value = view_strip_start(value, 0);
	if (value.n == 0 || value.n > ef->size / 8)
		return SW_WRONG_DATA;
	return put_number(c, k, ef, tag, value);
}

/* The point itself, or as an object of some kind. */
static struct view
bare_point(struct view v, size_t size)
{
	struct view in = v;
	struct tlv t;

	return v.n != size && tlv_next(&in, &t) && in.n == 0 ? t.value : v;
}

/* Whose private half is known already: it must be the one that goes with it. */
static sw_t
check_point(struct iso *c, const struct ec *ec, struct view point)
{
	struct buf own = BUF(2 * CURVE_SIZE_MAX + 1);
	int rc = ec_get_point(ec, &own);
	sw_t sw = iso_crypto_sw(c, rc);

	if (rc == 0 && !view_equal(buf_view(&own), bare_point(point, own.n)))
		sw = SW_WRONG_DATA;
	buf_free(&own);
	return sw;
}

static sw_t
load_ec(struct iso *c, struct sam_key *k, const struct file *ef, uint8_t part, struct view value)
{
	const struct key_ref at = { .owner = ef->uid };
	struct buf objects = BUF(SAM_ASYM_MAX);
	sw_t sw;

	if (part != LOAD_POINT && part != LOAD_D)
		return SW_WRONG_P1P2;
	if (part == LOAD_POINT && key_is_private(k))
		return check_point(c, key_ec(k), value);
	put_curve(ef->size, &objects);
	if (part == LOAD_D)
		tlv_put(&objects, KEY_D, value);
	else
		tlv_put(&objects, KEY_POINT, bare_point(value, 2 * ((ef->size + 7) / 8) + 1));
	sw = objects.failed ? SW_NO_MEMORY : iso_keep_key(c, &at, SAM_EC, buf_view(&objects), NULL);
	buf_free(&objects);
	return sw;
}

sw_t
myeid_set_secret(struct iso *c, struct sam_key *k, const struct file *ef, struct view value)
{
	if (!sam_kind_is_symmetric(k->kind) || value.n != ef->size / 8 ||
	    !sam_key_set_secret(k, value))
		return SW_WRONG_DATA;
	c->state->sam.changed = true;
	return SW_OK;
}

sw_t
myeid_load(struct iso *c, uint8_t part, struct view value)
{
	struct sam_key *k;
	struct file *ef;
	sw_t sw = current_key(c, &ef, &k);

	if (sw == SW_OK)
		sw = file_check(ef, &c->x.who, FILE_INTERNAL, ACL_KEY_IMPORT);
	if (sw != SW_OK)
		return sw;
	if (sam_kind_is_symmetric(k->kind))
		sw = part == LOAD_SECRET ? myeid_set_secret(c, k, ef, value) : SW_WRONG_P1P2;
	else if (k->kind == SAM_RSA)
		sw = load_rsa(c, k, ef, part, value);
	else
		sw = load_ec(c, k, ef, part, value);
	if (sw == SW_OK)
		c->state->sam.changed = true;
	return sw;
}

/* --- GENERATE --------------------------------------------------------------------------- */

/* The fourth half byte; no access mode of ISO's has a name for it. */
static sw_t
may_generate(const struct access *who, const struct file *ef)
{
	struct view rule;

	if (ef->life == FILE_CREATION || !file_other(ef, FCP_RULE_PROPRIETARY, &rule))
		return SW_OK;
	return rule.n == RULE_SIZE ? acl_nibble(who, ef, rule.p[1] & 0x0f) : SW_SECURITY_STATUS;
}

/* A key is what its EF is: used by who may read that, loaded by who may update it. */
sw_t
myeid_check_access(const struct access *who, const struct file *f, enum acl_op op)
{
	switch (op) {
	case ACL_KEY_USE:
		return acl_check(who, f, ACL_READ);
	case ACL_KEY_IMPORT:
		return acl_check(who, f, ACL_UPDATE);
	case ACL_KEY_GENERATE:
		return may_generate(who, f);
	default:
		return iso_check_access(who, f, op);
	}
}

/* 30 { 81 exponent }, or nothing. */
static bool
exponent_of(struct view data, struct view *e)
{
	static const uint32_t path[] = { 0x30, 0x81, 0 };

	*e = view_of(NULL, 0);
	return data.n == 0 || tlv_find_path(data, path, e);
}

static void
put_wishes(const struct sam_key *k, const struct file *ef, struct view e, struct buf *objects)
{
	if (k->kind == SAM_EC) {
		put_curve(ef->size, objects);
		return;
	}
	tlv_put_u16(objects, KEY_RSA_N, (uint16_t)ef->size);
	if (e.n > 0)
		tlv_put(objects, KEY_RSA_E, e);
}

sw_t
myeid_generate(struct iso *c, const struct apdu *cmd, struct buf *rsp)
{
	struct buf objects = BUF(RSA_KEY_SIZE_MAX);
	struct key_ref at = { .ref = 0 };
	struct sam_key *k;
	struct file *ef;
	struct view e;
	sw_t sw = current_key(c, &ef, &k);

	(void)rsp;
	if (sw == SW_OK)
		sw = file_check(ef, &c->x.who, FILE_INTERNAL, ACL_KEY_GENERATE);
	if (sw != SW_OK)
		return sw;
	if (sam_kind_is_symmetric(k->kind))
		return SW_FUNCTION_NOT_SUPPORTED;
	if (!exponent_of(cmd->data, &e))
		return SW_WRONG_DATA;
	at.owner = ef->uid;
	put_wishes(k, ef, e, &objects);
	sw = objects.failed ? SW_NO_MEMORY
			    : iso_generate(c, &at, k->kind, buf_view(&objects), NULL);
	buf_free(&objects);
	return sw;
}
