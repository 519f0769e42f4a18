/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "daemon/link.h"
#include "peer.h"
#include "wire.h"

static FILE *f;
static struct log log_;
static struct link l;
static struct endpoint where;
static int bell;
static bool leaving;

static bool
leave(void *ctx)
{
	eventfd_t n;

	(void)ctx;
	eventfd_read(bell, &n);
	return leaving;
}

static void
setup(void)
{
	f = tmpfile();
	log_ = (struct log) { .out = f, .level = LOG_NOTICE };
	where = (struct endpoint) { .port = free_ports(2) };
	bell = eventfd(0, EFD_NONBLOCK);
	leaving = false;
}

static void
teardown(void)
{
	link_close(&l);
	fclose(f);
	close(bell);
}

static int
start(void)
{
	int rc = link_open(&l, &where, &log_);

	l.watch[0] = (struct pollfd) { .fd = bell, .events = POLLIN };
	l.n_watch = 1;
	l.leave = leave;
	return rc;
}

/* How often the log says this. */
static int
said(const char *what)
{
	static char text[1 << 16];
	const char *p = text;
	int n = 0;

	rewind(f);
	text[fread(text, 1, sizeof(text) - 1, f)] = '\0';
	while ((p = strstr(p, what)) != NULL) {
		n++;
		p++;
	}
	return n;
}

/* A reader: where it listens. */
static int
reader(const char *address)
{
	int fds[NET_LISTENERS], n = net_listen_tcp(address, where.port, fds);

	ck_assert_int_ge(n, 1);
	return fds[0];
}

/* In ms from now, in a child: ring the bell, with the decision to leave. */
static void
ring(unsigned ms)
{
	if (fork() == 0) {
		usleep(ms * 1000);
		eventfd_write(bell, 1);
		_exit(0);
	}
}

/* --- words ------------------------------------------------------------------ */

START_TEST(endpoints_in_words)
{
	char text[LINK_TEXT];
	struct endpoint e = { .port = 1 };

	endpoint_text(&e, text);
	ck_assert_str_eq(text, "localhost:1");
	e.host = "fe80::1";
	endpoint_text(&e, text);
	ck_assert_str_eq(text, "[fe80::1]:1");
	strcpy(e.path, "/run/s");
	endpoint_text(&e, text);
	ck_assert_str_eq(text, "/run/s");
}
END_TEST

/* --- at start --------------------------------------------------------------- */

START_TEST(a_name_that_is_none)
{
	char host[400];

	memset(host, 'a', sizeof(host) - 1);
	host[sizeof(host) - 1] = '\0';
	where.host = host;
	ck_assert_int_lt(start(), 0);
	ck_assert_int_eq(said("cannot resolve host"), 1);
}
END_TEST

START_TEST(what_is_local)
{
	where.host = "LocalHost";
	ck_assert_int_eq(start(), 0);
	ck_assert(l.local);
	link_close(&l);
	where.host = "192.0.2.1";
	ck_assert_int_eq(start(), 0);
	ck_assert(!l.local);
	link_close(&l);
	strcpy(where.path, "/nonexistent/socket");
	ck_assert_int_eq(start(), 0);
	ck_assert(l.local);
}
END_TEST

START_TEST(a_port_that_is_taken)
{
	static const char *const by[] = { "127.0.0.1", "::1" };
	int fd = reader(by[_i]);

	where.reversed = true;
	ck_assert_int_eq(start(), -EADDRINUSE);
	ck_assert_int_eq(said("is taken: choose another with --port"), 1);
	close(fd);
}
END_TEST

START_TEST(not_an_address)
{
	where.reversed = true;
	where.host = "example";
	ck_assert_int_eq(start(), -EINVAL);
	ck_assert_int_eq(said("\"example\" is not an address to listen on"), 1);
}
END_TEST

START_TEST(an_address_of_others)
{
	where.reversed = true;
	where.host = "192.0.2.1";
	ck_assert_int_lt(start(), 0);
	ck_assert_int_eq(said("cannot listen on 192.0.2.1:"), 1);
}
END_TEST

