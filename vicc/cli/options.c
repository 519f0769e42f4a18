/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cli/options.h"

#include <assert.h>
#include <errno.h>
#include <getopt.h>
#include <limits.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/hex.h"
#include "base/slurp.h"
#include "base/text.h"
#include "cards/pkcs15/personal.h"
#include "cards/plugin/mitm.h"
#include "codec/atr.h"
#include "cli/place.h"
#include "wire.h"

#define DEFAULT_TYPE "iso7816"
#define SLOT_MAX 15     /* of a reader: vpcd(8) */
#define CONFIG_MAX (1u << 20) /* bytes */
#define LONG_ONLY 0x100 /* getopt_long's value of row i is LONG_ONLY + i */

#define LETTERS_SIZE (2 * OPTIONS_MAX + 3) /* of getopt_long's short options */

#define ONE_CARD 0x1u /* before the first -t an error when a second follows */
#define AGAIN 0x2u    /* of a type: each one counts */

struct config {
	struct config *next;
	struct buf text;
};

struct parser;

/* An option: to add one is to add a row, and a member that it sets. */
struct option_row {
	const char *name;
	char letter;          /* 0: none */
	const char *argument; /* its name in the help; NULL: it takes none */
	const char *help;     /* at most 51 characters, as a terminal has 80 columns */
	int (*take)(struct parser *p, const char *text);
	size_t at;            /* offset in struct options of what take_text and take_flag set */
	unsigned flags;
	const char *group; /* heads the help of this row and those behind it; NULL: as before */
};

struct parser {
	struct command *cmd;
	struct options *scope; /* the card whose options these are, or what holds for all */
	const struct option_row *row;
	const char *file; /* --config, NULL: the command line */
	unsigned line;
	struct option_row rows[OPTIONS_MAX];
	size_t n_rows;
};

