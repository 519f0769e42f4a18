/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The card of a test program that has but one. */
#ifndef TESTS_THECARD_H
#define TESTS_THECARD_H

#include "talk.h"

static struct card *card;

/* Send it a command and want this answer. */
static inline void
expect(const char *command, const char *answer)
{
	expect_from(card, command, answer);
}

#endif
