/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Data objects (4.4): a row for each, and the commands that read and write them. */
#include "cards/openpgp/openpgp.h"

#include "codec/tlv.h"
#include "iso/key.h"
#include "model/object.h"

#define P1P2_KEY 0x3fff
#define FINGERPRINT_SIZE 20
#define DATE_SIZE 4
#define FRAME_SIZE 0x4000 /* bytes of a command, and of an answer: DO 7F66 */
#define CERTIFICATES 3
#define BUTTON 0x20 /* DO 7F74, and the second byte of D6 to D8 */

/* Whose proof it takes; FREE: nobody's. */
enum { FREE = 0, BY_PW1 = OPENPGP_PW1_OTHERS, BY_PW3 = OPENPGP_PW3, NEVER = 0xff };

struct row {
	uint16_t tag;
	uint8_t read, write;
	uint16_t max; /* bytes to write */

	/* Append the value. NULL: what is kept. */
	void (*get)(const struct iso *c, const struct row *r, struct buf *out);
	/* Take a new value. NULL: it is kept as it is. */
	sw_t (*put)(struct iso *c, const struct row *r, struct view value);
};

/* --- what is kept --------------------------------------------------------------------------- */

struct view
openpgp_object(const struct file *df, uint32_t tag)
{
	const struct object *o = object_find(df, tag);

	return o ? buf_view(&o->value) : view_of(NULL, 0);
}

sw_t
openpgp_keep_object(struct iso *c, uint32_t tag, struct view value)
{
	struct file *df = iso_df(c);

	if (value.n == 0 && !object_find(df, tag))
		return SW_OK;
	return object_put(&c->state->fs, df, NULL, tag, value);
}

/* The first, of authentication, by the tag that all of them have. */
uint32_t
openpgp_certificate_tag(uint8_t occurrence)
{
	return occurrence == 0 ? OPENPGP_CERTIFICATE
			       : (uint32_t)OPENPGP_CERTIFICATE << 8 | occurrence;
}

/* --- what is computed ------------------------------------------------------------------------- */

static void put_row(const struct iso *c, uint16_t tag, struct buf *out);

static void
put_template(const struct iso *c, const uint16_t *tags, size_t n, struct buf *out)
{
	size_t i, mark;

	for (i = 0; i < n; i++) {
		mark = tlv_open(out, tags[i]);
		put_row(c, tags[i], out);
		tlv_close(out, mark);
	}
}

#define TEMPLATE(name, ...) \
	static void name(const struct iso *c, const struct row *r, struct buf *out) \
	{ \
		static const uint16_t tags[] = { __VA_ARGS__ }; \
\
		(void)r; \
		put_template(c, tags, sizeof(tags) / sizeof(*tags), out); \
	}

TEMPLATE(get_cardholder, OPENPGP_NAME, 0x5f2d, 0x5f35)
TEMPLATE(get_application, 0x4f, 0x5f52, 0x7f66, 0x7f74, 0x73)
TEMPLATE(get_discretionary, 0xc0, 0xc1, 0xc2, 0xc3, 0xc4, 0xc5, 0xc6, 0xcd, 0xde, 0xd6, 0xd7, 0xd8)
TEMPLATE(get_security, 0x93)

/* Fingerprints and dates may be written, each for itself, and are read all together. */
static void
get_nothing(const struct iso *c, const struct row *r, struct buf *out)
{
	(void)c;
	(void)r;
	(void)out;
}

static void
get_aid(const struct iso *c, const struct row *r, struct buf *out)
{
	(void)r;
	buf_put_view(out, file_name(iso_df(c)));
}

/* 6: as in the ATR, but for the life cycle. */
static void
get_historical(const struct iso *c, const struct row *r, struct buf *out)
{
	static const uint8_t bytes[] = { 0x00, 0x31, 0x84, 0x73, 0x80, 0x01, 0xc0 };

	(void)r;
	buf_put(out, bytes, sizeof(bytes));
	buf_u8(out, file_terminated(iso_df(c)) ? FILE_INITIALISATION : FILE_ACTIVATED);
	buf_u16(out, SW_OK);
}

