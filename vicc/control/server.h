/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A unix socket on which lines come in and go out. It knows nothing of what they say,
 * and never waits: what a client does not read is kept, up to a bound.
 */
#ifndef VICC_CONTROL_SERVER_H
#define VICC_CONTROL_SERVER_H

#include <poll.h>
#include <stdbool.h>

#include "base/bytes.h"
#include "base/log.h"

#define SERVER_CLIENTS 8
#define SERVER_LINE_MAX 65536          /* bytes of a line that comes in, its end not counted */
#define SERVER_QUEUE_MAX (1u << 20)    /* bytes that wait for a client to read them */
#define SERVER_RESERVE (128u << 10)    /* of these, for answers only */

struct server;

struct client {
	int fd;            /* -1: nobody */
	struct buf in;     /* what has come, and was not taken */
	struct buf out;
	int passed;        /* a descriptor that came with it; -1: none */
	bool eof;          /* it says nothing more */
	bool closing;      /* to be closed when it has read what there is */
	size_t lost;       /* events that found no room */

	/* the owner's; 0 for a new client */
	unsigned classes;
	bool ties;
};

struct server {
	int listener;
	struct client clients[SERVER_CLIENTS];
	void *ctx;
	const struct log *log;
	void (*greet)(void *ctx, struct client *c);
	/*
	 * A line, without its end. What of it is passed and is not
	 * taken (set to -1) may go to the next.
	 */
	void (*line)(void *ctx, struct client *c, struct view line);
	/* It came to more than SERVER_LINE_MAX; it is closed after that. */
	void (*too_long)(void *ctx, struct client *c);
	void (*gone)(void *ctx, struct client *c);
	/* Text for a ninth client, which is closed. */
	const char *full;
};

/* Nobody listens, nobody is there; the members that are functions stay. */
void server_init(struct server *s, const struct log *log);

/*
 * Listen at path; its folder is made if it is missing, 0700, and must be ours (or root's)
 * alone. name is for messages. 0, or negative (said).
 */
int server_open(struct server *s, const char *path, const char *name);

/* Send what there is, to whoever reads it at once, and close all. */
void server_close(struct server *s);

/* For poll(2): how many of p are set, at most 1 + SERVER_CLIENTS; and what to do then. */
unsigned server_watch(const struct server *s, struct pollfd *p);
void server_serve(struct server *s, const struct pollfd *p, unsigned n);

/* Queue a line, which ends in a newline, and send what can be sent. */
void server_answer(struct client *c, struct view line); /* it is dropped if there is no room */
void server_event(struct client *c, struct view line);  /* counted as lost if there is none */

#endif
