/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "control/service.h"

#include <errno.h>
#include <libgen.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/hex.h"
#include "base/text.h"
#include "cli/place.h"

#define DUMP (JSON_COMPACT | JSON_ENSURE_ASCII | JSON_REAL_PRECISION(15))
#define ANSWER_MAX (512u << 10)
#define CLASSES_TEXT 128
#define ERROR_LINE(name, text) "{\"error\":{\"name\":\"" name "\",\"text\":\"" text "\"}}\n"

/* --- values -------------------------------------------------------------------- */

json_t *
service_text(const char *text)
{
	char *copy = text ? strdup(text) : NULL;
	json_t *v;

	if (!copy)
		return json_null();
	text_make_plain(copy);
	v = json_string(copy);
	free(copy);
	return v;
}

json_t *
service_hex(struct view v)
{
	struct buf text = BUF(2 * v.n);
	json_t *s;

	if (v.n == 0)
		return json_null();
	hex_write(&text, v);
	s = json_stringn((const char *)text.p, text.n);
	buf_free(&text);
	return s;
}

/* --- lines that go out --------------------------------------------------------------- */

static int
append(const char *p, size_t n, void *to)
{
	buf_put(to, p, n);
	return 0;
}

/* What is there is sent; what could not be made of it, for want of memory, is said. */
static void
send_object(struct client *c, json_t *o)
{
	static const char failed[] = ERROR_LINE("internal", "no memory for an answer");
	struct buf line = BUF(ANSWER_MAX);

	if (!o || json_dump_callback(o, append, &line, DUMP) < 0)
		line.failed = true;
	buf_u8(&line, '\n');
	server_answer(c, line.failed ? view_of(failed, sizeof(failed) - 1) : buf_view(&line));
	json_decref(o);
	buf_free(&line);
}

/* By hand up to its time, which has all six digits. */
static bool
write_event(struct buf *line, const char *name, const json_t *members)
{
	struct timespec now;
	char head[128];
	int n;

	clock_gettime(CLOCK_REALTIME, &now);
	n = snprintf(head, sizeof(head), "{\"event\":\"%s\",\"at\":%lld.%06ld", name,
		     (long long)now.tv_sec, now.tv_nsec / 1000);
	buf_put(line, head, (size_t)n);
	if (members && json_object_size(members) > 0) {
		size_t brace = line->n;

		if (json_dump_callback(members, append, line, DUMP) < 0 || line->failed)
			return false;
		line->p[brace] = ',';
	} else {
		buf_u8(line, '}');
	}
	buf_u8(line, '\n');
	return !line->failed;
}

bool
service_wants(const struct service *s, unsigned class)
{
	size_t i;

	for (i = 0; i < SERVER_CLIENTS && !(s->server.clients[i].classes & class); i++)
		;
	return i < SERVER_CLIENTS;
}

void
service_event(struct service *s, unsigned class, const char *name, json_t *members)
{
	struct buf line = BUF(SERVER_LINE_MAX);
	bool made = service_wants(s, class) && write_event(&line, name, members);
	size_t i;

	for (i = 0; made && i < SERVER_CLIENTS; i++) {
		if (s->server.clients[i].classes & class)
			server_event(&s->server.clients[i], buf_view(&line));
	}
	buf_free(&line);
	json_decref(members);
}

/* --- lines that come in ------------------------------------------------------------------ */

json_t *
call_refuse(struct call *call, const char *error, const char *fmt, ...)
{
	va_list ap;

	call->error = error;
	va_start(ap, fmt);
	vsnprintf(call->text, sizeof(call->text), fmt, ap);
	va_end(ap);
	return NULL;
}

/* jansson would go much deeper, and recurses. */
static bool
is_shallow(struct view line)
{
	bool in_string = false;
	size_t depth = 0, i;

	for (i = 0; i < line.n; i++) {
		if (in_string && line.p[i] == '\\')
			i++;
		else if (line.p[i] == '"')
			in_string = !in_string;
		else if (!in_string && memchr("[{", line.p[i], 2) && ++depth > SERVICE_DEPTH_MAX)
			return false;
		else if (!in_string && memchr("]}", line.p[i], 2) && depth > 0)
			depth--;
	}
	return true;
}

