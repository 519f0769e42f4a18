/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Written here and not by CMS_sign(): that adds the attribute signingTime, whatever its flags say,
 * and so the time of the host to a document, which has contentType and messageDigest alone
 * (Doc 9303-10, 4.6.2.2). Seen with OpenSSL 3.0. Reading and verifying is CMS_verify()'s, in
 * cms_verify.c.
 */
#include "crypto/cms.h"

#include <errno.h>

#include "codec/tlv.h"
#include "codec/x509.h"

#define ATTRIBUTES_MAX 256

#define INTEGER 0x02u
#define OCTET_STRING 0x04u
#define OID 0x06u
#define SEQUENCE 0x30u
#define SET 0x31u
#define EXPLICIT_0 0xa0u
#define CERTIFICATES 0xa0u /* implicit: a SET */
#define SIGNED_ATTRIBUTES 0xa0u

#define SIGNED_DATA_VERSION 3 /* the content is no plain data */
#define SIGNER_VERSION 1      /* named by issuer and serial number */

static const uint8_t signed_data_oid[] = { 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x02 };
static const uint8_t content_type_oid[] = { 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x03 };
static const uint8_t message_digest_oid[] = {
	0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x04
};
static const uint8_t rsa_oid[] = { 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01 };

static void
put_attribute(struct buf *out, struct view oid, uint32_t tag, struct view value)
{
	size_t pair = tlv_open(out, SEQUENCE), set;

	tlv_put(out, OID, oid);
	set = tlv_open(out, SET);
	tlv_put(out, tag, value);
	tlv_close(out, set);
	tlv_close(out, pair);
}

/* In the order of DER: the one with the shorter encoding first. */
static int
put_attributes(const struct cms *cms, struct buf *out)
{
	struct buf hash = BUF(DIGEST_MAX);
	int rc = digest_once(certify_digest(cms->by), cms->content, &hash);

	put_attribute(out, view_of(content_type_oid, sizeof(content_type_oid)), OID, cms->oid);
	put_attribute(out, view_of(message_digest_oid, sizeof(message_digest_oid)), OCTET_STRING,
		      buf_view(&hash));
	if (rc == 0 && (hash.failed || out->failed))
		rc = -ENOMEM;
	buf_free(&hash);
	return rc;
}

/* RFC 5652, 5.4: signed as the SET that they are. */
static int
sign_attributes(const struct cms *cms, struct view attributes, struct buf *out)
{
	struct buf set = BUF(ATTRIBUTES_MAX + 8);
	int rc;

	tlv_put(&set, SET, attributes);
	rc = set.failed ? -ENOMEM : certify_sign(cms->by, buf_view(&set), out);
	buf_free(&set);
	return rc;
}

/* RFC 3370, 3.2: of RSA the key is named, and the hash elsewhere. */
static int
put_signature_algorithm(const struct cms *cms, struct buf *out)
{
	if (!cms->by->rsa)
		return certify_put_algorithm(cms->by, out);
	x509_put_algorithm(out, view_of(rsa_oid, sizeof(rsa_oid)), x509_null);
	return 0;
}

static int
put_signer(const struct cms *cms, const struct x509 *certificate, struct buf *out)
{
	struct buf attributes = BUF(ATTRIBUTES_MAX), signature = BUF(RSA_KEY_SIZE_MAX);
	size_t signer = tlv_open(out, SEQUENCE), sid;
	int rc = put_attributes(cms, &attributes);

	tlv_put_u8(out, INTEGER, SIGNER_VERSION);
	sid = tlv_open(out, SEQUENCE);
	buf_put_view(out, certificate->issuer);
	tlv_put(out, INTEGER, certificate->serial);
	tlv_close(out, sid);
	digest_put_algorithm(certify_digest(cms->by), out);
	tlv_put(out, SIGNED_ATTRIBUTES, buf_view(&attributes));
	if (rc == 0)
		rc = put_signature_algorithm(cms, out);
	if (rc == 0)
		rc = sign_attributes(cms, buf_view(&attributes), &signature);
	tlv_put(out, OCTET_STRING, buf_view(&signature));
	tlv_close(out, signer);
	if (rc == 0 && (attributes.failed || signature.failed))
		rc = -ENOMEM;
	buf_free(&attributes);
	buf_free(&signature);
	return rc;
}

static void
put_content(const struct cms *cms, struct buf *out)
{
	size_t info = tlv_open(out, SEQUENCE), explicit;

	tlv_put(out, OID, cms->oid);
	explicit = tlv_open(out, EXPLICIT_0);
	tlv_put(out, OCTET_STRING, cms->content);
	tlv_close(out, explicit);
	tlv_close(out, info);
}

static int
put_signed_data(const struct cms *cms, const struct x509 *certificate, struct buf *out)
{
	size_t data = tlv_open(out, SEQUENCE), set;
	int rc;

	tlv_put_u8(out, INTEGER, SIGNED_DATA_VERSION);
	set = tlv_open(out, SET);
	digest_put_algorithm(certify_digest(cms->by), out);
	tlv_close(out, set);
	put_content(cms, out);
	tlv_put(out, CERTIFICATES, cms->certificate);
	set = tlv_open(out, SET);
	rc = put_signer(cms, certificate, out);
	tlv_close(out, set);
	tlv_close(out, data);
	return rc;
}

int
cms_put(struct buf *out, const struct cms *cms)
{
	struct x509 certificate;
	size_t info, explicit;
	int rc;

	if (!cms->by->rsa && !cms->by->ec)
		return -ENOTSUP;
	if (!x509_read(cms->certificate, &certificate))
		return -EINVAL;
	info = tlv_open(out, SEQUENCE);
	tlv_put(out, OID, view_of(signed_data_oid, sizeof(signed_data_oid)));
	explicit = tlv_open(out, EXPLICIT_0);
	rc = put_signed_data(cms, &certificate, out);
	tlv_close(out, explicit);
	tlv_close(out, info);
	return rc == 0 && out->failed ? -ENOMEM : rc;
}