static void
get_sex(const struct iso *c, const struct row *r, struct buf *out)
{
	struct view own = openpgp_object(iso_df(c), r->tag);
	const char *none =
		openpgp_is_yubico(c) ? "9" : "0"; /* ISO/IEC 5218: not applicable, not known */

	buf_put_view(out, own.n > 0 ? own : view_of(none, 1));
}

static void
get_lengths(const struct iso *c, const struct row *r, struct buf *out)
{
	(void)c;
	(void)r;
	tlv_put_u16(out, 0x02, FRAME_SIZE);
	tlv_put_u16(out, 0x02, FRAME_SIZE);
}

static void
get_features(const struct iso *c, const struct row *r, struct buf *out)
{
	(void)c;
	(void)r;
	tlv_put_u8(out, 0x81, BUTTON);
}

static void
get_certificate(const struct iso *c, const struct row *r, struct buf *out)
{
	(void)r;
	buf_put_view(out, openpgp_object(iso_df(c),
					 openpgp_certificate_tag(openpgp_own(c)->certificate)));
}

static void
get_signatures(const struct iso *c, const struct row *r, struct buf *out)
{
	uint32_t n = field_number(&iso_df(c)->props, OPENPGP_FIELD_SIGNATURES, 0);

	(void)r;
	buf_u8(out, (uint8_t)(n >> 16));
	buf_u16(out, (uint16_t)n);
}

/* 4.4.3.7: all but secure messaging; no PIN block 2; MSE. */
static void
get_capabilities(const struct iso *c, const struct row *r, struct buf *out)
{
	(void)c;
	(void)r;
	buf_u16(out, 0x7f00);
	buf_u16(out, OPENPGP_CHALLENGE_MAX);
	buf_u16(out, OPENPGP_SPECIAL_MAX);
	buf_u16(out, OPENPGP_SPECIAL_MAX);
	buf_u16(out, 0x0001);
}

static uint8_t
slot_of(const struct row *r, uint16_t base)
{
	return (uint8_t)(r->tag - base);
}

static void
get_attributes(const struct iso *c, const struct row *r, struct buf *out)
{
	buf_put_view(out, openpgp_attributes(iso_df(c), slot_of(r, OPENPGP_ATTRIBUTES)));
}

static void
get_status(const struct iso *c, const struct row *r, struct buf *out)
{
	(void)r;
	openpgp_put_status(c, out);
}

/* Three objects from this tag on, each of n bytes, zeros where there is none. */
static void
put_three(const struct iso *c, uint16_t tag, size_t n, struct buf *out)
{
	struct view one;
	unsigned i;

	for (i = 0; i < OPENPGP_SLOTS; i++) {
		one = view_slice(openpgp_object(iso_df(c), tag + i), 0, n);
		buf_put_view(out, one);
		buf_fill(out, 0x00, n - one.n);
	}
}

static void
get_fingerprints(const struct iso *c, const struct row *r, struct buf *out)
{
	put_three(c, r->tag == 0xc5 ? 0xc7 : 0xca, FINGERPRINT_SIZE, out);
}

static void
get_dates(const struct iso *c, const struct row *r, struct buf *out)
{
	(void)r;
	put_three(c, 0xce, DATE_SIZE, out);
}

/* 4.4.3.8: for each key its number, and 0 none, 1 generated, 2 imported. */
static void
get_keys(const struct iso *c, const struct row *r, struct buf *out)
{
	const struct sam_key *k;
	uint8_t slot;

	(void)r;
	for (slot = OPENPGP_SIG; slot <= OPENPGP_SLOTS; slot++) {
		k = openpgp_key(c, slot);
		buf_u8(out, slot);
		buf_u8(out,
		       k ? (uint8_t)(field_word(&k->props, OPENPGP_FIELD_ORIGIN, OPENPGP_IMPORTED) +
				     1)
			 : 0);
	}
}

static void
get_uif(const struct iso *c, const struct row *r, struct buf *out)
{
	static const uint8_t off[] = { 0x00, BUTTON };
	struct view own = openpgp_object(iso_df(c), r->tag);

	buf_put_view(out, own.n > 0 ? own : view_of(off, sizeof(off)));
}

