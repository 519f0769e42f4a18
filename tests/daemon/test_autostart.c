/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* With a pcscd of our own that speaks as much of its protocol as it takes. */
#include <poll.h>
#include <pthread.h>
#include <string.h>
#include <sys/socket.h>

#include <winscard.h>

#include "support.h"
#include "daemon/autostart.h"

/* pcscd's messages (pcsc-lite, winscard_msg.h): a length, a command, and a body */
enum { CMD_ESTABLISH = 1, CMD_RELEASE = 2, CMD_VERSION = 17 };

static char dir[] = "/tmp/vicc-autostart-XXXXXX", path[64];
static int door;
static volatile uint32_t verdict;
static volatile int established, released;
static pthread_t daemon_thread;
static char text[4096];
static struct log log_;
static struct autostart w;

static bool
read_all(int fd, void *p, size_t n)
{
	return n == 0 || recv(fd, p, n, MSG_WAITALL) == (ssize_t)n;
}

static void
serve(int fd)
{
	uint32_t header[2], body[16];

	while (read_all(fd, header, sizeof(header)) && header[0] <= sizeof(body) &&
	       read_all(fd, body, header[0])) {
		if (header[1] == CMD_ESTABLISH) {
			body[1] = (uint32_t)++established;
			body[2] = verdict;
		} else if (header[1] == CMD_RELEASE) {
			body[1] = 0;
			released++;
		}
		if (send(fd, body, header[0], MSG_NOSIGNAL) < 0)
			break;
	}
	close(fd);
}

static void *
client(void *arg)
{
	serve((int)(intptr_t)arg);
	return NULL;
}

static void *
be_pcscd(void *arg)
{
	struct pollfd p = { .fd = door, .events = POLLIN };
	pthread_t t;
	int fd;

	(void)arg;
	while (poll(&p, 1, -1) == 1 && (fd = accept(door, NULL, NULL)) >= 0) {
		pthread_create(&t, NULL, client, (void *)(intptr_t)fd);
		pthread_detach(t);
	}
	return NULL;
}

static void
setup(void)
{
	ck_assert_ptr_nonnull(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/pcscd.comm", dir);
	setenv("PCSCLITE_CSOCK_NAME", path, 1);
	door = net_listen_unix(path, 0600, (gid_t)-1);
	ck_assert_int_ge(door, 0);
	pthread_create(&daemon_thread, NULL, be_pcscd, NULL);
	log_ = (struct log) { .out = tmpfile(), .level = LOG_NOTICE };
	autostart_init(&w, &log_);
}

static void
teardown(void)
{
	autostart_free(&w);
	unlink(path);
	rmdir(dir);
}

static size_t
said(const char *what)
{
	size_t n = 0;
	const char *p = text;

	rewind(log_.out);
	memset(text, 0, sizeof(text));
	ck_assert_uint_lt(fread(text, 1, sizeof(text) - 1, log_.out), sizeof(text));
	while ((p = strstr(p, what)) != NULL) {
		n++;
		p++;
	}
	return n;
}

START_TEST(it_is_called_and_stays_called)
{
	autostart_pcscd(&w);
	ck_assert_int_eq(established, 1);
	ck_assert_int_eq(released, 0);
	ck_assert(w.held);
	/* again, as after it was started anew: the new one first */
	autostart_pcscd(&w);
	ck_assert_int_eq(established, 2);
	ck_assert_int_eq(released, 1);
	autostart_free(&w);
	ck_assert_int_eq(released, 2);
	ck_assert(!w.held);
	ck_assert_uint_eq(said("vicc"), 0);
}
END_TEST

START_TEST(it_refuses)
{
	verdict = (uint32_t)SCARD_W_SECURITY_VIOLATION;
	autostart_pcscd(&w);
	autostart_pcscd(&w);
	/* not asked twice: each time it asks polkit, and writes to its log */
	ck_assert_int_eq(established, 1);
	ck_assert(!w.held);
	ck_assert_uint_eq(said("polkit"), 1);
	/* a reader was there, and is gone */
	autostart_rearm(&w);
	autostart_pcscd(&w);
	ck_assert_int_eq(established, 2);
	ck_assert_uint_eq(said("polkit"), 1);
}
END_TEST

START_TEST(there_is_none)
{
	unlink(path);
	autostart_pcscd(&w);
	autostart_pcscd(&w);
	ck_assert_int_eq(established, 0);
	ck_assert(!w.held);
	ck_assert_uint_eq(said("vicc"), 0);
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("autostart");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, it_is_called_and_stays_called);
	tcase_add_test(tc, it_refuses);
	tcase_add_test(tc, there_is_none);
	return run("autostart", tc);
}
