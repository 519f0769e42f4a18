/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>

#include "crypto/ed.h"
#include "known.h"

/* RFC 8032, 7.1, TEST 1 and TEST 2; 7.4, "Blank". */
static const struct {
	enum ed_kind kind;
	const char *key, *public, *message, *signature;
} signatures[] = {
	{ ED_25519, "9d61b19deffd5a60ba844af492ec2cc4 4449c5697b326919703bac031cae7f60",
	  "d75a980182b10ab7d54bfed3c964073a 0ee172f3daa62325af021a68f707511a",
	  "",
	  "e5564300c360ac729086e2cc806e828a 84877f1eb8e5d974d873e06522490155"
	  "5fb8821590a33bacc61e39701cf9b46b d25bf5f0595bbe24655141438e7a100b" },
	{ ED_25519, "4ccd089b28ff96da9db6c346ec114e0f 5b8a319f35aba624da8cf6ed4fb8a6fb",
	  "3d4017c3e843895a92b70aa74d1b7ebc 9c982ccf2ec4968cc0cd55f12af4660c",
	  "72",
	  "92a009a9f0d4cab8720e820b5f642540 a2b27b5416503f8fb3762223ebdb69da"
	  "085ac1e43e15996e458f3613d0f11d8c 387b2eaeb4302aeeb00d291612bb0c00" },
	{ ED_448,
	  "6c82a562cb808d10d632be89c8513ebf 6c929f34ddfa8c9f63c9960ef6e348a3"
	  "528c8a3fcc2f044e39a3fc5b94492f8f 032e7549a20098f95b",
	  "5fd7449b59b461fd2ce787ec616ad46a 1da1342485a70e1f8a0ea75d80e96778"
	  "edf124769b46c7061bd6783df1e50f6c d1fa1abeafe8256180",
	  "",
	  "533a37f6bbe457251f023c0d88f976ae 2dfb504a843e34d2074fd823d41a591f"
	  "2b233f034f628281f2fd7a22ddd47d78 28c59bd0a21bfd3980ff0d2028d4b18a"
	  "9df63e006c5d1c2d345b925d8dc00b41 04852db99ac5c7cdda8530a113a0f4db"
	  "b61149f05a7363268c71d95808ff2e65 2600" },
};

START_TEST(known_signature)
{
	const struct view message = known(signatures[_i].message);
	struct buf out = BUF(ED_SIGNATURE_SIZE_MAX);
	struct ed *k, *half;

	ck_assert_int_eq(ed_private(&k, signatures[_i].kind, known(signatures[_i].key)), 0);
	ck_assert_int_eq(ed_public(&half, signatures[_i].kind, known(signatures[_i].public)), 0);
	ck_assert(ed_is_private(k) && !ed_is_private(half));
	ck_assert_int_eq(ed_kind(k), signatures[_i].kind);
	ck_assert_int_eq(ed_get_public(k, &out), 0);
	ck_assert_buf(&out, known(signatures[_i].public));
	ck_assert_int_eq(ed_get_private(k, &out), 0);
	ck_assert_buf(&out, known(signatures[_i].key));
	ck_assert_int_eq(ed_sign(k, message, &out), 0);
	ck_assert_view(buf_view(&out), known(signatures[_i].signature));
	ck_assert_int_eq(ed_verify(k, message, buf_view(&out)), 0);
	ck_assert_int_eq(ed_verify(half, message, buf_view(&out)), 0);
	ck_assert_int_eq(ed_verify(half, said("no"), buf_view(&out)), -EBADMSG);
	ck_assert_int_eq(ed_verify(half, message, view_of(out.p, out.n - 1)), -EBADMSG);
	ck_assert_int_eq(ed_verify(half, message, view_of(NULL, 0)), -EBADMSG);
	out.p[10] ^= 1;
	ck_assert_int_eq(ed_verify(half, message, buf_view(&out)), -EBADMSG);
	buf_free(&out);
	ed_free(k);
	ed_free(half);
}
END_TEST

