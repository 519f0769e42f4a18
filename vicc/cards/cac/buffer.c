/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Objects. Each is two strings of bytes, read apart: the tags and lengths of its members,
 * and their values, one after the other (GSC-IS 2.1, 8.2). Numbers are little-endian.
 */
#include "cards/cac/cac.h"

#include "codec/tlv.h"
#include "model/object.h"

#define BUFFER_MAX 65537 /* bytes, the two in front included */
#define ONE_BYTE 0xfe    /* the most that a length of one byte says */
#define CARD_ID_SIZE 14

#define OBJECTS_PKI 0x51
#define OBJECTS_DATA 0x50

struct buffers {
	struct buf tags, values;
};

static void
put_length(struct buf *out, size_t n)
{
	buf_u8(out, (uint8_t)n);
	buf_u8(out, (uint8_t)(n >> 8));
}

static void
put_member(struct buffers *b, uint8_t tag, struct view value)
{
	buf_u8(&b->tags, tag);
	if (value.n > ONE_BYTE) {
		buf_u8(&b->tags, 0xff);
		put_length(&b->tags, value.n);
	} else {
		buf_u8(&b->tags, (uint8_t)value.n);
	}
	buf_put_view(&b->values, value);
}

/* In front of it, how long it is without that. */
static void
close_buffer(struct buf *b)
{
	struct buf head = BUF(2);

	put_length(&head, b->n);
	if (head.failed)
		b->failed = true;
	else
		buf_insert(b, 0, head.p, head.n);
	buf_free(&head);
}

static void
free_buffers(struct buffers *b)
{
	buf_free(&b->tags);
	buf_free(&b->values);
}

/* --- which objects there are --------------------------------------------------------------- */

bool
cac_object(const struct file *df, size_t i, uint16_t *id)
{
	struct view ids = props_get(&df->props, CAC_FIELD_OBJECTS);
	struct view one = view_slice(ids, 2 * i, 2);

	if (!cac_is(df, &cac_ccc_app) && !cac_is(df, &cac_pki_app) && !cac_is(df, &cac_data_app))
		return false;
	if (ids.n > 0)
		return view_u16(&one, id);
	*id = cac_number(df);
	return i == 0;
}

static bool
is_member(const struct object *o, uint16_t id, bool first)
{
	return o->tag >> 8 == id || (first && o->tag <= 0xff);
}

/* OpenSC stops where the values end: what is empty comes last. */
static void
put_members(const struct file *df, uint16_t id, struct buffers *b)
{
	const struct object *o;
	uint16_t first = 0;
	int empty;

	cac_object(df, 0, &first);
	for (empty = 0; empty < 2; empty++) {
		for (o = df->objects; o; o = o->next) {
			if (is_member(o, id, id == first) && (o->value.n == 0) == empty)
				put_member(b, (uint8_t)o->tag, buf_view(&o->value));
		}
	}
}

static bool
is_empty(const struct file *df)
{
	const struct object *o;

	for (o = df->objects; o && o->value.n == 0; o = o->next)
		;
	return !o;
}

/* --- the card capability container (GSC-IS 2.1, 8.3) ------------------------------------------ */

#define URL_GENERAL 0x01
#define URL_PKI 0x04
#define RID_SIZE 5

static void
put_url(struct buffers *b, const struct file *df, uint8_t type)
{
	struct buf url = BUF(16);

	buf_put_view(&url, view_slice(file_name(df), 0, RID_SIZE));
	buf_u8(&url, type);
	buf_u16(&url, cac_number(df));
	buf_u16(&url, cac_number(df));
	buf_fill(&url, 0, 6);
	put_member(b, 0xf3, buf_view(&url));
	b->values.failed = b->values.failed || url.failed;
	buf_free(&url);
}

static void
put_urls(const struct fs *fs, struct buffers *b, const struct iso_app *app, uint8_t type)
{
	const struct file *f;

	for (f = fs->mf; f; f = fs_walk(fs, f)) {
		if (cac_is(f, app) && file_name(f).n == RID_SIZE + 2 && !is_empty(f))
			put_url(b, f, type);
	}
}

/* RID, manufacturer, kind of card (Java), and the serial number, which is all that tools show. */
static void
put_card_id(const struct iso *c, struct buffers *b)
{
	static const uint8_t head[] = { 0xa0, 0x00, 0x00, 0x00, 0x79, 0x03, 0x02 };
	struct view serial = buf_view(&c->state->serial);
	struct buf id = BUF(sizeof(head) + CARD_ID_SIZE);

	if (serial.n > CARD_ID_SIZE)
		serial = view_slice(serial, serial.n - CARD_ID_SIZE, CARD_ID_SIZE);
	buf_put(&id, head, sizeof(head));
	buf_fill(&id, 0, CARD_ID_SIZE - serial.n);
	buf_put_view(&id, serial);
	put_member(b, 0xf0, buf_view(&id));
	b->values.failed = b->values.failed || id.failed;
	buf_free(&id);
}

