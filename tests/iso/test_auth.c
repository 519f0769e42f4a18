/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* PINs, challenges and proofs, as commands to the plain card. */
#include <errno.h>

#include "cards/eac/bac.h"
#include "iso/auth.h"
#include "isocard.h"

static struct sam_pin *
pin(uint8_t ref)
{
	return sam_pin_find(&kept->sam, 0, ref);
}

/* A DF, selected; what it owns is local. */
static uint32_t
enter_df(void)
{
	expect("00E00000 0C 620A 820138 83025001 8A0105", "9000");
	expect("00A40000 02 3F00", "61??");
	expect("00A4000C 02 5001", "9000");
	return ((struct iso *)card)->channel[0].at.df;
}

START_TEST(verify)
{
	expect("00200001", "63C3");
	expect("00200001 04 31323335", "63C2");
	expect("00200001", "63C2");
	expect("00200001 04 31323334", "9000");
	expect("00200001", "9000");
	expect("00200000", "9000");
	/* logging out, and what is no logging out */
	expect("0020FF01 01 31", "6700");
	expect("0020FF01", "9000");
	expect("00200001", "63C3");
	expect("00200101", "6A86");
	expect("00200021", "6A86");
	expect("00200041", "6A86");
	/* no such reference */
	expect("00200003", "6A88");
	expect("00200081", "6A88");
	expect("00200003 01 31", "6A88");
	/* a superfluous Le */
	expect("00200001 04 31323334 00", "9000");
	expect("00200001 00", "9000");
}
END_TEST

START_TEST(verify_with_a_data_object)
{
	expect("00210001 06 5304 31323334", "9000");
	expect("00210001", "9000");
	expect("00210001 06 5304 31323335", "63C2");
	expect("00210001 04 31323334", "6D00");
	expect("00210001 06 5404 31323334", "6D00");
	expect("00210001 05 5304 313233", "6D00");
	expect("00210001", "63C2");
	/* an empty one is a question */
	expect("00210001 02 5300", "63C2");
	expect("002100FF 02 5300", "6A86");
}
END_TEST

START_TEST(until_blocked)
{
	expect("00200001 01 31", "63C2");
	expect("00200001 3C 31313131313131313131313131313131313131313131313131313131313131"
	       "3131313131313131313131313131313131313131313131313131313131", "63C1");
	expect("00200000 04 00000000", "63C0");
	expect("00200001 04 31323334", "6983");
	expect("00200001", "6983");
	expect("00240001 08 3132333434333231", "6983");
	/* PIN 2 lives on */
	expect("00200002 08 3232323232323232", "9000");
}
END_TEST

/* The compare has not happened when the counter is written. */
static void
tries_are_spent(void)
{
	if (commits != 1)
		return;
	ck_assert_uint_eq(pin(1)->code.tries, 2);
	ck_assert_uint_eq(((struct iso *)card)->global.user, 0);
}

START_TEST(a_try_is_committed_before_it_is_compared)
{
	at_commit = tries_are_spent;
	expect("00200001 04 31323334", "9000");
	ck_assert_uint_eq(commits, 2); /* spent, given back */
	commits = 0;
	expect("00200001 04 31323335", "63C2");
	ck_assert_uint_eq(commits, 1);
	at_commit = NULL;
	commits = 0;
	expect("00200001", "63C2");
	expect("00200003", "6A88");
	ck_assert_uint_eq(commits, 0);
}
END_TEST

static struct state *
revert(void *ctx)
{
	struct state *s = state_new();
	struct sam_pin *p = sam_pin_add(&s->sam, 0, 1);

	(void)ctx;
	p->life = SAM_ACTIVE;
	ck_assert(sam_code_set(&p->code, said("1234")));
	kept = s;
	return s;
}

START_TEST(no_disk_no_verification)
{
	isocard_env.revert = revert;
	disk_error = -EIO;
	expect("00200001 04 31323334", "6581");
	ck_assert_uint_eq(((struct iso *)card)->global.user, 0);
	disk_error = 0;
	expect("00200001", "63C3");
	isocard_env.revert = NULL;
}
END_TEST

