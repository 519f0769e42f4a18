/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What is done with a key that the card keeps.
 *
 * The numbers of an asymmetric key are kept as data objects, those of ISO/IEC
 * 7816-8 where it names them:
 *   RSA: 81 n, 82 e, 92 p, 93 q, 94 q^-1 mod p, 95 d mod p-1, 96 d mod q-1, and 83 d
 *        where p and q are not known; private with either, else only public
 *   EC: 06 OID of the curve, 86 point 04 X Y, 88 d
 *   Ed25519, X25519, Ed448, X448: 86 public key, 88 private key
 * Of an EC key still to be generated, 06 alone. Of a key that comes number by number,
 * 7F48 around those that have come.
 */
#ifndef VICC_MODEL_KEY_H
#define VICC_MODEL_KEY_H

#include "base/bytes.h"
#include "crypto/ec.h"
#include "crypto/ed.h"
#include "crypto/import.h"
#include "crypto/rsa.h"
#include "model/algorithm.h"
#include "model/sam.h"

#define KEY_RSA_N 0x81
#define KEY_RSA_E 0x82
#define KEY_RSA_D 0x83
#define KEY_RSA_P 0x92
#define KEY_RSA_Q 0x93
#define KEY_RSA_QINV 0x94
#define KEY_RSA_DP 0x95
#define KEY_RSA_DQ 0x96
#define KEY_OID 0x06
#define KEY_POINT 0x86
#define KEY_D 0x88
#define KEY_UNFINISHED 0x7f48u

/* The key, ready for use: k's, until k changes. NULL: there is none, or no memory. */
struct rsa *key_rsa(struct sam_key *k);
struct ec *key_ec(struct sam_key *k);
struct ed *key_ed(struct sam_key *k);

/* The one of the three that it is, as a certificate's maker takes it: still k's. id is not set. */
struct import_key key_asym(struct sam_key *k);

bool key_is_private(struct sam_key *k); /* symmetric: whether it has a value */

/*
 * k is this key from now on, of its kind and size. Takes it over, also when it
 * fails: -ENOMEM, and k is as before. Marking the change is the caller's.
 */
int key_keep_rsa(struct sam_key *k, struct rsa *given);
int key_keep_ec(struct sam_key *k, struct ec *given);
int key_keep_ed(struct sam_key *k, struct ed *given);

/*
 * A new pair of k's kind: bits of an RSA modulus, or the curve of an EC key. stop, unless
 * NULL, ends a long search. 0 or negative: k is as before.
 */
int key_generate(struct sam_key *k, size_t bits, enum curve curve, bool (*stop)(void *), void *ctx);

/*
 * The same from data objects as above, and 81 p, 82 a, 83 b, 84 G, 85 n, 87 h
 * instead of an OID. kind says what they are. -EINVAL: they are no key.
 */
int key_import(struct sam_key *k, enum sam_kind kind, struct view objects);

/*
 * What an image says: data objects as above, which stay as they are, or PKCS#8 or
 * SubjectPublicKeyInfo, DER or PEM. k's kind is what it has to be. 0; -EINVAL: it is no such
 * key; -ENOMEM.
 */
int key_set_value(struct sam_key *k, struct view value);

/* The two names of a kind of Edwards or Montgomery curve. False: this is none. */
bool key_ed_kind(enum sam_kind kind, enum ed_kind *out);
enum sam_kind key_kind_of_ed(enum ed_kind kind);

/* What kind of key these are; 88 alone is EC. False: none. */
bool key_kind_of(struct view objects, enum sam_kind *kind);

/* The curve that 06, or 81 82 83 84 85 [87], names. */
bool key_curve_of(struct view objects, enum curve *out);

/* Append what 7F49 holds: 81 n, 82 e; or 06 OID, 86 point; or 86. 0; -ENOENT: no key. */
int key_put_public(struct sam_key *k, struct buf *out);

/* The same where the curve is known: without the OID. */
int key_put_plain_public(struct sam_key *k, struct buf *out);

/*
 * Each appends to out. 0; -ENOENT: k has no such half, or no value; -EINVAL: the
 * algorithm cannot have such data; -EBADMSG: wrong signature, wrong padding;
 * -ENOTSUP: the algorithm is not for this, or not for such a key.
 */

/* hash: what `in` is the hash by (NULL: nothing is known of it; then PKCS#1 pads it as it is). */
int key_sign(struct sam_key *k, const struct algorithm *a, const enum digest *hash, struct view in,
	     struct buf *out);
int key_verify(struct sam_key *k, const struct algorithm *a, const enum digest *hash,
	       struct view in, struct view signature);

/* Block ciphers: whole blocks, iv of one block or empty (zeros). hash: OAEP's, NULL: SHA-1. */
int key_encipher(struct sam_key *k, const struct algorithm *a, const enum digest *hash,
		 struct view iv, struct view in, struct buf *out);
int key_decipher(struct sam_key *k, const struct algorithm *a, const enum digest *hash,
		 struct view iv, struct view in, struct buf *out);

int key_checksum(struct sam_key *k, const struct algorithm *a, struct view in, struct buf *out);

/* The secret shared with the owner of a public key (04 X Y, or 32 bytes). */
int key_agree(struct sam_key *k, const struct algorithm *a, struct view point, struct buf *out);

/* The block of a cipher or checksum for this kind of key, in bytes; 0: it has none. */
size_t key_block(enum sam_kind kind);

#endif
