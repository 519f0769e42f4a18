/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The published worked examples, value by value: what went in, goes in by the random
 * source and by commands, and what came out has to come out. Nothing is compared with
 * what this code has computed itself.
 */
#include <openssl/bn.h>

#include "cards/eac/bac.h"
#include "cards/eac/suite.h"
#include "codec/secinfo.h"
#include "crypto/digest.h"
#include "crypto/ec.h"
#include "crypto/kdf.h"
#include "crypto/rsa.h"
#include "document.h"
#include "vectors.h"

static const struct view none = { .n = 0 };

/* K_pi of examples whose password is not in print (ld --wrap=kdf_derive). */
int __real_kdf_derive(enum cipher c, size_t n, struct view secret, enum kdf_use use,
		      struct secret *key);
int __wrap_kdf_derive(enum cipher c, size_t n, struct view secret, enum kdf_use use,
		      struct secret *key);

static struct view password_key;

int
__wrap_kdf_derive(enum cipher c, size_t n, struct view secret, enum kdf_use use, struct secret *key)
{
	if (use == KDF_PASSWORD && password_key.n > 0)
		return secret_set(key, password_key) ? 0 : -1;
	return __real_kdf_derive(c, n, secret, use, key);
}

static struct view
value(const char *example, const char *name)
{
	char full[80];
	size_t i;

	snprintf(full, sizeof(full), "%s.%s", example, name);
	for (i = 0; i < sizeof(vectors) / sizeof(*vectors); i++) {
		if (strcmp(vectors[i].name, full) == 0)
			return known(vectors[i].value);
	}
	ck_abort_msg("there is no %s", full);
}

static void
check_named(struct buf *got, const char *example, const char *name)
{
	ck_assert_msg(view_equal(buf_view(got), value(example, name)), "%s.%s", example, name);
	buf_free(got);
}

static void
send_raw(struct view command, struct buf *rsp)
{
	ck_assert_int_eq(card->ops->transmit(card, command, rsp), 0);
}

/* --- BAC (9303-11, D) ----------------------------------------------------------------------- */

START_TEST(basic_access)
{
	struct buf rsp = BUF(256), hash = BUF(64);
	struct secret k = { .n = 0 };
	struct apdu plain;
	struct buf scratch = BUF(256);
	struct sm *sm;
	char name[32];
	int i;

	ck_assert_int_eq(digest_once(DIGEST_SHA1, said("L898902C<369080619406236"), &hash), 0);
	ck_assert_view(view_slice(buf_view(&hash), 0, 16), value("bac", "kseed"));
	ck_assert_int_eq(kdf_derive(CIPHER_3DES, 16, view_of(hash.p, 16), KDF_ENC, &k), 0);
	ck_assert_view(secret_view(&k), value("bac", "k_enc"));
	ck_assert_int_eq(kdf_derive(CIPHER_3DES, 16, view_of(hash.p, 16), KDF_MAC, &k), 0);
	ck_assert_view(secret_view(&k), value("bac", "k_mac"));
	buf_free(&hash);

	document_open(&passport_type, none);
	ck_assert(sam_code_set(&sam_pin_find(&kept->sam, 0, EAC_MRZ)->code,
			       said("L898902C<369080619406236")));
	draw(value("bac", "rnd_ic"));
	draw(value("bac", "k_ic"));
	send_raw(known("0084000008"), &rsp);
	buf_cut(&rsp, 8);
	check_named(&rsp, "bac", "rnd_ic");
	rsp.max = 256;
	send_raw(value("bac", "external_authenticate_cmd"), &rsp);
	ck_assert_uint_eq(rsp.n, 42);
	buf_cut(&rsp, 40);
	check_named(&rsp, "bac", "external_authenticate_rsp_data");
	document_close();

	ck_assert_int_eq(kdf_derive(CIPHER_3DES, 16, value("bac", "session_seed"), KDF_ENC, &k), 0);
	ck_assert_view(secret_view(&k), value("bac", "ks_enc"));
	sm = sm_new(SM_DES3, value("bac", "ks_enc"), value("bac", "ks_mac"), value("bac", "ssc"));
	for (i = 0; i < 3; i++) {
		struct apdu in;
		struct buf answer = BUF(256);

		snprintf(name, sizeof(name), "sm%d_protected_cmd", i);
		ck_assert_int_eq(apdu_parse(&in, value("bac", name)), 0);
		ck_assert(apdu_class(&in));
		ck_assert_uint_eq(sm_unwrap(sm, &in, &plain, &scratch), SW_OK);
		snprintf(name, sizeof(name), "sm%d_plain_rsp_data", i);
		if (i > 0)
			buf_put_view(&answer, value("bac", name));
		else
			ck_assert_view(plain.data, known("011E"));
		ck_assert_int_eq(sm_wrap(sm, &plain, SW_OK, &answer), 0);
		buf_u16(&answer, SW_OK);
		snprintf(name, sizeof(name), "sm%d_protected_rsp", i);
		check_named(&answer, "bac", name);
	}
	sm_free(sm);
	buf_free(&scratch);
}
END_TEST

