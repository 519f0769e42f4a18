/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a new card says of its protocols: EF.CardAccess, EF.CardSecurity (TR-03110-3, A.1), and the keys to it. */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "cards/npa/fill.h"
#include "codec/tlv.h"
#include "crypto/cms.h"
#include "model/field.h"

#define CARD_URL "https://www.bsi.bund.de/"

#define CARD_ACCESS 0x011c
#define CARD_ACCESS_SFI 0x1c
#define CARD_SECURITY 0x011d
#define CARD_SECURITY_SFI 0x1d
#define CHIP_SECURITY 0x011b
#define CHIP_SECURITY_SFI 0x1b
#define KEY_ID 0x41
#define KEY_ID_2 0x45

#define RI_DOMAIN 13
#define RI_SHA256 3
#define RI_ID 1
#define RI_ID_AUTHORIZED 2

#define FILE_MAX 65536

static const char *const ca_fields[] = { EAC_FIELD_CA_KEY, EAC_FIELD_CA_KEY_2 };
static const char *const ri_fields[] = { EAC_FIELD_RI_KEY, EAC_FIELD_RI_KEY_2 };

/* The keys of chip authentication that there are to be: two at most. */
struct ca_keys {
	struct {
		int id; /* of the key; -1: it has none */
		int domain;
	} at[2];
	size_t n;
	int privileged_id, privileged_domain; /* -1: there is none */
	struct buf privileged;                /* its SecurityInfos */
};

/* Which it is; a new one where there is room. NULL: there is none. */
static int *
key_with(struct ca_keys *k, int id, int domain)
{
	size_t i;

	for (i = 0; i < k->n; i++) {
		if (k->at[i].domain == domain && (id < 0 || k->at[i].id == id))
			return &k->at[i].id;
	}
	if (k->n == 2)
		return NULL;
	k->at[k->n].domain = domain;
	k->at[k->n].id = id >= 0 ? id : k->n == 0 ? KEY_ID : KEY_ID_2;
	return &k->at[k->n++].id;
}

/* --- EF.CardAccess by options ------------------------------------------------------------------- */

static int
put_ca_infos(const struct filling *f, struct ca_keys *keys, struct buf *infos)
{
	const char *list = card_value(f->to.cfg, "ca");
	struct eac_protocol p;
	int *id;

	if (!list)
		list = EAC_CA_DEFAULT;
	if (eac_is_none(list))
		return 0;
	while (*list && eac_next_ca(&list, &p)) {
		id = key_with(keys, -1, p.id);
		if (!id)
			return fill_fail(
				f, 0, "ca",
				"there are no more than two keys, each with parameters of its own");
		secinfo_put_ca(infos, p.method, p.cipher, 2, *id);
	}
	return 0;
}

/* Chip authentication mapping shows the key of chip authentication, in its group: the first one. */
static bool
has_mapping_key(const struct ca_keys *keys, int domain)
{
	return keys->n > 0 && keys->at[0].domain == domain;
}

static int
put_pace_infos(const struct filling *f, const struct ca_keys *keys, struct buf *infos)
{
	const char *list = card_value(f->to.cfg, "pace");
	struct eac_protocol p;

	if (!list)
		list = EAC_PACE_DEFAULT;
	while (*list && eac_next_pace(&list, &p)) {
		if (p.method == SECINFO_ECDH_CAM && !has_mapping_key(keys, p.id))
			return fill_fail(
				f, 0, "pace",
				"chip authentication mapping needs the same parameters first in --ca");
		secinfo_put_pace(infos, p.method, p.cipher, p.id);
	}
	return 0;
}

static uint8_t
method_of(int domain)
{
	return group_is_curve((unsigned)domain) ? SECINFO_ECDH : SECINFO_DH;
}

/* One more key, for privileged terminals, which is like the first. */
static void
put_privileged(struct ca_keys *keys, struct buf *infos)
{
	struct view in = buf_view(infos);
	struct secinfo info;

	if (keys->n == 0)
		return;
	keys->privileged_id = KEY_ID_2 + (int)keys->n - 1;
	keys->privileged_domain = keys->at[0].domain;
	while (secinfo_next(&in, &info)) {
		if (info.kind == SECINFO_CA && info.id == keys->at[0].id)
			secinfo_put_ca(&keys->privileged, info.method, info.cipher, 2,
				       keys->privileged_id);
	}
	secinfo_put_ca_params(&keys->privileged, method_of(keys->privileged_domain),
			      (uint8_t)keys->privileged_domain, keys->privileged_id);
	secinfo_put_privileged(infos, buf_view(&keys->privileged));
}

