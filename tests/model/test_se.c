/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Security environments: what is set, what stays, what is refused. */
#include "model/se.h"
#include "known.h"

static struct se se;

static void
teardown(void)
{
	se_clear(&se);
}

static void
has(enum se_crt crt, enum se_use use, const char *objects)
{
	ck_assert_view(se_template(&se, crt, use), known(objects));
}

START_TEST(tags)
{
	static const uint8_t all[] = { 0xa4, 0xa6, 0xaa, 0xb4, 0xb6, 0xb8, 0x00 };
	enum se_crt crt;
	size_t i;

	for (i = 0; i < sizeof(all); i++) {
		ck_assert(se_crt_of(all[i], &crt));
		ck_assert_uint_eq(se_tag(crt), all[i]);
	}
	ck_assert(!se_crt_of(0xa5, &crt));
	ck_assert(!se_crt_of(0xff, &crt));
}
END_TEST

START_TEST(only_what_was_named_is_replaced)
{
	struct view v;

	ck_assert(se_is_empty(&se));
	ck_assert_uint_eq(se_set(&se, 0x40, SE_DST, known("800110 840101")), SW_OK);
	ck_assert_uint_eq(se_set(&se, 0x40, SE_DST, known("840102")), SW_OK);
	has(SE_DST, SE_MAKE, "800110 840102");
	ck_assert(se_get(&se, SE_DST, SE_MAKE, SE_DO_ALGORITHM, &v));
	ck_assert_view(v, known("10"));
	/* nothing else of it, and no other */
	ck_assert(!se_get(&se, SE_DST, SE_MAKE, SE_DO_SECRET_KEY, &v));
	ck_assert(!se_get(&se, SE_DST, SE_CHECK, SE_DO_ALGORITHM, &v));
	ck_assert(!se_get(&se, SE_CT, SE_MAKE, SE_DO_ALGORITHM, &v));
	ck_assert(!se_is_empty(&se));
}
END_TEST

START_TEST(one_for_two_uses)
{
	ck_assert_uint_eq(se_set(&se, 0xc0, SE_AT, known("830101")), SW_OK);
	ck_assert_uint_eq(se_set(&se, 0x80, SE_AT, known("830102")), SW_OK);
	ck_assert_uint_eq(se_set(&se, 0x30, SE_CCT, known("830103")), SW_OK);
	has(SE_AT, SE_MAKE, "830101");
	has(SE_AT, SE_CHECK, "830102");
	has(SE_CCT, SE_SM_COMMAND, "830103");
	has(SE_CCT, SE_SM_RESPONSE, "830103");
	has(SE_CCT, SE_MAKE, "");
}
END_TEST

START_TEST(the_last_of_two_counts)
{
	struct view v;

	ck_assert_uint_eq(se_set(&se, 0x40, SE_DST, known("840101 800110 840102")), SW_OK);
	has(SE_DST, SE_MAKE, "800110 840102");
	/* an empty one takes the value away */
	ck_assert_uint_eq(se_set(&se, 0x40, SE_DST, known("8400")), SW_OK);
	ck_assert(!se_get(&se, SE_DST, SE_MAKE, SE_DO_PRIVATE_KEY, &v));
}
END_TEST

START_TEST(form_is_all_that_is_checked)
{
	ck_assert_uint_eq(se_set(&se, 0x40, SE_DST, known("800110")), SW_OK);
	ck_assert_uint_eq(se_set(&se, 0x40, SE_DST, known("")), SW_WRONG_DATA);
	ck_assert_uint_eq(se_set(&se, 0x40, SE_DST, known("84")), SW_WRONG_DATA);
	ck_assert_uint_eq(se_set(&se, 0x40, SE_DST, known("840201")), SW_WRONG_DATA);
	ck_assert_uint_eq(se_set(&se, 0x40, SE_DST, known("840101 80")), SW_WRONG_DATA);
	has(SE_DST, SE_MAKE, "800110");
	ck_assert_uint_eq(se_set(&se, 0x40, SE_DST, known("9E03010203 7F4C00")), SW_OK);
}
END_TEST

START_TEST(too_much_is_refused_whole)
{
	struct buf big = BUF(4096);

	ck_assert_uint_eq(se_set(&se, 0x80, SE_KAT, known("800110")), SW_OK);
	buf_put_view(&big, known("9182 0400"));
	buf_fill(&big, 1, 0x400);
	ck_assert_uint_eq(se_set(&se, 0xc0, SE_KAT, buf_view(&big)), SW_NO_MEMORY);
	has(SE_KAT, SE_CHECK, "800110");
	has(SE_KAT, SE_MAKE, "");
	buf_free(&big);
}
END_TEST

START_TEST(a_copy_is_its_own)
{
	struct se other = { 0 };

	ck_assert_uint_eq(se_set(&se, 0x40, SE_DST, known("800110")), SW_OK);
	se.number = 3;
	ck_assert(se_copy(&other, &se));
	se_clear(&se);
	ck_assert(se_is_empty(&se));
	ck_assert_uint_eq(se.number, 0);
	ck_assert_uint_eq(other.number, 3);
	ck_assert_view(se_template(&other, SE_DST, SE_MAKE), known("800110"));
	ck_assert_uint_eq(se_set(&se, 0x40, SE_CT, known("840101")), SW_OK);
	ck_assert(se_copy(&se, &other));
	has(SE_CT, SE_MAKE, "");
	se_clear(&other);
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("se");

	tcase_add_checked_fixture(tc, NULL, teardown);
	tcase_add_test(tc, tags);
	tcase_add_test(tc, only_what_was_named_is_replaced);
	tcase_add_test(tc, one_for_two_uses);
	tcase_add_test(tc, the_last_of_two_counts);
	tcase_add_test(tc, form_is_all_that_is_checked);
	tcase_add_test(tc, too_much_is_refused_whole);
	tcase_add_test(tc, a_copy_is_its_own);
	return run("se", tc);
}
