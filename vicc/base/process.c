/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/process.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* In the child; execv's error goes back through the pipe. */
static void __attribute__((noreturn))
become(const char *path, int in, int out, int report, pid_t parent)
{
	char *const argv[] = { (char *)path, NULL };
	sigset_t none;
	int error, sig;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(1);
	/* of its own: what the terminal sends to vicc is not for it */
	setpgid(0, 0);
	for (sig = 1; sig < NSIG; sig++)
		signal(sig, SIG_DFL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	if (dup2(in, STDIN_FILENO) >= 0 && dup2(out, STDOUT_FILENO) >= 0) {
		/* execvp takes any file for a script */
		if (strchr(path, '/'))
			execv(path, argv);
		else
			execvp(path, argv);
	}
	error = errno;
	while (write(report, &error, sizeof(error)) < 0 && errno == EINTR)
		;
	_exit(127);
}

/* Whether execv has worked: 0, or what was wrong with it. */
static int
reported(int report)
{
	ssize_t n;
	int error;

	do
		n = read(report, &error, sizeof(error));
	while (n < 0 && errno == EINTR);
	return n == (ssize_t)sizeof(error) ? -error : 0;
}

static void
close_all(int fds[6])
{
	size_t i;

	for (i = 0; i < 6; i++) {
		if (fds[i] >= 0)
			close(fds[i]);
	}
}

static bool
open_pipes(int fds[6])
{
	size_t i;

	for (i = 0; i < 6; i += 2) {
		if (pipe2(fds + i, O_CLOEXEC) < 0)
			return false;
	}
	return true;
}

int
process_start(struct process *p, const char *path)
{
	int fds[6] = { -1, -1, -1, -1, -1, -1 }, *in = fds, *out = fds + 2, *report = fds + 4,
	    rc = 0;
	pid_t parent = getpid();

	*p = (struct process) { .pid = -1, .to = -1, .from = -1 };
	if (open_pipes(fds))
		p->pid = fork();
	if (p->pid == 0)
		become(path, in[0], out[1], report[1], parent);
	if (p->pid < 0)
		rc = -errno;
	if (rc == 0) {
		close(report[1]);
		report[1] = -1;
		rc = reported(report[0]);
	}
	if (rc == 0 &&
	    (fcntl(in[1], F_SETFL, O_NONBLOCK) < 0 || fcntl(out[0], F_SETFL, O_NONBLOCK) < 0))
		rc = -errno;
	if (rc == 0) {
		p->to = in[1];
		p->from = out[0];
		in[1] = out[0] = -1;
	}
	close_all(fds);
	return rc;
}

static int64_t
now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

bool
process_ended(struct process *p, int *status, int ms)
{
	const struct timespec moment = { .tv_nsec = 2000000 };
	int64_t end = now_ms() + ms;
	pid_t pid;

	while (p->pid > 0) {
		pid = waitpid(p->pid, status, WNOHANG);
		if (pid == p->pid) {
			p->pid = 0;
			return true;
		}
		if (pid < 0 || now_ms() >= end)
			return false;
		nanosleep(&moment, NULL);
	}
	return false;
}

void
process_end(struct process *p, int ms)
{
	int status;

	if (p->to >= 0)
		close(p->to);
	if (p->from >= 0)
		close(p->from);
	p->to = p->from = -1;
	/* behind the filter nobody is killed by us: then it ends when this process does */
	if (p->pid > 0 && !process_ended(p, &status, ms) && kill(-p->pid, SIGKILL) == 0)
		waitpid(p->pid, &status, 0);
}
