/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * PERFORM SECURITY OPERATION: VERIFY CERTIFICATE (ISO/IEC 7816-8, 11.9), of card
 * verifiable certificates in data objects (TR-03110-3, C.1): the key that the
 * digital signature template names signed 7F4E by 5F37. Whose it is, is then good
 * as a key reference (83) on this channel, until the next certificate, or until the
 * DF whose key began the path is left.
 *
 * What a certificate says of its holder (7F4C, b8 b7 of the rights) is what his key
 * is good for: to verify certificates, or all but that. A key that was certified
 * itself verifies those only that name its holder (42), and only such as may come
 * below its own.
 */
#include "iso/key.h"

#include <errno.h>
#include <string.h>

#include "codec/tlv.h"
#include "iso/auth.h"

#define CERTIFICATE 0x7f21
#define BODY 0x7f4e
#define SIGNATURE 0x5f37
#define AUTHORITY 0x42
#define HOLDER 0x5f20
#define PUBLIC_KEY 0x7f49
#define AUTHORIZATION 0x7f4c
#define EFFECTIVE 0x5f25
#define EXPIRES 0x5f24

#define ROLE_OF 0x06     /* in 7F4C: for which kind of terminal, */
#define ROLE_RIGHTS 0x53 /* and role and rights */
#define ROLE_MAX 64      /* bytes of 7F4C */

#define HOLDER_MAX 1024  /* bytes of a name */

#define DATE_SIZE 6 /* YYMMDD, a digit in each byte */
#define DATE "date" /* the card's, a property; without one dates are not judged */

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

/* --- what it says ------------------------------------------------------------------------ */

/* b8 b7 of the rights (TR-03110-3, C.4); NO_ROLE: it is nobody's who certifies. */
enum role { ROLE_TERMINAL, ROLE_FOREIGN, ROLE_DOMESTIC, ROLE_ROOT, NO_ROLE };

static enum role
role_in(struct view authorization)
{
	struct view rights;

	if (!tlv_find(authorization, ROLE_RIGHTS, &rights) || rights.n == 0)
		return NO_ROLE;
	return (enum role)(rights.p[0] >> 6);
}

static bool
certifies(enum role r)
{
	return r == ROLE_ROOT || r == ROLE_DOMESTIC || r == ROLE_FOREIGN;
}

/* TR-03110-3, 2.2: a root's key is for roots and for those below it, theirs for terminals. */
static bool
may_come_below(enum role above, enum role r)
{
	return above == ROLE_ROOT ? certifies(r) : !certifies(r);
}

static struct view
authorization_of(const struct certificate *cert)
{
	struct view v = { .n = 0 };

	tlv_find(cert->fields, AUTHORIZATION, &v);
	return v;
}

/* The role of who has signed it; NO_ROLE: a key that the card keeps itself. */
static enum role
signers_role(const struct iso *c, const struct sam_key *signer)
{
	return signer == iso_certified_key(c) ? role_in(buf_view(&c->x.ch->certified.role))
					      : NO_ROLE;
}

/*
 * Below a certified key: by that holder, for the same kind of terminal, and no role
 * that is above.
 */
static bool
in_path(const struct iso *c, const struct sam_key *signer, const struct certificate *cert)
{
	struct view authority, above = { .n = 0 }, kind = { .n = 0 };

	if (signer != iso_certified_key(c))
		return true;
	if (!tlv_find(cert->fields, AUTHORITY, &authority) ||
	    !view_equal(authority, buf_view(&c->x.ch->certified.holder.name)))
		return false;
	if (!may_come_below(signers_role(c, signer), role_in(authorization_of(cert))))
		return false;
	if (!tlv_find(authorization_of(cert), ROLE_OF, &kind))
		return true;
	tlv_find(buf_view(&c->x.ch->certified.role), ROLE_OF, &above);
	return view_equal(kind, above);
}

/* --- dates -------------------------------------------------------------------------------- */

static bool
is_date(struct view v)
{
	size_t i;

	for (i = 0; i < v.n && v.p[i] <= 9; i++)
		;
	return v.n == DATE_SIZE && i == DATE_SIZE;
}

/* Both digits for digits: the later is the greater. */
static bool
is_later(struct view a, struct view b)
{
	return memcmp(a.p, b.p, DATE_SIZE) > 0;
}

/* 6A80: no dates; 6984: it has expired. */
static sw_t
check_dates(const struct iso *c, const struct certificate *cert)
{
	struct view today = props_get(&c->state->props, DATE), v;

	if (tlv_find(cert->fields, EFFECTIVE, &v) && !is_date(v))
		return SW_WRONG_DATA;
	if (!tlv_find(cert->fields, EXPIRES, &v))
		return SW_OK;
	if (!is_date(v))
		return SW_WRONG_DATA;
	return is_date(today) && is_later(today, v) ? SW_REFERENCE_UNUSABLE : SW_OK;
}

