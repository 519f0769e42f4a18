/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A pad that is commanded: vicc-control(7), PIN PADS. A request waits until somebody says how
 * it is answered, unless that was said before.
 */
#include "config.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "control/service.h"
#include "pad/typist.h"
#include "wire.h"

#define QUEUE_MAX 256 /* words for requests to come */

static_assert(PAD_WATCH >= 1 + SERVER_CLIENTS, "a pad watches a server");

enum { CLASS_STATE = 1 };

struct control_source {
	struct pad_source source;
	struct service service;
	struct typist typist;
	const char *path; /* of the pad's own socket */
	int64_t started;
	struct step queue[QUEUE_MAX];
	size_t n_queue;

	struct pad_ask ask; /* the request */
	bool waits;         /* nobody has said yet how it is answered */
	unsigned requests;
	unsigned sw; /* of the one before; 0: no client was told any */

	/* while commands are served */
	struct buf *say;
	int rc;
};

static struct control_source *
call_pad(const struct call *call)
{
	return call->owner;
}

/* --- what is told -------------------------------------------------------------- */

static json_t *
hex_byte(uint8_t b)
{
	return service_hex(view_of(&b, 1));
}

static json_t *
hex_sw(unsigned sw)
{
	const uint8_t bytes[] = { (uint8_t)(sw >> 8), (uint8_t)sw };

	return sw ? service_hex(view_of(bytes, 2)) : json_null();
}

/* What the reader says of its request. */
static json_t *
ask_members(const struct pad_ask *ask)
{
	static const char *const roles[] = {
		[PIN_VERIFIED] = "pin",
		[PIN_OLD] = "old",
		[PIN_NEW] = "new",
		[PIN_AGAIN] = "again",
	};
	json_t *want = json_array();
	unsigned i;

	for (i = 0; i < ask->n_wanted; i++)
		json_array_append_new(want, json_string(roles[ask->want[i]]));
	return json_pack("{s:i, s:o, s:o, s:o, s:i, s:i}", "slot", (int)ask->slot, "ins",
			 hex_byte(ask->ins), "ref", hex_byte(ask->ref), "want", want, "min",
			 (int)ask->min, "max", (int)ask->max);
}

static json_t *
do_status(struct call *call)
{
	const struct control_source *c = call_pad(call);
	const char *state = c->waits ? "asked" : c->source.connected ? "ready" : "away";
	int clients = 0, i;

	for (i = 0; i < SERVER_CLIENTS; i++)
		clients += c->service.server.clients[i].fd >= 0;
	return json_pack("{s:s, s:s, s:i, s:s, s:s, s:o, s:o, s:i, s:i, s:o, s:f, s:i}", "name",
			 c->service.name, "type", c->service.type, "pid", (int)getpid(), "version",
			 PACKAGE_VERSION, "state", state, "endpoint", service_text(c->path),
			 "asked", c->waits ? ask_members(&c->ask) : json_null(), "next",
			 (int)c->n_queue, "requests", (int)c->requests, "sw", hex_sw(c->sw),
			 "uptime", (double)(wire_now() - c->started) / 1000, "clients", clients);
}

/* --- how a request is answered ------------------------------------------------------ */

static int
answer_with(struct control_source *c, const struct step *step, struct buf *say)
{
	c->waits = false;
	return typist_enter(&c->typist, step, &c->ask, &c->source.until, say);
}

/* As the first word says that was given for requests to come. */
static int
answer_next(struct control_source *c, struct buf *say)
{
	const struct step step = c->queue[0];

	memmove(c->queue, c->queue + 1, --c->n_queue * sizeof(step));
	return answer_with(c, &step, say);
}

/* False: refused. */
static bool
check_step(struct call *call, const json_t *word, struct step *step)
{
	const char *text = json_string_value(word);

	if (!text || !step_read(text, strlen(text), step))
		call_refuse(call, "bad-argument", "want " TYPIST_WORDS);
	else if (step_needs_pins(step) && !call_pad(call)->typist.pins.first)
		call_refuse(call, "not-possible", "no --pin-file has the PINs: use enter");
	return !call->error;
}

static bool
check_waits(struct call *call)
{
	if (!call_pad(call)->waits)
		call_refuse(call, "not-possible", "no PIN is asked for");
	return !call->error;
}

static json_t *
do_pad(struct call *call)
{
	struct control_source *c = call_pad(call);
	struct step step;

	if (!check_step(call, json_object_get(call->request, "how"), &step) || !check_waits(call))
		return NULL;
	c->rc = answer_with(c, &step, c->say);
	return json_object();
}

/* All of them, before one is kept. */
static json_t *
do_next(struct call *call)
{
	struct control_source *c = call_pad(call);
	const json_t *words = json_object_get(call->request, "words");
	size_t n = json_array_size(words), i;
	struct step steps[QUEUE_MAX];

	if (n > QUEUE_MAX - c->n_queue)
		return call_refuse(call, "too-large", "more than %d words", QUEUE_MAX);
	for (i = 0; i < n; i++) {
		if (!check_step(call, json_array_get(words, i), &steps[i]))
			return NULL;
	}
	memcpy(c->queue + c->n_queue, steps, n * sizeof(*steps));
	c->n_queue = n > 0 ? c->n_queue + n : 0;
	if (c->waits && c->n_queue > 0)
		c->rc = answer_next(c, c->say);
	return json_pack("{s:i}", "next", (int)c->n_queue);
}

