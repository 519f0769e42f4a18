/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The parts of read.c: what an image's text says of files, PINs, keys and environments. */
#ifndef VICC_IMAGE_READING_H
#define VICC_IMAGE_READING_H

#include "image/jsonread.h"
#include "model/card.h"
#include "model/file.h"
#include "model/fs.h"
#include "model/sam.h"
#include "model/state.h"

/* Whose PINs, keys and environments are being read. */
struct owner {
	struct state *state;
	uint32_t uid; /* of the file; 0: the card */
	const struct card_type *card; /* the type that the image is of; NULL: none that we know */
	const struct schema *schema;  /* of the application that is there; NULL: not known */
};

/* Lists of an owner's. For tables: at points to the struct owner. */
json_read_fn image_read_pins;
json_read_fn image_read_keys;
json_read_fn image_read_ses;
json_read_fn image_read_rule; /* [struct sam_rule] */

/* More tries than there are after a right value would be given away. */
bool image_check_tries(struct json_reader *r, size_t tries, size_t tries_max, const char *what);

struct file_in {
	struct owner owner;  /* the file's own, once it hangs */
	struct file *df;     /* its parent; NULL: it is the MF */
	struct file *file;

	struct file_spec spec;
	struct buf descriptor, others, comment;
	size_t structure;    /* FDB; SIZE_MAX: not said */
	size_t coding;       /* DCB; SIZE_MAX likewise */
	size_t record_size, records_max;
	size_t length;       /* of transparent contents; SIZE_MAX: as size says */
};

/* A file, and all that is in it, below df; NULL: it is the MF. */
bool image_read_file(struct json_reader *r, const json_t *v, const struct owner *owner,
		     struct file *df);

/* Of the file that hangs: at is 0, into the struct file_in. */
json_read_fn image_read_application;
json_read_fn image_read_selected;
json_read_fn image_read_fields;
json_read_fn image_read_contents;
json_read_fn image_read_records;
json_read_fn image_read_objects;

/* Refuses what a file of another structure has. */
bool image_has_kind(struct json_reader *r, const struct file_in *in, enum file_kind kind,
		    const char *what);
bool image_refuse_sw(struct json_reader *r, sw_t sw, const char *what);

#endif
