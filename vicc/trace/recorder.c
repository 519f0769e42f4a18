/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "trace/recorder.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/hex.h"
#include "base/output.h"
#include "base/sw.h"
#include "codec/apdu.h"
#include "trace/trace.h"

#define LINE_MAX (6 * CARD_RESPONSE_MAX)
#define BYTES_PER_LINE 32
#define NAME_MAX_ 24

/* --- lines ------------------------------------------------------------------------- */

static void
put_text(struct buf *b, const char *text)
{
	buf_put(b, text, strlen(text));
}

/* Hex in groups, and on further lines that go on. */
static void
put_bytes(struct buf *b, struct view v)
{
	size_t i;

	for (i = 0; i < v.n; i++) {
		if (i > 0 && i % BYTES_PER_LINE == 0)
			put_text(b, "\n ");
		buf_u8(b, ' ');
		hex_write(b, view_slice(v, i, 1));
	}
}

static void
write_lines(struct record *r, const struct buf *b)
{
	ssize_t n;

	if (r->failed)
		return;
	n = b->failed ? -1 : write(r->fd, b->p, b->n);
	if (n >= 0 && (size_t)n == b->n)
		return;
	log_error(r->log, "the record ends here: %s", n < 0 ? strerror(errno) : "the disk is full");
	r->failed = true;
}

static void
write_text(struct record *r, const char *text)
{
	struct buf b = BUF(LINE_MAX);

	put_text(&b, text);
	write_lines(r, &b);
	buf_free(&b);
}

/* --- names of PINs ------------------------------------------------------------------ */

/* A name that stands for this value already; NULL: none. */
static const char *
name_of(const struct record *r, struct view value)
{
	const struct prop *p;

	for (p = r->names.first; p; p = p->next) {
		if (view_equal(buf_view(&p->value), value))
			return p->name;
	}
	return NULL;
}

/* PIN1; when that is taken PIN1-2, and so on. */
static const char *
give_name(struct record *r, const char *kind, unsigned ref, struct view value)
{
	char name[NAME_MAX_];
	unsigned i;

	snprintf(name, sizeof(name), "%s%u", kind, ref);
	for (i = 2; props_has(&r->names, name); i++)
		snprintf(name, sizeof(name), "%s%u-%u", kind, ref, i);
	return props_set(&r->names, name, value) ? name_of(r, value) : NULL;
}

/* The bytes that only fill a PIN up to its length. */
static size_t
padding(struct view v)
{
	size_t n = 0;

	while (n + 1 < v.n && v.p[v.n - 1 - n] == v.p[v.n - 1] &&
	       (v.p[v.n - 1] == 0x00 || v.p[v.n - 1] == 0xff))
		n++;
	return n;
}

/* $NAME, and what fills it up. */
static bool
put_pin(struct record *r, struct buf *b, const char *kind, unsigned ref, struct view v)
{
	size_t pad = padding(v);
	struct view value = view_slice(v, 0, v.n - pad);
	const char *name = name_of(r, value);

	if (!name)
		name = give_name(r, kind, ref, value);
	if (!name)
		return false;
	put_text(b, " $");
	put_text(b, name);
	put_bytes(b, view_slice(v, v.n - pad, pad));
	return true;
}

/* Two values of one length, one behind the other. */
static bool
put_pins(struct record *r, struct buf *b, const char *first, const char *second, unsigned ref,
	 struct view v)
{
	size_t half = v.n / 2;

	return v.n > 0 && v.n % 2 == 0 && put_pin(r, b, first, ref, view_slice(v, 0, half)) &&
	       put_pin(r, b, second, ref, view_slice(v, half, half));
}

/*
 * What proves by a PIN or PUK, with names in place of them. False: it is another, or
 * they cannot be told.
 */
static bool
put_proof(struct record *r, struct buf *b, const struct apdu *a, bool right)
{
	const char *pin = right ? "PIN" : "WRONG", *puk = right ? "PUK" : "WRONG";
	unsigned ref = a->p2 & 0x1f;

	switch (a->ins) {
	case 0x20:
	case 0x26:
	case 0x28:
		return put_pin(r, b, pin, ref, a->data);
	case 0x24:
		if (a->p1 == 1)
			return put_pin(r, b, pin, ref, a->data);
		return put_pins(r, b, pin, right ? "PIN" : "NEW", ref, a->data);
	case 0x2c:
		if (a->p1 != 0)
			return put_pin(r, b, a->p1 == 1 ? puk : "PIN", ref, a->data);
		return put_pins(r, b, puk, right ? "PIN" : "NEW", ref, a->data);
	default:
		return false;
	}
}

/* --- exchanges ------------------------------------------------------------------------ */

static bool
is_right(struct view rsp)
{
	return rsp.n == 2 && rsp.p[0] == 0x90 && rsp.p[1] == 0x00;
}

/* What is by chance is not asked for: random numbers, keys that were made. */
static void
put_answer(struct buf *b, uint8_t ins, struct view rsp)
{
	size_t n = rsp.n - 2, i;

	put_text(b, "<");
	if (ins == 0x84) {
		for (i = 0; i < n; i++)
			put_text(b, " ??");
	} else if ((ins == 0x46 || ins == 0x47) && n > 0) {
		put_text(b, " *");
	} else {
		put_bytes(b, view_slice(rsp, 0, n));
	}
	put_bytes(b, view_slice(rsp, n, 2));
	put_text(b, "\n");
}

