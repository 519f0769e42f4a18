/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "codec/pkcs15.h"

#include <string.h>

#include "codec/tlv.h"
#include "codec/x509.h"

#define BOOLEAN 0x01u
#define BIT_STRING 0x03u
#define OCTET_STRING 0x04u
#define NOTHING 0x05u /* NULL */
#define OID 0x06u
#define ENUMERATED 0x0au
#define UTF8_STRING 0x0cu
#define GENERALIZED_TIME 0x18u
#define SEQUENCE 0x30u
#define CONTEXT(n) (0x80u | (n))
#define TEMPLATE(n) (0xa0u | (n))

#define ASCII_NUMERIC 1 /* PinType; the driver takes letters, too */

/* --- DER ------------------------------------------------------------------------- */

static void
put_text(struct buf *b, uint32_t tag, const char *text)
{
	tlv_put(b, tag, view_of(text, strlen(text)));
}

static void
put_boolean(struct buf *b, bool value)
{
	tlv_put_u8(b, BOOLEAN, value ? 0xff : 0x00);
}

static void
put_number(struct buf *b, size_t n)
{
	const uint8_t bytes[] = { (uint8_t)(n >> 16), (uint8_t)(n >> 8), (uint8_t)n };

	x509_put_integer(b, view_of(bytes, sizeof(bytes)));
}

/* A named bit list: the first bit is the highest of the first byte, no zeros at the end. */
static void
put_flags(struct buf *b, unsigned flags)
{
	size_t mark = tlv_open(b, BIT_STRING);
	unsigned bits = 0, i;
	uint8_t byte = 0;

	while (flags >> bits)
		bits++;
	buf_u8(b, (uint8_t)((8 - bits % 8) % 8));
	for (i = 0; i < bits; i++) {
		if (flags >> i & 1)
			byte |= (uint8_t)(0x80 >> i % 8);
		if (i % 8 == 7 || i + 1 == bits) {
			buf_u8(b, byte);
			byte = 0;
		}
	}
	tlv_close(b, mark);
}

/* --- what objects are made of ---------------------------------------------------------- */

/* CommonObjectAttributes. */
static void
put_common(struct buf *b, const struct pkcs15_object *o)
{
	size_t mark = tlv_open(b, SEQUENCE);

	put_text(b, UTF8_STRING, o->label);
	put_flags(b, o->flags);
	if (o->auth_id.n > 0)
		tlv_put(b, OCTET_STRING, o->auth_id);
	tlv_close(b, mark);
}

static void
put_path(struct buf *b, struct view path)
{
	size_t mark = tlv_open(b, SEQUENCE);

	tlv_put(b, OCTET_STRING, path);
	tlv_close(b, mark);
}

/* A path, and how long the key is where that is said. */
static void
put_key_attributes(struct buf *b, const struct pkcs15_key *key, bool size)
{
	size_t type = tlv_open(b, TEMPLATE(1)), all = tlv_open(b, SEQUENCE);

	put_path(b, key->path);
	if (size)
		put_number(b, key->bits);
	tlv_close(b, all);
	tlv_close(b, type);
}

static size_t
open_key(struct buf *b, const struct pkcs15_key *key)
{
	return tlv_open(b, key->ec ? TEMPLATE(0) : SEQUENCE);
}

/* --- objects ------------------------------------------------------------------------------ */

void
pkcs15_put_pin(struct buf *b, const struct pkcs15_pin *pin)
{
	size_t whole = tlv_open(b, SEQUENCE), mark, all;

	put_common(b, &pin->object);
	mark = tlv_open(b, SEQUENCE);
	tlv_put(b, OCTET_STRING, pin->object.id);
	tlv_close(b, mark);
	mark = tlv_open(b, TEMPLATE(1));
	all = tlv_open(b, SEQUENCE);
	put_flags(b, pin->flags);
	tlv_put_u8(b, ENUMERATED, ASCII_NUMERIC);
	put_number(b, pin->min);
	put_number(b, pin->max); /* stored */
	put_number(b, pin->max);
	tlv_put_u8(b, CONTEXT(0), pin->reference);
	tlv_put_u8(b, OCTET_STRING, pin->pad);
	tlv_close(b, all);
	tlv_close(b, mark);
	tlv_close(b, whole);
}

/* CommonPrivateKeyAttributes. */
static void
put_subject(struct buf *b, struct view name)
{
	size_t mark = tlv_open(b, TEMPLATE(0));

	tlv_put(b, SEQUENCE, name);
	tlv_close(b, mark);
}

