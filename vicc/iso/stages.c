/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The stages: a command is narrowed step by step into meaning, one row's function
 * acts, and the answer is widened back to bytes. Inbound stops at the first stage
 * that refuses; outbound always runs.
 */
#include "iso/stages.h"

#include <errno.h>

#include "crypto/failure.h"
#include "iso/auth.h"

#define FRAME_DATA_MAX (CARD_RESPONSE_MAX - 2) /* bytes beside the status word */
#define SHORT_NE_MAX 256
#define GO_ON 0

/* Inbound: 0 to go on, or the status word that ends the way in. */
typedef sw_t inbound_fn(struct exchange *x);
typedef void outbound_fn(struct exchange *x);

/* --- inbound ---------------------------------------------------------------- */

static sw_t
parse_command(struct exchange *x)
{
	if (apdu_parse(&x->outer, x->raw) < 0)
		return SW_WRONG_LENGTH;
	return x->c->state->fs.terminated ? SW_CONDITIONS : GO_ON;
}

sw_t
iso_classify(struct iso *c, struct apdu *cmd)
{
	(void)c;
	if (!iso_is_interindustry(cmd->cla))
		return cmd->cla == 0xff ? SW_CLA : GO_ON;
	return apdu_class(cmd) ? GO_ON : SW_CLA;
}

static sw_t
classify_command(struct exchange *x)
{
	struct iso *c = x->c;
	sw_t sw = c->apps[0].hooks.classify(c, &x->outer);

	if (sw)
		return sw;
	if (x->outer.channel >= c->channels || !c->channel[x->outer.channel].open)
		return SW_CHANNEL_NOT_SUPPORTED;
	x->ch = &c->channel[x->outer.channel];
	iso_app_enter(c); /* another channel may have deleted what was selected here */
	x->cmd = x->outer;
	x->order = x->ch->app->order;
	x->before = x->ch->at;
	x->who = iso_asker(c);
	return app_has_class(x->ch->app, x->outer.cla) ? GO_ON : SW_CLA;
}

/* By the header alone, so that even a part of a command is known to be secret. */
static sw_t
find_row(struct exchange *x)
{
	struct iso *c = x->c;
	bool known;

	x->row = app_row(x->ch->app, &x->outer, &known);
	if (!x->row)
		return known ? SW_CLA : GO_ON; /* known, but under no such class */
	c->card.note.instruction = x->row->name;
	c->card.note.secret = x->row->flags & INSTR_TRANSPORT ? x->ch->pending_secret
							      : x->row->flags & INSTR_SECRET;
	return GO_ON;
}

/* Where what is not protected ends a session (Doc 9303-11, 9.8): all but what fetches an answer. */
static void
end_by_plain(struct exchange *x)
{
	if (x->ch->app->chain[0]->plain_ends_sm && !x->fetches)
		iso_sm_end(x->c);
}

static sw_t
unwrap_command(struct exchange *x)
{
	struct iso *c = x->c;
	const struct apdu in = x->cmd;
	sw_t sw;

	if (in.sm == APDU_SM_NONE) {
		x->fetches = x->row && x->row->flags & INSTR_TRANSPORT && x->ch->pending.n > 0;
		end_by_plain(x);
		return GO_ON;
	}
	if (in.sm == APDU_SM_PROPRIETARY || (x->row && x->row->flags & INSTR_TRANSPORT))
		return SW_SM_NOT_SUPPORTED;
	sw = iso_sm_unwrap(c, &in, &x->cmd);
	x->under_sm = sw == SW_OK;
	x->sm_broken = !x->under_sm;
	return x->under_sm ? GO_ON : sw;
}

/* 7816-4, 5.4.1: the bits of a class that say whether more follows, and how it is protected. */
static uint8_t
transport_bits(uint8_t cla)
{
	if (!iso_is_interindustry(cla))
		return 0x10;
	return cla & 0x40 ? 0x30 : 0x1c;
}

static bool
continues_chain(const struct apdu *head, const struct apdu *cmd)
{
	return head->ins == cmd->ins && head->p1 == cmd->p1 && head->p2 == cmd->p2 &&
	       ((head->cla ^ cmd->cla) & ~transport_bits(cmd->cla)) == 0;
}

