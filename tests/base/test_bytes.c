/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "base/bytes.h"
#include "support.h"

#define BYTES(...) view_of((const uint8_t[]) { __VA_ARGS__ }, sizeof((const uint8_t[]) { __VA_ARGS__ }))

static void
expect(struct view got, const void *p, size_t n)
{
	ck_assert_uint_eq(got.n, n);
	if (n > 0)
		ck_assert_mem_eq(got.p, p, n);
}

START_TEST(equal)
{
	struct view none = view_of(NULL, 0);

	ck_assert(view_equal(BYTES(1, 2), BYTES(1, 2)));
	ck_assert(!view_equal(BYTES(1, 2), BYTES(1, 3)));
	ck_assert(!view_equal(BYTES(1, 2), BYTES(1)));
	ck_assert(view_equal(none, view_of("", 0)));
	ck_assert(view_starts(BYTES(1, 2), BYTES(1)));
	ck_assert(view_starts(BYTES(1), none));
	ck_assert(!view_starts(BYTES(1), BYTES(1, 2)));
	ck_assert(!view_starts(BYTES(1, 2), BYTES(2)));
}
END_TEST

START_TEST(taking)
{
	struct view v = BYTES(0x12, 0x34, 0x56), out, empty = view_of(NULL, 0);
	uint16_t u16 = 0;
	uint8_t u8 = 0;

	ck_assert(!view_take(&v, 4, &out));
	ck_assert_uint_eq(v.n, 3);
	ck_assert(view_u16(&v, &u16));
	ck_assert_uint_eq(u16, 0x1234);
	ck_assert(!view_u16(&v, &u16));
	ck_assert(view_u8(&v, &u8));
	ck_assert_uint_eq(u8, 0x56);
	ck_assert(!view_u8(&v, &u8));
	ck_assert(view_take(&v, 0, &out));
	ck_assert_uint_eq(out.n, 0);
	ck_assert(view_take(&empty, 0, &out));
	ck_assert(!view_take(&empty, 1, &out));
}
END_TEST

START_TEST(numbers)
{
	uint8_t nine[9] = { 0 };
	size_t n = 1;

	ck_assert(view_number(view_of(NULL, 0), &n));
	ck_assert_uint_eq(n, 0);
	ck_assert(view_number(BYTES(1, 0, 0), &n));
	ck_assert_uint_eq(n, 65536);
	/* leading zeros are no size */
	nine[8] = 7;
	ck_assert(view_number(view_of(nine, 9), &n));
	ck_assert_uint_eq(n, 7);
	nine[0] = 1;
	ck_assert(!view_number(view_of(nine, 9), &n));
}
END_TEST

START_TEST(counting)
{
	uint8_t n[] = { 0x7f, 0x00, 0xfe, 0x55 };

	bytes_count_up(n, 3);
	ck_assert_mem_eq(n, "\x7f\x00\xff\x55", 4);
	bytes_count_up(n, 3);
	ck_assert_mem_eq(n, "\x7f\x01\x00\x55", 4);
	memset(n, 0xff, 3);
	bytes_count_up(n, 3);
	ck_assert_mem_eq(n, "\x00\x00\x00\x55", 4);
	bytes_count_up(n, 0);
	ck_assert_mem_eq(n, "\x00\x00\x00\x55", 4);
}
END_TEST

START_TEST(slices)
{
	struct view v = BYTES(1, 2, 3);

	expect(view_slice(v, 0, 3), "\1\2\3", 3);
	expect(view_slice(v, 1, 1), "\2", 1);
	expect(view_slice(v, 2, SIZE_MAX), "\3", 1);
	expect(view_slice(v, 3, 1), NULL, 0);
	expect(view_slice(v, SIZE_MAX, SIZE_MAX), NULL, 0);
}
END_TEST

START_TEST(stripping)
{
	uint8_t bytes[300];
	size_t n, at;

	ck_assert_uint_eq(view_strip_end(view_of(NULL, 0), 0).n, 0);
	for (n = 1; n <= sizeof(bytes); n++) {
		memset(bytes, 0xff, n);
		ck_assert_uint_eq(view_strip_end(view_of(bytes, n), 0xff).n, 0);
		ck_assert_uint_eq(view_strip_end(view_of(bytes, n), 0).n, n);
		for (at = 0; at < n; at++) {
			bytes[at] = 0xfe;
			ck_assert_uint_eq(view_strip_end(view_of(bytes, n), 0xff).n, at + 1);
			bytes[at] = 0xff;
		}
	}
}
END_TEST

