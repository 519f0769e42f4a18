/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <openssl/err.h>
#include <openssl/evp.h>

#include "crypto/rsa.h"
#include "rsa_known.h"

static void
expect_part(const struct rsa *k, enum rsa_part part, struct view wanted)
{
	struct buf out = BUF(RSA_KEY_SIZE_MAX);

	ck_assert_int_eq(rsa_get(k, part, &out), 0);
	ck_assert_buf(&out, wanted);
}

static void
expect_no_part(const struct rsa *k, enum rsa_part part)
{
	struct buf out = BUF(RSA_KEY_SIZE_MAX);

	ck_assert_int_eq(rsa_get(k, part, &out), -ENOENT);
	ck_assert_uint_eq(out.n, 0);
	buf_free(&out);
}

/* Both ways round, on numbers of several lengths. */
static void
expect_works(const struct rsa *k)
{
	struct buf a = BUF(RSA_KEY_SIZE_MAX), b = BUF(RSA_KEY_SIZE_MAX);
	uint8_t in[RSA_KEY_SIZE_MAX] = { 0 };
	const size_t n = rsa_size(k);

	memset(in + 1, 0xa7, n - 1);
	ck_assert_int_eq(rsa_raw_private(k, view_of(in, n), &a), 0);
	ck_assert_uint_eq(a.n, n);
	ck_assert_int_eq(rsa_raw_public(k, buf_view(&a), &b), 0);
	ck_assert_buf(&b, view_of(in, n));
	buf_free(&a);

	ck_assert_int_eq(rsa_raw_public(k, view_of(in + 1, 3), &a), 0);
	ck_assert_int_eq(rsa_raw_private(k, buf_view(&a), &b), 0);
	ck_assert_uint_eq(b.n, n);
	buf_drop(&b, n - 3);
	ck_assert_buf(&b, view_of(in + 1, 3));
	buf_free(&a);
}

/* Which of the numbers are given; the rest is worked out. */
static const unsigned enough[] = {
	0xff,
	RSA_BIT(P) | RSA_BIT(Q) | RSA_BIT(E),
	RSA_BIT(P) | RSA_BIT(Q) | RSA_BIT(DP) | RSA_BIT(DQ) | RSA_BIT(QINV),
	RSA_BIT(P) | RSA_BIT(Q) | RSA_BIT(DP) | RSA_BIT(DQ) | RSA_BIT(QINV) | RSA_BIT(E),
	RSA_BIT(P) | RSA_BIT(Q) | RSA_BIT(DP),
	RSA_BIT(P) | RSA_BIT(Q) | RSA_BIT(N) | RSA_BIT(E) | RSA_BIT(D),
	RSA_BIT(P) | RSA_BIT(Q) | RSA_BIT(N) | RSA_BIT(DP) | RSA_BIT(DQ),
};

START_TEST(out_of_some)
{
	const struct rsa_parts parts = rsa_known_parts(enough[_i]);
	struct rsa *k;
	unsigned i;

	ck_assert_int_eq(rsa_private(&k, &parts), 0);
	ck_assert_uint_eq(rsa_size(k), 128);
	ck_assert(rsa_is_private(k));
	for (i = 0; i < RSA_PART_COUNT; i++)
		expect_part(k, (enum rsa_part)i, known(rsa_known_hex[i]));
	expect_works(k);
	rsa_free(k);
}
END_TEST

START_TEST(without_primes)
{
	const struct rsa_parts parts = rsa_known_parts(RSA_BIT(N) | RSA_BIT(E) | RSA_BIT(D));
	struct rsa *k;

	ck_assert_int_eq(rsa_private(&k, &parts), 0);
	expect_part(k, RSA_PART_D, known(rsa_known_hex[RSA_PART_D]));
	expect_no_part(k, RSA_PART_P);
	expect_no_part(k, RSA_PART_QINV);
	expect_works(k);
	rsa_free(k);
}
END_TEST