/* Whether a command is a part of the chain that was begun, if one was. */
static sw_t
check_chain(struct exchange *x)
{
	struct channel *ch = x->ch;
	bool fits;

	if (!ch->chaining)
		return GO_ON;
	fits = continues_chain(&ch->chain_head, &x->cmd);
	if (fits && ch->chain_head.sm == x->outer.sm)
		return GO_ON;
	ch->chaining = false;
	buf_free(&ch->chain);
	if (fits) {
		/* one that came in another way ends the session, too: the answer is plain */
		x->under_sm = false;
		x->sm_broken = true;
		return SW_LAST_EXPECTED;
	}
	return x->cmd.chained ? SW_LAST_EXPECTED : GO_ON;
}

static sw_t
join(struct exchange *x)
{
	struct channel *ch = x->ch;

	ch->chain.max = ISO_CHAIN_MAX;
	buf_put_view(&ch->chain, x->cmd.data);
	if (ch->chain.failed)
		return SW_NO_MEMORY;
	x->cmd.data = buf_view(&ch->chain);
	return x->cmd.chained ? SW_OK : GO_ON;
}

/* The parts of a command (7816-4, 5.3.3): joined, unless its row takes each by itself. */
static sw_t
join_chain(struct exchange *x)
{
	struct channel *ch = x->ch;
	sw_t sw = check_chain(x);

	if (sw != GO_ON || (!x->cmd.chained && !ch->chaining))
		return sw;
	if (!x->row)
		return SW_INS;
	sw = x->row->flags & INSTR_EACH_PART ? GO_ON : join(x);
	if (sw == SW_NO_MEMORY)
		return sw;
	ch->chain_head = x->cmd;
	ch->chain_head.sm = x->outer.sm;
	ch->chain_head.data = view_of(NULL, 0);
	ch->chaining = x->part = x->cmd.chained;
	return sw;
}

static sw_t
lengths(const struct instr *row, const struct apdu *cmd)
{
	if (row->flags & INSTR_LC && cmd->data.n == 0)
		return SW_WRONG_LENGTH;
	if (row->flags & INSTR_NO_LC && cmd->data.n > 0)
		return SW_WRONG_LENGTH;
	if (row->flags & INSTR_LE && cmd->data.n == 0 && cmd->ne == 0)
		return SW_WRONG_LENGTH;
	return GO_ON;
}

/* Rules may be about the header of a command (7816-4, 9.3.3.3). */
static void
ask_for(struct access *who, const struct apdu *cmd)
{
	who->cla = cmd->cla;
	who->ins = cmd->ins;
	who->p1 = cmd->p1;
	who->p2 = cmd->p2;
}

/* What a row's data say of every command of its kind. */
static sw_t
admit_command(const struct instr *row, const struct apdu *cmd, bool under_sm)
{
	sw_t sw;

	if (!row)
		return SW_INS;
	if ((cmd->p1 & row->p1_rfu) || (cmd->p2 & row->p2_rfu))
		return SW_WRONG_P1P2;
	sw = lengths(row, cmd);
	if (sw)
		return sw;
	return row->flags & INSTR_SM && !under_sm ? SW_SECURITY_STATUS : GO_ON;
}

static sw_t
gate_row(struct exchange *x)
{
	ask_for(&x->who, &x->cmd);
	x->who.sm = x->under_sm;
	return admit_command(x->row, &x->cmd, x->under_sm);
}

/* 7816-3, 10.3.3: SW1 is 6X but 60, or 9X. A row of other people's may say anything. */
static sw_t
run_row(struct exchange *x)
{
	const sw_t sw = x->row->fn(x->c, &x->cmd, &x->answer);
	const uint8_t sw1 = (uint8_t)(sw >> 8);

	if ((sw1 > 0x60 && sw1 <= 0x6f) || (sw1 >= 0x90 && sw1 <= 0x9f))
		return sw;
	log_error(x->c->env->log, "%s answered %04X, which is no status word", x->row->name, sw);
	return SW_UNKNOWN;
}

