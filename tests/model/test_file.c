/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "files.h"
#include "model/acl.h"

static struct fs fs;
static struct file *ef;
static struct buf out;

/* Who may read only. */
static sw_t
reader(const struct access *who, const struct file *f, enum acl_op op)
{
	(void)who;
	(void)f;
	return op == ACL_READ ? SW_OK : SW_SECURITY_STATUS;
}

static const struct access anyone = { 0 }, readers = { .check_access = reader };

static void
setup(void)
{
	ck_assert(fs_init(&fs));
	ef = add(&fs, fs.mf, 0x0101, "01", 8, "");
	ck_assert_uint_eq(file_update(&fs, ef, NULL, 0, bytes("0001020304050607")), SW_OK);
	fs.changed = false;
	out = (struct buf) BUF(64);
}

static void
teardown(void)
{
	buf_free(&out);
	fs_free(&fs);
}

START_TEST(kinds)
{
	ck_assert_int_eq(file_kind_of(0x01), FILE_TRANSPARENT);
	ck_assert_int_eq(file_kind_of(0x41), FILE_TRANSPARENT);
	ck_assert_int_eq(file_kind_of(0x02), FILE_RECORDS);
	ck_assert_int_eq(file_kind_of(0x07), FILE_RECORDS);
	ck_assert_int_eq(file_kind_of(0x09), FILE_INTERNAL);
	ck_assert_int_eq(file_kind_of(0x11), FILE_INTERNAL);
	ck_assert_int_eq(file_kind_of(0x38), FILE_DF);
	ck_assert_int_eq(file_kind_of(0x78), FILE_DF);
	ck_assert_int_eq(file_kind_of(0x39), FILE_OBJECTS);
	ck_assert_int_eq(file_kind_of(0x3a), FILE_OBJECTS);
	ck_assert_int_eq(file_kind_of(0x3b), FILE_NO_KIND);
	ck_assert_int_eq(file_kind_of(0x00), FILE_NO_KIND);
	ck_assert_int_eq(file_kind_of(0x81), FILE_NO_KIND);
}
END_TEST

START_TEST(what_it_says_of_itself)
{
	struct file *f = add(&fs, fs.mf, 0x0102, "0221 0008 03", 0, "8501 AA");

	file_fcp(f, &out);
	ck_bytes_eq(buf_view(&out), "8002 0018 8205 0221 0008 03 8302 0102 8A0105 8501 AA");
	buf_reset(&out);
	/* without a size of records and a coding byte; the number in two bytes when it came so */
	file_fcp(add(&fs, fs.mf, 0x0103, "04", 0, ""), &out);
	ck_bytes_eq(buf_view(&out), "8002 0000 8205 0401 FFFF 00 8302 0103 8A0105");
	buf_reset(&out);
	file_fcp(add(&fs, fs.mf, 0x0104, "0221 0001 0002", 0, ""), &out);
	ck_bytes_eq(buf_view(&out), "8002 0002 8206 0221 0001 0002 8302 0104 8A0105");
	buf_reset(&out);
	/* a key says its bits, one that says nothing has no size */
	file_fcp(add(&fs, fs.mf, 0x0105, "11", 2048, ""), &out);
	ck_bytes_eq(buf_view(&out), "8002 0800 8201 11 8302 0105 8A0105");
	buf_reset(&out);
	file_fcp(add(&fs, fs.mf, 0x0106, "08", 0, ""), &out);
	ck_bytes_eq(buf_view(&out), "8201 08 8302 0106 8A0105");
}
END_TEST

START_TEST(read_units)
{
	ck_assert_uint_eq(file_read(ef, &anyone, 2, 3, &out), SW_OK);
	ck_bytes_eq(buf_view(&out), "020304");
	ck_assert_uint_eq(file_read(ef, &anyone, 7, 3, &out), SW_END_OF_FILE);
	ck_bytes_eq(buf_view(&out), "02030407");
	ck_assert_uint_eq(file_read(ef, &anyone, 8, 0, &out), SW_WRONG_OFFSET);
	ck_assert_uint_eq(file_read(ef, &anyone, SIZE_MAX, 1, &out), SW_WRONG_OFFSET);
	ck_assert_uint_eq(file_read(ef, &anyone, 1, SIZE_MAX, &out), SW_END_OF_FILE);
	ck_assert_uint_eq(file_read(fs.mf, &anyone, 0, 1, &out), SW_INCOMPATIBLE_FILE);
	ck_assert(!fs.changed);
}
END_TEST

