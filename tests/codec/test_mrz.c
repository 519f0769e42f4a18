/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "codec/mrz.h"

#include "known.h"
#include "support.h"

/*
 * ICAO Doc 9303-4, appendix B; 9303-6, appendix B; 9303-5, appendix B; and a long number of
 * 9303-11, D.2.
 */
#define TD3 "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<\nL898902C36UTO7408122F1204159ZE184226B<<<<<10"
#define TD2 "I<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<\nD231458907UTO7408122F1204159<<<<<<<6"
#define TD1 "I<UTOD231458907<<<<<<<<<<<<<<<\n7408122F1204159UTO<<<<<<<<<<<6\nERIKSSON<<ANNA<MARIA<<<<<<<<<<"
#define TD1_LONG "I<UTOD23145890<7349<<<<<<<<<<<\n3407127M9507122UTO<<<<<<<<<<<2\nSTEVENSON<<PETER<JOHN<<<<<<<<<"

static char fault[MRZ_FAULT_SIZE];

static void
expect_information(const char *text, enum mrz_form form, const char *information)
{
	struct buf b = BUF(MRZ_INFORMATION_MAX);
	struct mrz m;

	ck_assert_msg(mrz_read(&m, said(text), fault), "%s", fault);
	ck_assert_int_eq(m.form, form);
	ck_assert_uint_eq(strlen(m.text), m.n);
	mrz_put_information(&m, &b);
	ck_assert_buf(&b, said(information));
}

START_TEST(digits)
{
	/* 9303-3, 4.9 */
	ck_assert_int_eq(mrz_check_digit(said("520727")), '3');
	ck_assert_int_eq(mrz_check_digit(said("AB2134<<<")), '5');
	ck_assert_int_eq(mrz_check_digit(said("")), '0');
}
END_TEST

START_TEST(forms)
{
	struct buf b = BUF(MRZ_INFORMATION_MAX);
	struct mrz m;

	expect_information(TD3, MRZ_TD3, "L898902C3674081221204159");
	expect_information(TD2, MRZ_TD2, "D23145890774081221204159");
	expect_information(TD1, MRZ_TD1, "D23145890774081221204159");
	expect_information(TD1_LONG, MRZ_TD1, "D23145890734934071279507122");
	ck_assert(mrz_read(&m, said(TD1_LONG), fault));
	mrz_put_number(&m, &b);
	ck_assert_buf(&b, said("D231458907349"));
	ck_assert(mrz_read(&m, said(TD3), fault));
	mrz_put_number(&m, &b);
	ck_assert_buf(&b, said("L898902C36"));
}
END_TEST

/* The longest number there is fills the optional data. */
START_TEST(longest_number)
{
	char text[] = "I<UTOD23145890<ABCDEFGHIJKLMNx3407127M9507122UTO<<<<<<<<<<<xSTEVENSON<<PETER<JOHN<<<<<<<<<";
	struct buf b = BUF(MRZ_INFORMATION_MAX);
	struct mrz m;

	text[29] = mrz_check_digit(said("D23145890ABCDEFGHIJKLMN"));
	text[59] = '0';
	if (!mrz_read(&m, said(text), fault))
		text[59] = fault[strlen(fault) - 1];
	ck_assert_msg(mrz_read(&m, said(text), fault), "%s", fault);
	mrz_put_information(&m, &b);
	ck_assert(!b.failed);
	ck_assert_uint_eq(b.n, 9 + 15 + 14);
	buf_free(&b);
}
END_TEST

/* One character of a right zone is another. */
static void
expect_fault(const char *right, size_t at, char c, const char *wanted)
{
	char text[128];
	struct mrz m;

	strcpy(text, right);
	text[at] = c;
	ck_assert(!mrz_read(&m, said(text), fault));
	ck_assert_str_eq(fault, wanted);
}

START_TEST(wrong_digits)
{
	expect_fault(
		TD3, 45 + 9, '5',
		"the check digit of the document number (line 2, character 10) is 5: it should be 6");
	expect_fault(
		TD3, 45 + 19, '3',
		"the check digit of the date of birth (line 2, character 20) is 3: it should be 2");
	expect_fault(
		TD3, 45 + 27, '0',
		"the check digit of the date of expiry (line 2, character 28) is 0: it should be 9");
	expect_fault(
		TD3, 45 + 42, '<',
		"the check digit of the optional data (line 2, character 43) is <: it should be 1");
	expect_fault(TD3, 45 + 43, '1',
		     "the check digit of the whole (line 2, character 44) is 1: it should be 0");
	expect_fault(TD2, 37 + 35, '1',
		     "the check digit of the whole (line 2, character 36) is 1: it should be 6");
	expect_fault(TD1, 31 + 29, '1',
		     "the check digit of the whole (line 2, character 30) is 1: it should be 6");
	expect_fault(
		TD1_LONG, 18, '8',
		"the check digit of the document number (line 1, character 19) is 8: it should be 9");
	/* a long number that does not go on is a short one without its digit */
	expect_fault(
		TD1, 14, '<',
		"the check digit of the document number (line 1, character 15) is <: it should be 7");
}
END_TEST

