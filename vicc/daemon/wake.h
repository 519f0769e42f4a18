/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A pcscd that systemd starts on demand listens for cards only once some PC/SC
 * client has called. Be that client, and stay one: a pcscd with --auto-exit
 * lives for as long as it has any.
 */
#ifndef VICC_DAEMON_WAKE_H
#define VICC_DAEMON_WAKE_H

#include <stdbool.h>

#include "base/log.h"

struct wake {
	const struct log *log;
	bool held;    /* a context */
	long context;
	bool refused; /* polkit said no: do not ask again before a reader was there */
	bool said;
};

/* Also loads what the library would load lazily: to be called before the filter is entered. */
void wake_init(struct wake *w, const struct log *log);

/* Call pcscd and keep the context, in place of any older one. */
void wake_reader(struct wake *w);

/* A reader was there: when it goes, calling is worth another try. */
void wake_again(struct wake *w);

void wake_free(struct wake *w);

#endif
