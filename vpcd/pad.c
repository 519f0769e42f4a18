/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "pad.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "log.h"
#include "net.h"
#include "wire.h"

static void
pad_listen(struct pad *p)
{
	char path[PADLINE_PATH];

	if (p->listener >= 0 || !name_pad_path(p->name, p->k, path))
		return;
	p->listener = net_listen_unix(path, p->name->file_mode, p->name->group);
	if (p->listener >= 0) {
		p->complained = false;
		log_info("%s: waiting for a PIN pad", path);
	} else if (!p->complained) {
		p->complained = true;
		log_error(
			"%s: cannot listen for a PIN pad: %s; tried again when a PIN is to be entered",
			path, strerror(-p->listener));
	}
}

void
pad_open(struct pad *p, const struct name *name, unsigned k)
{
	p->listener = p->fd = -1;
	if (name->pad == NAME_PAD_NONE)
		return;
	p->name = name;
	p->k = k;
	pad_listen(p);
}

void
pad_close(struct pad *p)
{
	char path[PADLINE_PATH];

	if (p->listener < 0 || !name_pad_path(p->name, p->k, path))
		return;
	unlink(path);
	close(p->listener);
	p->listener = -1;
}

void
pad_end(struct pad *p)
{
	atomic_store(&p->over, true);
}

/* --- the program that is asked -------------------------------------------- */

static void
hang_up(struct pad *p)
{
	if (p->fd >= 0)
		close(p->fd);
	p->fd = -1;
	explicit_bzero(p->line, sizeof(p->line));
	p->have = 0;
}

/* A line to it. If it does not take the line, it has gone, and is found out when it is heard. */
static void
put_line(struct pad *p, const char *line, size_t n)
{
	if (p->fd >= 0)
		(void)!send(p->fd, line, n, MSG_NOSIGNAL | MSG_DONTWAIT);
}

/* The next of those who wait, if there is one, is asked. */
static void
ask_next(struct pad *p)
{
	char line[PADLINE_SIZE];
	struct pad_ask ask = p->block.ask;

	p->fd = net_accept(p->listener);
	if (p->fd < 0) {
		if (p->fd != -EAGAIN)
			usleep(10000); /* no descriptor: it will not last */
		p->fd = -1;
		return;
	}
	ask.slot = p->k;
	ask.display = p->name->pad == NAME_PAD_DISPLAY;
	put_line(p, line, padline_write_ask(line, &ask));
}

/* Enough, for the reason: not another word. */
static void
stop(struct pad *p, const char *why)
{
	char line[32];

	put_line(p, line, (size_t)snprintf(line, sizeof(line), "stop %s\n", why));
	hang_up(p);
}

/* The first line of those that have come, without its end. NULL: it is not whole yet. */
static char *
whole_line(struct pad *p)
{
	char *end = memchr(p->line, '\n', p->have);

	if (end)
		*end = '\0';
	return end ? p->line : NULL;
}

/* Take that line away. */
static void
next_line(struct pad *p)
{
	size_t n = strlen(p->line) + 1;

	memmove(p->line, p->line + n, p->have - n);
	explicit_bzero(p->line + p->have - n, n);
	p->have -= n;
}

/* What there is to hear: 0, or negative, it is of no use any more. */
static int
pad_hear(struct pad *p)
{
	/* one byte is kept for the LF's place, when all else is full */
	ssize_t n = recv(p->fd, p->line + p->have, PADLINE_SIZE - 1 - p->have, MSG_DONTWAIT);

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return 0;
	if (n <= 0)
		return -EPIPE;
	p->have += (size_t)n;
	/* a line too long, or a byte that ends lines and is none */
	if (memchr(p->line, '\0', p->have) ||
	    (p->have == PADLINE_SIZE - 1 && !memchr(p->line, '\n', p->have)))
		return -EPROTO;
	return 0;
}

/* Its answer, when it has given one: 1; 0: not yet, and *keys are counted; negative: nonsense. */
static int
pad_understand(struct pad *p, unsigned *keys)
{
	struct pad_answer *a = &p->answer;
	char *line;

	while ((line = whole_line(p))) {
		if (!padline_read_answer(line, a))
			return -EPROTO;
		next_line(p);
		if (a->word != PAD_KEY)
			/* nothing behind it, and as many PINs as were wanted */
			return p->have > 0 || (a->word == PAD_PINS &&
					       a->n_pins != p->block.ask.n_wanted)
				       ? -EPROTO
				       : 1;
		if (++*keys > PADLINE_KEYS)
			return -EPROTO;
	}
	return 0;
}

static int
sw_of_answer(const struct pad *p)
{
	switch (p->answer.word) {
	case PAD_CANCEL:
		return PINBLOCK_CANCELLED;
	case PAD_SW:
		return p->answer.sw;
	default:
		return 0;
	}
}

/* --- a request ------------------------------------------------------------ */

/* When it began, when it ends whatever happens, and when for want of a key. */
struct times {
	int64_t all, until;
	unsigned keys; /* of the program that is asked */
};

static int64_t
first_of(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

/* Something has come from the program: its answer (1), or nothing to end the wait for (0). */
static int
listen_to(struct pad *p, struct times *t)
{
	unsigned before = t->keys;
	int rc = pad_hear(p);

	if (rc == 0)
		rc = pad_understand(p, &t->keys);
	if (rc == 0 && t->keys > before)
		t->until = first_of(wire_now() + (int64_t)p->block.ask.next * 1000, t->all);
	if (rc >= 0)
		return rc;
	if (rc == -EPROTO)
		log_info("slot %u: a PIN pad talks nonsense and was closed", p->k);
	explicit_bzero(&p->answer, sizeof(p->answer));
	hang_up(p);
	return 0;
}

int
pad_ask(struct pad *p, int card)
{
	struct times t = { .all = wire_now() + PAD_ALL_MS };
	int64_t left;

	pad_listen(p);
	t.until = wire_now() + (int64_t)p->block.ask.first * 1000;
	for (;;) {
		struct pollfd fds[] = { { .fd = card, .events = POLLRDHUP }, { .events = POLLIN } };

		if (p->fd < 0 && p->listener >= 0) {
			t.keys = 0;
			ask_next(p);
		}
		left = t.until - wire_now();
		if (left <= 0) {
			stop(p, "time");
			return PINBLOCK_TIMEOUT;
		}
		fds[1].fd = p->fd >= 0 ? p->fd : p->listener;
		if (poll(fds, 2, (int)left) < 0 && errno != EINTR)
			usleep(10000); /* no memory: it will not last */
		if (fds[0].revents)
			return -ENODEV;
		if (p->fd >= 0 && fds[1].revents && listen_to(p, &t) > 0)
			return sw_of_answer(p);
	}
}

void
pad_done(struct pad *p, unsigned sw)
{
	char line[16];

	if (sw == 0)
		stop(p, atomic_load(&p->over) ? "end" : "card");
	put_line(p, line, (size_t)snprintf(line, sizeof(line), "done %04X\n", sw));
	hang_up(p);
	explicit_bzero(&p->answer, sizeof(p->answer));
	explicit_bzero(&p->block, sizeof(p->block));
}
