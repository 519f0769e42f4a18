/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/host.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "daemon/notify.h"
#include "daemon/signals.h"

#define WATCH_SIGNALS 0
#define WATCH_CARD 1
#define WATCH_REMOTE LINK_WATCH_FIRST
#define REST 50      /* times as long as the remote was served it is not, while the reader talks */
#define PASSED_MAX 64 /* commands without a pause that go before the remote */

static void
host_tell(struct host *h, enum host_news what, const char *why)
{
	if (h->remote)
		h->remote->news(h->remote->ctx, what, why);
}

/*
 * --- one frame ----------------------------------------------------------------------
 * 0; -EINTR: the process ends; negative: the link broke; positive: the card is to leave.
 */

/*
 * The card has no answer. Positive: it is to leave the reader. When the process ends,
 * that is no failure.
 */
static int
failed(const struct host *h, int error)
{
	if (signals_gave_up())
		return -EINTR;
	if (error != -ECANCELED)
		log_error(h->log, "the card has failed: %s", strerror(-error));
	return 1;
}

static int
host_power(struct host *h, enum card_power what)
{
	struct tap *t;
	int rc;

	h->powered = what != CARD_POWER_OFF;
	for (t = h->taps; t; t = t->next) {
		if (t->power)
			t->power(t, what);
	}
	rc = card_power(h->card, what);
	return rc < 0 ? failed(h, rc) : 0;
}

static int
host_send(struct host *h, int fd)
{
	if (h->remote)
		return h->remote->send(h->remote->ctx, fd, buf_view(&h->rsp));
	return link_send(h->link, fd, h->rsp.p, h->rsp.n);
}

static int
send_atr(struct host *h, int fd)
{
	struct tap *t;
	int rc;

	rc = card_atr(h->card, &h->rsp);
	if (rc < 0)
		return failed(h, rc);
	if (h->remote && h->remote->answer(h->remote->ctx, view_of(NULL, 0), &h->rsp) < 0)
		return 1;
	for (t = h->taps; t; t = t->next)
		t->atr(t, buf_view(&h->rsp));
	return host_send(h, fd);
}

static int
control(struct host *h, int fd, uint8_t what)
{
	switch (what) {
	case WIRE_POWER_OFF:
		log_info(h->log, "power off");
		return host_power(h, CARD_POWER_OFF);
	case WIRE_POWER_ON:
		log_info(h->log, "power on");
		return host_power(h, CARD_POWER_ON);
	case WIRE_RESET:
		log_info(h->log, "reset");
		return host_power(h, CARD_RESET);
	case WIRE_ATR:
		return send_atr(h, fd);
	default:
		log_debug(h->log, "control %02X is unknown: ignored", what);
		return 0;
	}
}

/* Headers, lengths and status words; never data. */
static void
log_exchange(const struct host *h, struct view cmd)
{
	const char *name = h->card->note.instruction;
	const uint8_t *sw = h->rsp.p + h->rsp.n - 2;

	/* what is shorter is no answer of a card's, but of a remote's */
	if (!h->log || h->log->level < LOG_DEBUG || h->rsp.n < 2)
		return;
	if (cmd.n < 4)
		log_debug(h->log, "%zu bytes, no command: %02X%02X", cmd.n, sw[0], sw[1]);
	else
		log_debug(h->log, "%02X %02X %02X %02X%s%s, %zu bytes: %02X%02X, %zu bytes",
			  cmd.p[0], cmd.p[1], cmd.p[2], cmd.p[3], name ? " " : "", name ? name : "",
			  cmd.n, sw[0], sw[1], h->rsp.n - 2);
}

static int
host_command(struct host *h, int fd, struct view cmd)
{
	struct tap *t;
	int rc = 0;

	if (!h->powered)
		rc = host_power(h, CARD_POWER_ON);
	if (rc != 0)
		return rc;
	rc = h->remote ? h->remote->command(h->remote->ctx, cmd, &h->rsp) : 0;
	if (rc == 0)
		rc = card_transmit(h->card, cmd, &h->rsp);
	else if (rc < 0)
		return 1;
	/* what was broken off has no answer: the card is gone, as if its power had failed */
	if (rc < 0 || signals_gave_up())
		return failed(h, rc);
	if (h->remote && h->remote->answer(h->remote->ctx, cmd, &h->rsp) < 0)
		return 1;
	for (t = h->taps; t; t = t->next)
		t->exchange(t, cmd, buf_view(&h->rsp), &h->card->note);
	log_exchange(h, cmd);
	return host_send(h, fd);
}

static int
host_answer(struct host *h, int fd, struct view body)
{
	int rc = 0;

	if (body.n > 0 && !h->link->asked) {
		link_asked(h->link);
		host_tell(h, HOST_CONNECTED, "");
	}
	if (body.n == 1)
		rc = control(h, fd, body.p[0]);
	else if (body.n > 1)
		rc = host_command(h, fd, body);
	if (rc == 0 && body.n > 0)
		notify_ready();
	/* nothing of an exchange outlives it */
	buf_reset(&h->rsp);
	wire_wipe_taken(&h->in);
	return rc;
}

/* --- one connection ------------------------------------------------------- */

/* Is the card to be taken from the reader? What was done meanwhile counts, too. */
static bool
withdrawn(const struct host *h)
{
	return signals_stop() || signals_removals() != h->removals;
}

void
host_set_out(struct host *h, bool out, const char *why)
{
	if (out && !h->why)
		h->why = why;
	signals_set_out(out);
}

bool
host_is_out(const struct host *h)
{
	return signals_out() || h->locked;
}

/* Whether the card is there; it takes note of the card's news. */
static int
present(struct host *h)
{
	return card_event(h->card, &h->link->watch[WATCH_CARD].fd);
}

