/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "pad/typist.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "wire.h"

#define NAME_SIZE 16
#define MILLISECONDS_MAX 300000 /* a request takes no longer */

static const struct {
	const char *word;
	enum how how;
} hows[] = {
	{ "right", RIGHT },   { "wrong", WRONG },   { "short", SHORT }, { "long", LONG },
	{ "differ", DIFFER }, { "cancel", CANCEL }, { "time", TIME },   { "slow=", SLOW },
	{ "sw=", ANSWER },    { "gone", GONE },
};

/* --- the words ------------------------------------------------------------ */

static bool
read_number(const char *text, size_t n, int base, unsigned max, unsigned *out)
{
	char copy[12], *end;
	unsigned long v;

	if (n < 1 || n >= sizeof(copy) || strspn(text, "0123456789ABCDEFabcdef") < n)
		return false;
	memcpy(copy, text, n);
	copy[n] = '\0';
	v = strtoul(copy, &end, base);
	*out = (unsigned)v;
	return !*end && v <= max;
}

bool
step_read(const char *word, size_t n, struct step *step)
{
	size_t i, len;

	for (i = 0; i < sizeof(hows) / sizeof(hows[0]); i++) {
		len = strlen(hows[i].word);
		if (n < len || strncmp(word, hows[i].word, len) != 0)
			continue;
		*step = (struct step) { .how = hows[i].how };
		if (step->how == SLOW)
			return read_number(word + len, n - len, 10, MILLISECONDS_MAX, &step->n);
		if (step->how == ANSWER)
			return n - len == 4 && read_number(word + len, 4, 16, 0xffff, &step->n) &&
			       (step->n >> 12 == 9 || (step->n >= 0x6100 && step->n < 0x7000));
		return n == len;
	}
	return false;
}

bool
step_needs_pins(const struct step *step)
{
	return step->how <= DIFFER || step->how == SLOW;
}

/* --- which PIN ------------------------------------------------------------ */

/* The one name that is base, and a number behind it. NULL: there is none, or more. */
static const char *
only_name(const struct props *pins, const char *base)
{
	const struct prop *p;
	const char *name = NULL;
	size_t n = strlen(base);

	for (p = pins->first; p; p = p->next) {
		if (strncmp(p->name, base, n) != 0)
			continue;
		if (name)
			return NULL;
		name = p->name;
	}
	return name;
}

/* By the whole reference in hex, by its number, or because there is no other. */
static const char *
pin_name(const struct props *pins, const char *base, uint8_t ref, char name[NAME_SIZE])
{
	snprintf(name, NAME_SIZE, "%s%02X", base, ref);
	if (props_has(pins, name))
		return name;
	snprintf(name, NAME_SIZE, "%s%u", base, ref & 0x1f);
	return props_has(pins, name) ? name : only_name(pins, base);
}

static const char *
base_of(const struct pad_ask *ask, enum pin_role role)
{
	if (role == PIN_NEW || role == PIN_AGAIN)
		return "NEWPIN";
	/* RESET RETRY COUNTER: what comes first is the resetting code */
	return role == PIN_OLD && ask->ins == 0x2c ? "PUK" : "PIN";
}

static bool
is_digits(struct view v)
{
	size_t i;

	for (i = 0; i < v.n && v.p[i] >= '0' && v.p[i] <= '9'; i++)
		;
	return i == v.n && v.n >= 1 && v.n <= PIN_DIGITS;
}

/* The PIN for a role; why it cannot be entered is said. */
static bool
find_pin(const struct typist *t, const struct pad_ask *ask, enum pin_role role, struct view *out)
{
	const char *base = base_of(ask, role), *name;
	char space[NAME_SIZE];

	name = pin_name(&t->pins, base, ask->ref, space);
	*out = name ? props_get(&t->pins, name) : view_of(NULL, 0);
	if (!name)
		log_error(t->log, "the file with PINs has no %s%02X or %s%u: cancelled", base,
			  ask->ref, base, ask->ref & 0x1f);
	else if (!is_digits(*out))
		log_error(t->log, "%s is not 1 to %d digits, which a PIN pad has: cancelled", name,
			  PIN_DIGITS);
	return name && is_digits(*out);
}

/* --- entering them -------------------------------------------------------- */

/* Each digit another one. */
static void
put_wrong(struct buf *say, struct view pin)
{
	size_t i;

	for (i = 0; i < pin.n; i++)
		buf_u8(say, pin.p[i] == '9' ? '0' : (uint8_t)(pin.p[i] + 1));
}

static void
put_pin(const struct pad_ask *ask, enum how how, enum pin_role role, struct view pin,
	struct buf *say)
{
	buf_u8(say, ' ');
	if (how == SHORT)
		buf_fill(say, '1', ask->min - 1);
	else if (how == LONG)
		buf_fill(say, '1', ask->max + 1);
	else if ((how == WRONG && (role == PIN_VERIFIED || role == PIN_OLD)) ||
		 (how == DIFFER && role == PIN_AGAIN))
		put_wrong(say, pin);
	else
		buf_put_view(say, pin);
}

static void
cancel(struct buf *say)
{
	buf_reset(say);
	buf_put(say, "cancel\n", 7);
}

static void
enter(const struct typist *t, const struct pad_ask *ask, enum how how, struct buf *say)
{
	struct view pin;
	unsigned i;

	if ((how == SHORT && ask->min < 2) || (how == LONG && ask->max >= PIN_DIGITS)) {
		log_error(t->log, "no number of digits is too %s here: cancelled",
			  how == SHORT ? "small" : "large");
		cancel(say);
		return;
	}
	buf_put(say, "key\npin", 7);
	for (i = 0; i < ask->n_wanted; i++) {
		if (!find_pin(t, ask, ask->want[i], &pin)) {
			cancel(say);
			return;
		}
		put_pin(ask, how, ask->want[i], pin, say);
	}
	buf_u8(say, '\n');
}

int
typist_enter(const struct typist *t, const struct step *step, const struct pad_ask *ask,
	     int64_t *until, struct buf *say)
{
	char line[16];

	switch (step->how) {
	case GONE:
		return -ECANCELED;
	case TIME:
		return 0;
	case CANCEL:
		cancel(say);
		return 0;
	case SLOW:
		*until = wire_now() + step->n;
		return 0;
	case ANSWER:
		buf_put(say, line, (size_t)snprintf(line, sizeof(line), "sw %04X\n", step->n));
		return 0;
	default:
		enter(t, ask, step->how, say);
		return 0;
	}
}

static void
exchange(struct typist *t, const struct pad_ask *ask)
{
	char old_space[NAME_SIZE], new_space[NAME_SIZE];
	const char *old = pin_name(&t->pins, "PIN", ask->ref, old_space);
	const char *new = pin_name(&t->pins, "NEWPIN", ask->ref, new_space);
	struct buf was = BUF(PIN_DIGITS);

	if (!old || !new)
		return;
	if (buf_set(&was, props_get(&t->pins, old)) &&
	    (!props_set(&t->pins, old, props_get(&t->pins, new)) ||
	     !props_set(&t->pins, new, buf_view(&was))))
		log_error(t->log, "no memory for a new PIN");
	buf_free(&was);
}

void
typist_over(struct typist *t, const struct pad_ask *ask, unsigned sw)
{
	if (sw == 0x9000 && ask->modify)
		exchange(t, ask);
}

void
typist_free(struct typist *t)
{
	props_clear(&t->pins);
}
