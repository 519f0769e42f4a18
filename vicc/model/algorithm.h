/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What DO 80 of a control reference template names. The plain card's numbers are
 * here; a card with numbers of its own has rows of its own.
 */
#ifndef VICC_MODEL_ALGORITHM_H
#define VICC_MODEL_ALGORITHM_H

#include "crypto/cipher.h"
#include "crypto/digest.h"
#include "model/sam.h"

enum algorithm_what {
	ALGORITHM_CIPHER,
	ALGORITHM_HASH,
	ALGORITHM_CMAC,
	ALGORITHM_RETAIL_MAC,
	ALGORITHM_HMAC,
	ALGORITHM_RSA_PKCS1, /* signature and encryption of RFC 8017, 8.2 and 7.2 */
	ALGORITHM_RSA_RAW,   /* as it is: of the modulus' length */
	ALGORITHM_RSA_PSS,
	ALGORITHM_RSA_OAEP,
	ALGORITHM_ECDSA,     /* r || s */
	ALGORITHM_ECDSA_DER, /* SEQUENCE of r and s */
	ALGORITHM_ECDH,
	ALGORITHM_ED25519,
	ALGORITHM_X25519,
};

struct algorithm {
	uint8_t id;            /* DO 80 */
	enum algorithm_what what;
	enum sam_kind kind;    /* of key that it wants; of hashes, no matter */
	enum cipher_mode mode; /* of ciphers */
	enum digest digest;    /* of hashes and HMAC */
};

const struct algorithm *algorithm_find(uint8_t id); /* of the plain card; NULL: it has none */

/* The hash whose length this is: SHA-1 and SHA-2. False: none. */
bool algorithm_digest_of(size_t n, enum digest *out);

#endif
