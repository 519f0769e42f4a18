/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the makers of a new card share; for this folder. */
#ifndef VICC_CARDS_NPA_FILL_H
#define VICC_CARDS_NPA_FILL_H

#include "cards/eac/options.h"
#include "cards/eac/pki.h"
#include "cards/npa/npa.h"
#include "cards/npa/profile.h"

/* A card in the making. */
struct filling {
	struct eac_making to;
	const struct profile *profile; /* NULL: there is none */
};

/* Say why in one line; rc, or -EINVAL. */
int fill_fail(const struct filling *f, int rc, const char *option, const char *why);

/* Bytes that an option names, or --profile has in its place. */
struct source {
	const char *option, *path;
	struct view bytes; /* p NULL: they are in the file */
};

/* False: it was not given. */
bool fill_source(const struct filling *f, const char *option, struct source *out);
int fill_take(const struct filling *f, const struct source *from, struct buf *out);

/* Say why in one line that names option and file; -EINVAL. */
int fill_refuse(const struct filling *f, const struct source *from, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* security.c: EF.CardAccess, EF.CardSecurity, and the keys that they speak of */
int fill_security(const struct filling *f);

/* terminal.c: of --pki, CVCA, document verifier and a terminal with all rights */
int fill_terminal(const struct filling *f);

/*
 * fill_passport.c: of --epass, the application of a passport, signed by this issuer; without it
 * there is none
 */
int fill_passport(const struct filling *f, const struct pki *p);

/* Of the passport that is there, if there is one: lists and hashes of its data groups, signed. */
int issue_passport(const struct filling *f, const struct pki *p);

/* fill_esign.c: signature PIN, key, certificates */
int fill_esign(const struct filling *f);

#endif
