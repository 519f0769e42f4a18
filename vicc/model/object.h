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

struct object *object_find(const struct file *f, uint32_t tag); /* NULL: there is none */

/*
 * May it be read, or put? 6985, 6982, 6984. What the DF's A0 says of the tag; if
 * nothing, in a TLV EF what its rules say of read and update; in a DF reading is
 * free, and putting asks for what creating an EF asks for.
 */
sw_t object_check(const struct file *f, const struct access *who, uint32_t tag, bool put);

/* Its value. 6A88: there is none. */
sw_t object_get(const struct file *f, const struct access *who, uint32_t tag, struct view *value);

/* Replace or add; an empty value removes it (6A88: there is none). 6A84: no room. */
sw_t object_put(struct fs *fs, struct file *f, const struct access *who, uint32_t tag,
		struct view value);

/* The card's own, and the image's: also an empty value is one. 6A84: no room. */
sw_t object_set(struct fs *fs, struct file *f, uint32_t tag, struct view value);
void object_drop_all(struct fs *fs, struct file *f); /* wiped */

#endif
