/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "script/pattern.h"

#include <string.h>

#include "base/hex.h"
#include "codec/tlv.h"
#include "script/formula.h"

#define DEPTH_MAX 16

static bool
pattern_fail(struct reader *r, const char *fault)
{
	if (!r->fault)
		r->fault = fault;
	return false;
}

static int
peek(const struct reader *r)
{
	return r->at < r->text.n ? r->text.p[r->at] : -1;
}

/* Over space and comments. Returns the character that is next, -1 at the end. */
static int
pattern_skip(struct reader *r)
{
	int c = peek(r);

	while (c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == '#') {
		if (c == '#') {
			while (peek(r) >= 0 && peek(r) != '\n')
				r->at++;
		} else {
			r->at++;
		}
		c = peek(r);
	}
	return c;
}

static bool
is_name(int c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       c == '_' || c == '-' || c == '.';
}

bool
pattern_name(char name[PATTERN_NAME_MAX + 1], struct reader *r)
{
	size_t n = 0;

	while (is_name(peek(r))) {
		if (n == PATTERN_NAME_MAX)
			return pattern_fail(r, "a name is too long");
		name[n++] = (char)r->text.p[r->at++];
	}
	name[n] = '\0';
	return n > 0 || pattern_fail(r, "a name is missing");
}

static bool
pattern_number(struct reader *r, size_t *out)
{
	size_t n = 0, start;
	int c = pattern_skip(r);

	start = r->at;
	for (; c >= '0' && c <= '9'; c = peek(r)) {
		n = n * 10 + (size_t)(c - '0');
		if (n > PATTERN_MAX)
			return pattern_fail(r, "a number is too large");
		r->at++;
	}
	if (r->at == start || is_name(c))
		return pattern_fail(r, "expected a decimal number");
	*out = n;
	return true;
}

/* --- words --------------------------------------------------------------------- */

static void
put_known(struct pattern *p, struct view v)
{
	buf_put_view(&p->value, v);
	buf_fill(&p->mask, 0xff, v.n);
}

/* A half-byte: its value, 16 for any, -1 for none. */
static int
nibble(int c)
{
	return c == '?' ? 16 : hex_digit(c);
}

static bool
read_byte(struct pattern *p, struct reader *r)
{
	int high = nibble(peek(r)), low;

	if (high < 0)
		return pattern_fail(r, "expected a byte, a name or a bracket");
	r->at++;
	low = nibble(peek(r));
	if (low < 0)
		return pattern_fail(r, "a byte has two digits");
	r->at++;
	buf_u8(&p->value, (uint8_t)((high & 15) << 4 | (low & 15)));
	buf_u8(&p->mask, (uint8_t)((high == 16 ? 0 : 0xf0) | (low == 16 ? 0 : 0x0f)));
	return true;
}

static bool
read_star(struct pattern *p, struct reader *r)
{
	if (p->open)
		return pattern_fail(r, "only one * can stand in a pattern");
	r->at++;
	p->open = true;
	p->star = p->value.n;
	return true;
}

static bool
read_text(struct pattern *p, struct reader *r)
{
	size_t start = ++r->at;

	while (peek(r) != '"') {
		if (peek(r) < 0 || peek(r) == '\n') {
			r->at = start - 1;
			return pattern_fail(r, "a text does not end on its line");
		}
		r->at++;
	}
	put_known(p, view_slice(r->text, start, r->at - start));
	r->at++;
	return true;
}

/* $NAME:8 and $NAME:*, behind the colon */
static bool
read_keep(struct pattern *p, struct reader *r, const char *name)
{
	struct keep *k = &p->keep[p->n_keep];
	size_t n = 0;

	if (p->n_keep == PATTERN_KEEP_MAX)
		return pattern_fail(r, "too many names in one pattern");
	*k = (struct keep) { .at = p->value.n, .behind = p->open };
	strcpy(k->name, name);
	if (peek(r) == '*') {
		k->open = true;
		p->n_keep++;
		return read_star(p, r);
	}
	if (!pattern_number(r, &n))
		return false;
	k->n = n;
	p->n_keep++;
	buf_fill(&p->value, 0, n);
	buf_fill(&p->mask, 0, n);
	return true;
}

