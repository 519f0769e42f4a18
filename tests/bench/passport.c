/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What a passport's protocols cost the card: its own CPU time, without reader, terminal and
 * waiting. Prints passport,OPERATION,N,MIN,P50,P99, in microseconds.
 *
 *   passport ROUNDS
 */
#include "../cards/epass/passport.h"
#include "document.h"

#define PICTURE 61000 /* bytes */

static void
timed_send(void *ctx, struct view command, struct buf *rsp)
{
	const double begin = cpu();

	passport_send(ctx, command, rsp);
	spent += cpu() - begin;
}

/* A card with a large picture, the application selected. */
static void
make(void)
{
	static uint8_t picture[PICTURE] = { 0xff, 0xd8, 0xff, 0xc0, 0, 0x0b, 8, 1,
					    0x40, 0,    0xf0, 1,    1, 0x11, 0 };
	static char path[] = "/tmp/vicc-bench-XXXXXX";
	const struct card_value values[] = { { "photo", path }, { NULL, NULL } };

	written(path, view_of(picture, sizeof(picture)));
	passport_open(values);
	unlink(path);
	terminal.send = timed_send;
	ck_assert_uint_eq(select_application(), 0x9000);
}

static void
open_new(void)
{
	double begin;

	passport_close();
	begin = cpu();
	make();
	spent = cpu() - begin;
}

static void
by_bac(void)
{
	passport_reset();
	ck_assert_uint_eq(select_application(), 0x9000);
	spent = 0;
	ck_assert_uint_eq(doc_bac(&terminal, said(INFORMATION)), 0x9000);
}

static void
by_pace(void)
{
	passport_reset();
	spent = 0;
	ck_assert_uint_eq(pace_with_mrz(), 0x9000);
}

static void
read_picture(void)
{
	struct buf b = BUF(70000);

	ck_assert_uint_eq(select_application(), 0x9000);
	spent = 0;
	ck_assert_uint_eq(doc_command(&terminal, "00B08200", none, 65536, &b), 0x9000);
	ck_assert_uint_gt(b.n, PICTURE);
	buf_free(&b);
}

/* A test, as the terminal asserts. */
START_TEST(everything)
{
	make();
	measure("passport", "BAC", by_bac, samples);
	measure("passport", "PACE", by_pace, samples);
	measure("passport", "read DG2 of 60 KB", read_picture, samples);
	measure("passport", "a new passport", open_new, samples);
	passport_close();
}
END_TEST

int
main(int argc, char **argv)
{
	return measure_all("passport", everything, argc, argv);
}
