/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Security environments and operations, as commands to the plain card. */
#include "codec/tlv.h"
#include "isocard.h"
#include "rsa_known.h"

#define A64 \
	"61616161616161616161616161616161616161616161616161616161616161616161616161616161" \
	"616161616161616161616161616161616161616161616161"

/* SP 800-38A: the key of these examples, blocks 1 and 2 */
#define BLOCKS "6BC1BEE22E409F96E93D7E117393172A AE2D8A571E03AC9C9EB76FAC45AF8E51"

static struct buf out = BUF(70000);

static void
teardown(void)
{
	isocard_close();
	buf_free(&out);
}

static const struct se *
se(void)
{
	return &((struct iso *)card)->channel[0].se;
}

/* --- MANAGE SECURITY ENVIRONMENT -------------------------------------------------- */

START_TEST(set)
{
	expect("002241B6 06 800110 840101", "9000");
	expect("002241B6 03 840102", "9000");
	ck_assert_view(se_template(se(), SE_DST, SE_MAKE), known("800110 840102"));
	expect("0022C1A4 03 830101", "9000");
	ck_assert_view(se_template(se(), SE_AT, SE_CHECK), known("830101"));
	ck_assert_view(se_template(se(), SE_AT, SE_MAKE), known("830101"));
	expect("00224100 03 840101", "9000");
	/* form is all: no such algorithm, no such key */
	expect("002241B6 06 8001FF 840109", "9000");
	expect("002241B6 02 8401", "6A80");
	expect("002241B6", "6700");
	expect("002201B6 03 840102", "6A86");
	expect("002242B6 03 840102", "6A86");
	expect("002241B7 03 840102", "6A86");
	ck_assert_view(se_template(se(), SE_DST, SE_MAKE), known("8001FF 840109"));
	ck_assert_int_eq(card_power(card, CARD_RESET), 0);
	ck_assert(se_is_empty(se()));
}
END_TEST

START_TEST(store_and_restore)
{
	expect("002241B6 06 800110 840101", "9000");
	expect("0022F305", "6A88");
	expect("0022F405", "6A88");
	expect("0022F205", "9000");
	ck_assert_uint_eq(commits, 1);
	/* where an image has what the MF owns */
	ck_assert_ptr_nonnull(sam_se_find(&kept->sam, 0, 5));
	expect("002241B6 03 840102", "9000");
	expect("0022F305", "9000");
	ck_assert_view(se_template(se(), SE_DST, SE_MAKE), known("800110 840101"));
	ck_assert_uint_eq(se()->number, 5);
	expect("0022F300", "9000");
	ck_assert(se_is_empty(se()));
	ck_assert_uint_eq(se()->number, 0);
	ck_assert_int_eq(card_power(card, CARD_RESET), 0);
	expect("0022F305", "9000");
	ck_assert_view(se_template(se(), SE_DST, SE_MAKE), known("800110 840101"));
	expect("0022F405", "9000");
	expect("0022F305", "6A88");
	expect("0022F200", "6A86");
	expect("0022F2FF", "6A86");
	expect("0022F205 01 00", "6700");
	expect("0022F505", "6A86");
	expect("0022F105", "6A86");
}
END_TEST

/* The card's memory is bounded, for environments and keys as for files. */
START_TEST(memory)
{
	unsigned n = 0;

	kept->fs.quota = kept->fs.used + 2000;
	expect("002241B6 06 800113 840101", "9000");
	while (n < 100) {
		struct buf cmd = BUF(16);
		unsigned sw;

		buf_put_view(&cmd, known("0022F2"));
		buf_u8(&cmd, (uint8_t)++n);
		sw = send_raw(buf_view(&cmd), &out);
		buf_free(&cmd);
		if (sw != 0x9000) {
			ck_assert_uint_eq(sw, 0x6a84);
			break;
		}
	}
	ck_assert_uint_gt(n, 10);
	ck_assert_uint_lt(n, 60);
	exchange("00460000", "", 0x6a84, "");
	ck_assert_ptr_nonnull(sam_key_find(&kept->sam, 0, 1));
	ck_assert_int_eq(sam_key_find(&kept->sam, 0, 1)->kind, SAM_DES3);
	exchange("00460000", "B606 800113 840109", 0x6a84, "");
	ck_assert_ptr_null(sam_key_find(&kept->sam, 0, 9));
	/* what goes makes room */
	while (--n > 0) {
		struct buf cmd = BUF(16);

		buf_put_view(&cmd, known("0022F4"));
		buf_u8(&cmd, (uint8_t)n);
		ck_assert_uint_eq(send_raw(buf_view(&cmd), &out), 0x9000);
		buf_free(&cmd);
	}
	exchange("00460000", "B606 800113 840109", 0x9000, NULL);
}
END_TEST

