/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>

#include "codec/fcp.h"
#include "files.h"

static struct fcp fcp;

static int
from(const char *hex)
{
	return fcp_read(&fcp, bytes(hex));
}

START_TEST(all_of_them)
{
	ck_assert_int_eq(from("8002 0100 8102 0120 8205 0241 0010 04 8302 2F01 8404 A0000001"
			      "8801 F0 8A01 05 C001 00"), 0);
	ck_assert(fcp.has_size && fcp.has_total && fcp.has_fid && fcp.has_life);
	ck_assert_uint_eq(fcp.size, 256);
	ck_assert_uint_eq(fcp.total, 288);
	ck_assert_uint_eq(fcp.fid, 0x2f01);
	ck_assert_uint_eq(fcp.life, 5);
	ck_assert_uint_eq(fcp.sfi, 30);
	ck_assert_uint_eq(fcp.descriptor.n, 5);
	ck_assert_uint_eq(fcp.name.n, 4);
}
END_TEST

START_TEST(none_of_them)
{
	ck_assert_int_eq(from(""), 0);
	ck_assert(!fcp.has_size && !fcp.has_total && !fcp.has_fid && !fcp.has_life);
	ck_assert_uint_eq(fcp.sfi, FCP_SFI_IMPLIED);
	ck_assert_uint_eq(fcp.descriptor.n + fcp.name.n, 0);
	ck_assert_int_eq(from("8501 00 A503 800100 DF2001 00"), 0);
}
END_TEST

START_TEST(no_short_identifier)
{
	ck_assert_int_eq(from("8800"), 0);
	ck_assert_uint_eq(fcp.sfi, 0);
	ck_assert_int_eq(from("8801 00"), 0);
	ck_assert_uint_eq(fcp.sfi, 0);
	ck_assert_int_eq(from("8801 08"), 0);
	ck_assert_uint_eq(fcp.sfi, 1);
	ck_assert_int_eq(from("8801 F8"), -EINVAL);
	ck_assert_int_eq(from("8801 09"), -EINVAL);
	ck_assert_int_eq(from("8802 0008"), -EINVAL);
}
END_TEST

START_TEST(forms_that_they_cannot_have)
{
	static const char *const wrong[] = {
		"8000", "8009 010000000000000000", "8100", "8200", "8207 01020304050607",
		"8301 3F", "8303 3F0000", "8400", "8411 0102030405060708090A0B0C0D0E0F1011",
		"8A00", "8A02 0505", "8001", "80", "82 01 01 83 02 3F",
	};
	static const char *const twice[] = {
		"8001 01 8001 01", "8101 01 8101 01", "8201 01 8201 01", "8302 0101 8302 0101",
		"8401 A0 8401 A0", "8801 08 8801 08", "8A01 05 8A01 05",
	};
	size_t i;

	for (i = 0; i < sizeof(wrong) / sizeof(*wrong); i++)
		ck_assert_msg(from(wrong[i]) == -EINVAL, "%s", wrong[i]);
	for (i = 0; i < sizeof(twice) / sizeof(*twice); i++)
		ck_assert_msg(from(twice[i]) == -EINVAL, "%s", twice[i]);
	ck_assert_int_eq(from("8410 0102030405060708090A0B0C0D0E0F10"), 0);
	ck_assert_int_eq(from("8206 020100100005"), 0);
	ck_assert_int_eq(from("8008 0000000000000001"), 0);
	ck_assert_uint_eq(fcp.size, 1);
}
END_TEST

START_TEST(others_in_their_order)
{
	struct buf b = BUF(64);
	static const char all[] = "8302 0101 8502 CAFE 8001 10 8801 08 8101 20 8603 000000 8401 A0";

	fcp_others(&b, bytes(all), false);
	ck_bytes_eq(buf_view(&b), "8502 CAFE 8101 20 8603 000000 8401 A0");
	buf_reset(&b);
	/* a DF has neither a size nor an SFI: what was said of them stays */
	fcp_others(&b, bytes(all), true);
	ck_bytes_eq(buf_view(&b), "8502 CAFE 8001 10 8801 08 8101 20 8603 000000 8401 A0");
	buf_reset(&b);
	/* filling is not kept */
	fcp_others(&b, bytes("8502 CAFE 0000 8401 A0 0000 0000"), true);
	ck_bytes_eq(buf_view(&b), "8502 CAFE 8401 A0");
	buf_free(&b);
}
END_TEST

START_TEST(computed_ones_in_order)
{
	struct buf b = BUF(64);
	static const uint8_t d[] = { 0x01, 0x21 };
	struct fcp f = {
		.has_size = true, .size = 5, .descriptor = VIEW(d), .has_fid = true, .fid = 0x0102,
		.sfi = 3, .has_life = true, .life = 1,
	};

	fcp_write(&b, &f);
	ck_bytes_eq(buf_view(&b), "8002 0005 8202 0121 8302 0102 8801 18 8A01 01");
	buf_reset(&b);
	f = (struct fcp) { .has_size = true, .size = 0x10000, .sfi = 0 };
	fcp_write(&b, &f);
	ck_bytes_eq(buf_view(&b), "8003 010000 8800");
	buf_reset(&b);
	f = (struct fcp) { .sfi = FCP_SFI_IMPLIED };
	fcp_write(&b, &f);
	ck_assert_uint_eq(b.n, 0);
	buf_free(&b);
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("fcp");

	tcase_add_test(tc, all_of_them);
	tcase_add_test(tc, none_of_them);
	tcase_add_test(tc, no_short_identifier);
	tcase_add_test(tc, forms_that_they_cannot_have);
	tcase_add_test(tc, others_in_their_order);
	tcase_add_test(tc, computed_ones_in_order);
	return run("fcp", tc);
}
