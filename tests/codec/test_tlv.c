/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "codec/tlv.h"
#include "codec/tlv_index.h"
#include "files.h"

/* One object at the front, and how much is left behind it; -1: none, and nothing taken. */
static long
next(const char *hex, struct tlv *t)
{
	struct view in = bytes(hex), before = in;

	if (!tlv_next(&in, t)) {
		ck_assert_ptr_eq(in.p, before.p);
		ck_assert_uint_eq(in.n, before.n);
		return -1;
	}
	return (long)in.n;
}

START_TEST(tags)
{
	struct tlv t;

	ck_assert_int_eq(next("80 00", &t), 0);
	ck_assert_uint_eq(t.tag, 0x80);
	ck_assert_int_eq(next("5F2D 01 AA 99", &t), 1);
	ck_assert_uint_eq(t.tag, 0x5f2d);
	ck_bytes_eq(t.value, "AA");
	ck_bytes_eq(t.whole, "5F2D01AA");
	ck_assert_int_eq(next("DF8101 00", &t), 0);
	ck_assert_uint_eq(t.tag, 0xdf8101);
	ck_assert_int_eq(next("DF818101 00", &t), -1);
	ck_assert_int_eq(next("5F", &t), -1);
	ck_assert_int_eq(next("5F81", &t), -1);
	ck_assert_int_eq(next("", &t), -1);
	ck_assert(tlv_constructed(0x62) && tlv_constructed(0x7f49) && tlv_constructed(0xbf8101));
	ck_assert(!tlv_constructed(0x80) && !tlv_constructed(0x5f2d) && !tlv_constructed(0xdf8101));
}
END_TEST

START_TEST(lengths)
{
	struct tlv t;

	ck_assert_int_eq(next("80 8101 AA", &t), 0);
	ck_assert_int_eq(next("80 820001 AA", &t), 0);
	ck_assert_int_eq(next("80 83000001 AA", &t), 0);
	ck_bytes_eq(t.value, "AA");
	ck_assert_int_eq(next("80 8400000001 AA", &t), -1);
	ck_assert_int_eq(next("80 80 AA 0000", &t), -1); /* indefinite */
	ck_assert_int_eq(next("80 02 AA", &t), -1);
	ck_assert_int_eq(next("80 82 00", &t), -1);
	ck_assert_int_eq(next("80 83FFFFFF AA", &t), -1);
	ck_assert_int_eq(next("80", &t), -1);
}
END_TEST

START_TEST(one_after_the_other)
{
	struct view in = bytes("00FF 8001AA 0000 8100 FF"), v;
	struct tlv t;

	ck_assert(tlv_next_padded(&in, &t));
	ck_assert_uint_eq(t.tag, 0x80);
	ck_assert(tlv_next_padded(&in, &t));
	ck_assert_uint_eq(t.tag, 0x81);
	ck_assert(!tlv_next_padded(&in, &t));
	ck_assert_uint_eq(in.n, 0);
	in = bytes("00 80");
	ck_assert(!tlv_next_padded(&in, &t));
	ck_assert_uint_eq(in.n, 2);
	ck_assert(tlv_valid(bytes("8001AA 8100")));
	ck_assert(tlv_valid(bytes("")));
	ck_assert(!tlv_valid(bytes("8001AA 81")));
	ck_assert(tlv_find(bytes("8001AA 8001BB"), 0x80, &v));
	ck_bytes_eq(v, "AA");
	ck_assert(!tlv_find(bytes("8001AA 8102"), 0x82, &v));
}
END_TEST

START_TEST(paths)
{
	static const uint32_t path[] = { 0x7f49, 0x86, 0 }, other[] = { 0x7f49, 0x87, 0 };
	struct view v;

	ck_assert(tlv_find_path(bytes("06012A 7F4907 060155 8602AABB"), path, &v));
	ck_bytes_eq(v, "AABB");
	ck_assert(!tlv_find_path(bytes("06012A 7F4907 060155 8602AABB"), other, &v));
	ck_assert(!tlv_find_path(bytes("06012A"), path, &v));
}
END_TEST

START_TEST(written)
{
	struct buf b = BUF(70000);
	size_t outer, inner;

	tlv_put(&b, 0x80, bytes("AA"));
	tlv_put_u8(&b, 0x5f2d, 0x12);
	tlv_put_u16(&b, 0xdf8101, 0x1234);
	ck_bytes_eq(buf_view(&b), "8001AA 5F2D0112 DF8101021234");
	buf_reset(&b);
	outer = tlv_open(&b, 0x7f49);
	inner = tlv_open(&b, 0xa0);
	tlv_close(&b, inner);
	tlv_put(&b, 0x81, bytes("00"));
	tlv_close(&b, outer);
	ck_bytes_eq(buf_view(&b), "7F4905 A000 810100");
	buf_free(&b);
}
END_TEST

