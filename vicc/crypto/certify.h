/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* X.509 certificates (RFC 5280) by keys that a card, or the issuer of one, has. */
#ifndef VICC_CRYPTO_CERTIFY_H
#define VICC_CRYPTO_CERTIFY_H

#include "crypto/digest.h"
#include "crypto/import.h"

#define CERTIFY_SIZE_MAX 4096 /* bytes of a certificate that is made here */

struct certify {
	const struct import_key *key; /* whose certificate it is: its public half */
	const struct import_key *by;  /* who signs */
	struct view subject;          /* DER: a Name */
	struct view issuer;           /* likewise; empty: the subject's own */
	struct view extensions;       /* DER: one Extension or more; empty: none */
};

/*
 * Append a certificate, with a random serial number. 0 or negative; -ENOTSUP: that is
 * no key that signs.
 */
int certify_put(struct buf *out, const struct certify *x);

/* What else a signature of by's is in: append its AlgorithmIdentifier; the hash that it is of. */
int certify_put_algorithm(const struct import_key *by, struct buf *out);
enum digest certify_digest(const struct import_key *by);

/* Append by's signature over data. 0 or negative. */
int certify_sign(const struct import_key *by, struct view data, struct buf *out);

/* Append a SubjectPublicKeyInfo; of an EC key with the curve's name. 0 or negative. */
int certify_put_key(const struct import_key *k, struct buf *out);

/* Append Extension BasicConstraints: a CA's; last: of certificates that are no CA's. */
void certify_put_ca(struct buf *out, bool last);

/* Append Extension KeyUsage; bits as they are in its first byte. */
#define CERTIFY_SIGNS 0x80u /* digitalSignature */
#define CERTIFY_SIGNS_CERTIFICATES 0x04u
#define CERTIFY_SIGNS_LISTS 0x02u
void certify_put_usage(struct buf *out, uint8_t bits);

/* Append Extension SubjectKeyIdentifier, or AuthorityKeyIdentifier, of this key. 0 or negative. */
int certify_put_subject_identifier(const struct import_key *k, struct buf *out);
int certify_put_authority_identifier(const struct import_key *k, struct buf *out);

#endif
