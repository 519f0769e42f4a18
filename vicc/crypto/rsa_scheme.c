/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Paddings around the bare operations (RFC 8017, 7 to 9). */
#include <errno.h>
#include <openssl/core_names.h>
#include <openssl/params.h>
#include <openssl/rsa.h>
#include <string.h>

#include "base/mem.h"
#include "crypto/failure.h"
#include "crypto/rsa_key.h"

#define PKCS1_OVERHEAD 11 /* 00 BT, eight bytes at least, 00 */

/* --- PKCS #1 v1.5 -------------------------------------------------------------- */

/* 00 01 FF .. FF 00 t */
static int
block_type_1(const struct rsa *k, struct view t, uint8_t *block)
{
	if (t.n > k->size - PKCS1_OVERHEAD)
		return -EINVAL;
	memset(block, 0xff, k->size);
	block[0] = 0x00;
	block[1] = 0x01;
	block[k->size - t.n - 1] = 0x00;
	if (t.n > 0)
		memcpy(block + k->size - t.n, t.p, t.n);
	return 0;
}

/* The padding is ours, as no policy of libcrypto's may have a say in it. */
int
rsa_sign_pkcs1(const struct rsa *k, struct view t, struct buf *out)
{
	uint8_t block[RSA_KEY_SIZE_MAX];
	int r;

	if (!rsa_is_private(k))
		return -ENOENT;
	r = block_type_1(k, t, block);
	return r < 0 ? r : rsa_raw_private(k, view_of(block, k->size), out);
}

/* By making the whole block anew and comparing: nothing is parsed, so nothing is parsed wrongly. */
int
rsa_verify_pkcs1(const struct rsa *k, struct view t, struct view signature)
{
	uint8_t block[RSA_KEY_SIZE_MAX];
	struct buf got = BUF(k->size);
	int r;

	if (signature.n != k->size || block_type_1(k, t, block) < 0)
		return -EBADMSG;
	r = rsa_raw_public(k, signature, &got);
	if (r == -EINVAL || (r == 0 && !view_equal(buf_view(&got), view_of(block, k->size))))
		r = -EBADMSG;
	buf_free(&got);
	return r;
}

/* 1 when x is 0, else 0, without a branch. */
static size_t
is_zero(size_t x)
{
	return ((~x & (x - 1)) >> (sizeof(x) * 8 - 1)) & 1;
}

/*
 * Where the message of 00 02 (eight or more, none zero) 00 M begins; 0: it is
 * not such a block. How long it takes does not depend on what is in it.
 */
static size_t
block_type_2(struct view block)
{
	size_t i, hit, found = 0, at = 0, good;

	good = is_zero(block.p[0]) & is_zero(block.p[1] ^ 0x02u);
	for (i = 2; i < block.n; i++) {
		hit = is_zero(block.p[i]) & is_zero(found);
		at |= (i + 1) & (0 - hit);
		found |= hit;
	}
	/* at - 1 is the place of the zero: 10 at least */
	good &= found & is_zero((at - PKCS1_OVERHEAD) >> (sizeof(at) * 8 - 1));
	return at & (0 - good);
}

/*
 * Not libcrypto's own: since 3.2 it answers noise instead of an error, and a card
 * answers an error.
 */
int
rsa_decrypt_pkcs1(const struct rsa *k, struct view in, struct buf *out)
{
	struct buf block = BUF(k->size);
	size_t at;
	int r;

	if (rsa_is_private(k) && in.n != k->size)
		return -EBADMSG;
	r = rsa_raw_private(k, in, &block);
	if (r == 0) {
		at = block_type_2(buf_view(&block));
		if (at == 0)
			r = -EBADMSG;
		else
			buf_put(out, block.p + at, block.n - at);
	} else if (r == -EINVAL) {
		r = -EBADMSG;
	}
	buf_free(&block);
	return r == 0 && out->failed ? -ENOMEM : r;
}

/* --- by libcrypto's paddings --------------------------------------------------- */

typedef int start_fn(EVP_PKEY_CTX *);
typedef int apply_fn(EVP_PKEY_CTX *, unsigned char *, size_t *, const unsigned char *, size_t);

static EVP_PKEY_CTX *
scheme_start(const struct rsa *k, start_fn *init, int padding)
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_pkey(NULL, k->pkey, NULL);

	if (ctx && init(ctx) == 1 && EVP_PKEY_CTX_set_rsa_padding(ctx, padding) == 1)
		return ctx;
	EVP_PKEY_CTX_free(ctx);
	return NULL;
}

/*
 * Append what op makes of in, at most as long as the modulus; otherwise: the answer
 * when it does not.
 */
static int
finish(const struct rsa *k, EVP_PKEY_CTX *ctx, apply_fn *op, struct view in, struct buf *out,
       int otherwise)
{
	uint8_t result[RSA_KEY_SIZE_MAX];
	const uint8_t nothing = 0;
	size_t n = k->size;
	int r = 0;

	if (op(ctx, result, &n, in.n > 0 ? in.p : &nothing, in.n) != 1)
		r = crypto_failure(otherwise);
	else
		buf_put(out, result, n);
	explicit_bzero(result, sizeof(result));
	return r == 0 && out->failed ? -ENOMEM : r;
}

