/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/text.h"

#include <string.h>

#include "support.h"

static const struct {
	const char *text, *plain;
} rows[] = {
	{ "", "" },
	{ "A card ~", "A card ~" },
	{ "\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80\xc2\xa0",
	  "\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80\xc2\xa0" },
	{ "x\x1b]0;pwned\x07", "x?]0;pwned?" },
	{ "a\nb\tc\rd\x7f", "a?b?c?d?" },
	{ "\xc2\x9b""31m", "??31m" },   /* C1: CSI */
	{ "\x9b""31m", "?31m" },        /* the same in Latin-1 */
	{ "\xc0\x8a\xc1\xbf", "????" }, /* longer than they need be */
	{ "\xe0\x80\x8a", "???" },
	{ "\xf0\x80\x80\x8a", "????" },
	{ "\xed\xa0\x80", "???" },      /* a surrogate */
	{ "\xf4\x90\x80\x80", "????" }, /* beyond the last */
	{ "\xf8\x88\x80\x80\x80", "?????" },
	{ "\xc3", "?" },                /* cut */
	{ "\xe2\x82", "??" },
	{ "\xe2\x82z", "??z" },
	{ "\x80z", "?z" },
};

START_TEST(plain)
{
	char text[64];

	strcpy(text, rows[_i].text);
	ck_assert_int_eq(text_is_plain(text), strcmp(rows[_i].text, rows[_i].plain) == 0);
	text_make_plain(text);
	ck_assert_str_eq(text, rows[_i].plain);
	ck_assert(text_is_plain(text));
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("text");

	tcase_add_loop_test(tc, plain, 0, (int)(sizeof(rows) / sizeof(*rows)));
	return run("text", tc);
}
