/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "control/server.h"

#include <errno.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "net.h"

#define CHUNK 4096
#define PASSED_MAX 4 /* descriptors in one message that are looked at; the kernel drops others */

/* --- at start and end ---------------------------------------------------------- */

/* Nobody but us, or root, may put something else in its place. */
static int
check_folder(const char *folder)
{
	struct stat st;

	if (mkdir(folder, 0700) < 0 && errno != EEXIST)
		return -errno;
	if (stat(folder, &st) < 0)
		return -errno;
	if (!S_ISDIR(st.st_mode))
		return -ENOTDIR;
	if (st.st_uid != geteuid() && st.st_uid != 0 && geteuid() != 0)
		return -EPERM;
	return st.st_mode & (S_IWGRP | S_IWOTH) && !(st.st_mode & S_ISVTX) ? -EPERM : 0;
}

void
server_init(struct server *s, const struct log *log)
{
	size_t i;

	s->listener = -1;
	s->log = log;
	for (i = 0; i < SERVER_CLIENTS; i++)
		s->clients[i] = (struct client) { .fd = -1, .passed = -1 };
}

int
server_open(struct server *s, const char *path, const char *name)
{
	const struct log *log = s->log;
	char copy[PATH_MAX];
	int rc;

	if (strlcpy(copy, path, sizeof(copy)) >= sizeof(copy)) {
		log_error(log, "--control %s: the path of the socket is too long", name);
		return -ENAMETOOLONG;
	}
	rc = check_folder(dirname(copy));
	if (rc < 0) {
		log_error(log, "--control %s: folder %s: %s", name, copy,
			  rc == -EPERM ? "others can write to it" : strerror(-rc));
		return rc;
	}
	rc = net_listen_unix(path, 0600, (gid_t)-1);
	if (rc == -EADDRINUSE)
		log_error(log, "--control %s: the name is taken: a card has the socket %s", name,
			  path);
	else if (rc < 0)
		log_error(log, "--control %s: cannot listen on %s: %s", name, path, strerror(-rc));
	s->listener = rc;
	return rc < 0 ? rc : 0;
}

static void
drop_passed(struct client *c)
{
	if (c->passed >= 0)
		close(c->passed);
	c->passed = -1;
}

static void
client_close(struct server *s, struct client *c)
{
	s->gone(s->ctx, c);
	close(c->fd);
	drop_passed(c);
	buf_free(&c->in);
	buf_free(&c->out);
	*c = (struct client) { .fd = -1, .passed = -1 };
}

/* Without waiting. False: it is gone. */
static bool
client_flush(struct client *c)
{
	ssize_t n;

	while (c->out.n > 0) {
		n = send(c->fd, c->out.p, c->out.n, MSG_DONTWAIT | MSG_NOSIGNAL);
		if (n < 0)
			return errno == EAGAIN || errno == EINTR;
		buf_drop(&c->out, (size_t)n);
	}
	return true;
}

void
server_close(struct server *s)
{
	size_t i;

	for (i = 0; i < SERVER_CLIENTS; i++) {
		if (s->clients[i].fd >= 0) {
			client_flush(&s->clients[i]);
			client_close(s, &s->clients[i]);
		}
	}
	if (s->listener >= 0)
		close(s->listener);
	s->listener = -1;
}

/* --- what goes out ---------------------------------------------------------------- */

static bool
client_put(struct client *c, struct view line, size_t room)
{
	if (c->out.n + line.n > room)
		return false;
	buf_put_view(&c->out, line);
	return !c->out.failed;
}

/* How many events found no room is said as soon as there is any. */
static void
put_lost(struct client *c)
{
	char text[64];
	int n;

	if (c->lost == 0)
		return;
	n = snprintf(text, sizeof(text), "{\"event\":\"lost\",\"n\":%zu}\n", c->lost);
	if (client_put(c, view_of(text, (size_t)n), SERVER_QUEUE_MAX - SERVER_RESERVE))
		c->lost = 0;
}

/* It is closed when it is next looked at, which is at once: the end of a connection is news. */
static void
client_drop(struct client *c)
{
	c->closing = true;
	buf_reset(&c->out);
	shutdown(c->fd, SHUT_RDWR);
}

void
server_answer(struct client *c, struct view line)
{
	if (!client_put(c, line, SERVER_QUEUE_MAX) || !client_flush(c))
		client_drop(c);
}

void
server_event(struct client *c, struct view line)
{
	if (c->closing)
		return;
	put_lost(c);
	if (c->lost > 0 || !client_put(c, line, SERVER_QUEUE_MAX - SERVER_RESERVE))
		c->lost++;
	if (!client_flush(c))
		client_drop(c);
}

/* --- who comes in -------------------------------------------------------------------- */

static bool
is_trusted(int fd)
{
	struct ucred peer;
	socklen_t len = sizeof(peer);

	return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &len) == 0 &&
	       (peer.uid == 0 || peer.uid == geteuid());
}

static void
refuse_client(int fd, const char *line)
{
	/* a socket that is new has room for a line */
	send(fd, line, strlen(line), MSG_DONTWAIT | MSG_NOSIGNAL);
	close(fd);
}

