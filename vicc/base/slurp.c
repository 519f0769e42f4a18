/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/slurp.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

int
slurp_fd(int fd, struct buf *out)
{
	uint8_t chunk[16384];
	ssize_t n;
	int rc;

	do {
		n = read(fd, chunk, sizeof(chunk));
		if (n > 0)
			buf_put(out, chunk, (size_t)n);
	} while ((n > 0 && !out->failed) || (n < 0 && errno == EINTR));
	rc = n < 0 ? -errno : out->failed ? -EFBIG : 0;
	explicit_bzero(chunk, sizeof(chunk));
	return rc;
}

int
slurp(const char *path, struct buf *out)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC), rc;

	if (fd < 0)
		return -errno;
	rc = slurp_fd(fd, out);
	close(fd);
	return rc;
}
