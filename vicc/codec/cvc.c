/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "codec/cvc.h"

#include "codec/tlv.h"

#define CERTIFICATE 0x7f21
#define BODY 0x7f4e
#define PROFILE 0x5f29
#define AUTHORITY 0x42
#define PUBLIC_KEY 0x7f49
#define HOLDER 0x5f20
#define AUTHORIZATION 0x7f4c
#define EFFECTIVE 0x5f25
#define EXPIRES 0x5f24
#define EXTENSIONS 0x65
#define EXTENSION 0x73
#define SIGNATURE 0x5f37
#define OID 0x06
#define RIGHTS 0x53
#define POINT 0x86

#define NAME_MIN 8
#define NAME_MAX 16

/* --- authorisation ---------------------------------------------------------------------- */

/* id-roles (TR-03110-4, 2.2.2): the last byte is the kind of terminal */
static const uint8_t roles[] = { 0x04, 0x00, 0x7f, 0x00, 0x07, 0x03, 0x01, 0x02 };
static const uint8_t rights_size[] = { [CVC_IS] = 1, [CVC_AT] = 5, [CVC_ST] = 1 };

bool
chat_read(struct view value, struct chat *out)
{
	struct view kind = { .n = 0 };
	struct tlv t;
	uint8_t byte;

	*out = (struct chat) { .terminal = CVC_NONE };
	if (!tlv_next(&value, &t) || t.tag != OID ||
	    !view_starts(t.value, view_of(roles, sizeof(roles))))
		return false;
	kind = view_slice(t.value, sizeof(roles), t.value.n);
	if (kind.n != 1 || kind.p[0] < CVC_IS || kind.p[0] > CVC_ST)
		return false;
	if (!tlv_next(&value, &t) || t.tag != RIGHTS || value.n > 0 ||
	    t.value.n != rights_size[kind.p[0]])
		return false;
	out->terminal = (enum cvc_terminal)kind.p[0];
	out->role = (enum cvc_role)(t.value.p[0] >> 6);
	out->rights = t.value.p[0] & 0x3f;
	view_u8(&t.value, &byte);
	while (view_u8(&t.value, &byte))
		out->rights = out->rights << 8 | byte;
	return true;
}

void
chat_put(struct buf *b, const struct chat *chat)
{
	size_t mark = tlv_open(b, AUTHORIZATION), oid = tlv_open(b, OID), rights, i;
	const size_t n = rights_size[chat->terminal];

	buf_put(b, roles, sizeof(roles));
	buf_u8(b, (uint8_t)chat->terminal);
	tlv_close(b, oid);
	rights = tlv_open(b, RIGHTS);
	for (i = 0; i < n; i++)
		buf_u8(b,
		       (uint8_t)(chat->rights >> 8 * (n - 1 - i) | (i == 0 ? chat->role << 6 : 0)));
	tlv_close(b, rights);
	tlv_close(b, mark);
}

/* --- dates ---------------------------------------------------------------------------------- */

