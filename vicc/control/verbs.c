/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What can be asked for: a row and a function each. */
#include "control/inside.h"

#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static json_t *
ok(void)
{
	return json_object();
}

static json_t *
state_of(const struct call *call)
{
	return json_pack("{s:s}", "state", status_state(call_control(call)));
}

/* Nothing that could make the card wait, as a pipe can that nobody reads. */
int
call_file(struct call *call)
{
	struct stat st;
	int fd = call->client->passed;

	call->client->passed = -1;
	if (fd < 0) {
		call_refuse(call, "bad-argument", "this needs a descriptor, and none was passed");
		return -1;
	}
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode))
		return fd;
	close(fd);
	call_refuse(call, "bad-argument", "the descriptor is not that of a regular file");
	return -1;
}

/* --- in and out -------------------------------------------------------------- */

static json_t *
do_insert(struct call *call)
{
	struct host *h = call_control(call)->host;

	if (h->locked)
		return call_refuse(call, "locked", "card %s is locked: %s", call->service->name,
				   call_control(call)->lock_reason);
	host_set_out(h, false, "control");
	/* it is on its way from here on */
	return json_pack("{s:s}", "state",
			 h->offered ? status_state(call_control(call)) : "offered");
}

static json_t *
do_remove(struct call *call)
{
	struct host *h = call_control(call)->host;

	if (!host_is_out(h))
		host_set_out(h, true, "control");
	return state_of(call);
}

static json_t *
do_lock(struct call *call)
{
	struct host *h = call_control(call)->host;
	const char *reason = call_text(call, "reason");

	if (!host_is_out(h))
		host_set_out(h, true, "control");
	h->locked = true;
	strlcpy(call_control(call)->lock_reason, reason ? reason : "no reason given",
		sizeof(call_control(call)->lock_reason));
	return state_of(call);
}

/* It stays out. */
static json_t *
do_unlock(struct call *call)
{
	struct host *h = call_control(call)->host;

	if (h->locked)
		host_set_out(h, true, "control");
	h->locked = false;
	return state_of(call);
}

/* --- looking on ------------------------------------------------------------------ */

static json_t *
do_status(struct call *call)
{
	return status_object(call_control(call));
}

/* The trace into a file that was passed, or the one of the command line. */
static json_t *
trace_to_file(struct call *call)
{
	struct control *c = call->owner;
	const char *name = c->host->link->text;
	int fd = call_file(call), rc;

	if (fd < 0)
		return NULL;
	rc = trace_begin(fd, &name, 1);
	if (rc < 0) {
		close(fd);
		return call_refuse(call, "io", "the trace cannot be written: %s", strerror(-rc));
	}
	control_trace_end(c);
	trace_init(&c->trace, fd, 0, call_flag(call, "secrets", false), c->log);
	c->trace.tap.next = c->host->taps;
	c->host->taps = &c->trace.tap;
	return ok();
}

static json_t *
do_trace(struct call *call)
{
	struct control *c = call->owner;
	bool on = call_flag(call, "on", false);

	if (on && call->client->passed >= 0)
		return trace_to_file(call);
	if (on && (!c->file_trace || json_object_get(call->request, "secrets")))
		return call_refuse(
			call, "bad-argument",
			c->file_trace
				? "--trace-secrets has said that"
				: "no descriptor was passed, and there is no --trace to go on with");
	if (!on)
		control_trace_end(c);
	if (c->file_trace)
		c->file_trace->paused = !on;
	return ok();
}

static json_t *
do_counters(struct call *call)
{
	json_t *old = json_object();

	status_counters(old, call_control(call));
	call_control(call)->counters = (struct counters) { .apdus = 0 };
	return old;
}

/* --- power ---------------------------------------------------------------------------- */

static json_t *
do_mute(struct call *call)
{
	call_control(call)->muted = call_flag(call, "on", false);
	return ok();
}

/* Power fails, and nobody is told: what is volatile is gone. */
static json_t *
do_glitch(struct call *call)
{
	static const enum card_power both[] = { CARD_POWER_OFF, CARD_POWER_ON };
	struct host *h = call_control(call)->host;
	struct tap *t;
	size_t i;
	int rc = 0;

	for (i = 0; i < 2 && h->powered && rc == 0; i++) {
		for (t = h->taps; t; t = t->next) {
			if (t->power)
				t->power(t, both[i]);
		}
		rc = card_power(h->card, both[i]);
	}
	return rc < 0 ? call_refuse(call, "io", "the card has failed: %s", strerror(-rc)) : ok();
}

/* --- the table ---------------------------------------------------------------------- */

#define ON { .name = "on", .kind = KIND_ON, .max = FAULT_INS_MAX }
#define MS_MAX 3600000 /* ms */

const struct event_class control_classes[] = {
	{ "state", CLASS_STATE, true },
	{ "power", CLASS_POWER, true },
	{ "faults", CLASS_FAULTS, true },
	{ "commands", CLASS_COMMANDS, false },
	{ .name = NULL },
};

#define N_CLASSES (sizeof(control_classes) / sizeof(*control_classes) - 1)

const struct verb control_verbs[] = {
	{ "insert", do_insert, { { .name = NULL } } },
	{ "remove", do_remove, { { .name = NULL } } },
	{ "lock", do_lock, { TEXT("reason", false, 120) } },
	{ "unlock", do_unlock, { { .name = NULL } } },
	{ "status", do_status, { { .name = NULL } } },
	{ "subscribe",
	  do_subscribe,
	  { { .name = "classes", .kind = KIND_LIST, .max = N_CLASSES } } },
	{ "unsubscribe", do_unsubscribe, { { .name = NULL } } },
	{ "glitch", do_glitch, { { .name = NULL } } },
	{ "mute", do_mute, { FLAG("on", true) } },
	{ "tear",
	  do_tear,
	  { TEXT("at", true, 16), NUMBER("n", 0, 65537), NUMBER("after", 0, INT32_MAX), ON,
	    NUMBER("back", -1, MS_MAX) } },
	{ "fault",
	  do_fault,
	  { TEXT("kind", true, 16),
	    ON,
	    NUMBER("after", 0, INT32_MAX),
	    NUMBER("every", 1, INT32_MAX),
	    NUMBER("times", 0, INT32_MAX),
	    { .name = "rate", .kind = KIND_LIST, .min = 2, .max = 2 },
	    NUMBER("seed", INT64_MIN, INT64_MAX),
	    NUMBER("n", INT32_MIN, INT32_MAX),
	    NUMBER("ms", 0, MS_MAX),
	    NUMBER("byte", 0, 65534),
	    NUMBER("bit", 0, 7),
	    TEXT("hex", false, 3 * FAULT_BYTES_MAX),
	    TEXT("value", false, 8),
	    FLAG("late", false) } },
	{ "faults", do_faults, { { .name = NULL } } },
	{ "clear", do_clear, { NUMBER("rule", 1, INT32_MAX) } },
	{ "snapshot", do_snapshot, { TEXT("name", false, 64) } },
	{ "restore", do_restore, { TEXT("name", false, 64) } },
	{ "load", do_load, { { .name = NULL } } },
	{ "apdu", do_apdu, { TEXT("command", true, SERVER_LINE_MAX) } },
	{ "trace", do_trace, { FLAG("on", true), FLAG("secrets", false) } },
	{ "counters", do_counters, { { .name = NULL } } },
	{ "tie", do_tie, { { .name = NULL } } },
	{ "quit", do_quit, { { .name = NULL } } },
	{ .name = NULL },
};
