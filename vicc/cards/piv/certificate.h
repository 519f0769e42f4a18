/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* X.509 certificates by a card's keys: for attestation, and for cards that are made complete. */
#ifndef VICC_CARDS_PIV_CERTIFICATE_H
#define VICC_CARDS_PIV_CERTIFICATE_H

#include "model/sam.h"

/* What certificate objects are made of: 70 certificate, 71 00, FE. */
void piv_put_certificate_object(struct buf *out, struct view der);

/*
 * Append a certificate for k, signed by another key, whose holder is issuer (DER, a
 * Name). 0 or negative; -ENOTSUP: that is no key that signs.
 */
int piv_certify(struct sam_key *k, const char *name, struct sam_key *by, struct view issuer,
		struct view extensions, struct buf *out);

enum piv_certificate {
	PIV_CERTIFICATE_CA,   /* signs certificates */
	PIV_CERTIFICATE_USER,
	PIV_CERTIFICATE_SIGNER, /* of card verifiable certificates, found by the hash of its key */
};

/* Append one that k signs itself. */
int piv_self_sign(struct sam_key *k, const char *name, enum piv_certificate what, struct buf *out);

#endif
