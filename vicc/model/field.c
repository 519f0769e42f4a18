/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "model/field.h"

#include <string.h>

const struct field *
field_find(const struct field *fields, const char *name)
{
	const struct field *f;

	for (f = fields; f && f->name; f++) {
		if (strcmp(f->name, name) == 0)
			return f;
	}
	return NULL;
}

uint32_t
field_number(const struct props *p, const char *name, uint32_t otherwise)
{
	struct view v = props_get(p, name);
	size_t n = 0;

	return v.n > 0 && v.n <= sizeof(uint32_t) && view_number(v, &n) ? (uint32_t)n : otherwise;
}

uint8_t
field_word(const struct props *p, const char *name, uint8_t otherwise)
{
	return (uint8_t)field_number(p, name, otherwise);
}

bool
field_flag(const struct props *p, const char *name)
{
	return field_number(p, name, 0) != 0;
}

bool
field_set_number(struct props *p, const char *name, uint32_t value)
{
	const uint8_t bytes[] = {
		(uint8_t)(value >> 24), (uint8_t)(value >> 16), (uint8_t)(value >> 8),
		(uint8_t)value,
	};

	return props_set(p, name, view_of(bytes, sizeof(bytes)));
}

bool
field_set_word(struct props *p, const char *name, uint8_t value)
{
	return props_set(p, name, view_of(&value, 1));
}

bool
field_set_flag(struct props *p, const char *name, bool value)
{
	if (value)
		return field_set_word(p, name, 1);
	props_remove(p, name);
	return true;
}

static size_t
count_words(const struct field *f)
{
	size_t n = 0;

	while (f->words && f->words[n])
		n++;
	return n;
}

bool
field_fits(const struct field *f, struct view value)
{
	size_t n = 0;

	switch (f->kind) {
	case FIELD_BYTES:
	case FIELD_TEXT:
		return value.n >= f->min && value.n <= f->max;
	case FIELD_NUMBER:
		return value.n == sizeof(uint32_t) && view_number(value, &n) && n >= f->min &&
		       n <= f->max;
	case FIELD_FLAG:
		return value.n == 1 && value.p[0] == 1;
	case FIELD_WORD:
		return value.n == 1 && value.p[0] < count_words(f);
	}
	return false;
}
