/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the authentication commands of the table-driven card are made of. */
#ifndef VICC_ISO_AUTH_H
#define VICC_ISO_AUTH_H

#include "iso/iso.h"

/* The PIN that a reference (P2) means; b8: of the current DF or one above it. NULL: none. */
struct sam_pin *iso_pin(struct iso *c, uint8_t ref);

/* What VERIFY does with these data (or none): P1 00 or FF, P2 the reference. */
sw_t iso_verify_data(struct iso *c, const struct apdu *cmd, struct view data);

/* Append n random bytes; up to ISO_CHALLENGE_MAX of them are the channel's challenge. */
sw_t iso_challenge(struct iso *c, size_t n, struct buf *rsp);

/* The channel's challenge; empty: none is outstanding. It counts once: whoever used it drops it. */
struct view iso_challenge_of(const struct iso *c);
void iso_drop_challenge(struct iso *c);

/*
 * Mutual authentication as Doc 9303-11, 4.3 has it, with the channel's challenge:
 * data are E(RND.IFD | RND.IC | K.IFD) and their checksum, rsp gets ours, and the
 * session agreed on waits in sm_next. AES: in CBC, CMAC cut to 8 bytes, and the
 * counter begins at zero. 9000; 6300 it is another's; 6985 no challenge of 8
 * bytes; 6700. The challenge is spent when the data were judged: 9000, 6300.
 */
sw_t iso_basic_access(struct iso *c, enum sm_suite suite, struct view kenc, struct view kmac,
		      struct view data, struct buf *rsp);

#define ISO_BASIC_ACCESS_SIZE 40 /* bytes of data */

/* Forget whom certificates name. */
void iso_certified_clear(struct certified *certified);

/* A certificate's holder, whose key it names; NULL: there is none. */
struct sam_key *iso_certified_key(const struct iso *c);

#endif
