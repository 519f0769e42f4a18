/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/pkcs12.h>
#include <openssl/provider.h>
#include <openssl/rsa.h>
#include <openssl/x509v3.h>

#include "crypto/import.h"
#include "known.h"

#define PASS "open sesame"

static struct import im;

static void
setup(void)
{
	memset(&im, 0, sizeof(im));
}

static void
teardown(void)
{
	import_free(&im);
	ck_assert_uint_eq(im.n_keys + im.n_certs, 0);
}

/* --- making files -------------------------------------------------------------- */

/* "rsa", or the name of a curve, or another type of libcrypto's. */
static EVP_PKEY *
make_key(const char *kind)
{
	EVP_PKEY *k;
	enum curve c;

	if (strcmp(kind, "rsa") == 0)
		k = EVP_RSA_gen(1024);
	else if (curve_from_name(kind, &c))
		k = EVP_EC_gen(kind);
	else
		k = EVP_PKEY_Q_keygen(NULL, NULL, kind);
	ck_assert_msg(k, "cannot make %s", kind);
	return k;
}

/*
 * One more entry of the subject. What a certificate shows of its names is const from
 * OpenSSL 4 on.
 */
static int
add_to_subject(X509 *x, const char *field, int type, const char *text)
{
	X509_NAME *name = X509_NAME_dup(X509_get_subject_name(x));
	int ok = X509_NAME_add_entry_by_txt(name, field, type, (const uint8_t *)text, -1, -1, 0);

	if (ok == 1)
		ok = X509_set_subject_name(x, name);
	X509_NAME_free(name);
	return ok;
}

static void
name_issuer(X509 *x)
{
	X509_NAME *name = X509_NAME_new();

	X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8, (const uint8_t *)"Issuer", -1, -1, 0);
	ck_assert_int_eq(X509_set_issuer_name(x, name), 1);
	X509_NAME_free(name);
}

/*
 * Self-signed, or signed by P-256 where the key cannot sign. usage: as openssl.cnf has
 * it, or NULL.
 */
static X509 *
make_cert(EVP_PKEY *key, const char *cn, const char *usage)
{
	bool agrees = EVP_PKEY_is_a(key, "X25519") || EVP_PKEY_is_a(key, "X448");
	EVP_PKEY *signer = agrees ? make_key("prime256v1") : key;
	const EVP_MD *md =
		EVP_PKEY_is_a(key, "ED25519") || EVP_PKEY_is_a(key, "ED448") ? NULL : EVP_sha256();
	X509 *x = X509_new();
	X509_EXTENSION *ext;

	ck_assert_int_eq(X509_set_version(x, X509_VERSION_3), 1);
	ck_assert_int_eq(ASN1_INTEGER_set(X509_get_serialNumber(x), 0x0102f3), 1);
	X509_gmtime_adj(X509_getm_notBefore(x), 0);
	X509_gmtime_adj(X509_getm_notAfter(x), 86400);
	name_issuer(x);
	add_to_subject(x, "C", MBSTRING_ASC, "DE");
	if (cn)
		add_to_subject(x, "CN", MBSTRING_UTF8, cn);
	X509_set_pubkey(x, key);
	if (usage) {
		ext = X509V3_EXT_conf_nid(NULL, NULL, NID_key_usage, usage);
		ck_assert_ptr_nonnull(ext);
		X509_add_ext(x, ext, -1);
		X509_EXTENSION_free(ext);
	}
	ck_assert_int_gt(X509_sign(x, signer, md), 0);
	if (signer != key)
		EVP_PKEY_free(signer);
	return x;
}

static struct view
written(BIO *bio)
{
	char *p;
	const long n = BIO_get_mem_data(bio, &p);

	return view_of(p, (size_t)n);
}

static bool
ask(void *ctx, struct secret *pass)
{
	++*(unsigned *)ctx;
	return secret_set(pass, said(PASS));
}

static bool
ask_wrong(void *ctx, struct secret *pass)
{
	++*(unsigned *)ctx;
	return secret_set(pass, said("open barley"));
}

static bool
ask_none(void *ctx, struct secret *pass)
{
	(void)pass;
	++*(unsigned *)ctx;
	return false;
}

/* --- and what is read of them -------------------------------------------------- */

