/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "crypto/mac.h"

#include <errno.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <string.h>

#include "crypto/cipher.h"
#include "crypto/failure.h"

#define DES_BLOCK 8

/*
 * All blocks but the last in CBC under K, then the last under K K' K: the same
 * as algorithm 3's decryption by K' and encryption by K at the end.
 */
int
mac_retail(struct view key, struct view data, struct buf *out)
{
	struct buf scratch = BUF(data.n);
	uint8_t iv[CIPHER_BLOCK_MAX] = { 0 };
	struct view body, last = data;
	int r;

	if (key.n != 16 || data.n == 0 || data.n % DES_BLOCK != 0)
		return -EINVAL;
	view_take(&last, data.n - DES_BLOCK, &body);
	r = cipher_encrypt(CIPHER_3DES, CIPHER_CBC, view_of(key.p, DES_BLOCK), iv, body, &scratch);
	if (r == 0)
		r = cipher_encrypt(CIPHER_3DES, CIPHER_CBC, key, iv, last, out);
	buf_free(&scratch);
	explicit_bzero(iv, sizeof(iv));
	return r;
}

int
mac_retail_padded(struct view key, struct view data, struct buf *out)
{
	struct buf padded = BUF(data.n + DES_BLOCK);
	int r = -ENOMEM;

	buf_put_view(&padded, data);
	pad_iso(&padded, 0, DES_BLOCK);
	if (!padded.failed)
		r = mac_retail(key, buf_view(&padded), out);
	buf_free(&padded);
	return r;
}

/* size: of the MAC that the algorithm gives. */
static int
mac_compute(const char *name, const OSSL_PARAM *params, struct view key, struct view data,
	    size_t size, struct buf *out)
{
	const uint8_t nothing = 0;
	uint8_t *at = buf_grow(out, size);
	EVP_MAC *mac = EVP_MAC_fetch(NULL, name, NULL);
	EVP_MAC_CTX *ctx = mac ? EVP_MAC_CTX_new(mac) : NULL;
	int r = 0;

	/* an empty key must not be a NULL key, which is none */
	if (!ctx || !at ||
	    EVP_MAC_init(ctx, key.n > 0 ? key.p : &nothing, key.n, params) != 1 ||
	    EVP_MAC_update(ctx, data.n > 0 ? data.p : &nothing, data.n) != 1 ||
	    EVP_MAC_final(ctx, at, &size, size) != 1)
		r = crypto_failure(at ? -EIO : -ENOMEM);
	EVP_MAC_CTX_free(ctx);
	EVP_MAC_free(mac);
	if (r < 0 && at)
		buf_cut(out, out->n - size);
	return r;
}

int
mac_cmac(struct view key, struct view data, struct buf *out)
{
	const char *cipher = key.n == 16   ? "AES-128-CBC"
			     : key.n == 24 ? "AES-192-CBC"
					   : "AES-256-CBC";
	const OSSL_PARAM params[] = {
		OSSL_PARAM_utf8_string(OSSL_MAC_PARAM_CIPHER, (char *)cipher, strlen(cipher)),
		OSSL_PARAM_END
	};

	if (!cipher_takes_key(CIPHER_AES, key.n))
		return -EINVAL;
	return mac_compute("CMAC", params, key, data, MAC_CMAC_SIZE, out);
}

int
mac_hmac(enum digest d, struct view key, struct view data, struct buf *out)
{
	const char *name = digest_name(d);
	const OSSL_PARAM params[] = {
		OSSL_PARAM_utf8_string(OSSL_MAC_PARAM_DIGEST, (char *)name, strlen(name)),
		OSSL_PARAM_END
	};

	return mac_compute("HMAC", params, key, data, digest_size(d), out);
}
