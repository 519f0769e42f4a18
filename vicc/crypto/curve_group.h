/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Curves as libcrypto has them; for curve.c and ec.c only. */
#ifndef VICC_CRYPTO_CURVE_GROUP_H
#define VICC_CRYPTO_CURVE_GROUP_H

#include <openssl/ec.h>

#include "crypto/curve.h"

/* The caller's; NULL: this libcrypto was built without the curve, or no memory. */
EC_GROUP *curve_group(enum curve c);

#endif
