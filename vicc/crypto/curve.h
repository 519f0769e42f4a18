/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The elliptic curves that there are, and how each is named (SEC 2, RFC 5639). */
#ifndef VICC_CRYPTO_CURVE_H
#define VICC_CRYPTO_CURVE_H

#include "base/bytes.h"

enum curve {
	CURVE_P192,
	CURVE_P224,
	CURVE_P256,
	CURVE_P384,
	CURVE_P521,
	CURVE_BP160,
	CURVE_BP192,
	CURVE_BP224,
	CURVE_BP256,
	CURVE_BP320,
	CURVE_BP384,
	CURVE_BP512,
	CURVE_K256,
};

#define CURVE_COUNT 13
#define CURVE_SIZE_MAX 66 /* bytes of a coordinate of P-521 */

enum curve_part {
	CURVE_PART_P, /* prime of the field */
	CURVE_PART_A,
	CURVE_PART_B,
	CURVE_PART_G, /* base point, 04 X Y */
	CURVE_PART_N, /* its order */
	CURVE_PART_H, /* cofactor */
};

#define CURVE_PART_COUNT 6

/* Domain parameters (tags 81 82 83 84 85 87 of TR-03110-3, D.3.3); empty: not given. */
struct curve_params {
	struct view part[CURVE_PART_COUNT];
};

size_t curve_bits(enum curve c);
size_t curve_size(enum curve c);     /* bytes of a coordinate */
size_t curve_order(enum curve c);    /* bytes of the order, so of d, r and s */
size_t curve_point(enum curve c);    /* bytes of a point 04 X Y */
const char *curve_name(enum curve c); /* as libcrypto has it: "prime256v1" */
struct view curve_oid(enum curve c); /* contents of the OBJECT IDENTIFIER */

/* False: none of ours. */
bool curve_from_name(const char *name, enum curve *c); /* also "P-256", "secp256r1", any case */
bool curve_from_oid(struct view oid, enum curve *c);

/*
 * The curve that has all of these parameters; h alone may be missing. Leading
 * zeros of numbers do not matter. 0; -ENOENT: none of ours.
 */
int curve_from_params(const struct curve_params *params, enum curve *c);

/*
 * Append a parameter: p, a, b, and the coordinates of G, as long as p; n as long
 * as it is; h one byte. 0; -ENOTSUP: this libcrypto was built without the curve.
 */
int curve_get(enum curve c, enum curve_part part, struct buf *out);

#endif
