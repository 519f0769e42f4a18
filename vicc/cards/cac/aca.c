/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The access control applet: GET ACR (GSC-IS 2.1, 5.3.3.5) tells what may be done, where, and
 * after what. What it tells is this card's truth; none of it is asked here before a command.
 */
#include "cards/cac/cac.h"

#include "codec/tlv.h"

/* Access control rules by number, their kinds, and what they ask for: pairs of provider and key. */
#define ACR_ALWAYS 0x00
#define ACR_NEVER 0x01
#define ACR_PIN 0x06
#define ACR_FREE 0x10

static const struct acr {
	uint8_t id, kind;
	uint8_t n;           /* pairs */
	uint8_t pairs[4];
} acrs[] = {
	{ ACR_ALWAYS, 0x00, 0, { 0 } },
	{ ACR_NEVER, 0x01, 0, { 0 } },
	{ 0x02, 0x00, 0, { 0 } },
	{ ACR_PIN, 0x06, 1, { 0x1e, 0x00 } },
	{ 0x04, 0x04, 1, { 0x1f, 0x21 } },
	{ 0x08, 0x03, 2, { 0x1d, 0x01, 0x1e, 0x01 } },
	{ 0x09, 0x02, 1, { 0x1d, 0x02 } },
	{ 0x0a, 0x03, 2, { 0x1d, 0x03, 0x1e, 0x01 } },
	{ 0x0b, 0x02, 1, { 0x1d, 0x04 } },
	{ ACR_FREE, 0x00, 0, { 0 } },
	{ 0x11, 0x00, 0, { 0 } },
};

/* Numbers that applications have here, by the end of their names. */
static const struct {
	uint16_t number;
	uint8_t id;
} ids[] = {
	{ 0x3000, 0x40 }, { 0x0200, 0x41 }, { 0x0201, 0x42 }, { 0x1201, 0x44 }, { 0x1202, 0x45 },
	{ 0x02fb, 0x4b }, { 0x02fd, 0x4d }, { 0x02fe, 0x4e }, { 0xdb00, 0x4f },
	{ 0x02f2, 0x50 }, { 0x02f0, 0x51 }, { 0x02f1, 0x52 },
};
#define PKI_ID 0x61

static void
put_count(struct buf *out, uint8_t tag, size_t n)
{
	const uint8_t count = (uint8_t)n;

	simple_tlv_put(out, tag, view_of(&count, 1));
}

static void
put_within(struct buf *out, uint8_t tag, struct buf *value)
{
	simple_tlv_put(out, tag, buf_view(value));
	out->failed = out->failed || value->failed;
	buf_free(value);
}

/* --- rules ------------------------------------------------------------------------------------ */

static void
put_acr(const struct acr *a, struct buf *rsp)
{
	struct buf one = BUF(8);

	buf_u8(&one, a->id);
	buf_u8(&one, a->kind);
	buf_u8(&one, a->n);
	buf_put(&one, a->pairs, 2u * a->n);
	put_within(rsp, 0xa0, &one);
}

static sw_t
put_acrs(struct buf *rsp)
{
	size_t i;

	put_count(rsp, 0xa1, sizeof(acrs) / sizeof(*acrs));
	for (i = 0; i < sizeof(acrs) / sizeof(*acrs); i++)
		put_acr(&acrs[i], rsp);
	return SW_OK;
}

static sw_t
put_acr_by_id(uint8_t id, struct buf *rsp)
{
	size_t i;

	for (i = 0; i < sizeof(acrs) / sizeof(*acrs); i++) {
		if (acrs[i].id == id) {
			put_acr(&acrs[i], rsp);
			return SW_OK;
		}
	}
	return SW_REFERENCE_NOT_FOUND;
}

/* --- applications ------------------------------------------------------------------------ */

/* 0: it is none of those that have a number. */
static uint8_t
id_of(const struct file *df)
{
	uint16_t number = cac_number(df), object;
	size_t i;

	if (cac_is(df, &cac_pki_app))
		return (uint8_t)(PKI_ID + cac_instance(df));
	for (i = 0; cac_object(df, 0, &object) && i < sizeof(ids) / sizeof(*ids); i++) {
		if (ids[i].number == number)
			return ids[i].id;
	}
	return 0;
}

/* The next one behind f that has a number; from the first on where f is NULL. */
static const struct file *
next_application(const struct fs *fs, const struct file *f)
{
	f = f ? fs_walk(fs, f) : fs->mf;
	while (f && !id_of(f))
		f = fs_walk(fs, f);
	return f;
}

static size_t
count_applications(const struct fs *fs)
{
	const struct file *f;
	size_t n = 0;

	for (f = next_application(fs, NULL); f; f = next_application(fs, f))
		n++;
	return n;
}

/* 82: an object, and for each instruction how it is told apart (00: it is not), then its rule. */
static void
put_object_rules(const struct file *df, uint16_t object, struct buf *out)
{
	static const uint8_t update[] = { 0x58, 0x00, ACR_NEVER };
	static const uint8_t read[] = { 0x52, 0x00, ACR_ALWAYS };
	static const uint8_t guarded[] = {
		0x52, 0x04, 0x01, ACR_ALWAYS, 0x52, 0x04, 0x02, ACR_PIN,
	};
	static const uint8_t use[] = { 0x42, 0x00, ACR_PIN };
	struct buf one = BUF(32);

	buf_u16(&one, object);
	buf_put(&one, update, sizeof(update));
	if (field_flag(&df->props, CAC_FIELD_GUARDED))
		buf_put(&one, guarded, sizeof(guarded));
	else
		buf_put(&one, read, sizeof(read));
	if (cac_is(df, &cac_pki_app))
		buf_put(&one, use, sizeof(use));
	put_within(out, 0x82, &one);
}

