/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A machine readable zone for a card (Doc 9303-5, 4.2): what somebody's data are in it. */
#include "codec/mrz.h"

#include <string.h>

#define LINE 30
#define NUMBER 5 /* where the fields begin */
#define BIRTH 30
#define SEX 37
#define EXPIRY 38
#define NATIONALITY 45
#define WHOLE 59
#define NAMES 60
#define GIVEN_LEAST 3 /* characters that a family name leaves: << and a letter */

/* Doc 9303-3, 6.A: letters beyond A to Z, in either case. */
static const struct {
	uint16_t first, last;
	char letters[3];
} latin[] = {
	{ 0xc0, 0xc3, "A" },    { 0xc4, 0xc4, "AE" },   { 0xc5, 0xc5, "AA" },   { 0xc6, 0xc6, "AE" },
	{ 0xc7, 0xc7, "C" },    { 0xc8, 0xcb, "E" },    { 0xcc, 0xcf, "I" },    { 0xd0, 0xd0, "D" },
	{ 0xd1, 0xd1, "N" },    { 0xd2, 0xd5, "O" },    { 0xd6, 0xd6, "OE" },   { 0xd8, 0xd8, "OE" },
	{ 0xd9, 0xdb, "U" },    { 0xdc, 0xdc, "UE" },   { 0xdd, 0xdd, "Y" },    { 0xde, 0xde, "TH" },
	{ 0xdf, 0xdf, "SS" },   { 0xff, 0xff, "Y" },    { 0x100, 0x105, "A" },  { 0x106, 0x10d, "C" },
	{ 0x10e, 0x111, "D" },  { 0x112, 0x11b, "E" },  { 0x11c, 0x123, "G" },  { 0x124, 0x127, "H" },
	{ 0x128, 0x131, "I" },  { 0x132, 0x133, "IJ" }, { 0x134, 0x135, "J" },  { 0x136, 0x138, "K" },
	{ 0x139, 0x142, "L" },  { 0x143, 0x14b, "N" },  { 0x14c, 0x151, "O" },  { 0x152, 0x153, "OE" },
	{ 0x154, 0x159, "R" },  { 0x15a, 0x161, "S" },  { 0x162, 0x167, "T" },  { 0x168, 0x173, "U" },
	{ 0x174, 0x175, "W" },  { 0x176, 0x178, "Y" },  { 0x179, 0x17e, "Z" },  { 0x17f, 0x17f, "S" },
	{ 0x218, 0x219, "S" },  { 0x21a, 0x21b, "T" },  { 0x1e9e, 0x1e9e, "SS" },
};

/* The next character of UTF-8; what is none is taken as U+FFFD, byte by byte. */
static uint32_t
next_character(struct view *in)
{
	const uint8_t lead = in->p[0];
	const size_t n = lead < 0x80 ? 1 : lead < 0xc0 ? 0 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
	uint32_t c = n == 1 ? lead : lead & (0x7fu >> n);
	size_t i;

	for (i = 1; i < n && i < in->n && (in->p[i] & 0xc0) == 0x80; i++)
		c = c << 6 | (in->p[i] & 0x3f);
	*in = view_slice(*in, i < n || n == 0 ? 1 : n, in->n);
	return i < n || n == 0 ? 0xfffd : c;
}

/* In capital letters; empty: it is left out; "<": it parts two names. */
static const char *
letters_of(uint32_t c)
{
	size_t i;

	if (c == '\'' || c == 0x2019 || (c >= 0x300 && c <= 0x36f)) /* apostrophes, accents alone */
		return "";
	if (c >= 0xe0 && c < 0xff)
		c -= 0x20;
	for (i = 0; i < sizeof(latin) / sizeof(*latin); i++) {
		if (c >= latin[i].first && c <= latin[i].last)
			return latin[i].letters;
	}
	return "<";
}

/* Append a name, with one < between its parts, and none before or behind it. */
static void
put_name(struct buf *out, struct view name)
{
	const size_t start = out->n;
	char one[2] = "";
	const char *letters;

	while (name.n > 0 && out->n - start < 2 * LINE) { /* more is cut off anyway */
		uint32_t c = next_character(&name);

		if (c >= 'a' && c <= 'z')
			c -= 0x20;
		one[0] = (char)c;
		letters = c >= 'A' && c <= 'Z' ? one : letters_of(c);
		if (*letters != '<' || (out->n > start && out->p[out->n - 1] != '<'))
			buf_put(out, letters, strlen(letters));
	}
	if (out->n > start && out->p[out->n - 1] == '<')
		buf_cut(out, out->n - 1);
}

/* Of a field as much as there is room for: capitals and digits; what is left is <. */
static void
put_field(struct mrz *m, size_t at, size_t size, struct view value)
{
	size_t i;

	for (i = 0; i < size && i < value.n; i++) {
		const char c = (char)value.p[i];

		if ((c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'))
			m->text[at + i] = c;
	}
}

static void
put_digit(struct mrz *m, size_t at, size_t size)
{
	m->text[at + size] = mrz_check_digit(view_of(m->text + at, size));
}

/* 9303-5, 4.2.2.2: of the upper line behind its first 5, and of the middle one what has a digit. */
static void
put_whole_digit(struct mrz *m)
{
	char all[25 + 7 + 7 + 11];

	memcpy(all, m->text + NUMBER, 25);
	memcpy(all + 25, m->text + BIRTH, 7);
	memcpy(all + 32, m->text + EXPIRY, 7);
	memcpy(all + 39, m->text + 48, 11);
	m->text[WHOLE] = mrz_check_digit(view_of(all, sizeof(all)));
}

bool
mrz_make(struct mrz *out, const struct mrz_holder *h)
{
	struct buf family = BUF(1024), given = BUF(1024);
	bool whole;

	*out = (struct mrz) { .form = MRZ_TD1, .n = MRZ_MAX };
	memset(out->text, '<', MRZ_MAX);
	put_field(out, 0, 2, h->type);
	put_field(out, 2, 3, h->state);
	put_field(out, NUMBER, 9, h->number);
	put_digit(out, NUMBER, 9);
	put_field(out, BIRTH, 6, h->birth);
	put_digit(out, BIRTH, 6);
	put_field(out, SEX, 1, h->sex);
	put_field(out, EXPIRY, 6, h->expiry);
	put_digit(out, EXPIRY, 6);
	put_field(out, NATIONALITY, 3, h->nationality);
	put_whole_digit(out);
	put_name(&family, h->family);
	put_name(&given, h->given);
	if (given.n > 0 && family.n > LINE - GIVEN_LEAST)
		buf_cut(&family, LINE - GIVEN_LEAST);
	put_field(out, NAMES, LINE, buf_view(&family));
	if (family.n + 2 < LINE)
		put_field(out, NAMES + family.n + 2, LINE - family.n - 2, buf_view(&given));
	whole = !family.failed && !given.failed;
	buf_free(&family);
	buf_free(&given);
	return whole;
}
