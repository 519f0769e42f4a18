/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Extended access control for cards that are documents: PACE, chip and terminal
 * authentication, restricted identification (Doc 9303-11; TR-03110-2 and -3). It is a base
 * for the roots of cards, eac_app, with the rows of these protocols. A card adds its files,
 * who may read them (hook check_access), and what it says of itself: struct eac_type.
 *
 * What the card keeps:
 * - its passwords are PINs of the card (sam), numbered as DO 83 of PACE numbers them. The value
 *   of number 1 is the MRZ information (document number, birth, expiry, each with its check
 *   digit), of the others the digits. PIN and PUK have tries, the others none; a
 *   deactivated PIN is SAM_DEACTIVATED; one of 5 digits is the transport PIN;
 * - EF.CardAccess (011C in the MF) says which sets of PACE there are: what is not in it is
 *   not offered. The same SecurityInfos, or those of eac_type.chip_infos, say it of chip
 *   authentication and of restricted identification;
 * - keys, trust anchors and the date are fields of the root: EAC_FIELDS.
 */
#ifndef VICC_CARDS_EAC_EAC_H
#define VICC_CARDS_EAC_EAC_H

#include "codec/cvc.h"
#include "codec/secinfo.h"
#include "crypto/group.h"
#include "iso/iso.h"

/* Passwords of PACE (DO 83): numbers of the card's PINs. */
enum eac_password {
	EAC_MRZ = 1,
	EAC_CAN = 2,
	EAC_PIN = 3,
	EAC_PUK = 4,
};

/* What opened the session that is in force. */
enum eac_session {
	EAC_LOCKED, /* there is none */
	EAC_BAC,
	EAC_PACE,
};

/* --- what the card keeps: fields of the root's schema ------------------------------------ */

/* Of a key: id, id of its domain parameters, private value. */
#define EAC_KEY_MAX (2 + GROUP_PRIVATE_MAX)
#define EAC_ANCHOR_MAX 2048

/* Options that each such type has; they count for a card that is written, too. */
#define EAC_OPTION_DATE "date" /* YYYYMMDD, checked */
#define EAC_OPTION_NO_TA_CHECKS "disable-ta-checks"

/* The issuer; and of a card that is written: sign it again. */
#define EAC_OPTION_PKI "pki"
#define EAC_OPTION_ISSUE "issue"

/* Of a new card: EF.CardSecurity, and who may have its private key. Without that it is signed anew. */
#define EAC_OPTION_CARD_SECURITY "ef-cardsecurity"
#define EAC_OPTION_CA_KEY "ca-key"
#define EAC_OPTION_PROFILE "profile"

#define EAC_FIELD_CA_KEY "ca_key"
#define EAC_FIELD_CA_KEY_2 "ca_key_2" /* of other domain parameters */
#define EAC_FIELD_CA_KEY_PRIVILEGED "ca_key_privileged" /* for privileged terminals */
#define EAC_FIELD_RI_KEY "ri_key"
#define EAC_FIELD_RI_KEY_2 "ri_key_2"
#define EAC_FIELD_DATE "card_date"            /* YYYYMMDD */
#define EAC_FIELD_NO_TA_CHECKS "no_ta_checks" /* certificates never expire, and move no date */

/*
 * Certificates of who has signed EF.CardSecurity and EF.SOD, DER: of the root, or of the DF of a
 * passport.
 */
#define EAC_FIELD_CSCA "csca"
#define EAC_FIELD_DS "ds"

/* EF.CardSecurity is somebody's own (EAC_OPTION_CARD_SECURITY): it need not fit the card. */
#define EAC_FIELD_GIVEN_SECURITY "given_card_security"

/* CV certificates, 7F21: the trust anchor of a kind of terminal, and the one before it. */
#define EAC_FIELD_CVCA_IS "cvca_is"
#define EAC_FIELD_CVCA_AT "cvca_at"
#define EAC_FIELD_CVCA_ST "cvca_st"
#define EAC_FIELD_CVCA_IS_2 "cvca_is_2"
#define EAC_FIELD_CVCA_AT_2 "cvca_at_2"
#define EAC_FIELD_CVCA_ST_2 "cvca_st_2"

