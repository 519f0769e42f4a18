/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cards/cryptoflex/cryptoflex.h"

#include "cards/contents.h"
#include "codec/tlv.h"
#include "model/record.h"

/* Cryptoflex 32K; OpenSC takes it for one that generates keys. T=0 only. */
static const uint8_t atr[] = { 0x3b, 0x95, 0x18, 0x40, 0xff, 0x64, 0x02, 0x01, 0x01, 0x02 };

/* What a file takes of its DF beside its size. */
#define EF_OVERHEAD 16
#define DF_OVERHEAD 24

#define CLA_HASH 0x04      /* SHA-1: the last block */
#define CLA_HASH_MORE 0x14 /* and those before */
#define HASH_BLOCK 64

/* --- transport ----------------------------------------------------------------------- */

/* C0, F0 and 00 mean the same; the others have one instruction each. T=0 has no extended length. */
static sw_t
flex_classify(struct iso *c, struct apdu *cmd)
{
	flex_of(c)->protected = false;
	if (cmd->extended)
		return SW_WRONG_LENGTH;
	switch (cmd->cla) {
	case 0xc0:
	case 0xf0:
		cmd->cla = 0x00;
		return 0;
	case 0x00:
		return 0;
	case 0x10:
		cmd->chained = true;
		return cmd->ins == 0x88 ? 0 : SW_CLA;
	case CLA_HASH:
	case CLA_HASH_MORE:
		return cmd->ins == 0x40 ? 0 : SW_CLA;
	default:
		return SW_CLA;
	}
}

/* T=0: what comes with data never brings an Le, and fetches its answer. */
static sw_t
flex_finish(struct iso *c, const struct apdu *cmd, struct buf *rsp, sw_t sw)
{
	struct apdu as_meant = *cmd;

	if (cmd->data.n > 0)
		as_meant.ne = 0;
	return iso_finish(c, &as_meant, rsp, sw);
}

sw_t
flex_le(const struct apdu *cmd, size_t n)
{
	return cmd->ne > n ? (sw_t)(SW_WRONG_LE | (n & 0xff)) : SW_OK;
}

static sw_t
flex_get_response(struct iso *c, const struct apdu *cmd, struct buf *rsp)
{
	sw_t sw = c->x.ch->pending.n > 0 ? flex_le(cmd, c->x.ch->pending.n) : SW_OK;

	return sw == SW_OK ? iso_get_response(c, cmd, rsp) : sw;
}

/* --- files ---------------------------------------------------------------------------- */

/* Bytes that a file takes of its DF. */
static size_t
taken(const struct file *f)
{
	if (file_is_df(f))
		return f->size + DF_OVERHEAD;
	return (f->has_size ? f->size : file_bytes(f)) + EF_OVERHEAD;
}

static size_t
free_bytes(const struct file *df)
{
	const struct file *f;
	size_t n = df->size;

	for (f = df->children; f; f = f->next)
		n = taken(f) < n ? n - taken(f) : 0;
	return n;
}

static uint8_t
count_files(const struct file *df, bool dfs)
{
	const struct file *f;
	unsigned n = 0;

	for (f = df->children; f; f = f->next)
		n += file_is_df(f) == dfs;
	return n < 0xff ? (uint8_t)n : 0xff;
}

/* Size, FID, type, increase byte, conditions, status: alike in SELECT and DIR NEXT. */
static void
put_header(const struct file *f, size_t size, struct buf *out)
{
	struct view increase, ac;

	buf_u16(out, size < 0xffff ? (uint16_t)size : 0xffff);
	buf_u16(out, f->fid);
	buf_u8(out, f->descriptor[0]);
	buf_u8(out, file_other(f, FLEX_DO_INCREASE, &increase) && increase.n == 1 ? increase.p[0]
										  : 0xff);
	if (file_other(f, FLEX_DO_AC, &ac) && ac.n == 6)
		buf_put_view(out, view_slice(ac, 0, 3));
	else
		buf_fill(out, 0, 3);
	buf_u8(out, file_deactivated(f) ? 0x00 : 0x01);
}

