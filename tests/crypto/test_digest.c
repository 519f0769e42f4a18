/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>

#include "crypto/digest.h"
#include "known.h"

/* FIPS 180-4 and FIPS 202 examples: "abc", and a million times "a". */
static const struct answer {
	const char *abc;
	const char *million;
} answers[DIGEST_COUNT] = {
	[DIGEST_SHA1] = {
		"a9993e36 4706816a ba3e2571 7850c26c 9cd0d89d",
		"34aa973c d4c4daa4 f61eeb2b dbad2731 6534016f",
	},
	[DIGEST_SHA224] = {
		"23097d22 3405d822 8642a477 bda255b3 2aadbce4 bda0b3f7 e36c9da7",
		"20794655 980c91d8 bbb4c1ea 97618a4b f03f4258 1948b2ee 4ee7ad67",
	},
	[DIGEST_SHA256] = {
		"ba7816bf 8f01cfea 414140de 5dae2223 b00361a3 96177a9c b410ff61 f20015ad",
		"cdc76e5c 9914fb92 81a1c7e2 84d73e67 f1809a48 a497200e 046d39cc c7112cd0",
	},
	[DIGEST_SHA384] = {
		"cb00753f45a35e8b b5a03d699ac65007 272c32ab0eded163 1a8b605a43ff5bed"
		"8086072ba1e7cc23 58baeca134c825a7",
		"9d0e1809716474cb 086e834e310a4a1c ed149e9c00f24852 7972cec5704c2a5b"
		"07b8b3dc38ecc4eb ae97ddd87f3d8985",
	},
	[DIGEST_SHA512] = {
		"ddaf35a193617aba cc417349ae204131 12e6fa4e89a97ea2 0a9eeee64b55d39a"
		"2192992a274fc1a8 36ba3c23a3feebbd 454d4423643ce80e 2a9ac94fa54ca49f",
		"e718483d0ce76964 4e2e42c7bc15b463 8e1f98b13b204428 5632a803afa973eb"
		"de0ff244877ea60a 4cb0432ce577c31b eb009c5c2c49aa2e 4eadb217ad8cc09b",
	},
	[DIGEST_SHA3_256] = {
		"3a985da74fe225b2 045c172d6bd390bd 855f086e3e9d525b 46bfe24511431532",
		"5c8875ae474a3634 ba4fd55ec85bffd6 61f32aca75c6d699 d0cdcb6c115891c1",
	},
	[DIGEST_SHA3_384] = {
		"ec01498288516fc9 26459f58e2c6ad8d f9b473cb0fc08c25 96da7cf0e49be4b2"
		"98d88cea927ac7f5 39f1edf228376d25",
		"eee9e24d78c18553 37983451df97c8ad 9eedf256c6334f8e 948d252d5e0e7684"
		"7aa0774ddb90a842 190d2c558b4b8340",
	},
	[DIGEST_SHA3_512] = {
		"b751850b1a57168a 5693cd924b6b096e 08f621827444f70d 884f5d0240d2712e"
		"10e116e9192af3c9 1a7ec57647e39340 57340b4cf408d5a5 6592f8274eec53f0",
		"3c3a876da14034ab 60627c077bb98f7e 120a2a5370212dff b3385a18d4f38859"
		"ed311d0a9d5141ce 9cc5c66ee689b266 a8aa18ace8282a0e 0db596c90b0a7b87",
	},
};

START_TEST(abc)
{
	struct buf out = BUF(64);

	ck_assert_int_eq(digest_once((enum digest)_i, said("abc"), &out), 0);
	ck_assert_uint_eq(out.n, digest_size((enum digest)_i));
	ck_assert_buf(&out, known(answers[_i].abc));
}
END_TEST

/* In parts that do not meet the blocks. */
START_TEST(million)
{
	static uint8_t a[1000];
	struct hash *h = hash_new((enum digest)_i);
	struct buf out = BUF(64);
	int i;

	memset(a, 'a', sizeof(a));
	ck_assert_ptr_nonnull(h);
	for (i = 0; i < 1000; i++)
		ck_assert_int_eq(hash_update(h, view_of(a, sizeof(a))), 0);
	ck_assert_int_eq(hash_final(h, &out), 0);
	hash_free(h);
	ck_assert_buf(&out, known(answers[_i].million));
}
END_TEST