/* RFC 7748, 6.1 and 6.2. */
static const char alice[] = "77076d0a7318a57d3c16c17251b26645 df4c2f87ebc0992ab177fba51db92c2a";
static const char bob_public[] = "de9edb7d7b7dc1b4d35b61c2ece43537 3f8343c85b78674dadfc7e146f882b4f";
static const struct {
	enum ed_kind kind;
	const char *alice, *alice_public, *bob, *bob_public, *both;
} secrets[] = {
	{ ED_X25519, alice,
	  "8520f0098930a754748b7ddcb43ef75a 0dbf3a0d26381af4eba4a98eaa9b4e6a",
	  "5dab087e624a8a4b79e17f8b83800ee6 6f3bb1292618b6fd1c2f8b27ff88e0eb",
	  bob_public,
	  "4a5d9d5ba4ce2de1728e3bf480350f25 e07e21c947d19e3376f09b3c1e161742" },
	{ ED_X448,
	  "9a8f4925d1519f5775cf46b04b5800d4 ee9ee8bae8bc5565d498c28dd9c9baf5 74a9419744897391006382a6f127ab1d 9ac2d8c0a598726b",
	  "9b08f7cc31b7e3e67d22d5aea121074a 273bd2b83de09c63faa73d2c22c5d9bb c836647241d953d40c5b12da88120d53 177f80e532c41fa0",
	  "1c306a7ac2a0e2e0990b294470cba339 e6453772b075811d8fad0d1d6927c120 bb5ee8972b0d3e21374c9c921b09d1b0 366f10b65173992d",
	  "3eb7a829b0cd20f5bcfc0b599b6feccf 6da4627107bdb0d4f345b43027d8b972 fc3e34fb4232a13ca706dcb57aec3dae 07bdc1c67bf33609",
	  "07fff4181ac6cc95ec1c16a94a0f74d1 2da232ce40a77552281d282bb60c0b56 fd2464c335543936521c24403085d59a 449a5037514a879d" },
};

START_TEST(known_secret)
{
	struct buf out = BUF(ED_KEY_SIZE_MAX);
	struct ed *a, *b;

	ck_assert_int_eq(ed_private(&a, secrets[_i].kind, known(secrets[_i].alice)), 0);
	ck_assert_int_eq(ed_private(&b, secrets[_i].kind, known(secrets[_i].bob)), 0);
	ck_assert_int_eq(ed_get_public(a, &out), 0);
	ck_assert_buf(&out, known(secrets[_i].alice_public));
	ck_assert_int_eq(ed_get_private(a, &out), 0);
	ck_assert_buf(&out, known(secrets[_i].alice));
	ck_assert_int_eq(ed_shared(a, known(secrets[_i].bob_public), &out), 0);
	ck_assert_buf(&out, known(secrets[_i].both));
	ck_assert_int_eq(ed_shared(b, known(secrets[_i].alice_public), &out), 0);
	ck_assert_buf(&out, known(secrets[_i].both));
	ed_free(a);
	ed_free(b);
}
END_TEST

/* RFC 7748, 6.1: an all-zero secret is refused. */
START_TEST(small_order)
{
	static const char *const points[] = {
		"0000000000000000000000000000000000000000000000000000000000000000",
		"0100000000000000000000000000000000000000000000000000000000000000",
	};
	struct buf out = BUF(ED_KEY_SIZE_MAX);
	struct ed *k;
	size_t i;

	ck_assert_int_eq(ed_private(&k, ED_X25519, known(alice)), 0);
	for (i = 0; i < 2; i++)
		ck_assert_int_eq(ed_shared(k, known(points[i]), &out), -EINVAL);
	ck_assert_int_eq(ed_shared(k, view_of(known(bob_public).p, 31), &out), -EINVAL);
	ck_assert_int_eq(ed_shared(k, view_of(NULL, 0), &out), -EINVAL);
	ck_assert_uint_eq(out.n, 0);
	buf_free(&out);
	ed_free(k);
}
END_TEST

