/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The PIV card beyond what its scripts say: RSA, images that are otherwise, signatures
 * that are right.
 */
#include "cards/piv/piv.h"

#include <errno.h>
#include <stdio.h>

#include "command_ends.h"
#include "known.h"
#include "model/key.h"
#include "model/object.h"
#include "support.h"

#define PIN "313233343536FFFF"

static void
setup(void)
{
	open_new_card(&piv_type, NULL, NULL);
}

/* An image with this in the DF of the application. */
static const char *
image(const char *in_df)
{
	static char text[4096];

	snprintf(text, sizeof(text),
		 "{ \"format\": 2, \"type\": \"piv\", \"serial\": \"FFFFFFFF\", %s"
		 " \"mf\": { \"files\": [ { \"fid\": \"1001\", \"structure\": \"df\","
		 " \"fcp\": { \"name\": \"A000000308000010000100\" }, \"application\": \"piv\", \"selected\": true, %s } ] } }",
		 "\"pins\": [ { \"ref\": 0, \"value\": \"text:24681012\", \"min\": 6, \"padding\": \"FF\" } ],", in_df);
	return text;
}

static void
open_image(const char *in_df)
{
	open_new_card(&piv_type, image(in_df), NULL);
}

static void
prove_admin(void)
{
	proofs_own(&iso()->channel[0].proven, iso()->state->fs.mf->children)->external |=
		UINT32_C(1) << 0x1b;
}

/* --- RSA ------------------------------------------------------------------------------------- */

static const enum rsa_part parts[] = { RSA_PART_P, RSA_PART_Q, RSA_PART_DP, RSA_PART_DQ,
				       RSA_PART_QINV };

/* The private key as IMPORT wants it: each number half as long as the modulus. */
static void
put_import(struct buf *data, const struct rsa *rsa, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++) {
		size_t mark = tlv_open(data, (uint32_t)i + 1);

		ck_assert_int_eq(rsa_get(rsa, parts[i], data), 0);
		tlv_close(data, mark);
	}
}

/* RSA of one size: brought, and what it does undone by the public half. */
static void
use_rsa(size_t bits, uint8_t algorithm)
{
	struct buf data = BUF(4096), out = BUF(4096), block = BUF(RSA_KEY_SIZE_MAX),
		   back = BUF(RSA_KEY_SIZE_MAX);
	struct view outer, result;
	struct rsa *rsa;
	size_t mark;

	ck_assert_int_eq(rsa_generate(&rsa, bits, view_of(NULL, 0), NULL, NULL), 0);
	put_import(&data, rsa, 5);
	ck_assert_uint_eq(ask(0xfe, (uint16_t)(algorithm << 8 | 0x9e), buf_view(&data), &out),
			  0x9000);
	buf_fill(&block, 0x00, 1);
	buf_fill(&block, 0x5a, bits / 8 - 1);
	buf_reset(&data);
	mark = tlv_open(&data, 0x7c);
	tlv_put(&data, 0x82, view_of(NULL, 0));
	tlv_put(&data, 0x81, buf_view(&block));
	tlv_close(&data, mark);
	ck_assert_uint_eq(ask(0x87, (uint16_t)(algorithm << 8 | 0x9e), buf_view(&data), &out),
			  0x9000);
	ck_assert(tlv_find(buf_view(&out), 0x7c, &outer) && tlv_find(outer, 0x82, &result));
	ck_assert_int_eq(rsa_raw_public(rsa, result, &back), 0);
	ck_assert_buf(&back, buf_view(&block));
	rsa_free(rsa);
	buf_free(&data);
	buf_free(&out);
	buf_free(&block);
}

START_TEST(rsa_of_each_size)
{
	static const struct {
		size_t bits;
		uint8_t algorithm;
	} sizes[] = { { 1024, 0x06 }, { 2048, 0x07 }, { 3072, 0x05 } };

	prove_admin();
	use_rsa(sizes[_i].bits, sizes[_i].algorithm);
}
END_TEST

