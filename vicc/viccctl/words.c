/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "viccctl/words.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>
#include <unistd.h>

#include "base/output.h"
#include "viccctl/file.h"
#include "viccctl/follow.h"
#include "viccctl/pad.h"
#include "viccctl/show.h"

struct verb {
	const char *name;
	const char *usage; /* its arguments */
	const char *help;
	int (*run)(struct ctl *t);
	unsigned flags;
};

#define PATIENT 0x1u /* it waits for the card's socket, too */
#define NAMES 0x2u   /* its word names the card */
#define ALONE 0x4u   /* it wants no card */
#define PADS 0x8u    /* a PIN pad has it, too */

static const struct verb *verb_named(const char *name);

/* --- values --------------------------------------------------------------------- */

/* Digits, perhaps a minus sign, and nothing else: n characters. */
static bool
read_integer(const char *text, size_t n, json_int_t *out)
{
	const size_t sign = n > 0 && *text == '-';
	char copy[24];

	if (n == sign || n >= sizeof(copy) || strspn(text + sign, "0123456789") < n - sign)
		return false;
	memcpy(copy, text, n);
	copy[n] = '\0';
	errno = 0;
	*out = strtoll(copy, NULL, 10);
	return errno == 0;
}

bool
words_number(const char *text, long min, long max, long *out)
{
	json_int_t n;

	if (!read_integer(text, strlen(text), &n) || n < min || n > max)
		return false;
	*out = (long)n;
	return true;
}

void
words_sleep(int ms)
{
	struct timespec left = { .tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000L };

	while (nanosleep(&left, &left) < 0 && errno == EINTR)
		;
}

/* --- plain verbs: a request, and perhaps something of its answer ------------------------ */

/* show: the member that is printed, if JSON is not wanted; NULL: none. */
static int
words_send(struct ctl *t, const char *verb, json_t *members, int passed, const char *show)
{
	int code;
	json_t *ok;

	json_object_set_new(members, "do", json_string(verb));
	json_object_update(members, t->members);
	ok = ctl_ask(t, members, passed, &code);
	if (!ok)
		return code;
	if (t->json)
		show_json(ok);
	else if (show)
		show_value(json_object_get(ok, show));
	json_decref(ok);
	return CTL_DONE;
}

static int
run_plain(struct ctl *t)
{
	return words_send(t, t->words[0], json_object(), -1, NULL);
}

/* One word, which is a member, or none. */
static int
run_with(struct ctl *t, const char *member)
{
	json_t *members = json_object();

	if (t->n_words > 2) {
		json_decref(members);
		return words_usage(t);
	}
	if (t->n_words == 2)
		json_object_set_new(members, member, json_string(t->words[1]));
	return words_send(t, t->words[0], members, -1, NULL);
}

static int
run_lock(struct ctl *t)
{
	return run_with(t, "reason");
}

static int
run_restore(struct ctl *t)
{
	return run_with(t, "name");
}

static int
run_mute(struct ctl *t)
{
	const char *word = t->n_words == 2 ? t->words[1] : "";

	if (strcmp(word, "on") != 0 && strcmp(word, "off") != 0)
		return words_usage(t);
	return words_send(t, "mute", json_pack("{s:b}", "on", strcmp(word, "on") == 0), -1, NULL);
}

static int
run_clear(struct ctl *t)
{
	json_t *members = json_object();
	long rule;

	if (t->n_words > 2 || (t->n_words == 2 && !words_number(t->words[1], 1, 1000000, &rule))) {
		json_decref(members);
		return words_usage(t);
	}
	if (t->n_words == 2)
		json_object_set_new(members, "rule", json_integer(rule));
	return words_send(t, "clear", members, -1, NULL);
}

static int
run_object(struct ctl *t)
{
	int code;
	json_t *ok = ctl_do(t, t->words[0], &code);

	if (ok)
		show_json(ok);
	json_decref(ok);
	return code;
}

static int
run_faults(struct ctl *t)
{
	int code;
	json_t *ok = ctl_do(t, "faults", &code), *rule;
	size_t i;

	if (t->json && ok)
		show_json(ok);
	json_array_foreach(t->json ? NULL : json_object_get(ok, "rules"), i, rule)
		show_json(rule);
	json_decref(ok);
	return code;
}

