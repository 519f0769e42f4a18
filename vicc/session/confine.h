/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a card's process may ask of the system, from its options: daemon/sandbox.h does it. */
#ifndef VICC_SESSION_CONFINE_H
#define VICC_SESSION_CONFINE_H

#include "cli/options.h"
#include "daemon/host.h"

struct confine {
	const struct options *o;
	const struct host *host;
	int folder; /* the image's; -1: it is not written */
	const char *control; /* the path of its socket; NULL: none */
};

/* In this process: a plug-in, or a library that we do not know. */
bool has_foreign_code(const struct options *o);

/*
 * To what the card's loop needs: 0, or negative (said). ctx is a struct confine, as
 * host.found's.
 */
int confine(void *ctx);

#endif
