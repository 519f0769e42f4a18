/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "model/card.h"
#include "support.h"

START_TEST(every_type_is_found_by_its_name)
{
	const struct card_type *const *t;

	ck_assert_ptr_nonnull(card_types[0]);
	for (t = card_types; *t; t++)
		ck_assert_ptr_eq(card_type_find((*t)->name), *t);
	ck_assert_ptr_nonnull(card_type_find("handler_test"));
	ck_assert_ptr_eq(card_type_find("Handler_TEST"), card_type_find("handler_test"));
}
END_TEST

START_TEST(nothing_else_is)
{
	ck_assert_ptr_null(card_type_find(""));
	ck_assert_ptr_null(card_type_find("handler"));
	ck_assert_ptr_null(card_type_find("handler-test"));
	ck_assert_ptr_null(card_type_find("handler_test "));
}
END_TEST

/* --list-types prints a line for each. */
START_TEST(every_type_tells_what_it_is)
{
	const struct card_type *const *t;

	for (t = card_types; *t; t++) {
		ck_assert(strlen((*t)->name) > 0);
		ck_assert(strlen((*t)->summary) > 0);
		ck_assert_ptr_null(strchr((*t)->summary, '\n'));
		ck_assert_ptr_nonnull((*t)->open);
	}
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("registry");

	tcase_add_test(tc, every_type_is_found_by_its_name);
	tcase_add_test(tc, nothing_else_is);
	tcase_add_test(tc, every_type_tells_what_it_is);
	return run("registry", tc);
}
