/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cli/ask.h"

#include <errno.h>
#include <fcntl.h>
#include <readpassphrase.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
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

void
ask_write(int fd, const char *text)
{
	/* a terminal that does not take it has gone: the next question will tell */
	dprintf(fd, "%s\n", text);
}

int
ask_secret(const char *prompt, struct secret *out)
{
	char line[SECRET_MAX + 2]; /* one more than there may be, and NUL */
	int rc = 0;

	if (!readpassphrase(prompt, line, sizeof(line), RPP_REQUIRE_TTY))
		rc = -errno;
	else if (!secret_set(out, view_of(line, strlen(line))))
		rc = -EMSGSIZE;
	explicit_bzero(line, sizeof(line));
	return rc;
}