static bool
read_variable(struct pattern *p, struct reader *r)
{
	char name[PATTERN_NAME_MAX + 1];
	size_t start = r->at++;

	if (!pattern_name(name, r))
		return false;
	if (peek(r) == ':') {
		r->at++;
		return read_keep(p, r, name);
	}
	if (!props_has(r->names, name)) {
		r->at = start;
		return pattern_fail(
			r,
			"this name has no value: give it one in --pin-file, or in a line before");
	}
	put_known(p, props_get(r->names, name));
	return true;
}

static bool read_words(struct pattern *p, struct reader *r, int end);
static bool read_word(struct pattern *p, struct reader *r, int c);

/* Put a length before what has been read since start. */
static void
put_length(struct pattern *p, size_t start, bool lc)
{
	const uint8_t all[3] = { 0xff, 0xff, 0xff };
	struct buf length = BUF(3);
	size_t n = p->value.n - start, i;

	if (lc && n > 255) {
		buf_u8(&length, 0);
		buf_u16(&length, (uint16_t)n);
	} else if (lc && n > 0) {
		buf_u8(&length, (uint8_t)n);
	} else if (!lc) {
		tlv_put_length(&length, n);
	}
	p->value.failed |= length.failed;
	buf_insert(&p->value, start, length.p, length.n);
	buf_insert(&p->mask, start, all, length.n);
	for (i = 0; i < p->n_keep; i++) {
		if (p->keep[i].at >= start)
			p->keep[i].at += length.n;
	}
	buf_free(&length);
}

static bool
read_bracket(struct pattern *p, struct reader *r, int end)
{
	bool was_open = p->open;
	size_t start = p->value.n;

	if (r->depth == DEPTH_MAX)
		return pattern_fail(r, "too many brackets in each other");
	r->depth++;
	r->at++;
	if (!read_words(p, r, end))
		return false;
	r->depth--;
	if (p->open && !was_open)
		return pattern_fail(r, "brackets cannot contain a *");
	if (p->value.n - start > 0xffff)
		return pattern_fail(r, "too many bytes between brackets");
	put_length(p, start, end == ')');
	return true;
}

static bool
known(const struct pattern *p, struct reader *r)
{
	size_t i;

	for (i = 0; i < p->mask.n; i++) {
		if (p->mask.p[i] != 0xff)
			break;
	}
	return (i == p->mask.n && !p->open && p->n_keep == 0) ||
	       pattern_fail(r, "bytes that may be anything cannot stand here");
}

/* The values of a formula: one word each, and the last takes what is left. */
static bool
read_values(struct pattern *v, unsigned n, struct reader *r)
{
	unsigned i;
	int c;

	for (i = 0; i < n; i++) {
		c = pattern_skip(r);
		if (i + 1 == n ? !read_words(&v[i], r, '}') : c == '}' || !read_word(&v[i], r, c))
			return pattern_fail(r, "the formula needs more values");
		if (!known(&v[i], r))
			return false;
	}
	return true;
}

static bool
pattern_compute(struct pattern *p, struct reader *r, const struct formula *f)
{
	struct pattern v[FORMULA_VALUES_MAX] = { PATTERN, PATTERN, PATTERN };
	struct view values[FORMULA_VALUES_MAX];
	size_t numbers[FORMULA_NUMBERS_MAX], before = p->value.n, i;
	bool ok = true;

	for (i = 0; ok && i < f->numbers; i++)
		ok = pattern_number(r, &numbers[i]);
	ok = ok && read_values(v, f->values, r);
	for (i = 0; i < f->values; i++)
		values[i] = buf_view(&v[i].value);
	if (ok) {
		r->fault = f->fn(numbers, values, &p->value);
		ok = !r->fault;
		buf_fill(&p->mask, 0xff, p->value.n - before);
	}
	for (i = 0; i < f->values; i++)
		pattern_free(&v[i]);
	return ok;
}

