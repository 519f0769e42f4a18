/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A process for each card, its exit code, its end by a signal, and signals that are forwarded. */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>

#include "daemon/supervise.h"
#include "support.h"

static const char *
name_of(const void *ctx, size_t i)
{
	(void)ctx;
	return i == 0 ? "first" : "other";
}

/* What the supervisor returns; cards end here. */
static int
result_of(size_t n, int (*card)(const void *ctx, size_t i), const void *ctx)
{
	const struct supervised cards = {
		.n = n,
		.run = card,
		.name = name_of,
		.ctx = ctx,
		.no_sandbox = true,
	};
	pid_t self = getpid();
	int rc = supervise(&cards);

	if (getpid() != self)
		_exit(rc);
	return rc;
}

static int
ends_with(const void *ctx, size_t i)
{
	return ((const int *)ctx)[i];
}

START_TEST(the_highest_exit_code)
{
	static const int none[] = { 0, 0 }, some[] = { 0, 7, 2 };

	ck_assert_int_eq(result_of(2, ends_with, none), 0);
	ck_assert_int_eq(result_of(3, ends_with, some), 7);
}
END_TEST

static int
second_crashes(const void *ctx, size_t i)
{
	(void)ctx;
	if (i == 1)
		raise(SIGKILL);
	return 0;
}

START_TEST(a_signal_is_named)
{
	char line[256] = "";
	FILE *log = tmpfile();

	ck_assert_ptr_nonnull(log);
	ck_assert_int_ge(dup2(fileno(log), STDERR_FILENO), 0);
	ck_assert_int_eq(result_of(3, second_crashes, NULL), EXIT_FAILURE);
	rewind(log);
	ck_assert_ptr_nonnull(fgets(line, sizeof(line), log));
	ck_assert_ptr_nonnull(strstr(line, "card 2 (other) was ended by signal 9"));
	ck_assert_ptr_null(fgets(line, sizeof(line), log));
	fclose(log);
}
END_TEST

/* The first one sends it to the supervisor; all have it blocked. */
static int
waits_for_signal(const void *ctx, size_t i)
{
	int sig = *(const int *)ctx, got = 0;
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, sig);
	if (i == 0)
		kill(getppid(), sig);
	return sigwait(&set, &got) == 0 && got == sig ? 3 + (int)i : EXIT_FAILURE;
}

START_TEST(signals_are_forwarded)
{
	static const int signals[] = { SIGTERM, SIGINT, SIGHUP, SIGUSR1, SIGUSR2 };
	sigset_t set;
	size_t i;

	sigemptyset(&set);
	for (i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
		sigaddset(&set, signals[i]);
	sigprocmask(SIG_BLOCK, &set, NULL);
	for (i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
		ck_assert_int_eq(result_of(3, waits_for_signal, &signals[i]), 5);
}
END_TEST

/* Before it catches any: the first one sends it to the supervisor. */
static int
finds_it_pending(const void *ctx, size_t i)
{
	sigset_t set;

	(void)ctx;
	if (i == 0)
		kill(getppid(), SIGTERM);
	do
		sigpending(&set);
	while (!sigismember(&set, SIGTERM));
	return 3 + (int)i;
}

START_TEST(a_signal_waits_until_it_is_caught)
{
	ck_assert_int_eq(result_of(2, finds_it_pending, NULL), 4);
}
END_TEST

static int
ends_with_its_parent(const void *ctx, size_t i)
{
	int sig = 0;

	(void)ctx;
	(void)i;
	return prctl(PR_GET_PDEATHSIG, &sig) == 0 && sig == SIGTERM ? 0 : EXIT_FAILURE;
}

START_TEST(nobody_is_left_behind)
{
	ck_assert_int_eq(result_of(2, ends_with_its_parent, NULL), 0);
}
END_TEST

/* A card that is read anew: which start this is, in memory that its processes share. */
struct starts {
	volatile int n;
};

static bool
first_renews(const void *ctx, size_t i)
{
	(void)ctx;
	return i == 0;
}

/* The first start asks for a second one, and waits for its end; that one ends the other card. */
static int
starts_again(const void *ctx, size_t i)
{
	struct starts *starts = (struct starts *)(uintptr_t)ctx;
	sigset_t set;
	int got = 0;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGUSR2);
	if (i == 1)
		return sigwait(&set, &got) == 0 && got == SIGUSR2 && sigwait(&set, &got) == 0
			       ? 4
			       : EXIT_FAILURE;
	if (++starts->n == 2) {
		kill(getppid(), SIGTERM);
		return 3;
	}
	kill(getppid(), SIGUSR2);
	/* nobody else puts it back */
	raise(SIGUSR2);
	return sigwait(&set, &got) == 0 && got == SIGUSR2 && sigwait(&set, &got) == 0 &&
			       got == SIGTERM
		       ? 9
		       : EXIT_FAILURE;
}

START_TEST(a_card_is_renewed)
{
	struct starts *starts = mmap(NULL, sizeof(*starts), PROT_READ | PROT_WRITE,
				     MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	struct supervised cards = {
		.n = 2, .run = starts_again, .name = name_of, .renews = first_renews, .no_sandbox = true,
	};
	pid_t self = getpid();
	sigset_t set;
	int rc;

	ck_assert(starts != MAP_FAILED);
	starts->n = 0;
	cards.ctx = starts;
	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGUSR2);
	sigprocmask(SIG_BLOCK, &set, NULL);
	rc = supervise(&cards);
	if (getpid() != self)
		_exit(rc);
	/* how the old process of a card that was renewed has ended says nothing */
	ck_assert_int_eq(rc, 4);
	ck_assert_int_eq(starts->n, 2);
	munmap(starts, sizeof(*starts));
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("supervise");

	tcase_add_test(tc, the_highest_exit_code);
	tcase_add_test(tc, a_signal_is_named);
	tcase_add_test(tc, signals_are_forwarded);
	tcase_add_test(tc, a_signal_waits_until_it_is_caught);
	tcase_add_test(tc, nobody_is_left_behind);
	tcase_add_test(tc, a_card_is_renewed);
	return run("supervise", tc);
}