/* --- PACE (9303-11, G.1, with its commands) --------------------------------------------------- */

START_TEST(generic_mapping_by_its_commands)
{
	struct buf access = BUF(256);
	char name[32];
	int i;

	buf_put_view(&access, value("ecdh_gm", "ef_card_access_pace_info"));
	document_open(&passport_type, buf_view(&access));
	buf_free(&access);
	draw(value("ecdh_gm", "nonce"));
	draw(value("ecdh_gm", "chip_map_priv"));
	draw(value("ecdh_gm", "chip_eph_priv"));
	for (i = 0; i < 5; i++) {
		struct buf rsp = BUF(256);

		snprintf(name, sizeof(name), "apdu%d", i);
		send_raw(value("ecdh_gm", name), &rsp);
		snprintf(name, sizeof(name), "answer%d", i);
		check_named(&rsp, "ecdh_gm", name);
	}
	document_close();
}
END_TEST

/* --- the others, step by step ------------------------------------------------------------------ */

struct example {
	const char *name;
	unsigned method, domain;
	const char *nonce, *sealed, *map_in, *chip_map, *chip_map_out, *base;
	const char *term_eph, *chip_eph, *chip_eph_out, *secret, *kenc, *kmac, *token_in,
		*token_out;
	const char *password; /* NULL: K_pi is k_pi */
};

/* Where the private key of the chip is not in print, the card plays the terminal's part in the second half. */
static const struct example examples[] = {
	{ "ecdh_gm", SECINFO_ECDH_GM, 13, "nonce", "nonce_encrypted", "term_map_pub", "chip_map_priv", "chip_map_pub",
	  "mapped_generator", "term_eph_pub", "chip_eph_priv", "chip_eph_pub", "shared_secret_x", "ks_enc", "ks_mac",
	  "token_ifd", "token_ic", NULL },
	{ "dh_gm", SECINFO_DH_GM, 0, "nonce", "nonce_encrypted", "term_map_pub", "chip_map_priv", "chip_map_pub",
	  "mapped_generator", "term_eph_pub", "chip_eph_priv", "chip_eph_pub", "shared_secret", "ks_enc", "ks_mac",
	  "token_ifd", "token_ic", NULL },
	{ "ecdh_im", SECINFO_ECDH_IM, 13, "nonce_s", "nonce_encrypted", "nonce_t", NULL, NULL, "mapped_generator",
	  "term_eph_pub", "chip_eph_priv", "chip_eph_pub", "shared_secret_x", "ks_enc", "ks_mac", "token_ifd",
	  "token_ic", NULL },
	{ "dh_im", SECINFO_DH_IM, 0, "nonce_s", "nonce_encrypted", "nonce_t", NULL, NULL, "mapped_generator",
	  "chip_eph_pub", "term_eph_priv", "term_eph_pub", "shared_secret", "ks_enc", "ks_mac", "token_ic",
	  "token_ifd", NULL },
	{ "bsi_ecdh", SECINFO_ECDH_GM, 13, "nonce", "nonce_enc", "map_pcd_pub_key", "map_picc_priv_key",
	  "map_picc_pub_key", "map_generator", "pcd_pub_key", "picc_priv_key", "picc_pub_key", "shared_secret_k",
	  "k_enc", "k_mac", "authentication_token_pcd", "authentication_token_picc", "123456" },
	{ "bsi_dh", SECINFO_DH_GM, 0, "nonce", "nonce_enc", "map_pcd_pub_key", "map_picc_priv_key", "map_picc_pub_key",
	  "map_generator", "pcd_pub_key", "picc_priv_key", "picc_pub_key", "shared_secret_k", "k_enc", "k_mac",
	  "authentication_token_pcd", "authentication_token_picc", "123456" },
};

