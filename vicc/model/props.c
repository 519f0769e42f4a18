/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "model/props.h"

#include <stdlib.h>
#include <string.h>

static struct prop **
find_prop(const struct props *p, const char *name)
{
	/* the list's head is as good as any link to hang the next on */
	struct prop **at = (struct prop **)(uintptr_t)&p->first;

	while (*at && strcmp((*at)->name, name) != 0)
		at = &(*at)->next;
	return at;
}

struct view
props_get(const struct props *p, const char *name)
{
	const struct prop *found = *find_prop(p, name);

	return found ? buf_view(&found->value) : view_of(NULL, 0);
}

bool
props_has(const struct props *p, const char *name)
{
	return *find_prop(p, name) != NULL;
}

static void
free_prop(struct prop *p)
{
	buf_free(&p->value);
	free(p->name);
	free(p);
}

static struct prop *
new_prop(const char *name)
{
	struct prop *p = calloc(1, sizeof(*p));

	if (!p)
		return NULL;
	p->value.max = PROPS_VALUE_MAX;
	p->name = strdup(name);
	if (!p->name) {
		free(p);
		return NULL;
	}
	return p;
}

static bool
is_full(const struct props *p)
{
	const struct prop *at;
	size_t n = 0;

	for (at = p->first; at; at = at->next)
		n++;
	return n >= PROPS_MAX;
}

size_t
props_size(const struct props *p)
{
	const struct prop *at;
	size_t n = 0;

	for (at = p->first; at; at = at->next)
		n += strlen(at->name) + at->value.n;
	return n;
}

bool
props_set(struct props *p, const char *name, struct view value)
{
	struct prop **at = find_prop(p, name), *fresh = *at;

	if (!fresh && !is_full(p))
		fresh = new_prop(name);
	if (!fresh)
		return false;
	if (!buf_set(&fresh->value, value)) {
		if (!*at)
			free_prop(fresh);
		return false;
	}
	*at = fresh;
	p->changed = true;
	return true;
}

uint8_t *
props_change(struct props *p, const char *name, size_t n)
{
	struct prop *prop = *find_prop(p, name);

	if (!prop || prop->value.n != n)
		return NULL;
	p->changed = true;
	return prop->value.p;
}

void
props_remove(struct props *p, const char *name)
{
	struct prop **at = find_prop(p, name), *gone = *at;

	if (!gone)
		return;
	*at = gone->next;
	free_prop(gone);
	p->changed = true;
}

void
props_clear(struct props *p)
{
	struct prop *next;

	for (; p->first; p->first = next) {
		next = p->first->next;
		free_prop(p->first);
	}
}
