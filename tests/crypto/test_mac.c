/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>

#include "crypto/mac.h"
#include "known.h"

/*
 * Doc 9303-11, D.3 and D.4: K_MAC, E_IFD; KS_MAC, SSC and padded DOs of the first
 * protected command.
 */
START_TEST(retail)
{
	struct buf out = BUF(8);

	ck_assert_int_eq(
		mac_retail_padded(
			known("7962d9ece03d1acd4c76089dce131543"),
			known("72c29c2371cc9bdb65b779b8e8d37b29 ecc154aa56a8799fae2f498f76ed92f2"),
			&out),
		0);
	ck_assert_buf(&out, known("5f1448eea8ad90a7"));
	ck_assert_int_eq(mac_retail_padded(known("f1cb1f1fb5adf208806b89dc579dc1f8"),
		known("887022120c06c227 0ca4020c80000000 8709016375432908c044f6"), &out), 0);
	ck_assert_buf(&out, known("bf8b92d635ff24f8"));
	ck_assert_int_eq(
		mac_retail(
			known("f1cb1f1fb5adf208806b89dc579dc1f8"),
			known("887022120c06c227 0ca4020c80000000 8709016375432908 c044f68000000000"),
			&out),
		0);
	ck_assert_buf(&out, known("bf8b92d635ff24f8"));
}
END_TEST

/* One block: E(K, D(K', E(K, x))), which for K = K' is single DES (FIPS 81, table B1). */
START_TEST(retail_one_block)
{
	const struct view key = known("0123456789abcdef 0123456789abcdef");
	struct buf out = BUF(8), padded = BUF(8);

	ck_assert_int_eq(mac_retail(key, known("4e6f772069732074"), &out), 0);
	ck_assert_buf(&out, known("3fa40e8a984d4815"));
	/* nothing, padded, is one block too */
	ck_assert_int_eq(mac_retail_padded(key, view_of(NULL, 0), &padded), 0);
	ck_assert_int_eq(mac_retail(key, known("8000000000000000"), &out), 0);
	ck_assert_buf(&out, buf_view(&padded));
	buf_free(&padded);
}
END_TEST

START_TEST(retail_refuses)
{
	const struct view key = known("0123456789abcdef 0123456789abcdef");
	struct buf out = BUF(8), full = BUF(7);

	ck_assert_int_eq(mac_retail(key, view_of(NULL, 0), &out), -EINVAL);
	ck_assert_int_eq(mac_retail(key, known("01020304050607"), &out), -EINVAL);
	ck_assert_int_eq(mac_retail(key, known("010203040506070809"), &out), -EINVAL);
	ck_assert_int_eq(mac_retail(view_of(key.p, 8), known("0102030405060708"), &out), -EINVAL);
	ck_assert_int_eq(mac_retail_padded(view_of(key.p, 15), known("01"), &out), -EINVAL);
	ck_assert_uint_eq(out.n, 0);
	ck_assert_int_eq(mac_retail_padded(key, known("01"), &full), -ENOMEM);
	buf_free(&out);
	buf_free(&full);
}
END_TEST

#define MESSAGE_16 "6bc1bee22e409f96e93d7e117393172a"
#define MESSAGE_40 MESSAGE_16 "ae2d8a571e03ac9c9eb76fac45af8e51 30c81c46a35ce411"
#define MESSAGE_64 MESSAGE_40 "e5fbc1191a0a52ef f69f2445df4f9b17ad2b417be66c3710"
#define AES_128 "2b7e151628aed2a6abf7158809cf4f3c"
#define AES_192 "8e73b0f7da0e6452c810f32b809079e5 62f8ead2522c6b7b"
#define AES_256 "603deb1015ca71be2b73aef0857d7781 1f352c073b6108d72d9810a30914dff4"

/* SP 800-38B, D (RFC 4493, 4 for the first four). */
static const struct {
	const char *key, *message, *mac;
} cmacs[] = {
	{ AES_128, "", "bb1d6929e95937287fa37d129b756746" },
	{ AES_128, MESSAGE_16, "070a16b46b4d4144f79bdd9dd04a287c" },
	{ AES_128, MESSAGE_40, "dfa66747de9ae63030ca32611497c827" },
	{ AES_128, MESSAGE_64, "51f0bebf7e3b9d92fc49741779363cfe" },
	{ AES_192, "", "d17ddf46adaacde531cac483de7a9367" },
	{ AES_192, MESSAGE_40, "8a1de5be2eb31aad089a82e6ee908b0e" },
	{ AES_256, "", "028962f61b7bf89efc6b551f4667d983" },
	{ AES_256, MESSAGE_64, "e1992190549f6ed5696a2c056c315410" },
};

