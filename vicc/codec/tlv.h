/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Data objects: BER-TLV (ISO/IEC 7816-4, 6.3; ISO/IEC 8825-1) and SIMPLE-TLV (6.2). */
#ifndef VICC_CODEC_TLV_H
#define VICC_CODEC_TLV_H

#include "base/bytes.h"

struct tlv {
	uint32_t tag;      /* its bytes as a big-endian number: 5F 2D is 0x5f2d */
	struct view value;
	struct view whole; /* tag and length too */
};

/*
 * Take the next object from the front. False at the end, or where there is no
 * whole object: then in is as it was, so in->n tells which. Tags of up to 3
 * bytes, definite lengths of up to 3 (81..83).
 */
bool tlv_next(struct view *in, struct tlv *out);

/* As tlv_next, over the 00 and FF that may stand between objects (6.3). */
bool tlv_next_padded(struct view *in, struct tlv *out);

/* Whether in is nothing but whole objects. */
bool tlv_valid(struct view in);

/* The first object with the tag. False: there is none before in ends or breaks. */
bool tlv_find(struct view in, uint32_t tag, struct view *value);

/* As tlv_find, one template deeper with each further tag; ended by 0. */
bool tlv_find_path(struct view in, const uint32_t *tags, struct view *value);

static inline bool
tlv_constructed(uint32_t tag)
{
	return (tag > 0xffff ? tag >> 16 : tag > 0xff ? tag >> 8 : tag) & 0x20;
}

bool tlv_tag_next(struct view *in, uint32_t *tag);      /* a lone tag, as in a tag list */
bool tlv_length_next(struct view *in, size_t *n);       /* a lone length field */
void tlv_put_tag(struct buf *b, uint32_t tag);
void tlv_put_length(struct buf *b, size_t n);
void tlv_put(struct buf *b, uint32_t tag, struct view value);
void tlv_put_u8(struct buf *b, uint32_t tag, uint8_t value);
void tlv_put_u16(struct buf *b, uint32_t tag, uint16_t value);

/* A template whose length is not known yet: what is appended between is its value. */
size_t tlv_open(struct buf *b, uint32_t tag);
void tlv_close(struct buf *b, size_t mark);

/* SIMPLE-TLV: tag 01..FE, length one byte, or FF and two. */
bool simple_tlv_next(struct view *in, struct tlv *out);
void simple_tlv_put(struct buf *b, uint8_t tag, struct view value);

#endif
