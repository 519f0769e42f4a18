/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* RSA keys and what is done with them (RFC 8017). Numbers are big-endian. */
#ifndef VICC_CRYPTO_RSA_H
#define VICC_CRYPTO_RSA_H

#include "base/bytes.h"
#include "crypto/digest.h"

#define RSA_KEY_BITS_MIN 512
#define RSA_KEY_BITS_MAX 4096
#define RSA_KEY_SIZE_MAX (RSA_KEY_BITS_MAX / 8) /* bytes */

/* A key pair, or the public half of one. Wiped when freed. */
struct rsa;

enum rsa_part {
	RSA_PART_N,
	RSA_PART_E,
	RSA_PART_D,
	RSA_PART_P,
	RSA_PART_Q,
	RSA_PART_DP,   /* d mod p - 1 */
	RSA_PART_DQ,   /* d mod q - 1 */
	RSA_PART_QINV, /* q^-1 mod p */
};

#define RSA_PART_COUNT 8

extern const char *const rsa_part_names[RSA_PART_COUNT]; /* libcrypto's: OSSL_PKEY_PARAM_RSA_... */

/* The numbers that there are; the others are empty. Leading zeros do not matter. */
struct rsa_parts {
	struct view part[RSA_PART_COUNT];
};

/*
 * bits: 512..4096, a multiple of 8. e: odd, above 1; 65537 when it is empty.
 * stop, unless NULL, is asked all the while, every few milliseconds; true ends
 * it. 0; -EINVAL: bits or e; -ECANCELED: stopped.
 */
int rsa_generate(struct rsa **out, size_t bits, struct view e, bool (*stop)(void *), void *ctx);

/*
 * A key pair of p and q with e or dp (and dq), the rest being worked out or, if
 * given, checked; or of n, e and d alone, which works, slower. 0; -EINVAL: too
 * few numbers, or they do not belong together, or n is not a multiple of 8 of
 * 512..4096 bits, or a prime is longer than half of n.
 */
int rsa_private(struct rsa **out, const struct rsa_parts *parts);

/* 0; -EINVAL: length of n, or e is even or 1. */
int rsa_public(struct rsa **out, struct view n, struct view e);

void rsa_free(struct rsa *k); /* takes NULL */

size_t rsa_size(const struct rsa *k); /* bytes of the modulus */
bool rsa_is_private(const struct rsa *k);

/*
 * Append one of its numbers: n and d as long as the modulus, p, q, dp, dq and
 * qinv half as long (rounded up), e as short as it is. 0; -ENOENT: this key has none.
 */
int rsa_get(const struct rsa *k, enum rsa_part part, struct buf *out);

/*
 * What follows appends to out, rsa_size bytes where it makes a signature or a
 * cryptogram. -ENOENT: it needs a private key and k is none. Signatures and
 * cryptograms that are given must be rsa_size bytes, where nothing else is said.
 * A result "no" is -EBADMSG, without a reason.
 */

/* in^d mod n, in^e mod n; at most rsa_size bytes in. -EINVAL: longer, or not below n. */
int rsa_raw_private(const struct rsa *k, struct view in, struct buf *out);
int rsa_raw_public(const struct rsa *k, struct view in, struct buf *out);

/*
 * EMSA-PKCS1-v1_5 around t, a DigestInfo or whatever there is. -EINVAL: above rsa_size
 * - 11 bytes.
 */
int rsa_sign_pkcs1(const struct rsa *k, struct view t, struct buf *out);
int rsa_verify_pkcs1(const struct rsa *k, struct view t, struct view signature);

/* RSAES-PKCS1-v1_5. -EBADMSG: not such padding, found out in constant time. */
int rsa_encrypt_pkcs1(const struct rsa *k, struct view in, struct buf *out);
int rsa_decrypt_pkcs1(const struct rsa *k, struct view in, struct buf *out);

struct rsa_pss {
	enum digest digest; /* of the message */
	enum digest mgf;    /* inside MGF1 */
	size_t salt;        /* bytes */
};

/* RSASSA-PSS over a hash. -EINVAL: length of hash, or salt and hash are too long for k. */
int rsa_sign_pss(const struct rsa *k, const struct rsa_pss *pss, struct view hash, struct buf *out);
int rsa_verify_pss(const struct rsa *k, const struct rsa_pss *pss, struct view hash,
		   struct view signature);

struct rsa_oaep {
	enum digest digest; /* of the label */
	enum digest mgf;    /* inside MGF1 */
	struct view label;  /* mostly empty */
};

/* RSAES-OAEP. -EINVAL: too long for k; -EBADMSG: not such padding, or another label. */
int rsa_encrypt_oaep(const struct rsa *k, const struct rsa_oaep *oaep, struct view in,
		     struct buf *out);
int rsa_decrypt_oaep(const struct rsa *k, const struct rsa_oaep *oaep, struct view in,
		     struct buf *out);

#endif
