/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What an application keeps beside files, PINs and keys: values that it declares by
 * name, kind and bounds, so that an image can be read, checked and written without
 * knowing what they mean. They are kept as the props of a DF or of a key.
 */
#ifndef VICC_MODEL_FIELD_H
#define VICC_MODEL_FIELD_H

#include "model/props.h"

enum field_kind {
	FIELD_BYTES,  /* min to max bytes */
	FIELD_TEXT,   /* UTF-8, min to max bytes */
	FIELD_NUMBER, /* min to max; kept in four bytes, the high one first */
	FIELD_FLAG,   /* true, or absent */
	FIELD_WORD,   /* one of words; kept as a byte, which one */
};

struct field {
	const char *name; /* NULL: the end */
	enum field_kind kind;
	uint32_t min, max;
	const char *const *words; /* ended by NULL */
};

#define FIELD_END { .name = NULL }

/* An application, as far as files and images know it. Constant, and alive as long as its cards. */
struct schema {
	const char *name;               /* "application" of its DF; of the root of a card NULL */
	const struct field *fields;     /* of its DF; NULL: none */
	const struct field *key_fields; /* of the keys that are its own */
	bool repeated;                  /* several DFs of a card may name it */
};

const struct field *field_find(const struct field *fields, const char *name); /* NULL: none */

/* The value; what is absent is otherwise. */
uint32_t field_number(const struct props *p, const char *name, uint32_t otherwise);
uint8_t field_word(const struct props *p, const char *name, uint8_t otherwise);
bool field_flag(const struct props *p, const char *name);

/* False: no memory, and as before. Marking the change is the caller's. */
bool field_set_number(struct props *p, const char *name, uint32_t value);
bool field_set_word(struct props *p, const char *name, uint8_t value);
bool field_set_flag(struct props *p, const char *name, bool value);

/* Whether a value is one that the field may have. */
bool field_fits(const struct field *f, struct view value);

#endif
