/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Data objects (ISO/IEC 7816-4, 11.4). */
#include "iso/iso.h"

#include <stdlib.h>

#include "codec/tlv.h"
#include "codec/tlv_index.h"
#include "iso/key.h"
#include "model/object.h"

#define ALL_BER 0x00ff    /* P1 P2: all objects of the kind, each with tag and length */
#define ALL_SIMPLE 0x02ff
#define CURRENT_DF 0x3fff /* P1 P2 of the odd instructions, and FID in DO 51 */

#define DO_FILE 0x51u
#define DO_TAG_LIST 0x5cu
#define DO_HEADER_LIST 0x5du
#define DO_EXTENDED_LIST 0x4du

#define NESTING_MAX 8
#define WHOLE_00 0x00 /* lengths in a header list that mean all of the object */
#define WHOLE_80 0x80

static bool
is_simple(uint32_t tag)
{
	return tag >> 8 == OBJECT_SIMPLE >> 8;
}

static bool
is_private(uint32_t tag)
{
	return tag >> 8 == OBJECT_PRIVATE >> 8;
}

/* --- even: P1 P2 are the tag (11.4.2) ------------------------------------------------- */

/* 0040..00FE, 4000..FFFF: a whole BER-TLV tag; 0100..01FF; 0201..02FE, and both for all. */
static bool
tag_of(uint16_t p1p2, uint32_t *tag)
{
	uint8_t high = (uint8_t)(p1p2 >> 8), low = (uint8_t)p1p2;

	*tag = p1p2;
	if (high == 0x00)
		return p1p2 == ALL_BER || (low >= 0x40 && low <= 0xfe && (low & 0x1f) != 0x1f);
	if (is_private(p1p2) || p1p2 == ALL_SIMPLE)
		return true;
	if (is_simple(p1p2))
		return low >= 0x01 && low <= 0xfe;
	return high >= 0x40 && (high & 0x1f) == 0x1f && !(low & 0x80);
}

/* A TLV EF when one is current; what is private to the application is always the DF's. */
static struct file *
context(struct iso *c, uint32_t tag)
{
	struct file *ef = iso_ef(c);

	if (ef && file_kind(ef) == FILE_OBJECTS && !is_private(tag))
		return ef;
	return iso_df(c);
}

/* A BER-TLV EF holds no SIMPLE-TLV objects, and the other way round. */
static bool
may_hold(const struct file *f, uint32_t tag)
{
	if (file_is_df(f))
		return true;
	return ((f->descriptor[0] & 0x3f) == 0x3a) == is_simple(tag);
}

static void
put_object(struct buf *rsp, uint32_t tag, struct view value)
{
	if (is_simple(tag))
		simple_tlv_put(rsp, (uint8_t)tag, value);
	else
		tlv_put(rsp, tag, value);
}

/* Those of one kind that may be read. */
static sw_t
get_all(struct iso *c, const struct file *f, bool simple, struct buf *rsp)
{
	const struct object *o;

	for (o = f->objects; o; o = o->next) {
		if (is_private(o->tag) || is_simple(o->tag) != simple ||
		    object_check(f, &c->x.who, o->tag, false) != SW_OK)
			continue;
		put_object(rsp, o->tag, buf_view(&o->value));
	}
	return rsp->n > 0 ? SW_OK : SW_REFERENCE_NOT_FOUND;
}

/* The control parameters of what is selected can be had as an object, too. */
static bool
get_control(struct iso *c, uint32_t tag, struct buf *rsp)
{
	const struct file *f = iso_ef(c) ? iso_ef(c) : iso_df(c);

	if ((tag != FCP_TEMPLATE && tag != FCI_TEMPLATE) || object_find(context(c, tag), tag))
		return false;
	file_fcp(f, rsp);
	return true;
}

sw_t
iso_object(struct iso *c, struct file *f, uint32_t tag, const struct view *put, struct buf *rsp)
{
	struct view value;
	sw_t sw;

	if (put)
		return object_put(&c->state->fs, f, &c->x.who, tag, *put);
	sw = object_get(f, &c->x.who, tag, &value);
	if (sw == SW_OK)
		buf_put_view(rsp, value);
	return sw;
}

sw_t
iso_get_data(struct iso *c, const struct apdu *cmd, struct buf *rsp)
{
	struct file *f;
	uint32_t tag;

	if (!tag_of(apdu_p1p2(cmd), &tag))
		return SW_WRONG_P1P2;
	f = context(c, tag);
	if (tag == ALL_BER || tag == ALL_SIMPLE)
		return get_all(c, f, tag == ALL_SIMPLE, rsp);
	if (get_control(c, tag, rsp))
		return SW_OK;
	return iso_hooks(c)->object(c, f, tag, NULL, rsp);
}