/* The key at i is this one. */
static void
expect_key(size_t i, EVP_PKEY *wanted)
{
	const struct import_key *k = &im.keys[i];
	struct buf got = BUF(RSA_KEY_SIZE_MAX);
	uint8_t other[RSA_KEY_SIZE_MAX];
	BIGNUM *bn = NULL;
	size_t n = sizeof(other);

	ck_assert_uint_gt(im.n_keys, i);
	ck_assert_int_eq(!!k->rsa + !!k->ec + !!k->ed, 1);
	if (k->ed) {
		ck_assert(EVP_PKEY_is_a(wanted, ed_name(ed_kind(k->ed))));
		ck_assert_int_eq(ed_get_private(k->ed, &got), 0);
		ck_assert_int_eq(EVP_PKEY_get_raw_private_key(wanted, other, &n), 1);
	} else {
		if (k->rsa)
			ck_assert_int_eq(rsa_get(k->rsa, RSA_PART_D, &got), 0);
		else
			ck_assert_int_eq(ec_get_d(k->ec, &got), 0);
		ck_assert_int_eq(EVP_PKEY_get_bn_param(wanted, k->rsa ? "d" : "priv", &bn), 1);
		n = got.n;
		ck_assert_int_eq(BN_bn2binpad(bn, other, (int)n), (int)n);
		BN_free(bn);
	}
	ck_assert_buf(&got, view_of(other, n));
}

static void
expect_cert(size_t i, X509 *wanted, const char *cn)
{
	const struct import_cert *c = &im.certs[i];
	unsigned char *der = NULL, id[EVP_MAX_MD_SIZE];
	int n = i2d_X509(wanted, &der);

	ck_assert_uint_gt(im.n_certs, i);
	ck_assert_view(buf_view(&c->der), view_of(der, (size_t)n));
	OPENSSL_free(der);
	der = NULL;
	n = i2d_X509_NAME(X509_get_subject_name(wanted), &der);
	ck_assert_view(buf_view(&c->subject), view_of(der, (size_t)n));
	OPENSSL_free(der);
	ck_assert_view(buf_view(&c->issuer),
		       known("30 11 31 0f 30 0d 06 03 55 04 03 0c 06 49 73 73 75 65 72"));
	ck_assert_view(buf_view(&c->serial), known("02 03 01 02 f3"));
	ck_assert_str_eq(c->name, cn);
	ck_assert_int_eq(X509_pubkey_digest(wanted, EVP_sha1(), id, NULL), 1);
	ck_assert_mem_eq(c->id, id, IMPORT_ID_SIZE);
}

static const char *const kinds[] = {
	"rsa", "prime256v1", "secp521r1", "prime192v1", "brainpoolP320r1", "secp256k1", "ED25519",
	"X25519", "ED448", "X448",
};

/* A key and its certificate in one PEM file, with talk around them. */
START_TEST(pem_pair)
{
	EVP_PKEY *key = make_key(kinds[_i]);
	X509 *x = make_cert(key, "Erika Mustermann", NULL);
	BIO *bio = BIO_new(BIO_s_mem());

	BIO_puts(bio, "Bag Attributes\n    friendlyName: x\n");
	PEM_write_bio_PrivateKey(bio, key, NULL, NULL, 0, NULL, NULL);
	BIO_puts(bio, "subject=CN = x\n");
	PEM_write_bio_PUBKEY(bio, key);
	PEM_write_bio_X509(bio, x);
	ck_assert_int_eq(import_read(&im, written(bio), NULL, NULL), 0);
	ck_assert_uint_eq(im.n_keys, 1);
	ck_assert_uint_eq(im.n_certs, 1);
	expect_key(0, key);
	expect_cert(0, x, "Erika Mustermann");
	ck_assert_mem_eq(im.keys[0].id, im.certs[0].id, IMPORT_ID_SIZE);
	BIO_free(bio);
	X509_free(x);
	EVP_PKEY_free(key);
}
END_TEST

