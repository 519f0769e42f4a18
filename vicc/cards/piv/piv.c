/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The application, as it is selected and told; the type of card that has it as its default. */
#include "cards/piv/piv.h"

#include <string.h>
#include <strings.h>

#include "cards/contents.h"
#include "cards/piv/personal.h"
#include "cards/piv/sm.h"
#include "codec/tlv.h"

/* T=1; compact TLV: selection by name, whole or in part; chaining, extended length; "vicc". */
static const uint8_t atr[] = {
	0x3b, 0x8a, 0x01, 0x80, 0x73, 0xc0, 0x21, 0xc0, 0x54, 'v', 'i', 'c', 'c', 0x12,
};

#define PIX_TAG 0x4f
#define LABEL_TAG 0x50
#define AUTHORITY_TAG 0x79
#define ALGORITHMS_TAG 0xac
#define TEMPLATE_TAG 0x61

#define NAME_MIN 5  /* bytes of the AID that SELECT must have */
#define LABEL_MAX 64
#define ALGORITHMS_MAX 32

static const uint8_t pix[] = { 0x00, 0x00, 0x10, 0x00, 0x01, 0x00 };
static const uint8_t authority[] = { 0x4f, 0x05, 0xa0, 0x00, 0x00, 0x03, 0x08 }; /* NIST's RID */
static const uint8_t label[] = "vicc PIV";

/* As soon as one is listed, OpenSC hides RSA keys of sizes that are not. */
static const uint8_t listed[] = { 0x05, 0x06, 0x07, 0x11, 0x14, 0x16 };

struct piv *
piv_own(const struct iso *c)
{
	return iso_own(c, &piv_app);
}

/* --- SELECT ------------------------------------------------------------------------------- */

/* What is no beginning of a name, five bytes at least, changes nothing: clients probe. */
static sw_t
piv_select(struct iso *c, const struct apdu *cmd, struct buf *rsp)
{
	if (cmd->p1 != FS_BY_NAME || (cmd->p2 != 0x00 && cmd->p2 != 0x0c))
		return SW_WRONG_P1P2;
	if (cmd->data.n < NAME_MIN)
		return SW_FILE_NOT_FOUND;
	return iso_select_name(c, cmd, rsp);
}

/* SP 800-73-4 Part 2, 3.1.1, table 3: the algorithms that there are. */
static void
put_algorithms(const struct iso *c, const struct file *df, struct buf *rsp)
{
	uint8_t suite = piv_sm_suite(c);
	struct view ids = props_get(&df->props, PIV_FIELD_ALGORITHMS);
	size_t i, mark = tlv_open(rsp, ALGORITHMS_TAG);

	if (ids.n == 0)
		ids = view_of(listed, sizeof(listed));
	for (i = 0; i < ids.n; i++)
		tlv_put_u8(rsp, 0x80, ids.p[i]);
	if (suite)
		tlv_put_u8(rsp, 0x80, suite);
	tlv_put_u8(rsp, 0x06, 0x00); /* no object identifier follows: Part 1, table 3 */
	tlv_close(rsp, mark);
}

static sw_t
piv_fci(struct iso *c, const struct file *df, const struct apdu *cmd, struct buf *rsp)
{
	struct view text = props_get(&df->props, PIV_FIELD_LABEL);
	size_t mark;

	if (cmd->p2 == 0x0c)
		return SW_OK;
	mark = tlv_open(rsp, TEMPLATE_TAG);
	tlv_put(rsp, PIX_TAG, view_of(pix, sizeof(pix)));
	tlv_put(rsp, AUTHORITY_TAG, view_of(authority, sizeof(authority)));
	tlv_put(rsp, LABEL_TAG, text.n > 0 ? text : view_of(label, sizeof(label) - 1));
	put_algorithms(c, df, rsp);
	tlv_close(rsp, mark);
	return SW_OK;
}

/* Part 2, 3.1.1: selecting it while it is selected changes no security status. */
static void
piv_selected(struct iso *c, struct file *df)
{
	(void)c;
	(void)df;
}

