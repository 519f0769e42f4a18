/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Where a card's contents come from and where they are kept: the image in a file,
 * or in memory. A card that is new begins with its type's own contents.
 */
#ifndef VICC_IMAGE_IMAGE_H
#define VICC_IMAGE_IMAGE_H

#include <stdio.h>

#include "base/bytes.h"
#include "model/card.h"
#include "model/state.h"

struct image;

enum image_mode {
	IMAGE_KEEP,      /* what has changed is on disk before it is answered */
	IMAGE_READ_ONLY, /* contents cannot change; counters of wrong PINs count in memory */
	IMAGE_VOLATILE,  /* all can change, and is forgotten */
};

struct image_config {
	const char *type;     /* of card */
	/* the same, where it is none that all know: a plug-in's; or NULL */
	const struct card_type *card;
	const char *contents; /* of a new one, as the text of an image */
	const char *path;     /* NULL: in memory */
	enum image_mode mode; /* of a file */
	struct view serial;   /* empty: the image's */

	/*
	 * NULL: an image may be there. Otherwise this makes a new card what it is to be,
	 * with its serial number; 0, or a negative errno value with one line in error,
	 * and then there is no image either.
	 */
	int (*fill)(const void *ctx, struct state *s, char *error, size_t size);
	const void *fill_ctx;
	bool replace;         /* then: also in place of an image that is there */
	bool keep;            /* or: not when there is one, which is the card */
	bool remember;        /* what no file keeps is kept in memory, to go back to */
};

/*
 * 0, or a negative errno value with one line in error. A file that is not there is
 * made, by the first of two processes; one that cannot be read is left as it is.
 * The state is the caller's.
 */
int image_open(struct image **out, struct state **state, const struct image_config *cfg,
	       char *error, size_t size);
void image_free(struct image *image); /* takes NULL */

/* The folder in which it is kept, the image's; -1: none. Takes NULL. */
int image_folder(const struct image *image);

/* Whether image_config.fill has just made what is in it. Takes NULL. */
bool image_is_new(const struct image *image);

/* For card_env; ctx is the image. */
int image_commit(void *ctx, struct state *s, unsigned changed);
struct state *image_revert(void *ctx);

/* Append what is kept now, as the text of an image. 0, or negative: nothing is. */
int image_text(const struct image *image, struct buf *out);

/*
 * Keep this text instead, which is of a card of the same type, and make a state of it,
 * the caller's. Detached: in memory only, from then on and until it is not; the file
 * stays as it is. 0, or negative with one line in error: then nothing has changed.
 */
int image_replace(struct image *image, struct view text, bool detached, struct state **out,
		  char *error, size_t size);

/* Say on out what is in an image. 0, or negative with what is wrong in error. */
int image_check(const char *path, FILE *out, char *error, size_t size);

/* From here on all that jansson frees is wiped. Once, before anything else. */
void image_wipe_memory(void);

#endif