/* PKCS#8, PKCS#1, SEC1: without PEM around them. */
START_TEST(der_keys)
{
	EVP_PKEY *key = make_key(kinds[_i]);
	BIO *bio = BIO_new(BIO_s_mem()), *old = BIO_new(BIO_s_mem());
	struct buf longer = BUF(4096);

	ck_assert_int_eq(i2d_PKCS8PrivateKey_bio(bio, key, NULL, NULL, 0, NULL, NULL), 1);
	ck_assert_int_eq(import_read(&im, written(bio), ask_none, NULL), 0);
	expect_key(0, key);
	buf_put_view(&longer, written(bio));
	buf_u8(&longer, 0x00);
	ck_assert_int_eq(import_read(&im, buf_view(&longer), NULL, NULL), -EBADMSG);
	ck_assert_int_eq(import_read(&im, view_of(longer.p, longer.n - 2), NULL, NULL), -EBADMSG);
	if (EVP_PKEY_is_a(key, "RSA") || EVP_PKEY_is_a(key, "EC")) {
		ck_assert_int_eq(i2d_PrivateKey_bio(old, key), 1);
		ck_assert_int_eq(import_read(&im, written(old), ask_none, NULL), 0);
		ck_assert_uint_eq(im.n_keys, 2);
		expect_key(1, key);
	}
	ck_assert_uint_eq(im.n_certs, 0);
	buf_free(&longer);
	BIO_free(bio);
	BIO_free(old);
	EVP_PKEY_free(key);
}
END_TEST

/* Domain parameters written out are known again. */
START_TEST(explicit_params)
{
	EVP_PKEY *key = make_key("brainpoolP256r1");
	BIO *bio = BIO_new(BIO_s_mem());

	ck_assert_int_eq(EVP_PKEY_set_utf8_string_param(key, OSSL_PKEY_PARAM_EC_ENCODING,
							OSSL_PKEY_EC_ENCODING_EXPLICIT), 1);
	PEM_write_bio_PrivateKey(bio, key, NULL, NULL, 0, NULL, NULL);
	ck_assert_uint_gt(written(bio).n, 400);
	ck_assert_int_eq(import_read(&im, written(bio), NULL, NULL), 0);
	expect_key(0, key);
	ck_assert_int_eq(ec_curve(im.keys[0].ec), CURVE_BP256);
	BIO_free(bio);
	EVP_PKEY_free(key);
}
END_TEST

static void
write_encrypted(BIO *bio, EVP_PKEY *key, int form)
{
	const EVP_CIPHER *aes = EVP_aes_128_cbc();

	if (form == 0)
		PEM_write_bio_PKCS8PrivateKey(bio, key, aes, PASS, strlen(PASS), NULL, NULL);
	else if (form == 1)
		i2d_PKCS8PrivateKey_bio(bio, key, aes, PASS, strlen(PASS), NULL, NULL);
	else
		PEM_write_bio_PrivateKey_traditional(bio, key, form == 2 ? aes : EVP_des_ede3_cbc(),
						     (const uint8_t *)PASS, strlen(PASS), NULL,
						     NULL);
}

/* PKCS#8 in PEM and DER, and the older form with headers. */
START_TEST(encrypted)
{
	EVP_PKEY *key = make_key("prime256v1");
	BIO *bio = BIO_new(BIO_s_mem());
	unsigned asked = 0;

	write_encrypted(bio, key, _i);
	ck_assert_int_eq(import_read(&im, written(bio), NULL, NULL), -EACCES);
	ck_assert_int_eq(import_read(&im, written(bio), ask_none, &asked), -EACCES);
	ck_assert_uint_eq(asked, 1);
	ck_assert_int_eq(import_read(&im, written(bio), ask_wrong, &asked), -EACCES);
	ck_assert_uint_eq(asked, 2);
	ck_assert_uint_eq(im.n_keys, 0);
	ck_assert_int_eq(import_read(&im, written(bio), ask, &asked), 0);
	ck_assert_uint_eq(asked, 3);
	expect_key(0, key);
	BIO_free(bio);
	EVP_PKEY_free(key);
}
END_TEST

/* A wrong passphrase in many now and then makes good padding: still a wrong passphrase. */
START_TEST(wrong_with_luck)
{
	EVP_PKEY *key = make_key("prime256v1");
	unsigned asked = 0;
	BIO *bio;
	int i;

	for (i = 0; i < 600; i++) {
		bio = BIO_new(BIO_s_mem());
		write_encrypted(bio, key, 2);
		ck_assert_int_eq(import_read(&im, written(bio), ask_wrong, &asked), -EACCES);
		BIO_free(bio);
	}
	EVP_PKEY_free(key);
}
END_TEST

