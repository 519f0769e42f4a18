/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Files of the plain card, by command: SELECT, CREATE, DELETE, life cycle. */
#include "plaincard.h"

/* --- SELECT --------------------------------------------------------------------------- */

START_TEST(the_mf)
{
	expect("00A4000000", "6F0A 820138 8302 3F00 8A0105 9000");
	expect("00A40000023F0000", "6F0A 820138 8302 3F00 8A0105 9000");
	expect("00A40004023F0000", "620A 820138 8302 3F00 8A0105 9000");
	expect("00A40008023F0000", "6400 9000");
	expect("00A4000C023F00", "9000");
	expect("00A4000C023F0000", "9000");
	/* without Le: there is an answer, it is said how much */
	expect("00A40000023F00", "610C");
	expect("00C000000C", "6F0A 820138 8302 3F00 8A0105 9000");
	expect("00A4080000", "6A87");
	expect("00A40804023F0000", "620A 820138 8302 3F00 8A0105 9000");
	ck_assert_uint_eq(commits, 0);
}
END_TEST

/* MF: EF 0101; DF 4000 (A0 01 02 03): EF 4001, DF 4100: EF 4101; DF 5000 (A0 01 02 04). */
static void
tree(void)
{
	expect("00E0000010 620E 8002 0004 820101 8302 0101 8801 08", "9000");
	expect("00E0000011 620F 820138 8302 4000 8404 A0010203 8A00", "6A80");
	expect("00E0000012 6210 820138 8302 4000 8404 A0010203 8A0105", "9000");
	expect("00E000000D 620B 8002 0004 820101 8302 4001", "9000");
	expect("00E0000009 6207 820138 8302 4100", "9000");
	expect("00E000000D 620B 8002 0004 820101 8302 4101", "9000");
	expect("00A4000C023F00", "9000");
	expect("00E000000F 620D 820138 8302 5000 8404 A0010204", "9000");
	expect("00A4000C023F00", "9000");
	commits = 0;
}

START_TEST(by_file_identifier)
{
	tree();
	expect("00A4000C024000", "9000"); /* a child */
	expect("00A4000C024100", "9000");
	expect("00A4000C024101", "9000");
	expect("00A4000C024100", "9000"); /* the current DF itself */
	expect("00A4000C024001", "9000"); /* beside it: its DF is current now */
	expect("00A4010C024100", "9000");
	expect("00A4000C024000", "9000"); /* the parent */
	expect("00A4000C024100", "9000");
	expect("00A4000C025000", "9000"); /* a DF under the MF */
	expect("00A4000C024101", "6A82");
	expect("00A4000C0150", "6A87");
	expect("00A4000C03500000", "6A87");
	expect("00A4000C023F00", "9000");
	expect("00A4000C024001", "6A82");
	ck_assert_uint_eq(commits, 0);
}
END_TEST

START_TEST(children_and_parents)
{
	tree();
	expect("00A4010C020101", "6A82"); /* an EF */
	expect("00A4020C024000", "6A82"); /* a DF */
	expect("00A4010C024000", "9000");
	expect("00A4020C024001", "9000");
	expect("00A4030C", "9000");
	expect("00A4030C", "6A82");
	expect("00A4030C023F00", "6A87");
	expect("00A4050C024000", "6A86");
	expect("00A40010024000", "6A86");
	expect("00A4000D024000", "6A86");
	expect("00A4010C", "6A87");
}
END_TEST

START_TEST(by_path)
{
	tree();
	expect("00A4080C06 4000 4100 4101", "9000");
	expect("00A4080C08 3F00 4000 4100 4101", "9000");
	expect("00A4080C04 4000 4100", "9000");
	expect("00A4090C02 4101", "9000");
	expect("00A4090C02 4100", "6A82");
	expect("00A4080C03 400041", "6A80");
	expect("00A4080C04 0101 4000", "6A82"); /* through an EF */
	expect("00A4080C06 4000 4100 4102", "6A82");
	/* a failure changed nothing */
	expect("00A4090C02 4101", "9000");
	expect("00B0000004", "00000000 9000");
}
END_TEST

START_TEST(by_name)
{
	tree();
	expect("00A4040004A001020300", "6F10 820138 8302 4000 8A0105 8404A0010203 9000");
	expect("00A4040804A001020300", "6406 8404A0010203 9000");
	expect("00A4040C04A0010205", "6A82");
	expect("00A4040C05A001020300", "6A82"); /* longer than the name */
	/* first, last, next, previous of those that begin so */
	expect("00A4040403A0010200", "6210 820138 8302 4000 * 9000");
	expect("00A4040603A0010200", "6210 820138 8302 5000 * 9000");
	expect("00A4040603A0010200", "6A82");
	expect("00A4040703A0010200", "6210 820138 8302 4000 * 9000");
	expect("00A4040703A0010200", "6A82");
	expect("00A4040503A0010200", "6210 820138 8302 5000 * 9000");
	/* none: the card's own */
	expect("00A4040400", "620A 820138 8302 3F00 8A0105 9000");
	expect("00A4040C11 0102030405060708090A0B0C0D0E0F1011", "6A87");
}
END_TEST