static int
run_apdu(struct ctl *t)
{
	struct buf text = BUF(200000);
	size_t i;
	int code;

	for (i = 1; i < t->n_words; i++) {
		buf_put(&text, t->words[i], strlen(t->words[i]));
		buf_u8(&text, ' ');
	}
	code = text.n == 0 || text.failed ? words_usage(t)
					  : words_send(t, "apdu",
						       json_pack("{s:s%}", "command",
								 (const char *)text.p, text.n - 1),
						       -1, "response");
	buf_free(&text);
	return code;
}

/* Whatever the card makes of it: its answer, as it came. */
static int
run_raw(struct ctl *t)
{
	json_t *rq, *answer;
	int error, code;

	if (t->n_words != 2)
		return words_usage(t);
	rq = json_loads(t->words[1], JSON_REJECT_DUPLICATES, NULL);
	if (!json_is_object(rq)) {
		json_decref(rq);
		return ctl_fail(t, CTL_USAGE, "raw needs one JSON object");
	}
	error = connection_send(&t->card, rq, -1);
	answer = error == 0 ? connection_answer(&t->card, t->deadline, &error) : NULL;
	if (!answer)
		return ctl_lost(t, error, "no answer in time");
	show_json(answer);
	code = json_object_get(answer, "error") ? CTL_FAILED : CTL_DONE;
	json_decref(answer);
	return code;
}

/* --- files ------------------------------------------------------------------------------ */

static int
fail_file(const struct ctl *t, const char *path, int rc)
{
	return ctl_fail(t, CTL_FAILED, "%s: %s", path, output_fault(rc));
}

/* Into memory first: what fails leaves the file as it was. */
static int
snapshot_to(struct ctl *t, const char *path)
{
	int fd = file_memory(), code, rc = 0;
	const bool json = t->json;

	if (fd < 0)
		return fail_file(t, path, fd);
	t->json = json && strcmp(path, "-") != 0;
	code = words_send(t, "snapshot", json_object(), fd, NULL);
	t->json = json;
	if (code == CTL_DONE)
		rc = file_write(path, fd);
	close(fd);
	return rc < 0 ? fail_file(t, path, rc) : code;
}

static int
run_snapshot(struct ctl *t)
{
	if (t->n_words == 2 && file_is_path(t->words[1]))
		return snapshot_to(t, t->words[1]);
	return run_with(t, "name");
}

static int
run_load(struct ctl *t)
{
	int fd, code;

	if (t->n_words != 2)
		return words_usage(t);
	fd = file_read(t->words[1]);
	if (fd < 0)
		return fail_file(t, t->words[1], fd);
	code = words_send(t, "load", json_object(), fd, NULL);
	close(fd);
	return code;
}

static int
run_trace(struct ctl *t)
{
	const char *word = t->n_words > 1 ? t->words[1] : "";
	bool on = strcmp(word, "on") == 0;
	int fd = -1, code;

	if (t->n_words > 3 || (!on && (strcmp(word, "off") != 0 || t->n_words > 2)))
		return words_usage(t);
	if (t->n_words == 3) {
		fd = output_open(t->words[2], 0600, true);
		if (fd < 0)
			return fail_file(t, t->words[2], fd);
	}
	code = words_send(t, "trace", json_pack("{s:b}", "on", on), fd, NULL);
	if (fd >= 0)
		close(fd);
	return code;
}

/* --- faults ---------------------------------------------------------------------------------- */

/* What stands behind each kind, in order: a small letter may be left out. */
static const struct {
	const char *kind;
	const char *words;
} kinds[] = {
	{ "sw", "V" },     { "flip", "bi" },  { "short", "N" }, { "long", "N" }, { "data", "X" },
	{ "big", "N" },    { "delay", "M" },  { "empty", "" },  { "one", "" },   { "cut", "N" },
	{ "close", "" },   { "abort", "" },   { "lie", "N" },   { "twice", "" }, { "stray", "X" },
	{ "split", "NM" }, { "nothing", "" },
};

#define N_KINDS (sizeof(kinds) / sizeof(*kinds))

static const char *
kind_words(const char *name)
{
	size_t i;

	for (i = 0; i < N_KINDS; i++) {
		if (strcmp(kinds[i].kind, name) == 0)
			return kinds[i].words;
	}
	return NULL;
}

