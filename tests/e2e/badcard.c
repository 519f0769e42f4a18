/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A card at the other end of the wire that misbehaves on purpose, as told by
 * words on its command line; without any it is a good one (echo.h). It writes a
 * line on stdout for each thing that happens. It shares no code with the
 * driver: what both got wrong would go unseen.
 */
#include <errno.h>
#include <limits.h>
#include <netinet/in.h>
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "echo.h"

#define FRAME_MAX 65537
#define PATIENCE 200 /* times 50 ms that a refused connection is tried again */

enum stage {
	ON_COMMAND, /* the answer to a command */
	ON_ATR,     /* the first ATR of a connection */
	ON_POWER,   /* each ATR after power on or reset */
	ON_UP,      /* power on or reset itself */
	ON_CONNECT, /* at once, unasked */
};

enum how { HOW_CLOSE, HOW_RESET, HOW_HALF };

/* What goes wrong. Numbers are -1 when nothing does. */
struct plan {
	int stage;
	int from;     /* the first command that goes wrong, counted from 1 */
	int late;     /* ms before the reply */
	int split;    /* bytes per segment */
	int pause;    /* ms between segments */
	int apart;    /* ms between length and body */
	int lie;      /* announced length is this much more */
	int less;     /* announced length is this much less */
	int size;     /* of the reply instead of the right one */
	int twice;    /* the reply goes out two times, in one segment */
	int ahead;    /* an answer that nobody asked for, this many ms after the ATR */
	int mute;     /* no reply at all */
	int garbage;  /* this many bytes of no frame instead of the reply */
	int die;      /* end after this many bytes of the reply */
	int how;      /* in which way */
	int swap;     /* then come back as another, good card */
	int again;    /* come back as the same card for ever */
	int naps;     /* ms to stay after the end of the stream */
	int atr_size; /* an ATR of this many bytes, 3B and filling */
	int deaf;     /* it does not know get ATR, and ends at it */
	int replies;  /* with its ATR, to power on and reset */
	int dumb;     /* after power, an "ATR" of the one byte 00, this many times (0: always) */
	int nagle;    /* the connection holds small segments back, as by default */
};

struct card {
	struct plan plan;
	const char *host;
	const char *path;
	int port;
	bool listens;
	int door;
	int fd;
	uint8_t id;
	uint8_t atr[64];
	size_t atr_len;
	int commands;
	int atrs;
	int dumb_times;
	bool powered; /* power on or reset came since the last ATR */
	uint8_t in[FRAME_MAX];
	uint8_t out[2 * FRAME_MAX];
};