/*
 * TR-03110-3, 2.5: the card has no clock, and learns the date from those whom it
 * trusts: roots, those below them, and terminals of its own country.
 */
static bool
move_date(struct iso *c, enum role above, const struct certificate *cert)
{
	struct view today = props_get(&c->state->props, DATE), v;
	enum role r = role_in(authorization_of(cert));

	if (!is_date(today) || !tlv_find(cert->fields, EFFECTIVE, &v) || !is_later(v, today))
		return true;
	if (!certifies(r) && above != ROLE_DOMESTIC)
		return true;
	return props_set(&c->state->props, DATE, v);
}

/* --- whose key it is ------------------------------------------------------------------------ */

static int
genuine(struct iso *c, const struct key_op *m, const struct certificate *cert)
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

void
iso_certified_clear(struct certified *certified)
{
	sam_free(&certified->sam);
	buf_free(&certified->role);
	buf_free(&certified->holder.name);
	*certified = (struct certified) { 0 };
}

struct sam_key *
iso_certified_key(const struct iso *c)
{
	return c->x.ch->certified.sam.keys;
}

/* The DF whose key began the path; one that is a key EF's is the EF's DF. */
static uint32_t
path_owner(const struct iso *c, const struct sam_key *signer)
{
	const struct file *f;

	if (signer == iso_certified_key(c))
		return c->x.ch->certified.owner;
	f = signer->owner ? fs_by_uid(&c->state->fs, signer->owner) : NULL;
	return f && !file_is_df(f) ? f->parent->uid : signer->owner;
}

/* Made aside: what was verified before stays when this one's key is none. */
static sw_t
make_holder(struct iso *c, const struct certificate *cert, struct view objects, struct view holder,
	    struct certified *made)
{
	bool certifier = certifies(role_in(authorization_of(cert)));
	enum sam_kind kind;
	struct sam_key *k;
	int rc;

	if (!key_kind_of(objects, &kind))
		return SW_WRONG_DATA;
	k = sam_key_add(&made->sam, 0, 0, kind);
	if (!k)
		return SW_NO_MEMORY;
	k->uses = certifier ? SAM_USE_CERTIFY
			    : SAM_USE_EXTERNAL | SAM_USE_VERIFY | SAM_USE_ENCIPHER | SAM_USE_DERIVE;
	made->role.max = ROLE_MAX;
	made->holder.name.max = HOLDER_MAX;
	rc = key_import(k, kind, objects);
	if (rc == 0 &&
	    (!buf_set(&made->holder.name, holder) || !buf_set(&made->role, authorization_of(cert))))
		rc = -ENOMEM;
	return iso_crypto_sw(c, rc);
}

static sw_t
keep_holder(struct iso *c, struct sam_key *signer, const struct certificate *cert, struct view key,
	    struct view holder)
{
	struct certified made = { .owner = path_owner(c, signer) };
	struct buf objects = BUF(SAM_ASYM_MAX);
	enum role above = signers_role(c, signer);
	sw_t sw;

	public_objects(signer, key, &objects);
	sw = objects.failed ? SW_NO_MEMORY
			    : make_holder(c, cert, buf_view(&objects), holder, &made);
	buf_free(&objects);
	if (sw == SW_OK && !move_date(c, above, cert))
		sw = SW_NO_MEMORY;
	if (sw != SW_OK) {
		iso_certified_clear(&made);
		return sw;
	}
	iso_certified_clear(&c->x.ch->certified);
	c->x.ch->certified = made;
	return SW_OK;
}

/* --- the command ---------------------------------------------------------------------------- */

sw_t
iso_verify_certificate(struct iso *c, const struct apdu *cmd, struct buf *rsp)
{
	struct view key, holder;
	struct certificate cert;
	struct key_op m;
	sw_t sw;

	(void)rsp;
	if (!take_apart(cmd->data, cmd->p2 == VALUES_ONLY, &cert))
		return SW_WRONG_DATA;
	sw = iso_select_key(c, &(struct key_query) { SE_DST, SE_CHECK, SAM_USE_CERTIFY, 0, 0 }, &m);
	if (sw == SW_OK && !in_path(c, m.key, &cert))
		sw = SW_REFERENCE_UNUSABLE;
	if (sw == SW_OK)
		sw = check_dates(c, &cert);
	if (sw == SW_OK)
		sw = iso_check_sw(c, genuine(c, &m, &cert));
	if (sw != SW_OK || !tlv_find(cert.fields, HOLDER, &holder) ||
	    !tlv_find(cert.fields, PUBLIC_KEY, &key))
		return sw;
	return keep_holder(c, m.key, &cert, key, holder);
}
