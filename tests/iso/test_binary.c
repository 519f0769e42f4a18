/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Data units of transparent files of the plain card, by command. */
#include "plaincard.h"

static void
ten_bytes(void)
{
	expect("00E000000D 620B 8002 000A 820101 8302 0101", "9000");
	expect("00D600000A 00010203040506070809", "9000");
	commits = 0;
}

START_TEST(read_units)
{
	ten_bytes();
	expect("00B0000003", "000102 9000");
	expect("00B0000703", "070809 9000");
	expect("00B0000803", "0809 6282");
	expect("00B0000800", "0809 9000"); /* all that there is */
	expect("00B00008000000", "0809 9000");
	expect("00B00000000009", "000102030405060708 9000");
	expect("00B0000A01", "6B00");
	expect("00B0000A00", "6B00");
	expect("00B07FFF01", "6B00");
	expect("00B00000", "6700");
	expect("00B0000001 AA", "6700");
	ck_assert_uint_eq(commits, 0);
}
END_TEST

START_TEST(read_by_sfi)
{
	ten_bytes();
	expect("00A4000C023F00", "9000");
	expect("00B0000001", "6986");
	expect("00B0810501", "05 9000");
	expect("00B0000001", "00 9000"); /* it is current now */
	expect("00B0820001", "6A82");
	expect("00B0800001", "6A86");
	expect("00B09F0001", "6A86");
	expect("00B0A10001", "6A86");
	expect("00B0C10001", "6A86");
	/* a refusal leaves what was current */
	expect("00E000000D 620B 8002 0001 820101 8302 0102", "9000");
	expect("00B0811001", "6B00");
	expect("00B0000000", "00 9000");
	/* nor is anything read by one that none was given */
	expect("00E000000F 620D 8002 0001 820101 8302 0103 8800", "9000");
	expect("00B0830001", "6A82");
}
END_TEST

START_TEST(read_odd)
{
	ten_bytes();
	expect("00B10000035401 0300", "5307 03040506070809 9000");
	expect("00B1000004 54020003 05", "5303 030405 9000");
	expect("00B1000004 54020003 09", "5307 03040506070809 9000");
	expect("00B1000004 54020003 0A", "5307 03040506070809 6282");
	expect("00B1000004 54020003", "6109");
	expect("00B1000004 54020003 02", "6700");
	expect("00B1000004 5402000A 00", "6B00");
	expect("00B100000B 5409 010000000000000000 00", "6A80");
	expect("00B100000A 5408 FFFFFFFFFFFFFFFF 00", "6B00");
	expect("00B1000002 5400 00", "6A80");
	expect("00B1000006 540100 540101 00", "6A80");
	expect("00B1000006 540100 530101 00", "6A80");
	expect("00B1000002 5401 00", "6A80");
	expect("00B1000003 500100 00", "6A80");
	/* by SFI, by FID */
	expect("00A4000C023F00", "9000");
	expect("00B1000003 540109 00", "6986");
	expect("00B1000103 540109 00", "530109 9000");
	expect("00B1010103 540109 00", "530109 9000");
	expect("00B1000203 540109 00", "6A82");
	expect("00B1010203 540109 00", "6A82");
	expect("00B1001F03 540109 00", "6A82");
	expect("00E0000009 6207 820138 8302 4100", "9000");
	expect("00A4000C023F00", "9000");
	expect("00B1410003 540100 00", "6981");
}
END_TEST

START_TEST(read_odd_fills_the_answer)
{
	expect("00E000000D 620B 8002 0200 820101 8302 0101", "9000");
	expect("00B1000003 540100 81", "537F * 9000");
	expect("00B1000003 540100 82", "537F * 9000");
	expect("00B1000003 540100 83", "538180 * 9000");
	expect("00B1000003 540100 FF", "5381FC * 9000");
	expect("00B1000003 540100 00", "5381FD * 9000");
	expect("00B10000000003 540100 0103", "5381FF * 9000");
	expect("00B10000000003 540100 0104", "53820100 * 9000");
	expect("00B10000000003 540100 0000", "53820200 * 9000");
}
END_TEST

