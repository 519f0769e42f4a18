/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a new card is made with, for the cards whose keys have places with names. */
#ifndef TESTS_PERSONAL_H
#define TESTS_PERSONAL_H

#include "cards/pkcs15/personal.h"
#include "memory_ends.h"
#include "support.h"

static struct personal p;

/* From the beginning: a label, and 246810 for a PIN. */
static inline void
begin_personal(void)
{
	p = (struct personal) { .label = "A card" };
	ck_assert(secret_set(&p.secrets[PERSONAL_PIN], view_of("246810", 6)));
}

/* One more key, to be filled in by the caller. */
static inline struct import_key *
next_key(unsigned place, bool generated)
{
	struct personal_order *order = &p.orders[p.from.n_keys];

	*order = (struct personal_order) { .place = place, .generated = generated };
	return &p.from.keys[p.from.n_keys++];
}

static inline void
add_ec(unsigned place)
{
	ck_assert_int_eq(ec_generate(&next_key(place, false)->ec, CURVE_P256), 0);
}

static inline void
add_ed(enum ed_kind kind, unsigned place)
{
	ck_assert_int_eq(ed_generate(&next_key(place, true)->ed, kind), 0);
}

static inline void
add_rsa(unsigned place)
{
	struct import_key *k = next_key(place, false);

	ck_assert_int_eq(rsa_generate(&k->rsa, 1024, view_of(NULL, 0), NULL, NULL), 0);
}

/*
 * A card is made whole or not at all: from what prepare leaves in *state, with one more
 * allocation each time before the one that fails. tolerant: libcrypto does without some.
 */
static inline void
make_without_memory(const struct personal_type *type, struct state *const *state,
		    void (*prepare)(void), bool tolerant)
{
	unsigned long n;
	bool hit = true;
	sw_t sw;

	for (n = 1; hit; n++) {
		prepare();
		allocations = 0;
		failing = n;
		sw = type->personalise(*state, &p);
		hit = allocations >= failing;
		failing = 0;
		ck_assert_msg(sw == (hit ? SW_NO_MEMORY : SW_OK) || (tolerant && sw == SW_OK),
			      "allocation %lu: %04X", n, sw);
	}
	ck_assert_uint_gt(n, 50);
}

#endif