static void
put_tries(const struct file *df, uint16_t fid, struct buf *out)
{
	const struct file *f = fs_child(df, fid);
	bool chv = f && f->contents.n >= 23;

	buf_u8(out, chv ? f->contents.p[12] : 0);
	buf_u8(out, chv ? f->contents.p[22] : 0);
}

static void
put_df_tail(const struct file *df, struct buf *out)
{
	bool chv1 = fs_child(df, FLEX_FID_CHV1), chv2 = fs_child(df, FLEX_FID_CHV2);

	buf_u8(out, 9);
	buf_u8(out, (uint8_t)(chv1 | chv2 << 1));
	buf_u8(out, count_files(df, true));
	buf_u8(out, count_files(df, false));
	buf_u8(out, (uint8_t)(2 * (chv1 + chv2)));
	buf_u8(out, 0);
	put_tries(df, FLEX_FID_CHV1, out);
	put_tries(df, FLEX_FID_CHV2, out);
}

static uint8_t
record_length(const struct file *f)
{
	bool fixed = file_kind(f) == FILE_RECORDS && !file_is_variable(f);

	return fixed ? (uint8_t)f->record_max : 0;
}

static sw_t
flex_fci(struct iso *c, const struct file *f, const struct apdu *cmd, struct buf *rsp)
{
	(void)c;
	(void)cmd;
	buf_u16(rsp, 0);
	put_header(f, file_is_df(f) ? free_bytes(f) : f->size, rsp);
	if (file_is_df(f)) {
		put_df_tail(f, rsp);
	} else {
		buf_u8(rsp, 2);
		buf_u8(rsp, 0);
		buf_u8(rsp, record_length(f));
	}
	return SW_OK;
}

static sw_t
flex_select(struct iso *c, const struct apdu *cmd, struct buf *rsp)
{
	struct selector by_fid = { .how = FS_BY_FID, .data = cmd->data };
	struct file *f;
	sw_t sw;

	if (cmd->p1 == FS_BY_NAME)
		return SW_FILE_NOT_FOUND; /* none has a name */
	if (cmd->p1 != FS_BY_FID)
		return SW_WRONG_P1P2;
	if (cmd->data.n != 2)
		return SW_WRONG_LENGTH;
	sw = fs_select(&c->state->fs, &by_fid, &c->x.ch->at, &f);
	if (sw != SW_OK)
		return sw;
	flex_of(c)->next_entry = 0;
	return iso_hooks(c)->fci(c, f, cmd, rsp);
}

/*
 * FF FF, size, FID, type, increase byte, conditions, status, n, n bytes: key numbers,
 * record length.
 */
struct header {
	uint16_t mark, size, fid;
	uint8_t type, increase, status;
	struct view conditions, keys;
	uint8_t record;
};

static sw_t
take_header(struct view v, struct header *h)
{
	uint8_t behind;

	*h = (struct header) { 0 };
	if (!view_u16(&v, &h->mark) || !view_u16(&v, &h->size) || !view_u16(&v, &h->fid) ||
	    !view_u8(&v, &h->type) || !view_u8(&v, &h->increase) ||
	    !view_take(&v, 3, &h->conditions) || !view_u8(&v, &h->status) ||
	    !view_u8(&v, &behind) || !view_take(&v, 3, &h->keys))
		return SW_WRONG_LENGTH;
	if (h->mark != 0xffff || behind != 3 + v.n || v.n > 1)
		return SW_WRONG_DATA;
	view_u8(&v, &h->record);
	return SW_OK;
}

