/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A command in which memory ends, and what it kept nevertheless. */
#ifndef TESTS_COMMAND_ENDS_H
#define TESTS_COMMAND_ENDS_H

#include "iso/stages.h"
#include "memory_ends.h"
#include "onecard.h"

static unsigned commits; /* of contents */

static inline int
count_commit(void *ctx, struct state *s, unsigned changed)
{
	(void)ctx;
	(void)s;
	commits += changed & STATE_CONTENTS;
	return 0;
}

/*
 * Send a command to the card with the n-th allocation failing, if there are as many: hit. Its
 * status word.
 */
static inline unsigned
command_ends(const char *command, unsigned long n, bool *hit)
{
	struct buf cmd = BUF(256), rsp = BUF(CARD_RESPONSE_MAX);
	unsigned sw;
	int rc;

	made.env.commit = count_commit;
	iso_adopt(iso());
	ck_assert(hex_read(&cmd, command));
	/* room for the answer is not the card's affair */
	buf_fill(&rsp, 0, CARD_RESPONSE_MAX);
	buf_reset(&rsp);
	commits = 0;
	allocations = 0;
	failing = n;
	rc = card->ops->transmit(card, buf_view(&cmd), &rsp);
	*hit = allocations >= failing;
	failing = 0;
	ck_assert_int_eq(rc, 0);
	sw = (unsigned)(rsp.p[rsp.n - 2] << 8 | rsp.p[rsp.n - 1]);
	buf_free(&cmd);
	buf_free(&rsp);
	return sw;
}

#endif
