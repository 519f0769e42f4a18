/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "model/file.h"

#include <string.h>

#include "codec/tlv.h"
#include "model/acl.h"
#include "model/fs.h"

#define DESCRIPTOR_DCB 1 /* where the data coding byte is */
#define FDB_SHAREABLE 0x40

enum file_kind
file_kind_of(uint8_t fdb)
{
	fdb &= (uint8_t)~FDB_SHAREABLE;
	if (fdb & 0x80)
		return FILE_NO_KIND;
	switch (fdb >> 3) {
	case 0: /* working EF */
		return fdb == 0 ? FILE_NO_KIND : fdb == 1 ? FILE_TRANSPARENT : FILE_RECORDS;
	case 7:
		if (fdb == 0x38)
			return FILE_DF;
		return fdb == 0x39 || fdb == 0x3a ? FILE_OBJECTS : FILE_NO_KIND;
	default: /* internal, and the five proprietary categories */
		return FILE_INTERNAL;
	}
}

uint8_t
file_sfi(const struct file *f)
{
	uint8_t implied = f->fid & 0x1f;

	if (file_is_df(f))
		return 0;
	if (f->sfi != FCP_SFI_IMPLIED)
		return f->sfi;
	return implied <= FCP_SFI_MAX ? implied : 0;
}

struct view
file_name(const struct file *f)
{
	return view_of(f->name, f->name_n);
}

bool
file_other(const struct file *f, uint32_t tag, struct view *value)
{
	return tlv_find(buf_view(&f->others), tag, value);
}

size_t
file_bytes(const struct file *f)
{
	const struct object *o;
	size_t n = f->contents.n, i;

	for (i = 0; i < f->n_records; i++)
		n += f->records[i].n;
	for (o = f->objects; o; o = o->next)
		n += o->value.n;
	return n;
}

bool
file_terminated(const struct file *f)
{
	return f->life >= FILE_TERMINATED && f->life <= 0x0f;
}

bool
file_deactivated(const struct file *f)
{
	/* 7816-4, 7.4.10: 0000 01x0 */
	return (f->life & 0xfd) == FILE_DEACTIVATED;
}

sw_t
file_usable(const struct file *f)
{
	for (; f; f = f->parent) {
		if (file_deactivated(f) || file_terminated(f))
			return SW_CONDITIONS;
	}
	return SW_OK;
}

sw_t
file_check(const struct file *f, const struct access *who, enum file_kind kind, enum acl_op op)
{
	sw_t sw;

	if (file_kind(f) != kind)
		return SW_INCOMPATIBLE_FILE;
	if (!who)
		return SW_OK;
	sw = file_usable(f);
	return sw == SW_OK ? check_access(who, f, op) : sw;
}

/* --- what SELECT tells ---------------------------------------------------------------- */

/* A record file's: with the size of a record and how many there are now. */
static size_t
record_descriptor(const struct file *f, uint8_t out[FCP_DESCRIPTOR_MAX])
{
	size_t n = 2;

	out[0] = f->descriptor[0];
	out[1] = f->descriptor_n > DESCRIPTOR_DCB ? f->descriptor[DESCRIPTOR_DCB] : 0x01;
	out[n++] = (uint8_t)(f->record_max >> 8);
	out[n++] = (uint8_t)f->record_max;
	if (f->descriptor_n == FCP_DESCRIPTOR_MAX)
		out[n++] = 0;
	out[n++] = (uint8_t)f->n_records;
	return n;
}

void
file_fcp(const struct file *f, struct buf *out)
{
	uint8_t descriptor[FCP_DESCRIPTOR_MAX];
	enum file_kind kind = file_kind(f);
	struct fcp fcp = {
		.has_size = kind != FILE_DF && (f->has_size || kind != FILE_INTERNAL),
		.size = f->has_size && kind != FILE_TRANSPARENT ? f->size : file_bytes(f),
		.descriptor = view_of(f->descriptor, f->descriptor_n),
		.has_fid = true,
		.fid = f->fid,
		.sfi = kind == FILE_DF ? FCP_SFI_IMPLIED : f->sfi,
		.has_life = true,
		.life = f->life,
	};

	if (kind == FILE_RECORDS)
		fcp.descriptor = view_of(descriptor, record_descriptor(f, descriptor));
	fcp_write(out, &fcp);
	buf_put_view(out, buf_view(&f->others));
}

/* --- transparent contents ------------------------------------------------------------- */

enum file_write
file_write_mode(const struct file *f)
{
	static const enum file_write modes[] = { FILE_ONCE, FILE_OR, FILE_OR, FILE_AND };

	if (f->descriptor_n <= DESCRIPTOR_DCB)
		return FILE_OR;
	return modes[f->descriptor[DESCRIPTOR_DCB] >> 5 & 3];
}

