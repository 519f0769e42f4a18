/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "script/script.h"
#include "support.h"

/* A card that says back what it was sent, and remembers what was done to it. */
struct echo {
	char done[64];
	int error; /* negative: it does not answer */
};

static int
echo_atr(void *ctx, struct buf *out)
{
	(void)ctx;
	buf_put(out, "\x3B\x80\x80\x01\x01", 5);
	return 0;
}

static int
echo_power(void *ctx, enum card_power what)
{
	struct echo *e = ctx;

	strcat(e->done, what == CARD_RESET ? "r" : what == CARD_POWER_ON ? "1" : "0");
	return e->error;
}

static int
echo_transmit(void *ctx, struct view cmd, struct buf *rsp)
{
	struct echo *e = ctx;

	strcat(e->done, "c");
	buf_put_view(rsp, cmd);
	buf_u16(rsp, 0x9000);
	return e->error;
}

static struct echo echo;
static struct script script;
static char *said;
static size_t said_len;

static void
setup(void)
{
	memset(&echo, 0, sizeof(echo));
	script = (struct script) { .name = "x.apdu", .out = open_memstream(&said, &said_len) };
	ck_assert(props_set(&script.names, "PIN1", view_of("1234", 4)));
}

static void
teardown(void)
{
	script_free(&script);
	fclose(script.out);
	free(said);
}

static int
run_text(const char *text)
{
	const struct script_target t = {
		.ctx = &echo,
		.atr = echo_atr,
		.power = echo_power,
		.transmit = echo_transmit,
	};
	int rc = script_run(&script, view_of(text, strlen(text)), &t);

	fflush(script.out);
	return rc;
}

/* Scripts that end well, and what they did to the card. */
static const struct good {
	const char *text;
	const char *done;
} good[] = {
	{ "", "" },
	{ "# nothing\n\n  # more\n", "" },
	{ "> 00\n< 00 9000", "c" },
	{ "> 00 A4\n  04 00 # goes on\n\n# between\n  01\n< 00A4040001\n  9000\n", "c" },
	{ ">00\r\n<00 9000\r\n", "c" },
	{ "> 00\n< *\n> 01\n< * 9000\n", "cc" },
	{ "!reset\n!power off\n!power on # again\n!atr 3B * 01\n", "r01" },
	{ "> 00 20 00 01 ($PIN1)\n< 00 20 00 01 04 31 32 33 34 9000", "c" },
	{ "> 01 02 03\n< 01 $x:1 * 9000\n> $x $x\n< 02 02 9000\n", "cc" },
	{ "!let a 01 02\n!let a $a $a\n> $a\n< 01020102 9000", "c" },
	{ "!check {xor 01 02} 03\n!check \"ab\" $c:2\n!check $c 61 62\n", "" },
	{ "> 00\n< 00 9000\n", "c" },
};

START_TEST(test_good)
{
	int rc = run_text(good[_i].text);

	ck_assert_msg(rc == 0, "%s: %s", good[_i].text, said);
	ck_assert_str_eq(echo.done, good[_i].done);
	ck_assert_uint_eq(said_len, 0);
}
END_TEST

/* Scripts that do not, and all that is said of it. */
static const struct bad {
	const char *text;
	int rc;
	const char *said;
} bad[] = {
	{ "# one\n> 00 A4\n< 00 A4 6A82\n> 01\n", -EBADMSG,
	  "x.apdu:3: byte 3 of the answer is not as expected\n"
	  "  > 00 A4\n  < 00 A4 6A82\n"
	  "  wanted 00 A4 [6A] 82 \n"
	  "  got    00 A4 [90] 00 \n" },
	{ "> 00 01\n  02\n< 00 $x:1\n  ?3 * 9000\n", -EBADMSG,
	  "x.apdu:3: byte 3 of the answer is not as expected\n"
	  "  > 00 01\n    02\n  < 00 $x:1\n    ?3 * 9000\n"
	  "  wanted 00 ?? [?3] * 90 00 \n"
	  "  got    00 01 [02] 90 00 \n" },
	{ "> 00\n< 00 9000 *\n> 00\n< 00 9000 00\n", -EBADMSG,
	  "x.apdu:4: byte 4 of the answer is not as expected\n"
	  "  > 00\n  < 00 9000 00\n"
	  "  wanted 00 90 00 [00] \n"
	  "  got    00 90 00 []\n" },
	{ "> {fill 64 AB}\n< {fill 20 AB} AC * 9000", -EBADMSG,
	  "x.apdu:2: byte 21 of the answer is not as expected\n"
	  "  > {fill 64 AB}\n  < {fill 20 AB} AC * 9000\n"
	  "  wanted .. AB AB AB AB AB AB AB AB AB AB AB AB [AC] * 90 00 \n"
	  "  got    .. AB AB AB AB AB AB AB AB AB AB AB AB [AB] AB AB AB AB AB AB AB AB AB AB AB AB "
	  "AB AB AB AB AB AB AB ..\n" },
	{ "!atr 3B 00 *", -EBADMSG,
	  "x.apdu:1: byte 2 of the ATR is not as expected\n"
	  "  !atr 3B 00 *\n"
	  "  wanted 3B [00] * \n"
	  "  got    3B [80] 80 01 01 \n" },
	{ "!check {xor 01 02}\n 04", -EBADMSG,
	  "x.apdu:1: byte 1 of the value is not as expected\n"
	  "  !check {xor 01 02}\n   04\n"
	  "  wanted [04] \n"
	  "  got    [03] \n" },
	{ "> 00\n> 01\n", -EINVAL,
	  "x.apdu:2: the command before says no answer; \"< *\" takes any\n  > 01\n" },
	{ "> 00\n!reset\n", -EINVAL,
	  "x.apdu:2: the command before says no answer; \"< *\" takes any\n  !reset\n" },
	{ "< 9000\n", -EINVAL, "x.apdu:1: there is no command before this answer\n  < 9000\n" },
	{ "> 00\n  01\n  0x\n", -EINVAL,
	  "x.apdu:3: a byte has two digits\n  > 00\n    01\n    0x\n" },
	{ "> ??\n", -EINVAL, "x.apdu:1: bytes that may be anything cannot stand here\n  > ??\n" },
	{ "\n\nhello\n", -EINVAL,
	  "x.apdu:3: a line begins with >, <, !, # or, to go on, with space\n  hello\n" },
	{ "  00\n", -EINVAL,
	  "x.apdu:1: a line begins with >, <, !, # or, to go on, with space\n    00\n" },
	{ "!rest\n", -EINVAL, "x.apdu:1: it is !reset, !power, !atr, !let or !check\n  !rest\n" },
	{ "!resets\n", -EINVAL,
	  "x.apdu:1: it is !reset, !power, !atr, !let or !check\n  !resets\n" },
	{ "!reset 1\n", -EINVAL, "x.apdu:1: !reset takes nothing\n  !reset 1\n" },
	{ "!power\n", -EINVAL, "x.apdu:1: it is !power on or !power off\n  !power\n" },
	{ "!power on off\n", -EINVAL,
	  "x.apdu:1: it is !power on or !power off\n  !power on off\n" },
	{ "!let\n", -EINVAL, "x.apdu:1: a name is missing\n  !let\n" },
	{ "!check\n", -EINVAL, "x.apdu:1: a value is missing\n  !check\n" },
};

