/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/link.h"

#include <errno.h>
#include <poll.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "daemon/address.h"
#include "wire.h"

enum { SAID_NOTHING, SAID_REFUSED, SAID_BUSY, SAID_GONE, SAID_SILENT, SAID_UNTRUSTED, SAID_OTHER };

void
endpoint_text(const struct endpoint *e, char text[LINK_TEXT])
{
	const char *host = e->host ? e->host : "localhost";

	if (e->path[0])
		snprintf(text, LINK_TEXT, "%s", e->path);
	else
		snprintf(text, LINK_TEXT, strchr(host, ':') ? "[%s]:%u" : "%s:%u", host, e->port);
}

/* --- at start ------------------------------------------------------------- */

static int
resolve(struct link *l)
{
	const char *host = l->where.host;
	const struct addrinfo *a;
	int rc;

	rc = net_resolve(host, l->where.port, &l->addresses);
	if (rc != 0) {
		l->addresses = NULL;
		log_error(l->log, "cannot resolve host \"%s\": %s", host ? host : "localhost",
			  rc == EAI_SYSTEM ? strerror(errno) : gai_strerror(rc));
		return -EHOSTUNREACH;
	}
	l->local = true;
	for (a = l->addresses; a && l->local; a = a->ai_next)
		l->local = address_is_local(a->ai_addr);
	return 0;
}

static int
listen_here(struct link *l)
{
	const char *host = l->where.host;
	int rc;

	if (host && strcasecmp(host, "localhost") == 0)
		host = NULL;
	if (l->where.path[0])
		rc = l->listeners[0] = net_listen_unix(l->where.path, 0600, (gid_t)-1);
	else
		rc = net_listen_tcp(host, l->where.port, l->listeners);
	if (rc >= 0) {
		l->n_listeners = l->where.path[0] ? 1 : (unsigned)rc;
		return 0;
	}
	if (rc == -EADDRINUSE)
		log_error(l->log, "%s is taken: choose another with %s", l->text,
			  l->where.path[0] ? "--unix" : "--port");
	else if (rc == -EINVAL)
		log_error(l->log,
			  "\"%s\" is not an address to listen on: --hostname wants a numeric one",
			  host);
	else
		log_error(l->log, "cannot listen on %s: %s", l->text, strerror(-rc));
	return rc;
}

/* The user that newer versions of pcscd run as; our own where there is none. */
static uid_t
user_of_pcscd(void)
{
	const struct passwd *user = getpwnam("pcscd");

	return user ? user->pw_uid : geteuid();
}

int
link_open(struct link *l, const struct endpoint *where, const struct log *log)
{
	*l = (struct link) { .where = *where, .log = log };
	endpoint_text(&l->where, l->text);
	autostart_init(&l->autostart, log);
	l->pcscd = user_of_pcscd();
	if (l->where.reversed)
		return listen_here(l);
	if (!l->where.path[0])
		return resolve(l);
	l->local = true;
	return 0;
}

void
link_close(struct link *l)
{
	while (l->n_listeners > 0)
		close(l->listeners[--l->n_listeners]);
	if (l->where.reversed && l->where.path[0])
		unlink(l->where.path);
	if (l->addresses)
		freeaddrinfo(l->addresses);
	l->addresses = NULL;
	autostart_free(&l->autostart);
}

/* --- waiting -------------------------------------------------------------- */

/* Whether those are not looked at for now that the reader goes before. */
static bool
others_wait(struct link *l)
{
	if (l->others_from > 0 && wire_now() >= l->others_from)
		l->others_from = 0;
	return l->others_from > 0 && l->n_watch > LINK_WATCH_FIRST;
}

/*
 * poll(2) for the n first of p (there is room for LINK_WATCH more) and what the
 * owner watches. How many of the n are ready, or -EINTR: the owner wants to leave.
 */
static int
link_watch(struct link *l, struct pollfd *p, unsigned n, int timeout_ms)
{
	unsigned watched = l->n_watch, i;
	int ready, own = 0;

	if (others_wait(l)) {
		watched = LINK_WATCH_FIRST;
		if (timeout_ms < 0 || timeout_ms > LINK_QUIET_MS)
			timeout_ms = LINK_QUIET_MS;
	}
	memcpy(p + n, l->watch, watched * sizeof(*p));
	ready = poll(p, n + watched, timeout_ms);
	if (ready < 0)
		return errno == EINTR ? 0 : -errno;
	if (ready == 0)
		l->others_from = 0;
	for (i = 0; i < n; i++)
		own += p[i].revents != 0;
	if (ready == own)
		return own;
	for (i = watched; i < l->n_watch; i++)
		l->watch[i].revents = 0;
	memcpy(l->watch, p + n, watched * sizeof(*p));
	l->has_bytes = own > 0;
	return l->leave(l->leave_ctx) ? -EINTR : own;
}

/*
 * Wait for events on fd (-1: for none) until t (negative: for ever). 0 when they
 * are there, -EINTR when the owner wants to leave, -ETIMEDOUT.
 */
