/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Files in which SoftHSM 2 keeps a token and its objects: what is in one, and what is sealed
 * in that.
 */
#ifndef VICC_CARDS_CAC_SOFTHSM_H
#define VICC_CARDS_CAC_SOFTHSM_H

#include "base/bytes.h"
#include "base/mem.h"
#include "crypto/rsa.h"

#define SOFTHSM_BLOB_SIZE 72   /* bytes: salt 8, IV 16, ciphertext 48 */
#define SOFTHSM_SERIAL_SIZE 16 /* digits */

/* Attributes that are kept; those of RSA in the order of enum rsa_part. */
enum softhsm_attribute {
	SOFTHSM_LABEL,
	SOFTHSM_ID,
	SOFTHSM_VALUE,
	SOFTHSM_TOKEN_SERIAL,
	SOFTHSM_USER_PIN,
	SOFTHSM_RSA, /* and the next RSA_PART_COUNT - 1 */
	SOFTHSM_ATTRIBUTES = SOFTHSM_RSA + RSA_PART_COUNT,
};

enum softhsm_class {
	SOFTHSM_OTHER,
	SOFTHSM_CERTIFICATE, /* a public one: of a private one nothing can be shown */
	SOFTHSM_RSA_KEY,     /* a private key */
};

/* Views of the file that it was read from. */
struct softhsm_object {
	enum softhsm_class class;
	bool private; /* values are sealed */
	struct view value[SOFTHSM_ATTRIBUTES]; /* empty: none */
};

/* False: it is cut short, or no such file. */
bool softhsm_read(struct view file, struct softhsm_object *out);

/*
 * What a PIN opens of a token's blob: the key that all else is sealed with. 0; -EACCES: another
 * PIN; -EINVAL: no such blob; -ENOMEM.
 */
int softhsm_open(struct view blob, struct view pin, struct secret *master);

/* Append what is sealed. 0; -EBADMSG: not with this key; -ENOMEM. Nothing sealed is nothing. */
int softhsm_unseal(const struct secret *master, struct view sealed, struct buf *out);

#endif
