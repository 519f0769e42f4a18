/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cli/ask.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/file.h>
#include <termios.h>

#include "tty.h"
#include "valgrind.h"
#include "support.h"

static char seen[4096];

/* What the child wants to hear; its answer says whether it did. */
static const char *wanted;

enum {
	RIGHT = 0,
	WRONG = 1,
	TOO_LONG = 2,
	INTERRUPTED = 3,
	ECHO_OFF = 4,
	NO_TERMINAL = 5,
	NOT_STOPPED = 6
};

static int
answer(int rc, const struct secret *got)
{
	switch (rc) {
	case 0:
		return secret_equal(secret_view(got), view_of(wanted, strlen(wanted))) ? RIGHT
										       : WRONG;
	case -EMSGSIZE:
		return TOO_LONG;
	case -EINTR:
		return INTERRUPTED;
	default:
		return 127;
	}
}

static int
ask_once(void *ctx)
{
	struct secret got = { .n = 0 };
	struct termios t;
	int fd = ask_open(), rc;

	(void)ctx;
	if (fd < 0)
		return NO_TERMINAL;
	rc = answer(ask_secret("PIN: ", &got), &got);
	if (tcgetattr(fd, &t) < 0 || !(t.c_lflag & ECHO))
		rc = ECHO_OFF;
	ask_write(fd, "Well.");
	ask_close(fd);
	return rc;
}

static int
typed(const char *line)
{
	const char *const lines[] = { line, NULL };

	return at_terminal(ask_once, NULL, lines, seen, sizeof(seen));
}

START_TEST(a_line)
{
	wanted = "123456";
	ck_assert_int_eq(typed("123456\n"), RIGHT);
	ck_assert_ptr_nonnull(strstr(seen, "PIN: "));
	ck_assert_ptr_nonnull(strstr(seen, "Well."));
	ck_assert_ptr_null(strstr(seen, "123456"));
}
END_TEST

START_TEST(of_any_length)
{
	char line[SECRET_MAX + 3], most[SECRET_MAX + 1] = "";

	wanted = "";
	ck_assert_int_eq(typed("\n"), RIGHT);
	memset(line, '7', sizeof(line));
	strcpy(line + SECRET_MAX, "\n");
	memset(most, '7', SECRET_MAX);
	wanted = most;
	ck_assert_int_eq(typed(line), RIGHT);
	strcpy(line + SECRET_MAX, "7\n");
	line[SECRET_MAX] = '7';
	ck_assert_int_eq(typed(line), TOO_LONG);
	ck_assert_ptr_null(strstr(seen, "777"));
}
END_TEST

START_TEST(corrected)
{
	wanted = "1234";
	ck_assert_int_eq(typed("1299\x7f\x7f" "34\n"), RIGHT);
}
END_TEST

START_TEST(no_answer)
{
	wanted = "";
	ck_assert_int_eq(typed("\x04"), RIGHT);
	ck_assert_ptr_nonnull(strstr(seen, "Well."));
}
END_TEST

static void
on_signal(int sig)
{
	(void)sig;
}

static int
ask_interrupted(void *ctx)
{
	struct sigaction act = { .sa_handler = on_signal };

	sigaction(SIGINT, &act, NULL);
	return ask_once(ctx);
}

/* ^C, caught as vicc does it: the terminal is as it was. */
START_TEST(interrupted)
{
	const char *const lines[] = { "\x03", NULL };

	ck_assert_int_eq(at_terminal(ask_interrupted, NULL, lines, seen, sizeof(seen)),
			 INTERRUPTED);
}
END_TEST

/* In the foreground, as a shell starts it. */
static pid_t
start_job(void)
{
	pid_t pid = fork();

	if (pid == 0) {
		setpgid(0, 0);
		while (tcgetpgrp(STDIN_FILENO) != getpid())
			usleep(1000);
		_exit(ask_once(NULL));
	}
	setpgid(pid, pid);
	tcsetpgrp(STDIN_FILENO, pid);
	return pid;
}

/* A shell: ^Z stops its job, fg lets it go on. */
static int
stop_and_go_on(void *ctx)
{
	struct termios t;
	int status;
	pid_t pid;

	(void)ctx;
	signal(SIGTTOU, SIG_IGN);
	pid = start_job();
	if (waitpid(pid, &status, WUNTRACED) != pid || !WIFSTOPPED(status))
		return NOT_STOPPED;
	if (tcgetattr(STDIN_FILENO, &t) < 0 || !(t.c_lflag & ECHO))
		return ECHO_OFF;
	/* on a slow machine he has pressed it twice */
	do {
		kill(-pid, SIGCONT);
		waitpid(pid, &status, WUNTRACED);
	} while (WIFSTOPPED(status));
	return WEXITSTATUS(status);
}

START_TEST(stopped)
{
	const char *const lines[] = { "12\x1a", "1234\n", NULL };

	/* there SIGTSTP stops nobody */
	if (under_valgrind())
		return;
	wanted = "1234";
	ck_assert_int_eq(at_terminal(stop_and_go_on, NULL, lines, seen, sizeof(seen)), RIGHT);
	ck_assert_ptr_null(strstr(seen, "1234"));
}
END_TEST

static int
ask_in_turn(void *ctx)
{
	int fd = ask_open(), other = open("/dev/tty", O_RDWR), rc;

	(void)ctx;
	rc = flock(other, LOCK_EX | LOCK_NB) < 0 && errno == EWOULDBLOCK ? RIGHT : WRONG;
	ask_close(fd);
	return rc == RIGHT && flock(other, LOCK_EX | LOCK_NB) == 0 ? RIGHT : WRONG;
}

/* Of several cards one asks after the other. */
START_TEST(locked)
{
	const char *const lines[] = { NULL };

	ck_assert_int_eq(at_terminal(ask_in_turn, NULL, lines, seen, sizeof(seen)), RIGHT);
}
END_TEST

START_TEST(no_terminal)
{
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		setsid();
		_exit(ask_once(NULL));
	}
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_int_eq(WEXITSTATUS(status), NO_TERMINAL);
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("ask");

	tcase_add_test(tc, a_line);
	tcase_add_test(tc, of_any_length);
	tcase_add_test(tc, corrected);
	tcase_add_test(tc, no_answer);
	tcase_add_test(tc, interrupted);
	tcase_add_test(tc, stopped);
	tcase_add_test(tc, locked);
	tcase_add_test(tc, no_terminal);
	return run("ask", tc);
}
