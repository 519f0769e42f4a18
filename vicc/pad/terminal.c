/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A person at the terminal: a star for each digit, and keys as a PIN pad has them. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "pad/source.h"
#include "wire.h"

#define KEY_CANCEL 0x1b /* Esc; and ^C */
#define KEY_BREAK 0x03
#define EARLY_MS 300 /* before the reader's time is over, where time ends the entry */

struct terminal_source {
	struct pad_source source;
	struct termios normal; /* how it is between requests */
	bool raw;
	struct pad_ask ask;
	struct pin pins[PIN_WANTED];
	unsigned at; /* which of them is typed now */
	size_t n;    /* digits of it */
	unsigned keys;
};

static void
print(const struct terminal_source *t, const char *text)
{
	/* a terminal that does not take it has gone: reading it tells */
	(void)!write(t->source.fd, text, strlen(text));
}

static void
set_raw(struct terminal_source *t, bool raw)
{
	struct termios how = t->normal;

	/* what was typed before it was asked for is no PIN */
	if (raw) {
		how.c_lflag &= ~(tcflag_t)(ICANON | ECHO | ISIG);
		how.c_iflag &= ~(tcflag_t)ICRNL;
		how.c_cc[VMIN] = 0;
		how.c_cc[VTIME] = 0;
	}
	tcsetattr(t->source.fd, TCSAFLUSH, &how);
	t->raw = raw;
}

static void
prompt(const struct terminal_source *t)
{
	static const char *const texts[] = {
		[PIN_VERIFIED] = "PIN",
		[PIN_OLD] = "old PIN",
		[PIN_NEW] = "new PIN",
		[PIN_AGAIN] = "new PIN again",
	};
	const char *text = texts[t->ask.want[t->at]];
	char line[128];

	if (t->ask.ins == 0x2c && t->ask.want[t->at] == PIN_OLD)
		text = "PUK";
	snprintf(line, sizeof(line), "slot %u, reference %02X, %s (%u to %u digits): ", t->ask.slot,
		 t->ask.ref, text, t->ask.min, t->ask.max);
	print(t, line);
}

static int
terminal_ask(struct pad_source *s, const struct pad_ask *ask, struct buf *say)
{
	struct terminal_source *t = (struct terminal_source *)s;

	(void)say;
	t->ask = *ask;
	t->at = t->keys = 0;
	t->n = 0;
	set_raw(t, true);
	prompt(t);
	return 0;
}

static void
terminal_wipe(struct terminal_source *t)
{
	explicit_bzero(t->pins, sizeof(t->pins));
	t->n = 0;
	t->source.until = 0;
}

/* This PIN is typed: ask for the next, or say them all. */
static void
next_pin(struct terminal_source *t, struct buf *say)
{
	unsigned i;

	print(t, "\n");
	t->source.until = 0;
	t->n = 0;
	if (++t->at < t->ask.n_wanted) {
		prompt(t);
		return;
	}
	buf_put(say, "pin", 3);
	for (i = 0; i < t->ask.n_wanted; i++) {
		buf_u8(say, ' ');
		buf_put(say, t->pins[i].digits, strlen(t->pins[i].digits));
	}
	buf_u8(say, '\n');
	terminal_wipe(t);
}

static void
take_digit(struct terminal_source *t, char key, struct buf *say)
{
	struct pin *pin = &t->pins[t->at];

	if (t->n == PIN_DIGITS) {
		print(t, "\a");
		return;
	}
	pin->digits[t->n++] = key;
	print(t, "*");
	if (t->keys++ < PADLINE_KEYS)
		buf_put(say, "key\n", 4);
	if (t->ask.end & 0x04)
		t->source.until = wire_now() + (int64_t)t->ask.next * 1000 - EARLY_MS;
	if (t->ask.end & 0x01 && t->n == t->ask.max)
		next_pin(t, say);
}

static void
rub_out(struct terminal_source *t)
{
	if (t->n == 0)
		return;
	t->pins[t->at].digits[--t->n] = '\0';
	print(t, "\b \b");
}

static void
take_key(struct terminal_source *t, char key, struct buf *say)
{
	if (key >= '0' && key <= '9')
		take_digit(t, key, say);
	else if (key == 0x7f || key == '\b')
		rub_out(t);
	else if ((key == '\r' || key == '\n') && t->n > 0)
		next_pin(t, say);
	else if (key == KEY_CANCEL || key == KEY_BREAK)
		buf_put(say, "cancel\n", 7);
	else
		print(t, "\a");
}

static bool
answered(const struct terminal_source *t, const struct buf *say)
{
	return t->at == t->ask.n_wanted ||
	       (say->n >= 7 && memcmp(say->p + say->n - 7, "cancel\n", 7) == 0);
}

/* Nothing can be read: because there is nothing, or because nobody is there any more. */
static bool
has_gone(const struct terminal_source *t)
{
	struct pollfd p = { .fd = t->source.fd, .events = POLLIN };

	return poll(&p, 1, 0) == 1 && p.revents & (POLLHUP | POLLERR);
}

static int
terminal_more(struct pad_source *s, struct buf *say)
{
	struct terminal_source *t = (struct terminal_source *)s;
	char key;
	if (s->until != 0 && wire_now() >= s->until) {
		next_pin(t, say);
		return 0;
	}
	while (!answered(t, say) && read(s->fd, &key, 1) > 0) {
		take_key(t, key, say);
		explicit_bzero(&key, sizeof(key));
	}
	if (answered(t, say) || !has_gone(t))
		return 0;
	log_error(s->log, "the terminal has gone");
	return -ENOTTY;
}

static void
terminal_over(struct pad_source *s, unsigned sw)
{
	struct terminal_source *t = (struct terminal_source *)s;
	char line[48];

	if (t->at < t->ask.n_wanted)
		print(t, "\n");
	if (sw == 0x9000)
		print(t, "accepted\n");
	else if (sw)
		print(t, (snprintf(line, sizeof(line), "not accepted: %04X\n", sw), line));
	else
		print(t, "no longer wanted\n");
	terminal_wipe(t);
	set_raw(t, false);
}

static void
terminal_free(struct pad_source *s)
{
	struct terminal_source *t = (struct terminal_source *)s;

	if (t->raw)
		set_raw(t, false);
	terminal_wipe(t);
	close(s->fd);
	free(t);
}

struct pad_source *
pad_terminal(const struct log *log)
{
	static const struct pad_source_ops ops = {
		.ask = terminal_ask,
		.more = terminal_more,
		.over = terminal_over,
		.free = terminal_free,
	};
	struct terminal_source *t = calloc(1, sizeof(*t));
	int fd = t ? open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC) : -1;

	if (fd >= 0 && tcgetattr(fd, &t->normal) == 0) {
		t->source = (struct pad_source) { .ops = &ops, .log = log, .fd = fd };
		return &t->source;
	}
	log_error(log, "no terminal: %s; --pin-file and --program need none", strerror(errno));
	if (fd >= 0)
		close(fd);
	free(t);
	return NULL;
}
