/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the parts of the engine share; for this folder. */
#ifndef VICC_CARDS_EAC_ENGINE_H
#define VICC_CARDS_EAC_ENGINE_H

#include "cards/eac/eac.h"
#include "cards/eac/suite.h"

#define EAC_OID_MAX 16
#define EAC_CERTIFICATE_MAX 4096
#define EAC_COMPRESSED_MAX CURVE_SIZE_MAX /* bytes of Comp() */

enum pace_step { PACE_NOTHING, PACE_NONCE, PACE_MAP, PACE_AGREE, PACE_TOKEN };

/* PACE under way. */
struct pace {
	enum pace_step step; /* what is to come */
	uint8_t oid[EAC_OID_MAX];
	size_t oid_len;
	uint8_t method;
	struct eac_suite suite;
	enum eac_password password;
	bool has_chat;
	struct chat chat;
	struct group *group;
	struct secret nonce, map_d, d; /* d: of the ephemeral key */
	struct buf base;               /* the generator that the mapping gave */
	struct buf ours, theirs;       /* ephemeral public keys */
};

/* Chip authentication, or restricted identification, that MSE has set. */
struct ca {
	enum { CA_NOTHING, CA_KEY, CA_RI } set;
	uint8_t oid[EAC_OID_MAX];
	size_t oid_len;
	struct eac_suite suite;
	enum digest hash; /* of RI */
	struct eac_key key;
};

/* Terminal authentication, as far as it has come. */
struct ta {
	struct buf anchor;    /* the certificate that the path begins with: it has the domain parameters */
	struct buf signer;    /* whose key MSE has set; empty: none */
	struct buf imported;  /* the last one that was verified, unless it was a link; empty: none */
	enum digest imported_by; /* hash of its signature */
	struct chat path;     /* rights of all certificates so far */
	bool set;             /* MSE has named the terminal: */
	struct buf compressed; /* its ephemeral key, v2 */
	struct buf aux;       /* the whole DO 67 that is signed; empty: none */
	bool tried;           /* there is one for each session */
};

/* The volatile memory of eac_app. */
struct eac {
	struct eac_status status, next; /* next: with the keys that wait in sm_next */
	bool fresh;                     /* next is another session, not this one under other keys */
	struct buf id_picc, next_id;    /* of terminal authentication */
	struct buf ca_compressed, next_compressed; /* Comp() of the terminal's key of CA 1, or of PACE with CAM */
	struct pace pace;
	struct ca ca;
	struct ta ta;
};

struct eac *eac_own(const struct iso *c);
const struct eac_type *eac_type_of(const struct iso *c);

/* The session that begins with the keys in sm_next; next_id, next_compressed are empty then. */
void eac_next_session(struct eac *e, const struct eac_status *status);

/* A private key's group and what it agrees on with theirs; 0; -EINVAL: theirs. */
int eac_key_agree(const struct eac_key *k, struct view theirs, struct buf *secret);

/* A link certificate's is the anchor now, and the one that it follows the one before. 0 or -ENOMEM. */
int eac_anchor_follow(struct state *s, const struct cvc *link, struct view whole);

/* The one DO 7C of a GENERAL AUTHENTICATE. False: another form. */
bool eac_dynamic_data(const struct apdu *cmd, struct view *in);

/* SecurityInfos: where CA and RI are to be found. */
struct view eac_chip_infos(struct iso *c);

/* --- password.c: section by section of TR-03110-2, 2.4 and -3, B.1 --- */

/* The PIN that a password is. NULL: the card has none. */
struct sam_pin *eac_password(const struct iso *c, unsigned number);
/* What MSE says of it: 9000, 63CX, 6283. */
sw_t eac_password_set(const struct iso *c, const struct sam_pin *pin);
/* K_pi. */
int eac_password_key(const struct sam_pin *pin, const struct eac_suite *suite, struct secret *key);
/* Spend a try, or why there is none to spend: 9000, 6983, 6984, 6985, 6581. */
sw_t eac_password_try(struct iso *c, struct sam_pin *pin);
/* And what came of it: 9000, 63CX, 6300. */
sw_t eac_password_judge(struct iso *c, struct sam_pin *pin, bool right);

/* --- the protocols --- */

void pace_clear(struct pace *p);
sw_t pace_set(struct iso *c, const struct apdu *cmd);
sw_t pace_step(struct iso *c, const struct apdu *cmd, struct buf *rsp);

void ca_clear(struct ca *ca);
sw_t ca_set(struct iso *c, const struct apdu *cmd);                          /* 41 A4: also RI */
sw_t ca_agree_3des(struct iso *c, const struct apdu *cmd);                   /* 41 A6 */
sw_t ca_step(struct iso *c, const struct apdu *cmd, struct buf *rsp);
sw_t ri_identify(struct iso *c, struct view data, struct buf *rsp);

void ta_clear(struct ta *ta);
sw_t ta_set_signer(struct iso *c, const struct apdu *cmd);                   /* 81 B6 */
sw_t ta_set_terminal(struct iso *c, const struct apdu *cmd);                 /* 81 A4 */
sw_t ta_verify_certificate(struct iso *c, const struct apdu *cmd);
sw_t ta_authenticate(struct iso *c, const struct apdu *cmd);

#endif
