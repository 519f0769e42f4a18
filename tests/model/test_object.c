/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "files.h"
#include "model/object.h"

static struct fs fs;
static struct file *df, *ber, *simple;
static const struct access anyone = { 0 };

static void
setup(void)
{
	ck_assert(fs_init(&fs));
	df = add(&fs, fs.mf, 0x1000, "38", 0, "");
	ber = add(&fs, df, 0x1001, "39", 8, "");
	simple = add(&fs, df, 0x1002, "3A", 0, "");
	fs.changed = false;
}

static void
teardown(void)
{
	fs_free(&fs);
}

static sw_t
put(struct file *f, uint32_t tag, const char *value)
{
	return object_put(&fs, f, &anyone, tag, bytes(value));
}

START_TEST(put_and_get)
{
	struct view v;

	ck_assert_uint_eq(object_get(df, &anyone, 0x5f2d, &v), SW_REFERENCE_NOT_FOUND);
	ck_assert_uint_eq(put(df, 0x5f2d, "6465"), SW_OK);
	ck_assert(fs.changed);
	ck_assert_uint_eq(put(df, 0x0101, "AA"), SW_OK);
	ck_assert_uint_eq(object_get(df, &anyone, 0x5f2d, &v), SW_OK);
	ck_bytes_eq(v, "6465");
	ck_assert_uint_eq(put(df, 0x5f2d, "656E67"), SW_OK);
	ck_assert_uint_eq(object_get(df, &anyone, 0x5f2d, &v), SW_OK);
	ck_bytes_eq(v, "656E67");
	ck_assert_uint_eq(fs.used, 4);
	/* they stay in the order in which they came */
	ck_assert_uint_eq(df->objects->tag, 0x5f2d);
	ck_assert_uint_eq(df->objects->next->tag, 0x0101);
}
END_TEST

START_TEST(empty_removes)
{
	ck_assert_uint_eq(put(df, 0x5f2d, ""), SW_REFERENCE_NOT_FOUND);
	ck_assert(!fs.changed);
	put(df, 0x5f2d, "6465");
	put(df, 0x5f2e, "6465");
	ck_assert_uint_eq(put(df, 0x5f2d, ""), SW_OK);
	ck_assert_ptr_null(object_find(df, 0x5f2d));
	ck_assert_ptr_nonnull(object_find(df, 0x5f2e));
	ck_assert_uint_eq(fs.used, 2);
	/* the card's own may be empty */
	ck_assert_uint_eq(object_set(&fs, df, 0x5f2d, bytes("")), SW_OK);
	ck_assert_ptr_nonnull(object_find(df, 0x5f2d));
}
END_TEST

START_TEST(only_where_objects_are)
{
	struct file *f = add(&fs, df, 0x1003, "01", 1, "");
	struct view v;

	ck_assert_uint_eq(put(f, 0x5f2d, "00"), SW_INCOMPATIBLE_FILE);
	ck_assert_uint_eq(object_get(f, &anyone, 0x5f2d, &v), SW_INCOMPATIBLE_FILE);
	ck_assert_uint_eq(put(ber, 0x5f2d, "00"), SW_OK);
	ck_assert_uint_eq(fs_deactivate(&fs, ber, NULL), SW_OK);
	ck_assert_uint_eq(object_get(ber, &anyone, 0x5f2d, &v), SW_CONDITIONS);
}
END_TEST

START_TEST(all_or_none)
{
	put(df, 0x5f2d, "6465");
	fs.changed = false;
	ck_assert_uint_eq(object_put_all(&fs, df, &anyone, bytes("C101AA 5F2D0101"), false), SW_OK);
	ck_bytes_eq(buf_view(&object_find(df, 0x5f2d)->value), "01");
	ck_bytes_eq(buf_view(&object_find(df, 0xc1)->value), "AA");
	fs.changed = false;
	ck_assert_uint_eq(object_put_all(&fs, df, &anyone, bytes("C101BB C202AA"), false),
			  SW_WRONG_DATA);
	ck_assert_uint_eq(object_put_all(&fs, df, &anyone, bytes(""), false), SW_WRONG_DATA);
	ck_assert_uint_eq(object_put_all(&fs, df, &anyone, bytes("C101BB C2"), false),
			  SW_WRONG_DATA);
	ck_bytes_eq(buf_view(&object_find(df, 0xc1)->value), "AA");
	ck_assert(!fs.changed);
	/* the same twice: the last one stays */
	ck_assert_uint_eq(object_put_all(&fs, df, &anyone, bytes("C301BB C301CC"), false), SW_OK);
	ck_bytes_eq(buf_view(&object_find(df, 0xc3)->value), "CC");
	ck_assert_uint_eq(fs.used, 3);
	/* the other kind of tags */
	ck_assert_uint_eq(object_put_all(&fs, simple, &anyone, bytes("0101AA FE02BBBB"), true),
			  SW_OK);
	ck_bytes_eq(buf_view(&object_find(simple, 0x0201)->value), "AA");
	ck_bytes_eq(buf_view(&object_find(simple, 0x02fe)->value), "BBBB");
	ck_assert_uint_eq(object_put_all(&fs, simple, &anyone, bytes("0001AA"), true),
			  SW_WRONG_DATA);
}
END_TEST

