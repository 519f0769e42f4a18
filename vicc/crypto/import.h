/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Keys and certificates out of the files that people keep them in. */
#ifndef VICC_CRYPTO_IMPORT_H
#define VICC_CRYPTO_IMPORT_H

#include "base/bytes.h"
#include "base/mem.h"
#include "crypto/ec.h"
#include "crypto/ed.h"
#include "crypto/rsa.h"

#define IMPORT_ID_SIZE 20   /* bytes: SHA-1 of the public key's bits (RFC 5280, 4.2.1.2 (1)) */
#define IMPORT_NAME_SIZE 257 /* a common name has 64 characters at most (RFC 5280, A.1), then NUL */
#define IMPORT_MAX 16       /* keys, and certificates, of one file */

/* Bits of KeyUsage (RFC 5280, 4.2.1.3): the first bit is the lowest. */
#define IMPORT_USE_SIGN 0x001u          /* digitalSignature */
#define IMPORT_USE_NON_REPUDIATION 0x002u
#define IMPORT_USE_KEY_ENCIPHER 0x004u
#define IMPORT_USE_DATA_ENCIPHER 0x008u
#define IMPORT_USE_KEY_AGREE 0x010u
#define IMPORT_USE_CERT_SIGN 0x020u
#define IMPORT_USE_CRL_SIGN 0x040u
#define IMPORT_USE_ENCIPHER_ONLY 0x080u
#define IMPORT_USE_DECIPHER_ONLY 0x100u
#define IMPORT_USE_ANY 0xffffu          /* the certificate does not say */

/* A private key: exactly one of the three is set. Who takes one over sets it to NULL here. */
struct import_key {
	struct rsa *rsa;
	struct ec *ec;
	struct ed *ed;
	uint8_t id[IMPORT_ID_SIZE]; /* the same in the certificate that belongs to it */
};

struct import_cert {
	struct buf der;
	struct buf subject;           /* DER of a Name */
	struct buf issuer;            /* likewise */
	struct buf serial;            /* DER of an INTEGER */
	char name[IMPORT_NAME_SIZE];  /* the last common name of the subject, UTF-8; "": none */
	unsigned usage;               /* IMPORT_USE_... */
	uint8_t id[IMPORT_ID_SIZE];   /* of its public key */
	size_t rsa_bits;              /* of that; 0: it is none of RSA */
};

/* All zero is an empty one. */
struct import {
	struct import_key keys[IMPORT_MAX];
	size_t n_keys;
	struct import_cert certs[IMPORT_MAX];
	size_t n_certs;
};

void import_key_free(struct import_key *k); /* what it holds */
void import_free(struct import *im);        /* wiped; as new */

/*
 * The passphrase of a file that has one. False: there is none to be had. Called
 * once for a file, and not for one that has none.
 */
typedef bool import_ask_fn(void *ctx, struct secret *pass);

/*
 * Add what a file holds: PEM (any number of objects, keys plain or encrypted;
 * what is neither key nor certificate is passed over), or one DER object:
 * PKCS#12 (of several keys the first), PKCS#8, the older forms of RSA and EC
 * keys, a certificate. PKCS#12 with the old RC2 wants libcrypto's legacy
 * provider. ask may be NULL. 0, or negative and im as before: -EBADMSG nothing
 * of this kind, or broken; -EACCES no passphrase, or a wrong one; -ENOTSUP a
 * kind of key, curve or encryption that is not for us; -EFBIG too many objects,
 * or one of them longer than 64 KB.
 */
int import_read(struct import *im, struct view file, import_ask_fn *ask, void *ctx);

/*
 * One key that stands alone and in the clear: PKCS#8, the older forms, or
 * SubjectPublicKeyInfo of a public one, DER or PEM. id is not set. 0; -EBADMSG
 * nothing of this kind; -ENOTSUP a kind or curve that is not for us; -ENOMEM.
 */
int import_key_read(struct import_key *k, struct view value);

#endif
