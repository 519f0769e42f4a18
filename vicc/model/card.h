/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the process sees of a card: five functions, whatever is behind them. */
#ifndef VICC_MODEL_CARD_H
#define VICC_MODEL_CARD_H

#include "base/bytes.h"
#include "base/log.h"

#define CARD_RESPONSE_MAX VICC_RESPONSE_MAX /* bytes, SW included: what a frame carries */
#define CARD_ATR_MAX VICC_ATR_MAX           /* ISO/IEC 7816-3, 8.1: TS and 32 characters */

enum card_power {
	CARD_POWER_OFF = VICC_POWER_OFF, /* everything volatile is forgotten */
	CARD_POWER_ON = VICC_POWER_ON,   /* cold reset */
	CARD_RESET = VICC_RESET,         /* warm reset */
};

/*
 * The five operations, struct card_ops, are vicc/card.h's, as are struct card, which
 * is the first member of whatever the card keeps, and its struct card_note. In here
 * free takes NULL, and frees the card's memory too; host is for plug-ins.
 */

struct personal_type;
struct schema;
struct state;

/*
 * An option that a type has of its own. Where several types have one of the same name,
 * it has an argument in all of them or in none.
 */
struct card_option {
	const char *name;     /* of --NAME */
	const char *argument; /* its name in the help; NULL: it takes none */
	const char *help;     /* one line of at most 51 characters */

	/* NULL: this value is right; or else what would be. Absent: all are right. */
	const char *(*fault)(const char *value);

	unsigned flags; /* CARD_OPTION_... */
};

#define CARD_OPTION_AGAIN 0x1u  /* may be given several times, and each counts */
#define CARD_OPTION_SECRET 0x2u /* wiped from the command line once the card is there */
/* what it names is what is on the card, read anew for each insertion; then no image is */
#define CARD_OPTION_FILLS 0x4u
#define CARD_OPTION_LATE 0x8u /* also for a card that is written already */
#define CARD_OPTION_LETTER(c) ((unsigned)(c) << 8) /* also -c: an ASCII letter */

struct card_value {
	const char *name;
	const char *value; /* empty, where the option takes none */
};

/* What the user chose for this card. Views live as long as the card. */
struct card_config {
	struct view atr;     /* empty: the type's own */
	/* of options of the type; the last has no name; NULL: none */
	const struct card_value *values;
	/* how our driver's name ends for the slot that the card goes into; NULL: not known */
	const char *endpoint;
	bool is_volatile;    /* what changes is forgotten: the next card begins as this one did */
	bool is_new; /* its contents were made just now, by card_type.fill with these values */
	/* what is on it, the card's from now on, also when it cannot be opened; NULL: nothing */
	struct state *state;
};

/* What the process does for a card. Each function may be NULL. Lives as long as the card. */
struct card_env {
	const struct log *log;
	void *ctx; /* of the functions */

	/* Keep what has changed (STATE_...). 0: it is on disk; negative: it is not. */
	int (*commit)(void *ctx, struct state *s, unsigned changed);

	/* After a failed commit: what was last kept, the card's; NULL: it cannot be had. */
	struct state *(*revert)(void *ctx);

	/* Whether the process is to end: long work asks now and then, and gives up. */
	bool (*interrupted)(void *ctx);

	/*
	 * Other people's code begins: whose it is (alive as long as the card), and the ms
	 * that it may take, 0: any. A NULL name: it is back.
	 */
	void (*foreign)(void *ctx, const char *name, int deadline);
};

/* A line for the user. */
typedef void card_say_fn(void *ctx, const char *line);

#define CARD_TAKES_ATR 0x01u    /* --atr is allowed */
#define CARD_TAKES_SERIAL 0x02u /* --serial is allowed */
#define CARD_FOREIGN_CODE 0x04u /* needs the wide filter of system calls */

struct card_type {
	const char *name;
	const char *summary; /* one line for --list-types */
	unsigned flags;      /* CARD_TAKES_... */
	const struct card_option *options; /* of its own; the last has no name; NULL: none */
	/* A new card, or NULL when it could not be made (said in the log). */
	struct card *(*open)(const struct card_type *t, const struct card_config *cfg,
			     const struct card_env *env);
	const void *data;    /* what open wants: an iso_type, for table-driven cards */
	/* of a new card, as the text of an image; NULL: the type keeps none */
	const char *contents;
	/*
	 * Make these what the values in cfg ask for; NULL: they are the card. 0, or negative
	 * with one line in error, and then there is no card.
	 */
	int (*fill)(struct state *s, const struct card_config *cfg, char *error, size_t size);
	/*
	 * Say what on the card does not fit together, though each part may be as it is: one line
	 * for each. NULL: nothing is compared.
	 */
	void (*check)(struct state *s, card_say_fn *say, void *ctx);
	/*
	 * An application that an image may name (NULL: the root); NULL: there is none. NULL: nor
	 * are there any.
	 */
	const struct schema *(*schema)(const struct card_type *t, const char *application);
	const struct personal_type *personal; /* NULL: it has no place for somebody's keys */
};

/* The types, in the order of --list-types, ended by NULL. */
extern const struct card_type *const card_types[];
const struct card_type *card_type_find(
	const char *name); /* in any letter case; NULL: no such type */

/* NULL: the type has no such option; the option was not given. */
const struct card_option *card_option_find(const struct card_type *t, const char *name);
const char *card_value(const struct card_config *cfg, const char *name);

/*
 * The value after this one (NULL: the first) of an option that may be given several times.
 * NULL: no more.
 */
const struct card_value *card_value_next(const struct card_config *cfg, const char *name,
					 const struct card_value *v);

struct card *card_open(const struct card_type *t, const struct card_config *cfg,
		       const struct card_env *env);
int card_atr(struct card *c, struct buf *out);
int card_power(struct card *c, enum card_power what);
int card_transmit(struct card *c, struct view cmd, struct buf *rsp);
int card_event(struct card *c, int *fd);
void card_free(struct card *c); /* takes NULL */

#endif
