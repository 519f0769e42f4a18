/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "script/script.h"

#include <errno.h>
#include <string.h>

#include "base/hex.h"
#include "base/slurp.h"
#include "script/pattern.h"

#define SHOWN_BEFORE 12 /* bytes, where only a part of an answer is shown */
#define SHOWN 32

struct run {
	struct script *s;
	const struct script_target *t;
	struct view text;
	size_t next;           /* where the next statement begins */
	struct view statement; /* the one at hand, with its continuations */
	struct view command;   /* the statement of the last command */
	bool answered;         /* rsp waits for what is wanted of it */
	struct buf cmd, rsp;
};

/* --- the text ------------------------------------------------------------------- */

static bool
is_space(int c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static size_t
line_end(struct view text, size_t at)
{
	while (at < text.n && text.p[at] != '\n')
		at++;
	return at < text.n ? at + 1 : at;
}

/* Whether nothing but space, or a comment, stands on the line at at. */
static bool
is_blank(struct view text, size_t at)
{
	while (at < text.n && (text.p[at] == ' ' || text.p[at] == '\t' || text.p[at] == '\r'))
		at++;
	return at == text.n || text.p[at] == '\n' || text.p[at] == '#';
}

static bool
continues(struct view text, size_t at)
{
	return at < text.n && (is_blank(text, at) || text.p[at] == ' ' || text.p[at] == '\t');
}

static bool
next_statement(struct run *r)
{
	size_t start = r->next, end, last;

	while (start < r->text.n && is_blank(r->text, start))
		start = line_end(r->text, start);
	end = last = line_end(r->text, start);
	/* comments behind it are the next one's */
	while (continues(r->text, end)) {
		bool blank = is_blank(r->text, end);

		end = line_end(r->text, end);
		if (!blank)
			last = end;
	}
	r->next = last;
	while (last > start && is_space(r->text.p[last - 1]))
		last--;
	r->statement = view_slice(r->text, start, last - start);
	return start < r->text.n;
}

static unsigned
line_of(const struct run *r, const uint8_t *at)
{
	const uint8_t *p = r->text.p;
	unsigned line = 1;

	while (p < at)
		line += *p++ == '\n';
	return line;
}

/* --- what is said ----------------------------------------------------------------- */

static void
put_text(FILE *out, struct view v)
{
	size_t i;

	fputs("  ", out);
	for (i = 0; i < v.n; i++) {
		fputc(v.p[i], out);
		if (v.p[i] == '\n')
			fputs("  ", out);
	}
	fputc('\n', out);
}

static int
put_fault(const struct run *r, const uint8_t *at, const char *fault)
{
	if (r->s->out) {
		fprintf(r->s->out, "%s:%u: %s\n", r->s->name, line_of(r, at), fault);
		put_text(r->s->out, r->statement);
	}
	return -EINVAL;
}

static int
put_error(const struct run *r, const char *what, int error)
{
	if (r->s->out)
		fprintf(r->s->out, "%s:%u: %s: %s\n", r->s->name, line_of(r, r->statement.p), what,
			strerror(-error));
	return error;
}

static void
put_nibble(FILE *out, unsigned value, unsigned mask)
{
	fputc(mask ? "0123456789ABCDEF"[value] : '?', out);
}

/* One byte of a pattern, or of an answer (mask FF). */
static void
put_byte(FILE *out, uint8_t value, uint8_t mask)
{
	put_nibble(out, value >> 4, mask >> 4);
	put_nibble(out, value & 15, mask & 15);
}

/* The bytes around at, which stands in brackets. */
static void
put_bytes(FILE *out, const char *what, struct view v, const uint8_t *mask, size_t at, size_t star)
{
	size_t from = at > SHOWN_BEFORE ? at - SHOWN_BEFORE : 0, i;

	fprintf(out, "  %-6s %s", what, from > 0 ? ".. " : "");
	for (i = from; i < v.n && i < from + SHOWN; i++) {
		if (i == star)
			fputs("* ", out);
		if (i == at)
			fputc('[', out);
		put_byte(out, v.p[i], mask ? mask[i] : 0xff);
		fputs(i == at ? "] " : " ", out);
	}
	if (star == v.n && i == v.n)
		fputs("* ", out);
	if (at >= v.n)
		fputs("[]", out);
	fputs(i < v.n ? "..\n" : "\n", out);
}

static int
put_difference(const struct run *r, const char *what, const struct pattern *p, struct view got,
	       struct mismatch at)
{
	FILE *out = r->s->out;

	if (!out)
		return -EBADMSG;
	fprintf(out, "%s:%u: byte %zu of the %s is not as expected\n", r->s->name,
		line_of(r, r->statement.p), at.got + 1, what);
	if (r->command.n > 0)
		put_text(out, r->command);
	put_text(out, r->statement);
	put_bytes(out, "wanted", buf_view(&p->value), p->mask.p, at.wanted,
		  p->open ? p->star : (size_t)-1);
	put_bytes(out, "got", got, NULL, at.got, (size_t)-1);
	return -EBADMSG;
}

/* --- statements ------------------------------------------------------------------- */

/* What stands behind the first n characters of the statement. */
static struct reader
reader_at(const struct run *r, size_t n)
{
	return (struct reader) { .text = r->statement, .at = n, .names = &r->s->names };
}

static int
reader_fault(const struct run *r, const struct reader *in)
{
	return put_fault(r, in->text.p + in->at, in->fault);
}

/* Past a word and the space behind it. False: something else stands there. */
static bool
take_word(struct reader *in, const char *word)
{
	size_t n = strlen(word), at = in->at + n;

	if (!view_starts(view_slice(in->text, in->at, n), view_of(word, n)))
		return false;
	if (at < in->text.n && !is_space(in->text.p[at]))
		return false;
	in->at = at;
	pattern_end(in);
	return true;
}

static int
read_value(const struct run *r, struct reader *in, struct buf *out)
{
	buf_reset(out);
	return pattern_value(out, in) ? 0 : reader_fault(r, in);
}

/* What a pattern has given names to. */
static bool
keep_names(struct props *names, const struct pattern *p, struct view got)
{
	size_t i;

	for (i = 0; i < p->n_keep; i++) {
		if (!props_set(names, p->keep[i].name, pattern_kept(p, &p->keep[i], got)))
			return false;
	}
	return true;
}

/* Judge got by the pattern that in reads. */
static int
check_answer(struct run *r, struct reader *in, const char *what, struct view got)
{
	struct pattern p = PATTERN;
	struct mismatch at;
	int rc = 0;

	if (!pattern_read(&p, in))
		rc = reader_fault(r, in);
	else if (!pattern_match(&p, got, &at))
		rc = put_difference(r, what, &p, got, at);
	else if (!keep_names(&r->s->names, &p, got))
		rc = put_error(r, "a value was not kept", -ENOMEM);
	pattern_free(&p);
	return rc;
}

static int
run_command(struct run *r)
{
	struct reader in = reader_at(r, 1);
	int rc = read_value(r, &in, &r->cmd);

	if (rc < 0)
		return rc;
	r->command = r->statement;
	r->s->commands++;
	buf_reset(&r->rsp);
	rc = r->t->transmit(r->t->ctx, buf_view(&r->cmd), &r->rsp);
	buf_reset(&r->cmd);
	if (rc < 0)
		return put_error(r, "no answer", rc);
	r->answered = true;
	return 0;
}

static int
run_answer(struct run *r)
{
	struct reader in = reader_at(r, 1);

	if (!r->answered)
		return put_fault(r, r->statement.p, "there is no command before this answer");
	r->answered = false;
	return check_answer(r, &in, "answer", buf_view(&r->rsp));
}

static int
run_power(struct run *r, enum card_power what)
{
	int rc = r->t->power(r->t->ctx, what);

	return rc < 0 ? put_error(r, "the card does not follow", rc) : 0;
}

static int
do_reset(struct run *r, struct reader *in)
{
	if (!pattern_end(in))
		return put_fault(r, in->text.p + in->at, "!reset takes nothing");
	return run_power(r, CARD_RESET);
}

static int
do_power(struct run *r, struct reader *in)
{
	bool on = take_word(in, "on"), off = !on && take_word(in, "off");

	if ((!on && !off) || !pattern_end(in))
		return put_fault(r, in->text.p, "it is !power on or !power off");
	return run_power(r, on ? CARD_POWER_ON : CARD_POWER_OFF);
}

static int
do_atr(struct run *r, struct reader *in)
{
	int rc;

	buf_reset(&r->rsp);
	rc = r->t->atr(r->t->ctx, &r->rsp);
	if (rc < 0)
		return put_error(r, "no ATR", rc);
	return check_answer(r, in, "ATR", buf_view(&r->rsp));
}

static int
do_let(struct run *r, struct reader *in)
{
	char name[PATTERN_NAME_MAX + 1];
	int rc = pattern_name(name, in) ? read_value(r, in, &r->cmd) : reader_fault(r, in);

	if (rc == 0 && !props_set(&r->s->names, name, buf_view(&r->cmd)))
		rc = put_error(r, "a value was not kept", -ENOMEM);
	buf_reset(&r->cmd);
	return rc;
}

static int
do_check(struct run *r, struct reader *in)
{
	int rc;

	buf_reset(&r->cmd);
	if (!pattern_word(&r->cmd, in))
		return reader_fault(r, in);
	rc = check_answer(r, in, "value", buf_view(&r->cmd));
	buf_reset(&r->cmd);
	return rc;
}

static const struct directive {
	const char *name;
	int (*fn)(struct run *r, struct reader *in);
} directives[] = {
	{ "!reset", do_reset },
	{ "!power", do_power },
	{ "!atr", do_atr },
	{ "!let", do_let },
	{ "!check", do_check },
};

static int
directive(struct run *r)
{
	struct reader in = reader_at(r, 0);
	size_t i;

	for (i = 0; i < sizeof(directives) / sizeof(*directives); i++) {
		if (take_word(&in, directives[i].name)) {
			r->command = view_of(NULL, 0);
			return directives[i].fn(r, &in);
		}
	}
	return put_fault(r, in.text.p, "it is !reset, !power, !atr, !let or !check");
}

static int
statement(struct run *r)
{
	char c = (char)r->statement.p[0];

	if (c == '<')
		return run_answer(r);
	if (r->answered)
		return put_fault(r, r->statement.p,
				 "the command before says no answer; \"< *\" takes any");
	if (c == '>')
		return run_command(r);
	if (c == '!')
		return directive(r);
	return put_fault(r, r->statement.p,
			 "a line begins with >, <, !, # or, to go on, with space");
}

int
script_run(struct script *s, struct view text, const struct script_target *t)
{
	struct run r = {
		.s = s,
		.t = t,
		.text = text,
		.cmd = BUF(PATTERN_MAX),
		.rsp = BUF(CARD_RESPONSE_MAX),
	};
	int rc = 0;

	while (rc == 0 && next_statement(&r))
		rc = statement(&r);
	if (rc == 0 && r.answered)
		rc = put_fault(&r, text.p + text.n,
			       "the last command says no answer; \"< *\" takes any");
	buf_free(&r.cmd);
	buf_free(&r.rsp);
	return rc;
}

/* --- files ------------------------------------------------------------------------ */

int
script_load(struct script *s, const char *path, struct buf *text)
{
	int rc = slurp(path, text);

	s->name = path;
	if (rc < 0 && s->out)
		fprintf(s->out, "%s: %s\n", path, strerror(-rc));
	return rc;
}

int
script_run_file(struct script *s, const char *path, const struct script_target *t)
{
	struct buf text = BUF(SCRIPT_TEXT_MAX);
	int rc = script_load(s, path, &text);

	if (rc == 0)
		rc = script_run(s, buf_view(&text), t);
	buf_free(&text);
	return rc;
}

/* --- a card in this process --------------------------------------------------------- */

static int
on_atr(void *ctx, struct buf *out)
{
	return card_atr(ctx, out);
}

static int
on_power(void *ctx, enum card_power what)
{
	return card_power(ctx, what);
}

static int
on_transmit(void *ctx, struct view cmd, struct buf *rsp)
{
	return card_transmit(ctx, cmd, rsp);
}

struct script_target
script_card(struct card *c)
{
	return (struct script_target) {
		.ctx = c,
		.atr = on_atr,
		.power = on_power,
		.transmit = on_transmit,
	};
}

void
script_free(struct script *s)
{
	props_clear(&s->names);
}
