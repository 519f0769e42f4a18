/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Answer to reset (ISO/IEC 7816-3, 8.2). */
#ifndef VICC_CODEC_ATR_H
#define VICC_CODEC_ATR_H

#include "base/bytes.h"

#define ATR_BYTES_MIN 2
#define ATR_BYTES_MAX 33

/*
 * What is wrong with it, in words for a person: lengths that its T0 and TDi do
 * not give, a wrong TCK, a TS that is none. NULL: nothing.
 */
const char *atr_fault(struct view atr);

/* Its historical bytes. False: it is none. */
bool atr_historical(struct view atr, struct view *out);

/*
 * Append 3B with these protocols (bit n: T=n; 0 and 1), these historical bytes
 * (at most 15) and a TCK where one belongs.
 */
void atr_build(struct buf *b, unsigned protocols, struct view historical);

#endif