/* d mod (p - 1)(q - 1), as older software makes it, is no other key; it stays as it came. */
START_TEST(larger_d)
{
	struct rsa_parts parts = rsa_known_parts(RSA_BIT(P) | RSA_BIT(Q) | RSA_BIT(E));
	struct rsa *k;

	/* d + lcm(p - 1, q - 1) */
	parts.part[RSA_PART_D] = known(
		"a78d76400f6722cc069d76c747254bbe9ecd28318a7fb3d9ddf96f135823d953"
		"70897e51815961e294e321dd17b70b7d9e65eb43a8f725228eeeb82048f2e58e"
		"a9b0b31ca5763030f66c7418df93a54d83cc7f7724cf8e6a64d8f0332ee27926"
		"618dcad926707265b85a7d0557781c193bed751245fef32cb627138c293660c5");
	ck_assert_int_eq(rsa_private(&k, &parts), 0);
	expect_part(k, RSA_PART_D, parts.part[RSA_PART_D]);
	expect_works(k);
	rsa_free(k);
}
END_TEST

START_TEST(leading_zeros)
{
	struct rsa_parts parts = rsa_known_parts(RSA_BIT(P) | RSA_BIT(Q));
	uint8_t e[] = { 0, 0, 0, 1, 0, 1 }, p[66] = { 0 };
	struct rsa *k;

	memcpy(p + 2, parts.part[RSA_PART_P].p, 64);
	parts.part[RSA_PART_P] = view_of(p, sizeof(p));
	parts.part[RSA_PART_E] = view_of(e, sizeof(e));
	ck_assert_int_eq(rsa_private(&k, &parts), 0);
	expect_part(k, RSA_PART_E, known("010001"));
	expect_part(k, RSA_PART_P, known(rsa_known_hex[RSA_PART_P]));
	rsa_free(k);
}
END_TEST

static const unsigned too_few[] = {
	0,
	RSA_BIT(N), RSA_BIT(N) | RSA_BIT(E), RSA_BIT(N) | RSA_BIT(D), RSA_BIT(E) | RSA_BIT(D),
	RSA_BIT(P) | RSA_BIT(Q),
	RSA_BIT(P) | RSA_BIT(Q) | RSA_BIT(DQ) | RSA_BIT(QINV),
	RSA_BIT(P) | RSA_BIT(E) | RSA_BIT(N) | RSA_BIT(D),
	RSA_BIT(Q) | RSA_BIT(E) | RSA_BIT(DP) | RSA_BIT(DQ),
};

START_TEST(out_of_too_few)
{
	const struct rsa_parts parts = rsa_known_parts(too_few[_i]);
	struct rsa *k;

	ck_assert_int_eq(rsa_private(&k, &parts), -EINVAL);
	ck_assert_ptr_null(k);
}
END_TEST

/* Each number in turn is another one: two more, so that it stays odd. */
START_TEST(not_of_one_key)
{
	struct rsa_parts parts = rsa_known_parts(0xff);
	uint8_t wrong[128];
	struct rsa *k;
	struct view *v = &parts.part[_i];

	memcpy(wrong, v->p, v->n);
	wrong[v->n - 1] ^= 0x02;
	v->p = wrong;
	ck_assert_int_eq(rsa_private(&k, &parts), -EINVAL);
	ck_assert_ptr_null(k);

	/* and without primes to compare with */
	if (_i <= RSA_PART_D) {
		parts = rsa_known_parts(RSA_BIT(N) | RSA_BIT(E) | RSA_BIT(D));
		parts.part[_i].p = wrong;
		ck_assert_int_eq(rsa_private(&k, &parts), -EINVAL);
	}
}
END_TEST

/* The linker's --wrap puts this before the real one. */
int __real_EVP_PKEY_fromdata(EVP_PKEY_CTX *ctx, EVP_PKEY **pkey, int selection,
			     OSSL_PARAM params[]);
int __wrap_EVP_PKEY_fromdata(EVP_PKEY_CTX *ctx, EVP_PKEY **pkey, int selection,
			     OSSL_PARAM params[]);

static int fromdata_fails_by; /* ERR_R_...; 0: it does not */

int
__wrap_EVP_PKEY_fromdata(EVP_PKEY_CTX *ctx, EVP_PKEY **pkey, int selection, OSSL_PARAM params[])
{
	if (!fromdata_fails_by)
		return __real_EVP_PKEY_fromdata(ctx, pkey, selection, params);
	ERR_raise(ERR_LIB_EVP, fromdata_fails_by);
	return 0;
}