/* Two encrypted keys of one file: one question. */
START_TEST(asked_once)
{
	EVP_PKEY *a = make_key("prime256v1"), *b = make_key("rsa");
	BIO *bio = BIO_new(BIO_s_mem());
	unsigned asked = 0;

	write_encrypted(bio, a, 0);
	write_encrypted(bio, b, 2);
	ck_assert_int_eq(import_read(&im, written(bio), ask, &asked), 0);
	ck_assert_uint_eq(asked, 1);
	ck_assert_uint_eq(im.n_keys, 2);
	expect_key(0, a);
	expect_key(1, b);
	BIO_free(bio);
	EVP_PKEY_free(a);
	EVP_PKEY_free(b);
}
END_TEST

/* key, its certificate and one more; nid: how these are encrypted, -1 not at all. */
static void
write_pkcs12(BIO *bio, const char *pass, int nid, int mac, EVP_PKEY *key, X509 *x, X509 *more)
{
	const int key_nid = nid == NID_pbe_WithSHA1And40BitRC2_CBC ?
			    NID_pbe_WithSHA1And3_Key_TripleDES_CBC : nid;
	STACK_OF(X509) *ca = sk_X509_new_null();
	PKCS12 *p12;

	sk_X509_push(ca, more);
	p12 = PKCS12_create(pass, "friendly", key, x, ca, key_nid, nid, 100, mac, 0);
	ck_assert_ptr_nonnull(p12);
	ck_assert_int_eq(i2d_PKCS12_bio(bio, p12), 1);
	PKCS12_free(p12);
	sk_X509_free(ca);
}

/* Passphrase, encryption, MAC's iterations (-1: no MAC), questions. */
static const struct {
	const char *pass;
	int nid, mac;
	unsigned asked;
} p12s[] = {
	{ PASS, NID_aes_256_cbc, 100, 1 },
	{ PASS, NID_pbe_WithSHA1And3_Key_TripleDES_CBC, 1, 1 },
	{ "", NID_aes_128_cbc, 100, 0 },
	{ PASS, -1, 100, 1 },
	{ "", -1, -1, 0 },
};

START_TEST(pkcs12)
{
	EVP_PKEY *key = make_key("rsa"), *ca_key = make_key("prime256v1");
	X509 *x = make_cert(key, "holder", NULL), *ca = make_cert(ca_key, "above", "keyCertSign");
	BIO *bio = BIO_new(BIO_s_mem());
	unsigned asked = 0;

	write_pkcs12(bio, p12s[_i].pass, p12s[_i].nid, p12s[_i].mac, key, x, ca);
	if (p12s[_i].asked) {
		ck_assert_int_eq(import_read(&im, written(bio), NULL, NULL), -EACCES);
		ck_assert_int_eq(import_read(&im, written(bio), ask_wrong, &asked), -EACCES);
	}
	ck_assert_uint_eq(asked, p12s[_i].asked);
	ck_assert_uint_eq(im.n_keys + im.n_certs, 0);
	ck_assert_int_eq(import_read(&im, written(bio), ask, &asked), 0);
	ck_assert_uint_eq(asked, 2 * p12s[_i].asked);
	ck_assert_uint_eq(im.n_keys, 1);
	ck_assert_uint_eq(im.n_certs, 2);
	expect_key(0, key);
	expect_cert(0, x, "holder");
	expect_cert(1, ca, "above");
	ck_assert_uint_eq(im.certs[1].usage, IMPORT_USE_CERT_SIGN);
	BIO_free(bio);
	X509_free(x);
	X509_free(ca);
	EVP_PKEY_free(key);
	EVP_PKEY_free(ca_key);
}
END_TEST

/* As it was written before libcrypto 3: certificates in RC2 of 40 bits. */
START_TEST(old_pkcs12)
{
	OSSL_PROVIDER *legacy = OSSL_PROVIDER_try_load(NULL, "legacy", 1);
	EVP_PKEY *key;
	X509 *x;
	BIO *bio;
	unsigned asked = 0;

	if (!legacy)
		return; /* not there to write one with, nor to read it */
	key = make_key("prime256v1");
	x = make_cert(key, "holder", NULL);
	bio = BIO_new(BIO_s_mem());
	write_pkcs12(bio, PASS, NID_pbe_WithSHA1And40BitRC2_CBC, 1, key, x, x);
	OSSL_PROVIDER_unload(legacy);
	ck_assert_int_eq(import_read(&im, written(bio), ask_wrong, &asked), -EACCES);
	ck_assert_int_eq(import_read(&im, written(bio), ask, &asked), 0);
	expect_key(0, key);
	expect_cert(0, x, "holder");
	BIO_free(bio);
	X509_free(x);
	EVP_PKEY_free(key);
}
END_TEST

