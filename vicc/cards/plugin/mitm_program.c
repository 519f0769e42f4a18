/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cards/plugin/mitm_program.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/hex.h"
#include "base/process.h"

#define LINE_MAX_BYTES (3 * CARD_RESPONSE_MAX + 64) /* hex, with spaces if it likes */
#define CHUNK 4096
#define REASON_MS 3000 /* until it is known why it has closed what we talk through */
#define END_MS 300 /* that it has to end by itself, its input being at its end */

struct program {
	struct card card;
	const struct card_env *env;
	int deadline; /* ms */
	struct process child;
	struct buf said, heard; /* a line, with its end */
	char why[200];
};

static struct program *
program_of(struct card *card)
{
	return (struct program *)card;
}

static int64_t
now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static int because(struct program *p, int error, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* The reason in words; the error. */
static int
because(struct program *p, int error, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(p->why, sizeof(p->why), fmt, ap);
	va_end(ap);
	return error;
}

/* --- its life ----------------------------------------------------------------------- */

static int
ended(struct program *p)
{
	int status;

	if (!process_ended(&p->child, &status, REASON_MS))
		return because(p, -EPIPE, "has closed its output or its input");
	if (WIFSIGNALED(status))
		return because(p, -EPIPE, "was ended by signal %d", WTERMSIG(status));
	return because(p, -EPIPE, "has ended with exit status %d", WEXITSTATUS(status));
}

static void
program_free(struct card *card)
{
	struct program *p = program_of(card);

	process_end(&p->child, END_MS);
	buf_free(&p->said);
	buf_free(&p->heard);
}

/* --- a line there, a line back ---------------------------------------------------------- */

static int
send_some(struct program *p, size_t *sent)
{
	ssize_t n = write(p->child.to, p->said.p + *sent, p->said.n - *sent);

	if (n < 0)
		return errno == EAGAIN || errno == EINTR ? 0 : ended(p);
	*sent += (size_t)n;
	return 0;
}

static bool
is_whole(const struct buf *line)
{
	return line->n > 0 && line->p[line->n - 1] == '\n';
}

static int
hear_some(struct program *p)
{
	size_t before = p->heard.n;
	uint8_t *room = buf_grow(&p->heard, CHUNK);
	const uint8_t *end;
	ssize_t n;

	if (!room)
		return because(
			p, -EMSGSIZE,
			"has answered a line that is too long, or there is no memory for it");
	n = read(p->child.from, room, CHUNK);
	if (n <= 0) {
		buf_cut(&p->heard, before);
		return n < 0 && (errno == EAGAIN || errno == EINTR) ? 0 : ended(p);
	}
	end = memchr(room, '\n', (size_t)n);
	buf_cut(&p->heard, before + (size_t)n);
	if (end && end != room + n - 1)
		return because(p, -EPROTO, "has answered more than one line");
	return 0;
}

/* Both ways at once: whoever is not heard stops listening. */
static int
talk(struct program *p)
{
	const struct card_env *env = p->env;
	int64_t end = now_ms() + p->deadline, left;
	size_t sent = 0;
	int rc = 0;

	while (rc == 0 && (sent < p->said.n || !is_whole(&p->heard))) {
		struct pollfd fds[] = {
			{ .fd = p->child.from, .events = POLLIN },
			{ .fd = sent < p->said.n ? p->child.to : -1, .events = POLLOUT },
		};

		if (env->interrupted && env->interrupted(env->ctx))
			return because(p, -ECANCELED, "was not waited for");
		left = end - now_ms();
		if (left <= 0)
			return because(p, -ETIMEDOUT, "has not answered within %d ms", p->deadline);
		if (poll(fds, 2, (int)left) <= 0)
			continue;
		if (fds[1].revents)
			rc = send_some(p, &sent);
		if (rc == 0 && fds[0].revents)
			rc = hear_some(p);
	}
	return rc;
}

/* --- what it means ---------------------------------------------------------------------- */

static void
program_write(struct program *p, const char *word, struct view bytes)
{
	buf_reset(&p->said);
	buf_reset(&p->heard);
	buf_put(&p->said, word, strlen(word));
	if (bytes.n > 0)
		buf_u8(&p->said, ' ');
	hex_write(&p->said, bytes);
	buf_u8(&p->said, '\n');
}

/* Without its end, and white space in front of that. */
static struct view
line(const struct buf *b)
{
	struct view v = buf_view(b);

	while (v.n > 0 && (v.p[v.n - 1] == '\n' || v.p[v.n - 1] == '\r' || v.p[v.n - 1] == ' '))
		v.n--;
	return v;
}

/* The bytes behind a word that the line begins with. */
static bool
reads(struct view v, const char *word, struct buf *bytes)
{
	struct view w = view_of(word, strlen(word)), rest;

	if (!view_starts(v, w))
		return false;
	rest = view_slice(v, w.n, v.n);
	while (rest.n > 0 && rest.p[0] == ' ')
		rest = view_slice(rest, 1, rest.n);
	return hex_read_n(bytes, (const char *)rest.p, rest.n) && !bytes->failed;
}

/* Not what it was, and not a digit of it: that may be a PIN's. */
static int
nonsense(struct program *p)
{
	struct view v = line(&p->heard);

	if (v.n == 0 || !memchr("!<>", v.p[0], 3))
		return because(
			p, -EPROTO,
			"has answered nonsense, a line of %zu characters that begins with none of ! < >",
			v.n);
	return because(p, -EPROTO,
		       "has answered nonsense, a line of %zu characters that begins with %c", v.n,
		       v.p[0]);
}

/* Say a message, hear the verdict; other: what answers it without the card, NULL: nothing does. */
static int32_t
program_ask(struct program *p, const char *word, const char *other, struct view bytes,
	    struct buf *instead)
{
	int rc;

	program_write(p, word, bytes);
	if (p->said.failed)
		return because(p, -ENOMEM, "cannot be asked: there is no memory");
	rc = talk(p);
	if (rc < 0)
		return rc;
	if (view_equal(line(&p->heard), view_of("!gone", 5)))
		return VICC_GONE;
	if (view_equal(line(&p->heard), line(&p->said)))
		return VICC_PASS;
	if (reads(line(&p->heard), word, instead))
		return view_equal(buf_view(instead), bytes) ? VICC_PASS : VICC_CHANGE;
	if (other && reads(line(&p->heard), other, instead))
		return VICC_ANSWER;
	return nonsense(p);
}

/* Nothing of a message outlives it. */
static int32_t
program_wipe(struct program *p, int32_t verdict)
{
	buf_reset(&p->said);
	buf_reset(&p->heard);
	return verdict;
}

static int32_t
program_atr(struct card *card, struct view atr, struct buf *instead)
{
	struct program *p = program_of(card);

	return program_wipe(p, program_ask(p, "!atr", NULL, atr, instead));
}

static int32_t
program_power(struct card *card, uint32_t what)
{
	static const char *const words[] = {
		[CARD_POWER_OFF] = "!power off",
		[CARD_POWER_ON] = "!power on",
		[CARD_RESET] = "!reset",
	};
	struct program *p = program_of(card);
	struct buf none = BUF(1);
	int32_t verdict = program_ask(p, words[what], NULL, view_of(NULL, 0), &none);

	if (verdict == VICC_CHANGE)
		verdict = nonsense(p);
	buf_free(&none);
	return program_wipe(p, verdict);
}

static int32_t
program_command(struct card *card, struct view cmd, struct buf *instead)
{
	struct program *p = program_of(card);

	return program_wipe(p, program_ask(p, ">", "<", cmd, instead));
}

static int32_t
program_answer(struct card *card, struct view rsp, struct buf *instead)
{
	struct program *p = program_of(card);

	return program_wipe(p, program_ask(p, "<", NULL, rsp, instead));
}

/* It lives, and is silent. */
static int32_t
program_event(struct card *card, int32_t *fd)
{
	struct program *p = program_of(card);
	struct pollfd from = { .fd = p->child.from, .events = POLLIN };
	uint8_t byte;
	ssize_t n;

	*fd = p->child.from;
	if (poll(&from, 1, 0) <= 0)
		return 1;
	n = read(p->child.from, &byte, 1);
	if (n > 0)
		return because(p, -EPROTO, "has answered without being asked");
	return n < 0 && errno == EAGAIN ? 1 : ended(p);
}

static const struct mitm_ops program_ops = {
	.atr = program_atr,
	.power = program_power,
	.command = program_command,
	.answer = program_answer,
	.event = program_event,
	.free = program_free,
};

int
mitm_program_start(struct mitm_instance *instance, const char *path, int deadline,
		   const struct card_env *env)
{
	struct program *p = calloc(1, sizeof(*p));
	int rc = p ? 0 : -ENOMEM;

	if (p) {
		*p = (struct program) {
			.env = env, .deadline = deadline, .child = { .to = -1, .from = -1 },
			.said = BUF(LINE_MAX_BYTES), .heard = BUF(LINE_MAX_BYTES + CHUNK),
		};
		rc = process_start(&p->child, path);
	}
	if (rc < 0) {
		log_error(env->log, "cannot start the middle-man %s: %s", path, strerror(-rc));
		if (p)
			program_free(&p->card);
		free(p);
		return rc;
	}
	*instance = (struct mitm_instance) {
		.name = path,
		.ops = &program_ops,
		.card = &p->card,
		.size = sizeof(*p),
		.why = p->why,
	};
	return 0;
}
