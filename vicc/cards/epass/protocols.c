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

/* --- values of options --- */

const char *
epass_wrong_aa(const char *value)
{
	struct aa_choice choice;

	return emrtd_aa_from_name(value, &choice)
		       ? NULL
		       : "none, rsa:BITS[:HASH] or ec:CURVE[:HASH], as rsa:1024:sha256";
}

const char *
epass_wrong_dg(const char *value)
{
	char *end;
	unsigned long n = isdigit((unsigned char)*value) ? strtoul(value, &end, 10) : 0;

	return n >= 1 && n <= LDS_GROUPS && *end == '=' && end[1] ? NULL : "N=FILE, N from 1 to 16";
}

/* --- PACE ---------------------------------------------------------------------------------------- */

static int
put_pace(struct making *m, const char *text)
{
	struct eac_protocol p;

	while (*text && eac_next_pace(&text, &p)) {
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
	const struct eac_protocol p = { info->method, info->cipher, info->has_id ? info->id : -1 };

	return info->kind == SECINFO_PACE ? eac_pace_fits(&p) : info->kind != SECINFO_OTHER;
}

static int
take_infos(struct making *m, const char *path, struct view in)
{
	struct secinfo info;

	while (secinfo_next(&in, &info)) {
		if (!is_supported(&info))
			return eac_refuse_info(&m->to, "ef-cardaccess", path, &info);
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
	int rc = eac_read_file(&m->to, "ef-cardaccess", path, &file);

	if (rc == 0 && !secinfo_open(buf_view(&file), &infos))
		rc = eac_fail(&m->to, -EINVAL, "--ef-cardaccess %s: not a SET of SecurityInfos",
			      path);
	if (rc == 0)
		rc = take_infos(m, path, infos);
	buf_free(&file);
	return rc;
}

int
making_pace(struct making *m)
{
	const char *list = card_value(m->to.cfg, "pace"),
		   *path = card_value(m->to.cfg, "ef-cardaccess");

	m->cam_domain = SECINFO_NO_DOMAIN;
	if (list && path)
		return eac_fail(&m->to, -EINVAL, "choose either --pace or --ef-cardaccess");
	if (path)
		return take_card_access(m, path);
	if (list && eac_is_none(list)) {
		if (card_value(m->to.cfg, "no-bac"))
			return eac_fail(&m->to, -EINVAL,
					"--no-bac with --pace none: nobody could read the card");
		return 0;
	}
	return put_pace(m, list ? list : EAC_PACE_DEFAULT);
}

/* --- terminal authentication ---------------------------------------------------------------------- */

int
making_anchors(struct making *m)
{
	int rc = eac_take_anchors(&m->to);

	if (rc == 0 && eac_anchor(m->to.s, CVC_IS, false).n > 0)
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

static int
take_ca_key(struct making *m, const char *path, unsigned domain)
{
	struct buf file = BUF(FILE_MAX);
	int rc = eac_read_file(&m->to, EAC_OPTION_CA_KEY, path, &file);

	if (rc == 0)
		rc = eac_take_key(&m->to, &(struct eac_key_file) { .option = EAC_OPTION_CA_KEY,
								   .path = path,
								   .bytes = buf_view(&file),
								   .raw = true,
								   .field = EAC_FIELD_CA_KEY,
								   .domain = domain });
	buf_free(&file);
	return rc;
}

static int
make_ca_key(struct making *m, const struct domains *d, size_t i)
{
	const char *path = card_value(m->to.cfg, EAC_OPTION_CA_KEY);
	const int id = key_id(d, i);

	if (path && d->n > 1)
		return eac_fail(
			&m->to, -EINVAL,
			"--ca-key: --ca names two sets of domain parameters, and so needs two keys");
	if (path)
		return take_ca_key(m, path, (unsigned)d->id[i]);
	return making_error(m, eac_key_make(m->to.s, key_field(i), id < 0 ? 0 : (uint8_t)id,
					    (unsigned)d->id[i]));
}

/* With explicit parameters in DG14, by number in EF.CardSecurity. */
static int
put_ca_key(struct making *m, const struct domains *d, size_t i, bool by_number, struct buf *out)
{
	return making_error(m, eac_put_ca_key(m->to.s, key_field(i), by_number, key_id(d, i), out));
}

static int
find_domains(struct making *m, const char *text, struct domains *d)
{
	struct eac_protocol p;

	while (*text && eac_next_ca(&text, &p)) {
		if (!add_domain(d, p.id))
			return eac_fail(&m->to, -EINVAL,
					"--ca: more than %d sets of domain parameters",
					MAKING_CA_KEYS);
	}
	if (m->cam_domain != SECINFO_NO_DOMAIN && !add_domain(d, m->cam_domain))
		return eac_fail(
			&m->to, -EINVAL,
			"--ca: PACE with chip authentication mapping needs one key more than there is room for");
	if (d->n == 0 && card_value(m->to.cfg, EAC_OPTION_CA_KEY))
		return eac_fail(&m->to, -EINVAL,
				"--ca-key with --ca none: the card has no use for a key");
	return 0;
}

static void
put_ca_infos(struct making *m, const char *text, const struct domains *d)
{
	struct eac_protocol p;

	while (*text && eac_next_ca(&text, &p))
		secinfo_put_ca(&m->chip, p.method, p.cipher, 1, key_id(d, domain_index(d, p.id)));
}

/* A name that says no domain parameters takes those of the mapping, if there is one. */
int
making_ca(struct making *m)
{
	const char *list = card_value(m->to.cfg, "ca");
	struct domains d = { .n = 0 };
	char same[64];
	size_t i;
	int rc;

	if (!list && m->cam_domain != SECINFO_NO_DOMAIN)
		snprintf(same, sizeof(same), EAC_CA_DEFAULT ":%d", m->cam_domain);
	else
		snprintf(same, sizeof(same), EAC_CA_DEFAULT);
	list = !list ? same : eac_is_none(list) ? "" : list;
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
	int rc = 0;

	eac_put_without_keys(&m->security, infos);
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
	int rc = eac_read_file(&m->to, "ef-cardsecurity", path, &file);

	if (rc == 0 && !eac_signed_infos(buf_view(&file), &infos))
		rc = eac_fail(&m->to, -EINVAL,
			      "--ef-cardsecurity %s: not SecurityInfos in CMS SignedData", path);
	else if (rc == 0 && !card_value(m->to.cfg, EAC_OPTION_CA_KEY))
		rc = put_security(m, infos);
	else if (rc == 0 && !eac_has_ca_key(m->to.s, EAC_FIELD_CA_KEY, infos))
		rc = eac_fail(&m->to, -EINVAL,
			      "--ef-cardsecurity %s: its public key does not belong to --ca-key",
			      path);
	else if (rc == 0)
		buf_put_view(&m->card_security, buf_view(&file));
	if (rc == 0 && !field_set_flag(eac_fields(m->to.s), EAC_FIELD_GIVEN_SECURITY, true))
		rc = making_error(m, -ENOMEM);
	buf_free(&file);
	return rc;
}

int
making_card_security(struct making *m)
{
	const char *path = card_value(m->to.cfg, EAC_OPTION_CARD_SECURITY);

	if (path && m->access.n == 0)
		return eac_fail(&m->to, -EINVAL,
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
	const char *text = card_value(m->to.cfg, "aa");
	struct import_key public;
	struct aa_choice choice;
	struct sam_key *k;
	int rc;

	if (!emrtd_aa_from_name(text ? text : "rsa:1024:sha256", &choice))
		return making_error(m, -EINVAL);
	if (!choice.ec && choice.bits == 0)
		return 0;
	k = sam_key_add(&m->to.s->sam, m->df->uid, EMRTD_KEY_AA, choice.ec ? SAM_EC : SAM_RSA);
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
