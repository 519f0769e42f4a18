/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Secrets: kept by value, compared in constant time, wiped by their owner. */
#ifndef VICC_BASE_MEM_H
#define VICC_BASE_MEM_H

#include "base/bytes.h"

#define SECRET_MAX 127 /* bytes: a password, a symmetric key, a key of HMAC-SHA-512 */

struct secret {
	uint8_t bytes[SECRET_MAX];
	size_t n;
};

/* False: longer than SECRET_MAX; then nothing is set. */
bool secret_set(struct secret *s, struct view v);
void secret_wipe(struct secret *s);
struct view secret_view(const struct secret *s); /* dies with the next change to s */

/* In constant time for lengths that are equal; lengths are no secret. */
bool secret_equal(struct view a, struct view b);

#endif
