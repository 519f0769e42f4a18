/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Hash functions (FIPS 180-4, FIPS 202). */
#ifndef VICC_CRYPTO_DIGEST_H
#define VICC_CRYPTO_DIGEST_H

#include "base/bytes.h"

enum digest {
	DIGEST_SHA1 = VICC_DIGEST_SHA1,
	DIGEST_SHA224 = VICC_DIGEST_SHA224,
	DIGEST_SHA256 = VICC_DIGEST_SHA256,
	DIGEST_SHA384 = VICC_DIGEST_SHA384,
	DIGEST_SHA512 = VICC_DIGEST_SHA512,
	DIGEST_SHA3_256 = VICC_DIGEST_SHA3_256,
	DIGEST_SHA3_384 = VICC_DIGEST_SHA3_384,
	DIGEST_SHA3_512 = VICC_DIGEST_SHA3_512,
};

#define DIGEST_COUNT 8
#define DIGEST_MAX 64       /* bytes of the longest hash */
#define DIGEST_BLOCK_MAX 144

size_t digest_size(enum digest d);  /* bytes of the hash */
size_t digest_block(enum digest d); /* bytes that are worked in at a time */
const char *digest_name(enum digest d); /* as libcrypto has it: "SHA256", "SHA3-256" */

/* Append the hash of data to out. 0 or negative. */
int digest_once(enum digest d, struct view data, struct buf *out);

/* The same in parts. */
struct hash;

struct hash *hash_new(enum digest d); /* NULL: no memory */
void hash_free(struct hash *h);       /* takes NULL; wiped */

/*
 * Go on from an intermediate state (ISO/IEC 7816-8, 11.8.3 PSO: HASH, DO 90):
 * the chaining value, then how many bits it holds, in 8 bytes. That number is
 * of whole blocks. The chaining value is as long as the hash, but 32 bytes for
 * SHA-224 and 64 for SHA-384. An empty state is the beginning. 0; -EINVAL: not
 * such a state; -ENOTSUP: SHA-3 has none.
 */
int hash_resume(struct hash **out, enum digest d, struct view state);

int hash_update(struct hash *h, struct view data);      /* 0 or negative */
int hash_final(struct hash *h, struct buf *out);        /* appends; h can only be freed then */

/* Append its AlgorithmIdentifier, without parameters (RFC 5754, 2). */
void digest_put_algorithm(enum digest d, struct buf *out);

/*
 * Append the DigestInfo of a hash (RFC 8017, 9.2, with NULL parameters). Built
 * here, not in libcrypto: there a host's policy may refuse SHA-1. 0; -EINVAL:
 * the hash has not the length of d.
 */
int digest_info(enum digest d, struct view hash, struct buf *out);

#endif
