/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "slot.h"

#include <errno.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "log.h"

#define NO_PROTOCOL (-1u)

int
slot_open(struct slot *s, struct reader *r, unsigned k)
{
	struct door *door = &r->doors[r->name.shared ? 0 : k];

	s->reader = r;
	s->k = k;
	s->fd = -1;
	s->protocol = NO_PROTOCOL;
	wire_init(&s->in, s->rx, sizeof(s->rx));
	s->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (s->wake < 0)
		return -errno;
	pthread_mutex_init(&s->talk, NULL);
	pthread_mutex_init(&s->lock, NULL);
	if (k == 0 || !r->name.shared)
		door_open(door, &r->name, k);
	pad_open(&s->pad, &r->name, k);
	atomic_store(&s->door, door);
	return 0;
}

static void
wake(struct slot *s)
{
	/* fails only when it is set already */
	eventfd_write(s->wake, 1);
}

static enum slot_state
slot_state_now(struct slot *s)
{
	return (enum slot_state)atomic_load(&s->state);
}

/* With a shared door, whose turn it is to watch depends on all the others. */
static void
wake_others(struct slot *s)
{
	unsigned i;

	for (i = 0; s->reader->name.shared && i < s->reader->name.slots; i++) {
		if (i != s->k && atomic_load(&s->reader->slots[i].door))
			wake(&s->reader->slots[i]);
	}
}

void
slot_shut(struct slot *s)
{
	pad_end(&s->pad);
	pthread_mutex_lock(&s->lock);
	if (s->fd >= 0)
		shutdown(s->fd, SHUT_RDWR);
	pthread_mutex_unlock(&s->lock);
	slot_stop(s);
}

void
slot_free(struct slot *s)
{
	if (!s->door)
		return;
	if (s->fd >= 0)
		close(s->fd);
	wire_wipe(&s->in);
	if (s->k == 0 || !s->reader->name.shared)
		door_close(s->door);
	pad_close(&s->pad);
	close(s->wake);
	pthread_mutex_destroy(&s->talk);
	pthread_mutex_destroy(&s->lock);
	s->door = NULL;
}

/* --- coming and going ----------------------------------------------------- */

/*
 * The card is lost, for this reason (NULL: it left by itself). Whoever finds out
 * ends the connection, so that every other thread does, too. The caller is the
 * waiting thread, or holds talk: the descriptor cannot be closed meanwhile.
 */
static void
lose(struct slot *s, const char *why)
{
	char endpoint[NAME_TEXT_SIZE];
	int present = SLOT_PRESENT;

	if (!atomic_compare_exchange_strong(&s->state, &present, SLOT_DEAD))
		return;
	shutdown(s->fd, SHUT_RDWR);
	wake(s);
	name_endpoint(&s->reader->name, s->k, endpoint);
	if (why)
		log_error("%s: slot %u: the card was dropped: %s", endpoint, s->k, why);
	else
		log_info("%s: slot %u: the card has left", endpoint, s->k);
}

/* The host knows that the card is gone: make room for another. */
static void
release(struct slot *s)
{
	pthread_mutex_lock(&s->talk);
	wire_wipe(&s->in);
	pthread_mutex_lock(&s->lock);
	close(s->fd);
	s->fd = -1;
	s->atr_len = 0;
	s->protocol = NO_PROTOCOL;
	pthread_mutex_unlock(&s->lock);
	pthread_mutex_unlock(&s->talk);
	door_reopen(s->door);
	atomic_store(&s->state, SLOT_EMPTY);
	wake_others(s);
}