void
pkcs15_put_private_key(struct buf *b, const struct pkcs15_key *key)
{
	static const unsigned sensitive = 0x1; /* KeyAccessFlags */
	size_t whole = open_key(b, key), mark;

	put_common(b, &key->object);
	mark = tlv_open(b, SEQUENCE);
	tlv_put(b, OCTET_STRING, key->object.id);
	put_flags(b, key->usage);
	put_flags(b, sensitive);
	put_number(b, key->reference);
	tlv_close(b, mark);
	if (key->subject.n > 0)
		put_subject(b, key->subject);
	put_key_attributes(b, key, true);
	tlv_close(b, whole);
}

/* It is only kept here, not used: not native. */
void
pkcs15_put_public_key(struct buf *b, const struct pkcs15_key *key)
{
	size_t whole = open_key(b, key), mark;

	put_common(b, &key->object);
	mark = tlv_open(b, SEQUENCE);
	tlv_put(b, OCTET_STRING, key->object.id);
	put_flags(b, key->usage);
	put_boolean(b, false);
	put_number(b, 0);
	tlv_close(b, mark);
	put_key_attributes(b, key, !key->ec);
	tlv_close(b, whole);
}

void
pkcs15_put_cert(struct buf *b, const struct pkcs15_cert *cert)
{
	size_t whole = tlv_open(b, SEQUENCE), mark, all;

	put_common(b, &cert->object);
	mark = tlv_open(b, SEQUENCE);
	tlv_put(b, OCTET_STRING, cert->object.id);
	if (cert->authority)
		put_boolean(b, true);
	tlv_close(b, mark);
	mark = tlv_open(b, TEMPLATE(1));
	all = tlv_open(b, SEQUENCE);
	put_path(b, cert->path);
	tlv_close(b, all);
	tlv_close(b, mark);
	tlv_close(b, whole);
}

void
pkcs15_put_directory(struct buf *b, enum pkcs15_df df, struct view path)
{
	size_t mark = tlv_open(b, TEMPLATE(df));

	put_path(b, path);
	tlv_close(b, mark);
}

static void
put_algorithm(struct buf *b, const struct pkcs15_algorithm *a)
{
	size_t mark = tlv_open(b, SEQUENCE);

	put_number(b, a->reference);
	put_number(b, a->mechanism);
	tlv_put(b, NOTHING, view_of(NULL, 0));
	put_flags(b, a->operations);
	tlv_put(b, OID, a->oid);
	put_number(b, 0); /* the card's own number for it: the driver knows */
	tlv_close(b, mark);
}

void
pkcs15_put_token_info(struct buf *b, const struct pkcs15_token *t)
{
	size_t whole = tlv_open(b, SEQUENCE), mark, i;

	put_number(b, 0); /* v1 */
	tlv_put(b, OCTET_STRING, t->serial);
	put_text(b, UTF8_STRING, t->manufacturer);
	put_text(b, CONTEXT(0), t->label);
	put_flags(b, t->flags);
	if (t->n_algorithms > 0) {
		mark = tlv_open(b, TEMPLATE(2));
		for (i = 0; i < t->n_algorithms; i++)
			put_algorithm(b, &t->algorithms[i]);
		tlv_close(b, mark);
	}
	mark = tlv_open(b, TEMPLATE(5));
	put_text(b, GENERALIZED_TIME, t->time);
	tlv_close(b, mark);
	tlv_close(b, whole);
}

/* An application template (7816-4, 12.2.2.3). */
void
pkcs15_put_application(struct buf *b, struct view aid, const char *label, struct view path)
{
	size_t mark = tlv_open(b, 0x61);

	tlv_put(b, 0x4f, aid);
	put_text(b, 0x50, label);
	tlv_put(b, 0x51, path);
	tlv_close(b, mark);
}

/* --- values of public keys ------------------------------------------------------------------ */

void
pkcs15_put_rsa(struct buf *b, struct view n, struct view e)
{
	size_t mark = tlv_open(b, SEQUENCE);

	x509_put_integer(b, n);
	x509_put_integer(b, e);
	tlv_close(b, mark);
}

void
pkcs15_put_ec(struct buf *b, struct view curve_oid, struct view point)
{
	static const uint8_t ec_public_key[] = { 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01 };
	size_t whole = tlv_open(b, SEQUENCE), mark = tlv_open(b, SEQUENCE);

	tlv_put(b, OID, view_of(ec_public_key, sizeof(ec_public_key)));
	tlv_put(b, OID, curve_oid);
	tlv_close(b, mark);
	mark = tlv_open(b, BIT_STRING);
	buf_u8(b, 0);
	buf_put_view(b, point);
	tlv_close(b, mark);
	tlv_close(b, whole);
}