static struct auth *
proven_here(void)
{
	return iso_auth(iso(), iso_df(iso())->uid);
}

START_TEST(an_application_forgets_what_was_proven_to_it)
{
	tree();
	expect("00A4040C04A0010203", "9000");
	proven_here()->user = 2;
	expect("00A4000C024100", "9000");
	ck_assert_uint_eq(iso()->channel[0].proven.at[1].proven.user, 2);
	expect("00A4000C025000", "9000");
	ck_assert_uint_eq(iso()->channel[0].proven.at[1].proven.user, 0);
	/* when it is selected again, too; what was proven to those above stays */
	expect("00A4040C04A0010203", "9000");
	proven_here()->user = 2;
	iso_auth(iso(), iso()->state->fs.mf->uid)->user = 4;
	expect("00A4040C04A0010203", "9000");
	ck_assert_uint_eq(proven_here()->user, 0);
	ck_assert_uint_eq(iso()->channel[0].proven.at[0].proven.user, 4);
}
END_TEST

/* --- CREATE --------------------------------------------------------------------------- */

START_TEST(what_was_given_comes_back)
{
	expect("00E000001D 621B 8002 0010 82020121 8302 1234 8801 50 8A0103 "
	       "8502 CAFE C103 010203",
	       "9000");
	expect("00A4000402123400",
	       "621B 8002 0010 82020121 8302 1234 8801 50 8A0103 8502 CAFE C103 010203 9000");
	/* no SFI is said again, a total size is kept beside */
	expect("00E000000F 6F0D 81 02 0008 820101 8302 1235 8800", "9000");
	expect("00A4000402123500", "6214 8002 0008 820101 8302 1235 8800 8A0105 8102 0008 9000");
}
END_TEST

START_TEST(what_cannot_be_created)
{
	expect("00E00000", "6700");
	expect("00E000000D 630B 8002 0004 820101 8302 4001", "6A80");
	expect("00E000000D 620B 8002 0004 820101 8302 40", "6700");
	expect("00E000000C 620A 8002 0004 820101 8301 40", "6A80");
	expect("00E000000E 620B 8002 0004 820101 8302 4001 00", "6A80");
	expect("00E000000D 620C 8002 0004 820101 8302 4001", "6A80");
	expect("00E0000009 6207 8002 0004 820101", "6A80");             /* no FID */
	expect("00E000000A 6208 8002 0004 8302 4001", "6A80");          /* no descriptor */
	expect("00E000000D 620B 8002 0004 820180 8302 4001", "6A80");
	expect("00E000000D 620B 8002 0004 82013F 8302 4001", "6A80");
	expect("00E000000D 620B 8002 0004 820101 8302 0000", "6A80");
	expect("00E000000D 620B 8002 0004 820101 8302 3F00", "6A80");
	expect("00E000000D 620B 8002 0004 820101 8302 3FFF", "6A80");
	expect("00E000000D 620B 8002 0004 820101 8302 FFFF", "6A80");
	expect("00E0000010 620E 8002 0004 820101 8302 4001 8A010C", "6A80");
	expect("00E0000010 620E 8002 0004 820101 8302 4001 8801F8", "6A80");
	expect("00E0000010 620E 8002 0004 820101 8302 4001 880109", "6A80");
	expect("00E0000010 620E 8002 0004 820101 8302 4001 830240", "6A80");
	expect("00E0000011 620F 8002 0004 820101 8302 4001 83024002", "6A80");
	expect("00E0000011 620F 8006 010000000000 820101 8302 4001", "6A84");
	expect("00E0000011 620F 8005 0000040001 820101 8302 4001 CA", "6A80");
	expect("00E0000010 620E 8005 0000040001 820101 8302 4001", "6A84");
	expect("00E0800000 0D 620B 8002 0004 820101 8302 4001", "6700");
	expect("00E080000D 620B 8002 0004 820101 8302 4001", "6A86");
	expect("00E000010D 620B 8002 0004 820101 8302 4001", "6A86");
	expect("00E000F80D 620B 8002 0004 820101 8302 4001", "6A86");
	expect("00E002000D 620B 8002 0004 820101 8302 4001", "6A80"); /* 82 says another */
	ck_assert_uint_eq(commits, 0);
	ck_assert_uint_eq(iso()->state->fs.used, 0);
	ck_assert_ptr_null(iso()->state->fs.mf->children);
}
END_TEST

