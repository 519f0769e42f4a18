/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What programs that measure and probe share. FAIL_PREFIX is said before it is included. */
#ifndef TESTS_PROGRAM_H
#define TESTS_PROGRAM_H

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

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
#endif

/* Of doubles, for qsort(3). */
static inline int
by_value(const void *a, const void *b)
{
	const double x = *(const double *)a, y = *(const double *)b;

	return x < y ? -1 : x > y;
}

#endif
