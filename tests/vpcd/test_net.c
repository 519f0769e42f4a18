/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <fcntl.h>
#include <grp.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <sys/stat.h>

#include "folder.h"
#include "net.h"
#include "peer.h"

static char path[72];

static void
setup(void)
{
	make_dir();
	snprintf(path, sizeof(path), "%s/s", dir);
}

static int
option(int fd, int level, int name)
{
	int value = -1;
	socklen_t len = sizeof(value);

	ck_assert_int_eq(getsockopt(fd, level, name, &value, &len), 0);
	return value;
}

static int
listen_unix(mode_t mode)
{
	return net_listen_unix(path, mode, (gid_t)-1);
}

static void
close_all(int *fds, int n)
{
	while (n > 0)
		close(fds[--n]);
}

/* The peer that is waiting at one of the listeners. */
static int
accept_any(const int *fds, int n)
{
	int i, fd;

	for (i = 0; i < n; i++) {
		fd = net_accept(fds[i]);
		if (fd >= 0)
			return fd;
		ck_assert_int_eq(fd, -EAGAIN);
	}
	ck_abort_msg("nobody is waiting");
}

START_TEST(loopback_is_both_families)
{
	uint16_t port = free_ports(1);
	int fds[NET_LISTENERS], n, four, six, fd;

	n = net_listen_tcp(NULL, port, fds);
	ck_assert_int_eq(n, peer_has_ipv6() ? 2 : 1);
	four = peer_connect(port);
	ck_assert_int_ge(four, 0);
	fd = accept_any(fds, n);
	close(fd);
	if (n == 2) {
		six = peer_connect6(port);
		ck_assert_int_ge(six, 0);
		fd = accept_any(fds, n);
		close(fd);
		close(six);
	}
	close(four);
	close_all(fds, n);
}
END_TEST

START_TEST(loopback_is_not_the_network)
{
	struct sockaddr_storage at;
	socklen_t len;
	int fds[NET_LISTENERS], n, i;

	n = net_listen_tcp(NULL, free_ports(1), fds);
	for (i = 0; i < n; i++) {
		len = sizeof(at);
		ck_assert_int_eq(getsockname(fds[i], (struct sockaddr *)&at, &len), 0);
		if (at.ss_family == AF_INET)
			ck_assert_uint_eq(((struct sockaddr_in *)&at)->sin_addr.s_addr,
					  htonl(INADDR_LOOPBACK));
		else
			ck_assert_mem_eq(&((struct sockaddr_in6 *)&at)->sin6_addr,
					 &in6addr_loopback, sizeof(struct in6_addr));
	}
	close_all(fds, n);
}
END_TEST

START_TEST(a_port_taken_in_one_family_is_taken)
{
	static const char *const one[] = { "127.0.0.1", "::1" };
	uint16_t port = free_ports(1);
	int fds[NET_LISTENERS], mine[NET_LISTENERS], n;

	if (_i == 1 && !peer_has_ipv6())
		return;
	n = net_listen_tcp(one[_i], port, mine);
	ck_assert_int_eq(n, 1);
	ck_assert_int_eq(net_listen_tcp(NULL, port, fds), -EADDRINUSE);
	close_all(mine, n);
	/* and nothing has stayed open */
	n = net_listen_tcp(NULL, port, fds);
	ck_assert_int_ge(n, 1);
	close_all(fds, n);
}
END_TEST

START_TEST(other_addresses)
{
	uint16_t port = free_ports(1);
	int fds[NET_LISTENERS], others[NET_LISTENERS], n;

	n = net_listen_tcp("@", port, fds);
	ck_assert_int_ge(n, 1);
	ck_assert_int_eq(net_listen_tcp("127.0.0.1", port, others), -EADDRINUSE);
	close_all(fds, n);
	ck_assert_int_eq(net_listen_tcp("phone.local", port, fds), -EINVAL);
	ck_assert_int_eq(net_listen_tcp("127.0.0.256", port, fds), -EINVAL);
	/* TEST-NET-1: no machine has it */
	ck_assert_int_eq(net_listen_tcp("192.0.2.1", port, fds), -EADDRNOTAVAIL);
}
END_TEST

START_TEST(a_port_is_free_again_at_once)
{
	uint16_t port = free_ports(1);
	int fds[NET_LISTENERS], n, peer, fd;

	n = net_listen_tcp(NULL, port, fds);
	peer = peer_connect(port);
	fd = accept_any(fds, n);
	/* this end first: it stays in TIME-WAIT */
	close(fd);
	close_all(fds, n);
	peer_expect_end(peer);
	close(peer);
	n = net_listen_tcp(NULL, port, fds);
	ck_assert_int_ge(n, 1);
	close_all(fds, n);
}
END_TEST

