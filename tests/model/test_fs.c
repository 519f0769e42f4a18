/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "files.h"
#include "known.h"
#include "model/object.h"
#include "model/record.h"

static struct fs fs;
static struct cursor at;

static void
setup(void)
{
	ck_assert(fs_init(&fs));
	at = (struct cursor) { 0 };
}

static void
teardown(void)
{
	fs_free(&fs);
}

static sw_t
pick(enum fs_how how, const char *data, struct file **found)
{
	struct selector what = { .how = how, .data = bytes(data) };

	return fs_select(&fs, &what, &at, found);
}

START_TEST(new_one)
{
	ck_assert_uint_eq(fs.mf->fid, 0x3f00);
	ck_assert_uint_eq(fs.n_files, 1);
	ck_assert_uint_eq(fs.used, 0);
	ck_assert_uint_eq(fs.quota, FS_QUOTA);
	ck_assert(!fs.changed && !fs.terminated);
	ck_assert_ptr_eq(fs_walk(&fs, NULL), fs.mf);
	ck_assert_ptr_null(fs_walk(&fs, fs.mf));
	ck_assert_ptr_eq(fs_df(&fs, &at), fs.mf);
	ck_assert_ptr_null(fs_ef(&fs, &at));
}
END_TEST

START_TEST(walk_meets_each_once)
{
	struct file *a = add(&fs, fs.mf, 0x1000, "38", 0, "");
	struct file *b = add(&fs, fs.mf, 0x2000, "38", 0, "");
	struct file *a1 = add(&fs, a, 0x1001, "01", 1, "");
	struct file *a2 = add(&fs, a, 0x1002, "38", 0, "");
	struct file *a21 = add(&fs, a2, 0x1003, "01", 1, "");

	ck_assert_ptr_eq(fs_walk(&fs, fs.mf), a);
	ck_assert_ptr_eq(fs_walk(&fs, a), a1);
	ck_assert_ptr_eq(fs_walk(&fs, a1), a2);
	ck_assert_ptr_eq(fs_walk(&fs, a2), a21);
	ck_assert_ptr_eq(fs_walk(&fs, a21), b);
	ck_assert_ptr_null(fs_walk(&fs, b));
	ck_assert_ptr_eq(fs_by_uid(&fs, a21->uid), a21);
	ck_assert_ptr_null(fs_by_uid(&fs, a21->uid + 1));
	ck_assert_ptr_null(fs_by_uid(&fs, 0));
}
END_TEST

START_TEST(numbers_are_never_given_again)
{
	struct file *f = add(&fs, fs.mf, 0x1000, "01", 4, "");
	uint32_t uid = f->uid;
	struct file_spec mf = { .life = FILE_CREATION };

	ck_assert_uint_eq(fs_delete(&fs, f, NULL), SW_OK);
	ck_assert_ptr_null(fs_by_uid(&fs, uid));
	ck_assert_uint_gt(add(&fs, fs.mf, 0x1000, "01", 4, "")->uid, uid);
	uid = fs.next_uid;
	ck_assert_uint_eq(fs_format(&fs, &mf), SW_OK);
	ck_assert_uint_gt(fs.mf->uid, uid);
	ck_assert_uint_eq(fs.mf->life, FILE_CREATION);
	ck_assert_uint_eq(fs.mf->fid, 0x3f00);
	ck_assert_uint_eq(fs.used, 0);
	ck_assert_uint_eq(fs.n_files, 1);
}
END_TEST

START_TEST(format_refused_leaves_all)
{
	struct file_spec mf = { .life = FILE_ACTIVATED };
	struct file *f = add(&fs, fs.mf, 0x1000, "01", 4, "");

	mf.others = bytes("8400");
	ck_assert_uint_eq(fs_format(&fs, &mf), SW_WRONG_DATA);
	mf.others = bytes("85");
	ck_assert_uint_eq(fs_format(&fs, &mf), SW_WRONG_DATA);
	ck_assert_ptr_eq(fs_child(fs.mf, 0x1000), f);
	mf.others = bytes("8402 A001");
	ck_assert_uint_eq(fs_format(&fs, &mf), SW_OK);
	ck_assert_ptr_eq(fs_by_name(&fs, bytes("A001")), fs.mf);
}
END_TEST

