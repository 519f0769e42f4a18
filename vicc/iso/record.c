/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Records (ISO/IEC 7816-4, 11.3). */
#include "iso/iso.h"

#include <string.h>

#include "codec/tlv.h"
#include "model/record.h"

#define P1_RFU 0xff      /* the number that no record has */
#define MODE(cmd) ((enum record_mode)((cmd)->p2 & 7))
#define DO_DATA 0x53u

/* b8 to b4 of P2: the file; then may who do that with it? */
static sw_t
record_target(struct iso *c, const struct apdu *cmd, enum acl_op op, struct file **ef)
{
	sw_t sw = cmd->p1 == P1_RFU ? SW_WRONG_P1P2 : iso_ef_by_sfi(c, cmd->p2 >> 3, ef);

	return sw == SW_OK ? file_check(*ef, &c->x.who, FILE_RECORDS, op) : sw;
}

/* One record out of the modes up to most; others are 6A86 before anything else. */
static sw_t
one(struct iso *c, const struct apdu *cmd, enum acl_op op, struct file **ef, size_t *number)
{
	sw_t sw;

	if (MODE(cmd) > RECORD_NUMBER)
		return SW_WRONG_P1P2;
	sw = record_target(c, cmd, op, ef);
	return sw == SW_OK ? record_find(*ef, &c->x.ch->at, cmd->p1, MODE(cmd), number) : sw;
}

/* From a record on: P1, or the current one. */
static sw_t
from(struct iso *c, const struct apdu *cmd, const struct file *ef, size_t *number)
{
	return record_find(ef, &c->x.ch->at, cmd->p1, RECORD_NUMBER, number);
}

/* --- READ ----------------------------------------------------------------------------- */

/* Le of all zero asks for what there is. */
static sw_t
le_sw(const struct apdu *cmd, size_t n)
{
	return cmd->ne > n && cmd->le_raw != 0 ? SW_END_OF_FILE : SW_OK;
}

static sw_t
read_one(struct iso *c, const struct apdu *cmd, struct buf *rsp)
{
	struct file *ef;
	struct view v = { 0 };
	size_t number;
	sw_t sw = one(c, cmd, ACL_READ, &ef, &number);

	if (sw == SW_OK)
		sw = record_read(ef, &c->x.who, number, &v);
	if (sw != SW_OK)
		return sw;
	/* what one byte cannot say comes in parts, with 61XX */
	if (cmd->ne > 0 && cmd->ne < v.n && v.n <= 256)
		return (sw_t)(SW_WRONG_LE | (v.n & 0xff));
	buf_put_view(rsp, v);
	return le_sw(cmd, v.n);
}

static sw_t
read_many(struct iso *c, const struct apdu *cmd, struct buf *rsp)
{
	bool down = MODE(cmd) == RECORD_FROM_LAST;
	struct file *ef;
	struct view v;
	size_t first, i, number;
	sw_t sw = record_target(c, cmd, ACL_READ, &ef);

	if (sw == SW_OK)
		sw = from(c, cmd, ef, &first);
	if (sw != SW_OK)
		return sw;
	for (i = first; i <= ef->n_records && sw == SW_OK; i++) {
		number = down ? ef->n_records - (i - first) : i;
		sw = record_read(ef, &c->x.who, number, &v);
		if (sw == SW_OK)
			buf_put_view(rsp, v);
	}
	return sw == SW_OK ? le_sw(cmd, rsp->n) : sw;
}

sw_t
iso_read_record(struct iso *c, const struct apdu *cmd, struct buf *rsp)
{
	if (MODE(cmd) > RECORD_FROM_LAST)
		return SW_WRONG_P1P2;
	return MODE(cmd) > RECORD_NUMBER ? read_many(c, cmd, rsp) : read_one(c, cmd, rsp);
}

/* A part of a record, in 53, as much of it as the answer has room for. */
sw_t
iso_read_record_odd(struct iso *c, const struct apdu *cmd, struct buf *rsp)
{
	size_t number, n, most = iso_room_in_53(cmd->ne ? cmd->ne : APDU_NE_MAX);
	struct iso_offset_data in;
	struct file *ef;
	struct view v;
	sw_t sw = one(c, cmd, ACL_READ, &ef, &number);

	if (sw == SW_OK)
		sw = record_read(ef, &c->x.who, number, &v);
	if (sw != SW_OK)
		return sw;
	if (!iso_offset_data(cmd->data, &in) || in.n_offsets != 1 || in.has_data)
		return SW_WRONG_DATA;
	if (in.offset[0] >= v.n)
		return SW_WRONG_OFFSET;
	if (most == 0)
		return SW_WRONG_LENGTH;
	n = v.n - in.offset[0];
	tlv_put(rsp, DO_DATA, view_slice(v, in.offset[0], most));
	return n < most && cmd->ne > 0 && cmd->le_raw != 0 ? SW_END_OF_FILE : SW_OK;
}

