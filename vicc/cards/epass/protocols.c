/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Options about protocols: keys for them, and SecurityInfos that tell of them. */
#include "cards/epass/personal.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/hex.h"
#include "codec/tlv.h"
#include "codec/x509.h"
#include "crypto/certify.h"
#include "crypto/cms.h"
#include "crypto/import.h"
#include "model/field.h"
#include "model/key.h"

#define FILE_MAX (1u << 16) /* bytes */
#define ID_ECDH 13          /* domain parameters where an option says nothing: brainpoolP256r1, */
#define ID_DH 2             /* and 2048 bits with an order of 256 */
#define PACE_DEFAULT "ecdh-gm-aes128"
#define CA_DEFAULT "ecdh-aes128"

/* --- lists of names --------------------------------------------------------------------------- */

struct protocol {
	uint8_t method, cipher;
	int id; /* of domain parameters */
};

typedef bool name_fn(const char *text, size_t n, uint8_t *method, uint8_t *cipher, int *id);

/* The next name of a list. False: none of ours; text then stands where it stood. */
static bool
next_protocol(const char **text, name_fn *from_name, struct protocol *p)
{
	const size_t n = strcspn(*text, ",");

	if (!from_name(*text, n, &p->method, &p->cipher, &p->id))
		return false;
	*text += n;
	if (**text == ',')
		(*text)++;
	return true;
}

static bool
is_none(const char *text)
{
	return strcasecmp(text, "none") == 0;
}

/* Whether these domain parameters are of this kind. */
static bool
domain_fits(int id, bool curve)
{
	return id >= 0 && group_exists((unsigned)id) && group_is_curve((unsigned)id) == curve;
}

/* Integrated mapping has no encoding for P-224; chip authentication mapping no 3DES. */
static bool
pace_fits(const struct protocol *p)
{
	const bool curve = p->method != SECINFO_DH_GM && p->method != SECINFO_DH_IM;

	if (p->method == SECINFO_ECDH_IM && p->id == 10)
		return false;
	return domain_fits(p->id, curve) &&
	       !(p->method == SECINFO_ECDH_CAM && p->cipher == SECINFO_3DES);
}

static bool
next_pace(const char **text, struct protocol *p)
{
	if (!next_protocol(text, secinfo_pace_from_name, p))
		return false;
	if (p->id < 0)
		p->id = p->method == SECINFO_DH_GM || p->method == SECINFO_DH_IM ? ID_DH : ID_ECDH;
	return pace_fits(p);
}

static bool
next_ca(const char **text, struct protocol *p)
{
	if (!next_protocol(text, secinfo_ca_from_name, p))
		return false;
	if (p->id < 0)
		p->id = p->method == SECINFO_DH ? ID_DH : ID_ECDH;
	return domain_fits(p->id, p->method == SECINFO_ECDH);
}

static bool
is_list(const char *text, bool (*next)(const char **text, struct protocol *p))
{
	struct protocol p;

	if (is_none(text))
		return true;
	do {
		if (!next(&text, &p))
			return false;
	} while (*text);
	return true;
}

const char *
epass_wrong_pace(const char *value)
{
	return is_list(value, next_pace)
		       ? NULL
		       : "none, or a list as ecdh-gm-aes128:13,dh-im-3des:0 (vicc-cards(7))";
}

const char *
epass_wrong_ca(const char *value)
{
	return is_list(value, next_ca)
		       ? NULL
		       : "none, or a list as ecdh-aes128:13,dh-3des:2 (vicc-cards(7))";
}

const char *
epass_wrong_aa(const char *value)
{
	struct aa_choice choice;

	return emrtd_aa_from_name(value, &choice)
		       ? NULL
		       : "none, rsa:BITS[:HASH] or ec:CURVE[:HASH], as rsa:1024:sha256";
}

const char *
epass_wrong_can(const char *value)
{
	return strlen(value) == 6 && strspn(value, "0123456789") == 6 ? NULL : "6 digits";
}

const char *
epass_wrong_dg(const char *value)
{
	char *end;
	unsigned long n = isdigit((unsigned char)*value) ? strtoul(value, &end, 10) : 0;

	return n >= 1 && n <= LDS_GROUPS && *end == '=' && end[1] ? NULL : "N=FILE, N from 1 to 16";
}

const char *
epass_wrong_date(const char *value)
{
	const bool digits = strlen(value) == 8 && strspn(value, "0123456789") == 8;
	const uint32_t date = digits ? (uint32_t)strtoul(value, NULL, 10) : 0;

	return date >= 20000101 && date <= 20991231 && date_valid(date)
		       ? NULL
		       : "a day of this century, YYYYMMDD";
}

const char *
epass_wrong_file(const char *value)
{
	return *value ? NULL : "a path";
}

