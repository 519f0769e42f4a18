/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "crypto/cipher.h"

#include <errno.h>
#include <limits.h>
#include <openssl/evp.h>
#include <string.h>

#include "crypto/failure.h"

#define KEY_MAX 32
#define DES_KEY 8
#define DES3_KEY 24

/* A key as libcrypto wants it; wiped by its user. */
struct schedule {
	const EVP_CIPHER *cipher;
	uint8_t key[KEY_MAX];
};

size_t
cipher_block(enum cipher c)
{
	return c == CIPHER_AES ? 16 : 8;
}

bool
cipher_takes_key(enum cipher c, size_t n)
{
	return n == 16 || n == 24 || n == (c == CIPHER_AES ? 32 : 8);
}

static const EVP_CIPHER *
aes(enum cipher_mode m, size_t n)
{
	if (n == 16)
		return m == CIPHER_CBC ? EVP_aes_128_cbc() : EVP_aes_128_ecb();
	if (n == 24)
		return m == CIPHER_CBC ? EVP_aes_192_cbc() : EVP_aes_192_ecb();
	return m == CIPHER_CBC ? EVP_aes_256_cbc() : EVP_aes_256_ecb();
}

static void
set_key(struct schedule *s, enum cipher c, enum cipher_mode m, struct view key)
{
	size_t i;

	if (c == CIPHER_AES) {
		s->cipher = aes(m, key.n);
		memcpy(s->key, key.p, key.n);
		return;
	}
	/* always three keys: libcrypto 3 keeps single DES in a provider that need not be there */
	s->cipher = m == CIPHER_CBC ? EVP_des_ede3_cbc() : EVP_des_ede3_ecb();
	for (i = 0; i < DES3_KEY; i += DES_KEY)
		memcpy(s->key + i, key.p + i % key.n, DES_KEY);
}

static int
cipher_run(const struct schedule *s, bool encrypt, const uint8_t *iv, struct view in, uint8_t *out)
{
	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
	int n = 0, r = 0;

	if (!ctx ||
	    EVP_CipherInit_ex2(ctx, s->cipher, s->key, iv, encrypt, NULL) != 1 ||
	    EVP_CIPHER_CTX_set_padding(ctx, 0) != 1 ||
	    EVP_CipherUpdate(ctx, out, &n, in.p, (int)in.n) != 1 ||
	    (size_t)n != in.n)
		r = crypto_failure(-EIO);
	EVP_CIPHER_CTX_free(ctx);
	return r;
}

static int
crypt(enum cipher c, enum cipher_mode m, bool encrypt, struct view key, uint8_t *iv,
      struct view in, struct buf *out)
{
	static const uint8_t zero[CIPHER_BLOCK_MAX];
	const size_t block = cipher_block(c);
	struct schedule s;
	uint8_t *at;
	int r;

	if (!cipher_takes_key(c, key.n) || in.n % block != 0 || in.n > INT_MAX)
		return -EINVAL;
	if (in.n == 0)
		return 0;
	at = buf_grow(out, in.n);
	if (!at)
		return -ENOMEM;
	set_key(&s, c, m, key);
	r = cipher_run(&s, encrypt, iv ? iv : zero, in, at);
	explicit_bzero(&s, sizeof(s));
	if (r < 0)
		buf_cut(out, out->n - in.n);
	else if (iv && m == CIPHER_CBC)
		memcpy(iv, (encrypt ? at : in.p) + in.n - block, block);
	return r;
}

int
cipher_encrypt(enum cipher c, enum cipher_mode m, struct view key, uint8_t *iv, struct view in,
	       struct buf *out)
{
	return crypt(c, m, true, key, iv, in, out);
}

int
cipher_decrypt(enum cipher c, enum cipher_mode m, struct view key, uint8_t *iv, struct view in,
	       struct buf *out)
{
	return crypt(c, m, false, key, iv, in, out);
}

void
pad_iso(struct buf *b, size_t from, size_t block)
{
	buf_u8(b, 0x80);
	if (!b->failed)
		buf_fill(b, 0x00, (block - (b->n - from) % block) % block);
}

bool
unpad_iso(struct view *v, size_t block)
{
	size_t n = v->n;

	while (n > 0 && v->n - n < block && v->p[n - 1] == 0x00)
		n--;
	if (n == 0 || v->n - n >= block || v->p[n - 1] != 0x80)
		return false;
	v->n = n - 1;
	return true;
}