/* --- WRITE, UPDATE, APPEND, ERASE ----------------------------------------------------- */

/* 7816-4, 11.3.4: in a cyclic EF what stands before number 1 is a new number 1. */
static bool
is_append(const struct file *ef, const struct apdu *cmd)
{
	return MODE(cmd) == RECORD_PREVIOUS && file_is_cyclic(ef);
}

static sw_t
append_record(struct iso *c, const struct apdu *cmd, struct file *ef, enum acl_op op)
{
	size_t number;
	sw_t sw = record_append(&c->state->fs, ef, &c->x.who, op, cmd->data, &number);

	if (sw == SW_OK)
		c->x.ch->at.record = number;
	return sw;
}

sw_t
iso_write_record(struct iso *c, const struct apdu *cmd, struct buf *rsp)
{
	struct record_part all = { .op = ACL_WRITE, .data = cmd->data };
	struct file *ef;
	sw_t sw = MODE(cmd) > RECORD_NUMBER ? SW_WRONG_P1P2 : record_target(c, cmd, ACL_WRITE, &ef);

	(void)rsp;
	if (sw == SW_OK && is_append(ef, cmd))
		return append_record(c, cmd, ef, ACL_WRITE);
	if (sw == SW_OK)
		sw = record_find(ef, &c->x.ch->at, cmd->p1, MODE(cmd), &all.number);
	if (sw != SW_OK)
		return sw;
	if (cmd->data.n != record_view(ef, all.number).n)
		return SW_WRONG_LENGTH;
	all.how = file_write_mode(ef);
	return record_write(&c->state->fs, ef, &c->x.who, &all);
}

sw_t
iso_update_record(struct iso *c, const struct apdu *cmd, struct buf *rsp)
{
	struct file *ef;
	size_t number;
	sw_t sw =
		MODE(cmd) > RECORD_NUMBER ? SW_WRONG_P1P2 : record_target(c, cmd, ACL_UPDATE, &ef);

	(void)rsp;
	if (sw == SW_OK && is_append(ef, cmd))
		return append_record(c, cmd, ef, ACL_UPDATE);
	if (sw == SW_OK)
		sw = record_find(ef, &c->x.ch->at, cmd->p1, MODE(cmd), &number);
	return sw == SW_OK ? record_update(&c->state->fs, ef, &c->x.who, number, cmd->data) : sw;
}

/* Into a part of a record, by number. */
static sw_t
write_part(struct iso *c, const struct apdu *cmd, enum acl_op op, int how)
{
	struct record_part part = { .op = op };
	struct iso_offset_data in;
	struct file *ef;
	sw_t sw = record_target(c, cmd, op, &ef);

	if (sw == SW_OK)
		sw = from(c, cmd, ef, &part.number);
	if (sw != SW_OK)
		return sw;
	if (!iso_offset_data(cmd->data, &in) || in.n_offsets != 1 || !in.has_data)
		return SW_WRONG_DATA;
	part.offset = in.offset[0];
	part.data = in.data;
	part.how = how < 0 ? file_write_mode(ef) : (enum file_write)how;
	return record_write(&c->state->fs, ef, &c->x.who, &part);
}

sw_t
iso_write_record_odd(struct iso *c, const struct apdu *cmd, struct buf *rsp)
{
	(void)rsp;
	if (MODE(cmd) != RECORD_NUMBER)
		return SW_WRONG_P1P2;
	return write_part(c, cmd, ACL_WRITE, -1);
}

sw_t
iso_update_record_odd(struct iso *c, const struct apdu *cmd, struct buf *rsp)
{
	/* 7816-4, 11.3.5: b3 and what b2 b1 say then */
	static const enum file_write how[] = { FILE_REPLACE, FILE_AND, FILE_OR, FILE_XOR };

	(void)rsp;
	if (!(cmd->p2 & 4))
		return SW_WRONG_P1P2;
	return write_part(c, cmd, ACL_UPDATE, (int)how[cmd->p2 & 3]);
}