static int
link_await(struct link *l, int fd, short events, int64_t t)
{
	struct pollfd p[1 + LINK_WATCH] = { { .fd = fd, .events = events } };
	int64_t left;
	int n;

	for (;;) {
		left = t < 0 ? -1 : t - wire_now();
		n = link_watch(l, p, 1, t >= 0 && left < 0 ? 0 : (int)left);
		if (n != 0)
			return n < 0 ? n : 0;
		if (t >= 0 && wire_now() >= t)
			return -ETIMEDOUT;
	}
}

/* Said once for each thing that is wrong, until the reader asks again. */
static bool
new_trouble(struct link *l, int what)
{
	/* where a reader has gone away, that nobody listens is no news */
	bool is_new = l->said != what && !(l->said == SAID_GONE && what == SAID_REFUSED);

	if (is_new)
		l->said = what;
	return is_new;
}

void
link_pause(struct link *l, int ms)
{
	l->pause = l->pause == 0 ? LINK_FIRST_MS : l->pause * 2;
	if (l->pause > LINK_LAST_MS)
		l->pause = LINK_LAST_MS;
	l->not_before = wire_now() + (ms > 0 ? ms : l->pause);
}

void
link_hurry(struct link *l)
{
	l->pause = 0;
	l->not_before = 0;
}

/* --- connecting ----------------------------------------------------------- */

static int
finish_connect(struct link *l, int fd)
{
	int rc;

	if (fd < 0)
		return fd;
	rc = link_await(l, fd, POLLOUT, wire_now() + LINK_CONNECT_MS);
	if (rc == 0)
		rc = net_connected(fd);
	if (rc == 0)
		return fd;
	close(fd);
	return rc;
}

/*
 * Who is the reader? It gets the PINs, so it has to be root, pcscd, or ourselves. Of a port
 * nobody can tell; of a unix socket the kernel knows who listens, or has connected.
 */
static int
check_peer(struct link *l, int fd)
{
	struct ucred peer;
	socklen_t len = sizeof(peer);

	if (!l->where.path[0])
		return fd;
	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &len) == 0 &&
	    (peer.uid == 0 || peer.uid == geteuid() || peer.uid == l->pcscd))
		return fd;
	close(fd);
	if (new_trouble(l, SAID_UNTRUSTED))
		log_error(l->log,
			  "%s: not trusted: the reader there is a program of user %u, not of root, "
			  "of user pcscd, or of yours",
			  l->text, (unsigned)peer.uid);
	return -EKEYREJECTED;
}

static int
connect_once(struct link *l)
{
	const struct addrinfo *a;
	int rc = -EHOSTUNREACH, first = 0;

	if (l->where.path[0])
		return finish_connect(l, net_connect_unix(l->where.path));
	for (a = l->addresses; a; a = a->ai_next) {
		rc = finish_connect(l, net_connect(a->ai_addr, a->ai_addrlen));
		if (rc >= 0 || rc == -EINTR)
			return rc;
		/* refused says more than a family that the machine lacks */
		if (first == 0 || rc == -ECONNREFUSED)
			first = rc;
	}
	return first ? first : rc;
}

/* What a waiting vicc only mentions is the end of one that tries once. */
#define log_loss(l, ...) ((l)->where.once ? log_error : log_notice)((l)->log, __VA_ARGS__)

static bool
is_refusal(int error)
{
	return error == -ECONNREFUSED || error == -ENOENT;
}

/* It did not work: say so once, start pcscd, which might listen. */
static void
link_explain(struct link *l, int error)
{
	const char *then = l->where.once ? "" : "; waiting for it";

	if (error == -EKEYREJECTED)
		return; /* said, with who it is */
	if (is_refusal(error)) {
		if (new_trouble(l, SAID_REFUSED))
			log_loss(l, "%s: no reader there%s%s", l->text,
				 l->local ? " (is pcscd there, with vpcd?)" : "", then);
	} else if (new_trouble(l, SAID_OTHER)) {
		log_error(l->log, "%s: cannot connect: %s%s", l->text, strerror(-error), then);
	}
}

static int
next_connection(struct link *l)
{
	int rc;

	for (;;) {
		rc = link_await(l, -1, 0, l->not_before);
		if (rc != -ETIMEDOUT)
			return rc;
		rc = connect_once(l);
		if (rc >= 0)
			rc = check_peer(l, rc);
		if (rc >= 0 || rc == -EINTR)
			return rc;
		if (is_refusal(rc) && l->local && !l->where.once)
			autostart_pcscd(&l->autostart);
		link_explain(l, rc);
		if (l->where.once)
			return rc;
		link_pause(l, 0);
	}
}

/* The first listener that has something, or -EINTR. */
static int
ready_listener(struct link *l)
{
	struct pollfd p[NET_LISTENERS + LINK_WATCH];
	unsigned i;
	int n;

	for (i = 0; i < l->n_listeners; i++)
		p[i] = (struct pollfd) { .fd = l->listeners[i], .events = POLLIN };
	do {
		n = link_watch(l, p, l->n_listeners, -1);
	} while (n == 0);
	if (n < 0)
		return n;
	for (i = 0; !p[i].revents; i++)
		;
	return p[i].fd;
}