START_TEST(parts_are_the_whole)
{
	const enum digest d = (enum digest)_i;
	struct buf once = BUF(64), parts = BUF(64);
	uint8_t data[300];
	struct hash *h;
	size_t cut;

	memset(data, 0x3c, sizeof(data));
	ck_assert_int_eq(digest_once(d, view_of(data, sizeof(data)), &once), 0);
	for (cut = 0; cut <= sizeof(data); cut += 25) {
		h = hash_new(d);
		ck_assert_int_eq(hash_update(h, view_of(data, cut)), 0);
		ck_assert_int_eq(hash_update(h, view_of(NULL, 0)), 0);
		ck_assert_int_eq(hash_update(h, view_of(data + cut, sizeof(data) - cut)), 0);
		ck_assert_int_eq(hash_final(h, &parts), 0);
		hash_free(h);
		ck_assert_buf(&parts, buf_view(&once));
	}
	buf_free(&once);
}
END_TEST

/* FIPS 180-2, of nothing. */
START_TEST(empty)
{
	struct buf out = BUF(64);

	ck_assert_int_eq(digest_once(DIGEST_SHA1, view_of(NULL, 0), &out), 0);
	ck_assert_buf(&out, known("da39a3ee 5e6b4b0d 3255bfef 95601890 afd80709"));
}
END_TEST

START_TEST(appends)
{
	struct buf out = BUF(21), full = BUF(19);

	buf_u8(&out, 0x04);
	ck_assert_int_eq(digest_once(DIGEST_SHA1, said("abc"), &out), 0);
	ck_assert_buf(&out, known("04 a9993e36 4706816a ba3e2571 7850c26c 9cd0d89d"));
	ck_assert_int_eq(digest_once(DIGEST_SHA1, said("abc"), &full), -ENOMEM);
	ck_assert(full.failed);
	buf_free(&full);
}
END_TEST

/* RFC 8017, 9.2, notes 1: the prefixes as printed there. */
static const struct prefix {
	enum digest d;
	const char *hex;
} prefixes[] = {
	{ DIGEST_SHA1, "30 21 30 09 06 05 2b 0e 03 02 1a 05 00 04 14" },
	{ DIGEST_SHA224, "30 2d 30 0d 06 09 60 86 48 01 65 03 04 02 04 05 00 04 1c" },
	{ DIGEST_SHA256, "30 31 30 0d 06 09 60 86 48 01 65 03 04 02 01 05 00 04 20" },
	{ DIGEST_SHA384, "30 41 30 0d 06 09 60 86 48 01 65 03 04 02 02 05 00 04 30" },
	{ DIGEST_SHA512, "30 51 30 0d 06 09 60 86 48 01 65 03 04 02 03 05 00 04 40" },
	{ DIGEST_SHA3_256, "30 31 30 0d 06 09 60 86 48 01 65 03 04 02 08 05 00 04 20" },
	{ DIGEST_SHA3_384, "30 41 30 0d 06 09 60 86 48 01 65 03 04 02 09 05 00 04 30" },
	{ DIGEST_SHA3_512, "30 51 30 0d 06 09 60 86 48 01 65 03 04 02 0a 05 00 04 40" },
};

START_TEST(info)
{
	const struct prefix *p = &prefixes[_i];
	struct buf out = BUF(128);
	uint8_t hash[DIGEST_MAX + 1];
	struct view prefix = known(p->hex);

	memset(hash, 0xa5, sizeof(hash));
	ck_assert_int_eq(digest_info(p->d, view_of(hash, digest_size(p->d)), &out), 0);
	ck_assert(view_starts(buf_view(&out), prefix));
	buf_drop(&out, prefix.n);
	ck_assert_buf(&out, view_of(hash, digest_size(p->d)));

	ck_assert_int_eq(digest_info(p->d, view_of(hash, digest_size(p->d) - 1), &out), -EINVAL);
	ck_assert_int_eq(digest_info(p->d, view_of(hash, digest_size(p->d) + 1), &out), -EINVAL);
	ck_assert_int_eq(digest_info(p->d, view_of(NULL, 0), &out), -EINVAL);
	ck_assert_uint_eq(out.n, 0);
	buf_free(&out);
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("digest");

	tcase_add_loop_test(tc, abc, 0, DIGEST_COUNT);
	tcase_add_loop_test(tc, million, 0, DIGEST_COUNT);
	tcase_add_loop_test(tc, parts_are_the_whole, 0, DIGEST_COUNT);
	tcase_add_test(tc, empty);
	tcase_add_test(tc, appends);
	tcase_add_loop_test(tc, info, 0, DIGEST_COUNT);
	return run("digest", tc);
}
