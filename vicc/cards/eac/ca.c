/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Chip authentication 1 (Doc 9303-11, 6.2; TR-03110-3, B.2.1) and 2 (TR-03110-2, 3.4),
 * and restricted identification (TR-03110-2, 3.5), which is set and asked in the same way.
 */
#include <errno.h>
#include <string.h>

#include "cards/eac/engine.h"
#include "codec/tlv.h"
#include "crypto/rand.h"
#include "iso/key.h"

#define DO_OID 0x80
#define DO_KEY_ID 0x84
#define DO_PUBLIC 0x91 /* of 41 A6 */
#define NONCE 8        /* bytes of r */

static const char *const ca_fields[] = { EAC_FIELD_CA_KEY, EAC_FIELD_CA_KEY_2 };
static const char *const ri_fields[] = { EAC_FIELD_RI_KEY, EAC_FIELD_RI_KEY_2 };

void
ca_clear(struct ca *ca)
{
	explicit_bzero(ca, sizeof(*ca));
}

/* --- MSE: SET AT, SET KAT -------------------------------------------------------------------- */

/* A protocol that MSE asks for. */
struct choice {
	struct secinfo info;
	bool privileged; /* with the key that is for privileged terminals */
};

/* The key of the info's kind with this number (-1: neither MSE nor info have one; then the first). */
static bool
find_key(const struct iso *c, const struct choice *ch, int id, struct eac_key *out)
{
	const char *const privileged[] = { EAC_FIELD_CA_KEY_PRIVILEGED };
	const char *const *fields = ch->privileged                 ? privileged
				    : ch->info.kind == SECINFO_RI ? ri_fields
								  : ca_fields;
	const size_t n = ch->privileged ? 1 : 2;
	size_t i;

	for (i = 0; i < n; i++) {
		if (eac_key_get(c->state, fields[i], out) == 0 && (id < 0 || id == out->id) &&
		    group_is_curve(out->domain) == (ch->info.method == SECINFO_ECDH))
			return true;
	}
	secret_wipe(&out->d);
	return false;
}

/* What is meant by OID and number (-1: not given): how many of the SecurityInfos are that. */
static unsigned
count_infos(struct view in, struct view oid, int id, struct secinfo *out)
{
	struct secinfo info;
	unsigned found = 0;

	while (secinfo_next(&in, &info)) {
		if ((info.kind != SECINFO_CA && info.kind != SECINFO_RI) ||
		    !view_equal(info.oid, oid) || (id >= 0 && info.has_id && info.id != id))
			continue;
		*out = info;
		found++;
	}
	return found;
}

/* It has to be one of them; what is not there may be for privileged terminals. */
static bool
find_chip_info(struct iso *c, struct view oid, int id, struct choice *out)
{
	const struct eac_type *type = eac_type_of(c);
	unsigned found = count_infos(eac_chip_infos(c), oid, id, &out->info);

	out->privileged = found == 0 && type->privileged_infos;
	if (out->privileged)
		found = count_infos(type->privileged_infos(c), oid, id, &out->info);
	return found == 1;
}

/* Any of the protocols, once it is known which. */
static sw_t
set_key(struct iso *c, struct view oid, int id, const struct choice *ch)
{
	const struct secinfo *info = &ch->info;
	static const enum digest hashes[] = {
		DIGEST_SHA1, DIGEST_SHA1, DIGEST_SHA224, DIGEST_SHA256, DIGEST_SHA384, DIGEST_SHA512
	};
	struct ca *ca = &eac_own(c)->ca;
	const bool ri = info->kind == SECINFO_RI;

	if (!find_key(c, ch, id < 0 && info->has_id ? info->id : id, &ca->key))
		return SW_REFERENCE_NOT_FOUND;
	ca->set = ri ? CA_RI : CA_KEY;
	memcpy(ca->oid, oid.p, oid.n);
	ca->oid_len = oid.n;
	if (ri)
		ca->hash = hashes[info->cipher];
	else
		ca->suite = suite_of(info->cipher);
	return SW_OK;
}

/* Whether it is the time for this protocol, in a session: 9000, 6982, 6985. */
static sw_t
may_begin(const struct iso *c, const struct choice *ch)
{
	const struct eac_status *now = eac_status(c);
	const struct eac_type *type = eac_type_of(c);

	if (ch->info.kind == SECINFO_RI) {
		if (!now->ta || !now->ca)
			return SW_CONDITIONS;
		return eac_has_right(c, CVC_AT, CHAT_AT_RI) ? SW_OK : SW_SECURITY_STATUS;
	}
	if (type->eac2 && (now->ta || !type->eac1) && (!now->ta || now->ca))
		return SW_CONDITIONS;
	return !ch->privileged || eac_has_right_before_ca(c, CVC_AT, CHAT_AT_PRIVILEGED)
		       ? SW_OK
		       : SW_SECURITY_STATUS;
}

