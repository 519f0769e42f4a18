/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/output.h"
#include "base/text.h"
#include "crypto/memory.h"
#include "crypto/rand.h"
#include "daemon/guard.h"
#include "daemon/host.h"
#include "image/image.h"
#include "daemon/notify.h"
#include "cli/options.h"
#include "cli/personalise.h"
#include "cli/pinfile.h"
#include "daemon/qr.h"
#include "trace/recorder.h"
#include "daemon/sandbox.h"
#include "script/script.h"
#include "daemon/signals.h"
#include "trace/trace.h"

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

static bool
interrupted(void *ctx)
{
	(void)ctx;
	return signals_give_up();
}

/* --- one card --------------------------------------------------------------- */

/* In this process: a plug-in, or a library that we do not know. */
static bool
has_foreign_code(const struct options *o)
{
	size_t i;

	for (i = 0; i < o->n_mitms && !o->mitms[i].module; i++)
		;
	return i < o->n_mitms || o->type->flags & CARD_FOREIGN_CODE;
}

/* New connections to a reader, and to pcscd where that is to be woken. */
static unsigned
needed_sockets(const struct endpoint *w, const struct link *link)
{
	unsigned allowed = SANDBOX_CALLS;
	const struct addrinfo *a;

	if (w->path[0] || link->local)
		allowed |= SANDBOX_UNIX;
	for (a = link->addresses; a; a = a->ai_next)
		allowed |= a->ai_family == AF_INET ? SANDBOX_INET : SANDBOX_INET6;
	return allowed;
}

/* What the card's loop is going to need of the system. */
static unsigned
needed_calls(const struct options *o, const struct link *link)
{
	const struct endpoint *w = &o->where;
	unsigned allowed = 0;

	/* with --once the one connection is there already */
	if (!o->script && !w->once)
		allowed |= w->reversed ? SANDBOX_ANSWERS : needed_sockets(w, link);
	if (w->reversed && w->path[0])
		allowed |= SANDBOX_UNLINKS;
	if (has_foreign_code(o))
		allowed |= SANDBOX_WIDE;
	if (o->n_mitms > 0)
		allowed |= SANDBOX_AWAITS;
	if (o->file && !o->read_only && !o->forgets)
		allowed |= SANDBOX_STORES;
	return allowed;
}

/* Where the socket is that is removed at the end; -1: none, or it cannot be opened. */
static int
socket_folder(const struct endpoint *w)
{
	char path[sizeof(w->path)];

	if (!w->reversed || !w->path[0])
		return -1;
	strlcpy(path, w->path, sizeof(path));
	return open(dirname(path), O_PATH | O_DIRECTORY | O_CLOEXEC);
}

/* All that the door is shut with: to be handed on until it is. */
struct door {
	const struct options *o;
	const struct host *host;
	int folder; /* the image's; -1: it is not written */
};

static int
shut(void *ctx)
{
	const struct door *d = ctx;
	unsigned allowed = needed_calls(d->o, d->host->link);
	int socket, rc = 0;

	if (d->o->no_sandbox)
		return 0;
	/* nobody knows what other people's code opens */
	if (!(allowed & SANDBOX_WIDE)) {
		socket = socket_folder(&d->o->where);
		rc = sandbox_confine(allowed & SANDBOX_STORES ? d->folder : -1, socket, d->host->log);
		if (socket >= 0)
			close(socket);
	}
	return rc < 0 ? rc : sandbox_enter(allowed, d->host->log);
}

/* A script that talks to the card instead of a reader. */
struct local_script {
	struct script script;
	struct buf text; /* read before the door is shut */
};

static int
run_script(struct local_script *r, struct card *card)
{
	struct script_target t = script_card(card);
	int rc = card_power(card, CARD_POWER_ON);

	if (rc == 0)
		rc = script_run(&r->script, buf_view(&r->text), &t);
	if (rc == 0)
		printf("%s: %zu commands, all answered as expected\n", r->script.name, r->script.commands);
	return rc;
}

