/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Somebody who has PINs, and enters them at a pad: which one
 * a request means, and how it goes wrong.
 */
#ifndef VICC_PAD_TYPIST_H
#define VICC_PAD_TYPIST_H

#include "pad/source.h"

#define TYPIST_WORDS "right, wrong, short, long, differ, cancel, time, slow=MS, sw=XXXX or gone"

enum how {
	RIGHT,
	WRONG,  /* another PIN of the same length; the old one, if that is asked */
	SHORT,  /* a digit less than there must be */
	LONG,   /* a digit more than there may be */
	DIFFER, /* the new PIN is another when it is entered again */
	CANCEL,
	TIME,   /* nothing is typed */
	SLOW,   /* right, after a while */
	ANSWER, /* the reader is told the status word */
	GONE,   /* the pad breaks */
};

struct step {
	enum how how;
	unsigned n; /* milliseconds, or the status word */
};

/* A word of n characters, one of TYPIST_WORDS. */
bool step_read(const char *word, size_t n, struct step *step);

/* Whether the digits of a PIN are entered, right or wrong. */
bool step_needs_pins(const struct step *step);

struct typist {
	struct props pins; /* by name, as --pin-file has them */
	const struct log *log;
};

/*
 * What the pad says to a request that is answered so: see pad_source_ops.ask. For SLOW nothing,
 * and *until is set: then the same again with RIGHT. A PIN that is not there is said, and "cancel".
 */
int typist_enter(const struct typist *t, const struct step *step, const struct pad_ask *ask,
		 int64_t *until, struct buf *say);

/* The request is over. A new PIN is the PIN from then on, and the old one the next new. */
void typist_over(struct typist *t, const struct pad_ask *ask, unsigned sw);

void typist_free(struct typist *t);

#endif
