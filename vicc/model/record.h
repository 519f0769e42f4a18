/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Records of an EF (ISO/IEC 7816-4, 7.3 and 11.4), by number from 1. */
#ifndef VICC_MODEL_RECORD_H
#define VICC_MODEL_RECORD_H

#include "base/bytes.h"
#include "base/sw.h"
#include "model/access.h"
#include "model/file.h"
#include "model/fs.h"

/* b3-b1 of P2. Without b3: the records with an identifier (their first byte); 00: any. */
enum record_mode {
	RECORD_FIRST,
	RECORD_LAST,
	RECORD_NEXT,
	RECORD_PREVIOUS,
	RECORD_NUMBER,   /* P1; 00 the current one */
	RECORD_TO_LAST,  /* P1 and all after it */
	RECORD_FROM_LAST, /* all after P1, backwards, and it */
};

/*
 * The number of the record that P1 and the mode name. Those without b3 move the
 * record pointer there. 6A83: there is none.
 */
sw_t record_find(const struct file *ef, struct cursor *at, uint8_t p1, enum record_mode mode,
		 size_t *number);

struct view record_view(const struct file *ef, size_t number); /* empty: there is none */

/* Each asks who for the right first (NULL: the card itself). 6A83: no such record. */
sw_t record_read(const struct file *ef, const struct access *who, size_t number, struct view *out);

/* Replace: 6700 not of the fixed length, 6A85 not SIMPLE-TLV where it must be, 6A84 no room. */
sw_t record_update(struct fs *fs, struct file *ef, const struct access *who, size_t number,
		   struct view v);

/* A part of a record, and what becomes of it. */
struct record_part {
	enum acl_op op;       /* the right that it takes */
	size_t number;
	size_t offset;        /* bytes */
	struct view data;
	enum file_write how;
};

/* Combine into the part from offset on, never longer than it is. */
sw_t record_write(struct fs *fs, struct file *ef, const struct access *who,
		  const struct record_part *part);

/* A new last one; in a cyclic EF a new number 1, the oldest going when it is full. Its number. */
sw_t record_append(struct fs *fs, struct file *ef, const struct access *who, enum acl_op op,
		   struct view v, size_t *number);

/* Erased state from first to last, lengths kept. */
sw_t record_erase(struct fs *fs, struct file *ef, const struct access *who, size_t first,
		  size_t last);

/* The image's: append one in the order of the numbers, whatever the structure. */
sw_t record_add(struct fs *fs, struct file *ef, struct view v);
void record_drop_all(struct fs *fs, struct file *ef); /* wiped */

#endif