/* --- HASH ------------------------------------------------------------------------- */

START_TEST(hash)
{
	expect("002A9080 03 616263 00", "6985");
	expect("002241AA 03 800108", "9000");
	/* FIPS 180-2, B.1 */
	exchange("002A9080", "616263", 0x9000,
		 "BA7816BF 8F01CFEA 414140DE 5DAE2223 B00361A3 96177A9C B410FF61 F20015AD");
	/* without Le the code stays inside */
	expect("002A9080 03 616263", "9000");
	expect("002241AA 03 800107", "9000");
	exchange("002A9080", "616263", 0x9000, "A9993E36 4706816A BA3E2571 7850C26C 9CD0D89D");
	expect("002A9080 00", "DA39A3EE5E6B4B0D3255BFEF95601890AFD80709 9000");
	expect("002A9080", "6700");
	expect("002241AA 03 80010C", "9000");
	expect("002A9080 03 616263 00", "6A81");
	/* FIPS 202 */
	expect("002241AA 03 80011B", "9000");
	exchange("002A9080", "616263", 0x9000,
		 "3A985DA74FE225B2045C172D6BD390BD855F086E3E9D525B46BFE24511431532");
}
END_TEST

/* The last 64 of a million times "a" (FIPS 180-2, B.3). */
START_TEST(hash_from_an_intermediate_state)
{
	expect("002241AA 03 800108", "9000");
	exchange("002A90A0",
		 "90 28 95838568ad136ed3358cd8ae00a74f8f2357227429f8b5e7ba527476c7629156 00000000007a1000"
		 "80 40" A64, 0x9000, "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
	/* from the beginning */
	exchange("002A90A0", "9000 8003616263", 0x9000,
		 "BA7816BF 8F01CFEA 414140DE 5DAE2223 B00361A3 96177A9C B410FF61 F20015AD");
	exchange("002A90A0", "8003616263", 0x9000, NULL);
	/* a code made elsewhere */
	exchange("002A90A0",
		 "90 20 BA7816BF8F01CFEA414140DE5DAE2223B00361A396177A9CB410FF61F20015AD", 0x9000,
		 "BA7816BF8F01CFEA414140DE5DAE2223B00361A396177A9CB410FF61F20015AD");
	exchange("002A90A0", "9003616263", 0x6A80, "");
	exchange("002A90A0", "9003616263 8000", 0x6A80, "");
	exchange("002A90A0", "616263", 0x6A80, "");
	/* SHA-3 has no such thing */
	expect("002241AA 03 80011B", "9000");
	exchange("002A90A0", "90 04 01020304 8003616263", 0x6A81, "");
}
END_TEST

/* --- checksums -------------------------------------------------------------------- */

START_TEST(checksum)
{
	/* RFC 4493, examples 2 and 1 */
	expect("002241B4 06 800109 830102", "9000");
	exchange("002A8E80", "6BC1BEE22E409F96E93D7E117393172A", 0x9000,
		 "070A16B46B4D4144F79BDD9DD04A287C");
	expect("002A8E80 00", "BB1D6929E95937287FA37D129B756746 9000");
	/* Doc 9303-11, D.3 */
	add_secret(0, 4, SAM_DES3, "7962D9ECE03D1ACD4C76089DCE131543");
	expect("002241B4 06 80010B 830104", "9000");
	exchange("002A8E80", "72C29C2371CC9BDB65B779B8E8D37B29ECC154AA56A8799FAE2F498F76ED92F2",
		 0x9000, "5F1448EEA8AD90A7");
	/* RFC 4231, case 2 */
	add_secret(0, 5, SAM_HMAC, "4A656665");
	expect("002241B4 06 80010A 830105", "9000");
	exchange("002A8E80", "7768617420646f2079612077616e7420666f72206e6f7468696e673f", 0x9000,
		 "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
}
END_TEST

START_TEST(checksum_verified)
{
	expect("002A00A2 04 80008E00", "6985");
	expect("002281B4 06 800109 830102", "9000");
	exchange("002A00A2",
		 "8010 6BC1BEE22E409F96E93D7E117393172A 8E10 070A16B46B4D4144F79BDD9DD04A287C",
		 0x9000, "");
	exchange("002A00A2", "8010 6BC1BEE22E409F96E93D7E117393172A 8E08 070A16B46B4D4144", 0x9000,
		 "");
	exchange("002A00A2", "8010 6BC1BEE22E409F96E93D7E117393172A 8E08 070A16B46B4D4145", 0x6300,
		 "");
	/* too short to convince, too long to be one */
	exchange("002A00A2", "8010 6BC1BEE22E409F96E93D7E117393172A 8E07 070A16B46B4D41", 0x6300,
		 "");
	exchange("002A00A2",
		 "8010 6BC1BEE22E409F96E93D7E117393172A 8E11 070A16B46B4D4144F79BDD9DD04A287C00",
		 0x6300, "");
	exchange("002A00A2", "8010 6BC1BEE22E409F96E93D7E117393172A", 0x6A80, "");
	exchange("002A00A2", "8E08 070A16B46B4D4144", 0x6A80, "");
	exchange("002A00A2", "80", 0x6A80, "");
}
END_TEST

START_TEST(what_the_environment_lacks)
{
	expect("002A8E80 01 00 00", "6985");
	expect("002241B4 03 830102", "9000");
	expect("002A8E80 01 00 00", "6985"); /* no algorithm, and the key names none */
	sam_key_find(&kept->sam, 0, 2)->algorithm = 0x09;
	expect("002A8E80 01 00 00", "*9000");
	expect("002241B4 06 800106 830102", "9000");
	expect("002A8E80 01 00 00", "6A81");
	expect("002241B4 06 80010B 830102", "9000");
	expect("002A8E80 01 00 00", "6A81"); /* of another kind of key */
	expect("002241B4 07 80020909 830102", "9000");
	expect("002A8E80 01 00 00", "6A81");
	expect("002241B4 06 800109 830109", "9000");
	expect("002A8E80 01 00 00", "6A88");
	expect("002241B4 04 83020102", "9000");
	expect("002A8E80 01 00 00", "6A88");
	expect("002A1234 01 00 00", "6A86");
	expect("002A9E9B 01 00 00", "6A86");
}
END_TEST

/* --- confidentiality ---------------------------------------------------------------- */

/* SP 800-38A, F.1.1 and F.2.1 */
START_TEST(encipher)
{
	expect("002281B8 06 800102 830102", "9000");
	exchange("002A8480", BLOCKS, 0x9000,
		 "3AD77BB40D7A3660A89ECAF32466EF97 F5D3D58503B9699DE785895A96FDBAAF");
	exchange("002A8280", BLOCKS, 0x9000,
		 "3AD77BB40D7A3660A89ECAF32466EF97 F5D3D58503B9699DE785895A96FDBAAF");
	exchange("002A8480", "00", 0x6A80, "");
	expect("002A8480 00", "6A80");
	expect("002281B8 15 800103 8710000102030405060708090A0B0C0D0E0F", "9000");
	exchange("002A8480", BLOCKS, 0x9000,
		 "7649ABAC8119B246CEE98E9B12E9197D 5086CB9B507219EE95DB113A917678B2");
	/* each command begins anew */
	exchange("002A8480", BLOCKS, 0x9000,
		 "7649ABAC8119B246CEE98E9B12E9197D 5086CB9B507219EE95DB113A917678B2");
	/* an indicator, and padding */
	ck_assert_uint_eq(
		send_command("002A8680", known("6BC1BEE22E409F96E93D7E117393172A"), 256, &out),
		0x9000);
	ck_assert_uint_eq(out.n, 33);
	ck_assert(view_starts(buf_view(&out), known("01 7649ABAC8119B246CEE98E9B12E9197D")));
	/* a wrong IV */
	expect("002281B8 03 870101", "9000");
	exchange("002A8480", BLOCKS, 0x6A80, "");
}
END_TEST

START_TEST(decipher)
{
	expect("002241B8 06 800102 830102", "9000");
	exchange("002A8084", "3AD77BB40D7A3660A89ECAF32466EF97", 0x9000,
		 "6BC1BEE22E409F96E93D7E117393172A");
	exchange("002A8082", "3AD77BB40D7A3660A89ECAF32466EF97", 0x9000,
		 "6BC1BEE22E409F96E93D7E117393172A");
	exchange("002A8086", "00 3AD77BB40D7A3660A89ECAF32466EF97", 0x9000,
		 "6BC1BEE22E409F96E93D7E117393172A");
	exchange("002A8086", "02 3AD77BB40D7A3660A89ECAF32466EF97", 0x9000,
		 "6BC1BEE22E409F96E93D7E117393172A");
	/* no padding there; no such indicator; no whole blocks; nothing */
	exchange("002A8086", "01 3AD77BB40D7A3660A89ECAF32466EF97", 0x6A80, "");
	exchange("002A8086", "03 3AD77BB40D7A3660A89ECAF32466EF97", 0x6A80, "");
	exchange("002A8086", "00 3AD77BB40D7A3660A89ECAF32466EF", 0x6A80, "");
	expect("002A8086 00", "6A80");
	/* what ENCIPHER says, DECIPHER takes */
	expect("002281B8 06 800103 830102", "9000");
	expect("002241B8 06 800103 830102", "9000");
	ck_assert_uint_eq(send_command("002A8680", known("0102030405"), 256, &out), 0x9000);
	{
		struct buf back = BUF(64);

		ck_assert_uint_eq(send_command("002A8086", buf_view(&out), 256, &back), 0x9000);
		ck_assert_buf(&back, known("0102030405"));
	}
}
END_TEST

START_TEST(single_des)
{
	/* FIPS 81 */
	add_secret(0, 6, SAM_DES, "0123456789ABCDEF");
	expect("002281B8 06 800104 830106", "9000");
	exchange("002A8480", "4E6F772069732074", 0x9000, "3FA40E8A984D4815");
	expect("002281B8 0D 800105 8708 1234567890ABCDEF", "9000");
	exchange("002A8480", "4E6F772069732074", 0x9000, "E5C7CDDE872BF27C");
}
END_TEST

/* --- RSA -------------------------------------------------------------------------- */

static struct sam_key *
add_rsa(uint8_t ref)
{
	struct sam_key *k = sam_key_add(&kept->sam, 0, ref, SAM_RSA);

	ck_assert_int_eq(key_keep_rsa(k, rsa_known_key()), 0);
	return k;
}

/* Sign by an environment; check with nothing of the card. */
static void
signature(const char *header, const char *data)
{
	buf_reset(&out);
	ck_assert_uint_eq(send_command(header, known(data), 256, &out), 0x9000);
	ck_assert_uint_eq(out.n, 128);
}

START_TEST(rsa_pkcs1)
{
	struct rsa *public = rsa_known_public();
	struct buf t = BUF(64);

	add_rsa(7);
	expect("002241B6 06 80010C 840107", "9000");
	/* whatever the host sends is padded: a DigestInfo, or a bare number */
	signature("002A9E9A", "0102030405");
	ck_assert_int_eq(rsa_verify_pkcs1(public, known("0102030405"), buf_view(&out)), 0);
	/* with the hash named, the card makes the DigestInfo */
	expect("002241AA 03 800107", "9000");
	signature("002A9E9A", "A9993E364706816ABA3E25717850C26C9CD0D89D");
	ck_assert_int_eq(
		digest_info(DIGEST_SHA1, known("A9993E364706816ABA3E25717850C26C9CD0D89D"), &t), 0);
	ck_assert_int_eq(rsa_verify_pkcs1(public, buf_view(&t), buf_view(&out)), 0);
	/* and hashes itself; what is refused does not spend the code */
	expect("002A9080 03 616263", "9000");
	expect("002241B6 06 80010C 840130", "9000");
	expect("002A9E9A 00", "6A88");
	expect("002241AA 03 80010C", "9000");
	expect("002A9080 03 616264", "6A81");
	expect("002241AA 03 800107", "9000");
	expect("002241B6 06 80010C 840107", "9000");
	signature("002A9E9A", "");
	ck_assert_int_eq(rsa_verify_pkcs1(public, buf_view(&t), buf_view(&out)), 0);
	/* once */
	expect("002A9E9A 00", "6985");
	/* data objects: values, or all of them */
	expect("0022F300", "9000");
	expect("002241B6 06 80010C 840107", "9000");
	signature("002A9EAC", "9003010203 80020405");
	ck_assert_int_eq(rsa_verify_pkcs1(public, known("0102030405"), buf_view(&out)), 0);
	signature("002A9EBC", "80020405");
	ck_assert_int_eq(rsa_verify_pkcs1(public, known("80020405"), buf_view(&out)), 0);
	exchange("002A9EAC", "9003010203 80", 0x6A80, "");
	exchange("002A9EBC", "9003010203 80", 0x6A80, "");
	/* 117 bytes fit, 118 do not */
	buf_reset(&out);
	buf_fill(&out, 0x55, 118);
	ck_assert_uint_eq(send_command("002A9E9A", buf_view(&out), 256, &t), 0x6A80);
	rsa_free(public);
	buf_free(&t);
}
END_TEST

START_TEST(rsa_raw_and_pss)
{
	struct rsa *public = rsa_known_public();
	const struct rsa_pss pss = { .digest = DIGEST_SHA256, .mgf = DIGEST_SHA256, .salt = 32 };
	struct buf in = BUF(128), back = BUF(128);
	const char *abc = "BA7816BF8F01CFEA414140DE5DAE2223B00361A396177A9CB410FF61F20015AD";

	add_rsa(7);
	expect("002241B6 06 800110 840107", "9000");
	buf_u8(&in, 0);
	buf_fill(&in, 0x33, 127);
	ck_assert_uint_eq(send_command("002A9E9A", buf_view(&in), 256, &out), 0x9000);
	ck_assert_int_eq(rsa_raw_public(public, buf_view(&out), &back), 0);
	ck_assert_view(buf_view(&back), buf_view(&in));
	memset(in.p, 0xff, in.n);
	ck_assert_uint_eq(send_command("002A9E9A", buf_view(&in), 256, &out), 0x6A80);
	expect("002241B6 03 800111", "9000");
	signature("002A9E9A", abc);
	ck_assert_int_eq(rsa_verify_pss(public, &pss, known(abc), buf_view(&out)), 0);
	exchange("002A9E9A", "0102030405", 0x6A80, "");
	/* no way to sign */
	expect("002241B6 03 800112", "9000");
	exchange("002A9E9A", abc, 0x6A81, "");
	rsa_free(public);
	buf_free(&in);
	buf_free(&back);
}
END_TEST

/* VERIFY DIGITAL SIGNATURE of what COMPUTE made, with this algorithm. */
static void
verified(const char *compute, const char *verify, const char *data)
{
	struct buf cmd = BUF(600), none = BUF(16);
	size_t last;

	buf_reset(&out);
	expect(compute, "9000");
	expect(verify, "9000");
	ck_assert_uint_eq(send_command("002A9E9A", known(data), 600, &out), 0x9000);
	tlv_put(&cmd, 0x9a, known(data));
	tlv_put(&cmd, 0x9e, buf_view(&out));
	ck_assert_uint_eq(send_command("002A00A8", buf_view(&cmd), 0, &none), 0x9000);
	last = cmd.n - 1;
	cmd.p[last] ^= 1;
	ck_assert_uint_eq(send_command("002A00A8", buf_view(&cmd), 0, &none), 0x6300);
	cmd.p[last] ^= 1;
	cmd.p[2] ^= 1;
	ck_assert_uint_eq(send_command("002A00A8", buf_view(&cmd), 0, &none), 0x6300);
	buf_free(&cmd);
}

START_TEST(signatures_verified)
{
	const char *abc = "BA7816BF8F01CFEA414140DE5DAE2223B00361A396177A9CB410FF61F20015AD";
	struct sam_key *k;
	struct ec *ec;
	struct ed *ed;

	add_rsa(7);
	verified("002241B6 06 80010C 840107", "002281B6 06 80010C 830107", abc);
	verified("002241B6 06 800111 840107", "002281B6 06 800111 830107", abc);
	verified("002241B6 06 800110 840107", "002281B6 06 800110 830107", "0102030405");
	k = sam_key_add(&kept->sam, 0, 8, SAM_EC);
	ck_assert_int_eq(ec_generate(&ec, CURVE_BP384), 0);
	ck_assert_int_eq(key_keep_ec(k, ec), 0);
	verified("002241B6 06 800113 840108", "002281B6 06 800113 830108", abc);
	/* RFC 8032, 7.1, test 2 */
	k = sam_key_add(&kept->sam, 0, 9, SAM_ED25519);
	ck_assert_int_eq(ed_private(&ed, ED_25519, known("4ccd089b28ff96da9db6c346ec114e0f"
							  "5b8a319f35aba624da8cf6ed4fb8a6fb")), 0);
	ck_assert_int_eq(key_keep_ed(k, ed), 0);
	verified("002241B6 06 800115 840109", "002281B6 06 800115 830109", "72");
	exchange("002A9E9A", "72", 0x9000,
		 "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
		 "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00");
	/* without a signature, without what was signed */
	exchange("002A00A8", "9A0172", 0x6A80, "");
	exchange("002A00A8", "9E0172", 0x6985, "");
}
END_TEST

START_TEST(rsa_confidential)
{
	struct rsa *public = rsa_known_public();
	struct buf cmd = BUF(200);

	add_rsa(7);
	expect("002241B8 06 80010C 840107", "9000");
	buf_u8(&cmd, 0);
	ck_assert_int_eq(rsa_encrypt_pkcs1(public, known("01020304"), &cmd), 0);
	ck_assert_uint_eq(send_command("002A8086", buf_view(&cmd), 256, &out), 0x9000);
	ck_assert_buf(&out, known("01020304"));
	/* no padding: a wrong cryptogram by chance has one, now and then */
	memset(cmd.p + 1, 0, cmd.n - 1);
	ck_assert_uint_eq(send_command("002A8086", buf_view(&cmd), 256, &out), 0x6A80);
	/* what the card enciphers, it deciphers */
	expect("002281B8 06 800112 830107", "9000");
	expect("002241B8 06 800112 840107", "9000");
	ck_assert_uint_eq(send_command("002A8680", known("0102030405"), 256, &out), 0x9000);
	ck_assert_uint_eq(out.n, 129);
	ck_assert_uint_eq(out.p[0], 0);
	buf_reset(&cmd);
	ck_assert_uint_eq(send_command("002A8086", buf_view(&out), 256, &cmd), 0x9000);
	ck_assert_buf(&cmd, known("0102030405"));
	/* OAEP by another hash is another padding */
	expect("002241AA 03 800108", "9000");
	ck_assert_uint_eq(send_command("002A8086", buf_view(&out), 256, &cmd), 0x6A80);
	rsa_free(public);
}
END_TEST

/* RFC 7748, 6.1 */
#define ALICE "77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a"
#define BOB_PUBLIC "de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f"
#define SHARED "4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742"

START_TEST(agreement)
{
	struct sam_key *k = sam_key_add(&kept->sam, 0, 9, SAM_X25519);
	struct ed *ed;

	ck_assert_int_eq(ed_private(&ed, ED_X25519, known(ALICE)), 0);
	ck_assert_int_eq(key_keep_ed(k, ed), 0);
	/* by DECIPHER: the point, also as others wrap it */
	expect("002241B8 06 800116 840109", "9000");
	exchange("002A8086", "00" BOB_PUBLIC, 0x9000, SHARED);
	exchange("002A8084", BOB_PUBLIC, 0x9000, SHARED);
	exchange("002A8086", "00 A627 7F4924 8622" BOB_PUBLIC "0000", 0x6A80, "");
	exchange("002A8086", "00 A625 7F4922 8620" BOB_PUBLIC, 0x9000, SHARED);
	/* by GENERAL AUTHENTICATE */
	expect("002241A6 06 800116 840109", "9000");
	exchange("00860000", "7C22 8520" BOB_PUBLIC, 0x9000, "7C22 8220" SHARED);
	exchange("00860000", "7C03 850101", 0x6A80, "");
	exchange("00861609", "7C22 8520" BOB_PUBLIC, 0x9000, "7C22 8220" SHARED);
	exchange("00861409", "7C22 8520" BOB_PUBLIC, 0x6A81, "");
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("iso_pso");

	tcase_add_checked_fixture(tc, isocard_open, teardown);
	tcase_add_test(tc, set);
	tcase_add_test(tc, store_and_restore);
	tcase_add_test(tc, memory);
	tcase_add_test(tc, hash);
	tcase_add_test(tc, hash_from_an_intermediate_state);
	tcase_add_test(tc, checksum);
	tcase_add_test(tc, checksum_verified);
	tcase_add_test(tc, what_the_environment_lacks);
	tcase_add_test(tc, encipher);
	tcase_add_test(tc, decipher);
	tcase_add_test(tc, single_des);
	tcase_add_test(tc, rsa_pkcs1);
	tcase_add_test(tc, rsa_raw_and_pss);
	tcase_add_test(tc, signatures_verified);
	tcase_add_test(tc, rsa_confidential);
	tcase_add_test(tc, agreement);
	return run("iso_pso", tc);
}
