/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "crypto/certify.h"

#include <errno.h>

#include "codec/tlv.h"
#include "codec/x509.h"
#include "crypto/rand.h"

#define SERIAL_SIZE 16 /* bytes: RFC 5280, 4.1.2.2 wants at most 20 */

/* --- the key ---------------------------------------------------------------------------------- */

static const uint8_t rsa_oid[] = { 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01 };
static const uint8_t ec_oid[] = { 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01 };

/* SEQUENCE { n, e } */
static int
put_rsa_key(const struct rsa *k, struct buf *out)
{
	struct buf n = BUF(RSA_KEY_SIZE_MAX), e = BUF(RSA_KEY_SIZE_MAX);
	int rc = rsa_get(k, RSA_PART_N, &n);
	size_t mark = tlv_open(out, 0x30);

	if (rc == 0)
		rc = rsa_get(k, RSA_PART_E, &e);
	x509_put_integer(out, buf_view(&n));
	x509_put_integer(out, buf_view(&e));
	tlv_close(out, mark);
	if (n.failed || e.failed)
		rc = -ENOMEM;
	buf_free(&n);
	buf_free(&e);
	return rc;
}

/* Its bits, and what they are bits of (RFC 3279, 2.3; RFC 5480, 2; RFC 8410, 3). */
static int
put_key_parts(const struct import_key *k, struct buf *algorithm, struct buf *bits)
{
	struct buf curve = BUF(32);
	int rc;

	if (k->rsa) {
		x509_put_algorithm(algorithm, view_of(rsa_oid, sizeof(rsa_oid)), x509_null);
		return put_rsa_key(k->rsa, bits);
	}
	if (k->ec) {
		tlv_put(&curve, 0x06, curve_oid(ec_curve(k->ec)));
		x509_put_algorithm(algorithm, view_of(ec_oid, sizeof(ec_oid)), buf_view(&curve));
		rc = curve.failed ? -ENOMEM : ec_get_point(k->ec, bits);
		buf_free(&curve);
		return rc;
	}
	if (!k->ed)
		return -ENOENT;
	x509_put_algorithm(algorithm, ed_oid(ed_kind(k->ed)), view_of(NULL, 0));
	return ed_get_public(k->ed, bits);
}

int
certify_put_key(const struct import_key *k, struct buf *out)
{
	struct buf algorithm = BUF(64), bits = BUF(CERTIFY_SIZE_MAX);
	int rc = put_key_parts(k, &algorithm, &bits);
	size_t mark = tlv_open(out, 0x30);

	buf_put_view(out, buf_view(&algorithm));
	x509_put_bits(out, buf_view(&bits));
	tlv_close(out, mark);
	if (algorithm.failed || bits.failed || out->failed)
		rc = -ENOMEM;
	buf_free(&algorithm);
	buf_free(&bits);
	return rc;
}

/* Append SHA-1 of the public key's bits (RFC 5280, 4.2.1.2 (1)). */
static int
put_identifier(const struct import_key *k, struct buf *out)
{
	struct buf algorithm = BUF(64), bits = BUF(CERTIFY_SIZE_MAX);
	int rc = put_key_parts(k, &algorithm, &bits);

	if (rc == 0 && (algorithm.failed || bits.failed))
		rc = -ENOMEM;
	if (rc == 0)
		rc = digest_once(DIGEST_SHA1, buf_view(&bits), out);
	buf_free(&algorithm);
	buf_free(&bits);
	return rc;
}

/* --- the signature ----------------------------------------------------------------------- */

static const uint8_t sha256_rsa_oid[] = { 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0b };
static const uint8_t ecdsa_sha256_oid[] = { 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02 };
static const uint8_t ecdsa_sha384_oid[] = { 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x03 };

enum digest
certify_digest(const struct import_key *by)
{
	return by->ec && curve_bits(ec_curve(by->ec)) > 256 ? DIGEST_SHA384 : DIGEST_SHA256;
}

int
certify_put_algorithm(const struct import_key *by, struct buf *out)
{
	if (by->rsa)
		x509_put_algorithm(out, view_of(sha256_rsa_oid, sizeof(sha256_rsa_oid)), x509_null);
	else if (by->ec)
		x509_put_algorithm(out, certify_digest(by) == DIGEST_SHA384
					? view_of(ecdsa_sha384_oid, sizeof(ecdsa_sha384_oid))
					: view_of(ecdsa_sha256_oid, sizeof(ecdsa_sha256_oid)),
				   view_of(NULL, 0));
	else if (by->ed && ed_signs(ed_kind(by->ed)))
		x509_put_algorithm(out, ed_oid(ed_kind(by->ed)), view_of(NULL, 0));
	else
		return -ENOTSUP;
	return out->failed ? -ENOMEM : 0;
}

