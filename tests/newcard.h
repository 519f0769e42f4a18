/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A new card of a type, as vicc makes one: for tests that talk to it. */
#ifndef TESTS_NEWCARD_H
#define TESTS_NEWCARD_H

#include "model/card.h"
#include "image/image.h"

struct new_card {
	struct card *card; /* NULL: it could not be made */
	struct card_env env;
	struct image *image;
	char error[256];   /* why its contents could not be had; empty: they could */
};

/* For the environment: RSA keys are refused, as nobody waits for them here. */
static inline bool
nobody_waits(void *ctx)
{
	(void)ctx;
	return true;
}

/* By no options at all. */
static inline int
new_card_fill(const void *ctx, struct state *s, char *error, size_t size)
{
	const struct card_type *type = ctx;
	const struct card_config cfg = { .is_new = true };

	return type->fill(s, &cfg, error, size);
}

/*
 * contents: an image's text, NULL: the type's own. path: where it is kept, NULL: in
 * memory. n stays where it is until free_card.
 */
static inline void
new_card(struct new_card *n, const struct card_type *type, const char *contents, const char *path,
	 bool (*interrupted)(void *ctx))
{
	struct image_config cfg = {
		.type = type->name,
		.contents = contents ? contents : type->contents,
		.path = path,
		.fill = type->fill && !contents ? new_card_fill : NULL,
		.fill_ctx = type,
		.keep = true,
	};
	struct card_config card = { .state = NULL };

	*n = (struct new_card) { .env = { .interrupted = interrupted } };
	if (type->contents) {
		if (image_open(&n->image, &card.state, &cfg, n->error, sizeof(n->error)) < 0)
			return;
		card.is_new = image_is_new(n->image);
		n->env.ctx = n->image;
		n->env.commit = image_commit;
		n->env.revert = image_revert;
	}
	n->card = card_open(type, &card, &n->env);
}

static inline void
free_card(struct new_card *n)
{
	card_free(n->card);
	image_free(n->image);
}

#endif
