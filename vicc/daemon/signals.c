/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/signals.h"

#include <errno.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/time.h>
#include <unistd.h>

static volatile sig_atomic_t stop, out, removals;
static int news = -1;
static bool gave_up;

void
signals_set_out(bool is_out)
{
	/* of two removals at once one may be lost: that it is out, and was taken out, is not */
	if (is_out)
		removals = removals + 1;
	out = is_out;
}

static void
on_signal(int sig)
{
	/* what is left to do when a card call hangs: the image is whole at any time */
	const struct itimerval grace = { .it_value = { .tv_usec = 800000 } };
	int saved = errno;

	switch (sig) {
	case SIGALRM:
		_exit(0);
	case SIGUSR1:
	case SIGUSR2:
		signals_set_out(sig == SIGUSR1);
		break;
	default:
		if (!stop)
			setitimer(ITIMER_REAL, &grace, NULL);
		stop = 1;
		break;
	}
	eventfd_write(news, 1);
	errno = saved;
}

int
signals_catch(void)
{
	static const int caught[] = { SIGTERM, SIGINT, SIGHUP, SIGUSR1, SIGUSR2, SIGALRM };
	struct sigaction act = { .sa_handler = on_signal };
	sigset_t open;
	size_t i;

	stop = out = removals = 0;
	gave_up = false;
	news = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (news < 0)
		return -errno;
	sigemptyset(&open);
	for (i = 0; i < sizeof(caught) / sizeof(caught[0]); i++)
		sigaddset(&open, caught[i]);
	/* one after the other: else of two that came together the later would be seen first */
	act.sa_mask = open;
	for (i = 0; i < sizeof(caught) / sizeof(caught[0]); i++)
		sigaction(caught[i], &act, NULL);
	signal(SIGPIPE, SIG_IGN);
	/* whoever started us may have blocked them */
	sigprocmask(SIG_UNBLOCK, &open, NULL);
	return news;
}

bool
signals_stop(void)
{
	return stop;
}

bool
signals_give_up(void)
{
	gave_up = gave_up || stop;
	return stop;
}

bool
signals_gave_up(void)
{
	return gave_up;
}

bool
signals_out(void)
{
	return out;
}

unsigned
signals_removals(void)
{
	return (unsigned)removals;
}

void
signals_clear(int fd)
{
	eventfd_t n;

	eventfd_read(fd, &n);
}
