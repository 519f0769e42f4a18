/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The card of a test program that has but one. */
#ifndef TESTS_THECARD_H
#define TESTS_THECARD_H

#include "talk.h"

static struct card *card;

/* Send it a command and want this answer. */
static inline void
expect(const char *command, const char *answer)
{
	expect_from(card, command, answer);
}

/* Send it a command; the data of the answer, appended to out unless NULL; its status word. */
static inline unsigned
send_raw(struct view command, struct buf *out)
{
	struct buf rsp = BUF(CARD_RESPONSE_MAX);
	unsigned sw;

	ck_assert_int_eq(card->ops->transmit(card, command, &rsp), 0);
	ck_assert_uint_ge(rsp.n, 2);
	sw = (unsigned)(rsp.p[rsp.n - 2] << 8 | rsp.p[rsp.n - 1]);
	if (out)
		buf_put_view(out, view_slice(buf_view(&rsp), 0, rsp.n - 2));
	buf_free(&rsp);
	return sw;
}

#endif