/* Why is told, and nothing is left in libcrypto's queue for whoever asks next. */
START_TEST(libcrypto_refuses)
{
	struct rsa_parts parts = rsa_known_parts(RSA_BIT(P) | RSA_BIT(Q) | RSA_BIT(E));
	struct rsa *k;

	fromdata_fails_by = ERR_R_PASSED_INVALID_ARGUMENT;
	ck_assert_int_eq(rsa_private(&k, &parts), -EINVAL);
	ck_assert_ptr_null(k);
	ck_assert_uint_eq(ERR_peek_error(), 0);
	fromdata_fails_by = ERR_R_MALLOC_FAILURE;
	ck_assert_int_eq(rsa_private(&k, &parts), -ENOMEM);
	ck_assert_uint_eq(ERR_peek_error(), 0);
	fromdata_fails_by = 0;
	ck_assert_int_eq(rsa_private(&k, &parts), 0);
	rsa_free(k);
}
END_TEST

START_TEST(strange_primes)
{
	struct rsa_parts parts = rsa_known_parts(RSA_BIT(P) | RSA_BIT(Q) | RSA_BIT(E));
	const struct rsa_parts good = parts;
	struct rsa *k;

	parts.part[RSA_PART_Q] = parts.part[RSA_PART_P];
	ck_assert_int_eq(rsa_private(&k, &parts), -EINVAL);
	parts.part[RSA_PART_Q] = known("01");
	ck_assert_int_eq(rsa_private(&k, &parts), -EINVAL);
	parts.part[RSA_PART_Q] = known("02");
	ck_assert_int_eq(rsa_private(&k, &parts), -EINVAL);
	parts.part[RSA_PART_Q] = known("00");
	ck_assert_int_eq(rsa_private(&k, &parts), -EINVAL);
	parts.part[RSA_PART_Q] = known("03");
	ck_assert_int_eq(rsa_private(&k, &parts), -EINVAL);
	parts = good;
	parts.part[RSA_PART_E] = known("01");
	ck_assert_int_eq(rsa_private(&k, &parts), -EINVAL);
	parts.part[RSA_PART_E] = known("010000");
	ck_assert_int_eq(rsa_private(&k, &parts), -EINVAL);
	parts.part[RSA_PART_E] = known("00");
	ck_assert_int_eq(rsa_private(&k, &parts), -EINVAL);
	/* divides p - 1 or q - 1, so that it has no inverse */
	parts.part[RSA_PART_E] = known("03");
	ck_assert_int_eq(rsa_private(&k, &parts), -EINVAL);
}
END_TEST

/* d itself is 0x100 bytes too long to be anybody's. */
START_TEST(too_long_numbers)
{
	struct rsa_parts parts = rsa_known_parts(RSA_BIT(P) | RSA_BIT(Q) | RSA_BIT(E));
	static uint8_t large[RSA_KEY_SIZE_MAX + 9], half[65];
	struct rsa *k;

	memset(large, 0xff, sizeof(large));
	parts.part[RSA_PART_D] = view_of(large, sizeof(large));
	ck_assert_int_eq(rsa_private(&k, &parts), -EINVAL);
	/* as long as the modulus, and not below it; a prime that is longer than half of it */
	parts = rsa_known_parts(RSA_BIT(N) | RSA_BIT(E) | RSA_BIT(D));
	parts.part[RSA_PART_D] = parts.part[RSA_PART_N];
	ck_assert_int_eq(rsa_private(&k, &parts), -EINVAL);
	/* 2^512 + 1, 2^504 - 1 and 3 go together, but for their lengths */
	memset(half, 0, sizeof(half));
	half[0] = half[64] = 1;
	parts = (struct rsa_parts) { .part = {
					     [RSA_PART_P] = view_of(half, 65),
					     [RSA_PART_Q] = view_of(large, 63),
					     [RSA_PART_E] = known("03"),
				     } };
	ck_assert_int_eq(rsa_private(&k, &parts), -EINVAL);
	ck_assert_int_eq(rsa_public(&k, view_of(large, sizeof(large)), known("03")), -EINVAL);
	ck_assert_int_eq(rsa_public(&k, view_of(large, RSA_KEY_SIZE_MAX + 1), known("03")),
			 -EINVAL);
}
END_TEST

