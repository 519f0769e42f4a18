/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A middle-man stands before a card, any card: what passes goes through its hands.
 * struct mitm_ops is vicc/card.h's.
 */
#ifndef VICC_CARDS_PLUGIN_MITM_H
#define VICC_CARDS_PLUGIN_MITM_H

#include "model/card.h"

/* ms that it may take for each message, unless the user says otherwise */
#define MITM_DEADLINE 5000

struct mitm_instance {
	const char *name;            /* for messages; lives as long as it */
	const struct mitm_ops *ops;
	/* malloc'ed: what ops are called with; ->host is its own business */
	struct card *card;
	size_t size;                 /* bytes of it, to be wiped */
	/* after a negative result: the reason in words, unless it is empty; NULL: none */
	const char *why;
	/* ms for each call of what runs in this process; 0: looks after itself */
	int deadline;
};

/*
 * The card behind its middle-man. Both are its own from now on, also when there is no
 * memory (NULL, said). A middle-man that fails, crashes, hangs or answers nonsense is
 * named in one line, and ends the card: event is negative from then on.
 */
struct card *mitm_new(struct card *lower, const struct mitm_instance *instance,
		      const struct card_env *env);

#endif
