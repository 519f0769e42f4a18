/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the process is promised, whatever a card does. */
#include <errno.h>

#include "model/card.h"
#include "support.h"

/* A card that does what the test says. */
struct puppet {
	struct card card;
	int rc;
	size_t n; /* bytes of its answer */
	bool freed;
	bool silent; /* it has no table of instructions */
};

static int
p_atr(struct card *c, struct buf *out)
{
	struct puppet *p = (struct puppet *)c;

	buf_fill(out, 0x3b, p->n);
	return p->rc;
}

static int
p_power(struct card *c, enum card_power what)
{
	return what == CARD_RESET ? -EIO : ((struct puppet *)c)->rc;
}

static int
p_transmit(struct card *c, struct view cmd, struct buf *rsp)
{
	struct puppet *p = (struct puppet *)c;

	ck_assert_uint_ge(cmd.n, 2);
	/* of the command before nothing is left */
	ck_assert_ptr_null(c->note.instruction);
	ck_assert(!c->note.secret);
	if (!((struct puppet *)c)->silent)
		c->note = (struct card_note) { .instruction = "VERIFY", .secret = true };
	buf_fill(rsp, 0x90, p->n);
	return p->rc;
}

static int
p_event(struct card *c, int *fd)
{
	ck_assert_int_eq(*fd, -1);
	return ((struct puppet *)c)->rc;
}

static void
p_free(struct card *c)
{
	((struct puppet *)c)->freed = true;
}

static const struct card_ops ops = { p_atr, p_power, p_transmit, p_event, p_free };
static const uint8_t command[4];

static int
transmit(struct puppet *p, struct buf *rsp)
{
	return card_transmit(&p->card, view_of(command, sizeof(command)), rsp);
}

START_TEST(an_answer)
{
	struct puppet p = { .card.ops = &ops, .n = 2 };
	struct buf rsp = BUF(100);

	ck_assert_int_eq(transmit(&p, &rsp), 0);
	ck_assert_uint_eq(rsp.n, 2);
	ck_assert_str_eq(p.card.note.instruction, "VERIFY");
	buf_reset(&rsp);
	ck_assert_int_eq(transmit(&p, &rsp), 0);
	buf_free(&rsp);
}
END_TEST

/* Where a card says nothing of its commands: what may be shown, and all else. */
static const struct { uint8_t cmd[5]; size_t n; bool secret; } unsaid[] = {
	{ { 0x00, 0xa4, 0x00, 0x00 }, 4, false },
	{ { 0x00, 0x84, 0x00, 0x00, 0x08 }, 5, false },
	{ { 0x80, 0x20, 0x00, 0x01 }, 4, true },
	{ { 0x00, 0xc0, 0x00, 0x00, 0x08 }, 5, true }, /* what the last one left is as secret */
	{ { 0x00, 0xc0, 0x00, 0x00, 0x08 }, 5, true },
	{ { 0x00, 0xb0, 0x00, 0x00, 0x08 }, 5, false },
	{ { 0x00, 0xc0, 0x00, 0x00, 0x08 }, 5, false },
	{ { 0x90, 0xda, 0x00, 0x00 }, 4, true },
	{ { 0x80, 0x30, 0x00, 0x00 }, 4, true }, /* nobody knows */
	{ { 0x00, 0xa4, 0x00, 0x00 }, 4, false },
	{ { 0x80, 0xa4, 0x00, 0x00 }, 4, true }, /* SELECT of another than ISO */
	{ { 0xc0, 0xb0, 0x00, 0x00, 0x08 }, 5, true },
	{ { 0x10, 0xa4, 0x00, 0x00 }, 4, false }, /* chained, and protected */
	{ { 0x0c, 0xb0, 0x00, 0x00, 0x08 }, 5, false },
	{ { 0x00, 0xd0, 0x00, 0x00 }, 4, true }, /* writes */
	{ { 0x00, 0xd2, 0x00, 0x00 }, 4, true },
	{ { 0x00, 0xd6, 0x00, 0x00 }, 4, true },
	{ { 0x00, 0xd7, 0x00, 0x00 }, 4, true },
	{ { 0x00, 0xdc, 0x00, 0x00 }, 4, true },
	{ { 0x00, 0xdd, 0x00, 0x00 }, 4, true },
	{ { 0x00, 0xe0, 0x00, 0x00 }, 4, true },
	{ { 0x00, 0xe2, 0x00, 0x00 }, 4, true },
	{ { 0x80, 0xe2, 0x00, 0x00 }, 4, true },
	{ { 0x00, 0xa4, 0x00, 0x00 }, 4, false },
	/* left on one channel, and fetched after another on the other */
	{ { 0x01, 0x20, 0x00, 0x01 }, 4, true },
	{ { 0x01, 0xc0, 0x00, 0x00, 0x08 }, 5, true },
	{ { 0x01, 0xa4, 0x00, 0x00 }, 4, true },
	{ { 0x01, 0xc0, 0x00, 0x00, 0x08 }, 5, true },
	{ { 0x40, 0xa4, 0x00, 0x00 }, 4, true },
	{ { 0x00, 0xa4 }, 2, true },
};

