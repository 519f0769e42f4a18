/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "crypto/memory.h"
#include "crypto/rand.h"
#include "host.h"
#include "image.h"
#include "options.h"
#include "qr.h"
#include "sandbox.h"
#include "script.h"
#include "signals.h"

#define EXIT_USAGE 2
#define EXIT_RUN 1

static int
open_log(struct log *log, const struct options *o)
{
	FILE *f = o->log_file ? fopen(o->log_file, "ae") : stderr;

	log->level = (enum log_level)o->verbosity;
	log->out = stderr;
	if (!f) {
		log_error(log, "cannot write --log \"%s\": %s", o->log_file, strerror(errno));
		return -1;
	}
	log->out = f;
	return 0;
}

static bool
interrupted(void *ctx)
{
	(void)ctx;
	return signals_stop();
}

/* --- one card --------------------------------------------------------------- */

/* What the card's loop is going to need of the system. */
static unsigned
needs(const struct options *o)
{
	const struct endpoint *w = &o->where;
	unsigned allowed = w->reversed ? SANDBOX_ANSWERS : SANDBOX_CALLS;

	if (w->reversed && w->path[0])
		allowed |= SANDBOX_UNLINKS;
	if (o->type->flags & CARD_FOREIGN_CODE)
		allowed |= SANDBOX_WIDE;
	if (o->file && !o->read_only && !o->forgets)
		allowed |= SANDBOX_STORES;
	return allowed;
}

/* A script that talks to the card instead of a reader. */
struct rehearsal {
	struct script script;
	struct buf text; /* read before the door is shut */
};

static int
rehearse(struct rehearsal *r, struct card *card)
{
	struct script_target t = script_card(card);
	int rc = card_power(card, CARD_POWER_ON);

	if (rc == 0)
		rc = script_run(&r->script, buf_view(&r->text), &t);
	if (rc == 0)
		printf("%s: %zu commands, all answered as wanted\n", r->script.name, r->script.commands);
	return rc;
}

/* What is on the card and where that is kept; neither for a type that keeps nothing. */
struct contents {
	struct image *image;
	struct state *state; /* the card's, once it is open */
};

static int
open_contents(const struct options *o, const struct log *log, struct contents *on)
{
	const struct image_config cfg = {
		.type = o->type->name,
		.contents = o->type->contents,
		.path = o->file,
		.mode = o->read_only ? IMAGE_READ_ONLY : o->forgets ? IMAGE_VOLATILE : IMAGE_KEEP,
		.serial = view_of(o->serial, o->serial_len),
	};
	char error[1024];
	int rc;

	if (!o->type->contents)
		return 0;
	rc = image_open(&on->image, &on->state, &cfg, error, sizeof(error));
	if (rc < 0)
		log_error(log, "%s", error);
	return rc;
}

/* How the driver's name for the slot ends that the card goes into. False: no such name is known. */
static bool
own_endpoint(const struct options *o, const struct link *link, char *text, size_t size)
{
	const struct endpoint *w = &o->where;

	if (o->script || w->reversed)
		return false;
	if (w->path[0])
		return strlcpy(text, w->path, size) < size;
	snprintf(text, size, ":%u", w->port);
	return link->local;
}

/* Make the card, shut the door, serve. */
static int
serve(const struct options *o, struct host *host, struct contents *on, struct rehearsal *r)
{
	char endpoint[sizeof(o->where.path)];
	const struct card_config cfg = {
		.atr = view_of(o->atr, o->atr_len),
		.state = on->state,
		.reader = o->reader,
		.shared = o->shared,
		.endpoint = own_endpoint(o, host->link, endpoint, sizeof(endpoint)) ? endpoint : NULL,
	};
	const struct card_env env = {
		.log = host->log,
		.ctx = on->image,
		.commit = on->image ? image_commit : NULL,
		.revert = on->image ? image_revert : NULL,
		.interrupted = interrupted,
	};
	int rc = 0;

	on->state = NULL;
	host->card = card_open(o->type, &cfg, &env);
	if (!host->card)
		return -ENOMEM;
	if (o->where.reversed && !o->where.path[0] && !o->script)
		qr_announce(stdout, &o->where, isatty(STDOUT_FILENO));
	if (!o->no_sandbox)
		rc = sandbox_enter(needs(o), host->log);
	if (rc == 0)
		rc = o->script ? rehearse(r, host->card) : host_run(host);
	card_free(host->card);
	return rc;
}

/* Find the reader, or the script. */
static int
find_and_serve(const struct options *o, struct host *host, struct contents *on)
{
	struct rehearsal r = { .script = { .out = stderr }, .text = BUF(SCRIPT_TEXT_MAX) };
	int rc = o->script ? script_load(&r.script, o->script, &r.text) :
			     link_open(host->link, &o->where, host->log);

	if (rc == 0)
		rc = serve(o, host, on, &r);
	script_free(&r.script);
	buf_free(&r.text);
	return rc;
}

static int
open_and_serve(const struct options *o, struct host *host)
{
	struct contents on = { .image = NULL };
	int rc = open_contents(o, host->log, &on);

	if (rc == 0)
		rc = find_and_serve(o, host, &on);
	state_free(on.state);
	image_free(on.image);
	return rc;
}

