/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "codec/x509.h"

#include "known.h"
#include "support.h"

START_TEST(numbers)
{
	struct buf b = BUF(64);

	x509_put_integer(&b, known("00007F"));
	ck_assert_buf(&b, known("02017F"));
	x509_put_integer(&b, known("80"));
	ck_assert_buf(&b, known("02020080"));
	x509_put_integer(&b, known(""));
	ck_assert_buf(&b, known("020100"));
	x509_put_integer(&b, known("0000"));
	ck_assert_buf(&b, known("020100"));
}
END_TEST

START_TEST(parts)
{
	struct buf b = BUF(256);

	x509_put_name(&b, "a");
	ck_assert_buf(&b, known("300C 310A 3008 0603550403 0C0161"));
	x509_put_algorithm(&b, known("2B6570"), known(""));
	ck_assert_buf(&b, known("3005 06032B6570"));
	x509_put_algorithm(&b, known("2A03"), x509_null);
	ck_assert_buf(&b, known("3006 06022A03 0500"));
	x509_put_extension(&b, known("551D13"), true, known("3000"));
	ck_assert_buf(&b, known("300C 0603551D13 0101FF 04023000"));
	x509_put_extension(&b, known("551D13"), false, known("3000"));
	ck_assert_buf(&b, known("3009 0603551D13 04023000"));
	x509_put_bits(&b, known("AA"));
	ck_assert_buf(&b, known("030200AA"));
}
END_TEST

#define TIMES "3020 170D 3030303130313030303030305A 180F 39393939313233313233353935395A"

START_TEST(certificate)
{
	struct buf tbs = BUF(256), whole = BUF(256);
	struct x509 x = {
		.serial = known("05"), .issuer = known("3000"),
		.subject = known("300C310A300806035504030C0161"),
		.key = known("3002AAAA"), .signature = known("300506032B6570"),
	};
	struct view subject;

	x509_put_tbs(&tbs, &x);
	ck_assert_view(buf_view(&tbs), known("3045 A003020102 020105 300506032B6570 3000 " TIMES
					     " 300C310A300806035504030C0161 3002AAAA"));
	x509_put(&whole, buf_view(&tbs), x.signature, known("BB"));
	ck_assert(x509_subject(buf_view(&whole), &subject));
	ck_assert_view(subject, x.subject);
	buf_reset(&tbs);
	x.extensions = known("3009 0603551D13 04023000");
	x509_put_tbs(&tbs, &x);
	ck_assert_view(view_slice(buf_view(&tbs), tbs.n - 15, 15),
		       known("A30D 300B 3009 0603551D13 04023000"));
	buf_free(&tbs);
	buf_free(&whole);
}
END_TEST

/* Each beginning of a certificate, and one of version 1. */
START_TEST(subjects)
{
	struct view all = known("3013 3011 020105 3000 3000 3000 3004 31020102 3000");
	struct view subject;
	size_t n;

	ck_assert(x509_subject(all, &subject));
	ck_assert_view(subject, known("300431020102"));
	for (n = 0; n < all.n; n++)
		ck_assert(!x509_subject(view_slice(all, 0, n), &subject));
	ck_assert(!x509_subject(known("3005 3003 020105"), &subject));
	ck_assert(!x509_subject(known("3008 3006 A003 020105 00"), &subject));
	ck_assert(!x509_subject(known("3007 3005 020105 3000"), &subject));
	ck_assert(!x509_subject(known("3000"), &subject));
	ck_assert(!x509_subject(known("3005 3003 A00300"), &subject));
	ck_assert(!x509_subject(known("300D 300B 020105 3000 3000 3000 3100"), &subject));
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("x509");

	tcase_add_test(tc, numbers);
	tcase_add_test(tc, parts);
	tcase_add_test(tc, certificate);
	tcase_add_test(tc, subjects);
	return run("x509", tc);
}
