/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What is entered at the PIN pad of vicc-pad --control. */
#ifndef VICC_VICCCTL_PAD_H
#define VICC_VICCCTL_PAD_H

#include "viccctl/viccctl.h"

/* The verb pad with its words: an exit code. */
int pad_do(struct ctl *t);

#endif
