/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The Cryptoflex, an ISO card by override: its own headers, rights and RSA; the
 * file system, the stages and what is not named here are the base's. There is no
 * public standard: where two sources differ, what OpenSC's flex driver and its
 * profile need decides.
 */
#ifndef VICC_CARDS_CRYPTOFLEX_CRYPTOFLEX_H
#define VICC_CARDS_CRYPTOFLEX_CRYPTOFLEX_H

#include "cards/iso7816/iso7816.h"
#include "crypto/digest.h"

#define FLEX_RIGHTS_MAX 32

#define FLEX_FID_CHV1 0x0000
#define FLEX_FID_CHV2 0x0100
#define FLEX_FID_INTERNAL_KEYS 0x0001
#define FLEX_FID_SERIAL 0x0002
#define FLEX_FID_EXTERNAL_KEYS 0x0011
#define FLEX_FID_PRIVATE_KEYS 0x0012
#define FLEX_FID_PUBLIC_KEYS 0x1012

/* What LOGOUT AC takes back, P1. */
#define FLEX_CHV1 0x01
#define FLEX_CHV2 0x02
#define FLEX_AUT 0x04

/*
 * A right is to have proven what is in one file: a CHV, or one key. It lasts
 * until a wrong try, LOGOUT AC or a reset, wherever one goes meanwhile.
 */
struct flex_right {
	uint32_t file;  /* uid */
	uint8_t kind;   /* FLEX_... */
	uint8_t number; /* of the key; of a CHV 0 */
};

struct flex {
	struct flex_right rights[FLEX_RIGHTS_MAX]; /* the newest last */
	size_t n_rights;
	bool protected;     /* this command came with the MAC that PRO wants */
	size_t next_entry;  /* of the current DF, for DIR NEXT */
	struct hash *sha1;  /* under way, or NULL */
};

extern const struct iso_app cryptoflex_app;

static inline struct flex *
flex_of(const struct iso *c)
{
	return iso_own(c, &cryptoflex_app);
}

/*
 * The six conditions of a file, as it was created: which half byte, from the high one
 * of the first.
 */
enum flex_ac {
	FLEX_READ,            /* of a DF: list its files */
	FLEX_UPDATE,
	FLEX_DELETE,
	FLEX_CREATE,          /* of an EF: create a record, increase, decrease */
	FLEX_REHABILITATE,
	FLEX_INVALIDATE,
};

/* FCP object in which they are kept: three bytes of conditions, three of key numbers. */
#define FLEX_DO_AC 0x86
#define FLEX_DO_INCREASE 0x85 /* one byte: b7 INCREASE, b8 DECREASE allowed */

/* May it be done? 9000 or 6982. */
sw_t flex_allows(const struct flex *x, const struct file *f, enum flex_ac ac);
check_access_fn flex_check_access;

/* Whether CHV 1 of the current DF was proven. */
bool flex_chv1_proven(struct iso *c);

/*
 * The data of a command that does this to the file: as they came, or, where the
 * condition is PRO, without the MAC, which has to be right: else 6300, 6983, 6982.
 */
sw_t flex_data(struct iso *c, const struct apdu *cmd, const struct file *f, enum flex_ac ac,
	       struct view *data);

/* Le, where it says more than there is: 6CXX. */
sw_t flex_le(const struct apdu *cmd, size_t n);

/* The current EF of a kind: 6986 none, 6283 invalidated, 6981 another kind. */
sw_t flex_ef(struct iso *c, enum file_kind kind, struct file **ef);

extern const struct card_type cryptoflex_type;

/* auth.c */
instr_fn flex_verify_chv, flex_change_chv, flex_unblock_chv, flex_verify_key,
	flex_external_authenticate, flex_update_enciphered, flex_logout;
sw_t flex_des_authenticate(struct iso *c, const struct apdu *cmd, struct buf *rsp);

/* rsa.c */
instr_fn flex_internal_authenticate, flex_generate_key;

#endif
