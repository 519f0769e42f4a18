/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cards/plugin/mitm.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "codec/atr.h"

struct mitm {
	struct card card;
	struct card *lower;
	struct mitm_instance instance;
	const struct card_env *env;
	bool broken;     /* it has failed: the card is gone for good */
	struct buf instead;
};

typedef int32_t message_fn(struct card *m, struct view message, struct buf *instead);

static struct mitm *
mitm_of(struct card *card)
{
	return (struct mitm *)card;
}

static int
break_off(struct mitm *m, const char *why)
{
	log_error(m->env->log, "the middle-man %s %s: the card is gone", m->instance.name, why);
	m->broken = true;
	return -EPROTO;
}

/* Into its code, and out of it: the process knows whom to blame. */
static void
mitm_enter(const struct mitm *m)
{
	if (m->instance.deadline && m->env->foreign)
		m->env->foreign(m->env->ctx, m->instance.name, m->instance.deadline);
}

static void
mitm_leave(const struct mitm *m)
{
	if (m->instance.deadline && m->env->foreign)
		m->env->foreign(m->env->ctx, NULL, 0);
}

/* What it says is not to be done is not; what it says of itself is said. */
static int
mitm_check_verdict(struct mitm *m, int32_t verdict, int32_t most)
{
	char why[64];

	if (verdict == -ECANCELED)
		return verdict; /* the process is to end */
	if (verdict < 0) {
		snprintf(why, sizeof(why), "has failed (%d)", verdict);
		return break_off(m, m->instance.why && *m->instance.why ? m->instance.why : why);
	}
	if (verdict == VICC_GONE) {
		log_notice(m->env->log, "the middle-man %s takes the card out", m->instance.name);
		return -ENODEV;
	}
	if (verdict > most) {
		snprintf(why, sizeof(why), "returned %d, which is not allowed here", verdict);
		return break_off(m, why);
	}
	return verdict;
}

/* Its verdict on a message, or negative; what it puts instead is in m->instead. */
static int
mitm_ask(struct mitm *m, message_fn *fn, struct view message, int32_t most)
{
	int32_t verdict;
	int rc;

	if (!fn)
		return VICC_PASS;
	m->instead.max = CARD_RESPONSE_MAX;
	mitm_enter(m);
	verdict = fn(m->instance.card, message, &m->instead);
	mitm_leave(m);
	rc = mitm_check_verdict(m, verdict, most);
	if (rc > VICC_PASS && m->instead.failed)
		return break_off(m, "changes a message to one that is too long");
	return rc;
}

static int
gone(const struct mitm *m)
{
	return m->broken ? -EPROTO : 0;
}

/* --- the five operations ------------------------------------------------------------- */

static int
exchange_atr(struct mitm *m, struct buf *out)
{
	struct buf atr = BUF(CARD_RESPONSE_MAX);
	int rc = card_atr(m->lower, &atr);

	if (rc == 0)
		rc = mitm_ask(m, m->instance.ops->atr, buf_view(&atr), VICC_CHANGE);
	if (rc == VICC_CHANGE && (m->instead.n > ATR_BYTES_MAX || atr_fault(buf_view(&m->instead))))
		rc = break_off(m, "changes the ATR to an invalid one");
	if (rc >= 0)
		buf_put_view(out, buf_view(rc == VICC_CHANGE ? &m->instead : &atr));
	buf_free(&atr);
	return rc < 0 ? rc : 0;
}

static int
m_atr(struct card *card, struct buf *out)
{
	struct mitm *m = mitm_of(card);
	int rc = gone(m);

	if (rc == 0)
		rc = exchange_atr(m, out);
	buf_reset(&m->instead);
	return rc;
}

/* Whoever stands before it: a card that loses its power forgets. */
static int
m_power(struct card *card, enum card_power what)
{
	struct mitm *m = mitm_of(card);
	int rc = gone(m), rc_lower;

	if (rc == 0 && m->instance.ops->power) {
		mitm_enter(m);
		rc = m->instance.ops->power(m->instance.card, what);
		mitm_leave(m);
		rc = mitm_check_verdict(m, rc, VICC_PASS);
	}
	if (rc < 0 && what != CARD_POWER_OFF)
		return rc;
	rc_lower = card_power(m->lower, what);
	return rc < 0 ? rc : rc_lower;
}