START_TEST(written_lengths)
{
	static const struct {
		size_t n;
		const char *head;
	} cases[] = {
		{ 0x7f, "537F" }, { 0x80, "538180" }, { 0xff, "5381FF" }, { 0x100, "53820100" },
		{ 0xffff, "5382FFFF" }, { 0x10000, "5383010000" },
	};
	struct buf b = BUF(70000);
	size_t i, mark;

	for (i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct view head;

		mark = tlv_open(&b, 0x53);
		buf_fill(&b, 0x00, cases[i].n);
		tlv_close(&b, mark);
		head = view_slice(buf_view(&b), 0, strlen(cases[i].head) / 2);
		ck_bytes_eq(head, cases[i].head);
		ck_assert_uint_eq(b.n, head.n + cases[i].n);
		buf_reset(&b);
	}
	buf_free(&b);
}
END_TEST

START_TEST(written_where_there_is_no_room)
{
	struct buf b = BUF(4);
	size_t mark = tlv_open(&b, 0x53);

	buf_fill(&b, 0x00, 3);
	ck_assert(!b.failed);
	tlv_close(&b, mark);
	ck_assert(b.failed);
	buf_free(&b);
}
END_TEST

START_TEST(simple_ones)
{
	struct view in = bytes("01 02 AABB FE FF0003 112233");
	struct buf b = BUF(1024);
	struct tlv t;

	ck_assert(simple_tlv_next(&in, &t));
	ck_assert_uint_eq(t.tag, 1);
	ck_bytes_eq(t.value, "AABB");
	ck_assert(simple_tlv_next(&in, &t));
	ck_assert_uint_eq(t.tag, 0xfe);
	ck_bytes_eq(t.whole, "FEFF0003112233");
	ck_assert(!simple_tlv_next(&in, &t));
	in = bytes("00 00");
	ck_assert(!simple_tlv_next(&in, &t));
	in = bytes("FF 00");
	ck_assert(!simple_tlv_next(&in, &t));
	in = bytes("01 FF00");
	ck_assert(!simple_tlv_next(&in, &t));
	in = bytes("01 01");
	ck_assert(!simple_tlv_next(&in, &t));
	ck_assert_uint_eq(in.n, 2);
	simple_tlv_put(&b, 0x01, bytes("AA"));
	ck_bytes_eq(buf_view(&b), "0101AA");
	buf_reset(&b);
	buf_fill(&b, 0x55, 255);
	in = view_of(memcpy(malloc(255), b.p, 255), 255);
	buf_reset(&b);
	simple_tlv_put(&b, 0x02, in);
	ck_bytes_eq(view_slice(buf_view(&b), 0, 5), "02FF00FF55");
	ck_assert_uint_eq(b.n, 259);
	free((void *)(uintptr_t)in.p);
	buf_free(&b);
}
END_TEST

START_TEST(an_index)
{
	static const uint8_t bytes[] = { 0x81, 0x01, 0xaa, 0x5f, 0x2d, 0x00, 0x81, 0x01, 0xbb, 0xa0,
					 0x05, 0x81, 0x01, 0xcc, 0x80, 0x00, 0x80, 0x00, 0x83 };
	struct view in = view_of(bytes, sizeof(bytes));
	struct tlv_index *ix = tlv_index_new(in), *inside;
	const uint32_t asked[] = { 0x80, 0x81, 0x82, 0x83, 0xa0, 0x5f2d, 0 };
	struct view value;
	size_t i;

	ck_assert_ptr_nonnull(ix);
	/* as tlv_find: of two the first, and nothing behind what is no object */
	for (i = 0; i < sizeof(asked) / sizeof(*asked); i++) {
		struct tlv_entry *e = tlv_index_find(ix, asked[i]);

		ck_assert_int_eq(e != NULL, tlv_find(in, asked[i], &value));
		if (e)
			ck_assert_ptr_eq(e->value.p, value.p);
	}
	inside = tlv_index_inside(tlv_index_find(ix, 0xa0));
	ck_assert_ptr_nonnull(inside);
	ck_assert_ptr_eq(tlv_index_inside(tlv_index_find(ix, 0xa0)), inside);
	ck_assert_uint_eq(tlv_index_find(inside, 0x81)->value.p[0], 0xcc);
	ck_assert_ptr_null(tlv_index_find(inside, 0x5f2d));
	tlv_index_free(ix);
	ix = tlv_index_new(view_of(NULL, 0));
	ck_assert_ptr_nonnull(ix);
	ck_assert_ptr_null(tlv_index_find(ix, 0x81));
	tlv_index_free(ix);
	tlv_index_free(NULL);
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("tlv");

	tcase_add_test(tc, tags);
	tcase_add_test(tc, lengths);
	tcase_add_test(tc, one_after_the_other);
	tcase_add_test(tc, paths);
	tcase_add_test(tc, written);
	tcase_add_test(tc, written_lengths);
	tcase_add_test(tc, written_where_there_is_no_room);
	tcase_add_test(tc, simple_ones);
	tcase_add_test(tc, an_index);
	return run("tlv", tc);
}
