/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* vicc-pad: the keys of a reader's PIN pad. */
#include "config.h"

#include <getopt.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "cli/pinfile.h"
#include "cli/place.h"
#include "daemon/sandbox.h"
#include "daemon/signals.h"
#include "pad/pad.h"
#include "wire.h"

#define EXIT_USAGE 2
#define SLOT_MAX 15 /* of a reader: vpcd(8) */

struct pad_options {
	unsigned long port, slot;
	bool shared, reversed;
	const char *unix_path, *pad_path;
	const char *pin_file, *script, *program, *control;
	bool no_sandbox;
	struct log log;
};

enum {
	OPTION_UNIX = 0x100,
	OPTION_PATH,
	OPTION_SLOT,
	OPTION_SHARED,
	OPTION_PINS,
	OPTION_SCRIPT,
	OPTION_PROGRAM,
	OPTION_CONTROL,
	OPTION_OPEN,
	OPTION_VERSION
};

static const struct option longs[] = {
	{ "slot", required_argument, NULL, OPTION_SLOT },
	{ "port", required_argument, NULL, 'P' },
	{ "unix", required_argument, NULL, OPTION_UNIX },
	{ "shared-port", no_argument, NULL, OPTION_SHARED },
	{ "reversed", no_argument, NULL, 'R' },
	{ "pad-socket", required_argument, NULL, OPTION_PATH },
	{ "pin-file", required_argument, NULL, OPTION_PINS },
	{ "script", required_argument, NULL, OPTION_SCRIPT },
	{ "program", required_argument, NULL, OPTION_PROGRAM },
	{ "control", required_argument, NULL, OPTION_CONTROL },
	{ "verbose", no_argument, NULL, 'v' },
	{ "quiet", no_argument, NULL, 'q' },
	{ "no-sandbox", no_argument, NULL, OPTION_OPEN },
	{ "version", no_argument, NULL, OPTION_VERSION },
	{ "help", no_argument, NULL, 'h' },
	{ NULL, 0, NULL, 0 },
};

static void
print_help(void)
{
	fputs("usage: vicc-pad [OPTION]...\n"
	      "The keys of a PIN pad, for a reader of vpcd(8) whose entry has /pad=1.\n\n"
	      "Which reader:\n"
	      "      --slot N             slot of the reader [0]\n"
	      "  -P, --port PORT          TCP port of the reader's first slot [35963]\n"
	      "      --unix PATH          unix socket of the reader, instead\n"
	      "      --shared-port        all slots of the reader are on one port or socket\n"
	      "  -R, --reversed           the reader connects to the card (vicc --reversed)\n"
	      "      --pad-socket PATH    the socket of the pad itself, instead\n\n"
	      "Who enters the digits; a person at the terminal, without these:\n"
	      "      --pin-file FILE      a file with PINs, a line each: PIN1=123456\n"
	      "      --script WORDS       how, one request after the other: right wrong\n"
	      "                           short long differ cancel time slow=MS sw=XXXX gone\n"
	      "      --program FILE       a program: a line on its input, a line back\n"
	      "      --control NAME       viccctl -n NAME pad, with --pin-file or without\n\n"
	      "Messages:\n"
	      "  -v, --verbose            log each request and its status word\n"
	      "  -q, --quiet              log errors only\n"
	      "      --version            print the version\n"
	      "  -h, --help               print this\n\n"
	      "The process:\n"
	      "      --no-sandbox         do not filter system calls: for debuggers\n\n"
	      "See also vicc-pad(1).\n",
	      stdout);
}

static int
refuse(const char *what, const char *text)
{
	fprintf(stderr, "vicc-pad: %s%s%s%s\n", what, text ? " \"" : "", text ? text : "",
		text ? "\"" : "");
	return EXIT_USAGE;
}

static bool
read_number(const char *text, unsigned long min, unsigned long max, unsigned long *out)
{
	char *end;

	if (*text < '0' || *text > '9')
		return false;
	*out = strtoul(text, &end, strncasecmp(text, "0x", 2) == 0 ? 16 : 10);
	return !*end && *out >= min && *out <= max;
}