START_TEST(not_for_us)
{
	static const char *const others[] = { "secp112r1", "sect163k1", "rsa1016", "rsa1020" };
	EVP_PKEY *key;
	BIO *bio = BIO_new(BIO_s_mem());
	const char *kind = others[_i];

	if (strncmp(kind, "rsa", 3) == 0)
		key = EVP_RSA_gen(strtoul(kind + 3, NULL, 10));
	else
		key = EVP_EC_gen(kind);
	if (!key) {
		/* this libcrypto was built without the curve */
		BIO_free(bio);
		return;
	}
	PEM_write_bio_PrivateKey(bio, key, NULL, NULL, 0, NULL, NULL);
	ck_assert_int_eq(import_read(&im, written(bio), NULL, NULL),
			 strcmp(kind, "rsa1016") == 0 ? 0 : -ENOTSUP);
	BIO_free(bio);
	EVP_PKEY_free(key);
}
END_TEST

static const char *const broken[] = {
	"",
	"x",
	"-----BEGIN ",
	"-----BEGIN CERTIFICATE-----\n",
	"-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----\n",
	"-----BEGIN CERTIFICATE-----\nM!!A=\n-----END CERTIFICATE-----\n",
	"-----BEGIN PRIVATE KEY-----\nMAA=\n-----END PRIVATE KEY-----\n",
	"-----BEGIN ENCRYPTED PRIVATE KEY-----\nMAA=\n-----END ENCRYPTED PRIVATE KEY-----\n",
	("-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,00\n\n"
	 "MAA=\n-----END RSA PRIVATE KEY-----\n"),
	"-----BEGIN DH PARAMETERS-----\nMAA=\n-----END DH PARAMETERS-----\n",
	"0",
	"0\x82\xff\xff",
};

START_TEST(nothing_in_it)
{
	unsigned asked = 0;

	ck_assert_int_eq(import_read(&im, said(broken[_i]), ask, &asked), -EBADMSG);
	ck_assert_uint_eq(im.n_keys + im.n_certs, 0);
}
END_TEST

START_TEST(ssh_key)
{
	ck_assert_int_eq(import_read(&im, said("-----BEGIN OPENSSH PRIVATE KEY-----\nMAA=\n"
					       "-----END OPENSSH PRIVATE KEY-----\n"), NULL, NULL),
			 -ENOTSUP);
}
END_TEST

/* Cut anywhere, a bit turned anywhere: an answer, and no more; what was there stays. */
START_TEST(damaged)
{
	EVP_PKEY *key = make_key("prime256v1");
	X509 *x = make_cert(key, "holder", "digitalSignature");
	BIO *bio = BIO_new(BIO_s_mem());
	struct buf file = BUF(8192);
	unsigned asked = 0;
	size_t i;
	int r;

	if (_i == 0)
		i2d_X509_bio(bio, x);
	else if (_i == 1)
		i2d_PrivateKey_bio(bio, key);
	else if (_i == 2)
		write_pkcs12(bio, PASS, NID_aes_128_cbc, 1, key, x, x);
	else
		i2d_PKCS8PrivateKey_bio(bio, key, NULL, NULL, 0, NULL, NULL);
	buf_put_view(&file, written(bio));
	ck_assert_int_eq(import_read(&im, buf_view(&file), ask, &asked), 0);
	for (i = 0; i < file.n; i += 1 + file.n / 128) {
		ck_assert_int_lt(import_read(&im, view_of(file.p, i), ask, &asked), 0);
		file.p[i] ^= 0x40;
		r = import_read(&im, buf_view(&file), ask, &asked);
		ck_assert(r == 0 || r == -EBADMSG || r == -EACCES || r == -ENOTSUP || r == -EFBIG);
		file.p[i] ^= 0x40;
		if (im.n_keys + im.n_certs > 8) {
			import_free(&im);
			ck_assert_int_eq(import_read(&im, buf_view(&file), ask, &asked), 0);
		}
		ck_assert_uint_gt(im.n_keys + im.n_certs, 0);
	}
	buf_free(&file);
	BIO_free(bio);
	X509_free(x);
	EVP_PKEY_free(key);
}
END_TEST

