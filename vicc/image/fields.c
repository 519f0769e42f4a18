/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "image/fields.h"

#include <string.h>

/* --- reading ------------------------------------------------------------------------ */

struct fields_in {
	const struct field *fields;
	struct props *props;
};

static bool
refuse_undeclared(struct json_reader *r, const struct field *fields)
{
	char names[512] = "";
	const struct field *f;
	size_t n = 0;

	for (f = fields; f && f->name && n < sizeof(names); f++)
		n += (size_t)snprintf(names + n, sizeof(names) - n, "%s%s", n > 0 ? ", " : "",
				      f->name);
	if (n == 0)
		return json_refuse(r, "this application keeps no such fields");
	return json_refuse(r, "unknown field, expected one of: %s", names);
}

static bool
read_number(struct json_reader *r, const json_t *v, const struct field *f, struct props *into)
{
	size_t n;

	return json_number(r, v, f->min, f->max, &n) &&
	       (field_set_number(into, f->name, (uint32_t)n) || json_no_memory(r));
}

static bool
read_flag(struct json_reader *r, const json_t *v, const struct field *f, struct props *into)
{
	bool set;

	return json_read_flag(r, v, NULL, &set) &&
	       (field_set_flag(into, f->name, set) || json_no_memory(r));
}

static bool
read_word(struct json_reader *r, const json_t *v, const struct field *f, struct props *into)
{
	const struct json_field words = { .words = f->words };
	unsigned word;

	return json_read_word(r, v, &words, &word) &&
	       (field_set_word(into, f->name, (uint8_t)word) || json_no_memory(r));
}

static bool
read_bytes(struct json_reader *r, const json_t *v, const struct field *f, struct props *into)
{
	struct buf b;
	bool ok;

	if (!json_bytes(r, v, f->min, f->max, &b))
		return false;
	ok = props_set(into, f->name, buf_view(&b)) || json_no_memory(r);
	buf_free(&b);
	return ok;
}

/* As it stands: UTF-8 is what JSON is made of. */
static bool
read_text(struct json_reader *r, const json_t *v, const struct field *f, struct props *into)
{
	size_t n = json_string_length(v);

	if (!json_is_string(v) || n < f->min || n > f->max)
		return json_refuse(r, "expected a string of %u to %u bytes", f->min, f->max);
	return props_set(into, f->name, view_of(json_string_value(v), n)) || json_no_memory(r);
}

static bool
read_one(struct json_reader *r, const json_t *v, const struct json_field *unused, void *into)
{
	const struct fields_in *in = into;
	const struct field *f = field_find(in->fields, r->key);

	(void)unused;
	if (!f)
		return refuse_undeclared(r, in->fields);
	switch (f->kind) {
	case FIELD_NUMBER:
		return read_number(r, v, f, in->props);
	case FIELD_FLAG:
		return read_flag(r, v, f, in->props);
	case FIELD_WORD:
		return read_word(r, v, f, in->props);
	case FIELD_TEXT:
		return read_text(r, v, f, in->props);
	default:
		return read_bytes(r, v, f, in->props);
	}
}

bool
fields_read(struct json_reader *r, const json_t *v, const struct field *fields, struct props *into)
{
	struct fields_in in = { .fields = fields, .props = into };

	return json_read_map(r, v, read_one, &in);
}

/* --- writing ------------------------------------------------------------------------ */

static void
write_one(struct json_writer *w, const struct field *f, struct view value)
{
	size_t n = 0;

	view_number(value, &n);
	switch (f->kind) {
	case FIELD_NUMBER:
		json_put_number(w, f->name, n);
		break;
	case FIELD_FLAG:
		json_put_true(w, f->name);
		break;
	case FIELD_WORD:
		json_put_text(w, f->name, f->words[n]);
		break;
	case FIELD_TEXT:
		json_put_chars(w, f->name, value);
		break;
	case FIELD_BYTES:
		json_put_bytes(w, f->name, value);
		break;
	}
}

/*
 * What does not fit was never a value: an application that keeps such is wrong, the
 * image is not.
 */
void
fields_write(struct json_writer *w, const char *key, const struct field *fields,
	     const struct props *p)
{
	const struct field *f;
	bool any = false;

	for (f = fields; f && f->name; f++) {
		if (!props_has(p, f->name) || !field_fits(f, props_get(p, f->name)))
			continue;
		if (!any)
			json_open(w, key, '{');
		any = true;
		write_one(w, f, props_get(p, f->name));
	}
	if (any)
		json_close(w, '}');
}
