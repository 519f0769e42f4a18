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
		return check_access(who, f, ACL_UPDATE);
	return file_is_df(f) ? SW_OK : check_access(who, f, ACL_READ);
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

/* --- change --------------------------------------------------------------------------- */

static void
drop_object(struct fs *fs, struct object **link)
{
	struct object *gone = *link;

	*link = gone->next;
	fs_account(fs, gone->value.n, 0);
	buf_free(&gone->value);
	free(gone);
}

static void
free_list(struct object *list)
{
	struct object *next;

	for (; list; list = next) {
		next = list->next;
		buf_free(&list->value);
		free(list);
	}
}

/* One more at the end of a list of what is to be put; end is the link that it hangs from. */
static bool
stage(struct object ***end, uint32_t tag, struct view value)
{
	struct object *o = calloc(1, sizeof(*o));

	if (!o)
		return false;
	o->tag = tag;
	o->value.max = OBJECT_MAX;
	if (!buf_set(&o->value, value)) {
		free(o);
		return false;
	}
	**end = o;
	*end = &o->next;
	return true;
}

static size_t
count_objects(const struct object *list)
{
	size_t n = 0;

	for (; list; list = list->next)
		n++;
	return n;
}

/* Whether all of them go in; one that comes twice counts twice. */
static bool
has_room(const struct fs *fs, const struct file *f, const struct object *staged)
{
	size_t old = 0, new = 0;
	const struct object *o, *before;

	if (count_objects(f->objects) + count_objects(staged) > OBJECTS_MAX)
		return false;
	for (o = staged; o; o = o->next) {
		before = object_find(f, o->tag);
		old += before ? before->value.n : 0;
		new += o->value.n;
	}
	if (new > old && f->has_size && !file_is_df(f) && file_bytes(f) + (new - old) > f->size)
		return false;
	return fs_room(fs, old, new);
}

/* Cannot fail: each replaces the one with its tag, or hangs itself at the end. */
static void
adopt_objects(struct fs *fs, struct file *f, struct object *staged)
{
	struct object **link, *next;

	for (; staged; staged = next) {
		next = staged->next;
		link = link_of(f, staged->tag);
		staged->next = *link ? (*link)->next : NULL;
		fs_account(fs, *link ? (*link)->value.n : 0, staged->value.n);
		if (*link) {
			(*link)->next = NULL;
			free_list(*link);
		}
		*link = staged;
	}
	fs->changed = true;
}

/* The list is the function's own from now on. */
static sw_t
put_staged(struct fs *fs, struct file *f, struct object *staged)
{
	if (!has_room(fs, f, staged)) {
		free_list(staged);
		return SW_NO_MEMORY;
	}
	adopt_objects(fs, f, staged);
	return SW_OK;
}

sw_t
object_set(struct fs *fs, struct file *f, uint32_t tag, struct view value)
{
	struct object *staged = NULL, **end = &staged;

	return stage(&end, tag, value) ? put_staged(fs, f, staged) : SW_NO_MEMORY;
}

static sw_t
remove_one(struct fs *fs, struct file *f, uint32_t tag)
{
	struct object **link = link_of(f, tag);

	if (!*link)
		return SW_REFERENCE_NOT_FOUND;
	drop_object(fs, link);
	fs->changed = true;
	return SW_OK;
}

sw_t
object_put(struct fs *fs, struct file *f, const struct access *who, uint32_t tag,
	   struct view value)
{
	sw_t sw = object_check(f, who, tag, true);

	if (sw != SW_OK)
		return sw;
	return value.n > 0 ? object_set(fs, f, tag, value) : remove_one(fs, f, tag);
}

bool
object_next(struct view *in, bool simple, uint32_t *tag, struct view *value)
{
	struct tlv t;

	if (simple ? !simple_tlv_next(in, &t) : !tlv_next(in, &t))
		return false;
	*tag = simple ? OBJECT_SIMPLE | t.tag : t.tag;
	*value = t.value;
	return true;
}

sw_t
object_put_all(struct fs *fs, struct file *f, const struct access *who, struct view objects,
	       bool simple)
{
	struct object *staged = NULL, **end = &staged;
	struct view value;
	size_t n = 0;
	uint32_t tag;
	sw_t sw = objects.n > 0 ? SW_OK : SW_WRONG_DATA;

	while (sw == SW_OK && object_next(&objects, simple, &tag, &value)) {
		sw = object_check(f, who, tag, true);
		if (sw == SW_OK && (n++ == OBJECTS_MAX || !stage(&end, tag, value)))
			sw = SW_NO_MEMORY;
	}
	if (sw == SW_OK && objects.n > 0)
		sw = SW_WRONG_DATA;
	if (sw == SW_OK)
		return put_staged(fs, f, staged);
	free_list(staged);
	return sw;
}

void
object_drop_all(struct fs *fs, struct file *f)
{
	while (f->objects)
		drop_object(fs, &f->objects);
}
