/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/supervise.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/log.h"
#include "daemon/sandbox.h"

static int
run_child(const struct supervised *cards, size_t i, pid_t parent, const sigset_t *unblocked)
{
	prctl(PR_SET_PDEATHSIG, SIGTERM);
	if (getppid() != parent)
		return EXIT_FAILURE;
	sigprocmask(SIG_SETMASK, unblocked, NULL);
	return cards->run(cards->ctx, i);
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

/* It does no card's work, but is a process of vicc like the others: nothing more than it needs. */
static int
confine_supervisor(bool no_sandbox)
{
	struct log log = { .out = stderr, .level = LOG_ERROR_ONLY };

	sandbox_hide(no_sandbox);
	return no_sandbox ? 0 : sandbox_enter(SANDBOX_AWAITS | SANDBOX_FORWARDS, &log);
}

/* Forward signals until every child has ended: the highest exit code. */
static int
await_children(const struct supervised *cards, pid_t *pids, size_t left, const sigset_t *caught)
{
	size_t i;
	int worst = 0, sig, status, code;
	pid_t pid;

	while (left > 0) {
		sig = sigwaitinfo(caught, NULL);
		for (i = 0; sig > 0 && sig != SIGCHLD && i < cards->n; i++) {
			if (pids[i] > 0)
				kill(pids[i], sig);
		}
		while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
			code = exit_code(cards, pids, pid, status);
			worst = code > worst ? code : worst;
			for (i = 0; i < cards->n; i++)
				pids[i] = pids[i] == pid ? 0 : pids[i];
			left--;
		}
	}
	return worst;
}

int
supervise(const struct supervised *cards)
{
	static const int forwarded[] = { SIGTERM, SIGINT, SIGHUP, SIGUSR1, SIGUSR2, SIGCHLD };
	pid_t parent = getpid(), *pids = calloc(cards->n, sizeof(*pids));
	struct log log = { .out = stderr };
	sigset_t caught, before;
	size_t i;
	int rc;

	if (!pids)
		return EXIT_FAILURE;
	sigemptyset(&caught);
	for (i = 0; i < sizeof(forwarded) / sizeof(forwarded[0]); i++)
		sigaddset(&caught, forwarded[i]);
	sigprocmask(SIG_BLOCK, &caught, &before);
	for (i = 0; i < cards->n; i++) {
		pids[i] = fork();
		if (pids[i] == 0) {
			free(pids);
			return run_child(cards, i, parent, &before);
		}
		if (pids[i] < 0) {
			log_error(&log, "cannot start card %zu: %s", i + 1, strerror(errno));
			kill(parent, SIGTERM);
			break;
		}
	}
	if (confine_supervisor(cards->no_sandbox) < 0)
		kill(parent, SIGTERM);
	rc = await_children(cards, pids, i, &caught);
	if (i < cards->n)
		rc = EXIT_FAILURE;
	free(pids);
	return rc;
}
