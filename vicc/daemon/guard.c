/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/guard.h"

#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define STACK_SIZE 65536 /* of the handlers: whoever crashes may have none left */

static int out = -1;
static char prefix[64];              /* of a line */
static const char *consequence;
static timer_t timer;
static pid_t owner;                  /* of the timer, which a child does not inherit */
static const char *volatile at_work; /* whose code runs; NULL: our own */
static volatile int limit;           /* ms that it may take; 0: any */
static volatile unsigned calls;      /* of such code so far */
static volatile unsigned seen;       /* of them, when the timer was set */
static volatile sig_atomic_t ticking;

/* All that may be called here is: write. */
static void
guard_put(char *line, size_t *n, const char *text)
{
	while (*text && *n < 400)
		line[(*n)++] = *text++;
}

static void __attribute__((noreturn))
end(const char *what)
{
	char line[402];
	size_t n = 0;

	guard_put(line, &n, prefix);
	guard_put(line, &n, at_work);
	guard_put(line, &n, what);
	guard_put(line, &n, ": ");
	guard_put(line, &n, consequence);
	line[n++] = '\n';
	if (out >= 0 && write(out, line, n) < 0)
		_exit(1);
	_exit(1);
}

static void
set_timer(void)
{
	const struct itimerspec t = {
		.it_value = { .tv_sec = limit / 1000, .tv_nsec = limit % 1000 * 1000000L },
	};

	seen = calls;
	ticking = 1;
	timer_settime(timer, 0, &t, NULL);
}

static void
on_time(int sig)
{
	int saved = errno;

	(void)sig;
	if (at_work && limit && calls == seen)
		end(" does not come back");
	if (at_work && limit)
		set_timer();
	else
		ticking = 0;
	errno = saved;
}

static const struct {
	int signal;
	const char *what;
} crashes[] = {
	{ SIGSEGV, " has crashed (SIGSEGV)" },
	{ SIGBUS, " has crashed (SIGBUS)" },
	{ SIGILL, " has crashed (SIGILL)" },
	{ SIGFPE, " has crashed (SIGFPE)" },
	{ SIGABRT, " has crashed (SIGABRT)" },
};

#define N_CRASHES (sizeof(crashes) / sizeof(crashes[0]))

static void
on_crash(int sig)
{
	size_t i;

	for (i = 0; at_work && i < N_CRASHES; i++) {
		if (crashes[i].signal == sig)
			end(crashes[i].what);
	}
	/* our own: as it would have been */
	signal(sig, SIG_DFL);
	raise(sig);
}

static int
make_timer(void)
{
	struct sigevent tick = { .sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGRTMIN };

	if (owner == getpid())
		return 0;
	if (timer_create(CLOCK_MONOTONIC, &tick, &timer) < 0)
		return -errno;
	owner = getpid();
	ticking = 0;
	return 0;
}

int
guard_start(const struct log *log, const char *then)
{
	static char stack[STACK_SIZE];
	const stack_t alternative = { .ss_sp = stack, .ss_size = sizeof(stack) };
	struct sigaction act = { .sa_handler = on_crash, .sa_flags = SA_ONSTACK };
	int rc = make_timer();
	size_t i;

	if (rc < 0)
		return rc;
	if (sigaltstack(&alternative, NULL) < 0)
		return -errno;
	consequence = then;
	out = log && log->out ? fileno(log->out) : -1;
	if (log && log->name)
		snprintf(prefix, sizeof(prefix), "%s: ", log->name);
	for (i = 0; i < N_CRASHES; i++)
		sigaction(crashes[i].signal, &act, NULL);
	act = (struct sigaction) { .sa_handler = on_time, .sa_flags = SA_ONSTACK | SA_RESTART };
	sigaction(SIGRTMIN, &act, NULL);
	return 0;
}

void
guard_foreign(void *ctx, const char *name, int deadline)
{
	(void)ctx;
	if (name) {
		calls = calls + 1;
		limit = deadline;
	}
	at_work = name;
	if (name && deadline && !ticking)
		set_timer();
}
