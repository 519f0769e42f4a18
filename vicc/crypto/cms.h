/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Signed data (RFC 5652, 5) with one signer, as documents hold them (Doc 9303-10, 4.6.2). */
#ifndef VICC_CRYPTO_CMS_H
#define VICC_CRYPTO_CMS_H

#include "crypto/certify.h"

struct cms {
	struct view oid;             /* what content is: the eContentType's contents */
	struct view content;
	const struct import_key *by; /* the signer's private key */
	struct view certificate;     /* DER: the signer's */
};

/*
 * Append SignedData of version 3 in its ContentInfo: the content, the certificate, and a
 * signature over the attributes contentType and messageDigest. 0 or negative; -EINVAL:
 * that is no certificate; -ENOTSUP: no key that signs so.
 */
int cms_put(struct buf *out, const struct cms *cms);

/*
 * What is in one: oid, content, and certificate, the first that there is (empty: none). by is
 * not set. False: this is none.
 */
bool cms_read(struct view signed_data, struct cms *out);

/*
 * Whether it is signed by the owner of a certificate that it holds, and that certificate by
 * this CA (DER), whatever day it is. 0; -EBADMSG: not signed so; -EKEYREJECTED: not by this
 * CA, or that is none; -EINVAL: this is no SignedData; -ENOMEM.
 */
int cms_verify(struct view signed_data, struct view ca);

#endif
