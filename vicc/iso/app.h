/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Applications (ISO/IEC 7816-4, 12.2.3): what answers while a DF, or one below it,
 * is selected. The root of a card answers everywhere else. All of it is constant
 * data; what is absent is the base's.
 */
#ifndef VICC_ISO_APP_H
#define VICC_ISO_APP_H

#include <stdbool.h>
#include <stddef.h>

#include "base/bytes.h"
#include "base/sw.h"
#include "codec/apdu.h"
#include "model/access.h"
#include "model/algorithm.h"
#include "model/field.h"
#include "model/fs.h"

struct channel;
struct iso;
struct iso_type;
struct sm;

/*
 * Rows, struct instr, and what they call, an instr_fn, are vicc/card.h's: take apart,
 * refuse, act; append data to rsp. 62xx and 63xx keep the data, errors drop them.
 */
#define INSTR_LC VICC_INSTR_LC               /* without data: 6700 */
#define INSTR_LE VICC_INSTR_LE               /* with neither data nor Le: 6700 (an answer is due) */
#define INSTR_NO_LC VICC_INSTR_NO_LC         /* with data: 6700 */
#define INSTR_SECRET VICC_INSTR_SECRET       /* data in either direction are never shown */
/* GET RESPONSE: not wrapped, does not drop what is pending */
#define INSTR_TRANSPORT VICC_INSTR_TRANSPORT
#define INSTR_SM VICC_INSTR_SM               /* only under secure messaging: 6982 */
/* without Le the data are answered at once, not announced by 61XX */
#define INSTR_AT_ONCE VICC_INSTR_AT_ONCE
#define INSTR_EACH_PART VICC_INSTR_EACH_PART /* the row sees, and answers, each part of a chain */

#define INSTR_END { .name = NULL }

/*
 * What an application may do in its own way: return type, name, parameters. Each has
 * a default of the same name with iso_ in front, to call by name.
 */
#define ISO_HOOKS(HOOK) \
	/* of the root alone: CLA -> channel, sm, chained; not 0: refused (6E00) */ \
	HOOK(sw_t, classify, (struct iso *c, struct apdu *cmd)) \
	/* may this be done? */ \
	HOOK(sw_t, check_access, (const struct access *who, const struct file *f, enum acl_op op)) \
	/* append what SELECT tells of a file */ \
	HOOK(sw_t, fci, \
	     (struct iso *c, const struct file *f, const struct apdu *cmd, struct buf *rsp)) \
	/* a data object of f: append its value, or take a new one (put; empty: none from then) */ \
	HOOK(sw_t, object, (struct iso *c, struct file *f, uint32_t tag, const struct view *put, \
			    struct buf *rsp)) \
	/* its DF, or another one, was selected by name */ \
	HOOK(void, app_selected, (struct iso *c, struct file *df)) \
	/* a protected command without a session: one to take it with; NULL: none (6987, 6988) */ \
	HOOK(struct sm *, sm_begin, (struct iso *c)) \
	/* a session that a command agreed on is in force; a session is over */ \
	HOOK(void, sm_started, (struct iso *c)) \
	HOOK(void, sm_ended, (struct iso *c)) \
	/* Le, 61XX, 6CXX: cut the answer, keep the rest */ \
	HOOK(sw_t, finish, (struct iso *c, const struct apdu *cmd, struct buf *rsp, sw_t sw)) \
	/* the command is over, also one that was refused at once (cmd may be empty) */ \
	HOOK(void, after, (struct iso *c, const struct apdu *cmd, sw_t sw)) \
	/* of the root alone: what the card keeps has changed, and is kept after this */ \
	HOOK(void, changing, (struct iso *c))

#define ISO_HOOK_MEMBER(type, name, parameters) type (*name) parameters;
#define ISO_HOOK_DEFAULT(type, name, parameters) type iso_##name parameters;

struct iso_hooks {
	ISO_HOOKS(ISO_HOOK_MEMBER)
};
ISO_HOOKS(ISO_HOOK_DEFAULT)

/* Secure messaging and chaining, both at once: what the parts of a chain are. */
enum iso_order {
	ISO_ORDER_OF_BASE,
	/* protected commands, joined when they are plain (7816-4, 10.4); the default */
	UNWRAP_THEN_CHAIN,
	CHAIN_THEN_UNWRAP, /* pieces of one protected command */
};

