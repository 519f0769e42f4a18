/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The stages: with a small type of our own, derived from nothing and from itself. */
#include <errno.h>
#include <string.h>

#include "iso/iso.h"
#include "support.h"
#include "thecard.h"

/* --- a type to try the stages with ------------------------------------------ */

static unsigned wiped, changing;

static sw_t
echo(struct iso *c, const struct apdu *cmd, struct buf *rsp)
{
	(void)c;
	buf_put_view(rsp, cmd->data);
	return SW_OK;
}

/* P1 P2 bytes of answer. */
static sw_t
many(struct iso *c, const struct apdu *cmd, struct buf *rsp)
{
	size_t i;

	(void)c;
	for (i = 0; i < apdu_p1p2(cmd); i++)
		buf_u8(rsp, (uint8_t)i);
	return SW_OK;
}

/* The data are the status word; two bytes of answer. */
static sw_t
say(struct iso *c, const struct apdu *cmd, struct buf *rsp)
{
	struct view v = cmd->data;
	uint16_t sw = SW_UNKNOWN;

	c->x.ch->at.df = c->x.ch->at.df + 1;
	view_u16(&v, &sw);
	buf_u16(rsp, 0xabcd);
	return sw;
}

static sw_t
where(struct iso *c, const struct apdu *cmd, struct buf *rsp)
{
	(void)cmd;
	buf_u8(rsp, (uint8_t)c->x.ch->at.df);
	return SW_OK;
}

static sw_t
keep(struct iso *c, const struct apdu *cmd, struct buf *rsp)
{
	(void)rsp;
	return props_set(&c->state->props, "kept", cmd->data) ? SW_OK : SW_NO_MEMORY;
}

static sw_t
kept(struct iso *c, const struct apdu *cmd, struct buf *rsp)
{
	(void)cmd;
	buf_put_view(rsp, props_get(&c->state->props, "kept"));
	return SW_OK;
}

static sw_t
other_echo(struct iso *c, const struct apdu *cmd, struct buf *rsp)
{
	sw_t sw = echo(c, cmd, rsp);

	buf_u8(rsp, 0x99);
	return sw;
}

static const struct instr base_rows[] = {
	{ .ins = 0x02, .fn = echo, .name = "ECHO", .flags = INSTR_LC },
	{ .ins = 0x04, .fn = many, .name = "MANY", .flags = INSTR_LE },
	{ .ins = 0x06, .fn = say, .name = "SAY", .flags = INSTR_SECRET, .p1_rfu = 0xfe,
	  .p2_rfu = 0xff },
	{ .ins = 0x08, .fn = where, .name = "WHERE", .flags = INSTR_NO_LC },
	{ .ins = 0x0a, .fn = keep, .name = "KEEP" },
	{ .ins = 0x0c, .fn = kept, .name = "KEPT", .flags = INSTR_LE },
	{ .cla = 0x80, .cla_mask = 0xff, .ins = 0x02, .fn = many, .name = "OWN" },
	{ .cla = 0x80, .cla_mask = 0xff, .ins = 0x12, .fn = many, .name = "ONLY OWN" },
	{ .ins = 0x14, .fn = echo, .name = "AT ONCE", .flags = INSTR_AT_ONCE },
	{ .ins = 0x16, .fn = echo, .name = "UNDER SM", .flags = INSTR_SM },
	{ .ins = 0x70, .fn = iso_manage_channel, .name = "MANAGE CHANNEL", .flags = INSTR_NO_LC,
	  .p1_rfu = 0x7f },
	{ .ins = 0xc0, .fn = iso_get_response, .name = "GET RESPONSE",
	  .flags = INSTR_NO_LC | INSTR_LE | INSTR_TRANSPORT, .p1_rfu = 0xff, .p2_rfu = 0xff },
	INSTR_END
};

static void
count_reset(struct iso *c, void *memory)
{
	(void)c;
	ck_assert_ptr_nonnull(memory);
	wiped++;
}

/* What is kept is what it is made here. */
static void
count_changing(struct iso *c)
{
	iso_changing(c);
	changing++;
	props_set(&c->state->props, "changes", view_of(&changing, 1));
}

static const uint8_t base_atr[] = { 0x3b, 0x00 };
static const struct iso_app base_app = {
	.rows = base_rows,
	.hooks = { .changing = count_changing },
	.reset_volatile = count_reset,
};
static const struct iso_type base = { .root = &base_app, .atr = VIEW(base_atr), .channels = 6 };