/* --- the way in and out ---------------------------------------------------------------------- */

/* One channel, and secure messaging that protects the header or none. */
static sw_t
piv_classify(struct iso *c, struct apdu *cmd)
{
	if (cmd->cla & 0xe0)
		return SW_CLA;
	if (cmd->cla & 0x0c && (cmd->cla & 0x0c) != 0x0c)
		return SW_CLA;
	return iso_classify(c, cmd);
}

/* Without Le all is answered that the form of the command has room for: clients send none. */
static sw_t
piv_finish(struct iso *c, const struct apdu *cmd, struct buf *rsp, sw_t sw)
{
	struct apdu with_le = *cmd;

	if (cmd->ne == 0)
		with_le.ne = cmd->extended ? APDU_NE_MAX : 256;
	return iso_finish(c, &with_le, rsp, sw);
}

#define INS_VERIFY 0x20
#define INS_GENERAL_AUTHENTICATE 0x87

/* A challenge, and the PIN of a key that asks for it each time, last for one command. */
static void
piv_after(struct iso *c, const struct apdu *cmd, sw_t sw)
{
	struct piv *own = piv_own(c);

	(void)sw;
	if (cmd->ins == INS_GENERAL_AUTHENTICATE && cmd->chained)
		return; /* its parts are one command */
	if (!own->challenge_new)
		piv_drop_challenge(own);
	own->challenge_new = false;
	if (cmd->ins != INS_VERIFY)
		own->verified_last = false;
}

/* --- what it is ------------------------------------------------------------------------------- */

static const struct instr rows[] = {
	{ .ins = INS_VERIFY, .fn = piv_verify, .name = "VERIFY", .flags = INSTR_SECRET },
	{ .ins = 0x24, .fn = piv_change_reference_data, .name = "CHANGE REFERENCE DATA",
	  .flags = INSTR_SECRET, .p1_rfu = 0xff },
	{ .ins = 0x2c, .fn = piv_reset_retry_counter, .name = "RESET RETRY COUNTER",
	  .flags = INSTR_SECRET,
	  .p1_rfu = 0xff },
	{ .ins = 0x47, .fn = piv_generate, .name = "GENERATE ASYMMETRIC KEY PAIR", .p1_rfu = 0xff },
	{ .ins = INS_GENERAL_AUTHENTICATE, .fn = piv_general_authenticate,
	  .name = "GENERAL AUTHENTICATE",
	  .flags = INSTR_SECRET },
	{ .ins = 0xa4, .fn = piv_select, .name = "SELECT" },
	{ .ins = 0xcb, .fn = piv_get_data, .name = "GET DATA" },
	{ .ins = 0xdb, .fn = piv_put_data, .name = "PUT DATA", .flags = INSTR_SECRET },
	{ .ins = 0xf6, .fn = piv_move_key, .name = "MOVE KEY", .flags = INSTR_NO_LC },
	{ .ins = 0xf7, .fn = piv_get_metadata, .name = "GET METADATA", .flags = INSTR_NO_LC,
	  .p1_rfu = 0xff },
	{ .ins = 0xf8, .fn = piv_get_serial, .name = "GET SERIAL", .flags = INSTR_NO_LC,
	  .p1_rfu = 0xff, .p2_rfu = 0xff },
	{ .ins = 0xf9, .fn = piv_attest, .name = "ATTEST", .flags = INSTR_NO_LC, .p2_rfu = 0xff },
	{ .ins = 0xfa, .fn = piv_set_retries, .name = "SET PIN RETRIES", .flags = INSTR_NO_LC },
	{ .ins = 0xfb, .fn = piv_reset, .name = "RESET", .flags = INSTR_NO_LC, .p1_rfu = 0xff,
	  .p2_rfu = 0xff },
	{ .ins = 0xfd, .fn = piv_get_version, .name = "GET VERSION", .flags = INSTR_NO_LC,
	  .p1_rfu = 0xff, .p2_rfu = 0xff },
	{ .ins = 0xfe, .fn = piv_import, .name = "IMPORT ASYMMETRIC KEY", .flags = INSTR_SECRET },
	{ .ins = 0xff, .fn = piv_set_admin_key, .name = "SET MANAGEMENT KEY",
	  .flags = INSTR_SECRET },
	INSTR_END
};