static void
watch_remote(struct host *h)
{
	if (h->remote)
		h->link->n_watch = WATCH_REMOTE +
				   h->remote->watch(h->remote->ctx, h->link->watch + WATCH_REMOTE);
}

static int64_t
monotonic_us(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000000 + ts.tv_nsec / 1000;
}

/* The reader goes before: it waits for an answer, and whoever commands the card does not mind. */
static void
serve_remote(struct host *h, bool reader_waits)
{
	struct link *l = h->link;
	bool ready = false;
	int64_t began;
	unsigned i;

	for (i = WATCH_REMOTE; i < l->n_watch; i++)
		ready = ready || l->watch[i].revents;
	if (!ready || (reader_waits && ++h->passed < PASSED_MAX))
		return;
	h->passed = 0;
	began = monotonic_us();
	h->remote->serve(h->remote->ctx, l->watch + WATCH_REMOTE, l->n_watch - WATCH_REMOTE);
	watch_remote(h);
	/* of those who ask without end, only so much of the time */
	if (h->connected)
		l->others_from = wire_now() + 1 + (monotonic_us() - began) * REST / 1000;
}

/* Something is ready that is not the connection: is the card to leave it? */
static bool
host_may_leave(void *ctx)
{
	struct host *h = ctx;

	signals_clear(h->signals);
	serve_remote(h, h->link->has_bytes);
	return withdrawn(h) || present(h) <= 0;
}

/* Serve until the connection ends. Positive: the card leaves; negative: the link broke. */
static int
host_serve(struct host *h, int fd)
{
	const uint8_t *body;
	size_t len;
	int rc;

	for (;;) {
		while (wire_next(&h->in, &body, &len)) {
			rc = host_answer(h, fd, view_of(body, len));
			if (rc != 0)
				return rc;
			if (withdrawn(h))
				return -EINTR;
		}
		rc = link_wait(h->link, fd);
		if (rc == 0)
			rc = wire_fill(&h->in, fd, MSG_DONTWAIT);
		if (rc < 0 && rc != -EAGAIN)
			return rc;
	}
}

/* A lost connection is power off: everything volatile is forgotten. */
static void
hang_up(struct host *h, int fd)
{
	close(fd);
	host_power(h, CARD_POWER_OFF);
	wire_wipe(&h->in);
	buf_free(&h->rsp);
}

static int
connection(struct host *h, int fd)
{
	bool asked;
	int rc;

	h->connected = true;
	rc = host_serve(h, fd);
	asked = h->link->asked;
	hang_up(h, fd);
	h->connected = false;
	if (asked)
		host_tell(h, HOST_DISCONNECTED,
			  rc == -EINTR ? "removed"
			  : rc > 0     ? "card"
				       : "reader");
	if (rc == -EINTR) {
		link_hurry(h->link);
		return 0;
	}
	if (rc > 0)
		link_pause(h->link, h->back);
	else
		link_lost(h->link, rc);
	h->back = 0;
	return h->link->where.once ? -EPIPE : 0;
}

/* --- the card's days ------------------------------------------------------ */

/* Nothing is offered: wait for whatever may change that. */
static int
wait_for_news(struct host *h)
{
	if (poll(h->link->watch, h->link->n_watch, -1) < 0)
		return errno == EINTR ? 0 : -errno;
	serve_remote(h, false);
	return 0;
}

static int
offer(struct host *h)
{
	int fd = link_next(h->link), rc;

	if (fd == -EINTR)
		return 0;
	rc = fd >= 0 && h->found ? h->found(h->found_ctx) : fd;
	if (rc >= 0)
		return connection(h, fd);
	if (fd >= 0)
		close(fd);
	return rc;
}

/* The card comes or goes, and goes also where it is back at once. */
static void
note_presence(struct host *h, bool taken, bool in)
{
	bool was_in = h->offered;

	h->offered = in;
	if (was_in && (taken || !in))
		host_tell(h, HOST_REMOVED, !taken ? "card" : h->why ? h->why : "signal");
	if (in && (taken || !was_in))
		host_tell(h, HOST_INSERTED, "");
	h->why = NULL;
}

/* What is to be done now: 1 offer the card, 0 wait, negative: it will not come back. */
static int
host_next(struct host *h)
{
	unsigned removals = signals_removals();
	bool taken = removals != h->removals;
	int rc;

	if (taken)
		log_info(h->log, "the card is %s", host_is_out(h) ? "out" : "back");
	h->removals = removals;
	rc = present(h);
	if (rc < 0)
		log_error(h->log, "the card will not come back");
	rc = rc > 0 && host_is_out(h) ? 0 : rc;
	note_presence(h, taken, rc > 0);
	return rc;
}

int
host_run(struct host *h)
{
	int rc = 0;

	wire_init(&h->in, h->rx, sizeof(h->rx));
	h->rsp = (struct buf) BUF(CARD_RESPONSE_MAX);
	h->link->watch[WATCH_SIGNALS] = (struct pollfd) { .fd = h->signals, .events = POLLIN };
	h->link->watch[WATCH_CARD] = (struct pollfd) { .fd = -1, .events = POLLIN };
	h->link->n_watch = WATCH_REMOTE;
	watch_remote(h);
	h->link->leave = host_may_leave;
	h->link->leave_ctx = h;
	/* nobody can say when somebody will call, or put the card in */
	if (h->link->where.reversed || host_is_out(h))
		notify_ready();
	while (rc >= 0) {
		signals_clear(h->signals);
		if (signals_stop())
			break;
		rc = host_next(h);
		if (rc == 0)
			rc = wait_for_news(h);
		else if (rc > 0)
			rc = offer(h);
	}
	buf_free(&h->rsp);
	return signals_stop() ? 0 : rc;
}