/* The derived one: a row in another way, a row less, all else the base's. */
static const struct instr derived_rows[] = {
	{ .ins = 0x02, .fn = other_echo, .name = "ECHO", .flags = INSTR_LC },
	{ .ins = 0x08, .fn = NULL, .name = "WHERE" },
	INSTR_END
};
static const struct iso_app derived_app = { .base = &base_app, .rows = derived_rows };
static const struct iso_type derived = { .root = &derived_app,
					 .atr = VIEW(base_atr),
					 .channels = 6 };

static const struct card_type base_card = { .name = "base", .open = iso_open, .data = &base };
static const struct card_type derived_card = { .name = "derived",
					       .open = iso_open,
					       .data = &derived };

/* --- what the process would be ------------------------------------------------ */

static int commit_result;
static unsigned commits;
static bool can_revert;

static int
commit(void *ctx, struct state *s, unsigned changed)
{
	(void)ctx;
	(void)s;
	ck_assert_uint_eq(changed, STATE_CONTENTS);
	commits++;
	return commit_result;
}

static struct state *
revert(void *ctx)
{
	struct state *s = can_revert ? state_new() : NULL;

	(void)ctx;
	if (s)
		props_set(&s->props, "kept", view_of("old", 3));
	return s;
}

static struct card_env env = { .commit = commit, .revert = revert };

static void
open_card(const struct card_type *t)
{
	static const struct card_config cfg;

	card = t->open(t, &cfg, &env);
	ck_assert_ptr_nonnull(card);
}

static void
setup(void)
{
	wiped = changing = commits = 0;
	commit_result = 0;
	can_revert = true;
	open_card(&base_card);
}

static void
teardown(void)
{
	card->ops->free(card);
}

static int
transmit(const char *command, struct buf *rsp)
{
	return talk(card, command, rsp);
}

/* --- inbound -------------------------------------------------------------------- */

START_TEST(lengths_that_are_none)
{
	expect("00", "6700");
	expect("000200", "6700");
	expect("00020000 02 AA", "6700");
	expect("00020000 01 AABBCC", "6700");
	expect("00020000 00 AA", "6700");
	expect("00020000 00 0000 AA", "6700");
	expect("00020000 00 0002 AA", "6700");
	expect("00020000 00 0001 AA 00", "6700");
	expect("00020000 00 0001 AA 000000", "6700");
}
END_TEST

START_TEST(all_seven_forms)
{
	expect("00080000", "6101");
	expect("00080000 00", "00 9000");
	expect("00020000 01 AA", "6101");
	expect("00020000 01 AA 00", "AA 9000");
	expect("00080000 00 0000", "00 9000");
	expect("00020000 00 0001 AA", "6101");
	expect("00020000 00 0001 AA 0000", "AA 9000");
}
END_TEST

START_TEST(classes)
{
	expect("20080000", "6E00"); /* reserved */
	expect("FF080000", "6E00");
	expect("90080000", "6E00"); /* proprietary, and nothing has it */
	expect("80080000", "6E00"); /* known, but not under this class */
	expect("00120000", "6E00");
	expect("80990000", "6D00");
	expect("00990000", "6D00");
	expect("80020002 00", "0001 9000");
	expect("00020000 01 AA 00", "AA 9000");
}
END_TEST

START_TEST(order_of_checks)
{
	expect("0106FFFF", "6881");          /* channel before P1P2 */
	expect("04990000", "6882");          /* SM form before INS */
	expect("0006FF00", "6A86");          /* P1P2 before all of the row's own */
	expect("00060001", "6A86");
	expect("00020000", "6700");          /* data missing */
	expect("00080000 01 AA", "6700");    /* data too many */
	expect("00040000", "6700");          /* nothing says how much is wanted */
	expect("00160000 01 AA", "6982");    /* only under SM */
}
END_TEST

START_TEST(a_note_for_the_trace)
{
	expect("00060000 02 9000", "6102");
	ck_assert_str_eq(card->note.instruction, "SAY");
	ck_assert(card->note.secret);
	expect("00020000 01 AA 00", "AA 9000");
	ck_assert_str_eq(card->note.instruction, "ECHO");
	ck_assert(!card->note.secret);
	/* what was never found may be anything */
	expect("0020", "6700");
	ck_assert_ptr_null(card->note.instruction);
	ck_assert(card->note.secret);
	/* a part of a chain counts as the whole */
	expect("10060000 01 90", "9000");
	ck_assert(card->note.secret);
}
END_TEST

