/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The IsoApplet, in what it does differently from its base. */
#include "cards/isoapplet/isoapplet.h"

#include <string.h>

#include "codec/tlv.h"
#include "crypto/digest.h"
#include "crypto/ec.h"
#include "known.h"
#include "model/key.h"
#include "support.h"
#include "thecard.h"

#define AID "F276A288BCFBA69D34F31001"
#define PIN "31323334353600000000000000000000"
#define PUK "30313233343536373839616263646566"
#define OTHER "36353433323100000000000000000000"

/* P-256 by its domain parameters, as the driver sends them. */
#define P256 \
	"8120 FFFFFFFF00000001000000000000000000000000FFFFFFFFFFFFFFFFFFFFFFFF" \
	"8220 FFFFFFFF00000001000000000000000000000000FFFFFFFFFFFFFFFFFFFFFFFC" \
	"8320 5AC635D8AA3A93E7B3EBBD55769886BC651D06B0CC53B0F63BCE3C3E27D2604B" \
	"8441 046B17D1F2E12C4247F8BCE6E563A440F277037D812DEB33A0F4A13945D898C296" \
	"4FE342E2FE1A7F9B8EE7EB4A7C0F9E162BCE33576B315ECECBB6406837BF51F5" \
	"8520 FFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551" \
	"8702 0001"

static const struct card_env env;

/* As isoapplet.json has it: a PIN that is not set yet, and its PUK. */
static void
setup(void)
{
	struct state *state = state_new();
	struct card_config cfg = { .state = state };
	struct sam_pin *pin = sam_pin_add(&state->sam, 0, 1);

	pin->life = SAM_UNSET;
	pin->code = (struct sam_code) {
		.min = 4, .max = 16, .pad = SAM_PAD_00, .tries = 3, .tries_max = 3
	};
	pin->puk = (struct sam_code) { .min = 16, .max = 16, .tries = 5, .tries_max = 5 };
	card = isoapplet_type.open(&isoapplet_type, &cfg, &env);
	ck_assert_ptr_nonnull(card);
}

static void
teardown(void)
{
	card->ops->free(card);
}

static void
set_pin(void)
{
	expect("00240102 10" PUK, "9000");
	expect("00240101 10" PIN, "9000");
}

START_TEST(the_application)
{
	expect("00A40400 0C" AID, "000607 9000"); /* at once, without Le */
	expect("00A40400 0C" AID "00", "000607 9000");
	expect("00A4040C 0C" AID, "9000");
	expect("00A40400 0B F276A288BCFBA69D34F310", "6A82");
	expect("00A40400 05 A000000001", "6A82");
	expect("00A40400 0C A000000063504B43532D3135", "6A82");
	expect("00CA0101 03", "01002F 9000");
	expect("00A40408 0C" AID "00", "6A86");
	expect("00A40402 0C" AID "00", "6A86");
	expect("00CA0102 03", "6A86");
}
END_TEST

/* To be made: all may be done, and is then bound. */
START_TEST(until_there_is_a_pin)
{
	expect("00200001", "9000"); /* nothing to prove yet */
	expect("00E00000 17 6F14 8102 0010 820101 8302 4001 8608 FF90FF9090909000", "6A80");
	expect("00E00000 17 6F15 8102 0010 820101 8302 4001 8608 FF90FF9090909000", "9000");
	expect("00D60000 01 AA", "9000");
	set_pin();
	expect("00240102 10" PUK, "6A86"); /* only once */
	expect("00240101 10" OTHER, "6A86");
	expect("00200001", "63C3");
	expect("00D60000 01 AA", "6982");
	expect("00B00000 01", "AA 9000");
	expect("00200001 10" PIN, "9000");
	expect("00D60000 01 BB", "9000");
	expect("00A40400 0C" AID, "000607 9000"); /* to select it is to log out */
	expect("00200001", "63C3");
}
END_TEST

START_TEST(the_application_has_a_directory_once_it_was_made)
{
	expect("00E00000 0D 6F0C 8102 1388 820138 8302 5015", "6A80");
	expect("00E00000 0D 6F0B 8102 1388 820138 8302 5015", "9000");
	expect("00E00000 0D 6F0B 8102 0010 820101 8302 5031", "9000");
	expect("00A40400 0C" AID, "000607 9000");
	expect("00A4020C 02 5031", "9000");
}
END_TEST

