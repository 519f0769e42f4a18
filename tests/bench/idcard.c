/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What an identity card's protocols cost the card: its own CPU time, without reader, terminal
 * and waiting. Prints idcard,OPERATION,N,MIN,P50,P99, in microseconds.
 *
 *   idcard ROUNDS
 */
#include <stdlib.h>
#include <time.h>

#include "../cards/eac/chain.h"
#include "../cards/npa/idcard.h"

#define SAMPLES_MAX 1000

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

	idcard_send(ctx, command, rsp);
	spent += cpu() - begin;
}

static struct chain chain;
static size_t samples;

static void
open_new(void)
{
	double begin;

	if (card)
		idcard_close();
	begin = cpu();
	idcard_open();
	spent = cpu() - begin;
	terminal.send = timed_send;
	ck_assert_int_eq(eac_anchor_add(kept, buf_view(&chain.cvca.cvc)), 0);
	ck_assert(field_set_number(eac_fields(kept), EAC_FIELD_DATE, 20260101));
}

static void
pace_with_pin(void)
{
	idcard_reset();
	ck_assert_uint_eq(idcard_pace(EAC_PIN, "111111", chat_of(CHAT_AT_ALL)), 0x9000);
}

static void
both_authentications(void)
{
	ck_assert_uint_eq(show_chain(&terminal, &chain, true), 0x9000);
	ck_assert_uint_eq(authenticate(&terminal, &chain, view_of(NULL, 0)), 0x9000);
	ck_assert_uint_eq(idcard_chip_authentication(), 0x9000);
}

static int
compare(const void *a, const void *b)
{
	const double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static const struct {
	const char *name;
	void (*before)(void);
	void (*run)(void);
} operations[] = {
	{ "a new identity card", NULL, open_new },
	{ "PACE with the PIN", NULL, pace_with_pin },
	{ "TA and CA", pace_with_pin, both_authentications },
};

static void
measure(size_t op)
{
	static double v[SAMPLES_MAX];
	size_t i;

	for (i = 0; i < samples; i++) {
		if (operations[op].before)
			operations[op].before();
		spent = 0;
		operations[op].run();
		v[i] = spent;
	}
	qsort(v, samples, sizeof(*v), compare);
	printf("idcard,%s,%zu,%.1f,%.1f,%.1f\n", operations[op].name, samples, v[0],
	       v[(samples - 1) / 2], v[(samples * 99 - 1) / 100]);
}

/* A test, as the terminal asserts. */
START_TEST(everything)
{
	size_t i;

	chain_of(&chain, CHAT_AT_ALL);
	for (i = 0; i < sizeof(operations) / sizeof(*operations); i++)
		measure(i);
	idcard_close();
	chain_free(&chain);
}
END_TEST

int
main(int argc, char **argv)
{
	const size_t rounds = argc > 1 ? strtoul(argv[1], NULL, 10) : 1;
	Suite *suite = suite_create("identity card");
	TCase *tc = tcase_create("identity card");
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
