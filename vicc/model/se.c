/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "model/se.h"

#include "codec/tlv.h"

#include <string.h>

static const uint8_t tags[SE_CRTS] = {
	[SE_AT] = 0xa4,  [SE_KAT] = 0xa6, [SE_HT] = 0xaa,  [SE_CCT] = 0xb4,
	[SE_DST] = 0xb6, [SE_CT] = 0xb8,  [SE_ANY] = 0x00,
};

bool
se_crt_of(uint8_t tag, enum se_crt *out)
{
	size_t i;

	for (i = 0; i < SE_CRTS; i++) {
		if (tags[i] == tag) {
			*out = (enum se_crt)i;
			return true;
		}
	}
	return false;
}

uint8_t
se_tag(enum se_crt crt)
{
	return tags[crt];
}

void
se_clear(struct se *se)
{
	size_t i, use;

	for (i = 0; i < SE_CRTS; i++) {
		for (use = 0; use < SE_USES; use++)
			buf_free(&se->crt[i][use]);
	}
	explicit_bzero(se, sizeof(*se));
}

struct view
se_template(const struct se *se, enum se_crt crt, enum se_use use)
{
	return buf_view(&se->crt[crt][use]);
}

bool
se_get(const struct se *se, enum se_crt crt, enum se_use use, uint8_t tag, struct view *value)
{
	return tlv_find(se_template(se, crt, use), tag, value) && value->n > 0;
}

size_t
se_size(const struct se *se)
{
	size_t i, use, n = 0;

	for (i = 0; i < SE_CRTS; i++) {
		for (use = 0; use < SE_USES; use++)
			n += se->crt[i][use].n;
	}
	return n;
}

bool
se_is_empty(const struct se *se)
{
	return se_size(se) == 0;
}

/* Append the objects of from whose tags are not in but. */
static void
put_all_but(struct buf *out, struct view from, struct view but)
{
	struct tlv t;
	struct view ignored;

	while (tlv_next(&from, &t)) {
		if (!tlv_find(but, t.tag, &ignored))
			buf_put_view(out, t.whole);
	}
}

/* What stays of the old ones, then the new ones, of those the last of each tag. */
static void
merge(struct buf *out, struct view old, struct view objects)
{
	struct view rest = objects;
	struct tlv t;
	struct view later;

	put_all_but(out, old, objects);
	while (tlv_next(&rest, &t)) {
		if (!tlv_find(rest, t.tag, &later))
			buf_put_view(out, t.whole);
	}
}

sw_t
se_set(struct se *se, uint8_t uses, enum se_crt crt, struct view objects)
{
	struct buf fresh[SE_USES];
	bool failed = false;
	size_t i;

	if (objects.n == 0 || !tlv_valid(objects))
		return SW_WRONG_DATA;
	if (objects.n > SE_TEMPLATE_MAX)
		return SW_NO_MEMORY;
	for (i = 0; i < SE_USES; i++) {
		fresh[i] = (struct buf)BUF(SE_TEMPLATE_MAX);
		if (!(uses & 0x80 >> i))
			continue;
		merge(&fresh[i], buf_view(&se->crt[crt][i]), objects);
		failed = failed || fresh[i].failed;
	}
	for (i = 0; i < SE_USES; i++) {
		if (failed || !(uses & 0x80 >> i)) {
			buf_free(&fresh[i]);
			continue;
		}
		buf_free(&se->crt[crt][i]);
		se->crt[crt][i] = fresh[i];
	}
	return failed ? SW_NO_MEMORY : SW_OK;
}

bool
se_copy(struct se *to, const struct se *from)
{
	struct se fresh = { .number = from->number };
	bool failed = false;
	size_t i, use;

	for (i = 0; i < SE_CRTS; i++) {
		for (use = 0; use < SE_USES; use++) {
			fresh.crt[i][use].max = SE_TEMPLATE_MAX;
			buf_put_view(&fresh.crt[i][use], buf_view(&from->crt[i][use]));
			failed = failed || fresh.crt[i][use].failed;
		}
	}
	if (failed) {
		se_clear(&fresh);
		return false;
	}
	se_clear(to);
	*to = fresh;
	return true;
}