static const struct field fields[] = {
	{ .name = PIV_FIELD_LABEL, .kind = FIELD_TEXT, .min = 1, .max = LABEL_MAX },
	{ .name = PIV_FIELD_VERSION, .kind = FIELD_BYTES, .min = 3, .max = 3 },
	{ .name = PIV_FIELD_ALGORITHMS, .kind = FIELD_BYTES, .min = 1, .max = ALGORITHMS_MAX },
	FIELD_END
};

static const char *const pin_policies[] = { "never", "once", "always", NULL };
static const char *const touch_policies[] = { "never", "always", "cached", NULL };
static const char *const origins[] = { "generated", "imported", NULL };

static const struct field key_fields[] = {
	{ .name = PIV_FIELD_PIN_POLICY, .kind = FIELD_WORD, .words = pin_policies },
	{ .name = PIV_FIELD_TOUCH_POLICY, .kind = FIELD_WORD, .words = touch_policies },
	{ .name = PIV_FIELD_ORIGIN, .kind = FIELD_WORD, .words = origins },
	FIELD_END
};

const struct iso_app piv_app = {
	.schema = { .name = "piv", .fields = fields, .key_fields = key_fields },
	.base = &iso_bare_app,
	.rows = rows,
	.hooks = {
		.fci = piv_fci,
		.app_selected = piv_selected,
		.sm_begin = piv_sm_begin,
		.finish = piv_finish,
		.after = piv_after,
	},
	.order = CHAIN_THEN_UNWRAP,
	.memory = sizeof(struct piv),
};

/* Where nothing of PIV is selected: another application may be asked for, and that is all. */
static const struct instr root_rows[] = {
	{ .ins = 0xa4, .fn = piv_select, .name = "SELECT" },
	INSTR_END
};

static const struct iso_app piv_root = {
	.base = &iso_bare_app,
	.rows = root_rows,
	.hooks = { .classify = piv_classify, .finish = piv_finish },
};

static uint8_t
suite_by_name(const char *name)
{
	if (strcasecmp(name, "cs2") == 0)
		return PIV_CS2;
	return strcasecmp(name, "cs7") == 0 ? PIV_CS7 : 0;
}

/* --- options --------------------------------------------------------------------------------- */

static const char *
wrong_suite(const char *value)
{
	return suite_by_name(value) ? NULL : "CS2 or CS7";
}

static const struct card_option options[] = {
	{ "sm", "SUITE", "turn secure messaging on: CS2 or CS7", wrong_suite, 0 },
	{ "no-management", NULL, "without the management application", NULL, 0 },
	{ .name = NULL },
};

/* What was chosen stays on the card, as if its image had said so. */
static int
piv_configure(struct state *s, const struct card_config *cfg)
{
	const char *suite = card_value(cfg, "sm");
	struct file *df = iso_app_file(&s->fs, "piv"),
		    *management = iso_app_file(&s->fs, "management");

	if (card_value(cfg, "no-management") && management)
		fs_delete(&s->fs, management, NULL);
	return suite && df ? piv_enable_sm(s, df, suite_by_name(suite)) : 0;
}

static const struct iso_type piv_iso_type = {
	.root = &piv_root,
	.atr = VIEW(atr),
	.configure = piv_configure,
};

const struct card_type piv_type = {
	.name = "piv",
	.summary = "PIV card (SP 800-73-4) with Yubico's additions: ssh, PKCS#11, yubico-piv-tool",
	.flags = CARD_TAKES_ATR | CARD_TAKES_SERIAL,
	.open = iso_open,
	.options = options,
	.data = &piv_iso_type,
	.schema = iso_type_schema,
	.contents = contents_piv,
	.personal = &piv_personal,
};
