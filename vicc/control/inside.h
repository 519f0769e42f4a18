/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the files of this folder know of each other. */
#ifndef VICC_CONTROL_INSIDE_H
#define VICC_CONTROL_INSIDE_H

#include <jansson.h>
#include <time.h>

#include "control/control.h"
#include "control/fault.h"
#include "control/service.h"
#include "image/image.h"
#include "trace/trace.h"

/* Classes of events, bits of client.classes. */
enum {
	CLASS_STATE = 1,
	CLASS_POWER = 2,
	CLASS_FAULTS = 4,
	CLASS_COMMANDS = 8,
};

/* What "counters" sets to 0. */
struct counters {
	uint64_t apdus;
	uint64_t errors; /* of these, answers 64XX to 6FXX but 6CXX */
	uint64_t resets;
	uint64_t insertions;
	uint64_t connects;
};

/* Power that is lost in a command, once. */
enum tear_at { TEAR_COMMAND, TEAR_COMMIT, TEAR_ANSWER };

struct tear {
	bool armed;
	enum tear_at at;
	long n;    /* commits that are kept; bytes of the answer that go out */
	long back; /* ms; -1: not by itself */
	struct fault_filter filter;
	uint32_t seen;

	/* the command under way */
	bool now;      /* it is the one */
	long commits;  /* so far */
};

/* A rule that fires on the command under way. */
struct firing {
	struct fault_rule *rule; /* NULL: none */
	uint64_t hash;
	size_t length;  /* of the answer, before anything was cut off */
	bool done;      /* it has been of effect */
};

#define SNAPSHOTS_MAX 16
#define SNAPSHOTS_BYTES (64u << 20)
#define SNAPSHOT_OWN "own" /* what the card was before another was loaded */

struct snapshot {
	char name[33]; /* empty: none */
	struct buf text;
	bool detached; /* of a card that was loaded */
};

struct control {
	const struct options *o;
	const struct log *log;
	struct host *host;
	struct service service;
	struct host_remote remote;
	struct tap tap;
	char lock_reason[128];

	/* what it stands between */
	struct image *image; /* NULL: the type keeps nothing */
	struct card_env own; /* the image's */
	struct card_env env; /* what the card is given */
	struct card_config cfg;
	struct card *seat;
	struct buf serial;
	bool loaded;         /* another card than its own */
	bool self_powered;   /* by "apdu", without a reader */
	struct snapshot snapshots[SNAPSHOTS_MAX];

	struct faults faults;
	struct firing firing;
	struct tear tear;
	long cut;            /* bytes of the next answer's frame that go out; -1: all */
	bool muted;
	uint64_t n_faults, n_torn;

	struct trace trace;       /* into a descriptor that was passed; fd -1: none */
	struct trace *file_trace; /* --trace's, or NULL */

	struct counters counters;
	struct buf atr;     /* the last one that the reader was given */
	uint8_t header[4];  /* of the last command, as far as it went */
	size_t header_len;
	uint8_t sw[2];      /* of its answer */
	int64_t started, inserted, last; /* wire_now; last: command, or start */
	/* the command under way, if somebody wants to know how long it takes */
	struct timespec begun;
	bool powered_on; /* in this connection */
	bool ready;      /* and its ATR was asked after that: the reader knows the card */
};

static inline struct control *
call_control(const struct call *call)
{
	return call->owner;
}

extern const struct verb control_verbs[];
extern const struct event_class control_classes[];

/* vicc-control(7), STATUS. */
json_t *status_object(const struct control *c);
void status_counters(json_t *to, const struct control *c);
const char *status_state(const struct control *c); /* "out", "offered" or "in" */

/* Verbs of the other files. */
json_t *do_apdu(struct call *call);
json_t *do_clear(struct call *call);
json_t *do_fault(struct call *call);
json_t *do_faults(struct call *call);
json_t *do_load(struct call *call);
json_t *do_restore(struct call *call);
json_t *do_snapshot(struct call *call);
json_t *do_tear(struct call *call);

/* A regular file that was passed, the caller's to close; or -1, refused. */
int call_file(struct call *call);

/*
 * The rules that are set, as an array; the names of
 * snapshots; why a card may be torn, or was not.
 */
json_t *faults_array(const struct control *c);
json_t *snapshots_array(const struct control *c);

/* Before the card, behind it, and to the reader: see struct host_remote. */
int between_command(void *ctx, struct view cmd, struct buf *rsp);
int between_answer(void *ctx, struct view cmd, struct buf *rsp);
int between_send(void *ctx, int fd, struct view body);

/* See struct card_env. */
int between_commit(void *ctx, struct state *s, unsigned changed);
struct state *between_revert(void *ctx);

/* A trace into a descriptor is over. */
void control_trace_end(struct control *c);

/* The card is offered to its reader: what "apdu" has done to it is forgotten. */
void contents_offered(struct control *c);
void contents_free(struct control *c);
void contents_serial(struct control *c, const struct state *s);

/* As service_event. */
void control_event(struct control *c, unsigned class, const char *name, json_t *members);

#endif
