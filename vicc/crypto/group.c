/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "crypto/group.h"

#include <errno.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <stdlib.h>
#include <string.h>

#include "codec/tlv.h"
#include "codec/x509.h"
#include "crypto/curve_group.h"
#include "crypto/digest.h"
#include "crypto/failure.h"
#include "crypto/group_map.h"
#include "crypto/rand.h"

#define MODP_COUNT 3
#define CURVE_FIRST 8

#define INTEGER 0x02
#define OCTET_STRING 0x04
#define OID 0x06
#define SEQUENCE 0x30

/* RFC 5114, 2, as libcrypto names them */
static const struct modp {
	const char *name;
	size_t size, order; /* bytes of p and of q */
} modps[MODP_COUNT] = {
	{ "dh_1024_160", 128, 20 },
	{ "dh_2048_224", 256, 28 },
	{ "dh_2048_256", 256, 32 },
};

static const enum curve curves[] = {
	CURVE_P192, CURVE_BP192, CURVE_P224, CURVE_BP224, CURVE_P256, CURVE_BP256,
	CURVE_BP320, CURVE_P384, CURVE_BP384, CURVE_BP512, CURVE_P521,
};

bool
group_exists(unsigned id)
{
	return id < MODP_COUNT || group_is_curve(id);
}

bool
group_is_curve(unsigned id)
{
	return id >= CURVE_FIRST && id <= GROUP_STANDARD_MAX;
}

bool
group_curve(unsigned id, enum curve *c)
{
	if (!group_is_curve(id))
		return false;
	*c = curves[id - CURVE_FIRST];
	return true;
}

bool
group_from_curve(enum curve c, unsigned *id)
{
	for (*id = CURVE_FIRST; *id <= GROUP_STANDARD_MAX; (*id)++) {
		if (curves[*id - CURVE_FIRST] == c)
			return true;
	}
	return false;
}

/* --- making one ------------------------------------------------------------------------------ */

static int
load_curve(struct group *g)
{
	g->curve = curves[g->id - CURVE_FIRST];
	g->ec = curve_group(g->curve);
	if (!g->ec)
		return crypto_failure(-ENOTSUP);
	g->q = EC_GROUP_get0_order(g->ec);
	return 0;
}

static EVP_PKEY *
modp_parameters(const char *name)
{
	const OSSL_PARAM params[] = {
		OSSL_PARAM_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, (char *)name, strlen(name)),
		OSSL_PARAM_END
	};
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, "DHX", NULL);
	EVP_PKEY *pkey = NULL;

	if (ctx && EVP_PKEY_fromdata_init(ctx) == 1)
		EVP_PKEY_fromdata(ctx, &pkey, EVP_PKEY_KEY_PARAMETERS, (OSSL_PARAM *)params);
	EVP_PKEY_CTX_free(ctx);
	return pkey;
}

static int
load_modp(struct group *g)
{
	EVP_PKEY *pkey = modp_parameters(modps[g->id].name);
	int r = 0;

	if (!pkey || EVP_PKEY_get_bn_param(pkey, OSSL_PKEY_PARAM_FFC_P, &g->p) != 1 ||
	    EVP_PKEY_get_bn_param(pkey, OSSL_PKEY_PARAM_FFC_Q, &g->order) != 1 ||
	    EVP_PKEY_get_bn_param(pkey, OSSL_PKEY_PARAM_FFC_G, &g->generator) != 1)
		r = crypto_failure(-ENOTSUP);
	g->q = g->order;
	EVP_PKEY_free(pkey);
	return r;
}

int
group_new(struct group **out, unsigned id)
{
	struct group *g;
	int r;

	*out = NULL;
	if (!group_exists(id))
		return -ENOENT;
	g = calloc(1, sizeof(*g));
	if (!g)
		return -ENOMEM;
	g->id = id;
	g->ctx = BN_CTX_secure_new();
	r = !g->ctx ? crypto_failure(-ENOMEM) : group_is_curve(id) ? load_curve(g) : load_modp(g);
	if (r < 0)
		group_free(g);
	else
		*out = g;
	return r;
}

