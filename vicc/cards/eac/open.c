/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The card_type.open of a document: options of a card that is new, and of one that is written. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cards/eac/eac.h"
#include "model/field.h"

/* What may be chosen for a card that is written, too. */
int
eac_configure(struct state *s, const struct card_config *cfg)
{
	const char *date = card_value(cfg, EAC_OPTION_DATE);
	const bool no_checks = card_value(cfg, EAC_OPTION_NO_TA_CHECKS);

	if (date &&
	    !field_set_number(eac_fields(s), EAC_FIELD_DATE, (uint32_t)strtoul(date, NULL, 10)))
		return -ENOMEM;
	if (no_checks && !field_set_flag(eac_fields(s), EAC_FIELD_NO_TA_CHECKS, true))
		return -ENOMEM;
	/* opening a card takes what is on it for what is kept: not so what was issued again */
	if (date || no_checks || card_value(cfg, EAC_OPTION_ISSUE))
		s->fs.changed = true;
	return 0;
}

bool
eac_issue(eac_issue_fn *issue, const struct card_config *cfg, const struct card_env *env)
{
	char error[512] = "--" EAC_OPTION_PKI ": the card is written already: --" EAC_OPTION_ISSUE
			  " signs it again";
	int rc = 0;

	if (cfg->is_new)
		return true;
	if (card_value(cfg, EAC_OPTION_ISSUE))
		rc = issue(cfg->state, cfg, error, sizeof(error));
	else if (card_value(cfg, EAC_OPTION_PKI))
		rc = -EEXIST;
	if (rc == 0)
		return true;
	log_error(env->log, "%s", error);
	state_free(cfg->state);
	return false;
}

/* An option that would make another card of one that is written; NULL: there is none. */
static const char *
late_option(const struct card_type *t, const struct card_config *cfg)
{
	const struct card_value *v;

	for (v = cfg->is_new ? NULL : cfg->values; v && v->name; v++) {
		if (!(card_option_find(t, v->name)->flags & CARD_OPTION_LATE))
			return v->name;
	}
	return NULL;
}

/* Whose keys EF.CardSecurity has, which is not what was given. */
static void
warn_of_keys(const struct card_config *cfg, const struct card_env *env)
{
	const char *path = card_value(cfg, EAC_OPTION_CARD_SECURITY);

	if (cfg->is_new && path && !card_value(cfg, EAC_OPTION_CA_KEY) &&
	    !card_value(cfg, EAC_OPTION_PROFILE))
		log_notice(env->log,
			   "--" EAC_OPTION_CARD_SECURITY " %s: without --" EAC_OPTION_CA_KEY
			   " the card has keys of its own in it, and signs it itself",
			   path);
}

struct card *
eac_open(const struct card_type *t, const struct card_config *cfg, const struct card_env *env)
{
	const char *late = late_option(t, cfg);

	warn_of_keys(cfg, env);
	if (!late)
		return iso_open(t, cfg, env);
	log_error(env->log, "--%s: the card is written already: choose another --file", late);
	state_free(cfg->state);
	return NULL;
}
