/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Records of the plain card, by command. */
#include "plaincard.h"

/* Three records of two bytes, 0101 0202 0103; SFI 1. */
static void
fixed(void)
{
	expect("00E000000D 620B 8205 0221 0002 03 8302 0101", "9000");
	expect("00DC0104020101", "9000");
	expect("00DC0204020202", "9000");
	expect("00DC0304020103", "9000");
	commits = 0;
}

/* Variable ones of up to 16 bytes, none yet; SFI 2. */
static void
variable(void)
{
	expect("00E000000C 620A 8204 0421 0010 8302 0102", "9000");
}

/* Three of one byte, cyclic; SFI 3. */
static void
cyclic(void)
{
	expect("00E000000D 620B 8205 0621 0001 03 8302 0103", "9000");
}

START_TEST(by_number)
{
	fixed();
	expect("00B2010402", "0101 9000");
	expect("00B2030400", "0103 9000");
	expect("00B20304000000", "0103 9000");
	expect("00B2030403", "0103 6282");
	expect("00B2030401", "6C02");
	expect("00B2040400", "6A83");
	expect("00B2000400", "6A83"); /* there is no current one */
	expect("00B2FF0400", "6A86");
	expect("00B2010700", "6A86");
	expect("00B20104", "6700");
	expect("00B201040101", "6700");
	ck_assert_uint_eq(commits, 0);
}
END_TEST

START_TEST(by_sfi)
{
	fixed();
	expect("00A4000C023F00", "9000");
	expect("00B2010400", "6986");
	expect("00B2010C00", "0101 9000");
	expect("00B2010400", "0101 9000");
	expect("00B201FC00", "6A86");
	expect("00B2012400", "6A82");
}
END_TEST

START_TEST(by_identifier)
{
	fixed();
	expect("00A4000C020101", "9000");
	expect("00B2010000", "0101 9000");
	expect("00B2010200", "0103 9000");
	expect("00B2010200", "6A83");
	expect("00B2000300", "0202 9000"); /* the one before, whichever */
	expect("00B2000400", "0202 9000"); /* is the current one */
	expect("00B2020100", "0202 9000");
	expect("00B2050000", "6A83");
	/* a refusal leaves the pointer, selection resets it */
	expect("00B2000201", "6C02");
	expect("00B2000400", "0202 9000");
	expect("00A4000C020101", "9000");
	expect("00B2000400", "6A83");
	/* and so does naming the file by its SFI */
	expect("00B2000000", "0101 9000");
	expect("00B2000C00", "6A83");
}
END_TEST

START_TEST(several)
{
	fixed();
	expect("00B2010500", "010102020103 9000");
	expect("00B2020500", "02020103 9000");
	expect("00B2020600", "01030202 9000");
	expect("00B2010506", "010102020103 9000");
	expect("00B2010507", "010102020103 6282");
	expect("00B2010502", "0101 6104");
	expect("00C0000004", "02020103 9000");
	expect("00B2040500", "6A83");
}
END_TEST

START_TEST(longer_than_le_can_say)
{
	expect("00E000000D 620B 8205 0221 012C 01 8302 0101", "9000");
	expect("00B2010400", "* 612C");
	expect("00B20104000000", "* 9000");
	expect("00B20104000100", "* 612C");
	/* of 256 Le 00 can */
	expect("00E000000D 620B 8205 0221 0100 01 8302 0102", "9000");
	expect("00B20104FF", "6C00");
	expect("00B2010400", "* 9000");
}
END_TEST

START_TEST(part_of_one)
{
	variable();
	expect("00E200000A 00010203040506070809", "9000");
	expect("00B3010403 540102 00", "5308 0203040506070809 9000");
	expect("00B3010403 540102 05", "5303 020304 9000");
	expect("00B3010403 540102 20", "5308 0203040506070809 6282");
	expect("00B3010403 54010A 00", "6B00");
	expect("00B3010403 540102 02", "6700");
	expect("00B3020403 540102 00", "6A83");
	expect("00B3010402 5300 00", "6A80");
	expect("00B3010503 540102 00", "6A86");
}
END_TEST

