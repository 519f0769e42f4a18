/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Secrets that are looked for where none may be: as bytes, as libcrypto keeps numbers, in
 * hexadecimal. The search neither takes memory nor gives any back.
 */
#ifndef TESTS_NEEDLES_H
#define TESTS_NEEDLES_H

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "base/bytes.h"

#define NEEDLES_MAX 320
#define NEEDLE_SECRET_MAX 66 /* bytes: a private key on P-521 */

static struct needle {
	char name[48];
	uint8_t bytes[2 * NEEDLE_SECRET_MAX];
	size_t n;
} needles[NEEDLES_MAX];
static size_t n_needles;

static inline void
add_needle(const char *name, const char *form, const void *bytes, size_t n)
{
	struct needle *x = &needles[n_needles++];

	assert(n_needles <= NEEDLES_MAX && n <= sizeof(x->bytes));
	snprintf(x->name, sizeof(x->name), "%s, %s", name, form);
	memcpy(x->bytes, bytes, n);
	x->n = n;
}

static inline void
add_secret(const char *name, struct view v)
{
	static const char *const digits[] = { "0123456789ABCDEF", "0123456789abcdef" };
	uint8_t backwards[NEEDLE_SECRET_MAX];
	char hex[2 * NEEDLE_SECRET_MAX];
	size_t i, form;

	assert(v.n <= NEEDLE_SECRET_MAX);
	for (i = 0; i < v.n; i++)
		backwards[v.n - 1 - i] = v.p[i];
	add_needle(name, "as it is", v.p, v.n);
	add_needle(name, "backwards", backwards, v.n);
	for (form = 0; form < 2; form++) {
		for (i = 0; i < v.n; i++) {
			hex[2 * i] = digits[form][v.p[i] >> 4];
			hex[2 * i + 1] = digits[form][v.p[i] & 15];
		}
		add_needle(name, form ? "in small digits" : "in digits", hex, 2 * v.n);
	}
}

/* The name of one that is there; NULL: none is. */
static inline const char *
needle_in(const void *p, size_t n)
{
	size_t i;

	for (i = 0; i < n_needles; i++) {
		if (memmem(p, n, needles[i].bytes, needles[i].n))
			return needles[i].name;
	}
	return NULL;
}

#endif
