/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* An identity card in this process, as its options make it, and the terminal before it. */
#ifndef TESTS_CARDS_NPA_IDCARD_H
#define TESTS_CARDS_NPA_IDCARD_H

#include <errno.h>

#include "cards/npa/npa.h"
#include "image/image.h"
#include "known.h"
#include "model/field.h"
#include "model/sam.h"
#include "../eac/terminal.h"

static struct card *card;
static struct state *kept;
static struct image *image;
static struct card_env env;
static const struct log *idcard_log; /* NULL: nobody reads it */

/* Who looks on, as a trace does. Or NULL */
typedef void idcard_watch_fn(struct view command, struct view rsp, const struct card_note *note);
static idcard_watch_fn *idcard_watch;
static struct doc_terminal terminal;
static const char *idcard_contents; /* of a new card before its options; NULL: the type's */
static struct card_value values[16];
static size_t n_values;
static char error[1024];

static inline void
idcard_option(const char *name, const char *value)
{
	values[n_values++] = (struct card_value) { name, value };
	values[n_values] = (struct card_value) { .name = NULL };
}

static inline void
idcard_no_options(void)
{
	n_values = 0;
	values[0] = (struct card_value) { .name = NULL };
}

static inline int
idcard_fill(const void *ctx, struct state *s, char *text, size_t size)
{
	const struct card_config cfg = { .values = values, .is_new = true };

	(void)ctx;
	return npa_fill(s, &cfg, text, size);
}

static inline void
idcard_send(void *ctx, struct view command, struct buf *rsp)
{
	(void)ctx;
	ck_assert_int_eq(card_transmit(card, command, rsp), 0);
	if (idcard_watch)
		idcard_watch(command, buf_view(rsp), &card->note);
}

static bool disk_is_full;

static inline int
idcard_commit(void *ctx, struct state *s, unsigned changed)
{
	return disk_is_full ? -ENOSPC : image_commit(ctx, s, changed);
}

/* A new card by the options so far, or the one at path. 0, or negative and no card. */
static inline int
idcard_open_at(const char *path)
{
	struct image_config on = { .type = "nPA",
				   .contents =
					   idcard_contents ? idcard_contents : npa_type.contents,
				   .path = path,
				   .fill = idcard_fill,
				   .keep = true };
	struct card_config cfg = { .values = values };
	int rc = image_open(&image, &cfg.state, &on, error, sizeof(error));

	if (rc < 0)
		return rc;
	cfg.is_new = image_is_new(image);
	kept = cfg.state;
	env = (struct card_env) {
		.log = idcard_log, .ctx = image, .commit = idcard_commit, .revert = image_revert
	};
	card = card_open(&npa_type, &cfg, &env);
	if (!card) {
		image_free(image);
		image = NULL;
		return -ECANCELED;
	}
	card->ops->power(card, CARD_POWER_ON);
	terminal = (struct doc_terminal) { .send = idcard_send };
	return 0;
}

static inline void
idcard_open(void)
{
	ck_assert_msg(idcard_open_at(NULL) == 0, "%s", error);
}

static inline void
idcard_close(void)
{
	card_free(card);
	image_free(image);
	card = NULL;
	image = NULL;
}

static inline unsigned
idcard_pace(unsigned password, const char *secret, struct view chat)
{
	const struct doc_pace p = { .method = SECINFO_ECDH_GM,
				    .cipher = SECINFO_AES128,
				    .id = 13,
				    .password = password,
				    .secret = said(secret),
				    .chat = chat };

	return doc_pace(&terminal, &p, NULL);
}

static inline void
idcard_reset(void)
{
	card->ops->power(card, CARD_RESET);
	doc_forget(&terminal);
}

static inline unsigned
idcard_chip_authentication(void)
{
	struct buf public = BUF(256);
	struct eac_key k;
	unsigned sw;

	ck_assert_int_eq(eac_key_get(kept, EAC_FIELD_CA_KEY, &k), 0);
	ck_assert_int_eq(eac_key_public(&k, &public), 0);
	sw = doc_ca2(&terminal, SECINFO_ECDH, SECINFO_AES128, 0x41, 13, buf_view(&public));
	buf_free(&public);
	return sw;
}

#endif
