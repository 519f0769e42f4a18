/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "codec/mrz.h"

#include <stdio.h>
#include <string.h>

#define NUMBER_SIZE 9 /* characters; of a longer one the rest is optional data */
#define RANGES 5

struct range {
	size_t at, n; /* characters of the joined lines */
};

/* Where things are; each check digit stands behind what it is of, but for the last. */
struct layout {
	size_t size, line;
	struct range number, birth, expiry;
	struct range optional;      /* where a long number goes on; n 0: there is no such number */
	struct range personal;      /* TD3: optional data with a check digit; n 0: none */
	struct range whole[RANGES]; /* what the last check digit is of */
	size_t whole_digit;
};

static const struct layout layouts[] = {
	[MRZ_TD1] = { .size = 90,
		      .line = 30,
		      .number = { 5, 9 },
		      .birth = { 30, 6 },
		      .expiry = { 38, 6 },
		      .optional = { 15, 15 },
		      .whole = { { 5, 25 }, { 30, 7 }, { 38, 7 }, { 48, 11 } },
		      .whole_digit = 59 },
	[MRZ_TD2] = { .size = 72,
		      .line = 36,
		      .number = { 36, 9 },
		      .birth = { 49, 6 },
		      .expiry = { 57, 6 },
		      .optional = { 64, 7 },
		      .whole = { { 36, 10 }, { 49, 7 }, { 57, 14 } },
		      .whole_digit = 71 },
	[MRZ_TD3] = { .size = 88,
		      .line = 44,
		      .number = { 44, 9 },
		      .birth = { 57, 6 },
		      .expiry = { 65, 6 },
		      .personal = { 72, 14 },
		      .whole = { { 44, 10 }, { 57, 7 }, { 65, 22 } },
		      .whole_digit = 87 },
};

static const struct layout *
layout_of(const struct mrz *m)
{
	return &layouts[m->form];
}

static struct view
characters(const struct mrz *m, struct range r)
{
	return view_of(m->text + r.at, r.n);
}

/* --- check digits ------------------------------------------------------------------------ */

static unsigned
weigh(uint8_t c)
{
	if (c >= '0' && c <= '9')
		return (unsigned)(c - '0');
	return c >= 'A' && c <= 'Z' ? (unsigned)(c - 'A') + 10 : 0;
}

/* The sum goes on over several runs of characters: *place counts them. */
static unsigned
add_up(struct view v, size_t *place)
{
	static const unsigned weights[] = { 7, 3, 1 };
	unsigned sum = 0;
	uint8_t c;

	while (view_u8(&v, &c))
		sum += weigh(c) * weights[(*place)++ % 3];
	return sum;
}

char
mrz_check_digit(struct view v)
{
	size_t place = 0;

	return (char)('0' + add_up(v, &place) % 10);
}

static char
whole_digit(const struct mrz *m)
{
	const struct layout *l = layout_of(m);
	size_t place = 0, i;
	unsigned sum = 0;

	for (i = 0; i < RANGES; i++)
		sum += add_up(characters(m, l->whole[i]), &place);
	return (char)('0' + sum % 10);
}

/* Characters of the optional data that belong to the number, its check digit the last; 0: none. */
static size_t
number_goes_on(const struct mrz *m)
{
	const struct layout *l = layout_of(m);
	size_t n = 0;

	if (l->optional.n == 0 || m->text[l->number.at + NUMBER_SIZE] != '<')
		return 0;
	while (n < l->optional.n && m->text[l->optional.at + n] != '<')
		n++;
	return n;
}

void
mrz_put_number(const struct mrz *m, struct buf *out)
{
	const struct layout *l = layout_of(m);
	size_t more = number_goes_on(m);

	buf_put(out, m->text + l->number.at, more > 0 ? NUMBER_SIZE : NUMBER_SIZE + 1);
	buf_put(out, m->text + l->optional.at, more);
}

