/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "codec/secinfo.h"

#include <string.h>
#include <strings.h>

#include "codec/tlv.h"

#define BOOLEAN 0x01
#define INTEGER 0x02
#define BIT_STRING 0x03
#define OID 0x06
#define IA5_STRING 0x16
#define SEQUENCE 0x30
#define SET 0x31

/*
 * 0.4.0.127.0.7.2.2: the BSI's protocols (TR-03110-3, A.1.1); 2.2.3 and 2.2.5 name two things
 * each.
 */
#define PROTOCOLS 0x04, 0x00, 0x7f, 0x00, 0x07, 0x02, 0x02

static const uint8_t standard_domain[] = { 0x04, 0x00, 0x7f, 0x00, 0x07, 0x01, 0x02 };

static const struct protocol {
	uint8_t oid[8];
	uint8_t n;      /* bytes of it */
	uint8_t behind; /* and those that are method, and cipher */
	enum secinfo_kind kind;
} protocols[] = {
	{ { PROTOCOLS, 0x04 }, 8, 2, SECINFO_PACE },
	{ { PROTOCOLS, 0x03 }, 8, 2, SECINFO_CA },
	{ { PROTOCOLS, 0x03 }, 8, 1, SECINFO_CA_PARAMS },
	{ { PROTOCOLS, 0x01 }, 8, 1, SECINFO_CA_KEY },
	{ { PROTOCOLS, 0x02 }, 8, 0, SECINFO_TA },
	{ { PROTOCOLS, 0x05 }, 8, 2, SECINFO_RI },
	{ { PROTOCOLS, 0x05 }, 8, 1, SECINFO_RI_PARAMS },
	{ { PROTOCOLS, 0x06 }, 8, 0, SECINFO_CARD_INFO },
	{ { PROTOCOLS, 0x08 }, 8, 0, SECINFO_PRIVILEGED },
	{ { 0x67, 0x81, 0x08, 0x01, 0x01, 0x05 }, 6, 0, SECINFO_AA },
};

#define PROTOCOL_COUNT (sizeof(protocols) / sizeof(protocols[0]))

/* --- OBJECT IDENTIFIERs ---------------------------------------------------------------- */

static bool
method_exists(enum secinfo_kind kind, uint8_t method)
{
	if (kind == SECINFO_PACE)
		return method >= SECINFO_DH_GM && method <= SECINFO_ECDH_CAM && method != 5;
	return method == SECINFO_DH || method == SECINFO_ECDH;
}

static bool
cipher_exists(enum secinfo_kind kind, uint8_t method, uint8_t cipher)
{
	if (kind == SECINFO_RI)
		return cipher >= 1 && cipher <= 5;
	if (kind == SECINFO_PACE && method == SECINFO_ECDH_CAM && cipher == SECINFO_3DES)
		return false;
	return cipher >= SECINFO_3DES && cipher <= SECINFO_AES256;
}

bool
secinfo_protocol(struct view oid, struct secinfo *out)
{
	const struct protocol *p = protocols;

	while (p < protocols + PROTOCOL_COUNT &&
	       (oid.n != (size_t)p->n + p->behind || !view_starts(oid, view_of(p->oid, p->n))))
		p++;
	*out = (struct secinfo) { .oid = oid, .domain = SECINFO_NO_DOMAIN };
	if (p == protocols + PROTOCOL_COUNT)
		return false;
	if (p->behind > 0)
		out->method = oid.p[p->n];
	if (p->behind > 1)
		out->cipher = oid.p[p->n + 1];
	if ((p->behind > 0 && !method_exists(p->kind, out->method)) ||
	    (p->behind > 1 && !cipher_exists(p->kind, out->method, out->cipher)))
		return false;
	out->kind = p->kind;
	return true;
}

/* --- reading ---------------------------------------------------------------------------- */

/* A small number that is not negative. */
static bool
read_number(struct view object, uint8_t *out)
{
	struct tlv t;
	size_t n;

	if (!tlv_next(&object, &t) || t.tag != INTEGER || t.value.n == 0 || t.value.n > 2 ||
	    t.value.p[0] & 0x80 || !view_number(t.value, &n) || n > 0xff)
		return false;
	*out = (uint8_t)n;
	return true;
}

/* An AlgorithmIdentifier; of standardised domain parameters, which. */
static bool
read_domain(struct view object, int *domain)
{
	struct tlv t;
	uint8_t id;

	if (!tlv_next(&object, &t) || t.tag != SEQUENCE)
		return false;
	object = t.value;
	if (!tlv_next(&object, &t) || t.tag != OID)
		return false;
	*domain = SECINFO_NO_DOMAIN;
	if (!view_equal(t.value, view_of(standard_domain, sizeof(standard_domain))))
		return true;
	if (!read_number(object, &id))
		return false;
	*domain = id;
	return true;
}

