/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What a card and a PIN pad have in common that are commanded from outside, as
 * vicc-control(7) describes it: JSON objects on lines, a table of verbs, answers, events.
 */
#ifndef VICC_CONTROL_SERVICE_H
#define VICC_CONTROL_SERVICE_H

#include <jansson.h>
#include <sys/un.h>

#include "control/server.h"

#define SERVICE_PROTOCOL 1
#define SERVICE_DEPTH_MAX 8 /* objects and arrays within each other, in a request */

struct service;

/* A request, and what becomes of it. */
struct call {
	struct service *service;
	void *owner; /* the service's */
	struct client *client;
	const json_t *request;
	const char *error; /* its name; NULL: none */
	char text[256];    /* of the error */
};

enum member_kind {
	KIND_TEXT,
	KIND_NUMBER,
	KIND_FLAG,
	KIND_LIST,
	KIND_ON, /* a text or a list */
};

/* A member that a request may have, beside do and id. */
struct member {
	const char *name;
	enum member_kind kind;
	bool needed;
	json_int_t min, max; /* of a number; of a text and a list how long it is */
};

#define MEMBERS_MAX 14

struct verb {
	const char *name;
	/* An object, the members of the answer; or NULL, see call_refuse. */
	json_t *(*run)(struct call *call);
	struct member members[MEMBERS_MAX]; /* up to the first without a name */
};

/* Members of a verb's row. */
#define NUMBER(member, least, most) \
	{ .name = (member), .kind = KIND_NUMBER, .min = (least), .max = (most) }
#define FLAG(member, is_needed) { .name = (member), .kind = KIND_FLAG, .needed = (is_needed) }
#define TEXT(member, is_needed, most) \
	{ .name = (member), .kind = KIND_TEXT, .needed = (is_needed), .max = (most) }

struct event_class {
	const char *name;
	unsigned bit;
	bool unasked; /* who subscribes to no class by name has this one */
};

struct service {
	struct server server;

	/* the owner's, before service_open */
	const struct log *log;
	void *owner;
	const char *type;                  /* what it is, in the greeting */
	const struct verb *verbs;          /* up to one without a name */
	const struct event_class *classes; /* likewise */

	char name[64]; /* in all output */
	char path[sizeof(((struct sockaddr_un *)0)->sun_path)]; /* of the socket; empty: none */
};

/*
 * Listen at the socket of this name or path: see place_socket. 0, or negative (said).
 * service_close is the caller's either way; the socket is removed.
 */
int service_open(struct service *s, const char *name, unsigned slot);
void service_close(struct service *s);

/* Tell those who want events of this class; the members of its own are taken over, or NULL. */
void service_event(struct service *s, unsigned class, const char *name, json_t *members);
bool service_wants(const struct service *s, unsigned class);

/* A string of unknown origin: what is no UTF-8 is ?. NULL: null. */
json_t *service_text(const char *text);
json_t *service_hex(struct view v); /* nothing: null */

/* What a verb returns for an error. Always NULL. */
json_t *call_refuse(struct call *call, const char *error, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* Members of a request, which have been checked: absent, or as the verb's table has it. */
const char *call_text(const struct call *call, const char *member);
long call_number(const struct call *call, const char *member, long absent);
bool call_flag(const struct call *call, const char *member, bool absent);

/* Verbs that every service has; subscribe has a member "classes". */
json_t *do_subscribe(struct call *call);
json_t *do_unsubscribe(struct call *call);
json_t *do_tie(struct call *call);
json_t *do_quit(struct call *call);

#endif
