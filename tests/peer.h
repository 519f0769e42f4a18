/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The other end of the driver's sockets, for its unit tests. Bytes are said and
 * expected as they are on the wire, the length in front.
 */
#ifndef TESTS_PEER_H
#define TESTS_PEER_H

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "support.h"

#define PEER_PATIENCE_MS 60000
#define PEER_ATR "\x00\x05\x3b\x80\x80\x01\x01" /* T=0 and T=1 */
#define PEER_ATR_LEN 5

/* From now on this process gets no descriptor any more; back by what is returned. */
static inline struct rlimit
peer_no_descriptors(void)
{
	struct rlimit was, none;
	int lowest = dup(0);

	ck_assert_int_ge(lowest, 0);
	close(lowest);
	ck_assert_int_eq(getrlimit(RLIMIT_NOFILE, &was), 0);
	none = was;
	none.rlim_cur = (rlim_t)lowest;
	ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &none), 0);
	return was;
}

/* A string literal's bytes and how many. */
#define BYTES(s) (s), (sizeof(s) - 1)

static inline int
peer_connect_to(const void *address, socklen_t len)
{
	const struct sockaddr *sa = address;
	int fd = socket(sa->sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);

	ck_assert_int_ge(fd, 0);
	if (connect(fd, sa, len) == 0)
		return fd;
	close(fd);
	return -1;
}

/* To 127.0.0.1; -1 when it is refused. */
static inline int
peer_connect(uint16_t port)
{
	struct sockaddr_in sin = { .sin_family = AF_INET, .sin_port = htons(port) };

	sin.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	return peer_connect_to(&sin, sizeof(sin));
}

static inline int
peer_connect6(uint16_t port)
{
	struct sockaddr_in6 sin = { .sin6_family = AF_INET6, .sin6_port = htons(port) };

	sin.sin6_addr = in6addr_loopback;
	return peer_connect_to(&sin, sizeof(sin));
}

static inline int
peer_connect_unix(const char *path)
{
	struct sockaddr_un sun = { .sun_family = AF_UNIX };

	strlcpy(sun.sun_path, path, sizeof(sun.sun_path));
	return peer_connect_to(&sun, sizeof(sun));
}

/* Whether this machine has an IPv6 loopback: not every container does. */
static inline bool
peer_has_ipv6(void)
{
	struct sockaddr_in6 sin = { .sin6_family = AF_INET6, .sin6_addr = in6addr_loopback };
	int fd = socket(AF_INET6, SOCK_STREAM, 0);
	bool has = fd >= 0 && bind(fd, (struct sockaddr *)&sin, sizeof(sin)) == 0;

	if (fd >= 0)
		close(fd);
	return has;
}

static inline void
peer_say(int fd, const void *p, size_t n)
{
	ck_assert_int_eq(send(fd, p, n, MSG_NOSIGNAL), (ssize_t)n);
}

/* Whether something can be read, or the end is there, within ms. */
static inline bool
peer_readable(int fd, int ms)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };

	return poll(&p, 1, ms) == 1;
}

static inline void
peer_expect(int fd, const void *p, size_t n)
{
	uint8_t got[64];
	size_t have = 0;
	ssize_t k;

	ck_assert_uint_le(n, sizeof(got));
	for (; have < n; have += (size_t)k) {
		ck_assert(peer_readable(fd, PEER_PATIENCE_MS));
		k = recv(fd, got + have, n - have, 0);
		ck_assert_int_gt(k, 0);
	}
	ck_assert_mem_eq(got, p, n);
}

static inline void
peer_expect_silence(int fd)
{
	ck_assert(!peer_readable(fd, 50));
}

/* Read on until the other end has closed, in whichever way. */
static inline void
peer_expect_end(int fd)
{
	uint8_t some[256];
	ssize_t n;

	do {
		ck_assert(peer_readable(fd, PEER_PATIENCE_MS));
		n = recv(fd, some, sizeof(some), 0);
	} while (n > 0);
	ck_assert(n == 0 || errno == ECONNRESET);
}

#endif
