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
#define UTC_TIME 0x17u
#define GENERALIZED_TIME 0x18u
#define SEQUENCE 0x30u
#define SET 0x31u
#define VERSION 0xa0u
#define EXTENSIONS 0xa3u

#define V3 2

static const uint8_t common_name_oid[] = { 0x55, 0x04, 0x03 };
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

	while (number.n > 1 && number.p[0] == 0)
		number = view_slice(number, 1, number.n);
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

void
x509_put_name(struct buf *out, const char *common_name)
{
	size_t name = tlv_open(out, SEQUENCE), set = tlv_open(out, SET), pair = tlv_open(out, SEQUENCE);

	tlv_put(out, OID, view_of(common_name_oid, sizeof(common_name_oid)));
	put_text(out, UTF8_STRING, common_name);
	tlv_close(out, pair);
	tlv_close(out, set);
	tlv_close(out, name);
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

bool
x509_subject(struct view certificate, struct view *subject)
{
	struct tlv outer, tbs, t;

	if (!take(&certificate, SEQUENCE, &outer) || !take(&outer.value, SEQUENCE, &tbs))
		return false;
	if (tbs.value.n > 0 && tbs.value.p[0] == VERSION && !take(&tbs.value, VERSION, &t))
		return false;
	/* serial number, algorithm, issuer, validity */
	if (!take(&tbs.value, INTEGER, &t) || !take(&tbs.value, SEQUENCE, &t) ||
	    !take(&tbs.value, SEQUENCE, &t) || !take(&tbs.value, SEQUENCE, &t))
		return false;
	if (!take(&tbs.value, SEQUENCE, &t))
		return false;
	*subject = t.whole;
	return true;
}
