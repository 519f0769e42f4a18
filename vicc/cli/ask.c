/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cli/ask.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/file.h>
#include <termios.h>
#include <unistd.h>

int
ask_open(void)
{
	int fd = open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC);

	if (fd < 0)
		return -errno;
	if (flock(fd, LOCK_EX) < 0 && errno == EINTR) {
		close(fd);
		return -EINTR;
	}
	return fd;
}

void
ask_close(int fd)
{
	if (fd >= 0)
		close(fd);
}

/* A terminal that does not take it all has gone: reading will tell. */
static void
put(int fd, const char *text)
{
	if (write(fd, text, strlen(text)) < 0)
		return;
}

void
ask_say(int fd, const char *text)
{
	put(fd, text);
	put(fd, "\n");
}

/*
 * Byte by byte: what follows the line is somebody else's. Signals that end the
 * process come while it waits, and then only, so that none is missed before.
 */
static int
read_line(int fd, struct buf *line, const sigset_t *waiting)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	char c = 0;
	ssize_t n;

	for (;;) {
		if (ppoll(&p, 1, NULL, waiting) < 0)
			return -errno;
		n = read(fd, &c, 1);
		if (n < 0)
			return -errno;
		if (n == 0)
			return -ECANCELED;
		if (c == '\n')
			return 0;
		buf_u8(line, (uint8_t)c);
	}
}

static void
hold_signals(sigset_t *was)
{
	static const int ends[] = { SIGINT, SIGTERM, SIGHUP };
	sigset_t held;
	size_t i;

	sigemptyset(&held);
	for (i = 0; i < sizeof(ends) / sizeof(ends[0]); i++)
		sigaddset(&held, ends[i]);
	sigprocmask(SIG_BLOCK, &held, was);
}

int
ask_secret(int fd, const char *prompt, struct secret *out)
{
	struct buf line = BUF(SECRET_MAX);
	struct termios was, hidden;
	sigset_t waiting;
	int rc;

	if (tcgetattr(fd, &was) < 0)
		return -errno;
	hidden = was;
	hidden.c_lflag &= ~(tcflag_t)(ECHO | ECHOE | ECHOK);
	hidden.c_lflag |= ICANON | ECHONL;
	if (tcsetattr(fd, TCSAFLUSH, &hidden) < 0)
		return -errno;
	hold_signals(&waiting);
	put(fd, prompt);
	rc = read_line(fd, &line, &waiting);
	tcsetattr(fd, TCSAFLUSH, &was);
	sigprocmask(SIG_SETMASK, &waiting, NULL);
	if (rc < 0)
		put(fd, "\n");
	else if (line.failed || !secret_set(out, buf_view(&line)))
		rc = -EMSGSIZE;
	buf_free(&line);
	return rc;
}
