/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "files.h"
#include "model/acl.h"
#include "model/record.h"

static struct fs fs;
static struct file *fixed, *variable, *cyclic;
static struct cursor at;
static const struct access anyone = { 0 };

static void
setup(void)
{
	ck_assert(fs_init(&fs));
	fixed = add(&fs, fs.mf, 0x0101, "0221 0002 03", 0, "");
	variable = add(&fs, fs.mf, 0x0102, "0421 0004", 0, "");
	cyclic = add(&fs, fs.mf, 0x0103, "0621 0001 03", 0, "");
	at = (struct cursor) { 0 };
	fs.changed = false;
}

static void
teardown(void)
{
	fs_free(&fs);
}

static sw_t
append(struct file *f, const char *value)
{
	size_t number = 0;
	sw_t sw = record_append(&fs, f, &anyone, ACL_WRITE, bytes(value), &number);

	if (sw == SW_OK)
		ck_assert_uint_eq(number, file_is_cyclic(f) ? 1 : f->n_records);
	return sw;
}

static sw_t
update(struct file *f, size_t number, const char *value)
{
	return record_update(&fs, f, &anyone, number, bytes(value));
}

/* The number that P1 and the mode come to; 0: not found. */
static size_t
find(const struct file *f, uint8_t p1, enum record_mode mode)
{
	size_t number = 0;

	return record_find(f, &at, p1, mode, &number) == SW_OK ? number : 0;
}

START_TEST(fixed_ones)
{
	struct view v;

	ck_assert_uint_eq(update(fixed, 2, "A1A2"), SW_OK);
	ck_assert(fs.changed);
	ck_assert_uint_eq(update(fixed, 2, "A1"), SW_WRONG_LENGTH);
	ck_assert_uint_eq(update(fixed, 2, "A1A2A3"), SW_WRONG_LENGTH);
	ck_assert_uint_eq(update(fixed, 0, "A1A2"), SW_RECORD_NOT_FOUND);
	ck_assert_uint_eq(update(fixed, 4, "A1A2"), SW_RECORD_NOT_FOUND);
	ck_assert_uint_eq(append(fixed, "B1B2"), SW_NO_MEMORY);
	ck_assert_uint_eq(record_read(fixed, &anyone, 2, &v), SW_OK);
	ck_bytes_eq(v, "A1A2");
	ck_assert_uint_eq(record_read(fixed, &anyone, 1, &v), SW_OK);
	ck_bytes_eq(v, "0000");
	ck_assert_uint_eq(record_read(fixed, &anyone, 4, &v), SW_RECORD_NOT_FOUND);
	ck_assert_uint_eq(record_read(fs.mf, &anyone, 1, &v), SW_INCOMPATIBLE_FILE);
}
END_TEST

START_TEST(variable_ones)
{
	size_t used = fs.used;

	ck_assert_uint_eq(append(variable, "01"), SW_OK);
	ck_assert_uint_eq(append(variable, "01020304"), SW_OK);
	ck_assert_uint_eq(append(variable, "0102030405"), SW_NO_MEMORY);
	ck_assert_uint_eq(append(variable, ""), SW_WRONG_LENGTH);
	ck_assert_uint_eq(update(variable, 1, "010203"), SW_OK);
	ck_assert_uint_eq(update(variable, 2, "AA"), SW_OK);
	ck_assert_uint_eq(fs.used, used + 4);
	ck_bytes_eq(record_view(variable, 1), "010203");
	ck_bytes_eq(record_view(variable, 2), "AA");
	ck_assert_uint_eq(record_view(variable, 3).n, 0);
}
END_TEST

START_TEST(no_more_than_254)
{
	unsigned i;

	for (i = 0; i < FILE_RECORDS_MAX; i++)
		ck_assert_uint_eq(append(variable, "01"), SW_OK);
	ck_assert_uint_eq(append(variable, "01"), SW_NO_MEMORY);
}
END_TEST

START_TEST(newest_is_number_one)
{
	ck_assert_uint_eq(append(cyclic, "01"), SW_OK);
	ck_assert_uint_eq(append(cyclic, "02"), SW_OK);
	ck_bytes_eq(record_view(cyclic, 1), "02");
	ck_bytes_eq(record_view(cyclic, 2), "01");
	ck_bytes_eq(record_view(cyclic, 3), "00");
	ck_assert_uint_eq(append(cyclic, "03"), SW_OK);
	ck_assert_uint_eq(append(cyclic, "04"), SW_OK); /* the oldest goes */
	ck_bytes_eq(record_view(cyclic, 1), "04");
	ck_bytes_eq(record_view(cyclic, 3), "02");
	ck_assert_uint_eq(cyclic->n_records, 3);
	ck_assert_uint_eq(append(cyclic, "0102"), SW_WRONG_LENGTH);
}
END_TEST

