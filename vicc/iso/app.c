/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "iso/app.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "iso/iso.h"

#define MEMORY_ALIGN _Alignof(max_align_t)
#define MEMORY_ROUND(n) (((n) + MEMORY_ALIGN - 1) / MEMORY_ALIGN * MEMORY_ALIGN)

/* --- flattening --------------------------------------------------------------------- */

static bool
class_matches(const struct instr *row, uint8_t cla)
{
	return row->cla_mask ? (cla & row->cla_mask) == row->cla : iso_is_interindustry(cla);
}

/* One that names no base builds on the root of the card. */
static void
chain_bases(struct app *a, const struct iso_app *app, const struct iso_app *root)
{
	const struct iso_app *d = app;

	for (; d; d = d->base) {
		assert(a->n_chain < ISO_BASES_MAX);
		a->chain[a->n_chain++] = d;
		a->memory += MEMORY_ROUND(d->memory);
	}
	a->n_own = a->n_chain;
	for (d = app != root && !app->base ? root : NULL; d; d = d->base) {
		assert(a->n_chain < ISO_BASES_MAX);
		a->chain[a->n_chain++] = d;
	}
}

static size_t
count_rows(const struct app *a)
{
	const struct instr *row;
	size_t i, n = 0;

	for (i = 0; i < a->n_chain; i++) {
		for (row = a->chain[i]->rows; row && row->name; row++)
			n++;
	}
	return n;
}

/* Put a row in order of INS, in the place of the one that it overrides. */
static void
put_row(struct app *a, const struct instr *row)
{
	size_t i = 0;

	for (; i < a->n_rows && a->rows[i]->ins <= row->ins; i++) {
		if (a->rows[i]->ins == row->ins && a->rows[i]->cla == row->cla &&
		    a->rows[i]->cla_mask == row->cla_mask) {
			a->rows[i] = row;
			return;
		}
	}
	memmove(&a->rows[i + 1], &a->rows[i], (a->n_rows - i) * sizeof(*a->rows));
	a->rows[i] = row;
	a->n_rows++;
}

/* The base's rows first, so that those built on it replace them. */
static void
put_rows(struct app *a)
{
	const struct instr *row;
	size_t i;

	for (i = a->n_chain; i > 0; i--) {
		for (row = a->chain[i - 1]->rows; row && row->name; row++)
			put_row(a, row);
	}
}

static void
drop_removed_rows(struct app *a)
{
	size_t i, kept = 0;

	for (i = 0; i < a->n_rows; i++) {
		if (a->rows[i]->fn)
			a->rows[kept++] = a->rows[i];
	}
	a->n_rows = kept;
}

static void
index_rows(struct app *a)
{
	unsigned ins;
	size_t i = 0;

	for (ins = 0; ins <= 256; ins++) {
		while (i < a->n_rows && a->rows[i]->ins < ins)
			i++;
		a->first[ins] = (uint16_t)i;
	}
}

static void
inherit(struct app *a, const struct iso_app *d)
{
#define INHERIT(type, name, parameters) \
	if (d->hooks.name) \
		a->hooks.name = d->hooks.name;
	ISO_HOOKS(INHERIT)
#undef INHERIT
	if (d->algorithms)
		a->algorithms = d->algorithms;
	if (d->order != ISO_ORDER_OF_BASE)
		a->order = d->order;
}

bool
app_flatten(struct app *a, const struct iso_app *app, const struct iso_app *root)
{
	size_t i;

	*a = (struct app) { .order = UNWRAP_THEN_CHAIN };
#define DEFAULT(type, name, parameters) a->hooks.name = iso_##name;
	ISO_HOOKS(DEFAULT)
#undef DEFAULT
	chain_bases(a, app, root);
	a->rows = calloc(count_rows(a) + 1, sizeof(*a->rows));
	if (!a->rows)
		return false;
	for (i = a->n_chain; i > 0; i--)
		inherit(a, a->chain[i - 1]);
	put_rows(a);
	drop_removed_rows(a);
	index_rows(a);
	return true;
}

