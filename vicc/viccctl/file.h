/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Files that go to a card and come from it, as descriptors that it takes. */
#ifndef VICC_VICCCTL_FILE_H
#define VICC_VICCCTL_FILE_H

#include <stdbool.h>

/* A file in memory; a descriptor, or a negative errno value. */
int file_memory(void);

/* What path has ("-": standard input), as a regular file; a descriptor, or negative. */
int file_read(const char *path);

/* All of a file to path, which is made 0600 ("-": standard output). 0, or negative. */
int file_write(const char *path, int fd);

/* Whether a word is a file's name: with a slash or a dot in it, or "-". */
bool file_is_path(const char *word);

#endif
