/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Images as files, read and written whole. */
#ifndef TESTS_TEXTFILE_H
#define TESTS_TEXTFILE_H

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/slurp.h"
#include "image/text.h"
#include "support.h"

static inline struct buf
slurped(const char *path)
{
	struct buf b = BUF(IMAGE_TEXT_MAX);
	int rc = slurp(path, &b);

	ck_assert_msg(rc == 0, "%s: %s", path, strerror(-rc));
	return b;
}

static inline void
spill(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	ck_assert_int_eq(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	close(fd);
}

#endif
