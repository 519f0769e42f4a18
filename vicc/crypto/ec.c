/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "crypto/ec.h"

#include <errno.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/curve_group.h"
#include "crypto/failure.h"
#include "crypto/fromdata.h"

#define POINT_MAX (1 + 2 * CURVE_SIZE_MAX)
#define SIGNATURE_MAX (2 * CURVE_SIZE_MAX + 16) /* in DER, which adds 9 */

struct ec {
	enum curve curve;
	EVP_PKEY *pkey;
	EVP_PKEY_CTX *sign; /* made ready once; NULL: a public key */
};

/* --- keys ---------------------------------------------------------------------- */

/* Takes pkey over, whether it succeeds or not. */
static int
ec_wrap(struct ec **out, enum curve c, EVP_PKEY *pkey, bool is_private)
{
	struct ec *k = calloc(1, sizeof(*k));

	*out = NULL;
	if (!k) {
		EVP_PKEY_free(pkey);
		return -ENOMEM;
	}
	k->curve = c;
	k->pkey = pkey;
	if (is_private) {
		k->sign = EVP_PKEY_CTX_new_from_pkey(NULL, pkey, NULL);
		if (!k->sign || EVP_PKEY_sign_init(k->sign) != 1) {
			ec_free(k);
			return crypto_failure(-EIO);
		}
	}
	*out = k;
	return 0;
}

void
ec_free(struct ec *k)
{
	if (!k)
		return;
	EVP_PKEY_CTX_free(k->sign);
	EVP_PKEY_free(k->pkey);
	free(k);
}

static bool
push_key(OSSL_PARAM_BLD *bld, enum curve c, struct view point, const BIGNUM *d)
{
	return OSSL_PARAM_BLD_push_utf8_string(bld, OSSL_PKEY_PARAM_GROUP_NAME, curve_name(c), 0) &&
	       OSSL_PARAM_BLD_push_octet_string(bld, OSSL_PKEY_PARAM_PUB_KEY, point.p, point.n) &&
	       (!d || OSSL_PARAM_BLD_push_BN_pad(bld, OSSL_PKEY_PARAM_PRIV_KEY, d, curve_order(c)));
}

/* d may be NULL. */
static int
key_of(enum curve c, struct view point, const BIGNUM *d, EVP_PKEY **pkey)
{
	OSSL_PARAM_BLD *bld = OSSL_PARAM_BLD_new();

	if (bld && !push_key(bld, c, point, d)) {
		OSSL_PARAM_BLD_free(bld);
		bld = NULL;
	}
	return key_from_params("EC", bld, d ? EVP_PKEY_KEYPAIR : EVP_PKEY_PUBLIC_KEY, pkey);
}

static bool
curve_is_there(enum curve c)
{
	EC_GROUP *group = curve_group(c);
	const bool there = group != NULL;

	EC_GROUP_free(group);
	if (!there)
		crypto_failure(0);
	return there;
}

int
ec_generate(struct ec **out, enum curve c)
{
	EVP_PKEY *pkey;

	*out = NULL;
	if (!curve_is_there(c))
		return -ENOTSUP;
	pkey = EVP_PKEY_Q_keygen(NULL, NULL, "EC", curve_name(c));
	if (!pkey)
		return crypto_failure(-EIO);
	return ec_wrap(out, c, pkey, true);
}

/* point = d G, by libcrypto's constant-time way. False: d is not in 1..n-1. */
static bool
multiply(const EC_GROUP *group, const BIGNUM *d, uint8_t *point, size_t n)
{
	EC_POINT *q = EC_POINT_new(group);
	bool ok;

	ok = q && !BN_is_zero(d) && BN_cmp(d, EC_GROUP_get0_order(group)) < 0 &&
	     EC_POINT_mul(group, q, d, NULL, NULL, NULL) == 1 &&
	     EC_POINT_point2oct(group, q, POINT_CONVERSION_UNCOMPRESSED, point, n, NULL) == n;
	EC_POINT_free(q);
	return ok;
}

