/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Card verifiable certificates and authorisation templates (TR-03110-3, C and D.2; TR-03110-4,
 * 2.2).
 */
#ifndef VICC_CODEC_CVC_H
#define VICC_CODEC_CVC_H

#include "base/bytes.h"

/* For which kind of terminal. */
enum cvc_terminal {
	CVC_NONE,
	CVC_IS, /* inspection system, 1 byte of rights */
	CVC_AT, /* authentication terminal, 5 */
	CVC_ST, /* signature terminal, 1 */
};

/* Where in the path (the top two bits of the rights). */
enum cvc_role {
	CVC_TERMINAL,
	CVC_DV_FOREIGN,
	CVC_DV_DOMESTIC,
	CVC_CVCA,
};

/* A certificate holder authorisation template, 7F4C. All zero: none. */
struct chat {
	enum cvc_terminal terminal;
	enum cvc_role role;
	uint64_t rights; /* without the role's two bits; bit 0 is the lowest of the last byte */
};

/* What is in a 7F4C. False: another form. */
bool chat_read(struct view value, struct chat *out);
void chat_put(struct buf *b, const struct chat *chat); /* the whole 7F4C */

/* Rights of an AT (TR-03110-4, 2.2.3.2). */
#define CHAT_AT_AGE (UINT64_C(1) << 0)
#define CHAT_AT_COMMUNITY (UINT64_C(1) << 1)
#define CHAT_AT_RI (UINT64_C(1) << 2)
#define CHAT_AT_PRIVILEGED (UINT64_C(1) << 3)
#define CHAT_AT_CAN (UINT64_C(1) << 4)
#define CHAT_AT_PIN (UINT64_C(1) << 5)
#define CHAT_AT_INSTALL (UINT64_C(1) << 6)
#define CHAT_AT_INSTALL_QUALIFIED (UINT64_C(1) << 7)
#define CHAT_AT_READ(dg) (UINT64_C(1) << ((dg) + 7))   /* 1..21 */
#define CHAT_AT_WRITE(dg) (UINT64_C(1) << (54 - (dg))) /* 17..21 */
#define CHAT_AT_ALL UINT64_C(0x3fffffffff)

/* Of an IS, and of an ST. */
#define CHAT_IS_DG3 (UINT64_C(1) << 0)
#define CHAT_IS_DG4 (UINT64_C(1) << 1)
#define CHAT_IS_EID (UINT64_C(1) << 5)
#define CHAT_ST_SIGN (UINT64_C(1) << 0)
#define CHAT_ST_QUALIFIED (UINT64_C(1) << 1)

enum cvc_scheme {
	CVC_RSA_PKCS1,
	CVC_RSA_PSS,
	CVC_ECDSA, /* plain r || s */
};

/* A public key, 7F49; views of what it was read from. */
struct cvc_key {
	struct view oid;
	enum cvc_scheme scheme;
	uint8_t digest;         /* VICC_DIGEST_... */
	/* EC: p a b G n h (81 82 83 84 85 87), as struct curve_params; RSA: n, e (81 82) */
	struct view part[6];
	struct view point;      /* EC: 86 */
	bool has_params;        /* EC: p a b G n are all there */
};

/* what is in a 7F49; false: another form */
bool cvc_key_read(struct view value, struct cvc_key *out);

struct cvc {
	struct view whole; /* 7F21; empty where it came as 7F4E and 5F37 */
	struct view body;  /* the whole 7F4E: what is signed */
	struct view signature;
	struct view car, chr;
	struct view public; /* what is in 7F49 */
	struct cvc_key key;
	struct chat chat;
	uint32_t effective, expires; /* YYYYMMDD */
	struct view extensions; /* what is in 65; empty: none */
};

/*
 * 7F21, or what is in one: 7F4E and 5F37. False: another form; which means every
 * DO that a certificate must have once and in its order, dates that exist, names
 * of 8 to 16 characters.
 */
bool cvc_read(struct view in, struct cvc *out);

/* DO number tag (80, 81, 82) of the extension with this OID. False: there is none. */
bool cvc_extension(const struct cvc *cert, struct view oid, uint32_t tag, struct view *value);

/* For makers of certificates: the whole 7F4E. extensions: what is in 65; empty: none. */
struct cvc_body {
	struct view car, chr;
	struct view key;        /* what is in 7F49 */
	struct chat chat;
	uint32_t effective, expires;
	struct view extensions;
};
void cvc_put_body(struct buf *b, const struct cvc_body *body);
void cvc_put(struct buf *b, struct view body, struct view signature); /* the whole 7F21 */

/* Six digits, one a byte, of a date in this century. False: no such day. */
bool cvc_date_read(struct view value, uint32_t *date);
void cvc_date_put(struct buf *b, uint32_t date); /* the six bytes */

/* YYYYMMDD of a day that exists. */
bool date_valid(uint32_t date);

#endif
