/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "session/session.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "cli/personalise.h"
#include "cli/pinfile.h"
#include "control/control.h"
#include "crypto/rand.h"
#include "daemon/guard.h"
#include "daemon/host.h"
#include "daemon/link.h"
#include "daemon/qr.h"
#include "daemon/sandbox.h"
#include "daemon/signals.h"
#include "image/image.h"
#include "script/script.h"
#include "session/confine.h"
#include "session/passwords.h"

static bool
interrupted(void *ctx)
{
	(void)ctx;
	return signals_give_up();
}

/* A script that talks to the card instead of a reader. */
struct local_script {
	struct script script;
	struct buf text; /* read before the process is confined */
};

static int
run_script(struct local_script *r, struct card *card)
{
	struct script_target t = script_card(card);
	int rc = card_power(card, CARD_POWER_ON);

	if (rc == 0)
		rc = script_run(&r->script, buf_view(&r->text), &t);
	if (rc == 0)
		printf("%s: %zu commands, all answered as expected\n", r->script.name,
		       r->script.commands);
	return rc;
}

/*
 * What is on the card and where that is kept, neither for a type that keeps nothing; and who
 * commands it.
 */
struct contents {
	struct image *image;
	struct state *state; /* the card's, once it is open */
	struct control *control; /* NULL: nobody commands it */
};

/* By what a new card is made, and who is told. */
struct filling {
	const struct options *o;
	const struct log *log;
};

static int
fill_image(const void *ctx, struct state *s, char *error, size_t size)
{
	const struct filling *f = ctx;

	return personalise(f->o, s, f->log, error, size);
}

/* By the options of its type; of those that are secrets, also by --pin-file. */
static int
fill_own(const void *ctx, struct state *s, char *error, size_t size)
{
	const struct options *o = ((const struct filling *)ctx)->o;
	struct passwords passwords;
	const struct card_config cfg = { .values = passwords.values, .is_new = true };
	int rc = passwords_take(o, &passwords, error, size);

	if (rc == 0)
		rc = o->type->fill(s, &cfg, error, size);
	explicit_bzero(&passwords, sizeof(passwords));
	return rc;
}

/* What the card has of its secrets is in its state now. */
static void
wipe_values(const struct options *o)
{
	const struct card_option *option;
	const struct card_value *v;

	for (v = o->own; v->name; v++) {
		option = card_option_find(o->type, v->name);
		if (option->flags & CARD_OPTION_SECRET)
			explicit_bzero((void *)(uintptr_t)v->value, strlen(v->value));
	}
}

