/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cli/mitm_chain.h"

#include "cards/plugin/mitm.h"
#include "cards/plugin/mitm_program.h"

static bool
mitm_open(struct mitm_instance *instance, const struct mitm_choice *who, int deadline,
	  const struct card_env *env)
{
	if (!who->module)
		return mitm_program_start(instance, who->path, deadline, env) == 0;
	*instance = (struct mitm_instance) {
		.name = who->path,
		.ops = module_mitm(who->module),
		.deadline = deadline,
	};
	instance->card = module_instance(who->module, env, &instance->size);
	if (!instance->card)
		log_error(env->log, "no memory for the middle-man %s", who->path);
	return instance->card;
}

struct card *
mitm_chain_open(struct card *card, const struct mitm_choice *mitms, size_t n, int deadline,
		const struct card_env *env)
{
	struct mitm_instance instance;

	while (card && n > 0) {
		n--;
		if (!mitm_open(&instance, &mitms[n], deadline, env)) {
			card_free(card);
			return NULL;
		}
		card = mitm_new(card, &instance, env);
	}
	return card;
}
