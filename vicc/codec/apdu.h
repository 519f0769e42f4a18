/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Command APDUs (ISO/IEC 7816-4, 5.1 and 5.2; ISO/IEC 7816-3, 12.1). */
#ifndef VICC_CODEC_APDU_H
#define VICC_CODEC_APDU_H

#include "base/bytes.h"

#define APDU_HEADER 4
#define APDU_DATA_MAX 65535 /* bytes of command data */
#define APDU_NE_MAX 65536   /* bytes of response data */

/* struct apdu is vicc/card.h's; data views the frame, or what a later stage made of it. */

enum apdu_le {
	APDU_LE_NONE = VICC_LE_NONE,
	APDU_LE_SHORT = VICC_LE_SHORT,
	APDU_LE_EXTENDED = VICC_LE_EXTENDED,
};

enum apdu_sm {
	APDU_SM_NONE = VICC_SM_NONE,
	APDU_SM_PROPRIETARY = VICC_SM_PROPRIETARY,
	APDU_SM_PLAIN_HEADER = VICC_SM_PLAIN_HEADER,
	APDU_SM_HEADER = VICC_SM_HEADER,
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
