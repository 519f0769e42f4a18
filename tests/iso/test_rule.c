/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Rules of files that name PINs, keys and environments of the card. */
#include "iso/auth.h"
#include "model/acl.h"
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

static void
add_pin(uint32_t scope, uint8_t number, const char *value)
{
	struct sam_pin *pin = sam_pin_add(&iso()->state->sam, scope, number);

	ck_assert(sam_code_set(&pin->code, view_of(value, 4)));
	pin->life = SAM_ACTIVE;
}

/*
 * DFs 4000 and 5000 side by side, 4100 in 4000, and the MF, each with a PIN 81 of its
 * own; and an EF 0101, read with it.
 */
static void
neighbours(void)
{
	static const char ef[] =
		"00E0000019 6217 800101 820101 8302 0101 AB0B 80017F A406 830181 950108";

	add_pin(iso()->state->fs.mf->uid, 1, "0000");
	expect(ef, "9000");
	expect("00E0000009 6207 820138 8302 4000", "9000");
	add_pin(iso_df(iso())->uid, 1, "4444");
	expect(ef, "9000");
	expect("00E0000009 6207 820138 8302 4100", "9000");
	add_pin(iso_df(iso())->uid, 1, "4141");
	expect(ef, "9000");
	expect("00A4000C023F00", "9000");
	expect("00E0000009 6207 820138 8302 5000", "9000");
	add_pin(iso_df(iso())->uid, 1, "5555");
	expect(ef, "9000");
	expect("00A4000C023F00", "9000");
}

START_TEST(a_proof_has_an_owner)
{
	neighbours();
	expect("00A4010C024000", "9000");
	expect("0020008104 34343434", "9000");
	expect("00200081", "9000");
	expect("00B0810001", "00 9000");
	/* in a DF below it is another PIN, and the first one goes on */
	expect("00A4010C024100", "9000");
	expect("00200081", "63C3");
	expect("00B0810001", "6982");
	expect("00A4030C", "9000");
	expect("00B0810001", "00 9000");
	/* neither above nor beside, and it has ended when one comes back */
	expect("00A4000C023F00", "9000");
	expect("00200081", "63C3");
	expect("00B0810001", "6982");
	expect("00A4010C024000", "9000");
	expect("00B0810001", "6982");
	expect("0020008104 34343434", "9000");
	expect("00A4000C025000", "9000");
	expect("00B0810001", "6982");
	expect("0020008104 35353535", "9000");
	expect("00B0810001", "00 9000");
}
END_TEST

START_TEST(an_error_neither_ends_nor_brings_back_a_proof)
{
	neighbours();
	expect("00A4010C024000", "9000");
	expect("0020008104 34343434", "9000");
	expect("00A4000C027777", "6A82");
	expect("00A4040C04A0000009", "6A82");
	expect("00B0810001", "00 9000");
	expect("00A4000C025000", "9000");
	expect("00A4000C027777", "6A82");
	expect("00A4000C024000", "9000");
	expect("00B0810001", "6982");
	/* right, and then a wrong one */
	expect("0020008104 34343434", "9000");
	expect("0020008104 33333333", "63C2");
	expect("00B0810001", "6982");
}
END_TEST

START_TEST(a_deleted_df_takes_its_proofs_along)
{
	neighbours();
	expect("00A4010C024000", "9000");
	expect("0020008104 34343434", "9000");
	expect("00E40000", "9000");
	expect("00200081", "63C3");
	expect("00B0810001", "6982");
	/* deleted by another channel, while one stands in it */
	expect("00A4010C025000", "9000");
	expect("0020008104 35353535", "9000");
	expect("0070000001", "01 9000");
	expect("01E4000002 5000", "9000");
	expect("00200081", "63C3");
	expect("00B0810001", "6982");
	/* with SE 0 any proof is asked for: there is none */
	expect("00E0000010 620E 800101 820101 8302 0102 8C02 0110", "9000");
	expect("00B0000001", "6982");
	expect("0020008104 30303030", "9000");
	expect("00B0000001", "00 9000");
}
END_TEST

/* What a DF below proves opens nothing above it. */
START_TEST(any_proof_is_one_of_those_above)
{
	struct access who;

	neighbours();
	expect("00E0000010 620E 800101 820101 8302 0102 8C02 0110", "9000");
	expect("00A4080C0440004100", "9000");
	expect("0020008104 34313431", "9000");
	expect("00200081", "9000");
	who = iso_asker(iso());
	ck_assert_uint_eq(acl_condition(&who, fs_child(iso()->state->fs.mf, 0x0102), 0x10),
			  SW_SECURITY_STATUS);
	ck_assert_uint_eq(acl_condition(&who, iso_df(iso()), 0x10), SW_OK);
}
END_TEST

/* The rule of a key of 4000 asks for the PIN of 4000, also seen from 4100. */
START_TEST(rules_see_from_where_they_are)
{
	struct sam_key *k;

	neighbours();
	expect("00A4010C024000", "9000");
	k = sam_key_add(&iso()->state->sam, iso_df(iso())->uid, 3, SAM_AES);
	ck_assert(sam_key_set_secret(k, view_of("0123456789ABCDEF", 16)));
	k->use = (struct sam_rule) { .grant = SAM_ALL, .local.user = 2 };
	expect("00A4010C024100", "9000");
	expect("0020008104 34313431", "9000");
	expect("00880083 10 00112233445566778899AABBCCDDEEFF 00", "6982");
	expect("00A4030C", "9000");
	expect("0020008104 34343434", "9000");
	expect("00A4010C024100", "9000");
	expect("00880083 10 00112233445566778899AABBCCDDEEFF 00", "*9000");
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
	tcase_add_test(tc, a_proof_has_an_owner);
	tcase_add_test(tc, an_error_neither_ends_nor_brings_back_a_proof);
	tcase_add_test(tc, a_deleted_df_takes_its_proofs_along);
	tcase_add_test(tc, any_proof_is_one_of_those_above);
	tcase_add_test(tc, rules_see_from_where_they_are);
	return run("iso_rule", tc);
}
