/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* All that a card keeps: what an image holds, and nothing volatile. */
#ifndef VICC_MODEL_STATE_H
#define VICC_MODEL_STATE_H

#include "base/bytes.h"
#include "model/fs.h"
#include "model/props.h"
#include "model/sam.h"

#define STATE_SERIAL_MAX 16          /* bytes */
#define STATE_COMMENT_MAX 65536      /* bytes */
#define STATE_MEMORY_MAX (16u << 20) /* bytes of contents that an image may ask for */

/* What has changed since the last commit. */
#define STATE_CONTENTS 0x1u
#define STATE_TRIES 0x2u /* nothing but counters of wrong PINs and keys */

struct state;

/* Where changes are kept. 0: they are on disk; negative: they are not. */
typedef int state_commit_fn(void *ctx, struct state *s, unsigned changed);

struct state {
	struct fs fs;
	struct sam sam;
	struct props props;
	/* of the root application; NULL: not known, it keeps nothing */
	const struct schema *schema;
	struct buf serial; /* empty: none */
	struct buf atr;    /* empty: the type's own */
	struct buf comment; /* the image's; not the card's business */

	state_commit_fn *commit; /* NULL: memory is all there is */
	void *commit_ctx;
};

struct state *state_new(void); /* with an empty MF; NULL: no memory */
void state_free(struct state *s); /* takes NULL; wiped */

unsigned state_changed(const struct state *s); /* STATE_... */
void state_clean(struct state *s); /* what it holds is what is kept */

/* Keep what has changed, if anything. 0 or negative; only then it still counts as changed. */
int state_commit(struct state *s);

#endif
