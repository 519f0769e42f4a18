/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <dirent.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "cli/place.h"
#include "daemon/reader.h"
#include "viccctl/viccctl.h"
#include "viccctl/words.h"
#include "wire.h"

#define TIMEOUT_MS 10000 /* unless --timeout says otherwise */
#define RETRY_MS 20      /* between two looks for a socket that is not there yet */

int
ctl_fail(const struct ctl *t, int code, const char *fmt, ...)
{
	va_list ap;

	fprintf(stderr, "viccctl: %s%s", t->name ? t->name : "", t->name ? ": " : "");
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
	return code;
}

int
ctl_lost(const struct ctl *t, int error, const char *late)
{
	if (error == -ETIMEDOUT)
		return ctl_fail(t, CTL_TIMEOUT, "%s", late);
	if (error == -EPROTO)
		return ctl_fail(t, CTL_FAILED, "what the card says is no line of JSON");
	return ctl_fail(t, CTL_NOBODY, "the card has gone away");
}

json_t *
ctl_ask(struct ctl *t, json_t *request, int passed, int *code)
{
	json_t *answer = NULL, *ok, *error;
	int rc = connection_send(&t->card, request, passed);

	if (rc == 0)
		answer = connection_answer(&t->card, t->deadline, &rc);
	if (!answer) {
		*code = ctl_lost(t, rc, "no answer in time: the card works on a command");
		return NULL;
	}
	ok = json_incref(json_object_get(answer, "ok"));
	error = json_object_get(answer, "error");
	*code = CTL_DONE;
	if (!ok)
		*code = ctl_fail(t, CTL_FAILED, "%s (%s)",
				 json_string_value(json_object_get(error, "text")),
				 json_string_value(json_object_get(error, "name")));
	json_decref(answer);
	return ok;
}

json_t *
ctl_do(struct ctl *t, const char *verb, int *code)
{
	return ctl_ask(t, json_pack("{s:s}", "do", verb), -1, code);
}

bool
ctl_readers(struct readers *to, const json_t *status, const char **why)
{
	const char *path = json_string_value(json_object_get(status, "unix"));
	const char *endpoint = json_string_value(json_object_get(status, "endpoint"));
	const char *port = endpoint ? strrchr(endpoint, ':') : NULL;

	*why = "the reader is on another machine, or calls the card";
	if (!json_is_true(json_object_get(status, "local")) ||
	    json_is_true(json_object_get(status, "reversed")))
		return false;
	return readers_of(to, path, port ? (unsigned)strtoul(port + 1, NULL, 10) : 0, why);
}

/* --- which cards ------------------------------------------------------------------- */

static int
by_name(const void *a, const void *b)
{
	return strcmp(a, b);
}

size_t
ctl_list(char names[CTL_NAMES_MAX][64])
{
	char folder[128];
	DIR *d = place_folder(folder, sizeof(folder)) ? opendir(folder) : NULL;
	struct dirent *e;
	size_t n = 0, len, end = strlen(PLACE_SUFFIX);

	while (d && n < CTL_NAMES_MAX && (e = readdir(d))) {
		len = strlen(e->d_name);
		if (len <= end || len - end >= 64 || *e->d_name == '.' ||
		    strcmp(e->d_name + len - end, PLACE_SUFFIX) != 0)
			continue;
		snprintf(names[n++], 64, "%.*s", (int)(len - end), e->d_name);
	}
	if (d)
		closedir(d);
	qsort(names, n, 64, by_name);
	return n;
}

static int
list_names(void)
{
	char names[CTL_NAMES_MAX][64];
	size_t n = ctl_list(names), i;

	for (i = 0; i < n; i++)
		puts(names[i]);
	return CTL_DONE;
}

/* None was named: $VICC_CARD, or the only one that there is. */
static int
choose_card(struct ctl *t, char names[CTL_NAMES_MAX][64])
{
	const char *card = getenv("VICC_CARD");
	char folder[128];
	size_t n, i;

	if (words_name_card(t->words[0]) && t->n_words == 2) {
		t->n_names = 1;
		t->names[0] = t->words[1];
	}
	if (t->n_names > 0 || t->socket)
		return CTL_DONE;
	if (card && *card && !t->all) {
		t->names[t->n_names++] = card;
		return CTL_DONE;
	}
	if (!place_folder(folder, sizeof(folder)))
		return ctl_fail(t, CTL_NOBODY, "%s", PLACE_NO_FOLDER);
	n = ctl_list(names);
	while (n == 0 && words_patient(t->words[0]) && wire_now() < t->deadline) {
		words_sleep(RETRY_MS);
		n = ctl_list(names);
	}
	if (n == 0)
		return ctl_fail(t, CTL_NOBODY,
				"no card is there: start one with vicc --control NAME");
	if (n > 1 && !t->all) {
		ctl_fail(t, CTL_USAGE, "several cards are there: choose one with -n, or --all");
		list_names();
		return CTL_USAGE;
	}
	for (i = 0; i < n; i++)
		t->names[t->n_names++] = names[i];
	return CTL_DONE;
}

