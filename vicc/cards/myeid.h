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
#ifndef VICC_CARDS_MYEID_H
#define VICC_CARDS_MYEID_H

#include "cards/iso.h"
#include "model/key.h"

/* Descriptor bytes of key EFs. */
#define MYEID_KEY_RSA 0x11
#define MYEID_KEY_EC 0x22
#define MYEID_KEY_EC_OTHER 0x23

#define MYEID_FID_APPLICATION 0x5015
#define MYEID_PIN_LAST 14

/* FCP object 85, b8 to b5 of its first byte: this PIN is asked for anew for each use of the key. */
#define MYEID_DO_CONSENT 0x85

struct myeid {
	struct iso iso;
	struct buf half; /* of a cryptogram that comes in two commands */
};

static inline struct myeid *
myeid_of(struct iso *c)
{
	return (struct myeid *)c;
}

extern const struct card_type myeid_type;

/* myeid_key.c: what is in key EFs. */

/* Give a new key EF its key, without a value yet. 9000, 6A80 (no such size), 6A84. */
sw_t myeid_new_key(struct iso *c, const struct file *ef);

/* Whether a descriptor byte is a key EF's. */
bool myeid_is_key(uint8_t descriptor);

/* A part of the key in the current EF: P2 of GET DATA and PUT DATA 01xx. */
sw_t myeid_get_public(struct iso *c, uint8_t part, struct buf *rsp);
sw_t myeid_load(struct iso *c, uint8_t part, struct view value);

instr_fn myeid_generate;

/* myeid_pso.c: what is done with them. */
instr_fn myeid_perform_security_operation, myeid_general_authenticate;

#endif
