/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Commands for the card and its reader from outside: vicc-control(7). One JSON object
 * per line each way, on a unix socket.
 */
#ifndef VICC_CONTROL_CONTROL_H
#define VICC_CONTROL_CONTROL_H

#include "cli/options.h"
#include "daemon/host.h"

struct control;
struct image;
struct trace;

/*
 * Listen for the card of these options, in this host: 0, or negative (said). The control
 * stands between the host and the card from then on.
 */
int control_open(struct control **out, const struct options *o, struct host *host,
		 const struct log *log);
void control_free(struct control *c); /* takes NULL; the socket is removed */

/*
 * What the card is to be opened with instead of env: its commits pass the control. image
 * is what env keeps it in, or NULL. Lives as long as the control.
 */
const struct card_env *control_env(struct control *c, const struct card_env *env,
				   struct image *image);

/* The card, opened of this configuration, in a seat that another can take. NULL: said. */
struct card *control_seat(struct control *c, struct card *card, const struct card_config *cfg);

/* The trace of the command line, which can be paused. */
void control_trace(struct control *c, struct trace *trace);

/* The path of the socket, which is removed at the end. Takes NULL: NULL. */
const char *control_path(const struct control *c);

#endif
