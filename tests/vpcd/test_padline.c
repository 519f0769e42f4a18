/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "padline.h"
#include "support.h"

static const char largest_pin[] = "123456789012345678901234567890123456789012345678901234567890123";

START_TEST(a_request_there_and_back)
{
	const struct pad_ask asks[] = {
		{ .slot = 3,
		  .ins = 0x20,
		  .ref = 0x81,
		  .min = 4,
		  .max = 8,
		  .first = 30,
		  .next = 5,
		  .end = 2,
		  .want = { PIN_VERIFIED },
		  .n_wanted = 1,
		  .texts = 0xff,
		  .lang = 0x0409,
		  .display = true },
		{ .modify = true,
		  .ins = 0x2c,
		  .max = 255,
		  .first = 255,
		  .next = 255,
		  .end = 7,
		  .want = { PIN_OLD, PIN_NEW, PIN_AGAIN },
		  .n_wanted = 3,
		  .slot = 15,
		  .min = 255,
		  .lang = 0xffff },
		{ .modify = true, .want = { PIN_NEW }, .n_wanted = 1 },
	};
	char line[PADLINE_SIZE];
	struct pad_ask ask;
	size_t i, n;

	for (i = 0; i < sizeof(asks) / sizeof(asks[0]); i++) {
		n = padline_write_ask(line, &asks[i]);
		ck_assert_uint_le(n, PADLINE_MAX);
		ck_assert_uint_eq(n, strlen(line));
		ck_assert_int_eq(line[n - 1], '\n');
		line[n - 1] = '\0';
		ck_assert_msg(padline_read_ask(line, &ask), "%s", line);
		ck_assert_mem_eq(&ask, &asks[i], sizeof(ask));
	}
	padline_write_ask(line, &asks[0]);
	ck_assert_str_eq(
		line,
		"ask 1 verify slot=3 ins=20 ref=81 min=4 max=8 first=30 next=5 end=02 want=pin texts=FF "
		"lang=0409 display=1\n");
}
END_TEST

START_TEST(a_request_of_a_later_driver)
{
	struct pad_ask ask;

	ck_assert(padline_read_ask("ask 1 verify colour=red want=pin new", &ask));
	ck_assert_uint_eq(ask.n_wanted, 1);
}
END_TEST

START_TEST(no_request)
{
	static const char *const lines[] = {
		"",
		"ask",
		"ask 2 verify want=pin",
		"ask 1 verify",
		"ask 1 verifywant=pin",
		"ask 1 erase want=pin",
		"ask 1 verify want=",
		"ask 1 verify want=puk",
		"ask 1 verify want=pin,",
		"ask 1 verify want=pin want=pin",
		"ask 1 modify want=old,new,again,old",
		"ask 1 verify want=pin min=",
		"ask 1 verify want=pin min=-1",
		"ask 1 verify want=pin min=256",
		"ask 1 verify want=pin min=99999999999",
		"ask 1 verify want=pin ins=2g",
		"ask 1 verify want=pin display=2",
		"done 9000",
		"stop time",
	};
	struct pad_ask ask;
	size_t i;

	for (i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
		ck_assert_msg(!padline_read_ask(lines[i], &ask), "%s", lines[i]);
}
END_TEST

START_TEST(answers)
{
	struct pad_answer a;
	char line[PADLINE_SIZE];

	ck_assert(padline_read_answer("key", &a));
	ck_assert_int_eq(a.word, PAD_KEY);
	ck_assert(padline_read_answer("cancel", &a));
	ck_assert_int_eq(a.word, PAD_CANCEL);
	ck_assert(padline_read_answer("sw 63C2", &a));
	ck_assert_int_eq(a.word, PAD_SW);
	ck_assert_uint_eq(a.sw, 0x63c2);
	ck_assert(padline_read_answer("pin 0", &a));
	ck_assert_int_eq(a.word, PAD_PINS);
	ck_assert_uint_eq(a.n_pins, 1);
	ck_assert_str_eq(a.pins[0].digits, "0");
	snprintf(line, sizeof(line), "pin %s %s %s", largest_pin, largest_pin, largest_pin);
	ck_assert(padline_read_answer(line, &a));
	ck_assert_uint_eq(a.n_pins, 3);
	ck_assert_str_eq(a.pins[2].digits, largest_pin);
	/* nothing of a PIN before is behind a shorter one */
	ck_assert(padline_read_answer("pin 12", &a));
	ck_assert_mem_eq(a.pins[0].digits + 2, (char[PIN_DIGITS - 2]) { 0 }, PIN_DIGITS - 2);
}
END_TEST

START_TEST(no_answers)
{
	static const char *const lines[] = {
		"",
		"Key",
		"key ",
		"keys",
		"cancel 1",
		"pin",
		"pin ",
		"pin 1 ",
		"pin  1",
		"pin 1 2 3 4",
		"pin 12a4",
		"pin 12\t4",
		"pin1234",
		"sw",
		"sw 900",
		"sw 90000",
		"sw 63c2",
		"sw 9 00",
		"sw 0000",
		"sw 6000",
		"sw A000",
		"pin -1",
		"hello",
		/* one digit too many */
		"pin 1234567890123456789012345678901234567890123456789012345678901234",
		"pin 1234 1234567890123456789012345678901234567890123456789012345678901234",
	};
	struct pad_answer a, none;
	size_t i;

	memset(&none, 0, sizeof(none));
	for (i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		memset(&a, '7', sizeof(a));
		ck_assert_msg(!padline_read_answer(lines[i], &a), "%s", lines[i]);
		ck_assert_mem_eq(&a, &none, sizeof(a));
	}
}
END_TEST

START_TEST(places)
{
	char path[PADLINE_PATH], longest[PADLINE_PATH + 1];

	ck_assert(padline_unix_path(path, "/run/vpcd/sock", 0));
	ck_assert_str_eq(path, "/run/vpcd/sock.pad");
	ck_assert(padline_unix_path(path, "/run/vpcd/sock", 15));
	ck_assert_str_eq(path, "/run/vpcd/sock.15.pad");
	ck_assert(padline_tcp_path(path, 35964, 0, false));
	ck_assert_str_eq(strrchr(path, '/'), "/vpcd-35964.pad");
	ck_assert(padline_tcp_path(path, 35963, 2, false));
	ck_assert_str_eq(strrchr(path, '/'), "/vpcd-35963.2.pad");
	ck_assert(padline_tcp_path(path, 1, 0, true));
	ck_assert_str_eq(strrchr(path, '/'), "/vpcd-connect-1.pad");
	memset(longest, 'x', sizeof(longest));
	longest[PADLINE_PATH - sizeof(".pad")] = '\0';
	ck_assert(padline_unix_path(path, longest, 0));
	ck_assert_uint_eq(strlen(path), PADLINE_PATH - 1);
	ck_assert(!padline_unix_path(path, longest, 1));
	longest[PADLINE_PATH - sizeof(".pad")] = 'x';
	longest[PADLINE_PATH] = '\0';
	ck_assert(!padline_unix_path(path, longest, 0));
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("padline");

	tcase_add_test(tc, a_request_there_and_back);
	tcase_add_test(tc, a_request_of_a_later_driver);
	tcase_add_test(tc, no_request);
	tcase_add_test(tc, answers);
	tcase_add_test(tc, no_answers);
	tcase_add_test(tc, places);
	return run("padline", tc);
}