static int
open_contents(const struct options *o, const struct log *log, struct contents *on)
{
	const struct filling filling = { .o = o, .log = log };
	const struct image_config cfg = {
		.type = o->type->name,
		.card = o->type,
		.contents = o->type->contents,
		.path = o->file,
		.mode = o->read_only     ? IMAGE_READ_ONLY
			: o->is_volatile ? IMAGE_VOLATILE
					 : IMAGE_KEEP,
		.serial = view_of(o->serial, o->serial_len),
		.fill = o->type->fill                       ? fill_own
			: o->n_imports + o->n_generates > 0 ? fill_image
							    : NULL,
		.fill_ctx = &filling,
		.replace = o->force,
		.keep = o->keep || o->type->fill,
		.remember = on->control != NULL,
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
make_card(const struct options *o, const struct card_config *cfg, const struct card_env *env,
	  struct control *control)
{
	int rc = has_foreign_code(o) ? guard_start(env->log, "the card is gone") : 0;
	struct card *card;

	if (rc < 0) {
		log_error(env->log, "cannot guard against other people's code: %s", strerror(-rc));
		state_free(cfg->state);
		return NULL;
	}
	card = card_open(o->type, cfg, env);
	if (card && control)
		card = control_seat(control, card, cfg);
	return card ? mitm_chain_open(card, o->mitms, o->n_mitms, o->mitm_deadline, env) : NULL;
}

/* Make the card, confine the process, serve. */
static int
serve_card(const struct options *o, struct host *host, struct contents *on, struct local_script *r)
{
	char endpoint[sizeof(o->where.path)];
	const struct card_config cfg = {
		.atr = view_of(o->atr, o->atr_len),
		.state = on->state,
		.values = o->own,
		.is_volatile = o->is_volatile,
		.is_new = image_is_new(on->image),
		.endpoint = own_endpoint(o, host->link, endpoint, sizeof(endpoint)) ? endpoint
										    : NULL,
	};
	const struct card_env env = {
		.log = host->log,
		.ctx = on->image,
		.commit = on->image ? image_commit : NULL,
		.revert = on->image ? image_revert : NULL,
		.interrupted = interrupted,
		.foreign = guard_foreign,
	};
	struct confine limits = { .o = o,
				  .host = host,
				  .folder = image_folder(on->image),
				  .control = control_path(on->control) };
	int rc = 0;

	on->state = NULL;
	host->card =
		make_card(o, &cfg, on->control ? control_env(on->control, &env, on->image) : &env,
			  on->control);
	wipe_values(o);
	if (!host->card)
		return -ENOMEM;
	if (o->where.reversed && !o->where.path[0] && !o->script)
		qr_announce(stdout, &o->where, isatty(STDOUT_FILENO));
	/* with --once, when the reader is there: then no other is called or answered */
	if (o->where.once && !o->script) {
		host->found = confine;
		host->found_ctx = &limits;
	} else {
		rc = confine(&limits);
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
	struct local_script r = { .script = { .out = stderr, .names = *pins },
				  .text = BUF(SCRIPT_TEXT_MAX) };
	int rc;

	/* the script's from here on */
	*pins = (struct props) { .first = NULL };
	rc = o->script ? script_load(&r.script, o->script, &r.text) :
			 link_open(host->link, &o->where, host->log);
	if (rc == 0)
		rc = serve_card(o, host, on, &r);
	script_free(&r.script);
	buf_free(&r.text);
	return rc;
}

static int
open_image_and_serve(const struct options *o, struct host *host, struct observers *observers)
{
	struct contents on = { .image = NULL };
	int rc = o->control && !o->script ? control_open(&on.control, o, host, host->log) : 0;

	if (on.control && o->trace)
		control_trace(on.control, &observers->trace);
	if (rc == 0)
		rc = open_contents(o, host->log, &on);
	if (rc == 0)
		rc = find_and_serve(o, host, &on, &observers->pins);
	state_free(on.state);
	image_free(on.image);
	control_free(on.control);
	return rc;
}

static void
warn_if_exposed(const struct log *log, const char *option, const char *path)
{
	if (path && pinfile_is_exposed(path))
		log_notice(log, "%s %s: other users can read it: chmod 600", option, path);
}

int
session_run(const struct options *o, const struct trace_place *place, const struct log *log)
{
	static struct host host;
	struct observers observers = { .record.fd = -1 };
	struct link link = { .n_listeners = 0 };
	int rc;

	sandbox_hide(o->no_sandbox);
	host = (struct host) { .link = &link, .log = log, .signals = signals_catch() };
	if (host.signals < 0) {
		log_error(log, "cannot catch signals: %s", strerror(-host.signals));
		return host.signals;
	}
	if (o->out)
		signals_set_out(true);
	if (crypto_warm() < 0) {
		log_error(log, "libcrypto does not start, or this machine has no random numbers");
		return -EIO;
	}
	warn_if_exposed(log, "--pin-file", o->pin_file);
	warn_if_exposed(log, "--passphrase-file", o->passphrase_file);
	rc = observers_open(o, place, &host, &observers);
	if (rc == 0)
		rc = open_image_and_serve(o, &host, &observers);
	observers_free(&observers);
	link_close(&link);
	return rc;
}
