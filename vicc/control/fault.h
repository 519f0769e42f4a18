/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Which command goes wrong, and how. A schedule is a matter of its rule, its seed and the
 * commands alone: no clock, no chance, no I/O. The formula is vicc-control(7)'s, and the
 * same in every release.
 */
#ifndef VICC_CONTROL_FAULT_H
#define VICC_CONTROL_FAULT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"

#define FAULT_RULES 32
#define FAULT_INS_MAX 16
#define FAULT_BYTES_MAX 4096

enum fault_kind {
	/* contents: the frame is right */
	FAULT_SW,
	FAULT_FLIP,
	FAULT_SHORT,
	FAULT_LONG,
	FAULT_DATA,
	FAULT_BIG,
	/* the frame */
	FAULT_DELAY,
	FAULT_EMPTY,
	FAULT_ONE,
	FAULT_CUT,
	FAULT_CLOSE,
	FAULT_ABORT,
	FAULT_LIE,
	FAULT_TWICE,
	FAULT_STRAY,
	FAULT_SPLIT,
	FAULT_NOTHING,
	FAULT_KINDS
};

/* Which commands are meant. */
struct fault_filter {
	uint8_t ins[FAULT_INS_MAX];
	size_t n_ins; /* 0: all */
	bool atr;     /* the ATR instead */
	uint32_t after;
};

struct fault_rule {
	unsigned id; /* from 1; 0: no rule */
	enum fault_kind kind;
	struct fault_filter filter;
	uint32_t every;  /* 0: each */
	uint32_t p, q;   /* a rate; q 0: none */
	uint64_t seed;
	uint32_t times;  /* 0: for ever */

	/* what of it the kind has */
	long n, ms;
	long byte, bit; /* -1: from the seed */
	uint16_t sw;
	bool late;
	uint8_t bytes[FAULT_BYTES_MAX];
	size_t n_bytes;

	uint64_t seen;  /* commands that matched */
	uint32_t fired;
};

struct faults {
	struct fault_rule rules[FAULT_RULES]; /* in the order in which they were set */
	size_t n;
	unsigned last_id;
};

/* The mixing of 64 bits that all comes from. */
uint64_t fault_mix(uint64_t x);

/*
 * For command number n of a rule with this seed: all that is by
 * chance is drawn from it, by mixing again.
 */
uint64_t fault_hash(uint64_t seed, uint64_t n);

/* An empty one is the ATR; after is not asked. */
bool fault_matches(const struct fault_filter *f, struct view cmd);

/* Add a rule, which gets an id. NULL: there are too many. */
struct fault_rule *faults_add(struct faults *f, const struct fault_rule *rule);

/* Take away the rule of this id, 0: all. False: there is none. */
bool faults_clear(struct faults *f, unsigned id);

/*
 * A command, or an empty view for the ATR: the rule that fires on it, and its hash; or
 * NULL. Of several the first one fires; all of them count the command.
 */
struct fault_rule *faults_next(struct faults *f, struct view cmd, uint64_t *hash);

/*
 * What a rule of contents makes of an answer, its status word kept. False: there is
 * nothing in it to be changed, and it is as it was.
 */
bool fault_change(const struct fault_rule *r, uint64_t hash, struct buf *rsp);

#endif