/* --- connecting --------------------------------------------------------------- */

START_TEST(it_connects)
{
	static const char *const by[] = { "127.0.0.1", "::1" };
	int door = reader(by[_i]), fd, one = 0;
	socklen_t len = sizeof(one);

	ck_assert_int_eq(start(), 0);
	fd = link_next(&l);
	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(getsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, &len), 0);
	ck_assert_int_ne(one, 0);
	ck_assert_int_ne(fcntl(fd, F_GETFD) & FD_CLOEXEC, 0);
	/* not a word before the reader has asked */
	ck_assert_int_eq(said("vicc"), 0);
	link_asked(&l);
	link_asked(&l);
	ck_assert_int_eq(said("connected to localhost"), 1);
	close(fd);
	close(door);
}
END_TEST

START_TEST(it_waits_for_a_reader)
{
	struct link *shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE,
				   MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	const volatile int *pause_ms = &shared->pause;
	int fd;
	pid_t pid;

	ck_assert_int_eq(link_open(shared, &where, &log_), 0);
	pid = fork();
	if (pid == 0) {
		while (*pause_ms < 4 * LINK_FIRST_MS)
			usleep(1000);
		reader(NULL);
		/* to leave before the other side has seen the connection would break it */
		pause();
	}
	fd = link_next(shared);
	kill(pid, SIGKILL);
	ck_assert_int_ge(fd, 0);
	/* tried more than once, said once */
	ck_assert_int_eq(said("no reader there"), 1);
	ck_assert_int_eq(said("waiting for it"), 1);
	close(fd);
	link_close(shared);
	munmap(shared, sizeof(*shared));
}
END_TEST

START_TEST(the_pause_grows_and_ends)
{
	int i;

	ck_assert_int_eq(start(), 0);
	link_pause(&l, 0);
	ck_assert_int_eq(l.pause, LINK_FIRST_MS);
	link_pause(&l, 0);
	ck_assert_int_eq(l.pause, 2 * LINK_FIRST_MS);
	for (i = 0; i < 40; i++)
		link_pause(&l, 0);
	ck_assert_int_eq(l.pause, LINK_LAST_MS);
	ck_assert(l.not_before > wire_now());
	link_hurry(&l);
	ck_assert_int_eq(l.not_before, 0);
}
END_TEST

START_TEST(once_is_once)
{
	where.once = true;
	ck_assert_int_eq(start(), 0);
	ck_assert_int_eq(link_next(&l), -ECONNREFUSED);
	ck_assert_int_eq(said("no reader there"), 1);
	ck_assert_int_eq(said("waiting"), 0);
}
END_TEST

/* As a reader does that has a card already. */
static void
hangs_up_three_times(int door)
{
	int i, fd;

	ck_assert_int_eq(start(), 0);
	for (i = 0; i < 3; i++) {
		fd = link_next(&l);
		ck_assert_int_ge(fd, 0);
		close(accept(door, NULL, NULL));
		ck_assert_int_eq(link_wait(&l, fd), 0);
		close(fd);
		link_lost(&l, -EPIPE);
		link_hurry(&l);
	}
}

START_TEST(a_busy_socket)
{
	char dir[] = "/tmp/vicc-link-XXXXXX";
	int door;

	ck_assert_ptr_nonnull(mkdtemp(dir));
	snprintf(where.path, sizeof(where.path), "%s/s", dir);
	door = net_listen_unix(where.path, 0600, (gid_t)-1);
	ck_assert_int_ge(door, 0);
	hangs_up_three_times(door);
	ck_assert_int_eq(
		said("/s: the slot is busy, another card is in it: try another with --slot 1"), 1);
	close(door);
	unlink(where.path);
	rmdir(dir);
}
END_TEST