static void say(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

static void
say(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vprintf(fmt, ap);
	va_end(ap);
	putchar('\n');
	fflush(stdout);
}

static void __attribute__((noreturn, format(printf, 1, 2)))
fail(const char *fmt, ...)
{
	va_list ap;

	fputs("badcard: ", stderr);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
	exit(2);
}

static void
nap(int ms)
{
	struct timespec ts = { .tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000L };

	if (ms > 0)
		nanosleep(&ts, NULL);
}

/* --- the connection ------------------------------------------------------- */

union address {
	struct sockaddr sa;
	struct sockaddr_in in;
	struct sockaddr_in6 in6;
	struct sockaddr_un un;
};

static socklen_t
address_of(const struct card *c, union address *a)
{
	memset(a, 0, sizeof(*a));
	if (c->path) {
		a->un.sun_family = AF_UNIX;
		strlcpy(a->un.sun_path, c->path, sizeof(a->un.sun_path));
		return sizeof(a->un);
	}
	if (inet_pton(AF_INET, c->host, &a->in.sin_addr) == 1) {
		a->in.sin_family = AF_INET;
		a->in.sin_port = htons((uint16_t)c->port);
		return sizeof(a->in);
	}
	if (inet_pton(AF_INET6, c->host, &a->in6.sin6_addr) != 1)
		fail("%s is no numeric address", c->host);
	a->in6.sin6_family = AF_INET6;
	a->in6.sin6_port = htons((uint16_t)c->port);
	return sizeof(a->in6);
}

static int
new_socket(const union address *a)
{
	int fd = socket(a->sa.sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		fail("socket: %s", strerror(errno));
	return fd;
}

static void
open_door(struct card *c)
{
	union address a;
	socklen_t len = address_of(c, &a);

	c->door = new_socket(&a);
	setsockopt(c->door, SOL_SOCKET, SO_REUSEADDR, &(int) { 1 }, sizeof(int));
	if (bind(c->door, &a.sa, len) < 0 || listen(c->door, 8) < 0)
		fail("listen: %s", strerror(errno));
	say("listening");
}

static int
dial(const struct card *c)
{
	union address a;
	socklen_t len = address_of(c, &a);
	int fd, i;

	for (i = 0; i < PATIENCE; i++) {
		fd = new_socket(&a);
		if (connect(fd, &a.sa, len) == 0)
			return fd;
		close(fd);
		nap(50);
	}
	fail("connect: %s", strerror(errno));
}

static void
meet(struct card *c)
{
	c->fd = c->listens ? accept4(c->door, NULL, NULL, SOCK_CLOEXEC) : dial(c);
	if (c->fd < 0)
		fail("accept: %s", strerror(errno));
	if (!c->path && c->plan.nagle < 0)
		setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &(int) { 1 }, sizeof(int));
	c->commands = c->atrs = 0;
	c->powered = false;
	say("connected");
}

static bool
read_full(int fd, uint8_t *p, size_t n)
{
	ssize_t got;

	for (; n > 0; p += got, n -= (size_t)got) {
		got = recv(fd, p, n, 0);
		if (got < 0 && errno == EINTR)
			got = 0;
		else if (got <= 0)
			return false;
	}
	return true;
}

static bool
write_full(int fd, const uint8_t *p, size_t n)
{
	ssize_t put;

	for (; n > 0; p += put, n -= (size_t)put) {
		put = send(fd, p, n, MSG_NOSIGNAL);
		if (put < 0 && errno == EINTR)
			put = 0;
		else if (put < 0)
			return false;
	}
	return true;
}

/* End the connection in the planned way. Always false: nothing follows. */
static bool
end(struct card *c)
{
	struct linger now = { .l_onoff = 1 };

	if (c->plan.how == HOW_HALF) {
		shutdown(c->fd, SHUT_WR);
		say("half closed");
		while (recv(c->fd, c->in, sizeof(c->in), 0) > 0)
			;
	} else if (c->plan.how == HOW_RESET) {
		setsockopt(c->fd, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
	}
	say("ended");
	return false;
}

/* --- replies -------------------------------------------------------------- */

/* Send n bytes in segments as planned. */
static bool
send_split(const struct card *c, size_t n)
{
	const struct plan *p = &c->plan;
	size_t at = 0, step;

	if (p->apart >= 0) {
		if (!write_full(c->fd, c->out, 2))
			return false;
		nap(p->apart);
		at = 2;
	}
	for (; at < n; at += step) {
		step = p->split > 0 ? (size_t)p->split : n;
		if (step > n - at)
			step = n - at;
		if (!write_full(c->fd, c->out + at, step))
			return false;
		nap(p->pause);
	}
	return true;
}

/* Put a frame of n bytes, already at out + 2, in order. Returns its size. */
static size_t
frame(struct card *c, size_t n, int lie)
{
	size_t told = (size_t)((int)n + lie);

	c->out[0] = (uint8_t)(told >> 8);
	c->out[1] = (uint8_t)told;
	return n + 2;
}

static bool
reply_well(struct card *c, size_t n)
{
	return write_full(c->fd, c->out, frame(c, n, 0));
}

/* The reply of n bytes at out + 2, as the plan has it. False: the end. */
static bool
reply_badly(struct card *c, size_t n)
{
	const struct plan *p = &c->plan;
	int lie = (p->lie > 0 ? p->lie : 0) - (p->less > 0 ? p->less : 0);
	size_t all;

	nap(p->late);
	if (p->mute > 0)
		return true;
	if (p->garbage >= 0) {
		memset(c->out, 0x47, (size_t)p->garbage);
		return write_full(c->fd, c->out, (size_t)p->garbage);
	}
	if (p->size >= 0)
		n = (size_t)p->size;
	all = frame(c, n, lie);
	if (p->twice > 0) {
		memcpy(c->out + all, c->out, all);
		all *= 2;
	}
	if (p->die >= 0 && (size_t)p->die < all)
		all = (size_t)p->die;
	if (!send_split(c, all))
		return true; /* the next read says that the reader has left */
	return p->die < 0 ? true : end(c);
}

static bool
reply(struct card *c, size_t n, bool bad)
{
	return bad ? reply_badly(c, n) : (reply_well(c, n), true);
}

static bool
answer_atr(struct card *c)
{
	const struct plan *p = &c->plan;
	bool after_power = c->powered;
	bool bad = p->stage == ON_ATR ? c->atrs == 0 : p->stage == ON_POWER && after_power;
	size_t n = c->atr_len;

	c->atrs++;
	c->powered = false;
	if (after_power && p->dumb >= 0 && (p->dumb == 0 || c->dumb_times++ < p->dumb)) {
		say("no ATR");
		c->out[2] = 0;
		return reply(c, 1, false);
	}
	memcpy(c->out + 2, c->atr, n);
	if (p->atr_size >= 0) {
		n = (size_t)p->atr_size;
		memset(c->out + 2, 0x20, n);
		c->out[2] = 0x3B;
	}
	say("atr asked");
	if (!reply(c, n, bad))
		return false;
	if (after_power && p->ahead >= 0) {
		nap(p->ahead);
		memcpy(c->out + 2, "\x66\x66\x90", 4);
		say("talks out of turn");
		return reply(c, 4, false);
	}
	return true;
}

static bool
answer_command(struct card *c, size_t len)
{
	const struct plan *p = &c->plan;
	size_t n = echo_size(c->in, len);
	bool bad = p->stage == ON_COMMAND && ++c->commands >= p->from;

	say("command of %zu", len);
	echo_fill(c->out + 2, n, c->in, len, c->id);
	return reply(c, n, bad);
}

static bool
control(struct card *c, uint8_t what)
{
	const struct plan *p = &c->plan;

	if (what == 4 && p->deaf > 0) {
		say("get ATR is unknown here");
		return end(c);
	}
	if (what == 4)
		return answer_atr(c);
	say("control %u", what);
	c->powered = what != 0;
	if (c->powered && p->replies > 0)
		return answer_atr(c);
	return c->powered && p->stage == ON_UP && p->die >= 0 ? end(c) : true;
}

/* One frame from the reader, and what comes of it. False: the end. */
static bool
turn(struct card *c)
{
	uint8_t head[2];
	size_t len;

	if (!read_full(c->fd, head, 2)) {
		say("closed by the reader");
		return false;
	}
	len = (size_t)head[0] << 8 | head[1];
	if (!read_full(c->fd, c->in, len)) {
		say("closed by the reader");
		return false;
	}
	if (len == 0)
		fail("the reader sent an empty frame");
	return len == 1 ? control(c, c->in[0]) : answer_command(c, len);
}

static void
serve(struct card *c)
{
	bool on = true;

	if (c->plan.stage == ON_CONNECT)
		on = reply_badly(c, 0);
	while (on)
		on = turn(c);
	close(c->fd);
	nap(c->plan.naps);
}

/* --- the command line ----------------------------------------------------- */

static const struct plan good_plan = {
	.late = -1,
	.split = -1,
	.pause = -1,
	.apart = -1,
	.lie = -1,
	.less = -1,
	.size = -1,
	.twice = -1,
	.ahead = -1,
	.mute = -1,
	.garbage = -1,
	.die = -1,
	.swap = -1,
	.again = -1,
	.naps = -1,
	.atr_size = -1,
	.nagle = -1,
	.deaf = -1,
	.replies = -1,
	.dumb = -1,
	.from = 1,
};

/* word or word=number; without a number it means alone */
static const struct word {
	const char *name;
	size_t at;
	int alone;
} words[] = {
#define WORD(member, value) { .name = #member, .at = offsetof(struct plan, member), .alone = value }
	WORD(late, 100),
	WORD(split, 1),
	WORD(pause, 1),
	WORD(apart, 20),
	WORD(lie, 1),
	WORD(less, 1),
	WORD(size, 0),
	WORD(twice, 1),
	WORD(ahead, 0),
	WORD(mute, 1),
	WORD(garbage, 64),
	WORD(die, 0),
	WORD(swap, 1),
	WORD(again, 1),
	WORD(from, 1),
	WORD(naps, 0),
	WORD(atr_size, 0),
	WORD(nagle, 1),
	WORD(deaf, 1),
	WORD(replies, 1),
	WORD(dumb, 0),
#undef WORD
	{ .name = "on-atr", .at = offsetof(struct plan, stage), .alone = ON_ATR },
	{ .name = "on-power", .at = offsetof(struct plan, stage), .alone = ON_POWER },
	{ .name = "on-up", .at = offsetof(struct plan, stage), .alone = ON_UP },
	{ .name = "on-connect", .at = offsetof(struct plan, stage), .alone = ON_CONNECT },
	{ .name = "reset", .at = offsetof(struct plan, how), .alone = HOW_RESET },
	{ .name = "half", .at = offsetof(struct plan, how), .alone = HOW_HALF },
	{ .name = NULL },
};

static int
number(const char *s, int max)
{
	char *rest;
	long v = strtol(s, &rest, 0);

	if (rest == s || *rest != '\0' || v < 0 || v > max)
		fail("%s: want 0..%d", s, max);
	return (int)v;
}

static void
plan_word(struct plan *p, const char *arg)
{
	size_t n = strcspn(arg, "=");
	const struct word *w;

	for (w = words; w->name; w++) {
		if (strlen(w->name) != n || strncmp(w->name, arg, n) != 0)
			continue;
		*(int *)((char *)p + w->at) = arg[n] ? number(arg + n + 1, 65535) : w->alone;
		return;
	}
	fail("what is %s?", arg);
}

static void
set_atr(struct card *c, const char *hex)
{
	unsigned v;

	for (c->atr_len = 0; *hex && c->atr_len < sizeof(c->atr); hex += 2) {
		if (sscanf(hex, "%2x", &v) != 1 || !hex[1])
			fail("-a wants hexadecimal");
		c->atr[c->atr_len++] = (uint8_t)v;
	}
}

static void
usage(void)
{
	const struct word *w;

	fputs("usage: badcard [-l] [-H ADDRESS] [-p PORT | -u PATH] [-i ID] [-a ATR] [WORD[=N]]...\n"
	      "words:",
	      stderr);
	for (w = words; w->name; w++)
		fprintf(stderr, " %s", w->name);
	fputc('\n', stderr);
	exit(2);
}

static void
options(struct card *c, int argc, char **argv)
{
	int o;

	while ((o = getopt(argc, argv, "lH:p:u:i:a:")) != -1) {
		if (o == 'l')
			c->listens = true;
		else if (o == 'H')
			c->host = optarg;
		else if (o == 'p')
			c->port = number(optarg, 65535);
		else if (o == 'u')
			c->path = optarg;
		else if (o == 'i')
			c->id = (uint8_t)number(optarg, 255);
		else if (o == 'a')
			set_atr(c, optarg);
		else
			usage();
	}
	for (; optind < argc; optind++)
		plan_word(&c->plan, argv[optind]);
}

int
main(int argc, char **argv)
{
	static struct card c = { .host = "127.0.0.1", .port = 35963 };
	bool back;

	c.plan = good_plan;
	set_atr(&c, "3B80800101"); /* T=0 and T=1 */
	options(&c, argc, argv);
	if (c.listens)
		open_door(&c);
	do {
		meet(&c);
		serve(&c);
		back = c.plan.again > 0 || c.plan.swap > 0;
		if (c.plan.swap > 0) {
			c.plan = good_plan;
			c.id++;
		}
	} while (back);
	return 0;
}
