/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "base/mem.h"
#include "support.h"

START_TEST(setting)
{
	uint8_t most[SECRET_MAX + 1];
	struct secret s = { .n = 0 };
	size_t i;

	memset(most, 0xa5, sizeof(most));
	ck_assert(secret_set(&s, view_of(most, SECRET_MAX)));
	ck_assert_uint_eq(secret_view(&s).n, SECRET_MAX);
	ck_assert(!secret_set(&s, view_of(most, SECRET_MAX + 1)));
	ck_assert_uint_eq(s.n, SECRET_MAX);
	/* a shorter one leaves nothing of the longer */
	ck_assert(secret_set(&s, view_of("1234", 4)));
	ck_assert(view_equal(secret_view(&s), view_of("1234", 4)));
	for (i = 4; i < SECRET_MAX; i++)
		ck_assert_uint_eq(s.bytes[i], 0);
	/* from itself */
	ck_assert(secret_set(&s, view_of(s.bytes + 1, 2)));
	ck_assert(view_equal(secret_view(&s), view_of("23", 2)));
	ck_assert(secret_set(&s, view_of(NULL, 0)));
	ck_assert_uint_eq(s.n, 0);
}
END_TEST

START_TEST(wiping)
{
	struct secret s, zero;

	memset(&zero, 0, sizeof(zero));
	memset(&s, 0xff, sizeof(s));
	secret_wipe(&s);
	ck_assert_mem_eq(&s, &zero, sizeof(s));
}
END_TEST

START_TEST(comparing)
{
	ck_assert(secret_equal(view_of("1234", 4), view_of("1234", 4)));
	ck_assert(secret_equal(view_of(NULL, 0), view_of("", 0)));
	ck_assert(!secret_equal(view_of("1234", 4), view_of("1235", 4)));
	ck_assert(!secret_equal(view_of("1234", 4), view_of("0234", 4)));
	ck_assert(!secret_equal(view_of("1234", 4), view_of("12345", 5)));
	/* differences must not cancel out */
	ck_assert(!secret_equal(view_of("\x01\x01", 2), view_of("\x02\x02", 2)));
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("mem");

	tcase_add_test(tc, setting);
	tcase_add_test(tc, wiping);
	tcase_add_test(tc, comparing);
	return run("mem", tc);
}
