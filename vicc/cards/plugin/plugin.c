/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cards/plugin/plugin.h"

#include <dlfcn.h>
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "cards/plugin/card.h"
#include "codec/atr.h"

#define NAME_MAX_CHARS 31
#define SUMMARY_MAX_CHARS 100
#define MEMORY_MAX (16u << 20) /* bytes for one card */
#define ROWS_MAX 4096
#define FLAGS_KNOWN                                                                          \
	(VICC_INSTR_LC | VICC_INSTR_LE | VICC_INSTR_NO_LC | VICC_INSTR_SECRET |              \
	 VICC_INSTR_TRANSPORT | VICC_INSTR_SM | VICC_INSTR_AT_ONCE | VICC_INSTR_EACH_PART)
#define ALGORITHMS_MAX 256
#define APPLICATIONS_MAX 32
#define APP_FLAGS_KNOWN (VICC_APP_CHAIN_FIRST | VICC_APP_PLAIN_ENDS_SM)

/* What is loaded, and where the line goes that says what is wrong with it. */
struct loading {
	struct module *m;
	char *error;
	size_t size;
};

static bool module_refuse(const struct loading *l, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/* Always false. */
static bool
module_refuse(const struct loading *l, const char *fmt, ...)
{
	int n = snprintf(l->error, l->size, "%s ", l->m->path);
	va_list ap;

	if (n < 0 || (size_t)n >= l->size)
		return false;
	va_start(ap, fmt);
	vsnprintf(l->error + n, l->size - (size_t)n, fmt, ap);
	va_end(ap);
	return false;
}

/* --- what it says of itself ---------------------------------------------------------- */

static bool
is_name(const char *s)
{
	size_t n = s ? strnlen(s, NAME_MAX_CHARS + 1) : 0;

	return n > 0 && n <= NAME_MAX_CHARS &&
	       strspn(s, "abcdefghijklmnopqrstuvwxyz0123456789-_") == n;
}

static bool
is_line(const char *s)
{
	size_t i;

	for (i = 0; s && s[i] && i <= SUMMARY_MAX_CHARS; i++) {
		if ((unsigned char)s[i] < 0x20 || s[i] == 0x7f)
			return false;
	}
	return s && i > 0 && i <= SUMMARY_MAX_CHARS;
}

static bool
check_names(const struct loading *l)
{
	const struct plugin *p = &l->m->description;

	if (!is_name(p->name))
		return module_refuse(l, "has no name, or none of 1 to %d of a-z 0-9 - _",
				     NAME_MAX_CHARS);
	if (!is_line(p->summary))
		return module_refuse(l,
				     "has no summary, or none of one line of up to %d characters",
				     SUMMARY_MAX_CHARS);
	if (!!p->ops + !!p->base + !!p->mitm != 1)
		return module_refuse(
			l,
			"is not one of three: a card (ops), one that is derived (base), a middle-man (mitm)");
	if (p->memory > MEMORY_MAX)
		return module_refuse(l, "wants %zu bytes for each card: at most %u", p->memory,
				     MEMORY_MAX);
	if (!p->base && p->memory < sizeof(struct card))
		return module_refuse(l,
				     "has memory for no struct vicc_card: %zu bytes, that is %zu",
				     p->memory, sizeof(struct card));
	if (!p->base && (p->atr.n > 0 || p->n_rows > 0 || p->algorithms))
		return module_refuse(l, "has rows, algorithms or an ATR, but no base");
	return true;
}

static bool
check_row(const struct loading *l, const struct instr *row)
{
	static const uint8_t none[sizeof(row->reserved)];

	if (!is_line(row->name))
		return module_refuse(l, "has no name for instruction %02X", row->ins);
	if (row->flags & ~FLAGS_KNOWN)
		return module_refuse(l, "has flags %08X for %s, which this vicc does not know",
				     row->flags, row->name);
	if (row->cla & ~row->cla_mask)
		return module_refuse(
			l, "has class %02X for %s, which its mask %02X never lets through",
			row->cla, row->name, row->cla_mask);
	if (row->reserved2 != 0 || memcmp(row->reserved, none, sizeof(none)) != 0)
		return module_refuse(l, "has something in what is reserved of %s", row->name);
	return true;
}

static bool
check_rows(const struct loading *l, const struct instr *rows, size_t n)
{
	size_t i;

	if (n > ROWS_MAX || (n > 0 && !rows))
		return module_refuse(l, "has %zu rows at %p: at most %d", n, (const void *)rows,
				     ROWS_MAX);
	for (i = 0; i < n; i++) {
		if (!check_row(l, &rows[i]))
			return false;
	}
	return true;
}

static bool
check_algorithms(const struct loading *l, const struct algorithm *a)
{
	size_t n = 0;

	for (; a && a->what != ALGORITHM_NONE; a++) {
		if (++n > ALGORITHMS_MAX)
			return module_refuse(
				l, "has more than %d algorithms, or no VICC_ALGORITHM_END",
				ALGORITHMS_MAX);
		if (a->what > VICC_ALGORITHM_X25519 || a->kind > VICC_KEY_X448 ||
		    a->mode > VICC_MODE_CBC || a->digest > VICC_DIGEST_SHA3_512)
			return module_refuse(
				l, "means by algorithm %02X what this vicc does not know", a->id);
	}
	return true;
}

/* A type with a table. NULL: there is none of that name. */
static const struct card_type *
table_type(const char *name)
{
	const struct card_type *t = is_name(name) ? card_type_find(name) : NULL;

	return t && t->schema ? t : NULL;
}

static bool
check_derived(const struct loading *l)
{
	const struct plugin *p = &l->m->description;
	const struct card_type *base = table_type(p->base);
	const char *fault = p->atr.n > 0 && p->atr.p ? atr_fault(p->atr) : NULL;

	if (!base)
		return module_refuse(l, "is derived from \"%.*s\", which is no type with a table",
				     NAME_MAX_CHARS, p->base);
	if (p->atr.n > 0 && (!p->atr.p || p->atr.n > ATR_BYTES_MAX || fault))
		return module_refuse(l, "has no right ATR: %s", fault ? fault : "its length");
	l->m->base = base;
	return check_rows(l, p->rows, p->n_rows) && check_algorithms(l, p->algorithms);
}

/* What an application builds on. NULL: there is no such base. */
static const struct iso_app *
named_base(const char *name)
{
	const struct card_type *t = table_type(name);

	if (strcmp(name, iso_bare_app.schema.name) == 0)
		return &iso_bare_app;
	return t ? ((const struct iso_type *)t->data)->root : NULL;
}

static bool
check_application(const struct loading *l, const struct application *app)
{
	if (!is_name(app->name))
		return module_refuse(
			l,
			"has an application without a name, or with none of 1 to %d of a-z 0-9 - _",
			NAME_MAX_CHARS);
	if (app->base && !named_base(app->base))
		return module_refuse(
			l, "builds application %s on \"%.*s\", which is no type with a table",
			app->name, NAME_MAX_CHARS, app->base);
	if (app->memory > MEMORY_MAX)
		return module_refuse(l, "wants %zu bytes for application %s: at most %u",
				     app->memory, app->name, MEMORY_MAX);
	if (app->flags & ~APP_FLAGS_KNOWN || app->reserved != 0)
		return module_refuse(
			l, "has flags %08X for application %s, which this vicc does not know",
			app->flags, app->name);
	return check_rows(l, app->rows, app->n_rows) && check_algorithms(l, app->algorithms);
}

static bool
check_applications(const struct loading *l)
{
	const struct plugin *p = &l->m->description;
	size_t i, j;

	if (p->n_applications > APPLICATIONS_MAX ||
	    (p->n_applications > 0 && (!p->applications || !p->base)))
		return module_refuse(l, "has %zu applications: at most %d, and only with a base",
				     p->n_applications, APPLICATIONS_MAX);
	for (i = 0; i < p->n_applications; i++) {
		if (!check_application(l, &p->applications[i]))
			return false;
		for (j = 0; j < i; j++) {
			if (strcmp(p->applications[i].name, p->applications[j].name) == 0)
				return module_refuse(l, "has two applications \"%s\"",
						     p->applications[i].name);
		}
	}
	return true;
}

static bool
check_card(const struct loading *l)
{
	const struct plugin *p = &l->m->description;

	return p->ops->atr && p->ops->transmit
		       ? true
		       : module_refuse(l, "has no atr, or no transmit, among its operations");
}

static bool
check_mitm(const struct loading *l)
{
	const struct plugin *p = &l->m->description;

	return !p->contents
		       ? true
		       : module_refuse(l,
				       "is a middle-man, and keeps nothing: contents must be NULL");
}

static bool
check_description(const struct loading *l)
{
	const struct plugin *p = &l->m->description;

	if (!check_names(l))
		return false;
	if (!check_applications(l))
		return false;
	return p->base ? check_derived(l) : p->ops ? check_card(l) : check_mitm(l);
}

/* What it returns, as far as it says that it goes. */
static bool
take_description(const struct loading *l, const struct plugin *p)
{
	if (!p)
		return module_refuse(l, "says that it cannot be used here");
	if (p->abi != VICC_ABI)
		return module_refuse(l, "was made for ABI %u of vicc/card.h, this vicc has ABI %u",
				     p->abi, VICC_ABI);
	if (p->size < sizeof(*p))
		return module_refuse(l, "describes itself in %u bytes, ABI %u wants %zu", p->size,
				     VICC_ABI, sizeof(*p));
	l->m->description = *p;
	return check_description(l);
}

/* --- the card type that it is ----------------------------------------------------------- */

/* Its rows, ended as ours are. NULL: no memory. */
static const struct instr *
copy_rows(const struct instr *rows, size_t n)
{
	struct instr *copy = calloc(n + 1, sizeof(*copy));

	if (copy && n > 0)
		memcpy(copy, rows, n * sizeof(*copy));
	return copy;
}

static bool
make_app(struct iso_app *app, const struct application *from)
{
	*app = (struct iso_app) {
		.schema.name = from->name,
		.base = from->base ? named_base(from->base) : NULL,
		.rows = copy_rows(from->rows, from->n_rows),
		.algorithms = from->algorithms,
		.order = from->flags & VICC_APP_CHAIN_FIRST ? CHAIN_THEN_UNWRAP : ISO_ORDER_OF_BASE,
		.plain_ends_sm = from->flags & VICC_APP_PLAIN_ENDS_SM,
		.memory = from->memory,
	};
	return app->rows;
}

static bool
make_derived(struct module *m)
{
	const struct plugin *p = &m->description;
	const struct iso_type *base = m->base->data;
	const struct application root = {
		.base = p->base, .rows = p->rows, .n_rows = p->n_rows, .algorithms = p->algorithms,
		.memory = p->memory,
	};
	size_t i;

	m->apps = calloc(1 + p->n_applications, sizeof(*m->apps));
	m->named = calloc(p->n_applications + 1, sizeof(*m->named));
	if (!m->apps || !m->named || !make_app(&m->apps[0], &root))
		return false;
	for (i = 0; i < p->n_applications; i++) {
		m->named[i] = &m->apps[1 + i];
		if (!make_app(&m->apps[1 + i], &p->applications[i]))
			return false;
	}
	m->iso_type = *base;
	m->iso_type.root = &m->apps[0];
	m->iso_type.apps = m->named;
	if (p->atr.n > 0)
		m->iso_type.atr = p->atr;
	return true;
}

static bool
make_type(struct module *m)
{
	const struct plugin *p = &m->description;

	m->type = (struct card_type) {
		.name = p->name,
		.summary = p->summary,
		.flags = CARD_FOREIGN_CODE,
		.contents = p->contents,
		.data = m,
		.open = plugin_card_open,
	};
	if (!p->base)
		return true;
	m->type.flags |= m->base->flags;
	m->type.data = &m->iso_type;
	m->type.open = plugin_rows_open;
	m->type.schema = iso_type_schema;
	if (!p->contents)
		m->type.contents = m->base->contents;
	return make_derived(m);
}

/* --- loading ------------------------------------------------------------------------------ */

static bool
load_description(const struct loading *l)
{
	const struct plugin *(*describe)(const struct services *services);
	void *symbol;

	l->m->so = dlopen(l->m->path, RTLD_NOW | RTLD_LOCAL);
	if (!l->m->so)
		return module_refuse(l, "cannot be loaded: %s", dlerror());
	symbol = dlsym(l->m->so, VICC_PLUGIN_SYMBOL);
	if (!symbol)
		return module_refuse(l, "is no plug-in: it has no " VICC_PLUGIN_SYMBOL "()");
	/* POSIX lets a function stand in a void *, C does not */
	memcpy(&describe, &symbol, sizeof(describe));
	if (!take_description(l, describe(&plugin_services)))
		return false;
	return make_type(l->m) || module_refuse(l, "finds no memory");
}

/* With a slash in it: dlopen looks for a mere name among the libraries. */
static char *
path_of(const char *path)
{
	char *out = NULL;

	if (asprintf(&out, "%s%s", strchr(path, '/') ? "" : "./", path) < 0)
		return NULL;
	return out;
}

struct module *
module_load(const char *path, char *error, size_t size)
{
	struct module *m = calloc(1, sizeof(*m));
	const struct loading l = { .m = m, .error = error, .size = size };

	if (m)
		m->path = path_of(path);
	if (!m || !m->path) {
		snprintf(error, size, "%s: no memory", path);
		free(m);
		return NULL;
	}
	if (load_description(&l))
		return m;
	module_free(m);
	return NULL;
}

void
module_free(struct module *m)
{
	size_t i;

	if (!m)
		return;
	if (m->so)
		dlclose(m->so);
	for (i = 0; m->apps && i < 1 + m->description.n_applications; i++)
		free((void *)m->apps[i].rows);
	free(m->apps);
	free(m->named);
	free(m->path);
	free(m);
}

const char *
module_path(const struct module *m)
{
	return m->path;
}

const struct card_type *
module_type(const struct module *m)
{
	return m->description.mitm ? NULL : &m->type;
}

const struct mitm_ops *
module_mitm(const struct module *m)
{
	return m->description.mitm;
}
