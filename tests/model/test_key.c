/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Keys as they are kept, and what each algorithm makes of each kind. */
#include <errno.h>

#include "algorithms.h"
#include "codec/tlv.h"
#include "known.h"
#include "model/key.h"
#include "rsa_known.h"

static struct sam sam;
static struct buf out = BUF(8192);

static void
teardown(void)
{
	sam_free(&sam);
	buf_free(&out);
}

static struct sam_key *
add(enum sam_kind kind)
{
	static uint8_t ref;
	struct sam_key *k = sam_key_add(&sam, 0, ref++, kind);

	ck_assert_ptr_nonnull(k);
	return k;
}

static struct sam_key *
add_rsa(void)
{
	struct sam_key *k = add(SAM_RSA);

	ck_assert_int_eq(key_keep_rsa(k, rsa_known_key()), 0);
	return k;
}

static struct sam_key *
add_ec(enum curve c)
{
	struct sam_key *k = add(SAM_EC);
	struct ec *ec;

	ck_assert_int_eq(ec_generate(&ec, c), 0);
	ck_assert_int_eq(key_keep_ec(k, ec), 0);
	return k;
}

static struct sam_key *
add_ed(enum sam_kind kind)
{
	struct sam_key *k = add(kind);
	enum ed_kind curve;
	struct ed *ed;

	ck_assert(key_ed_kind(kind, &curve));
	ck_assert_int_eq(ed_generate(&ed, curve), 0);
	ck_assert_int_eq(key_keep_ed(k, ed), 0);
	return k;
}

static struct sam_key *
add_secret(enum sam_kind kind, const char *value)
{
	struct sam_key *k = add(kind);

	ck_assert(sam_key_set_secret(k, known(value)));
	return k;
}

/* Closed and opened again it is the same key. */
static void
kept_well(struct sam_key *k)
{
	struct buf before = BUF(4096);

	ck_assert_int_eq(key_put_public(k, &before), 0);
	ck_assert(key_is_private(k));
	ck_assert(buf_set(&out, buf_view(&k->asym)));
	ck_assert(sam_key_set_asym(k, buf_view(&out)));
	ck_assert_ptr_null(k->opened);
	buf_reset(&out);
	ck_assert_int_eq(key_put_public(k, &out), 0);
	ck_assert_view(buf_view(&out), buf_view(&before));
	ck_assert(key_is_private(k));
	buf_free(&before);
	buf_reset(&out);
}

START_TEST(as_data_objects)
{
	struct sam_key *k = add_rsa();
	struct view v;

	kept_well(k);
	ck_assert_uint_eq(k->bits, 1024);
	ck_assert(tlv_valid(buf_view(&k->asym)));
	ck_assert(tlv_find(buf_view(&k->asym), KEY_RSA_P, &v));
	ck_assert_view(v, known(rsa_known_hex[RSA_PART_P]));
	/* d comes of p and q */
	ck_assert(!tlv_find(buf_view(&k->asym), KEY_RSA_D, &v));
	k = add_ec(CURVE_P521);
	kept_well(k);
	ck_assert_uint_eq(k->bits, 521);
	kept_well(add_ed(SAM_ED25519));
	kept_well(add_ed(SAM_X25519));
	kept_well(add_ed(SAM_ED448));
	kept_well(add_ed(SAM_X448));
}
END_TEST

/* Without p and q it is n, e and d. */
START_TEST(rsa_of_d)
{
	struct sam_key *k = add(SAM_RSA);
	struct buf in = BUF(1000);
	struct view v;

	tlv_put(&in, KEY_RSA_N, known(rsa_known_hex[RSA_PART_N]));
	tlv_put(&in, KEY_RSA_E, known(rsa_known_hex[RSA_PART_E]));
	ck_assert_int_eq(key_import(k, SAM_RSA, buf_view(&in)), 0);
	ck_assert(!key_is_private(k));
	tlv_put(&in, KEY_RSA_D, known(rsa_known_hex[RSA_PART_D]));
	ck_assert_int_eq(key_import(k, SAM_RSA, buf_view(&in)), 0);
	ck_assert(tlv_find(buf_view(&k->asym), KEY_RSA_D, &v));
	kept_well(k);
	buf_free(&in);
}
END_TEST

