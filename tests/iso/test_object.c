/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Data objects of the plain card, by command. */
#include "codec/tlv.h"
#include "known.h"
#include "plaincard.h"

START_TEST(by_tag)
{
	expect("00CA5F2D00", "6A88");
	expect("00DA5F2D02 6465", "9000");
	expect("00CA5F2D00", "6465 9000");
	expect("00CA5F2D01", "64 6101");
	expect("00CA5F2D", "6700");
	expect("00DA005002 AABB", "9000");
	expect("00CA005000", "AABB 9000");
	expect("00DA0101 01 CC", "9000");
	expect("00CA010100", "CC 9000");
	expect("00DA0201 01 DD", "9000");
	expect("00CA020100", "DD 9000");
	ck_assert_uint_eq(commits, 4);
	/* empty: gone */
	expect("00DA5F2D", "9000");
	expect("00CA5F2D00", "6A88");
	expect("00DA5F2D", "6A88");
	ck_assert_uint_eq(commits, 5);
}
END_TEST

START_TEST(tags_that_are_none)
{
	static const char *const wrong[] = {
		"0000", "003F", "005F", "0200", "0300", "3FFF", "4000", "5F80", "00BF", "5FFF",
	};
	char command[32];
	size_t i;

	for (i = 0; i < sizeof(wrong) / sizeof(*wrong); i++) {
		snprintf(command, sizeof(command), "00CA%s00", wrong[i]);
		expect(command, "6A86");
		snprintf(command, sizeof(command), "00DA%s0101", wrong[i]);
		expect(command, "6A86");
	}
	expect("00CA01FF00", "6A88");
	expect("00CA010000", "6A88");
	expect("00CA02FE00", "6A88");
}
END_TEST

START_TEST(all_of_a_kind)
{
	expect("00CA00FF00", "6A88");
	expect("00DA00FF07 C101AA 5F2D0101", "9000");
	expect("00DA02FF06 0101BB 0201CC", "9000");
	expect("00DA010001 DD", "9000");
	expect("00CA00FF00", "C101AA 5F2D0101 9000");
	expect("00CA02FF00", "0101BB 0201CC 9000");
	expect("00CA5F2D00", "01 9000");
	expect("00DA00FF03 C102AA", "6A80");
	expect("00DA02FF03 FF01AA", "6A80");
	expect("00CA00C100", "AA 9000");
}
END_TEST

START_TEST(each_df_has_its_own)
{
	expect("00DA5F2D02 6465", "9000");
	expect("00E0000009 6207 820138 8302 4000", "9000");
	expect("00CA5F2D00", "6A88");
	expect("00DA5F2D02 656E", "9000");
	expect("00A4000C023F00", "9000");
	expect("00CA5F2D00", "6465 9000");
}
END_TEST

START_TEST(control_parameters)
{
	expect("00CA006200", "820138 8302 3F00 8A0105 9000");
	expect("00CA006F00", "820138 8302 3F00 8A0105 9000");
	expect("00E000000D 620B 8002 0004 820101 8302 0101", "9000");
	expect("00CA006200", "8002 0004 820101 8302 0101 8A0105 9000");
}
END_TEST

START_TEST(tag_lists)
{
	expect("00DB3FFF0B C101AA C202BBBB 5F2D0101", "9000");
	expect("00CB3FFF03 5C01C1 00", "C101AA 9000");
	expect("00CB3FFF05 5C035F2DC2 00", "5F2D0101 C202BBBB 9000");
	expect("00CB3FFF04 5C02C1C3 00", "C101AA 9000");
	expect("00CB3FFF03 5C01C3 00", "6A88");
	expect("00CB3FFF02 5C00 00", "C101AA C202BBBB 5F2D0101 9000");
	expect("00CB3FFF03 5C015F 00", "6A80");
	expect("00CB3FFF04 5C01C100 00", "6A80");
	expect("00CB3FFF03 5001C1 00", "6A81");
	expect("00CB3FFF03 5C02C1 00", "6A80");
	expect("00CB3FFF", "6700");
	expect("00CB3F0003 5C01C1 00", "C101AA 9000"); /* the MF */
}
END_TEST

START_TEST(header_lists)
{
	expect("00DB3FFF0A C101AA C205B1B2B3B4B5", "9000");
	expect("00CB3FFF06 5D04 C101 C203 00", "AA B1B2B3 9000");
	expect("00CB3FFF06 5D04 C200 C180 00", "B1B2B3B4B5 AA 9000");
	expect("00CB3FFF04 5D02 C301 00", "6A88");
	expect("00CB3FFF03 5D01 C3 00", "6A80");
}
END_TEST

