/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Data objects by their tags, for whoever asks for many of them: a list of tags
 * costs what it is long, however many objects there are. The index borrows their
 * bytes; what is inside of an object is taken apart when it is first asked for.
 */
#ifndef VICC_CODEC_TLV_INDEX_H
#define VICC_CODEC_TLV_INDEX_H

#include "codec/tlv.h"

struct tlv_index;

struct tlv_entry {
	uint32_t tag;
	struct view value;
	size_t place;             /* in what it was made of */
	struct tlv_index *inside; /* of the value; NULL: not asked for yet */
};

/* Of these objects; of those that a template begins with. NULL: no memory. */
struct tlv_index *tlv_index_of(const struct tlv *objects, size_t n);
struct tlv_index *tlv_index_new(struct view objects);
void tlv_index_free(struct tlv_index *ix); /* takes NULL */

/* The first with the tag. NULL: there is none. */
struct tlv_entry *tlv_index_find(struct tlv_index *ix, uint32_t tag);

/* Of what is in an object; its own. NULL: no memory. */
struct tlv_index *tlv_index_inside(struct tlv_entry *e);

#endif
