/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "image/jsonread.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/hex.h"
#include "base/slurp.h"
#include "base/text.h"
#include "crypto/rand.h"
#include "image/jsontext.h"

/* --- saying no ---------------------------------------------------------------- */

bool
json_refuse(struct json_reader *r, const char *fmt, ...)
{
	char *at = r->error;
	size_t left = r->size, n;
	va_list ap;

	if (r->refused)
		return false;
	r->refused = true;
	snprintf(at, left, "%s:%zu: %s%s", r->name, json_line(r->text, r->how, r->depth),
		 r->key ? r->key : "", r->key ? ": " : "");
	n = strlen(at);
	va_start(ap, fmt);
	vsnprintf(at + n, left - n, fmt, ap);
	va_end(ap);
	/* keys, values and file names are quoted */
	text_make_plain(at);
	return false;
}

bool
json_no_memory(struct json_reader *r)
{
	return json_refuse(r, "out of memory");
}

/* The value or key that comes next is the n-th of the one under way. */
static bool
push(struct json_reader *r, size_t n)
{
	if (r->depth == JSON_DEPTH_MAX)
		return json_refuse(r, "nested too deeply");
	r->how[r->depth++] = n;
	return true;
}

/* --- objects and arrays ------------------------------------------------------- */

static void
put_names(char *out, size_t size, const struct json_field *table)
{
	const struct json_field *f;
	size_t n = 0;

	for (f = table; f->name || f->read; f++) {
		if (f->name && n < size)
			n += (size_t)snprintf(out + n, size - n, "%s%s", n > 0 ? ", " : "",
					      f->name);
	}
}

static bool
refuse_unknown(struct json_reader *r, const char *key, const struct json_field *table)
{
	char names[512] = "";

	put_names(names, sizeof(names), table);
	r->key = NULL;
	return json_refuse(r, "unknown key \"%.40s\", expected one of: %s", key, names);
}

static bool
is_known(const char *key, const struct json_field *table)
{
	const struct json_field *f;

	for (f = table; f->name || f->read; f++) {
		if (f->name && strcmp(f->name, key) == 0)
			return true;
	}
	return false;
}

static bool
check_keys(struct json_reader *r, const json_t *v, const struct json_field *table)
{
	const char *key;
	json_t *member;
	size_t n = 0;

	json_object_foreach((json_t *)(uintptr_t)v, key, member) {
		if (!push(r, n++))
			return false;
		if (!is_known(key, table))
			return refuse_unknown(r, key, table);
		r->depth--;
	}
	return true;
}

static size_t
place_of(const json_t *v, const char *name)
{
	const char *key;
	json_t *member;
	size_t n = 0;

	json_object_foreach((json_t *)(uintptr_t)v, key, member) {
		if (strcmp(key, name) == 0)
			break;
		n++;
	}
	return n;
}

static bool
read_field(struct json_reader *r, const json_t *v, const struct json_field *f, void *into)
{
	const json_t *member = f->name ? json_object_get(v, f->name) : NULL;
	const char *outer = r->key;
	bool ok;

	if (!f->name)
		return f->read(r, v, f, into);
	if (!member)
		return !f->needed || json_refuse(r, "\"%s\" is missing", f->name);
	if (!push(r, place_of(v, f->name)))
		return false;
	r->key = f->name;
	ok = f->read(r, member, f, (char *)into + f->at);
	r->key = outer;
	r->depth--;
	return ok;
}

bool
json_read_object(struct json_reader *r, const json_t *v, const struct json_field *table, void *into)
{
	const struct json_field *f;

	if (!json_is_object(v))
		return json_refuse(r, "expected an object: {...}");
	if (!check_keys(r, v, table))
		return false;
	for (f = table; f->name || f->read; f++) {
		if (!read_field(r, v, f, into))
			return false;
	}
	return true;
}

bool
json_read_list(struct json_reader *r, const json_t *v, json_read_fn *element, void *into)
{
	size_t i;

	if (!json_is_array(v))
		return json_refuse(r, "expected a list: [...]");
	for (i = 0; i < json_array_size(v); i++) {
		if (!push(r, i) || !element(r, json_array_get(v, i), NULL, into))
			return false;
		r->depth--;
	}
	return true;
}

bool
json_read_map(struct json_reader *r, const json_t *v, json_read_fn *member, void *into)
{
	const char *outer = r->key, *key;
	json_t *value;
	size_t n = 0;

	if (!json_is_object(v))
		return json_refuse(r, "expected an object: {...}");
	json_object_foreach((json_t *)(uintptr_t)v, key, value) {
		r->key = key;
		if (!push(r, n++) || !member(r, value, NULL, into))
			return false;
		r->depth--;
	}
	r->key = outer;
	return true;
}