START_TEST(extended_header_lists)
{
	/* 65 { 5F2D 2, 5B 3, 66 { 80 1, 81 1 } } */
	expect("00DB3FFF14 6512 5F2D026465 5B03414243 6606 8001AA 8101BB", "9000");
	expect("00CB3FFF04 4D02 6500 00", "6512 5F2D026465 5B03414243 6606 8001AA 8101BB 9000");
	expect("00CB3FFF04 4D02 6580 00", "6512 5F2D026465 5B03414243 6606 8001AA 8101BB 9000");
	expect("00CB3FFF06 4D04 6502 5B80 00", "6505 5B03414243 9000");
	expect("00CB3FFF06 4D04 6502 5B02 00", "6504 5B024142 9000");
	expect("00CB3FFF0B 4D09 6507 5F2D80 66028100 00", "650A 5F2D026465 6603 8101BB 9000");
	expect("00CB3FFF06 4D04 6502 5C80 00", "6A88");
	expect("00CB3FFF06 4D04 6603 5C80 00", "6A88");
	expect("00CB3FFF06 4D04 6503 5B80 00", "6A80");
	expect("00CB3FFF03 4D01 65 00", "6A80");
	/* the list ends within a tag */
	expect("00CB3FFF03 4D01 5F 00", "6A80");
	expect("00CB3FFF05 4D03 6501 5F 00", "6A80");
}
END_TEST

START_TEST(file_references)
{
	expect("00DA00C101 AA", "9000");
	expect("00E0000009 6207 820138 8302 4000", "9000");
	expect("00DA00C101 BB", "9000");
	expect("00E0000009 6207 820139 8302 4001", "9000");
	expect("00DA00C101 CC", "9000");
	expect("00CB000003 5C01C1 00", "C101CC 9000");
	expect("00CB000103 5C01C1 00", "C101CC 9000");
	expect("00CB400103 5C01C1 00", "C101CC 9000");
	expect("00CB3FFF03 5C01C1 00", "C101BB 9000");
	expect("00CB000005 5100 5C01C1 00", "C101AA 9000");
	expect("00CB000006 510108 5C01C1 00", "C101CC 9000");
	expect("00CB000007 51023F00 5C01C1 00", "C101AA 9000");
	expect("00CB000007 51024001 5C01C1 00", "C101CC 9000");
	expect("00CB000007 51023FFF 5C01C1 00", "C101BB 9000");
	expect("00CB000009 51043F004000 5C01C1 00", "C101BB 9000");
	expect("00CB000009 51043FFF4001 5C01C1 00", "C101CC 9000");
	expect("00CB000008 51034001AA 5C01C1 00", "6A80");
	expect("00CB000007 51024444 5C01C1 00", "6A82");
	expect("00CB000006 510110 5C01C1 00", "6A82");
	expect("00CB444403 5C01C1 00", "6A82");
	expect("00A4000C023F00", "9000");
	expect("00CB000003 5C01C1 00", "6986");
	/* putting, too */
	expect("00DB000009 5104 4000 4001 C10111", "9000");
	expect("00CB000009 5104 4000 4001 5C01C1 00", "C10111 9000");
}
END_TEST

START_TEST(in_a_file)
{
	expect("00E000000D 620B 8002 0008 82013A 8302 4001", "9000");
	expect("00DA020101 AA", "9000");
	expect("00CA020100", "AA 9000");
	expect("00DA00C101 AA", "6981");
	expect("00DB000003 0202BB", "6A80");
	expect("00DB000004 0202BBBB", "9000");
	expect("00CB000004 5C020201 00", "0202BBBB 0101AA 9000");
	expect("00CB000002 5C00 00", "0101AA 0202BBBB 9000");
	expect("00DA020306 010203040506", "6A84");
	/* private ones are the DF's */
	expect("00DA010101 77", "9000");
	expect("00CA010100", "77 9000");
	expect("00A4000C023F00", "9000");
	expect("00CA010100", "77 9000");
	expect("00CA020100", "6A88");
	/* and others have none */
	expect("00E000000D 620B 8002 0008 820101 8302 4002", "9000");
	expect("00CB000003 5C01C1 00", "6981");
	expect("00DB000003 C101AA", "6981");
}
END_TEST