START_TEST(change)
{
	expect("00240001 08 3132333434333231", "9000");
	expect("00200001", "9000");
	expect("00200001 04 34333231", "9000");
	expect("00240001 08 3132333434333231", "63C2");
	/* shorter than the old one: wrong, not 6700 */
	expect("00240001 03 343332", "63C1");
	/* the old one is right, the new one cannot be */
	expect("00240001 07 34333231313131", "6A80");
	expect("00240001 04 34333231", "6A80");
	expect("00240001", "6700");
	expect("00240201 08 3132333434333231", "6A86");
	expect("00240003 08 3132333434333231", "6A88");
	/* without the old one: by right only */
	expect("00240101 04 35353535", "6982");
	pin(1)->change = (struct sam_rule) { .grant = SAM_ANY, .global.user = 1u << 2 };
	expect("00240101 04 35353535", "6982");
	expect("00200002 08 3232323232323232", "9000");
	expect("00240101 03 353535", "6A80");
	expect("00240101 04 35353535", "9000");
	expect("00200001 04 35353535", "9000");
}
END_TEST

START_TEST(reset_retry_counter)
{
	expect("002C0001 0C 313233343536373834333231", "9000");
	expect("00200001 04 34333231", "9000");
	expect("002C0101 08 3132333435363738", "9000");
	/* what was proven no longer is */
	expect("00200001", "63C3");
	expect("002C0101 08 3132333435363739", "63C2");
	expect("002C0001 04 31323334", "63C1");
	expect("002C0101 01 31", "63C0");
	expect("002C0101 08 3132333435363738", "6983");
	expect("002C0201 04 31323334", "6982");
	expect("002C0301", "6982");
	pin(1)->unblock.grant = SAM_ALWAYS;
	expect("002C0301 01 31", "6700");
	expect("002C0301", "9000");
	expect("002C0201", "6700");
	expect("002C0001", "6700");
	expect("002C0201 03 313233", "6A80");
	expect("002C0201 04 31323334", "9000");
	expect("002C0401", "6A86");
	expect("002C0003 01 31", "6A88");
	/* no PUK */
	expect("002C0102 08 3132333435363738", "6985");
}
END_TEST

START_TEST(not_asked_for)
{
	expect("00260001 04 31323335", "63C2");
	expect("00260101", "6982");
	expect("00260001", "6700");
	expect("00260101 04 31323334", "6700");
	expect("00260201", "6A86");
	expect("00260003 01 31", "6A88");
	expect("00260001 04 31323334", "9000");
	ck_assert_int_eq(card_power(card, CARD_RESET), 0);
	expect("00200001", "9000");
	expect("0020FF01", "9000");
	expect("00200001", "9000");
	expect("00280001 04 31323334", "9000");
	ck_assert_int_eq(card_power(card, CARD_RESET), 0);
	expect("00200001", "63C3");
	pin(1)->disable.grant = SAM_ALWAYS;
	expect("00260101", "9000");
	expect("00280101", "9000");
	expect("00200001", "63C3");
}
END_TEST

START_TEST(a_disabled_pin_opens_files)
{
	/* EF 0001, readable with PIN 1 */
	expect("00E00000 16 6214 80020002 820101 83020001 8A0105 8C020110 8800", "9000");
	expect("00B00000 02", "6982");
	expect("00260001 04 31323334", "9000");
	ck_assert_int_eq(card_power(card, CARD_RESET), 0);
	expect("00A4000C 02 0001", "9000");
	expect("00B00000 02", "0000 9000");
	expect("00280001 04 31323334", "9000");
	expect("0020FF01", "9000");
	expect("00B00000 02", "6982");
}
END_TEST

