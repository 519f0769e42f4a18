/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Terminal authentication 1 and 2 (TR-03110-2, 3.3; TR-03110-3, B.3 and C). */
#include <errno.h>

#include "cards/eac/engine.h"
#include "codec/tlv.h"
#include "crypto/ec.h"
#include "crypto/rsa.h"
#include "iso/auth.h"
#include "iso/key.h"
#include "model/field.h"

#define DO_OID 0x80
#define DO_NAME 0x83
#define DO_EPHEMERAL 0x91
#define DO_AUXILIARY 0x67

#define MRZ_DATES 14 /* bytes of birth and expiry, each with its check digit */

void
ta_clear(struct ta *ta)
{
	buf_free(&ta->anchor);
	buf_free(&ta->signer);
	buf_free(&ta->imported);
	buf_free(&ta->compressed);
	buf_free(&ta->aux);
	*ta = (struct ta) {
		.anchor = BUF(EAC_CERTIFICATE_MAX),
		.signer = BUF(EAC_CERTIFICATE_MAX),
		.imported = BUF(EAC_CERTIFICATE_MAX),
		.compressed = BUF(DIGEST_MAX + EAC_COMPRESSED_MAX),
		.aux = BUF(EAC_CERTIFICATE_MAX),
	};
}

/* The terminal that MSE has named is no more; the path stays. */
static void
drop_terminal(struct ta *ta)
{
	ta->set = false;
	buf_reset(&ta->compressed);
	buf_reset(&ta->aux);
}

/* Version 2: in a session of PACE. Version 1: after chip authentication. */
static bool
is_version_2(const struct iso *c)
{
	const struct eac_type *type = eac_type_of(c);

	return type->eac2 && !(type->eac1 && eac_status(c)->ca);
}

static sw_t
may_go_on(const struct iso *c)
{
	const struct eac_status *now = eac_status(c);

	if (now->session == EAC_LOCKED)
		return SW_SECURITY_STATUS;
	if (is_version_2(c) ? now->session != EAC_PACE : !now->ca)
		return SW_CONDITIONS;
	return now->ta || eac_own(c)->ta.tried ? SW_CONDITIONS : SW_OK;
}

/* --- MSE: SET DST ---------------------------------------------------------------------------- */

/* Begin with this trust anchor, if it has the name. */
static bool
begin_with(struct ta *ta, struct view anchor, struct view name)
{
	struct cvc cert;

	if (anchor.n == 0 || !cvc_read(anchor, &cert) || !view_equal(cert.chr, name))
		return false;
	ta->path = cert.chat;
	buf_reset(&ta->imported);
	return buf_set(&ta->anchor, anchor) && buf_set(&ta->signer, anchor);
}

/* The certificate that was imported last, a document verifier's. */
static bool
go_on_with(struct ta *ta, struct view name)
{
	struct cvc cert;

	return ta->imported.n > 0 && cvc_read(buf_view(&ta->imported), &cert) &&
	       cert.chat.role != CVC_TERMINAL && view_equal(cert.chr, name) &&
	       buf_set(&ta->signer, buf_view(&ta->imported));
}

sw_t
ta_set_signer(struct iso *c, const struct apdu *cmd)
{
	struct ta *ta = &eac_own(c)->ta;
	struct view name;
	sw_t sw = may_go_on(c);
	int kind, before;

	if (sw != SW_OK)
		return sw;
	drop_terminal(ta);
	buf_reset(&ta->signer);
	if (!tlv_valid(cmd->data) || !tlv_find(cmd->data, DO_NAME, &name))
		return SW_WRONG_DATA;
	if (go_on_with(ta, name))
		return SW_OK;
	for (kind = CVC_IS; kind <= CVC_ST; kind++) {
		for (before = 0; before < 2; before++) {
			if (begin_with(ta, eac_anchor(c->state, (enum cvc_terminal)kind, before),
				       name))
				return SW_OK;
		}
	}
	buf_reset(&ta->imported);
	return SW_REFERENCE_NOT_FOUND;
}

