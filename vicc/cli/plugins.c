/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cli/plugins.h"

#include <dirent.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "daemon/guard.h"

#define SUFFIX ".so"
#define LOAD_MS 5000 /* that a plug-in may take to be loaded, or to be let go of */

struct loaded {
	struct loaded *next;
	struct module *module;
	char *path; /* as it was asked for */
};

const char *
plugins_folder(const struct plugins *p)
{
	return p->folder ? p->folder : PLUGINDIR;
}

/* Code of theirs runs in it: what is done when a shared object is loaded, vicc_plugin(). */
static struct module *
load_plugin(const char *path, char *error, size_t size)
{
	const struct log log = { .name = "vicc", .out = stderr };
	struct module *m;

	if (guard_start(&log, "it cannot be used") < 0) {
		snprintf(error, size, "%s: cannot guard against other people's code", path);
		return NULL;
	}
	guard_foreign(NULL, path, LOAD_MS);
	m = module_load(path, error, size);
	guard_foreign(NULL, NULL, 0);
	return m;
}

const struct module *
plugins_load(struct plugins *p, const char *path, char *error, size_t size)
{
	struct loaded *l;

	for (l = p->loaded; l; l = l->next) {
		if (strcmp(l->path, path) == 0)
			return l->module;
	}
	l = calloc(1, sizeof(*l));
	if (l)
		l->path = strdup(path);
	if (l && l->path)
		l->module = load_plugin(path, error, size);
	else
		snprintf(error, size, "no memory");
	if (!l || !l->module) {
		if (l)
			free(l->path);
		free(l);
		return NULL;
	}
	l->next = p->loaded;
	p->loaded = l;
	return l->module;
}

/* --- types ------------------------------------------------------------------------- */

static const struct card_type *
type_in_file(struct plugins *p, const char *path, char *error, size_t size)
{
	const struct module *m = plugins_load(p, path, error, size);

	if (m && !module_type(m))
		snprintf(error, size, "%s is a middle-man, not a card: use --mitm", path);
	return m ? module_type(m) : NULL;
}

const struct card_type *
plugins_type(struct plugins *p, const char *name, char *error, size_t size)
{
	const struct card_type *type = card_type_find(name);
	char path[PATH_MAX];

	if (type)
		return type;
	if (strchr(name, '/'))
		return type_in_file(p, name, error, size);
	if (snprintf(path, sizeof(path), "%s/%s" SUFFIX, plugins_folder(p), name) <
		    (int)sizeof(path) &&
	    *name && *name != '.' && access(path, F_OK) == 0)
		return type_in_file(p, path, error, size);
	snprintf(error, size,
		 "there is no card type \"%s\": vicc --list-types lists them, ./%s would be a file", name,
		 name);
	return NULL;
}

/* --- the folder ----------------------------------------------------------------------- */

static int
is_plugin(const struct dirent *e)
{
	size_t n = strlen(e->d_name);

	return e->d_name[0] != '.' && n > strlen(SUFFIX) &&
	       strcmp(e->d_name + n - strlen(SUFFIX), SUFFIX) == 0;
}

static void
list(struct plugins *p, const char *file, FILE *out)
{
	char path[PATH_MAX], error[PATH_MAX + 512];
	const struct module *m;
	int n = (int)(strlen(file) - strlen(SUFFIX));

	if (snprintf(path, sizeof(path), "%s/%s", plugins_folder(p), file) >= (int)sizeof(path))
		return;
	m = plugins_load(p, path, error, sizeof(error));
	if (!m)
		fprintf(out, "%-14.*s cannot be used: %s\n", n, file, error);
	else if (module_type(m))
		fprintf(out, "%-14.*s %s\n", n, file, module_type(m)->summary);
}

void
plugins_list(struct plugins *p, FILE *out)
{
	struct dirent **files;
	int i, n = scandir(plugins_folder(p), &files, is_plugin, alphasort);

	for (i = 0; i < n; i++) {
		list(p, files[i]->d_name, out);
		free(files[i]);
	}
	if (n >= 0)
		free(files);
}

void
plugins_free(struct plugins *p)
{
	struct loaded *l;

	while ((l = p->loaded)) {
		p->loaded = l->next;
		guard_foreign(NULL, l->path, LOAD_MS);
		module_free(l->module);
		guard_foreign(NULL, NULL, 0);
		free(l->path);
		free(l);
	}
}