static bool
read_id(struct view in, int *id)
{
	struct view value;

	*id = -1;
	if (!tlv_find(in, DO_KEY_ID, &value))
		return true;
	if (value.n != 1)
		return false;
	*id = value.p[0];
	return true;
}

sw_t
ca_set(struct iso *c, const struct apdu *cmd)
{
	struct choice ch;
	struct view oid;
	sw_t sw;
	int id;

	ca_clear(&eac_own(c)->ca);
	pace_clear(&eac_own(c)->pace);
	if (!tlv_valid(cmd->data) || !tlv_find(cmd->data, DO_OID, &oid) || oid.n > EAC_OID_MAX ||
	    !read_id(cmd->data, &id))
		return SW_WRONG_DATA;
	if (eac_status(c)->session == EAC_LOCKED)
		return SW_SECURITY_STATUS;
	if (!find_chip_info(c, oid, id, &ch))
		return SW_REFERENCE_NOT_FOUND;
	sw = may_begin(c, &ch);
	return sw == SW_OK ? set_key(c, oid, id, &ch) : sw;
}

/* --- the agreement ---------------------------------------------------------------------------- */

/* The new session waits; kmac: its key for checksums, or NULL. */
static int
prepare_session(struct iso *c, const struct ca *ca, struct view secret, struct secret *kmac)
{
	struct eac *e = eac_own(c);
	struct sm *next = NULL;
	int rc = suite_session(&ca->suite, secret, &next, kmac);

	if (rc < 0)
		return rc;
	e->next = e->status;
	e->next.ca = true;
	e->fresh = false;
	sm_free(c->x.ch->sm_next);
	c->x.ch->sm_next = next;
	return 0;
}

static int
compressed(const struct eac_key *k, struct view public, struct buf *out)
{
	struct group *g;
	int rc = group_new(&g, k->domain);

	if (rc == 0)
		rc = group_compress(g, public, out);
	group_free(g);
	return rc;
}

/* Version 1: the keys come of the secret alone, and nothing is answered. */
static sw_t
agree_1(struct iso *c, const struct ca *ca, struct view theirs)
{
	struct eac *e = eac_own(c);
	struct buf secret = BUF(GROUP_ELEMENT_MAX), comp = BUF(EAC_COMPRESSED_MAX);
	int rc = eac_key_agree(&ca->key, theirs, &secret);

	if (rc == 0)
		rc = compressed(&ca->key, theirs, &comp);
	if (rc == 0)
		rc = prepare_session(c, ca, buf_view(&secret), NULL);
	if (rc == 0) {
		buf_free(&e->ca_compressed);
		e->ca_compressed = comp;
	} else {
		buf_free(&comp);
	}
	buf_free(&secret);
	return iso_crypto_sw(c, rc);
}

/* r, and T_PICC over the terminal's key. */
static int
answer_2(struct iso *c, const struct ca *ca, struct view theirs, struct buf *secret,
	 struct buf *rsp)
{
	struct secret kmac = { .n = 0 };
	struct buf token = BUF(16);
	uint8_t r[NONCE];
	int rc = rand_bytes(r, sizeof(r));

	buf_put(secret, r, sizeof(r));
	if (rc == 0 && secret->failed)
		rc = -ENOMEM;
	if (rc == 0)
		rc = prepare_session(c, ca, buf_view(secret), &kmac);
	if (rc == 0)
		rc = suite_token(&ca->suite, &kmac, view_of(ca->oid, ca->oid_len),
				 group_is_curve(ca->key.domain), theirs, &token);
	if (rc == 0) {
		tlv_put(rsp, 0x81, view_of(r, sizeof(r)));
		tlv_put(rsp, 0x82, buf_view(&token));
	}
	buf_free(&token);
	secret_wipe(&kmac);
	return rc;
}

/* Version 2: with the key that terminal authentication has signed (TR-03110-2, 3.4.1). */
static sw_t
agree_2(struct iso *c, const struct ca *ca, struct view theirs, struct buf *rsp)
{
	struct buf secret = BUF(GROUP_ELEMENT_MAX + NONCE), comp = BUF(EAC_COMPRESSED_MAX);
	int rc = eac_key_agree(&ca->key, theirs, &secret);

	if (rc == 0)
		rc = compressed(&ca->key, theirs, &comp);
	if (rc == 0 && !view_equal(buf_view(&comp), buf_view(&eac_own(c)->ta.compressed)))
		rc = -EBADMSG;
	if (rc == 0)
		rc = answer_2(c, ca, theirs, &secret, rsp);
	buf_free(&secret);
	buf_free(&comp);
	return iso_check_sw(c, rc);
}

