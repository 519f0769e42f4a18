/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * PERFORM SECURITY OPERATION: VERIFY CERTIFICATE (ISO/IEC 7816-8, 11.9), of card
 * verifiable certificates in data objects (TR-03110-3, C.1): the key that the
 * digital signature template names signed 7F4E by 5F37. Whose it is, is then good
 * as a key reference (83) on this channel, until the next certificate.
 */
#include "iso/key.h"

#include <errno.h>

#include "codec/tlv.h"

#define CERTIFICATE 0x7f21
#define BODY 0x7f4e
#define SIGNATURE 0x5f37
#define HOLDER 0x5f20
#define PUBLIC_KEY 0x7f49

#define VALUES_ONLY 0xae /* P2: signed are values, without tags and lengths */

struct certificate {
	struct view body;   /* as it was signed */
	struct view fields; /* of the body */
	struct view signature;
};

static bool
take_apart(struct view data, bool values_only, struct certificate *cert)
{
	struct tlv t = { .tag = 0 };
	struct view in;

	tlv_find(data, CERTIFICATE, &data);
	if (!tlv_valid(data) || !tlv_find(data, SIGNATURE, &cert->signature))
		return false;
	for (in = data; tlv_next(&in, &t) && t.tag != BODY;)
		;
	cert->body = values_only ? t.value : t.whole;
	cert->fields = t.value;
	return t.tag == BODY && tlv_valid(cert->fields);
}

static int
genuine(struct iso *c, const struct iso_means *m, const struct certificate *cert)
{
	struct buf hash = BUF(DIGEST_MAX);
	enum digest d = DIGEST_SHA256;
	int rc;

	if (m->algorithm->what == ALGORITHM_ED25519)
		return key_verify(m->key, m->algorithm, NULL, cert->body, cert->signature);
	iso_hash_algorithm(c, &d);
	rc = digest_once(d, cert->body, &hash);
	if (rc == 0)
		rc = key_verify(m->key, m->algorithm, &d, buf_view(&hash), cert->signature);
	buf_free(&hash);
	return rc;
}

/* A curve that the certificate does not name is that of who signed it (TR-03110-3, D.3.3). */
static void
public_objects(struct sam_key *signer, struct view key, struct buf *out)
{
	struct view point;
	enum curve curve;

	if (!tlv_find(key, KEY_POINT, &point)) {
		buf_put_view(out, key);
		return;
	}
	/* its 06 names an algorithm, not a curve */
	if (key_curve_of(key, &curve) || key_ec(signer)) {
		if (!key_curve_of(key, &curve))
			curve = ec_curve(key_ec(signer));
		tlv_put(out, KEY_OID, curve_oid(curve));
	}
	tlv_put(out, KEY_POINT, point);
}

static sw_t
keep_holder(struct iso *c, struct view objects, struct view holder)
{
	enum sam_kind kind;
	struct sam_key *k;
	int rc;

	if (!key_kind_of(objects, &kind))
		return SW_WRONG_DATA;
	sam_free(&c->ch->certified);
	k = sam_key_add(&c->ch->certified, 0, 0, kind);
	if (!k)
		return SW_NO_MEMORY;
	rc = key_import(k, kind, objects);
	if (rc == 0 && !buf_set(&k->label, holder))
		rc = -ENOMEM;
	if (rc < 0)
		sam_free(&c->ch->certified);
	return iso_crypto_sw(c, rc);
}

sw_t
iso_verify_certificate(struct iso *c, const struct apdu *cmd, struct buf *rsp)
{
	struct buf objects = BUF(SAM_ASYM_MAX);
	struct view key, holder;
	struct certificate cert;
	struct iso_means m;
	sw_t sw;

	(void)rsp;
	if (!take_apart(cmd->data, cmd->p2 == VALUES_ONLY, &cert))
		return SW_WRONG_DATA;
	sw = iso_choose(c, SE_DST, SE_CHECK, SAM_USE_CERTIFY, 0, 0, &m);
	if (sw == SW_OK)
		sw = iso_check_sw(c, genuine(c, &m, &cert));
	if (sw != SW_OK || !tlv_find(cert.fields, HOLDER, &holder) ||
	    !tlv_find(cert.fields, PUBLIC_KEY, &key))
		return sw;
	public_objects(m.key, key, &objects);
	sw = objects.failed ? SW_NO_MEMORY : keep_holder(c, buf_view(&objects), holder);
	buf_free(&objects);
	return sw;
}
