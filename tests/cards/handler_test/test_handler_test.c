/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "base/hex.h"
#include "cards/handler_test/handler_test.h"
#include "support.h"

static struct card *card;
static struct buf rsp = BUF(CARD_RESPONSE_MAX);
static bool stop;

static bool
interrupted(void *ctx)
{
	(void)ctx;
	return stop;
}

static const struct card_env env = { .interrupted = interrupted };

static void
setup(void)
{
	const struct card_config cfg = { .state = NULL };

	card = card_open(&handler_test_type, &cfg, &env);
	ck_assert_ptr_nonnull(card);
	ck_assert_int_eq(card_power(card, CARD_POWER_ON), 0);
}

static void
teardown(void)
{
	card_free(card);
	buf_free(&rsp);
}

static void
transmit(struct view cmd)
{
	buf_reset(&rsp);
	ck_assert_int_eq(card_transmit(card, cmd, &rsp), 0);
}

static void
expect_sw(unsigned sw)
{
	ck_assert_uint_ge(rsp.n, 2);
	ck_assert_uint_eq((unsigned)(rsp.p[rsp.n - 2] << 8 | rsp.p[rsp.n - 1]), sw);
}

/* n bytes that count up, and a status word. */
static void
expect_count(size_t n, unsigned sw)
{
	uint8_t want[256];
	size_t i;

	for (i = 0; i < sizeof(want); i++)
		want[i] = (uint8_t)i;
	ck_assert_uint_eq(rsp.n, n + 2);
	ck_assert(memcmp(rsp.p, want, n) == 0);
	expect_sw(sw);
}

static void
dialog(const char *cmd, size_t n, unsigned sw)
{
	struct buf b = BUF(300);

	ck_assert(hex_read(&b, cmd));
	transmit(buf_view(&b));
	expect_count(n, sw);
	buf_free(&b);
}

/* CLA INS P1-P2 of in and out: n_in bytes that count up, then Le where there is one. */
static void
exchange(uint8_t ins, size_t p1p2, size_t n_in, int le)
{
	uint8_t cmd[5 + 255 + 1] = { 0x80, ins, (uint8_t)(p1p2 >> 8), (uint8_t)p1p2 };
	size_t n = 4, i;

	if (n_in > 0)
		cmd[n++] = (uint8_t)n_in;
	for (i = 0; i < n_in; i++)
		cmd[n++] = (uint8_t)i;
	if (le >= 0)
		cmd[n++] = (uint8_t)le;
	transmit(view_of(cmd, n));
}

static void
get_response(size_t n)
{
	const uint8_t cmd[] = { 0x80, 0xc0, 0x00, 0x00, (uint8_t)n };

	transmit(view_of(cmd, sizeof(cmd)));
	expect_count(n, 0x9000);
}

START_TEST(the_atr)
{
	buf_reset(&rsp);
	ck_assert_int_eq(card_atr(card, &rsp), 0);
	ck_assert_uint_eq(rsp.n, 17);
	ck_assert_mem_eq(
		rsp.p, "\x3b\xd6\x18\x00\x80\xb1\x80\x6d\x1f\x03\x80\x51\x00\x61\x10\x30\x9e", 17);
}
END_TEST

START_TEST(selection)
{
	dialog("00 A4 04 00 06 A0 00 00 00 18 FF", 0, 0x9000);
	dialog("00 A4 04 00 06 A0 00 00 00 18 50", 0, 0x9000);
	dialog("00 A4 04 00 06 A0 00 00 00 18 FF 00", 0, 0x9000);
	dialog("00 A4 04 00 06 A0 00 00 00 18 51", 0, 0x6a82);
	dialog("00 A4 04 00 05 A0 00 00 00 18", 0, 0x6a82);
	dialog("00 A4 04 00", 0, 0x6a82);
	dialog("00 A4 00 00 02 3F 00", 0, 0x6a86);
	dialog("80 A4 04 00 06 A0 00 00 00 18 FF", 0, 0x6e00);
}
END_TEST

START_TEST(case_1)
{
	dialog("80 30 00 00", 0, 0x9000);
	dialog("80 30 00 00 00", 0, 0x9000);
	dialog("80 30 00 00 01 00", 0, 0x6700);
}
END_TEST

START_TEST(case_2)
{
	size_t n;

	for (n = 0; n <= 256; n++) {
		exchange(0x34, n, 0, (int)(n & 0xff));
		expect_count(n, 0x9000);
		/* without Le they are announced */
		exchange(0x34, n, 0, -1);
		expect_count(0, n == 0 ? 0x9000 : 0x6100 | (n & 0xff));
		if (n > 0)
			get_response(n);
	}
	dialog("80 34 01 01 00", 0, 0x6a86);
	dialog("80 34 00 05 04", 0, 0x6c05);
	dialog("80 34 01 00 FF", 0, 0x6c00);
	dialog("80 34 00 02 01 00 02", 0, 0x6700);
}
END_TEST

