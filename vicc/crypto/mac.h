/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Message authentication codes. Compare them by secret_equal of base/mem.h. */
#ifndef VICC_CRYPTO_MAC_H
#define VICC_CRYPTO_MAC_H

#include "base/bytes.h"
#include "crypto/digest.h"

#define MAC_RETAIL_SIZE 8 /* bytes */
#define MAC_CMAC_SIZE 16

/* Each appends to out: 0, or negative and nothing appended. */

/*
 * ISO/IEC 9797-1 MAC algorithm 3 with DES, key of 16 bytes. Unpadded, data are
 * whole blocks of 8 bytes, one at least; what does not fit is -EINVAL.
 */
int mac_retail(struct view key, struct view data, struct buf *out);

/* The same over data padded by method 2 (80 00..), whatever their length. */
int mac_retail_padded(struct view key, struct view data, struct buf *out);

/* SP 800-38B with AES: 16 bytes; who wants less cuts. -EINVAL: length of key. */
int mac_cmac(struct view key, struct view data, struct buf *out);

/* RFC 2104. Any key, an empty one too. */
int mac_hmac(enum digest d, struct view key, struct view data, struct buf *out);

#endif