START_TEST(a_busy_slot)
{
	int door = reader("127.0.0.1");

	where.host = "127.0.0.1";
	where.slot = 1;
	hangs_up_three_times(door);
	ck_assert_int_eq(said("the slot is busy"), 1);
	ck_assert_int_eq(said("--slot 2"), 1);
	close(door);
}
END_TEST

/* It was at the door when the reader shut it: pcscd has ended. By TCP, and by a unix socket. */
START_TEST(a_reader_that_ends)
{
	char dir[] = "/tmp/vicc-link-XXXXXX", byte;
	int door, fd;

	ck_assert_ptr_nonnull(mkdtemp(dir));
	where.host = "127.0.0.1";
	where.once = true;
	if (_i == 1)
		snprintf(where.path, sizeof(where.path), "%s/s", dir);
	door = _i == 1 ? net_listen_unix(where.path, 0600, (gid_t)-1) : reader("127.0.0.1");
	ck_assert_int_ge(door, 0);
	ck_assert_int_eq(start(), 0);
	fd = link_next(&l);
	ck_assert_int_ge(fd, 0);
	close(door);
	ck_assert_int_eq(link_wait(&l, fd), 0);
	ck_assert_int_eq(recv(fd, &byte, 1, 0), -1);
	ck_assert_int_eq(errno, ECONNRESET);
	close(fd);
	link_lost(&l, -ECONNRESET);
	ck_assert_int_eq(said("the slot is busy"), 0);
	ck_assert_int_eq(said("the reader has gone away"), 1);
	unlink(where.path);
	rmdir(dir);
}
END_TEST

START_TEST(a_reader_that_leaves)
{
	int door = reader("127.0.0.1"), i, fd;

	where.host = "127.0.0.1";
	ck_assert_int_eq(start(), 0);
	for (i = 1; i < 3; i++) {
		fd = link_next(&l);
		link_asked(&l);
		close(fd);
		link_lost(&l, -ECONNRESET);
		ck_assert_int_eq(said("the reader has gone away; waiting"), i);
	}
	/* that it is gone has been said, and that nobody listens now is the same */
	close(door);
	leaving = true;
	ring(300);
	ck_assert_int_eq(link_next(&l), -EINTR);
	ck_assert_int_eq(said("no reader there"), 0);
}
END_TEST

START_TEST(another_error_is_named)
{
	ck_assert_int_eq(start(), 0);
	link_asked(&l);
	link_lost(&l, -ETIMEDOUT);
	ck_assert_int_eq(said("the connection broke: Connection timed out"), 1);
}
END_TEST

START_TEST(leaving_while_it_waits)
{
	ck_assert_int_eq(start(), 0);
	leaving = true;
	ring(300);
	ck_assert_int_eq(link_next(&l), -EINTR);
}
END_TEST

START_TEST(news_that_change_nothing)
{
	int door, fd;

	ck_assert_int_eq(start(), 0);
	eventfd_write(bell, 1);
	door = reader(NULL);
	fd = link_next(&l);
	ck_assert_int_ge(fd, 0);
	close(fd);
	close(door);
}
END_TEST

/* --- reversed ------------------------------------------------------------------- */

START_TEST(it_is_called)
{
	struct sockaddr_in sin = { .sin_family = AF_INET };
	int caller, fd, i;

	where.reversed = true;
	ck_assert_int_eq(start(), 0);
	sin.sin_port = htons(where.port);
	sin.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	for (i = 0; i < 2; i++) {
		caller = net_connect((struct sockaddr *)&sin, sizeof(sin));
		ck_assert_int_ge(caller, 0);
		fd = link_next(&l);
		ck_assert_int_ge(fd, 0);
		link_asked(&l);
		ck_assert_int_eq(said("connected to the reader"), i + 1);
		close(caller);
		close(fd);
		link_lost(&l, -EPIPE);
	}
	leaving = true;
	ring(100);
	ck_assert_int_eq(link_next(&l), -EINTR);
}
END_TEST

