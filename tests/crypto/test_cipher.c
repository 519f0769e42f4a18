/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>

#include "crypto/cipher.h"
#include "known.h"

#define AES_PLAIN "6bc1bee22e409f96e93d7e117393172a ae2d8a571e03ac9c9eb76fac45af8e51"
#define AES_128 "2b7e151628aed2a6abf7158809cf4f3c"
#define AES_192 "8e73b0f7da0e6452c810f32b809079e5 62f8ead2522c6b7b"
#define AES_256 "603deb1015ca71be2b73aef0857d7781 1f352c073b6108d72d9810a30914dff4"
#define AES_IV "000102030405060708090a0b0c0d0e0f"
/* "Now is the time for all " */
#define NOW_IS "4e6f772069732074 68652074696d6520 666f7220616c6c20"
/* "The qufck brown fox jump" */
#define QUICK "5468652071756663 6b2062726f776e20 666f78206a756d70"

static const struct answer {
	const char *source;
	enum cipher c;
	enum cipher_mode m;
	const char *key, *iv, *plain, *secret;
} answers[] = {
	{ "SP 800-38A, F.1.1", CIPHER_AES, CIPHER_ECB, AES_128, NULL, AES_PLAIN,
	  "3ad77bb40d7a3660a89ecaf32466ef97 f5d3d58503b9699de785895a96fdbaaf" },
	{ "SP 800-38A, F.1.3", CIPHER_AES, CIPHER_ECB, AES_192, NULL, AES_PLAIN,
	  "bd334f1d6e45f25ff712a214571fa5cc 974104846d0ad3ad7734ecb3ecee4eef" },
	{ "SP 800-38A, F.1.5", CIPHER_AES, CIPHER_ECB, AES_256, NULL, AES_PLAIN,
	  "f3eed1bdb5d2a03c064b5a7e3db181f8 591ccb10d410ed26dc5ba74a31362870" },
	{ "SP 800-38A, F.2.1", CIPHER_AES, CIPHER_CBC, AES_128, AES_IV, AES_PLAIN,
	  "7649abac8119b246cee98e9b12e9197d 5086cb9b507219ee95db113a917678b2" },
	{ "SP 800-38A, F.2.3", CIPHER_AES, CIPHER_CBC, AES_192, AES_IV, AES_PLAIN,
	  "4f021db243bc633d7178183a9fa071e8 b4d9ada9ad7dedf4e5e738763f69145a" },
	{ "SP 800-38A, F.2.5", CIPHER_AES, CIPHER_CBC, AES_256, AES_IV, AES_PLAIN,
	  "f58c4c04d6e5f1ba779eabfb5f7bfbd6 9cfc4e967edb808d679f777bc6702c7d" },
	{ "FIPS 81, table B1", CIPHER_3DES, CIPHER_ECB, "0123456789abcdef", NULL, NOW_IS,
	  "3fa40e8a984d4815 6a271787ab8883f9 893d51ec4b563b53" },
	{ "FIPS 81, table C1", CIPHER_3DES, CIPHER_CBC, "0123456789abcdef", "1234567890abcdef", NOW_IS,
	  "e5c7cdde872bf27c 43e934008c389c0f 683788499a7c05f6" },
	{ "SP 800-67, B.1", CIPHER_3DES, CIPHER_ECB,
	  "0123456789abcdef 23456789abcdef01 456789abcdef0123", NULL, QUICK,
	  "a826fd8ce53b855f cce21c8112256fe6 68d5c05dd9b6b900" },
	{ "Doc 9303-11, D.3", CIPHER_3DES, CIPHER_CBC, "ab94fdecf2674fdfb9b391f85d7f76f2", NULL,
	  "781723860c06c226 4608f91988702212 0b795240cb7049b0 1c19b33e32804f0b",
	  "72c29c2371cc9bdb 65b779b8e8d37b29 ecc154aa56a8799f ae2f498f76ed92f2" },
};

#define N_ANSWERS (int)(sizeof(answers) / sizeof(answers[0]))

