/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Verbs that are done when pcscd, too, has seen it; and waiting for other things. */
#ifndef VICC_VICCCTL_FOLLOW_H
#define VICC_VICCCTL_FOLLOW_H

#include "viccctl/viccctl.h"

/* Each for the card that is connected; exit codes. */
int follow_insert(struct ctl *t);
int follow_remove(struct ctl *t);
int follow_swap(struct ctl *t);
int follow_reset(struct ctl *t);
int follow_hold(struct ctl *t);
int follow_wait(struct ctl *t);
int follow_events(struct ctl *t);

#endif