START_TEST(too_many)
{
	EVP_PKEY *key = make_key("ED25519");
	X509 *x = make_cert(key, "one", NULL);
	BIO *all = BIO_new(BIO_s_mem()), *one = BIO_new(BIO_s_mem());
	unsigned i;

	for (i = 0; i < IMPORT_MAX; i++)
		PEM_write_bio_X509(all, x);
	PEM_write_bio_X509(one, x);
	ck_assert_int_eq(import_read(&im, written(all), NULL, NULL), 0);
	ck_assert_uint_eq(im.n_certs, IMPORT_MAX);
	ck_assert_int_eq(import_read(&im, written(one), NULL, NULL), -EFBIG);
	ck_assert_uint_eq(im.n_certs, IMPORT_MAX);
	PEM_write_bio_X509(all, x);
	import_free(&im);
	ck_assert_int_eq(import_read(&im, written(all), NULL, NULL), -EFBIG);
	ck_assert_uint_eq(im.n_certs, 0);
	/* keys likewise */
	BIO_reset(all);
	for (i = 0; i <= IMPORT_MAX; i++) {
		PEM_write_bio_PrivateKey(all, key, NULL, NULL, 0, NULL, NULL);
		if (i == IMPORT_MAX - 1)
			ck_assert_int_eq(import_read(&im, written(all), NULL, NULL), 0);
	}
	ck_assert_uint_eq(im.n_keys, IMPORT_MAX);
	import_free(&im);
	ck_assert_int_eq(import_read(&im, written(all), NULL, NULL), -EFBIG);
	ck_assert_uint_eq(im.n_keys, 0);
	BIO_free(all);
	BIO_free(one);
	X509_free(x);
	EVP_PKEY_free(key);
}
END_TEST

/* RFC 5280, 4.2.1.3. */
static const struct {
	const char *text;
	unsigned use;
} usages[] = {
	{ NULL, IMPORT_USE_ANY },
	{ "critical,digitalSignature", IMPORT_USE_SIGN },
	{ "nonRepudiation", IMPORT_USE_NON_REPUDIATION },
	{ "digitalSignature,keyEncipherment,dataEncipherment",
	  IMPORT_USE_SIGN | IMPORT_USE_KEY_ENCIPHER | IMPORT_USE_DATA_ENCIPHER },
	{ "keyAgreement,encipherOnly", IMPORT_USE_KEY_AGREE | IMPORT_USE_ENCIPHER_ONLY },
	{ "keyAgreement,decipherOnly", IMPORT_USE_KEY_AGREE | IMPORT_USE_DECIPHER_ONLY },
	{ "keyCertSign,cRLSign", IMPORT_USE_CERT_SIGN | IMPORT_USE_CRL_SIGN },
};

START_TEST(usage)
{
	EVP_PKEY *key = make_key("ED25519");
	X509 *x = make_cert(key, "holder", usages[_i].text);
	BIO *bio = BIO_new(BIO_s_mem());

	i2d_X509_bio(bio, x);
	ck_assert_int_eq(import_read(&im, written(bio), NULL, NULL), 0);
	expect_cert(0, x, "holder");
	ck_assert_uint_eq(im.certs[0].usage, usages[_i].use);
	BIO_free(bio);
	X509_free(x);
	EVP_PKEY_free(key);
}
END_TEST

#define FOUR "\xf0\x9d\x84\x9e" /* a character of four bytes */
#define SIXTEEN FOUR FOUR FOUR FOUR
#define SIXTY_FOUR SIXTEEN SIXTEEN SIXTEEN SIXTEEN

static const char *const names[][2] = {
	{ NULL, "" },
	{ "Jürgen Müßig", "Jürgen Müßig" },
	{ "tab\tand\nline", "tab?and?line" },
	{ SIXTY_FOUR SIXTY_FOUR SIXTY_FOUR SIXTY_FOUR,
	  SIXTY_FOUR SIXTY_FOUR SIXTY_FOUR SIXTY_FOUR },
};