/* A SubjectPublicKeyInfo. */
static bool
read_public(struct view object, struct secinfo *out)
{
	struct tlv t;
	struct view bits;
	uint8_t unused;

	if (!tlv_next(&object, &t) || t.tag != SEQUENCE)
		return false;
	object = t.value;
	if (!read_domain(object, &out->domain) || !tlv_next(&object, &t) ||
	    !tlv_next(&object, &t) || t.tag != BIT_STRING)
		return false;
	bits = t.value;
	if (!view_u8(&bits, &unused) || unused != 0)
		return false;
	out->public = bits;
	if (out->method == SECINFO_ECDH)
		return bits.n > 0;
	if (!tlv_next(&bits, &t) || bits.n > 0 || t.tag != INTEGER)
		return false;
	out->public = t.value;
	return true;
}

/* ProtocolParams of restricted identification (TR-03110-3, A.1.1.6). */
static bool
read_ri(struct view object, struct secinfo *out)
{
	struct tlv t;

	if (!tlv_next(&object, &t) || t.tag != SEQUENCE)
		return false;
	object = t.value;
	if (!read_number(object, &out->version) || !tlv_next(&object, &t) ||
	    !read_number(object, &out->id) || !tlv_next(&object, &t) || !tlv_next(&object, &t) ||
	    t.tag != BOOLEAN || t.value.n != 1)
		return false;
	out->has_id = true;
	out->authorized = t.value.p[0] != 0;
	return object.n == 0;
}

static bool
read_id(struct secinfo *out)
{
	if (out->optional.n == 0)
		return true;
	out->has_id = true;
	return read_number(out->optional, &out->id);
}

static bool
read_values(struct secinfo *out)
{
	switch (out->kind) {
	case SECINFO_PACE:
	case SECINFO_CA:
		return read_number(out->required, &out->version) && read_id(out);
	case SECINFO_TA: /* behind it, of version 1, may be the identifier of EF.CVCA */
	case SECINFO_AA:
		return read_number(out->required, &out->version);
	case SECINFO_CA_PARAMS:
		return read_domain(out->required, &out->domain) && read_id(out);
	case SECINFO_CA_KEY:
		return read_public(out->required, out) && read_id(out);
	case SECINFO_RI:
		return read_ri(out->required, out);
	case SECINFO_RI_PARAMS:
		return read_domain(out->required, &out->domain);
	default:
		return true;
	}
}

bool
secinfo_next(struct view *in, struct secinfo *out)
{
	struct view rest = *in, values;
	struct tlv info, t;

	if (!tlv_next(&rest, &info) || info.tag != SEQUENCE)
		return false;
	values = info.value;
	if (!tlv_next(&values, &t) || t.tag != OID)
		return false;
	secinfo_protocol(t.value, out);
	out->whole = info.whole;
	if (!tlv_next(&values, &t))
		return false;
	out->required = t.whole;
	if (values.n > 0) {
		if (!tlv_next(&values, &t) || values.n > 0)
			return false;
		out->optional = t.whole;
	}
	if (!read_values(out))
		return false;
	*in = rest;
	return true;
}

bool
secinfo_open(struct view set, struct view *infos)
{
	struct secinfo info;
	struct view rest;
	struct tlv t;

	if (!tlv_next(&set, &t) || t.tag != SET)
		return false;
	rest = *infos = t.value;
	while (secinfo_next(&rest, &info))
		;
	return rest.n == 0;
}

/* --- building ------------------------------------------------------------------------------ */

/* Begin one with its OID; methods and ciphers that are 0 are not in it. */
static size_t
info_open(struct buf *b, enum secinfo_kind kind, uint8_t method, uint8_t cipher)
{
	const struct protocol *p = protocols;
	size_t mark = tlv_open(b, SEQUENCE), oid;

	while (p->kind != kind)
		p++;
	oid = tlv_open(b, OID);
	buf_put(b, p->oid, p->n);
	if (method > 0)
		buf_u8(b, method);
	if (cipher > 0)
		buf_u8(b, cipher);
	tlv_close(b, oid);
	return mark;
}

/* Of one byte, or, where that would be negative, two. */
static void
put_number(struct buf *b, int n)
{
	if (n >= 0x80)
		tlv_put_u16(b, INTEGER, (uint16_t)n);
	else if (n >= 0)
		tlv_put_u8(b, INTEGER, (uint8_t)n);
}

void
secinfo_put_pace(struct buf *b, uint8_t method, uint8_t cipher, int id)
{
	size_t mark = info_open(b, SECINFO_PACE, method, cipher);

	put_number(b, 2);
	put_number(b, id);
	tlv_close(b, mark);
}

void
secinfo_put_ca(struct buf *b, uint8_t method, uint8_t cipher, uint8_t version, int key_id)
{
	size_t mark = info_open(b, SECINFO_CA, method, cipher);

	put_number(b, version);
	put_number(b, key_id);
	tlv_close(b, mark);
}

void
secinfo_put_domain(struct buf *b, uint8_t domain)
{
	size_t mark = tlv_open(b, SEQUENCE);

	tlv_put(b, OID, view_of(standard_domain, sizeof(standard_domain)));
	put_number(b, domain);
	tlv_close(b, mark);
}

