/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "crypto/rsa.h"

#include <errno.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/rsa.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/failure.h"
#include "crypto/fromdata.h"
#include "crypto/rsa_key.h"

/* libcrypto: above this, e may have 64 bits only */
#define LARGE_BITS 3072
#define LARGE_E_BITS 64
#define E_BITS_MAX 256 /* FIPS 186-4, B.3.1 */

const char *const rsa_part_names[RSA_PART_COUNT] = {
	[RSA_PART_N] = OSSL_PKEY_PARAM_RSA_N,
	[RSA_PART_E] = OSSL_PKEY_PARAM_RSA_E,
	[RSA_PART_D] = OSSL_PKEY_PARAM_RSA_D,
	[RSA_PART_P] = OSSL_PKEY_PARAM_RSA_FACTOR1,
	[RSA_PART_Q] = OSSL_PKEY_PARAM_RSA_FACTOR2,
	[RSA_PART_DP] = OSSL_PKEY_PARAM_RSA_EXPONENT1,
	[RSA_PART_DQ] = OSSL_PKEY_PARAM_RSA_EXPONENT2,
	[RSA_PART_QINV] = OSSL_PKEY_PARAM_RSA_COEFFICIENT1,
};

/* --- a key around libcrypto's -------------------------------------------------- */

static EVP_PKEY_CTX *
raw(EVP_PKEY *pkey, int (*init)(EVP_PKEY_CTX *))
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_pkey(NULL, pkey, NULL);

	if (ctx && init(ctx) == 1 && EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_NO_PADDING) == 1)
		return ctx;
	EVP_PKEY_CTX_free(ctx);
	return NULL;
}

/* One number, n bytes, -ENOENT where there is none; by way of memory of our own, which is wiped. */
static int
rsa_number(const EVP_PKEY *pkey, const char *name, uint8_t *to, size_t n)
{
	uint8_t native[RSA_KEY_SIZE_MAX] = { 0 };
	OSSL_PARAM params[] = { OSSL_PARAM_construct_BN(name, native, sizeof(native)),
				OSSL_PARAM_END };
	BIGNUM *bn = BN_secure_new();
	int r = 0;

	if (!bn || EVP_PKEY_get_params(pkey, params) != 1)
		r = crypto_failure(-EIO);
	else if (!OSSL_PARAM_modified(&params[0]))
		r = -ENOENT;
	else if (!BN_native2bn(native, (int)params[0].return_size, bn) ||
		 BN_bn2binpad(bn, to, (int)n) < 0)
		r = crypto_failure(-EIO);
	explicit_bzero(native, sizeof(native));
	BN_clear_free(bn);
	return r;
}

/* Takes pkey over, whether it succeeds or not. */
static int
rsa_wrap(struct rsa **out, EVP_PKEY *pkey, bool is_private)
{
	const int bits = EVP_PKEY_get_bits(pkey);
	struct rsa *k;
	int r = -ENOMEM;

	*out = NULL;
	if (bits < RSA_KEY_BITS_MIN || bits > RSA_KEY_BITS_MAX || bits % 8 != 0) {
		EVP_PKEY_free(pkey);
		return -EINVAL;
	}
	k = calloc(1, sizeof(*k));
	if (!k) {
		EVP_PKEY_free(pkey);
		return r;
	}
	k->pkey = pkey;
	k->size = (size_t)bits / 8;
	k->raw_public = raw(pkey, EVP_PKEY_encrypt_init);
	if (is_private)
		k->raw_private = raw(pkey, EVP_PKEY_sign_init);
	if (!k->raw_public || (is_private && !k->raw_private))
		r = crypto_failure(-EIO);
	else
		r = rsa_number(pkey, OSSL_PKEY_PARAM_RSA_N, k->n, k->size);
	if (r == 0)
		*out = k;
	else
		rsa_free(k);
	return r;
}

void
rsa_free(struct rsa *k)
{
	if (!k)
		return;
	EVP_PKEY_CTX_free(k->raw_private);
	EVP_PKEY_CTX_free(k->raw_public);
	EVP_PKEY_free(k->pkey);
	free(k);
}

size_t
rsa_size(const struct rsa *k)
{
	return k->size;
}

bool
rsa_is_private(const struct rsa *k)
{
	return k->raw_private != NULL;
}

static int
get_e(const struct rsa *k, struct buf *out)
{
	uint8_t e[RSA_KEY_SIZE_MAX];
	size_t i = 0;
	int r = rsa_number(k->pkey, OSSL_PKEY_PARAM_RSA_E, e, sizeof(e));

	if (r < 0)
		return r;
	while (i < sizeof(e) - 1 && e[i] == 0)
		i++;
	buf_put(out, e + i, sizeof(e) - i);
	return out->failed ? -ENOMEM : 0;
}