/* --- PACE ---------------------------------------------------------------------------------------- */

static int
put_pace(struct making *m, const char *text)
{
	struct protocol p;

	while (*text && next_pace(&text, &p)) {
		secinfo_put_pace(&m->access, p.method, p.cipher, p.id);
		if (p.method == SECINFO_ECDH_CAM)
			m->cam_domain = p.id;
	}
	return m->access.failed ? making_error(m, -ENOMEM) : 0;
}

/* What a card that says this would have to be able to. */
static bool
is_supported(const struct secinfo *info)
{
	const struct protocol p = { info->method, info->cipher, info->has_id ? info->id : -1 };

	return info->kind == SECINFO_PACE ? pace_fits(&p) : info->kind != SECINFO_OTHER;
}

static int
refuse_info(struct making *m, const char *path, const struct secinfo *info)
{
	struct buf oid = BUF(129);
	int rc;

	hex_write(&oid, info->oid);
	buf_u8(&oid, 0);
	rc = making_fail(
		m, -ENOTSUP,
		"--ef-cardaccess %s: the card does not know the protocol with OID %s (hex), or its parameters",
		path, oid.failed ? "?" : (const char *)oid.p);
	buf_free(&oid);
	return rc;
}

static int
take_infos(struct making *m, const char *path, struct view in)
{
	struct secinfo info;

	while (secinfo_next(&in, &info)) {
		if (!is_supported(&info))
			return refuse_info(m, path, &info);
		if (info.kind == SECINFO_PACE && info.method == SECINFO_ECDH_CAM)
			m->cam_domain = info.id;
		buf_put_view(&m->access, info.whole);
	}
	return m->access.failed ? making_error(m, -ENOMEM) : 0;
}

static int
take_card_access(struct making *m, const char *path)
{
	struct buf file = BUF(FILE_MAX);
	struct view infos;
	int rc = making_read(m, "ef-cardaccess", path, &file);

	if (rc == 0 && !secinfo_open(buf_view(&file), &infos))
		rc = making_fail(m, -EINVAL, "--ef-cardaccess %s: not a SET of SecurityInfos",
				 path);
	if (rc == 0)
		rc = take_infos(m, path, infos);
	buf_free(&file);
	return rc;
}

int
making_pace(struct making *m)
{
	const char *list = card_value(m->cfg, "pace"), *path = card_value(m->cfg, "ef-cardaccess");

	m->cam_domain = SECINFO_NO_DOMAIN;
	if (list && path)
		return making_fail(m, -EINVAL, "choose either --pace or --ef-cardaccess");
	if (path)
		return take_card_access(m, path);
	if (list && is_none(list)) {
		if (card_value(m->cfg, "no-bac"))
			return making_fail(m, -EINVAL,
					   "--no-bac with --pace none: nobody could read the card");
		return 0;
	}
	return put_pace(m, list ? list : PACE_DEFAULT);
}

/* --- terminal authentication ---------------------------------------------------------------------- */

static int
add_anchor(struct making *m, const char *path)
{
	struct buf file = BUF(FILE_MAX);
	int rc = making_read(m, "cvca", path, &file);

	if (rc == 0) {
		rc = eac_anchor_add(m->s, buf_view(&file));
		if (rc == -EEXIST)
			making_fail(m, rc, "--cvca %s: there are two of this kind already", path);
		else if (rc < 0)
			making_fail(m, rc, "--cvca %s: not a certificate of a CVCA (7F21)", path);
	}
	buf_free(&file);
	return rc;
}

int
making_anchors(struct making *m)
{
	const struct card_value *v = NULL;
	int rc = 0;

	while (rc == 0 && (v = card_value_next(m->cfg, "cvca", v)))
		rc = add_anchor(m, v->value);
	if (rc == 0 && eac_anchor(m->s, CVC_IS, false).n > 0)
		secinfo_put_ta(&m->chip, 1);
	return rc;
}

/* --- chip authentication ---------------------------------------------------------------------------- */

static bool
add_domain(struct domains *d, int id)
{
	size_t i;

	for (i = 0; i < d->n && d->id[i] != id; i++)
		;
	if (i == MAKING_CA_KEYS)
		return false;
	d->id[i] = id;
	if (i == d->n)
		d->n++;
	return true;
}

static size_t
domain_index(const struct domains *d, int id)
{
	return d->n > 1 && d->id[1] == id;
}

/* Keys are numbered where there are several. */
static int
key_id(const struct domains *d, size_t i)
{
	return d->n > 1 ? (int)i + 1 : -1;
}

static const char *
key_field(size_t i)
{
	return i == 0 ? EAC_FIELD_CA_KEY : EAC_FIELD_CA_KEY_2;
}