static int
access_by_options(const struct filling *f, struct ca_keys *keys, struct buf *infos)
{
	int rc;
	size_t i;

	secinfo_put_ta(infos, 2);
	rc = put_ca_infos(f, keys, infos);
	if (rc == 0)
		rc = put_pace_infos(f, keys, infos);
	for (i = 0; i < keys->n; i++)
		secinfo_put_ca_params(infos, method_of(keys->at[i].domain),
				      (uint8_t)keys->at[i].domain, keys->at[i].id);
	secinfo_put_card_info(infos, CARD_URL);
	put_privileged(keys, infos);
	return rc;
}

/* --- or as somebody has it ------------------------------------------------------------------------ */

static bool
is_supported(const struct secinfo *info)
{
	const struct eac_protocol p = { info->method, info->cipher, info->id };

	switch (info->kind) {
	case SECINFO_PACE:
		return info->has_id && info->method != SECINFO_ECDH_CAM && eac_pace_fits(&p);
	case SECINFO_CA:
		return info->version == 2;
	case SECINFO_CA_PARAMS:
		return info->domain >= 0 && group_exists((unsigned)info->domain) &&
		       method_of(info->domain) == info->method;
	default:
		return true;
	}
}

/* What a file says of privileged terminals. False: the card does not have that. */
static bool
take_privileged(struct view set, struct ca_keys *keys)
{
	struct secinfo info;
	struct view in;

	if (keys->privileged_id >= 0 || !secinfo_open(set, &in))
		return false;
	buf_put_view(&keys->privileged, in);
	while (secinfo_next(&in, &info)) {
		if (!is_supported(&info))
			return false;
		if (info.kind != SECINFO_CA_PARAMS)
			continue;
		if (keys->privileged_id >= 0 || !info.has_id)
			return false;
		keys->privileged_id = info.id;
		keys->privileged_domain = info.domain;
	}
	return keys->privileged_id >= 0;
}

/* A key of chip authentication that it names is to be made. False: it cannot be. */
static bool
take_info(const struct secinfo *info, struct ca_keys *keys)
{
	if (info->kind == SECINFO_PRIVILEGED)
		return take_privileged(info->required, keys);
	return is_supported(info) && (info->kind != SECINFO_CA_PARAMS ||
				      key_with(keys, info->has_id ? info->id : -1, info->domain));
}

static int
access_by_file(const struct filling *f, const struct source *from, struct ca_keys *keys,
	       struct buf *infos)
{
	struct buf file = BUF(FILE_MAX);
	struct secinfo info;
	struct view in = { .n = 0 };
	int rc = fill_take(f, from, &file);

	if (rc == 0 && !secinfo_open(buf_view(&file), &in))
		rc = fill_refuse(f, from, "EF.CardAccess is not a SET of SecurityInfos");
	buf_put_view(infos, in);
	while (rc == 0 && secinfo_next(&in, &info)) {
		if (!take_info(&info, keys))
			rc = eac_refuse_info(&f->to, from->option, from->path, &info);
	}
	buf_free(&file);
	return rc;
}

/* --- keys ------------------------------------------------------------------------------------------- */

/* The number itself is allowed in a file alone. */
static int
key_from_source(const struct filling *f, const struct source *from, const char *field, int id,
		int domain)
{
	struct buf file = BUF(FILE_MAX);
	char path[PATH_MAX];
	int rc = fill_take(f, from, &file);

	snprintf(path, sizeof(path), "%s", from->path);
	if (from->bytes.p)
		snprintf(path, sizeof(path), "%s: key %x", from->path, (unsigned)id);
	if (rc == 0)
		rc = eac_take_key(&f->to, &(struct eac_key_file) { .option = from->option,
								   .path = path,
								   .bytes = buf_view(&file),
								   .raw = !from->bytes.p,
								   .field = field,
								   .id = (uint8_t)id,
								   .domain = (unsigned)domain });
	buf_free(&file);
	return rc;
}

/* Of restricted identification. */
static int
make_ri_key(const struct filling *f, size_t i)
{
	const int id = i == 0 ? RI_ID : RI_ID_AUTHORIZED;
	struct source from = { .option = "profile", .path = card_value(f->to.cfg, "profile") };

	if (!f->profile || f->profile->ri_key[i].n == 0)
		return eac_key_make(f->to.s, ri_fields[i], (uint8_t)id, RI_DOMAIN);
	from.bytes = buf_view(&f->profile->ri_key[i]);
	return key_from_source(f, &from, ri_fields[i], id, RI_DOMAIN);
}

