/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/output.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool
is_trusted(uid_t uid)
{
	return uid == 0 || uid == geteuid();
}

/* Not emptied before it is known whose it is. */
static int
output_check(int fd, bool begin)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return -errno;
	if (!S_ISREG(st.st_mode))
		return 0;
	if (st.st_uid != geteuid() || st.st_nlink > 1)
		return -EPERM;
	return begin && ftruncate(fd, 0) < 0 ? -errno : 0;
}

int
output_open(const char *path, mode_t mode, bool begin)
{
	const int flags = O_WRONLY | O_CREAT | O_APPEND | O_NOCTTY | O_CLOEXEC;
	int fd = open(path, flags | O_NOFOLLOW, mode), rc;
	struct stat link;

	/* /dev/stdout is a link, too */
	if (fd < 0 && errno == ELOOP && lstat(path, &link) == 0) {
		if (!is_trusted(link.st_uid))
			return -EPERM;
		fd = open(path, flags, mode);
	}
	if (fd < 0)
		return -errno;
	rc = output_check(fd, begin);
	if (rc == 0)
		return fd;
	close(fd);
	return rc;
}

const char *
output_fault(int error)
{
	return error == -EPERM ? "it is another user's, or has another name (a hard link)"
			       : strerror(-error);
}
