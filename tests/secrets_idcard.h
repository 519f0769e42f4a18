/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef TESTS_SECRETS_IDCARD_H
#define TESTS_SECRETS_IDCARD_H

#include <stdbool.h>

#include "base/bytes.h"

typedef void add_secret_fn(const char *name, struct view v);

/*
 * A card in this image, which is made: its secrets are told, and then used. False: it has failed,
 * and said why.
 */
bool play_idcard(const char *path, add_secret_fn *add_secret);

#endif
