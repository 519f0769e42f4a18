/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The plain card with known secrets on it, and a disk that can fail. */
#ifndef TESTS_ISOCARD_H
#define TESTS_ISOCARD_H

#include "cards/iso7816/iso7816.h"
#include "known.h"
#include "model/key.h"
#include "thecard.h"

#define KEY_DES3 "0123456789ABCDEF FEDCBA9876543210"
#define KEY_AES "2B7E151628AED2A6ABF7158809CF4F3C"

static struct state *kept;    /* the card's */
static unsigned commits;
static int disk_error;        /* what a commit comes to */
static void (*at_commit)(void);

static inline int
isocard_commit(void *ctx, struct state *s, unsigned changed)
{
	(void)ctx;
	(void)changed;
	ck_assert_ptr_eq(s, kept);
	commits++;
	if (at_commit)
		at_commit();
	return disk_error;
}

static bool interrupted; /* the process is to end */

static inline bool
isocard_interrupted(void *ctx)
{
	(void)ctx;
	return interrupted;
}

static struct card_env isocard_env = { .commit = isocard_commit,
				       .interrupted = isocard_interrupted };

static inline struct sam_key *
add_secret(uint32_t owner, uint8_t ref, enum sam_kind kind, const char *value)
{
	struct sam_key *k = sam_key_add(&kept->sam, owner, ref, kind);

	ck_assert_ptr_nonnull(k);
	ck_assert(sam_key_set_secret(k, known(value)));
	return k;
}

/* PIN 01 = 1234, also 00; PIN 02 = 22222222; 3DES keys 00 and 01, AES keys 02 and 03. */
static inline void
isocard_open(void)
{
	struct card_config cfg = { .state = state_new() };
	struct sam_pin *pin;

	kept = cfg.state;
	ck_assert_ptr_nonnull(kept);
	pin = sam_pin_add(&kept->sam, 0, 1);
	pin->aliases = 1;
	pin->life = SAM_ACTIVE;
	pin->puk.min = 8;
	ck_assert(sam_code_set(&pin->code, said("1234")));
	ck_assert(sam_code_set(&pin->puk, said("12345678")));
	pin = sam_pin_add(&kept->sam, 0, 2);
	pin->life = SAM_ACTIVE;
	ck_assert(sam_code_set(&pin->code, said("22222222")));
	add_secret(0, 0, SAM_DES3, KEY_DES3)->tries = 3;
	sam_key_find(&kept->sam, 0, 0)->tries_max = 3;
	add_secret(0, 1, SAM_DES3, "404142434445464748494A4B4C4D4E4F");
	add_secret(0, 2, SAM_AES, KEY_AES);
	add_secret(0, 3, SAM_AES,
		   "603DEB1015CA71BE2B73AEF0857D77811F352C073B6108D72D9810A30914DFF4");
	state_clean(kept);
	commits = 0;
	disk_error = 0;
	interrupted = false;
	at_commit = NULL;
	card = iso7816_type.open(&iso7816_type, &cfg, &isocard_env);
	ck_assert_ptr_nonnull(card);
}

/* As a handler sees it: within a command on the basic channel. */
static inline struct iso *
within_command(void)
{
	struct iso *c = (struct iso *)card;

	c->x.ch = &c->channel[0];
	return c;
}

static inline void
isocard_close(void)
{
	card_free(card);
	card = NULL;
}

/* A command of this header, data and Ne (0: none); the rest as send_raw() has it. */
static inline unsigned
send_command(const char *header, struct view data, size_t ne, struct buf *out)
{
	struct view h = known(header);
	struct apdu a = {
		.cla = h.p[0], .ins = h.p[1], .p1 = h.p[2], .p2 = h.p[3], .data = data, .ne = ne
	};
	struct buf raw = BUF(70000);
	unsigned sw;

	ck_assert(apdu_build(&raw, &a));
	sw = send_raw(buf_view(&raw), out);
	buf_free(&raw);
	return sw;
}

/* The same with data in hex, and the answer's data in hex (NULL: whatever they are). */
static inline void
exchange(const char *header, const char *data, unsigned sw, const char *answer)
{
	struct buf out = BUF(70000);

	ck_assert_uint_eq(send_command(header, known(data), 65536, &out), sw);
	if (answer)
		ck_assert_view(buf_view(&out), known(answer));
	buf_free(&out);
}

#endif
