/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A folder for the files of one test. */
#ifndef TESTS_FOLDER_H
#define TESTS_FOLDER_H

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>

#include "support.h"

static char dir[64];

static inline void
make_dir(void)
{
	snprintf(dir, sizeof(dir), "/tmp/vicc-test-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(dir));
}

/* With all files in it, but not with folders. */
static inline void
remove_dir(void)
{
	struct dirent *e;
	DIR *d = opendir(dir);

	while (d && (e = readdir(d)))
		unlinkat(dirfd(d), e->d_name, 0);
	if (d)
		closedir(d);
	rmdir(dir);
}

#endif