/* A private key of a file: PKCS#8, or the number itself. */
static int
take_ca_key(struct making *m, const char *path, unsigned domain)
{
	struct buf file = BUF(FILE_MAX), d = BUF(CURVE_SIZE_MAX);
	struct import_key k = { .ec = NULL };
	enum curve curve;
	int rc = making_read(m, "ca-key", path, &file);

	if (rc < 0)
		return rc;
	rc = import_key_read(&k, buf_view(&file));
	if (rc == 0 && k.ec && group_curve(domain, &curve) && ec_curve(k.ec) == curve)
		rc = ec_get_d(k.ec, &d);
	else
		rc = rc == 0 ? -EINVAL : 0;
	if (rc == 0)
		rc = eac_key_set(m->s, EAC_FIELD_CA_KEY, 0, domain,
				 d.n > 0 ? buf_view(&d) : buf_view(&file));
	if (rc < 0)
		making_fail(
			m, rc,
			"--ca-key %s: not a private key for domain parameters %u, as PKCS#8 or as a number",
			path, domain);
	import_key_free(&k);
	buf_free(&file);
	buf_free(&d);
	return rc;
}

static int
make_ca_key(struct making *m, const struct domains *d, size_t i)
{
	const char *path = card_value(m->cfg, EAC_OPTION_CA_KEY);
	const int id = key_id(d, i);

	if (path && d->n > 1)
		return making_fail(
			m, -EINVAL,
			"--ca-key: --ca names two sets of domain parameters, and so needs two keys");
	if (path)
		return take_ca_key(m, path, (unsigned)d->id[i]);
	return making_error(
		m, eac_key_make(m->s, key_field(i), id < 0 ? 0 : (uint8_t)id, (unsigned)d->id[i]));
}

/* DH's public value is an INTEGER, a point is what it is. */
static void
put_public(unsigned domain, struct view element, struct buf *out)
{
	if (group_is_curve(domain))
		buf_put_view(out, element);
	else
		x509_put_integer(out, element);
}

/* ChipAuthenticationPublicKeyInfo: with explicit parameters in DG14, by number in EF.CardSecurity. */
static int
put_ca_key(struct making *m, const struct domains *d, size_t i, bool by_number, struct buf *out)
{
	struct buf algorithm = BUF(2048), element = BUF(GROUP_ELEMENT_MAX),
		   public = BUF(GROUP_ELEMENT_MAX + 8);
	const unsigned domain = (unsigned)d->id[i];
	struct eac_key key = { .id = 0 };
	struct group *g = NULL;
	int rc = eac_key_get(m->s, key_field(i), &key);

	if (rc == 0)
		rc = eac_key_public(&key, &element);
	if (rc == 0)
		rc = group_new(&g, domain);
	if (rc == 0 && by_number)
		secinfo_put_domain(&algorithm, (uint8_t)domain);
	else if (rc == 0)
		rc = group_put_algorithm(g, &algorithm);
	put_public(domain, buf_view(&element), &public);
	secinfo_put_ca_key(out, group_is_curve(domain) ? SECINFO_ECDH : SECINFO_DH,
			   buf_view(&algorithm), buf_view(&public), key_id(d, i));
	if (rc == 0 && (algorithm.failed || element.failed || public.failed || out->failed))
		rc = -ENOMEM;
	group_free(g);
	secret_wipe(&key.d);
	buf_free(&algorithm);
	buf_free(&element);
	buf_free(&public);
	return making_error(m, rc);
}

static int
find_domains(struct making *m, const char *text, struct domains *d)
{
	struct protocol p;

	while (*text && next_ca(&text, &p)) {
		if (!add_domain(d, p.id))
			return making_fail(m, -EINVAL,
					   "--ca: more than %d sets of domain parameters", MAKING_CA_KEYS);
	}
	if (m->cam_domain != SECINFO_NO_DOMAIN && !add_domain(d, m->cam_domain))
		return making_fail(
			m, -EINVAL,
			"--ca: PACE with chip authentication mapping needs one key more than there is room for");
	if (d->n == 0 && card_value(m->cfg, EAC_OPTION_CA_KEY))
		return making_fail(m, -EINVAL,
				   "--ca-key with --ca none: the card has no use for a key");
	return 0;
}

static void
put_ca_infos(struct making *m, const char *text, const struct domains *d)
{
	struct protocol p;

	while (*text && next_ca(&text, &p))
		secinfo_put_ca(&m->chip, p.method, p.cipher, 1, key_id(d, domain_index(d, p.id)));
}