START_TEST(what_is_no_key)
{
	struct sam_key *k = add_ec(CURVE_P256);
	enum sam_kind kind;

	ck_assert_int_eq(key_import(k, SAM_EC, known("")), -EINVAL);
	ck_assert_int_eq(key_import(k, SAM_EC, known("06082A8648CE3D030107")), -EINVAL);
	ck_assert_int_eq(key_import(k, SAM_RSA, known("820103")), -EINVAL);
	ck_assert_int_eq(key_import(k, SAM_ED25519, known("880101")), -EINVAL);
	ck_assert_int_eq(key_import(k, SAM_AES, known("880101")), -EINVAL);
	/* the old one lives */
	ck_assert(key_is_private(k));
	ck_assert(!key_kind_of(known("820103"), &kind));
	ck_assert(!key_kind_of(known(""), &kind));
	ck_assert(key_kind_of(known("880103"), &kind));
	ck_assert_int_eq(kind, SAM_EC);
	ck_assert(key_kind_of(known("920103"), &kind));
	ck_assert_int_eq(kind, SAM_RSA);
	/* nothing yet, or only a curve */
	k = add(SAM_EC);
	ck_assert_ptr_null(key_ec(k));
	ck_assert_int_eq(key_put_public(k, &out), -ENOENT);
	ck_assert(sam_key_set_asym(k, known("06082A8648CE3D030107")));
	ck_assert_ptr_null(key_ec(k));
	ck_assert_int_eq(key_sign(k, plain_algorithm(0x13), NULL, known("01"), &out), -ENOENT);
	/* broken in the image */
	k = add(SAM_RSA);
	ck_assert(sam_key_set_asym(k, known("FF")));
	ck_assert_ptr_null(key_rsa(k));
	ck_assert(!key_is_private(k));
}
END_TEST

START_TEST(each_algorithm_has_its_kind)
{
	struct sam_key *keys[] = {
		add_secret(SAM_DES, "0123456789ABCDEF"),
		add_secret(SAM_DES3, "0123456789ABCDEFFEDCBA9876543210"),
		add_secret(SAM_AES, "2B7E151628AED2A6ABF7158809CF4F3C"),
		add_secret(SAM_HMAC, "4A656665"),
		add_rsa(), add_ec(CURVE_P256), add_ed(SAM_ED25519), add_ed(SAM_X25519),
	};
	const struct view in = known("00112233445566778899AABBCCDDEEFF"), none = { .n = 0 };
	unsigned id;
	size_t i;

	for (id = 0; id < 256; id++) {
		const struct algorithm *a = plain_algorithm((uint8_t)id);

		for (i = 0; a && i < sizeof(keys) / sizeof(*keys); i++) {
			bool fits = a->what != ALGORITHM_HASH && a->kind == keys[i]->kind;
			int makes = 0;

			makes += key_sign(keys[i], a, NULL, in, &out) != -ENOTSUP;
			makes += key_encipher(keys[i], a, NULL, none, in, &out) != -ENOTSUP;
			makes += key_checksum(keys[i], a, in, &out) != -ENOTSUP;
			makes += key_agree(keys[i], a, in, &out) != -ENOTSUP;
			ck_assert_int_eq(makes > 0, fits);
			buf_reset(&out);
		}
	}
}
END_TEST

START_TEST(ecdsa_in_both_forms)
{
	static const struct algorithm der = { .what = ALGORITHM_ECDSA_DER, .kind = SAM_EC };
	struct sam_key *k = add_ec(CURVE_P256);
	const struct algorithm *plain = plain_algorithm(0x13);
	struct view hash = known("0102030405060708090A0B0C0D0E0F1011121314");

	ck_assert_int_eq(key_sign(k, plain, NULL, hash, &out), 0);
	ck_assert_uint_eq(out.n, 64);
	ck_assert_int_eq(key_verify(k, plain, NULL, hash, buf_view(&out)), 0);
	ck_assert_int_eq(key_verify(k, &der, NULL, hash, buf_view(&out)), -EBADMSG);
	buf_reset(&out);
	ck_assert_int_eq(key_sign(k, &der, NULL, hash, &out), 0);
	ck_assert_uint_eq(out.p[0], 0x30);
	ck_assert_int_eq(key_verify(k, &der, NULL, hash, buf_view(&out)), 0);
}
END_TEST

START_TEST(shared_secrets)
{
	struct sam_key *a = add_ec(CURVE_BP512), *b = add_ec(CURVE_BP512);
	const struct algorithm *ecdh = plain_algorithm(0x14);
	struct buf point = BUF(200), other = BUF(200);

	ck_assert_int_eq(ec_get_point(key_ec(a), &point), 0);
	ck_assert_int_eq(key_agree(b, ecdh, buf_view(&point), &out), 0);
	ck_assert_uint_eq(out.n, 64);
	buf_reset(&point);
	ck_assert_int_eq(ec_get_point(key_ec(b), &point), 0);
	ck_assert_int_eq(key_agree(a, ecdh, buf_view(&point), &other), 0);
	ck_assert_view(buf_view(&out), buf_view(&other));
	point.p[5] ^= 1;
	ck_assert_int_eq(key_agree(a, ecdh, buf_view(&point), &other), -EINVAL);
	buf_free(&point);
	buf_free(&other);
}
END_TEST

