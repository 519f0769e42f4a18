/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Digits from a file, entered as a script says, one request after the other. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "pad/typist.h"

struct file_source {
	struct pad_source source;
	struct typist typist;
	struct step *steps;
	size_t n_steps, at;
	struct pad_ask ask; /* the request */
};

/* Words with spaces or commas between them. */
static bool
read_steps(struct file_source *f, const char *words)
{
	static const char between[] = " ,\t\n";
	const char *word = words;
	struct step *more;
	size_t n;

	for (word += strspn(word, between); *word; word += n, word += strspn(word, between)) {
		n = strcspn(word, between);
		more = reallocarray(f->steps, f->n_steps + 1, sizeof(*more));
		if (!more) {
			log_error(f->source.log, "no memory for a PIN pad");
			return false;
		}
		f->steps = more;
		if (!step_read(word, n, &f->steps[f->n_steps++])) {
			log_error(f->source.log, "--script \"%.*s\": want " TYPIST_WORDS, (int)n,
				  word);
			return false;
		}
	}
	if (f->n_steps == 0)
		log_error(f->source.log, "--script is empty: it needs a word such as right");
	return f->n_steps > 0;
}

static int
file_ask(struct pad_source *s, const struct pad_ask *ask, struct buf *say)
{
	struct file_source *f = (struct file_source *)s;
	const struct step *step = &f->steps[f->at];

	f->ask = *ask;
	f->at += f->at + 1 < f->n_steps;
	return typist_enter(&f->typist, step, ask, &s->until, say);
}

static int
file_more(struct pad_source *s, struct buf *say)
{
	struct file_source *f = (struct file_source *)s;

	s->until = 0;
	return typist_enter(&f->typist, &(struct step) { .how = RIGHT }, &f->ask, &s->until, say);
}

static void
file_over(struct pad_source *s, unsigned sw)
{
	struct file_source *f = (struct file_source *)s;

	s->until = 0;
	typist_over(&f->typist, &f->ask, sw);
}

static void
file_free(struct pad_source *s)
{
	struct file_source *f = (struct file_source *)s;

	typist_free(&f->typist);
	free(f->steps);
	free(f);
}

struct pad_source *
pad_file(struct props *pins, const char *words, const struct log *log)
{
	static const struct pad_source_ops ops = {
		.ask = file_ask,
		.more = file_more,
		.over = file_over,
		.free = file_free,
	};
	struct file_source *f = calloc(1, sizeof(*f));

	if (!f) {
		log_error(log, "no memory for a PIN pad");
		props_clear(pins);
		return NULL;
	}
	f->source = (struct pad_source) { .ops = &ops, .log = log, .fd = -1 };
	f->typist = (struct typist) { .pins = *pins, .log = log };
	*pins = (struct props) { .first = NULL };
	if (read_steps(f, words ? words : "right"))
		return &f->source;
	file_free(&f->source);
	return NULL;
}