static void
get_kdf(const struct iso *c, const struct row *r, struct buf *out)
{
	struct view own = openpgp_object(iso_df(c), r->tag);

	if (own.n > 0)
		buf_put_view(out, own);
	else
		tlv_put_u8(out, 0x81, 0x00);
}

static void
get_all_attributes(const struct iso *c, const struct row *r, struct buf *out)
{
	(void)r;
	openpgp_put_all_attributes(c, out);
}

/* --- what is written in a way of its own ---------------------------------- */

/* ISO 639-1: pairs of small letters. */
static sw_t
put_languages(struct iso *c, const struct row *r, struct view value)
{
	size_t i;

	for (i = 0; i < value.n; i++) {
		if (value.p[i] < 'a' || value.p[i] > 'z')
			return SW_WRONG_DATA;
	}
	return value.n % 2 ? SW_WRONG_DATA : openpgp_keep_object(c, r->tag, value);
}

static sw_t
put_sex(struct iso *c, const struct row *r, struct view value)
{
	if (value.n != 1 ||
	    (value.p[0] != '0' && value.p[0] != '1' && value.p[0] != '2' && value.p[0] != '9'))
		return SW_WRONG_DATA;
	return openpgp_keep_object(c, r->tag, value);
}

static sw_t
put_certificate(struct iso *c, const struct row *r, struct view value)
{
	(void)r;
	return openpgp_keep_object(c, openpgp_certificate_tag(openpgp_own(c)->certificate), value);
}

static sw_t
put_attributes(struct iso *c, const struct row *r, struct view value)
{
	return openpgp_set_attributes(c, slot_of(r, OPENPGP_ATTRIBUTES), value);
}

static sw_t
put_status(struct iso *c, const struct row *r, struct view value)
{
	(void)r;
	return openpgp_set_status(c, value);
}

static sw_t
put_date(struct iso *c, const struct row *r, struct view value)
{
	if (value.n != 0 && value.n != DATE_SIZE)
		return SW_WRONG_DATA;
	return openpgp_keep_object(c, r->tag, value);
}

static sw_t
put_resetting_code(struct iso *c, const struct row *r, struct view value)
{
	(void)r;
	return openpgp_set_resetting_code(c, value);
}

static sw_t
put_aes(struct iso *c, const struct row *r, struct view value)
{
	uint32_t uid = iso_df(c)->uid;
	struct sam_key *k = sam_key_find(&c->state->sam, uid, OPENPGP_AES);

	(void)r;
	if (value.n != 0 && value.n != 16 && value.n != 32)
		return SW_WRONG_DATA;
	if (value.n == 0 && k)
		sam_key_remove(&c->state->sam, k);
	if (value.n == 0)
		return SW_OK;
	k = iso_draft_key(c, uid, SAM_AES);
	if (!k)
		return SW_NO_MEMORY;
	sam_key_set_secret(k, value);
	iso_draft_keep(c, k, OPENPGP_AES);
	return SW_OK;
}

#define UIF_PERMANENT 0x02

/* 4.4.3.6: what is on for good only a reset turns off. */
static sw_t
put_uif(struct iso *c, const struct row *r, struct view value)
{
	struct view old = openpgp_object(iso_df(c), r->tag);

	if (old.n > 0 && old.p[0] == UIF_PERMANENT)
		return SW_CONDITIONS;
	if (value.n != 2 || value.p[0] > UIF_PERMANENT || value.p[1] != BUTTON)
		return SW_WRONG_DATA;
	return openpgp_keep_object(c, r->tag, value);
}

static sw_t
put_kdf(struct iso *c, const struct row *r, struct view value)
{
	(void)r;
	return openpgp_set_kdf(c, value);
}

/* --- the rows ------------------------------------------------------------- */

#define SPECIAL OPENPGP_SPECIAL_MAX
#define RESETTING_CODE_MAX 127