START_TEST(raw_signatures)
{
	struct sam_key *k = add_rsa();
	const struct algorithm *raw = plain_algorithm(0x10);

	ck_assert_int_eq(key_sign(k, raw, NULL, known("0102"), &out), 0);
	ck_assert_int_eq(key_verify(k, raw, NULL, known("0102"), buf_view(&out)), 0);
	ck_assert_int_eq(key_verify(k, raw, NULL, known("00000102"), buf_view(&out)), 0);
	ck_assert_int_eq(key_verify(k, raw, NULL, known("0103"), buf_view(&out)), -EBADMSG);
	ck_assert_int_eq(key_verify(k, raw, NULL, known("02"), buf_view(&out)), -EBADMSG);
	ck_assert_int_eq(key_verify(k, raw, NULL, known("0102"), known("01")), -EBADMSG);
}
END_TEST

/* What another kind of key would do, one without its private half, or none at all. */
START_TEST(what_does_not_suit)
{
	static const struct algorithm ecdh_as_rsa = { .what = ALGORITHM_ECDH, .kind = SAM_RSA };
	const struct algorithm *pss = plain_algorithm(0x11), *pkcs1 = plain_algorithm(0x0c),
			       *cbc = plain_algorithm(2);
	struct sam_key *k = add_rsa(), *none = add(SAM_RSA);
	const struct view no_iv = { .n = 0 }, in = known("00112233445566778899AABBCCDDEEFF");

	ck_assert_int_eq(pss->what, ALGORITHM_RSA_PSS);
	ck_assert_int_eq(pkcs1->what, ALGORITHM_RSA_PKCS1);
	ck_assert_int_eq(key_verify(k, cbc, NULL, in, in), -ENOTSUP);
	ck_assert_int_eq(key_decipher(k, cbc, NULL, no_iv, in, &out), -ENOTSUP);
	/* no hash is that long */
	ck_assert_int_eq(key_verify(k, pss, NULL, known("0102"), in), -EINVAL);
	ck_assert_int_eq(key_verify(k, &ecdh_as_rsa, NULL, in, in), -ENOTSUP);
	ck_assert_int_eq(key_decipher(k, &ecdh_as_rsa, NULL, no_iv, in, &out), -ENOTSUP);
	ck_assert_int_eq(key_decipher(none, pkcs1, NULL, no_iv, in, &out), -ENOENT);
	ck_assert_int_eq(key_verify(none, pkcs1, NULL, in, in), -ENOENT);
	ck_assert_uint_eq(out.n, 0);
}
END_TEST

/* A key of 24 bytes enciphers; for the retail MAC it is one too many. */
START_TEST(three_keys)
{
	struct sam_key *k =
		add_secret(SAM_DES3, "0123456789ABCDEF23456789ABCDEF01456789ABCDEF0123");

	/* SP 800-67 B.1 */
	ck_assert_int_eq(key_encipher(k, plain_algorithm(0), NULL, view_of(NULL, 0),
				      said("The qufck brown fox jump"), &out),
			 0);
	ck_assert_view(buf_view(&out), known("A826FD8CE53B855FCCE21C8112256FE668D5C05DD9B6B900"));
	ck_assert_int_eq(key_checksum(k, plain_algorithm(0x0b), known("00"), &out), -ENOTSUP);
	ck_assert_int_eq(
		key_encipher(k, plain_algorithm(1), NULL, known("00"), said("8 bytes."), &out),
		-EINVAL);
	/* none */
	k = add(SAM_AES);
	ck_assert_int_eq(
		key_encipher(k, plain_algorithm(2), NULL, view_of(NULL, 0), known("00"), &out),
		-ENOENT);
	ck_assert_int_eq(key_checksum(k, plain_algorithm(9), known("00"), &out), -ENOENT);
	ck_assert(!key_is_private(k));
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("key");

	tcase_add_checked_fixture(tc, NULL, teardown);
	tcase_add_test(tc, as_data_objects);
	tcase_add_test(tc, rsa_of_d);
	tcase_add_test(tc, what_is_no_key);
	tcase_add_test(tc, each_algorithm_has_its_kind);
	tcase_add_test(tc, ecdsa_in_both_forms);
	tcase_add_test(tc, shared_secrets);
	tcase_add_test(tc, raw_signatures);
	tcase_add_test(tc, what_does_not_suit);
	tcase_add_test(tc, three_keys);
	return run("key", tc);
}
