/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A passport in the making; for personal.c, protocols.c and issue.c only. */
#ifndef VICC_CARDS_EPASS_PERSONAL_H
#define VICC_CARDS_EPASS_PERSONAL_H

#include "cards/eac/eac.h"
#include "cards/eac/lds.h"
#include "cards/eac/options.h"
#include "cards/eac/pki.h"
#include "cards/epass/epass.h"

#define MAKING_INFOS_MAX 16384 /* bytes */

#define MAKING_CA_KEYS 2

/* Of chip authentication there is a key for each set of domain parameters that it needs. */
struct domains {
	int id[MAKING_CA_KEYS];
	size_t n;
};

struct making {
	struct eac_making to;
	struct file *df; /* the application's */

	struct mrz mrz;
	struct lds lds;
	struct pki pki;
	struct buf access;   /* SecurityInfos of EF.CardAccess */
	struct buf chip;     /* those that only DG14 has */
	struct buf security; /* the SET that EF.CardSecurity is to say; empty: there is none */
	struct buf card_security; /* EF.CardSecurity as it is; empty: it is to be signed */
	int cam_domain;      /* of chip authentication mapping; SECINFO_NO_DOMAIN: there is none */
	struct domains domains; /* of the keys of chip authentication */
	struct buf aa_key;   /* what is in DG15; empty: no active authentication */
};

/* m is all of it from now on; and what was made on the way is freed. */
void making_begin(struct making *m, struct state *s, const struct card_config *cfg, char *error,
		  size_t size);
void making_end(struct making *m);

/* Say what is wrong by its number alone, if there is something; rc. */
int making_error(struct making *m, int rc);

/* Who issues it; what he signs of m->lds and m->security goes on the card. 0, or negative and said. */
int making_issuer(struct making *m);
int making_sign(struct making *m);

/* protocols.c: keys of the card, and what it says of its protocols. 0, or negative and said. */
int making_pace(struct making *m);
int making_anchors(struct making *m);
int making_ca(struct making *m);
int making_card_security(struct making *m);
int making_aa(struct making *m);

#endif