/* What is on the card and where that is kept; neither for a type that keeps nothing. */
struct contents {
	struct image *image;
	struct state *state; /* the card's, once it is open */
};

static int
fill(const void *ctx, struct state *s, char *error, size_t size)
{
	return personalise(ctx, s, error, size);
}

static int
open_contents(const struct options *o, const struct log *log, struct contents *on)
{
	const struct image_config cfg = {
		.type = o->type->name,
		.card = o->type,
		.contents = o->type->contents,
		.path = o->file,
		.mode = o->read_only ? IMAGE_READ_ONLY : o->forgets ? IMAGE_VOLATILE : IMAGE_KEEP,
		.serial = view_of(o->serial, o->serial_len),
		.fill = o->n_imports + o->n_generates > 0 ? fill : NULL,
		.fill_ctx = o,
		.replace = o->force,
		.keep = o->keep,
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

/* The card, with its middle-men before it. NULL: said. */
static struct card *
make_card(const struct options *o, const struct card_config *cfg, const struct card_env *env)
{
	int rc = has_foreign_code(o) ? guard_start(env->log, "the card is gone") : 0;
	struct card *card;

	if (rc < 0) {
		log_error(env->log, "cannot guard against other people's code: %s", strerror(-rc));
		state_free(cfg->state);
		return NULL;
	}
	card = card_open(o->type, cfg, env);
	return card ? mitm_chain_open(card, o->mitms, o->n_mitms, o->mitm_deadline, env) : NULL;
}

/* Make the card, shut the door, serve. */
static int
serve(const struct options *o, struct host *host, struct contents *on, struct local_script *r)
{
	char endpoint[sizeof(o->where.path)];
	const struct card_config cfg = {
		.atr = view_of(o->atr, o->atr_len),
		.state = on->state,
		.values = o->own,
		.forgets = o->forgets,
		.endpoint = own_endpoint(o, host->link, endpoint, sizeof(endpoint)) ? endpoint : NULL,
	};
	const struct card_env env = {
		.log = host->log,
		.ctx = on->image,
		.commit = on->image ? image_commit : NULL,
		.revert = on->image ? image_revert : NULL,
		.interrupted = interrupted,
		.foreign = guard_foreign,
	};
	struct door door = { .o = o, .host = host, .folder = image_folder(on->image) };
	int rc = 0;

	on->state = NULL;
	host->card = make_card(o, &cfg, &env);
	if (!host->card)
		return -ENOMEM;
	if (o->where.reversed && !o->where.path[0] && !o->script)
		qr_announce(stdout, &o->where, isatty(STDOUT_FILENO));
	/* with --once, when the reader is there: then no other is called or answered */
	if (o->where.once && !o->script) {
		host->found = shut;
		host->found_ctx = &door;
	} else {
		rc = shut(&door);
	}
	if (rc == 0)
		rc = o->script ? run_script(r, host->card) : host_run(host);
	card_free(host->card);
	return rc;
}

/* Find the reader, or the script. */
static int
find_and_serve(const struct options *o, struct host *host, struct contents *on, struct props *pins)
{
	struct local_script r = { .script = { .out = stderr, .names = *pins }, .text = BUF(SCRIPT_TEXT_MAX) };
	int rc;

	/* the script's from here on */
	*pins = (struct props) { .first = NULL };
	rc = o->script ? script_load(&r.script, o->script, &r.text) :
			 link_open(host->link, &o->where, host->log);
	if (rc == 0)
		rc = serve(o, host, on, &r);
	script_free(&r.script);
	buf_free(&r.text);
	return rc;
}

static int
open_image_and_serve(const struct options *o, struct host *host, struct props *pins)
{
	struct contents on = { .image = NULL };
	int rc = open_contents(o, host->log, &on);

	if (rc == 0)
		rc = find_and_serve(o, host, &on, pins);
	state_free(on.state);
	image_free(on.image);
	return rc;
}

/* --- observers: trace and record ------------------------------------------------- */

/* Where a card's trace goes, opened before there are several processes. */
struct trace_place {
	int fd; /* -1: nowhere */
	uint32_t interface;
};

struct observers {
	struct props pins;
	struct trace trace;
	struct record record;
};

static int
read_pins(const struct options *o, struct props *pins, const struct log *log)
{
	char error[512];
	int rc = o->pin_file && (o->script || o->record) ? pinfile_read(pins, o->pin_file, error, sizeof(error)) : 0;

	if (rc < 0)
		log_error(log, "%s", error);
	return rc;
}

static void
warn_if_exposed(const struct log *log, const char *option, const char *path)
{
	if (path && pinfile_is_exposed(path))
		log_notice(log, "%s %s: other users can read it: chmod 600", option, path);
}

static void
add_tap(struct host *host, struct tap *tap)
{
	tap->next = host->taps;
	host->taps = tap;
}

static int
observers_open(const struct options *o, const struct trace_place *place, struct host *host,
	    struct observers *observers)
{
	int rc = read_pins(o, &observers->pins, host->log);

	if (rc == 0 && o->record) {
		rc = record_open(&observers->record, o->record, o->type->name, &observers->pins, host->log);
		if (rc < 0)
			log_error(host->log, "cannot write --record \"%s\": %s", o->record, output_fault(rc));
		else
			add_tap(host, &observers->record.tap);
	}
	if (rc == 0 && place->fd >= 0) {
		trace_init(&observers->trace, place->fd, place->interface, o->trace_secrets, host->log);
		add_tap(host, &observers->trace.tap);
	}
	return rc;
}

static void
observers_free(struct observers *observers)
{
	props_clear(&observers->pins);
	record_free(&observers->record);
}

/* Cards with the same file share it: each is an interface of its own. */
static bool
shares_trace(const struct command *cmd, size_t i, size_t k)
{
	return cmd->cards[k].trace && strcmp(cmd->cards[i].trace, cmd->cards[k].trace) == 0;
}

static int
open_trace(const struct command *cmd, size_t i, struct trace_place *places)
{
	char (*texts)[LINK_TEXT] = calloc(cmd->n_cards, sizeof(*texts));
	const char **names = calloc(cmd->n_cards, sizeof(*names));
	uint32_t n = 0;
	int fd = -ENOMEM;
	size_t k;

	for (k = i; texts && names && k < cmd->n_cards; k++) {
		if (!shares_trace(cmd, i, k))
			continue;
		endpoint_text(&cmd->cards[k].where, texts[n]);
		names[n] = texts[n];
		places[k].interface = n++;
	}
	if (texts && names)
		fd = trace_create(cmd->cards[i].trace, names, n);
	for (k = i; fd >= 0 && k < cmd->n_cards; k++) {
		if (shares_trace(cmd, i, k))
			places[k].fd = fd;
	}
	free(texts);
	free(names);
	return fd < 0 ? fd : 0;
}

/* NULL: said. */
static struct trace_place *
open_traces(const struct command *cmd)
{
	struct trace_place *places = calloc(cmd->n_cards, sizeof(*places));
	struct log log = { .out = stderr };
	int rc = places ? 0 : -ENOMEM;
	size_t i;

	for (i = 0; places && i < cmd->n_cards; i++)
		places[i].fd = -1;
	for (i = 0; rc == 0 && i < cmd->n_cards; i++) {
		if (cmd->cards[i].trace && places[i].fd < 0)
			rc = open_trace(cmd, i, places);
		if (rc < 0)
			log_error(&log, "cannot write --trace \"%s\": %s", cmd->cards[i].trace, output_fault(rc));
	}
	if (rc == 0)
		return places;
	free(places);
	return NULL;
}

/* From here on the process is this card's: its exit code. */
static int
run_card(const struct options *o, const struct trace_place *place, const struct log *log)
{
	static struct host host;
	struct observers observers = { .record.fd = -1 };
	struct link link = { .n_listeners = 0 };
	int rc;

	sandbox_hide(o->no_sandbox);
	host = (struct host) { .link = &link, .log = log, .signals = signals_catch() };
	if (host.signals < 0) {
		log_error(log, "cannot catch signals: %s", strerror(-host.signals));
		return EXIT_FAILURE;
	}
	if (crypto_warm() < 0) {
		log_error(log, "libcrypto does not start, or this machine has no random numbers");
		return EXIT_FAILURE;
	}
	warn_if_exposed(log, "--pin-file", o->pin_file);
	warn_if_exposed(log, "--passphrase-file", o->passphrase_file);
	rc = observers_open(o, place, &host, &observers);
	if (rc == 0)
		rc = open_image_and_serve(o, &host, &observers.pins);
	observers_free(&observers);
	link_close(&link);
	return rc < 0 ? EXIT_FAILURE : 0;
}

/* --- several cards ------------------------------------------------------------ */

/* A child: it ends with its parent, and its lines say which card it is. */
static int
run_child(const struct command *cmd, size_t i, const struct trace_place *place, pid_t parent,
	  sigset_t *unblocked)
{
	const struct options *o = &cmd->cards[i];
	char name[64];
	struct log log = { .name = name };

	prctl(PR_SET_PDEATHSIG, SIGTERM);
	if (getppid() != parent)
		return EXIT_FAILURE;
	sigprocmask(SIG_SETMASK, unblocked, NULL);
	snprintf(name, sizeof(name), "vicc: card %zu (%s)", i + 1, o->type->name);
	if (open_log(&log, o) < 0)
		return EXIT_FAILURE;
	return run_card(o, place, &log);
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
	return EXIT_FAILURE;
}

/* No part of its work, but a process of vicc like the others: nothing more than it needs. */
static int
confine_parent(const struct command *cmd)
{
	struct log log = { .out = stderr, .level = LOG_ERROR_ONLY };
	bool open = false;
	size_t i;

	for (i = 0; i < cmd->n_cards; i++)
		open = open || cmd->cards[i].no_sandbox;
	sandbox_hide(open);
	return open ? 0 : sandbox_enter(SANDBOX_AWAITS | SANDBOX_FORWARDS, &log);
}

/* Hand signals on until every child has ended: the worst exit code. */
static int
supervise(const struct command *cmd, pid_t *pids, size_t left, const sigset_t *caught)
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
run_cards(const struct command *cmd, const struct trace_place *places)
{
	static const int forwarded[] = { SIGTERM, SIGINT, SIGHUP, SIGUSR1, SIGUSR2, SIGCHLD };
	pid_t parent = getpid(), *pids = calloc(cmd->n_cards, sizeof(*pids));
	struct log log = { .out = stderr };
	sigset_t caught, before;
	size_t i;
	int rc;

	if (!pids)
		return EXIT_FAILURE;
	sigemptyset(&caught);
	for (i = 0; i < sizeof(forwarded) / sizeof(forwarded[0]); i++)
		sigaddset(&caught, forwarded[i]);
	sigprocmask(SIG_BLOCK, &caught, &before);
	for (i = 0; i < cmd->n_cards; i++) {
		pids[i] = fork();
		if (pids[i] == 0) {
			free(pids);
			return run_child(cmd, i, &places[i], parent, &before);
		}
		if (pids[i] < 0) {
			log_error(&log, "cannot start card %zu: %s", i + 1, strerror(errno));
			kill(parent, SIGTERM);
			break;
		}
	}
	if (confine_parent(cmd) < 0)
		kill(parent, SIGTERM);
	rc = supervise(cmd, pids, i, &caught);
	if (i < cmd->n_cards)
		rc = EXIT_FAILURE;
	free(pids);
	return rc;
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
run(const struct command *cmd)
{
	struct log log = { .name = "vicc" };
	struct trace_place *places = open_traces(cmd);
	int rc = EXIT_FAILURE;

	if (!places)
		return EXIT_FAILURE;
	open_notify(cmd);
	if (cmd->n_cards > 1)
		rc = run_cards(cmd, places);
	else if (open_log(&log, &cmd->cards[0]) == 0)
		rc = run_card(&cmd->cards[0], places, &log);
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
		options_types(&cmd, stdout);
		break;
	}
	options_free(&cmd);
	return rc;
}
