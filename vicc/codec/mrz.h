/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The machine readable zone of a document (ICAO Doc 9303-3, 4; sizes TD1, TD2 and TD3
 * are 9303-5, -6 and -4): lines of capital letters, digits and <, one behind the other.
 */
#ifndef VICC_CODEC_MRZ_H
#define VICC_CODEC_MRZ_H

#include "base/bytes.h"

#define MRZ_MAX 90         /* characters: TD1, 3 lines of 30 */
#define MRZ_NUMBER_MAX 23  /* characters of a document number in a TD1 */
#define MRZ_INFORMATION_MAX (MRZ_NUMBER_MAX + 1 + 7 + 7)
#define MRZ_FAULT_SIZE 128

enum mrz_form {
	MRZ_TD1, /* 3 lines of 30: cards */
	MRZ_TD2, /* 2 lines of 36 */
	MRZ_TD3, /* 2 lines of 44: booklets */
};

struct mrz {
	enum mrz_form form;
	char text[MRZ_MAX + 1]; /* the lines joined */
	size_t n;               /* characters: 90, 72, 88 */
};

/* The check digit of some characters (9303-3, 4.9): weights 7, 3, 1; < is 0. */
char mrz_check_digit(struct view characters);

/*
 * A zone as somebody wrote it: newlines between lines do not count. False: it is not
 * one, and fault says why, in a line: which check digit is wrong and what it should be.
 */
bool mrz_read(struct mrz *out, struct view text, char fault[MRZ_FAULT_SIZE]);

/* The same, without a look at the check digits. */
bool mrz_read_unchecked(struct mrz *out, struct view text, char fault[MRZ_FAULT_SIZE]);

/*
 * Whose document it is. Names are UTF-8, as they are written; dates YYMMDD, of one that is not
 * known whole the first digits; the others as the zone has them. Empty: not known.
 */
struct mrz_holder {
	struct view type, state, number, birth, sex, expiry, nationality, family, given;
};

/* mrz_make.c: the zone of a card, TD1. What has no place in it is cut off. False: no memory. */
bool mrz_make(struct mrz *out, const struct mrz_holder *h);

/* The document number with its check digit: of a long one, all of it (9303-5, 4.2.2.2 note j). */
void mrz_put_number(const struct mrz *m, struct buf *out);

/*
 * What a reader types to get in (9303-11, 4.3.2): number, date of birth, date of
 * expiry, each with its check digit.
 */
void mrz_put_information(const struct mrz *m, struct buf *out);

#endif
