/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "image/jsontext.h"

#include <stdio.h>
#include <string.h>

#include "base/hex.h"

#define LINE_BYTES 32   /* of a long value, on one line */
#define TEXT_MIN 4      /* shorter ones may well be text by chance */

/* --- where ------------------------------------------------------------------ */

static bool
at_end(struct view v)
{
	return v.n == 0;
}

static void
skip_text(struct view *v, size_t n)
{
	*v = view_slice(*v, n, v->n);
}

static void
skip_space(struct view *v)
{
	while (!at_end(*v) && memchr(" \t\r\n,:", *v->p, 6))
		skip_text(v, 1);
}

static void
skip_string(struct view *v)
{
	skip_text(v, 1);
	while (!at_end(*v) && *v->p != '"')
		skip_text(v, *v->p == '\\' ? 2 : 1);
	skip_text(v, 1);
}

static void
skip_value(struct view *v)
{
	size_t depth = 0;

	do {
		skip_space(v);
		if (at_end(*v))
			return;
		if (*v->p == '"') {
			skip_string(v);
			continue;
		}
		if (*v->p == '{' || *v->p == '[')
			depth++;
		else if (*v->p == '}' || *v->p == ']')
			depth--;
		else
			while (v->n > 1 && !memchr(" \t\r\n,:]}", v->p[1], 8))
				skip_text(v, 1);
		skip_text(v, 1);
	} while (depth > 0);
}

/* From an object or array to its member or element n. */
static void
enter_element(struct view *v, size_t n)
{
	bool object = !at_end(*v) && *v->p == '{';

	skip_text(v, 1);
	for (; n > 0; n--) {
		if (object)
			skip_value(v);
		skip_value(v);
	}
	skip_space(v);
}

size_t
json_line(struct view text, const size_t *how, size_t depth)
{
	struct view v = text;
	size_t i, line = 1;
	bool object;

	skip_space(&v);
	for (i = 0; i < depth; i++) {
		object = !at_end(v) && *v.p == '{';
		enter_element(&v, how[i]);
		if (object && i + 1 < depth) {
			skip_value(&v);
			skip_space(&v);
		}
	}
	for (i = 0; i < text.n - v.n; i++)
		line += text.p[i] == '\n';
	return line;
}

/* --- writing ---------------------------------------------------------------- */

static void
writer_put(struct json_writer *w, const char *text)
{
	buf_put(&w->out, text, strlen(text));
}

static void
put_string(struct json_writer *w, struct view v)
{
	char escape[8];
	size_t i;

	for (i = 0; i < v.n; i++) {
		if (v.p[i] == '"' || v.p[i] == '\\') {
			buf_u8(&w->out, '\\');
			buf_u8(&w->out, v.p[i]);
		} else if (v.p[i] < 0x20) {
			snprintf(escape, sizeof(escape), "\\u%04x", v.p[i]);
			writer_put(w, escape);
		} else {
			buf_u8(&w->out, v.p[i]);
		}
	}
}

static void
new_line(struct json_writer *w)
{
	buf_u8(&w->out, '\n');
	buf_fill(&w->out, '\t', w->depth);
}

static void
writer_begin(struct json_writer *w, const char *key)
{
	if (w->depth > 0) {
		if (!w->first)
			buf_u8(&w->out, ',');
		new_line(w);
	}
	w->first = false;
	if (!key)
		return;
	buf_u8(&w->out, '"');
	put_string(w, view_of(key, strlen(key)));
	writer_put(w, "\": ");
}

void
json_open(struct json_writer *w, const char *key, char bracket)
{
	writer_begin(w, key);
	buf_u8(&w->out, (uint8_t)bracket);
	w->depth++;
	w->first = true;
}

void
json_close(struct json_writer *w, char bracket)
{
	w->depth--;
	if (!w->first)
		new_line(w);
	w->first = false;
	buf_u8(&w->out, (uint8_t)bracket);
	if (w->depth == 0)
		buf_u8(&w->out, '\n');
}

void
json_put_number(struct json_writer *w, const char *key, size_t n)
{
	char text[24];

	snprintf(text, sizeof(text), "%zu", n);
	writer_begin(w, key);
	writer_put(w, text);
}

void
json_put_true(struct json_writer *w, const char *key)
{
	writer_begin(w, key);
	writer_put(w, "true");
}

static void
put_quoted(struct json_writer *w, const char *key, const char *prefix, struct view v)
{
	writer_begin(w, key);
	buf_u8(&w->out, '"');
	writer_put(w, prefix);
	put_string(w, v);
	buf_u8(&w->out, '"');
}

void
json_put_text(struct json_writer *w, const char *key, const char *text)
{
	put_quoted(w, key, "", view_of(text, strlen(text)));
}

void
json_put_chars(struct json_writer *w, const char *key, struct view text)
{
	put_quoted(w, key, "", text);
}

void
json_put_hex(struct json_writer *w, const char *key, struct view v)
{
	writer_begin(w, key);
	buf_u8(&w->out, '"');
	hex_write(&w->out, v);
	buf_u8(&w->out, '"');
}

static bool
is_text(struct view v)
{
	size_t i;

	for (i = 0; i < v.n && v.p[i] >= 0x20 && v.p[i] < 0x7f; i++)
		;
	return v.n >= TEXT_MIN && i == v.n;
}

static void
put_line(struct json_writer *w, const char *key, struct view v, bool text)
{
	if (text)
		put_quoted(w, key, "text:", v);
	else
		json_put_hex(w, key, v);
}

void
json_put_bytes(struct json_writer *w, const char *key, struct view v)
{
	const bool text = is_text(v);
	const size_t line = text ? 2 * LINE_BYTES : LINE_BYTES;
	size_t i;

	if (v.n <= line) {
		put_line(w, key, v, text);
		return;
	}
	json_open(w, key, '[');
	for (i = 0; i < v.n; i += line)
		put_line(w, NULL, view_slice(v, i, line), text);
	json_close(w, ']');
}
