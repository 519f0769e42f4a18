/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/supervise.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/log.h"
#include "daemon/sandbox.h"

/* The children, and what each of them has to know of its parent. */
struct family {
	const struct supervised *cards;
	pid_t parent, *pids; /* 0: it has ended */
	sigset_t before;     /* the signals that were blocked, and those that a card catches */
};

static bool
renews(const struct supervised *cards, size_t i)
{
	return cards->renews && cards->renews(cards->ctx, i);
}

/* What is sent to one that does not catch signals yet waits until it does. */
static int
run_child(const struct family *f, size_t i)
{
	prctl(PR_SET_PDEATHSIG, SIGTERM);
	if (getppid() != f->parent)
		return EXIT_FAILURE;
	sigprocmask(SIG_SETMASK, &f->before, NULL);
	return f->cards->run(f->cards->ctx, i);
}

/* What a child's end means for all: its exit code, or EXIT_FAILURE for a crash. */
static int
exit_code(const struct supervised *cards, const pid_t *pids, pid_t pid, int status)
{
	struct log log = { .out = stderr };
	size_t i;

	if (WIFEXITED(status))
		return WEXITSTATUS(status);
	for (i = 0; i < cards->n && pids[i] != pid; i++)
		;
	log_error(&log, "card %zu (%s) was ended by signal %d", i + 1, cards->name(cards->ctx, i),
		  WTERMSIG(status));
	return EXIT_FAILURE;
}

/*
 * It does no card's work, but is a process of vicc like the others: nothing more than it
 * needs. What is renewed opens files, sockets and a filter of its own behind this one.
 */
static int
confine_supervisor(const struct supervised *cards)
{
	struct log log = { .out = stderr, .level = LOG_ERROR_ONLY };
	size_t i = 0;

	sandbox_hide(cards->no_sandbox);
	while (i < cards->n && !renews(cards, i))
		i++;
	if (cards->no_sandbox || (i < cards->n && cards->runs_programs))
		return 0;
	return sandbox_enter(i < cards->n ? SANDBOX_WIDE : SANDBOX_AWAITS | SANDBOX_FORWARDS, &log);
}

/* 0 in the child. */
static pid_t
start_card(struct family *f, size_t i)
{
	struct log log = { .out = stderr };

	f->pids[i] = fork();
	if (f->pids[i] < 0)
		log_error(&log, "cannot start card %zu: %s", i + 1, strerror(errno));
	return f->pids[i];
}

/* Another process for the same card, once the old one has ended. 0 in that. */
static pid_t
renew_card(struct family *f, size_t i)
{
	kill(f->pids[i], SIGTERM);
	waitpid(f->pids[i], NULL, 0);
	return start_card(f, i);
}

/* To each card. -1, or which is the card of this process, which is new. */
static ssize_t
forward(struct family *f, int sig)
{
	size_t i;

	for (i = 0; i < f->cards->n; i++) {
		if (f->pids[i] <= 0)
			continue;
		if (sig != SIGUSR2 || !renews(f->cards, i))
			kill(f->pids[i], sig);
		else if (renew_card(f, i) == 0)
			return (ssize_t)i;
	}
	return -1;
}

/* The children that have ended, and the highest of worst and their exit codes. */
static int
reap(struct family *f, int worst)
{
	int status, code;
	pid_t pid;
	size_t i;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		code = exit_code(f->cards, f->pids, pid, status);
		worst = code > worst ? code : worst;
		for (i = 0; i < f->cards->n; i++)
			f->pids[i] = f->pids[i] == pid ? 0 : f->pids[i];
	}
	for (i = 0; i < f->cards->n; i++) {
		if (f->pids[i] < 0) {
			worst = EXIT_FAILURE;
			f->pids[i] = 0;
		}
	}
	return worst;
}

static bool
any_runs(const struct family *f)
{
	size_t i;

	for (i = 0; i < f->cards->n && f->pids[i] == 0; i++)
		;
	return i < f->cards->n;
}

/* Forward signals until every child has ended: the highest exit code. */
static int
await_children(struct family *f, const sigset_t *caught)
{
	ssize_t mine = -1;
	int worst = 0, sig;

	while (any_runs(f)) {
		sig = sigwaitinfo(caught, NULL);
		if (sig > 0 && sig != SIGCHLD)
			mine = forward(f, sig);
		if (mine >= 0)
			return run_child(f, (size_t)mine);
		worst = reap(f, worst);
	}
	return worst;
}

int
supervise(const struct supervised *cards)
{
	static const int forwarded[] = { SIGTERM, SIGINT, SIGHUP, SIGUSR1, SIGUSR2 };
	struct family f = {
		.cards = cards, .parent = getpid(), .pids = calloc(cards->n, sizeof(*f.pids)),
	};
	sigset_t caught;
	size_t i;
	int rc;

	if (!f.pids)
		return EXIT_FAILURE;
	sigemptyset(&caught);
	for (i = 0; i < sizeof(forwarded) / sizeof(forwarded[0]); i++)
		sigaddset(&caught, forwarded[i]);
	sigprocmask(SIG_BLOCK, &caught, NULL);
	sigaddset(&caught, SIGCHLD);
	sigprocmask(SIG_BLOCK, &caught, &f.before);
	for (i = 0; i < cards->n; i++) {
		if (start_card(&f, i) == 0) {
			rc = run_child(&f, i);
			free(f.pids);
			return rc;
		}
		if (f.pids[i] < 0) {
			kill(f.parent, SIGTERM);
			break;
		}
	}
	if (confine_supervisor(cards) < 0)
		kill(f.parent, SIGTERM);
	rc = await_children(&f, &caught);
	free(f.pids);
	return rc;
}
