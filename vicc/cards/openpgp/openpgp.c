/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The application, as it is selected, and the type of card that has it. */
#include "cards/openpgp/openpgp.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cards/contents.h"
#include "cards/openpgp/personal.h"
#include "codec/fcp.h"
#include "codec/tlv.h"
#include "model/object.h"

/* 6; its historical bytes are DO 5F52, where clients look for chaining and extended length. */
static const uint8_t atr[] = {
	0x3b, 0xda, 0x18, 0xff, 0x81, 0xb1, 0xfe, 0x75, 0x1f, 0x03, 0x00,
	0x31, 0x84, 0x73, 0x80, 0x01, 0xc0, 0x05, 0x90, 0x00, 0x88,
};

/* 4.2.1: RID and application, version 3.4, and the range of serial numbers that nobody manages. */
static const uint8_t aid[] = { 0xd2, 0x76, 0x00, 0x01, 0x24, 0x01, 0x03, 0x04, 0xff, 0xfe };

#define NAME_MIN 5 /* bytes of a name that SELECT must have: a RID */
#define AID_MIN 6  /* of this one: the RID is of others, too */
#define SERIAL_SIZE 4

struct openpgp *
openpgp_own(const struct iso *c)
{
	return iso_own(c, &openpgp_app);
}

/* --- SELECT (7.2.1) ------------------------------------------------------------------------ */

/* What is no beginning of a name changes nothing: clients probe. */
static sw_t
openpgp_select(struct iso *c, const struct apdu *cmd, struct buf *rsp)
{
	if (cmd->p1 != FS_BY_NAME || (cmd->p2 != 0x00 && cmd->p2 != 0x0c))
		return SW_WRONG_P1P2;
	if (cmd->data.n < NAME_MIN || cmd->data.n > FCP_NAME_MAX)
		return SW_FILE_NOT_FOUND;
	if (cmd->data.n < AID_MIN && view_starts(view_of(aid, sizeof(aid)), cmd->data))
		return SW_FILE_NOT_FOUND;
	return iso_select_name(c, cmd, rsp);
}

static sw_t
openpgp_fci(struct iso *c, const struct file *df, const struct apdu *cmd, struct buf *rsp)
{
	size_t mark;

	(void)c;
	if (cmd->p2 == 0x00 && cmd->ne > 0) {
		mark = tlv_open(rsp, 0x6f);
		tlv_put(rsp, 0x84, file_name(df));
		tlv_close(rsp, mark);
	}
	return file_terminated(df) ? SW_TERMINATED : SW_OK;
}

/* All that was proven and chosen ends, also when it was selected already. */
static void
openpgp_selected(struct iso *c, struct file *df)
{
	*openpgp_own(c) = (struct openpgp) { 0 };
	iso_app_selected(c, df);
}

/* --- the way in ------------------------------------------------------------------------------- */

/* One channel, which is the stages' to say, and no secure messaging. */
static sw_t
openpgp_classify(struct iso *c, struct apdu *cmd)
{
	return (cmd->cla & 0xe0) == 0 && cmd->cla & 0x0c ? SW_SM_NOT_SUPPORTED
							 : iso_classify(c, cmd);
}

#define INS_GET_DATA 0xca
#define INS_ACTIVATE 0x44

/* 7.2.16: what a terminated card still does. */
static bool
outlives(const struct apdu *cmd)
{
	uint16_t tag = apdu_p1p2(cmd);

	if (cmd->ins == INS_GET_DATA)
		return tag == 0x4f || tag == 0x5f52 || tag == 0x6e || tag == 0xc4;
	return cmd->ins == INS_ACTIVATE;
}

static const struct {
	uint8_t ins;
	instr_fn *fn;
} commands[] = {
	{ 0x20, openpgp_verify },
	{ 0x22, openpgp_manage_environment },
	{ 0x24, openpgp_change_reference_data },
	{ 0x2a, openpgp_perform_security_operation },
	{ 0x2c, openpgp_reset_retry_counter },
	{ INS_ACTIVATE, openpgp_activate },
	{ 0x47, openpgp_generate },
	{ 0x84, openpgp_get_challenge },
	{ 0x88, openpgp_internal_authenticate },
	{ 0xa5, openpgp_select_data },
	{ INS_GET_DATA, openpgp_get_data },
	{ 0xcc, openpgp_get_next_data },
	{ 0xda, openpgp_put_data },
	{ 0xdb, openpgp_put_data },
	{ 0xe6, openpgp_terminate },
	{ 0xf1, openpgp_get_version },
	{ 0xf2, openpgp_set_retries },
};

static sw_t
openpgp_run(struct iso *c, const struct apdu *cmd, struct buf *rsp)
{
	size_t i = 0;

	if (file_terminated(iso_df(c)) && !outlives(cmd))
		return SW_TERMINATED;
	while (commands[i].ins != cmd->ins)
		i++;
	return openpgp_refusal(c, cmd, commands[i].fn(c, cmd, rsp));
}

