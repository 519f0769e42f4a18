/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Basic access control (ICAO Doc 9303-11, 4.3): mutual authentication with two keys. */
#ifndef VICC_CARDS_EAC_BAC_H
#define VICC_CARDS_EAC_BAC_H

#include "iso/iso.h"

#define BAC_CHALLENGE 8 /* bytes */
#define BAC_SIZE 40     /* bytes of data, either way */

/*
 * Mutual authentication as Doc 9303-11, 4.3 has it, with the channel's challenge:
 * data are E(RND.IFD | RND.IC | K.IFD) and their checksum, rsp gets ours, and the
 * session agreed on waits in sm_next. AES: in CBC, CMAC cut to 8 bytes, and the
 * counter begins at zero. 9000; 6300 it is another's; 6985 no challenge of 8
 * bytes; 6700. The challenge is spent when the data were judged: 9000, 6300.
 */
sw_t bac_authenticate(struct iso *c, enum sm_suite suite, struct view kenc, struct view kmac,
		      struct view data, struct buf *rsp);

#endif
