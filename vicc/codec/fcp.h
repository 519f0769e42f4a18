/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* File control parameters (ISO/IEC 7816-4, 7.4.3): what CREATE is told and SELECT tells. */
#ifndef VICC_CODEC_FCP_H
#define VICC_CODEC_FCP_H

#include "base/bytes.h"

#define FCP_TEMPLATE 0x62u
#define FMD_TEMPLATE 0x64u
#define FCI_TEMPLATE 0x6fu

#define FCP_SIZE 0x80u       /* bytes of contents; of a key, bits */
#define FCP_TOTAL 0x81u      /* bytes with whatever the structure costs */
#define FCP_DESCRIPTOR 0x82u
#define FCP_FID 0x83u
#define FCP_NAME 0x84u
#define FCP_PROPRIETARY 0x85u
#define FCP_RULE_PROPRIETARY 0x86u
#define FCP_SFI 0x88u
#define FCP_LIFE 0x8au
#define FCP_RULE_REFERENCE 0x8bu
#define FCP_RULE_COMPACT 0x8cu
#define FCP_SE_FILE 0x8du
#define FCP_RULE_OBJECTS 0xa0u
#define FCP_RULE_EXPANDED 0xabu

#define FCP_DESCRIPTOR_MAX 6
#define FCP_NAME_MAX 16
#define FCP_SFI_MAX 30
#define FCP_SFI_IMPLIED 0xff /* no DO 88: the low five bits of the FID, where they make one */

/* The objects that a card computes; all others it keeps as they came. */
struct fcp {
	bool has_size, has_total, has_fid, has_life;
	size_t size, total;
	uint16_t fid;
	uint8_t life;
	uint8_t sfi;            /* 1..30, 0: none, or FCP_SFI_IMPLIED */
	struct view descriptor; /* 1..6 bytes; empty: there is none */
	struct view name;       /* 1..16 bytes; empty: there is none */
};

/*
 * Take the value of a template apart; views look into it. 0, or -EINVAL: not
 * whole objects, one of those above twice, or of a form that it cannot have.
 */
int fcp_read(struct fcp *f, struct view value);

/* Whether the object is one that fcp_write computes: not to be kept beside. */
bool fcp_computed(uint32_t tag, bool df);

/* Append the objects of value that are kept as they are, in their order. */
void fcp_others(struct buf *b, struct view value, bool df);

/* Append the computed objects (80 82 83 88 8A, those that are there), without a template. */
void fcp_write(struct buf *b, const struct fcp *f);

#endif
