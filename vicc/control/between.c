/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Between the card and its reader: what is lost, torn and garbled on the way. */
#include "control/inside.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "base/hex.h"
#include "daemon/signals.h"
#include "wire.h"

/* --- what is told ------------------------------------------------------------- */

static const char *const kinds[FAULT_KINDS] = {
	[FAULT_SW] = "sw",       [FAULT_FLIP] = "flip",       [FAULT_SHORT] = "short",
	[FAULT_LONG] = "long",   [FAULT_DATA] = "data",       [FAULT_BIG] = "big",
	[FAULT_DELAY] = "delay", [FAULT_EMPTY] = "empty",     [FAULT_ONE] = "one",
	[FAULT_CUT] = "cut",     [FAULT_CLOSE] = "close",     [FAULT_ABORT] = "abort",
	[FAULT_LIE] = "lie",     [FAULT_TWICE] = "twice",     [FAULT_STRAY] = "stray",
	[FAULT_SPLIT] = "split", [FAULT_NOTHING] = "nothing",
};

static const char *const places[] = { "command", "commit", "answer" };

/* Number of the command under way, from 1; the tap counts it when it is over. */
static json_int_t
command_number(const struct control *c)
{
	return (json_int_t)c->counters.apdus + 1;
}

static void
tell_fault(struct control *c, const struct fault_rule *r)
{
	struct tap *t;

	c->n_faults++;
	for (t = c->host->taps; t; t = t->next) {
		if (t->fault)
			t->fault(t, kinds[r->kind]);
	}
	control_event(c, CLASS_FAULTS, "fault",
		      json_pack("{s:s, s:I, s:I}", "kind", kinds[r->kind], "rule",
				(json_int_t)r->id, "command", command_number(c)));
}

/* --- power that is lost ------------------------------------------------------------ */

/* Whether it is torn in this command. */
static bool
tear_begins(struct control *c, struct view cmd)
{
	struct tear *t = &c->tear;

	t->commits = 0;
	t->now = t->armed && fault_matches(&t->filter, cmd) && t->seen++ >= t->filter.after;
	return t->now;
}

/* The connection ends; when the card is back is the host's to see to. Always negative. */
static int
tear_happens(struct control *c)
{
	struct tear *t = &c->tear;

	t->armed = t->now = false;
	c->n_torn++;
	control_event(c, CLASS_FAULTS, "tear",
		      json_pack("{s:s, s:I, s:I}", "at", places[t->at], "commits",
				(json_int_t)t->commits, "command", command_number(c)));
	host_set_out(c->host, true, "tear");
	if (t->back >= 0)
		host_set_out(c->host, false, NULL);
	c->host->back = t->back > 0 ? (int)t->back : 1;
	return -ECANCELED;
}

int
between_commit(void *ctx, struct state *s, unsigned changed)
{
	struct control *c = ctx;
	int rc;

	/* what is torn is never written, nor what would come after it */
	if (c->tear.now && c->tear.at == TEAR_COMMIT && c->tear.commits >= c->tear.n)
		return -ECANCELED;
	rc = c->own.commit ? c->own.commit(c->own.ctx, s, changed) : 0;
	if (rc < 0)
		return rc;
	c->tear.commits++;
	contents_serial(c, s);
	control_event(c, CLASS_STATE, "changed",
		      json_pack("{s:s}", "what", changed & STATE_CONTENTS ? "contents" : "tries"));
	return 0;
}

struct state *
between_revert(void *ctx)
{
	const struct control *c = ctx;

	return c->own.revert ? c->own.revert(c->own.ctx) : NULL;
}

/* --- the three stages ------------------------------------------------------------------ */

int
between_command(void *ctx, struct view cmd, struct buf *rsp)
{
	struct control *c = ctx;
	struct firing *f = &c->firing;

	clock_gettime(CLOCK_MONOTONIC, &c->begun);
	c->cut = -1;
	*f = (struct firing) { .rule = NULL };
	if (tear_begins(c, cmd))
		return c->tear.at == TEAR_COMMAND ? tear_happens(c) : 0;
	f->rule = faults_next(&c->faults, cmd, &f->hash);
	if (!f->rule || f->rule->kind != FAULT_SW || f->rule->late)
		return 0;
	/* the card is not asked: nobody knows what the command carries */
	c->host->card->note = (struct card_note) { .secret = true };
	buf_u16(rsp, f->rule->sw);
	return 1;
}

