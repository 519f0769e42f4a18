/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Tell a person, or a telephone's camera, where this card waits. */
#ifndef VICC_DAEMON_QR_H
#define VICC_DAEMON_QR_H

#include <stdbool.h>
#include <stdio.h>

#include "daemon/link.h"

/*
 * Print vicc://host:port for each address under which where (reversed, TCP) can
 * be reached; and, with draw, the first as a QR code, unless it is loopback.
 */
void qr_announce(FILE *out, const struct endpoint *where, bool draw);

/* Draw text for a terminal. False: it is too long, or this was built without. */
bool qr_draw(FILE *out, const char *text);

#endif