START_TEST(there_and_back)
{
	const struct answer *a = &answers[_i];
	struct buf out = BUF(64);

	ck_assert_int_eq(cipher_encrypt(a->c, a->m, known(a->key),
					a->iv ? (uint8_t *)known(a->iv).p : NULL,
					known(a->plain), &out), 0);
	ck_assert_msg(view_equal(buf_view(&out), known(a->secret)), "%s", a->source);
	buf_free(&out);
	ck_assert_int_eq(cipher_decrypt(a->c, a->m, known(a->key),
					a->iv ? (uint8_t *)known(a->iv).p : NULL,
					known(a->secret), &out), 0);
	ck_assert_msg(view_equal(buf_view(&out), known(a->plain)), "%s", a->source);
	buf_free(&out);
}
END_TEST

/* Block by block with the IV carried on is the same as in one go. */
START_TEST(goes_on)
{
	const struct answer *a = &answers[_i];
	const size_t block = cipher_block(a->c);
	uint8_t iv[CIPHER_BLOCK_MAX] = { 0 };
	struct buf out = BUF(64);
	struct view in = known(a->plain), part;

	if (a->iv)
		memcpy(iv, known(a->iv).p, block);
	while (view_take(&in, block, &part))
		ck_assert_int_eq(cipher_encrypt(a->c, a->m, known(a->key), iv, part, &out), 0);
	ck_assert_view(buf_view(&out), known(a->secret));
	if (a->m == CIPHER_CBC)
		ck_assert_mem_eq(iv, out.p + out.n - block, block);

	memset(iv, 0, sizeof(iv));
	if (a->iv)
		memcpy(iv, known(a->iv).p, block);
	buf_free(&out);
	in = known(a->secret);
	while (view_take(&in, block, &part))
		ck_assert_int_eq(cipher_decrypt(a->c, a->m, known(a->key), iv, part, &out), 0);
	ck_assert_buf(&out, known(a->plain));
}
END_TEST

/* K is K K K; K1 K2 is K1 K2 K1. */
START_TEST(short_keys)
{
	const struct view in = known("0000000000000000");
	struct buf a = BUF(8), b = BUF(8);

	ck_assert_int_eq(
		cipher_encrypt(CIPHER_3DES, CIPHER_ECB, known("0102030405060708"), NULL, in, &a),
		0);
	ck_assert_int_eq(cipher_encrypt(CIPHER_3DES, CIPHER_ECB,
					known("0102030405060708 0102030405060708"), NULL, in, &b),
			 0);
	ck_assert_buf(&b, buf_view(&a));
	ck_assert_buf(&a, known("b073dc3fb209536d"));
	ck_assert_int_eq(cipher_encrypt(CIPHER_3DES, CIPHER_CBC,
					known("0123456789abcdef fedcba9876543210"), NULL, in, &a),
			 0);
	ck_assert_int_eq(cipher_encrypt(CIPHER_3DES, CIPHER_CBC,
					known("0123456789abcdef fedcba9876543210 0123456789abcdef"),
					NULL, in, &b), 0);
	ck_assert_buf(&b, buf_view(&a));
	buf_free(&a);
}
END_TEST

