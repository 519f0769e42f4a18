/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SHA-1 and SHA-2 that go on from a chaining value; behind hash_resume only. */
#ifndef VICC_CRYPTO_RESUME_H
#define VICC_CRYPTO_RESUME_H

#include "crypto/digest.h"

struct resume;

/* As hash_resume says of a state that is not empty. */
int resume_new(struct resume **out, enum digest d, struct view state);
void resume_free(struct resume *r); /* takes NULL; wiped */
int resume_update(struct resume *r, struct view data);
int resume_final(struct resume *r, uint8_t hash[DIGEST_MAX]);

#endif
