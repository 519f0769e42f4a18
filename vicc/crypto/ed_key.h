/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What is in a struct ed; for ed.c and import.c only. */
#ifndef VICC_CRYPTO_ED_KEY_H
#define VICC_CRYPTO_ED_KEY_H

#include <openssl/evp.h>

#include "crypto/ed.h"

struct ed {
	enum ed_kind kind;
	bool is_private;
	EVP_PKEY *pkey;
};

/* Takes pkey over, whether it succeeds or not; pkey is of that kind. */
int ed_wrap(struct ed **out, enum ed_kind kind, EVP_PKEY *pkey, bool is_private);

#endif