START_TEST(local_references)
{
	uint32_t df = enter_df();
	struct sam_pin *p = sam_pin_add(&kept->sam, df, 1);

	p->life = SAM_ACTIVE;
	ck_assert(sam_code_set(&p->code, said("9999")));
	expect("00200001 04 31323334", "9000");
	expect("00200081", "63C3");
	expect("00200081 04 31323334", "63C2");
	expect("00200081 04 39393939", "9000");
	expect("00200001", "9000");
	/* another channel knows what is global, not what is local */
	expect("00700000 01", "01 9000");
	expect("01A4000C 02 5001", "9000");
	expect("01200001", "9000");
	expect("01200081", "63C3");
	/* elsewhere there is no such reference */
	expect("00A4000C 02 3F00", "9000");
	expect("00200081", "6A88");
}
END_TEST

START_TEST(not_usable)
{
	pin(1)->life = SAM_DEACTIVATED;
	expect("00200001", "6984");
	expect("00200001 04 31323334", "6984");
	expect("00240001 08 3132333434333231", "6984");
	expect("002C0101 08 3132333435363738", "6984");
	expect("00260001 04 31323334", "6984");
	ck_assert_uint_eq(pin(1)->code.tries, 3);
	pin(1)->life = SAM_UNSET;
	expect("00240101 04 37373737", "9000");
	expect("00200001 04 37373737", "9000");
}
END_TEST

START_TEST(get_challenge)
{
	expect("00840000 08", "*9000");
	expect("00840000", "6700");
	expect("00840100 08", "6A86");
	expect("00840001 08", "6A86");
	expect("00840000 01 AA 08", "6700");
	expect("00840000 00 0000", "*61??");
}
END_TEST

/* Two of them are not the same. */
START_TEST(challenges_are_random)
{
	struct buf a = BUF(256), b = BUF(256);

	ck_assert_uint_eq(send_command("00840000", known(""), 256, &a), 0x9000);
	ck_assert_uint_eq(send_command("00840000", known(""), 256, &b), 0x9000);
	ck_assert_uint_eq(a.n, 256);
	ck_assert(!view_equal(buf_view(&a), buf_view(&b)));
	buf_free(&a);
	buf_free(&b);
}
END_TEST

/* FIPS 197, appendix B and C.3; SP 800-67: single blocks. */
START_TEST(internal_authenticate)
{
	exchange("00880002", "3243F6A8885A308D313198A2E0370734", 0x9000,
		 "3925841D02DC09FBDC118597196A0B32");
	expect("00880000 08 0123456789ABCDE7 00", "*9000");
	/* the algorithm may be said */
	exchange("00880202", "3243F6A8885A308D313198A2E0370734", 0x9000,
		 "3925841D02DC09FBDC118597196A0B32");
	expect("00880902 04 01020304 00", "*9000");
	/* by a signature */
	expect("002241B6 06 800113 840106", "9000");
	expect("00460000 00", "*9000");
	expect("00881306 08 0102030405060708 00", "*9000");
	expect("00880000", "6700");
	expect("00880000 07 01020304050607 00", "6700");
	expect("00880000 10 01020304050607080102030405060708 00", "6700");
	expect("00880002 08 0102030405060708 00", "6700");
	expect("00880004 08 0102030405060708 00", "6A88");
	expect("00880081 08 0102030405060708 00", "6A88");
	expect("00881F00 08 0102030405060708 00", "6A81");
	/* another kind of key, a hash */
	expect("00880200 08 0102030405060708 00", "6A81");
	expect("00880800 08 0102030405060708 00", "6A81");
	expect("00880020 08 0102030405060708 00", "6A86");
}
END_TEST

/* E(K, challenge) for key 00. */
static void
prove(uint8_t spoil, const char *answer)
{
	struct buf challenge = BUF(8), response = BUF(8), out = BUF(8);
	unsigned sw;

	ck_assert_uint_eq(send_command("00840000", known(""), 8, &challenge), 0x9000);
	ck_assert_int_eq(cipher_encrypt(CIPHER_3DES, CIPHER_ECB, known(KEY_DES3), NULL,
					buf_view(&challenge), &response),
			 0);
	response.p[3] ^= spoil;
	sw = send_command("00820000", buf_view(&response), 0, &out);
	ck_assert_uint_eq(sw, (unsigned)strtoul(answer, NULL, 16));
	buf_free(&challenge);
	buf_free(&response);
	buf_free(&out);
}