/* What of the answer goes out: the rest of it nobody sees, nor a trace. */
static void
shorten(struct control *c, struct buf *rsp)
{
	const struct fault_rule *r = c->firing.rule;
	size_t left = rsp->n;

	if (r->kind == FAULT_EMPTY || r->kind == FAULT_CLOSE || r->kind == FAULT_ABORT ||
	    r->kind == FAULT_NOTHING)
		left = 0;
	else if (r->kind == FAULT_ONE)
		left = 1;
	else if (r->kind == FAULT_CUT)
		left = r->n > WIRE_HEADER ? (size_t)r->n - WIRE_HEADER : 0;
	if (left < rsp->n)
		buf_cut(rsp, left);
}

int
between_answer(void *ctx, struct view cmd, struct buf *rsp)
{
	struct control *c = ctx;
	struct firing *f = &c->firing;

	if (cmd.n == 0) {
		*f = (struct firing) { .rule = NULL };
		c->cut = -1;
		if (c->muted && c->powered_on) {
			buf_reset(rsp);
			buf_u8(rsp, 0);
		}
		f->rule = faults_next(&c->faults, cmd, &f->hash);
	} else if (c->tear.now) {
		c->cut = c->tear.at == TEAR_ANSWER ? c->tear.n : 0;
		if (c->cut == 0)
			return tear_happens(c);
	}
	f->length = rsp->n;
	f->done = f->rule &&
		  (f->rule->kind > FAULT_BIG || (f->rule->kind == FAULT_SW && !f->rule->late) ||
		   fault_change(f->rule, f->hash, rsp));
	if (cmd.n > 0 && rsp->n >= 2)
		memcpy(c->sw, rsp->p + rsp->n - 2, 2);
	if (!f->done)
		return 0;
	f->rule->fired++;
	tell_fault(c, f->rule);
	shorten(c, rsp);
	return 0;
}

/* 0, or -EINTR: the process ends. Nothing else is done meanwhile, as within a command. */
static int
hold_still(const struct control *c, long ms)
{
	struct pollfd p = { .fd = c->host->signals, .events = POLLIN };
	int64_t until = wire_now() + ms, left;

	while ((left = until - wire_now()) > 0) {
		if (poll(&p, 1, (int)left) > 0)
			signals_clear(c->host->signals);
		if (signals_stop())
			return -EINTR;
	}
	return 0;
}

/*
 * A frame that says that it has so many bytes, and has those of
 * body; n of all that, the header with it.
 */
static int
send_frame(const struct control *c, int fd, size_t says, struct view body, size_t n)
{
	uint8_t header[WIRE_HEADER] = { (uint8_t)(says >> 8), (uint8_t)says };
	int rc = link_send_bytes(c->host->link, fd, header, n < WIRE_HEADER ? n : WIRE_HEADER);

	if (rc == 0 && n > WIRE_HEADER)
		rc = link_send_bytes(c->host->link, fd, body.p,
				     n - WIRE_HEADER < body.n ? n - WIRE_HEADER : body.n);
	return rc;
}

static void
put_frame(struct buf *to, struct view body)
{
	buf_u16(to, (uint16_t)body.n);
	buf_put_view(to, body);
}

/* In one piece: what nobody has asked for is there when the reader asks the next. */
static int
send_too_much(const struct control *c, int fd, struct view body, const struct fault_rule *r)
{
	struct buf all = BUF(2 * WIRE_FRAME_MAX);
	int rc;

	put_frame(&all, body);
	if (r->kind == FAULT_TWICE)
		put_frame(&all, body);
	else
		buf_put(&all, r->bytes, r->n_bytes);
	rc = all.failed ? -ENOMEM : link_send_bytes(c->host->link, fd, all.p, all.n);
	buf_free(&all);
	return rc;
}

