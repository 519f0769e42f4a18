/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The OpenPGP application 3.4 (Functional Specification of the OpenPGP application on
 * ISO Smart Card Operating Systems, cited here by its clauses). What it keeps is its DF's:
 * data objects by their tags, PINs 1 (81, and 82 proven apart) and 3 (83), keys 1 to 3.
 */
#ifndef VICC_CARDS_OPENPGP_OPENPGP_H
#define VICC_CARDS_OPENPGP_OPENPGP_H

#include "crypto/curve.h"
#include "iso/iso.h"

extern const struct iso_app openpgp_app;
extern const struct card_type openpgp_type;

/* For a type that has other applications beside this one. */
extern const struct iso_type openpgp_iso_type;
extern const struct card_option openpgp_options[];

/* What lasts until the application is left, or selected again. */
struct openpgp {
	uint8_t certificate;            /* occurrence of DO 7F21: 0 to 2 */
	bool certificate_read;          /* so that there is a next one */
	uint8_t decipher, authenticate; /* keys that MSE has set; 0: their own */
};

struct openpgp *openpgp_own(const struct iso *c);

/* Fields of its DF, by name. */
#define OPENPGP_FIELD_KEEPS_81 "pw1_stays" /* PW1 81 is good for more than one signature: DO C4 */
#define OPENPGP_FIELD_SIGNATURES "signatures"
#define OPENPGP_FIELD_VERSION "version" /* Yubico's; absent: nothing of yubico.c is there */
#define OPENPGP_FIELD_TOUCH "touch"
#define OPENPGP_FIELD_TOUCH_AFTER "touch_after" /* ms */
enum { OPENPGP_TOUCHED, OPENPGP_NOT_TOUCHED };

/* Of a key. */
#define OPENPGP_FIELD_ORIGIN "origin"
enum { OPENPGP_GENERATED, OPENPGP_IMPORTED };

#define OPENPGP_AID_SIZE 16
#define OPENPGP_SPECIAL_MAX 2048 /* bytes of a private, login, URL object: C0 */
#define OPENPGP_CHALLENGE_MAX 1024
#define OPENPGP_NAME_MAX 39

/* --- password.c: 4.2, 4.3, 7.2.2 to 7.2.4 ------------------------------------------------- */

#define OPENPGP_PW1 1        /* reference 81, for signatures */
#define OPENPGP_PW1_OTHERS 2 /* the same password by reference 82 */
#define OPENPGP_PW3 3
#define OPENPGP_BEFORE 16 /* PIN number n + this: what PIN n was until DO F9 replaced it */

bool openpgp_is_proven(struct iso *c, uint8_t ref);
void openpgp_forget(struct iso *c, uint8_t ref);
bool openpgp_pw3_is_blocked(const struct iso *c);
void openpgp_put_status(const struct iso *c, struct buf *out); /* DO C4 */
sw_t openpgp_set_status(struct iso *c, struct view value);
sw_t openpgp_set_resetting_code(struct iso *c, struct view value); /* DO D3 */
sw_t openpgp_set_kdf(struct iso *c, struct view value);            /* DO F9, 4.3.2 */
void openpgp_renew_passwords(struct iso *c);                       /* as on a new card */

/* How many tries PW1, the resetting code and PW3 have, all of them left again. */
#define OPENPGP_SECRETS 3
void openpgp_set_tries(struct iso *c, const uint8_t tries[OPENPGP_SECRETS]);

instr_fn openpgp_verify, openpgp_change_reference_data, openpgp_reset_retry_counter;

/* --- algorithm.c: 4.4.3.9 to 4.4.3.11 ------------------------------------------------------ */

/* Keys, by their numbers. */
#define OPENPGP_SIG 1
#define OPENPGP_DEC 2
#define OPENPGP_AUT 3
#define OPENPGP_SLOTS 3
#define OPENPGP_AES 5 /* DO D5 */

enum {
	OPENPGP_RSA = 0x01,
	OPENPGP_ECDH = 0x12,
	OPENPGP_ECDSA = 0x13,
	OPENPGP_EDDSA = 0x16,
};

struct openpgp_algorithm {
	uint8_t id;
	enum sam_kind kind;
	size_t bits;      /* of RSA */
	enum curve curve; /* of SAM_EC */
};

#define OPENPGP_ATTRIBUTES_MAX 16 /* bytes */

/* What attributes mean for a key. 9000, 6700, 6A80. */
sw_t openpgp_read_attributes(struct view attributes, uint8_t slot, struct openpgp_algorithm *a);

/* Append attributes for a key that is there. False: it is none of these, or not for this slot. */
bool openpgp_put_attributes(struct sam_key *k, uint8_t slot, struct buf *out);

/* Those in force: DO C1 to C3. */
struct view openpgp_attributes(const struct file *df, uint8_t slot);
sw_t openpgp_set_attributes(struct iso *c, uint8_t slot, struct view value);

void openpgp_put_all_attributes(const struct iso *c, struct buf *out); /* DO FA */

/* --- key.c: 7.2.14, 4.4.3.12 ---------------------------------------------------------------- */

struct sam_key *openpgp_key(const struct iso *c, uint8_t slot); /* NULL: there is none */
sw_t openpgp_import(struct iso *c, struct view data);           /* PUT DATA, 3FFF */

instr_fn openpgp_generate;

/* --- use.c: 7.2.10 to 7.2.13, 7.2.15, 7.2.18 -------------------------------------------------- */

instr_fn openpgp_perform_security_operation, openpgp_internal_authenticate,
	openpgp_manage_environment, openpgp_get_challenge;

/* --- object.c: 4.4, 7.2.5 to 7.2.8 ------------------------------------------------------------ */

#define OPENPGP_NAME 0x5b
#define OPENPGP_LOGIN 0x5e
#define OPENPGP_URL 0x5f50
#define OPENPGP_CERTIFICATE 0x7f21
#define OPENPGP_ATTRIBUTES 0xc0  /* + slot */
#define OPENPGP_FINGERPRINT 0xc6 /* + slot */
#define OPENPGP_DATE 0xcd        /* + slot */
#define OPENPGP_UIF 0xd5         /* + slot */
#define OPENPGP_UIF_ATTESTATION 0xd9
#define OPENPGP_KDF 0xf9

/* An object that is kept; empty: there is none. */
struct view openpgp_object(const struct file *df, uint32_t tag);

/* Keep it; an empty one is gone. 9000, 6A84. */
sw_t openpgp_keep_object(struct iso *c, uint32_t tag, struct view value);

/* As the card keeps certificate n of DO 7F21. */
uint32_t openpgp_certificate_tag(uint8_t occurrence);

instr_fn openpgp_select_data, openpgp_get_data, openpgp_get_next_data, openpgp_put_data;

/* --- life.c: 7.2.16, 7.2.17 ----------------------------------------------- */

instr_fn openpgp_terminate, openpgp_activate;

/* A new key for DO D5, kept by iso_draft_keep. NULL: sw says why. */
struct sam_key *openpgp_draft_aes(struct iso *c, sw_t *sw);

/* --- yubico.c: instructions and habits of Yubico's tokens ----------------- */

bool openpgp_is_yubico(const struct iso *c);
bool openpgp_wraps(const struct iso *c, uint16_t tag); /* GET DATA answers with the tag, too */
sw_t openpgp_refusal(const struct iso *c, const struct apdu *cmd, sw_t sw); /* 6982 for 63CX */

instr_fn openpgp_get_version, openpgp_set_retries;

#endif
