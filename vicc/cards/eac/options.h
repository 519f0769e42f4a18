/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Options that documents have in common: what may be said, and what a new card becomes by it. */
#ifndef VICC_CARDS_EAC_OPTIONS_H
#define VICC_CARDS_EAC_OPTIONS_H

#include "cards/eac/eac.h"
#include "model/card.h"

/* For card_option.fault. */
const char *eac_can_fault(const char *value);
const char *eac_date_fault(const char *value);
const char *eac_path_fault(const char *value);
const char *eac_pace_fault(const char *value); /* a list */
const char *eac_pace_or_none_fault(const char *value);
const char *eac_ca_fault(const char *value); /* or none */

/* Rows of card_type.options: what a document says of its chip, whom it trusts, its date. */
#define EAC_OPTIONS \
	{ "ca", "LIST", "chip authentication, or none [ecdh-aes128:13]", eac_ca_fault, 0 }, \
	{ "ef-cardaccess", "FILE", "bytes of EF.CardAccess", eac_path_fault, 0 }, \
	{ EAC_OPTION_CARD_SECURITY, "FILE", "bytes of EF.CardSecurity", eac_path_fault, 0 }, \
	{ EAC_OPTION_CA_KEY, "FILE", "private key of chip authentication", eac_path_fault, 0 }, \
	{ EAC_OPTION_ISSUE, NULL, "sign a changed card again, by --pki or anew", NULL, \
	  CARD_OPTION_LATE }, \
	{ "cvca", "FILE", "trust anchor, a CV certificate; again: another", eac_path_fault, \
	  CARD_OPTION_AGAIN }, \
	{ EAC_OPTION_DATE, "YYYYMMDD", "the card's date, for certificates [today]", \
	  eac_date_fault, CARD_OPTION_LATE }, \
	{ EAC_OPTION_NO_TA_CHECKS, NULL, "certificates never expire on this card", NULL, \
	  CARD_OPTION_LATE }

/* --- lists of --pace and --ca -------------------------------------------------------------- */

#define EAC_PACE_DEFAULT "ecdh-gm-aes128"
#define EAC_CA_DEFAULT "ecdh-aes128"

struct eac_protocol {
	uint8_t method, cipher; /* SECINFO_... */
	int id;                 /* of domain parameters; where a name says none, the default's */
};

bool eac_is_none(const char *list);

/* Take the first name off a list. False: it is wrong, or has parameters of the other kind. */
bool eac_next_pace(const char **list, struct eac_protocol *out);
bool eac_next_ca(const char **list, struct eac_protocol *out);

/* Whether the card can do this kind of PACE with these domain parameters. */
bool eac_pace_fits(const struct eac_protocol *p);

/* --- what goes on a new card ----------------------------------------------------------------- */

/* A card in the making; why not, in one line. */
struct eac_making {
	struct state *s;
	const struct card_config *cfg;
	char *error;
	size_t size;
};

/* Say why in one line; rc. */
int eac_fail(const struct eac_making *m, int rc, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* A file that an option names. 0, or negative and said. */
int eac_read_file(const struct eac_making *m, const char *option, const char *path,
		  struct buf *out);

/* Of EF.CardAccess in the file of an option: a SecurityInfo that is none of the card's. -ENOTSUP. */
int eac_refuse_info(const struct eac_making *m, const char *option, const char *path,
		    const struct secinfo *info);

/* The card's date: today (UTC), or the one that EAC_FIELD_DATE begins with. 0 or negative. */
int eac_set_today(struct state *s);

/* All of --cvca. 0, or negative and said. */
int eac_take_anchors(const struct eac_making *m);

/* Where a private key comes from, and what it is to be. */
struct eac_key_file {
	const char *option, *path;
	struct view bytes;
	bool raw; /* the number itself, in as many bytes as the order has, is allowed beside PKCS#8 */
	const char *field;
	uint8_t id;
	unsigned domain;
};

/* 0, or negative and said. */
int eac_take_key(const struct eac_making *m, const struct eac_key_file *from);

/* The SecurityInfos that are signed in an EF.CardSecurity. False: there are none. */
bool eac_signed_infos(struct view file, struct view *infos);

/* Append those that are no keys of chip authentication. */
void eac_put_without_keys(struct buf *out, struct view infos);

/*
 * Append ChipAuthenticationPublicKeyInfo of the key in a field. by_number: standardised domain
 * parameters, or else explicit ones. key_id -1: none. 0 or negative; -ENOENT: there is no key.
 */
int eac_put_ca_key(const struct state *s, const char *field, bool by_number, int key_id,
		   struct buf *out);

#endif
