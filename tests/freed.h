/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * free and realloc in the place of libc's, also for the libraries: a test sees each block, with
 * what is in it, that anybody gives back.
 */
#ifndef TESTS_FREED_H
#define TESTS_FREED_H

#include <malloc.h>
#include <string.h>

#include "valgrind.h"

/* The test's; it may not give back anything itself. */
static void before_free(const void *block, size_t n);

extern void __libc_free(void *block);

void
free(void *block)
{
	if (!block)
		return;
	before_free(block, malloc_usable_size(block));
	if (!under_valgrind())
		__libc_free(block);
}

/* Whatever grows moves, so that nothing is given back unseen. */
void *
realloc(void *block, size_t n)
{
	size_t old = block ? malloc_usable_size(block) : 0;
	void *moved;

	if (block && n > 0 && n <= old)
		return block;
	moved = n > 0 || !block ? malloc(n) : NULL;
	if (block && moved)
		memcpy(moved, block, old);
	if (block && (moved || n == 0))
		free(block);
	return moved;
}

#endif