/* What the base's file system wants to know of it. */
static sw_t
specify(const struct header *h, const struct apdu *cmd, struct file_spec *spec, struct buf *others)
{
	*spec = (struct file_spec) {
		.fid = h->fid,
		.descriptor = { h->type, 0x01, 0x00, h->record, cmd->p2 },
		.descriptor_n = 1,
		.life = h->status ? FILE_ACTIVATED : FILE_DEACTIVATED,
		.has_size = true,
		.size = h->size,
		.fill = cmd->p1,
	};
	switch (h->type) {
	case 0x38:
	case 0x01:
		break;
	case 0x02:
	case 0x06:
		if (h->record == 0 || cmd->p2 == 0)
			return SW_WRONG_DATA;
		spec->descriptor_n = 5;
		break;
	case 0x04:
		spec->descriptor[3] = 0xff;
		spec->descriptor_n = 4;
		break;
	default:
		return SW_WRONG_DATA;
	}
	tlv_put(others, FLEX_DO_INCREASE, view_of(&h->increase, 1));
	tlv_put_tag(others, FLEX_DO_AC);
	tlv_put_length(others, 6);
	buf_put_view(others, h->conditions);
	buf_put_view(others, h->keys);
	spec->others = buf_view(others);
	return others->failed ? SW_NO_MEMORY : SW_OK;
}

static sw_t
flex_create_file(struct iso *c, const struct apdu *cmd, struct buf *rsp)
{
	struct buf others = BUF(32);
	struct file *df = iso_df(c), *f;
	struct file_spec spec;
	struct header h;
	struct view data;
	sw_t sw;

	(void)rsp;
	sw = flex_data(c, cmd, df, FLEX_CREATE, &data);
	if (sw == SW_OK)
		sw = take_header(data, &h);
	if (sw == SW_OK)
		sw = specify(&h, cmd, &spec, &others);
	if (sw == SW_OK &&
	    (size_t)h.size + (h.type == 0x38 ? DF_OVERHEAD : EF_OVERHEAD) > free_bytes(df))
		sw = SW_NO_MEMORY;
	if (sw == SW_OK)
		sw = fs_create(&c->state->fs, &c->x.ch->at, &c->x.who, &spec, &f);
	buf_free(&others);
	flex_of(c)->next_entry = 0;
	return sw == SW_FILE_EXISTS ? SW_WRONG_DATA : sw;
}

static sw_t
flex_delete_file(struct iso *c, const struct apdu *cmd, struct buf *rsp)
{
	struct file *df = iso_df(c), *f;
	struct view data;
	uint16_t fid;
	sw_t sw;

	(void)rsp;
	sw = flex_data(c, cmd, df, FLEX_DELETE, &data);
	if (sw != SW_OK)
		return sw;
	if (data.n != 2 || !view_u16(&data, &fid))
		return SW_WRONG_LENGTH;
	f = fs_child(df, fid);
	if (!f)
		return SW_FILE_NOT_FOUND;
	fs_leave(&c->state->fs, &c->x.ch->at, f);
	flex_of(c)->next_entry = 0;
	return fs_delete(&c->state->fs, f, &c->x.who);
}

static const struct file *
nth_child(const struct file *df, size_t n)
{
	const struct file *f = df->children;

	while (f && n-- > 0)
		f = f->next;
	return f;
}

/* One child after the other, as much of it as is asked for. */
static sw_t
flex_dir_next(struct iso *c, const struct apdu *cmd, struct buf *rsp)
{
	static const uint8_t no_keys[3];
	struct flex *x = flex_of(c);
	const struct file *df = iso_df(c), *f = nth_child(df, x->next_entry);
	struct view ac;
	sw_t sw = flex_allows(x, df, FLEX_READ);

	if (sw != SW_OK)
		return sw;
	if (!f) {
		x->next_entry = 0;
		return SW_FILE_NOT_FOUND;
	}
	put_header(f, f->size, rsp);
	buf_u8(rsp, 4);
	if (file_other(f, FLEX_DO_AC, &ac) && ac.n == 6)
		buf_put_view(rsp, view_slice(ac, 3, 3));
	else
		buf_put(rsp, no_keys, sizeof(no_keys));
	buf_u8(rsp, record_length(f));
	sw = flex_le(cmd, rsp->n);
	if (sw != SW_OK)
		return sw;
	buf_cut(rsp, cmd->ne);
	x->next_entry++;
	return SW_OK;
}

