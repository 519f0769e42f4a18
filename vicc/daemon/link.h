/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The way to a reader: find it, connect, try again; or wait for it to call. */
#ifndef VICC_DAEMON_LINK_H
#define VICC_DAEMON_LINK_H

#include <netdb.h>
#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/un.h>

#include "base/log.h"
#include "net.h"
#include "daemon/autostart.h"

#define LINK_FIRST_MS 100  /* before the second try; doubled with each */
#define LINK_LAST_MS 2000
#define LINK_CONNECT_MS 3000 /* for one address */
#define LINK_SILENT_MS 2000  /* that a caller may be silent while others wait */
#define LINK_UNASKED_MS 5000 /* until we say that what we called asks nothing */
#define LINK_QUIET_MS 20 /* of the reader, and whoever has to wait for it need not any more */
#define LINK_TEXT 300      /* an endpoint in words */
#define LINK_WATCH 11
#define LINK_WATCH_FIRST 2 /* of these, those that never have to wait */

/* Where the reader is. */
struct endpoint {
	const char *host; /* NULL: this machine; reversed: a numeric address, "@": all */
	uint16_t port;
	unsigned slot;    /* for advice; it is in port and path already */
	char path[sizeof(((struct sockaddr_un *)0)->sun_path)]; /* unix socket; empty: TCP */
	bool reversed;    /* the reader connects to us */
	bool once;        /* no second try */
};

/* For messages: "localhost:35963", "[::1]:35963", "/run/socket". */
void endpoint_text(const struct endpoint *e, char text[LINK_TEXT]);

struct link {
	struct endpoint where;
	const struct log *log;
	char text[LINK_TEXT];
	struct pollfd watch[LINK_WATCH]; /* to look at as well; those with -1 are not there */
	unsigned n_watch;
	/* before that (wire_now) only LINK_WATCH_FIRST of them are looked at, unless it is quiet */
	int64_t others_from;
	bool (*leave)(void *ctx); /* some of them are ready, as their revents say: end the wait? */
	void *leave_ctx;
	bool has_bytes;           /* when it is asked: what is waited for is there, too */

	struct addrinfo *addresses; /* the reader's, TCP */
	uid_t pcscd;                /* the user that may listen on a unix socket; or our own */
	bool local;               /* all of them are this machine's */
	int listeners[NET_LISTENERS];
	unsigned n_listeners;
	struct autostart autostart;
	int pause;                /* ms before the next try */
	int64_t not_before;       /* of it, wire_now */
	bool asked;               /* the reader has, on this connection */
	int said;                 /* what is wrong, and has been said */
};

/*
 * Resolve the reader's name, or listen. All that can be wrong at start is
 * found, and said, here: then negative. link_close is the caller's either way.
 */
int link_open(struct link *l, const struct endpoint *where, const struct log *log);
void link_close(struct link *l);

/*
 * Wait for a connection: a descriptor; -EINTR when leave says so;
 * other negative values when there will be none (said).
 */
int link_next(struct link *l);

/*
 * Wait until the connection has bytes, or its end: 0; -EINTR when leave says so;
 * -ECONNABORTED when it was called, but not asked anything, and somebody else calls.
 */
int link_wait(struct link *l, int fd);

/* The reader has asked something: this is a connection. */
void link_asked(struct link *l);

/* The connection has ended: by itself (0), or by an error (negative). */
void link_lost(struct link *l, int error);

/* Do not wait before the next try; or do, so many ms, or with 0 longer each time. */
void link_hurry(struct link *l);
void link_pause(struct link *l, int ms);

/*
 * Send one frame, in one sendmsg(2) where the socket takes it. Waits for a peer
 * that does not read, until leave says otherwise (-EINTR). 0, or negative: the
 * connection is of no use any more.
 */
int link_send(struct link *l, int fd, const void *body, size_t len);

/* The same of bytes that need not be a frame. */
int link_send_bytes(struct link *l, int fd, const void *p, size_t n);

#endif