void
group_free(struct group *g)
{
	if (!g)
		return;
	EC_GROUP_free(g->ec);
	BN_free(g->p);
	BN_free(g->order);
	BN_free(g->generator);
	BN_CTX_free(g->ctx);
	free(g);
}

unsigned
group_id(const struct group *g)
{
	return g->id;
}

size_t
group_element(const struct group *g)
{
	return g->ec ? curve_point(g->curve) : modps[g->id].size;
}

size_t
group_scalar(const struct group *g)
{
	return g->ec ? curve_order(g->curve) : modps[g->id].order;
}

/* --- numbers and points ------------------------------------------------------------------ */

BIGNUM *
group_number(struct view v)
{
	BIGNUM *n = BN_secure_new();

	if (n && (v.n > 2 * GROUP_ELEMENT_MAX || !BN_bin2bn(v.p, (int)v.n, n))) {
		BN_clear_free(n);
		return NULL;
	}
	if (n)
		BN_set_flags(n, BN_FLG_CONSTTIME);
	return n;
}

int
group_put_number(const BIGNUM *v, size_t n, struct buf *out)
{
	uint8_t *at = buf_grow(out, n);

	if (!at)
		return -ENOMEM;
	if (BN_bn2binpad(v, at, (int)n) == (int)n)
		return 0;
	buf_cut(out, out->n - n);
	return crypto_failure(-EIO);
}

int
group_put_point(const struct group *g, const EC_POINT *point, struct buf *out)
{
	const size_t n = curve_point(g->curve);
	uint8_t *at;

	if (EC_POINT_is_at_infinity(g->ec, point))
		return -EINVAL;
	at = buf_grow(out, n);
	if (!at)
		return -ENOMEM;
	if (EC_POINT_point2oct(g->ec, point, POINT_CONVERSION_UNCOMPRESSED, at, n, g->ctx) == n)
		return 0;
	buf_cut(out, out->n - n);
	return crypto_failure(-EIO);
}

/* libcrypto would take compressed and hybrid points too; and sees whether it is on the curve. */
int
group_read_point(const struct group *g, struct view v, EC_POINT **out)
{
	*out = NULL;
	if (v.n != curve_point(g->curve) || v.p[0] != 0x04)
		return -EINVAL;
	*out = EC_POINT_new(g->ec);
	if (!*out)
		return crypto_failure(-ENOMEM);
	/*
	 * all of these curves have cofactor 1: on the curve and not infinity is of the right order
	 */
	if (EC_POINT_oct2point(g->ec, *out, v.p, v.n, g->ctx) == 1)
		return 0;
	EC_POINT_free(*out);
	*out = NULL;
	return crypto_failure(-EINVAL);
}

/* base^e mod p, in constant time. */
int
group_power(const struct group *g, const BIGNUM *base, const BIGNUM *e, BIGNUM *out)
{
	return BN_mod_exp_mont_consttime(out, base, e, g->p, g->ctx, NULL) == 1
		       ? 0
		       : crypto_failure(-EIO);
}

/* 1 < y < p - 1, y^q = 1. */
static int
read_modp(const struct group *g, struct view v, BIGNUM **out)
{
	BIGNUM *last = BN_dup(g->p), *power = BN_new();
	int r = -EINVAL;

	*out = v.n == group_element(g) ? group_number(v) : NULL;
	if (*out && last && power && BN_sub_word(last, 1) == 1 && BN_cmp(*out, last) < 0 &&
	    BN_cmp(*out, BN_value_one()) > 0)
		r = group_power(g, *out, g->q, power);
	if (r == 0 && !BN_is_one(power))
		r = -EINVAL;
	BN_free(last);
	BN_free(power);
	if (r < 0) {
		BN_clear_free(*out);
		*out = NULL;
	}
	return r;
}

/* --- Diffie-Hellman ---------------------------------------------------------------------- */

static bool
private_fits(const struct group *g, struct view d)
{
	BIGNUM *n = d.n <= group_scalar(g) ? group_number(d) : NULL;
	bool fits = n && !BN_is_zero(n) && BN_cmp(n, g->q) < 0;

	BN_clear_free(n);
	return fits;
}