unsigned
file_unit(const struct file *f)
{
	return f->descriptor_n <= DESCRIPTOR_DCB ? 2 : 1u << (f->descriptor[DESCRIPTOR_DCB] & 0x0f);
}

sw_t
file_read(const struct file *ef, const struct access *who, size_t off, size_t n, struct buf *out)
{
	sw_t sw = file_check(ef, who, FILE_TRANSPARENT, ACL_READ);
	struct view v;

	if (sw != SW_OK)
		return sw;
	if (off >= ef->contents.n)
		return SW_WRONG_OFFSET;
	v = view_slice(buf_view(&ef->contents), off, n);
	buf_put_view(out, v);
	return v.n < n ? SW_END_OF_FILE : SW_OK;
}

/* May op be done to n bytes from off on? */
static sw_t
check_change(const struct file *ef, const struct access *who, enum acl_op op, size_t off, size_t n)
{
	sw_t sw = file_check(ef, who, FILE_TRANSPARENT, op);

	if (sw != SW_OK)
		return sw;
	if (off >= ef->contents.n)
		return SW_WRONG_OFFSET;
	return n > ef->contents.n - off ? SW_NO_MEMORY : SW_OK;
}

static bool
all_erased(const uint8_t *p, size_t n)
{
	return view_strip_end(view_of(p, n), FILE_ERASED).n == 0;
}

/* bytes that are combined at a time: a number known beforehand becomes whole registers */
#define BLOCK 64

static inline void
combine(uint8_t *restrict p, const uint8_t *restrict from, size_t n, enum file_write how)
{
	size_t i;

	switch (how) {
	case FILE_REPLACE:
	case FILE_ONCE:
		memcpy(p, from, n);
		break;
	case FILE_OR:
		for (i = 0; i < n; i++)
			p[i] |= from[i];
		break;
	case FILE_AND:
		for (i = 0; i < n; i++)
			p[i] &= from[i];
		break;
	case FILE_XOR:
		for (i = 0; i < n; i++)
			p[i] ^= from[i];
		break;
	}
}

bool
file_combine(uint8_t *restrict p, struct view v, enum file_write how)
{
	size_t i;

	if (how == FILE_ONCE && !all_erased(p, v.n))
		return false;
	if (v.n == 0)
		return true;
	for (i = 0; v.n - i >= BLOCK; i += BLOCK)
		combine(p + i, v.p + i, BLOCK, how);
	combine(p + i, v.p + i, v.n - i, how);
	return true;
}

sw_t
file_update(struct fs *fs, struct file *ef, const struct access *who, size_t off, struct view v)
{
	sw_t sw = check_change(ef, who, ACL_UPDATE, off, v.n);

	if (sw != SW_OK)
		return sw;
	file_combine(ef->contents.p + off, v, FILE_REPLACE);
	fs->changed = true;
	return SW_OK;
}

sw_t
file_write(struct fs *fs, struct file *ef, const struct access *who, size_t off, struct view v,
	   enum file_write how)
{
	sw_t sw = check_change(ef, who, ACL_WRITE, off, v.n);

	if (sw != SW_OK)
		return sw;
	if (!file_combine(ef->contents.p + off, v, how))
		return SW_CONDITIONS;
	fs->changed = true;
	return SW_OK;
}

sw_t
file_erase(struct fs *fs, struct file *ef, const struct access *who, size_t off, size_t end)
{
	sw_t sw = check_change(ef, who, ACL_UPDATE, off, 0);

	if (sw != SW_OK)
		return sw;
	if (end > ef->contents.n)
		return SW_WRONG_OFFSET;
	if (end <= off)
		return SW_WRONG_DATA;
	memset(ef->contents.p + off, FILE_ERASED, end - off);
	fs->changed = true;
	return SW_OK;
}

sw_t
file_search(const struct file *ef, const struct access *who, size_t off, struct view string,
	    size_t *found)
{
	sw_t sw = check_change(ef, who, ACL_READ, off, 0);
	const uint8_t *at;

	if (sw != SW_OK)
		return sw;
	at = memmem(ef->contents.p + off, ef->contents.n - off, string.p, string.n);
	if (!at)
		return SW_END_OF_FILE;
	*found = (size_t)(at - ef->contents.p);
	return SW_OK;
}

sw_t
file_set_contents(struct fs *fs, struct file *ef, struct view v)
{
	size_t old = ef->contents.n;
	struct buf next = BUF(v.n);

	if (file_kind(ef) != FILE_TRANSPARENT)
		return SW_INCOMPATIBLE_FILE;
	buf_put_view(&next, v);
	if (!fs_room(fs, old, v.n) || next.failed) {
		buf_free(&next);
		return SW_NO_MEMORY;
	}
	buf_free(&ef->contents);
	ef->contents = next;
	fs_account(fs, old, v.n);
	fs->changed = true;
	return SW_OK;
}
