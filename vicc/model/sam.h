/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* PINs, keys and security environments that a card keeps. */
#ifndef VICC_MODEL_SAM_H
#define VICC_MODEL_SAM_H

#include <stdbool.h>

/* All zero is an empty one. */
struct sam {
	bool changed;       /* since the owner last cleared it */
	bool tries_changed; /* counters only */
};

void sam_free(struct sam *s); /* wiped */

#endif
