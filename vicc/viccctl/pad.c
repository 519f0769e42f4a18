/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "viccctl/pad.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "viccctl/show.h"
#include "viccctl/words.h"

#define LINE_MAX_TYPED 255 /* characters of a line of digits */

/* Until a PIN is asked for; what the pad has told before that is forgotten. */
static int
await_asked(struct ctl *t)
{
	json_t *status, *event;
	int code, error;
	bool asked;

	json_decref(ctl_do(t, "subscribe", &code));
	while (code == CTL_DONE) {
		status = ctl_do(t, "status", &code);
		if (!status)
			break;
		json_array_clear(t->card.events);
		asked = json_is_object(json_object_get(status, "asked"));
		json_decref(status);
		if (asked)
			break;
		event = connection_event(&t->card, t->deadline, &error);
		if (!event)
			return ctl_lost(t, error, "no PIN is asked for in time");
		json_decref(event);
	}
	return code;
}

/* Until the client has an answer: its status word is printed. */
static int
await_done(struct ctl *t)
{
	const char *name;
	json_t *event;
	int error;
	bool done = false;

	while (!done) {
		event = connection_event(&t->card, t->deadline, &error);
		if (!event)
			return ctl_lost(t, error, "the client has no answer in time");
		name = json_string_value(json_object_get(event, "event"));
		done = name && strcmp(name, "done") == 0;
		if (done && t->json)
			show_json(event);
		else if (done && json_is_string(json_object_get(event, "sw")))
			show_value(json_object_get(event, "sw"));
		json_decref(event);
	}
	return CTL_DONE;
}

/* The request is taken over. answered: a client is going to be told something soon. */
static int
pad_send(struct ctl *t, json_t *request, bool answered)
{
	int code = t->no_wait ? CTL_DONE : await_asked(t);

	if (code != CTL_DONE) {
		json_decref(request);
		return code;
	}
	json_decref(ctl_ask(t, request, -1, &code));
	return code == CTL_DONE && answered && !t->no_wait ? await_done(t) : code;
}

static int
pad_how(struct ctl *t, const char *how)
{
	bool answered = strcmp(how, "time") != 0 && strcmp(how, "gone") != 0;

	return pad_send(t, json_pack("{s:s, s:s}", "do", "pad", "how", how), answered);
}

/* No more of standard input than the line. False: it is too long, or none. */
static bool
read_line(char line[LINE_MAX_TYPED + 1])
{
	size_t n = 0;
	ssize_t got = 0;

	while (n <= LINE_MAX_TYPED) {
		got = read(STDIN_FILENO, line + n, 1);
		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0 || line[n] == '\n')
			break;
		n++;
	}
	if (got < 0 || n > LINE_MAX_TYPED)
		return false;
	line[n] = '\0';
	return n > 0;
}

/* PINs with blanks between them. */
static json_t *
list_pins(char *line)
{
	json_t *pins = json_array();
	char *pin;

	while ((pin = strsep(&line, " \t"))) {
		if (*pin)
			json_array_append_new(pins, json_string(pin));
	}
	return pins;
}

static int
pad_enter(struct ctl *t)
{
	char line[LINE_MAX_TYPED + 1];
	json_t *request = NULL;

	if (read_line(line))
		request = json_pack("{s:s, s:o}", "do", "enter", "pins", list_pins(line));
	explicit_bzero(line, sizeof(line));
	return request ? pad_send(t, request, true)
		       : ctl_fail(t, CTL_USAGE, "enter wants a line of digits on standard input");
}

static int
pad_next(struct ctl *t)
{
	json_t *words = json_array();
	size_t i;
	int code;

	for (i = 2; i < t->n_words; i++)
		json_array_append_new(words, json_string(t->words[i]));
	json_decref(ctl_ask(t, json_pack("{s:s, s:o}", "do", "next", "words", words), -1, &code));
	return code;
}

int
pad_do(struct ctl *t)
{
	const char *what = t->n_words > 1 ? t->words[1] : "";

	if (strcmp(what, "next") == 0)
		return pad_next(t);
	/* digits are no arguments: those can be read by everybody */
	if (strcmp(what, "enter") == 0)
		return t->n_words == 3 && strcmp(t->words[2], "-") == 0 ? pad_enter(t)
									: words_usage(t);
	return t->n_words == 2 ? pad_how(t, what) : words_usage(t);
}
