/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Memory that ends: for programs that are linked with --wrap=malloc, calloc and realloc.
 * Arm it by setting failing, disarm it before check is asked anything.
 */
#ifndef TESTS_MEMORY_ENDS_H
#define TESTS_MEMORY_ENDS_H

#include <stddef.h>

static unsigned long allocations, failing; /* which one is to fail; 0: none */

#define WRAPPED(name, parameters, arguments) \
	void *__real_##name parameters; \
	void *__wrap_##name parameters; \
	void *__wrap_##name parameters \
	{ \
		return failing && ++allocations == failing ? NULL : __real_##name arguments; \
	}

WRAPPED(malloc, (size_t n), (n))
WRAPPED(calloc, (size_t n, size_t size), (n, size))
WRAPPED(realloc, (void *p, size_t n), (p, n))

#endif
