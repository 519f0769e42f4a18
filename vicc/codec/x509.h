/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Certificates that a card makes (RFC 5280, 4.1), in DER; whoever has the key signs. */
#ifndef VICC_CODEC_X509_H
#define VICC_CODEC_X509_H

#include "base/bytes.h"

/* Values are the contents of OBJECT IDENTIFIERs, or DER where it says so. */
struct x509 {
	struct view serial;     /* a number, positive */
	struct view issuer;     /* DER: a Name */
	struct view subject;    /* likewise */
	struct view key;        /* DER: SubjectPublicKeyInfo */
	struct view signature;  /* DER: AlgorithmIdentifier */
	struct view extensions; /* DER: one Extension or more; empty: none */
};

/* Append what is signed: valid from the year 2000 on, without an end (4.1.2.5). */
void x509_put_tbs(struct buf *out, const struct x509 *x);

/* Append the certificate: what was signed, and the signature. */
void x509_put(struct buf *out, struct view tbs, struct view algorithm, struct view signature);

/* Append a Name: one common name; before it a country (two letters), unless that is NULL. */
void x509_put_name(struct buf *out, const char *common_name);
void x509_put_country_name(struct buf *out, const char *country, const char *common_name);

/* Append an AlgorithmIdentifier; parameters: DER, or empty. */
void x509_put_algorithm(struct buf *out, struct view oid, struct view parameters);

/* Append an INTEGER that is not negative, as short as it can be. */
void x509_put_integer(struct buf *out, struct view number);

/* Append an Extension. */
void x509_put_extension(struct buf *out, struct view oid, bool critical, struct view value);

/* Append a BIT STRING of whole bytes. */
void x509_put_bits(struct buf *out, struct view bytes);

/*
 * What is in a certificate; the key is empty where it ends before it, and there are never
 * extensions. False: this is none.
 */
bool x509_read(struct view certificate, struct x509 *out);

/* The subject of a certificate, a Name in DER. False: this is none. */
bool x509_subject(struct view certificate, struct view *subject);

extern const struct view x509_null; /* DER: the parameters of RSA's algorithms */

#endif
