/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * APDU scripts: commands, and the answers that are wanted.
 *
 *   > 00 A4 00 00 (3F 00)   a command, sent as it stands
 *   < 6F * 9000             the answer that is wanted of it
 *   !reset                  a warm reset
 *   !power off, !power on
 *   !atr 3B *               the ATR that is wanted
 *   !let NAME WORDS         what $NAME stands for
 *   !check WORD PATTERN     a value that is wanted
 *
 * A statement begins at the first character of a line, and goes on over the
 * lines behind it that begin with space. pattern.h says what the bytes look
 * like. Every command wants one answer; "< *" takes any.
 */
#ifndef VICC_SCRIPT_SCRIPT_H
#define VICC_SCRIPT_SCRIPT_H

#include <stdio.h>

#include "base/bytes.h"
#include "model/card.h"
#include "model/props.h"

#define SCRIPT_TEXT_MAX 0x1000000 /* bytes */

/* Where the commands go. As card_ops: 0, or a negative errno value. */
struct script_target {
	void *ctx;
	int (*atr)(void *ctx, struct buf *out);
	int (*power)(void *ctx, enum card_power what);
	int (*transmit)(void *ctx, struct view cmd, struct buf *rsp);
};

/* A card in this process; the card stays the caller's. */
struct script_target script_card(struct card *c);

struct script {
	const char *name;   /* of the file, for messages */
	FILE *out;          /* where these go; NULL: nowhere */
	struct props names; /* what $NAME stands for, to begin with and at the end */
	size_t commands;    /* sent so far */
};

/* Append a file, which s is then named after. 0, or a negative errno value, told to out. */
int script_load(struct script *s, const char *path, struct buf *text);

/*
 * Run a text, or a file, up to the first answer that is not as expected. Whatever
 * ends it early is told to out, with file and line. 0; -EBADMSG: an answer, ATR
 * or value was another; -EINVAL: the script itself is wrong; another negative
 * errno value: the target's, or the file's.
 */
int script_run(struct script *s, struct view text, const struct script_target *t);
int script_run_file(struct script *s, const char *path, const struct script_target *t);

void script_free(struct script *s); /* what the names stood for is wiped */

#endif