START_TEST(rsa_that_is_not_all_there)
{
	struct buf data = BUF(4096), out = BUF(4096);
	struct rsa *rsa;

	prove_admin();
	ck_assert_int_eq(rsa_generate(&rsa, 1024, view_of(NULL, 0), NULL, NULL), 0);
	put_import(&data, rsa, 4);
	ck_assert_uint_eq(ask(0xfe, 0x069a, buf_view(&data), &out), 0x6a80);
	buf_reset(&data);
	put_import(&data, rsa, 5);
	ck_assert_uint_eq(ask(0xfe, 0x079a, buf_view(&data), &out), 0x6a80);
	data.p[data.n - 1] ^= 1;
	ck_assert_uint_eq(ask(0xfe, 0x069a, buf_view(&data), &out), 0x6a80);
	ck_assert_uint_eq(out.n, 0);
	expect("00F7009A", "6A88");
	rsa_free(rsa);
	buf_free(&data);
}
END_TEST

/* Primes that are shorter than they are sent: the modulus would be, too. */
START_TEST(rsa_that_is_shorter)
{
	struct buf data = BUF(4096), out = BUF(4096);
	struct rsa *rsa;
	size_t i;

	prove_admin();
	ck_assert_int_eq(rsa_generate(&rsa, 1008, view_of(NULL, 0), NULL, NULL), 0);
	for (i = 0; i < 5; i++) {
		size_t mark = tlv_open(&data, (uint32_t)i + 1);

		buf_u8(&data, 0);
		ck_assert_int_eq(rsa_get(rsa, parts[i], &data), 0);
		tlv_close(&data, mark);
	}
	ck_assert_uint_eq(ask(0xfe, 0x069a, buf_view(&data), &out), 0x6a80);
	expect("00F7009A", "6A88");
	rsa_free(rsa);
	buf_free(&data);
}
END_TEST

/* --- signatures ------------------------------------------------------------------- */

#define HASH "9834876DCFB05CB167A5C24953EBA58C4AC89B1ADF57F28F2F9D09AF107EE8F0"

START_TEST(what_it_signs_is_right)
{
	struct buf out = BUF(1024);
	struct view outer, signature;
	struct sam_key *k;

	prove_admin();
	expect("0047009E 05 AC03800111", "7F49*9000");
	ck_assert_uint_eq(ask(0x87, 0x119e, known("7C24 8200 8120" HASH), &out), 0x9000);
	k = sam_key_find(&iso()->state->sam, iso()->state->fs.mf->children->uid, 0x1e);
	ck_assert(tlv_find(buf_view(&out), 0x7c, &outer) && tlv_find(outer, 0x82, &signature));
	ck_assert_int_eq(ec_verify(key_ec(k), EC_FORM_DER, known(HASH), signature), 0);
	buf_free(&out);
}
END_TEST

/* --- images that say otherwise ---------------------------------------------------- */

START_TEST(says_what_its_image_says)
{
	open_image(
		"\"fields\": { \"label\": \"A card\", \"version\": \"040300\", \"algorithms\": \"0711\" }");
	expect("00A4040005A000000308",
	       "6124 4F06000010000100 79074F05A000000308 5006412063617264 AC0980010780011106 0100 9000");
	expect("00FD0000", "040300 9000");
	/* printed as a signed number: never negative; the end of a longer one */
	expect("00F80000", "7FFFFFFF 9000");
	ck_assert(buf_set(&iso()->state->serial, known("0102030405060708")));
	expect("00F80000", "05060708 9000");
	/* there is no PIN of the application, and no management key */
	expect("00200080", "6A88");
	expect("00240081 10 31323334353637383132333435363738", "6A88");
	expect("002C0080 10 31323334353637383132333435363738", "6A88");
	expect("0087039B 04 7C028000", "6A88");
	expect("00F70080", "6A88");
	expect("00F70081", "6A88");
	expect("00F7009B", "6A88");
	expect("00FB0000", "6985");
	prove_admin();
	expect("00FA0303", "6A88");
	expect("0047009E 05 AC03800114", "6A80");
	expect("0047009E 05 AC03800111", "7F49*9000");
}
END_TEST

