/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What is in the application of a passport, each against the others. */
#include "cards/eac/check.h"

#include <string.h>

#include "cards/eac/eac.h"
#include "cards/eac/lds.h"
#include "codec/mrz.h"
#include "codec/tlv.h"
#include "crypto/certify.h"
#include "crypto/cms.h"
#include "model/field.h"
#include "model/key.h"

/* The application that is being looked at. */
struct emrtd {
	const struct check *k;
	const struct file *df;
};

static bool
group_of(const struct emrtd *e, unsigned n, struct view *out)
{
	return check_contents(e->df, (uint16_t)(EMRTD_FID_GROUP + n), out);
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
check_group(const struct emrtd *e, unsigned n)
{
	struct view file, value;

	if (!group_of(e, n, &file))
		return;
	if (file.n == 0 || file.p[0] != lds_tag(n))
		check_say(e->k, "data group %u does not begin with its tag, %02X", n, lds_tag(n));
	else if (!value_of(file, lds_tag(n), &value))
		check_say(e->k, "data group %u is shorter than it says", n);
}

static void
check_com(const struct emrtd *e)
{
	static const uint32_t way[] = { 0x60, 0x5c, 0 };
	struct view file, list = { .n = 0 }, group;
	unsigned n;
	bool listed;

	if (!check_contents(e->df, EMRTD_FID_COM, &file) || !tlv_find_path(file, way, &list)) {
		check_say(e->k, "EF.COM is missing, or has no list of data groups");
		return;
	}
	for (n = 1; n <= LDS_GROUPS; n++) {
		listed = memchr(list.p, lds_tag(n), list.n) != NULL;
		if (group_of(e, n, &group) != listed)
			check_say(e->k,
				  listed ? "EF.COM lists data group %u, which is not there"
					 : "EF.COM does not list data group %u",
				  n);
	}
}

static void
check_groups(const struct emrtd *e)
{
	unsigned n;

	for (n = 1; n <= LDS_GROUPS; n++)
		check_group(e, n);
	check_com(e);
}

/* --- the holder ------------------------------------------------------------------------------- */

static void
check_password(const struct emrtd *e, const struct mrz *mrz)
{
	const struct sam_pin *pin = sam_pin_find(&e->k->s->sam, 0, EAC_MRZ);
	struct buf information = BUF(MRZ_INFORMATION_MAX);

	mrz_put_information(mrz, &information);
	if (!pin || !secret_equal(secret_view(&pin->code.value), buf_view(&information)))
		check_say(e->k, "PIN 1 is not what the MRZ in field \"" EMRTD_FIELD_MRZ "\" gives");
	buf_free(&information);
}

static void
check_mrz(const struct emrtd *e)
{
	static const uint32_t way[] = { 0x61, 0x5f1f, 0 };
	const struct view text = props_get(&e->df->props, EMRTD_FIELD_MRZ);
	struct view file, given = { .n = 0 };
	char fault[MRZ_FAULT_SIZE];
	struct mrz mrz;

	if (!mrz_read_unchecked(&mrz, text, fault)) {
		check_say(e->k, "field \"" EMRTD_FIELD_MRZ "\": %s", fault);
		return;
	}
	if (group_of(e, 1, &file) &&
	    (!tlv_find_path(file, way, &given) || !view_equal(given, text)))
		check_say(e->k, "data group 1 has another MRZ than field \"" EMRTD_FIELD_MRZ "\"");
	check_password(e, &mrz);
}

/* --- EF.SOD ----------------------------------------------------------------------------------- */

static void
check_hash(const struct emrtd *e, const struct lds_hashes *hashes, unsigned n)
{
	const struct view wanted = hashes->of[n];
	struct buf hash = BUF(DIGEST_MAX);
	struct view group;
	const bool there = group_of(e, n, &group);

	if (there != (wanted.n > 0))
		check_say(e->k,
			  there ? "EF.SOD has no hash of data group %u"
				: "EF.SOD has a hash of data group %u, which is not there",
			  n);
	else if (there && (digest_once(hashes->digest, group, &hash) < 0 ||
			   !view_equal(buf_view(&hash), wanted)))
		check_say(e->k, "EF.SOD has another hash of data group %u", n);
	buf_free(&hash);
}

static void
check_sod(const struct emrtd *e)
{
	struct lds_hashes hashes;
	struct view file, sod;
	struct cms cms;
	unsigned n;

	if (!check_contents(e->df, EMRTD_FID_SOD, &file)) {
		check_say(e->k, "EF.SOD is missing");
		return;
	}
	if (!value_of(file, LDS_SOD, &sod) || !cms_read(sod, &cms) ||
	    !lds_read_hashes(cms.content, &hashes)) {
		check_say(e->k, "EF.SOD is not hashes of data groups in CMS SignedData");
		return;
	}
	for (n = 1; n <= LDS_GROUPS; n++)
		check_hash(e, &hashes, n);
	check_signed(e->k, "EF.SOD", &e->df->props, sod, cms.certificate);
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
check_aa(const struct emrtd *e)
{
	struct sam_key *key = sam_key_find(&e->k->s->sam, e->df->uid, EMRTD_KEY_AA);
	struct buf ours = BUF(CERTIFY_SIZE_MAX), theirs = BUF(CERTIFY_SIZE_MAX);
	struct import_key public = { .rsa = NULL };
	struct view file, info = { .n = 0 };

	if (group_of(e, 15, &file) != (key != NULL)) {
		check_say(e->k,
			  key ? "there is a key of active authentication, and no data group 15"
			      : "there is data group 15, and no key of active authentication");
	} else if (key) {
		public = key_asym(key);
		if (certify_put_key(&public, &ours) < 0 || !value_of(file, lds_tag(15), &info) ||
		    !put_same_key(info, &theirs) || !view_equal(buf_view(&ours), buf_view(&theirs)))
			check_say(e->k, "data group 15 is not the key of active authentication");
	}
	buf_free(&ours);
	buf_free(&theirs);
}

static void
check_chip(const struct emrtd *e)
{
	struct view file, value, infos;

	if (!group_of(e, 14, &file))
		return;
	if (!value_of(file, lds_tag(14), &value) || !secinfo_open(value, &infos))
		check_say(e->k, "data group 14 is not a SET of SecurityInfos");
	else
		check_infos(e->k, "data group 14", infos);
}

void
check_emrtd(const struct check *k, const struct file *df)
{
	static void (*const checks[])(const struct emrtd *e) = {
		check_groups, check_mrz, check_sod, check_aa, check_chip,
	};
	const struct emrtd e = { k, df };
	size_t i;

	for (i = 0; i < sizeof(checks) / sizeof(*checks); i++)
		checks[i](&e);
}