START_TEST(a_spec_that_cannot_be)
{
	struct file_spec spec = spec_of(0x3f00, "01", 4), good = spec_of(0x1000, "01", 4);

	ck_assert_uint_eq(fs_add(&fs, fs.mf, &spec, NULL), SW_WRONG_DATA);
	spec = good;
	spec.descriptor_n = 0;
	ck_assert_uint_eq(fs_add(&fs, fs.mf, &spec, NULL), SW_WRONG_DATA);
	spec = good;
	spec.descriptor_n = FCP_DESCRIPTOR_MAX + 1;
	ck_assert_uint_eq(fs_add(&fs, fs.mf, &spec, NULL), SW_WRONG_DATA);
	spec = good;
	spec.descriptor[0] = 0x00;
	ck_assert_uint_eq(fs_add(&fs, fs.mf, &spec, NULL), SW_WRONG_DATA);
	spec = good;
	spec.sfi = 31;
	ck_assert_uint_eq(fs_add(&fs, fs.mf, &spec, NULL), SW_WRONG_DATA);
	spec = good;
	spec.others = bytes("8501");
	ck_assert_uint_eq(fs_add(&fs, fs.mf, &spec, NULL), SW_WRONG_DATA);
	/* record files: without a size of records, too many of them */
	spec = spec_of(0x1000, "02", 0);
	ck_assert_uint_eq(fs_add(&fs, fs.mf, &spec, NULL), SW_WRONG_DATA);
	spec = spec_of(0x1000, "0221", 0);
	ck_assert_uint_eq(fs_add(&fs, fs.mf, &spec, NULL), SW_WRONG_DATA);
	spec = spec_of(0x1000, "0221 00", 0);
	ck_assert_uint_eq(fs_add(&fs, fs.mf, &spec, NULL), SW_WRONG_DATA);
	spec = spec_of(0x1000, "0221 0001 FF", 0);
	ck_assert_uint_eq(fs_add(&fs, fs.mf, &spec, NULL), SW_WRONG_DATA);
	ck_assert_uint_eq(fs.n_files, 1);
	ck_assert(!fs.changed);
	ck_assert_uint_eq(fs_add(&fs, fs.mf, &good, NULL), SW_OK);
	ck_assert(fs.changed);
}
END_TEST

START_TEST(records_that_are_there_from_the_start)
{
	ck_assert_uint_eq(add(&fs, fs.mf, 0x1000, "0221 0008 04", 0, "")->n_records, 4);
	ck_assert_uint_eq(add(&fs, fs.mf, 0x1001, "0621 0008 0004", 0, "")->n_records, 4);
	ck_assert_uint_eq(fs.used, 64);
	ck_assert_uint_eq(add(&fs, fs.mf, 0x1002, "0421 0008 04", 0, "")->n_records, 0);
	ck_assert_uint_eq(add(&fs, fs.mf, 0x1003, "0221 08", 0, "")->n_records, 0);
	ck_assert_uint_eq(add(&fs, fs.mf, 0x1004, "04", 0, "")->record_max, FILE_RECORD_MAX);
	ck_assert_uint_eq(fs.used, 64);
}
END_TEST

START_TEST(memory_is_bounded)
{
	struct file_spec spec = spec_of(0x1000, "01", 101);

	fs.quota = 100;
	ck_assert_uint_eq(fs_add(&fs, fs.mf, &spec, NULL), SW_NO_MEMORY);
	spec.size = SIZE_MAX;
	ck_assert_uint_eq(fs_add(&fs, fs.mf, &spec, NULL), SW_NO_MEMORY);
	spec = spec_of(0x1000, "0221 000B 0A", 0);
	ck_assert_uint_eq(fs_add(&fs, fs.mf, &spec, NULL), SW_NO_MEMORY);
	ck_assert_uint_eq(fs.used, 0);
	ck_assert(!fs.changed);
	spec = spec_of(0x1000, "01", 100);
	ck_assert_uint_eq(fs_add(&fs, fs.mf, &spec, NULL), SW_OK);
	ck_assert_uint_eq(fs.used, 100);
	spec = spec_of(0x1001, "01", 1);
	ck_assert_uint_eq(fs_add(&fs, fs.mf, &spec, NULL), SW_NO_MEMORY);
	ck_assert_uint_eq(fs_delete(&fs, fs.mf->children, NULL), SW_OK);
	ck_assert_uint_eq(fs_add(&fs, fs.mf, &spec, NULL), SW_OK);
	ck_assert_uint_eq(fs.used, 1);
	/* a quota that was made smaller than what is there */
	fs.quota = 0;
	ck_assert(!fs_room(&fs, 0, 1));
	ck_assert(fs_room(&fs, 1, 1));
	ck_assert(fs_room(&fs, 1, 0));
}
END_TEST

