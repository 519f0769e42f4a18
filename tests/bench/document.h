/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What the protocols of a document cost the card: its own CPU time. Prints
 * DOCUMENT,OPERATION,N,MIN,P50,P99, in microseconds.
 */
#ifndef TESTS_BENCH_DOCUMENT_H
#define TESTS_BENCH_DOCUMENT_H

#include <check.h>
#include <stddef.h>
#include <time.h>

#include "../program.h"

#define SAMPLES_MAX 1000

static double spent; /* by the card, since it was set to 0 */
static size_t samples;

static inline double
cpu(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts);
	return (double)ts.tv_sec * 1e6 + (double)ts.tv_nsec / 1e3;
}

static inline void
measure(const char *document, const char *operation, void (*once)(void), size_t n)
{
	static double v[SAMPLES_MAX];
	size_t i;

	for (i = 0; i < n; i++) {
		once();
		v[i] = spent;
	}
	qsort(v, n, sizeof(*v), by_value);
	printf("%s,%s,%zu,%.1f,%.1f,%.1f\n", document, operation, n, v[0], v[(n - 1) / 2],
	       v[(n * 99 - 1) / 100]);
}

/* The program: as many rounds as its only argument says, within a test, as the terminal asserts. */
static inline int
measure_all(const char *document, const TTest *everything, int argc, char **argv)
{
	const size_t rounds = argc > 1 ? strtoul(argv[1], NULL, 10) : 1;
	Suite *suite = suite_create(document);
	TCase *tc = tcase_create(document);
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

#endif