sw_t
flex_ef(struct iso *c, enum file_kind kind, struct file **ef)
{
	*ef = iso_ef(c);
	if (!*ef)
		return SW_NO_CURRENT_EF;
	if (file_deactivated(*ef))
		return SW_DEACTIVATED;
	return file_kind(*ef) == kind ? SW_OK : SW_INCOMPATIBLE_FILE;
}

static struct file *
current(struct iso *c)
{
	struct file *ef = iso_ef(c);

	return ef ? ef : iso_df(c);
}

static sw_t
flex_invalidate(struct iso *c, const struct apdu *cmd, struct buf *rsp)
{
	struct file *f = current(c);
	struct view none;
	sw_t sw = flex_data(c, cmd, f, FLEX_INVALIDATE, &none);

	(void)rsp;
	return sw == SW_OK ? fs_deactivate(&c->state->fs, f, &c->x.who) : sw;
}

static sw_t
flex_rehabilitate(struct iso *c, const struct apdu *cmd, struct buf *rsp)
{
	struct file *f = current(c);
	struct view none;
	sw_t sw = flex_data(c, cmd, f, FLEX_REHABILITATE, &none);

	(void)rsp;
	return sw == SW_OK ? fs_activate(&c->state->fs, f, &c->x.who) : sw;
}

/* --- contents --------------------------------------------------------------------------- */

static sw_t
flex_read_binary(struct iso *c, const struct apdu *cmd, struct buf *rsp)
{
	size_t at = apdu_p1p2(cmd), n;
	struct file *ef;
	sw_t sw = flex_ef(c, FILE_TRANSPARENT, &ef);

	if (sw != SW_OK)
		return sw;
	n = at < ef->contents.n ? ef->contents.n - at : 0;
	sw = n > 0 ? flex_le(cmd, n) : SW_OK;
	if (sw != SW_OK)
		return sw;
	return file_read(ef, &c->x.who, at, cmd->ne, rsp);
}

static sw_t
flex_update_binary(struct iso *c, const struct apdu *cmd, struct buf *rsp)
{
	struct view data;
	struct file *ef;
	sw_t sw = flex_ef(c, FILE_TRANSPARENT, &ef);

	(void)rsp;
	if (sw == SW_OK)
		sw = flex_data(c, cmd, ef, FLEX_UPDATE, &data);
	if (sw == SW_OK)
		sw = file_update(&c->state->fs, ef, &c->x.who, apdu_p1p2(cmd), data);
	return sw;
}

/* P2: 0 first, 1 last, 2 next, 3 previous, 4 the one that P1 numbers, 00 the current one. */
static sw_t
find_record(struct iso *c, const struct apdu *cmd, struct file **ef, size_t *number)
{
	sw_t sw = flex_ef(c, FILE_RECORDS, ef);

	if (sw != SW_OK)
		return sw;
	if (cmd->p2 > 4)
		return SW_WRONG_P1P2;
	return record_find(*ef, &c->x.ch->at, cmd->p2 == 4 ? cmd->p1 : 0, (enum record_mode)cmd->p2,
			   number);
}

static sw_t
flex_read_record(struct iso *c, const struct apdu *cmd, struct buf *rsp)
{
	struct view record;
	struct file *ef;
	size_t number;
	sw_t sw = find_record(c, cmd, &ef, &number);

	if (sw == SW_OK)
		sw = record_read(ef, &c->x.who, number, &record);
	if (sw == SW_OK)
		sw = flex_le(cmd, record.n);
	if (sw == SW_OK)
		buf_put_view(rsp, view_slice(record, 0, cmd->ne));
	return sw;
}