START_TEST(public_half)
{
	struct rsa *k = rsa_known_public();
	struct buf out = BUF(RSA_KEY_SIZE_MAX);

	ck_assert(!rsa_is_private(k));
	expect_part(k, RSA_PART_N, known(rsa_known_hex[RSA_PART_N]));
	expect_part(k, RSA_PART_E, known("010001"));
	expect_no_part(k, RSA_PART_D);
	expect_no_part(k, RSA_PART_P);
	ck_assert_int_eq(rsa_raw_private(k, known("02"), &out), -ENOENT);
	ck_assert_int_eq(rsa_raw_public(k, known("00"), &out), 0);
	ck_assert_uint_eq(out.n, 128);
	buf_free(&out);
	rsa_free(k);
	rsa_free(NULL);
}
END_TEST

START_TEST(public_lengths)
{
	uint8_t n[RSA_KEY_SIZE_MAX + 1];
	const struct view e = known("03");
	struct rsa *k;

	memset(n, 0xff, sizeof(n));
	ck_assert_int_eq(rsa_public(&k, view_of(n, 63), e), -EINVAL);
	ck_assert_int_eq(rsa_public(&k, view_of(n, 64), e), 0);
	rsa_free(k);
	ck_assert_int_eq(rsa_public(&k, view_of(n, 512), e), 0);
	ck_assert_uint_eq(rsa_size(k), 512);
	rsa_free(k);
	ck_assert_int_eq(rsa_public(&k, view_of(n, 513), e), -EINVAL);
	ck_assert_int_eq(rsa_public(&k, view_of(n, 0), e), -EINVAL);
	ck_assert_int_eq(rsa_public(&k, view_of(n, 64), known("")), -EINVAL);
	ck_assert_int_eq(rsa_public(&k, view_of(n, 64), known("02")), -EINVAL);
	ck_assert_int_eq(rsa_public(&k, view_of(n, 64), known("01")), -EINVAL);
	ck_assert_int_eq(rsa_public(&k, view_of(n, 64), view_of(n, 64)), -EINVAL);
	/* 1023 bits, and an even one */
	n[0] = 0x7f;
	ck_assert_int_eq(rsa_public(&k, view_of(n, 128), e), -EINVAL);
	n[0] = 0xff;
	n[127] = 0xfe;
	ck_assert_int_eq(rsa_public(&k, view_of(n, 128), e), -EINVAL);
}
END_TEST

/* Zero, n - 1, n, and what is longer. */
START_TEST(raw_edges)
{
	struct rsa *k = rsa_known_key();
	struct buf out = BUF(RSA_KEY_SIZE_MAX), full = BUF(127);
	uint8_t n[129] = { 0 }, zero[128] = { 0 };

	memcpy(n + 1, known(rsa_known_hex[RSA_PART_N]).p, 128);
	ck_assert_int_eq(rsa_raw_private(k, view_of(NULL, 0), &out), 0);
	ck_assert_buf(&out, view_of(zero, 128));
	ck_assert_int_eq(rsa_raw_private(k, view_of(n + 1, 128), &out), -EINVAL);
	ck_assert_int_eq(rsa_raw_public(k, view_of(n + 1, 128), &out), -EINVAL);
	ck_assert_int_eq(rsa_raw_private(k, view_of(n, 129), &out), -EINVAL);
	ck_assert_int_eq(rsa_raw_public(k, view_of(zero, 129 - 1), &full), -ENOMEM);
	ck_assert_uint_eq(out.n, 0);
	/* (-1)^d is -1 */
	n[128]--;
	ck_assert_int_eq(rsa_raw_private(k, view_of(n + 1, 128), &out), 0);
	ck_assert_buf(&out, view_of(n + 1, 128));
	n[128] += 2;
	ck_assert_int_eq(rsa_raw_private(k, view_of(n + 1, 128), &out), -EINVAL);
	buf_free(&out);
	buf_free(&full);
	rsa_free(k);
}
END_TEST

static const struct {
	size_t bits;
	const char *e;
} makes[] = {
	{ 512, "" },
	{ 512, "03" },
	{ 512, "00010001" },
	{ 768, "010001" },
	{ 520, "010001" },
	{ 1024, "03" },
	{ 1024, "0100000001" }, { 2048, "010001" }, { 2048, "03" },
};