static bool
read_formula(struct pattern *p, struct reader *r)
{
	char name[PATTERN_NAME_MAX + 1];
	const struct formula *f;
	size_t start = r->at++;
	bool ok;

	pattern_skip(r);
	if (!pattern_name(name, r))
		return false;
	f = formula_find(name);
	if (!f || r->depth == DEPTH_MAX) {
		r->at = start;
		return pattern_fail(r, f ? "too many brackets in each other"
					 : "no formula has this name");
	}
	r->depth++;
	ok = pattern_compute(p, r, f);
	r->depth--;
	return ok;
}

static bool
read_word(struct pattern *p, struct reader *r, int c)
{
	switch (c) {
	case '*':
		return read_star(p, r);
	case '"':
		return read_text(p, r);
	case '$':
		return read_variable(p, r);
	case '[':
		return read_bracket(p, r, ']');
	case '(':
		return read_bracket(p, r, ')');
	case '{':
		return read_formula(p, r);
	default:
		do {
			if (!read_byte(p, r))
				return false;
		} while (nibble(peek(r)) >= 0);
		return true;
	}
}

/* Words up to the closing bracket, which is taken; -1: the end of the text. */
static bool
read_words(struct pattern *p, struct reader *r, int end)
{
	size_t start = r->at;
	int c;

	for (c = pattern_skip(r); c != end; c = pattern_skip(r)) {
		if (c < 0) {
			r->at = start;
			return pattern_fail(r, "a bracket is not closed");
		}
		if (!read_word(p, r, c))
			return false;
		if (p->value.failed || p->mask.failed)
			return pattern_fail(r, "too many bytes");
	}
	if (end >= 0)
		r->at++;
	return true;
}

bool
pattern_end(struct reader *r)
{
	return pattern_skip(r) < 0;
}

bool
pattern_read(struct pattern *p, struct reader *r)
{
	return read_words(p, r, -1);
}

bool
pattern_value(struct buf *out, struct reader *r)
{
	struct pattern p = PATTERN;
	bool ok = pattern_read(&p, r) && known(&p, r);

	if (ok)
		buf_put_view(out, buf_view(&p.value));
	pattern_free(&p);
	return ok && (!out->failed || pattern_fail(r, "too many bytes"));
}

bool
pattern_word(struct buf *out, struct reader *r)
{
	struct pattern p = PATTERN;
	int c = pattern_skip(r);
	bool ok = c >= 0 ? read_word(&p, r, c) && known(&p, r)
			 : pattern_fail(r, "a value is missing");

	if (ok)
		buf_put_view(out, buf_view(&p.value));
	pattern_free(&p);
	return ok && (!out->failed || pattern_fail(r, "too many bytes"));
}

/* --- matching ------------------------------------------------------------------- */

/* How many of the first n bytes of got, from at on, are as the pattern wants them from from on. */
static size_t
pattern_same(const struct pattern *p, size_t from, struct view got, size_t at, size_t n)
{
	size_t i = 0;

	while (i < n && (got.p[at + i] & p->mask.p[from + i]) == p->value.p[from + i])
		i++;
	return i;
}

bool
pattern_match(const struct pattern *p, struct view got, struct mismatch *where)
{
	size_t n = p->value.n, head = p->open ? p->star : n, tail = n - head, i;
	size_t common = head < got.n ? head : got.n;

	i = pattern_same(p, 0, got, 0, common);
	*where = (struct mismatch) { i, i };
	if (i < common)
		return false;
	if (got.n < n || (!p->open && got.n > n)) {
		*where = (struct mismatch) { common, common };
		return false;
	}
	i = pattern_same(p, head, got, got.n - tail, tail);
	*where = (struct mismatch) { head + i, got.n - tail + i };
	return i == tail;
}

struct view
pattern_kept(const struct pattern *p, const struct keep *k, struct view got)
{
	size_t stretch = got.n - p->value.n;

	if (k->open)
		return view_slice(got, k->at, stretch);
	return view_slice(got, k->at + (k->behind ? stretch : 0), k->n);
}

void
pattern_free(struct pattern *p)
{
	buf_free(&p->value);
	buf_free(&p->mask);
}
