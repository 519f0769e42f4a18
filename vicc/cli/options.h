/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The command line. Each -t begins a card, and the options after it are that
 * card's; the options before the first hold for all of them.
 */
#ifndef VICC_CLI_OPTIONS_H
#define VICC_CLI_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "base/log.h"
#include "model/card.h"
#include "daemon/link.h"
#include "cli/mitm_chain.h"
#include "cli/plugins.h"

#define OPTIONS_SERIAL_MAX 16 /* bytes */
#define OPTIONS_IMPORTS_MAX 16
#define OPTIONS_MAX 128 /* in all, those of the types included */

/* What was chosen for one card. Texts are the command line's, or a --config file's. */
struct options {
	const struct card_type *type;
	struct endpoint where;
	bool shared_port;
	uint8_t atr[CARD_ATR_MAX];
	size_t atr_len; /* 0: the type's own */
	uint8_t serial[OPTIONS_SERIAL_MAX];
	size_t serial_len; /* 0: not chosen */
	int verbosity;     /* enum log_level */
	const char *log_file; /* NULL: standard error */
	const char *file;     /* the card's image; NULL: it lives in memory */
	bool read_only, is_volatile; /* --read-only, --volatile */
	struct card_value own[OPTIONS_MAX + 1]; /* options of the type; the last has no name */
	const char *script;   /* an APDU script to run instead of serving a reader; NULL: none */
	/* files with keys and certificates for a new card */
	const char *imports[OPTIONS_IMPORTS_MAX];
	size_t n_imports;
	const char *generates[OPTIONS_IMPORTS_MAX]; /* keys to be made for it, PLACE=KIND */
	size_t n_generates;
	const char *subject;  /* of the certificates of these; NULL: not chosen */
	const char *passphrase_file; /* theirs; NULL: they are asked for */
	const char *label;    /* of a new card; NULL: not chosen */
	bool force, keep;     /* instead of one that is there; or that one */
	bool pad;             /* a PIN pad beside the card */
	const char *pin_file; /* NULL: none, and so for the next two */
	const char *record;
	const char *trace;
	const char *control;  /* the name of its control socket, or a path; NULL: none */
	unsigned control_slot; /* behind that name; 0: nothing is */
	bool out;             /* it begins outside the reader */
	bool trace_secrets;
	/* before the card, the first next to the reader */
	struct mitm_choice mitms[MITM_CHAIN_MAX];
	size_t n_mitms;
	int mitm_deadline;    /* ms for each message */
	bool no_sandbox;
	uint64_t given;     /* after its -t: a bit for each option of all cards */
	uint64_t given_own; /* likewise for each of the types' */
};

enum action {
	ACTION_RUN,
	ACTION_HELP,
	ACTION_VERSION,
	ACTION_TYPES,
	ACTION_CHECK_IMAGE,
};

struct command {
	enum action action;
	const char *image;     /* to check */
	struct options common; /* what holds for all cards */
	struct options *cards;
	size_t n_cards;        /* at least one, when action is ACTION_RUN */
	bool background;       /* --daemon */
	const char *pid_file;  /* NULL: none */
	struct config *configs; /* files that texts point into */
	struct plugins plugins; /* what types and middle-men are of */
	char error[512];       /* what is wrong, when options_parse says so: one line */
};

/* 0, or -1: see error. options_free is the caller's either way. */
int options_parse(struct command *cmd, int argc, char *const *argv);
void options_free(struct command *cmd);

/* The option that says all that is on a card (CARD_OPTION_FILLS). NULL: none does. */
const char *options_filled_by(const struct options *o);

void options_help(FILE *out);
void options_types(struct command *cmd, FILE *out); /* those of plug-ins, too */

#endif