START_TEST(putting)
{
	struct buf b = BUF(16);

	buf_put(&b, NULL, 0);
	buf_u8(&b, 1);
	buf_u16(&b, 0x0203);
	buf_put_view(&b, BYTES(4, 5));
	buf_fill(&b, 9, 2);
	buf_fill(&b, 9, 0);
	expect(buf_view(&b), "\1\2\3\4\5\x09\x09", 7);
	buf_insert(&b, 1, "ab", 2);
	buf_insert(&b, b.n, "z", 1);
	buf_insert(&b, 0, "y", 1);
	buf_insert(&b, 0, NULL, 0);
	expect(buf_view(&b), "y\1ab\2\3\4\5\x09\x09z", 11);
	ck_assert(!b.failed);
	buf_free(&b);
	ck_assert_ptr_null(b.p);
	ck_assert_uint_eq(b.max, 16);
}
END_TEST

START_TEST(exactly_full_and_one_too_many)
{
	struct buf b = BUF(4);

	buf_put(&b, "abcd", 4);
	ck_assert(!b.failed);
	buf_put(&b, "", 0);
	ck_assert(!b.failed);
	buf_u8(&b, 'e');
	ck_assert(b.failed);
	expect(buf_view(&b), "abcd", 4);
	/* it stays failed, even for what would fit */
	buf_cut(&b, 1);
	buf_u8(&b, 'x');
	expect(buf_view(&b), "a", 1);
	buf_reset(&b);
	ck_assert(!b.failed);
	buf_put(&b, "wxyz", 4);
	expect(buf_view(&b), "wxyz", 4);
	ck_assert_ptr_null(buf_grow(&b, SIZE_MAX));
	buf_free(&b);
}
END_TEST

START_TEST(growing_nothing)
{
	struct buf b = BUF(8), none = BUF(0);

	ck_assert_ptr_nonnull(buf_grow(&b, 0));
	ck_assert_uint_eq(b.n, 0);
	ck_assert_ptr_null(buf_grow(&none, 1));
	buf_free(&b);
	buf_free(&none);
}
END_TEST

START_TEST(what_falls_off_is_wiped)
{
	struct buf b = BUF(64);
	size_t i;

	buf_put(&b, "secret", 6);
	buf_cut(&b, 9);
	ck_assert_uint_eq(b.n, 6);
	buf_cut(&b, 2);
	for (i = 2; i < 6; i++)
		ck_assert_uint_eq(b.p[i], 0);
	buf_put(&b, "1234", 4);
	buf_drop(&b, 0);
	buf_drop(&b, 3);
	expect(buf_view(&b), "234", 3);
	for (i = 3; i < 6; i++)
		ck_assert_uint_eq(b.p[i], 0);
	buf_drop(&b, 100);
	ck_assert_uint_eq(b.n, 0);
	ck_assert_uint_eq(b.p[0], 0);
	buf_free(&b);
}
END_TEST

START_TEST(setting)
{
	struct buf b = BUF(4);

	ck_assert(buf_set(&b, BYTES(1, 2, 3)));
	/* from itself */
	ck_assert(buf_set(&b, view_of(b.p + 1, 2)));
	expect(buf_view(&b), "\2\3", 2);
	ck_assert(!buf_set(&b, BYTES(1, 2, 3, 4, 5)));
	expect(buf_view(&b), "\2\3", 2);
	ck_assert(!b.failed);
	ck_assert(buf_set(&b, view_of(NULL, 0)));
	ck_assert_uint_eq(b.n, 0);
	buf_free(&b);
}
END_TEST

START_TEST(large)
{
	struct buf b = BUF(70000);
	size_t i;

	for (i = 0; i < 70000; i++)
		buf_u8(&b, (uint8_t)(i * 7));
	ck_assert(!b.failed);
	for (i = 0; i < 70000; i++)
		ck_assert_uint_eq(b.p[i], (uint8_t)(i * 7));
	ck_assert_uint_le(b.cap, 70000);
	buf_u8(&b, 0);
	ck_assert(b.failed);
	buf_free(&b);
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("bytes");

	tcase_add_test(tc, equal);
	tcase_add_test(tc, taking);
	tcase_add_test(tc, numbers);
	tcase_add_test(tc, counting);
	tcase_add_test(tc, slices);
	tcase_add_test(tc, stripping);
	tcase_add_test(tc, putting);
	tcase_add_test(tc, exactly_full_and_one_too_many);
	tcase_add_test(tc, growing_nothing);
	tcase_add_test(tc, what_falls_off_is_wiped);
	tcase_add_test(tc, setting);
	tcase_add_test(tc, large);
	return run("bytes", tc);
}
