/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The applications, how they are selected and told; the type of card that has them. */
#include "cards/cac/cac.h"

#include <errno.h>
#include <string.h>

#include "cards/cac/personal.h"
#include "cards/contents.h"
#include "codec/tlv.h"
#include "iso/auth.h"
#include "model/object.h"

/* T=1; compact TLV: selection by the whole name, extended length; "vicc". */
static const uint8_t atr[] = {
	0x3b, 0x8a, 0x01, 0x80, 0x73, 0x80, 0x01, 0x40, 0x54, 'v', 'i', 'c', 'c', 0xf2,
};

static const uint8_t aca_name[] = { 0xa0, 0x00, 0x00, 0x00, 0x79, 0x03, 0x00 };

#define FIELD_FCI "fci" /* of an application: what SELECT answers instead of the usual */
#define FCI_MAX 256
#define NAME_TAG 0x84
#define PROPRIETARY_TAG 0xa5
#define FCI_TAG 0x6f

static const struct iso_app cac_root;

struct cac *
cac_own(const struct iso *c)
{
	return iso_own(c, &cac_root);
}

uint16_t
cac_number(const struct file *df)
{
	struct view name = file_name(df);
	size_t n = 0;

	if (name.n > 2)
		view_number(view_slice(name, name.n - 2, 2), &n);
	return (uint16_t)n;
}

uint8_t
cac_instance(const struct file *df)
{
	return (uint8_t)(cac_number(df) % CAC_PKI_MAX);
}

void
cac_put_aca_name(struct buf *out)
{
	buf_put(out, aca_name, sizeof(aca_name));
}

/* --- SELECT ------------------------------------------------------------------------------- */

static void
put_fci(const struct file *df, struct buf *rsp)
{
	struct view own = props_get(&df->props, FIELD_FCI);
	size_t mark;

	if (own.n > 0) {
		buf_put_view(rsp, own);
		return;
	}
	mark = tlv_open(rsp, FCI_TAG);
	tlv_put(rsp, NAME_TAG, file_name(df));
	tlv_put(rsp, PROPRIETARY_TAG, view_of(NULL, 0));
	tlv_close(rsp, mark);
}

/*
 * By the whole name alone, and without an end to what was proven: clients verify before they
 * select.
 */
static sw_t
select_application(struct iso *c, const struct apdu *cmd, struct buf *rsp)
{
	struct file *df = fs_by_name(&c->state->fs, cmd->data);
	uint16_t first;

	if (!df)
		return SW_FILE_NOT_FOUND;
	put_fci(df, rsp);
	if (rsp->failed)
		return SW_NO_MEMORY;
	fs_enter(&c->x.ch->at, df);
	iso_app_enter(c);
	cac_own(c)->object = cac_object(df, 0, &first) ? first : 0;
	return SW_OK;
}

static sw_t
select_object(struct iso *c, const struct apdu *cmd)
{
	struct view data = cmd->data;
	uint16_t wanted, id;
	size_t i;

	if (!view_u16(&data, &wanted) || data.n > 0)
		return SW_REFERENCE_UNUSABLE;
	for (i = 0; cac_object(iso_df(c), i, &id); i++) {
		if (id == wanted) {
			cac_own(c)->object = id;
			return SW_OK;
		}
	}
	return SW_FILE_NOT_FOUND;
}

static bool
is_any_selected(const struct iso *c)
{
	return iso_df(c)->application != NULL;
}

static sw_t
cac_select(struct iso *c, const struct apdu *cmd, struct buf *rsp)
{
	if (cmd->p1 != FS_BY_NAME && (cmd->p1 != FS_CHILD_EF || !is_any_selected(c)))
		return SW_FUNCTION_NOT_SUPPORTED;
	if (cmd->p2 != 0x00 && cmd->p2 != 0x0c)
		return SW_WRONG_P1P2;
	return cmd->p1 == FS_BY_NAME ? select_application(c, cmd, rsp) : select_object(c, cmd);
}

/* --- the rest of the card's own -------------------------------------------------------------- */

