/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Command APDUs (ISO/IEC 7816-4, 5.1 and 5.2; ISO/IEC 7816-3, 12.1). */
#ifndef VICC_CODEC_APDU_H
#define VICC_CODEC_APDU_H

#include "base/bytes.h"

#define APDU_HEADER 4
#define APDU_DATA_MAX 65535 /* bytes of command data */
#define APDU_NE_MAX 65536   /* bytes of response data */

enum apdu_le {
	APDU_LE_NONE,
	APDU_LE_SHORT,    /* one byte */
	APDU_LE_EXTENDED, /* two bytes, or three without data */
};

enum apdu_sm {
	APDU_SM_NONE,
	APDU_SM_PROPRIETARY,  /* b4b3 = 01 */
	APDU_SM_PLAIN_HEADER, /* 10: the header is not authenticated */
	APDU_SM_HEADER,       /* 11: it is */
};

struct apdu {
	uint8_t cla, ins, p1, p2;
	struct view data; /* views the frame, or what a later stage made of it; empty: no Lc */
	bool extended;    /* Lc or Le was */
	enum apdu_le le;
	uint16_t le_raw;  /* as sent */
	size_t ne;        /* 1..APDU_NE_MAX response bytes expected at most; 0: no Le */

	/* what the class byte says: apdu_class, or a card's own reading of it */
	unsigned channel; /* 0..19 */
	enum apdu_sm sm;
	bool chained;     /* more parts follow */
};

/*
 * Take a command of any of the seven forms apart; data views raw. 0, or -EINVAL
 * when the lengths are none of them (6700). The class byte is not looked into.
 */
int apdu_parse(struct apdu *cmd, struct view raw);

/* Read an interindustry class byte (5.4.1). False: it is another, or reserved. */
bool apdu_class(struct apdu *cmd);

/* P1 P2 as one number. */
static inline uint16_t
apdu_p1p2(const struct apdu *cmd)
{
	return (uint16_t)(cmd->p1 << 8 | cmd->p2);
}

/* Append a command in its shortest form; ne as in struct apdu. False: too long. */
bool apdu_build(struct buf *b, const struct apdu *cmd);

#endif