/* On the way to the card, and through it: 1 has answered by itself. */
static int
to_card(struct mitm *m, struct view cmd, struct buf *rsp)
{
	int rc = mitm_ask(m, m->instance.ops->command, cmd, VICC_ANSWER);

	if (rc < 0)
		return rc;
	if (rc == VICC_ANSWER) {
		if (m->instead.n < 2)
			return break_off(m, "answers without a status word");
		buf_put_view(rsp, buf_view(&m->instead));
		return 1;
	}
	if (rc == VICC_CHANGE && m->instead.n == 0)
		return break_off(m, "changes a command to an empty one");
	m->card.note.secret = rc == VICC_CHANGE;
	rc = card_transmit(m->lower, rc == VICC_CHANGE ? buf_view(&m->instead) : cmd, rsp);
	/* what it made of a command says nothing of what it was made of */
	if (!m->card.note.secret)
		m->card.note = m->lower->note;
	return rc < 0 ? rc : 0;
}

static int
from_card(struct mitm *m, struct buf *rsp)
{
	int rc;

	buf_reset(&m->instead);
	rc = mitm_ask(m, m->instance.ops->answer, buf_view(rsp), VICC_CHANGE);
	if (rc == VICC_CHANGE) {
		if (m->instead.n < 2)
			return break_off(m, "changes an answer to one without a status word");
		buf_reset(rsp);
		buf_put_view(rsp, buf_view(&m->instead));
	}
	return rc < 0 ? rc : 0;
}

static int
m_transmit(struct card *card, struct view cmd, struct buf *rsp)
{
	struct mitm *m = mitm_of(card);
	int rc = gone(m);

	if (rc == 0)
		rc = to_card(m, cmd, rsp);
	if (rc == 0)
		rc = from_card(m, rsp);
	buf_reset(&m->instead);
	if (rc < 0)
		buf_reset(rsp);
	return rc < 0 ? rc : 0;
}

/* The card's descriptor, or else the middle-man's: there is one place only. */
static int
m_event(struct card *card, int *fd)
{
	struct mitm *m = mitm_of(card);
	int32_t own = -1;
	int rc = gone(m), there;

	if (rc == 0)
		rc = card_event(m->lower, fd);
	if (rc < 0 || m->broken || !m->instance.ops->event)
		return rc;
	mitm_enter(m);
	there = m->instance.ops->event(m->instance.card, &own);
	mitm_leave(m);
	if (there < 0)
		return mitm_check_verdict(m, there, VICC_PASS);
	if (*fd == -1 && own != -1 && fcntl(own, F_GETFD) >= 0)
		*fd = own;
	return there > 0 ? rc : 0;
}

static void
mitm_close(const struct mitm_instance *instance)
{
	if (instance->ops->free)
		instance->ops->free(instance->card);
	freezero(instance->card, instance->size);
}

static void
m_free(struct card *card)
{
	struct mitm *m = mitm_of(card);

	if (!m)
		return;
	mitm_enter(m);
	mitm_close(&m->instance);
	mitm_leave(m);
	card_free(m->lower);
	buf_free(&m->instead);
	free(m);
}

static const struct card_ops ops = {
	.atr = m_atr,
	.power = m_power,
	.transmit = m_transmit,
	.event = m_event,
	.free = m_free,
};

struct card *
mitm_new(struct card *lower, const struct mitm_instance *instance, const struct card_env *env)
{
	struct mitm *m = calloc(1, sizeof(*m));

	if (!m) {
		log_error(env->log, "no memory for the middle-man %s", instance->name);
		mitm_close(instance);
		card_free(lower);
		return NULL;
	}
	m->card.ops = &ops;
	m->lower = lower;
	m->instance = *instance;
	m->env = env;
	return &m->card;
}