int
ec_private(struct ec **out, enum curve c, struct view d)
{
	uint8_t point[POINT_MAX];
	EC_GROUP *group = curve_group(c);
	BIGNUM *number = BN_secure_new();
	EVP_PKEY *pkey = NULL;
	int r;

	*out = NULL;
	if (!group || !number) {
		r = crypto_failure(group ? -ENOMEM : -ENOTSUP);
		goto out;
	}
	r = -EINVAL;
	/* leading zeros within reason */
	if (d.n == 0 || d.n > 2 * CURVE_SIZE_MAX || !BN_bin2bn(d.p, (int)d.n, number))
		goto out;
	BN_set_flags(number, BN_FLG_CONSTTIME);
	if (multiply(group, number, point, curve_point(c)))
		r = key_of(c, view_of(point, curve_point(c)), number, &pkey);
out:
	if (r < 0)
		r = crypto_failure(r);
	BN_clear_free(number);
	EC_GROUP_free(group);
	return r < 0 ? r : ec_wrap(out, c, pkey, true);
}

static int
public_key(enum curve c, struct view point, EVP_PKEY **pkey)
{
	if (!curve_is_there(c))
		return -ENOTSUP;
	/*
	 * libcrypto would take compressed and hybrid points too; and sees whether it is
	 * on the curve
	 */
	if (point.n != curve_point(c) || point.p[0] != 0x04)
		return -EINVAL;
	return key_of(c, point, NULL, pkey);
}

int
ec_public(struct ec **out, enum curve c, struct view point)
{
	EVP_PKEY *pkey = NULL;
	int r = public_key(c, point, &pkey);

	*out = NULL;
	return r < 0 ? r : ec_wrap(out, c, pkey, false);
}

enum curve
ec_curve(const struct ec *k)
{
	return k->curve;
}

bool
ec_is_private(const struct ec *k)
{
	return k->sign != NULL;
}

int
ec_get_d(const struct ec *k, struct buf *out)
{
	uint8_t native[CURVE_SIZE_MAX] = { 0 };
	OSSL_PARAM params[] = {
		OSSL_PARAM_construct_BN(OSSL_PKEY_PARAM_PRIV_KEY, native, sizeof(native)),
		OSSL_PARAM_END
	};
	const size_t n = curve_order(k->curve);
	uint8_t *at;
	BIGNUM *d;
	int r = 0;

	if (!ec_is_private(k))
		return -ENOENT;
	at = buf_grow(out, n);
	if (!at)
		return -ENOMEM;
	d = BN_secure_new();
	if (!d || EVP_PKEY_get_params(k->pkey, params) != 1 || !OSSL_PARAM_modified(&params[0]) ||
	    !BN_native2bn(native, (int)params[0].return_size, d) ||
	    BN_bn2binpad(d, at, (int)n) < 0) {
		r = crypto_failure(-EIO);
		buf_cut(out, out->n - n);
	}
	explicit_bzero(native, sizeof(native));
	BN_clear_free(d);
	return r;
}

int
ec_get_point(const struct ec *k, struct buf *out)
{
	uint8_t point[POINT_MAX];
	size_t n = 0;

	if (EVP_PKEY_get_octet_string_param(k->pkey, OSSL_PKEY_PARAM_PUB_KEY, point, sizeof(point),
					    &n) != 1 || n != curve_point(k->curve))
		return crypto_failure(-EIO);
	buf_put(out, point, n);
	return out->failed ? -ENOMEM : 0;
}

/* --- ECDSA --------------------------------------------------------------------- */

static int
der_to_plain(enum curve c, struct view der, struct buf *out)
{
	const int n = (int)curve_order(c);
	const uint8_t *p = der.p;
	ECDSA_SIG *sig = d2i_ECDSA_SIG(NULL, &p, (long)der.n);
	uint8_t *at;
	int r = 0;

	if (!sig)
		return crypto_failure(-EIO);
	at = buf_grow(out, 2 * (size_t)n);
	if (!at)
		r = -ENOMEM;
	else if (BN_bn2binpad(ECDSA_SIG_get0_r(sig), at, n) < 0 ||
		 BN_bn2binpad(ECDSA_SIG_get0_s(sig), at + n, n) < 0)
		r = crypto_failure(-EIO);
	if (r < 0 && at)
		buf_cut(out, out->n - 2 * (size_t)n);
	ECDSA_SIG_free(sig);
	return r;
}

