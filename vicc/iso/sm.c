/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Secure messaging of the plain card. A session begins in one of two ways, both
 * with keys that the security environment in force names for secure messaging
 * (7816-4, 10.3.3): the checksum's in CCT, the cryptogram's in CT, set with P1
 * 11, 31 or F1, or restored; one pair of keys serves commands and answers.
 *
 * - MUTUAL AUTHENTICATE (auth.c) agrees on fresh keys, as basic access control
 *   of Doc 9303-11, 4.3 does with the document's.
 * - A protected command without a session begins one under the named keys
 *   themselves, with the last challenge as the counter: a challenge counts once,
 *   so that nothing can be played back. It needs GET CHALLENGE with the length of
 *   a block, which is how cards with static keys have always done it.
 */
#include "iso/sm.h"

#include "iso/auth.h"
#include "iso/key.h"

/* A key that a template for secure messaging names. NULL: none that may be used. */
static struct sam_key *
named_key(struct iso *c, enum se_crt crt)
{
	struct view objects = se_template(&c->x.ch->se, crt, SE_SM_COMMAND), id;
	struct sam_key *k;

	if (iso_template_key(c, objects, SE_CHECK, &k) != SW_OK ||
	    iso_may_use(c, k, SAM_USE_SM) != SW_OK)
		return NULL;
	/* an algorithm that is named is the suite's */
	if (se_get(&c->x.ch->se, crt, SE_SM_COMMAND, SE_DO_ALGORITHM, &id)) {
		const struct algorithm *a = id.n == 1 ? iso_algorithm(c, id.p[0]) : NULL;

		if (!a || a->what == ALGORITHM_HASH || a->kind != k->kind)
			return NULL;
	}
	return k;
}

bool
iso_sm_keys(struct iso *c, struct iso_sm_keys *keys)
{
	struct view id;

	*keys = (struct iso_sm_keys) { .mac = named_key(c, SE_CCT), .enc = named_key(c, SE_CT) };
	if (!keys->mac || (keys->mac->kind != SAM_DES3 && keys->mac->kind != SAM_AES))
		return false;
	keys->suite = keys->mac->kind == SAM_AES ? SM_AES : SM_DES3;
	if (!keys->enc) /* none named: authentication only; named, but no good: nothing */
		return !se_get(&c->x.ch->se, SE_CT, SE_SM_COMMAND, SE_DO_SECRET_KEY, &id) &&
		       !se_get(&c->x.ch->se, SE_CT, SE_SM_COMMAND, SE_DO_PRIVATE_KEY, &id);
	return keys->enc->kind == keys->mac->kind;
}

/* With the named keys and the challenge: not all of them may be there. */
struct sm *
iso_sm_begin(struct iso *c)
{
	struct iso_sm_keys keys;
	struct sm *sm;

	if (c->x.ch->challenge_len == 0 || !iso_sm_keys(c, &keys))
		return NULL;
	sm = sm_new(keys.suite, keys.enc ? secret_view(&keys.enc->secret) : view_of(NULL, 0),
		    secret_view(&keys.mac->secret),
		    view_of(c->x.ch->challenge, c->x.ch->challenge_len));
	if (sm)
		iso_drop_challenge(c);
	return sm;
}

sw_t
iso_sm_unwrap(struct iso *c, const struct apdu *outer, struct apdu *plain)
{
	struct channel *ch = c->x.ch;

	if (!ch->sm)
		ch->sm = iso_hooks(c)->sm_begin(c);
	return ch->sm ? sm_unwrap(ch->sm, outer, plain, &c->x.scratch) : sm_refusal(outer);
}

sw_t
iso_sm_wrap(struct iso *c, const struct apdu *outer, sw_t sw, struct buf *rsp)
{
	struct channel *ch = c->x.ch;
	int rc;

	/* the command itself may have closed the channel that it came on */
	if (!ch->sm)
		return sw;
	rc = sm_wrap(ch->sm, outer, sw, rsp);
	if (rc == 0)
		return SW_OK;
	iso_sm_end(c);
	return iso_sw(c, rc);
}

void
iso_sm_end(struct iso *c)
{
	if (!c->x.ch->sm)
		return;
	sm_free(c->x.ch->sm);
	c->x.ch->sm = NULL;
	iso_hooks(c)->sm_ended(c);
}

void
iso_sm_started(struct iso *c)
{
	(void)c;
}

void
iso_sm_ended(struct iso *c)
{
	(void)c;
}
