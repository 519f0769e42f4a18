/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What P1 or DO 80 of a control reference template means: each application has
 * numbers of its own.
 */
#ifndef VICC_MODEL_ALGORITHM_H
#define VICC_MODEL_ALGORITHM_H

#include "crypto/cipher.h"
#include "crypto/digest.h"
#include "model/sam.h"

/* struct algorithm, and what its members may be, are vicc/card.h's. */
#define ALGORITHM_CIPHER VICC_ALGORITHM_CIPHER
#define ALGORITHM_HASH VICC_ALGORITHM_HASH
#define ALGORITHM_CMAC VICC_ALGORITHM_CMAC
#define ALGORITHM_RETAIL_MAC VICC_ALGORITHM_RETAIL_MAC
#define ALGORITHM_HMAC VICC_ALGORITHM_HMAC
#define ALGORITHM_RSA_PKCS1 VICC_ALGORITHM_RSA_PKCS1
#define ALGORITHM_RSA_RAW VICC_ALGORITHM_RSA_RAW
#define ALGORITHM_RSA_PSS VICC_ALGORITHM_RSA_PSS
#define ALGORITHM_RSA_OAEP VICC_ALGORITHM_RSA_OAEP
#define ALGORITHM_ECDSA VICC_ALGORITHM_ECDSA
#define ALGORITHM_ECDSA_DER VICC_ALGORITHM_ECDSA_DER
#define ALGORITHM_ECDH VICC_ALGORITHM_ECDH
#define ALGORITHM_ED25519 VICC_ALGORITHM_ED25519
#define ALGORITHM_X25519 VICC_ALGORITHM_X25519
#define ALGORITHM_NONE VICC_ALGORITHM_END
#define ALGORITHM_END { .what = ALGORITHM_NONE }

/* The hash whose length this is: SHA-1 and SHA-2. False: none. */
bool algorithm_digest_of(size_t n, enum digest *out);

#endif
