/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Somebody at a terminal: a child process whose terminal it is, and what he types. */
#ifndef TESTS_TTY_H
#define TESTS_TTY_H

#include <poll.h>
#include <pty.h>
#include <string.h>
#include <sys/wait.h>

#include "support.h"

/*
 * What was typed makes a signal, and readpassphrase(3) misses one that comes between its
 * prompt and its read: nobody waits for an answer in silence, he presses it again.
 */
static inline void
press_again(int fd, const char *line)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	size_t n = line ? strlen(line) : 0;

	if (n == 0 || (line[n - 1] != '\x03' && line[n - 1] != '\x1a'))
		return;
	while (poll(&p, 1, 3000) == 0)
		ck_assert_int_eq(write(fd, line + n - 1, 1), 1);
}

/*
 * Run work(ctx) at a terminal; its return value, 0 to 127. Each of the lines is typed
 * after the next prompt, which ends in ": "; NULL ends them. What was seen there is
 * in seen.
 */
static inline int
at_terminal(int (*work)(void *ctx), void *ctx, const char *const *lines, char *seen, size_t size)
{
	size_t n = 0, prompt = 0;
	int fd, status;
	pid_t pid = forkpty(&fd, NULL, NULL, NULL);
	ssize_t got;

	ck_assert_int_ge(pid, 0);
	if (pid == 0)
		_exit(work(ctx));
	while (n + 1 < size && (got = read(fd, seen + n, size - 1 - n)) > 0) {
		n += (size_t)got;
		seen[n] = '\0';
		if (n < prompt + 2 || strcmp(seen + n - 2, ": ") != 0)
			continue;
		prompt = n;
		if (*lines)
			ck_assert_int_gt(write(fd, *lines, strlen(*lines)), 0);
		press_again(fd, *lines);
		lines += *lines != NULL;
	}
	seen[n] = '\0';
	close(fd);
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert(WIFEXITED(status));
	return WEXITSTATUS(status);
}

#endif
