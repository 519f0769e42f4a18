/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <openssl/rand.h>

#include "crypto/rand.h"
#include "known.h"

static bool broken;

/* Linked in front of libcrypto's. */
int __real_RAND_bytes(unsigned char *p, int n);
int __wrap_RAND_bytes(unsigned char *p, int n);

int
__wrap_RAND_bytes(unsigned char *p, int n)
{
	if (!broken)
		return __real_RAND_bytes(p, n);
	memset(p, 0x55, (size_t)n / 2);
	return 0;
}

START_TEST(differs)
{
	uint8_t a[32] = { 0 }, b[32] = { 0 };

	ck_assert_int_eq(rand_bytes(a, sizeof(a)), 0);
	ck_assert_int_eq(rand_bytes(b, sizeof(b)), 0);
	ck_assert_mem_ne(a, b, sizeof(a));
}
END_TEST

/* Every byte is written, and none beyond. */
START_TEST(reaches_all)
{
	uint8_t seen[34] = { 0 }, p[34];
	int i, k;

	for (i = 0; i < 64; i++) {
		memset(p, 0, sizeof(p));
		ck_assert_int_eq(rand_bytes(p + 1, 32), 0);
		for (k = 0; k < 34; k++)
			seen[k] |= p[k];
	}
	ck_assert_uint_eq(seen[0], 0);
	ck_assert_uint_eq(seen[33], 0);
	for (k = 1; k < 33; k++)
		ck_assert_uint_ne(seen[k], 0);
}
END_TEST

START_TEST(nothing_wanted)
{
	uint8_t p[1] = { 0x5a };

	ck_assert_int_eq(rand_bytes(p, 0), 0);
	ck_assert_uint_eq(p[0], 0x5a);
}
END_TEST

/* Half-random bytes must not pass for random ones. */
START_TEST(none_to_be_had)
{
	uint8_t p[16], zero[16] = { 0 };

	memset(p, 0xff, sizeof(p));
	broken = true;
	ck_assert_int_eq(rand_bytes(p, sizeof(p)), -EIO);
	ck_assert_mem_eq(p, zero, sizeof(p));
	ck_assert_int_eq(crypto_warm(), -EIO);
	broken = false;
	ck_assert_int_eq(rand_bytes(p, sizeof(p)), 0);
}
END_TEST

START_TEST(warm)
{
	ck_assert_int_eq(crypto_warm(), 0);
	ck_assert_int_eq(crypto_warm(), 0);
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("rand");

	tcase_add_test(tc, differs);
	tcase_add_test(tc, reaches_all);
	tcase_add_test(tc, nothing_wanted);
	tcase_add_test(tc, none_to_be_had);
	tcase_add_test(tc, warm);
	return run("rand", tc);
}
