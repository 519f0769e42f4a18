/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "iso/iso.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "iso/auth.h"

#define FRAME_DATA_MAX (CARD_RESPONSE_MAX - 2) /* bytes beside the status word */
#define INSTANCE_SIZE(t) ((t)->size ? (t)->size : sizeof(struct iso))

/* One command on its way through the stages. */
struct exchange {
	struct iso *c;
	struct view raw;
	struct apdu outer;    /* as it came */
	struct apdu cmd;      /* as it is meant: without SM, joined from its parts */
	struct cursor before; /* what was selected */
	bool under_sm;        /* came under SM, which was right */
	bool sm_broken;       /* came under SM, which was not */
	bool part;            /* of a chain that goes on */
	sw_t sw;
};

/* Inbound: 0 to go on, or the status word that ends the way in. */
typedef sw_t inbound_fn(struct exchange *x);
typedef void outbound_fn(struct exchange *x);

#define GO_ON 0

/* --- the rows --------------------------------------------------------------- */

static bool
is_interindustry(uint8_t cla)
{
	return !(cla & 0x80);
}

static bool
class_matches(const struct instr *row, uint8_t cla)
{
	return row->cla_mask ? (cla & row->cla_mask) == row->cla : is_interindustry(cla);
}

/* Whether the card has anything at all under this class. */
static bool
class_known(const struct iso *c, uint8_t cla)
{
	size_t i;

	if (is_interindustry(cla))
		return true;
	for (i = 0; i < c->n_rows; i++) {
		if (class_matches(&c->rows[i], cla))
			return true;
	}
	return false;
}

static size_t
count_rows(const struct iso_type *t)
{
	const struct instr *row;
	size_t n = 0;

	for (; t; t = t->base) {
		for (row = t->instr; row && row->name; row++)
			n++;
	}
	return n;
}

/* Put a row in order of INS, in the place of the one that it overrides. */
static void
put_row(struct iso *c, const struct instr *row)
{
	size_t i = 0;

	for (; i < c->n_rows && c->rows[i].ins <= row->ins; i++) {
		if (c->rows[i].ins == row->ins && c->rows[i].cla == row->cla &&
		    c->rows[i].cla_mask == row->cla_mask) {
			c->rows[i] = *row;
			return;
		}
	}
	memmove(&c->rows[i + 1], &c->rows[i], (c->n_rows - i) * sizeof(*c->rows));
	c->rows[i] = *row;
	c->n_rows++;
}

/* The base's rows first, so that the type's own replace them. */
static void
put_rows(struct iso *c, const struct iso_type *t)
{
	const struct instr *row;

	if (t->base)
		put_rows(c, t->base);
	for (row = t->instr; row && row->name; row++)
		put_row(c, row);
}

static void
drop_removed_rows(struct iso *c)
{
	size_t i, kept = 0;

	for (i = 0; i < c->n_rows; i++) {
		if (c->rows[i].fn)
			c->rows[kept++] = c->rows[i];
	}
	c->n_rows = kept;
}

static void
index_rows(struct iso *c)
{
	unsigned ins;
	size_t i = 0;

	for (ins = 0; ins <= 256; ins++) {
		while (i < c->n_rows && c->rows[i].ins < ins)
			i++;
		c->first[ins] = (uint16_t)i;
	}
}

static void
inherit(struct iso *c, const struct iso_type *t)
{
	if (t->base)
		inherit(c, t->base);
#define INHERIT(type, name, parameters) \
	if (t->hooks.name) \
		c->hooks.name = t->hooks.name;
	ISO_HOOKS(INHERIT)
#undef INHERIT
	if (t->channels)
		c->channels = t->channels;
}

/* Flatten the type and its bases: at run time nobody walks up. */
static bool
flatten(struct iso *c)
{
#define DEFAULT(type, name, parameters) c->hooks.name = iso_##name;
	ISO_HOOKS(DEFAULT)
#undef DEFAULT
	c->channels = 1;
	inherit(c, c->type);
	c->rows = calloc(count_rows(c->type) + 1, sizeof(*c->rows));
	if (!c->rows)
		return false;
	put_rows(c, c->type);
	drop_removed_rows(c);
	index_rows(c);
	return true;
}

/* --- inbound ---------------------------------------------------------------- */

static sw_t
parse(struct exchange *x)
{
	if (apdu_parse(&x->outer, x->raw) < 0)
		return SW_WRONG_LENGTH;
	return x->c->state->fs.terminated ? SW_CONDITIONS : GO_ON;
}

