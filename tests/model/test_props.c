/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "files.h"
#include "model/props.h"

static struct props p;

static void
setup(void)
{
	p = (struct props) { 0 };
}

static void
teardown(void)
{
	props_clear(&p);
}

START_TEST(empty)
{
	ck_assert(!props_has(&p, "a"));
	ck_assert_uint_eq(props_get(&p, "a").n, 0);
	props_remove(&p, "a");
	ck_assert(!p.changed);
}
END_TEST

START_TEST(set_and_get)
{
	ck_assert(props_set(&p, "b", bytes("01")));
	ck_assert(p.changed);
	ck_assert(props_set(&p, "a", bytes("")));
	ck_assert(props_set(&p, "b", bytes("0203")));
	ck_bytes_eq(props_get(&p, "b"), "0203");
	ck_assert(props_has(&p, "a"));
	ck_assert_uint_eq(props_get(&p, "a").n, 0);
	ck_assert(!props_has(&p, ""));
	ck_assert(!props_has(&p, "ab"));
	/* in the order in which they were set */
	ck_assert_str_eq(p.first->name, "b");
	ck_assert_str_eq(p.first->next->name, "a");
	ck_assert_ptr_null(p.first->next->next);
}
END_TEST

START_TEST(set_from_itself)
{
	ck_assert(props_set(&p, "a", bytes("010203")));
	ck_assert(props_set(&p, "a", view_slice(props_get(&p, "a"), 1, 2)));
	ck_bytes_eq(props_get(&p, "a"), "0203");
}
END_TEST

START_TEST(no_larger_than_that)
{
	static uint8_t large[PROPS_VALUE_MAX + 1];

	ck_assert(props_set(&p, "a", view_of(large, PROPS_VALUE_MAX)));
	p.changed = false;
	ck_assert(!props_set(&p, "a", view_of(large, PROPS_VALUE_MAX + 1)));
	ck_assert(!props_set(&p, "b", view_of(large, PROPS_VALUE_MAX + 1)));
	ck_assert_uint_eq(props_get(&p, "a").n, PROPS_VALUE_MAX);
	ck_assert(!props_has(&p, "b"));
	ck_assert(!p.changed);
}
END_TEST

START_TEST(removed)
{
	props_set(&p, "a", bytes("01"));
	props_set(&p, "b", bytes("02"));
	props_set(&p, "c", bytes("03"));
	p.changed = false;
	props_remove(&p, "b");
	ck_assert(p.changed);
	ck_assert(!props_has(&p, "b"));
	ck_bytes_eq(props_get(&p, "c"), "03");
	props_clear(&p);
	ck_assert_ptr_null(p.first);
}
END_TEST

START_TEST(changed_in_place)
{
	ck_assert_ptr_null(props_change(&p, "a", 2));
	props_set(&p, "a", bytes("0102"));
	p.changed = false;
	ck_assert_ptr_null(props_change(&p, "a", 1));
	ck_assert_ptr_null(props_change(&p, "a", 3));
	ck_assert(!p.changed);
	props_change(&p, "a", 2)[1] = 0x03;
	ck_assert(p.changed);
	ck_bytes_eq(props_get(&p, "a"), "0103");
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("props");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, empty);
	tcase_add_test(tc, set_and_get);
	tcase_add_test(tc, set_from_itself);
	tcase_add_test(tc, no_larger_than_that);
	tcase_add_test(tc, changed_in_place);
	tcase_add_test(tc, removed);
	return run("props", tc);
}