/* In a cyclic file the oldest record makes room, and the new one is number 1. */
static sw_t
flex_update_record(struct iso *c, const struct apdu *cmd, struct buf *rsp)
{
	struct view data;
	struct file *ef;
	size_t number;
	sw_t sw = flex_ef(c, FILE_RECORDS, &ef);
	bool cyclic = sw == SW_OK && file_is_cyclic(ef) && cmd->p2 == RECORD_PREVIOUS;

	(void)rsp;
	if (sw == SW_OK && !cyclic)
		sw = find_record(c, cmd, &ef, &number);
	if (sw == SW_OK)
		sw = flex_data(c, cmd, ef, FLEX_UPDATE, &data);
	if (sw != SW_OK)
		return sw;
	if (cyclic)
		return record_append(&c->state->fs, ef, &c->x.who, ACL_UPDATE, data, &number);
	return record_update(&c->state->fs, ef, &c->x.who, number, data);
}

static sw_t
flex_create_record(struct iso *c, const struct apdu *cmd, struct buf *rsp)
{
	struct view data;
	struct file *ef;
	size_t number, used;
	sw_t sw = flex_ef(c, FILE_RECORDS, &ef);

	(void)rsp;
	if (sw == SW_OK)
		sw = flex_data(c, cmd, ef, FLEX_CREATE, &data);
	if (sw != SW_OK)
		return sw;
	used = file_bytes(ef);
	if (file_is_variable(ef) && used + data.n > ef->size)
		return SW_NO_MEMORY;
	return record_append(&c->state->fs, ef, &c->x.who, ACL_WRITE, data, &number);
}

static bool
stands_in(struct view record, size_t from, struct view pattern)
{
	for (; from + pattern.n <= record.n; from++) {
		if (view_equal(view_slice(record, from, pattern.n), pattern))
			return true;
	}
	return false;
}

/*
 * P1: where in the record to begin. P2: from the first, the last, the next, the
 * previous record on.
 */
static sw_t
flex_seek(struct iso *c, const struct apdu *cmd, struct buf *rsp)
{
	struct cursor *at = &c->x.ch->at;
	struct view record;
	struct file *ef;
	size_t number;
	sw_t sw = flex_ef(c, FILE_RECORDS, &ef);

	(void)rsp;
	if (sw == SW_OK && cmd->p2 > RECORD_PREVIOUS)
		sw = SW_WRONG_P1P2;
	if (sw == SW_OK)
		sw = record_find(ef, at, 0, (enum record_mode)cmd->p2, &number);
	while (sw == SW_OK) {
		sw = record_read(ef, &c->x.who, number, &record);
		if (sw != SW_OK || stands_in(record, cmd->p1, cmd->data))
			return sw;
		sw = record_find(ef, at, 0, cmd->p2 & 1 ? RECORD_PREVIOUS : RECORD_NEXT, &number);
	}
	return sw;
}

/*
 * The newest record of a cyclic file begins with a number of three bytes: a new one
 * with another.
 */
static sw_t
add_to_value(struct iso *c, const struct apdu *cmd, bool down, struct buf *rsp)
{
	struct buf record = BUF(256);
	struct view amount, old, increase;
	size_t by, value, number;
	struct file *ef;
	sw_t sw = flex_ef(c, FILE_RECORDS, &ef);

	if (sw == SW_OK && !file_is_cyclic(ef))
		sw = SW_INCOMPATIBLE_FILE;
	if (sw == SW_OK)
		sw = flex_data(c, cmd, ef, FLEX_CREATE, &amount);
	if (sw == SW_OK && (amount.n != 3 || ef->record_max < 3))
		sw = SW_WRONG_LENGTH;
	if (sw != SW_OK)
		return sw;
	if (file_other(ef, FLEX_DO_INCREASE, &increase) && increase.n == 1 &&
	    !(increase.p[0] & (down ? 0x80 : 0x40)))
		return SW_INCOMPATIBLE_FILE;
	old = record_view(ef, 1);
	if (old.n < 3)
		return SW_RECORD_NOT_FOUND;
	view_number(amount, &by);
	view_number(view_slice(old, 0, 3), &value);
	if (down ? by > value : value + by > 0xffffff)
		return SW_CONDITIONS;
	value = down ? value - by : value + by;
	buf_u8(&record, (uint8_t)(value >> 16));
	buf_u16(&record, (uint16_t)value);
	buf_put_view(rsp, buf_view(&record));
	buf_put_view(&record, view_slice(old, 3, old.n));
	sw = record.failed ? SW_NO_MEMORY :
	     record_append(&c->state->fs, ef, &c->x.who, ACL_WRITE, buf_view(&record), &number);
	buf_free(&record);
	return sw;
}