START_TEST(update)
{
	ck_assert_uint_eq(file_update(&fs, ef, &anyone, 6, bytes("AABB")), SW_OK);
	ck_assert(fs.changed);
	ck_bytes_eq(buf_view(&ef->contents), "000102030405AABB");
	fs.changed = false;
	ck_assert_uint_eq(file_update(&fs, ef, &anyone, 6, bytes("AABBCC")), SW_NO_MEMORY);
	ck_assert_uint_eq(file_update(&fs, ef, &anyone, 8, bytes("AA")), SW_WRONG_OFFSET);
	ck_assert_uint_eq(file_update(&fs, fs.mf, &anyone, 0, bytes("AA")), SW_INCOMPATIBLE_FILE);
	ck_bytes_eq(buf_view(&ef->contents), "000102030405AABB");
	ck_assert(!fs.changed);
}
END_TEST

START_TEST(write_units)
{
	ck_assert_uint_eq(file_write(&fs, ef, &anyone, 1, bytes("F0"), FILE_OR), SW_OK);
	ck_assert_uint_eq(file_write(&fs, ef, &anyone, 2, bytes("FE"), FILE_AND), SW_OK);
	ck_assert_uint_eq(file_write(&fs, ef, &anyone, 3, bytes("FF"), FILE_XOR), SW_OK);
	ck_assert_uint_eq(file_write(&fs, ef, &anyone, 0, bytes("55"), FILE_ONCE), SW_OK);
	ck_bytes_eq(buf_view(&ef->contents), "55F102FC04050607");
	fs.changed = false;
	ck_assert_uint_eq(file_write(&fs, ef, &anyone, 0, bytes("55"), FILE_ONCE), SW_CONDITIONS);
	ck_assert(!fs.changed);
}
END_TEST

/* Longer than any register, from odd places, and not a byte more. */
START_TEST(write_many_units)
{
	uint8_t p[200], from[200];
	enum file_write how;
	size_t i;

	for (how = FILE_REPLACE; how <= FILE_XOR; how++) {
		for (i = 0; i < sizeof(p); i++) {
			p[i] = how == FILE_ONCE ? FILE_ERASED : (uint8_t)(7 * i);
			from[i] = (uint8_t)(13 * i + 5);
		}
		ck_assert(file_combine(p + 3, view_of(from + 1, 190), how));
		for (i = 0; i < sizeof(p); i++) {
			uint8_t was = how == FILE_ONCE ? FILE_ERASED : (uint8_t)(7 * i),
				with = from[i >= 2 ? i - 2 : 0];
			uint8_t now = how == FILE_OR    ? was | with
				      : how == FILE_AND ? was & with
				      : how == FILE_XOR ? was ^ with
							: with;

			ck_assert_uint_eq(p[i], i >= 3 && i < 193 ? now : was);
		}
		ck_assert(file_combine(p, view_of(NULL, 0), how));
	}
}
END_TEST

START_TEST(erase)
{
	ck_assert_uint_eq(file_erase(&fs, ef, &anyone, 2, 2), SW_WRONG_DATA);
	ck_assert_uint_eq(file_erase(&fs, ef, &anyone, 2, 9), SW_WRONG_OFFSET);
	ck_assert_uint_eq(file_erase(&fs, ef, &anyone, 8, 8), SW_WRONG_OFFSET);
	ck_assert(!fs.changed);
	ck_assert_uint_eq(file_erase(&fs, ef, &anyone, 2, 8), SW_OK);
	ck_bytes_eq(buf_view(&ef->contents), "0001000000000000");
}
END_TEST

