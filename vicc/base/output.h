/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A file that is written because somebody named it: a trace, a record, a log. */
#ifndef VICC_BASE_OUTPUT_H
#define VICC_BASE_OUTPUT_H

#include <stdbool.h>
#include <sys/types.h>

/*
 * Open it to append, made with mode where it is missing; begin says to empty it first.
 * A regular file has to be ours alone: of our user, with no other name, and by no link of
 * another user but root. What is none, a terminal or a pipe, is anybody's. A descriptor, or
 * -EPERM (it is another user's, or has another name), or another negative errno value.
 */
int output_open(const char *path, mode_t mode, bool begin);

/* What such a number means, for a message. */
const char *output_fault(int error);

#endif