/* 80: an application with its objects; of all of them VERIFY, which is free. */
static void
put_application_rules(const struct file *df, struct buf *rsp)
{
	static const uint8_t of_all[] = { 0xff, 0xff, 0x20, 0x00, ACR_FREE };
	struct buf all = BUF(512);
	uint16_t object;
	uint8_t n = 0;

	while (cac_object(df, n, &object))
		n++;
	buf_u8(&all, id_of(df));
	buf_u8(&all, (uint8_t)(n + 1));
	for (n = 0; cac_object(df, n, &object); n++)
		put_object_rules(df, object, &all);
	simple_tlv_put(&all, 0x82, view_of(of_all, sizeof(of_all)));
	put_within(rsp, 0x80, &all);
}

static sw_t
put_all_rules(const struct fs *fs, struct buf *rsp)
{
	const struct file *f;

	put_count(rsp, 0x81, count_applications(fs));
	for (f = next_application(fs, NULL); f; f = next_application(fs, f))
		put_application_rules(f, rsp);
	return SW_OK;
}

static sw_t
put_rules_by_name(const struct fs *fs, struct view name, struct buf *rsp)
{
	const struct file *df = fs_by_name(fs, name);

	if (!df || !id_of(df))
		return SW_REFERENCE_NOT_FOUND;
	put_count(rsp, 0x81, 1);
	put_application_rules(df, rsp);
	return SW_OK;
}

static sw_t
put_rules_by_object(const struct fs *fs, uint16_t wanted, struct buf *rsp)
{
	const struct file *f;
	uint16_t object;
	size_t i;

	for (f = next_application(fs, NULL); f; f = next_application(fs, f)) {
		for (i = 0; cac_object(f, i, &object); i++) {
			if (object == wanted) {
				put_object_rules(f, object, rsp);
				return SW_OK;
			}
		}
	}
	return SW_REFERENCE_NOT_FOUND;
}

/* 92: a name, behind the number of what has it. */
static void
put_named(struct buf *rsp, uint8_t tag, uint8_t id, struct view name)
{
	struct buf one = BUF(32);

	buf_u8(&one, id);
	simple_tlv_put(&one, 0x92, name);
	put_within(rsp, tag, &one);
}

static sw_t
put_applications(const struct fs *fs, struct buf *rsp)
{
	const struct file *f;

	put_count(rsp, 0x94, count_applications(fs));
	for (f = next_application(fs, NULL); f; f = next_application(fs, f))
		put_named(rsp, 0x93, id_of(f), file_name(f));
	return SW_OK;
}

/* XAUTH and PIN are this applet's, a channel of GlobalPlatform the card manager's. */
static sw_t
put_methods(struct buf *rsp)
{
	static const uint8_t manager[] = { 0xa0, 0x00, 0x00, 0x00, 0x03, 0x00, 0x00 };
	struct buf aca = BUF(16);

	cac_put_aca_name(&aca);
	put_count(rsp, 0x91, 3);
	put_named(rsp, 0x90, 0x1d, buf_view(&aca));
	put_named(rsp, 0x90, 0x1e, buf_view(&aca));
	put_named(rsp, 0x90, 0x1f, view_of(manager, sizeof(manager)));
	rsp->failed = rsp->failed || aca.failed;
	buf_free(&aca);
	return SW_OK;
}

/* --- GET ACR ----------------------------------------------------------------------------- */

/* P1, and how many bytes of data go with it. */
enum acr_query {
	ALL_ACRS = 0x00,
	ONE_ACR = 0x01,
	ALL_RULES = 0x10,
	RULES_BY_NAME = 0x11,
	RULES_BY_OBJECT = 0x12,
	METHODS = 0x20,
	APPLICATIONS = 0x21,
};

static bool
length_fits(uint8_t query, size_t n)
{
	switch (query) {
	case ONE_ACR:
		return n == 1;
	case RULES_BY_NAME:
		return n == 7;
	case RULES_BY_OBJECT:
		return n == 2;
	default:
		return n == 0;
	}
}

static bool
is_query(uint8_t p1)
{
	return p1 <= ONE_ACR || (p1 >= ALL_RULES && p1 <= RULES_BY_OBJECT) || p1 == METHODS ||
	       p1 == APPLICATIONS;
}

sw_t
cac_get_acr(struct iso *c, const struct apdu *cmd, struct buf *rsp)
{
	static const uint8_t version[] = { 0x10, 0x02, 0x06, 0x02, 0x02 };
	const struct fs *fs = &c->state->fs;
	struct view data = cmd->data;
	uint16_t object = 0;
	sw_t sw = SW_NOT_ALLOWED;

	if (!is_query(cmd->p1))
		return SW_NOT_ALLOWED;
	if (!length_fits(cmd->p1, data.n))
		return SW_REFERENCE_UNUSABLE;
	simple_tlv_put(rsp, 0x01, view_of(version, sizeof(version)));
	switch ((enum acr_query)cmd->p1) {
	case ALL_ACRS:
		sw = put_acrs(rsp);
		break;
	case ONE_ACR:
		sw = put_acr_by_id(data.p[0], rsp);
		break;
	case ALL_RULES:
		sw = put_all_rules(fs, rsp);
		break;
	case RULES_BY_NAME:
		sw = put_rules_by_name(fs, data, rsp);
		break;
	case RULES_BY_OBJECT:
		view_u16(&data, &object);
		sw = put_rules_by_object(fs, object, rsp);
		break;
	case METHODS:
		sw = put_methods(rsp);
		break;
	case APPLICATIONS:
		sw = put_applications(fs, rsp);
		break;
	}
	return sw;
}