/* No optional data: a 0 or a < stand for their check digit. */
START_TEST(no_optional_data)
{
	expect_information("P<D<<MUSTERMANN<<ERIKA<<<<<<<<<<<<<<<<<<<<<<"
			   "C01X00T478D<<6408125F2702283<<<<<<<<<<<<<<<4", MRZ_TD3, "C01X00T47864081252702283");
	expect_information("P<D<<MUSTERMANN<<ERIKA<<<<<<<<<<<<<<<<<<<<<<"
			   "C01X00T478D<<6408125F2702283<<<<<<<<<<<<<<04", MRZ_TD3, "C01X00T47864081252702283");
}
END_TEST

static void
expect_none(struct view text, const char *wanted)
{
	struct mrz m;

	ck_assert(!mrz_read(&m, text, fault));
	ck_assert_str_eq(fault, wanted);
}

START_TEST(none)
{
	static const char many[4096] = "";
	char filled[1000];

	expect_none(said(""), "it has 0 characters, and not 90 (TD1), 72 (TD2) or 88 (TD3)");
	expect_none(said("P<UTO"), "it has 5 characters, and not 90 (TD1), 72 (TD2) or 88 (TD3)");
	expect_none(said("P<UTo"), "character 5 is none of A-Z, 0-9 and <");
	expect_none(view_of(many, sizeof(many)), "character 1 is none of A-Z, 0-9 and <");
	memset(filled, '<', sizeof(filled));
	expect_none(view_of(filled, 91),
		    "it has 91 characters, and not 90 (TD1), 72 (TD2) or 88 (TD3)");
	expect_none(view_of(filled, sizeof(filled)),
		    "it has 1000 characters, and not 90 (TD1), 72 (TD2) or 88 (TD3)");
}
END_TEST

/* --- made --------------------------------------------------------------------------------- */

/* The specimen of Doc 9303-5, appendix B; and names as people have them. */
static const struct {
	const char *family, *given, *birth, *names, *middle;
} made[] = {
	{ "Eriksson", "Anna Maria", "740812", "ERIKSSON<<ANNA<MARIA<<<<<<<<<<", "7408122F1204159UTO<<<<<<<<<<<6" },
	{ "M\xc3\xbcller-L\xc3\xbc" "denscheidt", "J\xc3\xb6rg", "740812", "MUELLER<LUEDENSCHEIDT<<JOERG<<", NULL },
	{ "O'Connor", "Ren\xc3\xa9 S. ", "740812", "OCONNOR<<RENE<S<<<<<<<<<<<<<<<", NULL },
	{ "Stra\xc3\x9f" "e", "e\xcc\x81va", "740812", "STRASSE<<EVA<<<<<<<<<<<<<<<<<<", NULL },
	{ "\xc5\x81ukaszewicz", "\xc5\xbb" "aneta", "7408", "LUKASZEWICZ<<ZANETA<<<<<<<<<<<", "7408<<7F1204159UTO<<<<<<<<<<<6" },
	{ "Mustermann", "", "", "MUSTERMANN<<<<<<<<<<<<<<<<<<<<", NULL },
	{ "Abcdefghijklmnopqrstuvwxyzabcdefgh", "Xy", "740812", "ABCDEFGHIJKLMNOPQRSTUVWXYZA<<X", NULL },
	{ "\xe4\xb8\xad\xff\xc3", "A", "740812", "<<A<<<<<<<<<<<<<<<<<<<<<<<<<<<", NULL },
};

START_TEST(made_of_a_holder)
{
	const struct mrz_holder holder = {
		.type = said("I"), .state = said("UTO"), .number = said("D23145890"), .birth = said(made[_i].birth),
		.sex = said("F"), .expiry = said("120415"), .nationality = said("UTO"),
		.family = said(made[_i].family), .given = said(made[_i].given),
	};
	struct mrz m, again;

	ck_assert(mrz_make(&m, &holder));
	ck_assert_view(view_of(m.text, 30), said("I<UTOD231458907<<<<<<<<<<<<<<<"));
	if (made[_i].middle)
		ck_assert_view(view_of(m.text + 30, 30), said(made[_i].middle));
	ck_assert_view(view_of(m.text + 60, 30), said(made[_i].names));
	ck_assert_msg(mrz_read(&again, view_of(m.text, m.n), fault), "%s", fault);
}
END_TEST

/* Longer than any line. */
START_TEST(made_of_too_much)
{
	static char many[5000];
	struct mrz_holder holder = { .type = said("I") };
	struct mrz m, again;

	memset(many, 'x', sizeof(many));
	holder.family = holder.given = view_of(many, sizeof(many));
	ck_assert(mrz_make(&m, &holder));
	ck_assert_view(view_of(m.text + 60, 30), said("XXXXXXXXXXXXXXXXXXXXXXXXXXX<<X"));
	ck_assert_msg(mrz_read(&again, view_of(m.text, m.n), fault), "%s", fault);
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("mrz");

	tcase_add_test(tc, digits);
	tcase_add_test(tc, forms);
	tcase_add_test(tc, longest_number);
	tcase_add_test(tc, wrong_digits);
	tcase_add_test(tc, no_optional_data);
	tcase_add_test(tc, none);
	tcase_add_loop_test(tc, made_of_a_holder, 0, sizeof(made) / sizeof(*made));
	tcase_add_test(tc, made_of_too_much);
	return run("mrz", tc);
}
