/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * JSON into structs, by tables: one row for each key. Whatever is refused is
 * refused in one line with file, line, key and what was expected, and never with
 * the value, which may be a secret.
 */
#ifndef VICC_IMAGE_JSONREAD_H
#define VICC_IMAGE_JSONREAD_H

#include <jansson.h>
#include <sys/types.h>

#include "base/bytes.h"

#define JSON_DEPTH_MAX 96 /* objects and arrays within each other */

/* Where "file:..." looks: regular files below dir, of the user whose the text is. */
struct json_files {
	int dir;
	uid_t owner;
	bool look_only; /* that it is there, and how long; it is not read */
};

struct json_reader {
	const char *name;  /* of the file, for messages */
	struct view text;  /* what is being read */
	const struct json_files *files; /* NULL: there can be none */
	char *error;       /* one line, once something is refused */
	size_t size;       /* bytes of it */
	void *ctx;         /* of the functions in the tables */

	bool fetched;      /* something came out of a file or by chance */
	bool unread;       /* the last value is zeros, for a file that was only looked at */
	struct buf names;  /* those files' names, in lines; the caller's */
	const char *key;   /* under way, and where that is: for json_line */
	size_t how[JSON_DEPTH_MAX];
	size_t depth;
	bool refused;
};

struct json_field;

/* False: refused, by json_refuse. */
typedef bool json_read_fn(struct json_reader *r, const json_t *v, const struct json_field *f,
			  void *into);

/*
 * Rows are taken in the order of the table, whatever the text's. A row without a
 * name is a step between them, and is given the object itself.
 */
struct json_field {
	const char *name;
	json_read_fn *read;
	size_t at;      /* into points there: offsetof */
	size_t min, max; /* a number, or how many bytes */
	const char *const *words; /* ended by NULL */
	bool needed;
};

#define JSON_END { .name = NULL, .read = NULL }

/* All of the text. files, name, text and error are set; row reads the outermost value. */
bool json_read_text(struct json_reader *r, json_read_fn *row, void *into);

bool json_refuse(struct json_reader *r, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
bool json_no_memory(struct json_reader *r);

bool json_read_object(struct json_reader *r, const json_t *v, const struct json_field *table,
		      void *into);
bool json_read_list(struct json_reader *r, const json_t *v, json_read_fn *element, void *into);

/* Each member, its key in r->key. */
bool json_read_map(struct json_reader *r, const json_t *v, json_read_fn *member, void *into);

/* Bytes: hex, text:..., file:..., random:N, or an array of those, one after the other. */
bool json_bytes(struct json_reader *r, const json_t *v, size_t min, size_t max, struct buf *out);

/* A number, hex or word that stands alone. */
bool json_number(struct json_reader *r, const json_t *v, size_t min, size_t max, size_t *out);

/* For tables: what at points to is in brackets. */
json_read_fn json_read_size;   /* [size_t] */
json_read_fn json_read_u8;     /* [uint8_t] */
json_read_fn json_read_hex8;   /* [uint8_t] two digits */
json_read_fn json_read_hex16;  /* [uint16_t] four digits */
json_read_fn json_read_flag;   /* [bool] */
json_read_fn json_read_word;   /* [unsigned] which one of words */
json_read_fn json_read_bytes;  /* [struct buf] min..max bytes */
json_read_fn json_read_comment; /* [struct buf] a string, or one for each line */

#endif