sw_t
iso_classify(struct iso *c, struct apdu *cmd)
{
	(void)c;
	if (!is_interindustry(cmd->cla))
		return cmd->cla == 0xff ? SW_CLA : GO_ON;
	return apdu_class(cmd) ? GO_ON : SW_CLA;
}

static sw_t
classify(struct exchange *x)
{
	struct iso *c = x->c;
	sw_t sw = c->hooks.classify(c, &x->outer);

	if (sw)
		return sw;
	if (!class_known(c, x->outer.cla))
		return SW_CLA;
	if (x->outer.channel >= c->channels || !c->channel[x->outer.channel].open)
		return SW_CHANNEL_NOT_SUPPORTED;
	c->ch = &c->channel[x->outer.channel];
	x->before = c->ch->at;
	return GO_ON;
}

/* By the header alone, so that even a part of a command is known to be secret. */
static sw_t
find(struct exchange *x)
{
	struct iso *c = x->c;
	uint8_t ins = x->outer.ins;
	size_t i;

	for (i = c->first[ins]; i < c->first[ins + 1]; i++) {
		if (class_matches(&c->rows[i], x->outer.cla)) {
			c->row = &c->rows[i];
			c->card.note.instruction = c->row->name;
			c->card.note.secret = c->row->flags & INSTR_TRANSPORT ? c->ch->pending_secret
									: c->row->flags & INSTR_SECRET;
			break;
		}
	}
	if (!c->row || !(c->row->flags & INSTR_TRANSPORT))
		buf_free(&c->ch->pending);
	/* known, but under no such class */
	return !c->row && c->first[ins] != c->first[ins + 1] ? SW_CLA : GO_ON;
}

static sw_t
unwrap(struct exchange *x)
{
	struct iso *c = x->c;
	sw_t sw;

	x->cmd = x->outer;
	if (x->outer.sm == APDU_SM_NONE)
		return GO_ON;
	if (x->outer.sm == APDU_SM_PROPRIETARY || (c->row && c->row->flags & INSTR_TRANSPORT))
		return SW_SM_NOT_SUPPORTED;
	sw = iso_sm_unwrap(c, &x->outer, &x->cmd);
	x->under_sm = sw == SW_OK;
	x->sm_broken = !x->under_sm;
	return x->under_sm ? GO_ON : sw;
}

static void
drop_chain(struct channel *ch)
{
	ch->chaining = false;
	buf_free(&ch->chain);
}

static bool
continues(const struct apdu *head, const struct apdu *cmd)
{
	return head->ins == cmd->ins && head->p1 == cmd->p1 && head->p2 == cmd->p2 &&
	       ((head->cla ^ cmd->cla) & ~0x10) == 0;
}

