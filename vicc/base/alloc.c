/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/alloc.h"

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* In front of each block: how much there is to wipe. */
union head {
	size_t n;
	max_align_t align;
};

void *
wiping_malloc(size_t n)
{
	union head *h;

	if (n > SIZE_MAX - sizeof(*h))
		return NULL;
	h = malloc(sizeof(*h) + n);
	if (!h)
		return NULL;
	h->n = n;
	return h + 1;
}

void *
wiping_realloc(void *p, size_t n)
{
	void *next = n > 0 ? wiping_malloc(n) : NULL;
	size_t had;

	if (n > 0 && !next)
		return NULL;
	if (next && p) {
		had = ((union head *)p - 1)->n;
		memcpy(next, p, had < n ? had : n);
	}
	wiping_free(p);
	return next;
}

void
wiping_free(void *p)
{
	union head *h = p;

	if (!h)
		return;
	h--;
	freezero(h, sizeof(*h) + h->n);
}