sw_t
iso_base(struct iso *c, const struct apdu *cmd, struct buf *rsp)
{
	const struct instr *row = app_base_row(c->x.ch->app, c->x.row, cmd);
	sw_t sw = admit_command(row, cmd, c->x.under_sm);

	if (sw != GO_ON)
		return sw;
	ask_for(&c->x.who, cmd);
	sw = row->fn(c, cmd, rsp);
	ask_for(&c->x.who, &c->x.cmd);
	return sw;
}

/* What is asked of a command, one after the other, in the order of what is selected. */
static inbound_fn *const inbound[][7] = {
	[UNWRAP_THEN_CHAIN] = { parse_command, classify_command, find_row, unwrap_command,
				join_chain, gate_row, run_row },
	[CHAIN_THEN_UNWRAP] = { parse_command, classify_command, find_row, join_chain,
				unwrap_command, gate_row, run_row },
};

/* --- outbound --------------------------------------------------------------- */

/* The channel that a command names, open or not; the basic one where it names none. */
static struct channel *
named_channel(const struct exchange *x)
{
	return &x->c->channel[x->outer.channel];
}

/*
 * What a command leaves behind of those before it: GET RESPONSE what is pending, a part
 * the chain.
 */
static void
drop_stale(struct exchange *x)
{
	const struct instr *row = x->row;

	if (!row || !(row->flags & INSTR_TRANSPORT))
		buf_free(&named_channel(x)->pending);
	if (!x->part)
		named_channel(x)->chaining = false;
}

/* An error leaves nothing behind but what it proved. What is selected answers from here on. */
static void
discard_on_error(struct exchange *x)
{
	struct iso *c = x->c;

	if (x->answer.failed)
		x->sw = SW_NO_MEMORY;
	if (sw_is_error(x->sw)) {
		buf_reset(&x->answer);
		if (x->ch) {
			x->ch->at = x->before;
			sm_free(x->ch->sm_next);
			x->ch->sm_next = NULL;
		}
	}
	if (x->ch && x->ch->open) {
		iso_app_enter(c);
		iso_end_proofs(c);
	}
}

/* Back to what was last kept. */
static void
revert(struct iso *c)
{
	struct state *kept = c->env->revert ? c->env->revert(c->env->ctx) : NULL;

	if (!kept) {
		c->lost = true;
		return;
	}
	state_free(c->state);
	c->state = kept;
	iso_adopt(c);
}

/* What has changed is kept before the answer says so. */
static void
commit_state(struct exchange *x)
{
	struct iso *c = x->c;
	int rc;

	if (state_changed(c->state) & STATE_CONTENTS)
		c->apps[0].hooks.changing(c);
	rc = state_commit(c->state);
	if (rc == 0)
		return;
	buf_reset(&x->answer);
	x->sw = iso_sw(c, rc);
	revert(c);
	x->reset_after = true;
}

static void
sm_swap(struct iso *c)
{
	struct channel *ch = c->x.ch;

	sm_free(ch->sm);
	ch->sm = ch->sm_next;
	ch->sm_next = NULL;
	iso_hooks(c)->sm_started(c);
}

/* It never had a channel: where there is but one, the session is that one's. */
static void
refused_at_once(struct exchange *x)
{
	x->ch = x->c->channels > 1 ? named_channel(x) : &x->c->channel[0];
	if (x->ch->open)
		end_by_plain(x);
	x->ch = NULL;
}

/* Under the keys that the command came with; then those that it agreed on are in force. */
static void
wrap_answer(struct exchange *x)
{
	struct iso *c = x->c;

	if (!x->ch)
		refused_at_once(x);
	if (!x->ch || !x->ch->open)
		return;
	if (x->under_sm)
		x->sw = iso_sm_wrap(c, &x->outer, x->sw, &x->answer);
	else if (x->sm_broken)
		iso_sm_end(c); /* 7816-4, 10.4: the answer is plain */
	else if (!x->part) /* whose protection may be that of the whole chain */
		end_by_plain(x);
	if (x->ch->sm_next)
		sm_swap(c);
}

static void
finish_answer(struct exchange *x)
{
	struct iso *c = x->c;

	/* refused before there was a channel to keep anything on: there are no data either */
	if (x->ch && x->ch->open)
		x->sw = iso_hooks(c)->finish(c, &x->outer, &x->answer, x->sw);
}

