/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "viccctl/connection.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "wire.h"

#define LINE_MAX_IN (2u << 20) /* bytes of a line that comes in */

/* Whoever answers is the user's own card, or root's; root commands anybody's. */
static bool
is_trusted(int fd)
{
	struct ucred peer;
	socklen_t len = sizeof(peer);

	return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &len) == 0 &&
	       (peer.uid == 0 || peer.uid == geteuid() || geteuid() == 0);
}

static int
connection_reach(const char *path)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	int fd, rc = 0;

	if (strlcpy(a.sun_path, path, sizeof(a.sun_path)) >= sizeof(a.sun_path))
		return -ENAMETOOLONG;
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	if (connect(fd, (const struct sockaddr *)&a, sizeof(a)) < 0)
		rc = errno == ECONNREFUSED ? -ENOENT : -errno;
	else if (!is_trusted(fd))
		rc = -EPERM;
	if (rc == 0)
		return fd;
	close(fd);
	return rc;
}

/* Some bytes more: 0, or negative. */
static int
connection_read(struct connection *c, int64_t deadline)
{
	struct pollfd p = { .fd = c->fd, .events = POLLIN };
	int64_t left = deadline < 0 ? -1 : deadline - wire_now();
	uint8_t some[8192];
	ssize_t n;
	int ready;

	if (deadline >= 0 && left < 0)
		return -ETIMEDOUT;
	ready = poll(&p, 1, (int)left);
	if (ready < 0)
		return errno == EINTR ? 0 : -errno;
	if (ready == 0)
		return -ETIMEDOUT;
	n = recv(c->fd, some, sizeof(some), 0);
	if (n < 0)
		return errno == EINTR ? 0 : -errno;
	if (n == 0)
		return -EPIPE;
	buf_put(&c->in, some, (size_t)n);
	explicit_bzero(some, sizeof(some));
	return c->in.failed ? -EPROTO : 0;
}

/* The next line, which is a JSON object. */
static json_t *
next_line(struct connection *c, int64_t deadline, int *error)
{
	const uint8_t *end;
	json_t *line;
	size_t n;

	*error = 0;
	while (!(end = c->in.n > 0 ? memchr(c->in.p, '\n', c->in.n) : NULL)) {
		*error = connection_read(c, deadline);
		if (*error < 0)
			return NULL;
	}
	n = (size_t)(end - c->in.p);
	line = json_loadb((const char *)c->in.p, n, 0, NULL);
	buf_drop(&c->in, n + 1);
	if (json_is_object(line))
		return line;
	json_decref(line);
	*error = -EPROTO;
	return NULL;
}

int
connection_open(struct connection *c, const char *path, int64_t deadline)
{
	json_t *line;
	int error;

	*c = (struct connection) { .fd = connection_reach(path),
				   .in = BUF(LINE_MAX_IN),
				   .events = json_array() };
	if (c->fd < 0) {
		error = c->fd;
		c->fd = -1;
		connection_close(c);
		return error;
	}
	line = next_line(c, deadline, &error);
	c->greeting = json_incref(json_object_get(line, "vicc"));
	if (error == 0 && !c->greeting)
		error = json_object_get(line, "error") ? -EBUSY : -EPROTO;
	json_decref(line);
	if (error < 0)
		connection_close(c);
	return error;
}

void
connection_close(struct connection *c)
{
	if (c->fd >= 0)
		close(c->fd);
	buf_free(&c->in);
	json_decref(c->greeting);
	json_decref(c->events);
	*c = (struct connection) { .fd = -1 };
}

static int
send_bytes(int fd, const char *p, size_t n, int passed)
{
	union {
		struct cmsghdr align;
		uint8_t bytes[CMSG_SPACE(sizeof(int))];
	} control = { .bytes = { 0 } };
	struct iovec iov = { .iov_base = (void *)(uintptr_t)p, .iov_len = n };
	struct msghdr m = { .msg_iov = &iov, .msg_iovlen = 1 };
	ssize_t sent;

	if (passed >= 0) {
		m.msg_control = &control;
		m.msg_controllen = sizeof(control.bytes);
		*CMSG_FIRSTHDR(&m) = (struct cmsghdr) {
			.cmsg_level = SOL_SOCKET,
			.cmsg_type = SCM_RIGHTS,
			.cmsg_len = CMSG_LEN(sizeof(int)),
		};
		memcpy(CMSG_DATA(CMSG_FIRSTHDR(&m)), &passed, sizeof(passed));
	}
	while (iov.iov_len > 0) {
		sent = sendmsg(fd, &m, MSG_NOSIGNAL);
		if (sent < 0 && errno != EINTR)
			return -errno;
		if (sent > 0) {
			iov.iov_base = (char *)iov.iov_base + sent;
			iov.iov_len -= (size_t)sent;
			m.msg_control = NULL;
			m.msg_controllen = 0;
		}
	}
	return 0;
}

int
connection_send(struct connection *c, json_t *request, int passed)
{
	struct buf line = BUF(LINE_MAX_IN);
	char *text = request ? json_dumps(request, JSON_COMPACT | JSON_ENSURE_ASCII) : NULL;
	int rc = -ENOMEM;

	json_decref(request);
	if (text)
		buf_put(&line, text, strlen(text));
	buf_u8(&line, '\n');
	if (text && !line.failed)
		rc = send_bytes(c->fd, (const char *)line.p, line.n, passed);
	buf_free(&line);
	/* in memory that wipes what is freed */
	if (text) {
		json_malloc_t give;
		json_free_t take;

		json_get_alloc_funcs(&give, &take);
		take(text);
	}
	return rc;
}

json_t *
connection_answer(struct connection *c, int64_t deadline, int *error)
{
	json_t *line;

	for (;;) {
		line = next_line(c, deadline, error);
		if (!line || !json_object_get(line, "event"))
			return line;
		json_array_append_new(c->events, line);
	}
}

json_t *
connection_event(struct connection *c, int64_t deadline, int *error)
{
	json_t *line;

	if (json_array_size(c->events) > 0) {
		line = json_incref(json_array_get(c->events, 0));
		json_array_remove(c->events, 0);
		*error = 0;
		return line;
	}
	return next_line(c, deadline, error);
}