/* jansson quotes what it stumbled over, which may be half a PIN. */
static bool
refuse_syntax(struct json_reader *r, const json_error_t *e)
{
	const char *quote = strstr(e->text, " near '");
	size_t n = strlen(e->text);

	if (quote && json_error_code(e) != json_error_duplicate_key)
		n = (size_t)(quote - e->text);
	r->refused = true;
	snprintf(r->error, r->size, "%s:%d: %.*s", r->name, e->line > 0 ? e->line : 1, (int)n,
		 e->text);
	text_make_plain(r->error);
	return false;
}

bool
json_read_text(struct json_reader *r, json_read_fn *row, void *into)
{
	json_error_t e;
	json_t *v = json_loadb(r->text.n > 0 ? (const char *)r->text.p : "", r->text.n,
			       JSON_REJECT_DUPLICATES, &e);
	bool ok;

	r->depth = 0;
	r->key = NULL;
	r->refused = false;
	if (!v)
		return refuse_syntax(r, &e);
	ok = row(r, v, NULL, into);
	json_decref(v);
	return ok;
}

/* --- bytes ---------------------------------------------------------------------- */

static bool
put_random(struct json_reader *r, const char *count, struct buf *out)
{
	char *end;
	unsigned long n = strtoul(count, &end, 10);
	uint8_t *at;

	if (*count < '1' || *count > '9' || *end != '\0')
		return json_refuse(r, "expected \"random:N\", N bytes");
	r->fetched = true;
	at = buf_grow(out, n);
	if (at && rand_bytes(at, n) < 0)
		return json_refuse(r, "no random numbers");
	return true; /* too many is asked of out */
}

