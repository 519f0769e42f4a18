/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What pcscd is like here, and what it wants to find. */
#ifndef VICC_RUN_PCSCD_H
#define VICC_RUN_PCSCD_H

#include <stddef.h>

#include "run/run.h"

/* Ask pcscd for its ipc folder and its options. 0, or -1 with a line in error. */
int pcscd_ask(struct run *r, char *error, size_t size);

/* Where administrators' programs are. pcscd is not in the PATH of every user. */
#define PCSCD_PATH "/usr/sbin:/sbin"

/* Take the two answers apart: what `pcscd --version` and `pcscd --help` print. 0 or -1. */
int pcscd_read(struct run *r, const char *text);

/* Write the entry of the reader into the private folder. 0, or a negative errno value. */
int pcscd_configure(const struct run *r);

/* Whether these characters may stand in a value of reader.conf without quotes. */
bool pcscd_takes(const char *value);

#endif