START_TEST(rules)
{
	/* C1: get never; C2: put never */
	expect("00E000001D 621B 820138 8302 4000 A008 5C01C1 8C03 03 00 FF A008 5C01C2 8C03 03 FF 00",
	       "9000");
	expect("00DA00C101 AA", "9000");
	expect("00CA00C100", "6982");
	expect("00DA00C201 AA", "6982");
	expect("00CA00C200", "6A88");
	expect("00DA00C301 AA", "9000");
	expect("00CA00FF00", "C301AA 9000"); /* what may be seen */
	expect("00CB3FFF04 5C02C3C1 00", "6982");
	expect("00DB3FFF06 C301BB C201BB", "6982");
	expect("00CA00C300", "AA 9000");
	expect("00040000", "9000");
	expect("00CA00C300", "6985");
}
END_TEST

START_TEST(large_ones_in_parts)
{
	char command[600];
	int i;

	strcpy(command, "10DB3FFFF0 C18201E0");
	for (i = 0; i < 0xf0 - 4; i++)
		strcat(command, "55");
	expect(command, "9000");
	strcpy(command, "00DB3FFFF4");
	for (i = 0; i < 0xf4; i++)
		strcat(command, "66");
	expect(command, "9000");
	expect("00CA00C100", "* 61E0");
	expect("00CA00C1000000", "* 9000");
}
END_TEST

/* A command whose data repeat a unit n times, in an object of this tag if there is one. */
static unsigned
many(const char *header, uint32_t tag, const char *front, const char *unit, size_t n,
     const char *behind, struct buf *out)
{
	struct buf value = BUF(70000), data = BUF(70000), raw = BUF(70000);
	struct view h = known(header);
	struct apdu a = { .cla = h.p[0], .ins = h.p[1], .p1 = h.p[2], .p2 = h.p[3], .ne = 65536 };
	unsigned sw;

	buf_put_view(&value, known(front));
	while (n-- > 0)
		buf_put_view(&value, known(unit));
	buf_put_view(&value, known(behind));
	if (tag)
		tlv_put(&data, tag, buf_view(&value));
	else
		buf_put_view(&data, buf_view(&value));
	a.data = buf_view(&data);
	ck_assert(apdu_build(&raw, &a));
	sw = send_raw(buf_view(&raw), out);
	buf_free(&value);
	buf_free(&data);
	buf_free(&raw);
	return sw;
}

/* As long as commands can be: each of these took seconds, or half a minute. */
START_TEST(long_lists)
{
	struct buf out = BUF(70000);

	ck_assert_uint_eq(many("00DA7F49", 0, "", "8000", 31000, "8100", NULL), 0x9000);
	ck_assert_uint_eq(many("00CB3FFF", 0x4d, "7F49 82 F230", "8180", 31000, "", &out), 0x9000);
	ck_assert_uint_eq(out.n, 62000 + 5);
	ck_assert(view_starts(buf_view(&out), known("7F49 82F230 8100 8100")));
	/* many short lists for one template, each of them to the end of it */
	buf_reset(&out);
	ck_assert_uint_eq(many("00CB3FFF", 0x4d, "", "7F4902 8180", 12000, "", &out), 0x9000);
	ck_assert_uint_eq(out.n, 12000 * 5);
	ck_assert(view_starts(buf_view(&out), known("7F4902 8100 7F4902 8100")));
	buf_reset(&out);
	ck_assert_uint_eq(many("00CB3FFF", 0x5c, "", "7f48", 32000, "7F49", &out), 0x9000);
	ck_assert_uint_eq(out.n, 62002 + 5);
	ck_assert_uint_eq(many("00CB3FFF", 0x5d, "7F4980", "8180", 10, "", NULL), 0x6a88);
	/* more than a file holds, or a template */
	ck_assert_uint_eq(many("00DA00FF", 0, "", "8000", 32000, "", NULL), 0x6a84);
	ck_assert_uint_eq(many("002281B6", 0, "", "8000", 32000, "", NULL), 0x6a84);
	buf_free(&out);
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("iso_object");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, by_tag);
	tcase_add_test(tc, tags_that_are_none);
	tcase_add_test(tc, all_of_a_kind);
	tcase_add_test(tc, each_df_has_its_own);
	tcase_add_test(tc, control_parameters);
	tcase_add_test(tc, tag_lists);
	tcase_add_test(tc, header_lists);
	tcase_add_test(tc, extended_header_lists);
	tcase_add_test(tc, file_references);
	tcase_add_test(tc, in_a_file);
	tcase_add_test(tc, rules);
	tcase_add_test(tc, large_ones_in_parts);
	tcase_add_test(tc, long_lists);
	return run("iso_object", tc);
}