START_TEST(update)
{
	fixed();
	expect("00DC010402AAAA", "9000");
	expect("00DC010401AA", "6700");
	expect("00DC010403AAAAAA", "6700");
	expect("00DC040402AAAA", "6A83");
	expect("00DC010502AAAA", "6A86");
	expect("00DCFF0402AAAA", "6A86");
	expect("00DC0104", "6700");
	expect("00B2010500", "AAAA02020103 9000");
	ck_assert_uint_eq(commits, 1);
	/* first, next, last by the pointer */
	expect("00DC000002BBBB", "9000");
	expect("00DC000202CCCC", "9000");
	expect("00DC000102DDDD", "9000");
	expect("00B2010500", "BBBBCCCCDDDD 9000");
	expect("00E2000002AAAA", "6A84");
}
END_TEST

START_TEST(append)
{
	variable();
	expect("00E200000401020304", "9000");
	expect("00E2000001AA", "9000");
	expect("00E2001001BB", "9000");
	expect("00B2000400", "BB 9000"); /* the new one is current */
	expect("00B2010500", "01020304AABB 9000");
	expect("00E2010001AA", "6A86");
	expect("00E2000401AA", "6A86");
	expect("00E20000", "6700");
	expect("00E2000011 0102030405060708090A0B0C0D0E0F1011", "6A84");
	expect("00DC020403AABBCC", "9000");
	expect("00B2020400", "AABBCC 9000");
	expect("00A4000402010200", "6212 80020008 8205 0421 0010 03 8302 0102 8A0105 9000");
}
END_TEST

START_TEST(a_ring)
{
	cyclic();
	expect("00E200000101", "9000");
	expect("00E200000102", "9000");
	expect("00DC00030103", "9000"); /* update previous */
	expect("00D200030104", "9000"); /* write previous */
	expect("00B2010500", "040302 9000");
	expect("00DC02040133", "9000");
	expect("00B2010500", "043302 9000");
	expect("00DC0003020505", "6700");
	expect("00B2000000", "04 9000");
	expect("00B2000200", "33 9000");
}
END_TEST

START_TEST(write_record)
{
	fixed();
	expect("00D20104021010", "9000");
	expect("00B2010400", "1111 9000");
	expect("00D201040110", "6700");
	expect("00D20404021010", "6A83");
	expect("00D20105021010", "6A86");
	expect("00D3010406 540101 530122", "9000");
	expect("00B2010400", "1133 9000");
	expect("00D3010506 540101 530122", "6A86");
	expect("00D3010406 540102 530122", "6A84");
	expect("00D3010406 540103 530122", "6B00");
}
END_TEST

START_TEST(update_part)
{
	fixed();
	expect("00DD020406 540100 5301F0", "9000"); /* replace */
	expect("00DD020606 540100 53010F", "9000"); /* OR */
	expect("00DD020506 540100 530181", "9000"); /* AND */
	expect("00DD020706 540101 530103", "9000"); /* XOR */
	expect("00B2020400", "8101 9000");
	expect("00DD020307 540100 5302F0F0", "6A86");
	expect("00DD020407 540101 5302F0F0", "6A84");
	expect("00DD020403 5301F0", "6A80");
	expect("00DD020403 540100", "6A80");
	expect("00B2020400", "8101 9000");
}
END_TEST

START_TEST(erase)
{
	fixed();
	expect("000C0204", "9000");
	expect("00B2010500", "010100000103 9000");
	expect("000C0205", "9000");
	expect("00B2010500", "010100000000 9000");
	expect("000C0106", "9000");
	expect("00B2010500", "000000000000 9000");
	expect("000C0404", "6A83");
	expect("000C0100", "6A86");
	expect("000C0107", "6A86");
	expect("000C01040101", "6700");
	expect("00B2040400", "6A83");
}
END_TEST