static const struct row rows[] = {
	{ 0x0101, FREE, BY_PW1, SPECIAL, NULL, NULL },
	{ 0x0102, FREE, BY_PW3, SPECIAL, NULL, NULL },
	{ 0x0103, BY_PW1, BY_PW1, SPECIAL, NULL, NULL },
	{ 0x0104, BY_PW3, BY_PW3, SPECIAL, NULL, NULL },
	{ 0x4f, FREE, NEVER, 0, get_aid, NULL },
	{ OPENPGP_NAME, FREE, BY_PW3, OPENPGP_NAME_MAX, NULL, NULL },
	{ OPENPGP_LOGIN, FREE, BY_PW3, SPECIAL, NULL, NULL },
	{ 0x5f2d, FREE, BY_PW3, 8, NULL, put_languages },
	{ 0x5f35, FREE, BY_PW3, 1, get_sex, put_sex },
	{ OPENPGP_URL, FREE, BY_PW3, SPECIAL, NULL, NULL },
	{ 0x5f52, FREE, NEVER, 0, get_historical, NULL },
	{ 0x65, FREE, NEVER, 0, get_cardholder, NULL },
	{ 0x6e, FREE, NEVER, 0, get_application, NULL },
	{ 0x73, FREE, NEVER, 0, get_discretionary, NULL },
	{ 0x7a, FREE, NEVER, 0, get_security, NULL },
	{ OPENPGP_CERTIFICATE, FREE, BY_PW3, SPECIAL, get_certificate, put_certificate },
	{ 0x7f66, FREE, NEVER, 0, get_lengths, NULL },
	{ 0x7f74, FREE, NEVER, 0, get_features, NULL },
	{ 0x93, FREE, NEVER, 0, get_signatures, NULL },
	{ 0xc0, FREE, NEVER, 0, get_capabilities, NULL },
	{ 0xc1, FREE, BY_PW3, SPECIAL, get_attributes, put_attributes },
	{ 0xc2, FREE, BY_PW3, SPECIAL, get_attributes, put_attributes },
	{ 0xc3, FREE, BY_PW3, SPECIAL, get_attributes, put_attributes },
	{ 0xc4, FREE, BY_PW3, 7, get_status, put_status },
	{ 0xc5, FREE, NEVER, 0, get_fingerprints, NULL },
	{ 0xc6, FREE, NEVER, 0, get_fingerprints, NULL },
	{ 0xc7, FREE, BY_PW3, FINGERPRINT_SIZE, get_nothing, NULL },
	{ 0xc8, FREE, BY_PW3, FINGERPRINT_SIZE, get_nothing, NULL },
	{ 0xc9, FREE, BY_PW3, FINGERPRINT_SIZE, get_nothing, NULL },
	{ 0xca, FREE, BY_PW3, FINGERPRINT_SIZE, get_nothing, NULL },
	{ 0xcb, FREE, BY_PW3, FINGERPRINT_SIZE, get_nothing, NULL },
	{ 0xcc, FREE, BY_PW3, FINGERPRINT_SIZE, get_nothing, NULL },
	{ 0xcd, FREE, NEVER, 0, get_dates, NULL },
	{ 0xce, FREE, BY_PW3, DATE_SIZE, get_nothing, put_date },
	{ 0xcf, FREE, BY_PW3, DATE_SIZE, get_nothing, put_date },
	{ 0xd0, FREE, BY_PW3, DATE_SIZE, get_nothing, put_date },
	{ 0xd3, NEVER, BY_PW3, RESETTING_CODE_MAX, get_nothing, put_resetting_code },
	{ 0xd5, NEVER, BY_PW3, 32, get_nothing, put_aes },
	{ 0xd6, FREE, BY_PW3, 2, get_uif, put_uif },
	{ 0xd7, FREE, BY_PW3, 2, get_uif, put_uif },
	{ 0xd8, FREE, BY_PW3, 2, get_uif, put_uif },
	{ OPENPGP_UIF_ATTESTATION, FREE, NEVER, 0, get_uif, NULL },
	{ 0xde, FREE, NEVER, 0, get_keys, NULL },
	{ OPENPGP_KDF, FREE, BY_PW3, SPECIAL, get_kdf, put_kdf },
	{ 0xfa, FREE, NEVER, 0, get_all_attributes, NULL },
};

static const struct row *
row_of(uint16_t tag)
{
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		if (rows[i].tag == tag)
			return &rows[i];
	}
	return NULL;
}

