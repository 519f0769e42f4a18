/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "control/inside.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/sw.h"
#include "codec/apdu.h"
#include "control/seat.h"
#include "wire.h"

void
control_event(struct control *c, unsigned class, const char *name, json_t *members)
{
	service_event(&c->service, class, name, members);
}

/* --- what the host tells -------------------------------------------------------------------- */

static unsigned
control_watch(void *ctx, struct pollfd *p)
{
	const struct control *c = ctx;

	return server_watch(&c->service.server, p);
}

static void
control_serve(void *ctx, const struct pollfd *p, unsigned n)
{
	struct control *c = ctx;

	server_serve(&c->service.server, p, n);
}

static void
control_news(void *ctx, enum host_news what, const char *why)
{
	static const char *const names[] = { "inserted", "removed", "connected", "disconnected" };
	struct control *c = ctx;

	if (what == HOST_INSERTED) {
		contents_offered(c);
		c->inserted = wire_now();
		c->counters.insertions++;
	} else if (what == HOST_CONNECTED) {
		c->counters.connects++;
	} else {
		c->powered_on = c->ready = false;
	}
	control_event(c, CLASS_STATE, names[what], *why ? json_pack("{s:s}", "why", why) : NULL);
}

static struct control *
control_of(struct tap *t)
{
	return (struct control *)((char *)t - offsetof(struct control, tap));
}

static void
tap_power(struct tap *t, enum card_power what)
{
	static const char *const names[] = {
		[CARD_POWER_OFF] = "off",
		[CARD_POWER_ON] = "on",
		[CARD_RESET] = "reset",
	};
	struct control *c = control_of(t);

	c->counters.resets += what == CARD_RESET;
	c->powered_on = c->powered_on || what != CARD_POWER_OFF;
	control_event(c, CLASS_POWER, "power", json_pack("{s:s}", "what", names[what]));
}

static void
tap_atr(struct tap *t, struct view atr)
{
	struct control *c = control_of(t);

	/* one of a mute card is none */
	if (atr.n >= 2)
		buf_set(&c->atr, atr);
	c->ready = c->powered_on;
}

/* Never its data, nor the answer's. */
static void
tell_command(struct control *c, struct view cmd, struct view rsp, const struct card_note *note)
{
	struct timespec now;
	struct apdu a = { .ne = 0 };
	double ms;

	if (!service_wants(&c->service, CLASS_COMMANDS))
		return;
	clock_gettime(CLOCK_MONOTONIC, &now);
	ms = (double)(now.tv_sec - c->begun.tv_sec) * 1e3 +
	     (double)(now.tv_nsec - c->begun.tv_nsec) / 1e6;
	apdu_parse(&a, cmd);
	control_event(c, CLASS_COMMANDS, "command",
		      json_pack("{s:o, s:I, s:I, s:o, s:I, s:f, s:o}", "header",
				service_hex(view_of(c->header, c->header_len)), "lc",
				(json_int_t)a.data.n, "le", (json_int_t)a.ne, "sw",
				service_hex(view_of(c->sw, 2)), "length", (json_int_t)rsp.n, "ms",
				(double)(int64_t)(ms * 1000) / 1000, "name",
				service_text(note->instruction)));
}

static void
tap_exchange(struct tap *t, struct view cmd, struct view rsp, const struct card_note *note)
{
	struct control *c = control_of(t);
	sw_t sw;

	c->counters.apdus++;
	c->last = wire_now();
	c->header_len = cmd.n < sizeof(c->header) ? cmd.n : sizeof(c->header);
	memcpy(c->header, cmd.p, c->header_len);
	sw = (sw_t)(c->sw[0] << 8 | c->sw[1]);
	c->counters.errors += sw_is_error(sw) && sw >> 8 != SW_WRONG_LE >> 8;
	tell_command(c, cmd, rsp, note);
}

/* --- what it stands between ----------------------------------------------- */

const struct card_env *
control_env(struct control *c, const struct card_env *env, struct image *image)
{
	c->image = image;
	c->own = *env;
	c->env = *env;
	c->env.ctx = c;
	if (env->commit)
		c->env.commit = between_commit;
	if (env->revert)
		c->env.revert = between_revert;
	return &c->env;
}

struct card *
control_seat(struct control *c, struct card *card, const struct card_config *cfg)
{
	c->cfg = *cfg;
	c->cfg.state = NULL;
	if (cfg->state)
		contents_serial(c, cfg->state);
	c->seat = seat_new(card);
	if (!c->seat)
		log_error(c->log, "no memory for a card");
	return c->seat;
}

void
control_trace(struct control *c, struct trace *trace)
{
	c->file_trace = trace;
}

/* One that is not there is no matter. */
static void
remove_tap(struct host *h, const struct tap *tap)
{
	struct tap **t;

	for (t = &h->taps; *t && *t != tap; t = &(*t)->next)
		;
	if (*t)
		*t = tap->next;
}

void
control_trace_end(struct control *c)
{
	remove_tap(c->host, &c->trace.tap);
	if (c->trace.fd >= 0)
		close(c->trace.fd);
	c->trace = (struct trace) { .fd = -1 };
}

/* --- from start to end ---------------------------------------------------- */

static struct control *
control_new(const struct options *o, struct host *host, const struct log *log)
{
	struct control *c = calloc(1, sizeof(*c));

	if (!c)
		return NULL;
	*c = (struct control) {
		.o = o,
		.log = log,
		.host = host,
		.started = wire_now(),
		.last = wire_now(),
		.atr = BUF(CARD_ATR_MAX),
		.serial = BUF(STATE_SERIAL_MAX),
		.cut = -1,
		.trace.fd = -1,
		.remote = { .ctx = c,
			    .watch = control_watch,
			    .serve = control_serve,
			    .news = control_news,
			    .command = between_command,
			    .answer = between_answer,
			    .send = between_send },
		.tap = { .power = tap_power, .atr = tap_atr, .exchange = tap_exchange },
		.service = { .log = log,
			     .owner = c,
			     .type = o->type->name,
			     .verbs = control_verbs,
			     .classes = control_classes },
	};
	return c;
}

int
control_open(struct control **out, const struct options *o, struct host *host,
	     const struct log *log)
{
	struct control *c = control_new(o, host, log);
	int rc = c ? service_open(&c->service, o->control, o->control_slot) : -ENOMEM;

	if (rc < 0) {
		control_free(c);
		return rc;
	}
	host->remote = &c->remote;
	c->tap.next = host->taps;
	host->taps = &c->tap;
	*out = c;
	return 0;
}

void
control_free(struct control *c)
{
	if (!c)
		return;
	service_close(&c->service);
	control_trace_end(c);
	remove_tap(c->host, &c->tap);
	contents_free(c);
	buf_free(&c->atr);
	free(c);
}

const char *
control_path(const struct control *c)
{
	return c ? c->service.path : NULL;
}
