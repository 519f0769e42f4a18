/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Personal Identity Verification: SP 800-73-4 Part 2, SP 800-78-4, and the instructions
 * that Yubico's tools add. References are of the application's DF: PIN 80, the keys'
 * numbers; the global PIN, 00, is the card's.
 */
#ifndef VICC_CARDS_PIV_PIV_H
#define VICC_CARDS_PIV_PIV_H

#include "codec/tlv.h"
#include "crypto/cipher.h"
#include "crypto/curve.h"
#include "iso/iso.h"

extern const struct iso_app piv_app;
extern const struct card_type piv_type;

/* What lasts until the application is left. What was proven is the channel's. */
struct piv {
	bool verified_last;         /* the last command was a VERIFY that succeeded */
	bool challenge_new;         /* by the command under way */
	bool witness;               /* the challenge was given out enciphered */
	uint8_t challenge[CIPHER_BLOCK_MAX];
	size_t challenge_n;         /* bytes; 0: none is outstanding */
};

struct piv *piv_own(const struct iso *c);

/* Fields of its DF, by name. */
#define PIV_FIELD_LABEL "label"           /* of SELECT's answer */
#define PIV_FIELD_VERSION "version"       /* of GET VERSION */
/* those that there are, and that SELECT lists; absent: all of them */
#define PIV_FIELD_ALGORITHMS "algorithms"

/* --- auth.c: PINs, and who may what ------------------------------------------------------ */

#define PIV_PIN_REF 0     /* of the DF: 80 */
#define PIV_CODE_SIZE 8   /* bytes of a PIN or PUK on the wire, filled up with FF */

struct sam_pin *piv_pin(const struct iso *c); /* the application's own; NULL: it has none */
bool piv_pin_is_proven(struct iso *c);        /* or the global one, where that counts */
bool piv_admin_is_proven(struct iso *c);      /* the card management key, 9B */
void piv_prove_admin(struct iso *c, bool yes);
void piv_forget_pin(struct iso *c);
void piv_drop_challenge(struct piv *own);

/* GENERAL AUTHENTICATE with 9B. */
struct piv_template;
sw_t piv_authenticate_admin(struct iso *c, uint8_t algorithm, const struct piv_template *t,
			    struct buf *rsp);

instr_fn piv_verify, piv_change_reference_data, piv_reset_retry_counter;

/* --- key.c: keys, and what they do ------------------------------------------------------- */

#define PIV_KEY_ADMIN 0x9b
#define PIV_KEY_ATTESTATION 0xf9
#define PIV_RETIRED_FIRST 0x82
#define PIV_RETIRED_COUNT 20

/* Words of a key's fields; on the wire each is one more. */
#define PIV_FIELD_PIN_POLICY "pin_policy"
#define PIV_FIELD_TOUCH_POLICY "touch_policy"
#define PIV_FIELD_ORIGIN "origin"
enum { PIV_PIN_NEVER, PIV_PIN_ONCE, PIV_PIN_ALWAYS };
enum { PIV_TOUCH_NEVER, PIV_TOUCH_ALWAYS, PIV_TOUCH_CACHED };
enum { PIV_GENERATED, PIV_IMPORTED };

struct piv_algorithm {
	uint8_t id;
	enum sam_kind kind;
	unsigned bits;     /* of a symmetric key, or a modulus */
	enum curve curve;  /* of SAM_EC */
};

/* A place for an asymmetric key. */
struct piv_slot {
	uint8_t ref;
	uint8_t pin_policy; /* where the key does not say */
	uint32_t object;    /* its certificate */
};

uint8_t piv_key_number(uint8_t ref); /* as the card keeps it: b8 is the application's */

bool piv_slot(uint8_t ref, struct piv_slot *out); /* false: there is no such place */

/* What there is on this card by this number. NULL: nothing. */
const struct piv_algorithm *piv_algorithm(const struct iso *c, uint8_t id);
const struct piv_algorithm *piv_algorithm_of(struct sam_key *k); /* NULL: none of PIV's */

struct sam_key *piv_key(const struct iso *c, uint8_t ref); /* NULL: the place is empty */
uint8_t piv_pin_policy(const struct sam_key *k, const struct piv_slot *slot);

/* PIN and touch policy of a new key, AA and AB, 0 where they say nothing. False: no such policy. */
struct piv_policies {
	uint8_t pin, touch;
};
bool piv_policy(const struct tlv *t, struct piv_policies *p);

/* Objects 80 to 85 in template 7C of GENERAL AUTHENTICATE. */
enum { PIV_WITNESS, PIV_CHALLENGE, PIV_RESPONSE, PIV_POINT, PIV_TEMPLATE_OBJECTS };
struct piv_template {
	struct view object[PIV_TEMPLATE_OBJECTS];
	bool is_there[PIV_TEMPLATE_OBJECTS];
};

instr_fn piv_general_authenticate, piv_generate, piv_import;

/* --- object.c: data objects --------------------------------------------------------------- */

#define PIV_OBJECT_CHUID 0x5fc102
#define PIV_OBJECT_CCC 0x5fc107
#define PIV_OBJECT_KEY_HISTORY 0x5fc10c
#define PIV_OBJECT_RETIRED 0x5fc10d /* the first of them */
#define PIV_OBJECT_DISCOVERY 0x7e
#define PIV_OBJECT_BIT 0x7f61
#define PIV_OBJECT_SM_SIGNER 0x5fc122
#define PIV_OBJECT_ATTESTATION 0x5fff01

instr_fn piv_get_data, piv_put_data;

/* What certificate objects are made of: 70 certificate, 71 00, FE. */
void piv_put_certificate_object(struct buf *out, struct view der);

/* Whether the global PIN serves as well as the application's (SP 800-73-4 Part 1, 3.3.2). */
bool piv_global_pin_counts(const struct iso *c);

/* All objects as a new card has them, with another GUID and another card identifier. */
sw_t piv_renew_objects(struct iso *c);

/* --- attest.c: certificates that the card makes -------------------------------------------- */

/* F9 and its certificate, made when they are first asked for. */
sw_t piv_attestation_ready(struct iso *c);

instr_fn piv_attest;

/* --- establish.c: secure messaging ---------------------------------------------------------- */

uint8_t piv_sm_suite(const struct iso *c); /* its number; 0: the card has none */
struct sm *piv_sm_begin(struct iso *c);    /* the hook: there is only what a command agreed on */

/* GENERAL AUTHENTICATE with key 04: a session is in force once the answer has left. */
sw_t piv_establish_sm(struct iso *c, uint8_t algorithm, const struct piv_template *t,
		      struct buf *rsp);

/*
 * A card without key 04 gets one, its certificate, and that of its signer. 0 or
 * negative: nothing.
 */
int piv_enable_sm(struct state *state, struct file *df, uint8_t suite);

/* --- yubico.c: what Yubico's tools ask ------------------------------------------------------ */

struct view piv_version(const struct iso *c); /* three bytes */

instr_fn piv_get_version, piv_get_serial, piv_get_metadata, piv_set_admin_key, piv_set_retries,
	piv_reset,
	piv_move_key;

#endif