/* The command in front of its data, and what is behind: Lc comes of the brackets. */
static bool
put_secret_command(struct record *r, struct buf *b, struct view cmd, struct view rsp)
{
	struct apdu a;
	struct view le;

	if (apdu_parse(&a, cmd) < 0 || a.data.n == 0 || rsp.n != 2)
		return false;
	put_text(b, ">");
	put_bytes(b, view_slice(cmd, 0, APDU_HEADER));
	put_text(b, " (");
	if (!put_proof(r, b, &a, is_right(rsp)))
		return false;
	put_text(b, " )");
	le = view_slice(cmd, (size_t)(a.data.p - cmd.p) + a.data.n, cmd.n);
	put_bytes(b, le);
	put_text(b, "\n");
	return true;
}

/* Nothing but header, lengths and status word. */
static void
put_comment(struct buf *b, struct view cmd, struct view rsp)
{
	char text[96];

	put_text(b, "# >");
	put_bytes(b, view_slice(cmd, 0, APDU_HEADER));
	snprintf(text, sizeof(text), "  secret, %zu bytes in all\n# < %zu bytes and", cmd.n,
		 rsp.n - 2);
	put_text(b, text);
	put_bytes(b, view_slice(rsp, rsp.n - 2, 2));
	put_text(b, "\n");
}

static void
put_exchange(struct record *r, struct buf *b, struct view cmd, struct view rsp, bool secret)
{
	struct apdu a;

	/* a VERIFY without data is no secret: it only asks */
	if (secret && apdu_parse(&a, cmd) == 0 && a.data.n == 0 && rsp.n == 2)
		secret = false;
	if (!secret) {
		put_text(b, ">");
		put_bytes(b, cmd);
		put_text(b, "\n");
		put_answer(b, cmd.n >= 2 ? cmd.p[1] : 0, rsp);
	} else if (put_secret_command(r, b, cmd, rsp)) {
		put_answer(b, cmd.p[1], rsp);
	} else {
		buf_reset(b);
		put_comment(b, cmd, rsp);
	}
}

static struct record *
record_of(struct tap *tap)
{
	return (struct record *)tap;
}

/* What no card would answer again: said, and not replayed. */
static void
put_fault(struct buf *b, const char *fault, struct view cmd, struct view rsp)
{
	char text[160];

	put_text(b, "# >");
	put_bytes(b, view_slice(cmd, 0, APDU_HEADER));
	snprintf(text, sizeof(text), ", %zu bytes in all\n# < %zu bytes: fault %s\n", cmd.n, rsp.n,
		 fault);
	put_text(b, text);
}

static void
record_fault(struct tap *tap, const char *what)
{
	strlcpy(record_of(tap)->fault, what, sizeof(record_of(tap)->fault));
}

static void
record_exchange(struct tap *tap, struct view cmd, struct view rsp, const struct card_note *note)
{
	struct buf b = BUF(LINE_MAX);
	struct record *r = record_of(tap);

	if (r->fault[0])
		put_fault(&b, r->fault, cmd, rsp);
	else
		put_exchange(r, &b, cmd, rsp, note->secret);
	r->fault[0] = '\0';
	write_lines(r, &b);
	buf_free(&b);
}

static void
record_power(struct tap *tap, enum card_power what)
{
	write_text(record_of(tap), what == CARD_RESET ? "!reset\n" :
				   what == CARD_POWER_ON ? "!power on\n" : "!power off\n");
}

static void
record_atr(struct tap *tap, struct view atr)
{
	struct buf b = BUF(LINE_MAX);

	put_text(&b, "!atr");
	put_bytes(&b, atr);
	put_text(&b, "\n");
	write_lines(record_of(tap), &b);
	buf_free(&b);
}

static int
record_begin(struct record *r, const char *path, const char *type)
{
	char text[256];
	int rc;

	r->fd = output_open(path, 0600, true);
	if (r->fd < 0)
		return r->fd;
	rc = trace_private(r->fd);
	if (rc < 0)
		return rc;
	snprintf(text, sizeof(text),
		 "# A conversation with a card of type %.64s; vicc --script replays it.\n"
		 "# $PIN1 and its like are taken from --pin-file.\n", type);
	write_text(r, text);
	return r->failed ? -EIO : 0;
}

int
record_open(struct record *r, const char *path, const char *type, const struct props *names,
	    const struct log *log)
{
	const struct prop *p;
	int rc;

	*r = (struct record) {
		.tap = { .power = record_power, .atr = record_atr, .exchange = record_exchange,
			 .fault = record_fault },
		.log = log,
	};
	rc = record_begin(r, path, type);
	for (p = names->first; p && rc == 0; p = p->next) {
		if (!props_set(&r->names, p->name, buf_view(&p->value)))
			rc = -ENOMEM;
	}
	if (rc < 0)
		record_free(r);
	return rc;
}

void
record_free(struct record *r)
{
	if (r->fd >= 0)
		close(r->fd);
	r->fd = -1;
	props_clear(&r->names);
}
