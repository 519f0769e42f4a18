/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>

#include "crypto/rsa.h"
#include "rsa_known.h"

#define SIZE 128 /* bytes of the known key */

static struct rsa *pair, *half;

static void
setup(void)
{
	pair = rsa_known_key();
	half = rsa_known_public();
}

static void
teardown(void)
{
	rsa_free(pair);
	rsa_free(half);
}

/* RFC 8017, 9.2: by the public operation, the block stands there as the standard has it. */
START_TEST(pkcs1_block)
{
	struct buf t = BUF(64), sig = BUF(SIZE), block = BUF(SIZE), wanted = BUF(SIZE),
		   hash = BUF(32);

	ck_assert_int_eq(digest_once(DIGEST_SHA256, said("abc"), &hash), 0);
	ck_assert_int_eq(digest_info(DIGEST_SHA256, buf_view(&hash), &t), 0);
	ck_assert_int_eq(rsa_sign_pkcs1(pair, buf_view(&t), &sig), 0);
	ck_assert_int_eq(rsa_raw_public(half, buf_view(&sig), &block), 0);
	buf_u16(&wanted, 0x0001);
	buf_fill(&wanted, 0xff, SIZE - 3 - t.n);
	buf_u8(&wanted, 0x00);
	buf_put_view(&wanted, buf_view(&t));
	ck_assert_buf(&block, buf_view(&wanted));
	ck_assert_int_eq(rsa_verify_pkcs1(half, buf_view(&t), buf_view(&sig)), 0);
	ck_assert_int_eq(rsa_verify_pkcs1(pair, buf_view(&t), buf_view(&sig)), 0);
	buf_free(&t);
	buf_free(&sig);
	buf_free(&wanted);
	buf_free(&hash);
}
END_TEST

START_TEST(pkcs1_lengths)
{
	uint8_t t[SIZE] = { 0x30 };
	struct buf sig = BUF(SIZE), full = BUF(SIZE - 1);

	ck_assert_int_eq(rsa_sign_pkcs1(pair, view_of(NULL, 0), &sig), 0);
	ck_assert_int_eq(rsa_verify_pkcs1(half, view_of(NULL, 0), buf_view(&sig)), 0);
	buf_free(&sig);
	ck_assert_int_eq(rsa_sign_pkcs1(pair, view_of(t, SIZE - 11), &sig), 0);
	ck_assert_int_eq(rsa_verify_pkcs1(half, view_of(t, SIZE - 11), buf_view(&sig)), 0);
	ck_assert_int_eq(rsa_verify_pkcs1(half, view_of(t, SIZE - 10), buf_view(&sig)), -EBADMSG);
	buf_free(&sig);
	ck_assert_int_eq(rsa_sign_pkcs1(pair, view_of(t, SIZE - 10), &sig), -EINVAL);
	ck_assert_int_eq(rsa_sign_pkcs1(half, view_of(t, 3), &sig), -ENOENT);
	ck_assert_int_eq(rsa_sign_pkcs1(pair, view_of(t, 3), &full), -ENOMEM);
	ck_assert_uint_eq(sig.n, 0);
	buf_free(&sig);
	buf_free(&full);
}
END_TEST

START_TEST(pkcs1_forged)
{
	uint8_t t[20] = { 0 }, n[SIZE];
	struct buf sig = BUF(SIZE + 1);

	ck_assert_int_eq(rsa_sign_pkcs1(pair, view_of(t, 20), &sig), 0);
	t[19] = 1;
	ck_assert_int_eq(rsa_verify_pkcs1(half, view_of(t, 20), buf_view(&sig)), -EBADMSG);
	t[19] = 0;
	ck_assert_int_eq(rsa_verify_pkcs1(half, view_of(t, 19), buf_view(&sig)), -EBADMSG);
	ck_assert_int_eq(rsa_verify_pkcs1(half, view_of(t, 20), view_of(sig.p, SIZE - 1)),
			 -EBADMSG);
	buf_u8(&sig, 0);
	ck_assert_int_eq(rsa_verify_pkcs1(half, view_of(t, 20), buf_view(&sig)), -EBADMSG);
	sig.p[64] ^= 1;
	ck_assert_int_eq(rsa_verify_pkcs1(half, view_of(t, 20), view_of(sig.p, SIZE)), -EBADMSG);
	memcpy(n, known(rsa_known_hex[RSA_PART_N]).p, SIZE);
	ck_assert_int_eq(rsa_verify_pkcs1(half, view_of(t, 20), view_of(n, SIZE)), -EBADMSG);
	ck_assert_int_eq(rsa_verify_pkcs1(half, view_of(t, 20), view_of(NULL, 0)), -EBADMSG);
	buf_free(&sig);
}
END_TEST

