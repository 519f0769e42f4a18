/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * --pin-file: PINs by name, so that they stand on no command line. A line is
 * NAME=VALUE: PIN1, PUK1 and so on by their reference, SOPIN, SOPUK; the value as it
 * is typed, or 0x and hex. Empty lines and those that begin with # do not count.
 */
#ifndef VICC_CLI_PINFILE_H
#define VICC_CLI_PINFILE_H

#include "model/props.h"

/* Add what the file holds. 0, or negative with one line in error, which never shows a value. */
int pinfile_read(struct props *pins, const char *path, char *error, size_t size);

/* Whether others can read it: all of them, or the group of a file that is ours. */
bool pinfile_is_exposed(const char *path);

#endif
