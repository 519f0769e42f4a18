/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The middle-men that the user names: plug-ins and programs. */
#ifndef VICC_CLI_MITM_CHAIN_H
#define VICC_CLI_MITM_CHAIN_H

#include <stddef.h>

#include "model/card.h"
#include "cards/plugin/plugin.h"

#define MITM_CHAIN_MAX 8 /* before one card */

struct mitm_choice {
	const char *path;            /* as it was named */
	const struct module *module; /* NULL: a program */
};

/*
 * Put them before a card, the first next to the terminal, and start those that are
 * programs. The card is the result's from now on, also when there is none (NULL, said).
 */
struct card *mitm_chain_open(struct card *card, const struct mitm_choice *mitms, size_t n,
			     int deadline, const struct card_env *env);

#endif
