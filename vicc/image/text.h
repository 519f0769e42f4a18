/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A card image as text: JSON, one format to start from and to keep. */
#ifndef VICC_IMAGE_TEXT_H
#define VICC_IMAGE_TEXT_H

#include "base/bytes.h"
#include "model/card.h"
#include "model/state.h"

struct json_files; /* image/jsonread.h */

#define IMAGE_FORMAT 2          /* the one that is written; all lower ones are read */
#define IMAGE_TEXT_MAX (64u << 20) /* bytes */

/* What an image says. */
struct image_text {
	size_t format;
	char *type;          /* of card */
	struct state *state;
	/* "file:" and "random:" were fetched, and must be kept before they are used */
	bool fetched;
	struct buf names;    /* where files were only looked at: theirs, in lines */
};

/*
 * 0, or -EINVAL with one line in error: name, line and reason. files says
 * where "file:..." looks, NULL: there can be none.
 */
int image_text_read(struct image_text *out, struct view text, const char *name,
		    const struct json_files *files, char *error, size_t size);

/* The same of a card of this type, which no other process may know. */
int image_text_read_as(struct image_text *out, const struct card_type *card, struct view text,
		       const char *name, const struct json_files *files, char *error, size_t size);
void image_text_free(struct image_text *t);

/*
 * Append the image of a card of this type: the same bytes for the same state.
 * False: no memory, or more than out may hold.
 */
bool image_text_write(struct buf *out, const char *type, const struct state *s);

/* --- what reading and writing share -------------------------------------------- */

extern const char *const image_lives[];     /* by enum sam_life */
extern const char *const image_paddings[];  /* by enum sam_pad */
extern const char *const image_kinds[];     /* by enum sam_kind */
extern const char *const image_uses[];      /* bit n of SAM_USE_... */
extern const char *const image_grants[];    /* by enum sam_grant */
extern const char *const image_se_uses[];   /* by enum se_use */

/* Words for values: life cycle states, descriptor bytes, FCP tags. */
struct image_word {
	const char *word; /* NULL: the end */
	uint32_t value;
};

extern const struct image_word image_file_lives[];
extern const struct image_word image_structures[];
extern const struct image_word image_fcp_tags[];

const char *image_word_for(const struct image_word *words, uint32_t value); /* NULL: none */

#endif