static int
open_card(struct ctl *t)
{
	int rc;

	for (;;) {
		rc = connection_open(&t->card, t->path, t->deadline);
		if (rc != -ENOENT || !words_patient(t->words[0]) || wire_now() >= t->deadline)
			break;
		words_sleep(RETRY_MS);
	}
	if (rc == -ENOENT)
		return ctl_fail(t, words_patient(t->words[0]) ? CTL_TIMEOUT : CTL_NOBODY,
				"no such card: nobody is at %s", t->path);
	if (rc == -ETIMEDOUT)
		return ctl_fail(t, CTL_TIMEOUT, "no greeting in time: the card works on a command");
	if (rc == -EBUSY)
		return ctl_fail(t, CTL_FAILED,
				"the card has too many clients already, or is another user's");
	return rc < 0 ? ctl_fail(t, CTL_NOBODY, "%s: %s", t->path, strerror(-rc)) : CTL_DONE;
}

static bool
is_pad(const struct ctl *t)
{
	const char *type = json_string_value(json_object_get(t->card.greeting, "type"));

	return type && strcmp(type, "pad") == 0;
}

static int
run_card(struct ctl *t, const char *name)
{
	int code;

	t->name = t->socket ? NULL : name; /* what is said of a socket names its path */
	t->deadline = wire_now() + (t->timeout_ms < 0 ? TIMEOUT_MS : t->timeout_ms);
	if (t->socket)
		snprintf(t->path, sizeof(t->path), "%s", t->socket);
	else if (!place_socket(name, 0, t->path, sizeof(t->path)))
		return ctl_fail(t, CTL_NOBODY, "%s", PLACE_NO_FOLDER);
	code = open_card(t);
	if (code != CTL_DONE)
		return code;
	if (!t->all || !is_pad(t) || words_for_pads(t->words[0]))
		code = words_do(t);
	connection_close(&t->card);
	return code;
}

static int
run_cards(struct ctl *t)
{
	char names[CTL_NAMES_MAX][64];
	int worst = choose_card(t, names), code;
	size_t i;

	if (worst != CTL_DONE)
		return worst;
	if (t->socket)
		return run_card(t, t->socket);
	for (i = 0; i < t->n_names; i++) {
		code = run_card(t, t->names[i]);
		worst = code > worst ? code : worst;
	}
	return worst;
}

/* --- the command line ------------------------------------------------------------------ */

static void
print_help(void)
{
	fputs("usage: viccctl [OPTION]... VERB [ARGUMENT]...\n"
	      "Commands a card that runs with vicc --control NAME. See also viccctl(1).\n\n"
	      "  -n, --name NAME            command this card; again: a further one\n"
	      "      --all                  command each card, one after the other\n"
	      "      --socket PATH          command the card of this socket\n"
	      "      --json                 print JSON\n"
	      "      --timeout S            wait so many seconds at most [10]\n"
	      "      --no-wait              do not wait until pcscd has seen it\n"
	      "      --no-pcsc              do not ask pcscd\n"
	      "      --cold                 reset: take the power away\n"
	      "      --secrets              trace: write PINs and keys, too\n"
	      "      --qr                   readers: draw a QR code\n"
	      "      --config FILE          readers: of this configuration of pcscd\n"
	      "  -v, --verbose              say when pcscd cannot be asked\n"
	      "      --version              print the version\n"
	      "  -h, --help                 print this\n\n"
	      "  list                       print the names of all cards\n",
	      stdout);
	words_help(stdout);
}

static int
set_timeout(struct ctl *t, const char *value)
{
	char *end;
	double s = strtod(value, &end);

	/* strtod also knows " 1", "0x1p3" and "nan" */
	if (strspn(value, "0123456789.") < strlen(value) || !*value || *end || s > 86400)
		return ctl_fail(t, CTL_USAGE, "--timeout \"%s\" is not a time: 0 to 86400 seconds",
				value);
	t->timeout_ms = (int)(s * 1000);
	return CTL_DONE;
}

static int
set_name(struct ctl *t, const char *value)
{
	if (strchr(value, '/') || strlen(value) > PLACE_NAME_MAX + 4 || t->n_names == CTL_NAMES_MAX)
		return ctl_fail(t, CTL_USAGE, "--name \"%s\" is not a name; --socket takes a path",
				value);
	t->names[t->n_names++] = value;
	return CTL_DONE;
}