static int
send_split(const struct control *c, int fd, struct view body, const struct fault_rule *r)
{
	struct buf frame = BUF(WIRE_FRAME_MAX);
	struct view rest, part;
	int rc = 0;

	put_frame(&frame, body);
	rest = buf_view(&frame);
	while (rc == 0 && rest.n > 0) {
		part = view_slice(rest, 0, (size_t)r->n);
		rest = view_slice(rest, (size_t)r->n, rest.n);
		rc = link_send_bytes(c->host->link, fd, part.p, part.n);
		if (rc == 0 && rest.n > 0)
			rc = hold_still(c, r->ms);
	}
	buf_free(&frame);
	return rc;
}

static size_t
lied_length(size_t n, long more)
{
	long says = (long)n + more;

	return says < 0 ? 0 : says > WIRE_BODY_MAX ? WIRE_BODY_MAX : (size_t)says;
}

static int
send_faulty(struct control *c, int fd, struct view body)
{
	const struct fault_rule *r = c->firing.rule;
	struct link *l = c->host->link;
	int rc = 0;

	switch (r->kind) {
	case FAULT_DELAY:
		rc = hold_still(c, r->ms);
		return rc == 0 ? link_send(l, fd, body.p, body.n) : rc;
	case FAULT_CUT:
		rc = send_frame(c, fd, c->firing.length, body, (size_t)r->n);
		return rc < 0 ? rc : 1;
	case FAULT_ABORT:
		setsockopt(fd, SOL_SOCKET, SO_LINGER, &(struct linger) { .l_onoff = 1 },
			   sizeof(struct linger));
		return 1;
	case FAULT_CLOSE:
		return 1;
	case FAULT_LIE:
		return send_frame(c, fd, lied_length(body.n, r->n), body, WIRE_FRAME_MAX);
	case FAULT_TWICE:
	case FAULT_STRAY:
		return send_too_much(c, fd, body, r);
	case FAULT_SPLIT:
		return send_split(c, fd, body, r);
	case FAULT_NOTHING:
		return 0;
	default:
		return link_send(l, fd, body.p, body.n);
	}
}

int
between_send(void *ctx, int fd, struct view body)
{
	struct control *c = ctx;
	int rc;

	if (c->cut > 0) {
		rc = send_frame(c, fd, body.n, body, (size_t)c->cut);
		tear_happens(c);
		return rc < 0 ? rc : 1;
	}
	if (c->firing.done)
		return send_faulty(c, fd, body);
	return link_send(c->host->link, fd, body.p, body.n);
}

/* --- the verbs ----------------------------------------------------------------------------- */

static json_t *
put_filter(json_t *to, const struct fault_filter *f)
{
	json_t *list = json_array();
	size_t i;

	for (i = 0; i < f->n_ins; i++)
		json_array_append_new(list, service_hex(view_of(&f->ins[i], 1)));
	if (f->atr)
		json_array_append_new(list, json_string("atr"));
	json_object_set_new(to, "on", list);
	json_object_set_new(to, "after", json_integer(f->after));
	return to;
}

json_t *
faults_array(const struct control *c)
{
	json_t *list = json_array(), *o;
	const struct fault_rule *r;

	for (r = c->faults.rules; r < c->faults.rules + c->faults.n; r++) {
		o = json_pack("{s:I, s:s, s:I, s:I}", "rule", (json_int_t)r->id, "kind",
			      kinds[r->kind], "matched", (json_int_t)r->seen, "fired",
			      (json_int_t)r->fired);
		json_array_append_new(list, put_filter(o, &r->filter));
	}
	return list;
}

json_t *
do_faults(struct call *call)
{
	return json_pack("{s:o}", "rules", faults_array(call_control(call)));
}

json_t *
do_clear(struct call *call)
{
	struct control *c = call->owner;
	long id = call_number(call, "rule", 0);

	if (!faults_clear(&c->faults, (unsigned)id))
		return call_refuse(call, "bad-argument", "there is no rule %ld", id);
	if (id == 0)
		c->tear.armed = false;
	return json_object();
}

