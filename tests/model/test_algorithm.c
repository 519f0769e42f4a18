/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The numbers of DO 80: each is itself, and no other is anything. */
#include "known.h"
#include "algorithms.h"

START_TEST(all_numbers)
{
	static const uint8_t there[] = {
		0x00, 0x01, 0x02, 0x03, 0x04, 0x05, 0x07, 0x08, 0x09, 0x0a, 0x0b, 0x0c, 0x10,
		0x11, 0x12, 0x13, 0x14, 0x15, 0x16, 0x18, 0x19, 0x1a, 0x1b, 0x1c, 0x1d,
	};
	unsigned id;

	for (id = 0; id < 256; id++) {
		const struct algorithm *a = plain_algorithm((uint8_t)id);

		ck_assert_int_eq(a != NULL, memchr(there, (int)id, sizeof(there)) != NULL);
		ck_assert(!a || a->id == id);
	}
}
END_TEST

START_TEST(hashes)
{
	static const struct {
		uint8_t id;
		size_t size;
	} rows[] = {
		{ 0x07, 20 }, { 0x18, 28 }, { 0x08, 32 }, { 0x19, 48 }, { 0x1a, 64 },
		{ 0x1b, 32 }, { 0x1c, 48 }, { 0x1d, 64 },
	};
	enum digest d;
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		ck_assert_int_eq(plain_algorithm(rows[i].id)->what, ALGORITHM_HASH);
		ck_assert_uint_eq(digest_size(plain_algorithm(rows[i].id)->digest), rows[i].size);
		ck_assert(algorithm_digest_of(rows[i].size, &d));
		ck_assert_uint_eq(digest_size(d), rows[i].size);
	}
	ck_assert(algorithm_digest_of(32, &d));
	ck_assert_int_eq(d, DIGEST_SHA256);
	ck_assert(!algorithm_digest_of(0, &d));
	ck_assert(!algorithm_digest_of(16, &d));
	ck_assert(!algorithm_digest_of(65, &d));
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("algorithm");

	tcase_add_test(tc, all_numbers);
	tcase_add_test(tc, hashes);
	return run("algorithm", tc);
}
