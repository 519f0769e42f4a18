/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/output.h"
#include "base/text.h"
#include "cli/options.h"
#include "crypto/memory.h"
#include "daemon/notify.h"
#include "daemon/supervise.h"
#include "image/image.h"
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

/* From here on the process is this card's: its exit code. Of several, its messages say which one it is. */
static int
run_card(const void *ctx, size_t i)
{
	const struct run *run = ctx;
	const struct options *o = &run->cmd->cards[i];
	char name[64] = "vicc";
	struct log log = { .name = name };

	if (run->cmd->n_cards > 1)
		snprintf(name, sizeof(name), "vicc: card %zu (%s)", i + 1, card_name(ctx, i));
	if (open_log(&log, o) < 0 || session_run(o, &run->places[i], &log) < 0)
		return EXIT_FAILURE;
	return EXIT_SUCCESS;
}

static int
run_cards(const struct run *run)
{
	struct supervised cards = {
		.n = run->cmd->n_cards, .run = run_card, .name = card_name, .ctx = run,
	};
	size_t i;

	for (i = 0; i < cards.n; i++)
		cards.no_sandbox = cards.no_sandbox || run->cmd->cards[i].no_sandbox;
	return supervise(&cards);
}

/* Whoever started us may want to know when the cards are in; it is no reason not to begin. */
static void
open_notify(const struct command *cmd)
{
	struct log log = { .out = stderr };
	int rc = notify_open(cmd->n_cards);

	if (rc < 0)
		log_error(&log, "cannot tell NOTIFY_SOCKET \"%s\": %s", getenv("NOTIFY_SOCKET"), strerror(-rc));
}

static int
run_command(const struct command *cmd)
{
	struct trace_place *places = traces_open(cmd);
	const struct run all = { .cmd = cmd, .places = places };
	int rc;

	if (!places)
		return EXIT_FAILURE;
	open_notify(cmd);
	rc = cmd->n_cards > 1 ? run_cards(&all) : run_card(&all, 0);
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

int
main(int argc, char **argv)
{
	struct command cmd;
	int rc = 0;

	/* before either library has any memory to free */
	image_wipe_memory();
	if (!crypto_wipe_memory())
		return EXIT_FAILURE;
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