static sw_t
flex_increase(struct iso *c, const struct apdu *cmd, struct buf *rsp)
{
	return add_to_value(c, cmd, false, rsp);
}

static sw_t
flex_decrease(struct iso *c, const struct apdu *cmd, struct buf *rsp)
{
	return add_to_value(c, cmd, true, rsp);
}

/* --- SHA-1 ---------------------------------------------------------------------------------- */

/* In blocks of 64 bytes, the last one under another class. */
static sw_t
flex_sha1(struct iso *c, const struct apdu *cmd, struct buf *rsp)
{
	struct flex *x = flex_of(c);
	bool more = cmd->cla == CLA_HASH_MORE;
	int rc;

	if (cmd->data.n > HASH_BLOCK || (more && cmd->data.n != HASH_BLOCK))
		return SW_WRONG_LENGTH;
	if (!x->sha1)
		x->sha1 = hash_new(DIGEST_SHA1);
	if (!x->sha1)
		return SW_NO_MEMORY;
	rc = hash_update(x->sha1, cmd->data);
	if (rc == 0 && more)
		return SW_OK;
	if (rc == 0)
		rc = hash_final(x->sha1, rsp);
	hash_free(x->sha1);
	x->sha1 = NULL;
	return iso_sw(c, rc);
}

/* --- the type --------------------------------------------------------------------------------- */

static void
flex_reset_volatile(struct iso *c, void *memory)
{
	struct flex *x = memory;

	(void)c;
	hash_free(x->sha1);
}

#define NONE(number) { .ins = number, .fn = NULL, .name = "none" }

