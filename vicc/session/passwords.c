/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "session/passwords.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "cli/pinfile.h"

/* In capitals, and no other way, as PIN1 is. */
static const struct card_option *
option_of(const struct card_type *type, const char *name)
{
	const struct card_option *option = type->options;

	if (name[strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZ-")])
		return NULL;
	while (option && option->name && strcasecmp(option->name, name) != 0)
		option++;
	return option && option->name && option->flags & CARD_OPTION_SECRET ? option : NULL;
}

static int
take_password(const struct options *o, const struct prop *line, char *text, size_t n_text,
	      struct card_value *out, char *error, size_t size)
{
	const struct card_option *option = option_of(o->type, line->name);
	const struct card_config given = { .values = o->own };
	const char *wanted;

	/* what a script, a recording or a PIN pad takes out of the same file has names of its own */
	if (!option && (o->script || o->record || o->pad))
		return 0;
	if (!option) {
		snprintf(error, size, "--pin-file %s: a card of type %s has no %s", o->pin_file,
			 o->type->name, line->name);
		return -EINVAL;
	}
	if (card_value(&given, option->name))
		return 0;
	assert(line->value.n < n_text); /* pinfile_read sees to it */
	memcpy(text, line->value.p, line->value.n);
	wanted = strlen(text) != line->value.n ? "text"
		 : option->fault               ? option->fault(text)
					       : NULL;
	if (wanted) {
		snprintf(error, size, "--pin-file %s: %s needs %s", o->pin_file, line->name,
			 wanted);
		return -EINVAL;
	}
	*out = (struct card_value) { option->name, text };
	return 0;
}

int
passwords_take(const struct options *o, struct passwords *out, char *error, size_t size)
{
	struct props lines = { .first = NULL };
	const struct prop *line;
	size_t n = 0, i = 0;
	int rc = 0;

	*out = (struct passwords) { .values = { { NULL, NULL } } };
	while (o->own[n].name) {
		out->values[n] = o->own[n];
		n++;
	}
	if (o->pin_file)
		rc = pinfile_read(&lines, o->pin_file, error, size);
	for (line = lines.first; rc == 0 && line && i < PASSWORDS_MAX; line = line->next) {
		rc = take_password(o, line, out->text[i], sizeof(out->text[i]), &out->values[n],
				   error, size);
		if (rc == 0 && out->values[n].name) {
			n++;
			i++;
		}
	}
	props_clear(&lines);
	return rc;
}