START_TEST(pkcs1_there_and_back)
{
	static const size_t lengths[] = { 0, 1, 16, SIZE - 11 };
	const size_t n = lengths[_i];
	uint8_t m[SIZE];
	struct buf secret = BUF(SIZE), out = BUF(SIZE);

	memset(m, 0x00, sizeof(m));
	ck_assert_int_eq(rsa_encrypt_pkcs1(half, view_of(m, n), &secret), 0);
	ck_assert_uint_eq(secret.n, SIZE);
	ck_assert_int_eq(rsa_decrypt_pkcs1(pair, buf_view(&secret), &out), 0);
	ck_assert_buf(&out, view_of(m, n));
	ck_assert_int_eq(rsa_decrypt_pkcs1(half, buf_view(&secret), &out), -ENOENT);
	ck_assert_int_eq(rsa_encrypt_pkcs1(half, view_of(m, SIZE - 10), &out), -EINVAL);
	ck_assert_uint_eq(out.n, 0);
	buf_free(&out);
	buf_free(&secret);
}
END_TEST

/* What stands in front of M, and how much of M comes out: -1, it is not type 2. */
static const struct {
	uint8_t first, second;
	size_t zero; /* place of the zero behind the padding; 0: there is none */
	int got;
} blocks[] = {
	{ 0x00, 0x02, 10, SIZE - 11 },
	{ 0x00, 0x02, 11, SIZE - 12 },
	{ 0x00, 0x02, SIZE - 2, 1 },
	{ 0x00, 0x02, SIZE - 1, 0 },
	{ 0x00, 0x02, 9, -1 },
	{ 0x00, 0x02, 2, -1 },
	{ 0x00, 0x02, 0, -1 },
	{ 0x00, 0x01, 10, -1 },
	{ 0x00, 0x00, 10, -1 },
	{ 0x00, 0x03, 10, -1 },
	{ 0x00, 0x82, 10, -1 },
	{ 0x01, 0x02, 10, -1 },
	{ 0x80, 0x02, 10, -1 },
};

START_TEST(pkcs1_type_2)
{
	uint8_t block[SIZE];
	struct buf secret = BUF(SIZE), out = BUF(SIZE);

	memset(block, 0x5a, SIZE);
	block[0] = blocks[_i].first;
	block[1] = blocks[_i].second;
	if (blocks[_i].zero)
		block[blocks[_i].zero] = 0x00;
	ck_assert_int_eq(rsa_raw_public(half, view_of(block, SIZE), &secret), 0);
	if (blocks[_i].got < 0) {
		ck_assert_int_eq(rsa_decrypt_pkcs1(pair, buf_view(&secret), &out), -EBADMSG);
		ck_assert_uint_eq(out.n, 0);
		buf_free(&out);
	} else {
		ck_assert_int_eq(rsa_decrypt_pkcs1(pair, buf_view(&secret), &out), 0);
		ck_assert_buf(&out, view_of(block + blocks[_i].zero + 1, (size_t)blocks[_i].got));
	}
	buf_free(&secret);
}
END_TEST

START_TEST(decrypt_lengths)
{
	const struct rsa_oaep oaep = { DIGEST_SHA1, DIGEST_SHA1, { NULL, 0 } };
	uint8_t n[SIZE + 1] = { 0 };
	struct buf out = BUF(SIZE);

	memcpy(n, known(rsa_known_hex[RSA_PART_N]).p, SIZE);
	ck_assert_int_eq(rsa_decrypt_pkcs1(pair, view_of(n, SIZE - 1), &out), -EBADMSG);
	ck_assert_int_eq(rsa_decrypt_pkcs1(pair, view_of(n, SIZE), &out), -EBADMSG);
	ck_assert_int_eq(rsa_decrypt_pkcs1(pair, view_of(n, SIZE + 1), &out), -EBADMSG);
	ck_assert_int_eq(rsa_decrypt_oaep(pair, &oaep, view_of(n, SIZE - 1), &out), -EBADMSG);
	ck_assert_int_eq(rsa_decrypt_oaep(pair, &oaep, view_of(n, SIZE), &out), -EBADMSG);
	ck_assert_int_eq(rsa_decrypt_oaep(pair, &oaep, view_of(n, SIZE + 1), &out), -EBADMSG);
	ck_assert_uint_eq(out.n, 0);
	buf_free(&out);
}
END_TEST

