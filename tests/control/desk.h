/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A control in this process, and its clients: the host's loop is turned by hand. */
#ifndef TESTS_CONTROL_DESK_H
#define TESTS_CONTROL_DESK_H

#include <errno.h>
#include <jansson.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include "cards/handler_test/handler_test.h"
#include "control/inside.h"
#include "daemon/signals.h"
#include "peer.h"
#include "support.h"

struct desk {
	char folder[64];
	struct options o;
	struct link link;
	struct host host;
	struct control *c;

	/* a card, if desk_card has put one there */
	struct card_env env;
	struct image *image;
};

static const struct log desk_log = { .out = NULL };

static inline void
desk_open(struct desk *d, const struct card_type *type)
{
	*d = (struct desk) { .folder = "/tmp/desk.XXXXXX" };
	ck_assert_ptr_nonnull(mkdtemp(d->folder));
	ck_assert_int_eq(setenv("VICC_CONTROL_DIR", d->folder, 1), 0);
	d->o = (struct options) { .type = type, .control = "work" };
	d->host = (struct host) { .link = &d->link, .log = &desk_log, .signals = signals_catch() };
	ck_assert_int_eq(control_open(&d->c, &d->o, &d->host, &desk_log), 0);
}

/* A card of the desk's type, as a session opens it. contents: NULL: the type's own; path: NULL: memory. */
static inline void
desk_card(struct desk *d, const char *contents, const char *path)
{
	const struct image_config image = {
		.type = d->o.type->name,
		.contents = contents ? contents : d->o.type->contents,
		.path = path,
		.remember = true,
	};
	struct card_config cfg = { .state = NULL };
	const struct card_env *env;
	char error[256] = "";

	if (d->o.type->contents) {
		ck_assert_msg(image_open(&d->image, &cfg.state, &image, error, sizeof(error)) == 0,
			      "%s", error);
		d->env.ctx = d->image;
		d->env.commit = image_commit;
		d->env.revert = image_revert;
	}
	env = control_env(d->c, &d->env, d->image);
	d->host.card = card_open(d->o.type, &cfg, env);
	ck_assert_ptr_nonnull(d->host.card);
	d->host.card = control_seat(d->c, d->host.card, &cfg);
	ck_assert_ptr_nonnull(d->host.card);
}

/*
 * A command, as the host brings it: 0, or negative: the card has left, and lost its
 * power. What is done to frames is not.
 */
static inline int
desk_command(struct desk *d, struct view cmd, struct buf *rsp)
{
	int rc = between_command(d->c, cmd, rsp);

	if (rc == 0)
		rc = card_transmit(d->host.card, cmd, rsp);
	if (rc >= 0)
		rc = between_answer(d->c, cmd, rsp);
	if (rc < 0)
		card_power(d->host.card, CARD_POWER_OFF);
	return rc;
}

static inline void
desk_close(struct desk *d)
{
	card_free(d->host.card);
	image_free(d->image);
	control_free(d->c);
	close(d->host.signals);
	/* nothing is left in it */
	ck_assert_int_eq(rmdir(d->folder), 0);
}

/* Serve until there is nothing to do. */
static inline void
desk_turn(struct desk *d)
{
	struct pollfd p[HOST_REMOTE_MAX];
	unsigned n, turns = 0;

	for (;;) {
		n = d->c->remote.watch(d->c->remote.ctx, p);
		ck_assert_uint_le(n, HOST_REMOTE_MAX);
		if (poll(p, n, 0) <= 0)
			return;
		d->c->remote.serve(d->c->remote.ctx, p, n);
		/* it does not turn for nothing */
		ck_assert_uint_lt(++turns, 100000);
	}
}

static inline int
desk_connect(const struct desk *d)
{
	int fd = peer_connect_unix(d->c->service.path);

	ck_assert_int_ge(fd, 0);
	return fd;
}

/* The next line; NULL: the connection has ended. */
static inline json_t *
desk_hear(struct desk *d, int fd)
{
	static char line[1 << 20];
	size_t n = 0;
	ssize_t got;

	for (;;) {
		desk_turn(d);
		ck_assert(peer_readable(fd, PEER_PATIENCE_MS));
		got = recv(fd, line + n, 1, 0);
		if (got <= 0)
			return NULL;
		if (line[n++] == '\n')
			return json_loadb(line, n, 0, NULL);
		ck_assert_uint_lt(n, sizeof(line));
	}
}

/* Send a line; what is answered. */
static inline json_t *
desk_ask(struct desk *d, int fd, const char *line)
{
	peer_say(fd, line, strlen(line));
	peer_say(fd, "\n", 1);
	return desk_hear(d, fd);
}

/* With the greeting read. */
static inline int
desk_client(struct desk *d)
{
	int fd = desk_connect(d);
	json_t *greeting = desk_hear(d, fd);

	ck_assert_ptr_nonnull(json_object_get(greeting, "vicc"));
	json_decref(greeting);
	return fd;
}

/* The answer is an error of this name. */
static inline void
desk_refused(struct desk *d, int fd, const char *line, const char *error)
{
	json_t *answer = desk_ask(d, fd, line);
	const char *name =
		json_string_value(json_object_get(json_object_get(answer, "error"), "name"));

	ck_assert_msg(name && strcmp(name, error) == 0, "%s: %s, not %s", line,
		      name ? name : "no error", error);
	json_decref(answer);
}

/* The members of the answer, to be decref'd. */
static inline json_t *
desk_ok(struct desk *d, int fd, const char *line)
{
	json_t *answer = desk_ask(d, fd, line), *ok = json_incref(json_object_get(answer, "ok"));
	char *text = json_dumps(answer, 0);

	ck_assert_msg(ok != NULL, "%s: %s", line, text ? text : "no answer");
	free(text);
	json_decref(answer);
	return ok;
}

static inline void
desk_does(struct desk *d, int fd, const char *line)
{
	json_decref(desk_ok(d, fd, line));
}

#endif
