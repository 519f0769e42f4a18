/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A group from within; for group.c and group_map.c only. */
#ifndef VICC_CRYPTO_GROUP_MAP_H
#define VICC_CRYPTO_GROUP_MAP_H

#include <openssl/bn.h>
#include <openssl/ec.h>

#include "crypto/group.h"

struct group {
	unsigned id;
	BN_CTX *ctx;      /* scratch, wiped */
	const BIGNUM *q;  /* the order, in either kind */
	EC_GROUP *ec;     /* NULL: a MODP group, of these: */
	enum curve curve;
	BIGNUM *p, *order, *generator;
};

/* The caller's, to be cleared; NULL: no memory, or too long. */
BIGNUM *group_number(struct view v);
int group_put_number(const BIGNUM *v, size_t n, struct buf *out);

/* -EINVAL: infinity */
int group_put_point(const struct group *g, const EC_POINT *point, struct buf *out);
int group_read_point(const struct group *g, struct view v, EC_POINT **out);         /* -EINVAL */
int group_power(const struct group *g, const BIGNUM *base, const BIGNUM *e, BIGNUM *out);

#endif
