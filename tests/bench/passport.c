/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What a passport's protocols cost the card: its own CPU time, without reader, terminal and
 * waiting. Prints passport,OPERATION,N,MIN,P50,P99, in microseconds.
 *
 *   passport ROUNDS
 */
#include <time.h>

#include "../cards/epass/passport.h"

#define SAMPLES_MAX 1000
#define PICTURE 61000 /* bytes */

static double spent; /* by the card, since it was set to 0 */

static double
cpu(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts);
	return (double)ts.tv_sec * 1e6 + (double)ts.tv_nsec / 1e3;
}

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

static int
ascending(const void *a, const void *b)
{
	const double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static void
measure(const char *name, void (*once)(void), size_t n)
{
	static double v[SAMPLES_MAX];
	size_t i;

	for (i = 0; i < n; i++) {
		once();
		v[i] = spent;
	}
	qsort(v, n, sizeof(*v), ascending);
	printf("passport,%s,%zu,%.1f,%.1f,%.1f\n", name, n, v[0], v[(n - 1) / 2],
	       v[(n * 99 - 1) / 100]);
}

static size_t samples;

/* A test, as the terminal asserts. */
START_TEST(everything)
{
	make();
	measure("BAC", by_bac, samples);
	measure("PACE", by_pace, samples);
	measure("read DG2 of 60 KB", read_picture, samples);
	measure("a new passport", open_new, samples);
	passport_close();
}
END_TEST

int
main(int argc, char **argv)
{
	const size_t rounds = argc > 1 ? strtoul(argv[1], NULL, 10) : 1;
	Suite *suite = suite_create("passport");
	TCase *tc = tcase_create("passport");
	SRunner *runner = srunner_create(suite);
	int failed;

	samples = rounds > SAMPLES_MAX / 10 ? SAMPLES_MAX : rounds * 10;
	tcase_add_test(tc, everything);
	suite_add_tcase(suite, tc);
	srunner_set_fork_status(runner, CK_NOFORK);
	srunner_run_all(runner, CK_SILENT);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
