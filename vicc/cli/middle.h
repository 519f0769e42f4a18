/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The middle-men that the user names: plug-ins and programs. */
#ifndef VICC_CLI_MIDDLE_H
#define VICC_CLI_MIDDLE_H

#include <stddef.h>

#include "model/card.h"
#include "cards/plugin/plugin.h"

#define MIDDLE_MAX 8 /* before one card */

struct middle {
	const char *path;            /* as it was named */
	const struct module *module; /* NULL: a program */
};

/*
 * Put them before a card, the first next to the terminal, and start those that are
 * programs. The card is the result's from now on, also when there is none (NULL, said).
 */
struct card *middle_stand(struct card *card, const struct middle *men, size_t n, int deadline,
			  const struct card_env *env);

#endif
