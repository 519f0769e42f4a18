/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A card of the MyEID family, as OpenSC's driver of that name knows software
 * cards: an ISO card by override. There is no public standard beside the maker's
 * manual: where that is silent, what OpenSC 0.23 to 0.27 send decides.
 *
 * A card begins in creation state, in which everyone may do everything; ACTIVATE
 * puts the rules in force. A key lives in a key EF of its own, whose size is in
 * bits, and whose rule (86, in half bytes) says who may use, load, delete and
 * generate it.
 */
#ifndef VICC_CARDS_MYEID_MYEID_H
#define VICC_CARDS_MYEID_MYEID_H

#include "iso/iso.h"
#include "model/key.h"

/* Descriptor bytes of key EFs. */
#define MYEID_KEY_RSA 0x11
#define MYEID_KEY_DES 0x19
#define MYEID_KEY_EC 0x22
#define MYEID_KEY_EC_OTHER 0x23
#define MYEID_KEY_AES 0x29

#define MYEID_FID_APPLICATION 0x5015
#define MYEID_PIN_LAST 14

/*
 * FCP object 85 of a key EF: b8 to b5 of the first byte a PIN that is asked for
 * anew for each use of the key; in the second
 */
#define MYEID_EXTRACTABLE 0x08 /* it may be wrapped */
#define MYEID_SESSION 0x01     /* it goes with the next reset */

struct myeid {
	struct buf half;   /* of a cryptogram that comes in two commands */
	uint32_t spent;    /* PINs, bit n: n, that were asked for one use which this command is */
	struct secret iv;  /* of a cipher that goes on with the next command; empty: it begins */
};

extern const struct iso_app myeid_app;

static inline struct myeid *
myeid_of(const struct iso *c)
{
	return iso_own(c, &myeid_app);
}

extern const struct card_type myeid_type;
extern const struct personal_type myeid_personal;

/* Creation state, until ACTIVATE: no rule is in force. */
bool myeid_in_creation(const struct iso *c);

/* pin.c: PINs 1 to 14. */
instr_fn myeid_verify, myeid_logout, myeid_change_reference_data, myeid_reset_retry_counter;

/* PUT DATA 01nn: make one, or another in its place. 6985, 6982, 6700, 6984, 6A80, 6A84. */
sw_t myeid_make_pin(struct iso *c, uint8_t ref, struct view data);

/* GET DATA 01Bn: tries, flags and lengths. 6A86, 6A88. */
sw_t myeid_put_pin_info(const struct iso *c, uint8_t ref, struct buf *rsp);

/* GET DATA 01AC: what has been proven, as 16 bits. */
void myeid_put_proven(const struct iso *c, struct buf *rsp);

/* When all PINs are gone: what is kept of them beside them. */
void myeid_forget_pins(struct iso *c);

/* key.c: what is in key EFs. */

/* Give a new key EF its key, without a value yet. 9000, 6A80 (no such size), 6A84. */
sw_t myeid_new_key(struct iso *c, const struct file *ef);

/* Whether a descriptor byte is a key EF's. */
bool myeid_is_key(uint8_t descriptor);

/*
 * A part of the key in the current EF: P2 of GET DATA and PUT DATA 01xx. What there is
 * not is 6A88 to GET DATA, whyever.
 */
sw_t myeid_get_public(struct iso *c, uint8_t part, struct buf *rsp);
sw_t myeid_load(struct iso *c, uint8_t part, struct view value);

/* The value of a symmetric one: 6A80 when it is not as long as the EF says. */
sw_t myeid_set_secret(struct iso *c, struct sam_key *k, const struct file *ef, struct view value);

instr_fn myeid_generate;
check_access_fn myeid_check_access;

/* pso.c: what is done with them. */
instr_fn myeid_manage_security_environment, myeid_perform_security_operation,
	myeid_general_authenticate;

/* Key and algorithm that a template names: what myeid_select_key finds. */
struct myeid_key_op {
	struct sam_key *key;
	const struct algorithm *algorithm;
	const struct file *ef;
};

#define MYEID_USE_WRAP 0x8000u /* beside SAM_USE_...: wrap and unwrap other keys */

/* What the template set last names: 6985 nothing, 6A88, 6982, 6A81. */
sw_t myeid_select_key(struct iso *c, enum se_crt crt, enum se_use use, unsigned purpose,
		  struct myeid_key_op *m);

/* Halves of a cryptogram, put together: 9000 with *whole empty, another is to come; 6985, 6A80. */
sw_t myeid_join(struct iso *c, struct view data, struct view *whole);

/* A key is used, whatever comes of it: it may want its PIN again for the next time. */
void myeid_spend_consent(struct iso *c, const struct file *ef);
void myeid_after(struct iso *c, const struct apdu *cmd, sw_t sw);

/* wrap.c: symmetric keys, and keys that protect others. */
instr_fn myeid_encipher, myeid_decipher_blocks, myeid_wrap, myeid_unwrap;

/* Whether a command goes on with a cipher, in the class for chaining; each part is answered. */
bool myeid_is_cipher(const struct apdu *cmd);

/* Keys of a session go with it. */
void myeid_drop_session(struct iso *c);

#endif
