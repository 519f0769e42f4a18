/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What is proven, and when it ends. */
#include "files.h"
#include "model/proof.h"

static struct fs fs;
static struct file *a, *b, *inner;
static struct proofs p;

/* The MF, a with inner in it, and b beside a; something is proven to the first three. */
static void
setup(void)
{
	ck_assert(fs_init(&fs));
	a = add(&fs, fs.mf, 0x4000, "38", 0, "");
	b = add(&fs, fs.mf, 0x5000, "38", 0, "");
	inner = add(&fs, a, 0x4100, "38", 0, "");
	p = (struct proofs) { 0 };
	proofs_own(&p, fs.mf)->user = 1;
	proofs_own(&p, a)->user = 2;
	proofs_own(&p, inner)->external = 4;
}

static void
teardown(void)
{
	fs_free(&fs);
}

START_TEST(each_has_its_own)
{
	struct file *ef = add(&fs, a, 0x0001, "01", 1, "");

	ck_assert_uint_eq(proofs_of(&p, fs.mf).user, 1);
	ck_assert_uint_eq(proofs_of(&p, a).user, 2);
	ck_assert_uint_eq(proofs_of(&p, inner).external, 4);
	ck_assert_uint_eq(proofs_of(&p, b).user, 0);
	/* seen from a file: those of the DFs that it is in */
	ck_assert_uint_eq(proofs_above(&p, ef).user, 3);
	ck_assert_uint_eq(proofs_above(&p, ef).external, 0);
	ck_assert_uint_eq(proofs_above(&p, inner).external, 4);
	ck_assert_uint_eq(proofs_above(&p, b).user, 1);
	ck_assert_uint_eq(proofs_above(&p, NULL).user, 0);
}
END_TEST

START_TEST(left)
{
	proofs_leave(&p, inner);
	ck_assert_uint_eq(proofs_of(&p, inner).external, 4);
	proofs_leave(&p, a);
	ck_assert_uint_eq(proofs_of(&p, inner).external, 0);
	ck_assert_uint_eq(proofs_of(&p, a).user, 2);
	proofs_leave(&p, b);
	ck_assert_uint_eq(proofs_of(&p, a).user, 0);
	ck_assert_uint_eq(proofs_of(&p, fs.mf).user, 1);
}
END_TEST

/* Another at the same depth begins with nothing, be the first one left, or deleted by others. */
START_TEST(a_place_is_taken_over)
{
	ck_assert_uint_eq(proofs_own(&p, b)->user, 0);
	ck_assert_uint_eq(proofs_of(&p, a).user, 0);
	proofs_own(&p, b)->user = 8;
	ck_assert_uint_eq(fs_delete(&fs, b, NULL), SW_OK);
	b = add(&fs, fs.mf, 0x5000, "38", 0, "");
	ck_assert_uint_eq(proofs_of(&p, b).user, 0);
	ck_assert_uint_eq(proofs_own(&p, b)->user, 0);
}
END_TEST

START_TEST(as_deep_as_it_goes)
{
	struct file *df = fs.mf;
	unsigned depth;

	for (depth = 1; depth <= FS_DEPTH_MAX; depth++)
		df = add(&fs, df, (uint16_t)(0x6000 + depth), "38", 0, "");
	proofs_own(&p, df)->user = 16;
	proofs_leave(&p, df);
	ck_assert_uint_eq(proofs_of(&p, df).user, 16);
	ck_assert_uint_eq(proofs_above(&p, df).user, 17);
	proofs_leave(&p, df->parent);
	ck_assert_uint_eq(proofs_above(&p, df).user, 1);
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("proof");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, each_has_its_own);
	tcase_add_test(tc, left);
	tcase_add_test(tc, a_place_is_taken_over);
	tcase_add_test(tc, as_deep_as_it_goes);
	return run("proof", tc);
}
