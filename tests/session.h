/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What scripts send to a card, as frames: a length of two bytes and so many bytes,
 * one byte being what is done to its power (enum card_power). For tests that send
 * the same again under other circumstances.
 */
#ifndef TESTS_SESSION_H
#define TESTS_SESSION_H

#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "newcard.h"
#include "script/script.h"

#define SESSION_MAX (16u << 20) /* bytes */

struct recorder {
	struct card *card;
	struct buf *frames;
};

static inline int
record_atr(void *ctx, struct buf *out)
{
	struct recorder *r = ctx;

	return card_atr(r->card, out);
}

static inline int
record_power(void *ctx, enum card_power what)
{
	struct recorder *r = ctx;

	buf_u16(r->frames, 1);
	buf_u8(r->frames, (uint8_t)what);
	return card_power(r->card, what);
}

static inline int
record_transmit(void *ctx, struct view cmd, struct buf *rsp)
{
	struct recorder *r = ctx;

	/* the wire carries nothing else */
	if (cmd.n >= 2 && cmd.n <= 0xffff) {
		buf_u16(r->frames, (uint16_t)cmd.n);
		buf_put_view(r->frames, cmd);
	}
	return card_transmit(r->card, cmd, rsp);
}

/*
 * The image that a script wants its card to begin with: beside it, NAME.json. NULL: the
 * type's own.
 */
static inline char *
session_contents(const char *script)
{
	struct script s = { .name = script };
	struct buf text = BUF(SESSION_MAX);
	char path[1024], *contents = NULL;
	size_t n = strlen(script) - strlen(".apdu");

	snprintf(path, sizeof(path), "%.*s.json", (int)n, script);
	if (script_load(&s, path, &text) == 0)
		contents = strndup((const char *)text.p, text.n);
	buf_free(&text);
	return contents;
}

/* Run one against a new card and append what it sent. False: it does not end well. */
static inline bool
session_record(struct buf *frames, const struct card_type *type, const char *path)
{
	struct new_card n;
	struct recorder r = { .frames = frames };
	const struct script_target t = {
		.ctx = &r,
		.atr = record_atr,
		.power = record_power,
		.transmit = record_transmit,
	};
	struct script s = { .out = stderr };
	char *contents = session_contents(path);
	int rc = -1;

	new_card(&n, type, contents, NULL, NULL);
	r.card = n.card;
	if (n.card)
		rc = script_run_file(&s, path, &t);
	script_free(&s);
	free_card(&n);
	free(contents);
	return rc == 0 && !frames->failed;
}

/*
 * The scripts of a type: tests/scripts/TYPE-*.apdu. glob's return value; globfree is
 * the caller's.
 */
static inline int
session_scripts(glob_t *paths, const struct card_type *type)
{
	const char *top = getenv("top_srcdir");
	char pattern[1024];

	snprintf(pattern, sizeof(pattern), "%s/tests/scripts/%s-*.apdu", top ? top : ".",
		 type->name);
	return glob(pattern, 0, NULL, paths);
}

static inline bool
session_next(struct view *frames, struct view *frame)
{
	uint16_t n;

	return view_u16(frames, &n) && view_take(frames, n, frame);
}

#endif