/* One INS, or the word atr. */
static bool
read_ins(struct fault_filter *f, const json_t *v)
{
	const char *text = json_string_value(v);
	struct buf one = BUF(1);
	bool good = text && f->n_ins < FAULT_INS_MAX;

	if (good && strcmp(text, "atr") == 0) {
		f->atr = true;
		return true;
	}
	good = good && hex_read(&one, text) && one.n == 1;
	if (good)
		f->ins[f->n_ins++] = one.p[0];
	buf_free(&one);
	return good;
}

static bool
read_filter(struct call *call, struct fault_filter *f)
{
	const json_t *on = json_object_get(call->request, "on"), *v;
	bool good = true;
	size_t i;

	*f = (struct fault_filter) { .after = (uint32_t)call_number(call, "after", 0) };
	if (json_is_string(on))
		good = read_ins(f, on);
	json_array_foreach((json_t *)(uintptr_t)on, i, v)
		good = good && read_ins(f, v);
	if (good && !(f->atr && f->n_ins > 0))
		return true;
	call_refuse(call, "bad-argument", "on: INS in hexadecimal, at most %d of them; or atr",
		    FAULT_INS_MAX);
	return false;
}

/* What each kind wants beside its filter, and allows. */
static const struct {
	long min, max; /* of n; both 0: it has none */
	bool ms, bytes, value, drawn;
	bool atr;      /* it may befall an ATR, too */
} wants[FAULT_KINDS] = {
	[FAULT_SW] = { .value = true },
	[FAULT_FLIP] = { .drawn = true },
	[FAULT_SHORT] = { .min = 1, .max = WIRE_BODY_MAX },
	[FAULT_LONG] = { .min = 1, .max = WIRE_BODY_MAX },
	[FAULT_DATA] = { .bytes = true },
	[FAULT_BIG] = { .min = 2, .max = WIRE_BODY_MAX },
	[FAULT_DELAY] = { .ms = true, .atr = true },
	[FAULT_EMPTY] = { .atr = true },
	[FAULT_ONE] = { .atr = true },
	[FAULT_CUT] = { .min = 1, .max = WIRE_FRAME_MAX, .atr = true },
	[FAULT_CLOSE] = { .atr = true },
	[FAULT_ABORT] = { .atr = true },
	[FAULT_LIE] = { .min = -WIRE_BODY_MAX, .max = WIRE_BODY_MAX, .atr = true },
	[FAULT_TWICE] = { .atr = true },
	[FAULT_STRAY] = { .bytes = true, .atr = true },
	[FAULT_SPLIT] = { .min = 1, .max = WIRE_FRAME_MAX, .ms = true, .atr = true },
	[FAULT_NOTHING] = { .atr = true },
};

/* 1, or 0 and refused: whether a member is there exactly if the kind wants it. */
static bool
check_member(struct call *call, enum fault_kind kind, const char *member, bool wanted, bool needed)
{
	bool is_there = json_object_get(call->request, member) != NULL;

	if (is_there == wanted || (wanted && !needed))
		return true;
	call_refuse(call, "bad-argument", wanted ? "%s needs \"%s\"" : "%s has no \"%s\"",
		    kinds[kind], member);
	return false;
}

static bool
check_kind(struct call *call, enum fault_kind kind)
{
	bool has_n = wants[kind].min != 0 || wants[kind].max != 0;

	return check_member(call, kind, "n", has_n, true) &&
	       check_member(call, kind, "ms", wants[kind].ms, true) &&
	       check_member(call, kind, "hex", wants[kind].bytes, true) &&
	       check_member(call, kind, "value", wants[kind].value, true) &&
	       check_member(call, kind, "late", wants[kind].value, false) &&
	       check_member(call, kind, "byte", wants[kind].drawn, false) &&
	       check_member(call, kind, "bit", wants[kind].drawn, false);
}

/* Bytes in hexadecimal, into at most max of them: how many, or -1, refused. */
static long
read_hex(struct call *call, const char *member, uint8_t *to, size_t max)
{
	const char *text = call_text(call, member);
	struct buf b = BUF(max);
	long n = 0;

	if (text && !hex_read(&b, text)) {
		call_refuse(call, "bad-argument", "%s: at most %zu bytes in hexadecimal", member,
			    max);
		n = -1;
	} else if (b.n > 0) {
		memcpy(to, b.p, b.n);
		n = (long)b.n;
	}
	buf_free(&b);
	return n;
}

