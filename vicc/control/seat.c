/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "control/seat.h"

#include <stdlib.h>

struct seat {
	struct card card;
	struct card *sitter;
};

static struct card *
sitter(struct card *c)
{
	return ((struct seat *)c)->sitter;
}

static int
seat_atr(struct card *c, struct buf *out)
{
	return card_atr(sitter(c), out);
}

static int
seat_power(struct card *c, uint32_t what)
{
	return card_power(sitter(c), (enum card_power)what);
}

static int
seat_transmit(struct card *c, struct view cmd, struct buf *rsp)
{
	int rc = card_transmit(sitter(c), cmd, rsp);

	c->note = sitter(c)->note;
	return rc;
}

static int
seat_event(struct card *c, int *fd)
{
	return card_event(sitter(c), fd);
}

static void
seat_free(struct card *c)
{
	card_free(sitter(c));
	free(c);
}

struct card *
seat_new(struct card *card)
{
	static const struct card_ops ops = { seat_atr, seat_power, seat_transmit, seat_event,
					     seat_free };
	struct seat *s = calloc(1, sizeof(*s));

	if (!s) {
		card_free(card);
		return NULL;
	}
	s->card.ops = &ops;
	s->sitter = card;
	return &s->card;
}

void
seat_exchange(struct card *seat, struct card *card)
{
	card_free(sitter(seat));
	((struct seat *)seat)->sitter = card;
}
