/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "net.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

/* as long as the system allows: whoever fills it keeps others out */
#define BACKLOG SOMAXCONN

static void
set(int fd, int level, int option, int value)
{
	/* each only makes the connection better: it works without */
	setsockopt(fd, level, option, &value, sizeof(value));
}

static int
errno_close(int fd)
{
	int error = errno;

	close(fd);
	return -error;
}

static int
listen_on(const struct sockaddr *sa, socklen_t len)
{
	int fd = socket(sa->sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd < 0)
		return -errno;
	if (sa->sa_family != AF_UNIX)
		set(fd, SOL_SOCKET, SO_REUSEADDR, 1);
	if (sa->sa_family == AF_INET6)
		set(fd, IPPROTO_IPV6, IPV6_V6ONLY, 1);
	if (bind(fd, sa, len) < 0 || listen(fd, BACKLOG) < 0)
		return errno_close(fd);
	return fd;
}

/* The addresses to listen on, as getaddrinfo takes them. */
static int
resolve_listen(const char *address, uint16_t port, struct addrinfo **out)
{
	struct addrinfo hints = {
		.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV,
		.ai_family = AF_UNSPEC,
		.ai_socktype = SOCK_STREAM,
	};
	char service[6];

	if (address && strcmp(address, "@") == 0) {
		hints.ai_flags |= AI_PASSIVE;
		address = NULL;
	}
	snprintf(service, sizeof(service), "%u", (unsigned)port);
	return getaddrinfo(address, service, &hints, out) == 0 ? 0 : -EINVAL;
}

int
net_listen_tcp(const char *address, uint16_t port, int fds[NET_LISTENERS])
{
	struct addrinfo *list, *a;
	int n = 0, rc, missing = -EADDRNOTAVAIL;

	rc = resolve_listen(address, port, &list);
	if (rc < 0)
		return rc;
	for (a = list; a && n < NET_LISTENERS; a = a->ai_next) {
		rc = listen_on(a->ai_addr, a->ai_addrlen);
		if (rc >= 0)
			fds[n++] = rc;
		else if (rc == -EADDRNOTAVAIL || rc == -EAFNOSUPPORT)
			missing = rc;
		else
			break;
	}
	freeaddrinfo(list);
	if (n > 0 && (rc >= 0 || rc == missing))
		return n;
	while (n > 0)
		close(fds[--n]);
	return rc;
}

static int
unix_address(struct sockaddr_un *sun, const char *path)
{
	*sun = (struct sockaddr_un) { .sun_family = AF_UNIX };
	if (strlcpy(sun->sun_path, path, sizeof(sun->sun_path)) >= sizeof(sun->sun_path))
		return -ENAMETOOLONG;
	return 0;
}

/* Make way for a socket at path: only for one that nobody listens on. */
static int
remove_stale(const char *path)
{
	struct stat st;
	int fd;

	if (lstat(path, &st) < 0)
		return errno == ENOENT ? 0 : -errno;
	if (!S_ISSOCK(st.st_mode))
		return -EEXIST;
	fd = net_connect_unix(path);
	if (fd != -ECONNREFUSED) {
		if (fd >= 0)
			close(fd);
		return -EADDRINUSE;
	}
	return unlink(path) < 0 && errno != ENOENT ? -errno : 0;
}

/* The value of a line of /proc/self/status, or -1. */
static int
process_status(const char *line)
{
	FILE *f = fopen("/proc/self/status", "re");
	char text[256];
	int value = -1;

	while (f && value < 0 && fgets(text, sizeof(text), f)) {
		if (strncmp(text, line, strlen(line)) == 0)
			value = atoi(text + strlen(line));
	}
	if (f)
		fclose(f);
	return value;
}

/*
 * A socket in a setgid folder has the folder's group. For any other lchown(2) is
 * needed, and the unit of pcscd has a filter from pcsc-lite 2.3.2 on that kills the
 * process for that call: it is made only where there is no filter.
 */
static int
set_group(const char *path, gid_t gid)
{
	struct stat st;

	if (gid == (gid_t)-1)
		return 0;
	if (lstat(path, &st) < 0)
		return -errno;
	if (st.st_gid == gid)
		return 0;
	if (process_status("Seccomp:") != 0)
		return -EPERM;
	return lchown(path, (uid_t)-1, gid) < 0 ? -errno : 0;
}

/* Make the file of a bound socket what it is to be, and listen. */
static int
open_to(int fd, const char *path, mode_t mode, gid_t gid)
{
	int rc = set_group(path, gid);

	if (rc == 0 && (chmod(path, mode) < 0 || listen(fd, BACKLOG) < 0))
		rc = -errno;
	return rc;
}