START_TEST(update)
{
	ten_bytes();
	expect("00D6000802 AABB", "9000");
	expect("00D6000803 AABBCC", "6A84");
	expect("00D6000A01 AA", "6B00");
	expect("00D60000", "6700");
	expect("00D6810001 99", "9000");
	expect("00B0000000", "99010203040506 07AABB 9000");
	ck_assert_uint_eq(commits, 2);
	expect("00D7000007 54020001 5302 1122", "6A80");
	expect("00D7000008 54020001 5302 1122", "9000");
	expect("00D7000008 54020009 5302 1122", "6A84");
	expect("00D7000008 5402000A 5302 1122", "6B00");
	expect("00D7000004 5302 1122", "6A80");
	expect("00D7000105 540102 7300", "9000");
	expect("00D7000106 540103 7301 33", "9000");
	expect("00B0000004", "99112233 9000");
}
END_TEST

START_TEST(write_units)
{
	/* without a coding byte, and as "proprietary": OR */
	expect("00E000000D 620B 8002 0002 820101 8302 0101", "9000");
	expect("00D0000001 0F", "9000");
	expect("00D0000001 F0", "9000");
	expect("00D1000006 540101 5301 81", "9000");
	expect("00B0000000", "FF81 9000");
	expect("00D0000103 010101", "6A84");
	expect("00D0000201 01", "6B00");
	/* once, on what is still erased */
	expect("00E000000E 620C 8002 0002 82020101 8302 0102", "9000");
	expect("00D0000001 0F", "9000");
	expect("00D0000001 F0", "6985");
	expect("00D0000002 0001", "6985");
	expect("00D0000101 F0", "9000");
	expect("00B0000000", "0FF0 9000");
	/* AND */
	expect("00E000000E 620C 8002 0002 82020161 8302 0103", "9000");
	expect("00D6000002 FFFF", "9000");
	expect("00D0000001 0F", "9000");
	expect("00D0000001 F7", "9000");
	expect("00B0000000", "07FF 9000");
}
END_TEST

START_TEST(erase)
{
	ten_bytes();
	expect("000E000802 000A", "9000");
	expect("00B0000500", "0506070000 9000");
	expect("000E000102 0003", "9000");
	expect("00B0000004", "00000003 9000");
	expect("000E000602 0006", "6A80");
	expect("000E000602 000B", "6B00");
	expect("000E000A", "6B00");
	expect("000E000601 07", "6700");
	expect("000E0006", "9000");
	expect("00B0000400", "040500000000 9000");
	expect("00D600000A 00010203040506070809", "9000");
	expect("000F000006 540102 540104", "9000");
	expect("00B0000005", "0001000004 9000");
	expect("000F000003 540108", "9000");
	expect("00B0000500", "0506070000 9000");
	expect("000F0000", "9000");
	expect("00B0000000", "00000000000000000000 9000");
	expect("000F000009 540101 540102 540103", "6A80");
	expect("000F000003 530101", "6A80");
}
END_TEST

START_TEST(search)
{
	ten_bytes();
	expect("00A0000002 0506 00", "0005 9000");
	expect("00A0000601 05 00", "6282");
	expect("00A0810001 09 00", "0009 9000");
	expect("00A0000001 55 00", "6282");
	expect("00A0000A01 00 00", "6B00");
	expect("00A00000", "6700");
	expect("00A1000006 540101 5301 04 00", "54020004 9000");
	expect("00A1000006 540105 5301 04 00", "6282");
	expect("00A1000005 540105 5300 00", "6A80");
	expect("00A1000003 5301 04 00", "6A80");
	ck_assert_uint_eq(commits, 0);
}
END_TEST

START_TEST(units_of_other_sizes)
{
	/* four bytes */
	expect("00E000000E 620C 8002 0010 82020103 8302 0101", "9000");
	expect("00D6000304 01020304", "9000");
	expect("00B0000200", "0000000001020304 9000");
	expect("00B0000401", "6B00");
	expect("00A0000002 0203 00", "0003 9000");
	/* half a byte */
	expect("00E000000E 620C 8002 0004 82020100 8302 0102", "9000");
	expect("00D6000401 AA", "9000");
	expect("00B0000401", "AA 9000");
	expect("00B0000301", "6B00");
	/* up to the middle of a byte */
	expect("000E000002 0003", "6B00");
	expect("000F000003 540103", "6B00");
	expect("000F000006 540102 540103", "6B00");
	expect("000E000402 0006", "9000");
	expect("00B0000401", "00 9000");
}
END_TEST