/* A private value as the card would draw it: less than the order, in its length. */
static void
draw_private(unsigned domain, struct view d)
{
	static const char q[] = "F518AA8781A8DF278ABA4E7D64B7CB9D49462353"; /* RFC 5114, 2.1 */
	BIGNUM *n = BN_bin2bn(d.p, (int)d.n, NULL), *order = NULL;
	BN_CTX *ctx = BN_CTX_new();
	uint8_t bytes[32];

	if (domain == 0) {
		ck_assert_int_gt(BN_hex2bn(&order, q), 0);
		BN_nnmod(n, n, order, ctx);
		ck_assert_int_eq(BN_bn2binpad(n, bytes, 20), 20);
		draw(view_of(bytes, 20));
	} else {
		draw(d);
	}
	BN_free(n);
	BN_free(order);
	BN_CTX_free(ctx);
}

/* One object in 7C, and the one that is answered. */
static unsigned
general_authenticate(bool last, uint32_t tag, struct view v, struct buf *answer)
{
	struct buf data = BUF(512), rsp = BUF(1024);
	size_t mark = tlv_open(&data, 0x7c);
	struct view in;
	unsigned sw;
	struct tlv t;

	if (tag)
		tlv_put(&data, tag, v);
	tlv_close(&data, mark);
	sw = doc_command(&terminal, last ? "00860000" : "10860000", buf_view(&data), 65536, &rsp);
	in = buf_view(&rsp);
	if (sw == 0x9000 && tlv_next(&in, &t)) {
		in = t.value;
		if (tlv_next(&in, &t))
			buf_put_view(answer, t.value);
	}
	buf_free(&data);
	buf_free(&rsp);
	return sw;
}

static struct view
without_zero(struct view v)
{
	return v.n % 2 && v.p[0] == 0 ? view_slice(v, 1, v.n) : v;
}

static void
open_example(const struct example *e)
{
	struct buf access = BUF(64), set = BUF(64);
	const uint8_t oid[] = { 0x04, 0x00, 0x7f, 0x00, 0x07, 0x02, 0x02, 0x04, (uint8_t)e->method, 2 };

	secinfo_put_pace(&access, (uint8_t)e->method, SECINFO_AES128, (int)e->domain);
	document_open(&identity_type, buf_view(&access));
	password_key = e->password ? none : value(e->name, "k_pi");
	tlv_put(&set, 0x80, view_of(oid, sizeof(oid)));
	tlv_put_u8(&set, 0x83, e->password ? EAC_PIN : EAC_MRZ);
	ck_assert_uint_eq(doc_command(&terminal, "0022C1A4", buf_view(&set), 0, NULL), 0x9000);
	buf_free(&access);
	buf_free(&set);
}