int
ec_sign(const struct ec *k, enum ec_form form, struct view hash, struct buf *out)
{
	uint8_t der[SIGNATURE_MAX];
	size_t n = sizeof(der);

	if (!ec_is_private(k))
		return -ENOENT;
	if (hash.n == 0)
		return -EINVAL;
	if (EVP_PKEY_sign(k->sign, der, &n, hash.p, hash.n) != 1)
		return crypto_failure(-EIO);
	if (form == EC_FORM_PLAIN)
		return der_to_plain(k->curve, view_of(der, n), out);
	buf_put(out, der, n);
	return out->failed ? -ENOMEM : 0;
}

/* Bytes written to der; 0: it is not r || s. */
static size_t
plain_to_der(enum curve c, struct view plain, uint8_t der[SIGNATURE_MAX])
{
	const size_t n = curve_order(c);
	ECDSA_SIG *sig;
	BIGNUM *r, *s;
	int len = 0;

	if (plain.n != 2 * n)
		return 0;
	sig = ECDSA_SIG_new();
	r = BN_bin2bn(plain.p, (int)n, NULL);
	s = BN_bin2bn(plain.p + n, (int)n, NULL);
	/* r and s are the signature's from there on */
	if (sig && r && s && ECDSA_SIG_set0(sig, r, s) == 1) {
		len = i2d_ECDSA_SIG(sig, &(unsigned char *) { der });
	} else {
		BN_free(r);
		BN_free(s);
	}
	ECDSA_SIG_free(sig);
	return len > 0 ? (size_t)len : 0;
}

int
ec_verify(const struct ec *k, enum ec_form form, struct view hash, struct view signature)
{
	uint8_t der[SIGNATURE_MAX];
	EVP_PKEY_CTX *ctx;
	int r = -EBADMSG;

	if (form == EC_FORM_PLAIN)
		signature = view_of(der, plain_to_der(k->curve, signature, der));
	if (hash.n == 0 || signature.n == 0)
		return crypto_failure(-EBADMSG);
	ctx = EVP_PKEY_CTX_new_from_pkey(NULL, k->pkey, NULL);
	if (!ctx || EVP_PKEY_verify_init(ctx) != 1)
		r = -EIO;
	else if (EVP_PKEY_verify(ctx, signature.p, signature.n, hash.p, hash.n) == 1)
		r = 0;
	EVP_PKEY_CTX_free(ctx);
	return r < 0 ? crypto_failure(r) : 0;
}

/* --- ECDH ---------------------------------------------------------------------- */

int
ec_shared(const struct ec *k, struct view point, struct buf *out)
{
	size_t n = curve_size(k->curve);
	EVP_PKEY *peer = NULL;
	EVP_PKEY_CTX *ctx = NULL;
	uint8_t *at;
	int r;

	if (!ec_is_private(k))
		return -ENOENT;
	r = public_key(k->curve, point, &peer);
	if (r < 0)
		return r;
	at = buf_grow(out, n);
	if (!at) {
		r = -ENOMEM;
		goto out;
	}
	ctx = EVP_PKEY_CTX_new_from_pkey(NULL, k->pkey, NULL);
	if (!ctx || EVP_PKEY_derive_init(ctx) != 1)
		r = crypto_failure(-EIO);
	else if (EVP_PKEY_derive_set_peer(ctx, peer) != 1)
		r = crypto_failure(-EINVAL);
	else if (EVP_PKEY_derive(ctx, at, &n) != 1 || n != curve_size(k->curve))
		r = crypto_failure(-EIO);
	if (r < 0)
		buf_cut(out, out->n - curve_size(k->curve));
out:
	EVP_PKEY_CTX_free(ctx);
	EVP_PKEY_free(peer);
	return r;
}