START_TEST(external_authenticate)
{
	expect("00820000 08 0102030405060708", "6985");
	prove(0x01, "63C2");
	/* a challenge counts once, right or wrong */
	expect("00820000 08 0102030405060708", "6985");
	expect("00820000", "63C2");
	prove(0x00, "9000");
	expect("00820000", "9000");
	expect("00820000 08 0102030405060708", "6985");
	ck_assert_uint_eq(((struct iso *)card)->global.external, 1);
	prove(0x80, "63C2");
	ck_assert_uint_eq(((struct iso *)card)->global.external, 0);
	prove(0x01, "63C1");
	prove(0x01, "63C0");
	prove(0x00, "6983");
	expect("00820000", "6983");
	expect("00820005", "6A88");
	/* nobody counts for key 01 */
	expect("00820001", "6300");
	expect("00840000 08", "*9000");
	expect("00820001 08 0102030405060708", "6300");
	/* too short, too long */
	expect("00840000 08", "*9000");
	expect("00820001 07 01020304050607", "6300");
	/* a challenge for another kind of key */
	expect("00840000 08", "*9000");
	expect("00820002 10 01020304050607080102030405060708", "6985");
	expect("00840000 20", "*9000");
	expect("00820002 10 01020304050607080102030405060708", "6985");
}
END_TEST

START_TEST(a_key_has_its_rules)
{
	struct sam_key *k = sam_key_find(&kept->sam, 0, 1);

	k->uses = SAM_USE_INTERNAL;
	expect("00880001 08 0102030405060708 00", "*9000");
	expect("00820001", "6985");
	k->uses = SAM_USE_EXTERNAL;
	expect("00880001 08 0102030405060708 00", "6985");
	k->uses = 0;
	k->use = (struct sam_rule) { .grant = SAM_ANY, .global.user = 2 };
	expect("00880001 08 0102030405060708 00", "6982");
	expect("00200001 04 31323334", "9000");
	expect("00880001 08 0102030405060708 00", "*9000");
}
END_TEST

START_TEST(the_environment_names_the_key)
{
	expect("002241A4 06 800102 830102", "9000");
	exchange("00880000", "3243F6A8885A308D313198A2E0370734", 0x9000,
		 "3925841D02DC09FBDC118597196A0B32");
	/* P2 goes before it, and then P1 and the key's own kind say the algorithm */
	expect("00880001 08 0102030405060708 00", "6A81");
	expect("00220002 00", "6A86");
	expect("002241A4 03 830109", "9000");
	expect("00880000 10 01020304050607080102030405060708 00", "6A88");
	expect("002241A4 06 800101 830101", "9000");
	expect("00880000 08 0102030405060708 00", "*9000");
}
END_TEST

START_TEST(basic_access_has_one_length)
{
	struct buf rsp = BUF(64);
	static const uint8_t data[BAC_SIZE + 1];
	const struct view k = known(KEY_DES3);
	struct iso *iso;

	expect("00840000 08", "* 9000");
	iso = within_command();
	ck_assert_uint_eq(bac_authenticate(iso, SM_DES3, k, k, view_of(data, sizeof(data)), &rsp),
			  SW_WRONG_LENGTH);
	ck_assert_uint_eq(
		bac_authenticate(iso, SM_DES3, k, k, view_of(data, sizeof(data) - 2), &rsp),
		SW_WRONG_LENGTH);
	/* the challenge was not spent on them, and is now */
	ck_assert_uint_eq(
		bac_authenticate(iso, SM_DES3, k, k, view_of(data, sizeof(data) - 1), &rsp),
		SW_WARNING_CHANGED);
	ck_assert_uint_eq(
		bac_authenticate(iso, SM_DES3, k, k, view_of(data, sizeof(data) - 1), &rsp),
		SW_CONDITIONS);
	ck_assert_uint_eq(rsp.n, 0);
}
END_TEST