START_TEST(pin_and_puk)
{
	set_pin();
	expect("00240001 20" OTHER OTHER, "63C2");
	expect("00240001 20" PIN OTHER, "9000");
	expect("00200001 10" PIN, "63C2");
	expect("00200001 10" PIN, "63C1");
	expect("00200001 10" PIN, "63C0");
	expect("00200001 10" OTHER, "63C0"); /* blocked */
	expect("00200001", "63C0");
	expect("00240001 20" OTHER PIN, "63C0");
	expect("002C0001 20" OTHER PIN, "63C4");
	expect("002C0001 20" PUK PIN, "9000");
	expect("00200001 10" PIN, "9000");
	expect("00200002", "6A86");
	expect("00200081", "6A86");
	expect("00200081 10" PIN, "6A86");
	expect("0020FF01", "6A86");
}
END_TEST

/* A length that cannot be right is no try. */
START_TEST(lengths_that_cannot_be)
{
	expect("002C0001 20" PUK PIN, "6986"); /* nothing to be unblocked yet */
	expect("00240001 20" PIN OTHER, "6A86");
	expect("00240101 03 313233", "6700");
	expect("00240101 11 3132333435363738393031323334353637", "6700");
	set_pin();
	expect("00240001 0C 313233343536363534333231", "6700");
	expect("00240001 21" PIN OTHER "00", "6700");
	expect("00240001 1F" PIN "363534333231000000000000000000", "6700");
	expect("00200001 03 313233", "6700");
	expect("00200001 11" PIN "00", "6700");
	expect("002C0001 13" PUK "313233", "6700");
	expect("002C0001 21" PUK PIN "00", "6700");
	expect("002C0101 10" PUK, "6700");
	expect("002C0301", "6700");
	expect("002C0101 14" PUK "31323334", "6A86");
	expect("00200001", "63C3");
	expect("00200001 06 313233343536", "9000"); /* filled up or not */
}
END_TEST

START_TEST(a_puk_that_is_blocked)
{
	static const char *left[] = { "63C4", "63C3", "63C2", "63C1", "63C0", "63C0" };
	size_t i;

	set_pin();
	for (i = 0; i < sizeof(left) / sizeof(*left); i++)
		expect("002C0001 20" OTHER PIN, left[i]);
	expect("002C0001 20" PUK PIN, "63C0");
}
END_TEST

START_TEST(a_puk_that_is_none)
{
	expect("00240102 02 3031", "6700");
	expect("00240102 11 3031323334353637383961626364656667", "6700");
	expect("00240102 10" PUK, "9000");
	expect("00240102 10" PUK, "6A86"); /* only once */
	expect("00240101 10" PIN, "9000");
	/* a card that has no PIN at all: an image may be like that */
	sam_free(&((struct iso *)card)->state->sam);
	expect("00240102 10" PUK, "6A88");
}
END_TEST

/* The PIN without a PUK: there never is one. */
START_TEST(a_card_without_a_puk)
{
	expect("00240101 10" PIN, "9000");
	expect("00240102 10" PUK, "6A86");
	expect("002C0001 20" PUK PIN, "63C0");
}
END_TEST

/* The applet's own, GET RESPONSE of the transport, and no instruction more. */
static bool
applet_has(unsigned ins)
{
	static const uint8_t own[] = {
		0x20, 0x22, 0x24, 0x2a, 0x2c, 0x46, 0x84, 0xa4, 0xb0, 0xc0, 0xca, 0xd6,
		0xdb, 0xe0, 0xe4,
	};

	return memchr(own, (int)ins, sizeof(own));
}

START_TEST(no_instruction_of_the_base)
{
	char command[16];
	unsigned ins;

	set_pin();
	expect("00200001 10" PIN, "9000");
	for (ins = 0; ins < 0x100; ins++) {
		snprintf(command, sizeof(command), "00%02X0000", ins);
		if (!applet_has(ins))
			expect(command, "6D00");
	}
	expect("00A40000 02 3F00 00", "* 9000"); /* not ended */
}
END_TEST

