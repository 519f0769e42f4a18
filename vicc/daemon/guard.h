/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Other people's code in this process: when it crashes, or does not come back in time,
 * that is said, and the process ends with 1, so that the card is gone rather than wrong.
 */
#ifndef VICC_DAEMON_GUARD_H
#define VICC_DAEMON_GUARD_H

#include "base/log.h"

/*
 * In each process, before any such code; again, when the log or what an end means has
 * changed. Then: what that is, such as "the card is gone"; it and the log's file live
 * as long as the process. 0, or negative.
 */
int guard_start(const struct log *log, const char *then);

/*
 * For card_env.foreign. It costs no system call: one timer runs as long as somebody is
 * at work, and goes off at most once in a deadline. So a hang is seen after one
 * deadline, and before the second is over.
 */
void guard_foreign(void *ctx, const char *name, int deadline);

#endif