int
rsa_get(const struct rsa *k, enum rsa_part part, struct buf *out)
{
	const size_t n = part <= RSA_PART_D ? k->size : (k->size + 1) / 2;
	uint8_t *at;
	int r;

	if (part == RSA_PART_E)
		return get_e(k, out);
	at = buf_grow(out, n);
	if (!at)
		return -ENOMEM;
	r = rsa_number(k->pkey, rsa_part_names[part], at, n);
	if (r < 0)
		buf_cut(out, out->n - n);
	return r;
}

/* --- generation ---------------------------------------------------------------- */

struct stop {
	bool (*asked)(void *);
	void *ctx;
	bool stopped;
};

/* libcrypto asks with every candidate and every round of a test. */
static int
go_on(EVP_PKEY_CTX *ctx)
{
	struct stop *s = EVP_PKEY_CTX_get_app_data(ctx);

	if (!s->stopped && s->asked && s->asked(s->ctx))
		s->stopped = true;
	return s->stopped ? 0 : 1;
}

static bool
exponent_is_good(const BIGNUM *e, int bits)
{
	const int e_bits = BN_num_bits(e);

	return BN_is_odd(e) && e_bits > 1 &&
	       e_bits <= (bits > LARGE_BITS ? LARGE_E_BITS : E_BITS_MAX);
}

static int
generate(EVP_PKEY **pkey, int bits, BIGNUM *e, struct stop *stop)
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, "RSA", NULL);
	int r = 0;

	if (!ctx || EVP_PKEY_keygen_init(ctx) != 1 ||
	    EVP_PKEY_CTX_set_rsa_keygen_bits(ctx, bits) != 1 ||
	    EVP_PKEY_CTX_set1_rsa_keygen_pubexp(ctx, e) != 1) {
		r = crypto_failure(-EIO);
		goto out;
	}
	EVP_PKEY_CTX_set_app_data(ctx, stop);
	EVP_PKEY_CTX_set_cb(ctx, go_on);
	if (EVP_PKEY_generate(ctx, pkey) != 1)
		r = crypto_failure(-EIO);
	if (stop->stopped)
		r = -ECANCELED;
out:
	EVP_PKEY_CTX_free(ctx);
	return r;
}

int
rsa_generate(struct rsa **out, size_t bits, struct view e, bool (*stop)(void *), void *ctx)
{
	static const uint8_t f4[] = { 0x01, 0x00, 0x01 };
	struct stop s = { .asked = stop, .ctx = ctx };
	EVP_PKEY *pkey = NULL;
	BIGNUM *exponent;
	int r = -EINVAL;

	*out = NULL;
	if (bits < RSA_KEY_BITS_MIN || bits > RSA_KEY_BITS_MAX || bits % 8 != 0 ||
	    e.n > RSA_KEY_SIZE_MAX)
		return -EINVAL;
	if (e.n == 0)
		e = view_of(f4, sizeof(f4));
	exponent = BN_bin2bn(e.p, (int)e.n, NULL);
	if (!exponent)
		return crypto_failure(-ENOMEM);
	if (exponent_is_good(exponent, (int)bits))
		r = generate(&pkey, (int)bits, exponent, &s);
	BN_free(exponent);
	if (r == 0)
		return rsa_wrap(out, pkey, true);
	EVP_PKEY_free(pkey);
	return r;
}

/* --- a key out of its numbers -------------------------------------------------- */

/* bn[]: the numbers given, NULL where not; then all of them. */
struct numbers {
	BIGNUM *bn[RSA_PART_COUNT];
	BN_CTX *ctx; /* its temporaries are wiped */
};

static void
numbers_free(struct numbers *s)
{
	size_t i;

	for (i = 0; i < RSA_PART_COUNT; i++)
		BN_clear_free(s->bn[i]);
	BN_CTX_free(s->ctx);
}

static int
numbers_read(struct numbers *s, const struct rsa_parts *parts)
{
	struct view v;
	size_t i;

	s->ctx = BN_CTX_new();
	if (!s->ctx)
		return -ENOMEM;
	for (i = 0; i < RSA_PART_COUNT; i++) {
		v = parts->part[i];
		if (v.n == 0)
			continue;
		if (v.n > RSA_KEY_SIZE_MAX + 8) /* leading zeros, within reason */
			return -EINVAL;
		s->bn[i] = BN_secure_new();
		if (!s->bn[i] || !BN_bin2bn(v.p, (int)v.n, s->bn[i]))
			return -ENOMEM;
		BN_set_flags(s->bn[i], BN_FLG_CONSTTIME);
	}
	return 0;
}

