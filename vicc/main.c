/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/output.h"
#include "base/text.h"
#include "cli/options.h"
#include "cli/pinfile.h"
#include "cli/virt_cacard.h"
#include "crypto/memory.h"
#include "crypto/rand.h"
#include "daemon/background.h"
#include "daemon/notify.h"
#include "daemon/sandbox.h"
#include "daemon/supervise.h"
#include "image/image.h"
#include "pad/pad.h"
#include "session/session.h"

#define EXIT_USAGE 2

static int
open_log(struct log *log, const struct options *o)
{
	int fd = o->log_file ? output_open(o->log_file, 0666, false) : STDERR_FILENO;

	log->level = (enum log_level)o->verbosity;
	log->out = stderr;
	if (fd < 0) {
		log_error(log, "cannot write --log \"%s\": %s", o->log_file, output_fault(fd));
		return -1;
	}
	if (o->log_file)
		log->out = fdopen(fd, "a");
	return log->out ? 0 : -1;
}

/* The command, and what was opened for it before there are several processes. */
struct run {
	const struct command *cmd;
	const struct trace_place *places;
};

static const char *
card_name(const void *ctx, size_t i)
{
	const struct run *run = ctx;

	return run->cmd->cards[i].type->name;
}

static bool
card_renews(const void *ctx, size_t i)
{
	const struct run *run = ctx;

	return options_filled_by(&run->cmd->cards[i]);
}

/*
 * Where the driver has the pad of the slot that the card goes into: its number is in port and
 * path already.
 */
static bool
pad_path(const struct endpoint *w, char path[PADLINE_PATH])
{
	return w->path[0] ? padline_unix_path(path, w->path, 0)
			  : padline_tcp_path(path, w->port, 0, w->reversed);
}

/* The keys of the pad, in a process beside the card's, if they are wanted. */
static int
start_pad(const struct options *o, const struct log *log)
{
	struct props pins = { .first = NULL };
	char path[PADLINE_PATH], error[512];

	if (!o->pad)
		return 0;
	sandbox_hide(o->no_sandbox);
	if (!pad_path(&o->where, path)) {
		log_error(log, "--pad: the path of its socket is too long");
		return -1;
	}
	if (pinfile_read(&pins, o->pin_file, error, sizeof(error)) == 0)
		return pad_beside(&pins, path, !o->no_sandbox, log);
	log_error(log, "%s", error);
	props_clear(&pins);
	return -1;
}

/*
 * From here on the process is this card's: its exit code. Of several, its messages say which
 * one it is.
 */
static int
run_card(const void *ctx, size_t i)
{
	const struct run *run = ctx;
	const struct options *o = &run->cmd->cards[i];
	char name[64] = "vicc";
	struct log log = { .name = name };

	if (run->cmd->n_cards > 1)
		snprintf(name, sizeof(name), "vicc: card %zu (%s)", i + 1, card_name(ctx, i));
	if (open_log(&log, o) < 0 || start_pad(o, &log) < 0 ||
	    session_run(o, &run->places[i], &log) < 0)
		return EXIT_FAILURE;
	return EXIT_SUCCESS;
}

static int
run_cards(const struct run *run)
{
	struct supervised cards = {
		.n = run->cmd->n_cards, .run = run_card, .name = card_name, .renews = card_renews,
		.ctx = run,
	};
	size_t i;

	for (i = 0; i < cards.n; i++) {
		cards.no_sandbox = cards.no_sandbox || run->cmd->cards[i].no_sandbox;
		cards.runs_programs = cards.runs_programs || run->cmd->cards[i].n_mitms > 0;
	}
	/* what libcrypto makes of itself, each card's process then has; one that has not says so */
	(void)crypto_warm();
	return supervise(&cards);
}

/* Whoever started us may want to know when the cards are in; it is no reason not to begin. */
static void
open_notify(const struct command *cmd)
{
	struct log log = { .out = stderr };
	int rc = notify_open(cmd->n_cards);

	if (rc < 0)
		log_error(&log, "cannot tell NOTIFY_SOCKET \"%s\": %s", getenv("NOTIFY_SOCKET"),
			  strerror(-rc));
}

/* Whether this is the process in the background; the other ends with *code. */
static bool
go_background(const struct command *cmd, int *code)
{
	struct background b = { .pid_file = cmd->pid_file, .n = cmd->n_cards };
	size_t i;
	bool is_it;

	b.where = calloc(cmd->n_cards, sizeof(*b.where));
	for (i = 0; b.where && i < cmd->n_cards; i++)
		b.where[i] = cmd->cards[i].out ? NULL : &cmd->cards[i].where;
	is_it = background_enter(&b, code);
	free(b.where);
	return is_it;
}

static int
run_command(const struct command *cmd)
{
	struct trace_place *places = traces_open(cmd);
	const struct run all = { .cmd = cmd, .places = places };
	int rc;

	if (!places)
		return EXIT_FAILURE;
	if (cmd->background && !go_background(cmd, &rc)) {
		free(places);
		return rc;
	}
	if (!cmd->background)
		open_notify(cmd);
	rc = cmd->n_cards > 1 || card_renews(&all, 0) ? run_cards(&all) : run_card(&all, 0);
	free(places);
	return rc;
}

static int
check_image(const char *path)
{
	char error[1024];

	if (image_check(path, stdout, error, sizeof(error)) == 0)
		return 0;
	fprintf(stderr, "vicc: %s\n", error);
	return EXIT_FAILURE;
}

static int
run_words(int argc, char *const *argv)
{
	struct command cmd;
	int rc = 0;

	if (options_parse(&cmd, argc, argv) < 0) {
		text_make_plain(cmd.error);
		fprintf(stderr, "vicc: %s\n", cmd.error);
		options_free(&cmd);
		return EXIT_USAGE;
	}
	switch (cmd.action) {
	case ACTION_RUN:
		rc = run_command(&cmd);
		break;
	case ACTION_HELP:
		options_help(stdout);
		break;
	case ACTION_VERSION:
		puts("vicc " PACKAGE_VERSION);
		break;
	case ACTION_CHECK_IMAGE:
		rc = check_image(cmd.image);
		break;
	case ACTION_TYPES:
		options_types(&cmd, stdout);
		break;
	}
	options_free(&cmd);
	return rc;
}

static int
run_virt_cacard(int argc, char *const *argv)
{
	char *words[VIRT_CACARD_WORDS + 1];
	struct virt_cacard v;

	virt_cacard_parse(&v, argc, argv, stderr);
	switch (v.action) {
	case VIRT_CACARD_RUN:
		virt_cacard_words(&v, words);
		return run_words(VIRT_CACARD_WORDS, words);
	case VIRT_CACARD_HELP:
		virt_cacard_help(stdout);
		return 0;
	case VIRT_CACARD_SIGNAL:
		if (virt_cacard_signal(&v, "/proc") > 0)
			return 0;
		fputs("virt_cacard: no process of that name, or none that may be signalled\n",
		      stderr);
		break;
	case VIRT_CACARD_WRONG:
		break;
	}
	return EXIT_FAILURE;
}

int
main(int argc, char **argv)
{
	/* before either library has any memory to free */
	image_wipe_memory();
	if (!crypto_wipe_memory())
		return EXIT_FAILURE;
	return virt_cacard_is(argv[0]) ? run_virt_cacard(argc, argv) : run_words(argc, argv);
}
