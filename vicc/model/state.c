/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "model/state.h"

#include <stdlib.h>

#include "codec/atr.h"

/* A try is spent where it counts before anything is compared. */
static int
keep_tries(void *ctx)
{
	return state_commit(ctx);
}

struct state *
state_new(void)
{
	struct state *s = calloc(1, sizeof(*s));

	if (!s)
		return NULL;
	s->serial.max = STATE_SERIAL_MAX;
	s->atr.max = ATR_BYTES_MAX;
	s->sam.commit = keep_tries;
	s->sam.commit_ctx = s;
	if (!fs_init(&s->fs)) {
		free(s);
		return NULL;
	}
	return s;
}

void
state_free(struct state *s)
{
	if (!s)
		return;
	fs_free(&s->fs);
	sam_free(&s->sam);
	props_clear(&s->props);
	buf_free(&s->serial);
	buf_free(&s->atr);
	buf_free(&s->comment);
	free(s);
}

unsigned
state_changed(const struct state *s)
{
	return (s->fs.changed || s->sam.changed || s->props.changed ? STATE_CONTENTS : 0) |
	       (s->sam.tries_changed ? STATE_TRIES : 0);
}

void
state_clean(struct state *s)
{
	s->fs.changed = s->props.changed = s->sam.changed = s->sam.tries_changed = false;
}

int
state_commit(struct state *s)
{
	unsigned changed = state_changed(s);
	int rc;

	if (!changed)
		return 0;
	rc = s->commit ? s->commit(s->commit_ctx, s, changed) : 0;
	if (rc < 0)
		return rc;
	state_clean(s);
	return 0;
}
