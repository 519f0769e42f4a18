/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cards/eac/eac.h"

#include <string.h>

#include "cards/eac/bac.h"
#include "cards/eac/engine.h"
#include "codec/tlv.h"
#include "iso/auth.h"
#include "iso/key.h"

#define CARD_ACCESS 0x011c
#define DYNAMIC_DATA 0x7c
#define CHALLENGE 8 /* bytes, of BAC and of terminal authentication */

struct eac *
eac_own(const struct iso *c)
{
	return iso_own(c, &eac_app);
}

const struct eac_status *
eac_status(const struct iso *c)
{
	return &eac_own(c)->status;
}

/* The root of the card, or what a plug-in derived one from: the one that stands on eac_app. */
const struct eac_type *
eac_type_of(const struct iso *c)
{
	const struct iso_app *app = c->type->root;

	while (app->base != &eac_app)
		app = app->base;
	return (const struct eac_type *)app;
}

bool
eac_has_right_before_ca(const struct iso *c, enum cvc_terminal terminal, uint64_t right)
{
	const struct eac_status *now = eac_status(c);

	return now->session != EAC_LOCKED && now->ta && now->chat.terminal == terminal &&
	       (now->chat.rights & right) != 0;
}

bool
eac_has_right(const struct iso *c, enum cvc_terminal terminal, uint64_t right)
{
	return eac_status(c)->ca && eac_has_right_before_ca(c, terminal, right);
}

struct view
eac_auxiliary(const struct iso *c)
{
	return eac_status(c)->ta ? buf_view(&eac_own(c)->ta.aux) : view_of(NULL, 0);
}

/* --- SecurityInfos ----------------------------------------------------------------------- */

struct view
eac_card_access(const struct iso *c)
{
	const struct file *ef = fs_child(c->state->fs.mf, CARD_ACCESS);
	struct view infos = { .n = 0 };

	if (ef)
		secinfo_open(buf_view(&ef->contents), &infos);
	return infos;
}

struct view
eac_chip_infos(struct iso *c)
{
	const struct eac_type *type = eac_type_of(c);

	return type->chip_infos ? type->chip_infos(c) : eac_card_access(c);
}

bool
eac_dynamic_data(const struct apdu *cmd, struct view *in)
{
	struct view data = cmd->data;
	struct tlv t;

	if (!tlv_next(&data, &t) || t.tag != DYNAMIC_DATA || data.n > 0)
		return false;
	*in = t.value;
	return true;
}

/* --- sessions ---------------------------------------------------------------------------------- */

void
eac_next_session(struct eac *e, const struct eac_status *status)
{
	e->next = *status;
	e->fresh = true;
	buf_free(&e->next_id);
	buf_free(&e->next_compressed);
}

static void
forget_session(struct eac *e)
{
	e->status = (struct eac_status) { .session = EAC_LOCKED };
	buf_free(&e->id_picc);
	buf_free(&e->ca_compressed);
	ca_clear(&e->ca);
	ta_clear(&e->ta);
}

void
eac_sm_started(struct iso *c)
{
	struct eac *e = eac_own(c);

	/* chip authentication goes on with what was proven, all else begins anew */
	if (e->fresh) {
		forget_session(e);
		e->id_picc = e->next_id;
		e->ca_compressed = e->next_compressed;
		e->next_id = e->next_compressed = (struct buf) { .n = 0 };
	}
	e->status = e->next;
	e->next = (struct eac_status) { .session = EAC_LOCKED };
}

void
eac_sm_ended(struct iso *c)
{
	struct eac *e = eac_own(c);

	forget_session(e);
	pace_clear(&e->pace);
	iso_drop_challenge(c);
}

struct sm *
eac_sm_begin(struct iso *c)
{
	(void)c;
	return NULL;
}

static void
eac_reset(struct iso *c, void *memory)
{
	struct eac *e = memory;

	(void)c;
	forget_session(e);
	pace_clear(&e->pace);
	buf_free(&e->next_id);
	buf_free(&e->next_compressed);
}

