/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Each application's own keys, by the names of their places; one PIN for both. */
#include "cards/token/personal.h"

#include "cards/openpgp/openpgp.h"
#include "cards/openpgp/personal.h"
#include "cards/piv/personal.h"

#define PIN_MIN 6
#define PIN_MAX 8 /* PIV's; PW1 may be longer */
#define PUK_MAX 8
#define PW3_MIN 8
#define PW3_MAX 127
#define ADMIN_MIN 16
#define ADMIN_MAX 32

/* The numbers of places differ: PIV's have their high bit set. */
static unsigned
token_place(const char *name)
{
	unsigned place = piv_personal.place(name);

	return place ? place : openpgp_personal.place(name);
}

static bool
token_fits(const struct import_key *k, unsigned place)
{
	/* without a place it is PIV's */
	const struct personal_type *its =
		place && place <= OPENPGP_SLOTS ? &openpgp_personal : &piv_personal;

	return !its->fault(k) && its->fits(k, place);
}

static const char *
token_fault(const struct import_key *k)
{
	const char *fault = openpgp_personal.fault(k);

	return fault && piv_personal.fault(k) ? fault : NULL;
}

static const char *
token_refuse(const struct personal *p)
{
	size_t i;

	for (i = 0; i < p->from.n_keys; i++) {
		if (!p->orders[i].place && piv_personal.fault(&p->from.keys[i]))
			return "a key without a place goes to PIV, which has no such keys: as in sig=FILE";
	}
	return NULL;
}

/* The PUK is PIV's: a resetting code may be set later, or be none. */
static sw_t
token_personalise(struct state *s, struct personal *p)
{
	sw_t sw = piv_personal.personalise(s, p);

	secret_wipe(&p->secrets[PERSONAL_PUK]);
	return sw == SW_OK ? openpgp_personal.personalise(s, p) : sw;
}

const struct personal_type token_personal = {
	.secrets = {
		[PERSONAL_PIN] = { PIN_MIN, PIN_MAX },
		[PERSONAL_PUK] = { 1, PUK_MAX },
		[PERSONAL_SO_PIN] = { PW3_MIN, PW3_MAX },
		[PERSONAL_GLOBAL_PIN] = { PIN_MIN, PIN_MAX },
		[PERSONAL_ADMIN_KEY] = { ADMIN_MIN, ADMIN_MAX },
	},
	.fault = token_fault,
	.refuse = token_refuse,
	.place = token_place,
	.fits = token_fits,
	.personalise = token_personalise,
};
