/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What becomes of a plug-in: cards. */
#ifndef VICC_CARDS_PLUGIN_CARD_H
#define VICC_CARDS_PLUGIN_CARD_H

#include "iso/iso.h"
#include "cards/plugin/plugin.h"
#include "cards/plugin/services.h"

struct module {
	void *so;                     /* dlopen's */
	char *path;
	/* of itself; its pointers are into the shared object */
	struct plugin description;
	struct card_type type;
	const struct card_type *base; /* of one that is derived */

	/* and of that: */
	struct iso_type iso_type;
	struct iso_app *apps;         /* [0] its root, then its applications */
	const struct iso_app **named; /* those, for iso_type */
};

/* For card_type.open. */
struct card *plugin_card_open(const struct card_type *t, const struct card_config *cfg,
			      const struct card_env *env);
struct card *plugin_rows_open(const struct card_type *t, const struct card_config *cfg,
			      const struct card_env *env);

#endif