/* Of what its own instructions can do in the base, what the applet does. */
START_TEST(nothing_more_of_its_own_instructions)
{
	set_pin();
	expect("00200001 10" PIN, "9000");
	expect("0022F201", "6700");
	expect("0022F201 03 800111", "6A81"); /* STORE */
	expect("0022F301 01 00", "6A81");
	expect("0022F401 01 00", "6A81");
	expect("002281B6 06 800111 840105", "6A81");
	expect("002241A4 06 800111 840105", "6A81");
	expect("002271B6 06 800111 840105", "6A81");
	expect("00DB0000 03 5C0100", "6A86");
	expect("00DB3FFF 05 0101 02AABB", "6A80");
	expect("00E00100 0F 6F0D 81020010 820101 83024001 8800", "6A86");
	expect("00E40000", "6700");
	expect("00E40200 02 4001", "6A86");
	expect("01200001", "6881");
	expect("0C200001", "6882");
	expect("04200001", "6882");
}
END_TEST

/* The public point in an answer of 7F49, with the parameters in front as they were sent. */
static void
generate_ec(struct ec **public)
{
	struct buf rsp = BUF(CARD_RESPONSE_MAX);
	struct view v, point;
	struct tlv t;

	expect("00224100 06 8001EC 840103", "9000");
	ck_assert_int_eq(talk(card, "00460000 0000CF" P256 "0000", &rsp), 0);
	ck_assert_uint_eq(rsp.p[rsp.n - 2], 0x90);
	v = view_slice(buf_view(&rsp), 0, rsp.n - 2);
	ck_assert(tlv_next(&v, &t) && t.tag == 0x7f49);
	ck_assert(view_starts(t.value, known(P256)));
	ck_assert(tlv_find(t.value, 0x86, &point));
	ck_assert_int_eq(ec_public(public, CURVE_P256, point), 0);
	buf_free(&rsp);
}

/* Sign 20 bytes, and check that these are what was signed. */
static void
sign_ec(const struct ec *public, struct view signed_)
{
	struct buf rsp = BUF(CARD_RESPONSE_MAX);

	expect("002241B6 06 800121 840103", "9000");
	ck_assert_int_eq(
		talk(card, "002A9E9A 14 000102030405060708090A0B0C0D0E0F10111213 00", &rsp), 0);
	ck_assert_uint_eq(rsp.p[rsp.n - 2], 0x90);
	ck_assert_int_eq(
		ec_verify(public, EC_FORM_DER, signed_, view_slice(buf_view(&rsp), 0, rsp.n - 2)),
		0);
	buf_free(&rsp);
}

START_TEST(two_versions_of_ecdsa)
{
	struct view message = known("000102030405060708090A0B0C0D0E0F10111213");
	struct buf hash = BUF(DIGEST_MAX);
	struct ec *public;

	ck_assert_int_eq(digest_once(DIGEST_SHA1, message, &hash), 0);
	generate_ec(&public);
	set_pin();
	expect("002241B6 06 800121 840103", "9000");
	expect("002A9E9A 14 000102030405060708090A0B0C0D0E0F10111213 00", "6982");
	expect("00200001 10" PIN, "9000");
	sign_ec(public, buf_view(&hash)); /* it hashes */
	expect("00CA0101 03", "01002F 9000");
	sign_ec(public, message); /* it was asked for version 1, and does not */
	expect("00A40400 0C" AID, "000607 9000");
	expect("00200001 10" PIN, "9000");
	sign_ec(public, buf_view(&hash));
	ec_free(public);
	buf_free(&hash);
}
END_TEST

START_TEST(key_generation_is_named_and_guarded)
{
	expect("00464200 00", "6985"); /* no template */
	expect("00224100 03 800111", "9000");
	expect("00464200 00", "6985"); /* no key in it */
	expect("00224100 06 800199 840103", "9000");
	expect("00464200 00", "6A81");
	expect("00224100 06 8001F3 840103", "9000");
	expect("00460000 00", "6A86"); /* which is for EC */
	expect("00224100 06 8001EC 840110", "9000");
	expect("00460000 CF" P256 "00", "6A88"); /* keys are 0 to 15 */
	expect("00224100 06 8001EC 840103", "9000");
	expect("00460000 03 810101 00", "6A80");
	set_pin();
	expect("00460000 CF" P256 "00", "6982");
}
END_TEST

