/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "crypto/curve.h"

#include <errno.h>
#include <openssl/bn.h>
#include <openssl/objects.h>
#include <string.h>
#include <strings.h>

#include "crypto/curve_group.h"
#include "crypto/failure.h"

#define NAMES 3

static const struct description {
	int nid;
	size_t bits;
	struct view oid;
	const char *names[NAMES]; /* libcrypto's first */
} curves[CURVE_COUNT] = {
#define OID(...) \
	{ .p = (const uint8_t[]) { __VA_ARGS__ }, .n = sizeof((uint8_t[]) { __VA_ARGS__ }) }
#define X962(n) OID(0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, n)
#define SECG(n) OID(0x2b, 0x81, 0x04, 0x00, n)
#define BRAINPOOL(n) OID(0x2b, 0x24, 0x03, 0x03, 0x02, 0x08, 0x01, 0x01, n)
	[CURVE_P192] = { NID_X9_62_prime192v1, 192, X962(1),
			 { "prime192v1", "P-192", "secp192r1" } },
	[CURVE_P224] = { NID_secp224r1, 224, SECG(33), { "secp224r1", "P-224" } },
	[CURVE_P256] = { NID_X9_62_prime256v1, 256, X962(7),
			 { "prime256v1", "P-256", "secp256r1" } },
	[CURVE_P384] = { NID_secp384r1, 384, SECG(34), { "secp384r1", "P-384" } },
	[CURVE_P521] = { NID_secp521r1, 521, SECG(35), { "secp521r1", "P-521" } },
	[CURVE_BP160] = { NID_brainpoolP160r1, 160, BRAINPOOL(1), { "brainpoolP160r1" } },
	[CURVE_BP192] = { NID_brainpoolP192r1, 192, BRAINPOOL(3), { "brainpoolP192r1" } },
	[CURVE_BP224] = { NID_brainpoolP224r1, 224, BRAINPOOL(5), { "brainpoolP224r1" } },
	[CURVE_BP256] = { NID_brainpoolP256r1, 256, BRAINPOOL(7), { "brainpoolP256r1" } },
	[CURVE_BP320] = { NID_brainpoolP320r1, 320, BRAINPOOL(9), { "brainpoolP320r1" } },
	[CURVE_BP384] = { NID_brainpoolP384r1, 384, BRAINPOOL(11), { "brainpoolP384r1" } },
	[CURVE_BP512] = { NID_brainpoolP512r1, 512, BRAINPOOL(13), { "brainpoolP512r1" } },
	[CURVE_K256] = { NID_secp256k1, 256, SECG(10), { "secp256k1" } },
};

size_t
curve_bits(enum curve c)
{
	return curves[c].bits;
}

size_t
curve_size(enum curve c)
{
	return (curves[c].bits + 7) / 8;
}

/* Of all of these the order is as long as the field. */
size_t
curve_order(enum curve c)
{
	return curve_size(c);
}

size_t
curve_point(enum curve c)
{
	return 1 + 2 * curve_size(c);
}

const char *
curve_name(enum curve c)
{
	return curves[c].names[0];
}

struct view
curve_oid(enum curve c)
{
	return curves[c].oid;
}

bool
curve_from_name(const char *name, enum curve *c)
{
	size_t i, k;

	for (i = 0; i < CURVE_COUNT; i++) {
		for (k = 0; k < NAMES && curves[i].names[k]; k++) {
			if (strcasecmp(name, curves[i].names[k]) == 0) {
				*c = (enum curve)i;
				return true;
			}
		}
	}
	return false;
}

bool
curve_from_oid(struct view oid, enum curve *c)
{
	size_t i;

	for (i = 0; i < CURVE_COUNT; i++) {
		if (view_equal(oid, curves[i].oid)) {
			*c = (enum curve)i;
			return true;
		}
	}
	return false;
}

EC_GROUP *
curve_group(enum curve c)
{
	return EC_GROUP_new_by_curve_name(curves[c].nid);
}

static bool
put_point(const EC_GROUP *group, size_t n, struct buf *out)
{
	uint8_t *at = buf_grow(out, n);

	return at && EC_POINT_point2oct(group, EC_GROUP_get0_generator(group),
					POINT_CONVERSION_UNCOMPRESSED, at, n, NULL) == n;
}

static bool
put_number(const BIGNUM *v, size_t n, struct buf *out)
{
	uint8_t *at = buf_grow(out, n);

	return at && BN_bn2binpad(v, at, (int)n) == (int)n;
}

static bool
put_field(const EC_GROUP *group, enum curve_part part, size_t n, struct buf *out)
{
	BIGNUM *pab[] = { BN_new(), BN_new(), BN_new() };
	bool ok;

	ok = pab[0] && pab[1] && pab[2] &&
	     EC_GROUP_get_curve(group, pab[0], pab[1], pab[2], NULL) == 1 &&
	     put_number(pab[part - CURVE_PART_P], n, out);
	BN_free(pab[0]);
	BN_free(pab[1]);
	BN_free(pab[2]);
	return ok;
}

int
curve_get(enum curve c, enum curve_part part, struct buf *out)
{
	const size_t mark = out->n;
	EC_GROUP *group = curve_group(c);
	bool ok;

	if (!group)
		return crypto_failure(-ENOTSUP);
	if (part <= CURVE_PART_B)
		ok = put_field(group, part, curve_size(c), out);
	else if (part == CURVE_PART_G)
		ok = put_point(group, curve_point(c), out);
	else if (part == CURVE_PART_N)
		ok = put_number(EC_GROUP_get0_order(group), curve_order(c), out);
	else
		ok = put_number(EC_GROUP_get0_cofactor(group), 1, out);
	EC_GROUP_free(group);
	if (ok)
		return 0;
	buf_cut(out, mark);
	return out->failed ? -ENOMEM : crypto_failure(-EIO);
}

static struct view
without_zeros(struct view v)
{
	while (v.n > 0 && v.p[0] == 0x00)
		v = view_of(v.p + 1, v.n - 1);
	return v;
}

/* 0: it is c; -ENOENT: it is not. */
static int
compare_curves(enum curve c, const struct curve_params *params)
{
	struct buf ours = BUF(1 + 2 * CURVE_SIZE_MAX);
	size_t i;
	int r = 0;

	for (i = 0; r == 0 && i < CURVE_PART_COUNT; i++) {
		if (params->part[i].n == 0) {
			r = i == CURVE_PART_H ? 0 : -ENOENT;
			continue;
		}
		r = curve_get(c, (enum curve_part)i, &ours);
		if (r == 0 &&
		    !view_equal(without_zeros(buf_view(&ours)), without_zeros(params->part[i])))
			r = -ENOENT;
		buf_reset(&ours);
	}
	buf_free(&ours);
	return r == -ENOTSUP ? -ENOENT : r;
}

int
curve_from_params(const struct curve_params *params, enum curve *c)
{
	size_t i;
	int r = -ENOENT;

	for (i = 0; r == -ENOENT && i < CURVE_COUNT; i++) {
		r = compare_curves((enum curve)i, params);
		if (r == 0)
			*c = (enum curve)i;
	}
	return r;
}
