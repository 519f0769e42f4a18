/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "crypto/import.h"

#include <errno.h>
#include <limits.h>
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/pkcs12.h>
#include <openssl/provider.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/digest.h"
#include "crypto/failure.h"

#define DER_MAX 65536 /* bytes of a certificate and of its parts */

/* A file being read. */
struct reader {
	struct import *im;
	import_ask_fn *ask;
	void *ask_ctx;
	bool asked;
	bool have_pass;
	struct secret pass;

	/* of its own, so that nothing else gets to use old encryption */
	OSSL_LIB_CTX *lib;
	OSSL_PROVIDER *current;
	OSSL_PROVIDER *legacy; /* NULL: there is none */
};

void
import_key_free(struct import_key *k)
{
	rsa_free(k->rsa);
	ec_free(k->ec);
	ed_free(k->ed);
}

static void
cert_free(struct import_cert *c)
{
	buf_free(&c->der);
	buf_free(&c->subject);
	buf_free(&c->issuer);
	buf_free(&c->serial);
}

void
import_free(struct import *im)
{
	size_t i;

	for (i = 0; i < im->n_keys; i++)
		import_key_free(&im->keys[i]);
	for (i = 0; i < im->n_certs; i++)
		cert_free(&im->certs[i]);
	explicit_bzero(im, sizeof(*im));
}

/* --- passphrases --------------------------------------------------------------- */

static bool
passphrase(struct reader *r)
{
	if (!r->asked && r->ask)
		r->have_pass = r->ask(r->ask_ctx, &r->pass);
	r->asked = true;
	return r->have_pass;
}

/* As libcrypto asks for it. */
static int
pem_passphrase(char *buf, int size, int rwflag, void *ctx)
{
	struct reader *r = ctx;

	(void)rwflag;
	if (!passphrase(r) || (size_t)size < r->pass.n)
		return -1;
	memcpy(buf, r->pass.bytes, r->pass.n);
	return (int)r->pass.n;
}

/* Why something was not decrypted: -ENOTSUP where it could not be, else the passphrase. */
static int
not_decrypted(void)
{
	int error = -EACCES, reason;
	unsigned long e;

	while ((e = ERR_get_error()) != 0) {
		reason = ERR_GET_REASON(e);
		if (reason == ERR_R_MALLOC_FAILURE)
			return crypto_failure(-ENOMEM);
		if (reason == ERR_R_UNSUPPORTED || reason == ERR_R_FETCH_FAILED ||
		    (ERR_GET_LIB(e) == ERR_LIB_EVP && reason == EVP_R_UNKNOWN_PBE_ALGORITHM) ||
		    (ERR_GET_LIB(e) == ERR_LIB_PEM && reason == PEM_R_UNSUPPORTED_ENCRYPTION))
			error = -ENOTSUP;
	}
	return error;
}

/* --- keys ---------------------------------------------------------------------- */

/* A number of the key, big-endian; empty where it has none, or a longer one than we take. */
static void
get_number(const EVP_PKEY *pkey, const char *name, struct buf *out)
{
	BIGNUM *bn = BN_secure_new();
	uint8_t *at;

	if (bn && EVP_PKEY_get_bn_param(pkey, name, &bn) == 1) {
		at = buf_grow(out, (size_t)BN_num_bytes(bn));
		if (at)
			BN_bn2bin(bn, at);
	}
	crypto_failure(0);
	BN_clear_free(bn);
}

static int
rsa_import(const EVP_PKEY *pkey, struct rsa **out)
{
	struct rsa_parts parts = { 0 };
	struct buf numbers[RSA_PART_COUNT];
	size_t i;
	int r;

	for (i = 0; i < RSA_PART_COUNT; i++) {
		numbers[i] = (struct buf) BUF(RSA_KEY_SIZE_MAX);
		get_number(pkey, rsa_part_names[i], &numbers[i]);
		parts.part[i] = buf_view(&numbers[i]);
	}
	r = rsa_private(out, &parts);
	for (i = 0; i < RSA_PART_COUNT; i++)
		buf_free(&numbers[i]);
	/* too short, too long, or of more than two primes */
	return r == -EINVAL ? -ENOTSUP : r;
}

