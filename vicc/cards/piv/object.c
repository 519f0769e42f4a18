/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Data objects (SP 800-73-4 Part 1, 3 and 4; Part 2, 3.1.2 and 3.3.1). */
#include "cards/piv/piv.h"

#include <string.h>

#include "codec/tlv.h"
#include "crypto/rand.h"
#include "model/object.h"

#define P1P2 0x3fff
#define TAG_LIST 0x5c
#define DATA 0x53

#define OBJECT_SIZE_MAX 16384 /* bytes */

/* Objects that want the PIN: Part 1, table 2. */
static const uint32_t private_objects[] = {
	0x5fc103, /* fingerprints */
	0x5fc108, /* facial image */
	0x5fc109, /* printed information */
	0x5fc121, /* iris images */
	0x5fc123, /* pairing code */
};

static bool
is_private(uint32_t tag)
{
	size_t i;

	for (i = 0; i < sizeof(private_objects) / sizeof(*private_objects); i++) {
		if (private_objects[i] == tag)
			return true;
	}
	return false;
}

/* Its own tag on the wire, not 53 (Part 2, 3.1.2). */
static bool
is_template(uint32_t tag)
{
	return tag == PIV_OBJECT_DISCOVERY || tag == PIV_OBJECT_BIT;
}

/* PIV's, or Yubico's; what the standard does not name can be made all the same. */
static bool
may_exist(struct view list, uint32_t *tag)
{
	size_t n;

	if (list.n > 3 || list.p[0] == 0 || !view_number(list, &n))
		return false;
	*tag = (uint32_t)n;
	if (is_template(*tag))
		return true;
	return *tag >> 8 == 0x5fc1 || *tag >> 8 == 0x5fff;
}

/* --- reading ---------------------------------------------------------------------- */

/* How many retired keys there are to be looked for: up to the last one with a certificate. */
static uint8_t
count_retired(const struct file *df)
{
	uint8_t i, n = 0;

	for (i = 0; i < PIV_RETIRED_COUNT; i++) {
		if (object_find(df, PIV_OBJECT_RETIRED + i))
			n = (uint8_t)(i + 1);
	}
	return n;
}

static void
put_key_history(const struct file *df, struct buf *rsp)
{
	size_t mark = tlv_open(rsp, DATA);

	tlv_put_u8(rsp, 0xc1, count_retired(df)); /* with certificates on the card */
	tlv_put_u8(rsp, 0xc2, 0);                 /* and with some elsewhere */
	tlv_put(rsp, 0xfe, view_of(NULL, 0));
	tlv_close(rsp, mark);
}

static sw_t
put_object(struct iso *c, uint32_t tag, struct buf *rsp)
{
	const struct object *o;
	sw_t sw = tag == PIV_OBJECT_ATTESTATION ? piv_attestation_ready(c) : SW_OK;

	if (sw != SW_OK)
		return sw;
	o = object_find(iso_df(c), tag);
	if (o)
		tlv_put(rsp, is_template(tag) ? tag : DATA, buf_view(&o->value));
	else if (tag == PIV_OBJECT_KEY_HISTORY)
		put_key_history(iso_df(c), rsp);
	else
		return SW_FILE_NOT_FOUND;
	return SW_OK;
}

sw_t
piv_get_data(struct iso *c, const struct apdu *cmd, struct buf *rsp)
{
	struct view in = cmd->data;
	struct tlv list;
	uint32_t tag;

	if (apdu_p1p2(cmd) != P1P2)
		return SW_WRONG_P1P2;
	if (!tlv_next(&in, &list) || list.tag != TAG_LIST || in.n > 0 || list.value.n == 0)
		return SW_WRONG_DATA;
	if (!may_exist(list.value, &tag))
		return SW_FILE_NOT_FOUND;
	if (is_private(tag)) {
		c->card.note.secret = true;
		if (!piv_pin_is_proven(c))
			return SW_SECURITY_STATUS;
	}
	return put_object(c, tag, rsp);
}

bool
piv_global_pin_counts(const struct iso *c)
{
	const struct object *o = object_find(iso_df(c), PIV_OBJECT_DISCOVERY);
	struct view policy;

	return o && tlv_find(buf_view(&o->value), 0x5f2f, &policy) && policy.n == 2 &&
	       policy.p[0] & 0x20;
}

/* --- writing ---------------------------------------------------------------------- */

/* 5C tag 53 value, or an object that has a tag of its own. */
static sw_t
take_object(struct view in, uint32_t *tag, struct view *value)
{
	struct tlv first, data;

	if (!tlv_next(&in, &first))
		return SW_WRONG_DATA;
	if (is_template(first.tag) && in.n == 0) {
		*tag = first.tag;
		*value = first.value;
		return SW_OK;
	}
	if (first.tag != TAG_LIST || first.value.n == 0 || !tlv_next(&in, &data) ||
	    data.tag != DATA || in.n > 0)
		return SW_WRONG_DATA;
	*value = data.value;
	return may_exist(first.value, tag) && !is_template(*tag) ? SW_OK : SW_FILE_NOT_FOUND;
}

/* An empty one is gone; that there was none is no error. */
static sw_t
keep_object(struct iso *c, uint32_t tag, struct view value)
{
	struct fs *fs = &c->state->fs;
	struct file *df = iso_df(c);

	if (value.n == 0 && !object_find(df, tag))
		return SW_OK;
	return object_put(fs, df, NULL, tag, value);
}

