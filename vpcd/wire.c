/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "wire.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <time.h>

void
wire_init(struct wire *w, void *buf, size_t size)
{
	*w = (struct wire) { .buf = buf, .size = size };
}

void
wire_wipe(struct wire *w)
{
	explicit_bzero(w->buf, w->tail);
	w->head = w->tail = 0;
}

void
wire_wipe_taken(struct wire *w)
{
	if (w->head == w->tail)
		wire_wipe(w);
	else
		explicit_bzero(w->buf, w->head);
}

size_t
wire_pending(const struct wire *w)
{
	return w->tail - w->head;
}

/* The length of the frame at hand, header included; 0 when its header is not there yet. */
static size_t
frame_size(const struct wire *w)
{
	const uint8_t *p = w->buf + w->head;

	if (wire_pending(w) < WIRE_HEADER)
		return 0;
	return WIRE_HEADER + ((size_t)p[0] << 8 | p[1]);
}

static bool
frame_whole(const struct wire *w)
{
	size_t n = frame_size(w);

	return n != 0 && wire_pending(w) >= n;
}

/* Move what is pending to the front, and leave no copy behind. */
static void
make_room(struct wire *w)
{
	size_t n = wire_pending(w);

	memmove(w->buf, w->buf + w->head, n);
	explicit_bzero(w->buf + n, w->tail - n);
	w->head = 0;
	w->tail = n;
}

int
wire_fill(struct wire *w, int fd, int flags)
{
	size_t want = frame_size(w);
	ssize_t got;

	if (want > w->size)
		return -EMSGSIZE;
	if (w->head == w->tail || w->tail == w->size || w->head + want > w->size)
		make_room(w);
	if (w->tail == w->size)
		return -EMSGSIZE;
	do {
		got = recv(fd, w->buf + w->tail, w->size - w->tail, flags);
	} while (got < 0 && errno == EINTR);
	if (got < 0)
		return errno == EWOULDBLOCK ? -EAGAIN : -errno;
	if (got == 0)
		return -EPIPE;
	w->tail += (size_t)got;
	if (frame_size(w) > w->size)
		return -EMSGSIZE;
	if (!frame_whole(w))
		setsockopt(fd, IPPROTO_TCP, TCP_QUICKACK, &(int) { 1 }, sizeof(int));
	return 0;
}

bool
wire_next(struct wire *w, const uint8_t **body, size_t *len)
{
	if (!frame_whole(w))
		return false;
	*len = frame_size(w) - WIRE_HEADER;
	*body = w->buf + w->head + WIRE_HEADER;
	w->head += WIRE_HEADER + *len;
	return true;
}

int64_t
wire_now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

/* Wait for an event until the deadline: 0, -ETIMEDOUT, or another error. */
static int
wire_await(int fd, short events, int64_t deadline)
{
	struct pollfd p = { .fd = fd, .events = events };
	int64_t left;
	int n;

	do {
		left = deadline - wire_now();
		if (left <= 0)
			return -ETIMEDOUT;
		n = poll(&p, 1, (int)left);
	} while (n == 0 || (n < 0 && errno == EINTR));
	return n < 0 ? -errno : 0;
}

int
wire_receive(struct wire *w, int fd, int timeout_ms, const uint8_t **body, size_t *len)
{
	int64_t deadline = wire_now() + timeout_ms;
	int rc;

	while (!wire_next(w, body, len)) {
		rc = wire_await(fd, POLLIN, deadline);
		if (rc == 0)
			rc = wire_fill(w, fd, MSG_DONTWAIT);
		if (rc < 0 && rc != -EAGAIN)
			return rc;
	}
	return 0;
}

/* Drop the n bytes that went out from the front of the list. */
static void
advance(struct msghdr *m, size_t n)
{
	while (m->msg_iovlen > 0 && n >= m->msg_iov->iov_len) {
		n -= m->msg_iov->iov_len;
		m->msg_iov++;
		m->msg_iovlen--;
	}
	if (m->msg_iovlen > 0) {
		m->msg_iov->iov_base = (uint8_t *)m->msg_iov->iov_base + n;
		m->msg_iov->iov_len -= n;
	}
}

static int
send_all(int fd, struct iovec *iov, size_t parts, wire_wait_fn *wait, void *ctx)
{
	struct msghdr m = { .msg_iov = iov, .msg_iovlen = parts };
	ssize_t n;
	int rc;

	for (;;) {
		n = sendmsg(fd, &m, MSG_NOSIGNAL | MSG_DONTWAIT);
		if (n < 0 && errno != EAGAIN && errno != EINTR)
			return -errno;
		advance(&m, n > 0 ? (size_t)n : 0);
		if (m.msg_iovlen == 0)
			return 0;
		rc = wait(ctx, fd);
		if (rc < 0)
			return rc;
	}
}

int
wire_send_waiting(int fd, const void *body, size_t len, wire_wait_fn *wait, void *ctx)
{
	uint8_t header[WIRE_HEADER] = { (uint8_t)(len >> 8), (uint8_t)len };
	struct iovec iov[] = {
		{ .iov_base = header, .iov_len = sizeof(header) },
		{ .iov_base = (void *)(uintptr_t)body, .iov_len = len },
	};

	if (len > WIRE_BODY_MAX)
		return -EMSGSIZE;
	return send_all(fd, iov, 2, wait, ctx);
}

/* How long a peer may take; the clock is asked only once it takes any time. */
struct patience {
	int timeout_ms;
	int64_t deadline; /* 0: not waited yet */
};

static int
await_deadline(void *ctx, int fd)
{
	struct patience *p = ctx;

	if (p->deadline == 0)
		p->deadline = wire_now() + p->timeout_ms;
	return wire_await(fd, POLLOUT, p->deadline);
}

int
wire_send(int fd, const void *body, size_t len, int timeout_ms)
{
	struct patience p = { .timeout_ms = timeout_ms };

	return wire_send_waiting(fd, body, len, await_deadline, &p);
}

int
wire_send_controls(int fd, const uint8_t *controls, size_t n, int timeout_ms)
{
	uint8_t frames[2 * (WIRE_HEADER + 1)] = { 0 };
	struct iovec iov = { .iov_base = frames, .iov_len = n * (WIRE_HEADER + 1) };
	struct patience p = { .timeout_ms = timeout_ms };
	size_t i;

	if (n > 2)
		return -EMSGSIZE;
	for (i = 0; i < n; i++) {
		frames[i * 3 + 1] = 1;
		frames[i * 3 + 2] = controls[i];
	}
	return send_all(fd, &iov, 1, await_deadline, &p);
}
