/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "model/object.h"

#include <stdlib.h>

#include "codec/tlv.h"
#include "model/acl.h"

static struct object **
link_of(struct file *f, uint32_t tag)
{
	struct object **at = &f->objects;

	while (*at && (*at)->tag != tag)
		at = &(*at)->next;
	return at;
}

struct object *
object_find(const struct file *f, uint32_t tag)
{
	struct object *o = f->objects;

	while (o && o->tag != tag)
		o = o->next;
	return o;
}

static bool
in_tag_list(struct view list, uint32_t tag)
{
	uint32_t listed;

	while (tlv_tag_next(&list, &listed)) {
		if (listed == tag)
			return true;
	}
	return false;
}

/*
 * 7816-4, 9.3.3.4: A0 is a tag list (5C) and the rule, compact or expanded, for the
 * objects in it. Bits of the access mode byte: b2 put, b1 get.
 */
static bool
template_rule(const struct file *df, const struct access *who, uint32_t tag, bool put, sw_t *sw)
{
	struct view all = buf_view(&df->others), list, rule;
	uint8_t bit = put ? 0x02 : 0x01;
	struct tlv t;

	while (tlv_next(&all, &t)) {
		if (t.tag != FCP_RULE_OBJECTS || !tlv_find(t.value, 0x5c, &list) ||
		    !in_tag_list(list, tag))
			continue;
		if (tlv_find(t.value, FCP_RULE_COMPACT, &rule))
			*sw = acl_compact(who, df, rule, bit);
		else if (tlv_find(t.value, FCP_RULE_EXPANDED, &rule))
			*sw = acl_expanded(who, df, rule, bit);
		else
			*sw = SW_SECURITY_STATUS;
		return true;
	}
	return false;
}

sw_t
object_check(const struct file *f, const struct access *who, uint32_t tag, bool put)
{
	sw_t sw;

	if (file_kind(f) != FILE_DF && file_kind(f) != FILE_OBJECTS)
		return SW_INCOMPATIBLE_FILE;
	if (!who)
		return SW_OK;
	sw = file_usable(f);
	if (sw != SW_OK)
		return sw;
	if (f->life != FILE_CREATION && template_rule(f, who, tag, put, &sw))
		return sw;
	if (put)
		return acl_ask(who, f, ACL_UPDATE);
	return file_is_df(f) ? SW_OK : acl_ask(who, f, ACL_READ);
}

sw_t
object_get(const struct file *f, const struct access *who, uint32_t tag, struct view *value)
{
	sw_t sw = object_check(f, who, tag, false);
	const struct object *o = object_find(f, tag);

	if (sw != SW_OK)
		return sw;
	if (!o)
		return SW_REFERENCE_NOT_FOUND;
	*value = buf_view(&o->value);
	return SW_OK;
}

static void
drop(struct fs *fs, struct object **link)
{
	struct object *gone = *link;

	*link = gone->next;
	fs_account(fs, gone->value.n, 0);
	buf_free(&gone->value);
	free(gone);
}

static struct object *
new_object(uint32_t tag)
{
	struct object *o = calloc(1, sizeof(*o));

	if (o) {
		o->tag = tag;
		o->value.max = OBJECT_MAX;
	}
	return o;
}

static size_t
count(const struct file *f)
{
	const struct object *o;
	size_t n = 0;

	for (o = f->objects; o; o = o->next)
		n++;
	return n;
}

sw_t
object_set(struct fs *fs, struct file *f, uint32_t tag, struct view value)
{
	struct object **link = link_of(f, tag), *o = *link;
	size_t old = o ? o->value.n : 0;

	if (!fs_room(fs, old, value.n) || (!o && count(f) >= OBJECTS_MAX))
		return SW_NO_MEMORY;
	if (f->has_size && !file_is_df(f) && file_bytes(f) - old + value.n > f->size)
		return SW_NO_MEMORY;
	if (!o)
		o = new_object(tag);
	if (!o)
		return SW_NO_MEMORY;
	if (!buf_set(&o->value, value)) {
		if (!*link)
			free(o);
		return SW_NO_MEMORY;
	}
	*link = o;
	fs_account(fs, old, value.n);
	fs->changed = true;
	return SW_OK;
}

sw_t
object_put(struct fs *fs, struct file *f, const struct access *who, uint32_t tag,
	   struct view value)
{
	sw_t sw = object_check(f, who, tag, true);
	struct object **link = link_of(f, tag);

	if (sw != SW_OK)
		return sw;
	if (value.n > 0)
		return object_set(fs, f, tag, value);
	if (!*link)
		return SW_REFERENCE_NOT_FOUND;
	drop(fs, link);
	fs->changed = true;
	return SW_OK;
}

void
object_drop_all(struct fs *fs, struct file *f)
{
	while (f->objects)
		drop(fs, &f->objects);
}
