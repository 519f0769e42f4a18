/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What an identity card's protocols cost the card: its own CPU time, without reader, terminal
 * and waiting. Prints idcard,OPERATION,N,MIN,P50,P99, in microseconds.
 *
 *   idcard ROUNDS
 */
#include "../cards/eac/chain.h"
#include "../cards/npa/idcard.h"
#include "document.h"

static void
timed_send(void *ctx, struct view command, struct buf *rsp)
{
	const double begin = cpu();

	idcard_send(ctx, command, rsp);
	spent += cpu() - begin;
}

static struct chain chain;

static void
open_new(void)
{
	double begin;

	if (card)
		idcard_close();
	begin = cpu();
	idcard_open();
	spent = cpu() - begin;
	terminal.send = timed_send;
	ck_assert_int_eq(eac_anchor_add(kept, buf_view(&chain.cvca.cvc)), 0);
	ck_assert(field_set_number(eac_fields(kept), EAC_FIELD_DATE, 20260101));
}

static void
pace_with_pin(void)
{
	idcard_reset();
	spent = 0;
	ck_assert_uint_eq(idcard_pace(EAC_PIN, "111111", chat_of(CHAT_AT_ALL)), 0x9000);
}

static void
both_authentications(void)
{
	pace_with_pin();
	spent = 0;
	ck_assert_uint_eq(show_chain(&terminal, &chain, true), 0x9000);
	ck_assert_uint_eq(authenticate(&terminal, &chain, view_of(NULL, 0)), 0x9000);
	ck_assert_uint_eq(idcard_chip_authentication(), 0x9000);
}

/* A test, as the terminal asserts. */
START_TEST(everything)
{
	chain_of(&chain, CHAT_AT_ALL);
	measure("idcard", "a new identity card", open_new, samples);
	measure("idcard", "PACE with the PIN", pace_with_pin, samples);
	measure("idcard", "TA and CA", both_authentications, samples);
	idcard_close();
	chain_free(&chain);
}
END_TEST

int
main(int argc, char **argv)
{
	return measure_all("identity card", everything, argc, argv);
}
