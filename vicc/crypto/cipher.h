/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Block ciphers (SP 800-67, FIPS 197) in ECB and CBC, and padding. */
#ifndef VICC_CRYPTO_CIPHER_H
#define VICC_CRYPTO_CIPHER_H

#include "base/bytes.h"

enum cipher {
	CIPHER_3DES, /* keys of 24, 16 (K1 K2 K1) or 8 bytes (K K K, which is single DES) */
	CIPHER_AES,  /* keys of 16, 24 or 32 bytes */
};

enum cipher_mode {
	CIPHER_ECB = VICC_MODE_ECB,
	CIPHER_CBC = VICC_MODE_CBC,
};

#define CIPHER_BLOCK_MAX 16 /* bytes */

size_t cipher_block(enum cipher c); /* 8 or 16 bytes */
bool cipher_takes_key(enum cipher c, size_t n);

/*
 * Append to out what becomes of in, whole blocks, unpadded; in is not in out.
 * iv: CBC only, one block, NULL for zeros; holds the last ciphertext block
 * then, so that the next call goes on. 0; -EINVAL: length of key or in, and
 * then nothing has changed.
 */
int cipher_encrypt(enum cipher c, enum cipher_mode m, struct view key, uint8_t *iv,
		   struct view in, struct buf *out);
int cipher_decrypt(enum cipher c, enum cipher_mode m, struct view key, uint8_t *iv,
		   struct view in, struct buf *out);

/* Append 80 00.. (ISO/IEC 9797-1 method 2) until what stands behind from is whole blocks. */
void pad_iso(struct buf *b, size_t from, size_t block);

/* Take it off again. False: there is none within the last block, and v is as it was. */
bool unpad_iso(struct view *v, size_t block);

#endif
