/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What libcrypto gives back has held keys and PINs. */
#ifndef VICC_CRYPTO_MEMORY_H
#define VICC_CRYPTO_MEMORY_H

#include <stdbool.h>

/*
 * From here on all that libcrypto frees is wiped, in this process and its children.
 * Once, before anything else is asked of it; false: that was too late.
 */
bool crypto_wipe_memory(void);

#endif
