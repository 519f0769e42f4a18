/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Data units of a transparent EF (ISO/IEC 7816-4, 11.2). */
#include "iso/iso.h"

#include "codec/tlv.h"

#define P1_SFI 0x80     /* b8: b5 to b1 are a short identifier */
#define P1_SFI_RFU 0x60
#define DO_OFFSET 0x54u
#define DO_DATA 0x53u
#define DO_TEMPLATE 0x73u

/* --- what a command is about ---------------------------------------------------------- */

/* Data units as bytes. False: between bytes, or beyond all bounds. */
static bool
bytes_of(const struct file *ef, size_t units, size_t *bytes)
{
	size_t quartets;

	if (units > UINT32_MAX)
		return false;
	quartets = units * file_unit(ef);
	*bytes = quartets / 2;
	return quartets % 2 == 0;
}

static size_t
units_of(const struct file *ef, size_t bytes)
{
	return 2 * bytes / file_unit(ef);
}

/* Even instructions: P1 P2 say where, and may name the file. */
static sw_t
even(struct iso *c, const struct apdu *cmd, struct file **ef, size_t *off)
{
	bool by_sfi = cmd->p1 & P1_SFI;
	unsigned sfi = by_sfi ? cmd->p1 & 0x1f : 0;
	sw_t sw;

	if (by_sfi && (sfi == 0 || cmd->p1 & P1_SFI_RFU))
		return SW_WRONG_P1P2;
	sw = iso_ef_by_sfi(c, sfi, ef);
	if (sw != SW_OK)
		return sw;
	return bytes_of(*ef, by_sfi ? cmd->p2 : apdu_p1p2(cmd), off) ? SW_OK : SW_WRONG_OFFSET;
}

bool
iso_offset_data(struct view in, struct iso_offset_data *out)
{
	struct tlv t;

	*out = (struct iso_offset_data) { 0 };
	while (tlv_next(&in, &t)) {
		if (t.tag == DO_OFFSET && out->n_offsets < 2 && t.value.n > 0) {
			if (!view_number(t.value, &out->offset[out->n_offsets++]))
				return false;
		} else if ((t.tag == DO_DATA || t.tag == DO_TEMPLATE) && !out->has_data) {
			out->has_data = true;
			out->data = t.value;
		} else {
			return false;
		}
	}
	return in.n == 0;
}

/* Odd instructions: P1 P2 name the file, the data say where. */
static sw_t
odd(struct iso *c, const struct apdu *cmd, bool with_data, struct file **ef, size_t *off,
    struct view *data)
{
	struct iso_offset_data in;
	sw_t sw = iso_ef_by_p1p2(c, cmd, ef);

	if (sw != SW_OK)
		return sw;
	if (!iso_offset_data(cmd->data, &in) || in.n_offsets != 1 || in.has_data != with_data)
		return SW_WRONG_DATA;
	*data = in.data;
	return bytes_of(*ef, in.offset[0], off) ? SW_OK : SW_WRONG_OFFSET;
}

/* --- READ ----------------------------------------------------------------------------- */

/* Le of all zero asks for what there is: that it is less than could be is no news. */
static sw_t
all_available(const struct apdu *cmd, sw_t sw)
{
	return sw == SW_END_OF_FILE && cmd->le_raw == 0 ? SW_OK : sw;
}

sw_t
iso_read_binary(struct iso *c, const struct apdu *cmd, struct buf *rsp)
{
	struct file *ef;
	size_t off;
	sw_t sw = even(c, cmd, &ef, &off);

	if (sw != SW_OK)
		return sw;
	return all_available(cmd, file_read(ef, &c->x.who, off, cmd->ne, rsp));
}

size_t
iso_room_in_53(size_t ne)
{
	size_t header = ne <= 0x7f + 2 ? 2 : ne <= 0xff + 3 ? 3 : ne <= 0xffff + 4 ? 4 : 5;

	/* the first length that needs a longer header does not fit: one byte stays free */
	if (ne == 0x80 + 2)
		return 0x7f;
	if (ne == 0x100 + 3)
		return 0xff;
	return ne > header ? ne - header : 0;
}

sw_t
iso_read_binary_odd(struct iso *c, const struct apdu *cmd, struct buf *rsp)
{
	struct file *ef;
	struct view none;
	size_t off, mark, most = iso_room_in_53(cmd->ne ? cmd->ne : APDU_NE_MAX);
	sw_t sw = odd(c, cmd, false, &ef, &off, &none);

	if (sw != SW_OK)
		return sw;
	if (most == 0)
		return SW_WRONG_LENGTH;
	mark = tlv_open(rsp, DO_DATA);
	sw = file_read(ef, &c->x.who, off, most, rsp);
	tlv_close(rsp, mark);
	return all_available(cmd, sw);
}