/* RSA Laboratories' test vectors for PSS (PKCS #1 v2.1), example 1.1. */
static const char pss_n[] =
	"a56e4a0e701017589a5187dc7ea841d156f2ec0e36ad52a44dfeb1e61f7ad991"
	"d8c51056ffedb162b4c0f283a12a88a394dff526ab7291cbb307ceabfce0b1df"
	"d5cd9508096d5b2b8b6df5d671ef6377c0921cb23c270a70e2598e6ff89d19f1"
	"05acc2d3f0cb35f29280e1386b6f64c4ef22e1e1f20d0ce8cffb2249bd9a2137";
static const char pss_message[] =
	"cdc87da223d786df3b45e0bbbc721326d1ee2af806cc315475cc6f0d9c66e1b6"
	"2371d45ce2392e1ac92844c310102f156a0d8d52c1f4c40ba3aa65095786cb76"
	"9757a6563ba958fed0bcc984e8b517a3d5f515b23b8a41e74aa867693f90dfb0"
	"61a6e86dfaaee64472c00e5f20945729cbebe77f06ce78e08f4098fba41f9d61"
	"93c0317e8b60d4b6084acb42d29e3808a3bc372d85e331170fcbf7cc72d0b71c"
	"296648b3a4d10f416295d0807aa625cab2744fd9ea8fd223c42537029828bd16"
	"be02546f130fd2e33b936d2676e08aed1b73318b750a0167d0";
static const char pss_signature[] =
	"9074308fb598e9701b2294388e52f971faac2b60a5145af185df5287b5ed2887"
	"e57ce7fd44dc8634e407c8e0e4360bc226f3ec227f9d9e54638e8d31f5051215"
	"df6ebb9c2f9579aa77598a38f914b5b9c1bd83c4e2f9f382a0d0aa3542ffee65"
	"984a601bc69eb28deb27dca12c82c2d4c3f66cd500f1ff2b994d8a4e30cbb33c";

START_TEST(pss_known)
{
	struct rsa_pss pss = { DIGEST_SHA1, DIGEST_SHA1, 20 };
	struct buf hash = BUF(20);
	struct rsa *k;

	ck_assert_int_eq(rsa_public(&k, known(pss_n), known("010001")), 0);
	ck_assert_int_eq(digest_once(DIGEST_SHA1, known(pss_message), &hash), 0);
	ck_assert_int_eq(rsa_verify_pss(k, &pss, buf_view(&hash), known(pss_signature)), 0);
	pss.salt = 19;
	ck_assert_int_eq(rsa_verify_pss(k, &pss, buf_view(&hash), known(pss_signature)), -EBADMSG);
	pss.salt = 20;
	pss.mgf = DIGEST_SHA256;
	ck_assert_int_eq(rsa_verify_pss(k, &pss, buf_view(&hash), known(pss_signature)), -EBADMSG);
	pss.mgf = DIGEST_SHA1;
	hash.p[0] ^= 1;
	ck_assert_int_eq(rsa_verify_pss(k, &pss, buf_view(&hash), known(pss_signature)), -EBADMSG);
	buf_free(&hash);
	rsa_free(k);
}
END_TEST

static const struct rsa_pss psses[] = {
	{ DIGEST_SHA1, DIGEST_SHA1, 20 },
	{ DIGEST_SHA256, DIGEST_SHA256, 32 },
	{ DIGEST_SHA256, DIGEST_SHA1, 0 },
	{ DIGEST_SHA256, DIGEST_SHA512, SIZE - 32 - 2 },
	{ DIGEST_SHA512, DIGEST_SHA512, SIZE - 64 - 2 },
	{ DIGEST_SHA224, DIGEST_SHA224, 28 },
	{ DIGEST_SHA384, DIGEST_SHA384, 48 },
	{ DIGEST_SHA3_256, DIGEST_SHA3_256, 32 },
	{ DIGEST_SHA3_384, DIGEST_SHA3_384, 48 },
	{ DIGEST_SHA3_512, DIGEST_SHA3_512, 10 },
};

