/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * One harness, three ways to run it: libFuzzer and AFL++ bring a main of their own
 * (tests/fuzz/run); without either, replay.c hands in the files that it is given.
 */
#ifndef TESTS_FUZZ_H
#define TESTS_FUZZ_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

/* 0. What must never happen ends in abort. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A property that holds for every input. */
#define must(condition) \
	do { \
		if (!(condition)) { \
			fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, __LINE__, #condition); \
			abort(); \
		} \
	} while (0)

#endif
