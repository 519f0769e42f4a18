/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>

#include "crypto/curve.h"
#include "known.h"

#define LONGEST (1 + 2 * CURVE_SIZE_MAX)

/* Name, OID (X9.62, SEC 2, RFC 5639) and length of a coordinate. */
static const struct {
	enum curve c;
	const char *name, *oid;
	size_t bits, size;
} curves[CURVE_COUNT] = {
	{ CURVE_P192, "prime192v1", "2a 86 48 ce 3d 03 01 01", 192, 24 },
	{ CURVE_P224, "secp224r1", "2b 81 04 00 21", 224, 28 },
	{ CURVE_P256, "prime256v1", "2a 86 48 ce 3d 03 01 07", 256, 32 },
	{ CURVE_P384, "secp384r1", "2b 81 04 00 22", 384, 48 },
	{ CURVE_P521, "secp521r1", "2b 81 04 00 23", 521, 66 },
	{ CURVE_BP160, "brainpoolP160r1", "2b 24 03 03 02 08 01 01 01", 160, 20 },
	{ CURVE_BP192, "brainpoolP192r1", "2b 24 03 03 02 08 01 01 03", 192, 24 },
	{ CURVE_BP224, "brainpoolP224r1", "2b 24 03 03 02 08 01 01 05", 224, 28 },
	{ CURVE_BP256, "brainpoolP256r1", "2b 24 03 03 02 08 01 01 07", 256, 32 },
	{ CURVE_BP320, "brainpoolP320r1", "2b 24 03 03 02 08 01 01 09", 320, 40 },
	{ CURVE_BP384, "brainpoolP384r1", "2b 24 03 03 02 08 01 01 0b", 384, 48 },
	{ CURVE_BP512, "brainpoolP512r1", "2b 24 03 03 02 08 01 01 0d", 512, 64 },
	{ CURVE_K256, "secp256k1", "2b 81 04 00 0a", 256, 32 },
};

START_TEST(named)
{
	const enum curve c = curves[_i].c;
	enum curve found;

	ck_assert_str_eq(curve_name(c), curves[_i].name);
	ck_assert_uint_eq(curve_bits(c), curves[_i].bits);
	ck_assert_uint_eq(curve_size(c), curves[_i].size);
	ck_assert_uint_eq(curve_order(c), curves[_i].size);
	ck_assert_uint_eq(curve_point(c), 1 + 2 * curves[_i].size);
	ck_assert_view(curve_oid(c), known(curves[_i].oid));
	ck_assert(curve_from_name(curves[_i].name, &found));
	ck_assert_int_eq(found, c);
	ck_assert(curve_from_oid(known(curves[_i].oid), &found));
	ck_assert_int_eq(found, c);
}
END_TEST

START_TEST(other_names)
{
	enum curve c;

	ck_assert(curve_from_name("P-256", &c) && c == CURVE_P256);
	ck_assert(curve_from_name("p-521", &c) && c == CURVE_P521);
	ck_assert(curve_from_name("secp256r1", &c) && c == CURVE_P256);
	ck_assert(curve_from_name("SECP192R1", &c) && c == CURVE_P192);
	ck_assert(curve_from_name("brainpoolp512R1", &c) && c == CURVE_BP512);
	ck_assert(!curve_from_name("", &c));
	ck_assert(!curve_from_name("P-25", &c));
	ck_assert(!curve_from_name("P-2566", &c));
	ck_assert(!curve_from_name("brainpoolP256t1", &c));
	ck_assert(!curve_from_oid(view_of(NULL, 0), &c));
	ck_assert(!curve_from_oid(known("2b 81 04 00"), &c));
	ck_assert(!curve_from_oid(known("2b 81 04 00 21 00"), &c));
	ck_assert(!curve_from_oid(known("2b 24 03 03 02 08 01 01 02"), &c));
}
END_TEST

/* SEC 2, 2.4.2 and RFC 5639, 3.1. */
static const struct {
	enum curve c;
	const char *part[CURVE_PART_COUNT];
} prints[] = {
	{ CURVE_P256, {
		"ffffffff 00000001 00000000 00000000 00000000 ffffffff ffffffff ffffffff",
		"ffffffff 00000001 00000000 00000000 00000000 ffffffff ffffffff fffffffc",
		"5ac635d8 aa3a93e7 b3ebbd55 769886bc 651d06b0 cc53b0f6 3bce3c3e 27d2604b",
		"04 6b17d1f2 e12c4247 f8bce6e5 63a440f2 77037d81 2deb33a0 f4a13945 d898c296"
		"   4fe342e2 fe1a7f9b 8ee7eb4a 7c0f9e16 2bce3357 6b315ece cbb64068 37bf51f5",
		"ffffffff 00000000 ffffffff ffffffff bce6faad a7179e84 f3b9cac2 fc632551",
		"01" } },
	{ CURVE_BP160, {
		"e95e4a5f737059dc60dfc7ad95b3d8139515620f",
		"340e7be2a280eb74e2be61bada745d97e8f7c300",
		"1e589a8595423412134faa2dbdec95c8d8675e58",
		"04 bed5af16ea3f6a4f62938c4631eb5af7bdbcdbc3 1667cb477a1a8ec338f94741669c976316da6321",
		"e95e4a5f737059dc60df5991d45029409e60fc09",
		"01" } },
};