/* One word that a letter stands for. */
static bool
put_word(json_t *members, char letter, const char *word)
{
	static const struct {
		char letter;
		const char *member;
	} of[] = { { 'V', "value" }, { 'X', "hex" },  { 'N', "n" },
		   { 'M', "ms" },    { 'b', "byte" }, { 'i', "bit" } };
	size_t i;
	long n;

	for (i = 0; of[i].letter != letter; i++)
		;
	if (letter == 'V' || letter == 'X')
		return json_object_set_new(members, of[i].member, json_string(word)) == 0;
	return words_number(word, INT32_MIN, INT32_MAX, &n) &&
	       json_object_set_new(members, of[i].member, json_integer(n)) == 0;
}

static int
send_fault(struct ctl *t, size_t at)
{
	const char *kind = at < t->n_words ? t->words[at] : "", *letter = kind_words(kind);
	json_t *members = json_pack("{s:s, s:s}", "do", "fault", "kind", kind);
	bool good = letter != NULL;
	size_t i = at + 1;

	for (; good && *letter && i < t->n_words; letter++, i++)
		good = put_word(members, *letter, t->words[i]);
	if (!good || i < t->n_words || (*letter >= 'A' && *letter <= 'Z')) {
		json_decref(members);
		return ctl_fail(t, CTL_USAGE, "usage: viccctl %s", verb_named("fault")->usage);
	}
	return words_send(t, "fault", members, -1, "rule");
}

static int
run_fault(struct ctl *t)
{
	return send_fault(t, 1);
}

static int
run_tear(struct ctl *t)
{
	json_t *members;
	long n = 0;

	if (t->n_words < 2 || t->n_words > 3 ||
	    (t->n_words == 3 && !words_number(t->words[2], 0, 65537, &n)))
		return words_usage(t);
	members = json_pack("{s:s}", "at", t->words[1]);
	if (t->n_words == 3)
		json_object_set_new(members, "n", json_integer(n));
	return words_send(t, "tear", members, -1, NULL);
}

/* --- options of verbs ----------------------------------------------------- */

/* "20,2A" */
static json_t *
list_of(const char *value)
{
	json_t *list = json_array();
	size_t n;

	for (; *value; value += n + (value[n] == ',')) {
		n = strcspn(value, ",");
		json_array_append_new(list, json_stringn(value, n));
	}
	return list;
}

/* "1/20" */
static json_t *
rate_of(const char *value)
{
	const char *slash = strchr(value, '/');
	json_int_t p, q;

	if (!slash || !read_integer(value, (size_t)(slash - value), &p) ||
	    !read_integer(slash + 1, strlen(slash + 1), &q) || p < 0 || q < 1)
		return NULL;
	return json_pack("[I, I]", p, q);
}

int
words_option(struct ctl *t, const char *name, const char *value)
{
	static const char *const numbers[] = { "after", "every", "times", "seed", "back" };
	json_t *v = NULL;
	json_int_t n;
	size_t i;

	for (i = 0; i < sizeof(numbers) / sizeof(*numbers) && strcmp(name, numbers[i]) != 0; i++)
		;
	if (i < sizeof(numbers) / sizeof(*numbers)) {
		v = read_integer(value, strlen(value), &n) ? json_integer(n) : NULL;
	} else if (strcmp(name, "on") == 0) {
		v = list_of(value);
	} else if (strcmp(name, "rate") == 0) {
		v = rate_of(value);
	} else {
		return -1;
	}
	if (!v)
		return ctl_fail(t, CTL_USAGE, "--%s \"%s\" is not what it should be", name, value);
	json_object_set_new(t->members, name, v);
	return CTL_DONE;
}

/* --- the table --------------------------------------------------------------------------- */