/* One option: 0, or the exit code; -1: all is done. */
static int
take_option(struct pad_options *o, int c)
{
	switch (c) {
	case OPTION_SLOT:
		return read_number(optarg, 0, SLOT_MAX, &o->slot)
			       ? 0
			       : refuse("not a slot, 0 to 15:", optarg);
	case 'P':
		return read_number(optarg, 1, 65535, &o->port)
			       ? 0
			       : refuse("not a port, 1 to 65535:", optarg);
	case OPTION_UNIX:
		o->unix_path = optarg;
		return 0;
	case OPTION_PATH:
		o->pad_path = optarg;
		return 0;
	case OPTION_SHARED:
		o->shared = true;
		return 0;
	case 'R':
		o->reversed = true;
		return 0;
	case OPTION_PINS:
		o->pin_file = optarg;
		return 0;
	case OPTION_SCRIPT:
		o->script = optarg;
		return 0;
	case OPTION_PROGRAM:
		o->program = optarg;
		return 0;
	case OPTION_CONTROL:
		o->control = optarg;
		return strchr(optarg, '/') || place_is_name(optarg)
			       ? 0
			       : refuse("not a name, 1 to 32 letters, digits, - _ . :", optarg);
	case 'v':
		o->log.level = LOG_INFO;
		return 0;
	case 'q':
		o->log.level = LOG_ERROR_ONLY;
		return 0;
	case OPTION_OPEN:
		o->no_sandbox = true;
		return 0;
	case OPTION_VERSION:
		puts("vicc-pad " PACKAGE_VERSION);
		return -1;
	case 'h':
		print_help();
		return -1;
	default: /* getopt has said what is wrong */
		return EXIT_USAGE;
	}
}

/* What does not go together. */
static int
check_together(const struct pad_options *o)
{
	if (o->pin_file && o->program)
		return refuse("choose either --pin-file or --program", NULL);
	if (o->control && (o->program || o->script))
		return refuse("--control goes with neither --program nor --script", NULL);
	if (o->script && !o->pin_file)
		return refuse("--script needs --pin-file", NULL);
	if (o->unix_path && o->reversed)
		return refuse("--reversed is for a port", NULL);
	if (!o->shared && o->port + o->slot > 65535)
		return refuse("--port and --slot are more than 65535", NULL);
	return 0;
}

static bool
pad_place(const struct pad_options *o, char path[PADLINE_PATH])
{
	unsigned port = (unsigned)o->port, slot = (unsigned)o->slot;

	if (o->pad_path)
		return strlcpy(path, o->pad_path, PADLINE_PATH) < PADLINE_PATH;
	if (o->unix_path)
		return padline_unix_path(path, o->unix_path, slot);
	return padline_tcp_path(path, o->shared ? port : port + slot, o->shared ? slot : 0,
				o->reversed);
}

static bool
read_pins(const struct pad_options *o, struct props *pins)
{
	char error[512];

	if (pinfile_is_exposed(o->pin_file))
		log_notice(&o->log, "--pin-file %s: other users can read it: chmod 600",
			   o->pin_file);
	if (pinfile_read(pins, o->pin_file, error, sizeof(error)) == 0)
		return true;
	log_error(&o->log, "%s", error);
	props_clear(pins);
	return false;
}

static struct pad_source *
choose_source(const struct pad_options *o, const char *path)
{
	struct props pins = { .first = NULL };

	if (o->pin_file && !read_pins(o, &pins))
		return NULL;
	if (o->control)
		return pad_control(&pins, o->control, path, &o->log);
	if (o->pin_file)
		return pad_file(&pins, o->script, &o->log);
	return o->program ? pad_program(o->program, &o->log) : pad_terminal(&o->log);
}

static int
run_pad(const struct pad_options *o)
{
	char path[PADLINE_PATH];
	struct pad_source *source;
	int signals, rc;

	if (!pad_place(o, path))
		return refuse("the path of the socket is too long", NULL);
	sandbox_hide(o->no_sandbox);
	signals = signals_catch();
	source = choose_source(o, path);
	rc = source && signals >= 0 ? pad_run(source, path, signals, !o->no_sandbox, &o->log) : -1;
	if (source)
		source->ops->free(source);
	return rc < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}

int
main(int argc, char **argv)
{
	struct pad_options o = {
		.port = WIRE_PORT,
		.log = { .out = stderr, .level = LOG_NOTICE, .name = "vicc-pad" },
	};
	int c, rc = 0;

	/* digits go by here */
	json_set_alloc_funcs(wiping_malloc, wiping_free);
	while (rc == 0 && (c = getopt_long(argc, argv, "P:Rvqh", longs, NULL)) != -1)
		rc = take_option(&o, c);
	if (rc == 0 && optind < argc)
		rc = refuse("not an option:", argv[optind]);
	if (rc == 0)
		rc = check_together(&o);
	if (rc != 0)
		return rc < 0 ? EXIT_SUCCESS : rc;
	return run_pad(&o);
}
