/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "codec/atr.h"
#include "files.h"

static bool
right(const char *hex)
{
	return atr_fault(bytes(hex)) == NULL;
}

START_TEST(right_ones)
{
	ck_assert(right("3B00"));
	ck_assert(right("3F00"));
	ck_assert(right("3B02 1450"));
	ck_assert(right("3B95 18 40 FF 64 02 01 01 02")); /* T=0 alone: no TCK */
	ck_assert(right("3B87 80 01 80 31 F8 73 F7 C1 FF F5"));
	ck_assert(right("3B8B 81 01 80 73 F6 A1 D8 65 4F 73 45 49 44 66"));
	ck_assert(right("3BD6 18 00 80 B1 80 6D 1F 03 80 51 00 61 10 30 9E"));
}
END_TEST

START_TEST(wrong_ones)
{
	ck_assert(!right(""));
	ck_assert(!right("3B"));
	ck_assert(!right("3C00"));
	ck_assert(!right("0000"));
	ck_assert(!right("3B01"));       /* a historical byte is missing */
	ck_assert(!right("3B00 00"));    /* one too many */
	ck_assert(!right("3B00 0000"));  /* two */
	ck_assert(!right("3BD0 11"));    /* TC1 and TD1 are missing */
	ck_assert(!right("3B80"));       /* TD1 is missing */
	ck_assert(!right("3B80 80 01 80")); /* TCK wrong */
	ck_assert(right("3B80 80 01 01"));
	ck_assert(!right("3B80 80 01")); /* TCK missing */
	ck_assert(!right(
		"3B80 80 80 80 80 80 80 80 80 80 80 80 80 80 80 80 80 80 80 80 80 80 80 80 80 80 "
		"80 80 80 80 80 80 80 80"));
}
END_TEST

START_TEST(historical_bytes)
{
	struct view v;

	ck_assert(atr_historical(bytes("3B02 1450"), &v));
	ck_bytes_eq(v, "1450");
	ck_assert(atr_historical(bytes("3B87 80 01 80 31 F8 73 F7 C1 FF F5"), &v));
	ck_bytes_eq(v, "8031F873F7C1FF");
	ck_assert(atr_historical(bytes("3B00"), &v));
	ck_assert_uint_eq(v.n, 0);
	ck_assert(!atr_historical(bytes("3B03 1450"), &v));
}
END_TEST

START_TEST(built)
{
	struct buf b = BUF(ATR_BYTES_MAX);

	atr_build(&b, 1u << 0 | 1u << 1, bytes("8031F873F7C1FF"));
	ck_bytes_eq(buf_view(&b), "3B87 80 01 80 31 F8 73 F7 C1 FF F5");
	buf_reset(&b);
	atr_build(&b, 1u << 0, bytes("AABB"));
	ck_assert_ptr_null(atr_fault(buf_view(&b)));
	buf_reset(&b);
	atr_build(&b, 1u << 1, bytes(""));
	ck_assert_ptr_null(atr_fault(buf_view(&b)));
	buf_reset(&b);
	atr_build(&b, 1u << 1, bytes("0102030405060708090A0B0C0D0E0F"));
	ck_assert_ptr_null(atr_fault(buf_view(&b)));
	buf_free(&b);
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("atr");

	tcase_add_test(tc, right_ones);
	tcase_add_test(tc, wrong_ones);
	tcase_add_test(tc, historical_bytes);
	tcase_add_test(tc, built);
	return run("atr", tc);
}
