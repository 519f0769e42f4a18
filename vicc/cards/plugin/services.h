/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The services of vicc for a plug-in: struct vicc_services. */
#ifndef VICC_CARDS_PLUGIN_SERVICES_H
#define VICC_CARDS_PLUGIN_SERVICES_H

#include "iso/iso.h"

/* What struct card.host of a plug-in's card or middle-man points to. */
struct service_client {
	const char *name; /* the plug-in's, for messages */
	const struct card_env *env;
	struct state *state; /* of a card that is no struct iso; NULL: it keeps nothing */
	struct iso *iso;     /* the card itself, when it has rows; NULL: it has not */
	const struct card_ops *inner; /* then its base's operations, */
	struct card_ops ops; /* and those that it has instead */
};

#define SERVICE_ALIGN _Alignof(max_align_t)
#define SERVICE_ROUND(n) (((n) + SERVICE_ALIGN - 1) / SERVICE_ALIGN * SERVICE_ALIGN)

extern const struct services plugin_services;

#endif