/* A silent one is nobody as long as somebody else calls: then it has to go. */
START_TEST(a_silent_caller)
{
	struct sockaddr_in sin = { .sin_family = AF_INET };
	int callers[2], fd;

	where.reversed = true;
	ck_assert_int_eq(start(), 0);
	sin.sin_port = htons(where.port);
	sin.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	callers[0] = net_connect((struct sockaddr *)&sin, sizeof(sin));
	fd = link_next(&l);
	ck_assert_int_ge(fd, 0);
	callers[1] = net_connect((struct sockaddr *)&sin, sizeof(sin));
	ck_assert_int_eq(link_wait(&l, fd), -ECONNABORTED);
	close(fd);
	link_lost(&l, -ECONNABORTED);
	ck_assert_int_eq(said("vicc"), 0);
	fd = link_next(&l);
	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(write(callers[1], "x", 1), 1);
	ck_assert_int_eq(link_wait(&l, fd), 0);
	/* one that has asked stays, whoever calls */
	ck_assert_int_eq(read(fd, callers, 1), 1);
	link_asked(&l);
	net_connect((struct sockaddr *)&sin, sizeof(sin));
	leaving = true;
	ring(LINK_SILENT_MS + 500);
	ck_assert_int_eq(link_wait(&l, fd), -EINTR);
	close(fd);
}
END_TEST

/* --- unix ----------------------------------------------------------------------- */

/* Listen at where.path as another user. */
static int
door_of_another(void)
{
	int fd;

	if (geteuid() != 0 || seteuid(65534) < 0)
		return -1; /* nobody else is at hand */
	fd = net_listen_unix(where.path, 0666, (gid_t)-1);
	ck_assert_int_eq(seteuid(0), 0);
	return fd;
}

/* Whoever listens there gets the PINs: it has to be root, pcscd, or we. */
START_TEST(a_unix_socket_of_another_user)
{
	int door, fd;

	snprintf(where.path, sizeof(where.path), "/tmp/test_link.%d", (int)getpid());
	where.once = true;
	door = door_of_another();
	if (door < 0)
		return;
	ck_assert_int_eq(start(), 0);
	ck_assert_int_lt(link_next(&l), 0);
	ck_assert_int_eq(said("not trusted: the reader there is a program of user 65534"), 1);
	/* said once */
	ck_assert_int_lt(link_next(&l), 0);
	ck_assert_int_eq(said("not trusted"), 1);
	/* that of pcscd's user */
	l.pcscd = 65534;
	fd = link_next(&l);
	ck_assert_int_ge(fd, 0);
	close(fd);
	close(door);
	/* our own */
	unlink(where.path);
	door = net_listen_unix(where.path, 0600, (gid_t)-1);
	fd = link_next(&l);
	ck_assert_int_ge(fd, 0);
	close(fd);
	close(door);
	unlink(where.path);
}
END_TEST

/* The same of one that calls us. */
START_TEST(a_caller_that_is_another_user)
{
	int status;
	char c;
	pid_t pid;

	snprintf(where.path, sizeof(where.path), "/tmp/test_link.%d", (int)getpid());
	where.reversed = true;
	ck_assert_int_eq(start(), 0);
	ck_assert_int_eq(chmod(where.path, 0666), 0);
	leaving = true;
	pid = fork();
	if (pid == 0) {
		int fd = geteuid() == 0 && seteuid(65534) == 0 ? net_connect_unix(where.path) : -1;
		bool is_shut = fd >= 0 && fcntl(fd, F_SETFL, 0) == 0 && recv(fd, &c, 1, 0) <= 0;

		eventfd_write(bell, 1);
		_exit(fd < 0 ? 77 : !is_shut);
	}
	ck_assert_int_eq(link_next(&l), -EINTR);
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	if (WEXITSTATUS(status) == 77)
		return; /* nobody else is at hand */
	ck_assert_int_eq(status, 0);
	ck_assert_int_eq(said("not trusted"), 1);
}
END_TEST

