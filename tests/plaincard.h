/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The plain card with nothing on it but an MF, in memory, that counts its commits. */
#ifndef TESTS_PLAINCARD_H
#define TESTS_PLAINCARD_H

#include <string.h>

#include "cards/iso7816/iso7816.h"
#include "support.h"
#include "thecard.h"

static unsigned commits;

static inline int
commit(void *ctx, struct state *s, unsigned changed)
{
	(void)ctx;
	(void)s;
	(void)changed;
	commits++;
	return 0;
}

static inline void
setup(void)
{
	static const struct card_env env = { .commit = commit };
	static const struct card_config cfg;

	card = iso7816_type.open(&iso7816_type, &cfg, &env);
	ck_assert_ptr_nonnull(card);
	commits = 0;
}

static inline void
teardown(void)
{
	card->ops->free(card);
}

/* As a handler sees it: within a command on the basic channel. */
static inline struct iso *
iso(void)
{
	struct iso *c = (struct iso *)card;

	c->x.ch = &c->channel[0];
	return c;
}

#endif
