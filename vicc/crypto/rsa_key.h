/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What is in a struct rsa; for rsa.c and rsa_scheme.c only. */
#ifndef VICC_CRYPTO_RSA_KEY_H
#define VICC_CRYPTO_RSA_KEY_H

#include <openssl/evp.h>

#include "crypto/rsa.h"

struct rsa {
	EVP_PKEY *pkey;
	/* made ready once: setting one up costs more than a public operation */
	EVP_PKEY_CTX *raw_private; /* NULL: a public key */
	EVP_PKEY_CTX *raw_public;
	size_t size;               /* bytes of the modulus */
	uint8_t n[RSA_KEY_SIZE_MAX];
};

#endif