/* A key of 1024 bits (known(), from a generator that is not ours), imported in parts. */
START_TEST(import_and_use)
{
	struct rsa *key;
	struct buf parts = BUF(2048), number = BUF(256), hex = BUF(8192), rsp = BUF(4096),
		   want = BUF(512);
	static const enum rsa_part order[] = {
		RSA_PART_P, RSA_PART_Q, RSA_PART_QINV, RSA_PART_DP, RSA_PART_DQ,
	};
	char command[2048];
	size_t i, mark;

	ck_assert_int_eq(rsa_generate(&key, 1024, known("010001"), NULL, NULL), 0);
	mark = tlv_open(&parts, 0x7f48);
	for (i = 0; i < 5; i++) {
		ck_assert_int_eq(rsa_get(key, order[i], &number), 0);
		tlv_put(&parts, (uint32_t)(0x92 + i), buf_view(&number));
		buf_reset(&number);
	}
	tlv_close(&parts, mark);
	hex_write(&hex, buf_view(&parts));
	buf_u8(&hex, 0);
	/* in two parts, as a reader of short APDUs sends it */
	snprintf(command, sizeof(command), "10DB3FFF C8 %.400s", (char *)hex.p);
	expect(command, "9000");
	snprintf(command, sizeof(command), "00DB3FFF %02X %s", (unsigned)(parts.n - 200),
		 (char *)hex.p + 400);
	expect(command, "6985");
	expect("00224100 06 800111 840105", "9000");
	snprintf(command, sizeof(command), "10DB3FFF C8 %.400s", (char *)hex.p);
	expect(command, "9000");
	snprintf(command, sizeof(command), "00DB3FFF %02X %s", (unsigned)(parts.n - 200),
		 (char *)hex.p + 400);
	expect(command, "9000");
	set_pin();
	expect("00200001 10" PIN, "9000");
	expect("002241B6 06 800111 840105", "9000");
	expect("002A9E9E 03 010203 00", "6A86");
	ck_assert_int_eq(talk(card, "002A9E9A 03 010203 00", &rsp), 0);
	ck_assert_int_eq(rsa_sign_pkcs1(key, known("010203"), &want), 0);
	ck_assert_view(view_slice(buf_view(&rsp), 0, rsp.n - 2), buf_view(&want));
	expect("002241B6 06 800112 840105", "9000");
	expect("002A9E9A 03 010203 00", "6A80"); /* no hash is that long */
	expect("002A9E9A 14 000102030405060708090A0B0C0D0E0F10111213 00", "* 9000");
	expect("002241B6 06 800121 840105", "9000");
	expect("002A9E9A 03 010203 00", "6A81"); /* not such a key */
	expect("002241B8 06 800111 840105", "9000");
	expect("002A8086 04 00010203 00", "6A80");
	expect("002A8084 04 00010203 00", "6A86");
	/* what neither signing nor deciphering knows */
	expect("002241B6 06 800199 840105", "9000");
	expect("002A9E9A 03 010203 00", "6A81");
	expect("002241B8 06 800112 840105", "9000");
	expect("002A8086 04 00010203 00", "6A81");
	expect("002241B8 06 800111 840105", "9000");
	expect("002A8086 04 01010203 00", "6A80");
	rsa_free(key);
	buf_free(&parts);
	buf_free(&number);
	buf_free(&hex);
	buf_free(&rsp);
	buf_free(&want);
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("isoapplet");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, the_application);
	tcase_add_test(tc, until_there_is_a_pin);
	tcase_add_test(tc, the_application_has_a_directory_once_it_was_made);
	tcase_add_test(tc, pin_and_puk);
	tcase_add_test(tc, lengths_that_cannot_be);
	tcase_add_test(tc, a_puk_that_is_blocked);
	tcase_add_test(tc, a_puk_that_is_none);
	tcase_add_test(tc, a_card_without_a_puk);
	tcase_add_test(tc, no_instruction_of_the_base);
	tcase_add_test(tc, nothing_more_of_its_own_instructions);
	tcase_add_test(tc, two_versions_of_ecdsa);
	tcase_add_test(tc, key_generation_is_named_and_guarded);
	tcase_add_test(tc, import_and_use);
	return run("isoapplet", tc);
}
