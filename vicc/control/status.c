/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "control/inside.h"

#include <unistd.h>

#include "wire.h"

const char *
status_state(const struct control *c)
{
	const struct host *h = c->host;

	if (host_is_out(h) || !h->offered)
		return "out";
	return h->connected && h->link->asked ? "in" : "offered";
}

static json_t *
seconds_since(int64_t t)
{
	return json_real((double)(wire_now() - t) / 1000);
}

static const char *
mode_of(const struct options *o)
{
	if (!o->type->contents)
		return NULL;
	if (!o->file)
		return "memory";
	return o->read_only ? "read-only" : o->is_volatile ? "volatile" : "keep";
}

static void
put_place(json_t *to, const struct control *c)
{
	const struct endpoint *w = &c->o->where;

	json_object_set_new(to, "endpoint", service_text(c->host->link->text));
	json_object_set_new(to, "slot", json_integer(w->slot));
	json_object_set_new(to, "unix", service_text(w->path[0] ? w->path : NULL));
	json_object_set_new(to, "reversed", json_boolean(w->reversed));
	json_object_set_new(to, "local", json_boolean(c->host->link->local && !w->reversed));
	json_object_set_new(to, "reader", json_null());
	json_object_set_new(to, "seen", json_null());
}

static void
put_contents(json_t *to, const struct control *c)
{
	json_object_set_new(to, "atr", service_hex(buf_view(&c->atr)));
	json_object_set_new(to, "serial", service_hex(buf_view(&c->serial)));
	json_object_set_new(to, "label", service_text(c->o->label));
	json_object_set_new(to, "file", service_text(c->o->file));
	json_object_set_new(to, "mode", service_text(mode_of(c->o)));
	json_object_set_new(to, "loaded", c->loaded ? json_true() : json_null());
	json_object_set_new(to, "snapshots", snapshots_array(c));
}

void
status_counters(json_t *to, const struct control *c)
{
	const struct counters *n = &c->counters;

	json_object_set_new(to, "apdus", json_integer((json_int_t)n->apdus));
	json_object_set_new(to, "errors", json_integer((json_int_t)n->errors));
	json_object_set_new(to, "sw", service_hex(view_of(c->sw, n->apdus > 0 ? 2 : 0)));
	json_object_set_new(to, "header", service_hex(view_of(c->header, c->header_len)));
	json_object_set_new(to, "resets", json_integer((json_int_t)n->resets));
	json_object_set_new(to, "insertions", json_integer((json_int_t)n->insertions));
	json_object_set_new(to, "connects", json_integer((json_int_t)n->connects));
}

static void
put_faults(json_t *to, const struct control *c)
{
	const char *trace = c->trace.fd >= 0                          ? "descriptor"
			    : c->file_trace && !c->file_trace->paused ? c->o->trace
								      : NULL;

	json_object_set_new(to, "muted", json_boolean(c->muted));
	json_object_set_new(to, "faults", json_integer((json_int_t)c->n_faults));
	json_object_set_new(to, "torn", json_integer((json_int_t)c->n_torn));
	json_object_set_new(to, "armed", json_boolean(c->tear.armed));
	json_object_set_new(to, "rules", faults_array(c));
	json_object_set_new(to, "trace", service_text(trace));
}

static size_t
count_clients(const struct control *c)
{
	size_t n = 0, i;

	for (i = 0; i < SERVER_CLIENTS; i++)
		n += c->service.server.clients[i].fd >= 0;
	return n;
}

json_t *
status_object(const struct control *c)
{
	json_t *s = json_object();

	json_object_set_new(s, "name", json_string(c->service.name));
	json_object_set_new(s, "type", service_text(c->o->type->name));
	json_object_set_new(s, "pid", json_integer(getpid()));
	json_object_set_new(s, "version", json_string(PACKAGE_VERSION));
	json_object_set_new(s, "state", json_string(status_state(c)));
	json_object_set_new(s, "ready", json_boolean(c->ready));
	json_object_set_new(s, "powered", json_boolean(c->host->powered));
	json_object_set_new(s, "locked",
			    c->host->locked ? service_text(c->lock_reason) : json_null());
	put_place(s, c);
	put_contents(s, c);
	status_counters(s, c);
	put_faults(s, c);
	json_object_set_new(s, "uptime", seconds_since(c->started));
	json_object_set_new(s, "inserted_for",
			    c->host->offered ? seconds_since(c->inserted) : json_null());
	json_object_set_new(s, "idle", seconds_since(c->last));
	json_object_set_new(s, "clients", json_integer((json_int_t)count_clients(c)));
	return s;
}