START_TEST(test_bad)
{
	ck_assert_int_eq(run_text(bad[_i].text), bad[_i].rc);
	ck_assert_str_eq(said, bad[_i].said);
}
END_TEST

START_TEST(test_last_answer)
{
	ck_assert_int_eq(run_text("> 00\n"), -EINVAL);
	ck_assert_ptr_nonnull(strstr(said, "the last command says no answer"));
}
END_TEST

/* A PIN stands in no message: commands are shown as they are written. */
START_TEST(test_pin_not_shown)
{
	ck_assert_int_eq(run_text("> 00 ($PIN1)\n< 00 05 *"), -EBADMSG);
	ck_assert_ptr_nonnull(strstr(said, "> 00 ($PIN1)"));
}
END_TEST

START_TEST(test_target_fails)
{
	echo.error = -EPIPE;
	ck_assert_int_eq(run_text("> 00\n< *\n"), -EPIPE);
	ck_assert_str_eq(said, "x.apdu:1: no answer: Broken pipe\n");
	ck_assert_int_eq(run_text("\n!reset\n"), -EPIPE);
	ck_assert_ptr_nonnull(strstr(said, "x.apdu:2: the card does not follow: Broken pipe\n"));
}
END_TEST

/* Whom nobody listens to says the same by what is returned. */
START_TEST(test_without_a_word)
{
	FILE *out = script.out;

	script.out = NULL;
	ck_assert_int_eq(run_text("> 00\n< 00 9001\n"), -EBADMSG);
	ck_assert_int_eq(run_text("!nonsense\n"), -EINVAL);
	script.out = out;
	fflush(out);
	ck_assert_str_eq(said, "");
}
END_TEST

START_TEST(test_a_large_file)
{
	const struct script_target t = { .ctx = &echo };
	char path[] = "/tmp/vicc-script-XXXXXX";
	int fd = mkstemp(path);

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(ftruncate(fd, SCRIPT_TEXT_MAX + 1), 0);
	close(fd);
	ck_assert_int_eq(script_run_file(&script, path, &t), -EFBIG);
	unlink(path);
}
END_TEST

START_TEST(test_no_file)
{
	const struct script_target t = { .ctx = &echo };

	ck_assert_int_eq(script_run_file(&script, "/nowhere/x.apdu", &t), -ENOENT);
	fflush(script.out);
	ck_assert_str_eq(said, "/nowhere/x.apdu: No such file or directory\n");
	ck_assert_int_eq(script_run_file(&script, "/", &t), -EISDIR);
}
END_TEST

START_TEST(test_file)
{
	const struct script_target t = { .ctx = &echo, .transmit = echo_transmit };
	char path[] = "/tmp/vicc-script-XXXXXX";
	int fd = mkstemp(path), i;
	FILE *f = fdopen(fd, "w");

	ck_assert_ptr_nonnull(f);
	/* more than one block */
	for (i = 0; i < 1000; i++)
		fputs("# a comment\n", f);
	fputs("> 00\n< 00 9000\n", f);
	fclose(f);
	ck_assert_int_eq(script_run_file(&script, path, &t), 0);
	ck_assert_uint_eq(script.commands, 1);
	unlink(path);
}
END_TEST

#define COUNT(array) (int)(sizeof(array) / sizeof(*(array)))

int
main(void)
{
	TCase *tc = tcase_create("script");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_loop_test(tc, test_good, 0, COUNT(good));
	tcase_add_loop_test(tc, test_bad, 0, COUNT(bad));
	tcase_add_test(tc, test_last_answer);
	tcase_add_test(tc, test_pin_not_shown);
	tcase_add_test(tc, test_target_fails);
	tcase_add_test(tc, test_without_a_word);
	tcase_add_test(tc, test_a_large_file);
	tcase_add_test(tc, test_no_file);
	tcase_add_test(tc, test_file);
	return run("script", tc);
}