START_TEST(search_simple)
{
	fixed();
	expect("00A201040101 00", "0103 9000");
	expect("00A202040101 00", "03 9000");
	expect("00A203050101 00", "0301 9000");
	expect("00B2000400", "0103 9000"); /* the first found is current */
	expect("00A200050101 00", "0301 9000");
	expect("00A2010402 0202 00", "02 9000");
	expect("00A201040155 00", "6282");
	expect("00A204040101 00", "6A83");
	expect("00A201000101 00", "6A86");
	expect("00A201070101 00", "6A86");
	expect("00A2FF040101 00", "6A86");
	expect("00A20104", "6700");
	expect("00A2010C0103 00", "03 9000"); /* by SFI */
}
END_TEST

START_TEST(search_enhanced)
{
	fixed();
	/* from an offset on */
	expect("00A2010603 040101 00", "01 9000");
	expect("00A2010603 040001 00", "0103 9000");
	expect("00A2010603 040201 00", "6282");
	expect("00A2030603 050001 00", "0301 9000");
	/* behind a value */
	expect("00A2010603 0C0103 00", "03 9000");
	expect("00A2010603 0C0203 00", "6282");
	/* from the one beside the current one */
	expect("00A4000C020101", "9000");
	expect("00B2000000", "0101 9000");
	expect("00A2000603 060001 00", "03 9000");
	expect("00A2000603 070001 00", "01 9000");
	expect("00A2000603 070001 00", "6282");
	/* no string, a mode that is none, bits that are reserved */
	expect("00A2010602 0400 00", "6A80");
	expect("00A2010601 04 00", "6A80");
	expect("00A2010603 000001 00", "6A80");
	expect("00A2010603 140001 00", "6A80");
}
END_TEST

START_TEST(files_without_records)
{
	expect("00B2010400", "6986");
	expect("00E000000D 620B 8002 0004 820101 8302 0101", "9000");
	expect("00B2010400", "6981");
	expect("00DC01040101", "6981");
	expect("00E200000101", "6981");
	expect("000C0104", "6981");
	expect("00A201040101", "6981");
	expect("00E000000D 620B 8002 0004 820139 8302 0102", "9000");
	expect("00B2010400", "6981");
}
END_TEST

START_TEST(rules)
{
	/* read and search, nothing else */
	expect("00E0000011 620F 8205 0221 0001 01 8302 0101 8C02 01 00", "9000");
	expect("00B2010400", "00 9000");
	expect("00A201040100", "6101");
	expect("00DC01040101", "6982");
	expect("00DC09040101", "6982"); /* before the record is looked for */
	expect("00D201040101", "6982");
	expect("00E200000101", "6982");
	expect("000C0104", "6982");
	expect("00DD010406 540100 530101", "6982");
	expect("0004000002 0101", "6982");
}
END_TEST

START_TEST(simple_tlv)
{
	expect("00E000000C 620A 8204 0521 0010 8302 0101", "9000");
	expect("00E2000003 8001AA", "9000");
	expect("00E2000003 8101BB", "9000");
	expect("00E2000003 8102BB", "6A85");
	expect("00B2810000", "8101BB 9000");
	expect("00B2800300", "8001AA 9000");
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("iso_record");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, by_number);
	tcase_add_test(tc, by_sfi);
	tcase_add_test(tc, by_identifier);
	tcase_add_test(tc, several);
	tcase_add_test(tc, longer_than_le_can_say);
	tcase_add_test(tc, part_of_one);
	tcase_add_test(tc, update);
	tcase_add_test(tc, append);
	tcase_add_test(tc, a_ring);
	tcase_add_test(tc, write_record);
	tcase_add_test(tc, update_part);
	tcase_add_test(tc, erase);
	tcase_add_test(tc, search_simple);
	tcase_add_test(tc, search_enhanced);
	tcase_add_test(tc, files_without_records);
	tcase_add_test(tc, rules);
	tcase_add_test(tc, simple_tlv);
	return run("iso_record", tc);
}
