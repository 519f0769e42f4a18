/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>

#include "crypto/resume.h"
#include "known.h"

/*
 * A million times "a" (FIPS 180-4 examples): the chaining value after 999,936 of
 * them, which are 7,999,488 bits, and the hash of them all.
 */
static const struct middle {
	enum digest d;
	const char *chained;
	const char *hash;
} middles[] = {
	{ DIGEST_SHA1,
	  "84fa87c3 be999530 ac669d12 9b31e889 474b1921",
	  "34aa973c d4c4daa4 f61eeb2b dbad2731 6534016f" },
	{ DIGEST_SHA224,
	  "6d96f75b f6a98177 fa6d8639 671ab502 64d7c1bb d2465b18 11ef46b7 9330fdda",
	  "20794655 980c91d8 bbb4c1ea 97618a4b f03f4258 1948b2ee 4ee7ad67" },
	{ DIGEST_SHA256,
	  "95838568 ad136ed3 358cd8ae 00a74f8f 23572274 29f8b5e7 ba527476 c7629156",
	  "cdc76e5c 9914fb92 81a1c7e2 84d73e67 f1809a48 a497200e 046d39cc c7112cd0" },
	{ DIGEST_SHA384,
	  "b321c4667c1070de af43775b08d36083 5ced57c4bbe0df8b 5e074e8d72c87a6f"
	  "bbaeee0f4ab325f0 01ce6eec9e3a17c3 87ccbf32bbe194d6 a16611915de2b066",
	  "9d0e1809716474cb 086e834e310a4a1c ed149e9c00f24852 7972cec5704c2a5b"
	  "07b8b3dc38ecc4eb ae97ddd87f3d8985" },
	{ DIGEST_SHA512,
	  "aaabf0731db41602 f95db6860a48d945 894f6895ccdcfd96 7fb8d48927c80adb"
	  "d0b8950ba2236619 ab2363aa22190457 f9c2000055195dde 4d5aa390be2cfa2f",
	  "e718483d0ce76964 4e2e42c7bc15b463 8e1f98b13b204428 5632a803afa973eb"
	  "de0ff244877ea60a 4cb0432ce577c31b eb009c5c2c49aa2e 4eadb217ad8cc09b" },
};

#define HASHED "00000000 007a1000"

/* A chaining value and a count of bits. */
static void
state(struct buf *b, const struct middle *m, const char *bits)
{
	buf_put_view(b, known(m->chained));
	buf_put_view(b, known(bits));
}

START_TEST(the_rest)
{
	const struct middle *m = &middles[_i];
	struct buf s = BUF(80), out = BUF(64);
	uint8_t a[64];
	struct hash *h;

	memset(a, 'a', sizeof(a));
	state(&s, m, HASHED);
	ck_assert_int_eq(hash_resume(&h, m->d, buf_view(&s)), 0);
	ck_assert_int_eq(hash_update(h, view_of(a, 10)), 0);
	ck_assert_int_eq(hash_update(h, view_of(NULL, 0)), 0);
	ck_assert_int_eq(hash_update(h, view_of(a, 54)), 0);
	ck_assert_int_eq(hash_final(h, &out), 0);
	hash_free(h);
	buf_free(&s);
	ck_assert_buf(&out, known(m->hash));
}
END_TEST

/* The count goes into the hash. */
START_TEST(another_count)
{
	const struct middle *m = &middles[_i];
	struct buf s = BUF(80);
	uint8_t a[64], hash[DIGEST_MAX];
	struct resume *r;
	struct view wanted = known(m->hash);

	memset(a, 'a', sizeof(a));
	state(&s, m, "00000001 007a1000");
	ck_assert_int_eq(resume_new(&r, m->d, buf_view(&s)), 0);
	ck_assert_int_eq(resume_update(r, view_of(a, 64)), 0);
	ck_assert_int_eq(resume_final(r, hash), 0);
	resume_free(r);
	buf_free(&s);
	ck_assert_mem_ne(hash, wanted.p, wanted.n);
}
END_TEST

START_TEST(no_state)
{
	const struct middle *m = &middles[_i];
	struct buf s = BUF(80);
	struct resume *r;

	/* a block less a bit, a byte, half a block of SHA-1 */
	state(&s, m, "00000000 007a1001");
	ck_assert_int_eq(resume_new(&r, m->d, buf_view(&s)), -EINVAL);
	buf_cut(&s, s.n - 2);
	buf_u16(&s, 0x1008);
	ck_assert_int_eq(resume_new(&r, m->d, buf_view(&s)), -EINVAL);
	buf_cut(&s, s.n - 2);
	buf_u16(&s, 0x1100);
	ck_assert_int_eq(resume_new(&r, m->d, buf_view(&s)), -EINVAL);
	buf_free(&s);

	state(&s, m, HASHED);
	buf_u8(&s, 0x00);
	ck_assert_int_eq(resume_new(&r, m->d, buf_view(&s)), -EINVAL);
	buf_cut(&s, s.n - 2);
	ck_assert_int_eq(resume_new(&r, m->d, buf_view(&s)), -EINVAL);
	ck_assert_int_eq(resume_new(&r, m->d, view_of(NULL, 0)), -EINVAL);
	ck_assert_ptr_null(r);
	buf_free(&s);
	resume_free(NULL);
}
END_TEST

/* What hash_resume makes of them. */
START_TEST(through_hash)
{
	struct buf s = BUF(80), out = BUF(64);
	struct hash *h;

	ck_assert_int_eq(hash_resume(&h, DIGEST_SHA3_256, said("x")), -ENOTSUP);
	ck_assert_ptr_null(h);
	ck_assert_int_eq(hash_resume(&h, DIGEST_SHA256, said("x")), -EINVAL);
	ck_assert_ptr_null(h);
	ck_assert_int_eq(hash_resume(&h, DIGEST_SHA1, view_of(NULL, 0)), 0);
	ck_assert_int_eq(hash_update(h, said("abc")), 0);
	ck_assert_int_eq(hash_final(h, &out), 0);
	hash_free(h);
	hash_free(NULL);
	buf_free(&s);
	ck_assert_buf(&out, known("a9993e36 4706816a ba3e2571 7850c26c 9cd0d89d"));
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("resume");
	const int n = sizeof(middles) / sizeof(middles[0]);

	tcase_add_loop_test(tc, the_rest, 0, n);
	tcase_add_loop_test(tc, another_count, 0, n);
	tcase_add_loop_test(tc, no_state, 0, n);
	tcase_add_test(tc, through_hash);
	return run("resume", tc);
}
