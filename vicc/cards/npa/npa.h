/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A German identity card (Personalausweis; TR-03110, TR-03127): PACE, PIN management, and
 * the applications eID and eSign.
 */
#ifndef VICC_CARDS_NPA_NPA_H
#define VICC_CARDS_NPA_NPA_H

#include "cards/eac/check.h"
#include "cards/eac/eac.h"
#include "model/card.h"
#include "model/sam.h"

extern const struct card_type npa_type;
extern const struct iso_app npa_eid_app, npa_esign_app;

/* --- files ------------------------------------------------------------------------------ */

#define NPA_DATA_GROUPS 21
#define NPA_WRITABLE_FIRST 17 /* data groups 17 to 21 can be written, with the right */
#define NPA_RESERVED 1024     /* bytes that one of these may have, */
#define NPA_CERTIFICATE_RESERVED 4096 /* and a certificate of eSign */

/* NULL: the card has no such file. */
struct file *npa_eid_df(const struct state *s);
struct file *npa_esign_df(const struct state *s);
struct file *npa_data_group(const struct state *s, unsigned n);

/* Put a file into a DF, or other contents into the one that is there. 0 or negative. */
int npa_set_file(struct state *s, struct file *df, uint16_t fid, uint8_t sfi, struct view contents);

#define NPA_QES_PIN 1   /* number of the signature PIN in its DF: P2 81 */
#define NPA_ESIGN_KEY 1 /* and of the key */

/* --- pin.c: RESET RETRY COUNTER, ACTIVATE, DEACTIVATE (TR-03110-3, B.6) --- */
instr_fn npa_reset_retry_counter, npa_activate, npa_deactivate;

bool npa_by_puk(const struct iso *c); /* whether the session in force is one of the PUK */
bool npa_is_digits(struct view v);

/* All tries of a PIN. 6983: by a PUK that has none left. */
sw_t npa_refill(struct iso *c, struct sam_pin *pin);

/* --- eid.c: writing of data groups, auxiliary data (TR-03110-2, 3.6; TR-03110-3, B.5) --- */
instr_fn npa_update_binary, npa_update_binary_odd, npa_verify_auxiliary;

/* check.c: everything on the card; npa_check: for card_type.check */
void npa_check_card(const struct check *k);
void npa_check(struct state *s, card_say_fn *say, void *ctx);

/* --- fill.c: a new card by options --- */
extern const struct card_option npa_options[];
int npa_fill(struct state *s, const struct card_config *cfg, char *error, size_t size);

/* security.c: sign what is signed again, by --pki or an issuer of its own. As npa_fill. */
int npa_issue(struct state *s, const struct card_config *cfg, char *error, size_t size);

/* --- dataset.c: the data groups of a person --- */

/*
 * Read a file of lines NAME=VALUE into the card's data groups; without a path the sample
 * person's. 0, or negative with one line in error that names file and line.
 */
int npa_dataset(struct state *s, const char *path, char *error, size_t size);

/* NULL: text is "N=..." with N of 1 to 21, and *n is N. */
const char *npa_dg_fault(const char *text, unsigned *n);
/* Of --dg N=FILE: the whole data object, or what is in it. */
int npa_dg_from_file(struct state *s, const char *text, char *error, size_t size);

#endif
