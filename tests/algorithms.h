/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The algorithm numbers of the plain card. */
#ifndef TESTS_ALGORITHMS_H
#define TESTS_ALGORITHMS_H

#include "cards/iso7816/iso7816.h"

static inline const struct algorithm *
plain_algorithm(uint8_t id)
{
	const struct algorithm *a;

	for (a = iso7816_app.algorithms; a->what != ALGORITHM_NONE; a++) {
		if (a->id == id)
			return a;
	}
	return NULL;
}

#endif
