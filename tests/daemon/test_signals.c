/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>

#include "daemon/signals.h"
#include "peer.h"

static int fd;

static void
setup(void)
{
	fd = signals_catch();
	ck_assert_int_ge(fd, 0);
}

static void
teardown(void)
{
	close(fd);
}

static bool
news(void)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };

	return poll(&p, 1, 0) == 1;
}

START_TEST(no_descriptor_left)
{
	struct rlimit was = peer_no_descriptors();

	ck_assert_int_eq(signals_catch(), -EMFILE);
	ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &was), 0);
}
END_TEST

START_TEST(nothing_came)
{
	ck_assert(!news());
	ck_assert(!signals_stop());
	ck_assert(!signals_out());
	ck_assert(!signals_give_up());
	ck_assert(!signals_gave_up());
	ck_assert_uint_eq(signals_removals(), 0);
	signals_clear(fd); /* does not wait */
}
END_TEST

START_TEST(out_and_back)
{
	raise(SIGUSR1);
	ck_assert(news());
	ck_assert(signals_out());
	signals_clear(fd);
	ck_assert(!news());
	raise(SIGUSR2);
	ck_assert(news());
	ck_assert(!signals_out());
	/* that it was out for a moment is not forgotten */
	ck_assert_uint_eq(signals_removals(), 1);
	raise(SIGUSR2);
	ck_assert_uint_eq(signals_removals(), 1);
	ck_assert(!signals_stop());
}
END_TEST

START_TEST(the_end)
{
	static const int sigs[] = { SIGTERM, SIGINT, SIGHUP };

	raise(sigs[_i]);
	ck_assert(news());
	ck_assert(signals_stop());
	ck_assert(!signals_out());
}
END_TEST

START_TEST(blocked_before)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigprocmask(SIG_BLOCK, &set, NULL);
	raise(SIGTERM);
	ck_assert(!signals_stop());
	close(signals_catch());
	ck_assert(signals_stop());
}
END_TEST

START_TEST(a_broken_pipe_is_an_error)
{
	int p[2];

	ck_assert_int_eq(pipe(p), 0);
	close(p[0]);
	ck_assert_int_eq(write(p[1], "x", 1), -1);
	ck_assert_int_eq(errno, EPIPE);
	close(p[1]);
}
END_TEST

/* A card call that never returns: the process ends all the same, with 0. */
START_TEST(a_hanging_card)
{
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		raise(SIGTERM);
		for (;;)
			pause();
	}
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert(WIFEXITED(status));
	ck_assert_int_eq(WEXITSTATUS(status), 0);
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("signals");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, no_descriptor_left);
	tcase_add_test(tc, nothing_came);
	tcase_add_test(tc, out_and_back);
	tcase_add_loop_test(tc, the_end, 0, 3);
	tcase_add_test(tc, blocked_before);
	tcase_add_test(tc, a_broken_pipe_is_an_error);
	tcase_add_test(tc, a_hanging_card);
	return run("signals", tc);
}
