/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/mem.h"

#include <string.h>

bool
secret_set(struct secret *s, struct view v)
{
	if (v.n > sizeof(s->bytes))
		return false;
	if (v.n > 0)
		memmove(s->bytes, v.p, v.n);
	explicit_bzero(s->bytes + v.n, sizeof(s->bytes) - v.n);
	s->n = v.n;
	return true;
}

void
secret_wipe(struct secret *s)
{
	explicit_bzero(s, sizeof(*s));
}

struct view
secret_view(const struct secret *s)
{
	return view_of(s->bytes, s->n);
}

bool
secret_equal(struct view a, struct view b)
{
	volatile uint8_t differ = 0;
	size_t i;

	if (a.n != b.n)
		return false;
	for (i = 0; i < a.n; i++)
		differ |= a.p[i] ^ b.p[i];
	return differ == 0;
}