static void
put_ccc(const struct iso *c, struct buffers *b)
{
	static const uint8_t version[] = { 0x21 }, nothing[] = { 0x00 }, model[] = { 0x10 };
	static const uint8_t empty[] = { 0xf7, 0xfa, 0xfb, 0xfc, 0xfd, 0xfe };
	static const uint8_t rule[] = {
		0x07, 0xa0, 0x00, 0x00, 0x00, 0x79, 0x03, 0x00, 0, 0, 0, 0, 0, 0, 0, 0, 0,
	};
	size_t i;

	put_card_id(c, b);
	put_member(b, 0xf1, view_of(version, 1));
	put_member(b, 0xf2, view_of(version, 1));
	put_urls(&c->state->fs, b, &cac_pki_app, URL_PKI);
	put_urls(&c->state->fs, b, &cac_data_app, URL_GENERAL);
	put_member(b, 0xf4, view_of(nothing, 1));
	put_member(b, 0xf5, view_of(model, 1));
	put_member(b, 0xf6, view_of(rule, sizeof(rule)));
	for (i = 0; i < sizeof(empty); i++)
		put_member(b, empty[i], view_of(NULL, 0));
}

/* --- READ BUFFER ------------------------------------------------------------------------- */

static void
make_buffers(const struct iso *c, const struct file *df, uint16_t id, struct buffers *b)
{
	*b = (struct buffers) { BUF(BUFFER_MAX), BUF(BUFFER_MAX) };
	if (cac_is(df, &cac_ccc_app))
		put_ccc(c, b);
	else
		put_members(df, id, b);
	close_buffer(&b->tags);
	close_buffer(&b->values);
}

/* From an offset on, as far as there is something; at the end nothing. */
static sw_t
put_slice(const struct buf *b, size_t offset, uint8_t n, struct buf *rsp)
{
	if (b->failed)
		return SW_NO_MEMORY;
	if (offset > b->n)
		return SW_WRONG_P1P2;
	buf_put_view(rsp, view_slice(buf_view(b), offset, n));
	return SW_OK;
}

#define TAGS 0x01
#define VALUES 0x02

sw_t
cac_read_buffer(struct iso *c, const struct apdu *cmd, struct buf *rsp)
{
	struct view data = cmd->data;
	struct buffers b;
	uint8_t type, n;
	sw_t sw;

	if (!view_u8(&data, &type) || !view_u8(&data, &n) || data.n > 0 ||
	    (type != TAGS && type != VALUES))
		return SW_REFERENCE_UNUSABLE;
	if (type == VALUES && field_flag(&iso_df(c)->props, CAC_FIELD_GUARDED)) {
		c->card.note.secret = true;
		if (!cac_pin_is_proven(c))
			return SW_SECURITY_STATUS;
	}
	make_buffers(c, iso_df(c), cac_own(c)->object, &b);
	sw = put_slice(type == TAGS ? &b.tags : &b.values, apdu_p1p2(cmd), n, rsp);
	free_buffers(&b);
	return sw;
}

/* Over a secure channel to the issuer alone, of which nobody has the keys. */
sw_t
cac_update_buffer(struct iso *c, const struct apdu *cmd, struct buf *rsp)
{
	(void)c;
	(void)cmd;
	(void)rsp;
	return SW_SECURITY_STATUS;
}

/* --- GET PROPERTIES ---------------------------------------------------------------------- */

static const uint8_t plain[] = { 0x00 }, one[] = { 0x01 }, always[] = { 0x00 };

/* 42: that they are SIMPLE-TLV, and how long the two strings are. */
static void
put_lengths(const struct iso *c, const struct file *df, uint16_t id, struct buf *out)
{
	struct buffers b;

	make_buffers(c, df, id, &b);
	buf_u8(out, 0x42);
	buf_u8(out, 5);
	buf_u8(out, 0x00);
	put_length(out, b.tags.n);
	put_length(out, b.values.n);
	out->failed = out->failed || b.tags.failed || b.values.failed;
	free_buffers(&b);
}

/*
 * 50 or 51. OpenSC takes an object for one only if this is 17 bytes long, so 50 has, but
 * in the capability container, what cards tell of 51 when asked for all.
 */
static void
put_object_properties(const struct iso *c, const struct file *df, uint16_t id, bool all,
		      struct buf *list)
{
	const uint8_t about[] = { 0x41, 0x02, (uint8_t)(id >> 8), (uint8_t)id };
	const uint8_t key[] = { 0x43, 0x04, 0x06, (uint8_t)(cac_key_size(c, df) / 8), 0x01, 0x01 };
	bool pki = cac_is(df, &cac_pki_app), data = cac_is(df, &cac_data_app);
	struct buf out = BUF(64);

