/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* PINs of a file: which one is entered, and how. What it logs is read, and has no digit. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "pad/asked.h"
#include "support.h"
#include "wire.h"

static char logged[4096];

static void
pin(const char *name, const char *value)
{
	ck_assert(props_set(&pins, name, view_of(value, strlen(value))));
}

static void
setup(void)
{
	pad_log = (struct log) { .out = tmpfile(), .level = LOG_INFO };
	pin("PIN1", "314159");
	pin("PUK1", "87654321");
	pin("NEWPIN1", "2718");
}

static void
read_log(void)
{
	ssize_t n = pread(fileno(pad_log.out), logged, sizeof(logged) - 1, 0);

	ck_assert_int_ge(n, 0);
	logged[n] = '\0';
}

static void
teardown(void)
{
	if (source)
		source->ops->free(source);
	source = NULL;
	props_clear(&pins);
	buf_free(&say);
	read_log();
	ck_assert_ptr_null(strstr(logged, "314159"));
	ck_assert_ptr_null(strstr(logged, "87654321"));
	fclose(pad_log.out);
}

static void
has_logged(const char *text)
{
	read_log();
	ck_assert_msg(strstr(logged, text) != NULL, "\"%s\" is not logged: %s", text, logged);
}

static void
plays(const char *words)
{
	source = pad_file(&pins, words, &pad_log);
	ck_assert_ptr_nonnull(source);
	/* it has taken them */
	ck_assert_ptr_null(pins.first);
}

/* A request, and all that is said to it; NULL: the connection is closed. */
static void
expect(const struct pad_ask *ask, const char *wanted)
{
	int rc;

	buf_reset(&say);
	rc = source->ops->ask(source, ask, &say);
	ck_assert_int_eq(rc, wanted ? 0 : -ECANCELED);
	buf_u8(&say, 0);
	ck_assert_str_eq((char *)say.p, wanted ? wanted : "");
}

static void
over(unsigned sw)
{
	source->ops->over(source, sw);
}

START_TEST(each_word)
{
	plays("right, wrong short,long differ cancel time sw=63c2 gone\tright");
	expect(&verify, "key\npin 314159\n");
	expect(&verify, "key\npin 425260\n");
	expect(&verify, "key\npin 111\n");
	expect(&verify, "key\npin 111111111\n");
	expect(&verify, "key\npin 314159\n");
	expect(&verify, "cancel\n");
	expect(&verify, "");
	ck_assert_int_eq(source->until, 0);
	expect(&verify, "sw 63C2\n");
	expect(&verify, NULL);
	expect(&verify, "key\npin 314159\n");
	/* the last one is for ever */
	expect(&verify, "key\npin 314159\n");
}
END_TEST

START_TEST(each_word_for_a_change)
{
	plays("right wrong differ short");
	expect(&change, "key\npin 314159 2718 2718\n");
	expect(&change, "key\npin 425260 2718 2718\n");
	expect(&change, "key\npin 314159 2718 3829\n");
	expect(&change, "key\npin 111 111 111\n");
}
END_TEST

START_TEST(slowly)
{
	plays("slow=20");
	expect(&verify, "");
	ck_assert_int_gt(source->until, 0);
	while (wire_now() < source->until)
		usleep(1000);
	ck_assert_int_eq(source->ops->more(source, &say), 0);
	ck_assert(view_starts(buf_view(&say), view_of("\0key\npin 314159\n", 1)));
	ck_assert_int_eq(source->until, 0);
	/* one that is over meanwhile is not waited for */
	expect(&verify, "");
	over(0);
	ck_assert_int_eq(source->until, 0);
}
END_TEST

/* Where no number of digits is wrong, it is cancelled, and said. */
START_TEST(nothing_is_short_or_long)
{
	struct pad_ask any = verify;

	any.min = 1;
	any.max = 63;
	plays("short long");
	expect(&any, "cancel\n");
	has_logged("too small");
	expect(&any, "cancel\n");
	has_logged("too large");
}
END_TEST

