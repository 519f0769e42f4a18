/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the unit tests share. */
#ifndef TESTS_SUPPORT_H
#define TESTS_SUPPORT_H

#include <check.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

#include "net.h"

/*
 * The first of n <= 16 TCP ports in a row that nobody listens on; tests that run
 * side by side begin to look at different places.
 */
static inline uint16_t
free_ports(unsigned n)
{
	unsigned first, i;
	int fds[NET_LISTENERS], got;

	for (first = 20000 + (unsigned)getpid() % 700 * 16;; first += n) {
		ck_assert_uint_lt(first + n, 65535);
		for (i = 0; i < n; i++) {
			got = net_listen_tcp(NULL, (uint16_t)(first + i), fds);
			if (got < 0)
				break;
			while (got > 0)
				close(fds[--got]);
		}
		if (i == n)
			return (uint16_t)first;
	}
}

/*
 * Seconds that one test may take: it ends one that hangs, and none that computes on a slow
 * machine with others beside it. libcheck's own 4 are not enough there.
 */
__attribute__((constructor)) static void
set_patience(void)
{
	setenv("CK_DEFAULT_TIMEOUT", "300", 0);
}

/* Run the one test case of this program. */
static inline int
run(const char *name, TCase *tc)
{
	Suite *s = suite_create(name);
	SRunner *sr;
	int failed;

	suite_add_tcase(s, tc);
	sr = srunner_create(s);
	srunner_run_all(sr, CK_ENV);
	failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

#endif