int
net_listen_unix(const char *path, mode_t mode, gid_t gid)
{
	struct sockaddr_un sun;
	int fd, rc;

	rc = unix_address(&sun, path);
	if (rc == 0)
		rc = remove_stale(path);
	if (rc < 0)
		return rc;
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return -errno;
	/* Linux gives the file the descriptor's mode: never open for a moment */
	if (fchmod(fd, 0600) < 0 || bind(fd, (struct sockaddr *)&sun, sizeof(sun)) < 0)
		return errno_close(fd);
	rc = open_to(fd, path, mode, gid);
	if (rc == 0)
		return fd;
	close(fd);
	unlink(path);
	return rc;
}

/* Same address at both ends, or one that only this machine can have. */
bool
net_is_local(int fd)
{
	struct sockaddr_storage me, peer;
	socklen_t my_len = sizeof(me), peer_len = sizeof(peer);
	const struct sockaddr_in *m4 = (const void *)&me, *p4 = (const void *)&peer;
	const struct sockaddr_in6 *m6 = (const void *)&me, *p6 = (const void *)&peer;

	if (getsockname(fd, (struct sockaddr *)&me, &my_len) < 0 ||
	    getpeername(fd, (struct sockaddr *)&peer, &peer_len) < 0)
		return false;
	if (peer.ss_family == AF_UNIX)
		return true;
	if (peer.ss_family == AF_INET)
		return m4->sin_addr.s_addr == p4->sin_addr.s_addr ||
		       ntohl(p4->sin_addr.s_addr) >> 24 == IN_LOOPBACKNET;
	return peer.ss_family == AF_INET6 &&
	       memcmp(&m6->sin6_addr, &p6->sin6_addr, sizeof(m6->sin6_addr)) == 0;
}

/*
 * Frames leave at once. A dead peer on another machine is noticed in 25 s; here
 * the kernel says so itself, and an idle connection stays silent.
 */
static void
tune(int fd)
{
	set(fd, IPPROTO_TCP, TCP_NODELAY, 1);
	if (net_is_local(fd))
		return;
	set(fd, SOL_SOCKET, SO_KEEPALIVE, 1);
	set(fd, IPPROTO_TCP, TCP_KEEPIDLE, 10);
	set(fd, IPPROTO_TCP, TCP_KEEPINTVL, 5);
	set(fd, IPPROTO_TCP, TCP_KEEPCNT, 3);
	set(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, 20000);
}

int
net_accept(int listener)
{
	int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);

	if (fd < 0)
		return -errno;
	tune(fd);
	return fd;
}

int
net_connect(const struct sockaddr *sa, socklen_t len)
{
	int fd = socket(sa->sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd < 0)
		return -errno;
	if (connect(fd, sa, len) < 0 && errno != EINPROGRESS)
		return errno_close(fd);
	return fd;
}

int
net_connect_unix(const char *path)
{
	struct sockaddr_un sun;
	int rc = unix_address(&sun, path);

	return rc < 0 ? rc : net_connect((struct sockaddr *)&sun, sizeof(sun));
}

/*
 * A port of the ephemeral range that nobody listens on can, by chance, be given
 * to the very socket that connects to it: then it talks to itself.
 */
static bool
is_self(int fd)
{
	struct sockaddr_storage me = { 0 }, peer = { 0 };
	socklen_t my_len = sizeof(me), peer_len = sizeof(peer);

	return getsockname(fd, (struct sockaddr *)&me, &my_len) == 0 &&
	       getpeername(fd, (struct sockaddr *)&peer, &peer_len) == 0 &&
	       me.ss_family != AF_UNIX && my_len == peer_len &&
	       memcmp(&me, &peer, my_len) == 0;
}

int
net_connected(int fd)
{
	int error = 0;
	socklen_t len = sizeof(error);
	int flags = fcntl(fd, F_GETFL);

	if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &len) < 0)
		return -errno;
	if (error)
		return -error;
	if (is_self(fd))
		return -ECONNREFUSED;
	if (flags < 0 || fcntl(fd, F_SETFL, flags & ~O_NONBLOCK) < 0)
		return -errno;
	tune(fd);
	return 0;
}

int
net_resolve(const char *host, uint16_t port, struct addrinfo **out)
{
	struct addrinfo hints = {
		.ai_flags = AI_NUMERICSERV,
		.ai_family = AF_UNSPEC,
		.ai_socktype = SOCK_STREAM,
	};
	char service[6];

	/* everybody means loopback by it, and it needs no resolver: /etc/hosts may be absent */
	if (host && strcasecmp(host, "localhost") == 0)
		host = NULL;
	snprintf(service, sizeof(service), "%u", (unsigned)port);
	return getaddrinfo(host, service, &hints, out);
}