/* --- signatures --------------------------------------------------------------------------------- */

/* -ENOENT: parameters that are none of ours. */
static int
curve_of(const struct cvc_key *k, enum curve *out)
{
	struct curve_params params;
	size_t i;

	for (i = 0; i < CURVE_PART_COUNT; i++)
		params.part[i] = k->part[i];
	return curve_from_params(&params, out);
}

static int
verify_ec(const struct cvc_key *k, const struct cvc_key *root, struct view hash,
	  struct view signature)
{
	struct ec *public = NULL;
	enum curve curve;
	int rc = curve_of(k->has_params ? k : root, &curve);

	if (rc == 0)
		rc = ec_public(&public, curve, k->point);
	if (rc == 0)
		rc = ec_verify(public, EC_FORM_PLAIN, hash, signature);
	ec_free(public);
	return rc;
}

static int
verify_rsa(const struct cvc_key *k, struct view hash, struct view signature)
{
	const enum digest d = (enum digest)k->digest;
	const struct rsa_pss pss = { .digest = d, .mgf = d, .salt = digest_size(d) };
	struct buf info = BUF(256);
	struct rsa *public;
	int rc = rsa_public(&public, k->part[0], k->part[1]);

	if (rc == 0 && k->scheme == CVC_RSA_PSS)
		rc = rsa_verify_pss(public, &pss, hash, signature);
	else if (rc == 0) {
		rc = digest_info(d, hash, &info);
		rc = rc < 0 ? rc : rsa_verify_pkcs1(public, buf_view(&info), signature);
	}
	buf_free(&info);
	rsa_free(public);
	return rc;
}

/* 0; -EBADMSG, or why it could not be seen. root: whose domain parameters hold. */
static int
verify_signature(const struct cvc_key *k, const struct cvc_key *root, struct view message,
		 struct view signature)
{
	struct buf hash = BUF(DIGEST_MAX);
	int rc = digest_once((enum digest)k->digest, message, &hash);

	if (rc == 0)
		rc = k->scheme == CVC_ECDSA ? verify_ec(k, root, buf_view(&hash), signature)
					    : verify_rsa(k, buf_view(&hash), signature);
	buf_free(&hash);
	return rc;
}

/* --- PSO: VERIFY CERTIFICATE ----------------------------------------------------------------------- */

/* TR-03110-3, 2.2: which certificate a key may sign. */
static bool
order_right(const struct cvc *signer, const struct cvc *cert)
{
	if (signer->chat.terminal != cert->chat.terminal)
		return false;
	if (signer->chat.role == CVC_CVCA)
		return cert->chat.role != CVC_TERMINAL;
	return cert->chat.role == CVC_TERMINAL;
}

static bool
checks_dates(const struct iso *c)
{
	return !field_flag(eac_fields(c->state), EAC_FIELD_NO_TA_CHECKS);
}

static bool
expired(const struct iso *c, const struct cvc *cert)
{
	/* a link is what renews an anchor, however late it comes */
	return checks_dates(c) && cert->chat.role != CVC_CVCA &&
	       cert->expires < field_number(eac_fields(c->state), EAC_FIELD_DATE, 0);
}

/* The card's date only rises, by certificates of those who are trusted with it (TR-03110-3, 2.4.5). */
static bool
move_date(struct iso *c, const struct cvc *signer, const struct cvc *cert)
{
	if (!checks_dates(c) ||
	    cert->effective <= field_number(eac_fields(c->state), EAC_FIELD_DATE, 0) ||
	    (cert->chat.role == CVC_TERMINAL && signer->chat.role != CVC_DV_DOMESTIC))
		return true;
	c->state->fs.changed = true;
	return field_set_number(eac_fields(c->state), EAC_FIELD_DATE, cert->effective);
}

