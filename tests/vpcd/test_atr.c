/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "atr.h"
#include "peer.h"

START_TEST(plausible_atrs)
{
	const uint8_t atr[34] = { 0x3b, 0x00 }, inverse[] = { 0x3f, 0x00 }, none[] = { 0x3a, 0x00 };

	ck_assert(!atr_plausible(atr, 0));
	ck_assert(!atr_plausible(atr, 1));
	ck_assert(atr_plausible(atr, 2));
	ck_assert(atr_plausible(atr, 33));
	ck_assert(!atr_plausible(atr, 34));
	ck_assert(atr_plausible(inverse, 2));
	ck_assert(!atr_plausible(none, 2));
}
END_TEST

static const struct offer {
	const char *atr;
	size_t len;
	unsigned offered;
} offers[] = {
	{ BYTES("\x3b\x00"), 1 },                             /* says nothing: T=0 */
	{ BYTES("\x3b\x80\x00"), 1 },
	{ BYTES("\x3b\x80\x01"), 2 },
	{ BYTES("\x3b\x80\x80\x01\x01"), 3 },
	{ BYTES("\x3b\x80\x80\x1f\x47\xd8"), 1 },             /* T=15 is none */
	{ BYTES("\x3b\x8f\x1f\x00"), 1 },                     /* only T=15: T=0 */
	{ BYTES("\x3b\xf0\x11\x00\xff\x81\x31\xfe\x45\x00"), 2 }, /* TA1 TB1 TC1 TD1 */
	{ BYTES("\x3b\x80\x80"), 1 },                         /* cut off */
	{ BYTES("\x3b\xf0\x11"), 1 },
	{ BYTES("\x3b\x80\x0e"), 1u << 14 },
};

START_TEST(protocols_of_an_atr)
{
	const struct offer *o = &offers[_i];

	ck_assert_uint_eq(atr_protocols((const uint8_t *)o->atr, o->len), o->offered);
}
END_TEST

/* 7816-3, 8.2: what is wrong with it; NULL: nothing. */
static const struct written {
	const char *atr;
	size_t len;
	const char *word;
} written[] = {
	{ BYTES("\x3b\x00"), NULL },
	{ BYTES("\x3f\x01\x55"), NULL },
	{ BYTES("\x3b\x80\x00"), NULL },         /* TD1: T=0 alone has no TCK */
	{ BYTES("\x3b\x80\x80\x01\x01"), NULL }, /* T=0 and T=1 */
	{ BYTES("\x3b\x80\x1f\x00\x9f"), NULL }, /* T=15: TCK, too */
	{ BYTES("\x3b\xff\x11\x00\x00\xe1\x00\x00\xf1\xfe\x45\x00\xf1\x01\x00\x00\x01\x00"
		"\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b\x0c\x0d\x0e\xbb"),
	  NULL },
	{ BYTES(""), "2 to 33" },
	{ BYTES("\x3b"), "2 to 33" },
	{ BYTES("\x3a\x00"), "2 to 33" },
	{ BYTES("\x3b\x01"), "ends before" },
	{ BYTES("\x3b\x80"), "ends before" },
	{ BYTES("\x3b\xf0\x11"), "ends before" },
	{ BYTES("\x3b\x80\x80\x01"), "ends before" }, /* without TCK */
	{ BYTES("\x3b\x00\x00"), "follow" },
	{ BYTES("\x3b\x80\x80\x01\x01\x00"), "follow" },
	{ BYTES("\x3b\x80\x80\x01\x02"), "TCK" },
};

START_TEST(an_atr_that_somebody_wrote)
{
	const struct written *w = &written[_i];
	const char *fault = atr_fault((const uint8_t *)w->atr, w->len);

	if (!w->word)
		ck_assert_msg(!fault, "%d: %s", _i, fault);
	else
		ck_assert_msg(fault && strstr(fault, w->word), "%d: %s", _i, fault);
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("atr");

	tcase_add_test(tc, plausible_atrs);
	tcase_add_loop_test(tc, protocols_of_an_atr, 0, sizeof(offers) / sizeof(offers[0]));
	tcase_add_loop_test(tc, an_atr_that_somebody_wrote, 0,
			    sizeof(written) / sizeof(written[0]));
	return run("atr", tc);
}
