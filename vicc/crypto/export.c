/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "crypto/export.h"

#include <errno.h>
#include <openssl/evp.h>
#include <string.h>

#include "codec/tlv.h"
#include "codec/x509.h"

#define KEY_MAX 4096
#define LINE 48 /* bytes of a line: 64 characters (RFC 7468, 2) */

#define INTEGER 0x02u
#define OCTET_STRING 0x04u
#define OID 0x06u
#define SEQUENCE 0x30u
#define PUBLIC_KEY 0xa1u

static const uint8_t rsa_oid[] = { 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01 };
static const uint8_t ec_oid[] = { 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01 };

static void
put_line(const char *begin, const char *name, struct buf *out)
{
	buf_put(out, begin, strlen(begin));
	buf_put(out, name, strlen(name));
	buf_put(out, "-----\n", 6);
}

int
export_pem(const char *name, struct view der, struct buf *out)
{
	unsigned char text[LINE / 3 * 4 + 1];
	struct view line;
	int n;

	put_line("-----BEGIN ", name, out);
	while (der.n > 0) {
		view_take(&der, der.n < LINE ? der.n : LINE, &line);
		n = EVP_EncodeBlock(text, line.p, (int)line.n);
		buf_put(out, text, (size_t)n);
		buf_u8(out, '\n');
	}
	explicit_bzero(text, sizeof(text));
	put_line("-----END ", name, out);
	return out->failed ? -ENOMEM : 0;
}

/* RFC 8017, A.1.2; the parts are in its order. */
static int
put_rsa(const struct rsa *k, struct buf *out)
{
	struct buf number = BUF(RSA_KEY_SIZE_MAX);
	size_t mark = tlv_open(out, SEQUENCE);
	unsigned part;
	int rc = 0;

	tlv_put_u8(out, INTEGER, 0);
	for (part = RSA_PART_N; rc == 0 && part < RSA_PART_COUNT; part++) {
		buf_reset(&number);
		rc = rsa_get(k, (enum rsa_part)part, &number);
		x509_put_integer(out, buf_view(&number));
	}
	tlv_close(out, mark);
	if (rc == 0 && number.failed)
		rc = -ENOMEM;
	buf_free(&number);
	return rc;
}

/* RFC 5915, 3: without the curve, which stands before it. */
static int
put_ec(const struct ec *k, struct buf *out)
{
	struct buf d = BUF(CURVE_SIZE_MAX), point = BUF(2 * CURVE_SIZE_MAX + 1);
	size_t mark = tlv_open(out, SEQUENCE), explicit;
	int rc = ec_get_d(k, &d);

	if (rc == 0)
		rc = ec_get_point(k, &point);
	tlv_put_u8(out, INTEGER, 1);
	tlv_put(out, OCTET_STRING, buf_view(&d));
	explicit = tlv_open(out, PUBLIC_KEY);
	x509_put_bits(out, buf_view(&point));
	tlv_close(out, explicit);
	tlv_close(out, mark);
	if (rc == 0 && (d.failed || point.failed))
		rc = -ENOMEM;
	buf_free(&d);
	buf_free(&point);
	return rc;
}

static void
put_algorithm(const struct import_key *k, struct buf *out)
{
	struct buf curve = BUF(32);

	if (k->ec)
		tlv_put(&curve, OID, curve_oid(ec_curve(k->ec)));
	if (curve.failed)
		out->failed = true;
	x509_put_algorithm(
		out, k->ec ? view_of(ec_oid, sizeof(ec_oid)) : view_of(rsa_oid, sizeof(rsa_oid)),
		k->ec ? buf_view(&curve) : x509_null);
	buf_free(&curve);
}

int
export_key(const struct import_key *k, struct buf *out)
{
	struct buf der = BUF(KEY_MAX);
	size_t mark = tlv_open(&der, SEQUENCE), octets;
	int rc;

	tlv_put_u8(&der, INTEGER, 0);
	put_algorithm(k, &der);
	octets = tlv_open(&der, OCTET_STRING);
	rc = k->ec ? put_ec(k->ec, &der) : put_rsa(k->rsa, &der);
	tlv_close(&der, octets);
	tlv_close(&der, mark);
	if (rc == 0 && der.failed)
		rc = -ENOMEM;
	if (rc == 0)
		rc = export_pem("PRIVATE KEY", buf_view(&der), out);
	buf_free(&der);
	return rc;
}
