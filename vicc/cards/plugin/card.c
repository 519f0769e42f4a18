/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cards/plugin/card.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "codec/atr.h"

static void
plugin_enter(const struct service_client *client)
{
	if (client->env->foreign)
		client->env->foreign(client->env->ctx, client->name, 0);
}

static void
plugin_leave(const struct service_client *client)
{
	if (client->env->foreign)
		client->env->foreign(client->env->ctx, NULL, 0);
}

/* What a plug-in calls an errno value. */
static int
result(int32_t rc)
{
	return rc >= 0 ? 0 : rc < -4095 ? -EIO : rc;
}

/* --- a card with rows: a base's, and some of other people's ------------------------------ */

static int
rows_transmit(struct card *card, struct view cmd, struct buf *rsp)
{
	const struct service_client *client = card->host;
	int rc;

	plugin_enter(client);
	rc = client->inner->transmit(card, cmd, rsp);
	plugin_leave(client);
	return rc;
}

static void
rows_free(struct card *card)
{
	struct service_client *client = card ? card->host : NULL;

	if (card)
		client->inner->free(card);
	free(client);
}

struct card *
plugin_rows_open(const struct card_type *t, const struct card_config *cfg,
		 const struct card_env *env)
{
	const struct iso_type *type = t->data;
	const struct module *m =
		(const struct module *)((const char *)type - offsetof(struct module, iso_type));
	struct card *card = m->base->open(t, cfg, env);
	struct service_client *client = card ? calloc(1, sizeof(*client)) : NULL;

	if (!client) {
		card_free(card);
		return NULL;
	}
	*client = (struct service_client) {
		.name = t->name,
		.env = env,
		.iso = (struct iso *)card,
		.inner = card->ops,
		.ops = *card->ops,
	};
	client->ops.transmit = rows_transmit;
	client->ops.free = rows_free;
	card->host = client;
	card->ops = &client->ops;
	return card;
}

/* --- a card of its own: its five operations, and a look at what they return --------------- */

struct plugged {
	struct card card;
	const struct card_ops *ops; /* the plug-in's */
	struct card *theirs;        /* what those are called with */
	size_t size;                /* bytes of it */
	struct service_client *client;        /* at its end */
};

static struct plugged *
plugged_of(struct card *card)
{
	return (struct plugged *)card;
}

static void
plugin_complain(const struct plugged *p, const char *what)
{
	log_error(p->client->env->log, "%s: %s", p->client->name, what);
}

static int
p_atr(struct card *card, struct buf *out)
{
	const struct plugged *p = plugged_of(card);
	const char *fault;
	int rc;

	plugin_enter(p->client);
	rc = result(p->ops->atr(p->theirs, out));
	plugin_leave(p->client);
	if (rc < 0)
		return rc;
	fault = out->failed || out->n > ATR_BYTES_MAX ? "it is too long" : atr_fault(buf_view(out));
	if (!fault)
		return 0;
	log_error(p->client->env->log, "%s: its ATR is not valid: %s", p->client->name, fault);
	return -EPROTO;
}

static int
p_power(struct card *card, enum card_power what)
{
	const struct plugged *p = plugged_of(card);
	int rc;

	if (!p->ops->power)
		return 0;
	plugin_enter(p->client);
	rc = result(p->ops->power(p->theirs, what));
	plugin_leave(p->client);
	return rc;
}

/* Its state, just exchanged, is to be kept where the process says. */
static void
adopt(struct service_client *client, struct state *s)
{
	client->state = s;
	if (!s)
		return;
	state_clean(s);
	s->commit = client->env->commit;
	s->commit_ctx = client->env->ctx;
}

/* What was kept is on disk before the answer; else it is as it was, and 6581. */
static int
plugin_commit(struct service_client *client, struct buf *rsp)
{
	struct state *kept;
	int rc = client->state ? state_commit(client->state) : 0;

	if (rc == 0)
		return 0;
	log_error(client->env->log, "the card's image was not written: %s", strerror(-rc));
	kept = client->env->revert ? client->env->revert(client->env->ctx) : NULL;
	if (!kept)
		return -EIO;
	state_free(client->state);
	adopt(client, kept);
	buf_reset(rsp);
	buf_u16(rsp, SW_MEMORY_FAILURE);
	return 0;
}

static int
p_transmit(struct card *card, struct view cmd, struct buf *rsp)
{
	const struct plugged *p = plugged_of(card);
	int rc;

	p->theirs->note = (struct card_note) { .instruction = NULL };
	plugin_enter(p->client);
	rc = result(p->ops->transmit(p->theirs, cmd, rsp));
	plugin_leave(p->client);
	card->note = p->theirs->note;
	if (rc < 0)
		return rc;
	if (rsp->failed || rsp->n < 2) {
		plugin_complain(p, rsp->failed ? "its answer is longer than an answer can be: 6F00"
					       : "its answer has no status word: 6F00");
		buf_reset(rsp);
		buf_u16(rsp, SW_UNKNOWN);
	}
	return plugin_commit(p->client, rsp);
}

static int
p_event(struct card *card, int *fd)
{
	const struct plugged *p = plugged_of(card);
	int rc;

	if (!p->ops->event)
		return 1;
	plugin_enter(p->client);
	rc = p->ops->event(p->theirs, fd);
	plugin_leave(p->client);
	if (*fd != -1 && fcntl(*fd, F_GETFD) < 0) {
		plugin_complain(p, "its event descriptor is not valid");
		*fd = -1;
	}
	return rc > 0 ? 1 : rc < 0 ? result(rc) : 0;
}

static void
p_free(struct card *card)
{
	struct plugged *p = plugged_of(card);

	if (!p)
		return;
	if (p->ops->free) {
		plugin_enter(p->client);
		p->ops->free(p->theirs);
		plugin_leave(p->client);
	}
	state_free(p->client->state);
	freezero(p->theirs, p->size);
	free(p);
}

static const struct card_ops plugged_ops = {
	.atr = p_atr,
	.power = p_power,
	.transmit = p_transmit,
	.event = p_event,
	.free = p_free,
};

/* The plug-in's memory, which begins with its struct card, and struct service_client behind it. */
struct card *
module_instance(const struct module *m, const struct card_env *env, size_t *size)
{
	size_t at = SERVICE_ROUND(m->description.memory);
	struct card *card;
	struct service_client *client;

	*size = at + sizeof(*client);
	card = calloc(1, *size);
	if (!card)
		return NULL;
	client = (struct service_client *)((char *)card + at);
	*client = (struct service_client) { .name = m->description.name, .env = env };
	card->host = client;
	return card;
}

struct card *
plugin_card_open(const struct card_type *t, const struct card_config *cfg,
		 const struct card_env *env)
{
	const struct module *m = t->data;
	struct plugged *p = calloc(1, sizeof(*p));

	if (p)
		p->theirs = module_instance(m, env, &p->size);
	if (!p || !p->theirs) {
		log_error(env->log, "no memory for a card");
		state_free(cfg->state);
		free(p);
		return NULL;
	}
	p->card.ops = &plugged_ops;
	p->ops = m->description.ops;
	p->theirs->ops = p->ops;
	p->client = p->theirs->host;
	adopt(p->client, cfg->state);
	return &p->card;
}
