/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Ed25519, Ed448 (RFC 8032), X25519 and X448 (RFC 7748). Bytes are as these RFCs have
 * them: little-endian.
 */
#ifndef VICC_CRYPTO_ED_H
#define VICC_CRYPTO_ED_H

#include "base/bytes.h"

#define ED_KEY_SIZE_MAX 57
#define ED_SIGNATURE_SIZE_MAX (2 * ED_KEY_SIZE_MAX)

enum ed_kind {
	ED_25519, /* signs */
	ED_X25519, /* agrees */
	ED_448, /* signs, without a context */
	ED_X448, /* agrees */
};

size_t ed_size(enum ed_kind kind);      /* bytes of a private key, a public key, a shared secret */
size_t ed_bits(enum ed_kind kind);      /* of its field, as it is named; 256 of the first two */
const char *ed_name(enum ed_kind kind); /* "Ed25519" */
bool ed_signs(enum ed_kind kind);       /* or else agrees */

/* A key pair, or the public half of one. Wiped when freed. */
struct ed;

/* Each gives a key: 0, or negative; -EINVAL: not ed_size bytes. */
int ed_generate(struct ed **out, enum ed_kind kind);
int ed_private(struct ed **out, enum ed_kind kind, struct view key);
int ed_public(struct ed **out, enum ed_kind kind, struct view key);
void ed_free(struct ed *k); /* takes NULL */

enum ed_kind ed_kind(const struct ed *k);
bool ed_is_private(const struct ed *k);
struct view ed_oid(enum ed_kind kind); /* contents of the OBJECT IDENTIFIER (RFC 8410, 3) */

/* appends ed_size bytes; -ENOENT: public */
int ed_get_private(const struct ed *k, struct buf *out);
int ed_get_public(const struct ed *k, struct buf *out);  /* appends ed_size bytes */

/*
 * Over the message itself. Appends twice ed_size bytes. -ENOENT: k is public; -ENOTSUP:
 * it agrees.
 */
int ed_sign(const struct ed *k, struct view message, struct buf *out);

/* 0: genuine; -EBADMSG: it is not; -ENOTSUP: a key that agrees. */
int ed_verify(const struct ed *k, struct view message, struct view signature);

/*
 * Append the shared secret, ed_size bytes. -ENOENT: k is public; -ENOTSUP: a key
 * that signs; -EINVAL: not ed_size bytes, or a point that gives zero (RFC 7748, 6.1, 6.2).
 */
int ed_shared(const struct ed *k, struct view other, struct buf *out);

#endif
