/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "log.h"

/* Said once, until it has worked again. */
static void
door_complain(struct door *d, const char *what, const char *why)
{
	char endpoint[NAME_TEXT_SIZE];

	if (d->complained)
		return;
	d->complained = true;
	name_endpoint(d->name, d->k, endpoint);
	log_error("%s: cannot %s: %s; trying again", endpoint, what, why);
}

/* Why the door does not open: a group that cannot be set has a remedy. */
static const char *
listen_error(const struct name *n, int error)
{
	if (error == -EPERM && n->group != (gid_t)-1)
		return "pcscd may not set the group of the socket: make the folder setgid (chgrp, chmod g+s)";
	return strerror(-error);
}

static void
start_listening(struct door *d)
{
	const struct name *n = d->name;
	char endpoint[NAME_TEXT_SIZE];
	int rc;

	name_endpoint(n, d->k, endpoint);
	if (n->mode == NAME_UNIX) {
		rc = net_listen_unix(endpoint + strlen("unix:"), n->file_mode, n->group);
		d->listeners[0] = rc;
		rc = rc < 0 ? rc : 1;
	} else {
		rc = net_listen_tcp(n->address[0] ? n->address : NULL, (uint16_t)(n->port + d->k),
				    d->listeners);
	}
	if (rc < 0) {
		door_complain(d, "listen", listen_error(n, rc));
		d->rest_until = wire_now() + DOOR_LISTEN_RETRY_MS;
		return;
	}
	d->n_listeners = (unsigned)rc;
	d->complained = false;
	log_info("%s: waiting for a card", endpoint);
}

void
door_open(struct door *d, const struct name *name, unsigned k)
{
	unsigned i;

	*d = (struct door) { .name = name, .k = k, .backoff_ms = DOOR_BACKOFF_MIN_MS };
	pthread_mutex_init(&d->lock, NULL);
	for (i = 0; i < DOOR_CANDIDATES; i++)
		d->candidates[i].fd = -1;
	if (name->mode != NAME_CONNECT)
		start_listening(d);
}

static void
candidate_reject(struct candidate *c)
{
	if (c->fd < 0)
		return;
	close(c->fd);
	wire_wipe(&c->in);
	c->fd = -1;
}

static void
candidates_reject(struct door *d)
{
	unsigned i;

	for (i = 0; i < DOOR_CANDIDATES; i++)
		candidate_reject(&d->candidates[i]);
}

static void
forget_addresses(struct door *d)
{
	if (d->addresses)
		freeaddrinfo(d->addresses);
	d->addresses = d->next = NULL;
}

void
door_close(struct door *d)
{
	char endpoint[NAME_TEXT_SIZE];

	candidates_reject(d);
	forget_addresses(d);
	if (d->n_listeners > 0 && d->name->mode == NAME_UNIX) {
		name_endpoint(d->name, d->k, endpoint);
		unlink(endpoint + strlen("unix:"));
	}
	while (d->n_listeners > 0)
		close(d->listeners[--d->n_listeners]);
	pthread_mutex_destroy(&d->lock);
}

/* A free place, or that of the one who has been waiting longest. */
static struct candidate *
next_place(struct door *d)
{
	struct candidate *c, *oldest = &d->candidates[0];

	for (c = d->candidates; c < d->candidates + DOOR_CANDIDATES; c++) {
		if (c->fd < 0)
			return c;
		if (c->deadline < oldest->deadline)
			oldest = c;
	}
	return oldest;
}

/* When there is room for one more: the oldest goes, but not before it had a fair time. */
static int64_t
room_from(struct door *d)
{
	const struct candidate *c = next_place(d);

	return c->fd < 0 ? 0 : c->deadline - DOOR_CANDIDATE_MS + DOOR_FAIR_MS;
}

static void
ask_for_atr(const struct door *d, struct candidate *c)
{
	static const uint8_t get_atr = WIRE_ATR;

	c->connecting = false;
	c->deadline = wire_now() + DOOR_CANDIDATE_MS;
	if (d->name->atr_from == NAME_ATR_ASKED && wire_send_controls(c->fd, &get_atr, 1, 0) < 0)
		candidate_reject(c);
}

static struct candidate *
admit(struct door *d, int fd)
{
	struct candidate *c = next_place(d);

	candidate_reject(c);
	c->fd = fd;
	c->greeted = false;
	wire_init(&c->in, c->buf, sizeof(c->buf));
	return c;
}

/* The next peer of the backlog, or negative; too few descriptors: rest a while. */
static int
take_peer(struct door *d, int listener)
{
	int fd = net_accept(listener);

	if (fd < 0 && fd != -EAGAIN && fd != -ECONNABORTED && fd != -EINTR) {
		door_complain(d, "accept", strerror(-fd));
		d->rest_until = wire_now() + DOOR_LISTEN_RETRY_MS;
	}
	return fd;
}

