/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/notify.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static int manager = -1; /* connected: behind the filter there may be no socket(2) */
static int others = -1;  /* how many cards have to come before the last one */
static size_t all;       /* how many there are */

/* A path, or the name of an abstract socket with @ for its NUL: sd_notify(3). */
static int
reach(const char *name)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	size_t n = strlen(name);
	int fd, rc = 0;

	if (n < 2 || (*name != '/' && *name != '@'))
		return -EINVAL;
	if (n >= sizeof(a.sun_path))
		return -ENAMETOOLONG;
	memcpy(a.sun_path, name, n);
	if (*name == '@')
		a.sun_path[0] = '\0';
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	if (connect(fd, (const struct sockaddr *)&a,
		    (socklen_t)(offsetof(struct sockaddr_un, sun_path) + n)) < 0)
		rc = -errno;
	if (rc == 0)
		return fd;
	close(fd);
	return rc;
}

int
notify_open(size_t cards)
{
	const char *name = getenv("NOTIFY_SOCKET");
	int fd;

	if (!name || !*name)
		return 0;
	fd = reach(name);
	return fd < 0 ? fd : notify_to(fd, cards);
}

int
notify_to(int fd, size_t cards)
{
	others = eventfd((unsigned)cards - 1, EFD_SEMAPHORE | EFD_NONBLOCK | EFD_CLOEXEC);
	if (others < 0) {
		close(fd);
		return -errno;
	}
	manager = fd;
	all = cards;
	return 0;
}

void
notify_ready(void)
{
	char text[48];
	eventfd_t one;
	int n;

	/* each card takes one; there is none left for the last */
	if (manager >= 0 && eventfd_read(others, &one) < 0) {
		n = snprintf(text, sizeof(text), "READY=1\nX_VICC_CARDS=%zu", all);
		send(manager, text, (size_t)n, MSG_NOSIGNAL);
	}
	notify_close();
}

void
notify_close(void)
{
	if (manager < 0)
		return;
	close(manager);
	close(others);
	manager = others = -1;
}