START_TEST(cmac)
{
	struct buf out = BUF(16);

	ck_assert_int_eq(mac_cmac(known(cmacs[_i].key), known(cmacs[_i].message), &out), 0);
	ck_assert_buf(&out, known(cmacs[_i].mac));
}
END_TEST

START_TEST(cmac_refuses)
{
	const struct view key = known(AES_256);
	struct buf out = BUF(16), full = BUF(15);

	ck_assert_int_eq(mac_cmac(view_of(key.p, 0), known("01"), &out), -EINVAL);
	ck_assert_int_eq(mac_cmac(view_of(key.p, 8), known("01"), &out), -EINVAL);
	ck_assert_int_eq(mac_cmac(view_of(key.p, 31), known("01"), &out), -EINVAL);
	ck_assert_uint_eq(out.n, 0);
	ck_assert_int_eq(mac_cmac(key, known("01"), &full), -ENOMEM);
	buf_free(&out);
	buf_free(&full);
}
END_TEST

/* RFC 2202, 3 case 1 and RFC 4231, 4.2; the last two are longer keys (4.7). */
static const struct {
	enum digest d;
	size_t key_n;
	uint8_t key;
	const char *message, *mac;
} hmacs[] = {
	{ DIGEST_SHA1, 20, 0x0b, "Hi There", "b617318655057264e28bc0b6fb378c8ef146be00" },
	{ DIGEST_SHA224, 20, 0x0b, "Hi There",
	  "896fb1128abbdf196832107cd49df33f 47b4b1169912ba4f53684b22" },
	{ DIGEST_SHA256, 20, 0x0b, "Hi There",
	  "b0344c61d8db38535ca8afceaf0bf12b 881dc200c9833da726e9376c2e32cff7" },
	{ DIGEST_SHA384, 20, 0x0b, "Hi There",
	  "afd03944d84895626b0825f4ab46907f 15f9dadbe4101ec682aa034c7cebc59c"
	  "faea9ea9076ede7f4af152e8b2fa9cb6" },
	{ DIGEST_SHA512, 20, 0x0b, "Hi There",
	  "87aa7cdea5ef619d4ff0b4241a1d6cb0 2379f4e2ce4ec2787ad0b30545e17cde"
	  "daa833b7d6b8a702038b274eaea3f4e4 be9d914eeb61f1702e696c203a126854" },
	{ DIGEST_SHA256, 131, 0xaa, "Test Using Larger Than Block-Size Key - Hash Key First",
	  "60e431591ee0b67f0d8a26aacbf5b77f 8e0bc6213728c5140546040f0ee37f54" },
	/* not printed there, but well known: nothing, under nothing */
	{ DIGEST_SHA256, 0, 0x00, "",
	  "b613679a0814d9ec772f95d778c35fc5 ff1697c493715653c6c712144292c5ad" },
};

START_TEST(hmac)
{
	struct buf out = BUF(64), full = BUF(64);
	uint8_t key[131];

	memset(key, hmacs[_i].key, sizeof(key));
	ck_assert_int_eq(mac_hmac(hmacs[_i].d,
				  view_of(hmacs[_i].key_n ? key : NULL, hmacs[_i].key_n),
				  said(hmacs[_i].message), &out),
			 0);
	full.max = out.n - 1;
	ck_assert_buf(&out, known(hmacs[_i].mac));
	ck_assert_int_eq(mac_hmac(hmacs[_i].d, view_of(key, 20), said("x"), &full), -ENOMEM);
	ck_assert_uint_eq(full.n, 0);
	buf_free(&full);
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("mac");

	tcase_add_test(tc, retail);
	tcase_add_test(tc, retail_one_block);
	tcase_add_test(tc, retail_refuses);
	tcase_add_loop_test(tc, cmac, 0, sizeof(cmacs) / sizeof(cmacs[0]));
	tcase_add_test(tc, cmac_refuses);
	tcase_add_loop_test(tc, hmac, 0, sizeof(hmacs) / sizeof(hmacs[0]));
	return run("mac", tc);
}
