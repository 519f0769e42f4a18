/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The logical data structure of a passport (Doc 9303-10): what is in its data groups. */
#ifndef VICC_CARDS_EAC_LDS_H
#define VICC_CARDS_EAC_LDS_H

#include "cards/eac/pki.h"
#include "codec/mrz.h"
#include "model/state.h"

#define LDS_GROUPS 16
#define LDS_GROUP_MAX 0x40000 /* bytes of one */

/* The application (cards/epass), on whatever card: its files, and fields of its DF. */
#define EMRTD_NAME "emrtd"
#define EMRTD_FID_GROUP 0x0100 /* and the number of a data group */
#define EMRTD_FID_CVCA 0x011c
#define EMRTD_FID_SOD 0x011d
#define EMRTD_FID_COM 0x011e
#define EMRTD_FIELD_MRZ "mrz" /* as it was given: lines joined */
#define EMRTD_FIELD_NO_BAC "no_bac"
#define EMRTD_KEY_AA 1 /* number of the key of active authentication, of the DF */

struct file *emrtd_df(const struct state *s); /* NULL: the card has no such application */

extern const struct view lds_portrait; /* portrait.c: a JPEG of nobody */

/* Data groups, with their outer tag: group[1] to group[16]; empty: it is not there. */
struct lds {
	struct buf group[LDS_GROUPS + 1];
};

void lds_init(struct lds *l);
void lds_free(struct lds *l); /* wiped */

/* The data groups that are in the DF of the application. False: no memory. */
bool lds_read(struct lds *l, const struct file *df);

uint8_t lds_tag(unsigned group); /* the outer tag of a group, 1 to 16 */

/* Each appends. */

/*
 * A data group out of what somebody has: the whole of it, with its outer tag, or what is
 * in it. False: it begins with the tag, but is not as long as it says.
 */
bool lds_put_group(struct buf *out, unsigned group, struct view contents);

void lds_put_mrz(struct buf *out, const struct mrz *mrz); /* DG1 */

/* DG2: one face, a picture as it is. False: it is neither JPEG nor JPEG 2000. */
bool lds_put_face(struct buf *out, struct view picture);

void lds_put_com(struct buf *out, const struct lds *l); /* EF.COM */

/* EF.SOD: hashes of all groups, signed by the document signer. 0 or negative. */
int lds_put_sod(struct buf *out, const struct lds *l, const struct pki *pki);

#define LDS_SOD 0x77u /* the tag of EF.SOD, around CMS SignedData */

/* What is signed in EF.SOD: hash of each group; empty: there is none. Views are of the content. */
struct lds_hashes {
	enum digest digest;
	struct view of[LDS_GROUPS + 1];
};

/* False: it is not an LDSSecurityObject, or by a hash that we do not have. */
bool lds_read_hashes(struct view content, struct lds_hashes *out);

#endif
