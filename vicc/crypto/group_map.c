/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The mappings of PACE: from a nonce to a fresh generator. */
#include "crypto/group_map.h"

#include <errno.h>

#include "crypto/failure.h"

/* --- generic ------------------------------------------------------------------------- */

/* The nonce s reduced to what may be a scalar. The caller's; NULL: no memory. */
static BIGNUM *
reduced(const struct group *g, struct view s)
{
	BIGNUM *n = group_number(s);

	/* a copy of the order: BN_nnmod of a constant-time number wants no flag on the modulus */
	if (n && BN_nnmod(n, n, g->q, g->ctx) != 1) {
		BN_clear_free(n);
		return NULL;
	}
	return n;
}

static int
generic_curve(const struct group *g, const BIGNUM *s, struct view h, struct buf *out)
{
	EC_POINT *shared = NULL, *base = EC_POINT_new(g->ec);
	int r = base ? group_read_point(g, h, &shared) : crypto_failure(-ENOMEM);

	/* s is a secret: one scalar alone goes in constant time, both at once would not */
	if (r == 0 && (EC_POINT_mul(g->ec, base, s, NULL, NULL, g->ctx) != 1 ||
		       EC_POINT_add(g->ec, base, base, shared, g->ctx) != 1))
		r = crypto_failure(-EIO);
	if (r == 0)
		r = group_put_point(g, base, out);
	EC_POINT_clear_free(shared);
	EC_POINT_clear_free(base);
	return r;
}

static int
generic_modp(const struct group *g, const BIGNUM *s, struct view h, struct buf *out)
{
	BIGNUM *shared = group_number(h), *base = BN_secure_new();
	int r = shared && base ? group_power(g, g->generator, s, base) : crypto_failure(-ENOMEM);

	if (r == 0 && BN_mod_mul(base, base, shared, g->p, g->ctx) != 1)
		r = crypto_failure(-EIO);
	if (r == 0 && BN_is_one(base))
		r = -EINVAL;
	if (r == 0)
		r = group_put_number(base, group_element(g), out);
	BN_clear_free(shared);
	BN_clear_free(base);
	return r;
}

int
group_map_generic(const struct group *g, struct view s, struct view h, struct buf *out)
{
	BIGNUM *n = reduced(g, s);
	int r;

	if (!n)
		return crypto_failure(-ENOMEM);
	r = g->ec ? generic_curve(g, n, h, out) : generic_modp(g, n, h, out);
	BN_clear_free(n);
	return r;
}

/* --- integrated ------------------------------------------------------------------------ */

size_t
group_prf(const struct group *g)
{
	return (g->ec ? curve_size(g->curve) : group_element(g)) + 8;
}

/* Numbers of the point encoding, named as in Doc 9303-11, B.2. */
struct encoding {
	BIGNUM *p, *a, *b, *t, *alpha, *x2, *x3, *h2, *big_a, *e;
};

/* v^3 + a v + b */
static bool
curve_at(const struct encoding *n, const BIGNUM *v, BIGNUM *out, BN_CTX *ctx)
{
	return BN_mod_sqr(out, v, n->p, ctx) && BN_mod_add(out, out, n->a, n->p, ctx) &&
	       BN_mod_mul(out, out, v, n->p, ctx) && BN_mod_add(out, out, n->b, n->p, ctx);
}

/* Steps 1 to 3: alpha = -t^2, X2 = -b a^-1 (1 + (alpha + alpha^2)^-1), X3 = alpha X2. */
static bool
candidates(const struct encoding *n, BN_CTX *ctx)
{
	return BN_mod_sqr(n->alpha, n->t, n->p, ctx) && BN_sub(n->alpha, n->p, n->alpha) &&
	       BN_mod_sqr(n->e, n->alpha, n->p, ctx) &&
	       BN_mod_add(n->e, n->e, n->alpha, n->p, ctx) &&
	       BN_mod_inverse(n->e, n->e, n->p, ctx) && BN_add_word(n->e, 1) &&
	       BN_mod_inverse(n->x2, n->a, n->p, ctx) &&
	       BN_mod_mul(n->x2, n->x2, n->b, n->p, ctx) && BN_sub(n->x2, n->p, n->x2) &&
	       BN_mod_mul(n->x2, n->x2, n->e, n->p, ctx) &&
	       BN_mod_mul(n->x3, n->alpha, n->x2, n->p, ctx);
}