/* A challenge is for the command behind it. */
void
eac_after(struct iso *c, const struct apdu *cmd, sw_t sw)
{
	(void)sw;
	if (cmd->ins != 0x84 && cmd->ins != 0xc0)
		iso_drop_challenge(c);
}

/* Doc 9303-11, 9.8.4: outside stands what DO 99 says, also of an error. */
sw_t
eac_finish(struct iso *c, const struct apdu *cmd, struct buf *rsp, sw_t sw)
{
	struct view inner;

	if (c->x.under_sm && sw == SW_OK && tlv_find(buf_view(rsp), 0x99, &inner))
		view_u16(&inner, &sw);
	return iso_finish(c, cmd, rsp, sw);
}

/*
 * Doc 9303-11, 9.8.1 knows one form of protection, in which the checksum is over the header, too. The
 * others are none of the card's, and so 6882.
 */
sw_t
eac_classify(struct iso *c, struct apdu *cmd)
{
	sw_t sw = iso_classify(c, cmd);

	if (cmd->sm != APDU_SM_NONE && cmd->sm != APDU_SM_HEADER)
		cmd->sm = APDU_SM_PROPRIETARY;
	return sw;
}

/* --- rows ---------------------------------------------------------------------------------------- */

/* The plain bytes for which an answer to the outer Le has room. */
static size_t
eac_room(const struct iso *c, const struct apdu *cmd)
{
	const struct apdu *outer = &c->x.outer;

	if (!c->x.under_sm || outer->le == APDU_LE_EXTENDED || outer->extended)
		return cmd->ne;
	return sm_room(c->x.ch->sm, cmd, 256);
}

/* Doc 9303-11, 9.8: what was asked for is clipped, as if that had been asked for. */
static sw_t
clipped(struct iso *c, const struct apdu *cmd, instr_fn *read, struct buf *rsp)
{
	struct apdu less = *cmd;
	size_t most = eac_room(c, cmd);

	if (cmd->ne <= most)
		return read(c, cmd, rsp);
	less.ne = most;
	less.le_raw = cmd->le_raw == 0 ? 0 : (uint16_t)most;
	return read(c, &less, rsp);
}

sw_t
eac_read_binary(struct iso *c, const struct apdu *cmd, struct buf *rsp)
{
	return clipped(c, cmd, iso_read_binary, rsp);
}

sw_t
eac_read_binary_odd(struct iso *c, const struct apdu *cmd, struct buf *rsp)
{
	return clipped(c, cmd, iso_read_binary_odd, rsp);
}

sw_t
eac_get_challenge(struct iso *c, const struct apdu *cmd, struct buf *rsp)
{
	return cmd->ne == CHALLENGE ? iso_challenge(c, CHALLENGE, rsp) : SW_WRONG_LENGTH;
}

/* Doc 9303-11, 9.7.3: keys out of the MRZ information. */
static int
bac_keys(const struct sam_pin *mrz, struct secret *kenc, struct secret *kmac)
{
	struct buf hash = BUF(DIGEST_MAX);
	int rc = digest_once(DIGEST_SHA1, secret_view(&mrz->code.value), &hash);
	struct view seed = view_slice(buf_view(&hash), 0, 16);

	if (rc == 0)
		rc = kdf_derive(CIPHER_3DES, 16, seed, KDF_ENC, kenc);
	if (rc == 0)
		rc = kdf_derive(CIPHER_3DES, 16, seed, KDF_MAC, kmac);
	buf_free(&hash);
	return rc;
}

static sw_t
authenticate_by_mrz(struct iso *c, const struct apdu *cmd, struct buf *rsp)
{
	const struct sam_pin *mrz = eac_password(c, EAC_MRZ);
	struct secret kenc = { .n = 0 }, kmac = { .n = 0 };
	sw_t sw;

	if (!mrz || !eac_type_of(c)->eac1 || eac_status(c)->session == EAC_PACE)
		return SW_CONDITIONS;
	sw = iso_crypto_sw(c, bac_keys(mrz, &kenc, &kmac));
	if (sw == SW_OK)
		sw = bac_authenticate(c, SM_DES3, secret_view(&kenc), secret_view(&kmac), cmd->data,
				      rsp);
	if (sw == SW_OK)
		eac_next_session(eac_own(c),
				 &(struct eac_status) { .session = EAC_BAC, .password = EAC_MRZ });
	secret_wipe(&kenc);
	secret_wipe(&kmac);
	return sw;
}

