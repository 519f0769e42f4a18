/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The tree of files: who is where, selection, creation, deletion. */
#ifndef VICC_MODEL_FS_H
#define VICC_MODEL_FS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/sw.h"
#include "model/access.h"
#include "model/file.h"

#define FS_QUOTA 262144     /* bytes of contents, unless the image says otherwise */
#define FS_FILES_MAX 4096   /* the MF included */
#define FS_DEPTH_MAX 32     /* DFs from the MF down */

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
	struct file **index; /* all files, by uid */
	size_t n_files, index_cap;
	uint32_t next_uid;
	size_t quota, used;  /* bytes of contents, records and objects */
	uint32_t selected;   /* uid of the DF that a reset selects; 0: the MF */
	bool terminated;     /* TERMINATE CARD USAGE */
	bool changed;        /* since the owner last cleared it */
};

/* With an empty MF, activated and free for everything. False: no memory. */
bool fs_init(struct fs *fs);
void fs_free(struct fs *fs); /* all files, wiped */

/*
 * Start again with nothing but this MF; quota stays. FID and descriptor are the MF's
 * whatever the spec says. SW_OK, 6A80, 6A8A, or 6A84: then as before.
 */
sw_t fs_format(struct fs *fs, const struct file_spec *mf);

struct file *fs_by_uid(const struct fs *fs, uint32_t uid); /* NULL: gone */
struct file *fs_df(const struct fs *fs, const struct cursor *at); /* the MF when it is gone */
struct file *fs_ef(const struct fs *fs, const struct cursor *at); /* NULL: none */

/* The file after f, parents before children, the MF first (f NULL); NULL: that was the last. */
struct file *fs_walk(const struct fs *fs, const struct file *f);

struct file *fs_child(const struct file *df, uint16_t fid); /* NULL: none */
/* One that was given goes before one that the FID implies. NULL: none. */
struct file *fs_child_by_sfi(const struct file *df, uint8_t sfi);

struct file *fs_by_name(const struct fs *fs, struct view name); /* the whole name; NULL: none */

/* Make it the current one, as SELECT does. */
void fs_enter(struct cursor *at, const struct file *f);

/* --- SELECT (7816-4, 11.1.1) ---------------------------------------------------------- */

enum fs_how { /* P1 */
	FS_BY_FID = 0x00,
	FS_CHILD_DF = 0x01,
	FS_CHILD_EF = 0x02,
	FS_PARENT = 0x03,
	FS_BY_NAME = 0x04,      /* or the beginning of one */
	FS_PATH_FROM_MF = 0x08, /* 3F00 in front is tolerated */
	FS_PATH_FROM_DF = 0x09,
};

enum fs_which { /* P2, b2 b1; means something for names only */
	FS_FIRST,
	FS_LAST,
	FS_NEXT,
	FS_PREVIOUS,
};

struct selector {
	enum fs_how how;
	enum fs_which which;
	struct view data;
};

/*
 * Find a file, seen from at, whatever its state; at is not changed. 6A82 not found,
 * 6A86 how is none of them, 6A87 or 6A80 data that it cannot have.
 */
sw_t fs_find(const struct fs *fs, const struct cursor *at, const struct selector *what,
	     struct file **found);

/* Find it and make it current. found may be NULL. On refusal at is as it was. */
sw_t fs_select(const struct fs *fs, const struct selector *what, struct cursor *at,
	       struct file **found);

/* --- creation and the life cycle (7816-9); who NULL: the card itself ------------- */

/*
 * Hang a new file into df. 6A80 a descriptor or FID that cannot be, 6A89 FID or SFI
 * taken, 6A8A name taken, 6A84 no room or too deep. out may be NULL.
 */
sw_t fs_add(struct fs *fs, struct file *df, const struct file_spec *spec, struct file **out);

/* As fs_add in the current DF, when who may; the new file becomes current. */
sw_t fs_create(struct fs *fs, struct cursor *at, const struct access *who,
	       const struct file_spec *spec, struct file **out);

/* Another name for a DF, 1 to 16 bytes. 6A8A: it is taken; 6A84: no memory; then as before. */
sw_t fs_rename(struct fs *fs, struct file *df, struct view name);

/* A DF goes with all below it. 6985: the MF. Where cursors stand is their own: see fs_leave. */
sw_t fs_delete(struct fs *fs, struct file *f, const struct access *who);

/* Before fs_delete: where at is to be once f is gone: its parent, when it stands in it. */
void fs_leave(const struct fs *fs, struct cursor *at, const struct file *f);

sw_t fs_activate(struct fs *fs, struct file *f, const struct access *who);
sw_t fs_deactivate(struct fs *fs, struct file *f, const struct access *who);
sw_t fs_terminate(struct fs *fs, struct file *f, const struct access *who);
sw_t fs_terminate_card(struct fs *fs, const struct access *who);

/* --- for the files' own modules ------------------------------------------------------- */

/* Whether contents may change from old to new bytes. */
bool fs_room(const struct fs *fs, size_t old, size_t new);

/* They did. Marking the change is the caller's. */
void fs_account(struct fs *fs, size_t old, size_t new);

#endif
