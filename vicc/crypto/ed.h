/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Ed25519 (RFC 8032) and X25519 (RFC 7748). Bytes are as these RFCs have them: little-endian. */
#ifndef VICC_CRYPTO_ED_H
#define VICC_CRYPTO_ED_H

#include "base/bytes.h"

#define ED_KEY_SIZE 32       /* bytes of a private key, a public key, a shared secret */
#define ED_SIGNATURE_SIZE 64

enum ed_kind {
	ED_25519, /* signs */
	ED_X25519, /* agrees */
};

/* A key pair, or the public half of one. Wiped when freed. */
struct ed;

/* Each gives a key: 0, or negative; -EINVAL: not 32 bytes. */
int ed_generate(struct ed **out, enum ed_kind kind);
int ed_private(struct ed **out, enum ed_kind kind, struct view key);
int ed_public(struct ed **out, enum ed_kind kind, struct view key);
void ed_free(struct ed *k); /* takes NULL */

enum ed_kind ed_kind(const struct ed *k);
bool ed_is_private(const struct ed *k);
struct view ed_oid(enum ed_kind kind); /* contents of the OBJECT IDENTIFIER (RFC 8410, 3) */

int ed_get_private(const struct ed *k, struct buf *out); /* appends 32 bytes; -ENOENT: public */
int ed_get_public(const struct ed *k, struct buf *out);  /* appends 32 bytes */

/* Ed25519 over the message itself. Appends 64 bytes. -ENOENT: k is public; -ENOTSUP: an X25519 key. */
int ed_sign(const struct ed *k, struct view message, struct buf *out);

/* 0: genuine; -EBADMSG: it is not; -ENOTSUP: an X25519 key. */
int ed_verify(const struct ed *k, struct view message, struct view signature);

/*
 * X25519: append the shared secret, 32 bytes. -ENOENT: k is public; -ENOTSUP: an
 * Ed25519 key; -EINVAL: not 32 bytes, or a point that gives zero (RFC 7748, 6.1).
 */
int ed_shared(const struct ed *k, struct view other, struct buf *out);

#endif