static int
ec_import(const EVP_PKEY *pkey, struct ec **out)
{
	struct buf d = BUF(CURVE_SIZE_MAX);
	char name[80];
	enum curve c;
	int r = -ENOTSUP;

	if (EVP_PKEY_get_group_name(pkey, name, sizeof(name), NULL) == 1 &&
	    curve_from_name(name, &c)) {
		get_number(pkey, OSSL_PKEY_PARAM_PRIV_KEY, &d);
		r = ec_private(out, c, buf_view(&d));
		buf_free(&d);
	}
	r = crypto_failure(r);
	return r == -EINVAL ? -EBADMSG : r;
}

static int
ed_import(const EVP_PKEY *pkey, enum ed_kind kind, struct ed **out)
{
	uint8_t key[ED_KEY_SIZE_MAX];
	size_t n = sizeof(key);
	int r = -EBADMSG;

	if (EVP_PKEY_get_raw_private_key(pkey, key, &n) == 1)
		r = ed_private(out, kind, view_of(key, n));
	explicit_bzero(key, sizeof(key));
	return crypto_failure(r);
}

/* SHA-1 of the contents of subjectPublicKey, without its unused bits. */
static int
public_id(struct view bits, uint8_t id[IMPORT_ID_SIZE])
{
	struct buf hash = BUF(IMPORT_ID_SIZE);
	int r = digest_once(DIGEST_SHA1, bits, &hash);

	if (r == 0)
		memcpy(id, hash.p, IMPORT_ID_SIZE);
	buf_free(&hash);
	return r;
}

static int
key_id(EVP_PKEY *pkey, uint8_t id[IMPORT_ID_SIZE])
{
	X509_PUBKEY *public = NULL;
	const unsigned char *p;
	int n, r = -EBADMSG;

	if (X509_PUBKEY_set(&public, pkey) == 1 &&
	    X509_PUBKEY_get0_param(NULL, &p, &n, NULL, public) == 1)
		r = public_id(view_of(p, (size_t)n), id);
	X509_PUBKEY_free(public);
	return crypto_failure(r);
}

/* False: none of these. */
static bool
ed_kind_of(const EVP_PKEY *pkey, enum ed_kind *kind)
{
	static const enum ed_kind kinds[] = { ED_25519, ED_X25519, ED_448, ED_X448 };
	size_t i;

	for (i = 0; i < sizeof(kinds) / sizeof(*kinds); i++) {
		*kind = kinds[i];
		if (EVP_PKEY_is_a(pkey, ed_name(*kind)))
			return true;
	}
	return false;
}

static int
private_key(const EVP_PKEY *pkey, struct import_key *k)
{
	enum ed_kind kind;

	if (EVP_PKEY_is_a(pkey, "RSA"))
		return rsa_import(pkey, &k->rsa);
	if (EVP_PKEY_is_a(pkey, "EC"))
		return ec_import(pkey, &k->ec);
	return ed_kind_of(pkey, &kind) ? ed_import(pkey, kind, &k->ed) : -ENOTSUP;
}

/* Takes pkey over, whether it succeeds or not. */
static int
add_key(struct reader *rd, EVP_PKEY *pkey)
{
	struct import_key *k = &rd->im->keys[rd->im->n_keys];
	int r = rd->im->n_keys == IMPORT_MAX ? -EFBIG : private_key(pkey, k);

	if (r == 0) {
		rd->im->n_keys++;
		r = key_id(pkey, k->id);
	}
	EVP_PKEY_free(pkey);
	return r;
}

/* PKCS#8, PKCS#1, SEC1. */
static int
plain_key(struct reader *rd, struct view der)
{
	const unsigned char *p = der.p;
	EVP_PKEY *pkey = d2i_AutoPrivateKey_ex(NULL, &p, (long)der.n, rd->lib, NULL);

	if (!pkey)
		return crypto_failure(-EBADMSG);
	crypto_failure(0);
	if (p != der.p + der.n) {
		EVP_PKEY_free(pkey);
		return -EBADMSG;
	}
	return add_key(rd, pkey);
}

static int
encrypted_key(struct reader *rd, X509_SIG *p8)
{
	PKCS8_PRIV_KEY_INFO *plain;
	EVP_PKEY *pkey;

	if (!passphrase(rd))
		return -EACCES;
	plain = PKCS8_decrypt_ex(p8, (const char *)rd->pass.bytes, (int)rd->pass.n, rd->lib, NULL);
	if (!plain)
		return not_decrypted();
	pkey = EVP_PKCS82PKEY_ex(plain, rd->lib, NULL);
	PKCS8_PRIV_KEY_INFO_free(plain);
	return pkey ? add_key(rd, pkey) : crypto_failure(-ENOTSUP);
}