void
app_free(struct app *a)
{
	free(a->rows);
}

/* --- what it says -------------------------------------------------------------------- */

const struct instr *
app_row(const struct app *a, const struct apdu *cmd, bool *known)
{
	size_t i;

	*known = a->first[cmd->ins] != a->first[cmd->ins + 1];
	for (i = a->first[cmd->ins]; i < a->first[cmd->ins + 1]; i++) {
		if (class_matches(a->rows[i], cmd->cla))
			return a->rows[i];
	}
	return NULL;
}

bool
app_has_class(const struct app *a, uint8_t cla)
{
	size_t i;

	if (iso_is_interindustry(cla))
		return true;
	for (i = 0; i < a->n_rows; i++) {
		if (class_matches(a->rows[i], cla))
			return true;
	}
	return false;
}

static bool
is_row_of(const struct iso_app *d, const struct instr *row)
{
	const struct instr *r;

	for (r = d->rows; r && r->name; r++) {
		if (r == row)
			return true;
	}
	return false;
}

/* Where in the chain a row comes from; n_chain: it is none of these. */
static size_t
link_of(const struct app *a, const struct instr *row)
{
	size_t i = 0;

	while (i < a->n_chain && !is_row_of(a->chain[i], row))
		i++;
	return i;
}

const struct iso_app *
app_owner(const struct app *a, const struct instr *row)
{
	size_t i = link_of(a, row);

	return i < a->n_chain ? a->chain[i] : NULL;
}

const struct instr *
app_base_row(const struct app *a, const struct instr *row, const struct apdu *cmd)
{
	const struct instr *r;
	size_t i;

	for (i = link_of(a, row) + 1; i < a->n_chain; i++) {
		for (r = a->chain[i]->rows; r && r->name; r++) {
			if (r->ins == cmd->ins && class_matches(r, cmd->cla))
				return r->fn ? r : NULL;
		}
	}
	return NULL;
}

/* --- the applications of a card ------------------------------------------------------ */

/* Not the root. NULL: not open yet. */
static const struct app *
find_open(const struct iso *c, const struct schema *s)
{
	size_t i;

	for (i = 1; i < c->n_apps; i++) {
		if (&c->apps[i].chain[0]->schema == s)
			return &c->apps[i];
	}
	return NULL;
}

static bool
open_one(struct iso *c, const struct iso_app *app)
{
	if (!app_flatten(&c->apps[c->n_apps], app, c->type->root))
		return false;
	c->n_apps++;
	return true;
}

static const struct iso_app *
app_of_schema(const struct schema *s)
{
	return (const struct iso_app *)((const char *)s - offsetof(struct iso_app, schema));
}

static size_t
count_named(const struct fs *fs)
{
	const struct file *f;
	size_t n = 0;

	for (f = fs->mf; f; f = fs_walk(fs, f))
		n += f->application != NULL;
	return n;
}

static bool
open_all(struct iso *c)
{
	const struct fs *fs = &c->state->fs;
	const struct file *f;

	if (!open_one(c, c->type->root))
		return false;
	for (f = fs->mf; f; f = fs_walk(fs, f)) {
		if (f->application && !find_open(c, f->application) &&
		    !open_one(c, app_of_schema(f->application)))
			return false;
	}
	return true;
}

/* Each channel has room for whichever is selected on it. */
static bool
open_memory(struct iso *c)
{
	size_t i, most = 0;

	for (i = 1; i < c->n_apps; i++)
		most = c->apps[i].memory > most ? c->apps[i].memory : most;
	c->app_memory = most;
	c->root_memory = calloc(1, c->apps[0].memory + 1);
	if (!c->root_memory)
		return false;
	for (i = 0; most > 0 && i < c->channels; i++) {
		c->channel[i].memory = calloc(1, most);
		if (!c->channel[i].memory)
			return false;
	}
	return true;
}

