/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A card with nothing but the engine, one EF, and passwords; and a source of random bytes that is told what to give. */
#ifndef TESTS_CARDS_EAC_DOCUMENT_H
#define TESTS_CARDS_EAC_DOCUMENT_H

#include "cards/eac/eac.h"
#include "codec/tlv.h"
#include "crypto/rand.h"
#include "known.h"
#include "model/card.h"
#include "model/state.h"
#include "terminal.h"

#define MRZ_INFORMATION "T22000129364081251010318" /* of Doc 9303-11, appendix G */

/* --- random bytes: the queue's while there are any (ld --wrap=rand_bytes) --- */

int __real_rand_bytes(void *p, size_t n);
int __wrap_rand_bytes(void *p, size_t n);

static uint8_t drawn[8][256];
static size_t drawn_n[8];
static unsigned draws, at_draw;

int
__wrap_rand_bytes(void *p, size_t n)
{
	if (at_draw == draws)
		return __real_rand_bytes(p, n);
	ck_assert_uint_eq(drawn_n[at_draw], n);
	memcpy(p, drawn[at_draw++], n);
	return 0;
}

static inline void
draw(struct view v)
{
	if (at_draw == draws)
		at_draw = draws = 0;
	memcpy(drawn[draws], v.p, v.n);
	drawn_n[draws++] = v.n;
}

/* --- the card --- */

static const struct field document_fields[] = { EAC_FIELDS, FIELD_END };

static const struct eac_type passport_root = {
	.app = { .schema = { .fields = document_fields }, .base = &eac_app, .plain_ends_sm = true },
	.eac1 = true,
};
static const struct eac_type identity_root = {
	.app = { .schema = { .fields = document_fields }, .base = &eac_app, .plain_ends_sm = true },
	.eac2 = true,
};

static const struct iso_type passport_iso = { .root = &passport_root.app,
					      .atr = VIEW(((const uint8_t[]) { 0x3b, 0x80 })) };
static const struct iso_type identity_iso = { .root = &identity_root.app,
					      .atr = VIEW(((const uint8_t[]) { 0x3b, 0x80 })) };
static const struct card_type passport_type = { .name = "passport",
						.open = iso_open,
						.data = &passport_iso };
static const struct card_type identity_type = { .name = "identity",
						.open = iso_open,
						.data = &identity_iso };

static struct card *card;
static struct state *kept;
static struct doc_terminal terminal;
static struct card_env document_env;

static inline void
add_ef(uint16_t fid, uint8_t sfi, struct view contents)
{
	const struct file_spec spec = {
		.fid = fid, .sfi = sfi, .descriptor = { 1 }, .descriptor_n = 1, .life = FILE_ACTIVATED,
		.has_size = true, .size = contents.n
	};
	struct file *f;

	ck_assert_uint_eq(fs_add(&kept->fs, kept->fs.mf, &spec, &f), SW_OK);
	memcpy(f->contents.p, contents.p, contents.n);
}

static inline void
add_password(uint8_t number, const char *value, uint8_t tries)
{
	struct sam_pin *pin = sam_pin_add(&kept->sam, 0, number);

	pin->life = SAM_ACTIVE;
	pin->code = (struct sam_code) { .min = 1, .max = 127, .tries = tries, .tries_max = tries };
	ck_assert(sam_code_set(&pin->code, said(value)));
}

static inline void
document_send(void *ctx, struct view command, struct buf *rsp)
{
	(void)ctx;
	ck_assert_int_eq(card->ops->transmit(card, command, rsp), 0);
}

/* access: the SecurityInfos of EF.CardAccess. */
static inline void
document_open(const struct card_type *type, struct view access)
{
	struct card_config cfg = { .state = state_new() };
	struct buf set = BUF(4096);

	kept = cfg.state;
	tlv_put(&set, 0x31, access);
	add_ef(0x011c, 0x1c, buf_view(&set));
	buf_free(&set);
	add_ef(0x0101, 1, said("some bytes that nobody has to hide"));
	add_password(EAC_MRZ, MRZ_INFORMATION, 0);
	add_password(EAC_CAN, "222222", 0);
	add_password(EAC_PIN, "123456", 3);
	add_password(EAC_PUK, "3333333333", 10);
	state_clean(kept);
	at_draw = draws = 0;
	card = type->open(type, &cfg, &document_env);
	ck_assert_ptr_nonnull(card);
	card->ops->power(card, CARD_POWER_ON);
	terminal = (struct doc_terminal) { .send = document_send };
}

static inline void
document_close(void)
{
	card_free(card);
	card = NULL;
}

#endif
