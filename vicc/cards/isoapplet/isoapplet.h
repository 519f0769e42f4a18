/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The IsoApplet, an ISO card by override: a selection that tells its version, PIN
 * and PUK that are set once, keys 0 to 15 that the PIN guards, and its own numbers
 * for algorithms. One card serves both versions of OpenSC's driver: to the older
 * one (to 0.23) it is version 0.6, which hashes what ECDSA signs; whoever asks
 * with GET DATA 0101 (from 0.24 on) finds version 1.0, which does not.
 */
#ifndef VICC_CARDS_ISOAPPLET_ISOAPPLET_H
#define VICC_CARDS_ISOAPPLET_ISOAPPLET_H

#include "iso/iso.h"

#define ISOAPPLET_PIN 1 /* reference */
#define ISOAPPLET_PIN_MIN 4
#define ISOAPPLET_PIN_MAX 16
#define ISOAPPLET_PIN_TRIES 3
#define ISOAPPLET_PUK_SIZE 16
#define ISOAPPLET_PUK_TRIES 5

struct isoapplet {
	bool version_1; /* asked for since the application was selected */
};

extern const struct iso_app isoapplet_app;

static inline struct isoapplet *
isoapplet_of(const struct iso *c)
{
	return iso_own(c, &isoapplet_app);
}

extern const struct card_type isoapplet_type;
extern const struct personal_type isoapplet_personal;

/* A new key is for whoever has proven the PIN. */
void isoapplet_guard(struct sam_key *k);

#endif