static const struct verb verbs[] = {
	{ "insert", "", "put the card in; return when pcscd has seen it", follow_insert, 0 },
	{ "remove", "", "take the card out; return when pcscd has seen it", follow_remove, 0 },
	{ "swap", "NAME", "take out the card in NAME's slot, put NAME in", follow_swap, NAMES },
	{ "lock", "[REASON]", "take the card out, and refuse insert", run_lock, 0 },
	{ "unlock", "", "allow insert again", run_plain, 0 },
	{ "reset", "", "reset it through PC/SC; --cold: take its power", follow_reset, 0 },
	{ "glitch", "", "let power fail for a moment, and tell nobody", run_plain, 0 },
	{ "mute", "on|off", "do not answer power on, or do again", run_mute, 0 },
	{ "status", "", "print what the card is doing", show_status, PADS },
	{ "wait", "in|out|power|idle MS|apdus N|event NAME",
	  "wait for that, and for the card's socket", follow_wait, PATIENT | PADS },
	{ "events", "[CLASS...]", "print events: state power faults commands", follow_events, PADS },
	{ "counters", "", "set the counters to 0, print what they were", run_object, 0 },
	{ "readers", "", "print the slots of vpcd's readers", show_readers, ALONE },
	{ "tear", "command|commit|answer [N]", "lose power in a command, at that place", run_tear,
	  0 },
	{ "fault", "KIND [VALUE]...", "let answers go wrong: see the kinds below", run_fault, 0 },
	{ "faults", "", "print all rules", run_faults, 0 },
	{ "clear", "[RULE]", "take away a rule, or all", run_clear, 0 },
	{ "snapshot", "[NAME|FILE|-]", "keep the card's state", run_snapshot, 0 },
	{ "restore", "[NAME]", "go back to it", run_restore, 0 },
	{ "load", "FILE|-", "be the card of this image, in memory", run_load, 0 },
	{ "apdu", "HEX", "send a command to a card that is out", run_apdu, 0 },
	{ "trace", "on|off [FILE]", "write a trace from now on", run_trace, 0 },
	{ "pad",
	  "right|wrong|short|long|differ|cancel|time|slow=MS|sw=XXXX|gone|enter -|next WORD...",
	  "a PIN pad (vicc-pad --control): wait for a request, answer it", pad_do, PATIENT | PADS },
	{ "hold", "-- COMMAND [ARGUMENT]...", "run a command; the card ends with it", follow_hold,
	  PADS },
	{ "quit", "", "end the card's process", run_plain, PADS },
	{ "raw", "JSON", "send a request as it is", run_raw, PADS },
};

#define N_VERBS (sizeof(verbs) / sizeof(*verbs))

static const struct verb *
verb_named(const char *name)
{
	size_t i;

	for (i = 0; i < N_VERBS; i++) {
		if (strcmp(verbs[i].name, name) == 0)
			return &verbs[i];
	}
	return NULL;
}

static bool
has_flag(const char *name, unsigned flag)
{
	const struct verb *v = verb_named(name);

	return v && v->flags & flag;
}

bool
words_known(const char *name)
{
	return verb_named(name) || kind_words(name);
}

bool
words_patient(const char *name)
{
	return has_flag(name, PATIENT);
}

bool
words_alone(const char *name)
{
	return has_flag(name, ALONE);
}

bool
words_for_pads(const char *name)
{
	return has_flag(name, PADS);
}

bool
words_name_card(const char *name)
{
	return has_flag(name, NAMES);
}

void
words_help(FILE *out)
{
	size_t i;

	for (i = 0; i < N_VERBS; i++) {
		if (strlen(verbs[i].usage) > 17)
			fprintf(out, "  %s %s\n  %-26s %s\n", verbs[i].name, verbs[i].usage, "",
				verbs[i].help);
		else
			fprintf(out, "  %-8s %-17s %s\n", verbs[i].name, verbs[i].usage,
				verbs[i].help);
	}
	fputs("\nKinds of faults, also verbs: sw XXXX, flip [BYTE [BIT]], short N, long N, data HEX,\n"
	      "big N, delay MS, empty, one, cut N, close, abort, lie N, twice, stray HEX,\n"
	      "split N MS, nothing.\n\n"
	      "Which commands a fault or tear befalls:\n"
	      "      --on INS,...           those with this INS; of some faults: atr\n"
	      "      --after K              not the first K\n"
	      "      --every M              each M-th\n"
	      "      --rate P/Q             P of Q, by chance\n"
	      "      --seed S               which chance\n"
	      "      --times N              N times at most; 0: for ever\n"
	      "      --late                 sw: the card does the command all the same\n"
	      "      --back MS              tear: the card is back after so long; -1: not by itself\n",
	      out);
}

int
words_usage(const struct ctl *t)
{
	const struct verb *v = verb_named(t->words[0]);

	return ctl_fail(t, CTL_USAGE, "usage: viccctl %s%s%s", v->name, *v->usage ? " " : "",
			v->usage);
}

int
words_do(struct ctl *t)
{
	const struct verb *v = verb_named(t->words[0]);

	if (!v)
		return send_fault(t, 0);
	if (!*v->usage && t->n_words > 1)
		return words_usage(t);
	return v->run(t);
}