static json_t *
service_parse(struct call *call, struct view line)
{
	json_error_t where;
	json_t *rq;

	if (!is_shallow(line)) {
		call->client->closing = true;
		return call_refuse(call, "bad-request", "more than %d levels", SERVICE_DEPTH_MAX);
	}
	rq = json_loadb((const char *)line.p, line.n, JSON_REJECT_DUPLICATES, &where);
	if (json_is_object(rq))
		return rq;
	json_decref(rq);
	return call_refuse(call, "bad-request", "not one JSON object on a line");
}

/* --- verbs ----------------------------------------------------------------------------- */

const char *
call_text(const struct call *call, const char *member)
{
	return json_string_value(json_object_get(call->request, member));
}

long
call_number(const struct call *call, const char *member, long absent)
{
	const json_t *v = json_object_get(call->request, member);

	return v ? (long)json_integer_value(v) : absent;
}

bool
call_flag(const struct call *call, const char *member, bool absent)
{
	const json_t *v = json_object_get(call->request, member);

	return v ? json_is_true(v) : absent;
}

/* 0: no such class. */
static unsigned
class_of(const struct service *s, const json_t *name)
{
	const struct event_class *c;

	for (c = s->classes; c->name; c++) {
		if (json_is_string(name) && strcmp(json_string_value(name), c->name) == 0)
			return c->bit;
	}
	return 0;
}

/* Those that are known, in words; as bits those that nobody has to name. */
static unsigned
list_classes(const struct service *s, char text[CLASSES_TEXT])
{
	const struct event_class *c;
	unsigned bits = 0;

	*text = '\0';
	for (c = s->classes; c->name; c++) {
		bits |= c->unasked ? c->bit : 0;
		strlcat(text, *text ? ", " : "", CLASSES_TEXT);
		strlcat(text, c->name, CLASSES_TEXT);
	}
	return bits;
}

json_t *
do_subscribe(struct call *call)
{
	const json_t *list = json_object_get(call->request, "classes"), *name;
	char known[CLASSES_TEXT];
	unsigned unasked = list_classes(call->service, known), chosen = 0, class;
	size_t i;

	json_array_foreach((json_t *)(uintptr_t)list, i, name) {
		class = class_of(call->service, name);
		if (!class)
			return call_refuse(call, "bad-argument", "classes: %s", known);
		chosen |= class;
	}
	call->client->classes = list ? chosen : unasked;
	return json_object();
}

json_t *
do_unsubscribe(struct call *call)
{
	call->client->classes = 0;
	call->client->lost = 0;
	return json_object();
}

json_t *
do_tie(struct call *call)
{
	call->client->ties = true;
	return json_object();
}

json_t *
do_quit(struct call *call)
{
	(void)call;
	raise(SIGTERM);
	return json_object();
}

static json_t *
list_verbs(const struct service *s)
{
	json_t *list = json_array();
	const struct verb *v;

	for (v = s->verbs; v->name; v++)
		json_array_append_new(list, json_string(v->name));
	return list;
}

static bool
member_fits(const struct member *m, const json_t *v)
{
	json_int_t n;

	switch (m->kind) {
	case KIND_TEXT:
		n = (json_int_t)json_string_length(v);
		return json_is_string(v) && n >= m->min && n <= m->max;
	case KIND_NUMBER:
		n = json_integer_value(v);
		return json_is_integer(v) && n >= m->min && n <= m->max;
	case KIND_LIST:
		n = (json_int_t)json_array_size(v);
		return json_is_array(v) && n >= m->min && n <= m->max;
	case KIND_ON:
		return json_is_string(v) ||
		       (json_is_array(v) && json_array_size(v) <= (size_t)m->max);
	default:
		return json_is_boolean(v);
	}
}

static const struct member *
member_named(const struct verb *verb, const char *name)
{
	const struct member *m;

	for (m = verb->members; m < verb->members + MEMBERS_MAX && m->name; m++) {
		if (strcmp(m->name, name) == 0)
			return m;
	}
	return NULL;
}

/* Each member is known, and what it should be; none is missing. */
static bool
check_members(struct call *call, const struct verb *verb)
{
	const struct member *m;
	const char *name;
	json_t *v;

	json_object_foreach((json_t *)(uintptr_t)call->request, name, v) {
		if (strcmp(name, "do") == 0 || strcmp(name, "id") == 0)
			continue;
		m = member_named(verb, name);
		if (!m || !member_fits(m, v)) {
			call_refuse(call, "bad-argument",
				    m ? "%s: \"%s\" is not what it should be"
				      : "%s has no member \"%s\"",
				    verb->name, m ? name : "that was sent");
			return false;
		}
	}
	for (m = verb->members; m < verb->members + MEMBERS_MAX && m->name; m++) {
		if (m->needed && !json_object_get(call->request, m->name)) {
			call_refuse(call, "bad-argument", "%s needs \"%s\"", verb->name, m->name);
			return false;
		}
	}
	return true;
}

