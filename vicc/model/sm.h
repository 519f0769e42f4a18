/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Secure messaging: one session of a channel. Knows nothing of cards: commands in,
 * answers out. How it is done is a matter of the session; sm_new makes one as
 * ISO/IEC 7816-4, 10, ICAO Doc 9303-11, 9.8 and BSI TR-03110-3, F have it.
 */
#ifndef VICC_MODEL_SM_H
#define VICC_MODEL_SM_H

#include <stdbool.h>
#include <stddef.h>

#include "base/bytes.h"
#include "base/sw.h"
#include "codec/apdu.h"

struct sm;

/* A kind of session. What each does is said with the functions below that call it. */
struct sm_ops {
	sw_t (*unwrap)(struct sm *sm, const struct apdu *in, struct apdu *plain,
		       struct buf *scratch);
	int (*wrap)(struct sm *sm, const struct apdu *cmd, sw_t sw, struct buf *rsp);
	size_t (*room)(const struct sm *sm, const struct apdu *cmd, size_t wrapped);
	void (*free)(struct sm *sm);
};

/* The first member of whatever a session keeps. */
struct sm {
	const struct sm_ops *ops;
};

/*
 * Take the protection off a command: plain's data view scratch (or in), its class
 * is without SM, its Le is the protected one. 9000; 6987 a data object is missing, 6988
 * one is wrong: the session has to end, and the answer goes in the clear.
 */
static inline sw_t
sm_unwrap(struct sm *sm, const struct apdu *in, struct apdu *plain, struct buf *scratch)
{
	return sm->ops->unwrap(sm, in, plain, scratch);
}

/*
 * Put it on the answer to the command that sm_unwrap took last: rsp holds the
 * data and then the data objects. More than the protected Le allowed, or than fits into
 * one frame, is cut. cmd tells even instructions from odd. 0, or negative: no memory,
 * no cipher; then rsp is empty and the session has to end.
 */
static inline int
sm_wrap(struct sm *sm, const struct apdu *cmd, sw_t sw, struct buf *rsp)
{
	return sm->ops->wrap(sm, cmd, sw, rsp);
}

/* The most plain bytes whose protected answer has no more than this many; 0: none fit. */
static inline size_t
sm_room(const struct sm *sm, const struct apdu *cmd, size_t wrapped)
{
	return sm->ops->room(sm, cmd, wrapped);
}

/* Takes NULL; wiped. */
static inline void
sm_free(struct sm *sm)
{
	if (sm)
		sm->ops->free(sm);
}

/* --- as ISO has it ---------------------------------------------------------------------- */

#define SM_MAC 8 /* bytes of DO 8E */

enum sm_suite {
	SM_DES3, /* two-key 3DES in CBC with IV 0, retail MAC, SSC of 8 bytes */
	SM_AES,  /* AES in CBC with IV = E(K, SSC), CMAC cut to 8, SSC of 16 bytes */
};

/*
 * A session with these keys (3DES: 16 bytes; AES: 16, 24 or 32) and this send
 * sequence counter, as it stands before the first command; an empty one is zero.
 * An empty kenc: authentication only, data go plain. NULL: no memory, or lengths
 * that the suite does not have.
 */
struct sm *sm_new(enum sm_suite suite, struct view kenc, struct view kmac, struct view ssc);

/*
 * The one who lacks a session still has to be told what is wrong: 6987 for data
 * objects without a checksum, 6988 otherwise.
 */
sw_t sm_refusal(const struct apdu *in);

#endif
