/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SignedData that says too little; what is signed is tested with passports. */
#include "crypto/cms.h"

#include "known.h"
#include "support.h"

#define SIGNED_DATA "0609 2A864886F70D010702"
#define CONTENT "020101 3100 3009 060100 A004 0402AABB"

START_TEST(nothing_in_it)
{
	struct cms cms;

	ck_assert(!cms_read(known(""), &cms));
	ck_assert(!cms_read(known("3000"), &cms));
	ck_assert(!cms_read(known("300F" SIGNED_DATA "A002 3000"), &cms));
	ck_assert(!cms_read(known("3011" SIGNED_DATA "A004 3002 0400"), &cms));
}
END_TEST

START_TEST(no_certificate)
{
	struct cms cms;

	ck_assert(cms_read(known("301F" SIGNED_DATA "A012 3010" CONTENT), &cms));
	ck_assert_view(cms.content, known("AABB"));
	ck_assert_uint_eq(cms.certificate.n, 0);
	ck_assert(cms_read(known("3021" SIGNED_DATA "A014 3012" CONTENT "A000"), &cms));
	ck_assert_uint_eq(cms.certificate.n, 0);
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("cms");

	tcase_add_test(tc, nothing_in_it);
	tcase_add_test(tc, no_certificate);
	return run("cms", tc);
}