struct iso_app {
	struct schema schema;         /* its name, and what it keeps in the image; not inherited */
	const struct iso_app *base;   /* NULL: the root of the card; of a root, nothing */
	const struct instr *rows;     /* ended by INSTR_END; .fn NULL takes an instruction away */
	struct iso_hooks hooks;
	const struct algorithm *algorithms; /* what P1 and DO 80 mean, ended by ALGORITHM_END */
	enum iso_order order;
	/*
	 * What is not protected ends a session of secure messaging, whatever is wrong with it;
	 * but GET RESPONSE for bytes that are waiting. Not inherited.
	 */
	bool plain_ends_sm;
	/* bytes that a command without Le is answered at once; not inherited */
	size_t without_le;

	/*
	 * Volatile memory of its own: of a root one for the card, until reset; of an
	 * application one on each channel, until it is deselected. It begins as zeros;
	 * reset_volatile, unless NULL, lets go of what it holds before it is wiped.
	 */
	size_t memory;                /* bytes */
	void (*reset_volatile)(struct iso *c, void *memory);
};

/* All that images may name, ended by NULL: cards/registry.c. */
extern const struct iso_app *const iso_apps[];

#define ISO_BASES_MAX 8 /* an application and its bases */

/* An application and its bases in one, as a card uses it: nobody walks up at run time. */
struct app {
	const struct iso_app *chain[ISO_BASES_MAX]; /* it, its base, ..., [n_chain - 1] with none */
	size_t n_chain, n_own;        /* the first n_own are its own: the rest is the card's root */
	struct iso_hooks hooks;       /* every one set */
	const struct instr **rows;    /* by INS */
	size_t n_rows;
	uint16_t first[257];          /* rows of INS i: first[i] .. first[i + 1] - 1 */
	const struct algorithm *algorithms; /* or NULL: none */
	enum iso_order order;
	size_t memory;                /* bytes, of those that are its own */
};

/* root: of the card, or app itself. False: no memory, and nothing to be freed. */
bool app_flatten(struct app *a, const struct iso_app *app, const struct iso_app *root);
void app_free(struct app *a);

/*
 * The row for a command's class and instruction; *known: the instruction is, by another
 * class. NULL: none.
 */
const struct instr *app_row(const struct app *a, const struct apdu *cmd, bool *known);

/* What the bases of the one that has this row would do with a command. NULL: nothing. */
const struct instr *app_base_row(const struct app *a, const struct instr *row,
					 const struct apdu *cmd);

/* Which of it and its bases has this row. NULL: none. */
const struct iso_app *app_owner(const struct app *a, const struct instr *row);

/* Whether it has anything under this class. */
bool app_has_class(const struct app *a, uint8_t cla);

/* What number id of P1 or DO 80 means. NULL: nothing. */
const struct algorithm *app_algorithm(const struct app *a, uint8_t id);

/* --- the applications of a card ------------------------------------------------------ */

/* By name: the type's, or one that all cards know. NULL: there is none. */
const struct iso_app *iso_app_find(const struct iso_type *t, const char *name);

/*
 * Those that the card's state names, and memory for them. False: none; iso_apps_close
 * either way.
 */
bool iso_apps_open(struct iso *c);
void iso_apps_close(struct iso *c);

/* The first DF that names it. NULL: none does. */
struct file *iso_app_file(const struct fs *fs, const char *name);

/* The one that answers where something is selected. */
const struct app *iso_app_at(const struct iso *c, const struct cursor *at);

/*
 * The DF of the application in force, the selected one or one above it; the MF: the
 * root is in force.
 */
struct file *iso_app_df(const struct iso *c);

/*
 * What is selected on the channel of the command under way has changed: what answers
 * there is in force. Where that is another application, the memory of the one that
 * is left is wiped.
 */
void iso_app_enter(struct iso *c);
void iso_app_leave(struct iso *c, struct channel *ch); /* none is in force */
void iso_root_reset(struct iso *c);                    /* the root's memory is as new */

/*
 * What app, the root or a base of it, or what is selected and its bases, keeps in
 * volatile memory. NULL: it is none of these.
 */
void *iso_own(const struct iso *c, const struct iso_app *app);

/* What a number means to the application in force. NULL: nothing. */
const struct algorithm *iso_algorithm(const struct iso *c, uint8_t id);

#endif
