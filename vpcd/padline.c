/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "padline.h"

#include <stdio.h>
#include <string.h>

#define DIGITS "0123456789"

static const char *const roles[] = {
	[PIN_VERIFIED] = "pin",
	[PIN_OLD] = "old",
	[PIN_NEW] = "new",
	[PIN_AGAIN] = "again",
};

/* --- the request ---------------------------------------------------------- */

size_t
padline_write_ask(char line[PADLINE_SIZE], const struct pad_ask *ask)
{
	char want[32] = "";
	unsigned i;

	for (i = 0; i < ask->n_wanted; i++) {
		if (i > 0)
			strlcat(want, ",", sizeof(want));
		strlcat(want, roles[ask->want[i]], sizeof(want));
	}
	return (size_t)snprintf(
		line, PADLINE_SIZE,
		"ask 1 %s slot=%u ins=%02X ref=%02X min=%u max=%u first=%u next=%u end=%02X "
		"want=%s texts=%02X lang=%04X display=%d\n",
		ask->modify ? "modify" : "verify", ask->slot, ask->ins, ask->ref, ask->min,
		ask->max, ask->first, ask->next, ask->end, want, ask->texts, ask->lang,
		ask->display);
}

/* Digits of this base up to the end of the word: at most max. */
static bool
read_number(const char *s, size_t n, unsigned base, unsigned max, unsigned *out)
{
	static const char digits[] = "0123456789ABCDEF";
	const char *d;
	unsigned v = 0;
	size_t i;

	for (i = 0; i < n; i++) {
		d = memchr(digits, s[i], base);
		if (!d || v > max)
			return false;
		v = v * base + (unsigned)(d - digits);
	}
	*out = v;
	return n > 0 && v <= max;
}

/* The roles of want=, separated by commas. */
static bool
read_roles(const char *s, size_t n, struct pad_ask *ask)
{
	size_t at, len;
	unsigned r;

	for (at = 0; at <= n; at += len + 1) {
		for (len = 0; at + len < n && s[at + len] != ','; len++)
			;
		for (r = 0; r <= PIN_AGAIN &&
			    (strlen(roles[r]) != len || memcmp(roles[r], s + at, len) != 0);
		     r++)
			;
		if (r > PIN_AGAIN || ask->n_wanted == PIN_WANTED)
			return false;
		ask->want[ask->n_wanted++] = (enum pin_role)r;
	}
	return n > 0;
}

/* A word of a request, name=value. Unknown ones are a later driver's. */
static bool
read_word(const char *s, size_t n, struct pad_ask *ask)
{
	unsigned ins = ask->ins, ref = ask->ref, end = ask->end, texts = ask->texts,
		 lang = ask->lang;
	unsigned display = ask->display;
	const struct {
		const char *name;
		unsigned base, max;
		unsigned *out;
	} words[] = {
		{ "slot=", 10, 255, &ask->slot }, { "ins=", 16, 255, &ins },
		{ "ref=", 16, 255, &ref },        { "min=", 10, 255, &ask->min },
		{ "max=", 10, 255, &ask->max },   { "first=", 10, 255, &ask->first },
		{ "next=", 10, 255, &ask->next }, { "end=", 16, 255, &end },
		{ "texts=", 16, 255, &texts },    { "lang=", 16, 65535, &lang },
		{ "display=", 10, 1, &display },
	};
	size_t i, len;
	bool ok = true;

	if (n > 5 && memcmp(s, "want=", 5) == 0)
		return ask->n_wanted == 0 && read_roles(s + 5, n - 5, ask);
	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		len = strlen(words[i].name);
		if (n >= len && memcmp(s, words[i].name, len) == 0)
			ok = read_number(s + len, n - len, words[i].base, words[i].max,
					 words[i].out);
	}
	ask->ins = (uint8_t)ins;
	ask->ref = (uint8_t)ref;
	ask->end = (uint8_t)end;
	ask->texts = (uint8_t)texts;
	ask->lang = (uint16_t)lang;
	ask->display = display;
	return ok;
}

bool
padline_read_ask(const char *line, struct pad_ask *ask)
{
	static const char verify[] = "ask 1 verify", modify[] = "ask 1 modify";
	size_t n;

	*ask = (struct pad_ask) { .modify = strncmp(line, modify, strlen(modify)) == 0 };
	if (!ask->modify && strncmp(line, verify, strlen(verify)) != 0)
		return false;
	for (line += strlen(verify); *line == ' '; line += n) {
		line++;
		n = strcspn(line, " ");
		if (!read_word(line, n, ask))
			return false;
	}
	return *line == '\0' && ask->n_wanted > 0;
}

/* --- the answer ----------------------------------------------------------- */

static bool
read_pins(const char *s, struct pad_answer *a)
{
	size_t n;

	memset(a->pins, 0, sizeof(a->pins));
	for (a->n_pins = 0; *s == ' ' && a->n_pins < PIN_WANTED; s += n) {
		s++;
		n = strspn(s, DIGITS);
		if (n < 1 || n > PIN_DIGITS)
			return false;
		memcpy(a->pins[a->n_pins].digits, s, n);
		a->pins[a->n_pins++].digits[n] = '\0';
	}
	return *s == '\0' && a->n_pins > 0;
}

/* One that a card may answer with (7816-4, 5.1.3). */
static bool
read_sw(const char *s, struct pad_answer *a)
{
	unsigned sw;

	if (strlen(s) != 4 || !read_number(s, 4, 16, 0xffff, &sw))
		return false;
	if (sw >> 12 != 9 && (sw >> 12 != 6 || sw >> 8 == 0x60))
		return false;
	a->sw = (uint16_t)sw;
	return true;
}

static bool
read_answer(const char *line, struct pad_answer *a)
{
	if (strcmp(line, "key") == 0) {
		a->word = PAD_KEY;
		return true;
	}
	if (strcmp(line, "cancel") == 0) {
		a->word = PAD_CANCEL;
		return true;
	}
	if (strncmp(line, "sw ", 3) == 0) {
		a->word = PAD_SW;
		return read_sw(line + 3, a);
	}
	a->word = PAD_PINS;
	return strncmp(line, "pin", 3) == 0 && read_pins(line + 3, a);
}

bool
padline_read_answer(const char *line, struct pad_answer *answer)
{
	bool ok = read_answer(line, answer);

	if (!ok)
		explicit_bzero(answer, sizeof(*answer));
	return ok;
}

/* --- the place ------------------------------------------------------------ */

/* .K for a slot that is not the first, and .pad. */
static bool
add_suffix(char out[PADLINE_PATH], int n, unsigned k)
{
	size_t room = n < 0 || n >= PADLINE_PATH ? 0 : PADLINE_PATH - (size_t)n;
	int more = k > 0 ? snprintf(out + n, room, ".%u.pad", k) : snprintf(out + n, room, ".pad");

	return more >= 0 && (size_t)more < room;
}

bool
padline_unix_path(char out[PADLINE_PATH], const char *path, unsigned k)
{
	int n = snprintf(out, PADLINE_PATH, "%s", path);

	return n < PADLINE_PATH && add_suffix(out, n, k);
}

bool
padline_tcp_path(char out[PADLINE_PATH], unsigned port, unsigned k, bool reversed)
{
	int n = snprintf(out, PADLINE_PATH, "%s/vpcd-%s%u", PCSC_IPCDIR, reversed ? "connect-" : "",
			 port);

	return n < PADLINE_PATH && add_suffix(out, n, k);
}
