/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Lines for a control, against a card that is out and one that is in, with commands of a
 * reader between them: a line that begins with > is one. Each other line has one answer,
 * and the card lives.
 */
#include <errno.h>
#include <jansson.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "control/inside.h"
#include "daemon/signals.h"
#include "fuzz.h"
#include "newcard.h"

static struct link link_;
static struct host host;
static struct options options;
static const struct log quiet = { .out = NULL };

struct bench {
	struct control *c;
	struct new_card card;
	struct client *client;
	int ends[2];
};

/* The control as it is, but for its socket, which is one of a pair. */
static void
bench_open(struct bench *b)
{
	static char path[64];
	struct card_config cfg = { .state = NULL };
	const struct image_config image = { .type = "iso7816", .remember = true };
	struct image_config own = image;
	char error[256];

	if (!path[0]) {
		/* no folder of its own that would stay behind */
		snprintf(path, sizeof(path), "/tmp/fuzz_control.%d", (int)getpid());
		options.control = path;
		options.type = card_type_find("iso7816");
		/* what "quit" sends; no signals_catch, as the engine has SIGALRM */
		signal(SIGTERM, SIG_IGN);
	}
	host = (struct host) { .link = &link_, .log = &quiet, .signals = -1 };
	signals_set_out(false);
	must(control_open(&b->c, &options, &host, &quiet) == 0);
	own.contents = options.type->contents;
	must(image_open(&b->card.image, &cfg.state, &own, error, sizeof(error)) == 0);
	b->card.env = (struct card_env) { .ctx = b->card.image,
					  .commit = image_commit,
					  .revert = image_revert };
	host.card = card_open(options.type, &cfg, control_env(b->c, &b->card.env, b->card.image));
	must(host.card);
	host.card = control_seat(b->c, host.card, &cfg);
	must(host.card && socketpair(AF_UNIX, SOCK_STREAM, 0, b->ends) == 0);
	b->client = &b->c->service.server.clients[0];
	*b->client = (struct client) {
		.fd = b->ends[0], .passed = -1, .in = BUF(SERVER_LINE_MAX), .out = BUF(SERVER_QUEUE_MAX),
	};
}

static void
bench_close(struct bench *b)
{
	b->client->ties = false;
	card_free(host.card);
	control_free(b->c);
	image_free(b->card.image);
	close(b->ends[1]);
}

/* As many lines as were asked for, each an object with an answer or an event. */
static size_t
hear(struct bench *b)
{
	static char text[1 << 20];
	ssize_t n = recv(b->ends[1], text, sizeof(text), MSG_DONTWAIT);
	char *line = text, *end;
	size_t answers = 0;
	json_t *o;

	for (; n > 0 && (end = memchr(line, '\n', (size_t)n));
	     n -= end + 1 - line, line = end + 1) {
		o = json_loadb(line, (size_t)(end - line), JSON_REJECT_DUPLICATES, NULL);
		must(json_is_object(o));
		must(!!json_object_get(o, "ok") + !!json_object_get(o, "error") +
			     !!json_object_get(o, "event") ==
		     1);
		answers += !json_object_get(o, "event");
		json_decref(o);
	}
	must(n <= 0);
	return answers;
}

static void
command(struct bench *b, struct view cmd)
{
	struct buf rsp = BUF(CARD_RESPONSE_MAX);
	struct tap *t;
	int rc = between_command(b->c, cmd, &rsp);

	if (rc == 0)
		rc = card_transmit(host.card, cmd, &rsp);
	if (rc >= 0)
		rc = between_answer(b->c, cmd, &rsp);
	for (t = host.taps; t && rc >= 0; t = t->next)
		t->exchange(t, cmd, buf_view(&rsp), &host.card->note);
	must(rc >= 0 || rc == -ECANCELED);
	buf_free(&rsp);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static bool wiped;
	struct view rest = view_of(data, size), line;
	const uint8_t *end;
	struct bench b = { .c = NULL };
	size_t lines = 0;

	if (!wiped)
		image_wipe_memory();
	wiped = true;
	bench_open(&b);
	while (rest.n > 0 && lines++ < 64) {
		end = memchr(rest.p, '\n', rest.n);
		line = view_slice(rest, 0, end ? (size_t)(end - rest.p) : rest.n);
		rest = view_slice(rest, line.n + 1, rest.n);
		if (line.n > 2 && *line.p == '>') {
			command(&b, view_slice(line, 1, line.n));
			hear(&b);
		} else {
			b.c->service.server.line(&b.c->service, b.client, line);
			must(hear(&b) == 1 || b.client->closing);
		}
	}
	bench_close(&b);
	return 0;
}
