/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What programs that measure and probe share. FAIL_PREFIX is said before it is included. */
#ifndef TESTS_PROGRAM_H
#define TESTS_PROGRAM_H

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#ifdef FAIL_PREFIX
static void __attribute__((noreturn, format(printf, 1, 2))) fail(const char *fmt, ...)
{
	va_list ap;

	fflush(stdout);
	fputs(FAIL_PREFIX ": ", stderr);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
	exit(1);
}

/* Start a program that PATH leads to. */
static inline pid_t
launch(char **argv)
{
	pid_t pid = fork();

	if (pid == 0) {
		execvp(argv[0], argv);
		fail("%s: %s", argv[0], strerror(errno));
	}
	if (pid < 0)
		fail("%s", strerror(errno));
	return pid;
}
#endif

/* Of a clock that nobody sets. */
static inline double
now_us(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec * 1e6 + (double)ts.tv_nsec / 1e3;
}

/* Of doubles, for qsort(3). */
static inline int
by_value(const void *a, const void *b)
{
	const double x = *(const double *)a, y = *(const double *)b;

	return x < y ? -1 : x > y;
}

#endif
