/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cards/eac/check.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "cards/eac/eac.h"
#include "cards/eac/lds.h"
#include "crypto/cms.h"
#include "model/field.h"

#define SAYS_MAX 160 /* characters of a line */
#define CARD_ACCESS 0x011c

void
check_say(const struct check *k, const char *fmt, ...)
{
	char line[SAYS_MAX];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	k->say(k->ctx, line);
}

bool
check_contents(const struct file *df, uint16_t fid, struct view *out)
{
	const struct file *ef = fs_child(df, fid);

	*out = ef ? buf_view(&ef->contents) : view_of(NULL, 0);
	return ef != NULL;
}

/* --- SecurityInfos --------------------------------------------------------------------------- */

/* Whether one of the card's keys of chip authentication has this public key. */
static bool
is_of_card(const struct check *k, const struct secinfo *info)
{
	return eac_has_ca_key(k->s, EAC_FIELD_CA_KEY, info->whole) ||
	       eac_has_ca_key(k->s, EAC_FIELD_CA_KEY_2, info->whole) ||
	       eac_has_ca_key(k->s, EAC_FIELD_CA_KEY_PRIVILEGED, info->whole);
}

void
check_infos(const struct check *k, const char *name, struct view infos)
{
	struct view all, access = { .n = 0 }, in = infos;
	struct secinfo info;

	while (secinfo_next(&in, &info)) {
		if (info.kind == SECINFO_CA_KEY && !is_of_card(k, &info))
			check_say(k, "%s has a key of chip authentication that is not the card's",
				  name);
	}
	if (check_contents(k->s->fs.mf, CARD_ACCESS, &all))
		secinfo_open(all, &access);
	while (secinfo_next(&access, &info)) {
		if (!memmem(infos.p, infos.n, info.whole.p, info.whole.n)) {
			check_say(k, "%s does not say what EF.CardAccess says", name);
			return;
		}
	}
}

/* --- signatures ------------------------------------------------------------------------------ */

void
check_signed(const struct check *k, const char *name, const struct props *fields,
	     struct view signed_data, struct view signer)
{
	int rc;

	if (!view_equal(signer, props_get(fields, EAC_FIELD_DS)))
		check_say(k, "%s has another certificate than field \"" EAC_FIELD_DS "\"", name);
	rc = cms_verify(signed_data, props_get(fields, EAC_FIELD_CSCA));
	if (rc == -EKEYREJECTED)
		check_say(k, "the signer of %s is not by the CA of field \"" EAC_FIELD_CSCA "\"",
			  name);
	else if (rc == -ENOMEM)
		check_say(k, "no memory to check the signature of %s", name);
	else if (rc < 0)
		check_say(k, "the signature of %s is wrong", name);
}

void
check_security(const struct check *k, uint16_t fid, const char *name, const struct props *fields)
{
	struct view file, infos;
	struct cms cms;

	if (!check_contents(k->s->fs.mf, fid, &file) ||
	    (k->starting && field_flag(eac_fields(k->s), EAC_FIELD_GIVEN_SECURITY)))
		return;
	if (!cms_read(file, &cms) || !secinfo_open(cms.content, &infos)) {
		check_say(k, "%s is not SecurityInfos in CMS SignedData", name);
		return;
	}
	check_infos(k, name, infos);
	check_signed(k, name, fields, file, cms.certificate);
}

/* --- a card that starts ---------------------------------------------------------------------- */

static void
log_line(void *ctx, const char *line)
{
	const struct card_env *env = ctx;

	log_notice(env->log, "%s", line);
}

void
check_logged(void (*check)(const struct check *k), const struct card_config *cfg,
	     const struct card_env *env)
{
	struct card_env to = *env;

	/* all else on a new card was made a moment ago */
	if (cfg->is_new && !field_flag(eac_fields(cfg->state), EAC_FIELD_GIVEN_SECURITY))
		return;
	check(&(struct check) {
		.s = cfg->state, .say = log_line, .ctx = &to, .starting = !cfg->is_new });
}
