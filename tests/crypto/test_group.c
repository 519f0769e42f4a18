/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The groups of Doc 9303-11, 9.5.1. What their mappings give is in tests/cards/eac: worked
 * examples, and a second implementation.
 */
#include <errno.h>

#include "codec/tlv.h"
#include "crypto/group.h"
#include "known.h"

static const struct view none = { .n = 0 };

START_TEST(which_there_are)
{
	struct group *g;
	enum curve c;
	unsigned id, again;

	for (id = 0; id < 40; id++) {
		const bool exists = id <= 2 || (id >= 8 && id <= 18);

		ck_assert(group_exists(id) == exists);
		ck_assert_int_eq(group_new(&g, id), exists ? 0 : -ENOENT);
		ck_assert(!exists || group_id(g) == id);
		group_free(g);
		if (group_curve(id, &c)) {
			ck_assert(group_from_curve(c, &again));
			ck_assert_uint_eq(again, id);
		}
	}
	ck_assert(!group_from_curve(CURVE_K256, &again));
	ck_assert(!group_is_curve(2) && group_is_curve(8));
}
END_TEST

/* Both sides agree, and what is explicit says which group it is. */
START_TEST(agreement)
{
	struct secret a = { .n = 0 }, b = { .n = 0 };
	struct buf pa = BUF(256), pb = BUF(256), ab = BUF(256), ba = BUF(256),
		   algorithm = BUF(4096), comp = BUF(256);
	struct group *g;
	struct view v;
	struct tlv t;
	unsigned id;

	if (!group_exists((unsigned)_i))
		return;
	ck_assert_int_eq(group_new(&g, (unsigned)_i), 0);
	ck_assert_int_eq(group_private(g, &a), 0);
	ck_assert_int_eq(group_private(g, &b), 0);
	ck_assert_uint_eq(a.n, group_scalar(g));
	ck_assert_int_eq(group_public(g, none, secret_view(&a), &pa), 0);
	ck_assert_int_eq(group_public(g, none, secret_view(&b), &pb), 0);
	ck_assert_uint_eq(pa.n, group_element(g));
	ck_assert_int_eq(group_agree(g, secret_view(&a), buf_view(&pb), &ab), 0);
	ck_assert_int_eq(group_agree(g, secret_view(&b), buf_view(&pa), &ba), 0);
	ck_assert_view(buf_view(&ab), buf_view(&ba));
	ck_assert_int_eq(group_compress(g, buf_view(&pa), &comp), 0);
	ck_assert_uint_eq(comp.n, group_is_curve((unsigned)_i) ? (pa.n - 1) / 2 : 20);
	ck_assert_int_eq(group_put_algorithm(g, &algorithm), 0);
	v = buf_view(&algorithm);
	ck_assert(tlv_next(&v, &t));
	v = t.value;
	ck_assert(tlv_next(&v, &t) && group_from_parameters(v, &id));
	ck_assert_uint_eq(id, (unsigned)_i);
	group_free(g);
	buf_free(&pa);
	buf_free(&pb);
	buf_free(&ab);
	buf_free(&ba);
	buf_free(&algorithm);
	buf_free(&comp);
}
END_TEST

