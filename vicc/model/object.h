/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Data objects of a DF or in a TLV EF (ISO/IEC 7816-4, 11.4). */
#ifndef VICC_MODEL_OBJECT_H
#define VICC_MODEL_OBJECT_H

#include "base/bytes.h"
#include "base/sw.h"
#include "model/access.h"
#include "model/file.h"
#include "model/fs.h"

#define OBJECT_MAX 65535 /* bytes */
#define OBJECTS_MAX 1024 /* in one file */

/* Tags as struct object keeps them. */
#define OBJECT_PRIVATE 0x0100u /* | 00..FF: the application's own */
#define OBJECT_SIMPLE 0x0200u  /* | 01..FE: SIMPLE-TLV */

struct object *object_find(const struct file *f, uint32_t tag); /* NULL: there is none */

/*
 * May it be read, or put? 6981, 6985, 6982, 6984. What the DF's A0 says of the tag; if
 * nothing, in a TLV EF what its rules say of read and update; in a DF reading is
 * free, and putting asks for what creating an EF asks for.
 */
sw_t object_check(const struct file *f, const struct access *who, uint32_t tag, bool put);

/* Its value. 6A88: there is none. */
sw_t object_get(const struct file *f, const struct access *who, uint32_t tag, struct view *value);

/* Replace or add; an empty value removes it (6A88: there is none). 6A84: no room. */
sw_t object_put(struct fs *fs, struct file *f, const struct access *who, uint32_t tag,
		struct view value);

/*
 * Replace or add whole objects, BER-TLV or SIMPLE-TLV, all or none; empty ones are
 * kept. 6A80: they are none.
 */
sw_t object_put_all(struct fs *fs, struct file *f, const struct access *who, struct view objects,
		    bool simple);

/* Take the next of either kind, its tag as it is kept. False: the end, or no whole object. */
bool object_next(struct view *in, bool simple, uint32_t *tag, struct view *value);

/* The card's own, and the image's: also an empty value is one. 6A84: no room. */
sw_t object_set(struct fs *fs, struct file *f, uint32_t tag, struct view value);
void object_drop_all(struct fs *fs, struct file *f); /* wiped */

#endif
