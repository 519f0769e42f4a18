/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The table-driven card: its five operations, and what handlers ask of it. */
#include "iso/iso.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "iso/auth.h"
#include "iso/stages.h"

/* --- the five card operations ------------------------------------------------ */

static int
iso_card_atr(struct card *card, struct buf *out)
{
	struct iso *c = (struct iso *)card;

	if (c->atr.n > 0)
		buf_put_view(out, c->atr);
	else if (c->state->atr.n > 0)
		buf_put_view(out, buf_view(&c->state->atr));
	else
		buf_put_view(out, c->type->atr);
	return out->failed ? -ENOMEM : 0;
}

void
iso_changing(struct iso *c)
{
	(void)c;
}

void
iso_channel_close(struct iso *c, struct channel *ch)
{
	uint8_t *memory = ch->memory;

	iso_app_leave(c, ch);
	buf_free(&ch->chain);
	buf_free(&ch->pending);
	sm_free(ch->sm);
	sm_free(ch->sm_next);
	se_clear(&ch->se);
	iso_certified_clear(&ch->certified);
	explicit_bzero(ch, sizeof(*ch));
	ch->memory = memory;
}

void
iso_channel_open(struct iso *c, struct channel *ch, const struct channel *from)
{
	ch->open = true;
	ch->at = (struct cursor) { .df = from ? from->at.df : c->state->fs.selected };
	ch->app = iso_app_at(c, &ch->at);
}

/* One reset: power and reset, and a commit that failed. */
void
iso_reset_volatile(struct iso *c)
{
	unsigned i;

	for (i = 0; i < c->channels; i++)
		iso_channel_close(c, &c->channel[i]);
	c->global = (struct auth) { 0 };
	c->x.ch = NULL;
	buf_free(&c->x.answer);
	buf_free(&c->x.scratch);
	iso_root_reset(c);
	iso_channel_open(c, &c->channel[0], NULL);
}

static int
iso_power(struct card *card, enum card_power what)
{
	(void)what;
	iso_reset_volatile((struct iso *)card);
	return 0;
}

/* It is always there. */
static int
iso_event(struct card *card, int *fd)
{
	(void)card;
	*fd = -1;
	return 1;
}

static void
free_all(struct iso *c)
{
	iso_apps_close(c);
	state_free(c->state);
	freezero(c, sizeof(*c));
}

static void
iso_free(struct card *card)
{
	struct iso *c = (struct iso *)card;

	if (!c)
		return;
	iso_reset_volatile(c);
	free_all(c);
}

static const struct card_ops iso_ops = {
	.atr = iso_card_atr,
	.power = iso_power,
	.transmit = iso_transmit,
	.event = iso_event,
	.free = iso_free,
};

/* A state as it is kept, new or reverted to, is this card's now. */
void
iso_adopt(struct iso *c)
{
	state_clean(c->state);
	c->state->commit = c->env->commit;
	c->state->commit_ctx = c->env->ctx;
}

static bool
iso_configure(const struct iso *c, const struct card_config *cfg)
{
	int rc = c->type->configure ? c->type->configure(c->state, cfg) : 0;

	if (rc == 0)
		rc = state_commit(c->state);
	if (rc < 0)
		log_error(c->env->log, "the options of the card cannot be applied: %s",
			  strerror(-rc));
	return rc == 0;
}

struct card *
iso_open(const struct card_type *t, const struct card_config *cfg, const struct card_env *env)
{
	const struct iso_type *type = t->data;
	struct state *state = cfg->state ? cfg->state : state_new();
	struct iso *c = state ? calloc(1, sizeof(*c)) : NULL;

	if (c) {
		c->card.ops = &iso_ops;
		c->env = env;
		c->type = type;
		c->channels = type->channels > 0 ? type->channels : 1;
		c->state = state;
		c->atr = cfg->atr;
		c->x.answer.max = c->x.scratch.max = ISO_ANSWER_MAX;
	}
	if (!c || !iso_apps_open(c)) {
		log_error(env->log, "no memory for a card");
		if (c)
			free_all(c);
		else
			state_free(state);
		return NULL;
	}
	iso_adopt(c);
	iso_reset_volatile(c);
	if (iso_configure(c, cfg))
		return &c->card;
	iso_free(&c->card);
	return NULL;
}

const struct schema *
iso_type_schema(const struct card_type *t, const char *application)
{
	const struct iso_type *type = t->data;
	const struct iso_app *app = application ? iso_app_find(type, application) : type->root;

	return app ? &app->schema : NULL;
}

/* --- for handlers ------------------------------------------------------------ */

uint32_t
iso_serial(const struct iso *c)
{
	struct view serial = buf_view(&c->state->serial);
	size_t n = 0;

	if (serial.n > 4)
		serial = view_slice(serial, serial.n - 4, 4);
	view_number(serial, &n);
	return (uint32_t)n & 0x7fffffff;
}

struct file *
iso_df(const struct iso *c)
{
	struct file *f = c->x.ch->at.df ? fs_by_uid(&c->state->fs, c->x.ch->at.df) : NULL;

	return f ? f : c->state->fs.mf;
}

struct file *
iso_ef(const struct iso *c)
{
	return c->x.ch->at.ef ? fs_by_uid(&c->state->fs, c->x.ch->at.ef) : NULL;
}

bool
iso_interrupted(void *c)
{
	const struct card_env *env = ((const struct iso *)c)->env;

	return env->interrupted && env->interrupted(env->ctx);
}

sw_t
iso_sw(const struct iso *c, int error)
{
	switch (error) {
	case 0:
		return SW_OK;
	case -ENOMEM:
		log_error(c->env->log, "out of memory: the command was refused");
		return SW_NO_MEMORY;
	case -EIO:
	case -ENOSPC:
	case -EROFS:
	case -EDQUOT:
	case -EACCES:
	case -EPERM:
	case -EFBIG:
		log_error(c->env->log, "the card's image was not written: %s", strerror(-error));
		return SW_MEMORY_FAILURE;
	case -ECANCELED:
		return SW_EXECUTION;
	default:
		log_error(c->env->log, "a command failed: %s", strerror(-error));
		return SW_UNKNOWN;
	}
}