/* From here on the process is this card's: its exit code. */
static int
run_card(const struct options *o, const struct log *log)
{
	static struct host host;
	struct link link = { .n_listeners = 0 };
	int rc;

	sandbox_hide(o->no_sandbox);
	host = (struct host) { .link = &link, .log = log, .signals = signals_catch() };
	if (host.signals < 0) {
		log_error(log, "cannot catch signals: %s", strerror(-host.signals));
		return EXIT_RUN;
	}
	if (crypto_warm() < 0) {
		log_error(log, "libcrypto does not start, or this machine has no random numbers");
		return EXIT_RUN;
	}
	rc = open_and_serve(o, &host);
	link_close(&link);
	return rc < 0 ? EXIT_RUN : 0;
}

/* --- several cards ------------------------------------------------------------ */

/* A child: it ends with its parent, and its lines say which card it is. */
static int
run_child(const struct command *cmd, size_t i, pid_t parent, sigset_t *unblocked)
{
	const struct options *o = &cmd->cards[i];
	char name[64];
	struct log log = { .name = name };

	prctl(PR_SET_PDEATHSIG, SIGTERM);
	if (getppid() != parent)
		return EXIT_RUN;
	sigprocmask(SIG_SETMASK, unblocked, NULL);
	snprintf(name, sizeof(name), "vicc: card %zu (%s)", i + 1, o->type->name);
	if (open_log(&log, o) < 0)
		return EXIT_RUN;
	return run_card(o, &log);
}

/* What a child's end means for all: its exit code, or 1 for a crash. */
static int
exit_code(const struct command *cmd, const pid_t *pids, pid_t pid, int status)
{
	struct log log = { .out = stderr };
	size_t i;

	if (WIFEXITED(status))
		return WEXITSTATUS(status);
	for (i = 0; i < cmd->n_cards && pids[i] != pid; i++)
		;
	log_error(&log, "card %zu (%s) was ended by signal %d", i + 1, cmd->cards[i].type->name,
		  WTERMSIG(status));
	return EXIT_RUN;
}

/* Hand signals on until every child has ended: the worst exit code. */
static int
look_after(const struct command *cmd, pid_t *pids, size_t left, const sigset_t *caught)
{
	size_t i;
	int worst = 0, sig, status, code;
	pid_t pid;

	while (left > 0) {
		sig = sigwaitinfo(caught, NULL);
		for (i = 0; sig > 0 && sig != SIGCHLD && i < cmd->n_cards; i++) {
			if (pids[i] > 0)
				kill(pids[i], sig);
		}
		while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
			code = exit_code(cmd, pids, pid, status);
			worst = code > worst ? code : worst;
			for (i = 0; i < cmd->n_cards; i++)
				pids[i] = pids[i] == pid ? 0 : pids[i];
			left--;
		}
	}
	return worst;
}

static int
run_cards(const struct command *cmd)
{
	static const int forwarded[] = { SIGTERM, SIGINT, SIGHUP, SIGUSR1, SIGUSR2, SIGCHLD };
	pid_t parent = getpid(), *pids = calloc(cmd->n_cards, sizeof(*pids));
	struct log log = { .out = stderr };
	sigset_t caught, before;
	size_t i;
	int rc;

	if (!pids)
		return EXIT_RUN;
	sigemptyset(&caught);
	for (i = 0; i < sizeof(forwarded) / sizeof(forwarded[0]); i++)
		sigaddset(&caught, forwarded[i]);
	sigprocmask(SIG_BLOCK, &caught, &before);
	for (i = 0; i < cmd->n_cards; i++) {
		pids[i] = fork();
		if (pids[i] == 0) {
			free(pids);
			return run_child(cmd, i, parent, &before);
		}
		if (pids[i] < 0) {
			log_error(&log, "cannot start card %zu: %s", i + 1, strerror(errno));
			kill(parent, SIGTERM);
			break;
		}
	}
	rc = look_after(cmd, pids, i, &caught);
	if (i < cmd->n_cards)
		rc = EXIT_RUN;
	free(pids);
	return rc;
}

static int
run(const struct command *cmd)
{
	struct log log = { .name = "vicc" };

	if (cmd->n_cards > 1)
		return run_cards(cmd);
	if (open_log(&log, &cmd->cards[0]) < 0)
		return EXIT_RUN;
	return run_card(&cmd->cards[0], &log);
}

static int
check_image(const char *path)
{
	char error[1024];

	if (image_check(path, stdout, error, sizeof(error)) == 0)
		return 0;
	fprintf(stderr, "vicc: %s\n", error);
	return EXIT_RUN;
}

int
main(int argc, char **argv)
{
	struct command cmd;
	int rc = 0;

	/* before either library has any memory to free */
	image_wipe_memory();
	if (!crypto_wipe_memory())
		return EXIT_RUN;
	if (options_parse(&cmd, argc, argv) < 0) {
		fprintf(stderr, "vicc: %s\n", cmd.error);
		options_free(&cmd);
		return EXIT_USAGE;
	}
	switch (cmd.action) {
	case ACTION_RUN:
		rc = run(&cmd);
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
		options_types(stdout);
		break;
	}
	options_free(&cmd);
	return rc;
}
