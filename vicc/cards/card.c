/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cards/card.h"

#include <errno.h>

#include "base/sw.h"

struct card *
card_open(const struct card_type *t, const struct card_config *cfg, const struct card_env *env)
{
	return t->open(t, cfg, env);
}

int
card_atr(struct card *c, struct buf *out)
{
	int rc = c->ops->atr(c, out);

	if (rc == 0 && out->failed)
		rc = -ENOMEM;
	return rc;
}

int
card_power(struct card *c, enum card_power what)
{
	return c->ops->power(c, what);
}

/* A card that has no answer still answers: the reader must not wait for ever. */
int
card_transmit(struct card *c, struct view cmd, struct buf *rsp)
{
	int rc;

	c->note = (struct card_note) { .instruction = NULL };
	rc = c->ops->transmit(c, cmd, rsp);
	if (rc < 0)
		return rc;
	if (rsp->failed || rsp->n < 2) {
		buf_reset(rsp);
		buf_u16(rsp, SW_UNKNOWN);
	}
	return rsp->failed ? -ENOMEM : 0;
}

int
card_event(struct card *c, int *fd)
{
	*fd = -1;
	return c->ops->event(c, fd);
}

void
card_free(struct card *c)
{
	if (c)
		c->ops->free(c);
}