START_TEST(elements_that_are_refused)
{
	struct buf b = BUF(512), out = BUF(256);
	const uint8_t two[32] = { [31] = 2 };
	struct group *g;

	ck_assert_int_eq(group_new(&g, 12), 0);
	ck_assert_int_eq(group_public(g, none, known("01"), &b), 0);
	ck_assert_int_eq(group_check(g, buf_view(&b)), 0);
	b.p[64] ^= 1;
	ck_assert_int_eq(group_check(g, buf_view(&b)), -EINVAL);
	b.p[64] ^= 1;
	b.p[0] = 0x06; /* hybrid */
	ck_assert_int_eq(group_check(g, buf_view(&b)), -EINVAL);
	b.p[0] = 0x04;
	buf_u8(&b, 0);
	ck_assert_int_eq(group_agree(g, view_of(two, 32), buf_view(&b), &out), -EINVAL);
	ck_assert_int_eq(group_check(g, known("00")), -EINVAL);
	ck_assert_int_eq(group_check(g, none), -EINVAL);
	/* private values: 0, the order, too long */
	ck_assert_int_eq(group_public(g, none, known("00"), &out), -EINVAL);
	ck_assert_int_eq(
		group_public(
			g, none,
			known("FFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551"),
			&out),
		-EINVAL);
	ck_assert_int_eq(
		group_public(
			g, none,
			known("00FFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632550"),
			&out),
		-EINVAL);
	group_free(g);
	/* y of a small order: p - 1, 1, 0; and 2, which is no power of g */
	ck_assert_int_eq(group_new(&g, 0), 0);
	buf_reset(&b);
	buf_fill(&b, 0, 127);
	buf_u8(&b, 0);
	ck_assert_int_eq(group_check(g, buf_view(&b)), -EINVAL);
	b.p[127] = 1;
	ck_assert_int_eq(group_check(g, buf_view(&b)), -EINVAL);
	b.p[127] = 2;
	ck_assert_int_eq(group_check(g, buf_view(&b)), -EINVAL);
	ck_assert_int_eq(group_check(g, view_slice(buf_view(&b), 1, 127)), -EINVAL);
	buf_reset(&b);
	buf_put_view(
		&b,
		known("B10B8F96A080E01DDE92DE5EAE5D54EC52C99FBCFB06A3C69A6A9DCA52D23B616073E28675A23D189838EF1E2EE652C0"
		      "13ECB4AEA906112324975C3CD49B83BFACCBDD7D90C4BD7098488E9C219A73724EFFD6FAE5644738FAA31A4FF55BCCC0"
		      "A151AF5F0DC8B4BD45BF37DF365C1A65E68CFDA76D4DA708DF1FB2BC2E4A4370"));
	ck_assert_int_eq(group_check(g, buf_view(&b)), -EINVAL);
	group_free(g);
	buf_free(&b);
	buf_free(&out);
}
END_TEST

START_TEST(mappings_that_are_refused)
{
	struct buf out = BUF(256), r = BUF(512);
	struct group *g;

	/* P-224: p is 1 mod 4 */
	ck_assert_int_eq(group_new(&g, 10), 0);
	buf_fill(&r, 0x5a, group_prf(g));
	ck_assert_int_eq(group_map_integrated(g, buf_view(&r), &out), -ENOTSUP);
	group_free(g);
	/* s G + H is infinity */
	ck_assert_int_eq(group_new(&g, 12), 0);
	buf_reset(&r);
	ck_assert_int_eq(
		group_public(
			g, none,
			known("FFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632550"),
			&r),
		0);
	ck_assert_int_eq(group_map_generic(g, known("01"), buf_view(&r), &out), -EINVAL);
	ck_assert_int_eq(group_map_generic(g, known("02"), buf_view(&r), &out), 0);
	buf_reset(&r);
	ck_assert_int_eq(group_public(g, none, known("01"), &r), 0);
	ck_assert_view(buf_view(&out), buf_view(&r));
	/* R of 0 */
	buf_reset(&r);
	buf_fill(&r, 0, group_prf(g));
	buf_reset(&out);
	ck_assert_int_eq(group_map_integrated(g, buf_view(&r), &out), -EINVAL);
	group_free(g);
	buf_free(&out);
	buf_free(&r);
}
END_TEST

START_TEST(quotients)
{
	struct buf out = BUF(64);
	uint8_t six[32] = { [31] = 6 };
	struct group *g;

	ck_assert_int_eq(group_new(&g, 13), 0);
	ck_assert_int_eq(group_quotient(g, known("02"), known("0C"), &out), 0);
	ck_assert_buf(&out, view_of(six, 32));
	out.max = 64;
	ck_assert_int_lt(group_quotient(g, known("00"), known("0C"), &out), 0);
	ck_assert_uint_eq(out.n, 0);
	group_free(g);
}
END_TEST

START_TEST(other_parameters)
{
	unsigned id;

	ck_assert(!group_from_parameters(none, &id));
	ck_assert(!group_from_parameters(known("3000"), &id));
	ck_assert(!group_from_parameters(known("3003020101"), &id));
	ck_assert(!group_from_parameters(known("0401"), &id));
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("groups");

	tcase_add_test(tc, which_there_are);
	tcase_add_loop_test(tc, agreement, 0, 19);
	tcase_add_test(tc, elements_that_are_refused);
	tcase_add_test(tc, mappings_that_are_refused);
	tcase_add_test(tc, quotients);
	tcase_add_test(tc, other_parameters);
	return run("group", tc);
}