START_TEST(an_accepted_peer)
{
	uint16_t port = free_ports(1);
	int fds[NET_LISTENERS], n, peer, fd;

	n = net_listen_tcp("127.0.0.1", port, fds);
	ck_assert_int_eq(net_accept(fds[0]), -EAGAIN);
	peer = peer_connect(port);
	fd = net_accept(fds[0]);
	ck_assert_int_ge(fd, 0);
	ck_assert(fcntl(fd, F_GETFD) & FD_CLOEXEC);
	ck_assert(!(fcntl(fd, F_GETFL) & O_NONBLOCK));
	ck_assert(fcntl(fds[0], F_GETFD) & FD_CLOEXEC);
	ck_assert(fcntl(fds[0], F_GETFL) & O_NONBLOCK);
	ck_assert_int_ne(option(fd, IPPROTO_TCP, TCP_NODELAY), 0);
	/* the kernel says so when a peer of this machine dies */
	ck_assert(net_is_local(fd));
	ck_assert_int_eq(option(fd, SOL_SOCKET, SO_KEEPALIVE), 0);
	ck_assert_int_eq(option(fd, IPPROTO_TCP, TCP_USER_TIMEOUT), 0);
	close(fd);
	close(peer);
	close_all(fds, n);
}
END_TEST

START_TEST(a_unix_socket)
{
	int fd = listen_unix(0660), peer, accepted;

	ck_assert_int_ge(fd, 0);
	ck_assert_uint_eq(mode_of(path), 0660);
	peer = peer_connect_unix(path);
	ck_assert_int_ge(peer, 0);
	accepted = net_accept(fd);
	ck_assert_int_ge(accepted, 0);
	ck_assert(net_is_local(accepted));
	close(accepted);
	close(peer);
	close(fd);
}
END_TEST

START_TEST(a_unix_socket_for_a_group)
{
	int fd = net_listen_unix(path, 0600, getgid());
	struct stat st;

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(stat(path, &st), 0);
	ck_assert_uint_eq(st.st_mode & 07777, 0600);
	ck_assert_uint_eq(st.st_gid, getgid());
	close(fd);
}
END_TEST

/* To which it may not be given: then there is none. */
START_TEST(a_unix_socket_for_another_group)
{
	const uid_t uid = geteuid();
	const gid_t gid = getegid();
	int fd;

	if (uid == 0) {
		/* a namespace may have no other users */
		if (chown(dir, 65534, 65534) < 0 || setgroups(0, NULL) < 0)
			return;
		ck_assert_int_eq(setegid(65534), 0);
		ck_assert_int_eq(seteuid(65534), 0);
	}
	fd = net_listen_unix(path, 0660, 0);
	ck_assert_int_eq(fd, -EPERM);
	ck_assert_int_eq(access(path, F_OK), -1);
	ck_assert_int_eq(rmdir(dir), 0);
	ck_assert_int_eq(seteuid(uid), 0);
	ck_assert_int_eq(setegid(gid), 0);
}
END_TEST

START_TEST(no_descriptor_left)
{
	const struct sockaddr_in sin = { .sin_family = AF_INET };
	uint16_t port = free_ports(1);
	struct rlimit was = peer_no_descriptors();
	int fds[NET_LISTENERS];

	ck_assert_int_eq(net_listen_tcp("127.0.0.1", port, fds), -EMFILE);
	ck_assert_int_eq(listen_unix(0600), -EMFILE);
	ck_assert_int_eq(access(path, F_OK), -1);
	ck_assert_int_eq(net_connect((const struct sockaddr *)&sin, sizeof(sin)), -EMFILE);
	ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &was), 0);
	ck_assert_int_eq(net_connected(-1), -EBADF);
}
END_TEST

/* The mode is the file's whatever the umask. */
START_TEST(a_unix_socket_and_the_umask)
{
	mode_t old = umask(0777);
	int fd = listen_unix(0666);

	umask(old);
	ck_assert_int_ge(fd, 0);
	ck_assert_uint_eq(mode_of(path), 0666);
	close(fd);
}
END_TEST

START_TEST(a_stale_unix_socket_makes_way)
{
	int fd = listen_unix(0600);

	close(fd); /* the file stays, as after a crash */
	ck_assert_int_eq(access(path, F_OK), 0);
	fd = listen_unix(0600);
	ck_assert_int_ge(fd, 0);
	close(fd);
}
END_TEST

START_TEST(a_unix_socket_in_use_does_not)
{
	int fd = listen_unix(0600), peer;

	ck_assert_int_eq(listen_unix(0600), -EADDRINUSE);
	peer = peer_connect_unix(path);
	ck_assert_int_ge(peer, 0);
	close(peer);
	close(fd);
}
END_TEST

START_TEST(another_file_is_left_alone)
{
	int fd = open(path, O_CREAT | O_WRONLY, 0600);

	close(fd);
	ck_assert_int_eq(listen_unix(0600), -EEXIST);
	ck_assert_int_eq(unlink(path), 0);
	ck_assert_int_eq(symlink("/nowhere", path), 0);
	ck_assert_int_eq(listen_unix(0600), -EEXIST);
}
END_TEST

START_TEST(unix_paths_that_cannot_be)
{
	char longest[256];

	memset(longest, 'x', sizeof(longest));
	longest[0] = '/';
	longest[sizeof(longest) - 1] = '\0';
	ck_assert_int_eq(net_listen_unix(longest, 0600, (gid_t)-1), -ENAMETOOLONG);
	ck_assert_int_eq(net_connect_unix(longest), -ENAMETOOLONG);
	ck_assert_int_eq(net_listen_unix("/nowhere/at/all", 0600, (gid_t)-1), -ENOENT);
	ck_assert_int_eq(net_connect_unix(path), -ENOENT);
}
END_TEST