/* The nonce and the mapping. */
static void
first_half(const struct example *e)
{
	struct buf answer = BUF(512);

	draw(value(e->name, e->nonce));
	if (e->chip_map)
		draw_private(e->domain, value(e->name, e->chip_map));
	ck_assert_uint_eq(general_authenticate(false, 0, none, &answer), 0x9000);
	check_named(&answer, e->name, e->sealed);
	answer.max = 512;
	ck_assert_uint_eq(general_authenticate(false, 0x81, value(e->name, e->map_in), &answer),
			  0x9000);
	if (e->chip_map)
		check_named(&answer, e->name, e->chip_map_out);
	ck_assert_uint_eq(answer.n, 0);
	buf_free(&answer);
}

/* With 1 for a private key, what the card shows is the generator itself. */
static void
check_generator(const struct example *e)
{
	struct buf answer = BUF(512);
	uint8_t one[32] = { 0 };

	open_example(e);
	first_half(e);
	one[e->domain == 0 ? 19 : 31] = 1;
	draw(view_of(one, e->domain == 0 ? 20 : 32));
	ck_assert_uint_eq(general_authenticate(false, 0x83,
					       without_zero(value(e->name, e->term_eph)), &answer),
			  0x9000);
	check_named(&answer, e->name, e->base);
	document_close();
}

static void
check_keys(const struct example *e)
{
	struct secret k = { .n = 0 };

	ck_assert_int_eq(kdf_derive(CIPHER_AES, 16, value(e->name, e->secret), KDF_ENC, &k), 0);
	ck_assert_view(secret_view(&k), value(e->name, e->kenc));
	ck_assert_int_eq(kdf_derive(CIPHER_AES, 16, value(e->name, e->secret), KDF_MAC, &k), 0);
	ck_assert_view(secret_view(&k), value(e->name, e->kmac));
}

/* Up to a session under the keys that are in print. */
static void
play(const struct example *e)
{
	struct buf answer = BUF(512);

	open_example(e);
	first_half(e);
	draw_private(e->domain, value(e->name, e->chip_eph));
	ck_assert_uint_eq(general_authenticate(false, 0x83,
					       without_zero(value(e->name, e->term_eph)), &answer),
			  0x9000);
	ck_assert_view(buf_view(&answer), without_zero(value(e->name, e->chip_eph_out)));
	buf_reset(&answer);
	ck_assert_uint_eq(general_authenticate(true, 0x85, value(e->name, e->token_in), &answer),
			  0x9000);
	check_named(&answer, e->name, e->token_out);
	terminal.keys = (struct doc_keys) { .cipher = 2 };
	memcpy(terminal.keys.enc, value(e->name, e->kenc).p, 16);
	memcpy(terminal.keys.mac, value(e->name, e->kmac).p, 16);
}

START_TEST(worked_examples_of_pace)
{
	const struct example *e = &examples[_i];
	struct buf out = BUF(256);

	check_generator(e);
	check_keys(e);
	play(e);
	/* and the session is the one in print */
	ck_assert_uint_eq(doc_command(&terminal, "00B08100", none, 256, &out), 0x9000);
	ck_assert_uint_eq(out.n, 34);
	buf_free(&out);
	document_close();
	password_key = none;
}
END_TEST

/* What is secret and shared: H of generic mapping. */
START_TEST(shared_elements)
{
	struct buf out = BUF(256);
	struct group *g;

	ck_assert_int_eq(group_new(&g, 13), 0);
	ck_assert_int_eq(group_agree(g, value("ecdh_gm", "chip_map_priv"),
				     value("ecdh_gm", "term_map_pub"), &out),
			 0);
	check_named(&out, "ecdh_gm", "shared_H");
	out.max = 256;
	ck_assert_int_eq(group_agree(g, value("bsi_ecdh", "map_picc_priv_key"),
				     value("bsi_ecdh", "map_pcd_pub_key"), &out),
			 0);
	check_named(&out, "bsi_ecdh", "map_shared_secret_h");
	out.max = 256;
	ck_assert_int_eq(group_agree(g, value("bsi_ecdh", "picc_priv_key"),
				     value("bsi_ecdh", "pcd_pub_key"), &out),
			 0);
	ck_assert_view(group_secret(g, buf_view(&out)), value("bsi_ecdh", "shared_secret_k"));
	buf_free(&out);
	group_free(g);
}
END_TEST

