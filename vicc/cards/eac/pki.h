/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Who issues a document: a country signing CA and its document signer (Doc 9303-12).
 * The signer signs EF.SOD and EF.CardSecurity; the CA has signed the signer.
 */
#ifndef VICC_CARDS_EAC_PKI_H
#define VICC_CARDS_EAC_PKI_H

#include <sys/types.h>

#include "crypto/import.h"

struct pki {
	struct import_key csca, ds; /* private keys; the CA's only where it is known */
	struct buf csca_cert;       /* DER: X.509 certificates */
	struct buf ds_cert;
};

#define PKI_CERT_MAX 65536 /* bytes */

#define PKI_INIT { .csca_cert = BUF(PKI_CERT_MAX), .ds_cert = BUF(PKI_CERT_MAX) }

/*
 * Make both, with keys on P-256, for a country (two capital letters). 0 or negative; then
 * there is nothing to be freed.
 */
int pki_make(struct pki *out, const char country[3]);

/*
 * Those of a folder: csca.pem, ds.key and ds.pem, and csca.key, if it is there. A folder
 * that is not there, or has none of them, is made and filled (keys with mode 0600). 0, or
 * negative with one line in error that names the file.
 */
int pki_open(struct pki *out, const char *dir, const char country[3], char *error, size_t size);

void pki_free(struct pki *p); /* wiped */

/* Another file of that folder, in place of what is there. 0 or negative, for output_fault(). */
int pki_write(const char *path, struct view v, mode_t mode);

/*
 * Append what the document signer signs of content: CMS SignedData (RFC 5652) with its
 * certificate. oid: the eContentType's contents. 0 or negative.
 */
int pki_sign(const struct pki *p, struct view oid, struct view content, struct buf *out);

/* The hash that its signatures are of; so are those of data groups. */
enum digest pki_digest(const struct pki *p);

/* The OIDs of EF.SOD (9303-10, 4.6.2.3) and EF.CardSecurity (TR-03110-3, A.1.2.5). */
extern const struct view pki_oid_sod, pki_oid_card_security;

#endif