static int options_fail(struct parser *p, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/* Say what is wrong, with the place it is at. Always -1. */
static int
options_fail(struct parser *p, const char *fmt, ...)
{
	char *at = p->cmd->error;
	size_t room = sizeof(p->cmd->error);
	int n = 0;
	va_list ap;

	if (p->file)
		n = snprintf(at, room, "%s:%u: ", p->file, p->line);
	if (n < 0 || (size_t)n >= room)
		n = 0;
	va_start(ap, fmt);
	vsnprintf(at + n, room - (size_t)n, fmt, ap);
	va_end(ap);
	return -1;
}

/* --- values --------------------------------------------------------------- */

static int
take_flag(struct parser *p, const char *text)
{
	(void)text;
	*(bool *)((char *)p->scope + p->row->at) = true;
	return 0;
}

static int
take_text(struct parser *p, const char *text)
{
	if (!*text)
		return options_fail(p, "--%s is empty: it needs %s", p->row->name,
				    p->row->argument);
	*(const char **)((char *)p->scope + p->row->at) = text;
	return 0;
}

static int
take_label(struct parser *p, const char *text)
{
	if (!text_is_plain(text))
		return options_fail(p, "--label wants UTF-8 without control characters");
	return take_text(p, text);
}

static int
take_subject(struct parser *p, const char *text)
{
	if (!*text || !text_is_plain(text))
		return options_fail(p, "--subject wants a name: UTF-8 without control characters");
	return take_text(p, text);
}

static bool
read_number(const char *text, unsigned long max, unsigned long *out)
{
	char *end;

	if (*text < '0' || *text > '9')
		return false;
	errno = 0;
	*out = strtoul(text, &end, strncasecmp(text, "0x", 2) == 0 ? 16 : 10);
	return !*end && errno == 0 && *out <= max;
}

/* A name or a numeric address, which has no port in it. */
static int
take_host(struct parser *p, const char *text)
{
	const char *colon = strchr(text, ':');

	if (!*text)
		return options_fail(p, "--hostname is empty: it needs HOST");
	if (*text == '[')
		return options_fail(
			p,
			"--hostname \"%s\": write an address without brackets, and a port with --port",
			text);
	if (colon && !strchr(colon + 1, ':'))
		return options_fail(p,
				    "--hostname \"%s\" has a port in it: write --hostname %.*s --port %s",
				    text, (int)(colon - text), text, colon + 1);
	p->scope->where.host = text;
	return 0;
}

static int
take_port(struct parser *p, const char *text)
{
	unsigned long n;

	if (!read_number(text, 65535, &n) || n == 0)
		return options_fail(p, "--port \"%s\" is not a port: 1 to 65535", text);
	p->scope->where.port = (uint16_t)n;
	return 0;
}

static int
take_slot(struct parser *p, const char *text)
{
	unsigned long n;

	if (!read_number(text, SLOT_MAX, &n))
		return options_fail(p, "--slot \"%s\" is not a slot: 0 for the first, at most %d",
				    text, SLOT_MAX);
	p->scope->where.slot = (unsigned)n;
	return 0;
}

static int
take_unix(struct parser *p, const char *text)
{
	if (!*text)
		return options_fail(p, "--unix is empty: it needs the path of a socket");
	if (strlcpy(p->scope->where.path, text, sizeof(p->scope->where.path)) >=
	    sizeof(p->scope->where.path))
		return options_fail(
			p, "--unix \"%.32s...\" is too long for a socket: at most %zu characters",
			text, sizeof(p->scope->where.path) - 1);
	return 0;
}

/* Bytes in hexadecimal: how many, or -1. */
static int
take_hex(struct parser *p, const char *text, uint8_t *out, size_t max)
{
	struct buf b = BUF(max);
	int n = -1;

	if (!hex_read(&b, text) && !b.failed)
		options_fail(p, "--%s \"%s\" is not hexadecimal: pairs of digits 0-9 A-F",
			     p->row->name, text);
	else if (b.failed || b.n == 0)
		options_fail(p, "--%s needs 1 to %zu bytes in hexadecimal", p->row->name, max);
	else
		n = (int)b.n;
	if (n > 0)
		memcpy(out, b.p, b.n);
	buf_free(&b);
	return n;
}

static int
take_atr(struct parser *p, const char *text)
{
	int n = take_hex(p, text, p->scope->atr, sizeof(p->scope->atr));
	const char *fault;

	if (n < 0)
		return -1;
	fault = atr_fault(view_of(p->scope->atr, (size_t)n));
	if (fault)
		return options_fail(p, "--atr \"%s\" is not an ATR: %s", text, fault);
	p->scope->atr_len = (size_t)n;
	return 0;
}

static int
take_serial(struct parser *p, const char *text)
{
	int n = take_hex(p, text, p->scope->serial, sizeof(p->scope->serial));

	if (n < 0)
		return -1;
	p->scope->serial_len = (size_t)n;
	return 0;
}

static int
take_import(struct parser *p, const char *text)
{
	struct options *o = p->scope;

	if (!*text)
		return options_fail(p, "--import is empty: it needs FILE");
	if (o->n_imports == OPTIONS_IMPORTS_MAX)
		return options_fail(p, "--import: at most %d files", OPTIONS_IMPORTS_MAX);
	o->imports[o->n_imports++] = text;
	return 0;
}

static int
take_generate(struct parser *p, const char *text)
{
	struct options *o = p->scope;

	if (o->n_generates == OPTIONS_IMPORTS_MAX)
		return options_fail(p, "--generate: at most %d keys", OPTIONS_IMPORTS_MAX);
	o->generates[o->n_generates++] = text;
	return 0;
}

static int
take_verbose(struct parser *p, const char *text)
{
	(void)text;
	if (p->scope->verbosity < LOG_DEBUG)
		p->scope->verbosity++;
	return 0;
}

static int
take_quiet(struct parser *p, const char *text)
{
	(void)text;
	p->scope->verbosity = LOG_ERROR_ONLY;
	return 0;
}

/* Which types have an option of their own, in words. */
static const char *
owners(const char *name, char *text, size_t size)
{
	const struct card_type *const *t;
	size_t n = 0;

	for (t = card_types; *t && n < size; t++) {
		if (card_option_find(*t, name))
			n += (size_t)snprintf(text + n, size - n, "%s%s", n > 0 ? ", " : "",
					      (*t)->name);
	}
	return text;
}

/* Whether a card's type has this option, and this is a value of it. */
static int
check_own(struct parser *p, const struct card_type *type, const struct card_value *v)
{
	const struct card_option *o = card_option_find(type, v->name);
	const char *wanted;
	char text[128];

	if (!o)
		return options_fail(p, "--%s is an option of type %s, not of type %s", v->name,
				    owners(v->name, text, sizeof(text)), type->name);
	wanted = o->fault ? o->fault(v->value) : NULL;
	return wanted ? options_fail(p, "--%s needs %s", o->name, wanted) : 0;
}

/* What stood before the first -t came before its type. */
static int
check_all_own(struct parser *p, const struct options *o)
{
	const struct card_value *v;

	for (v = o->own; v->name; v++) {
		if (check_own(p, o->type, v) < 0)
			return -1;
	}
	return 0;
}

static int
take_own(struct parser *p, const char *text)
{
	struct card_value *v;

	/* the last one counts, unless all do */
	for (v = p->scope->own;
	     v->name && (p->row->flags & AGAIN || strcmp(v->name, p->row->name) != 0); v++)
		;
	if (v == p->scope->own + OPTIONS_MAX)
		return options_fail(p, "--%s: too many options", p->row->name);
	*v = (struct card_value) { p->row->name, text ? text : "" };
	return p->scope->type ? check_own(p, p->scope->type, v) : 0;
}

/* Begin a card: with what holds for all, and nothing of the cards before it. */
static int
take_type(struct parser *p, const char *text)
{
	struct command *cmd = p->cmd;
	const struct card_type *type;
	struct options *cards;
	char why[1024];

	type = plugins_type(&cmd->plugins, text, why, sizeof(why));
	if (!type)
		return options_fail(p, "%s", why);
	cards = reallocarray(cmd->cards, cmd->n_cards + 1, sizeof(*cards));
	if (!cards)
		return options_fail(p, "no memory");
	cmd->cards = cards;
	p->scope = &cards[cmd->n_cards++];
	*p->scope = cmd->common;
	p->scope->given = p->scope->given_own = 0;
	p->scope->type = type;
	return 0;
}

static int
take_action(struct parser *p, const char *text)
{
	(void)text;
	p->cmd->action = (enum action)p->row->at;
	return 0;
}

/* Of the whole process, wherever it stands. */
static int
take_daemon(struct parser *p, const char *text)
{
	(void)text;
	p->cmd->background = true;
	return 0;
}

static int
take_pid_file(struct parser *p, const char *text)
{
	if (!*text)
		return options_fail(p, "--pid-file is empty: it needs FILE");
	p->cmd->pid_file = text;
	return 0;
}

static int
take_check_image(struct parser *p, const char *text)
{
	if (!*text)
		return options_fail(p, "--check-image is empty: it needs FILE");
	p->cmd->action = ACTION_CHECK_IMAGE;
	p->cmd->image = text;
	return 0;
}

static int
take_plugin_folder(struct parser *p, const char *text)
{
	if (p->cmd->plugins.loaded)
		return options_fail(p, "--plugin-folder: write it before the -t that needs it");
	p->cmd->plugins.folder = text;
	return 0;
}

static bool
is_shared_object(const char *path)
{
	size_t n = strlen(path);

	return n > 3 && strcmp(path + n - 3, ".so") == 0;
}

/* Whether execvp(3) finds a program of this name. */
static bool
is_in_path(const char *name)
{
	const char *dir = getenv("PATH");
	char path[PATH_MAX];
	size_t n;

	if (!*name)
		return false;
	for (; dir; dir = dir[n] ? dir + n + 1 : NULL) {
		n = strcspn(dir, ":");
		if (snprintf(path, sizeof(path), "%.*s/%s", (int)n, n > 0 ? dir : ".", name) <
			    (int)sizeof(path) &&
		    access(path, X_OK) == 0)
			return true;
	}
	return false;
}

/* A plug-in, or a program that can be started. */
static int
take_mitm(struct parser *p, const char *text)
{
	struct options *o = p->scope;
	struct mitm_choice mitm = { .path = text };
	char why[1024];

	if (o->n_mitms == MITM_CHAIN_MAX)
		return options_fail(p, "--mitm: a card has at most %d middle-men", MITM_CHAIN_MAX);
	if (is_shared_object(text)) {
		mitm.module = plugins_load(&p->cmd->plugins, text, why, sizeof(why));
		if (!mitm.module)
			return options_fail(p, "%s", why);
		if (!module_mitm(mitm.module))
			return options_fail(p, "%s is a card, not a middle-man: use --type", text);
	} else if (strchr(text, '/') && access(text, X_OK) < 0) {
		return options_fail(p,
				    "--mitm \"%s\": %s; --mitm needs a plug-in (.so) or a program",
				    text, strerror(errno));
	} else if (!strchr(text, '/') && !is_in_path(text)) {
		return options_fail(p,
				    "--mitm \"%s\": no such program in PATH; ./%s would be a file",
				    text, text);
	}
	o->mitms[o->n_mitms++] = mitm;
	return 0;
}

static int
take_deadline(struct parser *p, const char *text)
{
	unsigned long n;

	if (!read_number(text, 600000, &n) || n == 0)
		return options_fail(p, "--mitm-deadline \"%s\" is not a time: 1 to 600000 ms",
				    text);
	p->scope->mitm_deadline = (int)n;
	return 0;
}

/* A name, or the path of a socket. */
static int
take_control(struct parser *p, const char *text)
{
	if (!strchr(text, '/') && !place_is_name(text))
		return options_fail(
			p,
			"--control \"%s\" is not a name: 1 to %d letters, digits, - _ and ., no . first; "
			"or a path with a slash",
			text, PLACE_NAME_MAX);
	p->scope->control = text;
	return 0;
}

static int take_config(struct parser *p, const char *text);

#define AT(member) offsetof(struct options, member)

static const struct option_row common_rows[] = {
	{ "type", 't', "TYPE", "insert a card of this type; again: a further card", take_type, 0, 0,
	  "The card" },
	{ "list-types", 0, NULL, "list the types", take_action, ACTION_TYPES, 0, NULL },
	{ "file", 'f', "FILE", "keep the card in this image; make it if missing", take_text,
	  AT(file), ONE_CARD, NULL },
	{ "read-only", 0, NULL, "do not write the image: refuse changes", take_flag, AT(read_only),
	  0, NULL },
	{ "volatile", 0, NULL, "do not write the image: discard changes at the end", take_flag,
	  AT(is_volatile), 0, NULL },
	{ "check-image", 0, "FILE", "say what is in an image, or what is wrong with it",
	  take_check_image, 0, 0, NULL },
	{ "atr", 0, "HEX", "use this ATR instead of the type's own", take_atr, 0, ONE_CARD, NULL },
	{ "serial", 0, "HEX", "use this serial number; the image keeps it", take_serial, 0,
	  ONE_CARD, NULL },
	{ "plugin-folder", 0, "DIR", "look for NAME.so of -t NAME in this folder",
	  take_plugin_folder, 0, 0, NULL },

	{ "import", 0, "FILE", "put in keys and certificates: PEM, DER or PKCS#12", take_import, 0,
	  ONE_CARD, "A new card with keys" },
	{ "generate", 0, "PLACE=KIND", "make a key with a certificate, as in 9A=p256",
	  take_generate, 0, ONE_CARD, NULL },
	{ "subject", 0, "NAME", "common name for certificates of keys that are made", take_subject,
	  AT(subject), ONE_CARD, NULL },
	{ "passphrase-file", 0, "FILE", "read passphrases of imported files, one per line",
	  take_text, AT(passphrase_file), ONE_CARD, NULL },
	{ "pin-file", 0, "FILE", "read PINs, also for --pad, --script, --record", take_text,
	  AT(pin_file), 0, NULL },
	{ "label", 0, "TEXT", "name the card", take_label, AT(label), ONE_CARD, NULL },
	{ "force", 0, NULL, "replace the image if it is there", take_flag, AT(force), ONE_CARD,
	  NULL },
	{ "keep", 0, NULL, "use the image if it is there, import nothing", take_flag, AT(keep),
	  ONE_CARD, NULL },

	{ "hostname", 'H', "HOST", "host of the reader [localhost]", take_host, 0, 0,
	  "The reader" },
	{ "port", 'P', "PORT", "TCP port of its first slot [35963]", take_port, 0, 0, NULL },
	{ "slot", 0, "K", "slot of the card, 0 to 15 [0]", take_slot, 0, 0, NULL },
	{ "shared-port", 0, NULL, "use the same port for further cards", take_flag, AT(shared_port),
	  0, NULL },
	{ "unix", 0, "PATH", "use a unix socket instead of host and port", take_unix, 0, 0, NULL },
	{ "reversed", 'R', NULL, "wait for the reader to connect; -H @: anywhere", take_flag,
	  AT(where.reversed), 0, NULL },
	{ "once", 0, NULL, "connect once, do not try again", take_flag, AT(where.once), 0, NULL },
	{ "pad", 0, NULL, "enter the PINs of --pin-file at its PIN pad", take_flag, AT(pad), 0,
	  NULL },

	{ "script", 0, "FILE", "run an APDU script on the card, without a reader", take_text,
	  AT(script), 0, "The conversation" },
	{ "record", 0, "FILE", "write an APDU script, with PINs by name", take_text, AT(record),
	  ONE_CARD, NULL },
	{ "trace", 0, "FILE", "write a trace for Wireshark, with secrets as FF", take_text,
	  AT(trace), 0, NULL },
	{ "trace-secrets", 0, NULL, "write PINs and keys to the trace, too", take_flag,
	  AT(trace_secrets), 0, NULL },
	{ "mitm", 0, "FILE", "put a middle-man before the card; again: another", take_mitm, 0, 0,
	  NULL },
	{ "mitm-deadline", 0, "MS", "time that a middle-man has for a message [5000]",
	  take_deadline, 0, 0, NULL },

	{ "verbose", 'v', NULL, "log more; twice: log each command, without its data", take_verbose,
	  0, 0, "Messages" },
	{ "quiet", 'q', NULL, "log errors only", take_quiet, 0, 0, NULL },
	{ "log", 0, "FILE", "append messages to this file", take_text, AT(log_file), 0, NULL },
	{ "version", 0, NULL, "print the version", take_action, ACTION_VERSION, 0, NULL },
	{ "help", 'h', NULL, "print this", take_action, ACTION_HELP, 0, NULL },

	{ "control", 0, "NAME", "let viccctl command the card, under this name", take_control, 0, 0,
	  "The process" },
	{ "out", 0, NULL, "begin outside the reader", take_flag, AT(out), 0, NULL },
	{ "daemon", 0, NULL, "run in the background; return when the cards are in", take_daemon, 0, 0,
	  NULL },
	{ "pid-file", 0, "FILE", "with --daemon: write the process number there", take_pid_file, 0, 0,
	  NULL },
	{ "config", 0, "FILE", "read long options from this file, one per line", take_config, 0, 0,
	  NULL },
	{ "no-sandbox", 0, NULL, "do not filter system calls: for debuggers", take_flag,
	  AT(no_sandbox), 0, NULL },
};

#define N_COMMON (sizeof(common_rows) / sizeof(common_rows[0]))
#define OWN_MAX 64 /* options of the types */
_Static_assert(N_COMMON <= 64 && N_COMMON + OWN_MAX <= OPTIONS_MAX,
	       "there is a bit and a row for each");

static const struct option_row *
row_named(const struct parser *p, const char *name)
{
	size_t i;

	for (i = 0; i < p->n_rows; i++) {
		if (strcmp(p->rows[i].name, name) == 0)
			return &p->rows[i];
	}
	return NULL;
}

/* Of its short form; 0: it has none. */
static char
letter_of(const struct card_option *o)
{
	return (char)(o->flags >> 8 & 0x7f);
}

/* An option of a card's type, as if it were one of all. */
static void
add_row(struct parser *p, const struct card_option *o)
{
	if (row_named(p, o->name))
		return;
	assert(p->n_rows < N_COMMON + OWN_MAX);
	p->rows[p->n_rows++] = (struct option_row) {
		.name = o->name,
		.letter = letter_of(o),
		.argument = o->argument,
		.help = o->help,
		.take = take_own,
		.flags = (o->argument ? ONE_CARD : 0) | (o->flags & CARD_OPTION_AGAIN ? AGAIN : 0),
	};
}

/* All options: those of every card, then those of the types. */
static void
merge_rows(struct parser *p)
{
	const struct card_type *const *t;
	const struct card_option *o;

	memcpy(p->rows, common_rows, sizeof(common_rows));
	p->n_rows = N_COMMON;
	for (t = card_types; *t; t++) {
		for (o = (*t)->options; o && o->name; o++)
			add_row(p, o);
	}
}

/* What struct options.given has for one of the common rows. */
static uint64_t
bit(const char *name)
{
	size_t i;

	for (i = 0; i < N_COMMON && strcmp(common_rows[i].name, name) != 0; i++)
		;
	assert(i < N_COMMON);
	return (uint64_t)1 << i;
}

/* Of the row with this number. */
static void
set_given(struct options *o, size_t row)
{
	if (row < N_COMMON)
		o->given |= (uint64_t)1 << row;
	else
		o->given_own |= (uint64_t)1 << (row - N_COMMON);
}

static bool
is_given(const struct options *o, size_t row)
{
	return (row < N_COMMON ? o->given >> row : o->given_own >> (row - N_COMMON)) & 1;
}

static int
take_option(struct parser *p, const struct option_row *row, const char *text)
{
	p->row = row;
	if (row->take(p, text) < 0)
		return -1;
	set_given(p->scope, (size_t)(row - p->rows));
	return 0;
}

/* --- --config ------------------------------------------------------------- */

/* Cut white space off both ends. */
static char *
trim_line(char *s)
{
	char *end;

	s += strspn(s, " \t\r");
	end = s + strlen(s);
	while (end > s && strchr(" \t\r", end[-1]))
		*--end = '\0';
	return s;
}

/* "name", "name value", "name=value" or "name = value", with or without -- in front. */
static int
take_line(struct parser *p, char *line)
{
	const struct option_row *row;
	char *value;

	line = trim_line(line);
	if (!*line || *line == '#')
		return 0;
	if (strncmp(line, "--", 2) == 0)
		line += 2;
	value = line + strcspn(line, "= \t");
	if (*value) {
		*value++ = '\0';
		value = trim_line(value);
		if (*value == '=')
			value = trim_line(value + 1);
	}
	row = row_named(p, line);
	if (!row)
		return options_fail(p, "there is no option \"%s\": vicc --help lists them", line);
	if (row->take == take_config)
		return options_fail(p, "a --config file cannot name another");
	if (row->argument && !*value)
		return options_fail(p, "%s needs a value: %s", row->name, row->argument);
	if (!row->argument && *value)
		return options_fail(p, "%s takes no value", row->name);
	return take_option(p, row, value);
}

static int
take_config(struct parser *p, const char *text)
{
	struct config *c = calloc(1, sizeof(*c));
	char *line, *rest;
	int rc;

	if (!c)
		return options_fail(p, "no memory");
	c->text.max = CONFIG_MAX;
	c->next = p->cmd->configs;
	p->cmd->configs = c;
	rc = slurp(text, &c->text);
	if (rc < 0)
		return options_fail(p, "cannot read --config \"%s\": %s", text, strerror(-rc));
	/* there is no NUL in a text file, and one would only end it */
	buf_u8(&c->text, 0);
	if (c->text.failed)
		return options_fail(p, "no memory");
	rest = (char *)c->text.p;
	p->file = text;
	p->line = 0;
	while ((line = strsep(&rest, "\n"))) {
		p->line++;
		if (take_line(p, line) < 0)
			return -1;
	}
	p->file = NULL;
	return 0;
}

/* --- the whole ------------------------------------------------------------ */

/* What getopt_long knows of the table. */
static void
describe_options(const struct parser *p, char letters[LETTERS_SIZE],
		 struct option longs[OPTIONS_MAX + 1])
{
	char *l = letters;
	size_t i;

	/* in order, so that the first that is no option ends it; errors are ours to say */
	*l++ = '+';
	*l++ = ':';
	for (i = 0; i < p->n_rows; i++) {
		const struct option_row *row = &p->rows[i];

		longs[i] = (struct option) {
			.name = row->name,
			.has_arg = row->argument ? required_argument : no_argument,
			.val = (int)(LONG_ONLY + i),
		};
		if (row->letter)
			*l++ = row->letter;
		if (row->letter && row->argument)
			*l++ = ':';
	}
	*l = '\0';
	longs[i] = (struct option) { .name = NULL };
}

static const struct option_row *
row_of(const struct parser *p, int value)
{
	size_t i;

	if (value >= LONG_ONLY)
		return &p->rows[value - LONG_ONLY];
	for (i = 0; i < p->n_rows; i++) {
		if (p->rows[i].letter == value)
			return &p->rows[i];
	}
	return NULL;
}

/* getopt_long returned ? or : for what was written so. */
static int
refuse_option(struct parser *p, int c, const char *written)
{
	const struct option_row *row = optopt ? row_of(p, optopt) : NULL;

	if (c == ':')
		return options_fail(p, "--%s needs a value: %s", row->name, row->argument);
	if (optopt >= LONG_ONLY)
		return options_fail(p, "--%s takes no value", row->name);
	if (optopt)
		return options_fail(p, "there is no option -%c: vicc --help lists them", optopt);
	return options_fail(
		p, "there is no option %s, or more than one that begins so: vicc --help lists them",
		written);
}

static int
read_words(struct parser *p, int argc, char *const *argv)
{
	char letters[LETTERS_SIZE];
	struct option longs[OPTIONS_MAX + 1];
	int c;

	describe_options(p, letters, longs);
	optind = 0; /* GNU: from the beginning */
	opterr = 0;
	while ((c = getopt_long(argc, argv, letters, longs, NULL)) != -1) {
		if (c == '?' || c == ':')
			return refuse_option(p, c, argv[optind - 1]);
		if (take_option(p, row_of(p, c), optarg) < 0)
			return -1;
	}
	if (optind < argc)
		return options_fail(
			p,
			"\"%s\" is not an option: vicc --help lists them; viccctl commands cards that run",
			argv[optind]);
	return 0;
}

/* Host and port, or a socket: of its own, or else of those that hold for all. */
static int
choose_place(struct parser *p, struct options *o)
{
	uint64_t tcp = bit("hostname") | bit("port");

	if ((o->given & bit("unix")) && (o->given & tcp))
		return options_fail(p, "choose either --unix or --hostname and --port");
	if (o->given & tcp)
		o->where.path[0] = '\0';
	return 0;
}

/* Add the slot to the port, or to the socket's name as the reader does. */
static int
add_slot(struct parser *p, struct options *o)
{
	struct endpoint *w = &o->where;
	size_t n = strlen(w->path);

	if (w->path[0]) {
		if (w->slot > 0 && (size_t)snprintf(w->path + n, sizeof(w->path) - n, ".%u",
						    w->slot) >= sizeof(w->path) - n)
			return options_fail(p, "--unix is too long for a socket with --slot %u",
					    w->slot);
		return 0;
	}
	if (w->port + w->slot > 65535)
		return options_fail(p, "--port %u and --slot %u are more than 65535", w->port,
				    w->slot);
	w->port = (uint16_t)(w->port + w->slot);
	return 0;
}

/*
 * Which slot each card is in: its own choice, or the next one. Controls that share a name
 * are told apart by their slots, those of a shared port by their order.
 */
static int
place_cards(struct parser *p)
{
	struct command *cmd = p->cmd;
	uint64_t elsewhere = bit("port") | bit("unix");
	unsigned next = cmd->common.where.slot;
	struct options *o;

	for (o = cmd->cards; o < cmd->cards + cmd->n_cards; o++) {
		if (choose_place(p, o) < 0)
			return -1;
		if (!(o->given & bit("slot")))
			o->where.slot = o->given & elsewhere ? 0 : next;
		if (!(o->given & elsewhere) && !o->shared_port)
			next = o->where.slot + 1;
		if (o->where.slot > SLOT_MAX && !o->where.reversed)
			return options_fail(
				p,
				"card %zu would be in slot %u: the last of a reader is %d; --port and --slot put it "
				"into another reader",
				(size_t)(o - cmd->cards) + 1, o->where.slot, SLOT_MAX);
		if (add_slot(p, o) < 0)
			return -1;
		if (!(o->given & bit("control")))
			o->control_slot =
				o->shared_port ? (unsigned)(o - cmd->cards) : o->where.slot;
	}
	return 0;
}

static uint64_t
image_modes(void)
{
	return bit("read-only") | bit("volatile");
}

static int
no_file(struct parser *p, const struct options *o)
{
	return options_fail(p, "--%s is about an image: it needs --file",
			    o->read_only ? "read-only" : "volatile");
}

static int
check_file(struct parser *p, const struct options *o)
{
	if (o->file && !o->type->contents)
		return options_fail(p, "--file: a card of type %s keeps nothing", o->type->name);
	if (o->read_only && o->is_volatile)
		return options_fail(p, "choose either --read-only or --volatile");
	if (!o->file && (o->given & image_modes()))
		return no_file(p, o);
	return 0;
}

/* For all cards: for those that have a file, then. */
static int
check_common_file(struct parser *p)
{
	const struct command *cmd = p->cmd;
	size_t i;

	if (!(cmd->common.given & image_modes()))
		return 0;
	for (i = 0; i < cmd->n_cards; i++) {
		if (cmd->cards[i].file)
			return 0;
	}
	return no_file(p, &cmd->common);
}

/* Whether a new card of this type takes secrets, which --pin-file may have, too. */
static bool
has_passwords(const struct card_type *type)
{
	const struct card_option *option = type->fill ? type->options : NULL;

	while (option && option->name && !(option->flags & CARD_OPTION_SECRET))
		option++;
	return option && option->name;
}

static int
check_watching(struct parser *p, const struct options *o)
{
	if (o->script && (o->trace || o->record))
		return options_fail(p, "--%s needs a conversation with a reader: --script has none",
				    o->trace ? "trace" : "record");
	if (o->script && (o->control || o->out))
		return options_fail(p, "--%s needs a reader: --script has none",
				    o->control ? "control" : "out");
	if (o->trace_secrets && !o->trace)
		return options_fail(p, "--trace-secrets needs --trace");
	if (o->pin_file && !o->script && !o->record && !o->pad && !has_passwords(o->type) &&
	    o->n_imports + o->n_generates == 0)
		return options_fail(p, "--pin-file needs --import, --script, --record or --pad");
	return 0;
}

/* A PIN pad is found by its card's endpoint, on this machine. */
static int
check_pad(struct parser *p, const struct options *o)
{
	if (!o->pad)
		return 0;
	if (!o->pin_file)
		return options_fail(
			p, "--pad needs --pin-file; vicc-pad(1) has other ways to enter digits");
	if (o->script)
		return options_fail(p, "--pad needs a reader: --script has none");
	if (o->shared_port)
		return options_fail(
			p, "--pad: with --shared-port nobody knows the slot: use vicc-pad --slot");
	if (o->where.host && !o->where.reversed)
		return options_fail(p,
				    "--pad is for a reader of this machine: leave out --hostname");
	return 0;
}

/* A new card that is somebody's. */
static int
check_import(struct parser *p, const struct options *o)
{
	const char *image = o->force ? "force" : o->keep ? "keep" : NULL;
	const char *made = o->subject ? "subject" : image;
	const char *about = o->label ? "label" : o->passphrase_file ? "passphrase-file" : made;

	if (o->n_generates > 0 && !(o->type->personal && o->type->personal->place))
		return options_fail(p, "--generate: a card of type %s has no places for keys",
				    o->type->name);
	if (o->n_imports + o->n_generates == 0)
		return about ? options_fail(p, "--%s needs --import", about) : 0;
	if (!o->type->personal)
		return options_fail(p, "--import: a card of type %s has no place for keys",
				    o->type->name);
	if (o->label && o->type->personal->unlabelled)
		return options_fail(
			p, "--label: a card of type %s is called what its certificate says",
			o->type->name);
	if (o->file && (o->read_only || o->is_volatile))
		return options_fail(p, "--import makes an image, --%s would not write it",
				    o->read_only ? "read-only" : "volatile");
	if (image && !o->file)
		return options_fail(p, "--%s is about an image: it needs --file", image);
	if (o->force && o->keep)
		return options_fail(
			p,
			"choose either --force, which makes a new card, or --keep, which uses the old one");
	return 0;
}

const char *
options_filled_by(const struct options *o)
{
	const struct card_value *v;

	for (v = o->own; v->name; v++) {
		if (card_option_find(o->type, v->name)->flags & CARD_OPTION_FILLS)
			return v->name;
	}
	return NULL;
}

/* What is on the card comes from one place. */
static int
check_filled(struct parser *p, const struct options *o)
{
	const char *by = options_filled_by(o);
	const char *other = o->file              ? "file"
			    : o->n_imports > 0   ? "import"
			    : o->n_generates > 0 ? "generate"
						 : NULL;

	if (!other && o->serial_len > 0)
		other = "serial";
	return by && other ? options_fail(p, "--%s says all that is on the card: --%s is too much",
					  by, other)
			   : 0;
}

static int
check_background(struct parser *p)
{
	const struct command *cmd = p->cmd;
	size_t i;

	if (cmd->pid_file && !cmd->background)
		return options_fail(p, "--pid-file needs --daemon");
	for (i = 0; i < cmd->n_cards; i++) {
		if (cmd->background && cmd->cards[i].script)
			return options_fail(p, "--daemon needs a reader: --script has none");
	}
	return 0;
}

/* What only makes sense for one card, or only for some types. */
static int
check_options(struct parser *p)
{
	const struct command *cmd = p->cmd;
	const struct options *o;
	size_t i;

	for (i = 0; cmd->n_cards > 1 && i < p->n_rows; i++) {
		if ((p->rows[i].flags & ONE_CARD) && is_given(&cmd->common, i))
			return options_fail(
				p,
				"--%s before the first -t would be for all %zu cards: write it after its -t",
				p->rows[i].name, cmd->n_cards);
	}
	for (o = cmd->cards; o < cmd->cards + cmd->n_cards; o++) {
		if (o->atr_len && !(o->type->flags & CARD_TAKES_ATR))
			return options_fail(p, "--atr: type %s has an ATR of its own",
					    o->type->name);
		if (o->serial_len && !(o->type->flags & CARD_TAKES_SERIAL))
			return options_fail(p, "--serial: type %s has no serial number",
					    o->type->name);
		if (check_all_own(p, o) < 0 || check_filled(p, o) < 0 || check_file(p, o) < 0 ||
		    check_watching(p, o) < 0 || check_pad(p, o) < 0 || check_import(p, o) < 0)
			return -1;
		if (o->where.reversed && o->shared_port && cmd->n_cards > 1)
			return options_fail(
				p,
				"--shared-port: with --reversed each card listens on a port of its own");
	}
	return check_common_file(p);
}

int
options_parse(struct command *cmd, int argc, char *const *argv)
{
	struct parser p = { .cmd = cmd, .scope = &cmd->common };

	*cmd = (struct command) {
		.common = {
			.where = { .port = WIRE_PORT }, .verbosity = LOG_NOTICE,
			.mitm_deadline = MITM_DEADLINE,
		},
	};
	merge_rows(&p);
	if (read_words(&p, argc, argv) < 0)
		return -1;
	if (cmd->action != ACTION_RUN)
		return 0;
	if (choose_place(&p, &cmd->common) < 0)
		return -1;
	if (cmd->n_cards == 0 && take_type(&p, DEFAULT_TYPE) < 0)
		return -1;
	if (place_cards(&p) < 0)
		return -1;
	return check_options(&p) < 0 ? -1 : check_background(&p);
}

void
options_free(struct command *cmd)
{
	struct config *c;

	while ((c = cmd->configs)) {
		cmd->configs = c->next;
		buf_free(&c->text);
		free(c);
	}
	free(cmd->cards);
	cmd->cards = NULL;
	cmd->n_cards = 0;
	plugins_free(&cmd->plugins);
}

static void
print_option(FILE *out, char letter, const char *name, const char *argument, const char *help)
{
	char left[64];

	snprintf(left, sizeof(left), "%c%c%c --%s%s%s", letter ? '-' : ' ', letter ? letter : ' ',
		 letter ? ',' : ' ', name, argument ? " " : "", argument ? argument : "");
	fprintf(out, "  %-26s %s\n", left, help);
}

/* Options of a type, unless a type before it has the same; and which types have them. */
static void
print_own(FILE *out, const struct card_type *const *type)
{
	const struct card_type *const *t;
	const struct card_option *o;

	for (t = card_types; t < type; t++) {
		if ((*t)->options == (*type)->options)
			return;
	}
	fprintf(out, "\nOnly of type %s", (*type)->name);
	for (t = type + 1; *t; t++) {
		if ((*t)->options == (*type)->options)
			fprintf(out, ", %s", (*t)->name);
	}
	fputs(":\n", out);
	for (o = (*type)->options; o->name; o++)
		print_option(out, letter_of(o), o->name, o->argument, o->help);
}

void
options_help(FILE *out)
{
	const struct card_type *const *t;
	const struct option_row *r;

	fputs("usage: vicc [OPTION]... [-t TYPE [OPTION]...]...\n"
	      "A virtual smart card for the reader of vpcd(8).\n\n"
	      "Options after -t apply to that card; options before the first -t apply to all.\n",
	      out);
	for (r = common_rows; r < common_rows + N_COMMON; r++) {
		if (r->group)
			fprintf(out, "\n%s:\n", r->group);
		print_option(out, r->letter, r->name, r->argument, r->help);
	}
	for (t = card_types; *t; t++) {
		if ((*t)->options)
			print_own(out, t);
	}
	fputs("\nSIGUSR1 takes the cards out, SIGUSR2 puts them back. See also vicc(1).\n", out);
}

void
options_types(struct command *cmd, FILE *out)
{
	const struct card_type *const *t;

	for (t = card_types; *t; t++)
		fprintf(out, "%-14s %s\n", (*t)->name, (*t)->summary);
	plugins_list(&cmd->plugins, out);
}
