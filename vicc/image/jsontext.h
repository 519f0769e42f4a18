/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What jansson does not do: say where in a text a value stands, and write one
 * that people can read and compare, the same for the same contents.
 */
#ifndef VICC_IMAGE_JSONTEXT_H
#define VICC_IMAGE_JSONTEXT_H

#include "base/bytes.h"

/*
 * The line, from 1, on which a member (its key) or an element begins: how[0] is
 * its number in the outermost object or array, how[1] in the one found there,
 * and so on. text is one that jansson has read.
 */
size_t json_line(struct view text, const size_t *how, size_t depth);

/*
 * One member or element to a line, tabs before it. Keys are NULL in an array and
 * outside of everything.
 */
struct json_writer {
	struct buf out;
	unsigned depth;
	bool first; /* nothing yet in the innermost object or array */
};

void json_open(struct json_writer *w, const char *key, char bracket); /* { or [ */
void json_close(struct json_writer *w, char bracket);                 /* } or ] */
void json_put_number(struct json_writer *w, const char *key, size_t n);
void json_put_true(struct json_writer *w, const char *key);
void json_put_text(struct json_writer *w, const char *key, const char *text); /* UTF-8 */
void json_put_chars(struct json_writer *w, const char *key, struct view text); /* the same */
void json_put_hex(struct json_writer *w, const char *key, struct view v);     /* on one line */

/*
 * Hex, or text:... where all of it is printable, on as many lines as it takes:
 * then an array of strings.
 */
void json_put_bytes(struct json_writer *w, const char *key, struct view v);

#endif
