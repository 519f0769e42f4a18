/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* libcrypto's keys from their numbers: for crypto/ only. */
#ifndef VICC_CRYPTO_FROMDATA_H
#define VICC_CRYPTO_FROMDATA_H

#include <openssl/evp.h>
#include <openssl/param_build.h>

/*
 * A key of a type, "RSA" or "EC", from parameters. Takes bld over; NULL: there was no
 * memory for it. selection is EVP_PKEY_KEYPAIR or EVP_PKEY_PUBLIC_KEY. 0 and the key,
 * or -ENOMEM, or -EINVAL: the numbers are no key.
 */
int key_from_params(const char *type, OSSL_PARAM_BLD *bld, int selection, EVP_PKEY **pkey);

#endif
