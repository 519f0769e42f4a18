/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * PKCS#15 (v1.1; ISO/IEC 7816-15): what the files of such an application hold, in
 * the form in which OpenSC reads and writes it. Each function appends one whole
 * object; bit 0 of a flag word is the first bit of the standard's BIT STRING.
 */
#ifndef VICC_CODEC_PKCS15_H
#define VICC_CODEC_PKCS15_H

#include "base/bytes.h"

/* CommonObjectFlags. */
#define PKCS15_PRIVATE 0x1u
#define PKCS15_MODIFIABLE 0x2u

/* What all objects have. */
struct pkcs15_object {
	const char *label; /* UTF-8 */
	unsigned flags;
	struct view auth_id; /* of the PIN that guards it; empty: none does */
	struct view id;
};

/* PinFlags. */
#define PKCS15_PIN_CASE_SENSITIVE 0x01u
#define PKCS15_PIN_INITIALIZED 0x10u
#define PKCS15_PIN_NEEDS_PADDING 0x20u
#define PKCS15_PIN_SO 0x80u

struct pkcs15_pin {
	struct pkcs15_object object; /* id: its authId */
	unsigned flags;
	uint8_t reference;
	uint8_t min, max, pad;
};

/* KeyUsageFlags. */
#define PKCS15_USE_ENCRYPT 0x001u
#define PKCS15_USE_DECRYPT 0x002u
#define PKCS15_USE_SIGN 0x004u
#define PKCS15_USE_WRAP 0x010u
#define PKCS15_USE_UNWRAP 0x020u
#define PKCS15_USE_VERIFY 0x040u
#define PKCS15_USE_DERIVE 0x100u
#define PKCS15_USE_NON_REPUDIATION 0x200u

struct pkcs15_key {
	struct pkcs15_object object;
	bool ec;             /* else RSA */
	size_t bits;         /* of the modulus or field */
	unsigned usage;
	uint8_t reference;   /* of a private key */
	struct view subject; /* of a private key: DER of a Name; empty: none */
	struct view path;
};

struct pkcs15_cert {
	struct pkcs15_object object;
	bool authority;
	struct view path;
};

/* TokenFlags. */
#define PKCS15_TOKEN_RANDOM 0x4u
#define PKCS15_TOKEN_EID 0x8u

/* Operations. */
#define PKCS15_OP_ENCIPHER 0x10u
#define PKCS15_OP_DECIPHER 0x20u

/* AlgorithmInfo, without parameters. */
struct pkcs15_algorithm {
	uint8_t reference;
	uint16_t mechanism; /* of PKCS#11 */
	unsigned operations;
	struct view oid;
};

struct pkcs15_token {
	struct view serial;
	const char *manufacturer, *label;
	unsigned flags;
	const struct pkcs15_algorithm *algorithms; /* those that have to be said; NULL: none */
	size_t n_algorithms;
	const char *time; /* of the last change: YYYYMMDDhhmmssZ */
};

/* Directory files: their tags in the ODF. */
enum pkcs15_df {
	PKCS15_PRKDF = 0,
	PKCS15_PUKDF = 1,
	PKCS15_SKDF = 3,
	PKCS15_CDF = 4,
	PKCS15_CDF_TRUSTED = 5,
	PKCS15_DODF = 7,
	PKCS15_AODF = 8,
};

#define PKCS15_DF_COUNT 9

void pkcs15_put_pin(struct buf *b, const struct pkcs15_pin *pin);          /* AODF */
void pkcs15_put_private_key(struct buf *b, const struct pkcs15_key *key);  /* PrKDF */
void pkcs15_put_public_key(struct buf *b, const struct pkcs15_key *key);   /* PuKDF */
void pkcs15_put_cert(struct buf *b, const struct pkcs15_cert *cert);       /* CDF */
void pkcs15_put_directory(struct buf *b, enum pkcs15_df df, struct view path); /* ODF */
void pkcs15_put_token_info(struct buf *b, const struct pkcs15_token *t);
/* EF.DIR */
void pkcs15_put_application(struct buf *b, struct view aid, const char *label, struct view path);

/* The values of public keys: RSAPublicKey; SubjectPublicKeyInfo with a named curve. */
void pkcs15_put_rsa(struct buf *b, struct view n, struct view e);
void pkcs15_put_ec(struct buf *b, struct view curve_oid, struct view point);

#endif
