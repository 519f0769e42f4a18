/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * --profile: what AusweisApp's simulator takes of a card, in JSON: files by FID and keys by
 * number, their contents in hex.
 */
#include "cards/npa/profile.h"

#include <errno.h>
#include <jansson.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/hex.h"
#include "base/slurp.h"
#include "codec/tlv.h"

#define FILE_MAX 1048576
#define CONTENT_MAX 65536

/* One that is being read. */
struct reading {
	struct profile *p;
	const char *path;
	char *error;
	size_t size;
	const char *list; /* the entry under way: of this list, */
	size_t i;         /* from 0 */
};

static int refuse_entry(const struct reading *r, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

static int
refuse_entry(const struct reading *r, const char *fmt, ...)
{
	int n = snprintf(r->error, r->size, "--profile %s: %s[%zu]: ", r->path, r->list, r->i);
	va_list ap;

	va_start(ap, fmt);
	if (n > 0 && (size_t)n < r->size)
		vsnprintf(r->error + n, r->size - (size_t)n, fmt, ap);
	va_end(ap);
	return -EINVAL;
}

/* A member in hex; out is empty before. */
static int
take_hex(const struct reading *r, const json_t *entry, const char *key, struct buf *out)
{
	const char *text = json_string_value(json_object_get(entry, key));

	if (!text)
		return refuse_entry(r, "no \"%s\", or it is not a string", key);
	return hex_read(out, text) && out->n > 0
		       ? 0
		       : refuse_entry(r, "\"%s\" is not hex digits in pairs", key);
}

/* --- files ---------------------------------------------------------------------------------- */

/* Where the contents of a file are to be kept, and its short identifier. NULL: there is none. */
static struct buf *
place_of(struct profile *p, unsigned fid, unsigned *sfi)
{
	*sfi = fid & 0xff;
	switch (fid) {
	case 0x2f00:
		*sfi = 0x1e;
		return &p->dir;
	case 0x011c:
		return &p->access;
	case 0x011d:
		return &p->security;
	default:
		return fid > 0x0100 && fid <= 0x0100 + PROFILE_GROUPS ? &p->group[fid - 0x0100]
								      : NULL;
	}
}

/* A data group is one data object with its tag. */
static bool
is_group(unsigned n, struct view v)
{
	struct tlv t;

	return tlv_next(&v, &t) && v.n == 0 && t.tag == 0x60u + n;
}

static int
place_file(const struct reading *r, const uint8_t id[2], uint8_t short_id, struct view content)
{
	const unsigned fid = (unsigned)id[0] << 8 | id[1];
	unsigned sfi;
	struct buf *to = place_of(r->p, fid, &sfi);

	if (!to)
		return refuse_entry(r, "the card has no file %04X", fid);
	if (short_id != sfi)
		return refuse_entry(r, "the \"shortFileId\" of %04X is %02X", fid, sfi);
	if (to >= r->p->group && to <= r->p->group + PROFILE_GROUPS && !is_group(fid & 0xff, content))
		return refuse_entry(r, "\"content\" is not data group %u, one object with tag %02X",
				    fid & 0xff, 0x60 + (fid & 0xff));
	return buf_set(to, content) ? 0 : -ENOMEM;
}

static int
take_file(const struct reading *r, const json_t *entry)
{
	struct buf fid = BUF(2), sfi = BUF(1), content = BUF(CONTENT_MAX);
	int rc = take_hex(r, entry, "fileId", &fid);

	if (rc == 0)
		rc = take_hex(r, entry, "shortFileId", &sfi);
	if (rc == 0)
		rc = take_hex(r, entry, "content", &content);
	if (rc == 0 && fid.n != 2)
		rc = refuse_entry(r, "\"fileId\" is not two bytes");
	if (rc == 0)
		rc = place_file(r, fid.p, sfi.p[0], buf_view(&content));
	buf_free(&fid);
	buf_free(&sfi);
	buf_free(&content);
	return rc;
}

/* --- keys ----------------------------------------------------------------------------------- */

static int
take_key(const struct reading *r, const json_t *entry)
{
	const json_t *id = json_object_get(entry, "id");
	struct buf *to;

	switch (json_is_integer(id) ? json_integer_value(id) : 0) {
	case 1:
		to = &r->p->ri_key[0];
		break;
	case 2:
		to = &r->p->ri_key[1];
		break;
	case 41:
		to = &r->p->ca_key;
		break;
	default:
		return refuse_entry(r, "\"id\" is not 1, 2 or 41");
	}
	buf_reset(to);
	return take_hex(r, entry, "content", to);
}

/* --- all of it ------------------------------------------------------------------------------ */

static int
take_list(struct reading *r, const json_t *root, const char *name,
	  int (*take)(const struct reading *r, const json_t *entry))
{
	const json_t *list = json_object_get(root, name), *entry;
	int rc = 0;

	if (list && !json_is_array(list)) {
		snprintf(r->error, r->size, "--profile %s: \"%s\" is not an array", r->path, name);
		return -EINVAL;
	}
	r->list = name;
	for (r->i = 0; rc == 0 && (entry = json_array_get(list, r->i)) != NULL; r->i++)
		rc = take(r, entry);
	return rc;
}

static int
take_root(struct reading *r, const json_t *root)
{
	int rc;

	/* as the command SET_CARD has it */
	if (json_object_get(root, "simulator"))
		root = json_object_get(root, "simulator");
	if (!json_object_get(root, "files") && !json_object_get(root, "keys")) {
		snprintf(r->error, r->size, "--profile %s: neither \"files\" nor \"keys\"", r->path);
		return -EINVAL;
	}
	r->p->has_files = json_object_get(root, "files");
	rc = take_list(r, root, "files", take_file);
	return rc < 0 ? rc : take_list(r, root, "keys", take_key);
}

void
profile_init(struct profile *p)
{
	size_t i;

	*p = (struct profile) { .dir = BUF(CONTENT_MAX),
				.access = BUF(CONTENT_MAX),
				.security = BUF(CONTENT_MAX),
				.ca_key = BUF(CONTENT_MAX),
				.ri_key = { BUF(CONTENT_MAX), BUF(CONTENT_MAX) } };
	for (i = 0; i <= PROFILE_GROUPS; i++)
		p->group[i].max = CONTENT_MAX;
}

void
profile_free(struct profile *p)
{
	size_t i;

	buf_free(&p->dir);
	buf_free(&p->access);
	buf_free(&p->security);
	buf_free(&p->ca_key);
	buf_free(&p->ri_key[0]);
	buf_free(&p->ri_key[1]);
	for (i = 0; i <= PROFILE_GROUPS; i++)
		buf_free(&p->group[i]);
}

int
profile_read(struct profile *p, const char *path, char *error, size_t size)
{
	struct reading r = { .p = p, .path = path, .error = error, .size = size };
	struct buf text = BUF(FILE_MAX);
	json_error_t e;
	json_t *root;
	int rc = slurp(path, &text);

	if (rc < 0) {
		snprintf(error, size, "--profile %s: %s", path, strerror(-rc));
		return rc;
	}
	root = json_loadb((const char *)text.p, text.n, JSON_REJECT_DUPLICATES, &e);
	if (!root) {
		snprintf(error, size, "--profile %s: line %d: %s", path, e.line, e.text);
		rc = -EINVAL;
	} else {
		rc = take_root(&r, root);
	}
	json_decref(root);
	buf_free(&text);
	return rc;
}