START_TEST(room)
{
	uint32_t tag;

	ck_assert_uint_eq(put(ber, 0xc1, "0102030405060708"), SW_OK);
	ck_assert_uint_eq(put(ber, 0xc2, "01"), SW_NO_MEMORY); /* DO 80 says 8 */
	ck_assert_uint_eq(put(ber, 0xc1, "01020304050607"), SW_OK);
	ck_assert_uint_eq(put(ber, 0xc2, "01"), SW_OK);
	fs.quota = fs.used + 2;
	fs.changed = false;
	ck_assert_uint_eq(put(df, 0xc1, "010203"), SW_NO_MEMORY);
	ck_assert_uint_eq(object_put_all(&fs, df, &anyone, bytes("C1020102 C20101"), false),
			  SW_NO_MEMORY);
	ck_assert(!fs.changed);
	ck_assert_ptr_null(df->objects);
	ck_assert_uint_eq(put(df, 0xc1, "0102"), SW_OK);
	fs.quota = FS_QUOTA;
	for (tag = 0xdf8100; tag < 0xdf8100 + OBJECTS_MAX; tag++)
		ck_assert_uint_eq(object_set(&fs, fs.mf, tag, bytes("")), SW_OK);
	ck_assert_uint_eq(object_set(&fs, fs.mf, tag, bytes("")), SW_NO_MEMORY);
}
END_TEST

START_TEST(who_may_put)
{
	/* creating an EF is nobody's right here, reading is everyone's */
	struct file *d = add(&fs, df, 0x2000, "38", 0, "8C02 02 FF");
	struct file *e = add(&fs, df, 0x2001, "39", 0, "8C03 03 FF 00");
	struct view v;

	ck_assert_uint_eq(put(d, 0xc1, "01"), SW_SECURITY_STATUS);
	ck_assert_uint_eq(object_put_all(&fs, d, &anyone, bytes("C10101"), false),
			  SW_SECURITY_STATUS);
	ck_assert_uint_eq(object_put(&fs, d, NULL, 0xc1, bytes("01")), SW_OK);
	ck_assert_uint_eq(object_get(d, &anyone, 0xc1, &v), SW_OK);
	ck_assert_uint_eq(put(e, 0xc1, "01"), SW_SECURITY_STATUS);
	ck_assert_uint_eq(object_get(e, &anyone, 0xc1, &v), SW_REFERENCE_NOT_FOUND);
	e->others.p[3] = 0x00;
	e->others.p[4] = 0xff;
	ck_assert_uint_eq(put(e, 0xc1, "01"), SW_OK);
	ck_assert_uint_eq(object_get(e, &anyone, 0xc1, &v), SW_SECURITY_STATUS);
}
END_TEST

START_TEST(rules_of_single_objects)
{
	/* C1: put never, get free; C2 and 5F2D: get never, expanded; C3: no rule at all */
	struct file *d = add(&fs, df, 0x2000, "38", 0,
			     "A008 5C01C1 8C03 03 FF 00"
			     "A00F 5C03C25F2D AB08 800101 9700 800102"
			     "A003 5C01C3");
	struct view v;

	ck_assert_uint_eq(put(d, 0xc1, "01"), SW_SECURITY_STATUS);
	ck_assert_uint_eq(object_get(d, &anyone, 0xc1, &v), SW_REFERENCE_NOT_FOUND);
	ck_assert_uint_eq(object_get(d, &anyone, 0x5f2d, &v), SW_SECURITY_STATUS);
	ck_assert_uint_eq(put(d, 0xc2, "01"), SW_SECURITY_STATUS);
	ck_assert_uint_eq(put(d, 0xc3, "01"), SW_SECURITY_STATUS);
	ck_assert_uint_eq(put(d, 0xc4, "01"), SW_OK);
	d->life = FILE_CREATION;
	ck_assert_uint_eq(put(d, 0xc1, "01"), SW_OK);
}
END_TEST

START_TEST(next_of_either_kind)
{
	struct view in = bytes("5F2D01AA 01"), value;
	uint32_t tag;

	ck_assert(object_next(&in, false, &tag, &value));
	ck_assert_uint_eq(tag, 0x5f2d);
	ck_assert(!object_next(&in, false, &tag, &value));
	ck_assert_uint_eq(in.n, 1);
	in = bytes("0101AA");
	ck_assert(object_next(&in, true, &tag, &value));
	ck_assert_uint_eq(tag, 0x0201);
	ck_assert(!object_next(&in, true, &tag, &value));
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("object");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, put_and_get);
	tcase_add_test(tc, empty_removes);
	tcase_add_test(tc, only_where_objects_are);
	tcase_add_test(tc, all_or_none);
	tcase_add_test(tc, room);
	tcase_add_test(tc, who_may_put);
	tcase_add_test(tc, rules_of_single_objects);
	tcase_add_test(tc, next_of_either_kind);
	return run("object", tc);
}
