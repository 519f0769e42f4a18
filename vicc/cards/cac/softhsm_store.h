/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A store of SoftHSM 2 on disk: its configuration, and one token of it, read and not changed. */
#ifndef VICC_CARDS_CAC_SOFTHSM_STORE_H
#define VICC_CARDS_CAC_SOFTHSM_STORE_H

#include "base/log.h"
#include "cards/cac/softhsm.h"

#define SOFTHSM_OBJECTS_MAX 256 /* certificates of a token; keys likewise */

struct softhsm_certificate {
	struct buf id, label, der;
};

struct softhsm_key {
	bool sealed;
	struct buf part[RSA_PART_COUNT];
};

struct softhsm_token {
	struct buf serial, pin; /* digits; the blob that the user's PIN opens */
	struct softhsm_certificate *certs; /* by id, then label, then DER */
	size_t n_certs;
	struct softhsm_key *keys;
	size_t n_keys;
};

/*
 * The token that a card is made of: of those with a certificate the one whose slot is the first.
 * What cannot be read or is broken is left out, with a line. 0, or negative (said): -ENOENT no
 * token has a certificate.
 */
int softhsm_store_read(const char *conf, struct softhsm_token *out, const struct log *log);
void softhsm_token_free(struct softhsm_token *t); /* wiped */

#endif