START_TEST(files_are_bounded)
{
	struct file_spec spec = spec_of(1, "01", 0);
	size_t i;

	for (i = 1; i < FS_FILES_MAX; i++) {
		spec.fid = (uint16_t)i;
		ck_assert_uint_eq(fs_add(&fs, fs.mf, &spec, NULL), SW_OK);
	}
	spec.fid = (uint16_t)i;
	ck_assert_uint_eq(fs_add(&fs, fs.mf, &spec, NULL), SW_NO_MEMORY);
	ck_assert_uint_eq(fs_delete(&fs, fs_child(fs.mf, 7), NULL), SW_OK);
	ck_assert_ptr_null(fs_child(fs.mf, 7));
	ck_assert_ptr_nonnull(fs_child(fs.mf, 8));
	ck_assert_uint_eq(fs_by_uid(&fs, fs_child(fs.mf, 8)->uid)->fid, 8);
	ck_assert_uint_eq(fs_add(&fs, fs.mf, &spec, NULL), SW_OK);
}
END_TEST

START_TEST(depth_is_bounded)
{
	struct file *df = fs.mf;
	struct file_spec spec = spec_of(0x1000, "38", 0);
	unsigned i;

	for (i = 0; i < FS_DEPTH_MAX; i++)
		df = add(&fs, df, 0x1000, "38", 0, "");
	ck_assert_uint_eq(fs_add(&fs, df, &spec, NULL), SW_NO_MEMORY);
	spec = spec_of(0x1001, "01", 1);
	ck_assert_uint_eq(fs_add(&fs, df, &spec, NULL), SW_OK);
	ck_assert_uint_eq(fs_delete(&fs, fs.mf->children, NULL), SW_OK);
	ck_assert_uint_eq(fs.n_files, 1);
	ck_assert_uint_eq(fs.used, 0);
}
END_TEST

START_TEST(names_and_short_identifiers)
{
	struct file *a = add(&fs, fs.mf, 0x1000, "38", 0, "8402 A001");
	struct file *b = add(&fs, fs.mf, 0x1101, "01", 0, "");
	struct file *c = add(&fs, fs.mf, 0x1201, "01", 0, "");
	struct file_spec spec = spec_of(0x1300, "01", 0);

	ck_assert_ptr_eq(fs_by_name(&fs, bytes("A001")), a);
	ck_assert_ptr_null(fs_by_name(&fs, bytes("A0")));
	ck_assert_ptr_null(fs_by_name(&fs, bytes("")));
	/* the first by its FID, unless one was given */
	ck_assert_ptr_eq(fs_child_by_sfi(fs.mf, 1), b);
	spec.sfi = 1;
	ck_assert_uint_eq(fs_add(&fs, fs.mf, &spec, &c), SW_OK);
	ck_assert_ptr_eq(fs_child_by_sfi(fs.mf, 1), c);
	spec.fid = 0x1301;
	ck_assert_uint_eq(fs_add(&fs, fs.mf, &spec, &c), SW_FILE_EXISTS);
	ck_assert_ptr_null(fs_child_by_sfi(fs.mf, 0));
	ck_assert_ptr_null(fs_child_by_sfi(fs.mf, 2));
	/* none: not by FID either */
	spec.sfi = 0;
	spec.fid = 0x1302;
	ck_assert_uint_eq(fs_add(&fs, fs.mf, &spec, NULL), SW_OK);
	ck_assert_ptr_null(fs_child_by_sfi(fs.mf, 2));
	spec = spec_of(0x1400, "38", 0);
	spec.others = bytes("8402 A001");
	ck_assert_uint_eq(fs_add(&fs, fs.mf, &spec, NULL), SW_NAME_EXISTS);
	/* FIDs count only among siblings */
	add(&fs, a, 0x1000, "01", 0, "");
	spec = spec_of(0x1000, "01", 0);
	ck_assert_uint_eq(fs_add(&fs, fs.mf, &spec, NULL), SW_FILE_EXISTS);
}
END_TEST

