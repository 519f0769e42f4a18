/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* One file (ISO/IEC 7816-4, 7.2): what it says of itself and what is in it. */
#ifndef VICC_MODEL_FILE_H
#define VICC_MODEL_FILE_H

#include "base/bytes.h"
#include "base/sw.h"
#include "codec/fcp.h"
#include "model/access.h"
#include "model/field.h"

#define FILE_OTHERS_MAX 1024    /* bytes of FCP objects kept as they came */
#define FILE_COMMENT_MAX 65536  /* bytes */
#define FILE_RECORDS_MAX 254    /* 7816-4, 7.3.2: 01..FE; 00 is the current one, FF reserved */
#define FILE_RECORD_MAX 65535   /* bytes */

/*
 * The erased state: what new contents are made of and ERASE leaves behind. 00, so
 * that WRITE, which ORs where a file does not say otherwise, writes on empty space.
 */
#define FILE_ERASED 0x00

#define FILE_FID_MF 0x3f00

struct fs;

/* Life cycle status (7816-4, 7.4.10), the values that we set ourselves. */
enum file_life {
	FILE_NO_LIFE = 0x00,
	FILE_CREATION = 0x01,       /* its rules are not in force yet */
	FILE_INITIALISATION = 0x03,
	FILE_DEACTIVATED = 0x04,    /* 06, too */
	FILE_ACTIVATED = 0x05,      /* 07, too */
	FILE_TERMINATED = 0x0c,     /* to 0F */
};

enum file_kind {
	FILE_DF,
	FILE_TRANSPARENT,
	FILE_RECORDS,
	FILE_OBJECTS,   /* a BER-TLV or SIMPLE-TLV EF */
	FILE_INTERNAL,  /* and proprietary: the card's own, never read or written */
	FILE_NO_KIND,   /* the descriptor byte means nothing */
};

/* A data object: of a DF, or in a TLV EF. */
struct object {
	struct object *next;
	/*
	 * A BER-TLV tag as a number; or P1 P2 of GET DATA, none of which is one:
	 * 0100..01FF private to the application, 0201..02FE SIMPLE-TLV.
	 */
	uint32_t tag;
	struct buf value;
};

struct file {
	struct file *parent;   /* NULL: the MF */
	struct file *children; /* in the order of their creation */
	struct file *next;     /* sibling */
	uint32_t uid;          /* never that of another file of this card */
	unsigned depth;        /* of the MF 0 */

	uint16_t fid;
	uint8_t descriptor[FCP_DESCRIPTOR_MAX]; /* DO 82 as given: FDB, DCB, ... */
	size_t descriptor_n;   /* 1..6 */
	uint8_t life;          /* DO 8A */
	uint8_t sfi;           /* 1..30 given, 0 none, FCP_SFI_IMPLIED */
	bool has_size;         /* DO 80 was given */
	size_t size;           /* what it said: bytes; of a key EF, bits */
	struct buf others;     /* all other FCP objects as they came, in their order */
	uint8_t name[FCP_NAME_MAX]; /* of a DF, out of others */
	size_t name_n;         /* 0: none */
	struct props props;    /* of a DF: the fields of its application (model/field.h) */
	/* answers while it, or what is below it, is selected; NULL: as above it */
	const struct schema *application;
	struct buf comment;    /* the image's; not the card's business */

	struct buf contents;   /* transparent: all of it, at its full size */
	struct buf *records;   /* [0] is number 1: in a cyclic EF the newest */
	size_t n_records;
	size_t record_max;     /* bytes of one; fixed and cyclic: of each */
	size_t records_max;    /* how many there may be */
	struct object *objects; /* in the order of their creation */
};

/* What a file is to be. All zero is: no name, no SFI, no rule, life 00, filled with 00. */
struct file_spec {
	uint16_t fid;
	uint8_t descriptor[FCP_DESCRIPTOR_MAX];
	size_t descriptor_n;
	uint8_t life;
	uint8_t sfi;         /* as in struct file */
	bool has_size;
	size_t size;         /* a working transparent EF gets as many bytes */
	uint8_t fill;        /* what its contents, or records, are made of at first */
	struct view others;  /* whole FCP objects: rules, name (84), whatever else is to be kept */
};

enum file_kind file_kind_of(uint8_t fdb);

static inline enum file_kind
file_kind(const struct file *f)
{
	return file_kind_of(f->descriptor[0]);
}

static inline bool
file_is_df(const struct file *f)
{
	return file_kind(f) == FILE_DF;
}

/* Structure, b3-b1 of the descriptor byte: 1 transparent, 2..7 records. */
static inline bool
file_is_cyclic(const struct file *f)
{
	return (f->descriptor[0] & 6) == 6;
}

static inline bool
file_is_variable(const struct file *f)
{
	return (f->descriptor[0] & 6) == 4;
}

/* Records that are SIMPLE-TLV objects. */
static inline bool
file_is_tlv(const struct file *f)
{
	return f->descriptor[0] & 1;
}

uint8_t file_sfi(const struct file *f); /* as it is found by; 0: none */
struct view file_name(const struct file *f); /* empty: none */
bool file_other(const struct file *f, uint32_t tag, struct view *value); /* an FCP object kept */
size_t file_bytes(const struct file *f); /* of contents, records and objects */

bool file_terminated(const struct file *f);
bool file_deactivated(const struct file *f); /* itself: see file_usable */

/* SW_OK, or 6985: it, or a DF that it lies in, is deactivated or terminated. */
sw_t file_usable(const struct file *f);

/* 6981: another kind; 6985; then what check_access says (who NULL: the card itself asks). */
sw_t file_check(const struct file *f, const struct access *who, enum file_kind kind,
		enum acl_op op);

/* Append what SELECT tells: the computed objects and the others, without a template. */
void file_fcp(const struct file *f, struct buf *out);

/* --- transparent contents: offsets and lengths in bytes ------------------------------- */

/* How WRITE combines (DCB, b7 b6). */
enum file_write {
	FILE_REPLACE,
	FILE_ONCE, /* only on erased bytes: else 6985 */
	FILE_OR,
	FILE_AND,
	FILE_XOR,
};

enum file_write file_write_mode(const struct file *f); /* what its DCB says; without one OR */
unsigned file_unit(const struct file *f); /* quartets in a data unit (DCB, b4-b1); without one 2 */

/*
 * Each asks who for the right first. An offset at or beyond the end is 6B00.
 * Reading appends n bytes, or as many as there are and 6282; changing never
 * grows a file: 6A84. Nothing is changed unless all of it can be.
 */
sw_t file_read(const struct file *ef, const struct access *who, size_t off, size_t n,
	       struct buf *out);
sw_t file_update(struct fs *fs, struct file *ef, const struct access *who, size_t off,
		 struct view v);
sw_t file_write(struct fs *fs, struct file *ef, const struct access *who, size_t off, struct view v,
		enum file_write how);
sw_t file_erase(struct fs *fs, struct file *ef, const struct access *who, size_t off, size_t end);

/* Where the string stands at or after off. 6282: nowhere. */
sw_t file_search(const struct file *ef, const struct access *who, size_t off, struct view string,
		 size_t *found);

/*
 * Combine v into n = v.n bytes at p, of which v is none. False, and nothing done:
 * FILE_ONCE on written bytes.
 */
bool file_combine(uint8_t *restrict p, struct view v, enum file_write how);

/* The card's own: other contents, of another size (6A84: no room; as before). */
sw_t file_set_contents(struct fs *fs, struct file *ef, struct view v);

#endif
