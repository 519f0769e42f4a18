/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A PIN pad for a reader of vpcd(8): it connects, waits for
 * a request, and has its source answer.
 */
#ifndef VICC_PAD_PAD_H
#define VICC_PAD_PAD_H

#include "pad/source.h"

/*
 * Serve requests until the process is told to end: then 0; or negative (said). signals is what
 * signals_catch has returned. With sandbox the process is confined first, for good.
 */
int pad_run(struct pad_source *source, const char *path, int signals, bool sandbox,
	    const struct log *log);

/*
 * The same in a process of its own, with these PINs, each right, beside a card: it ends with the
 * process that calls this, which goes on without the PINs. 0, or negative (said).
 */
int pad_beside(struct props *pins, const char *path, bool sandbox, const struct log *log);

#endif
