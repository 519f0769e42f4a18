/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Other people's code crashes, and hangs, in a child; and what it costs when it does not. */
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>

#include "cards/plugin/mitm.h"
#include "daemon/guard.h"
#include "support.h"

static char said[300];

/* What it has said, and its wait status. */
static int
in_a_child(void (*fn)(void))
{
	int fds[2], status;
	ssize_t n, all = 0;
	pid_t pid;

	ck_assert_int_eq(pipe(fds), 0);
	pid = fork();
	if (pid == 0) {
		static struct log log = { .name = "vicc" };

		log.out = fdopen(fds[1], "w");
		if (guard_start(&log, "the card is gone") < 0)
			_exit(99);
		fn();
		_exit(42);
	}
	close(fds[1]);
	memset(said, 0, sizeof(said));
	while ((n = read(fds[0], said + all, sizeof(said) - 1 - (size_t)all)) > 0)
		all += n;
	close(fds[0]);
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	return status;
}

static int crash;

static void
crash_in_theirs(void)
{
	guard_foreign(NULL, "./their.so", 0);
	raise(crash);
}

static void
crash_in_ours(void)
{
	guard_foreign(NULL, "./their.so", 0);
	guard_foreign(NULL, NULL, 0);
	signal(SIGALRM, SIG_DFL);
	alarm(30);
	raise(crash);
}

static const struct {
	int signal;
	const char *name;
} crashes[] = {
	{ SIGSEGV, "SIGSEGV" }, { SIGBUS, "SIGBUS" }, { SIGILL, "SIGILL" },
	{ SIGFPE, "SIGFPE" }, { SIGABRT, "SIGABRT" },
};

START_TEST(a_crash_of_theirs)
{
	char line[200];
	int status;

	crash = crashes[_i].signal;
	status = in_a_child(crash_in_theirs);
	ck_assert(WIFEXITED(status));
	ck_assert_int_eq(WEXITSTATUS(status), 1);
	snprintf(line, sizeof(line), "vicc: ./their.so has crashed (%s): the card is gone\n",
		 crashes[_i].name);
	ck_assert_str_eq(said, line);
}
END_TEST

START_TEST(a_crash_of_ours)
{
	int status;

	crash = crashes[_i].signal;
	status = in_a_child(crash_in_ours);
	ck_assert(WIFSIGNALED(status));
	ck_assert_int_eq(WTERMSIG(status), crash);
	ck_assert_str_eq(said, "");
}
END_TEST

/* A stack that has come to its end is no reason to say nothing. */
static unsigned
deeper(volatile unsigned *n)
{
	volatile char room[4096];

	room[0] = (char)*n;
	return --*n == 0 ? 0 : deeper(n) + (unsigned)room[0];
}

static void
overflow(void)
{
	volatile unsigned n = 1u << 30;

	guard_foreign(NULL, "deep", 0);
	deeper(&n);
}

START_TEST(a_stack_at_its_end)
{
	int status = in_a_child(overflow);

	ck_assert(WIFEXITED(status));
	ck_assert_str_eq(said, "vicc: deep has crashed (SIGSEGV): the card is gone\n");
}
END_TEST

static void
hang(void)
{
	guard_foreign(NULL, "quick", 1000);
	guard_foreign(NULL, NULL, 0);
	guard_foreign(NULL, "slow", 1000);
	for (;;)
		pause();
}

START_TEST(a_hang)
{
	int status = in_a_child(hang);

	ck_assert(WIFEXITED(status));
	ck_assert_int_eq(WEXITSTATUS(status), 1);
	ck_assert_str_eq(said, "vicc: slow does not come back: the card is gone\n");
}
END_TEST

/* Many short ones are no long one; those that may take any time do. */
static void
work(void)
{
	int i;

	for (i = 0; i < 300; i++) {
		guard_foreign(NULL, "short", 1000);
		poll(NULL, 0, 5);
		guard_foreign(NULL, NULL, 0);
	}
	guard_foreign(NULL, "any", 0);
	for (i = 0; i < 300; i++)
		poll(NULL, 0, 5);
	guard_foreign(NULL, NULL, 0);
}

START_TEST(no_hang)
{
	int status = in_a_child(work);

	ck_assert_str_eq(said, "");
	ck_assert(WIFEXITED(status));
	ck_assert_int_eq(WEXITSTATUS(status), 42);
}
END_TEST

/* --- what it costs --------------------------------------------------------------------- */

#define ROUNDS 10000

static int
echo(struct card *c, struct view cmd, struct buf *rsp)
{
	(void)c;
	buf_put_view(rsp, cmd);
	buf_u16(rsp, 0x9000);
	return 0;
}

static void
stay(struct card *c)
{
	(void)c;
}

static int32_t
pass(struct card *m, struct view message, struct buf *instead)
{
	(void)m;
	(void)message;
	(void)instead;
	return VICC_PASS;
}

static double
seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* Of one command, us. */
static double
time_of(struct card *c)
{
	static const uint8_t cmd[5] = { 0, 0xb0 };
	struct buf rsp = BUF(CARD_RESPONSE_MAX);
	double began = seconds();
	int i;

	for (i = 0; i < ROUNDS; i++) {
		buf_reset(&rsp);
		card_transmit(c, view_of(cmd, sizeof(cmd)), &rsp);
	}
	buf_free(&rsp);
	return (seconds() - began) / ROUNDS * 1e6;
}

/* As in vicc, there and back, the quickest of ten: with a middle-man, and without. */
START_TEST(what_a_middle_man_costs)
{
	static const struct card_ops ops = { .transmit = echo, .free = stay };
	static const struct mitm_ops passes = { .command = pass, .answer = pass };
	static const struct log quiet = { .out = NULL };
	static const struct card_env env = { .log = &quiet, .foreign = guard_foreign };
	const struct mitm_instance instance = {
		.name = "him", .ops = &passes, .card = calloc(1, sizeof(struct card)),
		.size = sizeof(struct card), .deadline = MITM_DEADLINE,
	};
	struct card card = { .ops = &ops }, *behind;
	double alone = 1e9, with = 1e9, t;
	int i;

	ck_assert_int_eq(guard_start(&quiet, ""), 0);
	behind = mitm_new(&card, &instance, &env);
	ck_assert_ptr_nonnull(behind);
	for (i = 0; i < 10; i++) {
		t = time_of(&card);
		alone = t < alone ? t : alone;
		t = time_of(behind);
		with = t < with ? t : with;
	}
	printf("FIGURE middle-man (.so) that passes, per message: %.3f us (wanted: at most 1 us)\n",
	       (with - alone) / 2);
	ck_assert(with - alone < 100 * 2);
	card_free(behind);
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("guard");

	tcase_add_loop_test(tc, a_crash_of_theirs, 0, 5);
	tcase_add_loop_test(tc, a_crash_of_ours, 0, 5);
	tcase_add_test(tc, a_stack_at_its_end);
	tcase_add_test(tc, a_hang);
	tcase_add_test(tc, no_hang);
	tcase_add_test(tc, what_a_middle_man_costs);
	return run("guard", tc);
}