/* Set what is missing to wanted; what is there must be equal to it. */
static bool
settle(struct numbers *s, enum rsa_part part, const BIGNUM *wanted)
{
	if (s->bn[part])
		return BN_cmp(s->bn[part], wanted) == 0;
	s->bn[part] = BN_secure_new();
	if (!s->bn[part] || !BN_copy(s->bn[part], wanted))
		return false;
	BN_set_flags(s->bn[part], BN_FLG_CONSTTIME);
	return true;
}

static bool
prime_is_possible(const BIGNUM *p)
{
	return BN_is_odd(p) && !BN_is_one(p);
}

/*
 * e = dp^-1 mod p - 1 when it is missing, and d = e^-1 mod lcm(p - 1, q - 1) when
 * that is. A d that is given may be the inverse mod (p - 1)(q - 1) as well.
 */
static bool
settle_exponents(struct numbers *s, const BIGNUM *p1, const BIGNUM *q1)
{
	BIGNUM *lcm = BN_CTX_get(s->ctx), *t = BN_CTX_get(s->ctx), *v = BN_CTX_get(s->ctx);

	if (!v)
		return false;
	if (!s->bn[RSA_PART_E] &&
	    (!s->bn[RSA_PART_DP] || !BN_mod_inverse(t, s->bn[RSA_PART_DP], p1, s->ctx) ||
	     !settle(s, RSA_PART_E, t)))
		return false;
	BN_set_flags(lcm, BN_FLG_CONSTTIME);
	if (!BN_gcd(t, p1, q1, s->ctx) || !BN_mul(v, p1, q1, s->ctx) ||
	    !BN_div(lcm, NULL, v, t, s->ctx))
		return false;
	if (s->bn[RSA_PART_D])
		return BN_mod_mul(t, s->bn[RSA_PART_D], s->bn[RSA_PART_E], lcm, s->ctx) &&
		       BN_is_one(t);
	return BN_mod_inverse(t, s->bn[RSA_PART_E], lcm, s->ctx) && settle(s, RSA_PART_D, t);
}

/* From p and q, all the others. */
static bool
settle_all(struct numbers *s)
{
	const BIGNUM *p = s->bn[RSA_PART_P], *q = s->bn[RSA_PART_Q];
	BIGNUM *p1 = BN_CTX_get(s->ctx), *q1 = BN_CTX_get(s->ctx), *t = BN_CTX_get(s->ctx);

	if (!t || !prime_is_possible(p) || !prime_is_possible(q))
		return false;
	BN_set_flags(p1, BN_FLG_CONSTTIME);
	BN_set_flags(q1, BN_FLG_CONSTTIME);
	if (!BN_mul(t, p, q, s->ctx) || !settle(s, RSA_PART_N, t))
		return false;
	if (!BN_sub(p1, p, BN_value_one()) || !BN_sub(q1, q, BN_value_one()))
		return false;
	return settle_exponents(s, p1, q1) &&
	       BN_mod(t, s->bn[RSA_PART_D], p1, s->ctx) && settle(s, RSA_PART_DP, t) &&
	       BN_mod(t, s->bn[RSA_PART_D], q1, s->ctx) && settle(s, RSA_PART_DQ, t) &&
	       /* none where p is q, or they have a factor in common */
	       BN_mod_inverse(t, q, p, s->ctx) && settle(s, RSA_PART_QINV, t);
}

/* Without primes: whether 2^(d e) is 2. */
static bool
exponents_match(struct numbers *s)
{
	BIGNUM *t = BN_CTX_get(s->ctx), *two = BN_CTX_get(s->ctx);
	const BIGNUM *n = s->bn[RSA_PART_N];

	return two && n && s->bn[RSA_PART_E] && s->bn[RSA_PART_D] && BN_is_odd(n) &&
	       BN_set_word(two, 2) &&
	       BN_mod_exp_mont_consttime(t, two, s->bn[RSA_PART_D], n, s->ctx, NULL) &&
	       BN_mod_exp(t, t, s->bn[RSA_PART_E], n, s->ctx) && BN_cmp(t, two) == 0;
}

