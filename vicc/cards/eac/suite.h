/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The ciphers of PACE and chip authentication (TR-03110-3, A.2.3 and A.2.4): what each OID's last byte means. */
#ifndef VICC_CARDS_EAC_SUITE_H
#define VICC_CARDS_EAC_SUITE_H

#include "base/mem.h"
#include "crypto/cipher.h"
#include "crypto/kdf.h"
#include "model/sm.h"

#define SUITE_TOKEN 8 /* bytes of a MAC, either way */

struct eac_suite {
	enum cipher cipher;
	size_t key; /* bytes */
	enum sm_suite sm;
};

/* number: SECINFO_3DES .. SECINFO_AES256. */
struct eac_suite suite_of(uint8_t number);

/* Append the MAC, cut to SUITE_TOKEN. 0 or negative. */
int suite_mac(const struct eac_suite *s, const struct secret *key, struct view data,
	      struct buf *out);

/* Append the MAC over the public key DO 7F49 (D.3.4): the OID, then 86 (a point) or 84. */
int suite_token(const struct eac_suite *s, const struct secret *key, struct view oid, bool is_point,
		struct view public, struct buf *out);

/*
 * Session keys of a shared secret, and secure messaging with them from zero on. kmac
 * may be NULL. 0 or negative.
 */
int suite_session(const struct eac_suite *s, struct view secret, struct sm **out,
		  struct secret *kmac);

#endif