START_TEST(search)
{
	size_t found = 99;

	ck_assert_uint_eq(file_search(ef, &anyone, 0, bytes("0607"), &found), SW_OK);
	ck_assert_uint_eq(found, 6);
	ck_assert_uint_eq(file_search(ef, &anyone, 6, bytes("0607"), &found), SW_OK);
	ck_assert_uint_eq(file_search(ef, &anyone, 7, bytes("0607"), &found), SW_END_OF_FILE);
	ck_assert_uint_eq(file_search(ef, &anyone, 8, bytes("07"), &found), SW_WRONG_OFFSET);
}
END_TEST

START_TEST(everything_asks_first)
{
	size_t found;

	ck_assert_uint_eq(file_read(ef, &readers, 0, 1, &out), SW_OK);
	ck_assert_uint_eq(file_search(ef, &readers, 0, bytes("00"), &found), SW_OK);
	ck_assert_uint_eq(file_update(&fs, ef, &readers, 0, bytes("AA")), SW_SECURITY_STATUS);
	ck_assert_uint_eq(file_write(&fs, ef, &readers, 0, bytes("AA"), FILE_OR),
			  SW_SECURITY_STATUS);
	ck_assert_uint_eq(file_erase(&fs, ef, &readers, 0, 1), SW_SECURITY_STATUS);
	/* the right before the offset */
	ck_assert_uint_eq(file_update(&fs, ef, &readers, 99, bytes("AA")), SW_SECURITY_STATUS);
	/* and the state before the right */
	ck_assert_uint_eq(fs_deactivate(&fs, ef, NULL), SW_OK);
	ck_assert_uint_eq(file_update(&fs, ef, &readers, 0, bytes("AA")), SW_CONDITIONS);
	ck_assert_uint_eq(file_read(ef, &readers, 0, 1, &out), SW_CONDITIONS);
	/* the card itself may */
	ck_assert_uint_eq(file_update(&fs, ef, NULL, 0, bytes("AA")), SW_OK);
}
END_TEST

START_TEST(coding_byte)
{
	struct file *f = add(&fs, fs.mf, 0x0102, "0141", 1, "");

	ck_assert_int_eq(file_write_mode(ef), FILE_OR);
	ck_assert_uint_eq(file_unit(ef), 2);
	ck_assert_int_eq(file_write_mode(f), FILE_OR);
	ck_assert_uint_eq(file_unit(f), 2);
	f->descriptor[1] = 0x01;
	ck_assert_int_eq(file_write_mode(f), FILE_ONCE);
	f->descriptor[1] = 0x63;
	ck_assert_int_eq(file_write_mode(f), FILE_AND);
	ck_assert_uint_eq(file_unit(f), 8);
	f->descriptor[1] = 0x20;
	ck_assert_int_eq(file_write_mode(f), FILE_OR);
	ck_assert_uint_eq(file_unit(f), 1);
}
END_TEST

START_TEST(contents_of_another_size)
{
	ck_assert_uint_eq(file_set_contents(&fs, ef, bytes("0102")), SW_OK);
	ck_assert_uint_eq(fs.used, 2);
	fs.quota = 3;
	ck_assert_uint_eq(file_set_contents(&fs, ef, bytes("01020304")), SW_NO_MEMORY);
	ck_bytes_eq(buf_view(&ef->contents), "0102");
	ck_assert_uint_eq(file_set_contents(&fs, ef, bytes("010203")), SW_OK);
	ck_assert_uint_eq(file_set_contents(&fs, ef, bytes("")), SW_OK);
	ck_assert_uint_eq(fs.used, 0);
	ck_assert_uint_eq(file_set_contents(&fs, fs.mf, bytes("01")), SW_INCOMPATIBLE_FILE);
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("file");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, kinds);
	tcase_add_test(tc, what_it_says_of_itself);
	tcase_add_test(tc, read_units);
	tcase_add_test(tc, update);
	tcase_add_test(tc, write_units);
	tcase_add_test(tc, write_many_units);
	tcase_add_test(tc, erase);
	tcase_add_test(tc, search);
	tcase_add_test(tc, everything_asks_first);
	tcase_add_test(tc, coding_byte);
	tcase_add_test(tc, contents_of_another_size);
	return run("file", tc);
}
