/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "viccctl/follow.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/hex.h"
#include "cli/place.h"
#include "daemon/reader.h"
#include "viccctl/show.h"
#include "viccctl/words.h"
#include "wire.h"

#define SLICE_MS 200    /* that is waited for news at a time */
#define PATIENCE_MS 300 /* for a pcscd that begins to serve clients after readers */

/* One waiting, for the card to be in or out. */
struct follow {
	struct ctl *t;
	bool in;               /* what is waited for */
	bool moves;            /* pcscd's counter has to: the card was not so before */
	bool known;            /* which readers */
	struct readers before; /* before the verb */
	struct readers now;
	int64_t since; /* the card itself says that it is so; 0: not yet */
	json_t *status;
};

static bool
is(const json_t *status, const char *member, const char *value)
{
	const char *is = json_string_value(json_object_get(status, member));

	return is && strcmp(is, value) == 0;
}

/* --- what the card says ------------------------------------------------------ */

static int
ask_status(struct follow *f)
{
	int code;

	json_decref(f->status);
	f->status = ctl_do(f->t, "status", &code);
	return f->status ? CTL_DONE : code;
}

static bool
card_agrees(const struct follow *f)
{
	if (f->in)
		return is(f->status, "state", "in") &&
		       json_is_true(json_object_get(f->status, "ready"));
	return is(f->status, "state", "out");
}

/* --- what pcscd says ------------------------------------------------------------ */

static bool
has_card(const struct follow *f, const struct readers *r, size_t i)
{
	struct buf atr = BUF(2 * MAX_ATR_SIZE);
	const char *own = json_string_value(json_object_get(f->status, "atr"));
	DWORD state = r->r[i].event_state;
	bool same;

	if (!(state & SCARD_STATE_PRESENT))
		return false;
	if (state & SCARD_STATE_MUTE || json_is_true(json_object_get(f->status, "muted")))
		return state & SCARD_STATE_MUTE &&
		       json_is_true(json_object_get(f->status, "muted"));
	hex_write(&atr, view_of(r->r[i].atr, r->r[i].atr_len));
	same = own && atr.n == strlen(own) && memcmp(atr.p, own, atr.n) == 0;
	buf_free(&atr);
	return same;
}

static bool
has_moved(const struct follow *f, size_t i)
{
	return readers_counter(&f->now, i) != readers_counter(&f->before, i);
}

/* The slot that is as it should be, or NULL. */
static const char *
seen_in(const struct follow *f)
{
	size_t i;

	for (i = 0; i < f->now.n; i++) {
		if (has_card(f, &f->now, i) && (!f->moves || has_moved(f, i)))
			return f->now.r[i].name;
	}
	return NULL;
}

/* Of several cards alike behind one endpoint, one less than there were. */
static bool
seen_out(const struct follow *f)
{
	size_t before = 0, left = 0, i;

	for (i = 0; i < f->now.n; i++) {
		before += has_card(f, &f->before, i);
		left += has_card(f, &f->now, i) && !(f->moves && has_moved(f, i));
	}
	return left == 0 || left < before;
}

/* Slots of one endpoint that have a card like this one. */
static size_t
count_alike(const struct follow *f)
{
	size_t n = 0, i;

	for (i = 0; i < f->now.n; i++)
		n += has_card(f, &f->now, i);
	return n;
}

static int
fail_alike(const struct follow *f, int code)
{
	return ctl_fail(
		f->t, code,
		"slots of the reader that have such a card: %zu; which one is this card's is not known",
		count_alike(f));
}

/* It is as it should be, as far as can be told from slots that share an endpoint; that is said. */
static bool
is_seen(const struct follow *f)
{
	if (f->in && !seen_in(f))
		return false;
	if (!f->in && !seen_out(f) &&
	    (f->now.n == 1 || f->moves || wire_now() - f->since < PATIENCE_MS))
		return false;
	if (!f->moves && count_alike(f) > (f->in ? 1 : 0))
		fail_alike(f, 0);
	return true;
}

static void
find_readers(struct follow *f, const char **why)
{
	if (f->known || f->t->no_pcsc)
		return;
	f->known = ctl_readers(&f->now, f->status, why);
	if (f->known)
		f->before = f->now;
}

/* Whether nobody needs to be waited for but the card: why not is set. */
static bool
is_alone(const struct follow *f, const char *why)
{
	if (f->t->no_pcsc)
		return true;
	return !f->known &&
	       (!json_is_true(json_object_get(f->status, "local")) ||
		json_is_true(json_object_get(f->status, "reversed")) ||
		(why && strstr(why, "let this user")) || wire_now() - f->since > PATIENCE_MS);
}

static void
await_event(struct follow *f, int64_t until)
{
	int error;

	json_decref(connection_event(&f->t->card, until, &error));
}

