/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A whole small file, into memory that is bounded and wiped. */
#ifndef VICC_BASE_SLURP_H
#define VICC_BASE_SLURP_H

#include "base/bytes.h"

/*
 * Append all that fd has from where it stands, or all of the file at path, which
 * may be a pipe. 0; -EFBIG: more than out may hold; another negative errno value.
 * What was read before it failed is in out.
 */
int slurp_fd(int fd, struct buf *out);
int slurp(const char *path, struct buf *out);

#endif
