/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The tree of files: who is where, selection, creation, deletion. */
#ifndef VICC_MODEL_FS_H
#define VICC_MODEL_FS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct file;

#define FS_QUOTA 262144 /* bytes of contents, unless the image says otherwise */

/*
 * What is selected. Files by their uid, which no other file of the card ever
 * had: resolved at use, so what another channel deleted is simply gone.
 */
struct cursor {
	uint32_t df;     /* 0: the MF */
	uint32_t ef;     /* 0: none */
	size_t record;   /* the current one, from 1; 0: none */
	uint32_t by_name; /* the DF that a selection by partial name found last; 0: none */
};

struct fs {
	struct file *mf;
	uint32_t next_uid;
	size_t quota, used; /* bytes of contents */
	bool terminated;    /* TERMINATE CARD USAGE */
	bool changed;       /* since the owner last cleared it */
};

/* With an empty MF. False: no memory. */
bool fs_init(struct fs *fs);
void fs_free(struct fs *fs); /* all files, wiped */

struct file *fs_by_uid(const struct fs *fs, uint32_t uid); /* NULL: gone */

#endif