START_TEST(another_name)
{
	struct file *a = add(&fs, fs.mf, 0x1000, "38", 0, "8402 A001 8C020100");
	struct file *b = add(&fs, fs.mf, 0x1100, "38", 0, "8C020100");

	fs.changed = false;
	ck_assert_uint_eq(fs_rename(&fs, a, known("A001")), SW_OK);
	ck_assert_uint_eq(fs_rename(&fs, b, known("A001")), SW_NAME_EXISTS);
	ck_assert(!fs.changed);
	ck_assert_uint_eq(fs_rename(&fs, a, known("A002 0304 0506 0708 090A 0B0C 0D0E 0F10")),
			  SW_OK);
	ck_assert(fs.changed);
	ck_assert_ptr_eq(fs_by_name(&fs, known("A002 0304 0506 0708 090A 0B0C 0D0E 0F10")), a);
	ck_assert_ptr_null(fs_by_name(&fs, known("A001")));
	ck_assert_view(buf_view(&a->others),
		       known("8410 A002 0304 0506 0708 090A 0B0C 0D0E 0F10 8C020100"));
	ck_assert_uint_eq(fs_rename(&fs, b, known("A001")), SW_OK);
	ck_assert_ptr_eq(fs_by_name(&fs, known("A001")), b);
}
END_TEST

START_TEST(a_cursor_outlives_its_files)
{
	struct file *df = add(&fs, fs.mf, 0x1000, "38", 0, "");
	struct file *ef = add(&fs, df, 0x1001, "01", 1, "");
	struct cursor other;

	fs_enter(&at, ef);
	ck_assert_ptr_eq(fs_df(&fs, &at), df);
	ck_assert_ptr_eq(fs_ef(&fs, &at), ef);
	other = at;
	at.record = 3;
	fs_leave(&fs, &at, df);
	ck_assert_ptr_eq(fs_df(&fs, &at), fs.mf);
	ck_assert_ptr_null(fs_ef(&fs, &at));
	ck_assert_uint_eq(at.record, 0);
	ck_assert_uint_eq(fs_delete(&fs, df, NULL), SW_OK);
	ck_assert_ptr_eq(fs_df(&fs, &other), fs.mf);
	ck_assert_ptr_null(fs_ef(&fs, &other));
}
END_TEST

START_TEST(leaving_what_one_is_not_in)
{
	struct file *df = add(&fs, fs.mf, 0x1000, "38", 0, "");
	struct file *ef = add(&fs, df, 0x1001, "01", 1, "");
	struct file *beside = add(&fs, df, 0x1002, "01", 1, "");

	fs_enter(&at, ef);
	fs_leave(&fs, &at, beside);
	ck_assert_ptr_eq(fs_ef(&fs, &at), ef);
	fs_leave(&fs, &at, ef);
	ck_assert_ptr_null(fs_ef(&fs, &at));
	ck_assert_ptr_eq(fs_df(&fs, &at), df);
	fs_leave(&fs, &at, fs.mf);
	ck_assert_ptr_eq(fs_df(&fs, &at), df);
}
END_TEST

START_TEST(finding_changes_nothing)
{
	struct file *a = add(&fs, fs.mf, 0x1000, "38", 0, "8402 A001"), *f;
	struct selector what = { .how = FS_BY_FID, .data = bytes("1000") };

	ck_assert_uint_eq(fs_find(&fs, &at, &what, &f), SW_OK);
	ck_assert_ptr_eq(f, a);
	ck_assert_uint_eq(at.df, 0);
	ck_assert_uint_eq(pick(FS_BY_FID, "1000", NULL), SW_OK);
	ck_assert_uint_eq(at.df, a->uid);
	ck_assert_uint_eq(pick(FS_BY_FID, "1001", &f), SW_FILE_NOT_FOUND);
	ck_assert_uint_eq(at.df, a->uid);
	ck_assert_uint_eq(pick((enum fs_how)5, "1000", &f), SW_WRONG_P1P2);
	what.how = (enum fs_how)7;
	ck_assert_uint_eq(fs_find(&fs, &at, &what, &f), SW_WRONG_P1P2);
}
END_TEST