/* --- WRITE, UPDATE, ERASE ------------------------------------------------------------- */

sw_t
iso_write_binary(struct iso *c, const struct apdu *cmd, struct buf *rsp)
{
	struct file *ef;
	size_t off;
	sw_t sw = even(c, cmd, &ef, &off);

	(void)rsp;
	if (sw != SW_OK)
		return sw;
	return file_write(&c->state->fs, ef, &c->x.who, off, cmd->data, file_write_mode(ef));
}

sw_t
iso_write_binary_odd(struct iso *c, const struct apdu *cmd, struct buf *rsp)
{
	struct file *ef;
	struct view v;
	size_t off;
	sw_t sw = odd(c, cmd, true, &ef, &off, &v);

	(void)rsp;
	if (sw != SW_OK)
		return sw;
	return file_write(&c->state->fs, ef, &c->x.who, off, v, file_write_mode(ef));
}

sw_t
iso_update_binary(struct iso *c, const struct apdu *cmd, struct buf *rsp)
{
	struct file *ef;
	size_t off;
	sw_t sw = even(c, cmd, &ef, &off);

	(void)rsp;
	return sw == SW_OK ? file_update(&c->state->fs, ef, &c->x.who, off, cmd->data) : sw;
}

sw_t
iso_update_binary_odd(struct iso *c, const struct apdu *cmd, struct buf *rsp)
{
	struct file *ef;
	struct view v;
	size_t off;
	sw_t sw = odd(c, cmd, true, &ef, &off, &v);

	(void)rsp;
	return sw == SW_OK ? file_update(&c->state->fs, ef, &c->x.who, off, v) : sw;
}

/* 7816-4, 11.2.7: the data are the first unit that is not to be erased. */
sw_t
iso_erase_binary(struct iso *c, const struct apdu *cmd, struct buf *rsp)
{
	struct view v = cmd->data;
	struct file *ef;
	uint16_t units;
	size_t off, end;
	sw_t sw;

	(void)rsp;
	if (v.n != 0 && v.n != 2)
		return SW_WRONG_LENGTH;
	sw = even(c, cmd, &ef, &off);
	if (sw != SW_OK)
		return sw;
	end = ef->contents.n;
	if (view_u16(&v, &units) && !bytes_of(ef, units, &end))
		return SW_WRONG_OFFSET;
	return file_erase(&c->state->fs, ef, &c->x.who, off, end);
}

/* No offset: all of it; one: from there on; two: up to the second. */
sw_t
iso_erase_binary_odd(struct iso *c, const struct apdu *cmd, struct buf *rsp)
{
	struct iso_offset_data in;
	struct file *ef;
	size_t off, end;
	sw_t sw = iso_ef_by_p1p2(c, cmd, &ef);

	(void)rsp;
	if (sw != SW_OK)
		return sw;
	if (!iso_offset_data(cmd->data, &in) || in.has_data)
		return SW_WRONG_DATA;
	if (!bytes_of(ef, in.offset[0], &off) || !bytes_of(ef, in.offset[1], &end))
		return SW_WRONG_OFFSET;
	if (in.n_offsets < 2)
		end = ef->contents.n;
	return file_erase(&c->state->fs, ef, &c->x.who, off, end);
}

/* --- SEARCH --------------------------------------------------------------------------- */

/* Two bytes, or as many as it takes. */
static void
put_offset(struct buf *rsp, size_t units)
{
	if (units > 0xffffff)
		buf_u8(rsp, (uint8_t)(units >> 24));
	if (units > 0xffff)
		buf_u8(rsp, (uint8_t)(units >> 16));
	buf_u16(rsp, (uint16_t)units);
}

sw_t
iso_search_binary(struct iso *c, const struct apdu *cmd, struct buf *rsp)
{
	struct file *ef;
	size_t off, found;
	sw_t sw = even(c, cmd, &ef, &off);

	if (sw == SW_OK)
		sw = file_search(ef, &c->x.who, off, cmd->data, &found);
	if (sw == SW_OK)
		put_offset(rsp, units_of(ef, found));
	return sw;
}

sw_t
iso_search_binary_odd(struct iso *c, const struct apdu *cmd, struct buf *rsp)
{
	struct file *ef;
	struct view v;
	size_t off, found, mark;
	sw_t sw = odd(c, cmd, true, &ef, &off, &v);

	if (sw == SW_OK && v.n == 0)
		sw = SW_WRONG_DATA;
	if (sw == SW_OK)
		sw = file_search(ef, &c->x.who, off, v, &found);
	if (sw != SW_OK)
		return sw;
	mark = tlv_open(rsp, DO_OFFSET);
	put_offset(rsp, units_of(ef, found));
	tlv_close(rsp, mark);
	return SW_OK;
}