START_TEST(pss_there_and_back)
{
	struct rsa_pss pss = psses[_i];
	uint8_t hash[DIGEST_MAX];
	const struct view h = view_of(hash, digest_size(pss.digest));
	struct buf a = BUF(SIZE), b = BUF(SIZE);

	memset(hash, 0x11, sizeof(hash));
	ck_assert_int_eq(rsa_sign_pss(pair, &pss, h, &a), 0);
	ck_assert_int_eq(rsa_sign_pss(pair, &pss, h, &b), 0);
	ck_assert_uint_eq(a.n, SIZE);
	/* random salt, unless there is none */
	ck_assert_int_eq(view_equal(buf_view(&a), buf_view(&b)), pss.salt == 0);
	ck_assert_int_eq(rsa_verify_pss(half, &pss, h, buf_view(&a)), 0);
	ck_assert_int_eq(rsa_verify_pss(half, &pss, h, buf_view(&b)), 0);
	ck_assert_int_eq(rsa_verify_pss(half, &pss, h, view_of(a.p, SIZE - 1)), -EBADMSG);
	a.p[SIZE - 1] ^= 1;
	ck_assert_int_eq(rsa_verify_pss(half, &pss, h, buf_view(&a)), -EBADMSG);
	buf_free(&a);
	buf_free(&b);
}
END_TEST

START_TEST(pss_refuses)
{
	struct rsa_pss pss = { DIGEST_SHA256, DIGEST_SHA256, 32 };
	uint8_t hash[33] = { 0 };
	struct buf out = BUF(SIZE);

	ck_assert_int_eq(rsa_sign_pss(pair, &pss, view_of(hash, 31), &out), -EINVAL);
	ck_assert_int_eq(rsa_sign_pss(pair, &pss, view_of(hash, 33), &out), -EINVAL);
	ck_assert_int_eq(rsa_sign_pss(pair, &pss, view_of(NULL, 0), &out), -EINVAL);
	ck_assert_int_eq(rsa_sign_pss(half, &pss, view_of(hash, 32), &out), -ENOENT);
	pss.salt = SIZE - 32 - 1;
	ck_assert_int_eq(rsa_sign_pss(pair, &pss, view_of(hash, 32), &out), -EINVAL);
	pss.salt = SIZE_MAX;
	ck_assert_int_eq(rsa_sign_pss(pair, &pss, view_of(hash, 32), &out), -EINVAL);
	ck_assert_int_eq(rsa_verify_pss(pair, &pss, view_of(hash, 32), known(pss_signature)),
			 -EBADMSG);
	ck_assert_uint_eq(out.n, 0);
	buf_free(&out);
}
END_TEST

/* RSA Laboratories' test vectors for OAEP (PKCS #1 v2.1), example 1.1. */
START_TEST(oaep_known)
{
	struct rsa_oaep oaep = { DIGEST_SHA1, DIGEST_SHA1, { NULL, 0 } };
	const struct view secret = known(
		"354fe67b4a126d5d35fe36c777791a3f7ba13def484e2d3908aff722fad468fb"
		"21696de95d0be911c2d3174f8afcc201035f7b6d8e69402de5451618c21a535f"
		"a9d7bfc5b8dd9fc243f8cf927db31322d6e881eaa91a996170e657a05a266426"
		"d98c88003f8477c1227094a0d9fa1e8c4024309ce1ecccb5210035d47ac72e8a");
	struct buf out = BUF(SIZE);

	ck_assert_int_eq(rsa_decrypt_oaep(pair, &oaep, secret, &out), 0);
	ck_assert_buf(&out, known("6628194e12073db03ba94cda9ef9532397d50dba79b987004afefe34"));
	ck_assert_int_eq(rsa_decrypt_oaep(half, &oaep, secret, &out), -ENOENT);
	oaep.label = said("another");
	ck_assert_int_eq(rsa_decrypt_oaep(pair, &oaep, secret, &out), -EBADMSG);
	oaep.label = view_of(NULL, 0);
	oaep.mgf = DIGEST_SHA256;
	ck_assert_int_eq(rsa_decrypt_oaep(pair, &oaep, secret, &out), -EBADMSG);
	oaep.mgf = DIGEST_SHA1;
	oaep.digest = DIGEST_SHA256;
	ck_assert_int_eq(rsa_decrypt_oaep(pair, &oaep, secret, &out), -EBADMSG);
	/* longer than the key itself */
	oaep.digest = DIGEST_SHA512;
	ck_assert_int_eq(rsa_decrypt_oaep(pair, &oaep, secret, &out), -EBADMSG);
	ck_assert_uint_eq(out.n, 0);
	buf_free(&out);
}
END_TEST