static const struct instr rows[] = {
	{ .ins = 0x20, .fn = openpgp_run, .name = "VERIFY", .flags = INSTR_SECRET },
	{ .ins = 0x22, .fn = openpgp_run, .name = "MANAGE SECURITY ENVIRONMENT" },
	{ .ins = 0x24,
	  .fn = openpgp_run,
	  .name = "CHANGE REFERENCE DATA",
	  .flags = INSTR_LC | INSTR_SECRET },
	{ .ins = 0x2a,
	  .fn = openpgp_run,
	  .name = "PERFORM SECURITY OPERATION",
	  .flags = INSTR_LC | INSTR_SECRET },
	{ .ins = 0x2c,
	  .fn = openpgp_run,
	  .name = "RESET RETRY COUNTER",
	  .flags = INSTR_LC | INSTR_SECRET },
	{ .ins = INS_ACTIVATE, .fn = openpgp_run, .name = "ACTIVATE FILE", .flags = INSTR_NO_LC },
	{ .ins = 0x47,
	  .fn = openpgp_run,
	  .name = "GENERATE ASYMMETRIC KEY PAIR",
	  .flags = INSTR_LC },
	{ .ins = 0x84, .fn = openpgp_run, .name = "GET CHALLENGE", .flags = INSTR_NO_LC },
	{ .ins = 0x88,
	  .fn = openpgp_run,
	  .name = "INTERNAL AUTHENTICATE",
	  .flags = INSTR_LC | INSTR_SECRET },
	{ .ins = 0xa4, .fn = openpgp_select, .name = "SELECT" },
	{ .ins = 0xa5, .fn = openpgp_run, .name = "SELECT DATA", .flags = INSTR_LC },
	{ .ins = INS_GET_DATA, .fn = openpgp_run, .name = "GET DATA", .flags = INSTR_NO_LC },
	{ .ins = 0xcc, .fn = openpgp_run, .name = "GET NEXT DATA", .flags = INSTR_NO_LC },
	{ .ins = 0xda, .fn = openpgp_run, .name = "PUT DATA", .flags = INSTR_SECRET },
	{ .ins = 0xdb, .fn = openpgp_run, .name = "PUT DATA", .flags = INSTR_LC | INSTR_SECRET },
	{ .ins = 0xe6, .fn = openpgp_run, .name = "TERMINATE DF", .flags = INSTR_NO_LC },
	{ .ins = 0xf1, .fn = openpgp_run, .name = "GET VERSION" },
	{ .ins = 0xf2, .fn = openpgp_run, .name = "SET PIN RETRIES" },
	INSTR_END
};

/* --- what it is ----------------------------------------------------------- */

#define TOUCH_MAX 30000 /* ms: a reader waits for 60 seconds */

static const char *const touches[] = { "yes", "no", NULL };
static const char *const origins[] = { "generated", "imported", NULL };

static const struct field fields[] = {
	{ .name = OPENPGP_FIELD_KEEPS_81, .kind = FIELD_FLAG },
	{ .name = OPENPGP_FIELD_SIGNATURES, .kind = FIELD_NUMBER, .max = 0xffffff },
	{ .name = OPENPGP_FIELD_VERSION, .kind = FIELD_BYTES, .min = 3, .max = 3 },
	{ .name = OPENPGP_FIELD_TOUCH, .kind = FIELD_WORD, .words = touches },
	{ .name = OPENPGP_FIELD_TOUCH_AFTER, .kind = FIELD_NUMBER, .max = TOUCH_MAX },
	FIELD_END
};
static const struct field key_fields[] = {
	{ .name = OPENPGP_FIELD_ORIGIN, .kind = FIELD_WORD, .words = origins }, FIELD_END
};

const struct iso_app openpgp_app = {
	.schema = { .name = "openpgp", .fields = fields, .key_fields = key_fields },
	.base = &iso_bare_app,
	.rows = rows,
	.hooks = { .fci = openpgp_fci, .app_selected = openpgp_selected },
	.memory = sizeof(struct openpgp),
	.without_le = 256,
};

static const struct instr root_rows[] = { { .ins = 0xa4, .fn = openpgp_select, .name = "SELECT" },
					  INSTR_END };
static const struct iso_app openpgp_root = {
	.base = &iso_bare_app,
	.rows = root_rows,
	.hooks = { .classify = openpgp_classify },
	.without_le = 256,
};

/* --- options -------------------------------------------------------------- */