/* --- chip authentication mapping (I.1): the card's keys are not in print, all that they give is --- */

START_TEST(chip_authentication_mapping)
{
	const uint8_t ones[16] = { [0 ... 15] = 0xff };
	struct eac_suite s = suite_of(SECINFO_AES128);
	const uint8_t cam[] = { 0x04, 0x00, 0x7f, 0x00, 0x07, 0x02, 0x02, 0x04, 0x06, 0x02 };
	const struct view oid = view_of(cam, sizeof(cam));
	struct secret k = { .n = 0 };
	struct buf out = BUF(256), padded = BUF(64), hash = BUF(64);
	struct group *g;

	/* K_pi and the nonce */
	ck_assert_int_eq(digest_once(DIGEST_SHA1, said("C11T002JM496081222310314"), &hash), 0);
	ck_assert_int_eq(kdf_derive(CIPHER_AES, 16, buf_view(&hash), KDF_PASSWORD, &k), 0);
	ck_assert_view(secret_view(&k), value("ecdh_cam", "k_pi"));
	ck_assert_int_eq(cipher_encrypt(CIPHER_AES, CIPHER_CBC, secret_view(&k), NULL,
					value("ecdh_cam", "nonce"), &out),
			 0);
	check_named(&out, "ecdh_cam", "nonce_encrypted");
	/* the generator, from the terminal's side */
	ck_assert_int_eq(group_new(&g, 13), 0);
	out.max = padded.max = 256;
	ck_assert_int_eq(group_agree(g, value("ecdh_cam", "term_map_priv"),
				     value("ecdh_cam", "chip_map_pub"), &padded),
			 0);
	ck_assert_int_eq(group_map_generic(g, value("ecdh_cam", "nonce"), buf_view(&padded), &out),
			 0);
	check_named(&out, "ecdh_cam", "mapped_generator");
	buf_free(&padded);
	out.max = padded.max = 256;
	ck_assert_int_eq(group_public(g, value("ecdh_cam", "mapped_generator"),
				      value("ecdh_cam", "term_eph_priv"), &out),
			 0);
	check_named(&out, "ecdh_cam", "term_eph_pub");
	out.max = 256;
	ck_assert_int_eq(group_agree(g, value("ecdh_cam", "term_eph_priv"),
				     value("ecdh_cam", "chip_eph_pub"), &out),
			 0);
	ck_assert_view(group_secret(g, buf_view(&out)), value("ecdh_cam", "shared_secret_x"));
	buf_free(&out);
	ck_assert_int_eq(
		kdf_derive(CIPHER_AES, 16, value("ecdh_cam", "shared_secret_x"), KDF_MAC, &k), 0);
	ck_assert_view(secret_view(&k), value("ecdh_cam", "ks_mac"));
	out.max = 256;
	ck_assert_int_eq(suite_token(&s, &k, oid, true, value("ecdh_cam", "chip_eph_pub"), &out),
			 0);
	check_named(&out, "ecdh_cam", "token_ifd");
	out.max = 256;
	ck_assert_int_eq(suite_token(&s, &k, oid, true, value("ecdh_cam", "term_eph_pub"), &out),
			 0);
	check_named(&out, "ecdh_cam", "token_ic");
	/* A_IC, and that CA_IC belongs to the keys: PK_Map = CA_IC * PK_IC */
	ck_assert_int_eq(
		kdf_derive(CIPHER_AES, 16, value("ecdh_cam", "shared_secret_x"), KDF_ENC, &k), 0);
	ck_assert_view(secret_view(&k), value("ecdh_cam", "ks_enc"));
	out.max = 256;
	ck_assert_int_eq(cipher_encrypt(CIPHER_AES, CIPHER_ECB, secret_view(&k), NULL,
					view_of(ones, 16), &out),
			 0);
	ck_assert_view(buf_view(&out), value("ecdh_cam", "cam_iv"));
	buf_put_view(&padded, value("ecdh_cam", "chip_auth_data_CA_IC"));
	pad_iso(&padded, 0, 16);
	buf_reset(&hash);
	ck_assert_int_eq(cipher_encrypt(CIPHER_AES, CIPHER_CBC, secret_view(&k), out.p,
					buf_view(&padded), &hash),
			 0);
	check_named(&hash, "ecdh_cam", "encrypted_chip_auth_data_8A");
	buf_free(&out);
	out.max = 256;
	ck_assert_int_eq(group_agree(g, value("ecdh_cam", "chip_auth_data_CA_IC"),
				     value("ecdh_cam", "chip_static_pub_implied"), &out),
			 0);
	check_named(&out, "ecdh_cam", "chip_map_pub");
	buf_free(&padded);
	group_free(g);
}
END_TEST