START_TEST(common_name)
{
	EVP_PKEY *key = make_key("ED25519");
	X509 *x = make_cert(key, names[_i][0] ? "first" : NULL, NULL);
	BIO *bio = BIO_new(BIO_s_mem());

	/* of several the last one counts */
	if (names[_i][0]) {
		ck_assert_int_eq(add_to_subject(x, "CN", MBSTRING_UTF8, names[_i][0]),
				 strlen(names[_i][0]) <= 256);
		ck_assert_int_gt(X509_sign(x, key, NULL), 0);
	}
	i2d_X509_bio(bio, x);
	ck_assert_int_eq(import_read(&im, written(bio), NULL, NULL), 0);
	ck_assert_str_eq(im.certs[0].name, strlen(names[_i][1]) <= 256 ? names[_i][1] : "first");
	BIO_free(bio);
	X509_free(x);
	EVP_PKEY_free(key);
}
END_TEST

/* Longer than any that there should be: cut, but not within a character. */
START_TEST(too_long_a_name)
{
	EVP_PKEY *key = make_key("ED25519");
	X509 *x = make_cert(key, NULL, NULL);
	BIO *bio = BIO_new(BIO_s_mem());
	char name[271] = "";
	size_t i;

	for (i = 0; i < 90; i++)
		strcat(name, "\xe2\x82\xac");
	ck_assert_int_eq(add_to_subject(x, "CN", V_ASN1_UTF8STRING, name), 1);
	ck_assert_int_gt(X509_sign(x, key, NULL), 0);
	i2d_X509_bio(bio, x);
	ck_assert_int_eq(import_read(&im, written(bio), NULL, NULL), 0);
	name[255] = '\0';
	ck_assert_str_eq(im.certs[0].name, name);
	BIO_free(bio);
	X509_free(x);
	EVP_PKEY_free(key);
}
END_TEST

START_TEST(too_long_a_certificate)
{
	EVP_PKEY *key = make_key("ED25519");
	X509 *x = make_cert(key, "one", NULL);
	BIO *bio = BIO_new(BIO_s_mem());
	static uint8_t zeros[65536];
	ASN1_OCTET_STRING *comment = ASN1_OCTET_STRING_new();
	X509_EXTENSION *ext;

	ck_assert_int_eq(ASN1_OCTET_STRING_set(comment, zeros, sizeof(zeros)), 1);
	ext = X509_EXTENSION_create_by_NID(NULL, NID_netscape_comment, 0, comment);
	ck_assert_int_eq(X509_add_ext(x, ext, -1), 1);
	ck_assert_int_gt(X509_sign(x, key, NULL), 0);
	i2d_X509_bio(bio, x);
	ck_assert_int_eq(import_read(&im, written(bio), NULL, NULL), -EFBIG);
	ck_assert_uint_eq(im.n_certs, 0);
	X509_EXTENSION_free(ext);
	ASN1_OCTET_STRING_free(comment);
	BIO_free(bio);
	X509_free(x);
	EVP_PKEY_free(key);
}
END_TEST

#define N(array) (sizeof(array) / sizeof(array[0]))

int
main(void)
{
	TCase *tc = tcase_create("import");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_loop_test(tc, pem_pair, 0, N(kinds));
	tcase_add_loop_test(tc, der_keys, 0, N(kinds));
	tcase_add_test(tc, explicit_params);
	tcase_add_loop_test(tc, encrypted, 0, 4);
	tcase_add_test(tc, wrong_with_luck);
	tcase_add_test(tc, asked_once);
	tcase_add_loop_test(tc, pkcs12, 0, N(p12s));
	tcase_add_test(tc, old_pkcs12);
	tcase_add_loop_test(tc, not_for_us, 0, 4);
	tcase_add_loop_test(tc, nothing_in_it, 0, N(broken));
	tcase_add_test(tc, ssh_key);
	tcase_add_loop_test(tc, damaged, 0, 4);
	tcase_add_test(tc, too_many);
	tcase_add_loop_test(tc, usage, 0, N(usages));
	tcase_add_test(tc, too_long_a_name);
	tcase_add_test(tc, too_long_a_certificate);
	tcase_add_loop_test(tc, common_name, 0, N(names));
	return run("import", tc);
}