/* An offset in an answer has as many bytes as it takes, two at least. */
START_TEST(search_far_out)
{
	expect("00E000000E 620C 8003 011000 820101 8302 0101", "9000");
	expect("00D7000008 5403010000 5301 55", "9000");
	expect("00A1000006 540101 5301 55 00", "5403010000 9000");
	expect("00D7000007 5402FFFF 5301 66", "9000");
	expect("00A1000006 540101 5301 66 00", "5402FFFF 9000");
	/* half bytes, of which 9 MB have more than three bytes count */
	iso()->state->fs.quota = 16 << 20;
	expect("00E000000F 620D 8003 900000 82020100 8302 0102", "9000");
	expect("00D7000009 540401100000 5301 77", "9000");
	expect("00A1000009 540400FFFFF0 5301 77 00", "540401100000 9000");
}
END_TEST

START_TEST(files_without_data_units)
{
	expect("00B0000001", "6986");
	expect("00E0000009 6207 820138 8302 4100", "9000");
	expect("00D6000001 00", "6986");
	expect("00E000000D 620B 8002 0004 820108 8302 0101", "9000"); /* internal */
	expect("00A4000402 0101 00", "620E 8002 0004 820108 8302 0101 8A0105 9000");
	expect("00B0000001", "6981");
	expect("00D6000001 00", "6981");
	expect("00B2010401", "6981");
	expect("00E000000D 620B 8002 0400 820111 8302 0102", "9000"); /* a key of 1024 bits */
	expect("00B0000001", "6981");
	ck_assert_uint_eq(iso()->state->fs.used, 0);
	expect("00E000000D 620B 8205 0201 0004 02 8302 0103", "9000");
	expect("00B0000001", "6981");
	/* empty */
	expect("00E0000009 6207 820101 8302 0104", "9000");
	expect("00B0000001", "6B00");
	expect("00D6000001 00", "6B00");
}
END_TEST

START_TEST(rules_of_data_units)
{
	/* read free, update never, write by PIN 1 */
	expect("00E0000011 620F 8002 0004 820101 8302 0101 8C02 01 00", "9000");
	expect("00B0000001", "00 9000");
	expect("00D6000001 00", "6982");
	expect("00D0000001 00", "6982");
	expect("000E0000", "6982");
	expect("00E0000010 620E 8002 0004 820101 8302 0102 8601 00", "9000");
	expect("00B0000001", "6982"); /* a form that nobody understands */
	expect("00E0000012 6210 8002 0004 820101 8302 0103 8603 F010FF", "9000");
	expect("00B0000001", "6982");
	expect("00D6000001 00", "9000");
}
END_TEST

START_TEST(a_large_file_in_one_command)
{
	struct buf command = BUF(70000), rsp = BUF(CARD_RESPONSE_MAX);
	static const uint8_t head[] = { 0x00, 0xd6, 0x00, 0x00, 0x00, 0xff, 0xff };

	expect("00E000000E 620C 8003 010004 820101 8302 0101", "9000");
	buf_put(&command, head, sizeof(head));
	buf_fill(&command, 0xab, 65535);
	ck_assert_int_eq(card->ops->transmit(card, buf_view(&command), &rsp), 0);
	ck_assert_uint_eq(rsp.n, 2);
	ck_assert_uint_eq(rsp.p[0], 0x90);
	buf_reset(&rsp);
	ck_assert_int_eq(talk(card, "00B00000000000", &rsp), 0);
	ck_assert_uint_eq(rsp.n, 65535);
	ck_assert_uint_eq(rsp.p[65532], 0xab);
	ck_assert_uint_eq(rsp.p[65533], 0x61);
	expect("00C0000000", "ABAB00 9000");
	expect("00B1000005 5403 010003 00", "530100 9000");
	buf_free(&rsp);
	buf_free(&command);
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("iso_binary");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, read_units);
	tcase_add_test(tc, read_by_sfi);
	tcase_add_test(tc, read_odd);
	tcase_add_test(tc, read_odd_fills_the_answer);
	tcase_add_test(tc, update);
	tcase_add_test(tc, write_units);
	tcase_add_test(tc, erase);
	tcase_add_test(tc, search);
	tcase_add_test(tc, units_of_other_sizes);
	tcase_add_test(tc, search_far_out);
	tcase_add_test(tc, files_without_data_units);
	tcase_add_test(tc, rules_of_data_units);
	tcase_add_test(tc, a_large_file_in_one_command);
	return run("iso_binary", tc);
}
