/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "crypto/rand.h"

#include <errno.h>
#include <limits.h>
#include <openssl/crypto.h>
#include <openssl/ec.h>
#include <openssl/rand.h>
#include <string.h>

#include "crypto/cipher.h"
#include "crypto/digest.h"
#include "crypto/failure.h"
#include "crypto/mac.h"

int
rand_bytes(void *p, size_t n)
{
	if (n == 0)
		return 0;
	if (n <= INT_MAX && RAND_bytes(p, (int)n) == 1)
		return 0;
	explicit_bzero(p, n);
	return crypto_failure(-EIO);
}

/* One of each kind, so that its table of algorithms is built. */
static int
touch(void)
{
	const uint8_t zero[16] = { 0 };
	const struct view block = VIEW(zero);
	struct buf out = BUF(256);
	int r;

	r = digest_once(DIGEST_SHA1, block, &out);
	if (r == 0)
		r = cipher_encrypt(CIPHER_AES, CIPHER_CBC, block, NULL, block, &out);
	if (r == 0)
		r = mac_cmac(block, block, &out);
	if (r == 0)
		r = mac_hmac(DIGEST_SHA256, block, block, &out);
	buf_free(&out);
	return r < 0 ? -EIO : 0;
}

/* The tables of the kinds of keys, without making one. */
static int
touch_keys(void)
{
	static const char *const kinds[] = { "RSA", "EC", "ED25519", "X25519", "ED448", "X448" };
	EVP_PKEY_CTX *ctx;
	size_t i;

	for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		ctx = EVP_PKEY_CTX_new_from_name(NULL, kinds[i], NULL);
		if (!ctx)
			return crypto_failure(-EIO);
		EVP_PKEY_CTX_free(ctx);
	}
	return 0;
}

int
crypto_warm(void)
{
	uint8_t seed[16];
	int r;

	if (OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG | OPENSSL_INIT_NO_LOAD_CRYPTO_STRINGS,
				NULL) != 1)
		return crypto_failure(-EIO);
	r = rand_bytes(seed, sizeof(seed));
	explicit_bzero(seed, sizeof(seed));
	/* keys come from a generator of their own */
	if (r == 0 && RAND_priv_bytes(seed, sizeof(seed)) != 1)
		r = crypto_failure(-EIO);
	explicit_bzero(seed, sizeof(seed));
	if (r == 0)
		r = touch();
	return r < 0 ? r : touch_keys();
}
