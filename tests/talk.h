/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Commands to a card in this process, and the answers that are wanted. */
#ifndef TESTS_TALK_H
#define TESTS_TALK_H

#include <string.h>

#include "base/hex.h"
#include "model/card.h"
#include "codec/apdu.h"
#include "support.h"

/* Send a command, written in hex; rsp is the caller's. What the card's transmit returns. */
static inline int
talk(struct card *card, const char *command, struct buf *rsp)
{
	struct buf cmd = BUF(APDU_DATA_MAX + 16);
	int rc;

	ck_assert_msg(hex_read(&cmd, command), "not hex: %s", command);
	rc = card->ops->transmit(card, buf_view(&cmd), rsp);
	buf_free(&cmd);
	return rc;
}

/* Whether an answer is as the pattern has it: hex, "??" any byte, "*" any bytes. */
static inline bool
answer_is(struct view answer, const char *pattern)
{
	struct buf one = BUF(1);
	const char *star = strchr(pattern, '*');
	bool same = true;

	for (; *pattern && same; pattern += 2) {
		while (*pattern == ' ')
			pattern++;
		if (!*pattern)
			break;
		if (pattern == star) {
			/* two bytes of status word follow */
			same = answer.n >= 2;
			answer = view_slice(answer, answer.n - 2, 2);
			pattern--;
			continue;
		}
		same = answer.n > 0;
		if (same && strncmp(pattern, "??", 2) != 0)
			same = hex_read_n(&one, pattern, 2) && one.p[0] == answer.p[0];
		answer = view_slice(answer, 1, answer.n);
		buf_reset(&one);
	}
	buf_free(&one);
	return same && answer.n == 0;
}

/* Send a command and want this answer. */
static inline void
expect_from(struct card *card, const char *command, const char *answer)
{
	struct buf rsp = BUF(CARD_RESPONSE_MAX), hex = BUF(2 * CARD_RESPONSE_MAX + 1);

	ck_assert_int_eq(talk(card, command, &rsp), 0);
	hex_write(&hex, buf_view(&rsp));
	buf_u8(&hex, 0);
	ck_assert_msg(answer_is(buf_view(&rsp), answer), "%s: %s, not %s", command, (char *)hex.p,
		      answer);
	buf_free(&rsp);
	buf_free(&hex);
}

#endif
