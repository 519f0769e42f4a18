/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Rules: "never", "always", "any of pin 1, local key 2, sm". */
#include "image/reading.h"

#include <stdlib.h>
#include <string.h>

#include "image/text.h"

static bool
take_word(const char **text, const char *word)
{
	size_t n = strlen(word);

	if (strncmp(*text, word, n) != 0)
		return false;
	*text += n;
	return true;
}

/* pin N or key N, local in front where it is not the card's. */
static bool
take_reference(const char **text, struct sam_rule *rule)
{
	struct auth *auth = take_word(text, "local ") ? &rule->local : &rule->global;
	uint32_t *set;
	char *end;
	unsigned long n;

	if (take_word(text, "pin "))
		set = &auth->user;
	else if (take_word(text, "key "))
		set = &auth->external;
	else
		return false;
	if (**text < '0' || **text > '9')
		return false;
	n = strtoul(*text, &end, 10);
	*text = end;
	if (n > 31)
		return false;
	*set |= UINT32_C(1) << n;
	return true;
}

static bool
parse_rule(const char *text, struct sam_rule *rule)
{
	unsigned grant;

	*rule = (struct sam_rule) { .grant = SAM_NEVER };
	for (grant = 0; image_grants[grant] && !take_word(&text, image_grants[grant]); grant++)
		;
	if (!image_grants[grant])
		return false;
	rule->grant = (enum sam_grant)grant;
	if (*text == '\0')
		return true;
	if (!take_word(&text, " of "))
		return false;
	do {
		if (take_word(&text, "sm"))
			rule->sm = true;
		else if (!take_reference(&text, rule))
			return false;
	} while (take_word(&text, ", "));
	return *text == '\0';
}

bool
image_read_rule(struct json_reader *r, const json_t *v, const struct json_field *f, void *into)
{
	(void)f;
	if (json_is_string(v) && parse_rule(json_string_value(v), into))
		return true;
	return json_refuse(r, "expected \"never\", \"always\", or a rule such as "
			      "\"any of pin 1, local key 2, sm\"");
}