/* --- TR-03110's example goes on: secure messaging, TA, CA ------------------------------------------ */

START_TEST(secure_messaging_of_the_example)
{
	const struct example *e = &examples[4 + _i];
	struct buf rsp = BUF(256), raw = BUF(256), cert = BUF(2048);
	struct view v;
	struct cvc anchor;

	play(e);
	/* a trust anchor of the name that d1 asks for, so that the answer is 9000 */
	buf_put_view(&cert, value(e->name, _i == 0 ? "cvca_cert" : "cvca"));
	ck_assert(cvc_read(buf_view(&cert), &anchor));
	ck_assert_int_eq(eac_anchor_add(kept, buf_view(&cert)), 0);
	doc_protect(&terminal, "002281B6", value(e->name, "d1"), 0, &raw);
	ck_assert(tlv_find(view_slice(buf_view(&raw), 5, raw.n - 6), 0x87, &v));
	ck_assert_view(view_slice(v, 1, v.n), value(e->name, "e1"));
	document_send(NULL, buf_view(&raw), &rsp);
	ck_assert_view(view_slice(buf_view(&rsp), 0, 4), value(e->name, "ad1"));
	ck_assert(tlv_find(view_slice(buf_view(&rsp), 0, rsp.n - 2), 0x8e, &v));
	ck_assert_view(v, value(e->name, "a1"));
	buf_free(&rsp);
	buf_free(&raw);
	buf_free(&cert);
	document_close();
}
END_TEST

/* Certificates and signature by themselves. */
static int
verify_with(const struct cvc *signer, const struct cvc *root, struct view message,
	    struct view signature)
{
	struct buf hash = BUF(64), info = BUF(256);
	struct curve_params params;
	struct ec *ec = NULL;
	struct rsa *rsa = NULL;
	enum curve curve;
	size_t i;
	int rc;

	ck_assert_int_eq(digest_once((enum digest)signer->key.digest, message, &hash), 0);
	if (signer->key.scheme == CVC_ECDSA) {
		for (i = 0; i < CURVE_PART_COUNT; i++)
			params.part[i] = root->key.part[i];
		ck_assert_int_eq(curve_from_params(&params, &curve), 0);
		ck_assert_int_eq(ec_public(&ec, curve, signer->key.point), 0);
		rc = ec_verify(ec, EC_FORM_PLAIN, buf_view(&hash), signature);
	} else {
		ck_assert_int_eq(rsa_public(&rsa, signer->key.part[0], signer->key.part[1]), 0);
		ck_assert_int_eq(
			digest_info((enum digest)signer->key.digest, buf_view(&hash), &info), 0);
		rc = rsa_verify_pkcs1(rsa, buf_view(&info), signature);
	}
	ec_free(ec);
	rsa_free(rsa);
	buf_free(&hash);
	buf_free(&info);
	return rc;
}