static void
server_accept(struct server *s)
{
	static const char untrusted[] = "{\"error\":{\"name\":\"not-possible\","
					"\"text\":\"this card is another user's\"}}\n";
	int fd = net_accept(s->listener);
	size_t i;

	if (fd < 0)
		return;
	for (i = 0; i < SERVER_CLIENTS && s->clients[i].fd >= 0; i++)
		;
	if (!is_trusted(fd) || i == SERVER_CLIENTS) {
		refuse_client(fd, i == SERVER_CLIENTS ? s->full : untrusted);
		return;
	}
	s->clients[i] = (struct client) {
		.fd = fd,
		.passed = -1,
		.in = BUF(SERVER_LINE_MAX + CHUNK),
		.out = BUF(SERVER_QUEUE_MAX),
	};
	s->greet(s->ctx, &s->clients[i]);
}

/* The first descriptor of a message, if any: the others are closed. */
static int
take_descriptor(struct msghdr *m)
{
	struct cmsghdr *h;
	int fds[PASSED_MAX], first = -1;
	size_t n, i;

	for (h = CMSG_FIRSTHDR(m); h; h = CMSG_NXTHDR(m, h)) {
		if (h->cmsg_level != SOL_SOCKET || h->cmsg_type != SCM_RIGHTS)
			continue;
		n = (h->cmsg_len - CMSG_LEN(0)) / sizeof(int);
		memcpy(fds, CMSG_DATA(h), n * sizeof(int));
		for (i = 0; i < n; i++) {
			if (first < 0)
				first = fds[i];
			else
				close(fds[i]);
		}
	}
	return first;
}

/* Some more of what a client says. False: it is gone. */
static bool
client_read(struct client *c)
{
	union {
		struct cmsghdr align;
		uint8_t bytes[CMSG_SPACE(PASSED_MAX * sizeof(int))];
	} control;
	uint8_t bytes[CHUNK];
	struct iovec iov = { .iov_base = bytes, .iov_len = sizeof(bytes) };
	struct msghdr m = {
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = sizeof(control),
	};
	ssize_t n = recvmsg(c->fd, &m, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
	int fd;

	if (n < 0)
		return errno == EAGAIN || errno == EINTR;
	fd = take_descriptor(&m);
	if (fd >= 0) {
		drop_passed(c);
		c->passed = fd;
	}
	c->eof = n == 0;
	buf_put(&c->in, bytes, (size_t)n);
	explicit_bzero(bytes, sizeof(bytes));
	return !c->in.failed;
}

static bool
has_line(const struct client *c)
{
	return c->in.n > 0 && memchr(c->in.p, '\n', c->in.n);
}

/* The first line that has come, if it is whole. */
static void
client_line(struct server *s, struct client *c)
{
	const uint8_t *end = c->in.n > 0 ? memchr(c->in.p, '\n', c->in.n) : NULL;
	size_t n = end ? (size_t)(end - c->in.p) : c->in.n;

	if (n > SERVER_LINE_MAX) {
		s->too_long(s->ctx, c);
		c->closing = true;
	} else if (end) {
		s->line(s->ctx, c, view_of(c->in.p, n));
		buf_drop(&c->in, n + 1);
	}
	/* what no verb has wanted */
	if (!has_line(c))
		drop_passed(c);
}

/* Nothing more can come of it. */
static bool
is_over(const struct client *c, short revents)
{
	if (c->closing)
		return c->out.n == 0;
	if (revents & (POLLHUP | POLLERR) && !(revents & POLLIN))
		return !has_line(c);
	return c->eof && !has_line(c) && c->out.n == 0 && !c->classes && !c->ties;
}

static void
client_serve(struct server *s, struct client *c, short revents)
{
	bool lives = true;

	if (!c->eof && !c->closing && revents & POLLIN && !has_line(c))
		lives = client_read(c);
	if (lives && !c->closing)
		client_line(s, c);
	put_lost(c);
	if (!lives || !client_flush(c) || is_over(c, revents))
		client_close(s, c);
}

/* One request of each client at most: the card's reader comes first. */
void
server_serve(struct server *s, const struct pollfd *p, unsigned n)
{
	unsigned i, k;

	for (i = 0; i < n; i++) {
		if (!p[i].revents)
			continue;
		if (p[i].fd == s->listener) {
			server_accept(s);
			continue;
		}
		for (k = 0; k < SERVER_CLIENTS; k++) {
			if (s->clients[k].fd == p[i].fd)
				client_serve(s, &s->clients[k], p[i].revents);
		}
	}
}

/*
 * A whole line that waits for its turn is waited for as room for the answer: so nobody
 * who does not read is served.
 */
static short
client_events(const struct client *c)
{
	short events = 0;

	if (c->out.n > 0 || has_line(c) || c->closing || c->lost > 0)
		events |= POLLOUT;
	if (!c->eof && !c->closing && !has_line(c))
		events |= POLLIN;
	return events;
}

unsigned
server_watch(const struct server *s, struct pollfd *p)
{
	unsigned n = 0, i;

	p[n++] = (struct pollfd) { .fd = s->listener, .events = POLLIN };
	for (i = 0; i < SERVER_CLIENTS; i++) {
		if (s->clients[i].fd >= 0)
			p[n++] = (struct pollfd) { .fd = s->clients[i].fd,
						   .events = client_events(&s->clients[i]) };
	}
	return n;
}
