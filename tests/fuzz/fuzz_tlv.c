/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Data objects are taken from bytes; what is put again is taken again. */
#include "codec/fcp.h"
#include "codec/tlv.h"
#include "fuzz.h"

#define DEPTH_MAX 8

static void
walk(struct view in, unsigned depth)
{
	struct buf b = BUF(0x20000);
	struct tlv t, again;
	struct view v;
	size_t before = in.n;

	while (tlv_next(&in, &t)) {
		must(in.n < before && t.whole.n == before - in.n && t.value.n < t.whole.n);
		before = in.n;
		buf_reset(&b);
		tlv_put(&b, t.tag, t.value);
		must(!b.failed);
		v = buf_view(&b);
		must(tlv_next(&v, &again) && v.n == 0);
		must(again.tag == t.tag && view_equal(again.value, t.value));
		if (tlv_constructed(t.tag) && depth < DEPTH_MAX)
			walk(t.value, depth + 1);
	}
	must(in.n == before);
	buf_free(&b);
}

static void
walk_simple(struct view in)
{
	struct buf b = BUF(0x20000);
	struct tlv t, again;
	struct view v;

	while (simple_tlv_next(&in, &t)) {
		buf_reset(&b);
		simple_tlv_put(&b, (uint8_t)t.tag, t.value);
		v = buf_view(&b);
		must(simple_tlv_next(&v, &again) && v.n == 0 && again.tag == t.tag);
		must(view_equal(again.value, t.value));
	}
	buf_free(&b);
}

static void
look(struct view in)
{
	static const uint32_t path[] = { 0x62, 0xa5, 0x80, 0 };
	struct view v = in, value;
	struct tlv t;
	uint32_t tag;
	size_t n;

	while (tlv_next_padded(&v, &t))
		must(t.value.n < in.n);
	v = in;
	while (tlv_tag_next(&v, &tag))
		;
	v = in;
	while (tlv_length_next(&v, &n))
		;
	tlv_valid(in);
	if (tlv_find(in, 0x5f2d, &value))
		must(value.n < in.n);
	tlv_find_path(in, path, &value);
}

/* What SELECT tells of a file is what CREATE was told. */
static void
control_parameters(struct view in)
{
	struct buf b = BUF(256);
	struct fcp f, again;

	if (fcp_read(&f, in) < 0)
		return;
	must(f.descriptor.n <= FCP_DESCRIPTOR_MAX && f.name.n <= FCP_NAME_MAX);
	fcp_write(&b, &f);
	must(!b.failed && fcp_read(&again, buf_view(&b)) == 0);
	must(again.has_fid == f.has_fid && again.fid == f.fid && again.sfi == f.sfi);
	must(again.has_life == f.has_life && again.life == f.life);
	must(again.has_size == f.has_size && again.size == f.size);
	must(view_equal(again.descriptor, f.descriptor));
	buf_free(&b);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct view in = view_of(data, size);

	walk(in, 0);
	walk_simple(in);
	look(in);
	control_parameters(in);
	return 0;
}
