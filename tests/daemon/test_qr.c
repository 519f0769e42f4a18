/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "daemon/qr.h"
#include "support.h"

static char text[1 << 16];
static FILE *f;

static void
setup(void)
{
	memset(text, 0, sizeof(text));
	f = fmemopen(text, sizeof(text) - 1, "w");
}

static void
announce(const char *host, bool draw)
{
	struct endpoint e = { .host = host, .port = 35963, .reversed = true };

	qr_announce(f, &e, draw);
	fclose(f);
}

START_TEST(loopback_is_never_drawn)
{
	announce(NULL, true);
	ck_assert_str_eq(text, "vicc://localhost:35963\n");
	setup();
	announce("127.0.0.1", true);
	ck_assert_str_eq(text, "vicc://127.0.0.1:35963\n");
	setup();
	announce("::1", true);
	ck_assert_str_eq(text, "vicc://[::1]:35963\n");
}
END_TEST

START_TEST(an_address)
{
	announce("192.0.2.1", false);
	ck_assert_str_eq(text, "vicc://192.0.2.1:35963\n");
	setup();
	announce("2001:db8::1", false);
	ck_assert_str_eq(text, "vicc://[2001:db8::1]:35963\n");
}
END_TEST

/* One that nobody knows may be known where the phone is. */
START_TEST(a_name_that_is_none)
{
	char host[70] = "", want[128];

	memset(host, 'a', sizeof(host) - 1);
	announce(host, false);
	snprintf(want, sizeof(want), "vicc://%s:35963\n", host);
	ck_assert_str_eq(text, want);
}
END_TEST

START_TEST(all_addresses)
{
	announce("@", false);
	ck_assert(strncmp(text, "vicc://", 7) == 0);
	ck_assert_ptr_null(strstr(text, "vicc://@"));
	ck_assert_ptr_null(strstr(text, "127.0.0.1"));
}
END_TEST

#ifdef HAVE_QRENCODE

static size_t
lines(void)
{
	size_t n = 0;
	const char *p;

	for (p = text; *p; p++)
		n += *p == '\n';
	return n;
}

START_TEST(an_address_drawn)
{
	announce("192.0.2.1", true);
	ck_assert(strncmp(text, "vicc://192.0.2.1:35963\n", 23) == 0);
	ck_assert_uint_gt(lines(), 10);
}
END_TEST

/* Version 1: 21 modules and the quiet zone of 4 on each side, two rows a line. */
START_TEST(a_drawing)
{
	const char *line = text, *p;
	size_t columns = 0;

	ck_assert(qr_draw(f, "A"));
	fclose(f);
	ck_assert_uint_eq(lines(), (21 + 8 + 1) / 2);
	/* the first two lines are the quiet zone: nothing but light */
	ck_assert(strncmp(line, "\033[30;107m                             \033[0m\n", 42) == 0);
	line = strchr(strchr(line, '\n') + 1, '\n') + 1;
	/* then the corner: seven dark modules in the first row, of which the second has the ends */
	ck_assert(strncmp(line, "\033[30;107m    \u2588\u2580\u2580\u2580\u2580\u2580\u2588", 34) ==
		  0);
	for (p = line + 9; *p != '\033'; p++)
		columns += (*p & 0xc0) != 0x80;
	ck_assert_uint_eq(columns, 21 + 8);
}
END_TEST

START_TEST(too_long)
{
	char most[4000];

	memset(most, 'x', sizeof(most) - 1);
	most[sizeof(most) - 1] = '\0';
	ck_assert(!qr_draw(f, most));
	fclose(f);
	ck_assert_str_eq(text, "");
}
END_TEST

#endif

int
main(void)
{
	TCase *tc = tcase_create("qr");

	tcase_add_checked_fixture(tc, setup, NULL);
	tcase_add_test(tc, loopback_is_never_drawn);
	tcase_add_test(tc, an_address);
	tcase_add_test(tc, a_name_that_is_none);
	tcase_add_test(tc, all_addresses);
#ifdef HAVE_QRENCODE
	tcase_add_test(tc, an_address_drawn);
	tcase_add_test(tc, a_drawing);
	tcase_add_test(tc, too_long);
#endif
	return run("qr", tc);
}
