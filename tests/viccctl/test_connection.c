/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a card says, as viccctl hears it: whole lines, torn ones, nonsense, nothing. */
#include "viccctl/connection.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>

#include "peer.h"
#include "support.h"
#include "wire.h"

static struct connection c;
static int card;
static long in_use; /* blocks of jansson's */
static int poll_error, received;

int __real_poll(struct pollfd *p, nfds_t n, int ms);
int __wrap_poll(struct pollfd *p, nfds_t n, int ms);
ssize_t __real_recv(int fd, void *p, size_t n, int flags);
ssize_t __wrap_recv(int fd, void *p, size_t n, int flags);

int
__wrap_poll(struct pollfd *p, nfds_t n, int ms)
{
	int error = poll_error;

	if (!error)
		return __real_poll(p, n, ms);
	/* a signal comes but once */
	poll_error = error == EINTR ? 0 : error;
	errno = error;
	return -1;
}

ssize_t
__wrap_recv(int fd, void *p, size_t n, int flags)
{
	received++;
	return __real_recv(fd, p, n, flags);
}

static void *
counting_malloc(size_t n)
{
	in_use++;
	return malloc(n);
}

static void
counting_free(void *p)
{
	in_use -= p != NULL;
	free(p);
}

static void
setup(void)
{
	int fds[2];

	json_set_alloc_funcs(counting_malloc, counting_free);
	in_use = 0;
	poll_error = received = 0;
	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
	c = (struct connection) { .fd = fds[0], .in = BUF(1 << 20), .events = json_array() };
	card = fds[1];
}

static void
teardown(void)
{
	connection_close(&c);
	if (card >= 0)
		close(card);
	ck_assert_int_eq(in_use, 0);
}

static void
says(const char *text)
{
	peer_say(card, text, strlen(text));
}

static void
hangs_up(void)
{
	close(card);
	card = -1;
}

static int64_t
soon(void)
{
	return wire_now() + PEER_PATIENCE_MS;
}

static void
is_event(const char *name)
{
	int error;
	json_t *event = connection_event(&c, soon(), &error);

	ck_assert_int_eq(error, 0);
	ck_assert_str_eq(json_string_value(json_object_get(event, "event")), name);
	json_decref(event);
}

static void
is_error(int wanted)
{
	int error = 0;

	ck_assert_ptr_null(connection_event(&c, soon(), &error));
	ck_assert_int_eq(error, wanted);
}

START_TEST(lines)
{
	int error;
	json_t *answer;

	says("{\"event\":\"one\"}\n{\"event\":\"two\"}\n{\"ok\":{}}\n{\"ev");
	answer = connection_answer(&c, soon(), &error);
	ck_assert_ptr_nonnull(json_object_get(answer, "ok"));
	json_decref(answer);
	is_event("one");
	is_event("two");
	says("ent\":\"three\"}\n");
	is_event("three");
	hangs_up();
	is_error(-EPIPE);
}
END_TEST

static const char *const nonsense[] = { "[]", "[{\"ok\":{}}]", "7", "\"ok\"", "null", "",
					"{",  "{}{}" };

/* It is an error, and nothing of it stays; the line behind it is a line. */
START_TEST(no_object)
{
	says(nonsense[_i]);
	says("\n{\"event\":\"next\"}\n");
	is_error(-EPROTO);
	is_event("next");
}
END_TEST

START_TEST(a_line_without_end)
{
	c.in.max = 64;
	says("{\"event\":\"0123456789012345678901234567890123456789012345678901234567890123456789\"}\n");
	is_error(-EPROTO);
}
END_TEST

START_TEST(in_time)
{
	int error;

	ck_assert_ptr_null(connection_event(&c, wire_now() + 20, &error));
	ck_assert_int_eq(error, -ETIMEDOUT);
	ck_assert_ptr_null(connection_event(&c, wire_now() - 1, &error));
	ck_assert_int_eq(error, -ETIMEDOUT);
}
END_TEST

/* It is not gone on with a read that nothing ends. */
START_TEST(poll_fails)
{
	says("{\"event\":\"one\"}\n");
	poll_error = ENOMEM;
	is_error(-ENOMEM);
	ck_assert_int_eq(received, 0);
	poll_error = EINTR;
	is_event("one");
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("connection");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, lines);
	tcase_add_loop_test(tc, no_object, 0, (int)(sizeof(nonsense) / sizeof(*nonsense)));
	tcase_add_test(tc, a_line_without_end);
	tcase_add_test(tc, in_time);
	tcase_add_test(tc, poll_fails);
	return run("connection", tc);
}
