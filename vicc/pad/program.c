/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A program that is asked: a line there, a line back. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/process.h"
#include "pad/source.h"

#define END_MS 300 /* that it has to end by itself, its input being at its end */

struct program_source {
	struct pad_source source;
	struct process child;
	const char *path;
	bool asked;    /* and has not answered */
	unsigned owed; /* answers to requests that are over: nobody wants them */
	char line[PADLINE_SIZE];
	size_t have;
};

static int
program_ask(struct pad_source *s, const struct pad_ask *ask, struct buf *say)
{
	struct program_source *p = (struct program_source *)s;
	char line[PADLINE_SIZE];
	size_t n = padline_write_ask(line, ask);

	(void)say;
	if (write(p->child.to, line, n) != (ssize_t)n) {
		log_error(s->log, "%s does not read what it is asked", p->path);
		return -ENODATA;
	}
	p->asked = true;
	return 0;
}

/* One of its lines, with its end. True: there is nothing more to expect. */
static bool
pass_on(struct program_source *p, size_t n, struct buf *say)
{
	struct pad_answer answer;
	bool known, last;

	p->line[n - 1] = '\0';
	known = padline_read_answer(p->line, &answer);
	last = !known || answer.word != PAD_KEY;
	explicit_bzero(&answer, sizeof(answer));
	p->line[n - 1] = '\n';
	if (p->owed > 0) {
		p->owed -= last;
		return false;
	}
	if (!known)
		log_error(p->source.log,
			  "%s has answered nonsense, a line of %zu characters: cancelled", p->path,
			  n - 1);
	if (known)
		buf_put(say, p->line, n);
	else
		buf_put(say, "cancel\n", 7);
	return last;
}

static int
program_more(struct pad_source *s, struct buf *say)
{
	struct program_source *p = (struct program_source *)s;
	ssize_t got = read(p->child.from, p->line + p->have, sizeof(p->line) - p->have);
	const char *end;
	size_t n;

	if (got < 0 && (errno == EAGAIN || errno == EINTR))
		return 0;
	if (got > 0)
		p->have += (size_t)got;
	if (got <= 0 || (p->have == sizeof(p->line) && !memchr(p->line, '\n', p->have))) {
		log_error(s->log,
			  got <= 0 ? "%s has ended" : "%s has answered a line that is too long",
			  p->path);
		return -ENODATA;
	}
	while (p->asked && (end = memchr(p->line, '\n', p->have))) {
		n = (size_t)(end - p->line) + 1;
		p->asked = !pass_on(p, n, say);
		memmove(p->line, p->line + n, p->have - n);
		explicit_bzero(p->line + p->have - n, n);
		p->have -= n;
	}
	return 0;
}

static void
program_over(struct pad_source *s, unsigned sw)
{
	struct program_source *p = (struct program_source *)s;

	(void)sw;
	p->owed += p->asked;
	p->asked = false;
}

static void
program_free(struct pad_source *s)
{
	struct program_source *p = (struct program_source *)s;

	process_end(&p->child, END_MS);
	explicit_bzero(p->line, sizeof(p->line));
	free(p);
}

struct pad_source *
pad_program(const char *path, const struct log *log)
{
	static const struct pad_source_ops ops = {
		.ask = program_ask,
		.more = program_more,
		.over = program_over,
		.free = program_free,
	};
	struct program_source *p = calloc(1, sizeof(*p));
	int rc = p ? process_start(&p->child, path) : -ENOMEM;

	if (rc < 0) {
		log_error(log, "cannot start --program %s: %s", path, strerror(-rc));
		free(p);
		return NULL;
	}
	p->source = (struct pad_source) { .ops = &ops, .log = log, .fd = p->child.from };
	p->path = path;
	return &p->source;
}
