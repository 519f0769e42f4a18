/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What is written down of a conversation, and what is not. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "known.h"
#include "cli/pinfile.h"
#include "trace/recorder.h"
#include "support.h"

static char path[] = "/tmp/test_recorder.XXXXXX", text[8192];
static struct record r;

static void
setup(void)
{
	const struct props none = { .first = NULL };

	strcpy(path + strlen(path) - 6, "XXXXXX");
	close(mkstemp(path));
	ck_assert_int_eq(record_open(&r, path, "iso7816", &none, NULL), 0);
}

static void
teardown(void)
{
	record_free(&r);
	unlink(path);
}

static void
say(const char *cmd, const char *rsp, bool secret)
{
	const struct card_note note = { .instruction = "X", .secret = secret };

	r.tap.exchange(&r.tap, known(cmd), known(rsp), &note);
}

/* The last lines of the record. */
static void
expect(const char *lines)
{
	int in = open(path, O_RDONLY);
	ssize_t n = read(in, text, sizeof(text) - 1);

	close(in);
	ck_assert_int_ge(n, (ssize_t)strlen(lines));
	text[n] = '\0';
	ck_assert_str_eq(text + (size_t)n - strlen(lines), lines);
}

START_TEST(commands_and_answers)
{
	r.tap.power(&r.tap, CARD_POWER_ON);
	r.tap.atr(&r.tap, known("3B 00"));
	say("00A40000 02 3F00 00", "6F00 9000", false);
	expect("!power on\n!atr 3B 00\n> 00 A4 00 00 02 3F 00 00\n< 6F 00 90 00\n");
	r.tap.power(&r.tap, CARD_RESET);
	say("00840000 04", "01020304 9000", false);
	expect("!reset\n> 00 84 00 00 04\n< ?? ?? ?? ?? 90 00\n");
	say("00460000 00", "7F49 9000", false);
	expect("< * 90 00\n");
	r.tap.power(&r.tap, CARD_POWER_OFF);
	expect("!power off\n");
}
END_TEST

START_TEST(pins_by_name)
{
	say("00200001 04 31323334", "9000", true);
	expect("> 00 20 00 01 ( $PIN1 )\n< 90 00\n");
	say("00200001 08 31323334FFFFFFFF", "9000", true);
	expect("( $PIN1 FF FF FF FF )\n< 90 00\n");
	say("00200001 04 39393939", "63C2", true);
	expect("( $WRONG1 )\n< 63 C2\n");
	say("00240001 08 3132333435363738", "9000", true);
	expect("> 00 24 00 01 ( $PIN1 $PIN1-2 )\n< 90 00\n");
	say("00200001 04 35363738", "9000", true);
	expect("( $PIN1-2 )\n< 90 00\n");
	say("002C0001 10 3838383838383838 3132333400000000", "9000", true);
	expect("> 00 2C 00 01 ( $PUK1 $PIN1 00 00 00 00 )\n< 90 00\n");
	/* one of the two only */
	say("00240101 04 34333231", "9000", true);
	expect("> 00 24 01 01 ( $PIN1-3 )\n< 90 00\n");
	say("002C0101 08 3838383838383838", "9000", true);
	expect("> 00 2C 01 01 ( $PUK1 )\n< 90 00\n");
	say("002C0201 04 35343332", "9000", true);
	expect("> 00 2C 02 01 ( $PIN1-4 )\n< 90 00\n");
	say("00200001", "63C3", true); /* a question, and no secret */
	expect("> 00 20 00 01\n< 63 C3\n");
	ck_assert_ptr_null(strstr(text, "31 32 33 34"));
	ck_assert_ptr_null(strstr(text, "38 38"));
}
END_TEST

/* What a fault has made of an answer is a comment, data or not; the next exchange is one again. */
START_TEST(faults_are_comments)
{
	r.tap.fault(&r.tap, "cut");
	say("00200001 04 31323334", "9000", true);
	r.tap.fault(&r.tap, "empty");
	say("00B00000 01", "", false);
	say("00B00000 01", "AA 9000", false);
	expect("# > 00 20 00 01, 9 bytes in all\n# < 2 bytes: fault cut\n"
	       "# > 00 B0 00 00, 5 bytes in all\n# < 0 bytes: fault empty\n"
	       "> 00 B0 00 00 01\n< AA 90 00\n");
}
END_TEST

START_TEST(lines_are_broken)
{
	say("00D60000 21 000102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F20",
	    "9000", false);
	expect("> 00 D6 00 00 21 00 01 02 03 04 05 06 07 08 09 0A 0B 0C 0D 0E 0F 10 11 12 13 14 15 16 17 18 19 1A\n"
	       "  1B 1C 1D 1E 1F 20\n< 90 00\n");
}
END_TEST

START_TEST(a_disk_that_is_full)
{
	const struct props none = { .first = NULL };
	struct log log = { .out = tmpfile() };
	char said[256] = "";

	record_free(&r);
	ck_assert_int_eq(record_open(&r, path, "iso7816", &none, &log), 0);
	dup2(open("/dev/full", O_WRONLY), r.fd);
	say("00200001", "63C3", false);
	say("00200001", "63C3", false);
	rewind(log.out);
	said[fread(said, 1, sizeof(said) - 1, log.out)] = '\0';
	ck_assert_str_eq(said, "vicc: the record ends here: No space left on device\n");
	fclose(log.out);
}
END_TEST