/* Rows for the schema of a root. */
#define EAC_FIELDS \
	{ .name = EAC_FIELD_CA_KEY, .kind = FIELD_BYTES, .min = 3, .max = EAC_KEY_MAX }, \
	{ .name = EAC_FIELD_CA_KEY_2, .kind = FIELD_BYTES, .min = 3, .max = EAC_KEY_MAX }, \
	{ .name = EAC_FIELD_CA_KEY_PRIVILEGED, .kind = FIELD_BYTES, .min = 3, .max = EAC_KEY_MAX }, \
	{ .name = EAC_FIELD_RI_KEY, .kind = FIELD_BYTES, .min = 3, .max = EAC_KEY_MAX }, \
	{ .name = EAC_FIELD_RI_KEY_2, .kind = FIELD_BYTES, .min = 3, .max = EAC_KEY_MAX }, \
	{ .name = EAC_FIELD_DATE, .kind = FIELD_NUMBER, .min = 20000101, .max = 20991231 }, \
	{ .name = EAC_FIELD_NO_TA_CHECKS, .kind = FIELD_FLAG }, \
	{ .name = EAC_FIELD_GIVEN_SECURITY, .kind = FIELD_FLAG }, \
	{ .name = EAC_FIELD_CVCA_IS, .kind = FIELD_BYTES, .min = 1, .max = EAC_ANCHOR_MAX }, \
	{ .name = EAC_FIELD_CVCA_AT, .kind = FIELD_BYTES, .min = 1, .max = EAC_ANCHOR_MAX }, \
	{ .name = EAC_FIELD_CVCA_ST, .kind = FIELD_BYTES, .min = 1, .max = EAC_ANCHOR_MAX }, \
	{ .name = EAC_FIELD_CVCA_IS_2, .kind = FIELD_BYTES, .min = 1, .max = EAC_ANCHOR_MAX }, \
	{ .name = EAC_FIELD_CVCA_AT_2, .kind = FIELD_BYTES, .min = 1, .max = EAC_ANCHOR_MAX }, \
	{ .name = EAC_FIELD_CVCA_ST_2, .kind = FIELD_BYTES, .min = 1, .max = EAC_ANCHOR_MAX }

/* Where they are: of the MF. Who changes one by hand marks state->fs.changed. */
struct props *eac_fields(const struct state *s);

/* A static key of the card, of chip authentication or restricted identification. */
struct eac_key {
	uint8_t id;
	unsigned domain;
	struct secret d;
};

/*
 * For makers of cards. Each returns 0 or negative. field: EAC_FIELD_..._KEY...
 * eac_key_make: a fresh key; eac_key_set: this one (-EINVAL: not a private value of these
 * parameters); eac_key_get: -ENOENT, there is none; *out is the caller's to wipe.
 */
int eac_key_make(struct state *s, const char *field, uint8_t id, unsigned domain);
int eac_key_set(struct state *s, const char *field, uint8_t id, unsigned domain, struct view d);
int eac_key_get(const struct state *s, const char *field, struct eac_key *out);
int eac_key_public(const struct eac_key *k, struct buf *out); /* appends 04 X Y, or y */

/* Whether SecurityInfos have the public key of a key of chip authentication, with its id. */
bool eac_has_ca_key(const struct state *s, const char *field, struct view infos);

/* The trust anchor for a kind of terminal; empty: none. before: the one that it followed. */
struct view eac_anchor(const struct state *s, enum cvc_terminal terminal, bool before);

/* Take a CVCA certificate (7F21) as one. -EINVAL: it is none; -EEXIST: there are two already. */
int eac_anchor_add(struct state *s, struct view certificate);

/* --- a card ---------------------------------------------------------------------------------- */

/* What a card says of itself: constant. Its root is app, and that has eac_app as its base. */
struct eac_type {
	struct iso_app app;