/* As many as are wanted; the new one need not be there again. */
static bool
check_pins(struct call *call, const json_t *pins, const struct pad_ask *ask)
{
	const bool again = ask->n_wanted > 1 && ask->want[ask->n_wanted - 1] == PIN_AGAIN;
	const size_t n = json_array_size(pins);
	const char *pin;
	size_t i;

	for (i = 0; i < n && !call->error; i++) {
		pin = json_string_value(json_array_get(pins, i));
		if (!pin || !*pin || strlen(pin) > PIN_DIGITS ||
		    strspn(pin, "0123456789") < strlen(pin))
			call_refuse(call, "bad-argument", "a PIN has 1 to %d digits", PIN_DIGITS);
	}
	if (!call->error && n != ask->n_wanted && !(again && n == ask->n_wanted - 1))
		call_refuse(call, "bad-argument", "PINs that are wanted: %u", ask->n_wanted);
	return !call->error;
}

static json_t *
do_enter(struct call *call)
{
	struct control_source *c = call_pad(call);
	const json_t *pins = json_object_get(call->request, "pins");
	const char *pin;
	size_t n = json_array_size(pins), i;

	if (!check_waits(call) || !check_pins(call, pins, &c->ask))
		return NULL;
	c->waits = false;
	buf_put(c->say, "key\npin", 7);
	for (i = 0; i < c->ask.n_wanted; i++) {
		pin = json_string_value(json_array_get(pins, i < n ? i : n - 1));
		buf_u8(c->say, ' ');
		buf_put(c->say, pin, strlen(pin));
	}
	buf_u8(c->say, '\n');
	return json_object();
}

static const struct verb pad_verbs[] = {
	{ "pad", do_pad, { TEXT("how", true, 16) } },
	{ "enter",
	  do_enter,
	  { { .name = "pins", .kind = KIND_LIST, .needed = true, .min = 1, .max = PIN_WANTED } } },
	{ "next",
	  do_next,
	  { { .name = "words", .kind = KIND_LIST, .needed = true, .max = QUEUE_MAX } } },
	{ "status", do_status, { { .name = NULL } } },
	{ "subscribe", do_subscribe, { { .name = "classes", .kind = KIND_LIST, .max = 1 } } },
	{ "unsubscribe", do_unsubscribe, { { .name = NULL } } },
	{ "tie", do_tie, { { .name = NULL } } },
	{ "quit", do_quit, { { .name = NULL } } },
	{ .name = NULL },
};

static const struct event_class pad_classes[] = {
	{ "state", CLASS_STATE, true },
	{ .name = NULL },
};

/* --- the pad's source ------------------------------------------------------------------ */

static int
control_ask(struct pad_source *s, const struct pad_ask *ask, struct buf *say)
{
	struct control_source *c = (struct control_source *)s;

	c->ask = *ask;
	c->requests++;
	c->waits = true;
	service_event(&c->service, CLASS_STATE, "asked", ask_members(ask));
	return c->n_queue > 0 ? answer_next(c, say) : 0;
}

/* It was slow. */
static int
control_more(struct pad_source *s, struct buf *say)
{
	struct control_source *c = (struct control_source *)s;

	s->until = 0;
	return answer_with(c, &(struct step) { .how = RIGHT }, say);
}

static void
control_over(struct pad_source *s, unsigned sw)
{
	struct control_source *c = (struct control_source *)s;

	s->until = 0;
	c->waits = false;
	c->sw = sw;
	typist_over(&c->typist, &c->ask, sw);
	service_event(&c->service, CLASS_STATE, "done", json_pack("{s:o}", "sw", hex_sw(sw)));
}

static unsigned
control_watch(const struct pad_source *s, struct pollfd *p)
{
	return server_watch(&((const struct control_source *)s)->service.server, p);
}

static int
control_serve(struct pad_source *s, const struct pollfd *p, unsigned n, struct buf *say)
{
	struct control_source *c = (struct control_source *)s;

	c->say = say;
	c->rc = 0;
	server_serve(&c->service.server, p, n);
	c->say = NULL;
	return c->rc;
}

static void
control_free(struct pad_source *s)
{
	struct control_source *c = (struct control_source *)s;

	service_close(&c->service);
	typist_free(&c->typist);
	free(c);
}

struct pad_source *
pad_control(struct props *pins, const char *name, const char *path, const struct log *log)
{
	static const struct pad_source_ops ops = {
		.ask = control_ask,
		.more = control_more,
		.watch = control_watch,
		.serve = control_serve,
		.over = control_over,
		.free = control_free,
	};
	struct control_source *c = calloc(1, sizeof(*c));

	if (!c) {
		log_error(log, "no memory for a PIN pad");
		props_clear(pins);
		return NULL;
	}
	c->source = (struct pad_source) { .ops = &ops, .log = log, .fd = -1 };
	c->service = (struct service) {
		.log = log, .owner = c, .type = "pad", .verbs = pad_verbs, .classes = pad_classes
	};
	c->typist = (struct typist) { .pins = *pins, .log = log };
	*pins = (struct props) { .first = NULL };
	c->path = path;
	c->started = wire_now();
	if (service_open(&c->service, name, 0) < 0) {
		control_free(&c->source);
		return NULL;
	}
	c->source.socket = c->service.path;
	return &c->source;
}