/* A link certificate as it is kept: 7F21 around what came. */
static int
ta_follow(struct iso *c, struct ta *ta, const struct cvc *cert)
{
	struct buf whole = BUF(EAC_ANCHOR_MAX);
	int rc = -EINVAL;

	if (cert->key.scheme != CVC_ECDSA || cert->key.has_params) {
		cvc_put(&whole, cert->body, cert->signature);
		rc = whole.failed ? -ENOMEM : eac_anchor_follow(c->state, cert, buf_view(&whole));
	}
	if (rc == 0 && !buf_set(&ta->anchor, buf_view(&whole)))
		rc = -ENOMEM;
	if (rc == 0 && !buf_set(&ta->signer, buf_view(&whole)))
		rc = -ENOMEM;
	if (rc == 0)
		ta->path = cert->chat;
	buf_free(&whole);
	return rc;
}

static int
keep_imported(struct ta *ta, const struct cvc *signer, const struct cvc *cert)
{
	struct buf whole = BUF(EAC_CERTIFICATE_MAX);
	int rc;

	cvc_put(&whole, cert->body, cert->signature);
	rc = !whole.failed && buf_set(&ta->imported, buf_view(&whole)) ? 0 : -ENOMEM;
	buf_free(&whole);
	if (rc < 0)
		return rc;
	ta->imported_by = (enum digest)signer->key.digest;
	ta->path.rights &= cert->chat.rights;
	ta->path.role = cert->chat.role;
	return 0;
}

static sw_t
accept(struct iso *c, struct ta *ta, const struct cvc *signer, const struct cvc *cert)
{
	int rc = cert->chat.role == CVC_CVCA ? ta_follow(c, ta, cert)
					     : keep_imported(ta, signer, cert);

	if (rc == 0 && !move_date(c, signer, cert))
		rc = -ENOMEM;
	/* a terminal's key signs nothing */
	if (rc == 0 && cert->chat.role == CVC_TERMINAL)
		buf_reset(&ta->signer);
	return iso_crypto_sw(c, rc);
}

sw_t
ta_verify_certificate(struct iso *c, const struct apdu *cmd)
{
	struct ta *ta = &eac_own(c)->ta;
	struct cvc signer, root, cert;
	sw_t sw = may_go_on(c);

	if (sw != SW_OK)
		return sw;
	drop_terminal(ta);
	if (!cvc_read(buf_view(&ta->signer), &signer) || !cvc_read(buf_view(&ta->anchor), &root))
		return SW_CONDITIONS;
	if (!cvc_read(cmd->data, &cert))
		return SW_WRONG_DATA;
	if (!view_equal(cert.car, signer.chr) || !order_right(&signer, &cert) ||
	    expired(c, &cert) ||
	    verify_signature(&signer.key, &root.key, cert.body, cert.signature) < 0)
		return SW_REFERENCE_UNUSABLE;
	return accept(c, ta, &signer, &cert);
}

/* --- MSE: SET AT -------------------------------------------------------------------------------------- */

/* Whether the password is one with which this kind of terminal may go on (TR-03110-2, 2.4). */
static bool
password_fits(const struct eac_status *now, const struct chat *effective)
{
	if (effective->terminal != CVC_AT || now->password == EAC_PIN)
		return true;
	return now->password == EAC_CAN && effective->rights & CHAT_AT_CAN;
}

/* What PACE was asked for with, less what the certificates do not have. False: another kind of terminal. */
static bool
effective_rights(const struct iso *c, struct chat *out)
{
	const struct eac_status *now = eac_status(c);

	*out = eac_own(c)->ta.path;
	if (!is_version_2(c) && !now->has_chat)
		return true;
	if (!now->has_chat || now->chat.terminal != out->terminal)
		return false;
	out->rights &= now->chat.rights;
	return !is_version_2(c) || password_fits(now, out);
}

/*
 * Clients were seen to wrap the auxiliary data once more, and to sign what is within: where
 * the value of 67 is one 67, that one counts.
 */
static struct view
auxiliary(struct view in)
{
	struct tlv t, inner;
	struct view value;

	while (tlv_next(&in, &t)) {
		if (t.tag != DO_AUXILIARY)
			continue;
		value = t.value;
		if (tlv_next(&value, &inner) && value.n == 0 && inner.tag == DO_AUXILIARY)
			return inner.whole;
		return t.whole;
	}
	return view_of(NULL, 0);
}