START_TEST(oaep_there_and_back)
{
	static const struct rsa_oaep oaeps[] = {
		{ DIGEST_SHA1, DIGEST_SHA1, { NULL, 0 } },
		{ DIGEST_SHA256, DIGEST_SHA256, { (const uint8_t *)"label", 5 } },
		{ DIGEST_SHA256, DIGEST_SHA1, { NULL, 0 } },
		{ DIGEST_SHA384, DIGEST_SHA3_256, { NULL, 0 } },
	};
	const struct rsa_oaep *oaep = &oaeps[_i];
	const size_t most = SIZE - 2 * digest_size(oaep->digest) - 2;
	uint8_t m[SIZE];
	struct buf secret = BUF(SIZE), out = BUF(SIZE);
	size_t n;

	memset(m, 0xc3, sizeof(m));
	for (n = 0; n <= most; n += most / 2) {
		ck_assert_int_eq(rsa_encrypt_oaep(half, oaep, view_of(m, n), &secret), 0);
		ck_assert_int_eq(rsa_decrypt_oaep(pair, oaep, buf_view(&secret), &out), 0);
		ck_assert_buf(&out, view_of(m, n));
		secret.p[5] ^= 1;
		ck_assert_int_eq(rsa_decrypt_oaep(pair, oaep, buf_view(&secret), &out), -EBADMSG);
		buf_free(&secret);
	}
	ck_assert_int_eq(rsa_encrypt_oaep(half, oaep, view_of(m, most + 1), &secret), -EINVAL);
	ck_assert_uint_eq(secret.n + out.n, 0);
	buf_free(&secret);
	buf_free(&out);
}
END_TEST

/* 62 bytes are too few for OAEP with SHA-256, 64 bytes are 512 bits. */
START_TEST(smallest_key)
{
	struct rsa_oaep oaep = { DIGEST_SHA256, DIGEST_SHA256, { NULL, 0 } };
	struct rsa_pss pss = { DIGEST_SHA512, DIGEST_SHA512, 0 };
	uint8_t hash[64] = { 0 };
	struct buf out = BUF(64), back = BUF(64);
	struct rsa *k;

	ck_assert_int_eq(rsa_generate(&k, 512, known(""), NULL, NULL), 0);
	ck_assert_int_eq(rsa_encrypt_oaep(k, &oaep, view_of(NULL, 0), &out), -EINVAL);
	ck_assert_int_eq(rsa_sign_pss(k, &pss, view_of(hash, 64), &out), -EINVAL);
	ck_assert_uint_eq(out.n, 0);
	ck_assert_int_eq(rsa_encrypt_pkcs1(k, view_of(hash, 53), &out), 0);
	ck_assert_int_eq(rsa_decrypt_pkcs1(k, buf_view(&out), &back), 0);
	ck_assert_buf(&back, view_of(hash, 53));
	buf_free(&out);
	rsa_free(k);
}
END_TEST

#define N(array) (sizeof(array) / sizeof(array[0]))

int
main(void)
{
	TCase *tc = tcase_create("rsa_scheme");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, pkcs1_block);
	tcase_add_test(tc, pkcs1_lengths);
	tcase_add_test(tc, pkcs1_forged);
	tcase_add_loop_test(tc, pkcs1_there_and_back, 0, 4);
	tcase_add_loop_test(tc, pkcs1_type_2, 0, N(blocks));
	tcase_add_test(tc, decrypt_lengths);
	tcase_add_test(tc, pss_known);
	tcase_add_loop_test(tc, pss_there_and_back, 0, N(psses));
	tcase_add_test(tc, pss_refuses);
	tcase_add_test(tc, oaep_known);
	tcase_add_loop_test(tc, oaep_there_and_back, 0, 4);
	tcase_add_test(tc, smallest_key);
	return run("rsa_scheme", tc);
}