static int
sign_hash(const struct import_key *by, struct view hash, struct buf *out)
{
	struct buf info = BUF(128);
	int rc;

	if (by->ec)
		return ec_sign(by->ec, EC_FORM_DER, hash, out);
	rc = digest_info(DIGEST_SHA256, hash, &info);
	if (rc == 0)
		rc = rsa_sign_pkcs1(by->rsa, buf_view(&info), out);
	buf_free(&info);
	return rc;
}

int
certify_sign(const struct import_key *by, struct view data, struct buf *out)
{
	struct buf hash = BUF(DIGEST_MAX);
	int rc;

	if (by->ed)
		return ed_sign(by->ed, data, out);
	rc = digest_once(certify_digest(by), data, &hash);
	if (rc == 0)
		rc = sign_hash(by, buf_view(&hash), out);
	buf_free(&hash);
	return rc;
}

/* --- the certificate --------------------------------------------------------------------- */

static int
put_tbs(const struct certify *x, struct view algorithm, struct buf *out)
{
	struct buf key = BUF(CERTIFY_SIZE_MAX);
	uint8_t serial[SERIAL_SIZE];
	int rc = rand_bytes(serial, sizeof(serial));

	serial[0] = (uint8_t)((serial[0] & 0x7f) | 0x40); /* positive, and as long as it is */
	if (rc == 0)
		rc = certify_put_key(x->key, &key);
	x509_put_tbs(out, &(struct x509) {
		.serial = view_of(serial, sizeof(serial)),
		.issuer = x->issuer.n > 0 ? x->issuer : x->subject,
		.subject = x->subject,
		.key = buf_view(&key),
		.signature = algorithm,
		.extensions = x->extensions,
	});
	if (rc == 0 && key.failed)
		rc = -ENOMEM;
	buf_free(&key);
	return rc;
}

int
certify_put(struct buf *out, const struct certify *x)
{
	struct buf algorithm = BUF(64), tbs = BUF(CERTIFY_SIZE_MAX),
		   signature = BUF(RSA_KEY_SIZE_MAX);
	int rc = certify_put_algorithm(x->by, &algorithm);

	if (rc == 0)
		rc = put_tbs(x, buf_view(&algorithm), &tbs);
	if (rc == 0)
		rc = certify_sign(x->by, buf_view(&tbs), &signature);
	x509_put(out, buf_view(&tbs), buf_view(&algorithm), buf_view(&signature));
	if (tbs.failed || signature.failed || out->failed)
		rc = -ENOMEM;
	buf_free(&algorithm);
	buf_free(&tbs);
	buf_free(&signature);
	return rc;
}

/* --- extensions -------------------------------------------------------------------------- */

static const uint8_t basic_constraints_oid[] = { 0x55, 0x1d, 0x13 };
static const uint8_t key_identifier_oid[] = { 0x55, 0x1d, 0x0e };
static const uint8_t authority_identifier_oid[] = { 0x55, 0x1d, 0x23 };
static const uint8_t key_usage_oid[] = { 0x55, 0x1d, 0x0f };
static const uint8_t is_ca[] = { 0x30, 0x03, 0x01, 0x01, 0xff };
static const uint8_t is_last_ca[] = { 0x30, 0x06, 0x01, 0x01, 0xff, 0x02, 0x01, 0x00 };

void
certify_put_ca(struct buf *out, bool last)
{
	x509_put_extension(out, view_of(basic_constraints_oid, sizeof(basic_constraints_oid)), true,
			   last ? view_of(is_last_ca, sizeof(is_last_ca))
				: view_of(is_ca, sizeof(is_ca)));
}

void
certify_put_usage(struct buf *out, uint8_t bits)
{
	uint8_t value[] = { 0x03, 0x02, 0, bits };

	while (value[2] < 7 && !(bits >> value[2] & 1))
		value[2]++; /* bits that do not count */
	x509_put_extension(out, view_of(key_usage_oid, sizeof(key_usage_oid)), true,
			   view_of(value, sizeof(value)));
}

/* outer: what is around the identifier, 0: nothing. */
static int
put_identifier_extension(const struct import_key *k, const uint8_t oid[3], uint32_t outer,
			 uint32_t tag, struct buf *out)
{
	struct buf value = BUF(64);
	size_t whole = outer ? tlv_open(&value, outer) : 0, mark = tlv_open(&value, tag);
	int rc = put_identifier(k, &value);

	tlv_close(&value, mark);
	if (outer)
		tlv_close(&value, whole);
	x509_put_extension(out, view_of(oid, 3), false, buf_view(&value));
	if (value.failed)
		rc = -ENOMEM;
	buf_free(&value);
	return rc;
}

int
certify_put_subject_identifier(const struct import_key *k, struct buf *out)
{
	return put_identifier_extension(k, key_identifier_oid, 0, 0x04, out);
}

int
certify_put_authority_identifier(const struct import_key *k, struct buf *out)
{
	return put_identifier_extension(k, authority_identifier_oid, 0x30, 0x80, out);
}