/* --- chaining -------------------------------------------------------------------- */

START_TEST(parts_are_joined)
{
	expect("10020000 01 AA", "9000");
	expect("10020000 01 BB 00", "9000"); /* a superfluous Le */
	expect("00020000 01 CC 00", "AABBCC 9000");
	expect("00020000 01 DD 00", "DD 9000");
}
END_TEST

START_TEST(a_chain_that_is_broken)
{
	expect("10020000 01 AA", "9000");
	expect("10020001 01 BB", "6883"); /* a part of another */
	expect("00020000 01 CC 00", "CC 9000");
	expect("10020000 01 AA", "9000");
	expect("00080000 00", "00 9000"); /* another command: the parts are gone */
	expect("00020000 01 CC 00", "CC 9000");
	expect("10990000 01 AA", "6D00");
}
END_TEST

START_TEST(a_chain_that_is_too_long)
{
	char part[2 * 255 + 16] = "10020000FF";
	unsigned i;

	memset(part + 10, 'A', (size_t)2 * 255);
	part[10 + 510] = '\0';
	for (i = 0; i < ISO_CHAIN_MAX / 255; i++)
		expect(part, "9000");
	expect(part, "6A84");
	expect("00020000 01 CC 00", "CC 9000");
}
END_TEST

START_TEST(chains_are_their_channels)
{
	expect("00700000 01", "01 9000");
	expect("10020000 01 AA", "9000");
	expect("11020000 01 11", "9000");
	expect("00020000 01 BB 00", "AABB 9000");
	expect("01020000 01 22 00", "1122 9000");
}
END_TEST

/* --- outbound -------------------------------------------------------------------- */

START_TEST(errors_drop_data_and_selection)
{
	expect("00060000 02 6A80 00", "6A80");
	expect("00080000 00", "00 9000");
	expect("00060000 02 6282 00", "ABCD 6282"); /* warnings keep both */
	expect("00080000 00", "01 9000");
	expect("00060000 02 6400 00", "6400");
	expect("00080000 00", "01 9000");
}
END_TEST

START_TEST(more_than_was_asked_for)
{
	expect("00040003 01", "00 6102");
	expect("00C00000 01", "01 6101");
	expect("00C00000 00", "02 9000");
	expect("00C00000 00", "6985"); /* nothing is left */
	expect("00040003 01", "00 6102");
	expect("00080000 00", "00 9000");
	expect("00C00000 00", "6985"); /* another command dropped it */
	expect("00040300 01", "00 6100");
	expect("00C00001 00", "6A86");
	expect("00C00000", "6700");
	expect("00020000 02 AABB", "6102");
	expect("00C00000 02", "AABB 9000");
	expect("00140000 02 AABB", "AABB 9000");
}
END_TEST

START_TEST(warnings_wait_for_the_last_byte)
{
	expect("00060000 02 6282", "6102");
	expect("00C00000 01", "AB 6101");
	expect("00C00000 01", "CD 6282");
}
END_TEST

START_TEST(a_frame_and_more)
{
	struct buf rsp = BUF(CARD_RESPONSE_MAX);

	ck_assert_int_eq(transmit("0004FFFF 000000", &rsp), 0);
	ck_assert_uint_eq(rsp.n, CARD_RESPONSE_MAX);
	ck_assert_uint_eq(rsp.p[rsp.n - 2], 0x61);
	ck_assert_uint_eq(rsp.p[rsp.n - 1], 0x02);
	buf_free(&rsp);
	expect("00C00000 000000", "FDFE 9000");
}
END_TEST

START_TEST(pending_is_the_channels)
{
	expect("00700000 01", "01 9000");
	expect("00040002 01", "00 6101");
	expect("01080000 00", "00 9000");
	expect("01C00000 00", "6985");
	expect("00C00000 00", "01 9000");
}
END_TEST

/* --- keeping ---------------------------------------------------------------------- */

START_TEST(only_changes_are_kept)
{
	expect("000C0000 00", "9000");
	ck_assert_uint_eq(commits, 0);
	ck_assert_uint_eq(changing, 0);
	expect("000A0000 01 AA", "9000");
	ck_assert_uint_eq(commits, 1);
	ck_assert_uint_eq(changing, 1);
	expect("000C0000 00", "AA 9000");
	ck_assert_uint_eq(commits, 1);
	ck_assert_uint_eq(changing, 1);
}
END_TEST

