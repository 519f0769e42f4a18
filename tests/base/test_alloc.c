/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <stddef.h>
#include <string.h>

#include "base/alloc.h"
#include "support.h"

/* The linker's --wrap puts this before libbsd's: what goes back must be wiped. */
void __wrap_freezero(void *p, size_t n);

static size_t given_back;
static bool kept_any;

void
__wrap_freezero(void *p, size_t n)
{
	given_back = n;
	kept_any |= n == 0;
	explicit_bzero(p, n);
	free(p);
}

START_TEST(wiped)
{
	char *p = wiping_malloc(100);

	ck_assert_ptr_nonnull(p);
	ck_assert_uint_eq((uintptr_t)p % _Alignof(max_align_t), 0);
	memset(p, 's', 100);
	wiping_free(p);
	ck_assert_uint_ge(given_back, 100);
	wiping_free(NULL);
	wiping_free(wiping_malloc(0));
}
END_TEST

START_TEST(grown_and_shrunk)
{
	char *p = wiping_realloc(NULL, 4), *q;

	memcpy(p, "1234", 4);
	q = wiping_realloc(p, 5000);
	ck_assert_uint_ge(given_back, 4);
	ck_assert_int_eq(memcmp(q, "1234", 4), 0);
	memset(q, 'x', 5000);
	p = wiping_realloc(q, 2);
	ck_assert_uint_ge(given_back, 5000);
	ck_assert_int_eq(memcmp(p, "xx", 2), 0);
	ck_assert_ptr_null(wiping_realloc(p, 0));
	ck_assert(!kept_any);
}
END_TEST

START_TEST(too_much)
{
	char *p = wiping_malloc(4);

	ck_assert_ptr_null(wiping_malloc(SIZE_MAX));
	memcpy(p, "1234", 4);
	ck_assert_ptr_null(wiping_realloc(p, SIZE_MAX - 8));
	ck_assert_int_eq(memcmp(p, "1234", 4), 0); /* as before */
	wiping_free(p);
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("alloc");

	tcase_add_test(tc, wiped);
	tcase_add_test(tc, grown_and_shrunk);
	tcase_add_test(tc, too_much);
	return run("alloc", tc);
}
