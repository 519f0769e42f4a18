/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The yardstick: what a command costs when nobody thinks. One sendmsg and one
 * recv at the reader's side, one recv and one send at the card's; the answer is
 * as many zero bytes as the command asks for, and 9000. It shares no code with
 * what is measured.
 */
#ifndef TESTS_BENCH_BARE_H
#define TESTS_BENCH_BARE_H

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <unistd.h>

#define BARE_FRAME_MAX 65537
#define BARE_HEADER 2
#define BARE_INS_UPDATE 0xD6
#define BARE_IMAGE_SIZE 2048 /* about that of the card that updates are measured with */

static const uint8_t bare_atr[] = { 0x3B, 0x80, 0x80, 0x01, 0x01 };

/* How long the answer is, SW included: Le is told from the lengths alone. */
static inline size_t
bare_answer_size(const uint8_t *cmd, size_t n)
{
	size_t le = 0;

	if (n == 5)
		le = cmd[4] ? cmd[4] : 256;
	else if (n == 7)
		le = (size_t)cmd[5] << 8 | cmd[6];
	else if (n > 7 && cmd[4] != 0 && n == 6 + (size_t)cmd[4])
		le = cmd[n - 1] ? cmd[n - 1] : 256;
	else if (n > 9 && cmd[4] == 0 && n == 9 + ((size_t)cmd[5] << 8 | cmd[6]))
		le = (size_t)cmd[n - 2] << 8 | cmd[n - 1];
	return le + 2;
}

/* The body's length of the frame that begins at p; the header is there. */
static inline size_t
bare_length(const uint8_t *p)
{
	return (size_t)p[0] << 8 | p[1];
}

/*
 * Receive at least one frame into buf[BARE_FRAME_MAX]: one recv, unless it comes in
 * pieces. Bytes; 0: the end.
 */
static inline size_t
bare_receive(int fd, uint8_t *buf)
{
	size_t have = 0;
	ssize_t n;

	do {
		n = recv(fd, buf + have, BARE_FRAME_MAX - have, 0);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return 0;
		have += (size_t)n;
	} while (have < BARE_HEADER || have < BARE_HEADER + bare_length(buf));
	return have;
}

static inline bool
bare_send(int fd, const void *body, size_t n)
{
	uint8_t header[BARE_HEADER] = { (uint8_t)(n >> 8), (uint8_t)n };
	struct iovec iov[] = {
		{ .iov_base = header, .iov_len = sizeof(header) },
		{ .iov_base = (void *)(uintptr_t)body, .iov_len = n },
	};
	struct msghdr m = { .msg_iov = iov, .msg_iovlen = 2 };

	return sendmsg(fd, &m, MSG_NOSIGNAL) == (ssize_t)(n + BARE_HEADER);
}

/*
 * As the reader does it: a command, and the frame with its answer in buf. Its body's
 * length; 0: the end.
 */
static inline size_t
bare_exchange(int fd, const uint8_t *cmd, size_t n, uint8_t *buf)
{
	if (!bare_send(fd, cmd, n) || bare_receive(fd, buf) == 0)
		return 0;
	return bare_length(buf);
}

static inline void
bare_no_delay(int fd)
{
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &(int) { 1 }, sizeof(int));
}

/* As a card's image is replaced: another file, synced, renamed, and the folder synced. */
static inline bool
bare_replace(int folder)
{
	static const uint8_t bytes[BARE_IMAGE_SIZE];
	int fd = openat(folder, "bench.new", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	return fd >= 0 && write(fd, bytes, sizeof(bytes)) == sizeof(bytes) && fsync(fd) == 0 &&
	       close(fd) == 0 && renameat(folder, "bench.new", folder, "bench.old") == 0 &&
	       fsync(folder) == 0;
}

/* The card's side of one frame. With apart, length and body leave one by one. */
static inline bool
bare_reply(int fd, const uint8_t *body, size_t n, bool apart)
{
	static uint8_t out[BARE_FRAME_MAX];
	size_t size = n == 1 ? sizeof(bare_atr) : bare_answer_size(body, n),
	       cut = apart ? BARE_HEADER : 0;
	uint8_t *end = out + BARE_HEADER + size;
	bool sent;

	if (n == 1 && body[0] != 4)
		return true;
	out[0] = (uint8_t)(size >> 8);
	out[1] = (uint8_t)size;
	if (n == 1)
		memcpy(out + BARE_HEADER, bare_atr, size);
	else
		memcpy(end - 2, "\x90\x00", 2);
	sent = cut == 0 || send(fd, out, cut, MSG_NOSIGNAL) == (ssize_t)cut;
	sent = sent && send(fd, out + cut, BARE_HEADER + size - cut, MSG_NOSIGNAL) > 0;
	memset(n == 1 ? out + BARE_HEADER : end - 2, 0, n == 1 ? size : 2);
	return sent;
}

/*
 * Be a card until the connection ends; a folder (-1: none) has an image that each
 * UPDATE replaces.
 */
static inline void
bare_serve(int fd, bool apart, int folder)
{
	static uint8_t in[BARE_FRAME_MAX];
	const uint8_t *body;
	size_t have, at;

	while ((have = bare_receive(fd, in)) > 0) {
		/* power on and get ATR come together; a command comes alone */
		for (at = 0; at < have; at += BARE_HEADER + bare_length(in + at)) {
			body = in + at + BARE_HEADER;
			if (folder >= 0 && bare_length(in + at) > 1 && body[1] == BARE_INS_UPDATE &&
			    !bare_replace(folder))
				return;
			if (!bare_reply(fd, body, bare_length(in + at), apart))
				return;
		}
	}
}

/* A TCP connection to this machine, tried until somebody listens; -1: nobody does. */
static inline int
bare_dial(unsigned port, unsigned tries)
{
	struct sockaddr_in sin = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port) };
	int fd;

	sin.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	for (; tries > 0; tries--) {
		fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
		if (fd < 0 || connect(fd, (struct sockaddr *)&sin, sizeof(sin)) == 0)
			return fd;
		close(fd);
		usleep(20000);
	}
	return -1;
}

/* A socket that listens on this machine; port 0: any. */
static inline int
bare_listen(unsigned port)
{
	struct sockaddr_in sin = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port) };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	sin.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &(int) { 1 }, sizeof(int));
	if (fd < 0 || bind(fd, (struct sockaddr *)&sin, sizeof(sin)) < 0 || listen(fd, 16) < 0)
		return -1;
	return fd;
}

#endif
