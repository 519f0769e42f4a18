/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Secure messaging of PIV (SP 800-73-4 Part 2, 4): cipher suites 2 and 7. A card can do it
 * that has key 04, the card's own, with its certificate (a card verifiable one) as the label.
 */
#ifndef VICC_CARDS_PIV_SM_H
#define VICC_CARDS_PIV_SM_H

#include "base/mem.h"
#include "model/sm.h"

#define PIV_KEY_SM 0x04
#define PIV_CS2 0x27
#define PIV_CS7 0x2e

/* What a session starts with, in the order of their derivation. */
enum { PIV_SM_CONFIRM, PIV_SM_MAC, PIV_SM_ENC, PIV_SM_RMAC, PIV_SM_KEYS };

/* NULL: no memory. */
struct sm *piv_sm_new(const struct secret keys[PIV_SM_KEYS]);

/* One that takes no command, but answers it with this status word. NULL: no memory. */
struct sm *piv_sm_refuse(sw_t sw);

#endif
