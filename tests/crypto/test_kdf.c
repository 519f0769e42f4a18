/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>

#include "crypto/kdf.h"
#include "known.h"

static const struct {
	const char *source;
	enum cipher c;
	size_t n;
	const char *secret;
	enum kdf_use use;
	const char *key;
} answers[] = {
	{ "Doc 9303-11, D.1", CIPHER_3DES, 16, "239ab9cb282daf66231dc5a4df6bfbae", KDF_ENC,
	  "ab94fdecf2674fdfb9b391f85d7f76f2" },
	{ "Doc 9303-11, D.1", CIPHER_3DES, 16, "239ab9cb282daf66231dc5a4df6bfbae", KDF_MAC,
	  "7962d9ece03d1acd4c76089dce131543" },
	{ "TR-03110 worked example, ECDH", CIPHER_AES, 16,
	  "6e7d077ccd367c2eaa683f1e8ec534302e2d00b6adaf8a87a6eda78740f17606", KDF_ENC,
	  "68406b4162100563d9c901a6154d2901" },
	{ "TR-03110 worked example, ECDH", CIPHER_AES, 16,
	  "6e7d077ccd367c2eaa683f1e8ec534302e2d00b6adaf8a87a6eda78740f17606", KDF_MAC,
	  "73ff268784f72af833fdc9464049afc9" },
	/* SHA-256 of "abc" || 00000003, cut: computed with sha256sum */
	{ "sha256sum", CIPHER_AES, 24, "616263", KDF_PASSWORD,
	  "506951bd40e6de38630950643ab2edbb47dc66cb54beb2d1" },
	{ "sha256sum", CIPHER_AES, 32, "616263", KDF_PASSWORD,
	  "506951bd40e6de38630950643ab2edbb47dc66cb54beb2d188a78a47471604ce" },
};

START_TEST(derives)
{
	struct secret key = { .n = 0 };

	ck_assert_int_eq(kdf_derive(answers[_i].c, answers[_i].n, known(answers[_i].secret),
				    answers[_i].use, &key), 0);
	ck_assert_msg(view_equal(secret_view(&key), known(answers[_i].key)), "%s",
		      answers[_i].source);
}
END_TEST

START_TEST(refuses)
{
	struct secret key = { .n = 0 };
	size_t n;

	for (n = 0; n <= 48; n++) {
		if (n != 16)
			ck_assert_int_eq(kdf_derive(CIPHER_3DES, n, said("abc"), KDF_ENC, &key),
					 -EINVAL);
		if (n != 16 && n != 24 && n != 32)
			ck_assert_int_eq(kdf_derive(CIPHER_AES, n, said("abc"), KDF_ENC, &key),
					 -EINVAL);
	}
	ck_assert_uint_eq(key.n, 0);
}
END_TEST

START_TEST(parity)
{
	uint8_t key[256];
	size_t i;

	for (i = 0; i < sizeof(key); i++)
		key[i] = (uint8_t)i;
	des_parity(key, sizeof(key));
	for (i = 0; i < sizeof(key); i++) {
		ck_assert_uint_eq(key[i] & 0xfe, i & 0xfe);
		ck_assert_int_eq(__builtin_parity(key[i]), 1);
	}
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("kdf");

	tcase_add_loop_test(tc, derives, 0, sizeof(answers) / sizeof(answers[0]));
	tcase_add_test(tc, refuses);
	tcase_add_test(tc, parity);
	return run("kdf", tc);
}