START_TEST(generates)
{
	const enum ed_kind kind = (enum ed_kind)_i;
	struct buf a = BUF(ED_KEY_SIZE_MAX), b = BUF(ED_KEY_SIZE_MAX);
	struct ed *k, *other;

	ck_assert_int_eq(ed_generate(&k, kind), 0);
	ck_assert_int_eq(ed_generate(&other, kind), 0);
	ck_assert(ed_is_private(k));
	ck_assert_int_eq(ed_get_private(k, &a), 0);
	ck_assert_int_eq(ed_get_private(other, &b), 0);
	ck_assert_uint_eq(a.n, ed_size(kind));
	ck_assert_mem_ne(a.p, b.p, a.n);
	ed_free(other);
	ck_assert_int_eq(ed_private(&other, kind, buf_view(&a)), 0);
	buf_free(&a);
	buf_free(&b);
	ck_assert_int_eq(ed_get_public(k, &a), 0);
	ck_assert_int_eq(ed_get_public(other, &b), 0);
	ck_assert_buf(&b, buf_view(&a));
	buf_free(&a);
	ed_free(k);
	ed_free(other);
}
END_TEST

/* Each kind does its own thing only. */
START_TEST(refuses)
{
	struct buf out = BUF(ED_SIGNATURE_SIZE_MAX), full = BUF(31);
	uint8_t bytes[33] = { 0 };
	struct ed *signer, *agrees, *half;
	size_t i;

	for (i = 0; i <= 33; i++) {
		if (i == 32)
			continue;
		ck_assert_int_eq(ed_private(&half, ED_25519, view_of(bytes, i)), -EINVAL);
		ck_assert_int_eq(ed_public(&half, ED_X25519, view_of(bytes, i)), -EINVAL);
		ck_assert_ptr_null(half);
	}
	ck_assert_int_eq(ed_private(&signer, ED_25519, known(alice)), 0);
	ck_assert_int_eq(ed_private(&agrees, ED_X25519, known(alice)), 0);
	ck_assert_int_eq(ed_public(&half, ED_25519, known(signatures[0].public)), 0);
	ck_assert_int_eq(ed_shared(signer, known(bob_public), &out), -ENOTSUP);
	ck_assert_int_eq(ed_sign(agrees, said("x"), &out), -ENOTSUP);
	ck_assert_int_eq(ed_verify(agrees, said("x"), known(signatures[0].signature)), -ENOTSUP);
	ck_assert_int_eq(ed_sign(half, said("x"), &out), -ENOENT);
	ck_assert_int_eq(ed_get_private(half, &out), -ENOENT);
	ck_assert_uint_eq(out.n, 0);
	ck_assert_int_eq(ed_sign(signer, said("x"), &full), -ENOMEM);
	ck_assert_int_eq(ed_get_public(signer, &full), -ENOMEM);
	ck_assert_int_eq(ed_shared(agrees, known(bob_public), &full), -ENOMEM);
	ed_free(half);
	ck_assert_int_eq(ed_public(&half, ED_X25519, known(bob_public)), 0);
	ck_assert_int_eq(ed_shared(half, known(bob_public), &out), -ENOENT);
	ed_free(half);
	ed_free(signer);
	ed_free(agrees);
	ed_free(NULL);
	buf_free(&out);
	buf_free(&full);
}
END_TEST

/* RFC 8410, 3. */
START_TEST(oids)
{
	ck_assert_view(ed_oid(ED_25519), known("2b 65 70"));
	ck_assert_view(ed_oid(ED_X25519), known("2b 65 6e"));
	ck_assert_view(ed_oid(ED_448), known("2b 65 71"));
	ck_assert_view(ed_oid(ED_X448), known("2b 65 6f"));
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("ed");

	tcase_add_loop_test(tc, known_signature, 0, sizeof(signatures) / sizeof(signatures[0]));
	tcase_add_loop_test(tc, known_secret, 0, sizeof(secrets) / sizeof(secrets[0]));
	tcase_add_test(tc, small_order);
	tcase_add_loop_test(tc, generates, ED_25519, ED_X448 + 1);
	tcase_add_test(tc, refuses);
	tcase_add_test(tc, oids);
	return run("ed", tc);
}
