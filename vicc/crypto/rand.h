/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Random numbers, and waking libcrypto up. */
#ifndef VICC_CRYPTO_RAND_H
#define VICC_CRYPTO_RAND_H

#include <stddef.h>

/* n random bytes, for keys and challenges alike. 0; -EIO: there are none, and p is zero. */
int rand_bytes(void *p, size_t n);

/*
 * All that libcrypto does once and lazily: its tables, its default provider,
 * the seed. Call it before the process shuts itself in, and again in a child
 * (the generator of a child seeds itself anew). The machine's openssl.cnf is
 * not read: what a card can do is not a matter of the host's policy. About
 * 1 ms, 300 KiB. 0 or -EIO.
 */
int crypto_warm(void);

#endif
