/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* We are the service manager. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "daemon/notify.h"
#include "peer.h"
#include "sanitized.h"

#define PATIENCE 60000 /* ms */

static char dir[] = "/tmp/test_notify.XXXXXX";
static char path[sizeof(dir) + 8];
static int fd = -1;

/* Listen at this name, as NOTIFY_SOCKET has it. */
static void
manage(const char *name)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	size_t n = strlen(name);

	memcpy(a.sun_path, name, n);
	if (*name == '@')
		a.sun_path[0] = '\0';
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0);
	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(bind(fd, (struct sockaddr *)&a,
			      (socklen_t)(offsetof(struct sockaddr_un, sun_path) + n)),
			 0);
	setenv("NOTIFY_SOCKET", name, 1);
}

static void
setup(void)
{
	ck_assert_ptr_nonnull(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/socket", dir);
	manage(path);
}

static void
teardown(void)
{
	notify_close();
	close(fd);
	unlink(path);
	rmdir(dir);
	strcpy(dir + sizeof(dir) - 7, "XXXXXX");
	unsetenv("NOTIFY_SOCKET");
}

static bool
told(const char *text)
{
	char got[64];
	ssize_t n = recv(fd, got, sizeof(got), 0);

	return n == (ssize_t)strlen(text) && memcmp(got, text, (size_t)n) == 0;
}

static bool
silent(void)
{
	char got[64];

	return recv(fd, got, sizeof(got), 0) < 0 && errno == EAGAIN;
}

START_TEST(one_card_tells_once)
{
	ck_assert_int_eq(notify_open(1), 0);
	ck_assert(silent());
	notify_ready();
	ck_assert(told("READY=1\nX_VICC_CARDS=1"));
	notify_ready();
	ck_assert(silent());
}
END_TEST

/* One for the socket, and one for the cards to count by. */
START_TEST(no_descriptor_left)
{
	struct rlimit was = peer_no_descriptors(), few;

	ck_assert_int_eq(getrlimit(RLIMIT_NOFILE, &few), 0);
	ck_assert_int_eq(notify_open(2), -EMFILE);
	few.rlim_cur++;
	ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &few), 0);
	ck_assert_int_eq(notify_open(2), -EMFILE);
	ck_assert_int_eq(fcntl((int)few.rlim_cur - 1, F_GETFD), -1);
	ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &was), 0);
	notify_ready(); /* to nobody */
	ck_assert(silent());
}
END_TEST

static void
ready_in_a_child(void)
{
	pid_t pid = fork();
	int status;

	if (pid == 0) {
		notify_ready();
		notify_ready();
		_exit(0);
	}
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_int_eq(status, 0);
}

START_TEST(the_last_of_several_tells)
{
	ck_assert_int_eq(notify_open(3), 0);
	ready_in_a_child();
	ready_in_a_child();
	ck_assert(silent());
	ready_in_a_child();
	ck_assert(told("READY=1\nX_VICC_CARDS=3"));
	ck_assert(silent());
}
END_TEST

START_TEST(an_abstract_socket)
{
	char name[64];

	close(fd);
	snprintf(name, sizeof(name), "@%s", path);
	manage(name);
	ck_assert_int_eq(notify_open(1), 0);
	notify_ready();
	ck_assert(told("READY=1\nX_VICC_CARDS=1"));
}
END_TEST

START_TEST(nobody_asked)
{
	unsetenv("NOTIFY_SOCKET");
	ck_assert_int_eq(notify_open(1), 0);
	notify_ready();
	setenv("NOTIFY_SOCKET", "", 1);
	ck_assert_int_eq(notify_open(1), 0);
	notify_ready();
	ck_assert(silent());
}
END_TEST

