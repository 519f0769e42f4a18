/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "codec/fcp.h"

#include <errno.h>

#include "codec/tlv.h"

static bool
read_number(struct view v, bool *has, size_t *out)
{
	if (*has || v.n == 0 || !view_number(v, out))
		return false;
	*has = true;
	return true;
}

static bool
read_bytes(struct view v, size_t max, struct view *out)
{
	if (out->n > 0 || v.n == 0 || v.n > max)
		return false;
	*out = v;
	return true;
}

static bool
read_fid(struct fcp *f, struct view v)
{
	if (f->has_fid || v.n != 2 || !view_u16(&v, &f->fid))
		return false;
	f->has_fid = true;
	return true;
}

/* 7816-4, 7.4.3: in b8 to b4; no value: the file has none. */
static bool
read_sfi(struct fcp *f, struct view v)
{
	uint8_t byte = 0;

	if (f->sfi != FCP_SFI_IMPLIED || v.n > 1)
		return false;
	view_u8(&v, &byte);
	f->sfi = byte >> 3;
	return !(byte & 7) && f->sfi <= FCP_SFI_MAX;
}

static bool
read_life(struct fcp *f, struct view v)
{
	if (f->has_life || v.n != 1 || !view_u8(&v, &f->life))
		return false;
	f->has_life = true;
	return true;
}

static bool
read_one(struct fcp *f, const struct tlv *t)
{
	switch (t->tag) {
	case FCP_SIZE:
		return read_number(t->value, &f->has_size, &f->size);
	case FCP_TOTAL:
		return read_number(t->value, &f->has_total, &f->total);
	case FCP_DESCRIPTOR:
		return read_bytes(t->value, FCP_DESCRIPTOR_MAX, &f->descriptor);
	case FCP_FID:
		return read_fid(f, t->value);
	case FCP_NAME:
		return read_bytes(t->value, FCP_NAME_MAX, &f->name);
	case FCP_SFI:
		return read_sfi(f, t->value);
	case FCP_LIFE:
		return read_life(f, t->value);
	}
	return true;
}

int
fcp_read(struct fcp *f, struct view value)
{
	struct tlv t;

	*f = (struct fcp) { .sfi = FCP_SFI_IMPLIED };
	while (tlv_next(&value, &t)) {
		if (!read_one(f, &t))
			return -EINVAL;
	}
	return value.n == 0 ? 0 : -EINVAL;
}

bool
fcp_computed(uint32_t tag, bool df)
{
	switch (tag) {
	case FCP_DESCRIPTOR:
	case FCP_FID:
	case FCP_LIFE:
		return true;
	case FCP_SIZE:
	case FCP_SFI:
		return !df;
	}
	return false;
}

void
fcp_others(struct buf *b, struct view value, bool df)
{
	struct tlv t;

	while (tlv_next(&value, &t)) {
		/* 7816-4, 6.3: 00 is no object but filling */
		if (t.tag != 0 && !fcp_computed(t.tag, df))
			buf_put_view(b, t.whole);
	}
}

/* In as few bytes as it takes, two at least: what readers expect. */
static void
write_size(struct buf *b, size_t size)
{
	uint8_t bytes[sizeof(size)];
	size_t i, n = sizeof(size);

	while (n > 2 && !(size >> (8 * (n - 1))))
		n--;
	for (i = 0; i < n; i++)
		bytes[i] = (uint8_t)(size >> (8 * (n - 1 - i)));
	tlv_put(b, FCP_SIZE, view_of(bytes, n));
}

void
fcp_write(struct buf *b, const struct fcp *f)
{
	if (f->has_size)
		write_size(b, f->size);
	if (f->descriptor.n > 0)
		tlv_put(b, FCP_DESCRIPTOR, f->descriptor);
	if (f->has_fid)
		tlv_put_u16(b, FCP_FID, f->fid);
	if (f->sfi == 0)
		tlv_put(b, FCP_SFI, view_of(NULL, 0));
	else if (f->sfi != FCP_SFI_IMPLIED)
		tlv_put_u8(b, FCP_SFI, (uint8_t)(f->sfi << 3));
	if (f->has_life)
		tlv_put_u8(b, FCP_LIFE, f->life);
}