/* 1: it is so; 0: not yet, and some time has passed. */
static int
follow_step(struct follow *f)
{
	int64_t now = wire_now(),
		slice = now + SLICE_MS < f->t->deadline ? now + SLICE_MS : f->t->deadline;
	const char *why = NULL;
	bool agrees = card_agrees(f);

	find_readers(f, &why);
	f->since = !agrees ? 0 : f->since ? f->since : now;
	if (!agrees) {
		await_event(f, slice);
		return 0;
	}
	if (f->known && is_seen(f))
		return 1;
	if (is_alone(f, why)) {
		if (f->t->verbose && why)
			ctl_fail(f->t, 0, "%s: what the card has seen counts", why);
		return 1;
	}
	if (f->known)
		readers_await(&f->now, (int)(slice - now));
	else
		await_event(f, now + 20);
	return 0;
}

static json_t *
request_events(const char *class)
{
	return json_pack("{s:s, s:[s, s*]}", "do", "subscribe", "classes", "state", class);
}

static int
follow_all(struct follow *f)
{
	int code = CTL_DONE, rc = 0;

	json_decref(ctl_ask(f->t, request_events("power"), -1, &code));
	while (code == CTL_DONE && rc == 0) {
		code = ask_status(f);
		if (code == CTL_DONE)
			rc = follow_step(f);
		if (rc == 0 && code == CTL_DONE && wire_now() >= f->t->deadline)
			code = ctl_fail(f->t, CTL_TIMEOUT,
					card_agrees(f) ? "pcscd has not seen the card %s in time"
						       : "the card is not %s in time",
					f->in ? "in" : "out");
	}
	json_decref(f->status);
	return code;
}

/* --- verbs --------------------------------------------------------------------- */

/* Do it, and follow it. What pcscd saw before is asked before. */
static int
do_and_follow(struct ctl *t, const char *verb, bool in)
{
	struct follow f = { .t = t, .in = in };
	const char *why;
	json_t *ok;
	int code = ask_status(&f);

	if (code != CTL_DONE)
		return code;
	if (!t->no_wait)
		find_readers(&f, &why);
	f.moves = in ? is(f.status, "state", "out") : f.known && !seen_out(&f);
	ok = ctl_do(t, verb, &code);
	json_decref(ok);
	if (!ok || t->no_wait) {
		json_decref(f.status);
		return code;
	}
	return follow_all(&f);
}

int
follow_insert(struct ctl *t)
{
	return do_and_follow(t, "insert", true);
}

int
follow_remove(struct ctl *t)
{
	return do_and_follow(t, "remove", false);
}

/* Two cards' status objects: one pid is one card, but for those of two containers. */
static bool
is_same_card(const json_t *a, const json_t *b)
{
	return json_equal(json_object_get(a, "pid"), json_object_get(b, "pid")) &&
	       json_equal(json_object_get(a, "name"), json_object_get(b, "name"));
}

/* The card that is in the slot of this one is taken out; those of other slots are left alone. */
static int
make_way(struct ctl *t, const char *name, const json_t *status)
{
	struct ctl other = *t;
	json_t *its = NULL;
	int code = CTL_DONE;

	other.name = name;
	if (!place_socket(name, 0, other.path, sizeof(other.path)) ||
	    connection_open(&other.card, other.path, t->deadline) < 0)
		return CTL_DONE; /* nobody is there */
	its = ctl_do(&other, "status", &code);
	if (its && !is(its, "state", "out") && !is_same_card(its, status) &&
	    json_equal(json_object_get(its, "endpoint"), json_object_get(status, "endpoint")))
		code = follow_remove(&other);
	json_decref(its);
	connection_close(&other.card);
	return code;
}

int
follow_swap(struct ctl *t)
{
	char names[CTL_NAMES_MAX][64];
	size_t n = ctl_list(names), i;
	int code;
	json_t *status = ctl_do(t, "status", &code);

	for (i = 0; status && i < n && code == CTL_DONE; i++)
		code = make_way(t, names[i], status);
	json_decref(status);
	return code == CTL_DONE ? follow_insert(t) : code;
}

/* Through PC/SC, as a client does it: others are told. */
int
follow_reset(struct ctl *t)
{
	struct follow f = { .t = t, .in = true };
	const char *why = NULL, *name;
	LONG rc;
	int code = ask_status(&f);

	if (code != CTL_DONE)
		return code;
	find_readers(&f, &why);
	name = f.known ? seen_in(&f) : NULL;
	if (!name)
		code = ctl_fail(t, CTL_FAILED, "%s", why ? why : "pcscd does not see the card");
	else if (count_alike(&f) > 1)
		code = fail_alike(&f, CTL_FAILED);
	json_decref(f.status);
	if (code != CTL_DONE)
		return code;
	rc = reader_reset(name, t->cold);
	return rc == SCARD_S_SUCCESS ? CTL_DONE
				     : ctl_fail(t, CTL_FAILED, "%s", pcsc_stringify_error(rc));
}