sw_t
eac_external_authenticate(struct iso *c, const struct apdu *cmd, struct buf *rsp)
{
	return eac_own(c)->ta.set ? ta_authenticate(c, cmd) : authenticate_by_mrz(c, cmd, rsp);
}

sw_t
eac_manage_security_environment(struct iso *c, const struct apdu *cmd, struct buf *rsp)
{
	(void)rsp;
	if (cmd->data.n == 0)
		return SW_WRONG_LENGTH;
	switch (apdu_p1p2(cmd)) {
	case 0xc1a4:
		return pace_set(c, cmd);
	case 0x41a4:
		return ca_set(c, cmd);
	case 0x41a6:
		return ca_agree_3des(c, cmd);
	case 0x81b6:
		return ta_set_signer(c, cmd);
	case 0x81a4:
		return ta_set_terminal(c, cmd);
	default:
		return SW_WRONG_P1P2;
	}
}

sw_t
eac_general_authenticate(struct iso *c, const struct apdu *cmd, struct buf *rsp)
{
	struct eac *e = eac_own(c);

	if (e->pace.step != PACE_NOTHING)
		return pace_step(c, cmd, rsp);
	return e->ca.set != CA_NOTHING ? ca_step(c, cmd, rsp) : SW_CONDITIONS;
}

sw_t
eac_perform_security_operation(struct iso *c, const struct apdu *cmd, struct buf *rsp)
{
	(void)rsp;
	return apdu_p1p2(cmd) == 0x00be ? ta_verify_certificate(c, cmd) : SW_WRONG_P1P2;
}

static const struct instr rows[] = {
	{ .ins = 0x20, .fn = eac_query_pin, .name = "VERIFY", .flags = INSTR_NO_LC | INSTR_SECRET },
	{ .ins = 0x22, .fn = eac_manage_security_environment, .name = "MANAGE SECURITY ENVIRONMENT" },
	{ .ins = 0x2a, .fn = eac_perform_security_operation, .name = "PERFORM SECURITY OPERATION",
	  .flags = INSTR_LC },
	{ .ins = 0x82, .fn = eac_external_authenticate, .name = "EXTERNAL AUTHENTICATE", .flags = INSTR_LC,
	  .p1_rfu = 0xff, .p2_rfu = 0xff },
	{ .ins = 0x84, .fn = eac_get_challenge, .name = "GET CHALLENGE", .flags = INSTR_NO_LC,
	  .p1_rfu = 0xff, .p2_rfu = 0xff },
	{ .ins = 0x86, .fn = eac_general_authenticate, .name = "GENERAL AUTHENTICATE",
	  .flags = INSTR_LC | INSTR_EACH_PART | INSTR_AT_ONCE, .p1_rfu = 0xff, .p2_rfu = 0xff },
	{ .ins = 0xa4, .fn = iso_select, .name = "SELECT" },
	{ .ins = 0xb0, .fn = eac_read_binary, .name = "READ BINARY", .flags = INSTR_NO_LC | INSTR_LE },
	{ .ins = 0xb1, .fn = eac_read_binary_odd, .name = "READ BINARY", .flags = INSTR_LC | INSTR_LE },
	INSTR_END
};

const struct iso_app eac_app = {
	.base = &iso_bare_app,
	.rows = rows,
	.hooks = {
		.classify = eac_classify,
		.sm_begin = eac_sm_begin,
		.sm_started = eac_sm_started,
		.sm_ended = eac_sm_ended,
		.finish = eac_finish,
		.after = eac_after,
	},
	.memory = sizeof(struct eac),
	.reset_volatile = eac_reset,
	.plain_ends_sm = true,
};