/*
 * At most a full house at a time: the rest is still there for the next step. The listeners
 * take turns, so that many who call one of them do not keep out a card at the other.
 */
static void
accept_peers(struct door *d)
{
	unsigned n, in_vain = 0;
	int fd;

	for (n = 0;
	     n < DOOR_CANDIDATES && in_vain < d->n_listeners && room_from(d) <= wire_now();) {
		fd = take_peer(d, d->listeners[d->first++ % d->n_listeners]);
		if (fd < 0) {
			in_vain++;
			continue;
		}
		in_vain = 0;
		n++;
		d->complained = false;
		ask_for_atr(d, admit(d, fd));
	}
}

/* 0.25 s, then twice that, up to 2 s; a jitter, lest many readers knock in step. */
static void
back_off(struct door *d)
{
	unsigned ms = d->backoff_ms;

	forget_addresses(d);
	d->rest_until = wire_now() + ms + arc4random_uniform(ms / 5);
	d->backoff_ms = ms * 2 < DOOR_BACKOFF_MAX_MS ? ms * 2 : DOOR_BACKOFF_MAX_MS;
}

static bool
look_up(struct door *d)
{
	int rc;

	if (d->addresses)
		return true;
	rc = net_resolve(d->name->address, (uint16_t)(d->name->port + d->k), &d->addresses);
	if (rc != 0) {
		d->addresses = NULL;
		door_complain(d, "find the host", gai_strerror(rc));
		back_off(d);
		return false;
	}
	d->next = d->addresses;
	return true;
}

/* Reversed mode: knock at the host's next address. */
static void
knock(struct door *d)
{
	struct candidate *c;
	int fd;

	if (!look_up(d))
		return;
	while (d->next) {
		fd = net_connect(d->next->ai_addr, d->next->ai_addrlen);
		d->next = d->next->ai_next;
		if (fd < 0) {
			door_complain(d, "connect", strerror(-fd));
			continue;
		}
		c = admit(d, fd);
		c->connecting = true;
		c->deadline = wire_now() + DOOR_CONNECT_MS;
		return;
	}
	back_off(d);
}

static bool
is_empty(const struct door *d)
{
	unsigned i;

	for (i = 0; i < DOOR_CANDIDATES; i++) {
		if (d->candidates[i].fd >= 0)
			return false;
	}
	return true;
}

/* Has the connection been made? Either way it is settled, or still under way. */
static void
settle_connection(struct door *d, struct candidate *c)
{
	struct pollfd p = { .fd = c->fd, .events = POLLOUT };
	int rc;

	if (poll(&p, 1, 0) != 1)
		return;
	rc = net_connected(c->fd);
	if (rc < 0) {
		door_complain(d, "connect", strerror(-rc));
		candidate_reject(c);
		return;
	}
	d->complained = false;
	/* whoever answers here is the host: the other addresses are not tried */
	d->next = NULL;
	ask_for_atr(d, c);
}

/* Look at what the candidate says: true when it is a card. */
static bool
examine(struct candidate *c, struct arrival *a)
{
	const uint8_t *atr;
	size_t len;
	int rc = wire_fill(&c->in, c->fd, MSG_DONTWAIT);

	if (rc == -EAGAIN)
		return false;
	if (rc == 0 && !wire_next(&c->in, &atr, &len))
		return false;
	if (rc < 0 || wire_pending(&c->in) > 0 || !atr_plausible(atr, len)) {
		log_info("a peer showed no valid ATR and was closed");
		candidate_reject(c);
		return false;
	}
	memcpy(a->atr, atr, len);
	a->atr_len = len;
	a->fd = c->fd;
	wire_wipe(&c->in);
	c->fd = -1;
	return true;
}

/*
 * /atr=power: some begin with their ATR, or with one of length 0. Whether it may say what it
 * has said.
 */
static bool
may_greet(const struct door *d, struct candidate *c)
{
	const uint8_t *atr;
	size_t len;

	if (d->name->atr_from != NAME_ATR_POWER || c->greeted)
		return false;
	if (!wire_next(&c->in, &atr, &len))
		return true; /* the rest follows, in time */
	c->greeted = true;
	return (len == 0 || atr_plausible(atr, len)) && wire_pending(&c->in) == 0;
}

/* When one that is not asked has been there for long enough. */
static int64_t
silent_until(const struct candidate *c)
{
	return c->deadline - DOOR_CANDIDATE_MS + DOOR_SILENCE_MS;
}

/* Listen to one that is not asked: true when it is a card, by being there and silent. */
static bool
listen_to(const struct door *d, struct candidate *c, struct arrival *a)
{
	int rc = wire_fill(&c->in, c->fd, MSG_DONTWAIT);
	bool waits = wire_now() < silent_until(c);

	if ((rc < 0 ? rc != -EAGAIN : !may_greet(d, c)) || (!waits && wire_pending(&c->in) > 0)) {
		log_info("a peer left, or spoke unasked, and was closed");
		candidate_reject(c);
		return false;
	}
	if (waits)
		return false;
	memcpy(a->atr, d->name->atr, sizeof(a->atr));
	a->atr_len = d->name->atr_len;
	a->fd = c->fd;
	wire_wipe(&c->in);
	c->fd = -1;
	return true;
}