/* What cannot succeed costs neither a try nor the challenge. */
START_TEST(hopeless_responses)
{
	struct iso *iso = (struct iso *)card;
	struct sam_key *k = sam_key_add(&kept->sam, 0, 7, SAM_RSA);

	/* a key that is not made yet */
	k->tries = k->tries_max = 3;
	expect("00840000 08", "*9000");
	expect("00820C07 08 0102030405060708", "6A88");
	ck_assert_uint_eq(k->tries, 3);
	ck_assert_uint_eq(iso->channel[0].challenge_len, 8);
	/* a challenge for a key with a longer block */
	sam_key_find(&kept->sam, 0, 2)->tries = sam_key_find(&kept->sam, 0, 2)->tries_max = 3;
	expect("00820002 10 01020304050607080102030405060708", "6985");
	ck_assert_uint_eq(sam_key_find(&kept->sam, 0, 2)->tries, 3);
	/* a key that is blocked already */
	sam_key_find(&kept->sam, 0, 0)->tries = 0;
	expect("00820000 08 0102030405060708", "6983");
	ck_assert_uint_eq(iso->channel[0].challenge_len, 8);
	/* a witness is not spent by those who want a challenge, nor the other way round */
	exchange("00860002",
		 "7C24 8010 00000000000000000000000000000000 8110 3243F6A8885A308D313198A2E0370734",
		 0x6985, "");
	ck_assert_uint_eq(iso->channel[0].challenge_len, 8);
	exchange("00860002", "7C028000", 0x9000, NULL);
	expect("00820002 10 01020304050607080102030405060708", "6985");
	ck_assert_uint_eq(iso->channel[0].challenge_len, 16);
	/* to answer them the card lacks what it takes: their block is too short */
	exchange("00860002", "7C16 8010 00000000000000000000000000000000 8102 3243", 0x6A80, "");
	ck_assert_uint_eq(iso->channel[0].challenge_len, 16);
	ck_assert_uint_eq(sam_key_find(&kept->sam, 0, 2)->tries, 3);
}
END_TEST

START_TEST(general_authenticate)
{
	struct buf out = BUF(64), r = BUF(64);
	struct view v;

	/* internal */
	exchange("00860002", "7C14 8200 8110 3243F6A8885A308D313198A2E0370734", 0x9000,
		 "7C12 8210 3925841D02DC09FBDC118597196A0B32");
	exchange("00870002", "7C12 8110 3243F6A8885A308D313198A2E0370734", 0x9000,
		 "7C12 8210 3925841D02DC09FBDC118597196A0B32");
	/* external */
	ck_assert_uint_eq(send_command("00860002", known("7C028100"), 256, &out), 0x9000);
	ck_assert(view_starts(buf_view(&out), known("7C12 8110")));
	v = view_slice(buf_view(&out), 4, 16);
	buf_put_view(&r, known("7C12 8210"));
	ck_assert_int_eq(cipher_encrypt(CIPHER_AES, CIPHER_ECB, known(KEY_AES), NULL, v, &r), 0);
	buf_reset(&out);
	ck_assert_uint_eq(send_command("00860002", buf_view(&r), 0, &out), 0x9000);
	ck_assert_uint_eq(send_command("00860002", buf_view(&r), 0, &out), 0x6985);
	expect("00820002", "9000");
	/* nonsense */
	exchange("00860002", "7C00", 0x6A80, "");
	exchange("00860002", "7D028100", 0x6A80, "");
	exchange("00860002", "7C038100", 0x6A80, "");
	exchange("00860002", "7C028300", 0x6A80, "");
	exchange("00860002", "7C058103010203", 0x6A80, "");
	exchange("00860005", "7C028100", 0x6A88, "");
	expect("00860002", "6700");
	buf_free(&out);
	buf_free(&r);
}
END_TEST

