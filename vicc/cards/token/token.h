/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* PIV and OpenPGP on one card, as USB tokens are. */
#ifndef VICC_CARDS_TOKEN_TOKEN_H
#define VICC_CARDS_TOKEN_TOKEN_H

#include "model/card.h"

extern const struct card_type token_type;

#endif
