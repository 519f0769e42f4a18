/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Commands at random, the same in each run: some that a card may know, some that nobody does. */
#ifndef TESTS_CARDS_EAC_NONSENSE_H
#define TESTS_CARDS_EAC_NONSENSE_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/bytes.h"

#define NONSENSE_MAX 256 /* bytes of data */

/* What a kind of card knows. */
struct nonsense {
	const uint8_t *ins;
	size_t n_ins;
	const uint16_t *p1p2;
	size_t n_p1p2;
	const uint8_t *tags;
	size_t n_tags;
	uint64_t seed;
};

static inline uint32_t
nonsense_number(struct nonsense *r, uint32_t below)
{
	r->seed = r->seed * UINT64_C(6364136223846793005) + 1442695040888963407u;
	return (uint32_t)(r->seed >> 33) % below;
}

/* A header that the card may know, or any, in hexadecimal; data that look like something. */
static inline size_t
nonsense_command(struct nonsense *r, char header[16], uint8_t data[NONSENSE_MAX])
{
	uint8_t ins = nonsense_number(r, 4) ? r->ins[nonsense_number(r, (uint32_t)r->n_ins)]
					    : (uint8_t)nonsense_number(r, 256);
	uint16_t both = nonsense_number(r, 3) ? r->p1p2[nonsense_number(r, (uint32_t)r->n_p1p2)]
					      : (uint16_t)nonsense_number(r, 65536);
	size_t n = nonsense_number(r, 4) ? nonsense_number(r, 24) : nonsense_number(r, 200), i;

	snprintf(header, 16, "%02X%02X%04X", nonsense_number(r, 8) ? 0x00 : 0x10, ins, both);
	for (i = 0; i < n; i++)
		data[i] = (uint8_t)nonsense_number(r, 256);
	if (n > 2 && nonsense_number(r, 2)) {
		data[0] = r->tags[nonsense_number(r, (uint32_t)r->n_tags)];
		data[1] = (uint8_t)(n - 2);
	}
	return n;
}

/* Ne: short, extended, none. */
static inline size_t
nonsense_ne(struct nonsense *r)
{
	return nonsense_number(r, 3) ? 256 : nonsense_number(r, 2) ? 65536 : 0;
}

/* How many commands: what the environment says, or else so many. */
static inline unsigned
nonsense_commands(const char *variable, unsigned otherwise)
{
	const char *wanted = getenv(variable);

	return wanted ? (unsigned)atoi(wanted) : otherwise;
}

#endif