sw_t
iso_append_record(struct iso *c, const struct apdu *cmd, struct buf *rsp)
{
	struct file *ef;
	sw_t sw = cmd->p1 || cmd->p2 & 7 ? SW_WRONG_P1P2 : record_target(c, cmd, ACL_WRITE, &ef);

	(void)rsp;
	return sw == SW_OK ? append_record(c, cmd, ef, ACL_WRITE) : sw;
}

sw_t
iso_erase_record(struct iso *c, const struct apdu *cmd, struct buf *rsp)
{
	struct file *ef;
	size_t number;
	sw_t sw;

	(void)rsp;
	if (MODE(cmd) < RECORD_NUMBER || MODE(cmd) > RECORD_FROM_LAST)
		return SW_WRONG_P1P2;
	sw = record_target(c, cmd, ACL_UPDATE, &ef);
	if (sw == SW_OK)
		sw = from(c, cmd, ef, &number);
	if (sw != SW_OK)
		return sw;
	return record_erase(&c->state->fs, ef, &c->x.who, number,
			    MODE(cmd) == RECORD_NUMBER ? number : ef->n_records);
}

/* --- SEARCH --------------------------------------------------------------------------- */

#define SEARCH_SIMPLE_UP 4
#define SEARCH_SIMPLE_DOWN 5
#define SEARCH_ENHANCED 6

#define START_BY_VALUE 0x08 /* b4 of the first byte: the second is a value, not an offset */

/* What to look for, where in a record, and through which records. */
struct search {
	struct view string;
	bool down, beside; /* backwards; starting next to P1, not with it */
	bool by_value;
	uint8_t start;
};

/* 7816-4, 11.3.7: enhanced, two bytes in front of the string. */
static bool
enhanced(struct search *s)
{
	uint8_t how;

	if (!view_u8(&s->string, &how) || !view_u8(&s->string, &s->start) || s->string.n == 0 ||
	    how & 0xf0 || !(how & 4))
		return false;
	s->by_value = how & START_BY_VALUE;
	s->down = how & 1;
	s->beside = how & 2;
	return true;
}

static bool
holds_record(struct view record, const struct search *s)
{
	size_t start = s->start;
	const uint8_t *at;

	if (s->by_value) {
		at = record.n > 0 ? memchr(record.p, s->start, record.n) : NULL;
		if (!at)
			return false;
		start = (size_t)(at - record.p) + 1;
	}
	record = view_slice(record, start, record.n);
	return record.n > 0 && memmem(record.p, record.n, s->string.p, s->string.n);
}

/* Where it starts; a search that begins beside the ends finds nothing. */
static sw_t
search_start(struct iso *c, const struct apdu *cmd, const struct file *ef, const struct search *s,
	     size_t *start)
{
	size_t now = cmd->p1 ? cmd->p1 : c->x.ch->at.record;

	if (cmd->p1 > ef->n_records)
		return SW_RECORD_NOT_FOUND;
	if (now == 0)
		*start = s->down ? ef->n_records : 1;
	else if (s->beside)
		*start = s->down ? now - 1 : now + 1;
	else
		*start = now;
	return SW_OK;
}

static sw_t
search(struct iso *c, const struct apdu *cmd, const struct search *s, struct buf *rsp)
{
	struct file *ef;
	size_t i;
	sw_t sw = record_target(c, cmd, ACL_READ, &ef);

	if (sw == SW_OK)
		sw = search_start(c, cmd, ef, s, &i);
	if (sw != SW_OK)
		return sw;
	for (; i > 0 && i <= ef->n_records; i = s->down ? i - 1 : i + 1) {
		if (!holds_record(record_view(ef, i), s))
			continue;
		if (rsp->n == 0)
			c->x.ch->at.record = i;
		buf_u8(rsp, (uint8_t)i);
	}
	return rsp->n > 0 ? SW_OK : SW_END_OF_FILE;
}

sw_t
iso_search_record(struct iso *c, const struct apdu *cmd, struct buf *rsp)
{
	struct search s = { .string = cmd->data };

	switch (cmd->p2 & 7) {
	case SEARCH_SIMPLE_UP:
		break;
	case SEARCH_SIMPLE_DOWN:
		s.down = true;
		break;
	case SEARCH_ENHANCED:
		if (!enhanced(&s))
			return SW_WRONG_DATA;
		break;
	default:
		return SW_WRONG_P1P2;
	}
	return search(c, cmd, &s, rsp);
}