/* --- one that stands alone ------------------------------------------------------- */

static int
rsa_import_public(const EVP_PKEY *pkey, struct rsa **out)
{
	struct buf n = BUF(RSA_KEY_SIZE_MAX), e = BUF(RSA_KEY_SIZE_MAX);
	int r;

	get_number(pkey, OSSL_PKEY_PARAM_RSA_N, &n);
	get_number(pkey, OSSL_PKEY_PARAM_RSA_E, &e);
	r = rsa_public(out, buf_view(&n), buf_view(&e));
	buf_free(&n);
	buf_free(&e);
	return r == -EINVAL ? -ENOTSUP : r;
}

/* A coordinate at its full length. */
static void
put_coordinate(const EVP_PKEY *pkey, const char *name, size_t size, struct buf *point)
{
	struct buf number = BUF(CURVE_SIZE_MAX);

	get_number(pkey, name, &number);
	if (number.n <= size)
		buf_fill(point, 0, size - number.n);
	buf_put_view(point, buf_view(&number));
	buf_free(&number);
}

static int
ec_import_public(const EVP_PKEY *pkey, struct ec **out)
{
	struct buf point = BUF(2 * CURVE_SIZE_MAX + 1);
	char name[80];
	enum curve c;
	int r = -ENOTSUP;

	if (EVP_PKEY_get_group_name(pkey, name, sizeof(name), NULL) == 1 &&
	    curve_from_name(name, &c)) {
		buf_u8(&point, 0x04); /* uncompressed */
		put_coordinate(pkey, OSSL_PKEY_PARAM_EC_PUB_X, curve_size(c), &point);
		put_coordinate(pkey, OSSL_PKEY_PARAM_EC_PUB_Y, curve_size(c), &point);
		r = ec_public(out, c, buf_view(&point));
		buf_free(&point);
	}
	r = crypto_failure(r);
	return r == -EINVAL ? -EBADMSG : r;
}

static int
ed_import_public(const EVP_PKEY *pkey, enum ed_kind kind, struct ed **out)
{
	uint8_t key[ED_KEY_SIZE_MAX];
	size_t n = sizeof(key);
	int r = -EBADMSG;

	if (EVP_PKEY_get_raw_public_key(pkey, key, &n) == 1)
		r = ed_public(out, kind, view_of(key, n));
	return crypto_failure(r);
}

static int
public_key(const EVP_PKEY *pkey, struct import_key *k)
{
	enum ed_kind kind;

	if (EVP_PKEY_is_a(pkey, "RSA"))
		return rsa_import_public(pkey, &k->rsa);
	if (EVP_PKEY_is_a(pkey, "EC"))
		return ec_import_public(pkey, &k->ec);
	return ed_kind_of(pkey, &kind) ? ed_import_public(pkey, kind, &k->ed) : -ENOTSUP;
}

static int
key_der(struct import_key *k, struct view der)
{
	const unsigned char *private = der.p, *public = der.p;
	EVP_PKEY *pkey = d2i_AutoPrivateKey(NULL, &private, (long)der.n);
	int r = -EBADMSG;

	if (pkey && private == der.p + der.n) {
		r = private_key(pkey, k);
	} else if (!pkey) {
		pkey = d2i_PUBKEY(NULL, &public, (long)der.n);
		if (pkey && public == der.p + der.n)
			r = public_key(pkey, k);
	}
	EVP_PKEY_free(pkey);
	return crypto_failure(r);
}

int
import_key_read(struct import_key *k, struct view value)
{
	BIO *bio = BIO_new_mem_buf(value.p, (int)value.n);
	unsigned char *data;
	char *name, *header;
	long n;
	int r;

	*k = (struct import_key) { .rsa = NULL };
	if (!bio)
		return crypto_failure(-ENOMEM);
	if (PEM_read_bio_ex(bio, &name, &header, &data, &n, PEM_FLAG_SECURE) == 1) {
		r = key_der(k, view_of(data, (size_t)n));
		OPENSSL_secure_free(name);
		OPENSSL_secure_free(header);
		OPENSSL_secure_clear_free(data, (size_t)n);
	} else {
		r = key_der(k, value);
	}
	BIO_free(bio);
	return crypto_failure(r);
}