/* Step 7: A = h2^(p - 1 - (p + 1) / 4). */
static bool
root(const struct encoding *n, BN_CTX *ctx)
{
	return curve_at(n, n->x2, n->h2, ctx) && BN_copy(n->e, n->p) && BN_add_word(n->e, 1) &&
	       BN_rshift(n->e, n->e, 2) && BN_sub(n->e, n->p, n->e) && BN_sub_word(n->e, 1) &&
	       BN_mod_exp_mont_consttime(n->big_a, n->h2, n->e, n->p, ctx, NULL);
}

/* Steps 8 and 9: (X2, A h2) where A^2 h2 = 1, else (X3, A t^3 h2). */
static bool
group_map_choose(const struct encoding *n, BIGNUM **x, BIGNUM **y, BN_CTX *ctx)
{
	if (!BN_mod_sqr(n->e, n->big_a, n->p, ctx) || !BN_mod_mul(n->e, n->e, n->h2, n->p, ctx))
		return false;
	*x = BN_is_one(n->e) ? n->x2 : n->x3;
	*y = n->big_a;
	if (!BN_mod_mul(n->big_a, n->big_a, n->h2, n->p, ctx))
		return false;
	return *x == n->x2 || (BN_mod_mul(n->big_a, n->big_a, n->t, n->p, ctx) &&
			       BN_mod_mul(n->big_a, n->big_a, n->t, n->p, ctx) &&
			       BN_mod_mul(n->big_a, n->big_a, n->t, n->p, ctx));
}

static int
encode(const struct group *g, const struct encoding *n, struct view r, struct buf *out)
{
	EC_POINT *point = EC_POINT_new(g->ec);
	BIGNUM *x, *y;
	int rc = -EINVAL;

	/* p = 3 mod 4 only, which P-224 is not */
	if (point && n->e && EC_GROUP_get_curve(g->ec, n->p, n->a, n->b, g->ctx) == 1) {
		if (BN_mod_word(n->p, 4) != 3)
			rc = -ENOTSUP;
		else if (BN_bin2bn(r.p, (int)r.n, n->t) && BN_nnmod(n->t, n->t, n->p, g->ctx) &&
			 candidates(n, g->ctx) && root(n, g->ctx) &&
			 group_map_choose(n, &x, &y, g->ctx) &&
			 EC_POINT_set_affine_coordinates(g->ec, point, x, y, g->ctx) == 1)
			rc = group_put_point(g, point, out); /* the cofactor is 1 */
	}
	EC_POINT_clear_free(point);
	return rc < 0 ? crypto_failure(rc) : 0;
}

static int
integrated_curve(const struct group *g, struct view r, struct buf *out)
{
	BN_CTX *ctx = g->ctx;
	struct encoding n;
	int rc;

	BN_CTX_start(ctx);
	n.p = BN_CTX_get(ctx);
	n.a = BN_CTX_get(ctx);
	n.b = BN_CTX_get(ctx);
	n.t = BN_CTX_get(ctx);
	n.alpha = BN_CTX_get(ctx);
	n.x2 = BN_CTX_get(ctx);
	n.x3 = BN_CTX_get(ctx);
	n.h2 = BN_CTX_get(ctx);
	n.big_a = BN_CTX_get(ctx);
	n.e = BN_CTX_get(ctx); /* NULL where one before it is */
	rc = encode(g, &n, r, out);
	BN_CTX_end(ctx);
	return rc;
}

/* g = x^((p - 1) / q) */
static int
integrated_modp(const struct group *g, struct view r, struct buf *out)
{
	BIGNUM *x = group_number(r), *e = BN_dup(g->p), *base = BN_secure_new();
	int rc = -EINVAL;

	if (!x || !e || !base)
		rc = -ENOMEM;
	else if (BN_nnmod(x, x, g->p, g->ctx) == 1 && BN_sub_word(e, 1) == 1 &&
		 BN_div(e, NULL, e, g->q, g->ctx) == 1)
		rc = group_power(g, x, e, base);
	if (rc == 0 && (BN_is_one(base) || BN_is_zero(base)))
		rc = -EINVAL;
	if (rc == 0)
		rc = group_put_number(base, group_element(g), out);
	BN_clear_free(x);
	BN_free(e);
	BN_clear_free(base);
	return rc < 0 ? crypto_failure(rc) : 0;
}

int
group_map_integrated(const struct group *g, struct view r, struct buf *out)
{
	return g->ec ? integrated_curve(g, r, out) : integrated_modp(g, r, out);
}
