/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Keys out of shared secrets (Doc 9303-11, 9.7.1; TR-03110-3, A.2.3). */
#ifndef VICC_CRYPTO_KDF_H
#define VICC_CRYPTO_KDF_H

#include "base/bytes.h"
#include "base/mem.h"
#include "crypto/cipher.h"

enum kdf_use {
	KDF_ENC = 1,
	KDF_MAC = 2,
	KDF_PASSWORD = 3,
};

/*
 * key = the first n bytes of H(secret || 32-bit big-endian use): 3DES, n = 16,
 * by SHA-1 with odd parity; AES by SHA-1 for n = 16, by SHA-256 for 24 and 32.
 * Where a nonce joins (chip authentication 2), it stands behind the secret. 0;
 * -EINVAL: no such n.
 */
int kdf_derive(enum cipher c, size_t n, struct view secret, enum kdf_use use, struct secret *key);

/* Set the low bit of each byte so that the byte has an odd number of ones (SP 800-67, 3.1). */
void des_parity(uint8_t *key, size_t n);

#endif