bool
date_valid(uint32_t date)
{
	static const uint8_t days[] = { 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	const uint32_t y = date / 10000, m = date / 100 % 100, d = date % 100;

	if (y > 9999 || m < 1 || m > 12 || d < 1 || d > days[m - 1])
		return false;
	return m != 2 || d != 29 || (y % 4 == 0 && (y % 100 != 0 || y % 400 == 0));
}

bool
cvc_date_read(struct view value, uint32_t *date)
{
	size_t i;

	if (value.n != 6)
		return false;
	for (*date = 20, i = 0; i < 6; i++) {
		if (value.p[i] > 9)
			return false;
		*date = 10 * *date + value.p[i];
	}
	return date_valid(*date);
}

void
cvc_date_put(struct buf *b, uint32_t date)
{
	uint32_t unit = 100000;

	for (; unit > 0; unit /= 10)
		buf_u8(b, (uint8_t)(date / unit % 10));
}

/* --- public keys ------------------------------------------------------------------------------ */

/* id-TA (TR-03110-3, A.6.3.1 and A.6.4): 02 01 RSA, 02 02 ECDSA, then what is to be done */
static const uint8_t key_oid[] = { 0x04, 0x00, 0x7f, 0x00, 0x07, 0x02, 0x02, 0x02 };

static const struct algorithm_oid {
	uint8_t family, number;
	enum cvc_scheme scheme;
	uint8_t digest;
} algorithm_oids[] = {
	{ 1, 1, CVC_RSA_PKCS1, VICC_DIGEST_SHA1 },
	{ 1, 2, CVC_RSA_PKCS1, VICC_DIGEST_SHA256 },
	{ 1, 3, CVC_RSA_PSS, VICC_DIGEST_SHA1 },
	{ 1, 4, CVC_RSA_PSS, VICC_DIGEST_SHA256 },
	{ 1, 5, CVC_RSA_PKCS1, VICC_DIGEST_SHA512 },
	{ 1, 6, CVC_RSA_PSS, VICC_DIGEST_SHA512 },
	{ 2, 1, CVC_ECDSA, VICC_DIGEST_SHA1 },
	{ 2, 2, CVC_ECDSA, VICC_DIGEST_SHA224 },
	{ 2, 3, CVC_ECDSA, VICC_DIGEST_SHA256 },
	{ 2, 4, CVC_ECDSA, VICC_DIGEST_SHA384 },
	{ 2, 5, CVC_ECDSA, VICC_DIGEST_SHA512 },
};

static bool
key_algorithm(struct view oid, struct cvc_key *out)
{
	const struct algorithm_oid *a = algorithm_oids;
	const size_t count = sizeof(algorithm_oids) / sizeof(*algorithm_oids), n = sizeof(key_oid);

	if (oid.n != n + 2 || !view_starts(oid, view_of(key_oid, n)))
		return false;
	while (a < algorithm_oids + count && (a->family != oid.p[n] || a->number != oid.p[n + 1]))
		a++;
	if (a == algorithm_oids + count)
		return false;
	out->oid = oid;
	out->scheme = a->scheme;
	out->digest = a->digest;
	return true;
}

static bool
key_object(struct cvc_key *out, const struct tlv *t)
{
	static const uint8_t tags[] = { 0x81, 0x82, 0x83, 0x84, 0x85, 0x87 };
	size_t i = 0;

	if (t->value.n == 0)
		return false;
	if (t->tag == POINT) {
		out->point = t->value;
		return out->scheme == CVC_ECDSA;
	}
	while (i < sizeof(tags) && tags[i] != t->tag)
		i++;
	if (i == sizeof(tags) || out->part[i].n > 0)
		return false;
	out->part[i] = t->value;
	return out->scheme == CVC_ECDSA || i < 2;
}

bool
cvc_key_read(struct view value, struct cvc_key *out)
{
	size_t i, given = 0;
	uint32_t last = 0;
	struct tlv t;

	*out = (struct cvc_key) { .digest = 0 };
	if (!tlv_next(&value, &t) || t.tag != OID || !key_algorithm(t.value, out))
		return false;
	while (tlv_next(&value, &t)) {
		if (t.tag <= last || !key_object(out, &t))
			return false;
		last = t.tag;
	}
	for (i = 0; i < 5; i++)
		given += out->part[i].n > 0;
	out->has_params = given == 5;
	if (out->scheme != CVC_ECDSA)
		return value.n == 0 && given == 2;
	/* all of them or none; the cofactor is of no use without the others */
	return value.n == 0 && out->point.n > 0 &&
	       (given == 5 || (given == 0 && out->part[5].n == 0));
}

/* --- certificates ------------------------------------------------------------------------ */

static bool
name_fits(struct view name)
{
	return name.n >= NAME_MIN && name.n <= NAME_MAX;
}

/* The next object, which has to have this tag. */
static bool
cvc_take(struct view *in, uint32_t tag, struct view *value)
{
	struct view rest = *in;
	struct tlv t;

	if (!tlv_next(&rest, &t) || t.tag != tag)
		return false;
	*value = t.value;
	*in = rest;
	return true;
}

/* The objects of a body, in their order (TR-03110-3, C.1). */
static bool
read_body(struct view in, struct cvc *out)
{
	struct view profile, chat, effective, expires;

	if (!cvc_take(&in, PROFILE, &profile) || profile.n != 1 || profile.p[0] != 0 ||
	    !cvc_take(&in, AUTHORITY, &out->car) || !name_fits(out->car) ||
	    !cvc_take(&in, PUBLIC_KEY, &out->public) || !cvc_key_read(out->public, &out->key) ||
	    !cvc_take(&in, HOLDER, &out->chr) || !name_fits(out->chr) ||
	    !cvc_take(&in, AUTHORIZATION, &chat) || !chat_read(chat, &out->chat) ||
	    !cvc_take(&in, EFFECTIVE, &effective) || !cvc_date_read(effective, &out->effective) ||
	    !cvc_take(&in, EXPIRES, &expires) || !cvc_date_read(expires, &out->expires))
		return false;
	cvc_take(&in, EXTENSIONS, &out->extensions);
	return in.n == 0 && tlv_valid(out->extensions);
}

bool
cvc_read(struct view in, struct cvc *out)
{
	struct view rest = in, value;
	struct tlv t;

	*out = (struct cvc) { .effective = 0 };
	if (cvc_take(&rest, CERTIFICATE, &value)) {
		if (rest.n > 0)
			return false;
		out->whole = in;
		in = value;
	}
	if (!tlv_next(&in, &t) || t.tag != BODY)
		return false;
	out->body = t.whole;
	return cvc_take(&in, SIGNATURE, &out->signature) && in.n == 0 && read_body(t.value, out);
}

bool
cvc_extension(const struct cvc *cert, struct view oid, uint32_t tag, struct view *value)
{
	struct view in = cert->extensions, name;
	struct tlv t;

	while (tlv_next(&in, &t)) {
		if (t.tag == EXTENSION && tlv_find(t.value, OID, &name) && view_equal(name, oid))
			return tlv_find(t.value, tag, value);
	}
	return false;
}

static void
put_date(struct buf *b, uint32_t tag, uint32_t date)
{
	size_t mark = tlv_open(b, tag);

	cvc_date_put(b, date);
	tlv_close(b, mark);
}

void
cvc_put_body(struct buf *b, const struct cvc_body *body)
{
	size_t mark = tlv_open(b, BODY);

	tlv_put_u8(b, PROFILE, 0);
	tlv_put(b, AUTHORITY, body->car);
	tlv_put(b, PUBLIC_KEY, body->key);
	tlv_put(b, HOLDER, body->chr);
	chat_put(b, &body->chat);
	put_date(b, EFFECTIVE, body->effective);
	put_date(b, EXPIRES, body->expires);
	if (body->extensions.n > 0)
		tlv_put(b, EXTENSIONS, body->extensions);
	tlv_close(b, mark);
}

void
cvc_put(struct buf *b, struct view body, struct view signature)
{
	size_t mark = tlv_open(b, CERTIFICATE);

	buf_put_view(b, body);
	tlv_put(b, SIGNATURE, signature);
	tlv_close(b, mark);
}
