/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cli/middle.h"

#include "cards/plugin/mitm.h"
#include "cards/plugin/mitm_program.h"

static bool
hire(struct mitm_man *man, const struct middle *who, int deadline, const struct card_env *env)
{
	if (!who->module)
		return mitm_program_start(man, who->path, deadline, env) == 0;
	*man = (struct mitm_man) {
		.name = who->path,
		.ops = module_mitm(who->module),
		.deadline = deadline,
	};
	man->card = module_instance(who->module, env, &man->size);
	if (!man->card)
		log_error(env->log, "no memory for the middle-man %s", who->path);
	return man->card;
}

struct card *
middle_stand(struct card *card, const struct middle *men, size_t n, int deadline, const struct card_env *env)
{
	struct mitm_man man;

	while (card && n > 0) {
		n--;
		if (!hire(&man, &men[n], deadline, env)) {
			card_free(card);
			return NULL;
		}
		card = mitm_new(card, &man, env);
	}
	return card;
}
