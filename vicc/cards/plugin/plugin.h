/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Cards and middle-men of other people: shared objects made with vicc/card.h. */
#ifndef VICC_CARDS_PLUGIN_PLUGIN_H
#define VICC_CARDS_PLUGIN_PLUGIN_H

#include "model/card.h"

/* One that was loaded: what it says of itself has been checked. */
struct module;

/* NULL: error has the line that says why not. */
struct module *module_load(const char *path, char *error, size_t size);

/* No card of it is left. Takes NULL. */
void module_free(struct module *m);

const char *module_path(const struct module *m);

/* The card type that it is; NULL: it is a middle-man. Lives as long as the module. */
const struct card_type *module_type(const struct module *m);

/* The middle-man that it is; NULL: it is a card. */
const struct mitm_ops *module_mitm(const struct module *m);

/*
 * What its functions are called with, *size bytes, malloc'ed; for a middle-man, a card
 * makes its own. NULL: no memory.
 */
struct card *module_instance(const struct module *m, const struct card_env *env, size_t *size);

#endif
