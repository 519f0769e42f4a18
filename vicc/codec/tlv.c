/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "codec/tlv.h"

#define TAG_BYTES_MAX 3
#define LENGTH_BYTES_MAX 3

bool
tlv_tag_next(struct view *in, uint32_t *tag)
{
	struct view rest = *in;
	uint8_t byte;
	unsigned n;

	if (!view_u8(&rest, &byte))
		return false;
	*tag = byte;
	if ((byte & 0x1f) == 0x1f) {
		n = 1;
		do {
			if (n++ == TAG_BYTES_MAX || !view_u8(&rest, &byte))
				return false;
			*tag = *tag << 8 | byte;
		} while (byte & 0x80);
	}
	*in = rest;
	return true;
}

bool
tlv_length_next(struct view *in, size_t *n)
{
	struct view rest = *in, bytes;
	uint8_t first;

	if (!view_u8(&rest, &first))
		return false;
	*n = first;
	/* 80 is the indefinite form, which 7816-4 does not allow */
	if (first & 0x80) {
		first &= 0x7f;
		if (first == 0 || first > LENGTH_BYTES_MAX || !view_take(&rest, first, &bytes) ||
		    !view_number(bytes, n))
			return false;
	}
	*in = rest;
	return true;
}

bool
tlv_next(struct view *in, struct tlv *out)
{
	struct view rest = *in;
	size_t n;

	if (!tlv_tag_next(&rest, &out->tag) || !tlv_length_next(&rest, &n) ||
	    !view_take(&rest, n, &out->value))
		return false;
	out->whole = view_of(in->p, in->n - rest.n);
	*in = rest;
	return true;
}

bool
tlv_next_padded(struct view *in, struct tlv *out)
{
	struct view rest = *in;
	uint8_t byte;

	while (rest.n > 0 && (rest.p[0] == 0x00 || rest.p[0] == 0xff))
		view_u8(&rest, &byte);
	if (rest.n == 0) {
		*in = rest;
		return false;
	}
	if (!tlv_next(&rest, out))
		return false;
	*in = rest;
	return true;
}

bool
tlv_valid(struct view in)
{
	struct tlv t;

	while (tlv_next(&in, &t))
		;
	return in.n == 0;
}

bool
tlv_find(struct view in, uint32_t tag, struct view *value)
{
	struct tlv t;

	while (tlv_next(&in, &t)) {
		if (t.tag == tag) {
			*value = t.value;
			return true;
		}
	}
	return false;
}

bool
tlv_find_path(struct view in, const uint32_t *tags, struct view *value)
{
	for (*value = in; *tags; tags++) {
		if (!tlv_find(*value, *tags, value))
			return false;
	}
	return true;
}

void
tlv_put_tag(struct buf *b, uint32_t tag)
{
	if (tag > 0xffff)
		buf_u8(b, (uint8_t)(tag >> 16));
	if (tag > 0xff)
		buf_u8(b, (uint8_t)(tag >> 8));
	buf_u8(b, (uint8_t)tag);
}

/* The length field into out; its size. */
static size_t
length_field(size_t n, uint8_t out[4])
{
	if (n < 0x80) {
		out[0] = (uint8_t)n;
		return 1;
	}
	if (n <= 0xff) {
		out[0] = 0x81;
		out[1] = (uint8_t)n;
		return 2;
	}
	if (n <= 0xffff) {
		out[0] = 0x82;
		out[1] = (uint8_t)(n >> 8);
		out[2] = (uint8_t)n;
		return 3;
	}
	out[0] = 0x83;
	out[1] = (uint8_t)(n >> 16);
	out[2] = (uint8_t)(n >> 8);
	out[3] = (uint8_t)n;
	return 4;
}

void
tlv_put_length(struct buf *b, size_t n)
{
	uint8_t field[4];

	buf_put(b, field, length_field(n, field));
}

void
tlv_put(struct buf *b, uint32_t tag, struct view value)
{
	tlv_put_tag(b, tag);
	tlv_put_length(b, value.n);
	buf_put_view(b, value);
}

void
tlv_put_u8(struct buf *b, uint32_t tag, uint8_t value)
{
	tlv_put(b, tag, view_of(&value, 1));
}

void
tlv_put_u16(struct buf *b, uint32_t tag, uint16_t value)
{
	const uint8_t bytes[] = { (uint8_t)(value >> 8), (uint8_t)value };

	tlv_put(b, tag, view_of(bytes, sizeof(bytes)));
}

size_t
tlv_open(struct buf *b, uint32_t tag)
{
	tlv_put_tag(b, tag);
	return b->n;
}

void
tlv_close(struct buf *b, size_t mark)
{
	uint8_t field[4];

	if (b->failed)
		return;
	buf_insert(b, mark, field, length_field(b->n - mark, field));
}

bool
simple_tlv_next(struct view *in, struct tlv *out)
{
	struct view rest = *in;
	uint8_t tag, n8;
	uint16_t n;

	if (!view_u8(&rest, &tag) || tag == 0x00 || tag == 0xff || !view_u8(&rest, &n8))
		return false;
	n = n8;
	if ((n8 == 0xff && !view_u16(&rest, &n)) || !view_take(&rest, n, &out->value))
		return false;
	out->tag = tag;
	out->whole = view_of(in->p, in->n - rest.n);
	*in = rest;
	return true;
}

void
simple_tlv_put(struct buf *b, uint8_t tag, struct view value)
{
	buf_u8(b, tag);
	if (value.n >= 0xff) {
		buf_u8(b, 0xff);
		buf_u16(b, (uint16_t)value.n);
	} else {
		buf_u8(b, (uint8_t)value.n);
	}
	buf_put_view(b, value);
}
