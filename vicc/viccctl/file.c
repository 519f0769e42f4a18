/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "viccctl/file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/output.h"

bool
file_is_path(const char *word)
{
	return strcmp(word, "-") == 0 || strpbrk(word, "/.");
}

int
file_memory(void)
{
	int fd = memfd_create("viccctl", MFD_CLOEXEC);

	return fd < 0 ? -errno : fd;
}

static int
write_all(int to, const char *p, size_t n)
{
	ssize_t m;

	for (; n > 0; p += m, n -= (size_t)m) {
		m = write(to, p, n);
		if (m < 0 && errno != EINTR)
			return -errno;
		m = m < 0 ? 0 : m;
	}
	return 0;
}

static int
file_copy(int from, int to)
{
	char some[65536];
	ssize_t n;
	int rc = 0;

	do {
		n = read(from, some, sizeof(some));
		if (n > 0)
			rc = write_all(to, some, (size_t)n);
	} while (rc == 0 && (n > 0 || (n < 0 && errno == EINTR)));
	if (n < 0)
		rc = -errno;
	explicit_bzero(some, sizeof(some));
	return rc;
}

/* A pipe, say: the card takes none. */
static int
into_memory(int from)
{
	int fd = file_memory(), rc = fd < 0 ? fd : file_copy(from, fd);

	if (rc == 0)
		return fd;
	if (fd >= 0)
		close(fd);
	return rc;
}

int
file_read(const char *path)
{
	struct stat st;
	int fd = strcmp(path, "-") == 0 ? dup(STDIN_FILENO) : open(path, O_RDONLY | O_CLOEXEC), rc;

	if (fd < 0)
		return -errno;
	rc = fstat(fd, &st) < 0 ? -errno : 0;
	if (rc == 0 && S_ISREG(st.st_mode))
		return fd;
	if (rc == 0)
		rc = into_memory(fd);
	close(fd);
	return rc;
}

int
file_write(const char *path, int fd)
{
	int to = strcmp(path, "-") == 0 ? dup(STDOUT_FILENO) : output_open(path, 0600, true), rc;

	if (to < 0)
		return to;
	rc = lseek(fd, 0, SEEK_SET) < 0 ? -errno : file_copy(fd, to);
	/* some file systems say only now that there is no room */
	if (close(to) < 0 && rc == 0)
		rc = -errno;
	return rc;
}
