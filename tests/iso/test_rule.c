/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Rules of files that name PINs, keys and environments of the card. */
#include "plaincard.h"

/* PIN 1 = 1234 of the card; PIN 2 = 5678 of the DF 4000, which is current then. */
static void
pins(void)
{
	struct sam *s = &iso()->state->sam;
	struct sam_pin *pin = sam_pin_add(s, 0, 1);

	ck_assert(sam_code_set(&pin->code, view_of("1234", 4)));
	pin->life = SAM_ACTIVE;
	expect("00E0000009 6207 820138 8302 4000", "9000");
	pin = sam_pin_add(s, iso_df(iso())->uid, 2);
	ck_assert(sam_code_set(&pin->code, view_of("5678", 4)));
	pin->life = SAM_ACTIVE;
	card->ops->power(card, CARD_RESET);
	expect("00A4000C024000", "9000");
}

START_TEST(by_pin)
{
	pins();
	/* read by any PIN */
	expect("00E0000010 620E 800101 820101 8302 0101 8C02 0110", "9000");
	expect("00B0000001", "6982");
	expect("002000010430303030", "63C2");
	expect("00B0000001", "6982");
	expect("002000010431323334", "9000");
	expect("00B0000001", "00 9000");
	card->ops->power(card, CARD_RESET);
	expect("00A4080C0440000101", "9000");
	expect("00B0000001", "6982");
}
END_TEST

START_TEST(by_pin_of_that_number)
{
	pins();
	/* halves: read by PIN 1, update by PIN 3, which there is not */
	expect("00E0000011 620F 800101 820101 8302 0101 8603 13FFFF", "9000");
	expect("00B0000001", "6982");
	expect("00D600000101", "6984");
	expect("002000010431323334", "9000");
	expect("00B0000001", "00 9000");
	expect("00D600000101", "6984");
}
END_TEST

START_TEST(by_local_pin)
{
	pins();
	/* expanded: AT with reference 82, by a user */
	expect("00E0000019 6217 800101 820101 8302 0101 AB0B 80017F A406 830182 950108", "9000");
	expect("00B0000001", "6982");
	expect("002000010431323334", "9000");
	expect("00B0000001", "6982");
	expect("002000820435363738", "9000");
	expect("00B0000001", "00 9000");
	/* the application is left: what it was told is forgotten */
	expect("00A4000C023F00", "9000");
	expect("00A4040C", "9000");
	expect("00A4080C0440000101", "9000");
	expect("00B0000001", "6982");
	/* where it does not exist */
	expect("00A4000C023F00", "9000");
	expect("00E0000019 6217 800101 820101 8302 0101 AB0B 80017F A406 830182 950108", "9000");
	expect("00B0000001", "6984");
}
END_TEST

START_TEST(by_stored_environment)
{
	pins();
	expect("00E0000010 620E 800101 820101 8302 0101 8C02 0113", "9000");
	expect("00B0000001", "6984"); /* there is no environment 3 */
	expect("002281A406 830101 950108", "9000");
	expect("0022F203", "9000");
	expect("00B0000001", "6982");
	expect("002000010431323334", "9000");
	expect("00B0000001", "00 9000");
	expect("0022F403", "9000");
	expect("00B0000001", "6984");
}
END_TEST

START_TEST(what_went_with_its_df)
{
	pins();
	ck_assert_ptr_nonnull(iso()->state->sam.pins->next);
	expect("00E40000", "9000");
	ck_assert_ptr_nonnull(iso()->state->sam.pins);
	ck_assert_ptr_null(iso()->state->sam.pins->next);
	expect("002000010431323334", "9000");
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("iso_rule");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, by_pin);
	tcase_add_test(tc, by_pin_of_that_number);
	tcase_add_test(tc, by_local_pin);
	tcase_add_test(tc, by_stored_environment);
	tcase_add_test(tc, what_went_with_its_df);
	return run("iso_rule", tc);
}
