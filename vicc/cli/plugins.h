/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which plug-ins there are, and those that were loaded. */
#ifndef VICC_CLI_PLUGINS_H
#define VICC_CLI_PLUGINS_H

#include <stdio.h>

#include "cards/plugin/plugin.h"

struct plugins {
	const char *folder;    /* where they are looked for; NULL: where they are installed */
	struct loaded *loaded; /* each file once */
};

const char *plugins_folder(const struct plugins *p);

/* One that is a file. NULL: error has the line that says why not. */
const struct module *plugins_load(struct plugins *p, const char *path, char *error, size_t size);

/*
 * A card type: with a slash in it a file, else a type of vicc's own, or NAME.so in the
 * folder. NULL: error has the line that says why not.
 */
const struct card_type *plugins_type(struct plugins *p, const char *name, char *error, size_t size);

/* One line for each file in the folder: its name, and what it is, or what is wrong with it. */
void plugins_list(struct plugins *p, FILE *out);

/* No card of any is left. */
void plugins_free(struct plugins *p);

#endif
