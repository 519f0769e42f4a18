/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What has been proven, and to whom. A proof belongs to the DF whose PIN or key it
 * was about, and ends when that DF is left or is no more: then another DF's
 * reference of the same number knows nothing of it. What is proven of the card's
 * own references belongs to nobody and has no such end.
 */
#ifndef VICC_MODEL_PROOF_H
#define VICC_MODEL_PROOF_H

#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"

struct file;

/* References of one owner: bit n is number n (P2, b5-1). */
struct auth {
	uint32_t user;     /* by VERIFY and its kin */
	uint32_t external; /* by EXTERNAL, MUTUAL, GENERAL AUTHENTICATE */
};

struct proof {
	uint32_t owner; /* uid of the DF; 0: nothing is proven */
	struct auth proven;
};

#define PROOF_DEPTHS 33 /* DFs that may be open at a time: the current one, and those above it */

/* Of local references. All zero: nothing. */
struct proofs {
	struct proof at[PROOF_DEPTHS]; /* by the depth of the owner */
};

/* Whom a certificate names. */
struct holder {
	struct buf name;
	bool proven; /* somebody has shown to be that */
};

static inline bool
holder_is_proven(const struct holder *h)
{
	return h && h->proven;
}

/* What was proven of a DF's references. */
struct auth proofs_of(const struct proofs *p, const struct file *df);

/* The same, to be changed; df is the current DF or one above it. */
struct auth *proofs_own(struct proofs *p, const struct file *df);

/* df is the current one now: what belongs neither to it nor to a DF above it ends. */
void proofs_leave(struct proofs *p, const struct file *df);

/* What was proven of any DF at f or above it, of whatever number. */
struct auth proofs_above(const struct proofs *p, const struct file *f);

#endif