START_TEST(lengths)
{
	uint8_t zero[48] = { 0 };
	uint8_t iv[CIPHER_BLOCK_MAX];
	struct buf out = BUF(64), small = BUF(15);
	size_t n;

	for (n = 0; n <= 48; n++) {
		ck_assert(cipher_takes_key(CIPHER_AES, n) == (n == 16 || n == 24 || n == 32));
		ck_assert(cipher_takes_key(CIPHER_3DES, n) == (n == 8 || n == 16 || n == 24));
		if (!cipher_takes_key(CIPHER_AES, n))
			ck_assert_int_eq(cipher_encrypt(CIPHER_AES, CIPHER_CBC, view_of(zero, n),
							NULL, view_of(zero, 16), &out),
					 -EINVAL);
		if (!cipher_takes_key(CIPHER_3DES, n))
			ck_assert_int_eq(cipher_decrypt(CIPHER_3DES, CIPHER_ECB, view_of(zero, n),
							NULL, view_of(zero, 16), &out),
					 -EINVAL);
	}
	memset(iv, 0x77, sizeof(iv));
	ck_assert_int_eq(cipher_encrypt(CIPHER_AES, CIPHER_CBC, view_of(zero, 16), iv,
					view_of(zero, 15), &out), -EINVAL);
	ck_assert_int_eq(cipher_encrypt(CIPHER_AES, CIPHER_CBC, view_of(zero, 16), iv,
					view_of(zero, 8), &out), -EINVAL);
	ck_assert_int_eq(cipher_encrypt(CIPHER_3DES, CIPHER_CBC, view_of(zero, 16), iv,
					view_of(zero, 9), &out), -EINVAL);
	ck_assert_int_eq(cipher_encrypt(CIPHER_AES, CIPHER_CBC, view_of(zero, 16), iv,
					view_of(zero, 0), &out), 0);
	ck_assert_uint_eq(out.n, 0);
	ck_assert_uint_eq(iv[0], 0x77);
	ck_assert_int_eq(cipher_encrypt(CIPHER_AES, CIPHER_CBC, view_of(zero, 16), iv,
					view_of(zero, 16), &small), -ENOMEM);
	ck_assert_uint_eq(iv[0], 0x77);
	buf_free(&out);
	buf_free(&small);
}
END_TEST

START_TEST(padding)
{
	struct buf b = BUF(64);

	buf_put_view(&b, known("aa bb cc"));
	pad_iso(&b, 0, 8);
	ck_assert_buf(&b, known("aa bb cc 80 00 00 00 00"));
	pad_iso(&b, 0, 8);
	ck_assert_buf(&b, known("80 00 00 00 00 00 00 00"));
	buf_put_view(&b, known("01 02 03 04 05 06 07 08"));
	pad_iso(&b, 0, 8);
	ck_assert_buf(&b, known("01 02 03 04 05 06 07 08 80 00 00 00 00 00 00 00"));
	buf_put_view(&b, known("01 02 03 04 05 06 07"));
	pad_iso(&b, 0, 8);
	ck_assert_buf(&b, known("01 02 03 04 05 06 07 80"));
	/* what stands in front does not count */
	buf_put_view(&b, known("ff ff ff 01"));
	pad_iso(&b, 3, 8);
	ck_assert_buf(&b, known("ff ff ff 01 80 00 00 00 00 00 00"));
	/* no room */
	b.max = 5;
	pad_iso(&b, 0, 8);
	ck_assert(b.failed);
	buf_free(&b);
}
END_TEST

/* Padded, and what it is without; NULL: not padded within a block. */
static const char *const padded[][2] = {
	{ "aa bb cc 80 00 00 00 00", "aa bb cc" },
	{ "80 00 00 00 00 00 00 00", "" },
	{ "01 02 03 04 05 06 07 80", "01 02 03 04 05 06 07" },
	{ "01 02 03 04 05 06 80 80", "01 02 03 04 05 06 80" },
	{ "01 02 03 04 05 06 07 08 80 00 00 00 00 00 00 00", "01 02 03 04 05 06 07 08" },
	{ "01 02 03 04 05 06 07 80 00 00 00 00 00 00 00 00", NULL },
	{ "00 00 00 00 00 00 00 00", NULL },
	{ "01 02 03 04 05 06 07 08", NULL },
	{ "01 02 03 04 80 00 00 01", NULL },
	{ "", NULL },
};

START_TEST(unpadding)
{
	struct view v = known(padded[_i][0]);
	const size_t n = v.n;

	if (padded[_i][1]) {
		ck_assert(unpad_iso(&v, 8));
		ck_assert_view(v, known(padded[_i][1]));
	} else {
		ck_assert(!unpad_iso(&v, 8));
		ck_assert_uint_eq(v.n, n);
	}
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("cipher");

	tcase_add_loop_test(tc, there_and_back, 0, N_ANSWERS);
	tcase_add_loop_test(tc, goes_on, 0, N_ANSWERS);
	tcase_add_test(tc, short_keys);
	tcase_add_test(tc, lengths);
	tcase_add_test(tc, padding);
	tcase_add_loop_test(tc, unpadding, 0, sizeof(padded) / sizeof(padded[0]));
	return run("cipher", tc);
}