START_TEST(a_cyclic_file_that_grows)
{
	struct file *f = add(&fs, fs.mf, 0x0104, "0621 0001", 2, "");

	ck_assert_uint_eq(append(f, "01"), SW_OK);
	ck_assert_uint_eq(append(f, "02"), SW_OK);
	/* no room behind: as good as full */
	ck_assert_uint_eq(append(f, "03"), SW_OK);
	ck_assert_uint_eq(f->n_records, 2);
	ck_bytes_eq(record_view(f, 1), "03");
	ck_bytes_eq(record_view(f, 2), "02");
}
END_TEST

START_TEST(room)
{
	struct file *small = add(&fs, fs.mf, 0x0104, "0421 0010", 4, "");

	ck_assert_uint_eq(append(small, "010203"), SW_OK);
	ck_assert_uint_eq(append(small, "0102"), SW_NO_MEMORY); /* what DO 80 gave it */
	ck_assert_uint_eq(update(small, 1, "01020304"), SW_OK);
	ck_assert_uint_eq(update(small, 1, "0102030405"), SW_NO_MEMORY);
	ck_bytes_eq(record_view(small, 1), "01020304");
	fs.quota = fs.used + 1;
	fs.changed = false;
	ck_assert_uint_eq(append(variable, "0102"), SW_NO_MEMORY);
	ck_assert(!fs.changed);
	ck_assert_uint_eq(append(variable, "01"), SW_OK);
	ck_assert_uint_eq(update(variable, 1, "0102"), SW_NO_MEMORY);
	ck_assert_uint_eq(append(cyclic, "01"), SW_OK); /* takes no more than it has */
}
END_TEST

START_TEST(simple_tlv)
{
	struct file *v = add(&fs, fs.mf, 0x0104, "0521 0010", 0, "");
	struct file *f = add(&fs, fs.mf, 0x0105, "0321 0004 01", 0, "");

	ck_assert_uint_eq(append(v, "0102AABB"), SW_OK);
	ck_assert_uint_eq(append(v, "0103AABB"), SW_LC_TLV);
	ck_assert_uint_eq(append(v, "0101AABB"), SW_LC_TLV);
	ck_assert_uint_eq(append(v, "FF01AA"), SW_LC_TLV);
	ck_assert_uint_eq(append(v, "01"), SW_LC_TLV);
	ck_assert_uint_eq(update(f, 1, "0101AA00"), SW_OK); /* padded */
	ck_assert_uint_eq(update(f, 1, "0103AA00"), SW_LC_TLV);
}
END_TEST

START_TEST(by_number)
{
	ck_assert_uint_eq(find(fixed, 3, RECORD_NUMBER), 3);
	ck_assert_uint_eq(at.record, 0); /* 7816-4, 7.3.3: the pointer stays */
	ck_assert_uint_eq(find(fixed, 4, RECORD_NUMBER), 0);
	ck_assert_uint_eq(find(fixed, 0, RECORD_NUMBER), 0);
	at.record = 2;
	ck_assert_uint_eq(find(fixed, 0, RECORD_NUMBER), 2);
	at.record = 9;
	ck_assert_uint_eq(find(fixed, 0, RECORD_NUMBER), 0);
}
END_TEST

START_TEST(by_identifier)
{
	append(variable, "0101");
	append(variable, "0202");
	append(variable, "0103");
	append(variable, "0204");
	ck_assert_uint_eq(find(variable, 1, RECORD_NEXT), 1); /* without a current one: the first */
	ck_assert_uint_eq(find(variable, 1, RECORD_NEXT), 3);
	ck_assert_uint_eq(find(variable, 1, RECORD_NEXT), 0);
	ck_assert_uint_eq(at.record, 3);
	ck_assert_uint_eq(find(variable, 2, RECORD_PREVIOUS), 2);
	ck_assert_uint_eq(find(variable, 2, RECORD_PREVIOUS), 0);
	ck_assert_uint_eq(find(variable, 2, RECORD_LAST), 4);
	ck_assert_uint_eq(find(variable, 1, RECORD_FIRST), 1);
	ck_assert_uint_eq(find(variable, 0, RECORD_NEXT), 2); /* any */
	ck_assert_uint_eq(find(variable, 0, RECORD_LAST), 4);
	ck_assert_uint_eq(find(variable, 3, RECORD_FIRST), 0);
	at.record = 0;
	ck_assert_uint_eq(find(variable, 1, RECORD_PREVIOUS), 3); /* the last */
}
END_TEST

