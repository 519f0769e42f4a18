/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "base/hex.h"
#include "support.h"

static const struct {
	const char *text;
	const char *bytes;
	size_t n;
} good[] = {
	{ "", "", 0 },
	{ "00", "\x00", 1 },
	{ "3B8a ff", "\x3b\x8a\xff", 3 },
	{ "3b:d6:18", "\x3b\xd6\x18", 3 },
	{ "  00\t01  ", "\x00\x01", 2 },
};

static const char *const bad[] = { "0", "000", "0g", "g0", "0x00", "0 0", "00,01", "00\n", "é0", "00 1" };

START_TEST(is_read)
{
	struct buf b = BUF(16);

	buf_u8(&b, 0xee);
	ck_assert(hex_read(&b, good[_i].text));
	ck_assert_uint_eq(b.n, 1 + good[_i].n);
	ck_assert_uint_eq(b.p[0], 0xee);
	if (good[_i].n)
		ck_assert_mem_eq(b.p + 1, good[_i].bytes, good[_i].n);
	buf_free(&b);
}
END_TEST

START_TEST(is_refused)
{
	struct buf b = BUF(16);

	buf_u8(&b, 0xee);
	ck_assert(!hex_read(&b, bad[_i]));
	ck_assert_uint_eq(b.n, 1);
	ck_assert(!b.failed);
	buf_free(&b);
}
END_TEST

START_TEST(too_many)
{
	struct buf b = BUF(2);

	ck_assert(hex_read(&b, "0102"));
	ck_assert(!hex_read(&b, "03"));
	ck_assert(b.failed);
	buf_free(&b);
}
END_TEST

START_TEST(a_part_of_a_text)
{
	struct buf b = BUF(8);

	ck_assert(hex_read_n(&b, "0102zz", 4));
	ck_assert_uint_eq(b.n, 2);
	/* half a byte at the end, although the text goes on */
	ck_assert(!hex_read_n(&b, "0102", 3));
	ck_assert_uint_eq(b.n, 2);
	buf_free(&b);
}
END_TEST

START_TEST(is_written)
{
	struct buf b = BUF(16);

	hex_write(&b, view_of("\x00\x9f\xa0", 3));
	ck_assert_uint_eq(b.n, 6);
	ck_assert_mem_eq(b.p, "009FA0", 6);
	hex_write(&b, view_of(NULL, 0));
	ck_assert_uint_eq(b.n, 6);
	buf_free(&b);
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("hex");

	tcase_add_loop_test(tc, is_read, 0, sizeof(good) / sizeof(good[0]));
	tcase_add_loop_test(tc, is_refused, 0, sizeof(bad) / sizeof(bad[0]));
	tcase_add_test(tc, too_many);
	tcase_add_test(tc, a_part_of_a_text);
	tcase_add_test(tc, is_written);
	return run("hex", tc);
}