START_TEST(printed)
{
	struct curve_params params;
	struct buf out = BUF(LONGEST);
	enum curve found;
	unsigned i;

	for (i = 0; i < CURVE_PART_COUNT; i++) {
		params.part[i] = known(prints[_i].part[i]);
		ck_assert_int_eq(curve_get(prints[_i].c, (enum curve_part)i, &out), 0);
		ck_assert_buf(&out, params.part[i]);
	}
	ck_assert_int_eq(curve_from_params(&params, &found), 0);
	ck_assert_int_eq(found, prints[_i].c);
}
END_TEST

/* All parameters of curve c, in buffers that the caller frees. */
static void
all_params(enum curve c, struct buf b[CURVE_PART_COUNT], struct curve_params *params)
{
	unsigned i;

	for (i = 0; i < CURVE_PART_COUNT; i++) {
		b[i] = (struct buf) BUF(LONGEST + 1);
		ck_assert_int_eq(curve_get(c, (enum curve_part)i, &b[i]), 0);
		params->part[i] = buf_view(&b[i]);
	}
}

static void
free_all(struct buf b[CURVE_PART_COUNT])
{
	unsigned i;

	for (i = 0; i < CURVE_PART_COUNT; i++)
		buf_free(&b[i]);
}

START_TEST(found_by_params)
{
	struct buf b[CURVE_PART_COUNT];
	struct curve_params params;
	enum curve found;
	unsigned i;

	all_params((enum curve)_i, b, &params);
	ck_assert_uint_eq(b[CURVE_PART_G].n, curve_point((enum curve)_i));
	ck_assert_int_eq(curve_from_params(&params, &found), 0);
	ck_assert_int_eq(found, _i);
	/* no cofactor given */
	params.part[CURVE_PART_H] = view_of(NULL, 0);
	ck_assert_int_eq(curve_from_params(&params, &found), 0);
	ck_assert_int_eq(found, _i);
	params.part[CURVE_PART_H] = buf_view(&b[CURVE_PART_H]);

	/* each in turn another one, and missing */
	for (i = 0; i < CURVE_PART_COUNT; i++) {
		b[i].p[b[i].n - 1] ^= 0x40;
		ck_assert_int_eq(curve_from_params(&params, &found), -ENOENT);
		b[i].p[b[i].n - 1] ^= 0x40;
		if (i != CURVE_PART_H) {
			params.part[i] = view_of(NULL, 0);
			ck_assert_int_eq(curve_from_params(&params, &found), -ENOENT);
			params.part[i] = buf_view(&b[i]);
		}
	}
	free_all(b);
}
END_TEST

/* secp256k1 has a = 0: 32 zeros, one, or none at all are the same number. */
START_TEST(leading_zeros)
{
	struct buf b[CURVE_PART_COUNT];
	struct curve_params params;
	enum curve found;

	all_params(CURVE_K256, b, &params);
	params.part[CURVE_PART_A] = known("00");
	ck_assert_int_eq(curve_from_params(&params, &found), 0);
	buf_insert(&b[CURVE_PART_P], 0, "", 1);
	params.part[CURVE_PART_P] = buf_view(&b[CURVE_PART_P]);
	ck_assert_int_eq(curve_from_params(&params, &found), 0);
	ck_assert_int_eq(found, CURVE_K256);
	free_all(b);
}
END_TEST

START_TEST(no_room)
{
	struct buf out = BUF(31);
	unsigned i;

	for (i = 0; i < CURVE_PART_H; i++) {
		ck_assert_int_eq(curve_get(CURVE_P256, (enum curve_part)i, &out), -ENOMEM);
		ck_assert_uint_eq(out.n, 0);
		buf_reset(&out);
	}
	buf_free(&out);
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("curve");

	tcase_add_loop_test(tc, named, 0, CURVE_COUNT);
	tcase_add_test(tc, other_names);
	tcase_add_loop_test(tc, printed, 0, sizeof(prints) / sizeof(prints[0]));
	tcase_add_loop_test(tc, found_by_params, 0, CURVE_COUNT);
	tcase_add_test(tc, leading_zeros);
	tcase_add_test(tc, no_room);
	return run("curve", tc);
}
