/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the authentication commands of the table-driven card are made of. */
#ifndef VICC_ISO_AUTH_H
#define VICC_ISO_AUTH_H

#include "iso/iso.h"

/* The PIN that a reference (P2) means; b8: of the current DF or one above it. NULL: none. */
struct sam_pin *iso_pin(struct iso *c, uint8_t ref);

/* What VERIFY does with these data (or none): P1 00 or FF, P2 the reference. */
sw_t iso_verify_data(struct iso *c, const struct apdu *cmd, struct view data);

/*
 * Whether this is a PIN of so many digits at least, then FF up to size bytes (SP 800-73-4,
 * GSC-IS).
 */
bool iso_is_padded_pin(struct view value, size_t min, size_t size);

/* Append n random bytes; up to ISO_CHALLENGE_MAX of them are the channel's challenge. */
sw_t iso_challenge(struct iso *c, size_t n, struct buf *rsp);

/* The channel's challenge; empty: none is outstanding. It counts once: whoever used it drops it. */
struct view iso_challenge_of(const struct iso *c);
void iso_drop_challenge(struct iso *c);

/* Whether no try of EXTERNAL AUTHENTICATE is left. */
bool iso_key_is_blocked(const struct sam_key *k);

/* Somebody has shown to have this key, or has failed to. */
void iso_prove_key(struct iso *c, const struct sam_key *k, bool yes);

/* Forget whom certificates name. */
void iso_certified_clear(struct certified *certified);

/* A certificate's holder, whose key it names; NULL: there is none. */
struct sam_key *iso_certified_key(const struct iso *c);

#endif