/* --- certificates -------------------------------------------------------------- */

static int
put_der(struct buf *b, const void *object, int (*i2d)(const void *, unsigned char **))
{
	const int n = i2d(object, NULL);
	unsigned char *at;

	*b = (struct buf) BUF(DER_MAX);
	at = n > 0 ? buf_grow(b, (size_t)n) : NULL;
	if (!at)
		return n > DER_MAX ? -EFBIG : crypto_failure(n > 0 ? -ENOMEM : -EBADMSG);
	return i2d(object, &at) == n ? 0 : crypto_failure(-EBADMSG);
}

static int
i2d_cert(const void *x, unsigned char **out)
{
	return i2d_X509(x, out);
}

static int
i2d_name(const void *x, unsigned char **out)
{
	return i2d_X509_NAME(x, out);
}

static int
i2d_serial(const void *x, unsigned char **out)
{
	return i2d_ASN1_INTEGER(x, out);
}

/* As much of it as there is room for, up to a whole character, in one line. */
static void
common_name(const X509 *x, char name[IMPORT_NAME_SIZE])
{
	const X509_NAME *subject = X509_get_subject_name(x);
	unsigned char *utf8 = NULL;
	int i = -1, at = -1, n;
	size_t len;

	while ((i = X509_NAME_get_index_by_NID(subject, NID_commonName, i)) >= 0)
		at = i;
	if (at < 0)
		return;
	n = ASN1_STRING_to_UTF8(&utf8, X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, at)));
	if (n > 0) {
		len = (size_t)n < IMPORT_NAME_SIZE ? (size_t)n : IMPORT_NAME_SIZE - 1;
		while (len < (size_t)n && len > 0 && (utf8[len] & 0xc0) == 0x80)
			len--;
		memcpy(name, utf8, len);
		for (i = 0; i < (int)len; i++) {
			if ((unsigned char)name[i] < 0x20 || name[i] == 0x7f)
				name[i] = '?';
		}
	}
	OPENSSL_free(utf8);
	crypto_failure(0);
}

/* libcrypto has the first byte of the BIT STRING as it stands, and the second above it. */
static unsigned
key_usage(X509 *x)
{
	const uint32_t ku = X509_get_key_usage(x);
	unsigned use = 0, i;

	if (ku == UINT32_MAX)
		return IMPORT_USE_ANY;
	for (i = 0; i < 8; i++) {
		if (ku & 0x80u >> i)
			use |= 1u << i;
	}
	return use | (ku & KU_DECIPHER_ONLY ? IMPORT_USE_DECIPHER_ONLY : 0);
}

/* NULL: a kind that libcrypto does not know. */
static size_t
rsa_bits(const EVP_PKEY *public)
{
	return public && EVP_PKEY_is_a(public, "RSA") ? (size_t)EVP_PKEY_get_bits(public) : 0;
}

static int
add_cert(struct reader *rd, X509 *x)
{
	struct import_cert *c = &rd->im->certs[rd->im->n_certs];
	const ASN1_BIT_STRING *public = X509_get0_pubkey_bitstr(x);
	int r;

	if (rd->im->n_certs == IMPORT_MAX)
		return -EFBIG;
	rd->im->n_certs++;
	r = put_der(&c->der, x, i2d_cert);
	if (r == 0)
		r = put_der(&c->subject, X509_get_subject_name(x), i2d_name);
	if (r == 0)
		r = put_der(&c->issuer, X509_get_issuer_name(x), i2d_name);
	if (r == 0)
		r = put_der(&c->serial, X509_get0_serialNumber(x), i2d_serial);
	if (r == 0)
		r = public_id(view_of(ASN1_STRING_get0_data(public),
				      (size_t)ASN1_STRING_length(public)), c->id);
	common_name(x, c->name);
	c->usage = key_usage(x);
	c->rsa_bits = rsa_bits(X509_get0_pubkey(x));
	crypto_failure(0);
	return r;
}

static int
cert(struct reader *rd, struct view der)
{
	const unsigned char *p = der.p;
	X509 *x = d2i_X509(NULL, &p, (long)der.n);
	int r = -EBADMSG;

	if (x && p == der.p + der.n)
		r = add_cert(rd, x);
	X509_free(x);
	return crypto_failure(r);
}

