/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the unit tests share. */
#ifndef TESTS_SUPPORT_H
#define TESTS_SUPPORT_H

#include <check.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "net.h"

#define PORTS_FIRST 20000
#define PORTS_IN_ROW 16
#define PORTS_ROWS 700

/*
 * Until this process ends no other test gets ports in this row, also while nobody listens on
 * them: it has an abstract socket of that name.
 */
static inline bool
own_ports(unsigned first)
{
	struct sockaddr_un sun = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	ck_assert_int_ge(fd, 0);
	snprintf(sun.sun_path + 1, sizeof(sun.sun_path) - 1, "vicc-tests-%u", first);
	if (bind(fd, (struct sockaddr *)&sun, sizeof(sun)) == 0)
		return true;
	close(fd);
	return false;
}

static inline bool
ports_are_free(unsigned first, unsigned n)
{
	int fds[NET_LISTENERS], got;

	for (; n > 0; n--) {
		got = net_listen_tcp(NULL, (uint16_t)(first + n - 1), fds);
		if (got < 0)
			return false;
		while (got > 0)
			close(fds[--got]);
	}
	return true;
}

/* The first of n <= 16 TCP ports in a row that nobody listens on. */
static inline uint16_t
free_ports(unsigned n)
{
	unsigned i, first;

	ck_assert_uint_le(n, PORTS_IN_ROW);
	for (i = 0; i < PORTS_ROWS; i++) {
		first = PORTS_FIRST + ((unsigned)getpid() + i) % PORTS_ROWS * PORTS_IN_ROW;
		if (own_ports(first) && ports_are_free(first, n))
			return (uint16_t)first;
	}
	ck_abort_msg("there are no free ports");
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

/* The permissions that a file has. */
static inline mode_t
mode_of(const char *path)
{
	struct stat st;

	ck_assert_msg(stat(path, &st) == 0, "there is no %s", path);
	return st.st_mode & 07777;
}

/* Run the two test cases of this program. */
static inline int
run_both(const char *name, TCase *tc, TCase *other)
{
	Suite *s = suite_create(name);
	SRunner *sr;
	int failed;

	suite_add_tcase(s, tc);
	if (other)
		suite_add_tcase(s, other);
	sr = srunner_create(s);
	srunner_run_all(sr, CK_ENV);
	failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

/* Or the only one. */
static inline int
run(const char *name, TCase *tc)
{
	return run_both(name, tc, NULL);
}

#endif