START_TEST(what_is_there_already)
{
	tree();
	expect("00E000000D 620B 8002 0004 820101 8302 0101", "6A89");
	expect("00E000000D 620B 8002 0004 820101 8302 4000", "6A89");
	expect("00E0000010 620E 8002 0004 820101 8302 0102 8801 08", "6A89"); /* SFI 1 */
	expect("00E000000F 620D 820138 8302 5001 8404 A0010203", "6A8A");
	/* an implied SFI is not in the way of a given one, nor of another */
	expect("00E000000D 620B 8002 0004 820101 8302 0201", "9000");
	expect("00E000000D 620B 8002 0004 820101 8302 0205", "9000");
	expect("00E0000010 620E 8002 0004 820101 8302 0206 8801 28", "9000");
	expect("00D6850002 BEEF", "9000");
	expect("00A4000C020206", "9000");
	expect("00B0000002", "BEEF 9000");
}
END_TEST

START_TEST(descriptor_and_sfi_in_the_header)
{
	expect("00E001480A 6208 8002 0004 8302 4001", "9000");
	expect("00A4000402400100", "6211 8002 0004 820101 8302 4001 880148 8A0105 9000");
	expect("00E0015010 620E 8002 0004 820101 8302 4002 880148", "6A80");
}
END_TEST

START_TEST(a_new_file_is_current)
{
	expect("00E0000009 6207 820138 8302 4100", "9000");
	expect("00B0000001", "6986");
	expect("00E000000D 620B 8002 0004 820101 8302 4101", "9000");
	expect("00B0000004", "00000000 9000");
	expect("00A4030400", "620A 820138 8302 3F00 8A0105 9000");
	expect("00A4080404 4100 4101 00", "* 9000");
}
END_TEST

START_TEST(rules_of_creation)
{
	/* a DF in which nobody creates EFs, but DFs */
	expect("00E000000E 620C 820138 8302 4100 8C 03 06 00 FF", "9000");
	expect("00E000000D 620B 8002 0004 820101 8302 4101", "6982");
	expect("00E0000009 6207 820138 8302 4102", "9000");
	/* in creation state its rules are not in force */
	expect("00A4000C023F00", "9000");
	expect("00E0000011 620F 820138 8302 4200 8A0101 8C 03 06 00 FF", "9000");
	expect("00E000000D 620B 8002 0004 820101 8302 4201", "9000");
	expect("00A4000C023F00", "9000");
	expect("00A4000C024200", "9000");
	expect("00440000", "9000");
	expect("00E000000D 620B 8002 0004 820101 8302 4202", "6982");
}
END_TEST

START_TEST(no_deeper_than_that)
{
	char command[64];
	unsigned i;

	for (i = 0; i < FS_DEPTH_MAX; i++) {
		snprintf(command, sizeof(command), "00E0000009 6207 820138 8302 41%02X", i);
		expect(command, "9000");
	}
	expect("00E0000009 6207 820138 8302 4199", "6A84");
	expect("00E000000D 620B 8002 0004 820101 8302 4198", "9000");
	expect("00A4000C023F00", "9000");
	expect("00E40000024100", "9000");
	ck_assert_uint_eq(iso()->state->fs.n_files, 1);
}
END_TEST

/* --- DELETE, life cycle --------------------------------------------------------------- */

START_TEST(delete)
{
	tree();
	expect("00E40000024001", "6A82"); /* no child */
	expect("00E400000140", "6A87");
	expect("00E40000023F00", "6985");
	expect("00E4000002 0101", "9000");
	expect("00A4000C02 0101", "6A82");
	ck_assert_uint_eq(commits, 1);
	/* the current EF, then its DF, which makes the parent current */
	expect("00A4080C04 4000 4001", "9000");
	expect("00E40000", "9000");
	expect("00B0000001", "6986");
	expect("00E40000", "9000");
	expect("00A4000400", "620A 820138 8302 3F00 8A0105 9000");
	expect("00A4040C04A0010203", "6A82");
	expect("00A4080C04 4000 4100", "6A82");
	expect("00A4000C025000", "9000");
	expect("00E4000002 5000", "6A82");
	expect("00E40000", "9000");
	expect("00E40000", "6985");
	ck_assert_uint_eq(iso()->state->fs.used, 0);
	ck_assert_uint_eq(iso()->state->fs.n_files, 1);
}
END_TEST

START_TEST(delete_while_others_look_on)
{
	tree();
	expect("0070000001", "01 9000");
	expect("01A4080C06 4000 4100 4101", "9000");
	expect("01B0000001", "00 9000");
	expect("00E40000024000", "9000");
	expect("01B0000001", "6986");
	expect("01A4000400", "620A 820138 8302 3F00 8A0105 9000");
}
END_TEST