START_TEST(only_a_file_is_closed_to_others)
{
	const struct props none = { .first = NULL };
	int reader;

	record_free(&r);
	ck_assert_uint_eq(mode_of(path), 0600);
	unlink(path);
	ck_assert_int_eq(mkfifo(path, 0600), 0);
	ck_assert_int_eq(chmod(path, 0644), 0);
	reader = open(path, O_RDONLY | O_NONBLOCK);
	ck_assert_int_eq(record_open(&r, path, "iso7816", &none, NULL), 0);
	ck_assert_uint_eq(mode_of(path), 0644);
	close(reader);
}
END_TEST

START_TEST(keys_are_comments)
{
	say("00DB3FFF 04 CAFEBABE", "9000", true);
	expect("# > 00 DB 3F FF  secret, 9 bytes in all\n# < 0 bytes and 90 00\n");
	say("00880000 04 CAFEBABE 00", "DEADBEEF 9000", true);
	expect("# > 00 88 00 00  secret, 10 bytes in all\n# < 4 bytes and 90 00\n");
	say("0020", "6700", true);
	expect("# > 00 20  secret, 2 bytes in all\n# < 0 bytes and 67 00\n");
	ck_assert_ptr_null(strstr(text, "CA FE"));
	ck_assert_ptr_null(strstr(text, "DE AD"));
}
END_TEST

/* --- the file of PINs ------------------------------------------------------------- */

static int
read_pins(const char *lines, struct props *pins, char error[256])
{
	int fd = open(path, O_WRONLY | O_TRUNC);
	int rc;

	ck_assert_int_eq(write(fd, lines, strlen(lines)), (ssize_t)strlen(lines));
	close(fd);
	rc = pinfile_read(pins, path, error, 256);
	return rc;
}

START_TEST(a_pin_file)
{
	struct props pins = { .first = NULL };
	char error[256];

	ck_assert_int_eq(
		read_pins("# mine\n\n PIN1 = 1234 \r\nPUK1=0x31 32FF\nSOPIN=a b#c", &pins, error),
		0);
	ck_assert_view(props_get(&pins, "PIN1"), said("1234"));
	ck_assert_view(props_get(&pins, "PUK1"), known("3132FF"));
	ck_assert_view(props_get(&pins, "SOPIN"), said("a b#c"));
	props_clear(&pins);
}
END_TEST

#define LONG "7777777777777777777777777777777777777777777777777777777777777777" /* 32 bytes */

static const struct { const char *lines, *said; } wrong[] = {
	{ "PIN1 7777\n", ":1: expected NAME=VALUE" },
	{ "#\nPIN1=\n", ":2: expected 1 to 127" },
	{ "=7777\n", ":1: expected a name" },
	{ "a b=7777\n", ":1: expected a name" },
	{ "PIN1=0x777\n", ":1: expected 1 to 127" },
	{ "PIN1=7777\nPIN1=7778\n", ":2: this name is there twice" },
	{ "PIN1=0x" LONG LONG LONG LONG "77\n", ":1: expected 1 to 127" },
};

START_TEST(a_pin_file_that_is_wrong)
{
	struct props pins = { .first = NULL };
	char error[256];

	ck_assert_int_lt(read_pins(wrong[_i].lines, &pins, error), 0);
	ck_assert_ptr_nonnull(strstr(error, wrong[_i].said));
	ck_assert_ptr_null(strstr(error, "777"));
	props_clear(&pins);
	ck_assert_int_lt(pinfile_read(&pins, "/nowhere", error, sizeof(error)), 0);
	ck_assert_int_eq(pinfile_read(&pins, "/", error, sizeof(error)), -EISDIR);
}
END_TEST

START_TEST(a_pin_file_that_is_no_text)
{
	struct props pins = { .first = NULL };
	char error[256];

	ck_assert_int_eq(read_pins("PIN1=7777\n", &pins, error), 0);
	ck_assert_int_eq(truncate(path, 20), 0);
	props_clear(&pins);
	ck_assert_int_eq(pinfile_read(&pins, path, error, sizeof(error)), -EINVAL);
	ck_assert_ptr_nonnull(strstr(error, "it is not a text file"));
	ck_assert_ptr_null(strstr(error, "777"));
	ck_assert_ptr_null(pins.first);
	/* too large by the byte that ends a text */
	ck_assert_int_eq(truncate(path, 65536), 0);
	ck_assert_int_eq(pinfile_read(&pins, path, error, sizeof(error)), -EFBIG);
}
END_TEST

START_TEST(names_that_are_given)
{
	struct props pins = { .first = NULL };

	ck_assert(props_set(&pins, "MINE", said("4321")));
	record_free(&r);
	ck_assert_int_eq(record_open(&r, path, "iso7816", &pins, NULL), 0);
	say("00200001 04 34333231", "9000", true);
	expect("( $MINE )\n< 90 00\n");
	props_clear(&pins);
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("recorder");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, commands_and_answers);
	tcase_add_test(tc, pins_by_name);
	tcase_add_test(tc, faults_are_comments);
	tcase_add_test(tc, lines_are_broken);
	tcase_add_test(tc, a_disk_that_is_full);
	tcase_add_test(tc, only_a_file_is_closed_to_others);
	tcase_add_test(tc, keys_are_comments);
	tcase_add_test(tc, names_that_are_given);
	tcase_add_test(tc, a_pin_file);
	tcase_add_test(tc, a_pin_file_that_is_no_text);
	tcase_add_loop_test(tc, a_pin_file_that_is_wrong, 0, (int)(sizeof(wrong) / sizeof(*wrong)));
	return run("recorder", tc);
}