static sw_t
name_terminal(struct iso *c, struct ta *ta, const struct cvc *cert, struct view in)
{
	struct view oid = { .n = 0 }, name, ephemeral = { .n = 0 };
	const bool v2 = is_version_2(c);

	tlv_find(in, DO_OID, &oid);
	tlv_find(in, DO_EPHEMERAL, &ephemeral);
	if (!tlv_find(in, DO_NAME, &name) || (v2 && (oid.n == 0 || ephemeral.n == 0)))
		return SW_WRONG_DATA;
	if (cert->chat.role != CVC_TERMINAL || !view_equal(name, cert->chr) ||
	    (oid.n > 0 && !view_equal(oid, cert->key.oid)))
		return SW_REFERENCE_NOT_FOUND;
	if (!buf_set(&ta->compressed, v2 ? ephemeral : buf_view(&eac_own(c)->ca_compressed)) ||
	    !buf_set(&ta->aux, v2 ? auxiliary(in) : view_of(NULL, 0)))
		return SW_NO_MEMORY;
	ta->set = true;
	return SW_OK;
}

sw_t
ta_set_terminal(struct iso *c, const struct apdu *cmd)
{
	struct ta *ta = &eac_own(c)->ta;
	struct chat chat;
	struct cvc cert;
	sw_t sw = may_go_on(c);

	if (sw != SW_OK)
		return sw;
	drop_terminal(ta);
	if (!tlv_valid(cmd->data))
		return SW_WRONG_DATA;
	if (!cvc_read(buf_view(&ta->imported), &cert))
		return SW_REFERENCE_NOT_FOUND;
	if (!effective_rights(c, &chat))
		return SW_SECURITY_STATUS;
	return name_terminal(c, ta, &cert, cmd->data);
}

/* --- EXTERNAL AUTHENTICATE ---------------------------------------------------------------------------- */

/* ID_PICC: of PACE the compressed ephemeral key; of BAC the document number with its check digit. */
static struct view
id_picc(const struct iso *c)
{
	const struct sam_pin *mrz = eac_password(c, EAC_MRZ);
	struct view v;

	if (eac_status(c)->session == EAC_PACE)
		return buf_view(&eac_own(c)->id_picc);
	v = mrz ? secret_view(&mrz->code.value) : view_of(NULL, 0);
	return view_slice(v, 0, v.n > MRZ_DATES ? v.n - MRZ_DATES : 0);
}

static int
verify_terminal(struct iso *c, const struct ta *ta, struct view signature)
{
	struct buf message = BUF(EAC_CERTIFICATE_MAX);
	struct cvc cert, root;
	int rc = -EBADMSG;

	buf_put_view(&message, id_picc(c));
	buf_put_view(&message, iso_challenge_of(c));
	buf_put_view(&message, buf_view(&ta->compressed));
	buf_put_view(&message, buf_view(&ta->aux));
	if (message.failed)
		rc = -ENOMEM;
	else if (cvc_read(buf_view(&ta->imported), &cert) && cvc_read(buf_view(&ta->anchor), &root))
		rc = verify_signature(&cert.key, &root.key, buf_view(&message), signature);
	buf_free(&message);
	return rc;
}

sw_t
ta_authenticate(struct iso *c, const struct apdu *cmd)
{
	struct eac *e = eac_own(c);
	struct chat chat;
	int rc;

	if (iso_challenge_of(c).n != 8 || !effective_rights(c, &chat))
		return SW_CONDITIONS;
	rc = verify_terminal(c, &e->ta, cmd->data);
	if (rc == -ENOMEM || rc == -EIO)
		return iso_crypto_sw(c, rc);
	iso_drop_challenge(c);
	e->ta.set = false;
	if (rc < 0) {
		ta_clear(&e->ta);
		return SW_WARNING_CHANGED;
	}
	e->ta.tried = true;
	e->status.ta = true;
	e->status.has_chat = true;
	e->status.chat = chat;
	return SW_OK;
}
