/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Which key a command means, and how keys come to be: for the commands of the
 * table-driven card, and for cards that have commands of their own around it.
 */
#ifndef VICC_ISO_KEY_H
#define VICC_ISO_KEY_H

#include "iso/iso.h"
#include "model/algorithm.h"
#include "model/key.h"

/* --- which one ------------------------------------------------------------------ */

/* What a command works with. */
struct key_op {
	struct sam_key *key;
	const struct algorithm *algorithm;
};

/*
 * A key that a reference names (b8 0: the card's; 1: of the current DF or one
 * above it). NULL: there is none.
 */
struct sam_key *iso_key(struct iso *c, uint8_t ref);

/*
 * The same by what a template says: 84 or 83 (which one first is a matter of
 * use), in the key EF of 81; or the holder of a certificate that was verified on
 * this channel. 9000, 6985 (it names none), 6A88.
 */
sw_t iso_template_key(struct iso *c, struct view objects, enum se_use use, struct sam_key **out);

/*
 * What the application says of a key (NULL: one that is still to be made) of this owner:
 * ACL_KEY_USE, GENERATE or IMPORT. 9000, 6982, 6A88: the owner is not there.
 */
sw_t iso_check_key(struct iso *c, uint32_t owner, const struct sam_key *k, enum acl_op op);

/* The default of that: the key's own rules; of a new one, the rules of where it is to be. */
check_access_fn iso_check_key_rule;

/* Whether a key may be used for a purpose (SAM_USE_...): 9000, 6982, 6985. */
sw_t iso_may_use(struct iso *c, const struct sam_key *k, unsigned purpose);

/* What a command asks for: a template of the environment in force, and what goes before it. */
struct key_query {
	enum se_crt crt;
	enum se_use use;
	unsigned purpose;     /* SAM_USE_... */
	/* P1 and P2 of the authentication commands; 0: as the template says */
	uint8_t alg, ref;
};

/*
 * Key and algorithm for a query. For an AT key 00 is the default. 9000; 6985 something is
 * not named; 6A88; 6A81 no such algorithm, or not for this key; 6982.
 */
sw_t iso_select_key(struct iso *c, const struct key_query *q, struct key_op *out);

/* The hash that the environment in force names. 9000, 6985, 6A81. */
sw_t iso_hash_algorithm(const struct iso *c, enum digest *out);

/* What the crypto floor says: no key 6A88, wrong data 6A80, wrong algorithm 6A81. */
sw_t iso_crypto_sw(const struct iso *c, int rc);

/* As iso_crypto_sw, for checking: what is not genuine is 6300. */
sw_t iso_check_sw(const struct iso *c, int rc);

/* --- new ones --------------------------------------------------------------------- */

/* Where a key is, or is to be. */
struct key_ref {
	uint32_t owner;
	uint8_t ref;
};

/*
 * By reference or template, as above; a local one that is not there yet will be
 * of the current DF. 9000, 6985, 6A88 (its key EF is not there).
 */
sw_t iso_key_ref(struct iso *c, struct view objects, uint8_t ref, struct key_ref *out);

/* Whether n more bytes of keys or environments have room in the card's memory. */
bool iso_room(const struct iso *c, size_t n);

/* The same of what is there, or is to be: ACL_KEY_GENERATE or IMPORT. */
sw_t iso_may_make_key(struct iso *c, const struct key_ref *at, enum acl_op op);

/*
 * Make a key pair and keep it there. objects: 06 or 81.. the curve (else that of
 * the key which it replaces, else P-256), 82 the exponent (65537), 81 of two
 * bytes the bits of an RSA modulus (those of the key which it replaces, 2048).
 * 9000; 6A80; 6A84; 6400 the process is to end. out may be NULL.
 */
sw_t iso_generate(struct iso *c, const struct key_ref *at, enum sam_kind kind,
		  struct view objects, struct sam_key **out);

/* Keep a key of these numbers (model/key.h) there. 9000; 6A80; 6A84. out may be NULL. */
sw_t iso_keep_key(struct iso *c, const struct key_ref *at, enum sam_kind kind,
		  struct view objects, struct sam_key **out);

/*
 * Append 7F49 with the public key: of EC keys that came with explicit domain
 * parameters exactly these, else the OID. 9000, 6A88.
 */
sw_t iso_put_public(struct iso *c, struct sam_key *k, struct buf *rsp);

/*
 * A key in the making, for applications that keep fields with it: all of it is there, or
 * what was in its place is as it was. It is marked as a change when it is kept.
 */
#define ISO_DRAFT 0x7f /* its number: one that no command of such an application can name */
/* NULL: no memory */
struct sam_key *iso_draft_key(struct iso *c, uint32_t owner, enum sam_kind kind);
void iso_draft_drop(struct iso *c, struct sam_key *draft);
void iso_draft_keep(struct iso *c, struct sam_key *draft, uint8_t number);

/*
 * PUT DATA, DB 3FFF: [a control reference template] and 7F48 (private) or 7F49
 * (public). The key is the one that the template, or else the environment in
 * force, names. 9000, 6985, 6982, 6A80, 6A84, 6A88.
 */
sw_t iso_import_key(struct iso *c, struct view data);

/* Whether data for DB 3FFF are a key. */
bool iso_is_key(struct view data);

#endif