	/*
	 * Where SecurityInfos of chip authentication and restricted identification are (what
	 * is in the SET; empty: there are none). NULL: EF.CardAccess has them.
	 */
	struct view (*chip_infos)(struct iso *c);

	/* Likewise those of chip authentication by privileged terminals alone. NULL: there are none. */
	struct view (*privileged_infos)(struct iso *c);

	bool eac1; /* chip authentication 1, then terminal authentication 1 (Doc 9303-11; passports) */
	bool eac2; /* terminal authentication 2, then chip authentication 2 (TR-03110-2, 3.3, 3.4) */
};

/* The base of their roots: rows A4 22 86 2A 84 82 B0 B1 C0 20 and hooks, see below. */
extern const struct iso_app eac_app;

/* What has come to pass since the session began. Read only, for check_access and rows. */
struct eac_status {
	enum eac_session session;
	enum eac_password password; /* of PACE */
	bool has_chat;              /* PACE was asked for with one: */
	struct chat chat;           /* it, less what the certificates did not have */
	bool ta;                    /* terminal authentication is done */
	bool ca;                    /* chip authentication is done */
};
const struct eac_status *eac_status(const struct iso *c);

/* What is in the SET of EF.CardAccess; empty: there is none. */
struct view eac_card_access(const struct iso *c);

/*
 * Whether the terminal has proven to have one of these rights: TA is done (and CA, unless
 * without_ca), by a terminal of this kind.
 */
bool eac_has_right(const struct iso *c, enum cvc_terminal terminal, uint64_t right);
bool eac_has_right_before_ca(const struct iso *c, enum cvc_terminal terminal, uint64_t right);

/* The DO 67 that terminal authentication 2 has signed, whole; empty: none. */
struct view eac_auxiliary(const struct iso *c);

/*
 * Rows, to be called by name where a card's own rows stand before them.
 *
 * eac_read_binary, _odd: the base's, clipped under secure messaging to what an answer to the
 * outer Le has room for. eac_get_challenge: 8 bytes. eac_external_authenticate: TA where
 * MSE has set it; else BAC, with the keys of password 1, or 6985 where that is not allowed (after
 * PACE, or where eac_type.eac1 is false). eac_query_pin: VERIFY 20 00 03 without data, the tries of
 * the PIN.
 */
instr_fn eac_read_binary, eac_read_binary_odd, eac_get_challenge, eac_external_authenticate,
	eac_manage_security_environment, eac_general_authenticate, eac_perform_security_operation,
	eac_query_pin;

/*
 * Of such a type card_type.open and iso_type.configure. A card that is written (not cfg->is_new)
 * takes only the options that are CARD_OPTION_LATE: EAC_OPTION_DATE and _NO_TA_CHECKS, which are
 * kept in its fields, and those of eac_issue.
 * eac_open: NULL, with a line in the log, if another option was given, and as iso_open.
 */
struct card *eac_open(const struct card_type *t, const struct card_config *cfg,
		      const struct card_env *env);

/*
 * Before that: of a card that is written EAC_OPTION_ISSUE is done, and EAC_OPTION_PKI refused
 * where there is nothing to be signed. issue: 0, or negative with one line in error. False: said
 * in the log, and the state is freed.
 */
typedef int eac_issue_fn(struct state *s, const struct card_config *cfg, char *error, size_t size);
bool eac_issue(eac_issue_fn *issue, const struct card_config *cfg, const struct card_env *env);
int eac_configure(struct state *s, const struct card_config *cfg);

/* Hooks, likewise: keep the status of sessions. A card that sets its own calls these, too. */
void eac_sm_started(struct iso *c);
void eac_sm_ended(struct iso *c);
sw_t eac_finish(struct iso *c, const struct apdu *cmd, struct buf *rsp, sw_t sw);
void eac_after(struct iso *c, const struct apdu *cmd, sw_t sw);
sw_t eac_classify(struct iso *c, struct apdu *cmd);
struct sm *eac_sm_begin(struct iso *c); /* none: keys are agreed on here */

#endif