START_TEST(makes_one)
{
	const size_t n = makes[_i].bits / 8;
	struct rsa_parts parts = { 0 };
	struct buf out[RSA_PART_COUNT];
	struct rsa *k, *again;
	unsigned i;

	ck_assert_int_eq(rsa_generate(&k, makes[_i].bits, known(makes[_i].e), NULL, NULL), 0);
	ck_assert_uint_eq(rsa_size(k), n);
	ck_assert(rsa_is_private(k));
	expect_works(k);
	for (i = 0; i < RSA_PART_COUNT; i++) {
		out[i] = (struct buf) BUF(RSA_KEY_SIZE_MAX);
		ck_assert_int_eq(rsa_get(k, (enum rsa_part)i, &out[i]), 0);
		if (i != RSA_PART_E)
			ck_assert_uint_eq(out[i].n, i <= RSA_PART_D ? n : (n + 1) / 2);
		parts.part[i] = buf_view(&out[i]);
	}
	/* the key's numbers belong together */
	ck_assert_int_eq(rsa_private(&again, &parts), 0);
	rsa_free(again);
	/* as cards have them: p > q */
	ck_assert_int_gt(memcmp(out[RSA_PART_P].p, out[RSA_PART_Q].p, out[RSA_PART_P].n), 0);
	for (i = 0; i < RSA_PART_COUNT; i++)
		buf_free(&out[i]);
	rsa_free(k);
}
END_TEST

START_TEST(makes_none)
{
	static const size_t wrong[] = {
		0, 8, 504, 511, 513, 1023, 1025, 4104, 8192, (size_t)1 << 40
	};
	uint8_t e[RSA_KEY_SIZE_MAX + 1];
	struct rsa *k;
	size_t i;

	for (i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		ck_assert_int_eq(rsa_generate(&k, wrong[i], known("03"), NULL, NULL), -EINVAL);
	ck_assert_int_eq(rsa_generate(&k, 512, known("00"), NULL, NULL), -EINVAL);
	ck_assert_int_eq(rsa_generate(&k, 512, known("01"), NULL, NULL), -EINVAL);
	ck_assert_int_eq(rsa_generate(&k, 512, known("02"), NULL, NULL), -EINVAL);
	ck_assert_int_eq(rsa_generate(&k, 512, known("010000"), NULL, NULL), -EINVAL);
	memset(e, 0xff, sizeof(e));
	ck_assert_int_eq(rsa_generate(&k, 512, view_of(e, 33), NULL, NULL), -EINVAL);
	ck_assert_int_eq(rsa_generate(&k, 512, view_of(e, sizeof(e)), NULL, NULL), -EINVAL);
	ck_assert_int_eq(rsa_generate(&k, 4096, view_of(e, 9), NULL, NULL), -EINVAL);
	ck_assert_ptr_null(k);
}
END_TEST

static bool
count_down(void *left)
{
	unsigned *n = left;

	return (*n)-- == 0;
}

static bool
never(void *asked)
{
	++*(unsigned *)asked;
	return false;
}

/* Stopped at once, and after a while; then nothing is asked again. */
START_TEST(stopped)
{
	unsigned left = (unsigned)_i;
	struct rsa *k;

	ck_assert_int_eq(rsa_generate(&k, 4096, known("010001"), count_down, &left), -ECANCELED);
	ck_assert_ptr_null(k);
	ck_assert_uint_eq(left, UINT32_MAX);
}
END_TEST

START_TEST(not_stopped)
{
	unsigned asked = 0;
	struct rsa *k;

	ck_assert_int_eq(rsa_generate(&k, 1024, known("010001"), never, &asked), 0);
	ck_assert_uint_gt(asked, 4);
	rsa_free(k);
}
END_TEST

#define N(array) (sizeof(array) / sizeof(array[0]))

int
main(void)
{
	TCase *tc = tcase_create("rsa");

	tcase_add_loop_test(tc, out_of_some, 0, N(enough));
	tcase_add_test(tc, without_primes);
	tcase_add_test(tc, larger_d);
	tcase_add_test(tc, leading_zeros);
	tcase_add_loop_test(tc, out_of_too_few, 0, N(too_few));
	tcase_add_loop_test(tc, not_of_one_key, 0, RSA_PART_COUNT);
	tcase_add_test(tc, libcrypto_refuses);
	tcase_add_test(tc, strange_primes);
	tcase_add_test(tc, too_long_numbers);
	tcase_add_test(tc, public_half);
	tcase_add_test(tc, public_lengths);
	tcase_add_test(tc, raw_edges);
	tcase_add_loop_test(tc, makes_one, 0, N(makes));
	tcase_add_test(tc, makes_none);
	tcase_add_loop_test(tc, stopped, 0, 20);
	tcase_add_test(tc, not_stopped);
	return run("rsa", tc);
}