#define SIGNS "\"keys\": [ { \"ref\": 26, \"kind\": \"aes\", \"value\": \"000102030405060708090A0B0C0D0E0F\" } ]"

START_TEST(global_pin)
{
	open_image("\"objects\": { \"7E\": \"4F0BA000000308000010000100 5F2F026020\" }, " SIGNS);
	/* FIPS 197, C.1 */
	expect("0087089A 16 7C14 8200 8110 00112233445566778899AABBCCDDEEFF", "6982");
	expect("00200000", "63C3");
	expect("00200000 08 3234363831303132", "9000");
	expect("0087089A 16 7C14 8200 8110 00112233445566778899AABBCCDDEEFF",
	       "7C12 8210 69C4E0D86A7B0430D8CDB78070B4C55A 9000");
	expect("0087089A 15 7C13 8200 810F 00112233445566778899AABBCCDDEE", "6A80");
	expect("0087089A 16 7C14 8200 8510 00112233445566778899AABBCCDDEEFF", "6A80");
	expect("00F7009A", "010108 02020201 030102 9000");
	expect("0020FF00", "9000");
	expect("0087089A 16 7C14 8200 8110 00112233445566778899AABBCCDDEEFF", "6982");
	expect("00240000 10 3234363831303132 3234363831303133", "9000");
	expect("0087089A 16 7C14 8200 8110 00112233445566778899AABBCCDDEEFF",
	       "7C12 8210 69C4E0D86A7B0430D8CDB78070B4C55A 9000");
}
END_TEST

START_TEST(global_pin_that_does_not_count)
{
	open_image("\"objects\": { \"7E\": \"4F0BA000000308000010000100 5F2F024000\" }, " SIGNS);
	expect("00200000 08 3234363831303132", "9000");
	expect("0087089A 16 7C14 8200 8110 00112233445566778899AABBCCDDEEFF", "6982");
}
END_TEST

/* What a key does not say of itself its place says; it takes that along. */
START_TEST(policies_of_an_image)
{
	open_image(
		"\"keys\": [ { \"ref\": 28, \"kind\": \"aes\", \"value\": \"000102030405060708090A0B0C0D0E0F\" },"
		" { \"ref\": 30, \"kind\": \"aes\", \"value\": \"000102030405060708090A0B0C0D0E0F\","
		" \"fields\": { \"pin_policy\": \"once\", \"touch_policy\": \"cached\", \"origin\": \"generated\" } } ]");
	expect("00F7009C", "010108 02020301 030102 9000");
	expect("00F7009E", "010108 02020203 030101 9000");
	prove_admin();
	expect("00F6829C", "9000");
	expect("00F70082", "010108 02020301 030102 9000");
	/* no attestation of what has no public half */
	expect("00F99E00", "6A88");
}
END_TEST

/* A key that PIV has no number for is there, and of no use. */
START_TEST(key_of_another_kind)
{
	open_image(
		"\"keys\": [ { \"ref\": 30, \"kind\": \"ec\", \"bits\": 521, \"value\": \"06052B81040023 8801 05\" } ]");
	expect("0087119E 06 7C0481011182", "6A80");
	expect("0087119E 07 7C05 8200 810111", "6A86");
	expect("00F7009E", "6A88");
}
END_TEST

/* --- attestation ------------------------------------------------------------------ */

START_TEST(attestation_of_its_owner)
{
	struct object *o;
	struct file *df = iso()->state->fs.mf->children;

	/* a certificate without its key is not the card's to replace */
	prove_admin();
	expect("00DB3FFF 0A 5C035FFF01 5303 700130", "9000");
	expect("0047009A 05 AC03800111", "7F49*9000");
	expect("00F99A00", "6A88");
	expect("00F700F9", "6A88");
	o = object_find(df, PIV_OBJECT_ATTESTATION);
	ck_assert_uint_eq(o->value.n, 3);
	/* with a key it is, but says nothing of whose it is */
	expect("00FE11F9 22 0620" HASH, "9000");
	expect("00F99A00", "6A88");
}
END_TEST