START_TEST(names_that_begin_so)
{
	struct file *a = add(&fs, fs.mf, 0x1000, "38", 0, "8403 A00101");
	struct file *b = add(&fs, a, 0x1000, "38", 0, "8403 A00102");
	struct file *c = add(&fs, fs.mf, 0x2000, "38", 0, "8403 A00201"), *f;
	struct selector what = { .how = FS_BY_NAME, .which = FS_NEXT };

	what.data = bytes("A0");
	/* nothing was found so far: the first */
	ck_assert_uint_eq(fs_select(&fs, &what, &at, &f), SW_OK);
	ck_assert_ptr_eq(f, a);
	ck_assert_uint_eq(fs_select(&fs, &what, &at, &f), SW_OK);
	ck_assert_ptr_eq(f, b);
	ck_assert_uint_eq(fs_select(&fs, &what, &at, &f), SW_OK);
	ck_assert_ptr_eq(f, c);
	ck_assert_uint_eq(fs_select(&fs, &what, &at, &f), SW_FILE_NOT_FOUND);
	what.which = FS_PREVIOUS;
	ck_assert_uint_eq(fs_select(&fs, &what, &at, &f), SW_OK);
	ck_assert_ptr_eq(f, b);
	/* what was found last went: as if nothing had been */
	fs_leave(&fs, &at, b);
	ck_assert_uint_eq(fs_delete(&fs, b, NULL), SW_OK);
	ck_assert_uint_eq(fs_select(&fs, &what, &at, &f), SW_OK);
	ck_assert_ptr_eq(f, c);
	what.data = bytes("A001");
	what.which = FS_LAST;
	ck_assert_uint_eq(fs_select(&fs, &what, &at, &f), SW_OK);
	ck_assert_ptr_eq(f, a);
	ck_assert_uint_eq(pick(FS_BY_NAME, "A0010100", &f), SW_FILE_NOT_FOUND);
	ck_assert_uint_eq(pick(FS_BY_NAME, "", &f), SW_OK);
	ck_assert_ptr_eq(f, fs.mf);
}
END_TEST

START_TEST(life)
{
	struct file *df = add(&fs, fs.mf, 0x1000, "38", 0, "");
	struct file *ef = add(&fs, df, 0x1001, "01", 1, "");

	fs.changed = false;
	ck_assert_uint_eq(fs_activate(&fs, ef, NULL), SW_OK);
	ck_assert(!fs.changed);
	ck_assert_uint_eq(fs_deactivate(&fs, df, NULL), SW_OK);
	ck_assert(fs.changed);
	ck_assert(file_deactivated(df) && !file_deactivated(ef));
	ck_assert_uint_eq(file_usable(ef), SW_CONDITIONS);
	ck_assert_uint_eq(fs_activate(&fs, df, NULL), SW_OK);
	ck_assert_uint_eq(file_usable(ef), SW_OK);
	ck_assert_uint_eq(fs_terminate(&fs, ef, NULL), SW_OK);
	ck_assert_uint_eq(file_usable(ef), SW_CONDITIONS);
	ck_assert_uint_eq(file_usable(df), SW_OK);
	ck_assert_uint_eq(fs_activate(&fs, ef, NULL), SW_CONDITIONS);
	ck_assert_uint_eq(fs_terminate(&fs, fs.mf, NULL), SW_CONDITIONS);
	ck_assert_uint_eq(fs_delete(&fs, fs.mf, NULL), SW_CONDITIONS);
	ck_assert_uint_eq(fs_terminate_card(&fs, NULL), SW_OK);
	ck_assert(fs.terminated);
}
END_TEST

START_TEST(all_that_a_file_holds_goes_with_it)
{
	struct file *df = add(&fs, fs.mf, 0x1000, "38", 0, "");
	struct file *ef = add(&fs, df, 0x1001, "0421 0010", 0, "");

	ck_assert_uint_eq(record_add(&fs, ef, bytes("010203")), SW_OK);
	ck_assert_uint_eq(object_set(&fs, df, 0x5f2d, bytes("6465")), SW_OK);
	add(&fs, df, 0x1002, "01", 10, "8501 00");
	ck_assert_uint_eq(fs.used, 15);
	ck_assert_uint_eq(fs_delete(&fs, df, NULL), SW_OK);
	ck_assert_uint_eq(fs.used, 0);
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("fs");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, new_one);
	tcase_add_test(tc, walk_meets_each_once);
	tcase_add_test(tc, numbers_are_never_given_again);
	tcase_add_test(tc, format_refused_leaves_all);
	tcase_add_test(tc, a_spec_that_cannot_be);
	tcase_add_test(tc, records_that_are_there_from_the_start);
	tcase_add_test(tc, memory_is_bounded);
	tcase_add_test(tc, files_are_bounded);
	tcase_add_test(tc, depth_is_bounded);
	tcase_add_test(tc, names_and_short_identifiers);
	tcase_add_test(tc, another_name);
	tcase_add_test(tc, a_cursor_outlives_its_files);
	tcase_add_test(tc, leaving_what_one_is_not_in);
	tcase_add_test(tc, finding_changes_nothing);
	tcase_add_test(tc, names_that_begin_so);
	tcase_add_test(tc, life);
	tcase_add_test(tc, all_that_a_file_holds_goes_with_it);
	return run("fs", tc);
}
