/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * malloc and its kin for libraries that free what they have seen of PINs and
 * keys: each byte is wiped before it goes back. Not to be mixed with malloc's.
 */
#ifndef VICC_BASE_ALLOC_H
#define VICC_BASE_ALLOC_H

#include <stddef.h>

void *wiping_malloc(size_t n);
void *wiping_realloc(void *p, size_t n); /* always by copy; n 0 frees */
void wiping_free(void *p);               /* takes NULL */

#endif