static const struct {
	const char *words, *wrong;
} bad_words[] = {
	{ "", "empty" },          { " , ", "empty" },
	{ "rigth", "\"rigth\"" }, { "right x", "\"x\"" },
	{ "slow", "\"slow\"" },   { "slow=", "slow=" },
	{ "slow=-1", "slow=-1" }, { "slow=300001", "slow=300001" },
	{ "slow=1x", "slow=1x" }, { "sw=", "sw=" },
	{ "sw=900", "sw=900" },   { "sw=90000", "sw=90000" },
	{ "sw=90g0", "sw=90g0" }, { "right=1", "right=" },
	{ "sw=5A80", "sw=5A80" }, { "sw=6000", "sw=6000" },
	{ "sw=7000", "sw=7000" }, { "sw=A000", "sw=A000" },
	{ "gone1", "gone1" },
};

START_TEST(words_that_are_none)
{
	ck_assert_ptr_null(pad_file(&pins, bad_words[_i].words, &pad_log));
	ck_assert_ptr_null(pins.first);
	has_logged(bad_words[_i].wrong);
}
END_TEST

START_TEST(which_pin)
{
	struct pad_ask ask = verify;

	pin("PIN81", "1111");
	pin("PIN2", "2222");
	plays(NULL);
	ask.ref = 0x81;
	expect(&ask, "key\npin 1111\n");
	ask.ref = 0x82;
	expect(&ask, "key\npin 2222\n");
	ask.ref = 0x02;
	expect(&ask, "key\npin 2222\n");
	/* several, and none for it */
	ask.ref = 0x03;
	expect(&ask, "cancel\n");
	has_logged("no PIN03 or PIN3");
}
END_TEST

START_TEST(the_only_pin)
{
	struct pad_ask ask = verify;

	plays(NULL);
	ask.ref = 0x80;
	expect(&ask, "key\npin 314159\n");
}
END_TEST

START_TEST(a_puk_as_old_pin)
{
	struct pad_ask ask = change;

	plays(NULL);
	ask.ins = 0x2c;
	expect(&ask, "key\npin 87654321 2718 2718\n");
}
END_TEST

START_TEST(none_that_has_only_digits)
{
	pin("PIN2", "12a4");
	pin("PIN3", "1234567890123456789012345678901234567890123456789012345678901234");
	plays(NULL);
	expect(&(struct pad_ask) { .ins = 0x20, .ref = 2, .want = { PIN_VERIFIED }, .n_wanted = 1 },
	       "cancel\n");
	has_logged("PIN2 is not 1 to 63 digits");
	expect(&(struct pad_ask) { .ins = 0x20, .ref = 3, .want = { PIN_VERIFIED }, .n_wanted = 1 },
	       "cancel\n");
	has_logged("PIN3 is not 1 to 63 digits");
}
END_TEST

/* What the card has taken is the PIN from then on. */
START_TEST(a_new_pin)
{
	plays(NULL);
	expect(&change, "key\npin 314159 2718 2718\n");
	over(0x6982);
	expect(&verify, "key\npin 314159\n");
	over(0x9000);
	expect(&change, "key\npin 314159 2718 2718\n");
	over(0x9000);
	expect(&verify, "key\npin 2718\n");
	expect(&change, "key\npin 2718 314159 314159\n");
	over(0x9000);
	expect(&verify, "key\npin 314159\n");
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("file");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, each_word);
	tcase_add_test(tc, each_word_for_a_change);
	tcase_add_test(tc, slowly);
	tcase_add_test(tc, nothing_is_short_or_long);
	tcase_add_loop_test(tc, words_that_are_none, 0,
			    (int)(sizeof(bad_words) / sizeof(bad_words[0])));
	tcase_add_test(tc, which_pin);
	tcase_add_test(tc, the_only_pin);
	tcase_add_test(tc, a_puk_as_old_pin);
	tcase_add_test(tc, none_that_has_only_digits);
	tcase_add_test(tc, a_new_pin);
	return run("file", tc);
}
