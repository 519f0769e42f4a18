/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Keys and certificates as files hold them: what import.h reads. */
#ifndef VICC_CRYPTO_EXPORT_H
#define VICC_CRYPTO_EXPORT_H

#include "crypto/import.h"

/* Append PEM (RFC 7468) around der; name: "CERTIFICATE". 0 or -ENOMEM. */
int export_pem(const char *name, struct view der, struct buf *out);

/* Append a private key, RSA or EC, as PKCS#8 (RFC 5208), unencrypted. 0; -ENOENT: it is public. */
int export_key(const struct import_key *k, struct buf *out);

#endif
