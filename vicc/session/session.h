/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* One card's life: its image, its reader or its script, and all that is between. */
#ifndef VICC_SESSION_SESSION_H
#define VICC_SESSION_SESSION_H

#include "cli/options.h"
#include "session/observers.h"

/* From here on the process is this card's: 0, or negative (said). */
int session_run(const struct options *o, const struct trace_place *place, const struct log *log);

#endif
