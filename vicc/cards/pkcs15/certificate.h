/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* X.509 certificates by a card's keys: for attestation, and for cards that are made complete. */
#ifndef VICC_CARDS_PKCS15_CERTIFICATE_H
#define VICC_CARDS_PKCS15_CERTIFICATE_H

#include "model/sam.h"

/*
 * Append a certificate for k, signed by another key, whose holder is issuer (DER, a
 * Name). 0 or negative; -ENOTSUP: that is no key that signs.
 */
int personal_certify(struct sam_key *k, const char *name, struct sam_key *by, struct view issuer,
		struct view extensions, struct buf *out);

enum personal_certificate {
	PERSONAL_CERTIFICATE_CA,   /* signs certificates */
	PERSONAL_CERTIFICATE_USER,
	/* of card verifiable certificates, found by the hash of its key */
	PERSONAL_CERTIFICATE_SIGNER,
};

/* Append one that k signs itself. */
int personal_self_sign(struct sam_key *k, const char *name, enum personal_certificate what,
		       struct buf *out);

#endif