	buf_put(&out, about, sizeof(about));
	put_lengths(c, df, id, &out);
	if (pki)
		buf_put(&out, key, sizeof(key));
	if (data || (pki && all))
		simple_tlv_put(&out, 0x26, view_of(one, 1));
	if (data)
		simple_tlv_put(&out, 0x39, view_of(always, 1));
	simple_tlv_put(list, pki ? OBJECTS_PKI : OBJECTS_DATA, buf_view(&out));
	list->failed = list->failed || out.failed;
	buf_free(&out);
}

static void
put_objects(const struct iso *c, const struct file *df, bool all, struct buf *list)
{
	uint8_t n = 0;
	uint16_t id;

	while (cac_object(df, n, &id))
		n++;
	simple_tlv_put(list, 0x40, view_of(&n, 1));
	for (n = 0; cac_object(df, n, &id); n++)
		put_object_properties(c, df, id, all, list);
}

/* What cards tell of their access control applet beyond the standard. */
static const uint8_t aca_all[] = {
	0x23, 0x0c, 0x20, 0x11, 0, 0, 0, 0, 0, 0, 0, 0, 0x00, 0x58,
	0x2a, 0x02, 0x02, 0x00,
	0x2b, 0x05, 0xa0, 0x00, 0x00, 0x00, 0x79,
	0x22, 0x10, 0x00, 0x00, 0x00, 0xda, 0x01, 0xb4, 0x03, 0x30, 0x00, 0x00, 0x00, 0x70, 0x00,
	0x51, 0x02, 0x9d,
	0x2c, 0x01, 0x00,
	0x20, 0x02, 0x08, 0x01,
	0x21, 0x01, 0x0f,
	0x32, 0x04, 0x03, 0x03, 0x03, 0x03,
	0x30, 0x01, 0x08,
	0x31, 0x04, 0x06, 0x08, 0x00, 0x00,
	0x24, 0x01, 0xff,
	0x25, 0x02, 0x01, 0x00,
	0x26, 0x01, 0x01,
};

/* Family and version of the applet, its objects; asked for all, what real cards tell too. */
static void
put_properties(const struct iso *c, const struct file *df, bool all, struct buf *list)
{
	static const uint8_t container[] = { 0x10, 0x02, 0x06, 0x02, 0x03 };
	static const uint8_t aca[] = { 0x10, 0x02, 0x06, 0x02, 0x02 };
	bool is_aca = cac_is(df, &cac_aca_app);
	struct buf name = BUF(16);

	simple_tlv_put(list, 0x01, view_of(is_aca ? aca : container, sizeof(aca)));
	if (!is_aca)
		put_objects(c, df, all, list);
	if (is_aca && all)
		buf_put(list, aca_all, sizeof(aca_all));
	if (!is_aca && !cac_is(df, &cac_data_app) && all) {
		cac_put_aca_name(&name);
		simple_tlv_put(list, 0x39, view_of(plain, 1));
		simple_tlv_put(list, 0x3a, buf_view(&name));
		list->failed = list->failed || name.failed;
	}
	buf_free(&name);
}

/* Those of a list of tags, in its order; of equal ones the first. */
static sw_t
put_wanted(struct view list, struct view tags, struct buf *rsp)
{
	struct view rest;
	struct tlv t;
	size_t i;

	for (i = 0; i < tags.n; i++) {
		rest = list;
		do {
			if (!simple_tlv_next(&rest, &t))
				return SW_REFERENCE_NOT_FOUND;
		} while (t.tag != tags.p[i]);
		buf_put_view(rsp, t.whole);
	}
	return SW_OK;
}

#define STANDARD 0x01
#define BY_TAG 0x02
#define ALL 0x40

sw_t
cac_get_properties(struct iso *c, const struct apdu *cmd, struct buf *rsp)
{
	struct buf list = BUF(BUFFER_MAX);
	sw_t sw = SW_OK;

	if (cmd->p1 != STANDARD && cmd->p1 != BY_TAG && cmd->p1 != ALL)
		return SW_WRONG_P1P2;
	if ((cmd->data.n > 0) != (cmd->p1 == BY_TAG))
		return SW_REFERENCE_UNUSABLE;
	put_properties(c, iso_df(c), cmd->p1 == ALL, &list);
	if (list.failed)
		sw = SW_NO_MEMORY;
	else if (cmd->p1 == BY_TAG)
		sw = put_wanted(buf_view(&list), cmd->data, rsp);
	else
		buf_put_view(rsp, buf_view(&list));
	buf_free(&list);
	return sw;
}
