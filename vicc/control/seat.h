/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A card in whose place another may come, while those before it see but one. */
#ifndef VICC_CONTROL_SEAT_H
#define VICC_CONTROL_SEAT_H

#include "model/card.h"

/* Takes the card over. NULL: no memory, and the card is gone. */
struct card *seat_new(struct card *card);

/* Another one from now on, taken over; the one before is freed. */
void seat_exchange(struct card *seat, struct card *card);

#endif
