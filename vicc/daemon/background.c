/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/background.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/output.h"
#include "daemon/notify.h"
#include "daemon/reader.h"
#include "wire.h"

#define END_MS 2000 /* that a process may take to end when it is told to */

struct watch {
	pid_t pid;
	int messages; /* what it writes to standard output and standard error */
	int ready;    /* the other end of its notify_ready */
	int64_t deadline;
};

static void
background_say(const char *text)
{
	fprintf(stderr, "vicc: %s\n", text);
}

/* --- the one that goes ----------------------------------------------------------- */

/* Its messages go to the one that waits, for as long as that waits; then nowhere. */
static bool
leave_terminal(int messages)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	bool left = null >= 0 && dup2(null, STDIN_FILENO) >= 0 &&
		    dup2(messages, STDOUT_FILENO) >= 0 && dup2(messages, STDERR_FILENO) >= 0 &&
		    setsid() >= 0;

	if (null > STDERR_FILENO)
		close(null);
	signal(SIGPIPE, SIG_IGN);
	return left;
}

/* --- the one that waits ------------------------------------------------------------- */

static void
pass_on(int messages)
{
	char some[4096];
	ssize_t n = read(messages, some, sizeof(some));

	if (n > 0 && write(STDERR_FILENO, some, (size_t)n) < 0)
		background_say("messages are lost");
}

/* 1: ready; 0: it has ended; -ETIMEDOUT. */
static int
await_ready(const struct watch *w)
{
	struct pollfd p[] = {
		{ .fd = w->messages, .events = POLLIN },
		{ .fd = w->ready, .events = POLLIN },
	};
	char text[64];
	int64_t left;

	while ((left = w->deadline - wire_now()) > 0) {
		if (poll(p, 2, (int)left) <= 0)
			continue;
		if (p[0].revents & POLLIN)
			pass_on(w->messages);
		else if (p[1].revents & POLLIN && recv(w->ready, text, sizeof(text), 0) > 0)
			return 1;
		else if (p[0].revents & POLLHUP)
			return 0;
	}
	return -ETIMEDOUT;
}

/* A client of pcscd's would see a card there; or cannot ask. */
static bool
is_seen(const struct endpoint *e, int64_t deadline)
{
	struct readers r;
	const char *why;
	size_t i;

	/* what is elsewhere, and what may be, is for the card to say */
	if (!e || e->reversed || (e->host && strcasecmp(e->host, "localhost") != 0) ||
	    !readers_of(&r, e->path[0] ? e->path : NULL, e->port, &why))
		return true;
	for (;;) {
		for (i = 0; i < r.n; i++) {
			if (r.r[i].event_state & SCARD_STATE_PRESENT)
				return true;
		}
		if (wire_now() >= deadline)
			return false;
		readers_await(&r, 200);
	}
}

/* Its exit code; it is made to end, if it does not. */
static int
background_end(pid_t pid, bool kill_it)
{
	int64_t deadline = wire_now() + END_MS;
	int status = 0;

	if (kill_it)
		kill(pid, SIGTERM);
	while (kill_it && waitpid(pid, &status, WNOHANG) == 0) {
		if (wire_now() >= deadline)
			kill(pid, SIGKILL);
		poll(NULL, 0, 10);
	}
	if (!kill_it)
		waitpid(pid, &status, 0);
	return WIFEXITED(status) && WEXITSTATUS(status) > 0 ? WEXITSTATUS(status) : EXIT_FAILURE;
}

static int
write_pid(const char *path, pid_t pid)
{
	char text[32];
	int n = snprintf(text, sizeof(text), "%ld\n", (long)pid),
	    fd = output_open(path, 0644, true), rc = 0;

	if (fd < 0)
		return fd;
	if (write(fd, text, (size_t)n) != n)
		rc = -ENOSPC;
	close(fd);
	return rc;
}

static bool
are_seen(const struct background *b, int64_t deadline)
{
	size_t i;

	for (i = 0; i < b->n && is_seen(b->where[i], deadline); i++)
		;
	return i == b->n;
}

/* The exit code of the process that was started. */
static int
see_to_it(const struct background *b, const struct watch *w)
{
	int rc = b->pid_file ? write_pid(b->pid_file, w->pid) : 0, ready;

	if (rc < 0) {
		fprintf(stderr, "vicc: cannot write --pid-file \"%s\": %s\n", b->pid_file,
			output_fault(rc));
		background_end(w->pid, true);
		return EXIT_FAILURE;
	}
	ready = await_ready(w);
	if (ready == 1 && are_seen(b, w->deadline))
		return EXIT_SUCCESS;
	if (ready != 0)
		background_say(ready == 1 ? "pcscd has not seen the card in 10 s"
			       : "no reader has taken the card in 10 s");
	rc = background_end(w->pid, ready != 0);
	if (b->pid_file)
		unlink(b->pid_file);
	return rc;
}

bool
background_enter(const struct background *b, int *code)
{
	struct watch w = { .deadline = wire_now() + BACKGROUND_MS };
	int messages[2], ready[2];

	*code = EXIT_FAILURE;
	if (!b->where || pipe2(messages, O_CLOEXEC) < 0 ||
	    socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, ready) < 0 || (w.pid = fork()) < 0) {
		background_say("cannot go into the background");
		return false;
	}
	if (w.pid == 0) {
		close(messages[0]);
		close(ready[0]);
		if (!leave_terminal(messages[1]) || notify_to(ready[1], b->n) < 0)
			_exit(EXIT_FAILURE);
		close(messages[1]);
		return true;
	}
	close(messages[1]);
	close(ready[1]);
	w.messages = messages[0];
	w.ready = ready[0];
	*code = see_to_it(b, &w);
	return false;
}
