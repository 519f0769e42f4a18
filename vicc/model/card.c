/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "model/card.h"

#include <errno.h>
#include <string.h>

#include "base/sw.h"

const struct card_option *
card_option_find(const struct card_type *t, const char *name)
{
	const struct card_option *o;

	for (o = t->options; o && o->name; o++) {
		if (strcmp(o->name, name) == 0)
			return o;
	}
	return NULL;
}

const struct card_value *
card_value_next(const struct card_config *cfg, const char *name, const struct card_value *v)
{
	for (v = v ? v + 1 : cfg->values; v && v->name; v++) {
		if (strcmp(v->name, name) == 0)
			return v;
	}
	return NULL;
}

const char *
card_value(const struct card_config *cfg, const char *name)
{
	const struct card_value *v = card_value_next(cfg, name, NULL);

	return v ? v->value : NULL;
}

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

/*
 * Where a card has no table of instructions, a command is secret unless it is known
 * not to be: an interindustry class of the basic channel, since another channel may
 * leave the next GET RESPONSE anything, and an instruction of 7816-4, 11, or -9 that
 * brings neither proofs nor keys and writes nothing.
 */
static bool
is_plain(uint8_t cla, uint8_t ins)
{
	static const uint8_t plain[] = {
		0x04, 0x0c, 0x0e, 0x0f, 0x22, 0x44, 0x70, 0x84, 0xa0, 0xa1, 0xa2, 0xa4,
		0xb0, 0xb1, 0xb2, 0xb3, 0xc0, 0xca, 0xcb, 0xe4, 0xe6, 0xe8, 0xfe,
	};

	return (cla & 0xe3) == 0 && memchr(plain, ins, sizeof(plain)) != NULL;
}

/* What a card did not say of a command; GET RESPONSE brings what the last one left. */
static void
complete_note(struct card *c, struct view cmd, bool last_secret)
{
	bool fetches = cmd.n >= 2 && cmd.p[1] == 0xc0;

	if (c->note.instruction)
		return;
	if (cmd.n < 4 || !is_plain(cmd.p[0], cmd.p[1]) || (fetches && last_secret))
		c->note.secret = true;
}

/* A card that has no answer still answers: the reader must not wait for ever. */
int
card_transmit(struct card *c, struct view cmd, struct buf *rsp)
{
	bool last_secret = c->note.secret;
	int rc;

	c->note = (struct card_note) { .instruction = NULL };
	rc = c->ops->transmit(c, cmd, rsp);
	complete_note(c, cmd, last_secret);
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
