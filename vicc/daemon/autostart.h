/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A pcscd that systemd starts on demand listens for cards only once some PC/SC
 * client has called. Be that client, and stay one: a pcscd with --auto-exit
 * lives for as long as it has any.
 */
#ifndef VICC_DAEMON_AUTOSTART_H
#define VICC_DAEMON_AUTOSTART_H

#include <stdbool.h>

#include "base/log.h"

struct autostart {
	const struct log *log;
	bool held;    /* a context */
	long context;
	bool refused; /* polkit said no: do not ask again before a reader was there */
	bool said;
};

/* Also loads what the library would load lazily: to be called before the filter is entered. */
void autostart_init(struct autostart *a, const struct log *log);

/* Call pcscd and keep the context, in place of any older one. */
void autostart_pcscd(struct autostart *a);

/* A reader was there: when it goes, calling is worth another try. */
void autostart_rearm(struct autostart *a);

void autostart_free(struct autostart *a);

#endif