START_TEST(write_part)
{
	update(fixed, 1, "0FF0");
	ck_assert_uint_eq(
		record_write(&fs, fixed, &anyone,
			     &(struct record_part) { ACL_WRITE, 1, 1, bytes("0F"), FILE_OR }),
		SW_OK);
	ck_bytes_eq(record_view(fixed, 1), "0FFF");
	ck_assert_uint_eq(
		record_write(&fs, fixed, &anyone,
			     &(struct record_part) { ACL_WRITE, 1, 1, bytes("0F0F"), FILE_OR }),
		SW_NO_MEMORY);
	ck_assert_uint_eq(
		record_write(&fs, fixed, &anyone,
			     &(struct record_part) { ACL_WRITE, 1, 3, bytes("0F"), FILE_OR }),
		SW_WRONG_OFFSET);
	ck_assert_uint_eq(
		record_write(&fs, fixed, &anyone,
			     &(struct record_part) { ACL_WRITE, 1, 0, bytes("01"), FILE_ONCE }),
		SW_CONDITIONS);
	ck_assert_uint_eq(
		record_write(&fs, fixed, &anyone,
			     &(struct record_part) { ACL_WRITE, 4, 0, bytes("01"), FILE_OR }),
		SW_RECORD_NOT_FOUND);
	ck_bytes_eq(record_view(fixed, 1), "0FFF");
}
END_TEST

START_TEST(erase)
{
	update(fixed, 1, "1111");
	update(fixed, 2, "2222");
	update(fixed, 3, "3333");
	ck_assert_uint_eq(record_erase(&fs, fixed, &anyone, 2, 4), SW_RECORD_NOT_FOUND);
	ck_assert_uint_eq(record_erase(&fs, fixed, &anyone, 3, 2), SW_RECORD_NOT_FOUND);
	ck_assert_uint_eq(record_erase(&fs, fixed, &anyone, 0, 2), SW_RECORD_NOT_FOUND);
	ck_assert_uint_eq(record_erase(&fs, fixed, &anyone, 2, 3), SW_OK);
	ck_bytes_eq(record_view(fixed, 1), "1111");
	ck_bytes_eq(record_view(fixed, 2), "0000");
	ck_bytes_eq(record_view(fixed, 3), "0000");
}
END_TEST

START_TEST(everything_asks_first)
{
	struct file *f = add(&fs, fs.mf, 0x0104, "0221 0001 02", 0, "8C02 01 00"); /* read only */
	struct view v;
	size_t n;

	fs.changed = false;
	ck_assert_uint_eq(record_read(f, &anyone, 1, &v), SW_OK);
	ck_assert_uint_eq(record_update(&fs, f, &anyone, 9, bytes("01")), SW_SECURITY_STATUS);
	ck_assert_uint_eq(
		record_write(&fs, f, &anyone,
			     &(struct record_part) { ACL_WRITE, 1, 0, bytes("01"), FILE_OR }),
		SW_SECURITY_STATUS);
	ck_assert_uint_eq(record_append(&fs, f, &anyone, ACL_WRITE, bytes("01"), &n),
			  SW_SECURITY_STATUS);
	ck_assert_uint_eq(record_erase(&fs, f, &anyone, 1, 1), SW_SECURITY_STATUS);
	ck_assert(!fs.changed);
	ck_assert_uint_eq(record_update(&fs, f, NULL, 1, bytes("01")), SW_OK);
	f->life = FILE_DEACTIVATED;
	ck_assert_uint_eq(record_read(f, &anyone, 1, &v), SW_CONDITIONS);
}
END_TEST

START_TEST(drop_all)
{
	size_t before = fs.used;

	append(variable, "0102");
	record_drop_all(&fs, variable);
	ck_assert_uint_eq(variable->n_records, 0);
	ck_assert_uint_eq(fs.used, before);
	ck_assert_uint_eq(append(variable, "0102"), SW_OK);
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("record");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, fixed_ones);
	tcase_add_test(tc, variable_ones);
	tcase_add_test(tc, no_more_than_254);
	tcase_add_test(tc, newest_is_number_one);
	tcase_add_test(tc, a_cyclic_file_that_grows);
	tcase_add_test(tc, room);
	tcase_add_test(tc, simple_tlv);
	tcase_add_test(tc, by_number);
	tcase_add_test(tc, by_identifier);
	tcase_add_test(tc, write_part);
	tcase_add_test(tc, erase);
	tcase_add_test(tc, everything_asks_first);
	tcase_add_test(tc, drop_all);
	return run("record", tc);
}
