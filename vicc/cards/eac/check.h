/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Whether what is on a document fits together: a tester may have changed a part of it by hand.
 * Nothing is refused; each function says a line for each part that does not fit.
 */
#ifndef VICC_CARDS_EAC_CHECK_H
#define VICC_CARDS_EAC_CHECK_H

#include "model/card.h"
#include "model/state.h"

struct check {
	struct state *s;
	card_say_fn *say;
	void *ctx;
	bool starting; /* nothing is said of an EF.CardSecurity that was given */
};

void check_say(const struct check *k, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* The contents of a file. False: there is no such file. */
bool check_contents(const struct file *df, uint16_t fid, struct view *out);

/* SecurityInfos of a file: keys are the card's, and what EF.CardAccess says stands there, too. */
void check_infos(const struct check *k, const char *name, struct view infos);

/*
 * CMS SignedData: by the document signer of field "ds" in these fields, whose CA is that of
 * field "csca". signer: the certificate in it.
 */
void check_signed(const struct check *k, const char *name, const struct props *fields,
		  struct view signed_data, struct view signer);

/* SecurityInfos in SignedData, a file of the MF, if there is one. */
void check_security(const struct check *k, uint16_t fid, const char *name,
		    const struct props *fields);

/* check_emrtd.c: the application of a passport, with everything in it (Doc 9303-10) */
void check_emrtd(const struct check *k, const struct file *df);

/*
 * For card_type.open: what check says of a card that is written is logged; of an EF.CardSecurity
 * that was given once, when the card is new.
 */
void check_logged(void (*check)(const struct check *k), const struct card_config *cfg,
		  const struct card_env *env);

#endif