bool
iso_apps_open(struct iso *c)
{
	c->apps = calloc(count_named(&c->state->fs) + 1, sizeof(*c->apps));
	return c->apps && open_all(c) && open_memory(c);
}

void
iso_apps_close(struct iso *c)
{
	size_t i;

	for (i = 0; i < c->channels; i++)
		freezero(c->channel[i].memory, c->app_memory);
	freezero(c->root_memory, c->n_apps > 0 ? c->apps[0].memory + 1 : 0);
	for (i = 0; i < c->n_apps; i++)
		app_free(&c->apps[i]);
	free(c->apps);
}

const struct iso_app *
iso_app_find(const struct iso_type *t, const char *name)
{
	const struct iso_app *const *app;

	for (app = t->apps; app && *app; app++) {
		if (strcmp((*app)->schema.name, name) == 0)
			return *app;
	}
	for (app = iso_apps; *app; app++) {
		if (strcmp((*app)->schema.name, name) == 0)
			return *app;
	}
	return NULL;
}

struct file *
iso_app_file(const struct fs *fs, const char *name)
{
	struct file *f;

	for (f = fs->mf; f; f = fs_walk(fs, f)) {
		if (f->application && strcmp(f->application->name, name) == 0)
			break;
	}
	return f;
}

const struct app *
iso_app_at(const struct iso *c, const struct cursor *at)
{
	const struct file *df = fs_df(&c->state->fs, at);
	const struct app *app;

	while (df && !df->application)
		df = df->parent;
	app = df ? find_open(c, df->application) : NULL;
	return app ? app : &c->apps[0];
}

struct file *
iso_app_df(const struct iso *c)
{
	struct file *df = iso_df(c);

	while (df->parent && !df->application)
		df = df->parent;
	return df;
}

/* What an application and its own bases keep in volatile memory, wiped. */
static void
wipe(struct iso *c, const struct app *a, uint8_t *memory)
{
	uint8_t *at = memory;
	size_t i;

	for (i = 0; i < a->n_own; at += MEMORY_ROUND(a->chain[i++]->memory)) {
		if (a->chain[i]->reset_volatile)
			a->chain[i]->reset_volatile(c, at);
	}
	if (a->memory > 0)
		explicit_bzero(memory, a->memory);
}

void
iso_app_leave(struct iso *c, struct channel *ch)
{
	if (ch->app && ch->app != &c->apps[0])
		wipe(c, ch->app, ch->memory);
	ch->app = NULL;
}

void
iso_app_enter(struct iso *c)
{
	const struct app *a = iso_app_at(c, &c->x.ch->at);

	if (a == c->x.ch->app)
		return;
	iso_app_leave(c, c->x.ch);
	c->x.ch->app = a;
}

void
iso_root_reset(struct iso *c)
{
	wipe(c, &c->apps[0], c->root_memory);
}

/* Where d's memory begins. NULL: it is none of a's own. */
static uint8_t *
memory_of(const struct app *a, const struct iso_app *d, uint8_t *memory)
{
	size_t i;

	for (i = 0; i < a->n_own; memory += MEMORY_ROUND(a->chain[i++]->memory)) {
		if (a->chain[i] == d)
			return memory;
	}
	return NULL;
}

void *
iso_own(const struct iso *c, const struct iso_app *app)
{
	const struct app *a = c->x.ch ? c->x.ch->app : NULL;
	uint8_t *own = a && a != &c->apps[0] ? memory_of(a, app, c->x.ch->memory) : NULL;

	return own ? own : memory_of(&c->apps[0], app, c->root_memory);
}

const struct algorithm *
app_algorithm(const struct app *a, uint8_t id)
{
	const struct algorithm *alg;

	for (alg = a->algorithms; alg && alg->what != ALGORITHM_NONE; alg++) {
		if (alg->id == id)
			return alg;
	}
	return NULL;
}

const struct algorithm *
iso_algorithm(const struct iso *c, uint8_t id)
{
	return app_algorithm(c->x.ch->app, id);
}