static void
insert(struct slot *s, const struct arrival *a)
{
	struct timeval patience = { .tv_sec = s->reader->name.timeout_s };
	char endpoint[NAME_TEXT_SIZE];

	setsockopt(a->fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	pthread_mutex_lock(&s->lock);
	s->fd = a->fd;
	memcpy(s->atr, a->atr, a->atr_len);
	s->atr_len = a->atr_len;
	pthread_mutex_unlock(&s->lock);
	atomic_store(&s->state, SLOT_PRESENT);
	name_endpoint(&s->reader->name, s->k, endpoint);
	log_info("%s: slot %u: a card has come", endpoint, s->k);
	wake_others(s);
}

static bool
is_waiting_thread(const struct slot *s)
{
	return atomic_load(&s->waited) && pthread_equal(atomic_load(&s->waiter), pthread_self());
}

/*
 * pcscd calls, and writes down what it makes of a call, on threads of its own and with no
 * lock; its waiting thread, which knows better, writes only when something changes. What
 * was written last would stand until the next card comes or goes. So:
 *
 * - after a call that failed pcscd writes that the card is out, or mute: no other comes
 *   in while that can be. Nor after one that succeeded: of the next one it may have seen
 *   already that it belongs to a session with this very card, and may be on its way here;
 * - after one that powers the card, also in vain, that it is there, or mute: while that
 *   can be, nobody is told that it is lost.
 */
static void
rest(struct slot *s)
{
	if (!is_waiting_thread(s))
		atomic_store(&s->rest_until, wire_now() + SLOT_REST_MS);
}

static void
hold_begin(struct slot *s)
{
	if (!is_waiting_thread(s))
		atomic_store(&s->hold_until, INT64_MAX);
}

static void
hold_end(struct slot *s)
{
	if (is_waiting_thread(s))
		return;
	atomic_store(&s->hold_until, wire_now() + SLOT_REST_MS);
	if (slot_state_now(s) == SLOT_DEAD)
		wake(s); /* now it can tell until when */
}

/* Whether that time is still to come; then nothing is awaited beyond it. */
static bool
is_before(const struct slot *s, _Atomic int64_t *time, int64_t *until)
{
	int64_t t = atomic_load(time);

	if (!atomic_load(&s->reader->polled) || wire_now() >= t)
		return false;
	if (t < *until)
		*until = t;
	return true;
}

static bool
rests(struct slot *s, int64_t *until)
{
	return is_before(s, &s->rest_until, until);
}

static bool
holds(struct slot *s, int64_t *until)
{
	return is_before(s, &s->hold_until, until);
}

/* How many slots from the first are in this state. */
static unsigned
leading(const struct reader *r, enum slot_state wanted, bool same)
{
	unsigned i;

	for (i = 0; i < r->name.slots; i++) {
		if ((atomic_load(&r->slots[i].state) == (int)wanted) != same)
			break;
	}
	return i;
}

/* EMPTY: is it for this slot to let cards in? With a shared door, for the lowest empty one. */
static bool
watches(const struct slot *s)
{
	return !s->reader->name.shared || leading(s->reader, SLOT_EMPTY, false) == s->k;
}

/*
 * PRESENT: is it for this slot to close the surplus? With a shared door, for the first,
 * when all are full.
 */
static bool
turns_away(const struct slot *s)
{
	return !s->reader->name.shared ||
	       (s->k == 0 && leading(s->reader, SLOT_PRESENT, true) == s->reader->name.slots);
}

/* What this slot waits for now: its own wake-up first, then the card or the door. */
static unsigned
pollfds(struct slot *s, struct pollfd *fds, int64_t *until)
{
	unsigned n = 0;

	fds[n++] = (struct pollfd) { .fd = s->wake, .events = POLLIN };
	switch (slot_state_now(s)) {
	case SLOT_EMPTY:
		if (!rests(s, until) && watches(s))
			n += door_pollfds(s->door, fds + n, false, until);
		break;
	case SLOT_PRESENT:
		/* not for data: an answer on its way to another thread is not our business */
		fds[n++] = (struct pollfd) { .fd = s->fd, .events = POLLRDHUP };
		if (turns_away(s))
			n += door_pollfds(s->door, fds + n, true, until);
		break;
	case SLOT_DEAD:
		holds(s, until);
		break;
	}
	return n;
}

/* What has happened. True: the host has to know. */
static bool
happened(struct slot *s, const struct pollfd *fds)
{
	int64_t until = INT64_MAX;
	struct arrival a;
	eventfd_t n;

	if (fds[0].revents)
		eventfd_read(s->wake, &n);
	switch (slot_state_now(s)) {
	case SLOT_EMPTY:
		if (rests(s, &until) || !watches(s) || !door_step(s->door, &a))
			return false;
		insert(s, &a);
		/* whoever else was at the door is too late */
		if (turns_away(s))
			door_turn_away(s->door);
		return true;
	case SLOT_PRESENT:
		if (fds[1].fd == s->fd && fds[1].revents) {
			lose(s, NULL);
			return !holds(s, &until);
		}
		if (turns_away(s))
			door_turn_away(s->door);
		return false;
	case SLOT_DEAD:
		return !holds(s, &until);
	}
	return false;
}

static int
milliseconds_until(int64_t t)
{
	int64_t left = t - wire_now();

	return left < 0 ? 0 : left > INT32_MAX ? INT32_MAX : (int)left;
}

/* One sleep, and what comes of it. True: the host has to know. */
static bool
turn(struct slot *s, int64_t deadline)
{
	struct pollfd fds[2 + DOOR_POLLFDS] = { 0 };
	int64_t until = deadline;
	unsigned n;

	n = pollfds(s, fds, &until);
	if (poll(fds, n, milliseconds_until(until)) < 0) {
		if (errno != EINTR)
			usleep(10000); /* no memory: it will not last */
		return false;
	}
	return happened(s, fds);
}

/*
 * A card that died is let go of when the host, in a whole round on its waiting
 * thread, was told of nothing else. pcscd asks more than once in a round, and
 * acts on one of the answers only.
 */
void
slot_wait(struct slot *s, int timeout_ms)
{
	int64_t deadline = wire_now() + timeout_ms, until = INT64_MAX;
	bool knows = s->told_absent && !s->told_present;

	atomic_store(&s->waiter, pthread_self());
	atomic_store(&s->waited, true);
	s->told_present = s->told_absent = false;
	if (slot_state_now(s) == SLOT_DEAD && !holds(s, &until)) {
		if (!knows)
			return;
		release(s);
	}
	while (!atomic_exchange(&s->stop, false)) {
		if (turn(s, deadline) || wire_now() >= deadline)
			return;
	}
}

void
slot_stop(struct slot *s)
{
	atomic_store(&s->stop, true);
	wake(s);
}

/* --- presence ------------------------------------------------------------- */

/* Has the card closed its end, and nobody noticed yet? */
static bool
has_left(struct slot *s)
{
	struct pollfd p = { .events = POLLRDHUP };
	int n;

	pthread_mutex_lock(&s->lock);
	p.fd = s->fd;
	n = poll(&p, 1, 0);
	pthread_mutex_unlock(&s->lock);
	return n == 1;
}

/*
 * A host that does not poll: the work of slot_wait is done here, and a card
 * that is on its way is waited for a little.
 */
static bool
present_unpolled(struct slot *s)
{
	int64_t now = wire_now(), deadline = now + SLOT_PRESENCE_MS;

	if (slot_state_now(s) != SLOT_DEAD)
		turn(s, now);
	while (slot_state_now(s) == SLOT_EMPTY && door_expects(s->door) && wire_now() < deadline)
		turn(s, deadline);
	if (slot_state_now(s) != SLOT_DEAD)
		return slot_state_now(s) == SLOT_PRESENT;
	release(s); /* with this answer the host knows */
	return false;
}

bool
slot_present(struct slot *s)
{
	int64_t until = INT64_MAX;
	bool present;

	if (!atomic_load(&s->reader->polled))
		return present_unpolled(s);
	present = slot_state_now(s) == SLOT_PRESENT && !has_left(s);
	if (is_waiting_thread(s)) {
		present = present || (slot_state_now(s) != SLOT_EMPTY && holds(s, &until));
		if (present)
			s->told_present = true;
		else
			s->told_absent = true;
	}
	return present;
}

/* --- conversation --------------------------------------------------------- */

/* Drop the card; what the caller is to be told of it. */
static int
drop(struct slot *s, int error, const char *why)
{
	wire_wipe(&s->in);
	lose(s, error == -EPIPE || error == -ECONNRESET ? NULL : why);
	return error == -ETIMEDOUT ? -ETIMEDOUT : -ENODEV;
}

/*
 * Begin: is there a card, and is it silent? What it says unasked could pass for
 * the answer to the next command.
 */
static int
slot_begin(struct slot *s)
{
	uint8_t stray;
	ssize_t n;

	if (slot_state_now(s) != SLOT_PRESENT)
		return -ENODEV;
	n = recv(s->fd, &stray, 1, MSG_PEEK | MSG_DONTWAIT);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return 0;
	return drop(s, n > 0 ? -EPROTO : -EPIPE, "it spoke unasked");
}

static const char *
reason(int error)
{
	if (error == -ETIMEDOUT)
		return "it did not answer in time";
	if (error == -EPROTO)
		return "it answered out of turn";
	return strerror(-error);
}

/*
 * The one answer to what was sent: all of it, and nothing after it. wait_first
 * leaves the first wait to SO_RCVTIMEO, which spares a poll(2) per command; it
 * is the whole timeout, however much of that is gone.
 */
static int
slot_answer(struct slot *s, bool wait_first, int64_t deadline, const uint8_t **body, size_t *len)
{
	int rc = 0;

	if (wait_first)
		rc = wire_fill(&s->in, s->fd, 0);
	if (rc == 0)
		rc = wire_receive(&s->in, s->fd, milliseconds_until(deadline), body, len);
	if (rc == -EAGAIN)
		rc = -ETIMEDOUT;
	if (rc == 0 && wire_pending(&s->in) > 0)
		rc = -EPROTO;
	return rc;
}

int
slot_power_off(struct slot *s)
{
	static const uint8_t off = WIRE_POWER_OFF;

	pthread_mutex_lock(&s->talk);
	hold_begin(s);
	if (slot_state_now(s) == SLOT_PRESENT &&
	    wire_send_controls(s->fd, &off, 1, SLOT_POWER_MS) < 0)
		lose(s, NULL);
	rest(s);
	hold_end(s);
	pthread_mutex_unlock(&s->talk);
	return 0;
}

/*
 * What it answers to power on or reset; by the entry, that it has not to be asked, or not to
 * answer.
 */
static int
ask_power(struct slot *s, enum wire_control how, const uint8_t **body, size_t *len)
{
	const uint8_t controls[] = { (uint8_t)how, WIRE_ATR };
	const struct name *n = &s->reader->name;
	int64_t deadline = wire_now() + SLOT_POWER_MS;
	int rc;

	rc = wire_send_controls(s->fd, controls, n->atr_from == NAME_ATR_ASKED ? 2 : 1,
				SLOT_POWER_MS);
	if (rc < 0 || n->atr_from != NAME_ATR_FIXED)
		return rc < 0 ? rc : slot_answer(s, false, deadline, body, len);
	*body = n->atr;
	*len = n->atr_len;
	return 0;
}

static int
power_up(struct slot *s, enum wire_control how, uint8_t atr[ATR_MAX], size_t *len)
{
	const uint8_t *body;
	int rc;

	rc = slot_begin(s);
	if (rc < 0)
		return rc;
	rc = ask_power(s, how, &body, len);
	if (rc < 0)
		return drop(s, rc, reason(rc));
	if (*len == 1 && *body == WIRE_MUTE) {
		/* it has no ATR: it stays, and the host shows it as mute */
		wire_wipe(&s->in);
		return -ENOMSG;
	}
	if (*len == 0)
		return drop(s, -EPIPE, NULL); /* the card says that it is out */
	if (!atr_plausible(body, *len))
		return drop(s, -EPROTO, "its ATR is none");
	memcpy(atr, body, *len);
	wire_wipe(&s->in);
	pthread_mutex_lock(&s->lock);
	memcpy(s->atr, atr, *len);
	s->atr_len = *len;
	s->protocol = NO_PROTOCOL;
	pthread_mutex_unlock(&s->lock);
	return 0;
}

int
slot_power_up(struct slot *s, enum wire_control how, uint8_t atr[ATR_MAX], size_t *len)
{
	int rc;

	pthread_mutex_lock(&s->talk);
	hold_begin(s);
	rc = power_up(s, how, atr, len);
	if (rc < 0)
		*len = 0;
	rest(s);
	hold_end(s);
	pthread_mutex_unlock(&s->talk);
	return rc;
}

static int
transmit(struct slot *s, const uint8_t *cmd, size_t cmd_len, uint8_t *rsp, size_t room, size_t *len)
{
	int ms = (int)s->reader->name.timeout_s * 1000;
	int64_t deadline = wire_now() + ms;
	const uint8_t *body;
	int rc;

	rc = slot_begin(s);
	if (rc < 0)
		return rc;
	rc = wire_send(s->fd, cmd, cmd_len, ms);
	if (rc == 0)
		rc = slot_answer(s, ms - milliseconds_until(deadline) < ms / 20, deadline, &body,
				 len);
	if (rc < 0)
		return drop(s, rc, reason(rc));
	if (*len < 2)
		return drop(s, -EPROTO, "its answer has no status word");
	if (*len > room)
		return drop(s, -EPROTO, "its answer is longer than the host can take");
	memcpy(rsp, body, *len);
	wire_wipe(&s->in);
	return 0;
}

int
slot_transmit(struct slot *s, const uint8_t *cmd, size_t cmd_len, uint8_t *rsp, size_t *rsp_len)
{
	size_t room = *rsp_len;
	int rc;

	*rsp_len = 0;
	if (cmd_len < 1 || cmd_len > WIRE_BODY_MAX)
		return -EINVAL;
	pthread_mutex_lock(&s->talk);
	if (cmd_len > 1) {
		rc = transmit(s, cmd, cmd_len, rsp, room, rsp_len);
	} else if (slot_state_now(s) == SLOT_PRESENT && room >= 2) {
		/* on the wire it would be a control: 7816-4, 5.1, it is no command */
		memcpy(rsp, "\x67\x00", *rsp_len = 2);
		rc = 0;
	} else {
		rc = -ENODEV;
	}
	if (rc < 0)
		*rsp_len = 0;
	rest(s);
	pthread_mutex_unlock(&s->talk);
	return rc;
}

/*
 * Ask the pad, then the card: a status word of our own, 0 when the response is the card's, or
 * negative.
 */
static int
enter_pin(struct slot *s, uint8_t *rsp, size_t room, size_t *len)
{
	struct pad *p = &s->pad;
	int rc;

	rc = slot_begin(s);
	if (rc == 0)
		rc = pad_ask(p, s->fd);
	if (rc == 0)
		rc = pinblock_fill(&p->block, p->answer.pins);
	if (rc == 0)
		rc = transmit(s, p->block.cmd, p->block.cmd_len, rsp, room, len);
	return rc;
}

int
slot_enter_pin(struct slot *s, bool modify, const uint8_t *in, size_t in_len, uint8_t *rsp,
	       size_t *rsp_len)
{
	size_t room = *rsp_len;
	int rc;

	*rsp_len = 0;
	if (room < 2)
		return -ENOSPC;
	pthread_mutex_lock(&s->talk);
	rc = pinblock_read(&s->pad.block, modify, in, in_len);
	if (rc == 0)
		rc = enter_pin(s, rsp, room, rsp_len);
	if (rc > 0) {
		rsp[0] = (uint8_t)(rc >> 8);
		rsp[1] = (uint8_t)rc;
		*rsp_len = 2;
	}
	if (rc < 0)
		*rsp_len = 0;
	pad_done(&s->pad, rc < 0 ? 0 : (unsigned)rsp[*rsp_len - 2] << 8 | rsp[*rsp_len - 1]);
	rest(s);
	pthread_mutex_unlock(&s->talk);
	return rc < 0 ? rc : 0;
}

/* --- ATR ------------------------------------------------------------------ */

size_t
slot_atr(struct slot *s, uint8_t atr[ATR_MAX])
{
	size_t len = 0;

	pthread_mutex_lock(&s->lock);
	if (slot_state_now(s) == SLOT_PRESENT) {
		len = s->atr_len;
		memcpy(atr, s->atr, len);
	}
	pthread_mutex_unlock(&s->lock);
	return len;
}

void
slot_protocols(struct slot *s, unsigned *offered, unsigned *current)
{
	uint8_t atr[ATR_MAX];
	size_t len = slot_atr(s, atr);

	*offered = len ? atr_protocols(atr, len) : 0;
	pthread_mutex_lock(&s->lock);
	*current = len && s->protocol != NO_PROTOCOL ? 1u << s->protocol : 0;
	pthread_mutex_unlock(&s->lock);
}

bool
slot_set_protocol(struct slot *s, unsigned t)
{
	unsigned offered, current;

	slot_protocols(s, &offered, &current);
	if (t > 1 || !(offered & 1u << t))
		return false;
	pthread_mutex_lock(&s->lock);
	s->protocol = t;
	pthread_mutex_unlock(&s->lock);
	return true;
}