int
group_private(const struct group *g, struct secret *d)
{
	const unsigned spare = (unsigned)(8 * group_scalar(g)) - (unsigned)BN_num_bits(g->q);
	int r;

	d->n = group_scalar(g);
	do {
		r = rand_bytes(d->bytes, d->n);
		d->bytes[0] &= (uint8_t)(0xff >> spare);
	} while (r == 0 && !private_fits(g, secret_view(d)));
	if (r < 0)
		secret_wipe(d);
	return r;
}

static int
multiply_curve(const struct group *g, struct view base, const BIGNUM *d, struct buf *out)
{
	EC_POINT *point = NULL, *product = EC_POINT_new(g->ec);
	int r = product ? 0 : crypto_failure(-ENOMEM);

	if (r == 0 && base.n > 0)
		r = group_read_point(g, base, &point);
	/* one scalar alone: libcrypto's way in constant time */
	if (r == 0 && (point ? EC_POINT_mul(g->ec, product, NULL, point, d, g->ctx)
			     : EC_POINT_mul(g->ec, product, d, NULL, NULL, g->ctx)) != 1)
		r = crypto_failure(-EIO);
	if (r == 0)
		r = group_put_point(g, product, out);
	EC_POINT_free(point);
	EC_POINT_clear_free(product);
	return r;
}

static int
multiply_modp(const struct group *g, struct view base, const BIGNUM *d, struct buf *out)
{
	BIGNUM *b = base.n > 0 ? group_number(base) : BN_dup(g->generator),
	       *power = BN_secure_new();
	int r = b && power ? group_power(g, b, d, power) : crypto_failure(-ENOMEM);

	if (r == 0)
		r = group_put_number(power, group_element(g), out);
	BN_clear_free(b);
	BN_clear_free(power);
	return r;
}

int
group_public(const struct group *g, struct view base, struct view d, struct buf *out)
{
	BIGNUM *n;
	int r;

	if (!private_fits(g, d))
		return -EINVAL;
	n = group_number(d);
	if (!n)
		return crypto_failure(-ENOMEM);
	r = g->ec ? multiply_curve(g, base, n, out) : multiply_modp(g, base, n, out);
	BN_clear_free(n);
	return r;
}

int
group_check(const struct group *g, struct view element)
{
	EC_POINT *point;
	BIGNUM *y;
	int r;

	if (g->ec) {
		r = group_read_point(g, element, &point);
		EC_POINT_free(point);
	} else {
		r = read_modp(g, element, &y);
		BN_clear_free(y);
	}
	return r;
}

int
group_agree(const struct group *g, struct view d, struct view theirs, struct buf *out)
{
	int r = group_check(g, theirs);

	return r < 0 ? r : group_public(g, theirs, d, out);
}

struct view
group_secret(const struct group *g, struct view element)
{
	return g->ec ? view_slice(element, 1, curve_size(g->curve)) : element;
}

int
group_compress(const struct group *g, struct view public, struct buf *out)
{
	if (!g->ec)
		return digest_once(DIGEST_SHA1, public, out);
	buf_put_view(out, group_secret(g, public));
	return out->failed ? -ENOMEM : 0;
}

int
group_quotient(const struct group *g, struct view a, struct view b, struct buf *out)
{
	BIGNUM *divisor = group_number(a), *n = group_number(b), *inverse = BN_secure_new();
	int r = -EIO;

	if (divisor && n && inverse && BN_mod_inverse(inverse, divisor, g->q, g->ctx) &&
	    BN_mod_mul(n, n, inverse, g->q, g->ctx) == 1)
		r = group_put_number(n, group_scalar(g), out);
	BN_clear_free(divisor);
	BN_clear_free(n);
	BN_clear_free(inverse);
	return r < 0 ? crypto_failure(r) : r;
}

/* --- explicit parameters ----------------------------------------------------------------- */

static int
put_part(const struct group *g, enum curve_part part, bool integer, struct buf *out)
{
	struct buf v = BUF(GROUP_ELEMENT_MAX);
	int r = curve_get(g->curve, part, &v);

	if (r == 0 && integer)
		x509_put_integer(out, buf_view(&v));
	else if (r == 0)
		tlv_put(out, OCTET_STRING, buf_view(&v));
	buf_free(&v);
	return r;
}

