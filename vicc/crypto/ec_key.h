/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What is in a struct ec; for ec.c and import.c only. */
#ifndef VICC_CRYPTO_EC_KEY_H
#define VICC_CRYPTO_EC_KEY_H

#include <openssl/evp.h>

#include "crypto/ec.h"

struct ec {
	enum curve curve;
	EVP_PKEY *pkey;
	EVP_PKEY_CTX *sign; /* made ready once; NULL: a public key */
};

/* Takes pkey over, whether it succeeds or not; pkey is on c. */
int ec_wrap(struct ec **out, enum curve c, EVP_PKEY *pkey, bool is_private);

#endif