/* GSC-IS has 80, tools send 00; they are the same. No channels, no secure messaging, no chains. */
static sw_t
cac_classify(struct iso *c, struct apdu *cmd)
{
	(void)c;
	switch (cmd->cla) {
	case 0x00:
	case 0x80:
		cmd->cla = 0x00;
		return 0;
	case 0x01:
	case 0x02:
	case 0x03:
		return SW_CHANNEL_NOT_SUPPORTED;
	case 0x04:
	case 0x0c:
		return SW_SM_NOT_SUPPORTED;
	default:
		return SW_CLA;
	}
}

/* There is no key that a terminal could have, or ask for. */
static sw_t
cac_authenticate(struct iso *c, const struct apdu *cmd, struct buf *rsp)
{
	(void)cmd;
	(void)rsp;
	if (!is_any_selected(c))
		return SW_INS;
	if (iso_challenge_of(c).n == 0)
		return SW_REFERENCE_NOT_FOUND;
	iso_drop_challenge(c);
	return SW_CONDITIONS;
}

#define INS_PRIVATE_SIGN_DECRYPT 0x42

/* Parts of a block are of one command alone. */
static void
cac_after(struct iso *c, const struct apdu *cmd, sw_t sw)
{
	if (cmd->ins != INS_PRIVATE_SIGN_DECRYPT || sw_is_error(sw))
		cac_drop_block(cac_own(c));
}

static void
reset_volatile(struct iso *c, void *memory)
{
	struct cac *own = memory;

	(void)c;
	cac_drop_block(own);
	cac_token_close(own);
}

static const struct instr root_rows[] = {
	{ .ins = 0x20, .fn = cac_verify, .name = "VERIFY", .flags = INSTR_SECRET, .p1_rfu = 0xff, .p2_rfu = 0xff },
	{ .ins = 0x24, .fn = cac_change_reference_data, .name = "CHANGE REFERENCE DATA",
	  .flags = INSTR_SECRET, .p1_rfu = 0xfe, .p2_rfu = 0xff },
	{ .ins = 0x2c, .fn = cac_reset_retry_counter, .name = "RESET RETRY COUNTER",
	  .flags = INSTR_SECRET,
	  .p1_rfu = 0xff, .p2_rfu = 0xff },
	{ .ins = 0x82, .fn = cac_authenticate, .name = "EXTERNAL AUTHENTICATE" },
	/* OpenSC takes its random numbers from here */
	{ .ins = 0x84, .fn = iso_get_challenge, .name = "GET CHALLENGE", .flags = INSTR_NO_LC | INSTR_LE,
	  .p1_rfu = 0xff, .p2_rfu = 0xff },
	{ .ins = 0x88, .fn = cac_authenticate, .name = "INTERNAL AUTHENTICATE" },
	{ .ins = 0xa4, .fn = cac_select, .name = "SELECT" },
	INSTR_END
};

static const struct iso_app cac_root = {
	.base = &iso_bare_app,
	.rows = root_rows,
	.hooks = { .classify = cac_classify, .after = cac_after },
	.memory = sizeof(struct cac),
	.reset_volatile = reset_volatile,
};

/* --- the applications -------------------------------------------------------------------- */

#define READ_BUFFER { .ins = 0x52, .fn = cac_read_buffer, .name = "READ BUFFER" }
#define UPDATE_BUFFER { .ins = 0x58, .fn = cac_update_buffer, .name = "UPDATE BUFFER" }
#define GET_PROPERTIES \
	{ .ins = 0x56, .fn = cac_get_properties, .name = "GET PROPERTIES", .p2_rfu = 0xff }

static const struct instr data_rows[] = { READ_BUFFER, UPDATE_BUFFER, GET_PROPERTIES, INSTR_END };

static const struct instr pki_rows[] = {
	{ .ins = INS_PRIVATE_SIGN_DECRYPT, .fn = cac_private_sign_decrypt,
	  .name = "PRIVATE SIGN/DECRYPT",
	  .flags = INSTR_SECRET, .p1_rfu = 0x7f, .p2_rfu = 0xff },
	READ_BUFFER,
	UPDATE_BUFFER,
	GET_PROPERTIES,
	INSTR_END
};