/* ECParameters (SEC 1, C.2). */
static int
put_curve(const struct group *g, struct buf *out)
{
	static const uint8_t ec_public[] = { 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01 };
	static const uint8_t prime_field[] = { 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x01, 0x01 };
	size_t all, mark;
	int r;

	tlv_put(out, OID, view_of(ec_public, sizeof(ec_public)));
	all = tlv_open(out, SEQUENCE);
	tlv_put_u8(out, INTEGER, 1);
	mark = tlv_open(out, SEQUENCE);
	tlv_put(out, OID, view_of(prime_field, sizeof(prime_field)));
	r = put_part(g, CURVE_PART_P, true, out);
	tlv_close(out, mark);
	mark = tlv_open(out, SEQUENCE);
	r = r < 0 ? r : put_part(g, CURVE_PART_A, false, out);
	r = r < 0 ? r : put_part(g, CURVE_PART_B, false, out);
	tlv_close(out, mark);
	r = r < 0 ? r : put_part(g, CURVE_PART_G, false, out);
	r = r < 0 ? r : put_part(g, CURVE_PART_N, true, out);
	r = r < 0 ? r : put_part(g, CURVE_PART_H, true, out);
	tlv_close(out, all);
	return r;
}

static int
put_bn(const BIGNUM *n, struct buf *out)
{
	struct buf v = BUF(GROUP_ELEMENT_MAX);
	int r = group_put_number(n, (size_t)BN_num_bytes(n), &v);

	x509_put_integer(out, buf_view(&v));
	buf_free(&v);
	return r;
}

/* DomainParameters (RFC 3279, 2.3.3). */
static int
put_modp(const struct group *g, struct buf *out)
{
	static const uint8_t dh_public[] = { 0x2a, 0x86, 0x48, 0xce, 0x3e, 0x02, 0x01 };
	size_t mark;
	int r;

	tlv_put(out, OID, view_of(dh_public, sizeof(dh_public)));
	mark = tlv_open(out, SEQUENCE);
	r = put_bn(g->p, out);
	r = r < 0 ? r : put_bn(g->generator, out);
	r = r < 0 ? r : put_bn(g->q, out);
	tlv_close(out, mark);
	return r;
}

int
group_put_algorithm(const struct group *g, struct buf *out)
{
	size_t mark = tlv_open(out, SEQUENCE);
	int r = g->ec ? put_curve(g, out) : put_modp(g, out);

	tlv_close(out, mark);
	return r == 0 && out->failed ? -ENOMEM : r;
}

/*
 * Whether the group says the same, but for a seed (ECParameters) and what follows q
 * (DomainParameters).
 */
static bool
has_parameters(const struct group *g, struct view wanted)
{
	struct buf ours = BUF(4096);
	struct view mine, in, oid;
	struct tlv a, b;
	bool same = false;

	if (group_put_algorithm(g, &ours) == 0) {
		in = buf_view(&ours);
		tlv_next(&in, &a);
		in = a.value;
		tlv_next(&in, &a);
		oid = a.value;
		tlv_next(&in, &a);
		mine = a.value;
		same = oid.n > 0;
		while (same && tlv_next(&mine, &a))
			same = tlv_next(&wanted, &b) && a.tag == b.tag &&
			       (view_equal(view_strip_start(a.value, 0),
					   view_strip_start(b.value, 0)) ||
				(a.tag == SEQUENCE && view_starts(b.value, a.value)));
	}
	buf_free(&ours);
	return same;
}

bool
group_from_parameters(struct view parameters, unsigned *id)
{
	struct group *g;
	struct tlv t;
	bool same = false;

	if (!tlv_next(&parameters, &t) || t.tag != SEQUENCE)
		return false;
	for (*id = 0; *id <= GROUP_STANDARD_MAX && !same; (*id)++) {
		if (group_new(&g, *id) < 0)
			continue;
		same = has_parameters(g, t.value);
		group_free(g);
	}
	(*id)--;
	return same;
}