void
mrz_put_information(const struct mrz *m, struct buf *out)
{
	const struct layout *l = layout_of(m);

	mrz_put_number(m, out);
	buf_put(out, m->text + l->birth.at, l->birth.n + 1);
	buf_put(out, m->text + l->expiry.at, l->expiry.n + 1);
}

/* --- reading ------------------------------------------------------------------------------- */

static bool
check_digit(const struct mrz *m, const char *what, size_t at, char right,
	    char fault[MRZ_FAULT_SIZE])
{
	const struct layout *l = layout_of(m);

	if (m->text[at] == right)
		return true;
	snprintf(fault, MRZ_FAULT_SIZE,
		 "the check digit of %s (line %zu, character %zu) is %c: it should be %c", what,
		 at / l->line + 1, at % l->line + 1, m->text[at], right);
	return false;
}

static bool
check_field(const struct mrz *m, const char *what, struct range r, char fault[MRZ_FAULT_SIZE])
{
	return check_digit(m, what, r.at + r.n, mrz_check_digit(characters(m, r)), fault);
}

static bool
check_number(const struct mrz *m, char fault[MRZ_FAULT_SIZE])
{
	const struct layout *l = layout_of(m);
	size_t more = number_goes_on(m), place = 0;
	unsigned sum;

	if (more == 0)
		return check_field(m, "the document number", l->number, fault);
	sum = add_up(characters(m, l->number), &place);
	sum += add_up(view_of(m->text + l->optional.at, more - 1), &place);
	return check_digit(m, "the document number", l->optional.at + more - 1,
			   (char)('0' + sum % 10), fault);
}

/* 9303-4, 4.2.2.2: where there are no such data, it may be a 0 or a <. */
static bool
check_personal(const struct mrz *m, char fault[MRZ_FAULT_SIZE])
{
	const struct layout *l = layout_of(m);
	struct view v = characters(m, l->personal);

	if (l->personal.n == 0 ||
	    (m->text[l->personal.at + l->personal.n] == '<' && view_strip_end(v, '<').n == 0))
		return true;
	return check_field(m, "the optional data", l->personal, fault);
}

static bool
take_characters(struct mrz *m, struct view text, char fault[MRZ_FAULT_SIZE])
{
	uint8_t c;

	while (view_u8(&text, &c)) {
		if (c == '\n' || c == '\r')
			continue;
		if (!(c >= 'A' && c <= 'Z') && !(c >= '0' && c <= '9') && c != '<') {
			snprintf(fault, MRZ_FAULT_SIZE, "character %zu is none of A-Z, 0-9 and <",
				 m->n + 1);
			return false;
		}
		if (m->n < MRZ_MAX)
			m->text[m->n] = (char)c;
		m->n++;
	}
	return true;
}

bool
mrz_read_unchecked(struct mrz *m, struct view text, char fault[MRZ_FAULT_SIZE])
{
	size_t i;

	*m = (struct mrz) { .n = 0 };
	if (!take_characters(m, text, fault))
		return false;
	for (i = 0; i < sizeof(layouts) / sizeof(*layouts); i++) {
		if (layouts[i].size == m->n) {
			m->form = (enum mrz_form)i;
			return true;
		}
	}
	snprintf(fault, MRZ_FAULT_SIZE,
		 "it has %zu characters, and not 90 (TD1), 72 (TD2) or 88 (TD3)", m->n);
	return false;
}

bool
mrz_read(struct mrz *m, struct view text, char fault[MRZ_FAULT_SIZE])
{
	return mrz_read_unchecked(m, text, fault) && check_number(m, fault) &&
	       check_field(m, "the date of birth", layout_of(m)->birth, fault) &&
	       check_field(m, "the date of expiry", layout_of(m)->expiry, fault) &&
	       check_personal(m, fault) &&
	       check_digit(m, "the whole", layout_of(m)->whole_digit, whole_digit(m), fault);
}