sw_t
piv_put_data(struct iso *c, const struct apdu *cmd, struct buf *rsp)
{
	struct view value;
	uint32_t tag;
	sw_t sw;

	(void)rsp;
	if (apdu_p1p2(cmd) != P1P2)
		return SW_WRONG_P1P2;
	if (!piv_admin_is_proven(c))
		return SW_SECURITY_STATUS;
	sw = take_object(cmd->data, &tag, &value);
	if (sw != SW_OK)
		return sw;
	if (tag == PIV_OBJECT_DISCOVERY)
		return SW_FILE_NOT_FOUND; /* what it says is the card's: Part 1, 3.3.2 */
	if (value.n > OBJECT_SIZE_MAX)
		return SW_NO_MEMORY;
	return keep_object(c, tag, value);
}

void
piv_put_certificate_object(struct buf *out, struct view der)
{
	tlv_put(out, 0x70, der);
	tlv_put_u8(out, 0x71, 0x00); /* not packed */
	tlv_put(out, 0xfe, view_of(NULL, 0));
}

/* --- as on a new card ------------------------------------------------------------- */

#define UUID_SIZE 16
#define CARD_ID_SIZE 14

/* FASC-N of agency 9999: no federal card, known by its GUID. */
static const uint8_t fasc_n[] = {
	0xd4, 0xe7, 0x39, 0xda, 0x73, 0x9c, 0xed, 0x39, 0xce, 0x73, 0x9d, 0x83,
	0x68, 0x58, 0x21, 0x08, 0x42, 0x10, 0x84, 0x21, 0xc8, 0x42, 0x10, 0xc3,
	0xeb,
};
static const uint8_t ccc_head[] = { 0xf0, 0x15, 0xa0, 0x00, 0x00, 0x01, 0x16, 0xff, 0x02 };
static const uint8_t ccc_rest[] = {
	0xf1, 0x01, 0x21, 0xf2, 0x01, 0x21, 0xf3, 0x00, 0xf4, 0x01, 0x00, 0xf5,
	0x01, 0x10, 0xf6, 0x00, 0xf7, 0x00, 0xfa, 0x00, 0xfb, 0x00, 0xfc, 0x00,
	0xfd, 0x00, 0xfe, 0x00,
};
static const uint8_t discovery[] = {
	0x4f, 0x0b, 0xa0, 0x00, 0x00, 0x03, 0x08, 0x00, 0x00, 0x10, 0x00, 0x01,
	0x00, 0x5f, 0x2f, 0x02, 0x40, 0x00,
};

/*
 * RFC 4122, 4.4: a random one; but the certificate of the key for secure messaging
 * names its card.
 */
static int
new_uuid(const struct iso *c, uint8_t uuid[UUID_SIZE])
{
	const struct object *old = object_find(iso_df(c), PIV_OBJECT_CHUID);
	struct view guid;
	int rc;

	if (piv_sm_suite(c) && old && tlv_find(buf_view(&old->value), 0x34, &guid) &&
	    guid.n == UUID_SIZE) {
		memcpy(uuid, guid.p, UUID_SIZE);
		return 0;
	}
	rc = rand_bytes(uuid, UUID_SIZE);

	uuid[6] = (uint8_t)((uuid[6] & 0x0f) | 0x40);
	uuid[8] = (uint8_t)((uuid[8] & 0x3f) | 0x80);
	return rc;
}

static int
put_chuid(const struct iso *c, struct buf *out)
{
	uint8_t uuid[UUID_SIZE];
	int rc = new_uuid(c, uuid);
	size_t mark = tlv_open(out, PIV_OBJECT_CHUID);

	tlv_put(out, 0x30, view_of(fasc_n, sizeof(fasc_n)));
	tlv_put(out, 0x34, view_of(uuid, sizeof(uuid)));
	tlv_put(out, 0x35, view_of("20500101", 8));
	tlv_put(out, 0x3e, view_of(NULL, 0)); /* no issuer's signature */
	tlv_put(out, 0xfe, view_of(NULL, 0));
	tlv_close(out, mark);
	return rc;
}

static int
put_ccc(struct buf *out)
{
	uint8_t id[CARD_ID_SIZE];
	int rc = rand_bytes(id, sizeof(id));
	size_t mark = tlv_open(out, PIV_OBJECT_CCC);

	buf_put(out, ccc_head, sizeof(ccc_head));
	buf_put(out, id, sizeof(id));
	buf_put(out, ccc_rest, sizeof(ccc_rest));
	tlv_close(out, mark);
	return rc;
}

/* All but these, and the certificates that belong to F9 and 04, which stay. */
static void
drop_objects(struct fs *fs, struct file *df)
{
	struct object *o, *next;

	for (o = df->objects; o; o = next) {
		next = o->next;
		if (o->tag != PIV_OBJECT_CCC && o->tag != PIV_OBJECT_CHUID &&
		    o->tag != PIV_OBJECT_DISCOVERY && o->tag != PIV_OBJECT_ATTESTATION &&
		    o->tag != PIV_OBJECT_SM_SIGNER)
			object_put(fs, df, NULL, o->tag, view_of(NULL, 0));
	}
}

sw_t
piv_renew_objects(struct iso *c)
{
	struct buf all = BUF(256);
	int rc = put_ccc(&all);
	sw_t sw;

	if (rc == 0)
		rc = put_chuid(c, &all);
	tlv_put(&all, PIV_OBJECT_DISCOVERY, view_of(discovery, sizeof(discovery)));
	if (rc < 0)
		sw = iso_sw(c, rc);
	else if (all.failed)
		sw = SW_NO_MEMORY;
	else
		sw = object_put_all(&c->state->fs, iso_df(c), NULL, buf_view(&all), false);
	if (sw == SW_OK)
		drop_objects(&c->state->fs, iso_df(c));
	buf_free(&all);
	return sw;
}