/* --- PKCS#12 ------------------------------------------------------------------- */

static bool
mac_is_right(PKCS12 *p12, const char *text)
{
	return PKCS12_verify_mac(p12, text, text ? (int)strlen(text) : 0) == 1;
}

/*
 * The passphrase, as text, that the MAC is right with; none is asked for when ""
 * does, or without a MAC. 0 or negative.
 */
static int
pkcs12_passphrase(struct reader *rd, PKCS12 *p12, char text[SECRET_MAX + 1])
{
	text[0] = '\0';
	if (!PKCS12_mac_present(p12) || mac_is_right(p12, text) || mac_is_right(p12, NULL))
		return 0;
	if (not_decrypted() != -EACCES)
		return -ENOTSUP;
	if (!passphrase(rd))
		return -EACCES;
	memcpy(text, rd->pass.bytes, rd->pass.n);
	text[rd->pass.n] = '\0';
	return mac_is_right(p12, text) ? 0 : not_decrypted();
}

static int
pkcs12(struct reader *rd, PKCS12 *p12)
{
	char text[SECRET_MAX + 1];
	STACK_OF(X509) *others = NULL;
	EVP_PKEY *pkey = NULL;
	X509 *own = NULL;
	int i, r;

	r = pkcs12_passphrase(rd, p12, text);
	if (r == 0 && PKCS12_parse(p12, text, &pkey, &own, &others) != 1)
		/* the MAC was right, so it is not the passphrase */
		r = crypto_failure(-ENOTSUP);
	explicit_bzero(text, sizeof(text));
	if (r == 0 && pkey) {
		r = add_key(rd, pkey);
		pkey = NULL;
	}
	if (r == 0 && own)
		r = add_cert(rd, own);
	for (i = 0; r == 0 && i < sk_X509_num(others); i++)
		r = add_cert(rd, sk_X509_value(others, i));
	EVP_PKEY_free(pkey);
	X509_free(own);
	sk_X509_pop_free(others, X509_free);
	return r;
}

/* All of the view as PKCS#12, or NULL. */
static PKCS12 *
pkcs12_read(struct reader *rd, struct view der)
{
	PKCS12 *p12 = PKCS12_init_ex(NID_pkcs7_data, rd->lib, NULL);
	BIO *bio = BIO_new_mem_buf(der.p, (int)der.n);
	bool whole;

	/* p12 is gone when it fails */
	whole = p12 && bio && d2i_PKCS12_bio(bio, &p12) && BIO_pending(bio) == 0;
	if (!whole) {
		PKCS12_free(p12);
		p12 = NULL;
	}
	BIO_free(bio);
	crypto_failure(0);
	return p12;
}

/* --- files --------------------------------------------------------------------- */

static int
encrypted_der(struct reader *rd, struct view der, bool *is_one)
{
	const unsigned char *p = der.p;
	X509_SIG *p8 = d2i_X509_SIG(NULL, &p, (long)der.n);
	int r = -EBADMSG;

	*is_one = p8 && p == der.p + der.n;
	if (*is_one)
		r = encrypted_key(rd, p8);
	X509_SIG_free(p8);
	return crypto_failure(r);
}

static int
read_der(struct reader *rd, struct view der)
{
	PKCS12 *p12;
	bool is_one;
	int r;

	r = cert(rd, der);
	if (r != -EBADMSG)
		return r;
	p12 = pkcs12_read(rd, der);
	if (p12) {
		r = pkcs12(rd, p12);
		PKCS12_free(p12);
		return r;
	}
	r = encrypted_der(rd, der, &is_one);
	return is_one ? r : plain_key(rd, der);
}

/* A key whose PEM header says how it is encrypted, as libcrypto once did it. */
static int
old_key(struct reader *rd, char *header, unsigned char *data, long n)
{
	EVP_CIPHER_INFO how;
	int r;

	if (PEM_get_EVP_CIPHER_INFO(header, &how) != 1)
		return not_decrypted() == -ENOTSUP ? -ENOTSUP : -EBADMSG;
	if (how.cipher && !passphrase(rd))
		return -EACCES;
	if (PEM_do_header(&how, data, &n, pem_passphrase, rd) != 1)
		return not_decrypted();
	if (!how.cipher)
		return plain_key(rd, view_of(data, (size_t)n));
	/* one wrong passphrase in 256 makes good padding, and never a key */
	r = plain_key(rd, view_of(data, (size_t)n));
	return r == -EBADMSG ? -EACCES : r;
}