START_TEST(rules_of_deletion)
{
	/* the file says never, or the DF says never to its children */
	expect("00E0000011 620F 8002 0004 820101 8302 4001 8C 02 40 FF", "9000");
	expect("00E40000", "6982");
	expect("00A4000C023F00", "9000");
	expect("00E000000F 620D 820138 8302 4100 8C 04 07 00 00 FF", "9000");
	expect("00E000000D 620B 8002 0004 820101 8302 4101", "9000");
	expect("00E40000", "6982");
	expect("00B0000001", "00 9000");
}
END_TEST

START_TEST(deactivate_and_activate)
{
	tree();
	expect("0004000002 0101", "9000");
	expect("00A4000402 0101 00", "6211 8002 0004 820101 8302 0101 880108 8A0104 6283");
	expect("00B0000001", "6985");
	expect("00D6000001 55", "6985");
	expect("00040000", "9000");
	expect("00440000", "9000");
	expect("00B0000001", "00 9000");
	expect("00440000", "9000");
	ck_assert_uint_eq(commits, 2); /* what was so already is no change */
	/* a DF, and what is in it; found by path and by name */
	expect("00040804 02 4000", "9000");
	expect("00A4040C04 A0010203", "6283");
	expect("00A4020C02 4001", "9000");
	expect("00B0000001", "6985");
	expect("00A4040C04 A0010203", "6283");
	expect("00E000000D 620B 8002 0004 820101 8302 4002", "6985");
	expect("0044040004 A0010203", "9000");
	expect("00A4040C04 A0010203", "9000");
	expect("00440500", "6A86");
	expect("00440001", "6A86");
	expect("0044000002 1111", "6A82");
}
END_TEST

START_TEST(terminate)
{
	tree();
	expect("00E80000", "6986");
	expect("00E80000024000", "6981");
	expect("00E6000002 0101", "6981");
	expect("00E8000002 0101", "9000");
	expect("00A4000402 0101 00", "6211 8002 0004 820101 8302 0101 880108 8A010C 6285");
	expect("00B0000001", "6985");
	expect("00440000", "6985");
	expect("00040000", "6985");
	expect("00E80000", "6985");
	expect("00E6000002 4000", "9000");
	expect("00A4040C04 A0010203", "6285");
	expect("00E60000", "6985");
	expect("00A4000C02 4001", "9000");
	expect("00B0000001", "6985");
	expect("00A4000C02 3F00", "9000");
	expect("00E60000", "6985"); /* the MF: TERMINATE CARD USAGE is for that */
	expect("00E4000002 4000", "9000");
}
END_TEST

START_TEST(terminate_the_card)
{
	struct buf atr = BUF(33);

	expect("00FE0100", "6A86");
	expect("00FE0000", "9000");
	expect("00A4000C023F00", "6985");
	expect("0084000008", "6985");
	card->ops->power(card, CARD_RESET);
	expect("00A4000C023F00", "6985");
	ck_assert_int_eq(card->ops->atr(card, &atr), 0);
	ck_assert_uint_gt(atr.n, 2);
	buf_free(&atr);
}
END_TEST

START_TEST(nobody_may_terminate)
{
	struct file_spec mf = { .life = FILE_ACTIVATED };
	static const uint8_t never[] = { 0x8c, 0x02, 0x20, 0xff };

	mf.others = view_of(never, sizeof(never));
	ck_assert_uint_eq(fs_format(&iso()->state->fs, &mf), SW_OK);
	expect("00FE0000", "6982");
	expect("00A4000C023F00", "9000");
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("iso_file");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, the_mf);
	tcase_add_test(tc, by_file_identifier);
	tcase_add_test(tc, children_and_parents);
	tcase_add_test(tc, by_path);
	tcase_add_test(tc, by_name);
	tcase_add_test(tc, an_application_forgets_what_was_proven_to_it);
	tcase_add_test(tc, what_was_given_comes_back);
	tcase_add_test(tc, what_cannot_be_created);
	tcase_add_test(tc, what_is_there_already);
	tcase_add_test(tc, descriptor_and_sfi_in_the_header);
	tcase_add_test(tc, a_new_file_is_current);
	tcase_add_test(tc, rules_of_creation);
	tcase_add_test(tc, no_deeper_than_that);
	tcase_add_test(tc, delete);
	tcase_add_test(tc, delete_while_others_look_on);
	tcase_add_test(tc, rules_of_deletion);
	tcase_add_test(tc, deactivate_and_activate);
	tcase_add_test(tc, terminate);
	tcase_add_test(tc, terminate_the_card);
	tcase_add_test(tc, nobody_may_terminate);
	return run("iso_file", tc);
}