static int
set_value(struct ctl *t, const char *name, const char *value)
{
	int rc;

	if (strcmp(name, "name") == 0)
		return set_name(t, value);
	if (strcmp(name, "timeout") == 0)
		return set_timeout(t, value);
	if (strcmp(name, "socket") == 0 || strcmp(name, "config") == 0) {
		*(*name == 's' ? &t->socket : &t->config) = value;
		return CTL_DONE;
	}
	rc = words_option(t, name, value);
	return rc >= 0 ? rc
		       : ctl_fail(t, CTL_USAGE,
				  "there is no option --%s: viccctl --help lists them", name);
}

static bool *
flag_named(struct ctl *t, const char *name)
{
	const struct {
		const char *name;
		bool *flag;
	} flags[] = {
		{ "all", &t->all },         { "json", &t->json },       { "no-wait", &t->no_wait },
		{ "no-pcsc", &t->no_pcsc }, { "verbose", &t->verbose }, { "cold", &t->cold },
		{ "qr", &t->qr },
	};
	size_t i;

	for (i = 0; i < sizeof(flags) / sizeof(*flags); i++) {
		if (strcmp(flags[i].name, name) == 0)
			return flags[i].flag;
	}
	return NULL;
}

/* --name VALUE, --name=VALUE: how many words it is, or -1 (said). */
static int
take_long(struct ctl *t, const char *word, const char *next)
{
	char name[32];
	const char *equals = strchr(word, '=');
	bool *flag;

	snprintf(name, sizeof(name), "%.*s", (int)(equals ? equals - word : (long)strlen(word)),
		 word);
	flag = equals ? NULL : flag_named(t, name);
	if (flag) {
		*flag = true;
		return 1;
	}
	if (!equals && (strcmp(name, "late") == 0 || strcmp(name, "secrets") == 0)) {
		json_object_set_new(t->members, name, json_true());
		return 1;
	}
	if (!equals && !next) {
		ctl_fail(t, CTL_USAGE, "--%s: there is no such option, or it needs a value", name);
		return -1;
	}
	if (set_value(t, name, equals ? equals + 1 : next) != CTL_DONE)
		return -1;
	return equals ? 1 : 2;
}

/* Options stand anywhere before a --: how many words it is, or -1 (said). */
static int
take_word(struct ctl *t, const char *word, const char *next)
{
	if (strncmp(word, "--", 2) == 0)
		return take_long(t, word + 2, next);
	if (strcmp(word, "-v") == 0) {
		t->verbose = true;
		return 1;
	}
	if (strcmp(word, "-n") == 0)
		return take_long(t, "name", next);
	if (strncmp(word, "-n", 2) == 0)
		return set_name(t, word + 2) == CTL_DONE ? 1 : -1;
	if (*word == '-' && word[1] && !t->n_words) {
		ctl_fail(t, CTL_USAGE, "there is no option %s: viccctl --help lists them", word);
		return -1;
	}
	t->words[t->n_words++] = word;
	return 1;
}

static int
parse_words(struct ctl *t, int argc, char **argv)
{
	int i, n;

	for (i = 1; i < argc && strcmp(argv[i], "--") != 0; i += n) {
		n = take_word(t, argv[i], argv[i + 1]);
		if (n < 0)
			return CTL_USAGE;
	}
	for (i++; i < argc; i++)
		t->words[t->n_words++] = argv[i];
	if (t->n_words == 0)
		return ctl_fail(t, CTL_USAGE, "what is to be done? viccctl --help lists the verbs");
	if (strcmp(t->words[0], "list") != 0 && !words_known(t->words[0]))
		return ctl_fail(t, CTL_USAGE, "there is no verb \"%s\": viccctl --help lists them",
				t->words[0]);
	return CTL_DONE;
}

static bool
answer_alone(int argc, char **argv)
{
	const char *only = argc == 2 ? argv[1] : "";

	if (strcmp(only, "--help") == 0 || strcmp(only, "-h") == 0)
		print_help();
	else if (strcmp(only, "--version") == 0)
		puts("viccctl " PACKAGE_VERSION);
	else
		return false;
	return true;
}

int
main(int argc, char **argv)
{
	struct ctl t = { .timeout_ms = -1, .card.fd = -1 };
	int code;

	/* PINs go by here, and whole cards */
	json_set_alloc_funcs(wiping_malloc, wiping_free);
	if (answer_alone(argc, argv))
		return CTL_DONE;
	t.words = calloc((size_t)argc + 1, sizeof(*t.words));
	t.members = json_object();
	if (!t.words || !t.members)
		return ctl_fail(&t, CTL_FAILED, "no memory");
	code = parse_words(&t, argc, argv);
	t.deadline = wire_now() + (t.timeout_ms < 0 ? TIMEOUT_MS : t.timeout_ms);
	if (code == CTL_DONE)
		code = strcmp(t.words[0], "list") == 0 ? list_names()
		       : words_alone(t.words[0])       ? words_do(&t)
						       : run_cards(&t);
	json_decref(t.members);
	free(t.words);
	return code;
}