/* Of what this card has: nothing attests, but where Yubico's tools look for it. */
static const struct row *
row_here(const struct iso *c, uint16_t tag)
{
	return tag == OPENPGP_UIF_ATTESTATION && !openpgp_is_yubico(c) ? NULL : row_of(tag);
}

static void
get_row(const struct iso *c, const struct row *r, struct buf *out)
{
	if (r->get)
		r->get(c, r, out);
	else
		buf_put_view(out, openpgp_object(iso_df(c), r->tag));
}

static void
put_row(const struct iso *c, uint16_t tag, struct buf *out)
{
	get_row(c, row_of(tag), out);
}

static bool
may(struct iso *c, uint8_t who)
{
	return who == FREE || (who != NEVER && openpgp_is_proven(c, who));
}

/* --- commands ------------------------------------------------------------- */

sw_t
openpgp_get_data(struct iso *c, const struct apdu *cmd, struct buf *rsp)
{
	const struct row *r = row_here(c, apdu_p1p2(cmd));
	size_t mark;

	if (!r)
		return SW_REFERENCE_NOT_FOUND;
	c->card.note.secret = r->read != FREE;
	if (!may(c, r->read))
		return SW_SECURITY_STATUS;
	if (openpgp_wraps(c, r->tag)) {
		mark = tlv_open(rsp, r->tag);
		get_row(c, r, rsp);
		tlv_close(rsp, mark);
	} else {
		get_row(c, r, rsp);
	}
	if (r->tag == OPENPGP_CERTIFICATE)
		openpgp_own(c)->certificate_read = true;
	return SW_OK;
}

sw_t
openpgp_get_next_data(struct iso *c, const struct apdu *cmd, struct buf *rsp)
{
	struct openpgp *own = openpgp_own(c);

	if (apdu_p1p2(cmd) != OPENPGP_CERTIFICATE)
		return SW_REFERENCE_NOT_FOUND;
	if (!own->certificate_read)
		return SW_CONDITIONS;
	if (own->certificate + 1 >= CERTIFICATES)
		return SW_REFERENCE_NOT_FOUND;
	own->certificate++;
	put_row(c, OPENPGP_CERTIFICATE, rsp);
	return SW_OK;
}

/* A list of one tag, in a template of its own or not; one of a byte may be written as P1 P2 are. */
static bool
take_tag(struct view in, uint32_t *tag)
{
	struct tlv t;

	if (!tlv_next(&in, &t) || in.n > 0)
		return false;
	if (t.tag == 0x60) {
		in = t.value;
		if (!tlv_next(&in, &t) || in.n > 0)
			return false;
	}
	in = t.value;
	if (in.n == 2 && in.p[0] == 0x00)
		in = view_slice(in, 1, 1);
	return t.tag == 0x5c && tlv_tag_next(&in, tag) && in.n == 0;
}

sw_t
openpgp_select_data(struct iso *c, const struct apdu *cmd, struct buf *rsp)
{
	struct openpgp *own = openpgp_own(c);
	uint32_t tag;

	(void)rsp;
	if (cmd->p1 >= CERTIFICATES || cmd->p2 != 0x04)
		return SW_WRONG_OFFSET;
	if (!take_tag(cmd->data, &tag))
		return SW_WRONG_DATA;
	if (tag != OPENPGP_CERTIFICATE)
		return SW_REFERENCE_NOT_FOUND;
	own->certificate = cmd->p1;
	own->certificate_read = false;
	return SW_OK;
}

/* DA for one object, DB for a key alone. */
sw_t
openpgp_put_data(struct iso *c, const struct apdu *cmd, struct buf *rsp)
{
	const struct row *r;

	(void)rsp;
	if (cmd->ins & 1)
		return apdu_p1p2(cmd) == P1P2_KEY ? openpgp_import(c, cmd->data) : SW_WRONG_OFFSET;
	r = row_here(c, apdu_p1p2(cmd));
	if (!r)
		return SW_REFERENCE_NOT_FOUND;
	if (!may(c, r->write))
		return SW_SECURITY_STATUS;
	if (cmd->data.n > r->max)
		return SW_WRONG_LENGTH;
	return r->put ? r->put(c, r, cmd->data) : openpgp_keep_object(c, r->tag, cmd->data);
}