/* Join the parts of a command (7816-4, 5.3.3). */
static sw_t
chain(struct exchange *x)
{
	struct channel *ch = x->c->ch;
	bool broken = ch->chaining && !continues(&ch->chain_head, &x->cmd);

	if (broken)
		drop_chain(ch);
	if (broken && x->cmd.chained)
		return SW_LAST_EXPECTED;
	if (!x->cmd.chained && !ch->chaining)
		return GO_ON;
	if (!x->c->row)
		return SW_INS;
	ch->chain.max = ISO_CHAIN_MAX;
	ch->chain_head = x->cmd;
	ch->chain_head.data = view_of(NULL, 0);
	ch->chaining = x->cmd.chained;
	buf_put_view(&ch->chain, x->cmd.data);
	if (ch->chain.failed) {
		drop_chain(ch);
		return SW_NO_MEMORY;
	}
	x->part = x->cmd.chained;
	x->cmd.data = buf_view(&ch->chain);
	return x->part ? SW_OK : GO_ON;
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

static void
present(struct iso *c, const struct apdu *cmd, bool under_sm)
{
	c->who = (struct access) {
		.global = iso_proven(c),
		.local = iso_proven_local(c),
		.cla = cmd->cla,
		.ins = cmd->ins,
		.p1 = cmd->p1,
		.p2 = cmd->p2,
		.sm = under_sm,
		.se = c->ch->se.number,
		.judge = c->hooks.judge,
		.refs = &iso_access_refs,
		.card = c,
	};
}

/* What the row's data say of every command of its kind; and who is asking. */
static sw_t
admit(struct iso *c, const struct instr *row, const struct apdu *cmd, bool under_sm)
{
	sw_t sw;

	if (!row)
		return SW_INS;
	if ((cmd->p1 & row->p1_rfu) || (cmd->p2 & row->p2_rfu))
		return SW_WRONG_P1P2;
	sw = lengths(row, cmd);
	if (sw)
		return sw;
	if (row->flags & INSTR_SM && !under_sm)
		return SW_SECURITY_STATUS;
	present(c, cmd, under_sm);
	return GO_ON;
}

static sw_t
gate(struct exchange *x)
{
	return admit(x->c, x->c->row, &x->cmd, x->under_sm);
}

/* 7816-3, 10.3.3: SW1 is 6X but 60, or 9X. A row of other people's may say anything. */
static sw_t
check_sw(const struct iso *c, sw_t sw)
{
	uint8_t sw1 = (uint8_t)(sw >> 8);

	if ((sw1 > 0x60 && sw1 <= 0x6f) || (sw1 >= 0x90 && sw1 <= 0x9f))
		return sw;
	log_error(c->env->log, "%s answered %04X, which is no status word", c->row->name, sw);
	return SW_UNKNOWN;
}

static sw_t
run(struct exchange *x)
{
	return check_sw(x->c, x->c->row->fn(x->c, &x->cmd, &x->c->answer));
}

/* The row that a type has for a command, its own or inherited. NULL: none. */
static const struct instr *
row_of(const struct iso_type *t, const struct apdu *cmd)
{
	const struct instr *row;

	for (; t; t = t->base) {
		for (row = t->instr; row && row->name; row++) {
			if (row->ins == cmd->ins && class_matches(row, cmd->cla))
				return row->fn ? row : NULL;
		}
	}
	return NULL;
}

sw_t
iso_base(struct iso *c, const struct apdu *cmd, struct buf *rsp)
{
	const struct access who = c->who;
	const struct instr *row = row_of(c->type->base, cmd);
	sw_t sw = admit(c, row, cmd, who.sm);

	if (sw == GO_ON)
		sw = row->fn(c, cmd, rsp);
	c->who = who;
	return sw;
}

static inbound_fn *const inbound[] = { parse, classify, find, unwrap, chain, gate, run };

/* --- outbound --------------------------------------------------------------- */

/* An error leaves nothing behind but what it proved. */
static void
settle(struct exchange *x)
{
	struct iso *c = x->c;

	if (c->answer.failed)
		x->sw = SW_NO_MEMORY;
	if (!sw_is_error(x->sw))
		return;
	buf_reset(&c->answer);
	if (c->ch) {
		c->ch->at = x->before;
		sm_free(c->ch->sm_next);
		c->ch->sm_next = NULL;
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
commit(struct exchange *x)
{
	struct iso *c = x->c;
	int rc;

	if (state_changed(c->state) & STATE_CONTENTS)
		c->hooks.changing(c);
	rc = state_commit(c->state);
	if (rc == 0)
		return;
	buf_reset(&c->answer);
	x->sw = iso_sw(c, rc);
	revert(c);
	c->forget_after = true;
}

static void
wrap(struct exchange *x)
{
	struct iso *c = x->c;
	struct channel *ch = c->ch;

	if (x->under_sm) {
		x->sw = iso_sm_wrap(c, &x->outer, x->sw, &c->answer);
	} else if (x->sm_broken) {
		/* 7816-4, 10.4: the answer is plain, and the session has ended */
		sm_free(ch->sm);
		ch->sm = NULL;
	}
	if (ch && ch->sm_next) {
		sm_free(ch->sm);
		ch->sm = ch->sm_next;
		ch->sm_next = NULL;
	}
}

static void
finish(struct exchange *x)
{
	struct iso *c = x->c;

	/* refused before there was a channel to keep anything on: there are no data either */
	if (c->ch)
		x->sw = c->hooks.finish(c, &x->outer, &c->answer, x->sw);
}

static outbound_fn *const outbound[] = { settle, commit, wrap, finish };

sw_t
iso_finish(struct iso *c, const struct apdu *cmd, struct buf *rsp, sw_t sw)
{
	struct channel *ch = c->ch;
	size_t most = cmd->ne < FRAME_DATA_MAX ? cmd->ne : FRAME_DATA_MAX, left;

	if (cmd->ne == 0 && c->row && c->row->flags & INSTR_AT_ONCE)
		most = FRAME_DATA_MAX;
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

/* --- the five card operations ------------------------------------------------ */

static void
begin(struct iso *c)
{
	c->ch = NULL;
	c->row = NULL;
	/* what never gets so far as to be found may be anything */
	c->card.note = (struct card_note) { .secret = true };
}

static void
end(struct exchange *x)
{
	struct iso *c = x->c;

	buf_reset(&c->answer);
	buf_reset(&c->scratch);
	if (c->ch && !c->ch->chaining)
		buf_free(&c->ch->chain);
	if (c->forget_after)
		iso_forget_all(c);
}

static void
note(const struct exchange *x)
{
	const struct apdu *a = &x->outer;

	if (!x->c->env->log || x->c->env->log->level < LOG_DEBUG)
		return;
	log_debug(x->c->env->log, "%02X %02X %02X %02X, %zu bytes, Le %zu: %s: %04X, %zu bytes", a->cla,
		  a->ins, a->p1, a->p2, a->data.n, a->ne,
		  x->c->row ? x->c->row->name : "unknown", x->sw, x->c->answer.n);
}

static int
iso_transmit(struct card *card, struct view raw, struct buf *rsp)
{
	struct exchange x = { .c = (struct iso *)card, .raw = raw };
	size_t i;

	begin(x.c);
	for (i = 0; i < sizeof(inbound) / sizeof(*inbound) && x.sw == GO_ON; i++)
		x.sw = inbound[i](&x);
	for (i = 0; i < sizeof(outbound) / sizeof(*outbound); i++)
		outbound[i](&x);
	note(&x);
	buf_put_view(rsp, buf_view(&x.c->answer));
	buf_u16(rsp, x.sw);
	end(&x);
	if (rsp->failed)
		return -ENOMEM;
	return x.c->lost ? -EIO : 0;
}

void
iso_atr(struct iso *c, struct buf *out)
{
	const struct iso_type *t = c->type;

	while (t->base && t->atr.n == 0)
		t = t->base;
	if (c->atr.n > 0)
		buf_put_view(out, c->atr);
	else if (c->state->atr.n > 0)
		buf_put_view(out, buf_view(&c->state->atr));
	else
		buf_put_view(out, t->atr);
}

static int
iso_card_atr(struct card *card, struct buf *out)
{
	struct iso *c = (struct iso *)card;

	c->hooks.atr(c, out);
	return out->failed ? -ENOMEM : 0;
}

void
iso_changing(struct iso *c)
{
	(void)c;
}

void
iso_forget(struct iso *c)
{
	(void)c;
}

void
iso_channel_close(struct channel *ch)
{
	drop_chain(ch);
	buf_free(&ch->pending);
	sm_free(ch->sm);
	sm_free(ch->sm_next);
	se_clear(&ch->se);
	sam_free(&ch->certified);
	explicit_bzero(ch, sizeof(*ch));
}

/* One forget: power and reset, and a commit that failed. */
void
iso_forget_all(struct iso *c)
{
	unsigned i;

	for (i = 0; i < c->channels; i++)
		iso_channel_close(&c->channel[i]);
	c->channel[0].open = true;
	c->global = (struct auth) { 0 };
	c->who = (struct access) { 0 };
	c->forget_after = false;
	buf_free(&c->answer);
	buf_free(&c->scratch);
	c->hooks.forget(c);
}

static int
iso_power(struct card *card, enum card_power what)
{
	(void)what;
	iso_forget_all((struct iso *)card);
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

void
iso_release(struct iso *c)
{
	(void)c;
}

static void
iso_free(struct card *card)
{
	struct iso *c = (struct iso *)card;

	if (!c)
		return;
	iso_forget_all(c);
	c->hooks.release(c);
	state_free(c->state);
	free(c->rows);
	freezero(c, INSTANCE_SIZE(c->type));
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

struct card *
iso_open(const struct card_type *t, const struct card_config *cfg, const struct card_env *env)
{
	const struct iso_type *type = t->data;
	struct state *state = cfg->state ? cfg->state : state_new();
	struct iso *c = state ? calloc(1, INSTANCE_SIZE(type)) : NULL;

	if (c) {
		c->card.ops = &iso_ops;
		c->env = env;
		c->type = type;
		c->state = state;
		c->atr = cfg->atr;
		c->answer.max = c->scratch.max = ISO_ANSWER_MAX;
	}
	if (!c || !flatten(c)) {
		log_error(env->log, "no memory for a card");
		state_free(state);
		free(c);
		return NULL;
	}
	iso_adopt(c);
	iso_forget_all(c);
	return &c->card;
}

/* --- for handlers ------------------------------------------------------------ */

struct file *
iso_df(const struct iso *c)
{
	struct file *f = c->ch->at.df ? fs_by_uid(&c->state->fs, c->ch->at.df) : NULL;

	return f ? f : c->state->fs.mf;
}

struct file *
iso_ef(const struct iso *c)
{
	return c->ch->at.ef ? fs_by_uid(&c->state->fs, c->ch->at.ef) : NULL;
}

bool
iso_interrupted(void *c)
{
	const struct card_env *env = ((const struct iso *)c)->env;

	return env->interrupted && env->interrupted(env->ctx);
}

struct auth *
iso_auth(struct iso *c, uint8_t ref)
{
	return iso_ref_is_local(ref) ? &c->ch->auth : &c->global;
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
