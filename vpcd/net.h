/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Sockets, as the driver and the daemon both want them: CLOEXEC, tuned. */
#ifndef VPCD_NET_H
#define VPCD_NET_H

#include <netdb.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/types.h>

#define NET_LISTENERS 2 /* one per address family at most */

/*
 * Listen on a TCP port. address NULL means loopback, "@" every address of the
 * machine, both in IPv4 and IPv6; else a numeric address. A family that the
 * machine lacks is left out; a port taken in either is -EADDRINUSE and nothing
 * stays open. Fills fds (non-blocking; the caller closes them) and returns how
 * many, or a negative errno value (-EINVAL: not an address).
 */
int net_listen_tcp(const char *address, uint16_t port, int fds[NET_LISTENERS]);

/*
 * Listen on a unix socket at path, created with mode and, unless gid is -1,
 * group. A stale socket there is removed, one that somebody listens on is
 * -EADDRINUSE, another kind of file -EEXIST. Returns a descriptor
 * (non-blocking) or a negative errno value; -EPERM: the group cannot be set, as
 * in a process with a seccomp filter, unless the folder gives it.
 */
int net_listen_unix(const char *path, mode_t mode, gid_t gid);

/* Accept and tune (non-blocking listener). A descriptor (blocking), or -errno. */
int net_accept(int listener);

/*
 * Begin to connect; the descriptor is non-blocking, wait for POLLOUT and then
 * ask net_connected. A negative errno value when it failed at once.
 */
int net_connect(const struct sockaddr *sa, socklen_t len);
int net_connect_unix(const char *path);

/* How a connect that was under way has ended: 0 (tuned, blocking) or -errno. */
int net_connected(int fd);

/*
 * Resolve host (NULL: the loopback addresses) for TCP. Returns 0, or
 * getaddrinfo's error for gai_strerror; freeaddrinfo is the caller's. May block
 * for as long as the resolver does, unless host is numeric.
 */
int net_resolve(const char *host, uint16_t port, struct addrinfo **out);

/* Whether a connected socket's peer is this machine. */
bool net_is_local(int fd);

#endif