int
rsa_encrypt_pkcs1(const struct rsa *k, struct view in, struct buf *out)
{
	EVP_PKEY_CTX *ctx;
	int r;

	if (in.n > k->size - PKCS1_OVERHEAD)
		return -EINVAL;
	ctx = scheme_start(k, EVP_PKEY_encrypt_init, RSA_PKCS1_PADDING);
	r = ctx ? finish(k, ctx, EVP_PKEY_encrypt, in, out, -EIO) : crypto_failure(-EIO);
	EVP_PKEY_CTX_free(ctx);
	return r;
}

static EVP_PKEY_CTX *
start_pss(const struct rsa *k, start_fn *init, const struct rsa_pss *pss)
{
	const char *name = digest_name(pss->digest);
	const OSSL_PARAM params[] = {
		OSSL_PARAM_utf8_string(OSSL_SIGNATURE_PARAM_DIGEST, (char *)name, strlen(name)),
		OSSL_PARAM_END
	};
	EVP_PKEY_CTX *ctx = scheme_start(k, init, RSA_PKCS1_PSS_PADDING);

	if (ctx && EVP_PKEY_CTX_set_params(ctx, params) == 1 &&
	    EVP_PKEY_CTX_set_rsa_mgf1_md_name(ctx, digest_name(pss->mgf), NULL) == 1 &&
	    EVP_PKEY_CTX_set_rsa_pss_saltlen(ctx, (int)pss->salt) == 1)
		return ctx;
	EVP_PKEY_CTX_free(ctx);
	return NULL;
}

/* RFC 8017, 9.1.1: 8 * emLen - 1 bits, which with moduli of whole bytes is all of them. */
static bool
pss_fits(const struct rsa *k, const struct rsa_pss *pss, struct view hash)
{
	return hash.n == digest_size(pss->digest) && pss->salt <= k->size &&
	       hash.n + pss->salt + 2 <= k->size;
}

int
rsa_sign_pss(const struct rsa *k, const struct rsa_pss *pss, struct view hash, struct buf *out)
{
	EVP_PKEY_CTX *ctx;
	int r;

	if (!rsa_is_private(k))
		return -ENOENT;
	if (!pss_fits(k, pss, hash))
		return -EINVAL;
	ctx = start_pss(k, EVP_PKEY_sign_init, pss);
	r = ctx ? finish(k, ctx, EVP_PKEY_sign, hash, out, -EIO) : crypto_failure(-EIO);
	EVP_PKEY_CTX_free(ctx);
	return r;
}

int
rsa_verify_pss(const struct rsa *k, const struct rsa_pss *pss, struct view hash,
	       struct view signature)
{
	EVP_PKEY_CTX *ctx;
	int r = 0;

	if (!pss_fits(k, pss, hash) || signature.n != k->size)
		return -EBADMSG;
	ctx = start_pss(k, EVP_PKEY_verify_init, pss);
	if (!ctx)
		return crypto_failure(-EIO);
	if (EVP_PKEY_verify(ctx, signature.p, signature.n, hash.p, hash.n) != 1)
		r = crypto_failure(-EBADMSG);
	EVP_PKEY_CTX_free(ctx);
	return r;
}

static EVP_PKEY_CTX *
start_oaep(const struct rsa *k, start_fn *init, const struct rsa_oaep *oaep)
{
	EVP_PKEY_CTX *ctx = scheme_start(k, init, RSA_PKCS1_OAEP_PADDING);
	void *label = NULL;

	if (oaep->label.n > 0)
		label = OPENSSL_memdup(oaep->label.p, oaep->label.n);
	if (ctx && (label || oaep->label.n == 0) &&
	    EVP_PKEY_CTX_set_rsa_oaep_md_name(ctx, digest_name(oaep->digest), NULL) == 1 &&
	    EVP_PKEY_CTX_set_rsa_mgf1_md_name(ctx, digest_name(oaep->mgf), NULL) == 1 &&
	    /* the label is the context's from here on */
	    (!label || EVP_PKEY_CTX_set0_rsa_oaep_label(ctx, label, (int)oaep->label.n) == 1))
		return ctx;
	OPENSSL_free(label);
	EVP_PKEY_CTX_free(ctx);
	return NULL;
}

int
rsa_encrypt_oaep(const struct rsa *k, const struct rsa_oaep *oaep, struct view in, struct buf *out)
{
	const size_t overhead = 2 * digest_size(oaep->digest) + 2;
	EVP_PKEY_CTX *ctx;
	int r;

	if (k->size < overhead || in.n > k->size - overhead)
		return -EINVAL;
	ctx = start_oaep(k, EVP_PKEY_encrypt_init, oaep);
	r = ctx ? finish(k, ctx, EVP_PKEY_encrypt, in, out, -EIO) : crypto_failure(-EIO);
	EVP_PKEY_CTX_free(ctx);
	return r;
}

int
rsa_decrypt_oaep(const struct rsa *k, const struct rsa_oaep *oaep, struct view in, struct buf *out)
{
	EVP_PKEY_CTX *ctx;
	int r;

	if (!rsa_is_private(k))
		return -ENOENT;
	if (in.n != k->size || k->size < 2 * digest_size(oaep->digest) + 2)
		return -EBADMSG;
	ctx = start_oaep(k, EVP_PKEY_decrypt_init, oaep);
	r = ctx ? finish(k, ctx, EVP_PKEY_decrypt, in, out, -EBADMSG) : crypto_failure(-EIO);
	EVP_PKEY_CTX_free(ctx);
	return r;
}