START_TEST(a_socket_in_the_file_system)
{
	char dir[] = "/tmp/vicc-link-XXXXXX";
	struct link there = { .n_listeners = 0 };
	struct stat st;
	int fd, other;

	ck_assert_ptr_nonnull(mkdtemp(dir));
	snprintf(where.path, sizeof(where.path), "%s/s", dir);
	where.reversed = true;
	ck_assert_int_eq(link_open(&there, &where, &log_), 0);
	ck_assert_int_eq(stat(where.path, &st), 0);
	ck_assert_uint_eq(st.st_mode & 0777, 0600);
	where.reversed = false;
	ck_assert_int_eq(start(), 0);
	fd = link_next(&l);
	ck_assert_int_ge(fd, 0);
	other = link_next(&there);
	ck_assert_int_ge(other, 0);
	ck_assert_int_eq(link_send(&l, fd, "hi", 2), 0);
	ck_assert_int_eq(link_wait(&there, other), 0);
	close(fd);
	close(other);
	link_close(&there);
	ck_assert_int_eq(stat(where.path, &st), -1);
	rmdir(dir);
}
END_TEST

/* Whoever calls while there is no descriptor for it waits, and is heard later. */
START_TEST(no_descriptor_left)
{
	struct sockaddr_in sin = { .sin_family = AF_INET };
	struct rlimit was;
	int caller, another, fd;

	where.reversed = true;
	where.host = "LocalHost";
	ck_assert_int_eq(start(), 0);
	ck_assert_int_ge(l.n_listeners, 1);
	sin.sin_port = htons(where.port);
	sin.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	caller = net_connect((struct sockaddr *)&sin, sizeof(sin));
	ring(300);
	leaving = true;
	was = peer_no_descriptors();
	ck_assert_int_eq(link_next(&l), -EINTR);
	ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &was), 0);
	leaving = false;
	link_hurry(&l);
	/* valgrind, which has limits of its own, lets the first one in and closes it */
	another = net_connect((struct sockaddr *)&sin, sizeof(sin));
	fd = link_next(&l);
	ck_assert_int_ge(fd, 0);
	close(fd);
	close(another);
	close(caller);
}
END_TEST

/* --- sending -------------------------------------------------------------------- */

static int pair[2];
static uint8_t big[WIRE_BODY_MAX];

/*
 * Those that wait for the reader are not looked at while it talks, however much they ask; when it
 * has been quiet, they are, and need not wait for their time.
 */
START_TEST(who_has_to_wait)
{
	int fds[2], i;
	const int64_t far = wire_now() + 3600 * 1000;

	ck_assert_int_eq(start(), 0);
	l.watch[1] = (struct pollfd) { .fd = -1 };
	l.watch[LINK_WATCH_FIRST] = (struct pollfd) { .fd = bell, .events = POLLIN };
	l.watch[0].fd = -1;
	l.n_watch = LINK_WATCH_FIRST + 1;
	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
	ck_assert_int_eq(eventfd_write(bell, 1), 0);
	leaving = true;
	for (i = 0; i < 1000; i++) {
		l.others_from = far;
		ck_assert_int_eq(write(fds[1], "x", 1), 1);
		ck_assert_int_eq(link_wait(&l, fds[0]), 0);
		ck_assert_int_eq(read(fds[0], &(char) { 0 }, 1), 1);
	}
	l.others_from = far;
	ck_assert_int_eq(link_wait(&l, fds[0]), -EINTR);
	close(fds[0]);
	close(fds[1]);
}
END_TEST

START_TEST(a_frame_is_sent)
{
	uint8_t got[16];

	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	ck_assert_int_eq(start(), 0);
	ck_assert_int_eq(link_send(&l, pair[0], "hello", 5), 0);
	ck_assert_int_eq(link_send(&l, pair[0], NULL, 0), 0);
	ck_assert_int_eq(read(pair[1], got, sizeof(got)), 9);
	ck_assert_mem_eq(got, "\0\5hello\0\0", 9);
	ck_assert_int_eq(link_send(&l, pair[0], big, sizeof(big) + 1), -EMSGSIZE);
	close(pair[1]);
	ck_assert_int_eq(link_send(&l, pair[0], "x", 1), -EPIPE);
	ck_assert_int_eq(link_send_bytes(&l, pair[0], "x", 1), -EPIPE);
}
END_TEST