static bool
read_values(struct call *call, struct fault_rule *r)
{
	uint8_t sw[2] = { 0 };
	long n = read_hex(call, "hex", r->bytes, sizeof(r->bytes)),
	     m = read_hex(call, "value", sw, 2);

	if (n < 0 || m < 0)
		return false;
	r->n_bytes = (size_t)n;
	r->sw = (uint16_t)(sw[0] << 8 | sw[1]);
	r->n = call_number(call, "n", 0);
	r->ms = call_number(call, "ms", 0);
	r->byte = call_number(call, "byte", -1);
	r->bit = call_number(call, "bit", -1);
	r->late = call_flag(call, "late", false);
	if (wants[r->kind].value && m != 2) {
		call_refuse(call, "bad-argument", "value: a status word, two bytes");
		return false;
	}
	if (r->n < wants[r->kind].min || r->n > wants[r->kind].max) {
		call_refuse(call, "bad-argument", "%s: n from %ld to %ld", kinds[r->kind],
			    wants[r->kind].min, wants[r->kind].max);
		return false;
	}
	return true;
}

/* [p, q]: p of q commands. */
static bool
read_schedule(struct call *call, struct fault_rule *r)
{
	const json_t *rate = json_object_get(call->request, "rate");
	json_int_t p = json_integer_value(json_array_get(rate, 0)),
		   q = json_integer_value(json_array_get(rate, 1));

	if (rate && (json_array_size(rate) != 2 || p < 0 || q < 1 || p > q || q > UINT32_MAX)) {
		call_refuse(call, "bad-argument", "rate: two numbers, [1, 20] is one of 20");
		return false;
	}
	r->p = (uint32_t)p;
	r->q = (uint32_t)q;
	r->every = (uint32_t)call_number(call, "every", 0);
	r->seed = (uint64_t)json_integer_value(json_object_get(call->request, "seed"));
	r->times = (uint32_t)call_number(call, "times", rate || r->every ? 0 : 1);
	return true;
}

json_t *
do_fault(struct call *call)
{
	struct fault_rule rule = { .kind = FAULT_SW }, *r;
	const char *kind = call_text(call, "kind");

	while (rule.kind < FAULT_KINDS && strcmp(kind, kinds[rule.kind]) != 0)
		rule.kind++;
	if (rule.kind == FAULT_KINDS)
		return call_refuse(call, "bad-argument", "there is no such kind of fault");
	if (!read_filter(call, &rule.filter) || !check_kind(call, rule.kind) ||
	    !read_values(call, &rule) || !read_schedule(call, &rule))
		return NULL;
	if (rule.filter.atr && !wants[rule.kind].atr)
		return call_refuse(call, "bad-argument", "%s: an ATR has no status word", kind);
	r = faults_add(&call_control(call)->faults, &rule);
	if (!r)
		return call_refuse(call, "not-possible", "there are %d rules already", FAULT_RULES);
	return json_pack("{s:I}", "rule", (json_int_t)r->id);
}

json_t *
do_tear(struct call *call)
{
	struct control *c = call->owner;
	struct tear t = { .armed = true,
			  .n = call_number(call, "n", 0),
			  .back = call_number(call, "back", 500) };
	const char *at = call_text(call, "at");

	for (; t.at <= TEAR_ANSWER && strcmp(at, places[t.at]) != 0; t.at++)
		;
	if (t.at > TEAR_ANSWER)
		return call_refuse(call, "bad-argument", "at: command, commit or answer");
	if (t.at == TEAR_COMMIT && !c->image)
		return call_refuse(call, "not-possible", "a card of type %s keeps nothing",
				   c->o->type->name);
	if (!read_filter(call, &t.filter))
		return NULL;
	if (t.filter.atr || (t.at == TEAR_COMMAND && t.n != 0))
		return call_refuse(call, "bad-argument",
				   t.filter.atr ? "on: commands only" : "at command there is no n");
	c->tear = t;
	return json_pack("{s:b}", "armed", 1);
}
