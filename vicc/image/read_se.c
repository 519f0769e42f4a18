/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Security environments. */
#include "image/reading.h"

#include <string.h>

#include "base/hex.h"
#include "image/text.h"
#include "model/se.h"

struct se_in {
	struct se se;
	struct buf comment;
	size_t number;
};

/* A key such as B6_make: template and use. */
static bool
parse_template_name(const char *key, enum se_crt *crt, unsigned *use)
{
	struct buf tag = BUF(1);
	bool ok = strlen(key) > 3 && key[2] == '_' && hex_read_n(&tag, key, 2) && tag.n == 1 &&
		  se_crt_of(tag.p[0], crt);

	buf_free(&tag);
	for (*use = 0; ok && image_se_uses[*use]; (*use)++) {
		if (strcmp(key + 3, image_se_uses[*use]) == 0)
			return true;
	}
	return false;
}

static bool
read_template(struct json_reader *r, const json_t *v, const struct json_field *f, void *into)
{
	struct se *se = into;
	struct buf objects;
	enum se_crt crt;
	unsigned use;
	sw_t sw;

	(void)f;
	if (!parse_template_name(r->key, &crt, &use))
		return json_refuse(r,
				   "expected a template and its use: A4, A6, AA, B4, B6, B8 or 00, "
				   "and _check, _make, _sm_response or _sm_command");
	if (!json_bytes(r, v, 1, SE_TEMPLATE_MAX, &objects))
		return false;
	sw = se_set(se, (uint8_t)(0x80 >> use), crt, buf_view(&objects));
	buf_free(&objects);
	return sw == SW_OK || r->unread || json_refuse(r, "expected data objects");
}

static bool
read_templates(struct json_reader *r, const json_t *v, const struct json_field *f, void *into)
{
	(void)f;
	return json_read_map(r, v, read_template, into);
}

static const struct json_field se_table[] = {
	{ "comment", json_read_comment, .at = offsetof(struct se_in, comment),
	  .max = SAM_COMMENT_MAX },
	{ "number", json_read_size, .at = offsetof(struct se_in, number), .max = 255,
	  .needed = true },
	{ "templates", read_templates, .at = offsetof(struct se_in, se) },
	JSON_END
};

static bool
add_se(struct json_reader *r, struct se_in *in, const struct owner *owner)
{
	struct sam *sam = &owner->state->sam;
	struct sam_se *last = sam->ses;

	if (sam_se_find(sam, owner->uid, (uint8_t)in->number))
		return json_refuse(r, "environment %zu is there twice", in->number);
	if (!sam_se_store(sam, owner->uid, (uint8_t)in->number, &in->se))
		return json_refuse(r, "out of memory, or more than %d environments",
				   SAM_ENTRIES_MAX);
	for (last = sam->ses; last->next; last = last->next)
		;
	last->comment = in->comment;
	in->comment = (struct buf) BUF(0);
	return true;
}

static bool
read_se(struct json_reader *r, const json_t *v, const struct json_field *f, void *into)
{
	struct se_in in = { .number = 0 };
	bool ok = json_read_object(r, v, se_table, &in) && add_se(r, &in, into);

	(void)f;
	se_clear(&in.se);
	buf_free(&in.comment);
	return ok;
}

bool
image_read_ses(struct json_reader *r, const json_t *v, const struct json_field *f, void *into)
{
	(void)f;
	return json_read_list(r, v, read_se, into);
}
