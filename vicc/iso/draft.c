/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Keys in the making. */
#include "iso/key.h"

struct sam_key *
iso_draft_key(struct iso *c, uint32_t owner, enum sam_kind kind)
{
	struct sam *sam = &c->state->sam;
	bool changed = sam->changed;
	struct sam_key *k = sam_key_add(sam, owner, ISO_DRAFT, kind);

	sam->changed = changed;
	return k;
}

void
iso_draft_drop(struct iso *c, struct sam_key *draft)
{
	bool changed = c->state->sam.changed;

	sam_key_remove(&c->state->sam, draft);
	c->state->sam.changed = changed;
}

void
iso_draft_keep(struct iso *c, struct sam_key *draft, uint8_t number)
{
	struct sam_key *old = sam_key_find(&c->state->sam, draft->owner, number);

	if (old)
		sam_key_remove(&c->state->sam, old);
	draft->ref = number;
	c->state->sam.changed = true;
}
