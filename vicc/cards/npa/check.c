/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What is on an identity card, each against the others: a tester may have changed one of them by hand. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "cards/eac/pki.h"
#include "cards/npa/npa.h"
#include "codec/tlv.h"
#include "crypto/cms.h"

#define SAYS_MAX 160 /* characters of a line */
#define CARD_ACCESS 0x011c

struct check {
	struct state *s;
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

static void
check_groups(const struct check *k)
{
	const struct file *ef;
	struct view in;
	struct tlv t;
	unsigned n;

	for (n = 1; n <= NPA_DATA_GROUPS; n++) {
		ef = npa_data_group(k->s, n);
		in = ef ? buf_view(&ef->contents) : view_of(NULL, 0);
		if (ef && (!tlv_next(&in, &t) || t.tag != 0x60u + n || in.n > 0))
			mismatch(k, "data group %u is not one object with tag %02X", n, 0x60u + n);
	}
}

/* --- SecurityInfos --------------------------------------------------------------------------- */

/* A number, without zeros before it. */
static struct view
number_of(struct view v)
{
	while (v.n > 0 && v.p[0] == 0)
		v = view_slice(v, 1, v.n);
	return v;
}

/* Whether the card has the private key. */
static bool
is_ours(const struct check *k, const struct secinfo *info)
{
	static const char *const fields[] = { EAC_FIELD_CA_KEY, EAC_FIELD_CA_KEY_2,
					      EAC_FIELD_CA_KEY_PRIVILEGED };
	bool same = false;
	size_t i;

	for (i = 0; i < 3 && !same; i++) {
		struct buf public = BUF(GROUP_ELEMENT_MAX);
		struct eac_key key = { .id = 0 };

		if (eac_key_get(k->s, fields[i], &key) == 0 && eac_key_public(&key, &public) == 0)
			same = (!info->has_id || info->id == key.id) &&
			       view_equal(number_of(buf_view(&public)), number_of(info->public));
		secret_wipe(&key.d);
		buf_free(&public);
	}
	return same;
}

/* Keys are the card's, and what EF.CardAccess says stands there, too. */
static void
check_infos(const struct check *k, const char *name, struct view infos, struct view access)
{
	struct view in = infos;
	struct secinfo info;

	while (secinfo_next(&in, &info)) {
		if (info.kind == SECINFO_CA_KEY && !is_ours(k, &info))
			mismatch(k, "%s has a key of chip authentication that is not the card's",
				 name);
	}
	while (secinfo_next(&access, &info)) {
		if (!memmem(infos.p, infos.n, info.whole.p, info.whole.n)) {
			mismatch(k, "%s does not say what EF.CardAccess says", name);
			return;
		}
	}
}

static void
check_signed(const struct check *k, const char *name, struct view file)
{
	const struct view ca = props_get(eac_fields(k->s), NPA_FIELD_CSCA),
			  ds = props_get(eac_fields(k->s), NPA_FIELD_DS);
	struct cms cms;
	int rc = cms_verify(file, ca);

	if (cms_read(file, &cms) && !view_equal(cms.certificate, ds))
		mismatch(k, "%s has another certificate than field \"" NPA_FIELD_DS "\"", name);
	if (rc == -EKEYREJECTED)
		mismatch(k, "the signer of %s is not by the CA of field \"" NPA_FIELD_CSCA "\"",
			 name);
	else if (rc < 0)
		mismatch(k, "the signature of %s is wrong", name);
}

static void
check_security(const struct check *k, uint16_t fid, const char *name, struct view access)
{
	const struct file *ef = fs_child(k->s->fs.mf, fid);
	struct view infos;

	if (!ef)
		return;
	if (!npa_signed_infos(buf_view(&ef->contents), &infos)) {
		mismatch(k, "%s is not SecurityInfos in CMS SignedData", name);
		return;
	}
	check_infos(k, name, infos, access);
	check_signed(k, name, buf_view(&ef->contents));
}

static void
check_all_infos(const struct check *k)
{
	const struct file *ef = fs_child(k->s->fs.mf, CARD_ACCESS);
	struct view access = { .n = 0 };

	if (!ef || !secinfo_open(buf_view(&ef->contents), &access))
		mismatch(k, "EF.CardAccess is not a SET of SecurityInfos");
	check_security(k, 0x011d, "EF.CardSecurity", access);
	check_security(k, 0x011b, "EF.ChipSecurity", access);
}

void
npa_check(struct state *s, card_say_fn *say, void *ctx)
{
	const struct check k = { .s = s, .say = say, .ctx = ctx };

	check_groups(&k);
	check_all_infos(&k);
}