static int
make_keys(const struct filling *f, const struct ca_keys *keys)
{
	struct source from;
	const bool given = fill_source(f, "ca-key", &from);
	int rc = 0;
	size_t i;

	for (i = 0; rc == 0 && i < keys->n; i++) {
		if (i == 0 && given)
			rc = key_from_source(f, &from, ca_fields[i], keys->at[i].id,
					   keys->at[i].domain);
		else
			rc = eac_key_make(f->to.s, ca_fields[i], (uint8_t)keys->at[i].id,
					  (unsigned)keys->at[i].domain);
	}
	if (rc == 0 && keys->privileged_id >= 0)
		rc = eac_key_make(f->to.s, EAC_FIELD_CA_KEY_PRIVILEGED,
				  (uint8_t)keys->privileged_id, (unsigned)keys->privileged_domain);
	for (i = 0; rc == 0 && i < 2; i++)
		rc = make_ri_key(f, i);
	return rc;
}

/* --- EF.CardSecurity ---------------------------------------------------------------------------------- */

/* Where there is one. */
static int
put_ca_key(const struct filling *f, const char *field, struct buf *infos)
{
	struct eac_key k = { .id = 0 };
	int rc = eac_key_get(f->to.s, field, &k);

	secret_wipe(&k.d);
	if (rc == 0)
		rc = eac_put_ca_key(f->to.s, field, true, k.id, infos);
	return rc == -ENOENT ? 0 : rc;
}

static void
put_ri_infos(struct buf *infos)
{
	secinfo_put_ri(infos, SECINFO_ECDH, RI_SHA256, RI_ID, false, -1);
	secinfo_put_ri(infos, SECINFO_ECDH, RI_SHA256, RI_ID_AUTHORIZED, true, -1);
	secinfo_put_ri_params(infos, SECINFO_ECDH, RI_DOMAIN);
}

/* All of EF.CardAccess, the public keys, restricted identification. */
static int
put_all_infos(const struct filling *f, struct view access, struct buf *infos)
{
	int rc;

	buf_put_view(infos, access);
	rc = put_ca_key(f, ca_fields[0], infos);
	if (rc == 0)
		rc = put_ca_key(f, ca_fields[1], infos);
	put_ri_infos(infos);
	return rc;
}

static int
open_issuer(const struct filling *f, struct pki *p)
{
	const char *dir = card_value(f->to.cfg, "pki");
	int rc = dir ? pki_open(p, dir, "DE", f->to.error, f->to.size) : pki_make(p, "DE");

	if (rc == 0 && (!props_set(eac_fields(f->to.s), EAC_FIELD_CSCA, buf_view(&p->csca_cert)) ||
			!props_set(eac_fields(f->to.s), EAC_FIELD_DS, buf_view(&p->ds_cert))))
		rc = -ENOMEM;
	return rc;
}

static int
sign_and_keep(const struct filling *f, const struct pki *p, uint16_t fid, uint8_t sfi,
	      struct view infos)
{
	struct buf set = BUF(FILE_MAX), file = BUF(FILE_MAX);
	int rc;

	tlv_put(&set, 0x31, infos);
	rc = set.failed ? -ENOMEM : pki_sign(p, pki_oid_card_security, buf_view(&set), &file);
	if (rc == 0)
		rc = npa_set_file(f->to.s, f->to.s->fs.mf, fid, sfi, buf_view(&file));
	buf_free(&set);
	buf_free(&file);
	return rc;
}

/* Its SecurityInfos with keys of ours. */
static int
sign_again(const struct filling *f, const struct pki *p, struct view in)
{
	struct buf infos = BUF(FILE_MAX);
	int rc;

	eac_put_without_keys(&infos, in);
	rc = put_ca_key(f, ca_fields[0], &infos);
	rc = rc < 0 ? rc : put_ca_key(f, ca_fields[1], &infos);
	if (rc == 0)
		rc = sign_and_keep(f, p, CARD_SECURITY, CARD_SECURITY_SFI, buf_view(&infos));
	buf_free(&infos);
	return rc;
}

/* As it is, where it fits the card's key; without one its SecurityInfos, with keys of ours, signed by us. */
static int
security_by_file(const struct filling *f, const struct pki *p, const struct source *from)
{
	struct source key;
	struct buf file = BUF(FILE_MAX);
	struct view in = { .n = 0 };
	int rc = fill_take(f, from, &file);

	if (rc == 0 && !eac_signed_infos(buf_view(&file), &in))
		rc = fill_refuse(f, from, "EF.CardSecurity is not SecurityInfos in CMS SignedData");
	else if (rc == 0 && !fill_source(f, "ca-key", &key))
		rc = sign_again(f, p, in);
	else if (rc == 0 && !eac_has_ca_key(f->to.s, ca_fields[0], in))
		rc = fill_refuse(f, from, "the public key of EF.CardSecurity does not belong to %s",
				 key.bytes.p ? "key 41" : "--ca-key");
	else if (rc == 0)
		rc = npa_set_file(f->to.s, f->to.s->fs.mf, CARD_SECURITY, CARD_SECURITY_SFI,
				  buf_view(&file));
	if (rc == 0 && !field_set_flag(eac_fields(f->to.s), EAC_FIELD_GIVEN_SECURITY, true))
		rc = -ENOMEM;
	buf_free(&file);
	return rc;
}