/*
 * Pending data and a begun chain end with whatever else is asked for, also when that is
 * refused at once.
 */
START_TEST(refusals_drop_what_is_pending)
{
	static const struct {
		const char *command, *answer;
	} rows[] = {
		{ "0004FF", "6700" },
		{ "E0040000 00", "6E00" },
		{ "FF040000", "6E00" },
		{ "00990000", "6D00" },
		{ "80040000 00", "6E00" },
		{ "000600FF 01 00", "6A86" },
		{ "04020000 01 AA", "6882" },
	};
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		expect("00040005 01", "00 6104");
		expect(rows[i].command, rows[i].answer);
		expect("00C00000 00", "6985");
		expect("10020000 01 AA", "9000");
		expect(rows[i].command, rows[i].answer);
		expect("00020000 01 BB 00", "BB 9000");
	}
	/* a class of its own goes on with no chain of the interindustry's */
	expect("10020000 01 AA", "9000");
	expect("80020000", "9000");
	expect("00020000 01 BB 00", "BB 9000");
}
END_TEST

/* What another channel was asked for is no business of this one. */
START_TEST(refusals_on_another_channel)
{
	expect("00700000 01", "01 9000");
	expect("00040005 01", "00 6104");
	expect("01990000", "6D00");
	expect("02040005 01", "6881"); /* not open */
	expect("00C00000 04", "01020304 9000");
}
END_TEST

/* A refused GET RESPONSE may be asked again. */
START_TEST(what_get_response_leaves)
{
	expect("00040005 01", "00 6104");
	expect("00C00100 04", "6A86");
	expect("00C00000", "6700");
	expect("00C00000 02", "0102 6102");
	expect("00C00000 02", "0304 9000");
}
END_TEST

START_TEST(what_was_not_kept_is_undone)
{
	commit_result = -ENOSPC;
	expect("00060000 02 9000 00", "ABCD 9000");
	wiped = 0;
	expect("000A0000 01 AA", "6581");
	ck_assert_uint_eq(wiped, 1);
	expect("00080000 00", "00 9000"); /* forgotten as by a reset */
	expect("000C0000 00", "6F6C64 9000");
	commit_result = 0;
	expect("000A0000 01 BB", "9000");
	expect("000C0000 00", "BB 9000");
}
END_TEST

START_TEST(a_state_that_cannot_be_had_back)
{
	struct buf rsp = BUF(CARD_RESPONSE_MAX);

	commit_result = -EIO;
	can_revert = false;
	ck_assert_int_eq(transmit("000A0000 01 AA", &rsp), -EIO);
	buf_free(&rsp);
}
END_TEST

/* --- channels ---------------------------------------------------------------------- */

START_TEST(channels_open_and_close)
{
	expect("00700000", "6700");
	expect("01080000 00", "6881");
	expect("00700000 01", "01 9000");
	expect("01080000 00", "00 9000");
	expect("00700005", "9000");
	expect("41080000 00", "00 9000");
	expect("00700005", "6985");
	expect("00700006", "6881");
	expect("00700000 01", "02 9000");
	expect("00700000 01", "03 9000");
	expect("00700000 01", "04 9000");
	expect("00700000 01", "6A81");
	expect("00708000", "6985");
	expect("00708003", "9000");
	expect("00708003", "6881");
	expect("03080000 00", "6881");
	expect("02708000", "9000"); /* itself */
	expect("02080000 00", "6881");
	expect("00701000", "6A86");
}
END_TEST

START_TEST(a_channel_begins_where_it_was_opened_from)
{
	expect("00060000 02 9000 00", "ABCD 9000");
	expect("00700001", "9000");
	expect("01080000 00", "00 9000"); /* from the basic one: the MF */
	expect("01060000 02 9000 00", "ABCD 9000");
	expect("01060000 02 9000 00", "ABCD 9000");
	expect("01700002", "9000");
	expect("02080000 00", "02 9000"); /* from another: what is selected there */
	expect("00080000 00", "01 9000");
}
END_TEST