/* How the connect ends that was begun. */
static int
settled(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLOUT };

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(poll(&p, 1, PEER_PATIENCE_MS), 1);
	return net_connected(fd);
}

static int
begin(uint16_t port)
{
	struct sockaddr_in sin = { .sin_family = AF_INET, .sin_port = htons(port) };

	sin.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	return net_connect((struct sockaddr *)&sin, sizeof(sin));
}

START_TEST(connecting)
{
	uint16_t port = free_ports(1);
	int fds[NET_LISTENERS], n, fd;

	n = net_listen_tcp("127.0.0.1", port, fds);
	fd = begin(port);
	ck_assert(fcntl(fd, F_GETFL) & O_NONBLOCK);
	ck_assert_int_eq(settled(fd), 0);
	ck_assert(!(fcntl(fd, F_GETFL) & O_NONBLOCK));
	ck_assert(fcntl(fd, F_GETFD) & FD_CLOEXEC);
	ck_assert_int_ne(option(fd, IPPROTO_TCP, TCP_NODELAY), 0);
	close(fd);
	close_all(fds, n);
}
END_TEST

START_TEST(connecting_to_nobody)
{
	int fd = begin(free_ports(1));

	ck_assert_int_eq(settled(fd), -ECONNREFUSED);
	close(fd);
}
END_TEST

/* TCP lets a socket meet itself: that is nobody's card. */
START_TEST(connecting_to_oneself)
{
	struct sockaddr_in sin = { .sin_family = AF_INET };
	socklen_t len = sizeof(sin);
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	sin.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	ck_assert_int_eq(bind(fd, (struct sockaddr *)&sin, sizeof(sin)), 0);
	ck_assert_int_eq(getsockname(fd, (struct sockaddr *)&sin, &len), 0);
	ck_assert_int_eq(connect(fd, (struct sockaddr *)&sin, sizeof(sin)), 0);
	ck_assert_int_eq(net_connected(fd), -ECONNREFUSED);
	close(fd);
}
END_TEST

START_TEST(resolving)
{
	struct addrinfo *list = NULL, *named;
	char long_name[300];

	ck_assert_int_eq(net_resolve(NULL, 35963, &list), 0);
	ck_assert_ptr_nonnull(list);
	/* whatever /etc/hosts says of it, if there is one */
	ck_assert_int_eq(net_resolve("LocalHost", 35963, &named), 0);
	ck_assert_mem_eq(named->ai_addr, list->ai_addr, list->ai_addrlen);
	ck_assert((named->ai_next == NULL) == (list->ai_next == NULL));
	freeaddrinfo(named);
	freeaddrinfo(list);
	ck_assert_int_eq(net_resolve("127.0.0.1", 35963, &list), 0);
	ck_assert_int_eq(list->ai_family, AF_INET);
	ck_assert_uint_eq(ntohs(((struct sockaddr_in *)list->ai_addr)->sin_port), 35963);
	ck_assert_ptr_null(list->ai_next);
	freeaddrinfo(list);
	ck_assert_int_eq(net_resolve("::1", 1, &list), 0);
	ck_assert_int_eq(list->ai_family, AF_INET6);
	freeaddrinfo(list);
	/* longer than a name can be: no server is asked */
	memset(long_name, 'x', sizeof(long_name));
	long_name[sizeof(long_name) - 1] = '\0';
	ck_assert_int_ne(net_resolve(long_name, 1, &list), 0);
}
END_TEST

START_TEST(not_connected_is_not_local)
{
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	ck_assert(!net_is_local(fd));
	close(fd);
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("net");

	tcase_add_checked_fixture(tc, setup, remove_dir);
	tcase_add_test(tc, loopback_is_both_families);
	tcase_add_test(tc, loopback_is_not_the_network);
	tcase_add_loop_test(tc, a_port_taken_in_one_family_is_taken, 0, 2);
	tcase_add_test(tc, other_addresses);
	tcase_add_test(tc, a_port_is_free_again_at_once);
	tcase_add_test(tc, an_accepted_peer);
	tcase_add_test(tc, a_unix_socket);
	tcase_add_test(tc, a_unix_socket_for_a_group);
	tcase_add_test(tc, a_unix_socket_for_another_group);
	tcase_add_test(tc, no_descriptor_left);
	tcase_add_test(tc, a_unix_socket_and_the_umask);
	tcase_add_test(tc, a_stale_unix_socket_makes_way);
	tcase_add_test(tc, a_unix_socket_in_use_does_not);
	tcase_add_test(tc, another_file_is_left_alone);
	tcase_add_test(tc, unix_paths_that_cannot_be);
	tcase_add_test(tc, connecting);
	tcase_add_test(tc, connecting_to_nobody);
	tcase_add_test(tc, connecting_to_oneself);
	tcase_add_test(tc, resolving);
	tcase_add_test(tc, not_connected_is_not_local);
	return run("net", tc);
}
