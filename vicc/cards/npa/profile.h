/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* --profile: files and keys of a card as AusweisApp's simulator takes them. */
#ifndef VICC_CARDS_NPA_PROFILE_H
#define VICC_CARDS_NPA_PROFILE_H

#include "base/bytes.h"

#define PROFILE_GROUPS 22 /* the last is kept, and there is no right to read it */

/* What it has; empty: nothing of that. */
struct profile {
	bool has_files; /* then there are no other data groups than its own */
	struct buf dir, access, security; /* 2F00, 011C, 011D */
	struct buf group[PROFILE_GROUPS + 1];
	struct buf ca_key, ri_key[2]; /* PKCS#8: 41; 1 and 2 */
};

void profile_init(struct profile *p);
void profile_free(struct profile *p); /* wiped */

/* 0, or negative with one line in error: the file, and which entry, or line, is wrong, and why. */
int profile_read(struct profile *p, const char *path, char *error, size_t size);

#endif
