/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Where access rules find the environments, PINs and keys that they name. */
#include "iso/iso.h"

uint32_t
iso_se_owner(const struct file *df)
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
		se = sam_se_find(sam_of(who), iso_se_owner(f), number);
		if (se) {
			*at = se_template(se, SE_AT, SE_CHECK);
			return true;
		}
	}
	return false;
}

static bool
of_owner(const struct access *who, uint32_t owner, uint8_t ref, bool external, uint8_t *number)
{
	const struct sam_key *key = external ? sam_key_find(sam_of(who), owner, ref & 0x7f) : NULL;
	const struct sam_pin *pin = external ? NULL : sam_pin_find(sam_of(who), owner, ref & 0x1f);

	if (!key && !pin)
		return false;
	if (key)
		*number = key->ref;
	else
		*number = pin->apart >> (ref & 0x1f) & 1 ? ref & 0x1f : pin->ref;
	return true;
}

static bool
find_reference(const struct access *who, const struct file *f, uint8_t ref, bool external,
     struct reference *out)
{
	out->df = NULL;
	if (!iso_ref_is_local(ref))
		return of_owner(who, 0, ref, external, &out->number);
	for (; f; f = f->parent) {
		if (file_is_df(f) && of_owner(who, f->uid, ref, external, &out->number)) {
			out->df = f;
			return true;
		}
	}
	return false;
}

const struct access_refs iso_access_refs = { .se = stored_at, .find = find_reference };
