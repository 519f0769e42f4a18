/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What is on a passport, each against the others: a tester may have changed one of them by hand. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "cards/eac/eac.h"
#include "cards/eac/lds.h"
#include "cards/eac/pki.h"
#include "cards/epass/epass.h"
#include "codec/mrz.h"
#include "codec/tlv.h"
#include "crypto/certify.h"
#include "crypto/cms.h"
#include "model/field.h"
#include "model/key.h"

#define SAYS_MAX 160 /* characters of a line */

struct check {
	struct state *s;
	const struct file *df; /* the application's */
	card_say_fn *say;
	void *ctx;
};

static void mismatch(const struct check *k, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

static void
mismatch(const struct check *k, const char *fmt, ...)
{
	char line[SAYS_MAX];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	k->say(k->ctx, line);
}

/* Its contents; false: there is no such file. */
static bool
contents_of(const struct file *df, uint16_t fid, struct view *out)
{
	const struct file *ef = fs_child(df, fid);

	*out = ef ? buf_view(&ef->contents) : view_of(NULL, 0);
	return ef != NULL;
}

static bool
group_of(const struct check *k, unsigned n, struct view *out)
{
	return contents_of(k->df, (uint16_t)(EMRTD_FID_GROUP + n), out);
}

/* What is in the one object that a file is. */
static bool
value_of(struct view file, uint32_t tag, struct view *value)
{
	struct tlv t;

	if (!tlv_next(&file, &t) || t.tag != tag)
		return false;
	*value = t.value;
	return true;
}

/* --- data groups, EF.COM ---------------------------------------------------------------------- */

static void
check_group(const struct check *k, unsigned n)
{
	struct view file, value;

	if (!group_of(k, n, &file))
		return;
	if (file.n == 0 || file.p[0] != lds_tag(n))
		mismatch(k, "data group %u does not begin with its tag, %02X", n, lds_tag(n));
	else if (!value_of(file, lds_tag(n), &value))
		mismatch(k, "data group %u is shorter than it says", n);
}

static void
check_com(const struct check *k)
{
	static const uint32_t way[] = { 0x60, 0x5c, 0 };
	struct view file, list = { .n = 0 }, group;
	unsigned n;
	bool listed;

	if (!contents_of(k->df, EMRTD_FID_COM, &file) || !tlv_find_path(file, way, &list)) {
		mismatch(k, "EF.COM is missing, or has no list of data groups");
		return;
	}
	for (n = 1; n <= LDS_GROUPS; n++) {
		listed = memchr(list.p, lds_tag(n), list.n) != NULL;
		if (group_of(k, n, &group) != listed)
			mismatch(k,
				 listed ? "EF.COM lists data group %u, which is not there"
					: "EF.COM does not list data group %u",
				 n);
	}
}

static void
check_groups(const struct check *k)
{
	unsigned n;

	for (n = 1; n <= LDS_GROUPS; n++)
		check_group(k, n);
	check_com(k);
}

/* --- the holder ------------------------------------------------------------------------------- */

static void
check_password(const struct check *k, const struct mrz *mrz)
{
	const struct sam_pin *pin = sam_pin_find(&k->s->sam, 0, EAC_MRZ);
	struct buf information = BUF(MRZ_INFORMATION_MAX);

	mrz_put_information(mrz, &information);
	if (!pin || !secret_equal(secret_view(&pin->code.value), buf_view(&information)))
		mismatch(k, "PIN 1 is not what the MRZ in field \"" EMRTD_FIELD_MRZ "\" gives");
	buf_free(&information);
}

static void
check_mrz(const struct check *k)
{
	static const uint32_t way[] = { 0x61, 0x5f1f, 0 };
	const struct view text = props_get(&k->df->props, EMRTD_FIELD_MRZ);
	struct view file, given = { .n = 0 };
	char fault[MRZ_FAULT_SIZE];
	struct mrz mrz;

	if (!mrz_read_unchecked(&mrz, text, fault)) {
		mismatch(k, "field \"" EMRTD_FIELD_MRZ "\": %s", fault);
		return;
	}
	if (group_of(k, 1, &file) &&
	    (!tlv_find_path(file, way, &given) || !view_equal(given, text)))
		mismatch(k, "data group 1 has another MRZ than field \"" EMRTD_FIELD_MRZ "\"");
	check_password(k, &mrz);
}

/* --- EF.SOD ----------------------------------------------------------------------------------- */

static void
check_hash(const struct check *k, const struct lds_hashes *hashes, unsigned n)
{
	const struct view wanted = hashes->of[n];
	struct buf hash = BUF(DIGEST_MAX);
	struct view group;
	const bool there = group_of(k, n, &group);

	if (there != (wanted.n > 0))
		mismatch(k,
			 there ? "EF.SOD has no hash of data group %u"
			       : "EF.SOD has a hash of data group %u, which is not there",
			 n);
	else if (there && (digest_once(hashes->digest, group, &hash) < 0 ||
			   !view_equal(buf_view(&hash), wanted)))
		mismatch(k, "EF.SOD has another hash of data group %u", n);
	buf_free(&hash);
}

/* Who has signed, and whether the fields of the DF say so. */
static void
check_signed(const struct check *k, const char *name, struct view signed_data, struct view signer)
{
	const struct view ca = props_get(&k->df->props, EMRTD_FIELD_CSCA);
	int rc;

	if (!view_equal(signer, props_get(&k->df->props, EMRTD_FIELD_DS)))
		mismatch(k, "%s has another certificate than field \"" EMRTD_FIELD_DS "\"", name);
	rc = cms_verify(signed_data, ca);
	if (rc == -EKEYREJECTED)
		mismatch(k, "the signer of %s is not by the CA of field \"" EMRTD_FIELD_CSCA "\"",
			 name);
	else if (rc < 0)
		mismatch(k, "the signature of %s is wrong", name);
}

static void
check_sod(const struct check *k)
{
	struct lds_hashes hashes;
	struct view file, sod;
	struct cms cms;
	unsigned n;

	if (!contents_of(k->df, EMRTD_FID_SOD, &file)) {
		mismatch(k, "EF.SOD is missing");
		return;
	}
	if (!value_of(file, LDS_SOD, &sod) || !cms_read(sod, &cms) ||
	    !lds_read_hashes(cms.content, &hashes)) {
		mismatch(k, "EF.SOD is not hashes of data groups in CMS SignedData");
		return;
	}
	for (n = 1; n <= LDS_GROUPS; n++)
		check_hash(k, &hashes, n);
	check_signed(k, "EF.SOD", sod, cms.certificate);
}

/* --- keys ------------------------------------------------------------------------------------- */

/* SubjectPublicKeyInfo, as we write it. */
static bool
put_same_key(struct view info, struct buf *out)
{
	struct import_key key = { .rsa = NULL };
	const bool read = import_key_read(&key, info) == 0 && certify_put_key(&key, out) == 0;

	import_key_free(&key);
	return read;
}

static void
check_aa(const struct check *k)
{
	struct sam_key *key = sam_key_find(&k->s->sam, k->df->uid, EMRTD_KEY_AA);
	struct buf ours = BUF(CERTIFY_SIZE_MAX), theirs = BUF(CERTIFY_SIZE_MAX);
	struct import_key public = { .rsa = NULL };
	struct view file, info = { .n = 0 };

	if (group_of(k, 15, &file) != (key != NULL)) {
		mismatch(k, key ? "there is a key of active authentication, and no data group 15"
				: "there is data group 15, and no key of active authentication");
	} else if (key) {
		public = key_asym(key);
		if (certify_put_key(&public, &ours) < 0 || !value_of(file, lds_tag(15), &info) ||
		    !put_same_key(info, &theirs) || !view_equal(buf_view(&ours), buf_view(&theirs)))
			mismatch(k, "data group 15 is not the key of active authentication");
	}
	buf_free(&ours);
	buf_free(&theirs);
}

/* Whether one of the card's keys of chip authentication has this public key. */
static bool
is_ours(const struct check *k, const struct secinfo *info)
{
	return eac_has_ca_key(k->s, EAC_FIELD_CA_KEY, info->whole) ||
	       eac_has_ca_key(k->s, EAC_FIELD_CA_KEY_2, info->whole);
}

/* SecurityInfos of a file: keys are the card's, and what EF.CardAccess says stands there, too. */
static void
check_infos(const struct check *k, const char *name, struct view infos)
{
	struct view all, access = { .n = 0 }, in = infos;
	struct secinfo info;

	while (secinfo_next(&in, &info)) {
		if (info.kind == SECINFO_CA_KEY && !is_ours(k, &info))
			mismatch(k, "%s has a key of chip authentication that is not the card's",
				 name);
	}
	if (contents_of(k->s->fs.mf, EPASS_FID_CARD_ACCESS, &all))
		secinfo_open(all, &access);
	while (secinfo_next(&access, &info)) {
		if (!memmem(infos.p, infos.n, info.whole.p, info.whole.n)) {
			mismatch(k, "%s does not say what EF.CardAccess says", name);
			return;
		}
	}
}

static void
check_chip(const struct check *k)
{
	struct view file, value, infos;

	if (!group_of(k, 14, &file))
		return;
	if (!value_of(file, lds_tag(14), &value) || !secinfo_open(value, &infos))
		mismatch(k, "data group 14 is not a SET of SecurityInfos");
	else
		check_infos(k, "data group 14", infos);
}

static void
check_card_security(const struct check *k)
{
	struct view file, infos;
	struct cms cms;

	if (!contents_of(k->s->fs.mf, EPASS_FID_CARD_SECURITY, &file))
		return;
	if (!cms_read(file, &cms) || !secinfo_open(cms.content, &infos)) {
		mismatch(k, "EF.CardSecurity is not SecurityInfos in CMS SignedData");
		return;
	}
	check_infos(k, "EF.CardSecurity", infos);
	check_signed(k, "EF.CardSecurity", file, cms.certificate);
}

void
epass_check(struct state *s, card_say_fn *say, void *ctx)
{
	static void (*const checks[])(const struct check *k) = {
		check_groups, check_mrz, check_sod, check_aa, check_chip, check_card_security,
	};
	const struct check k = { .s = s, .df = emrtd_df(s), .say = say, .ctx = ctx };
	size_t i;

	if (!k.df) {
		mismatch(&k, "there is no DF of application %s", emrtd_app.schema.name);
		return;
	}
	for (i = 0; i < sizeof(checks) / sizeof(*checks); i++)
		checks[i](&k);
}
