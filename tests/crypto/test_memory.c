/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "crypto/memory.h"
#include "crypto/rand.h"
#include "support.h"

/* The linker's --wrap puts this before libbsd's. */
void __wrap_freezero(void *p, size_t n);

static size_t wiped;

void
__wrap_freezero(void *p, size_t n)
{
	wiped++;
	explicit_bzero(p, n);
	free(p);
}

START_TEST(all_goes_through_it)
{
	uint8_t number[16];

	ck_assert(crypto_wipe_memory());
	ck_assert_int_eq(crypto_warm(), 0);
	ck_assert_int_eq(rand_bytes(number, sizeof(number)), 0);
	ck_assert_uint_gt(wiped, 10);
}
END_TEST

START_TEST(too_late)
{
	ck_assert_int_eq(crypto_warm(), 0);
	ck_assert(!crypto_wipe_memory());
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("memory");

	tcase_add_test(tc, all_goes_through_it);
	tcase_add_test(tc, too_late);
	return run("memory", tc);
}
