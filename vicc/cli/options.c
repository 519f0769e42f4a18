/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cli/options.h"

#include <errno.h>
#include <getopt.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/hex.h"
#include "cards/plugin/mitm.h"
#include "codec/atr.h"
#include "wire.h"

#define DEFAULT_TYPE "iso7816"
#define LONG_ONLY 0x100 /* getopt_long's value of row i is LONG_ONLY + i */

#define ONE_CARD 0x1u /* before the first -t an error when a second follows */

struct config {
	struct config *next;
	char *text;
};

struct parser {
	struct command *cmd;
	struct options *scope;       /* the card whose options these are, or what holds for all */
	const struct option_row *row;
	const char *file;            /* --config, NULL: the command line */
	unsigned line;
};

/* An option: to add one is to add a row, and a member that it sets. */
struct option_row {
	const char *name;
	char letter;          /* 0: none */
	const char *argument; /* its name in the help; NULL: it takes none */
	const char *help;
	int (*take)(struct parser *p, const char *text);
	size_t at;            /* offset in struct options of what take_text and take_flag set */
	unsigned flags;
};

static int fail(struct parser *p, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Say what is wrong, with the place it is at. Always -1. */
static int
fail(struct parser *p, const char *fmt, ...)
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
		return fail(p, "--%s is empty: it wants %s", p->row->name, p->row->argument);
	*(const char **)((char *)p->scope + p->row->at) = text;
	return 0;
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

static int
take_port(struct parser *p, const char *text)
{
	unsigned long n;

	if (!read_number(text, 65535, &n) || n == 0)
		return fail(p, "--port \"%s\" is not a port: 1 to 65535", text);
	p->scope->where.port = (uint16_t)n;
	return 0;
}

static int
take_slot(struct parser *p, const char *text)
{
	unsigned long n;

	if (!read_number(text, 65534, &n))
		return fail(p, "--slot \"%s\" is not a slot: 0 for the first, 1 for the second", text);
	p->scope->where.slot = (unsigned)n;
	return 0;
}

static int
take_unix(struct parser *p, const char *text)
{
	if (!*text)
		return fail(p, "--unix is empty: it wants the path of a socket");
	if (strlcpy(p->scope->where.path, text, sizeof(p->scope->where.path)) >=
	    sizeof(p->scope->where.path))
		return fail(p, "--unix \"%.32s...\" is too long for a socket: at most %zu characters",
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
		fail(p, "--%s \"%s\" is not hexadecimal: pairs of digits 0-9 A-F", p->row->name, text);
	else if (b.failed || b.n == 0)
		fail(p, "--%s wants 1 to %zu bytes in hexadecimal", p->row->name, max);
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
		return fail(p, "--atr \"%s\" is not an ATR: %s", text, fault);
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
		return fail(p, "--import is empty: it wants FILE");
	if (o->n_imports == OPTIONS_IMPORTS_MAX)
		return fail(p, "--import: at most %d files", OPTIONS_IMPORTS_MAX);
	o->imports[o->n_imports++] = text;
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
		return fail(p, "%s", why);
	cards = reallocarray(cmd->cards, cmd->n_cards + 1, sizeof(*cards));
	if (!cards)
		return fail(p, "no memory");
	cmd->cards = cards;
	p->scope = &cards[cmd->n_cards++];
	*p->scope = cmd->common;
	p->scope->given = 0;
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

static int
take_check_image(struct parser *p, const char *text)
{
	if (!*text)
		return fail(p, "--check-image is empty: it wants FILE");
	p->cmd->action = ACTION_CHECK_IMAGE;
	p->cmd->image = text;
	return 0;
}

static int
take_plugin_folder(struct parser *p, const char *text)
{
	if (p->cmd->plugins.loaded)
		return fail(p, "--plugin-folder comes before what is looked for in it");
	p->cmd->plugins.folder = text;
	return 0;
}

static bool
is_shared_object(const char *path)
{
	size_t n = strlen(path);

	return n > 3 && strcmp(path + n - 3, ".so") == 0;
}

/* A plug-in, or a program that can be started. */
static int
take_mitm(struct parser *p, const char *text)
{
	struct options *o = p->scope;
	struct middle man = { .path = text };
	char why[1024];

	if (o->n_men == MIDDLE_MAX)
		return fail(p, "--mitm: at most %d stand before a card", MIDDLE_MAX);
	if (is_shared_object(text)) {
		man.module = plugins_load(&p->cmd->plugins, text, why, sizeof(why));
		if (!man.module)
			return fail(p, "%s", why);
		if (!module_mitm(man.module))
			return fail(p, "%s is no middle-man but a card: --type", text);
	} else if (access(text, X_OK) < 0) {
		return fail(p, "--mitm \"%s\": %s; it wants a plug-in (.so) or a program", text, strerror(errno));
	}
	o->men[o->n_men++] = man;
	return 0;
}

static int
take_deadline(struct parser *p, const char *text)
{
	unsigned long n;

	if (!read_number(text, 600000, &n) || n == 0)
		return fail(p, "--mitm-deadline \"%s\" is not a time: 1 to 600000 ms", text);
	p->scope->mitm_deadline = (int)n;
	return 0;
}

static int take_config(struct parser *p, const char *text);

#define AT(member) offsetof(struct options, member)

static const struct option_row rows[] = {
	{ "type", 't', "TYPE", "a card of this type; again: a further card, in the next slot", take_type, 0, 0 },
	{ "list-types", 0, NULL, "the types that there are", take_action, ACTION_TYPES, 0 },
	{ "file", 'f', "FILE", "the card's image: loaded, made when missing, written back", take_text, AT(file),
	  ONE_CARD },
	{ "read-only", 0, NULL, "the image is never written: what would change it is refused", take_flag,
	  AT(read_only), 0 },
	{ "volatile", 0, NULL, "the image is never written: changes are forgotten at the end", take_flag,
	  AT(forgets), 0 },
	{ "check-image", 0, "FILE", "say what is in an image, or what is wrong with it", take_check_image, 0, 0 },
	{ "hostname", 'H', "HOST", "where the reader is [localhost]; with -R the address to listen on (@: all)",
	  take_text, AT(where.host), 0 },
	{ "port", 'P', "PORT", "its port [35963]", take_port, 0, 0 },
	{ "slot", 0, "K", "its slot K: added to the port [0]", take_slot, 0, 0 },
	{ "shared-port", 0, NULL, "further cards use the same port", take_flag, AT(shared_port), 0 },
	{ "unix", 0, "PATH", "a unix socket instead of host and port", take_unix, 0, 0 },
	{ "reversed", 'R', NULL, "wait for the reader to connect", take_flag, AT(where.reversed), 0 },
	{ "once", 0, NULL, "one connection, no second try", take_flag, AT(where.once), 0 },
	{ "atr", 0, "HEX", "another ATR", take_atr, 0, ONE_CARD },
	{ "serial", 0, "HEX", "another serial number, kept in the image", take_serial, 0, ONE_CARD },
	{ "import", 0, "FILE", "a new card with the keys and certificates in there: PEM, PKCS#12",
	  take_import, 0, ONE_CARD },
	{ "passphrase-file", 0, "FILE", "passphrases of such files, one per line", take_text, AT(passphrase_file),
	  ONE_CARD },
	{ "label", 0, "TEXT", "what a new card is called", take_text, AT(label), ONE_CARD },
	{ "force", 0, NULL, "put a new card in place of the image that is there", take_flag, AT(force), ONE_CARD },
	{ "keep", 0, NULL, "an image that is there is the card, and nothing is imported", take_flag, AT(keep), ONE_CARD },
	{ "reader", 0, "READER", "a relay's: number, or part of the name, of the PC/SC reader", take_text, AT(reader),
	  ONE_CARD },
	{ "shared", 0, NULL, "a relay's: others may use the real card, too", take_flag, AT(shared), 0 },
	{ "mitm", 0, "FILE", "a middle-man before the card: a plug-in or a program; again: another behind it", take_mitm,
	  0, 0 },
	{ "mitm-deadline", 0, "MS", "that a middle-man may take for a message [5000]", take_deadline, 0, 0 },
	{ "plugin-folder", 0, "DIR", "where -t NAME looks for NAME.so", take_plugin_folder, 0, 0 },
	{ "script", 0, "FILE", "run an APDU script against the card, show the first difference; no reader",
	  take_text, AT(script), 0 },
	{ "pin-file", 0, "FILE", "PINs by name, for a new card, --script and --record: PIN1=123456", take_text,
	  AT(pin_file), 0 },
	{ "record", 0, "FILE", "write the conversation as an APDU script, PINs by name", take_text, AT(record),
	  ONE_CARD },
	{ "trace", 0, "FILE", "write the conversation for Wireshark, secrets as FF", take_text, AT(trace), 0 },
	{ "trace-secrets", 0, NULL, "with PINs and keys in the trace, for those who mean it", take_flag,
	  AT(trace_secrets), 0 },
	{ "config", 0, "FILE", "long options, one per line", take_config, 0, 0 },
	{ "log", 0, "FILE", "write messages there", take_text, AT(log_file), 0 },
	{ "verbose", 'v', NULL, "say more; twice: every command, without its data", take_verbose, 0, 0 },
	{ "quiet", 'q', NULL, "say only what goes wrong", take_quiet, 0, 0 },
	{ "no-sandbox", 0, NULL, "for debuggers and sanitizers", take_flag, AT(no_sandbox), 0 },
	{ "version", 0, NULL, "the version", take_action, ACTION_VERSION, 0 },
	{ "help", 'h', NULL, "this", take_action, ACTION_HELP, 0 },
};

#define N_ROWS (sizeof(rows) / sizeof(rows[0]))
_Static_assert(N_ROWS <= 64, "struct options.given has a bit for each");

static uint64_t
bit(const char *name)
{
	size_t i;

	for (i = 0; strcmp(rows[i].name, name) != 0; i++)
		;
	return (uint64_t)1 << i;
}

static int
take(struct parser *p, const struct option_row *row, const char *text)
{
	p->row = row;
	if (row->take(p, text) < 0)
		return -1;
	p->scope->given |= (uint64_t)1 << (row - rows);
	return 0;
}

/* --- --config ------------------------------------------------------------- */

static char *
read_file(const char *path)
{
	FILE *f = fopen(path, "re");
	char *text = NULL;
	size_t room = 0;

	if (!f)
		return NULL;
	/* all of it: there is no NUL in a text file, and one would only end it */
	if (getdelim(&text, &room, '\0', f) < 0) {
		free(text);
		text = ferror(f) ? NULL : strdup("");
	}
	fclose(f);
	return text;
}

/* Cut white space off both ends. */
static char *
trim(char *s)
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

	line = trim(line);
	if (!*line || *line == '#')
		return 0;
	if (strncmp(line, "--", 2) == 0)
		line += 2;
	value = line + strcspn(line, "= \t");
	if (*value) {
		*value++ = '\0';
		value = trim(value);
		if (*value == '=')
			value = trim(value + 1);
	}
	for (row = rows; row < rows + N_ROWS && strcmp(row->name, line) != 0; row++)
		;
	if (row == rows + N_ROWS)
		return fail(p, "there is no option \"%s\": vicc --help shows what there is", line);
	if (row->take == take_config)
		return fail(p, "a --config file cannot name another");
	if (row->argument && !*value)
		return fail(p, "%s wants a value: %s", row->name, row->argument);
	if (!row->argument && *value)
		return fail(p, "%s takes no value", row->name);
	return take(p, row, value);
}

static int
take_config(struct parser *p, const char *text)
{
	struct config *c = calloc(1, sizeof(*c));
	char *line, *rest;

	if (!c)
		return fail(p, "no memory");
	c->next = p->cmd->configs;
	p->cmd->configs = c;
	c->text = rest = read_file(text);
	if (!rest)
		return fail(p, "cannot read --config \"%s\": %s", text, strerror(errno));
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
describe(char letters[2 * N_ROWS + 3], struct option longs[N_ROWS + 1])
{
	char *l = letters;
	size_t i;

	/* in order, so that the first that is no option ends it; errors are ours to say */
	*l++ = '+';
	*l++ = ':';
	for (i = 0; i < N_ROWS; i++) {
		longs[i] = (struct option) {
			.name = rows[i].name,
			.has_arg = rows[i].argument ? required_argument : no_argument,
			.val = (int)(LONG_ONLY + i),
		};
		if (rows[i].letter)
			*l++ = rows[i].letter;
		if (rows[i].letter && rows[i].argument)
			*l++ = ':';
	}
	*l = '\0';
	longs[i] = (struct option) { .name = NULL };
}

static const struct option_row *
row_of(int value)
{
	size_t i;

	if (value >= LONG_ONLY)
		return &rows[value - LONG_ONLY];
	for (i = 0; i < N_ROWS && rows[i].letter != value; i++)
		;
	return &rows[i];
}

/* getopt_long returned ? or : for what was written so. */
static int
refuse(struct parser *p, int c, const char *written)
{
	const struct option_row *row = optopt ? row_of(optopt) : NULL;

	if (c == ':')
		return fail(p, "--%s wants a value: %s", row->name, row->argument);
	if (optopt >= LONG_ONLY)
		return fail(p, "--%s takes no value", row->name);
	if (optopt)
		return fail(p, "there is no option -%c: vicc --help shows what there is", optopt);
	return fail(p, "there is no option %s, or more than one that begins so: vicc --help shows what there is",
		    written);
}

static int
read_words(struct parser *p, int argc, char *const *argv)
{
	char letters[2 * N_ROWS + 3];
	struct option longs[N_ROWS + 1];
	int c;

	describe(letters, longs);
	optind = 0; /* GNU: from the beginning */
	opterr = 0;
	while ((c = getopt_long(argc, argv, letters, longs, NULL)) != -1) {
		if (c == '?' || c == ':')
			return refuse(p, c, argv[optind - 1]);
		if (take(p, row_of(c), optarg) < 0)
			return -1;
	}
	if (optind < argc)
		return fail(p, "\"%s\" is no option: vicc --help shows what there is", argv[optind]);
	return 0;
}

/* Host and port, or a socket: of its own, or else of those that hold for all. */
static int
choose_place(struct parser *p, struct options *o)
{
	uint64_t tcp = bit("hostname") | bit("port");

	if ((o->given & bit("unix")) && (o->given & tcp))
		return fail(p, "--unix is instead of --hostname and --port: choose");
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
		if (w->slot > 0 && (size_t)snprintf(w->path + n, sizeof(w->path) - n, ".%u", w->slot) >=
				   sizeof(w->path) - n)
			return fail(p, "--unix is too long for a socket with --slot %u", w->slot);
		return 0;
	}
	if (w->port + w->slot > 65535)
		return fail(p, "--port %u and --slot %u are more than 65535", w->port, w->slot);
	w->port = (uint16_t)(w->port + w->slot);
	return 0;
}

/* Which slot each card is in: its own choice, or the next one. */
static int
place(struct parser *p)
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
		if (add_slot(p, o) < 0)
			return -1;
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
	return fail(p, "--%s is about an image: it goes with --file",
		    o->read_only ? "read-only" : "volatile");
}

static int
check_file(struct parser *p, const struct options *o)
{
	if (o->file && !o->type->contents)
		return fail(p, "--file: a card of type %s keeps nothing", o->type->name);
	if (o->read_only && o->forgets)
		return fail(p, "--read-only and --volatile: choose");
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

static int
check_watching(struct parser *p, const struct options *o)
{
	if (o->script && (o->trace || o->record))
		return fail(p, "--%s is of a conversation with a reader: there is none with --script",
			    o->trace ? "trace" : "record");
	if (o->trace_secrets && !o->trace)
		return fail(p, "--trace-secrets goes with --trace");
	if (o->pin_file && !o->script && !o->record && o->n_imports == 0)
		return fail(p, "--pin-file goes with --import, --script or --record");
	return 0;
}

/* A new card that is somebody's. */
static int
check_import(struct parser *p, const struct options *o)
{
	const char *image = o->force ? "force" : o->keep ? "keep" : NULL;
	const char *about = o->label ? "label" : o->passphrase_file ? "passphrase-file" : image;

	if (o->n_imports == 0)
		return about ? fail(p, "--%s goes with --import", about) : 0;
	if (!o->type->personal)
		return fail(p, "--import: a card of type %s has no place for keys", o->type->name);
	if (o->file && (o->read_only || o->forgets))
		return fail(p, "--import makes an image, --%s would not write it",
			    o->read_only ? "read-only" : "volatile");
	if (image && !o->file)
		return fail(p, "--%s is about an image: it goes with --file", image);
	if (o->force && o->keep)
		return fail(p, "choose: --force makes a new card, --keep uses the one that is there");
	return 0;
}

/* What only makes sense for one card, or only for some types. */
static int
check(struct parser *p)
{
	const struct command *cmd = p->cmd;
	const struct options *o;
	size_t i;

	for (i = 0; cmd->n_cards > 1 && i < N_ROWS; i++) {
		if ((rows[i].flags & ONE_CARD) && (cmd->common.given >> i & 1))
			return fail(p, "--%s before the first -t would be for all %zu cards: write it after its -t",
				    rows[i].name, cmd->n_cards);
	}
	for (o = cmd->cards; o < cmd->cards + cmd->n_cards; o++) {
		if (o->atr_len && !(o->type->flags & CARD_TAKES_ATR))
			return fail(p, "--atr: type %s has an ATR of its own", o->type->name);
		if (o->serial_len && !(o->type->flags & CARD_TAKES_SERIAL))
			return fail(p, "--serial: type %s has no serial number", o->type->name);
		if ((o->reader || o->shared) && !(o->type->flags & CARD_TAKES_READER))
			return fail(p, "--%s: type %s is no relay", o->reader ? "reader" : "shared",
				    o->type->name);
		if (check_file(p, o) < 0 || check_watching(p, o) < 0 || check_import(p, o) < 0)
			return -1;
		if (o->where.reversed && o->shared_port && cmd->n_cards > 1)
			return fail(p, "--shared-port: with --reversed each card listens on a port of its own");
	}
	return check_common_file(p);
}

int
options_parse(struct command *cmd, int argc, char *const *argv)
{
	struct parser p = { .cmd = cmd, .scope = &cmd->common };

	*cmd = (struct command) {
		.common = {
			.where = { .port = WIRE_PORT }, .verbosity = LOG_NOTICE, .mitm_deadline = MITM_DEADLINE,
		},
	};
	if (read_words(&p, argc, argv) < 0)
		return -1;
	if (cmd->action != ACTION_RUN)
		return 0;
	if (choose_place(&p, &cmd->common) < 0)
		return -1;
	if (cmd->n_cards == 0 && take_type(&p, DEFAULT_TYPE) < 0)
		return -1;
	if (place(&p) < 0)
		return -1;
	return check(&p);
}

void
options_free(struct command *cmd)
{
	struct config *c;

	while ((c = cmd->configs)) {
		cmd->configs = c->next;
		free(c->text);
		free(c);
	}
	free(cmd->cards);
	cmd->cards = NULL;
	cmd->n_cards = 0;
	plugins_free(&cmd->plugins);
}

void
options_help(FILE *out)
{
	const struct option_row *r;
	char left[64];

	fputs("usage: vicc [OPTION]... [-t TYPE [OPTION]...]...\n"
	      "A virtual smart card for the reader of vpcd(8).\n\n", out);
	for (r = rows; r < rows + N_ROWS; r++) {
		snprintf(left, sizeof(left), "%c%c%s --%s%s%s", r->letter ? '-' : ' ',
			 r->letter ? r->letter : ' ', r->letter ? "," : " ", r->name,
			 r->argument ? " " : "", r->argument ? r->argument : "");
		fprintf(out, "  %-24s %s\n", left, r->help);
	}
	fputs("\nOptions after a -t are that card's; before the first they hold for all.\n"
	      "SIGUSR1 takes the cards out, SIGUSR2 puts them back. More in vicc(1).\n", out);
}

void
options_types(struct command *cmd, FILE *out)
{
	const struct card_type *const *t;

	for (t = card_types; *t; t++)
		fprintf(out, "%-14s %s\n", (*t)->name, (*t)->summary);
	plugins_list(&cmd->plugins, out);
}