/* 80 and then 80 with 81: who knows the key can tell the witness. */
static unsigned
witness(uint8_t spoil, struct buf *out)
{
	struct buf w = BUF(64), cmd = BUF(64), plain = BUF(16);
	unsigned sw;

	ck_assert_uint_eq(send_command("00860002", known("7C028000"), 256, &w), 0x9000);
	ck_assert(view_starts(buf_view(&w), known("7C12 8010")));
	ck_assert_int_eq(cipher_decrypt(CIPHER_AES, CIPHER_ECB, known(KEY_AES), NULL,
					view_slice(buf_view(&w), 4, 16), &plain), 0);
	plain.p[0] ^= spoil;
	buf_put_view(&cmd, known("7C24 8010"));
	buf_put_view(&cmd, buf_view(&plain));
	buf_put_view(&cmd, known("8110 3243F6A8885A308D313198A2E0370734"));
	sw = send_command("00860002", buf_view(&cmd), 256, out);
	buf_free(&w);
	buf_free(&cmd);
	buf_free(&plain);
	return sw;
}

START_TEST(mutual_by_witness)
{
	struct buf out = BUF(64), w = BUF(64);

	ck_assert_uint_eq(witness(0, &out), 0x9000);
	ck_assert_buf(&out, known("7C12 8210 3925841D02DC09FBDC118597196A0B32"));
	expect("00820002", "9000");
	ck_assert_uint_eq(witness(1, &out), 0x6300);
	expect("00820002", "6300");
	/* not twice */
	exchange("00860002",
		 "7C24 8010 00000000000000000000000000000000 8110 3243F6A8885A308D313198A2E0370734",
		 0x6985, "");
	/* by a key that is blocked: the witness stays as it is */
	ck_assert_uint_eq(send_command("00860002", known("7C028000"), 256, &w), 0x9000);
	sam_key_find(&kept->sam, 0, 2)->tries_max = 3;
	exchange("00860002",
		 "7C24 8010 00000000000000000000000000000000 8110 3243F6A8885A308D313198A2E0370734",
		 0x6983, "");
	sam_key_find(&kept->sam, 0, 2)->tries_max = 0;
	buf_reset(&w);
	/* by no key */
	exchange("00860005",
		 "7C24 8010 00000000000000000000000000000000 8110 3243F6A8885A308D313198A2E0370734",
		 0x6A88, "");
	/* a witness as it was given out is no response */
	ck_assert_uint_eq(send_command("00860002", known("7C028000"), 256, &w), 0x9000);
	w.p[2] = 0x82;
	ck_assert_uint_eq(send_command("00860002", buf_view(&w), 0, &out), 0x6985);
	buf_free(&out);
	buf_free(&w);
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("iso_auth");

	tcase_add_checked_fixture(tc, isocard_open, isocard_close);
	tcase_add_test(tc, verify);
	tcase_add_test(tc, verify_with_a_data_object);
	tcase_add_test(tc, until_blocked);
	tcase_add_test(tc, a_try_is_committed_before_it_is_compared);
	tcase_add_test(tc, no_disk_no_verification);
	tcase_add_test(tc, change);
	tcase_add_test(tc, reset_retry_counter);
	tcase_add_test(tc, not_asked_for);
	tcase_add_test(tc, a_disabled_pin_opens_files);
	tcase_add_test(tc, local_references);
	tcase_add_test(tc, not_usable);
	tcase_add_test(tc, get_challenge);
	tcase_add_test(tc, challenges_are_random);
	tcase_add_test(tc, internal_authenticate);
	tcase_add_test(tc, external_authenticate);
	tcase_add_test(tc, a_key_has_its_rules);
	tcase_add_test(tc, the_environment_names_the_key);
	tcase_add_test(tc, basic_access_has_one_length);
	tcase_add_test(tc, hopeless_responses);
	tcase_add_test(tc, general_authenticate);
	tcase_add_test(tc, mutual_by_witness);
	return run("iso_auth", tc);
}