static json_t *
do_verb(struct call *call)
{
	const json_t *id = json_object_get(call->request, "id");
	const char *name = call_text(call, "do");
	const struct verb *v;

	if (!name || (id && !json_is_string(id) && !json_is_integer(id)))
		return call_refuse(call, "bad-request",
				   "\"do\" is a verb, \"id\" a string or a number");
	for (v = call->service->verbs; v->name && strcmp(name, v->name) != 0; v++)
		;
	if (!v->name)
		return call_refuse(call, "bad-verb", "there is no such verb");
	return check_members(call, v) ? v->run(call) : NULL;
}

/* The answer, with the number of the request, where it had one. */
static void
answer_call(struct call *call, json_t *ok)
{
	json_t *out = json_object(), *id = json_object_get(call->request, "id");

	if (id)
		json_object_set(out, "id", id);
	if (ok)
		json_object_set_new(out, "ok", ok);
	else
		json_object_set_new(
			out, "error",
			json_pack("{s:s, s:o}", "name", call->error ? call->error : "internal",
				  "text", service_text(call->error ? call->text : "no memory")));
	send_object(call->client, out);
}

static void
take_line(void *ctx, struct client *client, struct view line)
{
	struct service *s = ctx;
	struct call call = { .service = s, .owner = s->owner, .client = client };
	json_t *rq = service_parse(&call, line), *ok = NULL;

	call.request = rq;
	if (rq)
		ok = do_verb(&call);
	answer_call(&call, ok);
	json_decref(rq);
}

static void
take_too_long(void *ctx, struct client *client)
{
	struct call call = { .service = ctx, .client = client };

	call_refuse(&call, "bad-request", "a line of more than %d bytes", SERVER_LINE_MAX);
	answer_call(&call, NULL);
}

static void
greet(void *ctx, struct client *client)
{
	const struct service *s = ctx;

	send_object(client, json_pack("{s:{s:s, s:i, s:s, s:o, s:i, s:o}}", "vicc", "version",
				      PACKAGE_VERSION, "protocol", SERVICE_PROTOCOL, "name",
				      s->name, "type", service_text(s->type), "pid",
				      (int)getpid(), "verbs", list_verbs(s)));
}

/* No card outlives its test. */
static void
client_gone(void *ctx, struct client *client)
{
	(void)ctx;
	if (client->ties)
		raise(SIGTERM);
}

/* --- from start to end ---------------------------------------------------- */

/* A path stands for its last part. */
static void
set_name(struct service *s)
{
	char copy[sizeof(s->path)];
	size_t n;

	strlcpy(copy, s->path, sizeof(copy));
	strlcpy(s->name, basename(copy), sizeof(s->name));
	n = strlen(s->name);
	if (n > strlen(PLACE_SUFFIX) &&
	    strcmp(s->name + n - strlen(PLACE_SUFFIX), PLACE_SUFFIX) == 0)
		s->name[n - strlen(PLACE_SUFFIX)] = '\0';
	text_make_plain(s->name);
}

int
service_open(struct service *s, const char *name, unsigned slot)
{
	int rc;

	s->server = (struct server) {
		.ctx = s,
		.greet = greet,
		.line = take_line,
		.too_long = take_too_long,
		.gone = client_gone,
		.full = ERROR_LINE("busy", "8 clients are there already"),
	};
	server_init(&s->server, s->log);
	if (!place_socket(name, slot, s->path, sizeof(s->path))) {
		log_error(s->log, "--control %s: %s", name,
			  strchr(name, '/') ? "the path is too long for a socket"
					    : PLACE_NO_FOLDER);
		s->path[0] = '\0';
		return -EINVAL;
	}
	set_name(s);
	rc = server_open(&s->server, s->path, name);
	/* it is somebody else's */
	if (rc < 0)
		s->path[0] = '\0';
	return rc;
}

void
service_close(struct service *s)
{
	size_t i;

	service_event(s, ~0u, "ending", NULL);
	for (i = 0; i < SERVER_CLIENTS; i++)
		s->server.clients[i].ties = false;
	server_close(&s->server);
	if (s->path[0])
		unlink(s->path);
}