START_TEST(notes_of_a_card_without_a_table)
{
	struct puppet p = { .card.ops = &ops, .n = 2, .silent = true };
	struct buf rsp = BUF(100);
	size_t i;

	for (i = 0; i < sizeof(unsaid) / sizeof(*unsaid); i++) {
		buf_reset(&rsp);
		ck_assert_int_eq(card_transmit(&p.card, view_of(unsaid[i].cmd, unsaid[i].n), &rsp),
				 0);
		ck_assert_msg(p.card.note.secret == unsaid[i].secret, "command %zu", i);
	}
	buf_free(&rsp);
}
END_TEST

/* None, half a status word, one that did not fit: 6F00. */
START_TEST(no_answer)
{
	static const size_t sizes[] = { 0, 1, 101 };
	struct puppet p = { .card.ops = &ops, .n = sizes[_i] };
	struct buf rsp = BUF(100);

	ck_assert_int_eq(transmit(&p, &rsp), 0);
	ck_assert_uint_eq(rsp.n, 2);
	ck_assert_mem_eq(rsp.p, "\x6f\x00", 2);
	buf_free(&rsp);
}
END_TEST

START_TEST(errors_pass)
{
	struct puppet p = { .card.ops = &ops, .rc = -ENODEV, .n = 2 };
	struct buf b = BUF(100);
	int fd = 7;

	ck_assert_int_eq(transmit(&p, &b), -ENODEV);
	ck_assert_int_eq(card_atr(&p.card, &b), -ENODEV);
	ck_assert_int_eq(card_power(&p.card, CARD_POWER_ON), -ENODEV);
	ck_assert_int_eq(card_power(&p.card, CARD_RESET), -EIO);
	ck_assert_int_eq(card_event(&p.card, &fd), -ENODEV);
	ck_assert_int_eq(fd, -1);
	buf_free(&b);
}
END_TEST

START_TEST(an_atr_that_does_not_fit)
{
	struct puppet p = { .card.ops = &ops, .n = 34 };
	struct buf b = BUF(33);

	ck_assert_int_eq(card_atr(&p.card, &b), -ENOMEM);
	buf_free(&b);
}
END_TEST

START_TEST(freeing)
{
	struct puppet p = { .card.ops = &ops };

	card_free(NULL);
	card_free(&p.card);
	ck_assert(p.freed);
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("card");

	tcase_add_test(tc, an_answer);
	tcase_add_test(tc, notes_of_a_card_without_a_table);
	tcase_add_loop_test(tc, no_answer, 0, 3);
	tcase_add_test(tc, errors_pass);
	tcase_add_test(tc, an_atr_that_does_not_fit);
	tcase_add_test(tc, freeing);
	return run("card", tc);
}
