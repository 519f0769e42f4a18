/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "base/log.h"
#include "support.h"

static FILE *f;
static struct log l;

static void
setup(void)
{
	f = tmpfile();
	ck_assert_ptr_nonnull(f);
	l = (struct log) { .out = f, .level = LOG_NOTICE };
}

static void
teardown(void)
{
	fclose(f);
}

static void
expect(const char *text)
{
	static char got[8192];
	size_t n;

	rewind(f);
	n = fread(got, 1, sizeof(got) - 1, f);
	got[n] = '\0';
	ck_assert_str_eq(got, text);
}

START_TEST(levels)
{
	log_error(&l, "e%d", 1);
	log_notice(&l, "n");
	log_info(&l, "i");
	log_debug(&l, "d");
	l.level = LOG_ERROR_ONLY;
	log_error(&l, "e2");
	log_notice(&l, "n2");
	l.level = LOG_DEBUG;
	log_info(&l, "i3");
	log_debug(&l, "d3");
	expect("vicc: e1\nvicc: n\nvicc: e2\nvicc: i3\nvicc: d3\n");
}
END_TEST

START_TEST(a_name)
{
	l.name = "vicc: card 2 (iso7816)";
	log_error(&l, "text");
	expect("vicc: card 2 (iso7816): text\n");
}
END_TEST

START_TEST(silence)
{
	log_error(NULL, "to nobody");
	l.out = NULL;
	log_error(&l, "to nobody");
	expect("");
}
END_TEST

/* What was printed with stdio before comes first, and one line is one line. */
START_TEST(order_and_length)
{
	char text[3000], want[4096];

	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	fputs("before\n", f);
	log_error(&l, "%s", text);
	snprintf(want, sizeof(want), "before\nvicc: %.*s\n", 1024 - 2 - (int)strlen("vicc: "),
		 text);
	expect(want);
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("log");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, levels);
	tcase_add_test(tc, a_name);
	tcase_add_test(tc, silence);
	tcase_add_test(tc, order_and_length);
	return run("log", tc);
}
