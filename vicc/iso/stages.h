/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* One command, from its bytes to those of its answer. */
#ifndef VICC_ISO_STAGES_H
#define VICC_ISO_STAGES_H

#include "iso/iso.h"

/* For card_ops.transmit; card is a struct iso. */
int iso_transmit(struct card *card, struct view raw, struct buf *rsp);

/* What the card keeps, just exchanged for something else, is kept where the process says. */
void iso_adopt(struct iso *c);

#endif
