/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "atr.h"

bool
atr_plausible(const uint8_t *atr, size_t len)
{
	return len >= ATR_MIN && len <= ATR_MAX && (atr[0] == 0x3b || atr[0] == 0x3f);
}

unsigned
atr_protocols(const uint8_t *atr, size_t len)
{
	unsigned offered = 0, y;
	size_t at = 1;

	/* Y: which of TA TB TC TD follow; TD brings the next Y and a T */
	for (y = len > 1 ? atr[1] >> 4 : 0; y & 8; y = atr[at] >> 4) {
		at += (y & 1) + (y >> 1 & 1) + (y >> 2 & 1) + 1;
		if (at >= len)
			break;
		if ((atr[at] & 0x0f) != 15) /* T=15 is no protocol */
			offered |= 1u << (atr[at] & 0x0f);
	}
	return offered ? offered : 1;
}

/*
 * How long the ATR says that it is: TS, T0, the interface bytes that the Ys announce, the
 * historical bytes, and TCK unless T=0 is all that it offers (8.2.5). 0: it is cut off before.
 */
static size_t
announced(const uint8_t *atr, size_t len, bool *tck)
{
	size_t at = 1;
	unsigned y;

	*tck = false;
	for (y = atr[1] >> 4;; y = atr[at] >> 4) {
		at += (y & 1) + (y >> 1 & 1) + (y >> 2 & 1) + (y >> 3);
		if (!(y & 8))
			return at + 1 + (atr[1] & 15) + *tck;
		if (at >= len)
			return 0;
		*tck = *tck || (atr[at] & 15) != 0;
	}
}

const char *
atr_fault(const uint8_t *atr, size_t len)
{
	size_t wanted, i;
	uint8_t sum = 0;
	bool tck;

	if (!atr_plausible(atr, len))
		return "want 2 to 33 bytes that begin with 3B or 3F";
	wanted = announced(atr, len, &tck);
	if (wanted == 0 || wanted > len)
		return "it ends before what it announces";
	if (wanted < len)
		return "bytes follow after what it announces";
	for (i = 1; i < len; i++)
		sum ^= atr[i];
	return tck && sum != 0 ? "its check byte TCK is wrong" : NULL;
}