/* The card ends with the command, and before that if this process does. */
int
follow_hold(struct ctl *t)
{
	int code, status;
	pid_t pid;

	if (t->n_words < 2)
		return words_usage(t);
	json_decref(ctl_do(t, "tie", &code));
	if (code != CTL_DONE)
		return code;
	pid = fork();
	if (pid == 0) {
		execvp(t->words[1], (char *const *)(uintptr_t)(t->words + 1));
		ctl_fail(t, 0, "%s: %s", t->words[1], strerror(errno));
		_exit(errno == ENOENT ? 127 : 126);
	}
	if (pid < 0 || waitpid(pid, &status, 0) < 0)
		return ctl_fail(t, 125, "%s", strerror(errno));
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

/* --- waiting for other things ------------------------------------------------------- */

static int
await_state(struct ctl *t, bool in)
{
	struct follow f = { .t = t, .in = in };

	return follow_all(&f);
}

/* Events, until one is it; how is the class to subscribe to. */
static int
await_matching(struct ctl *t, const char *class,
	       bool (*matches)(const json_t *event, const void *ctx), const void *ctx)
{
	int code = CTL_DONE, error = 0;
	json_t *event;
	bool found = false;

	json_decref(ctl_ask(t, request_events(class), -1, &code));
	while (code == CTL_DONE && !found) {
		event = connection_event(&t->card, t->deadline, &error);
		if (!event)
			return ctl_lost(t, error, "that has not come in time");
		found = matches(event, ctx);
		json_decref(event);
	}
	return code;
}

static bool
is_power_on(const json_t *event, const void *ctx)
{
	(void)ctx;
	return is(event, "event", "power") && !is(event, "what", "off");
}

static bool
is_named(const json_t *event, const void *name)
{
	return is(event, "event", name);
}

/* Those that have come since it is called. */
static bool
counts_to(const json_t *event, const void *left)
{
	long *n = (long *)(uintptr_t)left;

	return is(event, "event", "command") && --*n <= 0;
}

static int
await_power(struct ctl *t)
{
	int code;
	json_t *status = ctl_do(t, "status", &code);
	bool powered = json_is_true(json_object_get(status, "powered"));

	json_decref(status);
	if (!status || powered)
		return code;
	return await_matching(t, "power", is_power_on, NULL);
}

/* No command for so long: the card says when the last one was. */
static int
await_idle(struct ctl *t, long ms)
{
	json_t *status;
	long idle;
	int code;

	for (;;) {
		status = ctl_do(t, "status", &code);
		if (!status)
			return code;
		idle = (long)(json_number_value(json_object_get(status, "idle")) * 1000);
		json_decref(status);
		if (idle >= ms)
			return CTL_DONE;
		if (wire_now() + ms - idle > t->deadline)
			return ctl_fail(t, CTL_TIMEOUT, "the card is not idle for %ld ms in time",
					ms);
		words_sleep((int)(ms - idle));
	}
}

int
follow_wait(struct ctl *t)
{
	const char *what = t->n_words > 1 ? t->words[1] : "",
		   *how = t->n_words > 2 ? t->words[2] : NULL;
	long n = 0;

	if (strcmp(what, "in") == 0 || strcmp(what, "out") == 0)
		return how ? words_usage(t) : await_state(t, strcmp(what, "in") == 0);
	if (strcmp(what, "power") == 0 && !how)
		return await_power(t);
	if (strcmp(what, "event") == 0 && how && t->n_words == 3)
		return await_matching(t, strcmp(how, "command") == 0 ? "commands" : NULL, is_named,
				      how);
	if (t->n_words != 3 || !words_number(how, 0, 86400000, &n))
		return words_usage(t);
	if (strcmp(what, "idle") == 0)
		return await_idle(t, n);
	return strcmp(what, "apdus") == 0 ? await_matching(t, "commands", counts_to, &n)
					  : words_usage(t);
}

int
follow_events(struct ctl *t)
{
	json_t *rq = json_pack("{s:s}", "do", "subscribe"), *list, *event;
	int code, error;
	size_t i;

	if (t->n_words > 1) {
		list = json_array();
		for (i = 1; i < t->n_words; i++)
			json_array_append_new(list, json_string(t->words[i]));
		json_object_set_new(rq, "classes", list);
	}
	json_decref(ctl_ask(t, rq, -1, &code));
	while (code == CTL_DONE) {
		event = connection_event(&t->card, t->timeout_ms < 0 ? -1 : t->deadline, &error);
		if (!event)
			return error == -ETIMEDOUT || error == -EPIPE ? CTL_DONE
								      : ctl_lost(t, error, "");
		show_json(event);
		json_decref(event);
	}
	return code;
}