/* A name that says no domain parameters takes those of the mapping, if there is one. */
int
making_ca(struct making *m)
{
	const char *list = card_value(m->cfg, "ca");
	struct domains d = { .n = 0 };
	char same[64];
	size_t i;
	int rc;

	if (!list && m->cam_domain != SECINFO_NO_DOMAIN)
		snprintf(same, sizeof(same), CA_DEFAULT ":%d", m->cam_domain);
	else
		snprintf(same, sizeof(same), CA_DEFAULT);
	list = !list ? same : is_none(list) ? "" : list;
	rc = find_domains(m, list, &d);
	for (i = 0; rc == 0 && i < d.n; i++)
		rc = make_ca_key(m, &d, i);
	for (i = 0; rc == 0 && *list && i < d.n; i++)
		rc = put_ca_key(m, &d, i, false, &m->chip);
	if (rc == 0)
		put_ca_infos(m, list, &d);
	m->domains = d;
	return rc;
}

/* --- EF.CardSecurity ------------------------------------------------------------------------------ */

/* What somebody says, with keys of ours in place of his: that of the mapping, or else all. */
static int
put_security(struct making *m, struct view infos)
{
	const struct domains *d = &m->domains;
	size_t set = tlv_open(&m->security, 0x31), i;
	struct secinfo info;
	int rc = 0;

	while (secinfo_next(&infos, &info)) {
		if (info.kind != SECINFO_CA_KEY)
			buf_put_view(&m->security, info.whole);
	}
	for (i = 0; rc == 0 && i < d->n; i++) {
		if (m->cam_domain == SECINFO_NO_DOMAIN || m->cam_domain == d->id[i])
			rc = put_ca_key(m, d, i, true, &m->security);
	}
	tlv_close(&m->security, set);
	return rc;
}

/* As it is, if the card has been given the key that it has; or else what it says. */
static int
take_card_security(struct making *m, const char *path)
{
	struct buf file = BUF(FILE_MAX);
	struct view infos = { .n = 0 };
	struct cms cms;
	int rc = making_read(m, "ef-cardsecurity", path, &file);

	if (rc == 0 && (!cms_read(buf_view(&file), &cms) || !secinfo_open(cms.content, &infos)))
		rc = making_fail(m, -EINVAL,
				 "--ef-cardsecurity %s: not SecurityInfos in CMS SignedData", path);
	else if (rc == 0 && !card_value(m->cfg, EAC_OPTION_CA_KEY))
		rc = put_security(m, infos);
	else if (rc == 0 && !eac_has_ca_key(m->s, EAC_FIELD_CA_KEY, infos))
		rc = making_fail(m, -EINVAL,
				 "--ef-cardsecurity %s: its public key does not belong to --ca-key",
				 path);
	else if (rc == 0)
		buf_put_view(&m->card_security, buf_view(&file));
	if (rc == 0 && !field_set_flag(eac_fields(m->s), EAC_FIELD_GIVEN_SECURITY, true))
		rc = making_error(m, -ENOMEM);
	buf_free(&file);
	return rc;
}

int
making_card_security(struct making *m)
{
	const char *path = card_value(m->cfg, EAC_OPTION_CARD_SECURITY);

	if (path && m->access.n == 0)
		return making_fail(m, -EINVAL,
				   "--ef-cardsecurity with --pace none: nobody could read it");
	if (path)
		return take_card_security(m, path);
	return m->cam_domain == SECINFO_NO_DOMAIN ? 0 : put_security(m, buf_view(&m->access));
}

/* --- active authentication ----------------------------------------------------------------------- */

static int
make_aa_key(const struct aa_choice *choice, struct sam_key *k)
{
	struct rsa *rsa;
	struct ec *ec;
	int rc;

	if (choice->ec) {
		rc = ec_generate(&ec, choice->curve);
		return rc < 0 ? rc : key_keep_ec(k, ec);
	}
	rc = rsa_generate(&rsa, choice->bits, view_of(NULL, 0), NULL, NULL);
	return rc < 0 ? rc : key_keep_rsa(k, rsa);
}

int
making_aa(struct making *m)
{
	const char *text = card_value(m->cfg, "aa");
	struct import_key public;
	struct aa_choice choice;
	struct sam_key *k;
	int rc;

	if (!emrtd_aa_from_name(text ? text : "rsa:1024:sha256", &choice))
		return making_error(m, -EINVAL);
	if (!choice.ec && choice.bits == 0)
		return 0;
	k = sam_key_add(&m->s->sam, m->df->uid, EMRTD_KEY_AA, choice.ec ? SAM_EC : SAM_RSA);
	rc = k ? make_aa_key(&choice, k) : -ENOMEM;
	if (rc == 0 && !field_set_word(&k->props, EMRTD_KEY_FIELD_HASH, choice.hash))
		rc = -ENOMEM;
	if (rc == 0) {
		public = key_asym(k);
		rc = certify_put_key(&public, &m->aa_key);
	}
	if (choice.ec)
		secinfo_put_aa(&m->chip, (uint8_t)(choice.hash + 1));
	return making_error(m, rc);
}
