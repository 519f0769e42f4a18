/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "codec/x509.h"

#include <string.h>

#include "codec/tlv.h"

#define BOOLEAN 0x01u
#define INTEGER 0x02u
#define BIT_STRING 0x03u
#define OCTET_STRING 0x04u
#define OID 0x06u
#define UTF8_STRING 0x0cu
#define PRINTABLE_STRING 0x13u
#define UTC_TIME 0x17u
#define GENERALIZED_TIME 0x18u
#define SEQUENCE 0x30u
#define SET 0x31u
#define VERSION 0xa0u
#define EXTENSIONS 0xa3u

#define V3 2

static const uint8_t common_name_oid[] = { 0x55, 0x04, 0x03 };
static const uint8_t country_oid[] = { 0x55, 0x04, 0x06 };
static const uint8_t null[] = { 0x05, 0x00 };
const struct view x509_null = VIEW(null);

static void
put_text(struct buf *b, uint32_t tag, const char *text)
{
	tlv_put(b, tag, view_of(text, strlen(text)));
}

void
x509_put_integer(struct buf *out, struct view number)
{
	size_t mark = tlv_open(out, INTEGER);

	number = view_strip_start(number, 0);
	if (number.n == 0 || number.p[0] & 0x80)
		buf_u8(out, 0);
	buf_put_view(out, number);
	tlv_close(out, mark);
}

void
x509_put_bits(struct buf *out, struct view bytes)
{
	size_t mark = tlv_open(out, BIT_STRING);

	buf_u8(out, 0); /* all bits of the last byte count */
	buf_put_view(out, bytes);
	tlv_close(out, mark);
}

static void
put_name_part(struct buf *out, const uint8_t oid[3], uint32_t tag, const char *text)
{
	size_t set = tlv_open(out, SET), pair = tlv_open(out, SEQUENCE);

	tlv_put(out, OID, view_of(oid, 3));
	put_text(out, tag, text);
	tlv_close(out, pair);
	tlv_close(out, set);
}

void
x509_put_country_name(struct buf *out, const char *country, const char *common_name)
{
	size_t name = tlv_open(out, SEQUENCE);

	if (country) /* RFC 5280, A.1: a PrintableString */
		put_name_part(out, country_oid, PRINTABLE_STRING, country);
	put_name_part(out, common_name_oid, UTF8_STRING, common_name);
	tlv_close(out, name);
}

void
x509_put_name(struct buf *out, const char *common_name)
{
	x509_put_country_name(out, NULL, common_name);
}

void
x509_put_algorithm(struct buf *out, struct view oid, struct view parameters)
{
	size_t mark = tlv_open(out, SEQUENCE);

	tlv_put(out, OID, oid);
	buf_put_view(out, parameters);
	tlv_close(out, mark);
}

void
x509_put_extension(struct buf *out, struct view oid, bool critical, struct view value)
{
	size_t mark = tlv_open(out, SEQUENCE);

	tlv_put(out, OID, oid);
	if (critical)
		tlv_put_u8(out, BOOLEAN, 0xff);
	tlv_put(out, OCTET_STRING, value);
	tlv_close(out, mark);
}

static void
put_validity(struct buf *out)
{
	size_t mark = tlv_open(out, SEQUENCE);

	put_text(out, UTC_TIME, "000101000000Z");
	put_text(out, GENERALIZED_TIME, "99991231235959Z");
	tlv_close(out, mark);
}

static void
put_extensions(struct buf *out, struct view extensions)
{
	size_t outer = tlv_open(out, EXTENSIONS);

	tlv_put(out, SEQUENCE, extensions);
	tlv_close(out, outer);
}

void
x509_put_tbs(struct buf *out, const struct x509 *x)
{
	size_t tbs = tlv_open(out, SEQUENCE), version = tlv_open(out, VERSION);

	tlv_put_u8(out, INTEGER, V3);
	tlv_close(out, version);
	x509_put_integer(out, x->serial);
	buf_put_view(out, x->signature);
	buf_put_view(out, x->issuer);
	put_validity(out);
	buf_put_view(out, x->subject);
	buf_put_view(out, x->key);
	if (x->extensions.n > 0)
		put_extensions(out, x->extensions);
	tlv_close(out, tbs);
}

void
x509_put(struct buf *out, struct view tbs, struct view algorithm, struct view signature)
{
	size_t mark = tlv_open(out, SEQUENCE);

	buf_put_view(out, tbs);
	buf_put_view(out, algorithm);
	x509_put_bits(out, signature);
	tlv_close(out, mark);
}

/* The next object, of this tag. */
static bool
take(struct view *in, uint32_t tag, struct tlv *t)
{
	return tlv_next(in, t) && t->tag == tag;
}

/* A member of a certificate, whole. */
static bool
take_whole(struct view *in, uint32_t tag, struct view *out)
{
	struct tlv t;

	if (!take(in, tag, &t))
		return false;
	*out = t.whole;
	return true;
}

bool
x509_read(struct view certificate, struct x509 *out)
{
	struct tlv outer, tbs, t;
	struct view validity;

	*out = (struct x509) { .key = view_of(NULL, 0) };
	if (!take(&certificate, SEQUENCE, &outer) || !take(&outer.value, SEQUENCE, &tbs))
		return false;
	if (tbs.value.n > 0 && tbs.value.p[0] == VERSION && !take(&tbs.value, VERSION, &t))
		return false;
	if (!take(&tbs.value, INTEGER, &t))
		return false;
	out->serial = t.value;
	if (!take_whole(&tbs.value, SEQUENCE, &out->signature) ||
	    !take_whole(&tbs.value, SEQUENCE, &out->issuer) ||
	    !take_whole(&tbs.value, SEQUENCE, &validity) ||
	    !take_whole(&tbs.value, SEQUENCE, &out->subject))
		return false;
	if (take(&tbs.value, SEQUENCE, &t))
		out->key = t.whole;
	return true;
}

bool
x509_subject(struct view certificate, struct view *subject)
{
	struct x509 x;

	if (!x509_read(certificate, &x))
		return false;
	*subject = x.subject;
	return true;
}
