/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What is printed on standard output. */
#ifndef VICC_VICCCTL_SHOW_H
#define VICC_VICCCTL_SHOW_H

#include "viccctl/viccctl.h"

/* One line, at once. */
void show_json(const json_t *v);

/* A text as it is, anything else as JSON; NULL: nothing. */
void show_value(const json_t *v);

/* Exit codes. */
int show_status(struct ctl *t);
int show_readers(struct ctl *t);

#endif
