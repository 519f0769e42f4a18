/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Keys on elliptic curves: ECDSA (FIPS 186-4, 6) and ECDH (SEC 1, 3.3.1). */
#ifndef VICC_CRYPTO_EC_H
#define VICC_CRYPTO_EC_H

#include "base/bytes.h"
#include "crypto/curve.h"

/* A key pair, or the public half of one. Wiped when freed. */
struct ec;

/* Each gives a key: 0, or negative; -ENOTSUP: this libcrypto was built without the curve. */

int ec_generate(struct ec **out, enum curve c);

/* d: big-endian, leading zeros do not matter. The point is worked out. -EINVAL: not in 1..n-1. */
int ec_private(struct ec **out, enum curve c, struct view d);

/* point: 04 X Y. -EINVAL: its length, another form, not on the curve. */
int ec_public(struct ec **out, enum curve c, struct view point);

void ec_free(struct ec *k); /* takes NULL */

enum curve ec_curve(const struct ec *k);
bool ec_is_private(const struct ec *k);

/* appends curve_order bytes; -ENOENT: public */
int ec_get_d(const struct ec *k, struct buf *out);
int ec_get_point(const struct ec *k, struct buf *out); /* appends 04 X Y */

enum ec_form {
	EC_FORM_PLAIN, /* r || s, curve_order bytes each (TR-03111, 5.2.1) */
	EC_FORM_DER,   /* SEQUENCE of two INTEGERs (X9.62) */
};

/*
 * ECDSA over a hash of any length, at least one byte; of a longer one than the
 * order the leftmost bits count. Appends the signature. -ENOENT: k is public;
 * -EINVAL: there is no hash.
 */
int ec_sign(const struct ec *k, enum ec_form form, struct view hash, struct buf *out);

/* 0: genuine; -EBADMSG: it is not, whatever is wrong with it. */
int ec_verify(const struct ec *k, enum ec_form form, struct view hash, struct view signature);

/*
 * Append the x-coordinate of d times the other's point (04 X Y), curve_size
 * bytes. -ENOENT: k is public; -EINVAL: not a point of the curve.
 */
int ec_shared(const struct ec *k, struct view point, struct buf *out);

#endif
