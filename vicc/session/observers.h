/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A trace and a record of what passes: taps of a host, as the options want them. */
#ifndef VICC_SESSION_OBSERVERS_H
#define VICC_SESSION_OBSERVERS_H

#include "cli/options.h"
#include "daemon/host.h"
#include "trace/recorder.h"
#include "trace/trace.h"

/* Where a card's trace goes, opened before there are several processes. */
struct trace_place {
	int fd; /* -1: nowhere */
	uint32_t interface;
};

struct observers {
	struct props pins;
	struct trace trace;
	struct record record;
};

/* A place for each card, to be freed; NULL: said. Cards with the same file share it. */
struct trace_place *traces_open(const struct command *cmd);

/*
 * 0, or negative (said). The observers hear what passes from then on. observers_free is
 * the caller's either way.
 */
int observers_open(const struct options *o, const struct trace_place *place, struct host *host,
		   struct observers *observers);
void observers_free(struct observers *observers);

#endif
