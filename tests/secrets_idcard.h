/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef TESTS_SECRETS_IDCARD_H
#define TESTS_SECRETS_IDCARD_H

#include <stdbool.h>

#include "base/bytes.h"
#include "trace/trace.h"

typedef void add_secret_fn(const char *name, struct view v);

/*
 * A card in this image, which is made: its secrets are told, and then used. trace: of all that is
 * said to it. False: it has failed, and said why.
 */
bool play_idcard(const char *path, const struct log *log, struct trace *trace,
		 add_secret_fn *add_secret);

/* Then what only its sessions had: the terminal in this process had that, too. */
void add_idcard_sessions(add_secret_fn *add_secret);

#endif
