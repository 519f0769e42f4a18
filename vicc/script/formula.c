/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "script/formula.h"

#include <string.h>

#include "crypto/cipher.h"
#include "crypto/digest.h"
#include "crypto/mac.h"

/* {fill N BYTES}: N bytes, BYTES over and over */
static const char *
formula_fill(const size_t *n, const struct view *v, struct buf *out)
{
	size_t i;

	if (v[0].n == 0)
		return "nothing to fill with";
	for (i = 0; i < n[0] && !out->failed; i++)
		buf_u8(out, v[0].p[i % v[0].n]);
	return NULL;
}

/* {pad N BYTES}: 80 00.. up to a multiple of N (7816-4, 10.2.3.1) */
static const char *
formula_pad(const size_t *n, const struct view *v, struct buf *out)
{
	if (n[0] == 0 || n[0] > 256)
		return "a block is of 1 to 256 bytes";
	buf_put_view(out, v[0]);
	buf_u8(out, 0x80);
	buf_fill(out, 0, n[0] - 1 - v[0].n % n[0]);
	return NULL;
}

/* {slice AT N BYTES}: N bytes of them from AT on, counted from 0 */
static const char *
slice(const size_t *n, const struct view *v, struct buf *out)
{
	struct view part = view_slice(v[0], n[0], n[1]);

	if (part.n != n[1])
		return "there are fewer bytes";
	buf_put_view(out, part);
	return NULL;
}

/* {add N BYTES}: the big-endian number, N larger, in as many bytes */
static const char *
add(const size_t *n, const struct view *v, struct buf *out)
{
	size_t i = v[0].n, carry = n[0];
	uint8_t *p = buf_grow(out, v[0].n);

	for (; p && i > 0; i--) {
		carry += v[0].p[i - 1];
		p[i - 1] = (uint8_t)carry;
		carry >>= 8;
	}
	return NULL;
}

/* {xor A B} */
static const char *
xor(const size_t *n, const struct view *v, struct buf *out)
{
	size_t i;

	(void)n;
	if (v[0].n != v[1].n)
		return "expected two values of one length";
	for (i = 0; i < v[0].n; i++)
		buf_u8(out, v[0].p[i] ^ v[1].p[i]);
	return NULL;
}

/* --- what a host computes with its keys --------------------------------------------- */

static const char *
outcome(int rc)
{
	return rc < 0 ? "the key, or the data, have not the length for that" : NULL;
}

/* {3des-ecb KEY DATA}, {aes-ecb KEY DATA} */
static const char *
des_ecb(const size_t *n, const struct view *v, struct buf *out)
{
	(void)n;
	return outcome(cipher_encrypt(CIPHER_3DES, CIPHER_ECB, v[0], NULL, v[1], out));
}

static const char *
aes_ecb(const size_t *n, const struct view *v, struct buf *out)
{
	(void)n;
	return outcome(cipher_encrypt(CIPHER_AES, CIPHER_ECB, v[0], NULL, v[1], out));
}

typedef int cipher_fn(enum cipher c, enum cipher_mode m, struct view key, uint8_t *iv,
		      struct view in, struct buf *out);

static const char *
cbc(cipher_fn *fn, enum cipher c, const struct view *v, struct buf *out)
{
	uint8_t iv[CIPHER_BLOCK_MAX];

	if (v[1].n != cipher_block(c))
		return "the IV is not one block";
	memcpy(iv, v[1].p, v[1].n);
	return outcome(fn(c, CIPHER_CBC, v[0], iv, v[2], out));
}

/* {3des-cbc KEY IV DATA}, {aes-cbc KEY IV DATA}, and back again */
static const char *
des_cbc(const size_t *n, const struct view *v, struct buf *out)
{
	(void)n;
	return cbc(cipher_encrypt, CIPHER_3DES, v, out);
}

static const char *
des_cbc_back(const size_t *n, const struct view *v, struct buf *out)
{
	(void)n;
	return cbc(cipher_decrypt, CIPHER_3DES, v, out);
}

static const char *
aes_cbc(const size_t *n, const struct view *v, struct buf *out)
{
	(void)n;
	return cbc(cipher_encrypt, CIPHER_AES, v, out);
}

static const char *
aes_cbc_back(const size_t *n, const struct view *v, struct buf *out)
{
	(void)n;
	return cbc(cipher_decrypt, CIPHER_AES, v, out);
}

/* {retail-mac KEY DATA}: 8 bytes, over whole blocks */
static const char *
retail_mac(const size_t *n, const struct view *v, struct buf *out)
{
	(void)n;
	return outcome(mac_retail(v[0], v[1], out));
}

/* {cmac KEY DATA}: 16 bytes */
static const char *
cmac(const size_t *n, const struct view *v, struct buf *out)
{
	(void)n;
	return outcome(mac_cmac(v[0], v[1], out));
}

/* {hmac-sha-256 KEY DATA} */
static const char *
hmac_sha256(const size_t *n, const struct view *v, struct buf *out)
{
	(void)n;
	return outcome(mac_hmac(DIGEST_SHA256, v[0], v[1], out));
}

/* {sha-1 DATA}, {sha-256 DATA} */
static const char *
sha1(const size_t *n, const struct view *v, struct buf *out)
{
	(void)n;
	return outcome(digest_once(DIGEST_SHA1, v[0], out));
}

static const char *
sha256(const size_t *n, const struct view *v, struct buf *out)
{
	(void)n;
	return outcome(digest_once(DIGEST_SHA256, v[0], out));
}

static const struct formula formulas[] = {
	{ "fill", 1, 1, formula_fill },
	{ "pad", 1, 1, formula_pad },
	{ "slice", 2, 1, slice },
	{ "add", 1, 1, add },
	{ "xor", 0, 2, xor },
	{ "3des-ecb", 0, 2, des_ecb },
	{ "3des-cbc", 0, 3, des_cbc },
	{ "3des-cbc-back", 0, 3, des_cbc_back },
	{ "aes-ecb", 0, 2, aes_ecb },
	{ "aes-cbc", 0, 3, aes_cbc },
	{ "aes-cbc-back", 0, 3, aes_cbc_back },
	{ "retail-mac", 0, 2, retail_mac },
	{ "cmac", 0, 2, cmac },
	{ "hmac-sha-256", 0, 2, hmac_sha256 },
	{ "sha-1", 0, 1, sha1 },
	{ "sha-256", 0, 1, sha256 },
};

const struct formula *
formula_find(const char *name)
{
	size_t i;

	for (i = 0; i < sizeof(formulas) / sizeof(*formulas); i++) {
		if (strcmp(formulas[i].name, name) == 0)
			return &formulas[i];
	}
	return NULL;
}
