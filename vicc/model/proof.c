/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "model/proof.h"

#include "model/fs.h"

_Static_assert(PROOF_DEPTHS == FS_DEPTH_MAX + 1, "a place for the MF and for each DF below it");

struct auth
proofs_of(const struct proofs *p, const struct file *df)
{
	const struct proof *at = &p->at[df->depth];

	return at->owner == df->uid ? at->proven : (struct auth) { 0 };
}

struct auth *
proofs_own(struct proofs *p, const struct file *df)
{
	struct proof *at = &p->at[df->depth];

	/* what is there of another belongs to a DF that was left, or deleted */
	if (at->owner != df->uid)
		*at = (struct proof) { .owner = df->uid };
	return &at->proven;
}

void
proofs_leave(struct proofs *p, const struct file *df)
{
	unsigned depth;

	for (depth = df->depth + 1; depth < PROOF_DEPTHS; depth++)
		p->at[depth] = (struct proof) { 0 };
	for (; df; df = df->parent) {
		if (p->at[df->depth].owner != df->uid)
			p->at[df->depth] = (struct proof) { 0 };
	}
}

struct auth
proofs_above(const struct proofs *p, const struct file *f)
{
	struct auth all = { 0 }, one;

	for (; f; f = f->parent) {
		if (!file_is_df(f))
			continue;
		one = proofs_of(p, f);
		all.user |= one.user;
		all.external |= one.external;
	}
	return all;
}
