/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * One file that is replaced whole, or not at all.
 *
 * The new contents go to .NAME.vicc-tmp in the same directory, are synced and
 * renamed over the old ones, and the directory is synced. A kernel lock on
 * NAME.lock keeps a second process out for as long as this one lives; the lock
 * file stays. A symbolic link is followed once, at open, where it is ours,
 * root's, or of the user whose the file is: the file behind is replaced, the link
 * stays. Of a file with several hard links only this name is replaced. Everything
 * goes through descriptors that are opened by store_open, so a changed working
 * directory does not matter, nor does a filter of system calls that allows what is
 * named at store_commit.
 */
#ifndef VICC_IMAGE_STORE_H
#define VICC_IMAGE_STORE_H

#include <sys/types.h>

#include "base/bytes.h"

#define STORE_MAX (64u << 20) /* bytes; larger files are refused */

#define STORE_READ_ONLY 0x1u  /* no lock, nothing is ever written; the file must be there */

struct store;

/*
 * 0, or a negative errno value with one line in error that names the file:
 * -EBUSY when another process has it. A file that is not there is not made yet.
 */
int store_open(struct store **out, const char *path, unsigned flags, char *error, size_t size);
void store_free(struct store *s); /* takes NULL; gives the lock back */

bool store_exists(const struct store *s);
const char *store_path(const struct store *s); /* as it was given */
int store_dir(const struct store *s);          /* the directory; the store's */
uid_t store_owner(const struct store *s);      /* of the file; nobody's (-1) while there is none */

/*
 * Append what was last kept, also when somebody has removed or replaced the
 * file since. 0, -ENOENT, -EFBIG (out is too small) or another errno value.
 */
int store_read(const struct store *s, struct buf *out);

/*
 * Keep image instead. 0: it is on disk, mode 0600, whatever the umask; negative:
 * what was there before still is, or was put back. Calls openat, fchmod, fchown,
 * write, fsync, renameat, unlinkat, lseek, read, close and nothing else.
 */
int store_commit(struct store *s, struct view image);

/* Leave a copy of what was last kept at NAME.suffix, unless one is there. */
int store_keep(const struct store *s, const char *suffix);

#endif