static bool
attend(struct door *d, struct candidate *c, struct arrival *a)
{
	if (c->connecting)
		settle_connection(d, c);
	else if (d->name->atr_from == NAME_ATR_ASKED ? examine(c, a) : listen_to(d, c, a))
		return true;
	if (c->fd >= 0 && wire_now() >= c->deadline)
		candidate_reject(c);
	return false;
}

/* Take in whoever is new. */
static void
look_outside(struct door *d)
{
	if (wire_now() < d->rest_until)
		return;
	if (d->name->mode == NAME_CONNECT) {
		if (is_empty(d))
			knock(d);
		return;
	}
	if (d->n_listeners == 0)
		start_listening(d);
	accept_peers(d);
}

/* Those who are in come first: a card that has answered is not displaced by a newcomer. */
static bool
step(struct door *d, struct arrival *a)
{
	unsigned i;

	for (i = 0; i < DOOR_CANDIDATES; i++) {
		if (d->candidates[i].fd >= 0 && attend(d, &d->candidates[i], a))
			return true;
	}
	look_outside(d);
	return false;
}

bool
door_step(struct door *d, struct arrival *a)
{
	bool came;

	pthread_mutex_lock(&d->lock);
	came = step(d, a);
	pthread_mutex_unlock(&d->lock);
	return came;
}

static void
log_busy(struct door *d)
{
	char endpoint[NAME_TEXT_SIZE];

	if (d->turned_away)
		return;
	d->turned_away = true;
	name_endpoint(d->name, d->k, endpoint);
	log_error("%s: busy: there is a card already, another one was rejected", endpoint);
}

void
door_turn_away(struct door *d)
{
	unsigned i;
	int fd;

	pthread_mutex_lock(&d->lock);
	if (!is_empty(d))
		log_busy(d);
	candidates_reject(d);
	for (i = 0; i < d->n_listeners && wire_now() >= d->rest_until; i++) {
		fd = take_peer(d, d->listeners[i]);
		if (fd >= 0) {
			log_busy(d);
			close(fd);
		}
	}
	pthread_mutex_unlock(&d->lock);
}

void
door_reopen(struct door *d)
{
	pthread_mutex_lock(&d->lock);
	d->turned_away = false;
	if (d->name->mode == NAME_CONNECT) {
		d->backoff_ms = DOOR_BACKOFF_MIN_MS;
		back_off(d);
	}
	pthread_mutex_unlock(&d->lock);
}

bool
door_expects(struct door *d)
{
	bool some;

	pthread_mutex_lock(&d->lock);
	some = d->name->mode == NAME_CONNECT || !is_empty(d);
	pthread_mutex_unlock(&d->lock);
	return some;
}

static void
earlier(int64_t *until, int64_t t)
{
	if (t < *until)
		*until = t;
}

/* The listeners, unless they have to rest until then. */
static unsigned
listener_pollfds(const struct door *d, struct pollfd *fds, int64_t rest, int64_t *until)
{
	unsigned i;

	if (wire_now() < rest) {
		earlier(until, rest);
		return 0;
	}
	for (i = 0; i < d->n_listeners; i++)
		fds[i] = (struct pollfd) { .fd = d->listeners[i], .events = POLLIN };
	return i;
}

static unsigned
candidate_pollfds(const struct door *d, struct pollfd *fds, int64_t *until)
{
	const struct candidate *c;
	unsigned n = 0;

	for (c = d->candidates; c < d->candidates + DOOR_CANDIDATES; c++) {
		if (c->fd < 0)
			continue;
		fds[n++] = (struct pollfd) {
			.fd = c->fd,
			.events = c->connecting ? POLLOUT : POLLIN | POLLRDHUP,
		};
		earlier(until, c->connecting || d->name->atr_from == NAME_ATR_ASKED
				       ? c->deadline
				       : silent_until(c));
	}
	return n;
}

/* Whether there is something to begin by itself: to listen again, to knock. */
static bool
must_begin(const struct door *d)
{
	return d->name->mode == NAME_CONNECT ? is_empty(d) : d->n_listeners == 0;
}

unsigned
door_pollfds(struct door *d, struct pollfd *fds, bool busy, int64_t *until)
{
	unsigned n = 0;
	int64_t rest;

	pthread_mutex_lock(&d->lock);
	rest = d->rest_until;
	if (!busy) {
		n = candidate_pollfds(d, fds, until);
		if (must_begin(d))
			earlier(until, rest);
		if (rest < room_from(d))
			rest = room_from(d);
	}
	if (d->n_listeners > 0)
		n += listener_pollfds(d, fds + n, rest, until);
	pthread_mutex_unlock(&d->lock);
	return n;
}