START_TEST(case_3)
{
	size_t n;

	for (n = 0; n <= 255; n++) {
		exchange(0x32, 0, n, -1);
		expect_count(0, 0x9000);
	}
	/* what did not come as it was sent */
	dialog("80 32 00 00 03 00 01 03", 0, 0x6a02);
	dialog("80 32 00 00 01 01", 0, 0x6a00);
}
END_TEST

START_TEST(case_4)
{
	size_t in, out;

	for (in = 1; in <= 255; in++) {
		for (out = 0; out <= 256; out += out == 0 || out >= 250 ? 1 : 10) {
			exchange(0x36, out, in, (int)(out & 0xff));
			expect_count(out, 0x9000);
			exchange(0x36, out, in, -1);
			expect_count(0, out == 0 ? 0x9000 : 0x6100 | (out & 0xff));
			if (out > 0)
				get_response(out);
		}
	}
	dialog("80 36 00 05 02 00 02", 0, 0x6a01);
	dialog("80 36 01 01 02 00 01", 0, 0x6a86);
}
END_TEST

START_TEST(getting_a_response)
{
	dialog("80 C0 00 00 00", 0, 0x6985);
	dialog("80 36 00 09 01 00", 0, 0x6109);
	dialog("80 C0 00 00 08", 0, 0x6c09);
	dialog("80 C0 00 00", 0, 0x6700);
	dialog("80 C0 00 00 09", 9, 0x9000);
	/* once */
	dialog("80 C0 00 00 09", 0, 0x6985);
	/* under any class that somebody sends it with */
	dialog("80 36 00 09 01 00", 0, 0x6109);
	dialog("A0 C0 00 00 00", 9, 0x9000);
	dialog("80 36 00 09 01 00", 0, 0x6109);
	dialog("00 C0 00 00 09", 9, 0x9000);
	/* nothing survives another command, or a reset */
	dialog("80 36 00 09 01 00", 0, 0x6109);
	dialog("80 30 00 00", 0, 0x9000);
	dialog("80 C0 00 00 09", 0, 0x6985);
	dialog("80 36 00 09 01 00", 0, 0x6109);
	ck_assert_int_eq(card_power(card, CARD_RESET), 0);
	dialog("80 C0 00 00 09", 0, 0x6985);
}
END_TEST

START_TEST(extended_length)
{
	static uint8_t cmd[7 + 65535] = { 0x80, 0x12, 0x01, 0x80, 0x00, 0xff, 0xff };
	size_t i;

	transmit(view_of(cmd, sizeof(cmd)));
	expect_count(0, 0x9000);
	dialog("80 12 01 80 05 01 02 03 04 05", 0, 0x9000);
	dialog("80 12 01 80", 0, 0x6700);
	transmit(view_of("\x80\x00\x04\x42\x00\x12\x34", 7));
	ck_assert_uint_eq(rsp.n, 0x1234 + 2);
	for (i = 0; i < 0x1234; i++)
		ck_assert_uint_eq(rsp.p[i], 0x42);
	/* as much as a frame carries */
	transmit(view_of("\x80\x00\x04\x42\x00\x00\x00", 7));
	ck_assert_uint_eq(rsp.n, 65535);
	expect_sw(0x9000);
	dialog("80 00 04 42", 0, 0x6700);
}
END_TEST

START_TEST(a_time_request)
{
	dialog("80 38 00 00", 0, 0x9000);
	dialog("80 38 00 01", 0, 0x9000);
	dialog("80 38 00 01 00", 0, 0x9000);
	/* it does not keep the process from its end */
	stop = true;
	dialog("80 38 00 FF", 0, 0x6f00);
	stop = false;
}
END_TEST

START_TEST(no_such_thing)
{
	dialog("80 31 00 00", 0, 0x6d00);
	dialog("00 30 00 00", 0, 0x6e00);
	dialog("80 30 00", 0, 0x6700);
	dialog("80 30 00 00 05 00", 0, 0x6700);
	dialog("", 0, 0x6700);
}
END_TEST

START_TEST(what_it_notes)
{
	dialog("80 30 00 00", 0, 0x9000);
	ck_assert_str_eq(card->note.instruction, "CASE 1");
	ck_assert(!card->note.secret);
	dialog("80 31 00 00", 0, 0x6d00);
	ck_assert_ptr_null(card->note.instruction);
}
END_TEST

START_TEST(it_is_always_there)
{
	int fd = 5;

	ck_assert_int_eq(card_event(card, &fd), 1);
	ck_assert_int_eq(fd, -1);
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("handler_test");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, the_atr);
	tcase_add_test(tc, selection);
	tcase_add_test(tc, case_1);
	tcase_add_test(tc, case_2);
	tcase_add_test(tc, case_3);
	tcase_add_test(tc, case_4);
	tcase_add_test(tc, getting_a_response);
	tcase_add_test(tc, extended_length);
	tcase_add_test(tc, a_time_request);
	tcase_add_test(tc, no_such_thing);
	tcase_add_test(tc, what_it_notes);
	tcase_add_test(tc, it_is_always_there);
	return run("handler_test", tc);
}