START_TEST(nobody_there)
{
	char name[200];

	unlink(path);
	ck_assert_int_eq(notify_open(1), -ENOENT);
	setenv("NOTIFY_SOCKET", "vsock:2:1", 1);
	ck_assert_int_eq(notify_open(1), -EINVAL);
	setenv("NOTIFY_SOCKET", "/", 1);
	ck_assert_int_eq(notify_open(1), -EINVAL);
	memset(name, 'x', sizeof(name) - 1);
	name[0] = '/';
	name[sizeof(name) - 1] = '\0';
	setenv("NOTIFY_SOCKET", name, 1);
	ck_assert_int_eq(notify_open(1), -ENAMETOOLONG);
	notify_ready();
	ck_assert(silent());
}
END_TEST

/* The manager has gone: it is no reason to end. */
START_TEST(nobody_there_any_more)
{
	ck_assert_int_eq(notify_open(1), 0);
	close(fd);
	notify_ready();
	fd = -1;
}
END_TEST

/* --- vicc itself, behind its filter ------------------------------------------- */

static pid_t
start_vicc(uint16_t port)
{
	char program[4096], number[8];
	const char *sandbox = SANITIZED ? "--no-sandbox" : "-q";
	pid_t pid = fork();

	if (pid != 0)
		return pid;
	snprintf(program, sizeof(program), "%s/vicc/vicc", getenv("top_builddir"));
	snprintf(number, sizeof(number), "%u", port);
	execl(program, "vicc", "-P", number, sandbox, "-t", "iso7816", "-t", "handler_test",
	      (char *)NULL);
	_exit(127);
}

/* The reader's end: a card has come, and shows its ATR. */
static int
take_card(const int *listeners, int n)
{
	struct pollfd p[NET_LISTENERS];
	uint8_t atr[64];
	int i, c = -1;

	for (i = 0; i < n; i++)
		p[i] = (struct pollfd) { .fd = listeners[i], .events = POLLIN };
	ck_assert_int_gt(poll(p, (nfds_t)n, PATIENCE), 0);
	for (i = 0; i < n && c < 0; i++)
		c = p[i].revents ? accept(listeners[i], NULL, NULL) : -1;
	ck_assert_int_ge(c, 0);
	ck_assert_int_eq(write(c, "\0\1\4", 3), 3);
	ck_assert_int_gt(read(c, atr, sizeof(atr)), 0);
	return c;
}

START_TEST(vicc_tells_when_all_its_cards_are_in)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	uint16_t port = free_ports(2);
	int first[NET_LISTENERS], second[NET_LISTENERS], cards[2], n, m, status;
	pid_t pid;

	n = net_listen_tcp(NULL, port, first);
	m = net_listen_tcp(NULL, (uint16_t)(port + 1), second);
	ck_assert(n > 0 && m > 0);
	pid = start_vicc(port);
	cards[0] = take_card(first, n);
	ck_assert_int_eq(poll(&p, 1, 50), 0);
	cards[1] = take_card(second, m);
	ck_assert_int_eq(poll(&p, 1, PATIENCE), 1);
	ck_assert(told("READY=1\nX_VICC_CARDS=2"));
	kill(pid, SIGTERM);
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_int_eq(status, 0);
	close(cards[0]);
	close(cards[1]);
	while (n > 0)
		close(first[--n]);
	while (m > 0)
		close(second[--m]);
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("notify");
	char here[4096];

	if (!getenv("top_builddir"))
		setenv("top_builddir", getcwd(here, sizeof(here)), 1);
	/* nobody's pcscd is to be started */
	setenv("PCSCLITE_CSOCK_NAME", "/nonexistent/pcscd.comm", 1);
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, one_card_tells_once);
	tcase_add_test(tc, no_descriptor_left);
	tcase_add_test(tc, the_last_of_several_tells);
	tcase_add_test(tc, an_abstract_socket);
	tcase_add_test(tc, nobody_asked);
	tcase_add_test(tc, nobody_there);
	tcase_add_test(tc, nobody_there_any_more);
	tcase_add_test(tc, vicc_tells_when_all_its_cards_are_in);
	return run("notify", tc);
}