/* A peer that reads late gets all of it, whatever rings meanwhile. */
START_TEST(a_slow_peer)
{
	static uint8_t got[WIRE_FRAME_MAX * 8];
	int i, status, small = 4096;
	size_t n = 0, j;
	ssize_t r;
	pid_t pid;

	memset(big, 0x5a, sizeof(big));
	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	setsockopt(pair[0], SOL_SOCKET, SO_SNDBUF, &small, sizeof(small));
	ck_assert_int_eq(start(), 0);
	ring(100);
	pid = fork();
	if (pid == 0) {
		for (i = 0; i < 8; i++) {
			if (link_send(&l, pair[0], big, sizeof(big)) != 0)
				_exit(1);
		}
		_exit(0);
	}
	close(pair[0]);
	usleep(300000);
	while ((r = read(pair[1], got + n, sizeof(got) - n)) > 0)
		n += (size_t)r;
	ck_assert_uint_eq(n, sizeof(got));
	for (j = 0; j < sizeof(got) && got[j] == (j % WIRE_FRAME_MAX < 2 ? 0xff : 0x5a); j++)
		;
	ck_assert_uint_eq(j, sizeof(got));
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_int_eq(status, 0);
}
END_TEST

/* A frame, and bytes that are none. */
START_TEST(leaving_while_the_peer_sleeps)
{
	int (*const send_some)(struct link *, int, const void *, size_t) =
		_i == 0 ? link_send : link_send_bytes;
	int rc = 0, i;

	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	ck_assert_int_eq(start(), 0);
	leaving = true;
	ring(200);
	for (i = 0; rc == 0 && i < 1000; i++)
		rc = send_some(&l, pair[0], big, sizeof(big));
	ck_assert_int_eq(rc, -EINTR);
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("link");

	/* nobody's pcscd is to be started */
	setenv("PCSCLITE_CSOCK_NAME", "/nonexistent/pcscd.comm", 1);
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, endpoints_in_words);
	tcase_add_test(tc, a_name_that_is_none);
	tcase_add_test(tc, what_is_local);
	tcase_add_loop_test(tc, a_port_that_is_taken, 0, 2);
	tcase_add_test(tc, not_an_address);
	tcase_add_test(tc, an_address_of_others);
	tcase_add_loop_test(tc, it_connects, 0, 2);
	tcase_add_test(tc, it_waits_for_a_reader);
	tcase_add_test(tc, the_pause_grows_and_ends);
	tcase_add_test(tc, once_is_once);
	tcase_add_test(tc, a_busy_slot);
	tcase_add_loop_test(tc, a_reader_that_ends, 0, 2);
	tcase_add_test(tc, a_busy_socket);
	tcase_add_test(tc, a_reader_that_leaves);
	tcase_add_test(tc, another_error_is_named);
	tcase_add_test(tc, leaving_while_it_waits);
	tcase_add_test(tc, news_that_change_nothing);
	tcase_add_test(tc, it_is_called);
	tcase_add_test(tc, a_silent_caller);
	tcase_add_test(tc, a_socket_in_the_file_system);
	tcase_add_test(tc, no_descriptor_left);
	tcase_add_test(tc, a_unix_socket_of_another_user);
	tcase_add_test(tc, a_caller_that_is_another_user);
	tcase_add_test(tc, who_has_to_wait);
	tcase_add_test(tc, a_frame_is_sent);
	tcase_add_test(tc, a_slow_peer);
	tcase_add_loop_test(tc, leaving_while_the_peer_sleeps, 0, 2);
	return run("link", tc);
}
