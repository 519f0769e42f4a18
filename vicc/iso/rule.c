/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Where access rules find the environments, PINs and keys that they name. */
#include "iso/iso.h"

static uint32_t
owner_of(const struct file *df)
{
	return df->parent ? df->uid : 0;
}

static const struct sam *
sam_of(const struct access *who)
{
	const struct iso *c = who->card;

	return &c->state->sam;
}

/* Of the nearest DF that has stored one. */
static bool
stored_at(const struct access *who, const struct file *f, uint8_t number, struct view *at)
{
	const struct se *se;

	for (; f; f = f->parent) {
		if (!file_is_df(f))
			continue;
		se = sam_se_find(sam_of(who), owner_of(f), number);
		if (se) {
			*at = se_template(se, SE_AT, SE_CHECK);
			return true;
		}
	}
	return false;
}

static bool
is_there(const struct access *who, uint32_t owner, uint8_t ref, bool external)
{
	return external ? sam_key_find(sam_of(who), owner, ref & 0x7f) != NULL
			: sam_pin_find(sam_of(who), owner, ref & 0x1f) != NULL;
}

static bool
exists(const struct access *who, const struct file *f, uint8_t ref, bool external)
{
	if (!iso_ref_is_local(ref))
		return is_there(who, 0, ref, external);
	for (; f; f = f->parent) {
		if (file_is_df(f) && is_there(who, owner_of(f), ref, external))
			return true;
	}
	return false;
}

const struct access_refs iso_access_refs = { .se = stored_at, .exists = exists };
