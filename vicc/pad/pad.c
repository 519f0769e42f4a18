/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "pad/pad.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/text.h"
#include "daemon/link.h"
#include "daemon/sandbox.h"
#include "daemon/signals.h"
#include "wire.h"

#define SAY_MAX 1024 /* bytes at a time: keys, and an answer */

struct pad {
	struct pad_source *source;
	const struct log *log;
	struct link link;
	int signals;
	bool known; /* the reader has been there, on this connection or the one before */
	/* of one connection */
	int fd;
	bool asked;
	char line[PADLINE_SIZE];
	size_t have;
	struct buf say;
};

/* --- what its source looks at ---------------------------------------------- */

static unsigned
watch_source(const struct pad *p, struct pollfd *fds)
{
	return p->source->ops->watch ? p->source->ops->watch(p->source, fds) : 0;
}

/* Some of these may be ready. 0, or negative, as pad_source_ops.more. */
static int
serve_source(struct pad *p, const struct pollfd *fds, unsigned n)
{
	unsigned i;

	for (i = 0; i < n && !fds[i].revents; i++)
		;
	return i < n ? p->source->ops->serve(p->source, fds, n, &p->say) : 0;
}

static void
watch_link(struct pad *p)
{
	p->link.n_watch = LINK_WATCH_FIRST + watch_source(p, p->link.watch + LINK_WATCH_FIRST);
}

/* While there is no connection. */
static bool
leave(void *ctx)
{
	struct pad *p = ctx;

	signals_clear(p->signals);
	serve_source(p, p->link.watch + LINK_WATCH_FIRST, p->link.n_watch - LINK_WATCH_FIRST);
	watch_link(p);
	return signals_stop();
}

static bool
ends(const struct pad *p)
{
	signals_clear(p->signals);
	return signals_stop();
}

/* --- one request ---------------------------------------------------------- */

/* What the source has to say; the reader takes it, or has gone. */
static int
say_to_reader(struct pad *p)
{
	ssize_t n = 0;

	if (p->say.failed)
		return -ENOMEM;
	if (p->say.n > 0)
		n = send(p->fd, p->say.p, p->say.n, MSG_NOSIGNAL);
	buf_reset(&p->say);
	return n < 0 ? -EPIPE : 0;
}

static int
ask_source(struct pad *p, const struct pad_ask *ask)
{
	int rc;

	if (p->asked)
		return -EPROTO;
	p->asked = true;
	log_info(p->log, "slot %u: a PIN is wanted: INS %02X, reference %02X", ask->slot, ask->ins,
		 ask->ref);
	rc = p->source->ops->ask(p->source, ask, &p->say);
	return rc < 0 ? rc : say_to_reader(p);
}

static void
source_over(struct pad *p, unsigned sw)
{
	if (p->asked)
		p->source->ops->over(p->source, sw);
	p->asked = false;
}

/* A line of the reader: 0, 1 when it was the last, or negative. */
static int
understand_reader(struct pad *p, const char *line)
{
	struct pad_ask ask;
	char *end;
	unsigned long sw;

	if (padline_read_ask(line, &ask))
		return ask_source(p, &ask);
	if (strncmp(line, "stop ", 5) == 0) {
		log_info(p->log, "no PIN is wanted any more: %s", line + 5);
		source_over(p, 0);
		return 1;
	}
	if (strncmp(line, "done ", 5) != 0)
		return 0; /* a later reader's */
	sw = strtoul(line + 5, &end, 16);
	if (strlen(line) != 9 || *end)
		return -EPROTO;
	log_info(p->log, "the client was told %04lX", sw);
	source_over(p, (unsigned)sw);
	return 1;
}

/* Lines that are whole. As understand_reader. */
static int
take_lines(struct pad *p)
{
	char *end;
	size_t n;
	int rc = 0;

	while (rc == 0 && (end = memchr(p->line, '\n', p->have))) {
		*end = '\0';
		n = (size_t)(end - p->line) + 1;
		text_make_plain(p->line);
		rc = understand_reader(p, p->line);
		memmove(p->line, p->line + n, p->have - n);
		p->have -= n;
	}
	return rc == 0 && p->have == sizeof(p->line) ? -EPROTO : rc;
}

static int
hear_reader(struct pad *p)
{
	ssize_t n = recv(p->fd, p->line + p->have, sizeof(p->line) - p->have, MSG_DONTWAIT);

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return 0;
	if (n <= 0)
		return -EPIPE;
	p->have += (size_t)n;
	return take_lines(p);
}

static int
milliseconds_left(const struct pad *p)
{
	int64_t left;

	if (!p->asked || p->source->until == 0)
		return -1;
	left = p->source->until - wire_now();
	return left < 0 ? 0 : (int)left;
}

/* Its source has something to say, or it is time. */
static int
hear_source(struct pad *p, const struct pollfd *own, const struct pollfd *fds, unsigned n)
{
	int rc = serve_source(p, fds, n);

	if (rc == 0 && p->asked && (own->revents || milliseconds_left(p) == 0))
		rc = p->source->ops->more(p->source, &p->say);
	return rc < 0 ? rc : say_to_reader(p);
}