/* What a key of any kind must be. */
static bool
sizes_are_good(const struct numbers *s)
{
	const BIGNUM *n = s->bn[RSA_PART_N], *e = s->bn[RSA_PART_E];
	const int bits = n ? BN_num_bits(n) : 0;
	size_t i;

	if (bits < RSA_KEY_BITS_MIN || bits > RSA_KEY_BITS_MAX || bits % 8 != 0 || !BN_is_odd(n))
		return false;
	if (!e || !BN_is_odd(e) || BN_is_one(e) || BN_cmp(e, n) >= 0)
		return false;
	if (s->bn[RSA_PART_D] && BN_cmp(s->bn[RSA_PART_D], n) >= 0)
		return false;
	for (i = RSA_PART_P; i < RSA_PART_COUNT; i++) {
		if (s->bn[i] && BN_num_bytes(s->bn[i]) > (bits / 8 + 1) / 2)
			return false;
	}
	return true;
}

/* Numbers to libcrypto's key. */
static int
numbers_to_key(const struct numbers *s, int selection, EVP_PKEY **pkey)
{
	OSSL_PARAM_BLD *bld = OSSL_PARAM_BLD_new();
	size_t i;

	for (i = 0; bld && i < RSA_PART_COUNT; i++) {
		if (s->bn[i] && OSSL_PARAM_BLD_push_BN(bld, rsa_part_names[i], s->bn[i]) != 1) {
			OSSL_PARAM_BLD_free(bld);
			bld = NULL;
		}
	}
	return key_from_params("RSA", bld, selection, pkey);
}

int
rsa_private(struct rsa **out, const struct rsa_parts *parts)
{
	struct numbers s = { .ctx = NULL };
	EVP_PKEY *pkey = NULL;
	bool good = false;
	int r;

	*out = NULL;
	r = numbers_read(&s, parts);
	if (r < 0)
		goto out;
	BN_CTX_start(s.ctx);
	if (s.bn[RSA_PART_P] && s.bn[RSA_PART_Q])
		good = settle_all(&s) && sizes_are_good(&s);
	else if (!s.bn[RSA_PART_P] && !s.bn[RSA_PART_Q])
		good = sizes_are_good(&s) && exponents_match(&s);
	BN_CTX_end(s.ctx);
	r = good ? numbers_to_key(&s, EVP_PKEY_KEYPAIR, &pkey) : crypto_failure(-EINVAL);
out:
	numbers_free(&s);
	return r < 0 ? r : rsa_wrap(out, pkey, true);
}

int
rsa_public(struct rsa **out, struct view n, struct view e)
{
	const struct rsa_parts parts = { .part = { [RSA_PART_N] = n, [RSA_PART_E] = e } };
	struct numbers s = { .ctx = NULL };
	EVP_PKEY *pkey = NULL;
	int r;

	*out = NULL;
	r = numbers_read(&s, &parts);
	if (r == 0)
		r = sizes_are_good(&s) ? numbers_to_key(&s, EVP_PKEY_PUBLIC_KEY, &pkey) : -EINVAL;
	numbers_free(&s);
	return r < 0 ? r : rsa_wrap(out, pkey, false);
}

/* --- the bare operations ------------------------------------------------------- */

/* in, with zeros in front, as long as the modulus and below it. False: it is not. */
static bool
fit(const struct rsa *k, struct view in, uint8_t *block)
{
	if (in.n > k->size)
		return false;
	memset(block, 0, k->size - in.n);
	if (in.n > 0)
		memcpy(block + k->size - in.n, in.p, in.n);
	/* in is no secret: whoever sent it knows whether it is refused */
	return memcmp(block, k->n, k->size) < 0;
}

static int
apply(const struct rsa *k, EVP_PKEY_CTX *ctx,
      int (*op)(EVP_PKEY_CTX *, unsigned char *, size_t *, const unsigned char *, size_t),
      struct view in, struct buf *out)
{
	uint8_t block[RSA_KEY_SIZE_MAX];
	size_t n = k->size;
	uint8_t *at;
	int r = -EINVAL;

	if (fit(k, in, block)) {
		at = buf_grow(out, k->size);
		r = at ? 0 : -ENOMEM;
		if (at && (op(ctx, at, &n, block, k->size) != 1 || n != k->size)) {
			buf_cut(out, out->n - k->size);
			r = crypto_failure(-EIO);
		}
	}
	explicit_bzero(block, sizeof(block));
	return r;
}

int
rsa_raw_private(const struct rsa *k, struct view in, struct buf *out)
{
	if (!rsa_is_private(k))
		return -ENOENT;
	return apply(k, k->raw_private, EVP_PKEY_sign, in, out);
}

int
rsa_raw_public(const struct rsa *k, struct view in, struct buf *out)
{
	return apply(k, k->raw_public, EVP_PKEY_encrypt, in, out);
}