static int
pem_object(struct reader *rd, const char *name, char *header, unsigned char *data, long n)
{
	static const char private_key[] = "PRIVATE KEY";
	const size_t len = strlen(name), tail = sizeof(private_key) - 1;
	bool is_one;

	if (strcmp(name, PEM_STRING_X509) == 0 || strcmp(name, PEM_STRING_X509_OLD) == 0)
		return cert(rd, view_of(data, (size_t)n));
	if (strcmp(name, PEM_STRING_PKCS8) == 0)
		return encrypted_der(rd, view_of(data, (size_t)n), &is_one);
	/* a format of its own, which libcrypto does not read */
	if (strcmp(name, "OPENSSH PRIVATE KEY") == 0)
		return -ENOTSUP;
	/*
	 * "PRIVATE KEY", "RSA PRIVATE KEY", "EC PRIVATE KEY"; of others there is
	 * nothing to be had
	 */
	if (len >= tail && strcmp(name + len - tail, private_key) == 0)
		return old_key(rd, header, data, n);
	return 0;
}

static int
read_pem(struct reader *rd, struct view file)
{
	BIO *bio = BIO_new_mem_buf(file.p, (int)file.n);
	unsigned char *data;
	char *name, *header;
	long n;
	int r = bio ? 0 : -ENOMEM;

	/* "secure" is libcrypto's word for: wiped when freed */
	while (r == 0 && PEM_read_bio_ex(bio, &name, &header, &data, &n, PEM_FLAG_SECURE) == 1) {
		r = pem_object(rd, name, header, data, n);
		OPENSSL_secure_free(name);
		OPENSSL_secure_free(header);
		OPENSSL_secure_clear_free(data, (size_t)n);
	}
	BIO_free(bio);
	if (r == 0 && ERR_GET_REASON(ERR_peek_last_error()) != PEM_R_NO_START_LINE)
		r = -EBADMSG;
	return crypto_failure(r);
}

static bool
library_open(struct reader *rd)
{
	rd->lib = OSSL_LIB_CTX_new();
	if (!rd->lib)
		return false;
	rd->current = OSSL_PROVIDER_load(rd->lib, "default");
	rd->legacy = OSSL_PROVIDER_try_load(rd->lib, "legacy", 1);
	return rd->current != NULL;
}

static void
library_close(struct reader *rd)
{
	if (rd->legacy)
		OSSL_PROVIDER_unload(rd->legacy);
	if (rd->current)
		OSSL_PROVIDER_unload(rd->current);
	OSSL_LIB_CTX_free(rd->lib);
}

/* Move all of from to the end of to. False: no room; nothing moved. */
static bool
import_move(struct import *to, struct import *from)
{
	if (from->n_keys > IMPORT_MAX - to->n_keys || from->n_certs > IMPORT_MAX - to->n_certs)
		return false;
	memcpy(&to->keys[to->n_keys], from->keys, from->n_keys * sizeof(from->keys[0]));
	memcpy(&to->certs[to->n_certs], from->certs, from->n_certs * sizeof(from->certs[0]));
	to->n_keys += from->n_keys;
	to->n_certs += from->n_certs;
	explicit_bzero(from, sizeof(*from));
	return true;
}

int
import_read(struct import *im, struct view file, import_ask_fn *ask, void *ctx)
{
	static const char begin[] = "-----BEGIN ";
	struct import got = { .n_keys = 0 };
	struct reader rd = { .im = &got, .ask = ask, .ask_ctx = ctx };
	int r;

	if (file.n == 0 || file.n > INT_MAX)
		return -EBADMSG;
	if (!library_open(&rd))
		r = -ENOMEM;
	else if (memmem(file.p, file.n, begin, sizeof(begin) - 1))
		r = read_pem(&rd, file);
	else
		r = read_der(&rd, file);
	if (r == 0 && got.n_keys + got.n_certs == 0)
		r = -EBADMSG;
	if (r == 0 && !import_move(im, &got))
		r = -EFBIG;
	import_free(&got);
	secret_wipe(&rd.pass);
	library_close(&rd);
	return crypto_failure(r);
}
