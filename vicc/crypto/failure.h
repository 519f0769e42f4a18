/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What libcrypto's error queue becomes: one negative number. */
#ifndef VICC_CRYPTO_FAILURE_H
#define VICC_CRYPTO_FAILURE_H

/* -ENOMEM where libcrypto ran out of memory, else otherwise. Empties the queue. */
int crypto_failure(int otherwise);

#endif
