/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which reader a relay takes; all else of it is tests/e2e/relay.sh's. */
#include <string.h>

#include "cards/relay/relay.h"
#include "support.h"

static const char readers[] = "Reader A 00 00\0Reader B 00 00\0Reader B 00 01\0";
static char error[512];

static void
expect(const char *list, const char *wanted, const char *chosen, const char *said)
{
	const char *got;

	error[0] = '\0';
	got = relay_choose(list, wanted, error, sizeof(error));
	if (chosen)
		ck_assert_str_eq(got, chosen);
	else
		ck_assert_ptr_null(got);
	ck_assert_msg(!said || strstr(error, said), "%s", error);
}

START_TEST(by_number_and_by_name)
{
	expect(readers, "0", "Reader A 00 00", NULL);
	expect(readers, "2", "Reader B 00 01", NULL);
	expect(readers, "A", "Reader A 00 00", NULL);
	expect(readers, "B 00 01", "Reader B 00 01", NULL);
	/* a whole name is meant, although others contain it */
	expect("Reader\0Reader 2\0", "Reader", "Reader", NULL);
	/* a number with something behind it is a name */
	expect(readers, "00 01", "Reader B 00 01", NULL);
	expect("Only one\0", NULL, "Only one", NULL);
}
END_TEST

START_TEST(nothing_is_guessed)
{
	expect(readers, "3", NULL, "none of 0 \"Reader A 00 00\", 1 \"Reader B 00 00\"");
	expect(readers, "99999999999999999999", NULL, "none");
	expect(readers, "-1", NULL, "none");
	expect(readers, "C", NULL, "none");
	expect(readers, "B", NULL, "more than one");
	expect(readers, NULL, NULL, "--reader");
	expect("", NULL, NULL, "no PC/SC reader");
	expect("", "0", NULL, "no PC/SC reader");
}
END_TEST

START_TEST(a_long_list_is_cut)
{
	static char list[8192];
	size_t i;

	for (i = 0; i < 80; i++)
		memset(list + i * 100, 'a', 99);
	expect(list, "b", NULL, "none");
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("relay");

	tcase_add_test(tc, by_number_and_by_name);
	tcase_add_test(tc, nothing_is_guessed);
	tcase_add_test(tc, a_long_list_is_cut);
	return run("relay", tc);
}