sw_t
iso_put_data(struct iso *c, const struct apdu *cmd, struct buf *rsp)
{
	struct file *f;
	uint32_t tag;

	if (!tag_of(apdu_p1p2(cmd), &tag))
		return SW_WRONG_P1P2;
	f = context(c, tag);
	if (!may_hold(f, tag))
		return SW_INCOMPATIBLE_FILE;
	if (tag == ALL_BER || tag == ALL_SIMPLE)
		return object_put_all(&c->state->fs, f, &c->x.who, cmd->data, tag == ALL_SIMPLE);
	return iso_hooks(c)->object(c, f, tag, &cmd->data, rsp);
}

/* --- odd: the data say what, P1 P2 where (11.4.3) ------------------------------------- */

static sw_t
find_by(struct iso *c, enum fs_how how, struct view data, struct file **f)
{
	struct selector what = { .how = how, .data = data };

	return fs_find(&c->state->fs, &c->x.ch->at, &what, f);
}

/* 7816-4, 7.4.2: nothing the MF, one byte an SFI, two a FID, more a path. */
static sw_t
by_reference(struct iso *c, struct view v, struct file **f)
{
	struct view rest = v;
	uint16_t first = 0;
	uint8_t sfi;

	if (v.n == 0) {
		*f = c->state->fs.mf;
		return SW_OK;
	}
	if (v.n == 1) {
		view_u8(&rest, &sfi);
		*f = fs_child_by_sfi(iso_df(c), sfi >> 3);
		return *f ? SW_OK : SW_FILE_NOT_FOUND;
	}
	view_u16(&rest, &first);
	if (v.n == 2 && first != CURRENT_DF)
		return find_by(c, FS_BY_FID, v, f);
	*f = iso_df(c);
	if (first == FILE_FID_MF)
		return find_by(c, FS_PATH_FROM_MF, v, f);
	if (first == CURRENT_DF)
		return rest.n > 0 ? find_by(c, FS_PATH_FROM_DF, rest, f) : SW_OK;
	return find_by(c, FS_PATH_FROM_DF, v, f);
}

/* The file, and what is left of the data once a reference to another is taken off. */
static sw_t
object_target(struct iso *c, const struct apdu *cmd, struct view *data, struct file **f)
{
	struct view rest = cmd->data;
	struct tlv t;

	*data = cmd->data;
	if (tlv_next(&rest, &t) && t.tag == DO_FILE) {
		*data = rest;
		return by_reference(c, t.value, f);
	}
	if (apdu_p1p2(cmd) == CURRENT_DF || apdu_p1p2(cmd) == FILE_FID_MF) {
		*f = apdu_p1p2(cmd) == CURRENT_DF ? iso_df(c) : c->state->fs.mf;
		return SW_OK;
	}
	return iso_ef_by_p1p2(c, cmd, f);
}

/* Each with tag and length; an empty list is all there are. */
static sw_t
get_tags(struct iso *c, struct file *f, struct view list, struct buf *rsp)
{
	bool simple = !file_is_df(f) && may_hold(f, OBJECT_SIMPLE);
	struct buf value = BUF(rsp->max);
	uint32_t tag;
	uint8_t byte;
	sw_t sw = SW_OK;

	if (list.n == 0)
		return get_all(c, f, simple, rsp);
	while (list.n > 0 && !rsp->failed && (sw == SW_OK || sw == SW_REFERENCE_NOT_FOUND)) {
		if (simple && view_u8(&list, &byte))
			tag = OBJECT_SIMPLE | byte;
		else if (!tlv_tag_next(&list, &tag)) {
			sw = SW_WRONG_DATA;
			break;
		}
		buf_reset(&value);
		sw = iso_hooks(c)->object(c, f, tag, NULL, &value);
		if (sw == SW_OK)
			put_object(rsp, tag, buf_view(&value));
	}
	rsp->failed = rsp->failed || value.failed;
	buf_free(&value);
	return rsp->n > 0 && sw == SW_REFERENCE_NOT_FOUND ? SW_OK : sw;
}

/* A tag and a length, of which 80 is no length field of an object. */
static bool
header_next(struct view *list, uint32_t *tag, size_t *n, bool *whole)
{
	uint8_t byte;

	if (!tlv_tag_next(list, tag) || list->n == 0)
		return false;
	*whole = list->p[0] == WHOLE_00 || list->p[0] == WHOLE_80;
	return *whole ? view_u8(list, &byte) : tlv_length_next(list, n);
}

/* 7816-4, 8.4.6: the values alone, one behind the other, as long as asked for. */
static sw_t
get_headers(struct iso *c, struct file *f, struct view list, struct buf *rsp)
{
	sw_t sw = SW_OK;
	uint32_t tag;
	size_t n, mark;
	bool whole;

	while (list.n > 0 && !rsp->failed && sw == SW_OK) {
		if (!header_next(&list, &tag, &n, &whole))
			return SW_WRONG_DATA;
		mark = rsp->n;
		sw = iso_hooks(c)->object(c, f, tag, NULL, rsp);
		if (!whole && rsp->n > mark + n)
			buf_cut(rsp, mark + n);
	}
	return sw;
}