static const struct instr aca_rows[] = {
	{ .ins = 0x4c, .fn = cac_get_acr, .name = "GET ACR", .p2_rfu = 0xff },
	GET_PROPERTIES,
	INSTR_END
};

#define CPLC 0x9f7f      /* production data of the chip (GlobalPlatform 2.1.1, H.6) */
#define CPLC_SERIAL 15   /* where they have the serial number of the chip and of its batch */
#define CPLC_SERIAL_SIZE 6

/* The chip's number is the card's: its last bytes. */
static void
put_chip_number(const struct iso *c, struct buf *rsp)
{
	struct view serial = buf_view(&c->state->serial);
	struct view last = view_slice(
		serial, serial.n > CPLC_SERIAL_SIZE ? serial.n - CPLC_SERIAL_SIZE : 0, serial.n);

	if (!rsp->failed && rsp->n >= CPLC_SERIAL + CPLC_SERIAL_SIZE && last.n == CPLC_SERIAL_SIZE)
		memcpy(rsp->p + CPLC_SERIAL, last.p, last.n);
}

/* Kept as they are answered. */
static sw_t
get_data(struct iso *c, const struct apdu *cmd, struct buf *rsp)
{
	const struct object *o = object_find(iso_df(c), apdu_p1p2(cmd));

	if (!o)
		return SW_REFERENCE_NOT_FOUND;
	buf_put_view(rsp, buf_view(&o->value));
	if (o->tag == CPLC)
		put_chip_number(c, rsp);
	return SW_OK;
}

static const struct instr get_data_rows[] = {
	{ .ins = 0xca, .fn = get_data, .name = "GET DATA", .flags = INSTR_NO_LC },
	INSTR_END
};

static const struct field data_fields[] = {
	{ .name = CAC_FIELD_OBJECTS, .kind = FIELD_BYTES, .min = 2, .max = 32 },
	{ .name = CAC_FIELD_GUARDED, .kind = FIELD_FLAG },
	FIELD_END
};

static const struct field get_data_fields[] = {
	{ .name = FIELD_FCI, .kind = FIELD_BYTES, .min = 2, .max = FCI_MAX },
	FIELD_END
};

const struct iso_app cac_ccc_app = { .schema = { .name = "cac-ccc" }, .rows = data_rows };
const struct iso_app cac_aca_app = { .schema = { .name = "cac-aca" }, .rows = aca_rows };
const struct iso_app cac_pki_app = { .schema = { .name = "cac-pki", .repeated = true },
				     .rows = pki_rows };
const struct iso_app cac_data_app = {
	.schema = { .name = "cac-data", .fields = data_fields, .repeated = true },
	.rows = data_rows,
};
const struct iso_app cac_get_data_app = {
	.schema = { .name = "cac-get-data", .fields = get_data_fields, .repeated = true },
	.rows = get_data_rows,
};

/* --- the type ---------------------------------------------------------------------------- */

static const struct card_option options[] = {
	{ .name = "softhsm", .argument = "CONF", .help = "keys and certificates of a token of SoftHSM",
	  .flags = CARD_OPTION_FILLS },
	{ .name = NULL },
};

static struct card *
cac_open(const struct card_type *t, const struct card_config *cfg, const struct card_env *env)
{
	const char *conf = card_value(cfg, "softhsm");

	if (!conf || cac_token_fill(cfg->state, conf, env->log) == 0)
		return iso_open(t, cfg, env);
	state_free(cfg->state);
	return NULL;
}

static const struct iso_type cac_iso_type = {
	.root = &cac_root,
	.atr = VIEW(atr),
};

const struct card_type cac_type = {
	.name = "cac",
	.summary = "Common Access Card (GSC-IS 2.1): PKCS#11, NSS, SSSD; stands in for virt_cacard",
	.flags = CARD_TAKES_ATR | CARD_TAKES_SERIAL,
	.open = cac_open,
	.options = options,
	.data = &cac_iso_type,
	.schema = iso_type_schema,
	.contents = contents_cac,
	.personal = &cac_personal,
};