START_TEST(terminal_authentication_of_the_example)
{
	const struct example *e = &examples[4 + _i];
	struct cvc root, dv, terminal_cert;
	struct buf message = BUF(512);
	struct group *g;

	ck_assert(cvc_read(value(e->name, _i == 0 ? "cvca_cert" : "cvca"), &root));
	ck_assert(cvc_read(value(e->name, "dv_cert"), &dv));
	ck_assert(cvc_read(value(e->name, "ta_cert"), &terminal_cert));
	ck_assert_int_eq(verify_with(&root, &root, root.body, root.signature), 0);
	ck_assert_int_eq(verify_with(&root, &root, dv.body, dv.signature), 0);
	ck_assert_int_eq(verify_with(&dv, &root, terminal_cert.body, terminal_cert.signature), 0);
	ck_assert_uint_eq(dv.chat.terminal, CVC_AT);
	ck_assert_uint_eq(terminal_cert.chat.role, CVC_TERMINAL);
	ck_assert_uint_eq(terminal_cert.effective, _i == 0 ? 20100930 : 20100324);
	/* ID_PICC | r | Comp(ephemeral key) */
	ck_assert_int_eq(group_new(&g, e->domain), 0);
	ck_assert_int_eq(group_compress(g, value(e->name, "picc_pub_key"), &message), 0);
	buf_put_view(&message, value(e->name, "ta_nonce"));
	ck_assert_int_eq(group_compress(g, value(e->name, "ca_pcd_pub_key"), &message), 0);
	ck_assert_int_eq(verify_with(&terminal_cert, &root, buf_view(&message),
				     value(e->name, "ta_pcd_signature")),
			 0);
	buf_free(&message);
	group_free(g);
}
END_TEST

START_TEST(chip_authentication_2_of_the_example)
{
	const struct example *e = &examples[4 + _i];
	const uint8_t oid[] = { 0x04, 0x00, 0x7f, 0x00, 0x07, 0x02, 0x02, 0x03, _i == 0 ? 2 : 1, 2 };
	const struct eac_suite s = suite_of(SECINFO_AES128);
	struct eac_key k = { .domain = e->domain };
	struct buf secret = BUF(512), out = BUF(512);
	struct secret key = { .n = 0 };
	struct group *g;

	ck_assert_int_eq(group_new(&g, e->domain), 0);
	ck_assert(
		secret_set(&k.d, _i == 0 ? value(e->name, "ca_picc_priv_key")
					 : view_slice(value(e->name, "ca_picc_priv_key"), 1, 20)));
	ck_assert_int_eq(eac_key_public(&k, &out), 0);
	check_named(&out, e->name, "ca_picc_pub_key");
	out.max = 512;
	ck_assert_int_eq(group_agree(g, secret_view(&k.d), value(e->name, "ca_pcd_pub_key"), &out),
			 0);
	buf_put_view(&secret, group_secret(g, buf_view(&out)));
	ck_assert_view(buf_view(&secret), value(e->name, "ca_shared_secret_k"));
	buf_put_view(&secret, value(e->name, "ca_nonce"));
	ck_assert_int_eq(kdf_derive(CIPHER_AES, 16, buf_view(&secret), KDF_ENC, &key), 0);
	ck_assert_view(secret_view(&key), value(e->name, "ca_k_enc"));
	ck_assert_int_eq(kdf_derive(CIPHER_AES, 16, buf_view(&secret), KDF_MAC, &key), 0);
	ck_assert_view(secret_view(&key), value(e->name, "ca_k_mac"));
	buf_reset(&out);
	ck_assert_int_eq(suite_token(&s, &key, view_of(oid, sizeof(oid)), e->domain == 13,
				     value(e->name, "ca_pcd_pub_key"), &out), 0);
	check_named(&out, e->name, "ca_picc_token");
	buf_free(&secret);
	group_free(g);
}
END_TEST