START_TEST(reset_forgets)
{
	expect("00700000 01", "01 9000");
	expect("00060000 02 9000 00", "ABCD 9000");
	expect("10020000 01 AA", "9000");
	expect("01040002 01", "00 6101");
	wiped = 0;
	ck_assert_int_eq(card->ops->power(card, CARD_RESET), 0);
	ck_assert_uint_eq(wiped, 1);
	expect("01080000 00", "6881");
	expect("00080000 00", "00 9000");
	expect("00020000 01 BB 00", "BB 9000");
	expect("00C00000 00", "6985");
}
END_TEST

/* --- deriving ------------------------------------------------------------------------ */

START_TEST(a_derived_card)
{
	struct buf atr = BUF(33);

	teardown();
	ck_assert_uint_eq(wiped, 2); /* when it was made, and at its end */
	open_card(&derived_card);
	expect("00020000 01 AA 00", "AA99 9000"); /* overridden */
	expect("00080000 00", "6D00");            /* removed */
	expect("80020002 00", "0001 9000");       /* inherited */
	expect("00700000 01", "01 9000");
	ck_assert_int_eq(card->ops->atr(card, &atr), 0);
	ck_assert(view_equal(buf_view(&atr), view_of(base_atr, sizeof(base_atr))));
	buf_free(&atr);
	wiped = 0;
	teardown();
	ck_assert_uint_eq(wiped, 1); /* the base's memory, too */
	open_card(&base_card);
}
END_TEST

/* From the command line, else from the image, else from the type. */
START_TEST(three_kinds_of_atr)
{
	static const uint8_t of_image[] = { 0x3b, 0x01, 0x11 }, of_user[] = { 0x3b, 0x01, 0x22 };
	struct card_config cfg = { .atr = view_of(of_user, sizeof(of_user)) };
	struct buf atr = BUF(33);

	ck_assert(buf_set(&((struct iso *)card)->state->atr, view_of(of_image, sizeof(of_image))));
	ck_assert_int_eq(card->ops->atr(card, &atr), 0);
	ck_assert(view_equal(buf_view(&atr), view_of(of_image, sizeof(of_image))));
	teardown();
	buf_reset(&atr);
	card = base_card.open(&base_card, &cfg, &env);
	ck_assert_ptr_nonnull(card);
	ck_assert(buf_set(&((struct iso *)card)->state->atr, view_of(of_image, sizeof(of_image))));
	ck_assert_int_eq(card->ops->atr(card, &atr), 0);
	ck_assert(view_equal(buf_view(&atr), view_of(of_user, sizeof(of_user))));
	buf_free(&atr);
}
END_TEST

START_TEST(no_card_and_no_known_error)
{
	card->ops->free(NULL);
	ck_assert_uint_eq(iso_sw((struct iso *)card, -ENXIO), SW_UNKNOWN);
}
END_TEST

START_TEST(a_terminated_card)
{
	((struct iso *)card)->state->fs.terminated = true;
	expect("00080000 00", "6985");
	expect("00990000 00", "6985");
	expect("0008", "6700");
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("iso");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, lengths_that_are_none);
	tcase_add_test(tc, all_seven_forms);
	tcase_add_test(tc, classes);
	tcase_add_test(tc, order_of_checks);
	tcase_add_test(tc, a_note_for_the_trace);
	tcase_add_test(tc, parts_are_joined);
	tcase_add_test(tc, a_chain_that_is_broken);
	tcase_add_test(tc, a_chain_that_is_too_long);
	tcase_add_test(tc, chains_are_their_channels);
	tcase_add_test(tc, errors_drop_data_and_selection);
	tcase_add_test(tc, more_than_was_asked_for);
	tcase_add_test(tc, warnings_wait_for_the_last_byte);
	tcase_add_test(tc, a_frame_and_more);
	tcase_add_test(tc, pending_is_the_channels);
	tcase_add_test(tc, only_changes_are_kept);
	tcase_add_test(tc, refusals_drop_what_is_pending);
	tcase_add_test(tc, refusals_on_another_channel);
	tcase_add_test(tc, what_get_response_leaves);
	tcase_add_test(tc, what_was_not_kept_is_undone);
	tcase_add_test(tc, a_state_that_cannot_be_had_back);
	tcase_add_test(tc, channels_open_and_close);
	tcase_add_test(tc, a_channel_begins_where_it_was_opened_from);
	tcase_add_test(tc, reset_forgets);
	tcase_add_test(tc, a_derived_card);
	tcase_add_test(tc, three_kinds_of_atr);
	tcase_add_test(tc, no_card_and_no_known_error);
	tcase_add_test(tc, a_terminated_card);
	return run("iso", tc);
}
