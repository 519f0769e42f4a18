/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A new card of a type, the only one of a test program, as the terminal sees it. */
#ifndef TESTS_ONECARD_H
#define TESTS_ONECARD_H

#include "iso/iso.h"
#include "newcard.h"
#include "thecard.h"

static struct new_card made;

/* In place of the one that there was, if any; contents and path as new_card has them. */
static inline void
open_new_card(const struct card_type *type, const char *contents, const char *path)
{
	free_card(&made);
	new_card(&made, type, contents, path, NULL);
	card = made.card;
	ck_assert_msg(card, "%s", made.error);
}

static inline void
close_card(void)
{
	free_card(&made);
	made = (struct new_card) { .card = NULL };
}

static inline struct iso *
iso(void)
{
	return (struct iso *)card;
}

/* Send a command; the answer's data, appended to out (NULL: no Le); its status word. */
static inline unsigned
ask(uint8_t ins, uint16_t p1p2, struct view data, struct buf *out)
{
	struct apdu a = {
		.ins = ins,
		.p1 = (uint8_t)(p1p2 >> 8),
		.p2 = (uint8_t)p1p2,
		.data = data,
		.ne = out ? APDU_NE_MAX : 0,
	};
	struct buf raw = BUF(4096);
	unsigned sw;

	ck_assert(apdu_build(&raw, &a));
	sw = send_raw(buf_view(&raw), out);
	buf_free(&raw);
	return sw;
}

#endif