static int
next_caller(struct link *l)
{
	int rc;

	for (;;) {
		rc = link_await(l, -1, 0, l->not_before);
		if (rc != -ETIMEDOUT)
			return rc;
		rc = ready_listener(l);
		if (rc < 0)
			return rc;
		rc = net_accept(rc);
		if (rc >= 0)
			rc = check_peer(l, rc);
		if (rc >= 0)
			return rc;
		/* it has gone again, or we have no descriptor left for a while */
		if (rc != -EAGAIN && rc != -ECONNABORTED && rc != -EINTR)
			link_pause(l, 0);
	}
}

int
link_next(struct link *l)
{
	l->asked = false;
	return l->where.reversed ? next_caller(l) : next_connection(l);
}

/* Somebody called and says nothing; nobody knows that it is a reader. */
static int
wait_or_displace(struct link *l, int fd)
{
	struct pollfd p[1 + NET_LISTENERS + LINK_WATCH] = { { .fd = fd, .events = POLLIN } };
	unsigned i;
	int n;

	for (i = 0; i < l->n_listeners; i++)
		p[1 + i] = (struct pollfd) { .fd = l->listeners[i], .events = POLLIN };
	do {
		n = link_watch(l, p, 1 + l->n_listeners, -1);
	} while (n == 0);
	if (n < 0)
		return n;
	return p[0].revents ? 0 : -ECONNABORTED;
}

/* A reader asks for the ATR at once: what does not is hardly one. */
static int
wait_for_question(struct link *l, int fd)
{
	int rc = link_await(l, fd, POLLIN, wire_now() + LINK_UNASKED_MS);

	if (rc != -ETIMEDOUT)
		return rc;
	if (new_trouble(l, SAID_SILENT))
		log_notice(
			l->log,
			"%s: connected, but nothing has asked for the card in %d s: is a reader of vpcd there?",
			l->text, LINK_UNASKED_MS / 1000);
	return link_await(l, fd, POLLIN, -1);
}

int
link_wait(struct link *l, int fd)
{
	int rc;

	if (l->asked)
		return link_await(l, fd, POLLIN, -1);
	if (!l->where.reversed)
		return wait_for_question(l, fd);
	rc = link_await(l, fd, POLLIN, wire_now() + LINK_SILENT_MS);
	return rc == -ETIMEDOUT ? wait_or_displace(l, fd) : rc;
}

void
link_asked(struct link *l)
{
	if (l->asked)
		return;
	l->asked = true;
	l->said = SAID_NOTHING;
	link_hurry(l);
	autostart_rearm(&l->autostart);
	log_notice(l->log, "connected to %s%s", l->where.reversed ? "the reader, on " : "",
		   l->text);
}

/*
 * Accepted, and closed before it asked anything: that is how a reader says that it has a
 * card. One that ends resets whoever stands at its door.
 */
static void
log_busy(struct link *l)
{
	if (!new_trouble(l, SAID_BUSY))
		return;
	if (l->where.path[0])
		log_error(l->log,
			  "%s: the slot is busy, another card is in it: try another with --slot %u",
			  l->text, l->where.slot + 1);
	else
		log_error(
			l->log,
			"%s: the slot is busy, another card is in it: try the next with --slot %u",
			l->text, l->where.slot + 1);
}

void
link_lost(struct link *l, int error)
{
	bool ended =
		error == 0 || error == -EPIPE || error == -ECONNRESET || error == -ECONNABORTED;

	if (!ended)
		log_error(l->log, "%s: the connection broke: %s", l->text, strerror(-error));
	else if (!l->asked && !l->where.reversed && error != -ECONNRESET)
		log_busy(l);
	else if ((l->asked || !l->where.reversed) && (l->where.once || new_trouble(l, SAID_GONE)))
		log_loss(l, "%s: the reader has gone away%s", l->text,
			 l->where.once || l->where.reversed ? "" : "; waiting for it");
	if (!l->where.reversed)
		link_pause(l, 0);
}

/* --- sending -------------------------------------------------------------- */

static int
await_room(void *ctx, int fd)
{
	return link_await(ctx, fd, POLLOUT, -1);
}

int
link_send(struct link *l, int fd, const void *body, size_t len)
{
	return wire_send_waiting(fd, body, len, await_room, l);
}

int
link_send_bytes(struct link *l, int fd, const void *p, size_t n)
{
	const uint8_t *next = p;
	ssize_t sent;
	int rc = 0;

	while (n > 0 && rc == 0) {
		sent = send(fd, next, n, MSG_NOSIGNAL | MSG_DONTWAIT);
		if (sent < 0 && errno != EAGAIN && errno != EINTR)
			return -errno;
		if (sent > 0) {
			next += sent;
			n -= (size_t)sent;
		} else {
			rc = link_await(l, fd, POLLOUT, -1);
		}
	}
	return rc;
}