static const struct instr rows[] = {
	{ .ins = 0x04, .fn = flex_invalidate, .name = "INVALIDATE" },
	{ .ins = 0x20, .fn = flex_verify_chv, .name = "VERIFY CHV", .flags = INSTR_SECRET },
	{ .ins = 0x22, .fn = flex_logout, .name = "LOGOUT AC", .flags = INSTR_NO_LC },
	{ .ins = 0x24, .fn = flex_change_chv, .name = "CHANGE CHV", .flags = INSTR_SECRET },
	{ .ins = 0x2a, .fn = flex_verify_key, .name = "VERIFY KEY",
	  .flags = INSTR_LC | INSTR_SECRET, .p1_rfu = 0xff },
	{ .ins = 0x2c, .fn = flex_unblock_chv, .name = "UNBLOCK CHV", .flags = INSTR_SECRET },
	{ .ins = 0x30, .fn = flex_decrease, .name = "DECREASE", .flags = INSTR_LC },
	{ .ins = 0x32, .fn = flex_increase, .name = "INCREASE", .flags = INSTR_LC },
	{ .ins = 0x40, .fn = flex_sha1, .name = "SHA-1" },
	{ .ins = 0x44, .fn = flex_rehabilitate, .name = "REHABILITATE" },
	{ .ins = 0x46, .fn = flex_generate_key, .name = "RSA KEYGEN", .flags = INSTR_LC },
	{ .ins = 0x82, .fn = flex_external_authenticate, .name = "EXTERNAL AUTHENTICATE",
	  .flags = INSTR_LC | INSTR_SECRET, .p1_rfu = 0xff, .p2_rfu = 0xff },
	{ .ins = 0x88, .fn = flex_internal_authenticate, .name = "INTERNAL AUTHENTICATE",
	  .flags = INSTR_LC | INSTR_SECRET },
	{ .ins = 0xa2, .fn = flex_seek, .name = "SEEK", .flags = INSTR_LC },
	{ .ins = 0xa4, .fn = flex_select, .name = "SELECT" },
	{ .ins = 0xa8, .fn = flex_dir_next, .name = "DIR NEXT",
	  .flags = INSTR_NO_LC | INSTR_LE, .p1_rfu = 0xff, .p2_rfu = 0xff },
	{ .ins = 0xb0, .fn = flex_read_binary, .name = "READ BINARY",
	  .flags = INSTR_NO_LC | INSTR_LE },
	{ .ins = 0xb2, .fn = flex_read_record, .name = "READ RECORD",
	  .flags = INSTR_NO_LC | INSTR_LE },
	{ .ins = 0xc0, .fn = flex_get_response, .name = "GET RESPONSE",
	  .flags = INSTR_NO_LC | INSTR_LE | INSTR_TRANSPORT, .p1_rfu = 0xff, .p2_rfu = 0xff },
	/* the contents of a CHV or key file pass here, too: never shown */
	{ .ins = 0xd6, .fn = flex_update_binary, .name = "UPDATE BINARY",
	  .flags = INSTR_LC | INSTR_SECRET },
	{ .ins = 0xdc, .fn = flex_update_record, .name = "UPDATE RECORD", .flags = INSTR_LC },
	{ .ins = 0xde, .fn = flex_update_enciphered, .name = "UPDATE ENCIPHERED",
	  .flags = INSTR_LC | INSTR_SECRET },
	{ .ins = 0xe0, .fn = flex_create_file, .name = "CREATE FILE", .flags = INSTR_LC },
	{ .ins = 0xe2, .fn = flex_create_record, .name = "CREATE RECORD",
	  .flags = INSTR_LC, .p1_rfu = 0xff, .p2_rfu = 0xff },
	{ .ins = 0xe4, .fn = flex_delete_file, .name = "DELETE FILE",
	  .flags = INSTR_LC, .p1_rfu = 0xff, .p2_rfu = 0xff },
	/* of the base's instructions there are not: */
	NONE(0x0c), NONE(0x0e), NONE(0x0f), NONE(0x21), NONE(0x26), NONE(0x28), NONE(0x47),
	NONE(0x70), NONE(0x86), NONE(0x87), NONE(0xa0), NONE(0xa1), NONE(0xb1), NONE(0xb3),
	NONE(0xca), NONE(0xcb), NONE(0xd0), NONE(0xd1), NONE(0xd2), NONE(0xd3), NONE(0xd7),
	NONE(0xda), NONE(0xdb), NONE(0xdd), NONE(0xe6), NONE(0xe8), NONE(0xfe),
	INSTR_END
};

/* EF 0002 of the MF shows the serial number, whatever was in it. */
static int
flex_configure(struct state *s, const struct card_config *cfg)
{
	struct file *f = fs_child(s->fs.mf, FLEX_FID_SERIAL);
	struct view serial = buf_view(&s->serial);

	(void)cfg;
	if (f && file_kind(f) == FILE_TRANSPARENT && serial.n > 0 && serial.n <= f->contents.n &&
	    !view_equal(view_slice(buf_view(&f->contents), 0, serial.n), serial))
		file_update(&s->fs, f, NULL, 0, serial);
	return 0;
}

const struct iso_app cryptoflex_app = {
	.base = &iso7816_app,
	.rows = rows,
	.hooks = {
		.classify = flex_classify,
		.check_access = flex_check_access,
		.fci = flex_fci,
		.finish = flex_finish,
	},
	.memory = sizeof(struct flex),
	.reset_volatile = flex_reset_volatile,
};

static const struct iso_type cryptoflex_iso_type = {
	.root = &cryptoflex_app,
	.atr = VIEW(atr),
	.configure = flex_configure,
};

const struct card_type cryptoflex_type = {
	.name = "cryptoflex",
	.summary = "Schlumberger Cryptoflex 32K, for OpenSC's flex driver and cryptoflex-tool",
	.flags = CARD_TAKES_ATR | CARD_TAKES_SERIAL,
	.open = iso_open,
	.data = &cryptoflex_iso_type,
	.schema = iso_type_schema,
	.contents = contents_cryptoflex,
};
