/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * An electronic passport (ICAO Doc 9303-10 and -11): BAC, PACE, active and chip
 * authentication, terminal authentication for fingers and eyes.
 */
#ifndef VICC_CARDS_EPASS_EPASS_H
#define VICC_CARDS_EPASS_EPASS_H

#include "cards/eac/lds.h"
#include "crypto/curve.h"
#include "iso/iso.h"
#include "model/card.h"

extern const struct card_type epass_type;

/* The application of a passport, on the root of an ePass or of another card with cards/eac/eac.h. */
extern const struct iso_app emrtd_app;

/* Files of the MF. */
#define EPASS_FID_DIR 0x2f00
#define EPASS_FID_ATR 0x2f01
#define EPASS_FID_CARD_ACCESS 0x011c
#define EPASS_FID_CARD_SECURITY 0x011d

#define EMRTD_CVCA_SIZE 36 /* bytes of EF.CVCA (TR-03110-3, A.3.1.1) */

#define EMRTD_KEY_FIELD_HASH "hash" /* of its signatures */

/* --- emrtd.c: the application --- */

check_access_fn emrtd_check_access;           /* of all files of a passport, the MF's, too */
instr_fn emrtd_external_authenticate;         /* BAC, where the card has not got rid of it */

/* EF.CVCA, if there is one, says which trust anchors there are. 9000 or 6A84. */
sw_t emrtd_renew_cvca(struct state *s);

/* --- aa.c: active authentication (9303-11, 6.1) --- */

instr_fn emrtd_internal_authenticate;

/* The hash that a key's field names. */
enum digest emrtd_aa_digest(const struct sam_key *k);
/* In the order of the last byte of TR-03111's OIDs, from SHA-1 on; ended by NULL. */
extern const char *const emrtd_aa_hashes[];

/* "rsa:1024:sha256", "ec:P-256:sha256", or "none". False: none of these. */
struct aa_choice {
	size_t bits;       /* RSA; 0: EC, or none */
	bool ec;
	enum curve curve;
	uint8_t hash;      /* which of emrtd_aa_hashes */
};
bool emrtd_aa_from_name(const char *text, struct aa_choice *out);

/* --- personal.c: a new card ------------------------------------------------------------------ */

/* For card_type.fill. */
int epass_fill(struct state *s, const struct card_config *cfg, char *error, size_t size);

/* issue.c: sign a passport again, as it is now, by --pki or an issuer of its own. Likewise. */
int epass_issue(struct state *s, const struct card_config *cfg, char *error, size_t size);

/* For card_type.check. */
void epass_check(struct state *s, card_say_fn *say, void *ctx);

/* What is wrong with a value of an option; NULL: nothing. */
const char *epass_wrong_aa(const char *value);
const char *epass_wrong_dg(const char *value);

#endif