void
secinfo_put_ca_params(struct buf *b, uint8_t method, uint8_t domain, int key_id)
{
	size_t mark = info_open(b, SECINFO_CA_PARAMS, method, 0);

	secinfo_put_domain(b, domain);
	put_number(b, key_id);
	tlv_close(b, mark);
}

void
secinfo_put_ta(struct buf *b, uint8_t version)
{
	size_t mark = info_open(b, SECINFO_TA, 0, 0);

	put_number(b, version);
	tlv_close(b, mark);
}

void
secinfo_put_card_info(struct buf *b, const char *url)
{
	size_t mark = info_open(b, SECINFO_CARD_INFO, 0, 0);

	tlv_put(b, IA5_STRING, view_of(url, strlen(url)));
	tlv_close(b, mark);
}

void
secinfo_put_privileged(struct buf *b, struct view infos)
{
	size_t mark = info_open(b, SECINFO_PRIVILEGED, 0, 0);

	tlv_put(b, SET, infos);
	tlv_close(b, mark);
}

void
secinfo_put_ri(struct buf *b, uint8_t method, uint8_t hash, uint8_t key_id, bool authorized,
	       int max_key_len)
{
	size_t mark = info_open(b, SECINFO_RI, method, hash), params = tlv_open(b, SEQUENCE);

	put_number(b, 1);
	put_number(b, key_id);
	tlv_put_u8(b, BOOLEAN, authorized ? 0xff : 0x00);
	tlv_close(b, params);
	put_number(b, max_key_len);
	tlv_close(b, mark);
}

void
secinfo_put_ri_params(struct buf *b, uint8_t method, uint8_t domain)
{
	size_t mark = info_open(b, SECINFO_RI_PARAMS, method, 0);

	secinfo_put_domain(b, domain);
	tlv_close(b, mark);
}

void
secinfo_put_ca_key(struct buf *b, uint8_t method, struct view algorithm, struct view public,
		   int key_id)
{
	size_t mark = info_open(b, SECINFO_CA_KEY, method, 0), spki = tlv_open(b, SEQUENCE), bits;

	buf_put_view(b, algorithm);
	bits = tlv_open(b, BIT_STRING);
	buf_u8(b, 0);
	buf_put_view(b, public);
	tlv_close(b, bits);
	tlv_close(b, spki);
	put_number(b, key_id);
	tlv_close(b, mark);
}

void
secinfo_put_aa(struct buf *b, uint8_t hash)
{
	/* ecdsa-plain (TR-03111, 5.2.1.1) */
	const uint8_t plain[] = { 0x04, 0x00, 0x7f, 0x00, 0x07, 0x01, 0x01, 0x04, 0x01, hash };
	size_t mark = info_open(b, SECINFO_AA, 0, 0);

	put_number(b, 1);
	tlv_put(b, OID, view_of(plain, sizeof(plain)));
	tlv_close(b, mark);
}

/* --- names ------------------------------------------------------------------------------- */

static const char *const pace_methods[] = {
	"dh-gm-", "ecdh-gm-", "dh-im-", "ecdh-im-", "", "ecdh-cam-",
};
static const char *const ca_methods[] = { "dh-", "ecdh-" };
static const char *const ciphers[] = { "3des", "aes128", "aes192", "aes256" };

/* Which of these the text begins with, from 1; 0: none. What it is is taken away. */
static uint8_t
take_word(const char *const *words, size_t n_words, const char **text, size_t *n)
{
	size_t i, len;

	for (i = 0; i < n_words; i++) {
		len = strlen(words[i]);
		if (len > 0 && len <= *n && strncasecmp(*text, words[i], len) == 0) {
			*text += len;
			*n -= len;
			return (uint8_t)(i + 1);
		}
	}
	return 0;
}

/* Behind a name: nothing, or a colon and a number of up to two digits. */
static bool
take_id(const char *text, size_t n, int *id)
{
	*id = -1;
	if (n == 0)
		return true;
	if (*text != ':' || n < 2 || n > 3)
		return false;
	for (*id = 0; n > 1; n--) {
		if (*++text < '0' || *text > '9')
			return false;
		*id = 10 * *id + (*text - '0');
	}
	return true;
}

bool
secinfo_pace_from_name(const char *text, size_t n, uint8_t *method, uint8_t *cipher, int *id)
{
	*method = take_word(pace_methods, sizeof(pace_methods) / sizeof(*pace_methods), &text, &n);
	*cipher = take_word(ciphers, sizeof(ciphers) / sizeof(*ciphers), &text, &n);
	return *method > 0 && cipher_exists(SECINFO_PACE, *method, *cipher) && take_id(text, n, id);
}

bool
secinfo_ca_from_name(const char *text, size_t n, uint8_t *method, uint8_t *cipher, int *id)
{
	*method = take_word(ca_methods, sizeof(ca_methods) / sizeof(*ca_methods), &text, &n);
	*cipher = take_word(ciphers, sizeof(ciphers) / sizeof(*ciphers), &text, &n);
	return *method > 0 && *cipher > 0 && take_id(text, n, id);
}