/* Bytes that are answered without GET RESPONSE. */
static size_t
at_once(const struct iso *c, const struct apdu *cmd)
{
	if (cmd->ne > 0)
		return cmd->ne < FRAME_DATA_MAX ? cmd->ne : FRAME_DATA_MAX;
	if (c->x.row && c->x.row->flags & INSTR_TRANSPORT)
		return SHORT_NE_MAX;
	return c->x.row && c->x.row->flags & INSTR_AT_ONCE ? FRAME_DATA_MAX
							   : c->x.ch->app->chain[0]->without_le;
}

sw_t
iso_finish(struct iso *c, const struct apdu *cmd, struct buf *rsp, sw_t sw)
{
	struct channel *ch = c->x.ch;
	size_t most = at_once(c, cmd), left;

	if (rsp->n <= most)
		return sw;
	left = rsp->n - most;
	ch->pending.max = ISO_ANSWER_MAX;
	buf_reset(&ch->pending);
	buf_put_view(&ch->pending, view_slice(buf_view(rsp), most, left));
	if (ch->pending.failed) {
		buf_free(&ch->pending);
		buf_reset(rsp);
		return SW_NO_MEMORY;
	}
	ch->pending_sw = sw;
	ch->pending_secret = c->card.note.secret;
	buf_cut(rsp, most);
	return (sw_t)(SW_MORE | (left < 256 ? left : 0));
}

void
iso_after(struct iso *c, const struct apdu *cmd, sw_t sw)
{
	(void)c;
	(void)cmd;
	(void)sw;
}

/* --- the way in and out ----------------------------------------------------------- */

static void
note(const struct exchange *x)
{
	const struct apdu *a = &x->outer;

	if (!x->c->env->log || x->c->env->log->level < LOG_DEBUG)
		return;
	log_debug(x->c->env->log, "%02X %02X %02X %02X, %zu bytes, Le %zu: %s: %04X, %zu bytes",
		  a->cla, a->ins, a->p1, a->p2, a->data.n, a->ne, x->row ? x->row->name : "unknown",
		  x->sw, x->answer.n);
}

/* Nothing of a command is there before it, or after it. */
static void
exchange_clear(struct exchange *x)
{
	struct buf answer = x->answer, scratch = x->scratch;

	buf_reset(&answer);
	buf_reset(&scratch);
	*x = (struct exchange) { .answer = answer, .scratch = scratch };
}

static void
exchange_begin(struct exchange *x, struct iso *c, struct view raw)
{
	exchange_clear(x);
	x->c = c;
	x->raw = raw;
	x->order = UNWRAP_THEN_CHAIN;
	/* what never gets so far as to be found may be anything */
	c->card.note = (struct card_note) { .secret = true };
}

static void
exchange_end(struct exchange *x)
{
	struct iso *c = x->c;

	/* also where it was refused before it had a channel */
	x->ch = named_channel(x);
	if (x->ch->open)
		iso_hooks(c)->after(c, &x->cmd, x->sw);
	if (!named_channel(x)->chaining)
		buf_free(&named_channel(x)->chain);
	if (x->reset_after)
		iso_reset_volatile(c);
	exchange_clear(x);
}

static outbound_fn *const outbound[] = {
	drop_stale, discard_on_error, commit_state, wrap_answer, finish_answer,
};

int
iso_transmit(struct card *card, struct view raw, struct buf *rsp)
{
	struct iso *c = (struct iso *)card;
	struct exchange *x = &c->x;
	size_t i;

	/* libcrypto may run out of memory, do without, and yet tell of it at the next failure */
	crypto_failure(0);
	exchange_begin(x, c, raw);
	for (i = 0; i < sizeof(*inbound) / sizeof(**inbound) && x->sw == GO_ON; i++)
		x->sw = inbound[x->order][i](x);
	for (i = 0; i < sizeof(outbound) / sizeof(*outbound); i++)
		outbound[i](x);
	note(x);
	buf_put_view(rsp, buf_view(&x->answer));
	buf_u16(rsp, x->sw);
	exchange_end(x);
	if (rsp->failed)
		return -ENOMEM;
	return c->lost ? -EIO : 0;
}