static int
fill_card_security(const struct filling *f, const struct pki *p, struct view access)
{
	struct source from;
	struct buf infos = BUF(FILE_MAX);
	int rc;

	if (fill_source(f, "ef-cardsecurity", &from))
		return security_by_file(f, p, &from);
	rc = put_all_infos(f, access, &infos);
	if (rc == 0)
		rc = infos.failed ? -ENOMEM
				  : sign_and_keep(f, p, CARD_SECURITY, CARD_SECURITY_SFI,
						  buf_view(&infos));
	buf_free(&infos);
	return rc;
}

/* EF.ChipSecurity: the same with the key for privileged terminals. */
static int
fill_chip_security(const struct filling *f, const struct pki *p, struct view access,
		   const struct ca_keys *keys)
{
	struct buf infos = BUF(FILE_MAX);
	int rc;

	if (keys->privileged_id < 0)
		return 0;
	buf_put_view(&infos, access);
	buf_put_view(&infos, buf_view(&keys->privileged));
	rc = put_ca_key(f, EAC_FIELD_CA_KEY_PRIVILEGED, &infos);
	put_ri_infos(&infos);
	if (rc == 0)
		rc = infos.failed ? -ENOMEM
				  : sign_and_keep(f, p, CHIP_SECURITY, CHIP_SECURITY_SFI,
						  buf_view(&infos));
	buf_free(&infos);
	return rc;
}

static int
fill_signed_files(const struct filling *f, struct view access, const struct ca_keys *keys)
{
	struct pki p = PKI_INIT;
	int rc = open_issuer(f, &p);

	if (rc == 0)
		rc = fill_card_security(f, &p, access);
	if (rc == 0)
		rc = fill_chip_security(f, &p, access, keys);
	if (rc == 0)
		rc = fill_passport(f, &p);
	pki_free(&p);
	return rc;
}

int
fill_security(const struct filling *f)
{
	struct source from;
	struct buf infos = BUF(FILE_MAX), set = BUF(FILE_MAX);
	struct ca_keys keys = { .privileged_id = -1, .privileged = BUF(FILE_MAX) };
	int rc = fill_source(f, "ef-cardaccess", &from) ? access_by_file(f, &from, &keys, &infos)
							 : access_by_options(f, &keys, &infos);

	tlv_put(&set, 0x31, buf_view(&infos));
	if (rc == 0 && (infos.failed || set.failed || keys.privileged.failed))
		rc = -ENOMEM;
	if (rc == 0)
		rc = npa_set_file(f->to.s, f->to.s->fs.mf, CARD_ACCESS, CARD_ACCESS_SFI,
				  buf_view(&set));
	if (rc == 0)
		rc = make_keys(f, &keys);
	if (rc == 0)
		rc = fill_signed_files(f, buf_view(&infos), &keys);
	buf_free(&infos);
	buf_free(&set);
	buf_free(&keys.privileged);
	return rc;
}

/* --- --issue ---------------------------------------------------------------------------------- */

/* What is signed stays; where it is unreadable there is nothing to be signed. */
static int
issue_security(const struct filling *f, const struct pki *p, uint16_t fid, const char *name)
{
	struct file *ef = fs_child(f->to.s->fs.mf, fid);
	struct buf file = BUF(FILE_MAX);
	struct cms cms;
	int rc;

	if (!ef)
		return 0;
	if (!cms_read(buf_view(&ef->contents), &cms) || cms.content.n == 0)
		return eac_fail(&f->to, -EINVAL, "--issue: %s is not CMS SignedData", name);
	rc = pki_sign(p, pki_oid_card_security, cms.content, &file);
	if (rc == 0 && file_set_contents(&f->to.s->fs, ef, buf_view(&file)) != SW_OK)
		rc = -ENOMEM;
	buf_free(&file);
	return rc;
}

int
npa_issue(struct state *s, const struct card_config *cfg, char *error, size_t size)
{
	const struct filling f = { { s, cfg, error, size }, NULL };
	struct pki p = PKI_INIT;
	int rc;

	snprintf(error, size, "--issue: the card could not be signed");
	rc = open_issuer(&f, &p);
	if (rc == 0)
		rc = issue_security(&f, &p, CARD_SECURITY, "EF.CardSecurity");
	if (rc == 0)
		rc = issue_security(&f, &p, CHIP_SECURITY, "EF.ChipSecurity");
	if (rc == 0)
		rc = issue_passport(&f, &p);
	pki_free(&p);
	return rc;
}
