/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The seven forms (7816-3, 12.1.3), each right and one byte wrong. */
#include <errno.h>

#include "codec/apdu.h"
#include "files.h"

static struct apdu cmd;

static int
parse(const char *hex)
{
	return apdu_parse(&cmd, bytes(hex));
}

START_TEST(form_1)
{
	ck_assert_int_eq(parse("00A40102"), 0);
	ck_assert_uint_eq(cmd.cla, 0x00);
	ck_assert_uint_eq(cmd.ins, 0xa4);
	ck_assert_uint_eq(cmd.p1, 1);
	ck_assert_uint_eq(cmd.p2, 2);
	ck_assert_uint_eq(apdu_p1p2(&cmd), 0x0102);
	ck_assert_uint_eq(cmd.data.n, 0);
	ck_assert_uint_eq(cmd.ne, 0);
	ck_assert_int_eq(cmd.le, APDU_LE_NONE);
	ck_assert_int_eq(parse(""), -EINVAL);
	ck_assert_int_eq(parse("00A401"), -EINVAL);
}
END_TEST

START_TEST(form_2)
{
	ck_assert_int_eq(parse("00B0000001"), 0);
	ck_assert_uint_eq(cmd.ne, 1);
	ck_assert_int_eq(cmd.le, APDU_LE_SHORT);
	ck_assert_int_eq(parse("00B0000000"), 0);
	ck_assert_uint_eq(cmd.ne, 256);
	ck_assert_uint_eq(cmd.le_raw, 0);
	ck_assert(!cmd.extended);
	ck_assert_int_eq(parse("00B00000000001"), 0);
	ck_assert_uint_eq(cmd.ne, 1);
	ck_assert(cmd.extended);
	ck_assert_int_eq(cmd.le, APDU_LE_EXTENDED);
	ck_assert_int_eq(parse("00B00000000000"), 0);
	ck_assert_uint_eq(cmd.ne, 65536);
	ck_assert_int_eq(parse("00B000000000"), -EINVAL);
	ck_assert_int_eq(parse("00B0000000000000"), -EINVAL);
}
END_TEST

START_TEST(form_3_and_4)
{
	ck_assert_int_eq(parse("00D6000002 AABB"), 0);
	ck_bytes_eq(cmd.data, "AABB");
	ck_assert_uint_eq(cmd.ne, 0);
	ck_assert_int_eq(parse("00D6000002 AABB 05"), 0);
	ck_bytes_eq(cmd.data, "AABB");
	ck_assert_uint_eq(cmd.ne, 5);
	ck_assert_int_eq(parse("00D6000002 AA"), -EINVAL);
	ck_assert_int_eq(parse("00D6000002 AABB 0005"), -EINVAL);
	ck_assert_int_eq(parse("00D60000000002 AABB"), 0);
	ck_bytes_eq(cmd.data, "AABB");
	ck_assert(cmd.extended);
	ck_assert_int_eq(parse("00D60000000002 AABB 0000"), 0);
	ck_assert_uint_eq(cmd.ne, 65536);
	ck_assert_int_eq(parse("00D60000000002 AABB 00"), -EINVAL);
	ck_assert_int_eq(parse("00D60000000002 AABB 000000"), -EINVAL);
	ck_assert_int_eq(parse("00D60000000002 AA"), -EINVAL);
	ck_assert_int_eq(parse("00D60000000000 AABB"), -EINVAL);
}
END_TEST

START_TEST(classes)
{
	static const struct {
		uint8_t cla;
		bool ok;
		unsigned channel;
		enum apdu_sm sm;
		bool chained;
	} cases[] = {
		{ 0x00, true, 0, APDU_SM_NONE, false }, { 0x03, true, 3, APDU_SM_NONE, false },
		{ 0x04, true, 0, APDU_SM_PROPRIETARY, false },
		{ 0x09, true, 1, APDU_SM_PLAIN_HEADER, false },
		{ 0x0c, true, 0, APDU_SM_HEADER, false },
		{ 0x1e, true, 2, APDU_SM_HEADER, true }, { 0x20, false, 0, APDU_SM_NONE, false },
		{ 0x3f, false, 0, APDU_SM_NONE, false }, { 0x40, true, 4, APDU_SM_NONE, false },
		{ 0x4f, true, 19, APDU_SM_NONE, false }, { 0x50, true, 4, APDU_SM_NONE, true },
		{ 0x65, true, 9, APDU_SM_PLAIN_HEADER, false },
		{ 0x7f, true, 19, APDU_SM_PLAIN_HEADER, true },
		{ 0x80, false, 0, APDU_SM_NONE, false },
		{ 0xff, false, 0, APDU_SM_NONE, false },
	};
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct apdu a = { .cla = cases[i].cla };

		ck_assert_msg(apdu_class(&a) == cases[i].ok, "%02x", cases[i].cla);
		ck_assert_uint_eq(a.channel, cases[i].channel);
		ck_assert_int_eq(a.sm, cases[i].sm);
		ck_assert_int_eq(a.chained, cases[i].chained);
	}
}
END_TEST

/* What is built is the shortest form, and comes apart again. */
START_TEST(built)
{
	static const struct {
		size_t data, ne, n;
	} cases[] = {
		{ 0, 0, 4 },
		{ 0, 1, 5 },
		{ 0, 256, 5 },
		{ 0, 257, 7 },
		{ 0, 65536, 7 },
		{ 1, 0, 6 },
		{ 255, 256, 261 }, { 256, 0, 263 }, { 256, 1, 265 }, { 1, 257, 10 },
		{ 65535, 65536, 65544 },
	};
	static uint8_t data[65536];
	struct buf b = BUF(70000);
	struct apdu a = { .cla = 0x80, .ins = 1, .p1 = 2, .p2 = 3 };
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		a.data = view_of(data, cases[i].data);
		a.ne = cases[i].ne;
		ck_assert(apdu_build(&b, &a));
		ck_assert_uint_eq(b.n, cases[i].n);
		ck_assert_int_eq(apdu_parse(&cmd, buf_view(&b)), 0);
		ck_assert_uint_eq(cmd.data.n, cases[i].data);
		ck_assert_uint_eq(cmd.ne, cases[i].ne);
		buf_reset(&b);
	}
	a.data = view_of(data, 65536);
	ck_assert(!apdu_build(&b, &a));
	a.data = view_of(data, 1);
	a.ne = 65537;
	ck_assert(!apdu_build(&b, &a));
	buf_free(&b);
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("apdu");

	tcase_add_test(tc, form_1);
	tcase_add_test(tc, form_2);
	tcase_add_test(tc, form_3_and_4);
	tcase_add_test(tc, classes);
	tcase_add_test(tc, built);
	return run("apdu", tc);
}