/* The first part of a path, taken off it. */
static int
open_part(int dir, const char **path, int flags)
{
	char part[NAME_MAX + 1];
	size_t n = strcspn(*path, "/");
	int fd;

	if (n > NAME_MAX)
		return -ENAMETOOLONG;
	snprintf(part, sizeof(part), "%.*s", (int)n, *path);
	*path += n;
	*path += strspn(*path, "/");
	if (strcmp(part, "..") == 0)
		return -EXDEV;
	fd = openat(dir, part, (**path ? O_PATH | O_DIRECTORY : flags) | O_NOFOLLOW | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

/*
 * Below a folder, and through no symbolic link: RESOLVE_BENEATH and RESOLVE_NO_SYMLINKS of
 * openat2(2), step by step, as not every kernel and container has that.
 */
static int
open_below(int dir, const char *path, int flags)
{
	int at, next;

	if (*path == '/')
		return -EXDEV;
	at = open_part(dir, &path, flags);
	while (at >= 0 && *path) {
		next = open_part(at, &path, flags);
		close(at);
		at = next;
	}
	return at;
}

/* Whoever may write the image may not make us read what only we may. */
static int
check_file(const struct json_files *from, int fd, size_t *size)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return -errno;
	if (S_ISLNK(st.st_mode))
		return -ELOOP;
	if (!S_ISREG(st.st_mode))
		return -EINVAL;
	*size = (size_t)st.st_size;
	return st.st_uid == from->owner ? 0 : -EPERM;
}

/* What is in it; or, where nothing is to be fetched, as many zeros. */
static int
take_file(const struct json_files *from, const char *path, struct buf *out)
{
	int flags = from->look_only ? O_PATH : O_RDONLY | O_NONBLOCK | O_NOCTTY;
	int fd = open_below(from->dir, path, flags), rc;
	size_t size = 0;

	if (fd < 0)
		return fd;
	rc = check_file(from, fd, &size);
	if (rc == 0 && from->look_only)
		buf_fill(out, 0, size);
	else if (rc == 0)
		rc = slurp_fd(fd, out);
	close(fd);
	return rc == -EFBIG ? 0 : rc; /* too much is asked of out */
}

static const char *
file_fault(int rc)
{
	switch (rc) {
	case -EINVAL:
		return "not a regular file";
	case -EXDEV:
		return "not below the image's folder";
	case -ELOOP:
		return "a symbolic link is not followed";
	case -EPERM:
		return "belongs to another user than the image";
	default:
		return strerror(-rc);
	}
}

static bool
put_file(struct json_reader *r, const char *path, struct buf *out)
{
	int rc;

	if (!r->files)
		return json_refuse(r, "\"file:...\" is not possible here");
	r->fetched = true;
	r->unread = r->unread || r->files->look_only;
	rc = take_file(r->files, path, out);
	if (rc < 0)
		return json_refuse(r, "%s: %s", path, file_fault(rc));
	if (r->files->look_only) {
		buf_put(&r->names, path, strlen(path));
		buf_u8(&r->names, '\n');
	}
	return true;
}

static const char *
after(const char *text, const char *prefix)
{
	size_t n = strlen(prefix);

	return strncmp(text, prefix, n) == 0 ? text + n : NULL;
}

static bool
put_one(struct json_reader *r, const json_t *v, const struct json_field *f, void *into)
{
	const char *text = json_string_value(v), *rest;
	struct buf *out = into;

	(void)f;
	if (!text)
		return json_refuse(
			r, "expected a string: hex, \"text:...\", \"file:...\" or \"random:N\"");
	if ((rest = after(text, "text:"))) {
		buf_put(out, rest, strlen(rest));
		return true;
	}
	if ((rest = after(text, "random:")))
		return put_random(r, rest, out);
	if ((rest = after(text, "file:")))
		return put_file(r, rest, out);
	if (!hex_read(out, text) && !out->failed)
		return json_refuse(
			r,
			"expected pairs of hex digits, \"text:...\", \"file:...\" or \"random:N\"");
	return true;
}

bool
json_bytes(struct json_reader *r, const json_t *v, size_t min, size_t max, struct buf *out)
{
	*out = (struct buf) BUF(max);
	r->unread = false;
	if (!(json_is_array(v) ? json_read_list(r, v, put_one, out) : put_one(r, v, NULL, out)))
		goto refused;
	if (!out->failed && out->n >= min)
		return true;
	if (min == max)
		json_refuse(r, "expected %zu bytes", min);
	else
		json_refuse(r, "expected %zu to %zu bytes", min, max);
refused:
	buf_free(out);
	return false;
}

bool
json_read_bytes(struct json_reader *r, const json_t *v, const struct json_field *f, void *into)
{
	buf_free(into);
	return json_bytes(r, v, f->min, f->max, into);
}

/* --- everything else -------------------------------------------------------------- */

bool
json_number(struct json_reader *r, const json_t *v, size_t min, size_t max, size_t *out)
{
	json_int_t n = json_integer_value(v);

	if (!json_is_integer(v) || n < 0 || (uintmax_t)n < min || (uintmax_t)n > max)
		return json_refuse(r, "expected a number from %zu to %zu", min, max);
	*out = (size_t)n;
	return true;
}

bool
json_read_size(struct json_reader *r, const json_t *v, const struct json_field *f, void *into)
{
	return json_number(r, v, f->min, f->max, into);
}

bool
json_read_u8(struct json_reader *r, const json_t *v, const struct json_field *f, void *into)
{
	size_t n;

	if (!json_number(r, v, f->min, f->max, &n))
		return false;
	*(uint8_t *)into = (uint8_t)n;
	return true;
}

static bool
read_hex(struct json_reader *r, const json_t *v, uint8_t *out, size_t n)
{
	const char *text = json_string_value(v);
	struct buf b = BUF(n);

	if (text && hex_read(&b, text) && b.n == n) {
		memcpy(out, b.p, n);
		buf_free(&b);
		return true;
	}
	buf_free(&b);
	return json_refuse(r, "expected a string of %zu hex digits", 2 * n);
}

bool
json_read_hex8(struct json_reader *r, const json_t *v, const struct json_field *f, void *into)
{
	(void)f;
	return read_hex(r, v, into, 1);
}

bool
json_read_hex16(struct json_reader *r, const json_t *v, const struct json_field *f, void *into)
{
	uint8_t b[2];

	(void)f;
	if (!read_hex(r, v, b, sizeof(b)))
		return false;
	*(uint16_t *)into = (uint16_t)(b[0] << 8 | b[1]);
	return true;
}

bool
json_read_flag(struct json_reader *r, const json_t *v, const struct json_field *f, void *into)
{
	(void)f;
	if (!json_is_boolean(v))
		return json_refuse(r, "expected true or false");
	*(bool *)into = json_is_true(v);
	return true;
}

bool
json_read_word(struct json_reader *r, const json_t *v, const struct json_field *f, void *into)
{
	const char *text = json_string_value(v);
	char words[256] = "";
	size_t n = 0;
	unsigned i;

	for (i = 0; f->words[i]; i++) {
		if (text && strcmp(text, f->words[i]) == 0) {
			*(unsigned *)into = i;
			return true;
		}
		if (n < sizeof(words))
			n += (size_t)snprintf(words + n, sizeof(words) - n, "%s\"%s\"",
					      n > 0 ? ", " : "", f->words[i]);
	}
	return json_refuse(r, "expected one of: %s", words);
}

static bool
put_line(struct json_reader *r, const json_t *v, const struct json_field *f, void *into)
{
	struct buf *out = into;

	(void)f;
	if (!json_is_string(v))
		return json_refuse(r, "expected a string, or a list of strings");
	buf_put(out, json_string_value(v), json_string_length(v));
	buf_u8(out, '\n');
	return true;
}

bool
json_read_comment(struct json_reader *r, const json_t *v, const struct json_field *f, void *into)
{
	struct buf *out = into;

	buf_free(out);
	*out = (struct buf) BUF(f->max);
	if (!(json_is_array(v) ? json_read_list(r, v, put_line, out) : put_line(r, v, NULL, out)))
		return false;
	if (out->failed)
		return json_refuse(r, "longer than %zu bytes", f->max);
	buf_cut(out, out->n > 0 ? out->n - 1 : 0);
	return true;
}
