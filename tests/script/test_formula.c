/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "base/hex.h"
#include "script/formula.h"
#include "script/pattern.h"
#include "support.h"

/* As a script has it, and what it is; - and a word of what is wrong. */
static const struct row {
	const char *text;
	const char *want;
} rows[] = {
	{ "fill 3 AB CD", "ABCDAB" },
	{ "fill 1 \"\"", "-nothing" },
	{ "pad 8 01 02 03 04 05 06 07 08", "01020304050607088000000000000000" },
	{ "pad 4 01 02 03", "01020380" },
	{ "pad 0 01", "-block" },
	{ "pad 257 01", "-block" },
	{ "slice 1 2 01 02 03 04", "0203" },
	{ "slice 4 0 01 02 03 04", "" },
	{ "slice 3 2 01 02 03 04", "-there are fewer bytes" },
	{ "add 1 00 00 FF FF", "00010000" },
	{ "add 65536 00 00 00 00", "00010000" },
	{ "add 1 FF", "00" },
	{ "add 1 \"\"", "" },
	{ "xor 0102 03 04", "0206" },
	{ "xor 0102 03", "-one length" },
	/* FIPS 46-3 by K K K: the DES example of old */
	{ "3des-ecb 133457799BBCDFF1 01 23 45 67 89 AB CD EF", "85E813540F0AB405" },
	{ "3des-ecb 133457799BBCDFF1 01", "-length" },
	{ "3des-ecb 1334 0123456789ABCDEF", "-length" },
	{ "3des-cbc 133457799BBCDFF1 0000000000000000 0123456789ABCDEF", "85E813540F0AB405" },
	{ "3des-cbc 133457799BBCDFF1 00 0123456789ABCDEF", "-IV" },
	{ "3des-cbc-back 133457799BBCDFF1 0000000000000000 85E813540F0AB405", "0123456789ABCDEF" },
	/* FIPS 197, C.1 */
	{ "aes-ecb 000102030405060708090A0B0C0D0E0F 00112233445566778899AABBCCDDEEFF",
	  "69C4E0D86A7B0430D8CDB78070B4C55A" },
	{ "aes-cbc 000102030405060708090A0B0C0D0E0F {fill 16 00} 00112233445566778899AABBCCDDEEFF",
	  "69C4E0D86A7B0430D8CDB78070B4C55A" },
	{ "aes-cbc-back 000102030405060708090A0B0C0D0E0F {fill 16 00} 69C4E0D86A7B0430D8CDB78070B4C55A",
	  "00112233445566778899AABBCCDDEEFF" },
	{ "aes-cbc 000102030405060708090A0B0C0D0E0F {fill 8 00} 00112233445566778899AABBCCDDEEFF",
	  "-IV" },
	/* Doc 9303-11, D.4: the checksum of the first protected SELECT */
	{ "retail-mac F1CB1F1FB5ADF208806B89DC579DC1F8 {pad 8 887022120C06C227 {pad 8 0CA4020C} "
	  "8709016375432908C044F6}", "BF8B92D635FF24F8" },
	{ "retail-mac F1CB1F1FB5ADF208806B89DC579DC1F8 00", "-length" },
	/* SP 800-38B, D.1 */
	{ "cmac 2B7E151628AED2A6ABF7158809CF4F3C 6BC1BEE22E409F96E93D7E117393172A",
	  "070A16B46B4D4144F79BDD9DD04A287C" },
	/* RFC 4231, 2 */
	{ "hmac-sha-256 4A656665 \"what do ya want for nothing?\"",
	  "5BDCC146BF60754E6A042426089575C75A003F089D2739839DEC58B964EC3843" },
	{ "sha-1 \"abc\"", "A9993E364706816ABA3E25717850C26C9CD0D89D" },
	{ "sha-256 \"abc\"", "BA7816BF8F01CFEA414140DE5DAE2223B00361A396177A9CB410FF61F20015AD" },
};

START_TEST(test_row)
{
	const struct row *row = &rows[_i];
	const struct props names = { .first = NULL };
	struct buf out = BUF(4096), hex = BUF(8192);
	char text[512];
	struct reader r = { .names = &names };
	bool ok;

	snprintf(text, sizeof(text), "{%s}", row->text);
	r.text = view_of(text, strlen(text));
	ok = pattern_value(&out, &r);
	hex_write(&hex, buf_view(&out));
	buf_u8(&hex, 0);
	if (row->want[0] == '-') {
		ck_assert_msg(!ok && strstr(r.fault, row->want + 1), "%s: %s", text, r.fault);
		ck_assert_uint_eq(out.n, 0);
	} else {
		ck_assert_msg(ok, "%s: %s", text, r.fault);
		ck_assert_str_eq((const char *)hex.p, row->want);
	}
	buf_free(&out);
	buf_free(&hex);
}
END_TEST

START_TEST(test_find)
{
	ck_assert_ptr_nonnull(formula_find("xor"));
	ck_assert_ptr_null(formula_find("xo"));
	ck_assert_ptr_null(formula_find(""));
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("formula");

	tcase_add_loop_test(tc, test_row, 0, (int)(sizeof(rows) / sizeof(rows[0])));
	tcase_add_test(tc, test_find);
	return run("formula", tc);
}