/* One connection: 1 when a request was served, or negative. */
static int
serve_reader(struct pad *p)
{
	struct pollfd fds[3 + PAD_WATCH];
	unsigned n;
	int rc = 0;

	while (rc == 0) {
		fds[0] = (struct pollfd) { .fd = p->fd, .events = POLLIN };
		fds[1] = (struct pollfd) { .fd = p->signals, .events = POLLIN };
		fds[2] = (struct pollfd) { .fd = p->asked ? p->source->fd : -1, .events = POLLIN };
		n = watch_source(p, fds + 3);
		if (poll(fds, 3 + n, milliseconds_left(p)) < 0) {
			if (errno != EINTR)
				return -errno;
			continue;
		}
		if (fds[1].revents && ends(p))
			return -EINTR;
		if (fds[0].revents)
			rc = hear_reader(p);
		if (rc == 0)
			rc = hear_source(p, &fds[2], fds + 3, n);
	}
	return rc;
}

/* --- one after the other -------------------------------------------------- */

static void
found(struct pad *p)
{
	if (!p->known)
		link_asked(&p->link); /* which says so */
	p->known = p->link.asked = true;
	p->source->connected = true;
}

/* A connection is over: whether there is to be another. 0, or negative. */
static int
next(struct pad *p, int rc)
{
	p->source->connected = false;
	source_over(p, 0);
	close(p->fd);
	p->have = 0;
	buf_reset(&p->say);
	switch (rc) {
	case 1:
	case -ECANCELED: /* it was the source's wish */
		link_hurry(&p->link);
		return 0;
	case -EINTR:
		return 0;
	case -EPROTO:
		log_error(p->log, "%s: the reader talks nonsense", p->link.text);
		link_pause(&p->link, 0);
		return 0;
	case -EPIPE:
		p->known = false;
		link_lost(&p->link, rc);
		return 0;
	default:
		return rc;
	}
}

static int
pad_confine(const struct pad *p)
{
	const char *socket = p->source->socket;
	int folder = sandbox_folder(socket), rc = sandbox_confine(-1, &folder, 1, p->log);

	if (folder >= 0)
		close(folder);
	return rc < 0 ? rc
		      : sandbox_enter(SANDBOX_CALLS | SANDBOX_UNIX | SANDBOX_TERMINAL |
					      (socket ? SANDBOX_ANSWERS | SANDBOX_UNLINKS : 0),
				      p->log);
}

int
pad_run(struct pad_source *source, const char *path, int signals, bool sandbox,
	const struct log *log)
{
	struct endpoint where = { .host = NULL };
	struct pad p = { .source = source, .log = log, .signals = signals, .say = BUF(SAY_MAX) };
	int rc;

	strlcpy(where.path, path, sizeof(where.path));
	rc = link_open(&p.link, &where, log);
	p.link.watch[0] = (struct pollfd) { .fd = signals, .events = POLLIN };
	p.link.watch[1] = (struct pollfd) { .fd = -1 };
	watch_link(&p);
	p.link.leave = leave;
	p.link.leave_ctx = &p;
	if (access(path, F_OK) < 0 && errno == ENOENT)
		log_notice(log,
			   "%s: not there yet: the entry of the reader needs /pad=1, see vpcd(8)",
			   path);
	if (rc == 0 && sandbox)
		rc = pad_confine(&p);
	while (rc == 0 && !signals_stop()) {
		watch_link(&p);
		p.fd = link_next(&p.link);
		if (p.fd < 0) {
			rc = p.fd == -EINTR ? 0 : p.fd;
			continue;
		}
		found(&p);
		rc = next(&p, serve_reader(&p));
	}
	buf_free(&p.say);
	link_close(&p.link);
	return rc;
}

/* --- beside a card -------------------------------------------------------- */

static int
run_beside(struct props *pins, const char *path, bool sandbox, const struct log *log)
{
	struct pad_source *source = pad_file(pins, NULL, log);
	int signals = signals_catch(), rc = source && signals >= 0 ? 0 : -ENOMEM;

	if (rc == 0)
		rc = pad_run(source, path, signals, sandbox, log);
	if (source)
		source->ops->free(source);
	return rc;
}

int
pad_beside(struct props *pins, const char *path, bool sandbox, const struct log *log)
{
	pid_t parent = getpid(), pid = fork();

	if (pid < 0) {
		pid = -errno;
		log_error(log, "cannot start a PIN pad: %s", strerror(errno));
	}
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGTERM);
		sandbox_hide(!sandbox);
		if (getppid() != parent || run_beside(pins, path, sandbox, log) < 0)
			_exit(EXIT_FAILURE);
		_exit(EXIT_SUCCESS);
	}
	props_clear(pins);
	return pid < 0 ? (int)pid : 0;
}