/* --- chip authentication 1 of a real passport: its key is not in print, the terminal's is ------------- */

START_TEST(chip_authentication_1_session)
{
	struct secret enc = { .n = 0 }, mac = { .n = 0 };
	struct buf shared = BUF(256), scratch = BUF(256);
	struct secinfo info = { .kind = SECINFO_OTHER };
	struct view infos, dg14;
	struct group *g;
	struct apdu in, plain;
	struct tlv t, parameters;
	struct sm *sm;
	unsigned domain;
	int i;

	dg14 = value("ca1", "dg14");
	ck_assert(tlv_next(&dg14, &t));
	ck_assert(secinfo_open(t.value, &infos));
	while (info.kind != SECINFO_CA_KEY)
		ck_assert(secinfo_next(&infos, &info));
	/* its explicit parameters are those of a standardised curve */
	{
		struct view v = info.required;

		ck_assert(tlv_next(&v, &t));
		v = t.value;
		ck_assert(tlv_next(&v, &t));
		v = t.value;
		ck_assert(tlv_next(&v, &t) && tlv_next(&v, &parameters));
	}
	ck_assert(group_from_parameters(parameters.whole, &domain));
	ck_assert_uint_eq(domain, 13);
	ck_assert_int_eq(group_new(&g, domain), 0);
	ck_assert_int_eq(group_agree(g, value("ca1", "term_priv"), info.public, &shared), 0);
	ck_assert_int_eq(
		kdf_derive(CIPHER_AES, 16, group_secret(g, buf_view(&shared)), KDF_ENC, &enc), 0);
	ck_assert_view(secret_view(&enc), value("ca1", "sm_after_ks_enc"));
	ck_assert_int_eq(
		kdf_derive(CIPHER_AES, 16, group_secret(g, buf_view(&shared)), KDF_MAC, &mac), 0);
	ck_assert_view(secret_view(&mac), value("ca1", "sm_after_ks_mac"));
	buf_free(&shared);
	group_free(g);

	sm = sm_new(SM_AES, value("ca1", "sm_before_ks_enc"), value("ca1", "sm_before_ks_mac"),
		    value("ca1", "sm_before_ssc"));
	for (i = 0; i < 3; i++) {
		struct buf answer = BUF(256);
		char name[32];

		if (i == 2) {
			sm_free(sm);
			sm = sm_new(SM_AES, secret_view(&enc), secret_view(&mac), none);
		}
		snprintf(name, sizeof(name), "apdu%d", i);
		ck_assert_int_eq(apdu_parse(&in, value("ca1", name)), 0);
		ck_assert(apdu_class(&in));
		ck_assert_uint_eq(sm_unwrap(sm, &in, &plain, &scratch), SW_OK);
		if (i == 1)
			buf_put_view(&answer, known("7C00"));
		ck_assert_int_eq(sm_wrap(sm, &plain, SW_OK, &answer), 0);
		buf_u16(&answer, SW_OK);
		snprintf(name, sizeof(name), "answer%d", i);
		check_named(&answer, "ca1", name);
	}
	sm_free(sm);
	buf_free(&scratch);
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("worked examples");
	const int pace = sizeof(examples) / sizeof(*examples);

	tcase_add_test(tc, basic_access);
	tcase_add_test(tc, generic_mapping_by_its_commands);
	tcase_add_loop_test(tc, worked_examples_of_pace, 0, pace);
	tcase_add_test(tc, shared_elements);
	tcase_add_test(tc, chip_authentication_mapping);
	tcase_add_loop_test(tc, secure_messaging_of_the_example, 0, 2);
	tcase_add_loop_test(tc, terminal_authentication_of_the_example, 0, 2);
	tcase_add_loop_test(tc, chip_authentication_2_of_the_example, 0, 2);
	tcase_add_test(tc, chip_authentication_1_session);
	return run("eac vectors", tc);
}
