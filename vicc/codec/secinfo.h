/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * SecurityInfos (Doc 9303-11, 9.2; TR-03110-3, A.1): what EF.CardAccess, EF.CardSecurity
 * and DG14 say of a chip's protocols. Each is a SEQUENCE of an OBJECT IDENTIFIER, one
 * DO that is required and at most one that is not; all of them stand in a SET (31).
 */
#ifndef VICC_CODEC_SECINFO_H
#define VICC_CODEC_SECINFO_H

#include "base/bytes.h"

enum secinfo_kind {
	SECINFO_OTHER,      /* well-formed, but nothing that we know */
	SECINFO_PACE,       /* PACEInfo: method, cipher, version, id of domain parameters */
	SECINFO_CA,         /* ChipAuthenticationInfo: method, cipher, version, id of the key */
	/* ChipAuthenticationDomainParameterInfo: method, id of the key, domain */
	SECINFO_CA_PARAMS,
	/* ChipAuthenticationPublicKeyInfo: method, id of the key, domain, public key */
	SECINFO_CA_KEY,
	SECINFO_TA,         /* TerminalAuthenticationInfo: version */
	/* RestrictedIdentificationInfo: method, hash, version, id of the key, authorized */
	SECINFO_RI,
	SECINFO_RI_PARAMS,  /* RestrictedIdentificationDomainParameterInfo: method, domain */
	SECINFO_CARD_INFO,  /* CardInfo: an address */
	SECINFO_PRIVILEGED, /* PrivilegedTerminalInfo: SecurityInfos of its own, in required */
	/* ActiveAuthenticationInfo: version; required, optional: signature algorithm */
	SECINFO_AA,
};

/* Methods of PACE: the byte of the OID before the last. */
enum {
	SECINFO_DH_GM = 1,
	SECINFO_ECDH_GM = 2,
	SECINFO_DH_IM = 3,
	SECINFO_ECDH_IM = 4,
	SECINFO_ECDH_CAM = 6,
};

/* Methods of chip authentication and restricted identification. */
enum {
	SECINFO_DH = 1,
	SECINFO_ECDH = 2,
};

/* Ciphers: the last byte of the OID. */
enum {
	SECINFO_3DES = 1,
	SECINFO_AES128 = 2,
	SECINFO_AES192 = 3,
	SECINFO_AES256 = 4,
};

#define SECINFO_NO_DOMAIN (-1) /* no standardised one: explicit parameters, or none at all */

/* One of them; views are of what it was read from. */
struct secinfo {
	enum secinfo_kind kind;
	struct view whole;    /* the SEQUENCE, for a copy */
	struct view oid;      /* contents */
	struct view required; /* the DO behind it, whole */
	struct view optional; /* and the next, whole; empty: none */
	uint8_t method;       /* SECINFO_..., as kind says */
	uint8_t cipher;       /* SECINFO_...; RI: 1 SHA-1, 2 SHA-224 .. 5 SHA-512 */
	uint8_t version;      /* 0: it has none */
	bool has_id;
	uint8_t id;           /* of domain parameters (PACE), or of a key; 0: has none */
	/* standardised domain parameters (Doc 9303-11, 9.5.1), or SECINFO_NO_DOMAIN */
	int domain;
	struct view public;   /* CA_KEY: 04 X Y, or the contents of an INTEGER; empty: none */
	bool authorized;      /* RI: only for terminals that are authorised */
};

/* What an OID says by itself: kind, method, cipher. False: it is none of these protocols. */
bool secinfo_protocol(struct view oid, struct secinfo *out);

/*
 * The next of what stands in the SET. False at the end, or where there is no
 * well-formed one; then in is as it was, so that in->n tells which.
 */
bool secinfo_next(struct view *in, struct secinfo *out);

/* What is in a SET (31). False: it is none, or it holds anything but SecurityInfos. */
bool secinfo_open(struct view set, struct view *infos);

/* Each appends one SecurityInfo. id < 0: it has none. */
void secinfo_put_pace(struct buf *b, uint8_t method, uint8_t cipher, int id);
void secinfo_put_ca(struct buf *b, uint8_t method, uint8_t cipher, uint8_t version, int key_id);
void secinfo_put_ca_params(struct buf *b, uint8_t method, uint8_t domain, int key_id);
void secinfo_put_ta(struct buf *b, uint8_t version);
void secinfo_put_card_info(struct buf *b, const char *url);
void secinfo_put_privileged(struct buf *b, struct view infos); /* what is in its SET */
void secinfo_put_ri(struct buf *b, uint8_t method, uint8_t hash, uint8_t key_id, bool authorized,
		    int max_key_len);
void secinfo_put_ri_params(struct buf *b, uint8_t method, uint8_t domain);

/*
 * ChipAuthenticationPublicKeyInfo. algorithm: the whole AlgorithmIdentifier, of
 * standardised domain parameters (secinfo_put_domain) or explicit ones
 * (group_put_algorithm); public: 04 X Y, or the whole INTEGER of DH.
 */
void secinfo_put_ca_key(struct buf *b, uint8_t method, struct view algorithm, struct view public,
			int key_id);

/* AlgorithmIdentifier of standardised domain parameters (TR-03110-3, A.2.1.1). */
void secinfo_put_domain(struct buf *b, uint8_t domain);

/* ActiveAuthenticationInfo (Doc 9303-11, 6.1.2.3); hash: 1 SHA-1, 2 SHA-224 .. 5 SHA-512. */
void secinfo_put_aa(struct buf *b, uint8_t hash);

/*
 * A protocol as options name it: "ecdh-gm-aes128:13", "dh-im-3des:2", of chip
 * authentication "ecdh-aes128". n characters; any case. *id: -1 where the text has
 * none. False: no such protocol.
 */
bool secinfo_pace_from_name(const char *text, size_t n, uint8_t *method, uint8_t *cipher, int *id);
bool secinfo_ca_from_name(const char *text, size_t n, uint8_t *method, uint8_t *cipher, int *id);

#endif