/* "yes", "no", or a number of milliseconds. */
static bool
read_touch(const char *text, uint8_t *word, uint32_t *after)
{
	char *end;
	unsigned long ms;

	*after = 0;
	*word = strcmp(text, "no") == 0 ? OPENPGP_NOT_TOUCHED : OPENPGP_TOUCHED;
	if (strcmp(text, "no") == 0 || strcmp(text, "yes") == 0)
		return true;
	ms = strtoul(text, &end, 10);
	*after = (uint32_t)ms;
	return *text >= '0' && *text <= '9' && !*end && ms <= TOUCH_MAX;
}

static const char *
wrong_touch(const char *value)
{
	uint8_t word;
	uint32_t after;

	return read_touch(value, &word, &after) ? NULL : "yes, no, or 0 to 30000 milliseconds";
}

/* 4.4.3.3: as it is kept; the letters of ISO 8859-1 are ASCII's here. */
static const char *
wrong_name(const char *value)
{
	size_t i, n = strlen(value);

	for (i = 0; i < n && value[i] >= ' ' && value[i] <= '~'; i++)
		;
	return n > 0 && n <= OPENPGP_NAME_MAX && i == n
		       ? NULL
		       : "1 to 39 characters of ASCII, as in Doe<<Jane";
}

static const char *
wrong_text(const char *value)
{
	size_t n = strlen(value);

	return n > 0 && n <= OPENPGP_SPECIAL_MAX ? NULL : "1 to 2048 bytes";
}

const struct card_option openpgp_options[] = {
	{ "touch", "WHEN", "press the button: yes, no, or after so many ms", wrong_touch, 0 },
	{ "name", "NAME", "cardholder, as in Doe<<Jane", wrong_name, 0 },
	{ "url", "URL", "where the public key is", wrong_text, 0 },
	{ "login", "NAME", "login data", wrong_text, 0 },
	{ "no-management", NULL, "without the management application", NULL, 0 },
	{ .name = NULL },
};

static const struct {
	const char *option;
	uint32_t tag;
} texts[] = {
	{ "name", OPENPGP_NAME },
	{ "url", OPENPGP_URL },
	{ "login", OPENPGP_LOGIN },
};

static bool
set_texts(struct state *s, struct file *df, const struct card_config *cfg)
{
	const char *value;
	size_t i;

	for (i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		value = card_value(cfg, texts[i].option);
		if (value &&
		    !view_equal(view_of(value, strlen(value)), openpgp_object(df, texts[i].tag)) &&
		    object_set(&s->fs, df, texts[i].tag, view_of(value, strlen(value))) != SW_OK)
			return false;
	}
	return true;
}

static bool
set_touch(struct state *s, struct file *df, const struct card_config *cfg)
{
	const char *value = card_value(cfg, "touch");
	uint32_t after;
	uint8_t word;

	if (!value)
		return true;
	read_touch(value, &word, &after);
	s->fs.changed = true;
	return field_set_word(&df->props, OPENPGP_FIELD_TOUCH, word) &&
	       field_set_number(&df->props, OPENPGP_FIELD_TOUCH_AFTER, after);
}

/* The card's serial number is a part of the name: its last four bytes. */
static bool
set_name(struct state *s, struct file *df)
{
	struct view serial = buf_view(&s->serial);
	struct buf name = BUF(OPENPGP_AID_SIZE);
	bool done;

	serial = view_slice(serial, serial.n > SERIAL_SIZE ? serial.n - SERIAL_SIZE : 0,
			    SERIAL_SIZE);
	buf_put(&name, aid, sizeof(aid));
	buf_fill(&name, 0x00, SERIAL_SIZE - serial.n);
	buf_put_view(&name, serial);
	buf_u16(&name, 0x0000);
	done = !name.failed && fs_rename(&s->fs, df, buf_view(&name)) == SW_OK;
	buf_free(&name);
	return done;
}

/* What was chosen stays on the card, as if its image had said so. */
static int
openpgp_configure(struct state *s, const struct card_config *cfg)
{
	struct file *df = iso_app_file(&s->fs, "openpgp"),
		    *management = iso_app_file(&s->fs, "management");

	if (card_value(cfg, "no-management") && management)
		fs_delete(&s->fs, management, NULL);
	if (df && (!set_name(s, df) || !set_texts(s, df, cfg) || !set_touch(s, df, cfg)))
		return -ENOMEM;
	return 0;
}

const struct iso_type openpgp_iso_type = {
	.root = &openpgp_root,
	.atr = VIEW(atr),
	.configure = openpgp_configure,
};

const struct card_type openpgp_type = {
	.name = "openpgp",
	.summary = "OpenPGP card 3.4: gpg, ssh through gpg-agent, OpenSC",
	.flags = CARD_TAKES_ATR | CARD_TAKES_SERIAL,
	.open = iso_open,
	.options = openpgp_options,
	.data = &openpgp_iso_type,
	.schema = iso_type_schema,
	.contents = contents_openpgp,
	.personal = &openpgp_personal,
};