sw_t
ca_agree_3des(struct iso *c, const struct apdu *cmd)
{
	struct view theirs, in = eac_chip_infos(c);
	struct choice ch = { .privileged = false };
	sw_t sw;
	int id;

	ca_clear(&eac_own(c)->ca);
	if (!eac_type_of(c)->eac1)
		return SW_WRONG_P1P2;
	if (eac_status(c)->session == EAC_LOCKED)
		return SW_SECURITY_STATUS;
	if (!tlv_valid(cmd->data) || !tlv_find(cmd->data, DO_PUBLIC, &theirs) ||
	    !read_id(cmd->data, &id))
		return SW_WRONG_DATA;
	/* the one that there is in 3DES */
	while (secinfo_next(&in, &ch.info)) {
		if (ch.info.kind == SECINFO_CA && ch.info.cipher == SECINFO_3DES &&
		    (id < 0 || !ch.info.has_id || ch.info.id == id)) {
			sw = set_key(c, ch.info.oid, id, &ch);
			if (sw == SW_OK)
				sw = agree_1(c, &eac_own(c)->ca, theirs);
			ca_clear(&eac_own(c)->ca);
			return sw;
		}
	}
	return SW_REFERENCE_NOT_FOUND;
}

sw_t
ca_step(struct iso *c, const struct apdu *cmd, struct buf *rsp)
{
	struct ca *ca = &eac_own(c)->ca;
	struct view in, theirs;
	size_t mark;
	sw_t sw;

	if (cmd->chained)
		return SW_LAST_EXPECTED;
	if (!eac_dynamic_data(cmd, &in) || !tlv_valid(in))
		return SW_WRONG_DATA;
	mark = tlv_open(rsp, 0x7c);
	if (ca->set == CA_RI)
		sw = ri_identify(c, in, rsp);
	else if (!tlv_find(in, 0x80, &theirs))
		sw = SW_WRONG_DATA;
	else
		sw = eac_status(c)->ta ? agree_2(c, ca, theirs, rsp) : agree_1(c, ca, theirs);
	tlv_close(rsp, mark);
	/* a failed one may be tried again; what was agreed on is over */
	if (sw == SW_OK && ca->set == CA_KEY)
		ca_clear(ca);
	if (sw != SW_OK)
		buf_reset(rsp);
	return sw;
}

/* --- restricted identification --------------------------------------------------------------- */

#define SECTOR_1 0xa0
#define SECTOR_2 0xa2

/* id-sector (TR-03110-3, C.3.2): hashes of the sector's public keys */
static const uint8_t id_sector[] = { 0x04, 0x00, 0x7f, 0x00, 0x07, 0x03, 0x01, 0x03, 0x02 };

/* The certificate says which sectors the terminal may ask for: H(7F49 of this key). */
static int
check_sector(struct iso *c, struct view key, uint32_t which)
{
	struct ta *ta = &eac_own(c)->ta;
	struct buf object = BUF(EAC_CERTIFICATE_MAX), hash = BUF(DIGEST_MAX);
	struct view wanted = { .n = 0 };
	struct cvc cert;
	int rc;

	tlv_put(&object, 0x7f49, key);
	rc = object.failed ? -ENOMEM : digest_once(ta->imported_by, buf_view(&object), &hash);
	if (rc == 0 &&
	    (!cvc_read(buf_view(&ta->imported), &cert) ||
	     !cvc_extension(&cert, view_of(id_sector, sizeof(id_sector)), which, &wanted) ||
	     !view_equal(wanted, buf_view(&hash))))
		rc = -EINVAL;
	buf_free(&object);
	buf_free(&hash);
	return rc;
}

/* I = H(SK_ID * PK_Sector) */
static int
identify(struct iso *c, struct view key, uint32_t which, uint32_t tag, struct buf *rsp)
{
	const struct ca *ca = &eac_own(c)->ca;
	struct buf secret = BUF(GROUP_ELEMENT_MAX), hash = BUF(DIGEST_MAX);
	struct view public;
	int rc = check_sector(c, key, which);

	if (rc == 0 && !tlv_find(key, group_is_curve(ca->key.domain) ? 0x86 : 0x84, &public))
		rc = -EINVAL;
	if (rc == 0)
		rc = eac_key_agree(&ca->key, public, &secret);
	if (rc == 0)
		rc = digest_once(ca->hash, buf_view(&secret), &hash);
	if (rc == 0)
		tlv_put(rsp, tag, buf_view(&hash));
	buf_free(&secret);
	buf_free(&hash);
	return rc;
}

sw_t
ri_identify(struct iso *c, struct view data, struct buf *rsp)
{
	struct view key;
	int rc = -EINVAL;

	if (tlv_find(data, SECTOR_1, &key) && tlv_valid(key))
		rc = identify(c, key, 0x80, 0x81, rsp);
	if (rc == 0 && tlv_find(data, SECTOR_2, &key))
		rc = identify(c, key, 0x81, 0x83, rsp);
	return iso_crypto_sw(c, rc);
}