/* Where an extended header list takes its objects from, and puts them. */
struct extraction {
	const struct iso *c;
	const struct file *f;
	struct buf *rsp;
};

static sw_t nested(const struct extraction *x, struct view list, struct tlv_index *objects,
		   unsigned depth);

/* One object as its header wants it: whole, the beginning, or what a nested list leaves of it. */
static sw_t
extract(const struct extraction *x, struct tlv_entry *e, struct view *list, unsigned depth)
{
	struct view inner, value = e->value;
	struct tlv_index *inside;
	struct buf *rsp = x->rsp;
	size_t n = 0, mark;
	uint32_t same;
	bool whole;
	sw_t sw;

	if (!header_next(list, &same, &n, &whole))
		return SW_WRONG_DATA;
	if (whole || !tlv_constructed(e->tag)) {
		tlv_put(rsp, e->tag, view_slice(value, 0, whole ? value.n : n));
		return SW_OK;
	}
	if (depth == NESTING_MAX || !view_take(list, n, &inner))
		return SW_WRONG_DATA;
	inside = tlv_index_inside(e);
	if (!inside)
		return SW_NO_MEMORY;
	mark = tlv_open(rsp, e->tag);
	sw = nested(x, inner, inside, depth + 1);
	tlv_close(rsp, mark);
	return sw;
}

/* Of the file's own objects each has its rule; what is in one comes with it. */
static sw_t
nested(const struct extraction *x, struct view list, struct tlv_index *objects, unsigned depth)
{
	struct tlv_entry *e;
	struct view rest;
	uint32_t tag;
	sw_t sw = SW_OK;

	while (list.n > 0 && sw == SW_OK && !x->rsp->failed) {
		rest = list;
		if (!tlv_tag_next(&rest, &tag))
			return SW_WRONG_DATA;
		if (depth == 0)
			sw = object_check(x->f, &x->c->x.who, tag, false);
		if (sw != SW_OK)
			return sw;
		e = tlv_index_find(objects, tag);
		sw = e ? extract(x, e, &list, depth) : SW_REFERENCE_NOT_FOUND;
	}
	return sw;
}

/* NULL: no memory. */
static struct tlv_index *
index_of(const struct file *f)
{
	struct tlv *all = calloc(OBJECTS_MAX, sizeof(*all));
	struct tlv_index *ix;
	const struct object *o;
	size_t n = 0;

	if (!all)
		return NULL;
	for (o = f->objects; o && n < OBJECTS_MAX; o = o->next)
		all[n++] = (struct tlv) { .tag = o->tag, .value = buf_view(&o->value) };
	ix = tlv_index_of(all, n);
	free(all);
	return ix;
}

/* 7816-4, 8.4.7: with tags and lengths, down to what is asked for. */
static sw_t
get_extended(struct iso *c, const struct file *f, struct view list, struct buf *rsp)
{
	const struct extraction x = { .c = c, .f = f, .rsp = rsp };
	struct tlv_index *objects = index_of(f);
	sw_t sw = objects ? nested(&x, list, objects, 0) : SW_NO_MEMORY;

	tlv_index_free(objects);
	return sw;
}

sw_t
iso_get_data_odd(struct iso *c, const struct apdu *cmd, struct buf *rsp)
{
	struct file *f;
	struct view data;
	struct tlv t;
	sw_t sw = object_target(c, cmd, &data, &f);

	if (sw != SW_OK)
		return sw;
	if (!file_is_df(f) && file_kind(f) != FILE_OBJECTS)
		return SW_INCOMPATIBLE_FILE;
	if (!tlv_next(&data, &t) || data.n > 0)
		return SW_WRONG_DATA;
	switch (t.tag) {
	case DO_TAG_LIST:
		return get_tags(c, f, t.value, rsp);
	case DO_HEADER_LIST:
		return get_headers(c, f, t.value, rsp);
	case DO_EXTENDED_LIST:
		return get_extended(c, f, t.value, rsp);
	}
	return SW_FUNCTION_NOT_SUPPORTED;
}

sw_t
iso_put_data_odd(struct iso *c, const struct apdu *cmd, struct buf *rsp)
{
	struct file *f;
	struct view data;
	sw_t sw;

	(void)rsp;
	/* 7816-8, annex: keys come this way, too */
	if (apdu_p1p2(cmd) == CURRENT_DF && iso_is_key(cmd->data))
		return iso_import_key(c, cmd->data);
	sw = object_target(c, cmd, &data, &f);
	if (sw != SW_OK)
		return sw;
	if (!file_is_df(f) && file_kind(f) != FILE_OBJECTS)
		return SW_INCOMPATIBLE_FILE;
	return object_put_all(&c->state->fs, f, &c->x.who, data,
			      !file_is_df(f) && may_hold(f, OBJECT_SIMPLE));
}
