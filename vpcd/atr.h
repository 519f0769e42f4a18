/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* ISO/IEC 7816-3, 8: what a card says when it is switched on. Pure functions. */
#ifndef VPCD_ATR_H
#define VPCD_ATR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ATR_MIN 2
#define ATR_MAX 33 /* 8.1: TS and at most 32 characters */

/* Whether these bytes can be an ATR: 2..33 of them, TS 3B or 3F. */
bool atr_plausible(const uint8_t *atr, size_t len);

/*
 * What is wrong with an ATR, in words; NULL: it is one to the last byte. For one that a
 * person has written: cards send many that are not.
 */
const char *atr_fault(const uint8_t *atr, size_t len);

/* Bit n: the ATR offers T=n (8.2.3: T=0 where it says nothing). */
unsigned atr_protocols(const uint8_t *atr, size_t len);

#endif
