/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cards/piv/certificate.h"

#include <errno.h>

#include "codec/tlv.h"
#include "codec/x509.h"
#include "crypto/digest.h"
#include "crypto/rand.h"
#include "model/key.h"

#define CERTIFICATE_MAX 4096
#define SERIAL_SIZE 16 /* bytes: RFC 5280, 4.1.2.2 wants at most 20 */

void
piv_put_certificate_object(struct buf *out, struct view der)
{
	tlv_put(out, 0x70, der);
	tlv_put_u8(out, 0x71, 0x00); /* not packed */
	tlv_put(out, 0xfe, view_of(NULL, 0));
}

/* --- the key ---------------------------------------------------------------------------------- */

static const uint8_t rsa_oid[] = { 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01 };
static const uint8_t ec_oid[] = { 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01 };

/* SEQUENCE { n, e } */
static int
put_rsa_key(struct sam_key *k, struct buf *out)
{
	struct buf n = BUF(RSA_KEY_SIZE_MAX), e = BUF(RSA_KEY_SIZE_MAX);
	int rc = rsa_get(key_rsa(k), RSA_PART_N, &n);
	size_t mark = tlv_open(out, 0x30);

	if (rc == 0)
		rc = rsa_get(key_rsa(k), RSA_PART_E, &e);
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
put_key_parts(struct sam_key *k, struct buf *algorithm, struct buf *bits)
{
	struct buf curve = BUF(32);
	int rc;

	if (key_rsa(k)) {
		x509_put_algorithm(algorithm, view_of(rsa_oid, sizeof(rsa_oid)), x509_null);
		return put_rsa_key(k, bits);
	}
	if (key_ec(k)) {
		tlv_put(&curve, 0x06, curve_oid(ec_curve(key_ec(k))));
		x509_put_algorithm(algorithm, view_of(ec_oid, sizeof(ec_oid)), buf_view(&curve));
		rc = curve.failed ? -ENOMEM : ec_get_point(key_ec(k), bits);
		buf_free(&curve);
		return rc;
	}
	if (!key_ed(k))
		return -ENOENT;
	x509_put_algorithm(algorithm, ed_oid(ed_kind(key_ed(k))), view_of(NULL, 0));
	return ed_get_public(key_ed(k), bits);
}

static int
put_key(struct sam_key *k, struct buf *out)
{
	struct buf algorithm = BUF(64), bits = BUF(CERTIFICATE_MAX);
	int rc = put_key_parts(k, &algorithm, &bits);
	size_t mark = tlv_open(out, 0x30);

	buf_put_view(out, buf_view(&algorithm));
	x509_put_bits(out, buf_view(&bits));
	tlv_close(out, mark);
	if (algorithm.failed || bits.failed)
		rc = -ENOMEM;
	buf_free(&algorithm);
	buf_free(&bits);
	return rc;
}

/* --- the signature ------------------------------------------------------------------------------ */

static const uint8_t sha256_rsa_oid[] = { 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0b };
static const uint8_t ecdsa_sha256_oid[] = { 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02 };
static const uint8_t ecdsa_sha384_oid[] = { 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x03 };

static enum digest
digest_for(struct sam_key *k)
{
	return k->kind == SAM_EC && curve_bits(ec_curve(key_ec(k))) > 256 ? DIGEST_SHA384 : DIGEST_SHA256;
}

static int
put_signature_algorithm(struct sam_key *k, struct buf *out)
{
	if (key_rsa(k))
		x509_put_algorithm(out, view_of(sha256_rsa_oid, sizeof(sha256_rsa_oid)), x509_null);
	else if (key_ec(k))
		x509_put_algorithm(out, digest_for(k) == DIGEST_SHA384
					? view_of(ecdsa_sha384_oid, sizeof(ecdsa_sha384_oid))
					: view_of(ecdsa_sha256_oid, sizeof(ecdsa_sha256_oid)),
				   view_of(NULL, 0));
	else if (key_ed(k) && k->kind == SAM_ED25519)
		x509_put_algorithm(out, ed_oid(ED_25519), view_of(NULL, 0));
	else
		return -ENOTSUP;
	return out->failed ? -ENOMEM : 0;
}

static int
sign_hash(struct sam_key *k, struct view hash, struct buf *out)
{
	struct buf info = BUF(128);
	int rc;

	if (key_ec(k))
		return ec_sign(key_ec(k), EC_FORM_DER, hash, out);
	rc = digest_info(DIGEST_SHA256, hash, &info);
	if (rc == 0)
		rc = rsa_sign_pkcs1(key_rsa(k), buf_view(&info), out);
	buf_free(&info);
	return rc;
}

static int
sign(struct sam_key *k, struct view tbs, struct buf *out)
{
	struct buf hash = BUF(DIGEST_MAX);
	int rc;

	if (k->kind == SAM_ED25519)
		return ed_sign(key_ed(k), tbs, out);
	rc = digest_once(digest_for(k), tbs, &hash);
	if (rc == 0)
		rc = sign_hash(k, buf_view(&hash), out);
	buf_free(&hash);
	return rc;
}

/* --- the certificate ------------------------------------------------------------------------------ */

static int
put_tbs(struct sam_key *k, const char *name, struct x509 *x, struct buf *out)
{
	struct buf key = BUF(CERTIFICATE_MAX), subject = BUF(512);
	uint8_t serial[SERIAL_SIZE];
	int rc = rand_bytes(serial, sizeof(serial));

	serial[0] = (uint8_t)((serial[0] & 0x7f) | 0x40); /* positive, and as long as it is */
	if (rc == 0)
		rc = put_key(k, &key);
	x509_put_name(&subject, name);
	x->serial = view_of(serial, sizeof(serial));
	x->key = buf_view(&key);
	x->subject = buf_view(&subject);
	if (x->issuer.n == 0)
		x->issuer = x->subject;
	x509_put_tbs(out, x);
	if (key.failed || subject.failed)
		rc = -ENOMEM;
	buf_free(&key);
	buf_free(&subject);
	return rc;
}

int
piv_certify(struct sam_key *k, const char *name, struct sam_key *by, struct view issuer, struct view extensions,
	    struct buf *out)
{
	struct buf algorithm = BUF(64), tbs = BUF(CERTIFICATE_MAX), signature = BUF(RSA_KEY_SIZE_MAX);
	struct x509 x = { .issuer = issuer, .extensions = extensions };
	int rc = put_signature_algorithm(by, &algorithm);

	x.signature = buf_view(&algorithm);
	if (rc == 0)
		rc = put_tbs(k, name, &x, &tbs);
	if (rc == 0)
		rc = sign(by, buf_view(&tbs), &signature);
	x509_put(out, buf_view(&tbs), buf_view(&algorithm), buf_view(&signature));
	if (tbs.failed || signature.failed || out->failed)
		rc = -ENOMEM;
	buf_free(&algorithm);
	buf_free(&tbs);
	buf_free(&signature);
	return rc;
}

static const uint8_t basic_constraints_oid[] = { 0x55, 0x1d, 0x13 };
static const uint8_t key_identifier_oid[] = { 0x55, 0x1d, 0x0e };
static const uint8_t key_usage_oid[] = { 0x55, 0x1d, 0x0f };
static const uint8_t is_ca[] = { 0x30, 0x03, 0x01, 0x01, 0xff };
static const uint8_t signs_certificates[] = { 0x03, 0x02, 0x02, 0x04 };

/* RFC 5280, 4.2.1.2: SHA-1 of the public key; of EC keys alone. */
static int
put_key_identifier(struct sam_key *k, struct buf *out)
{
	struct buf point = BUF(CERTIFICATE_MAX), value = BUF(DIGEST_MAX);
	int rc = key_ec(k) ? ec_get_point(key_ec(k), &point) : -ENOTSUP;

	buf_u16(&value, 0x0400 | (uint16_t)digest_size(DIGEST_SHA1));
	if (rc == 0)
		rc = digest_once(DIGEST_SHA1, buf_view(&point), &value);
	x509_put_extension(out, view_of(key_identifier_oid, sizeof(key_identifier_oid)), false, buf_view(&value));
	if (point.failed || value.failed)
		rc = -ENOMEM;
	buf_free(&point);
	buf_free(&value);
	return rc;
}

int
piv_self_sign(struct sam_key *k, const char *name, enum piv_certificate what, struct buf *out)
{
	struct buf extensions = BUF(64);
	int rc = what == PIV_CERTIFICATE_SIGNER ? put_key_identifier(k, &extensions) : 0;

	if (what == PIV_CERTIFICATE_CA) {
		x509_put_extension(&extensions, view_of(basic_constraints_oid, sizeof(basic_constraints_oid)), true,
				   view_of(is_ca, sizeof(is_ca)));
		x509_put_extension(&extensions, view_of(key_usage_oid, sizeof(key_usage_oid)), true,
				   view_of(signs_certificates, sizeof(signs_certificates)));
	}
	if (extensions.failed)
		rc = -ENOMEM;
	if (rc == 0)
		rc = piv_certify(k, name, k, view_of(NULL, 0), buf_view(&extensions), out);
	buf_free(&extensions);
	return rc;
}