/* --- memory that ends ------------------------------------------------------------- */

#define ED_KEY "9D61B19DEFFD5A60BA844AF492EC2CC44449C5697B326919703BAC031CAE7F60"

/*
 * What is refused has changed nothing; the attestation key is the card's making, and
 * comes first.
 */
static const struct {
	const char *before, *command;
	bool attests;
} at_the_end_of_memory[] = {
	{ NULL, "0047009A 0B AC09800111 AA0102 AB0101", false },
	{ NULL, "0047009A 05 AC0380 01E0", false },
	{ NULL, "0047009A 05 AC03800106", false },
	{ NULL, "00FEE09A 22 0720" ED_KEY, false },
	{ NULL, "00FE1182 22 0620" HASH, false },
	{ NULL, "00FFFFFE 13 089B10 000102030405060708090A0B0C0D0E0F", false },
	{ NULL, "00DB3FFF 0A 5C035FC105 5303 700141", false },
	{ "00FE1182 22 0620" HASH, "00F68382", false },
	{ NULL, "00FB0000", false },
	{ "0047009A 05 AC03800111", "00F99A00 000000", true },
	{ NULL, "00F700F9", true },
	{ NULL, "00CB3FFF 05 5C035FFF01 00", true },
};

START_TEST(no_memory)
{
	const char *before = at_the_end_of_memory[_i].before;
	bool hit = true;
	unsigned long n;
	unsigned sw;

	for (n = 1; hit; n++) {
		setup();
		prove_admin();
		iso()->state->sam.pins->code.tries = iso()->state->sam.pins->puk.tries = 0;
		if (before)
			expect(before, "*9000");
		prove_admin();
		sw = command_ends(at_the_end_of_memory[_i].command, n, &hit);
		ck_assert_uint_eq(sw >> 8 == 0x61 ? 0x9000 : sw, hit ? 0x6a84 : 0x9000);
		if (hit && !at_the_end_of_memory[_i].attests)
			ck_assert_uint_eq(commits, 0);
	}
	ck_assert_uint_gt(n, 2);
}
END_TEST

/* The disk that fails while the attestation key is kept: it is not there, and made anew later. */
static int
fail_commit(void *ctx, struct state *s, unsigned changed)
{
	(void)ctx;
	(void)s;
	return changed & STATE_CONTENTS && commits++ == 0 ? -EIO : 0;
}

START_TEST(attestation_that_is_not_kept)
{
	made.env.commit = fail_commit;
	iso_adopt(iso());
	commits = 0;
	expect("00F700F9", "6581");
	ck_assert_ptr_null(object_find(iso()->state->fs.mf->children, PIV_OBJECT_ATTESTATION));
	ck_assert_uint_eq(commits, 1);
	expect("00F700F9", "010111 02020101 030101*9000");
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("piv");

	tcase_add_checked_fixture(tc, setup, close_card);
	tcase_add_loop_test(tc, rsa_of_each_size, 0, 3);
	tcase_add_test(tc, rsa_that_is_not_all_there);
	tcase_add_test(tc, rsa_that_is_shorter);
	tcase_add_test(tc, what_it_signs_is_right);
	tcase_add_test(tc, says_what_its_image_says);
	tcase_add_test(tc, global_pin);
	tcase_add_test(tc, global_pin_that_does_not_count);
	tcase_add_test(tc, policies_of_an_image);
	tcase_add_test(tc, key_of_another_kind);
	tcase_add_test(tc, attestation_of_its_owner);
	tcase_add_loop_test(tc, no_memory, 0,
			    sizeof(at_the_end_of_memory) / sizeof(*at_the_end_of_memory));
	tcase_add_test(tc, attestation_that_is_not_kept);
	return run("piv", tc);
}
