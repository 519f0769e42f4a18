/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cards/myeid/myeid.h"

#include "cards/contents.h"
#include "codec/tlv.h"
#include "crypto/rand.h"

/* T=1 only; compact TLV: card capabilities F6 A1 D8, pre-issuing data "OsEID". */
static const uint8_t atr[] = {
	0x3b, 0x8b, 0x81, 0x01, 0x80, 0x73, 0xf6, 0xa1, 0xd8, 0x65, 'O', 's', 'E', 'I', 'D', 0x66,
};

static const uint8_t aid[] = { 0xa0, 0x00, 0x00, 0x00, 0x63, 'P', 'K', 'C', 'S', '-', '1', '5' };

#define PRIVATE(p1p2) ((p1p2) >> 8 == 0x01)

/* --- what it says of itself ------------------------------------------------------------ */

#define GET_INFO 0xa0
#define GET_FILES 0xa1       /* to A6 */
#define GET_FILES_LAST 0xa6
#define GET_CAPABILITIES 0xaa
#define GET_PROVEN 0xac
#define GET_PIN 0xb0         /* and its number */

#define SERIAL_SIZE 10
#define CHANGES "changes" /* property: how often what it keeps has changed, 2 bytes */

/*
 * Which of the family's commands there are: this version has curves, tells its
 * capabilities, wraps keys, and takes what is long in a chain, or in halves.
 */
static const uint8_t version[] = { 4, 5, 0 };

#define CAN_RSA 0x01
#define CAN_DES 0x02
#define CAN_AES 0x04
#define CAN_EC 0x08

static const uint8_t capabilities[] = {
	0x01, /* the form of these */
	0x00, CAN_RSA | CAN_DES | CAN_AES | CAN_EC,
	RSA_KEY_BITS_MAX >> 8, RSA_KEY_BITS_MAX & 0xff,
	192 >> 8, 192 & 0xff, /* DES */
	256 >> 8, 256 & 0xff, /* AES */
	521 >> 8, 521 & 0xff,
};

/* The last bytes of its serial number, zeros in front of a shorter one. */
static void
put_serial(const struct iso *c, struct buf *rsp)
{
	struct view serial = buf_view(&c->state->serial);

	if (serial.n > SERIAL_SIZE)
		serial = view_slice(serial, serial.n - SERIAL_SIZE, SERIAL_SIZE);
	buf_fill(rsp, 0, SERIAL_SIZE - serial.n);
	buf_put_view(rsp, serial);
}

static uint16_t
changes(const struct iso *c)
{
	struct view v = props_get(&c->state->props, CHANGES);
	uint16_t n = 0;

	view_u16(&v, &n);
	return n;
}

static void
myeid_changing(struct iso *c)
{
	uint16_t n = (uint16_t)(changes(c) + 1);
	const uint8_t bytes[] = { (uint8_t)(n >> 8), (uint8_t)n };

	/* without memory for two bytes it is not counted: nothing hangs on it but a cache */
	props_set(&c->state->props, CHANGES, view_of(bytes, sizeof(bytes)));
}

/*
 * A client that remembers files by serial number and counter would take those of one run
 * for the next one's, where each begins with the same card.
 */
static int
myeid_configure(struct state *s, const struct card_config *cfg)
{
	uint8_t begin[2];

	if (cfg->is_volatile && rand_bytes(begin, sizeof(begin)) == 0)
		props_set(&s->props, CHANGES, view_of(begin, sizeof(begin)));
	return 0;
}

static void
put_info(const struct iso *c, struct buf *rsp)
{
	buf_put(rsp, "OsEID", 5);
	buf_put(rsp, version, sizeof(version));
	put_serial(c, rsp);
	buf_u16(rsp, changes(c));
}

/* Those in the current DF: A1 all of them, from A2 on those of one kind. */
static void
put_files(const struct iso *c, uint8_t which, struct buf *rsp)
{
	/* of the descriptor byte: which bits count, and what they are */
	static const struct {
		uint8_t mask, value;
	} kinds[] = {
		{ 0x00, 0x00 },
		{ 0xbf, 0x01 },             /* working EFs */
		{ 0xbf, 0x38 },             /* DFs */
		{ 0xbf, MYEID_KEY_RSA },
		{ 0xbe, MYEID_KEY_EC },     /* and the other one */
		{ 0x8f, 0x09 },             /* DES and AES */
	};
	const struct file *f;

	for (f = iso_df(c)->children; f; f = f->next) {
		if ((f->descriptor[0] & kinds[which].mask) == kinds[which].value)
			buf_u16(rsp, f->fid);
	}
}

static sw_t
myeid_get_data(struct iso *c, const struct apdu *cmd, struct buf *rsp)
{
	if (!PRIVATE(apdu_p1p2(cmd)))
		return SW_REFERENCE_NOT_FOUND;
	if (cmd->p2 >= GET_FILES && cmd->p2 <= GET_FILES_LAST) {
		put_files(c, cmd->p2 - GET_FILES, rsp);
		return SW_OK;
	}
	if ((cmd->p2 & 0xf0) == GET_PIN)
		return myeid_put_pin_info(c, cmd->p2 & 0x0f, rsp);
	switch (cmd->p2) {
	case GET_INFO:
		put_info(c, rsp);
		return SW_OK;
	case GET_CAPABILITIES:
		buf_put(rsp, capabilities, sizeof(capabilities));
		return SW_OK;
	case GET_PROVEN:
		myeid_put_proven(c, rsp);
		return SW_OK;
	default:
		return myeid_get_public(c, cmd->p2, rsp);
	}
}

/* --- files ------------------------------------------------------------------------------- */

bool
myeid_in_creation(const struct iso *c)
{
	return c->state->fs.mf->life == FILE_CREATION;
}

/* The name means the card, even when the DF that had it was deleted. */
static sw_t
myeid_select(struct iso *c, const struct apdu *cmd, struct buf *rsp)
{
	struct apdu mf = *cmd;

	if (cmd->p1 != FS_BY_NAME || !view_equal(cmd->data, view_of(aid, sizeof(aid))) ||
	    fs_by_name(&c->state->fs, cmd->data))
		return iso_select(c, cmd, rsp);
	mf.data = view_of(NULL, 0);
	return iso_select(c, &mf, rsp);
}

static sw_t
myeid_create(struct iso *c, const struct file_spec *spec, struct file **f)
{
	return fs_create(&c->state->fs, &c->x.ch->at, &c->x.who, spec, f);
}

/* The EF and its key, or neither, as if nothing had been asked for. */
static sw_t
create_key(struct iso *c, const struct file_spec *spec)
{
	struct fs *fs = &c->state->fs;
	bool changed = fs->changed;
	struct file *f;
	sw_t sw = myeid_create(c, spec, &f);

	if (sw != SW_OK)
		return sw;
	sw = myeid_new_key(c, f);
	if (sw != SW_OK) {
		fs_delete(fs, f, NULL);
		fs->changed = changed;
	}
	return sw;
}

/* Rules are in force for a new file when they are for all: DO 8A says nothing here. */
static sw_t
myeid_create_file(struct iso *c, const struct apdu *cmd, struct buf *rsp)
{
	struct buf others = BUF(FILE_OTHERS_MAX);
	struct file_spec spec;
	bool is_key;
	sw_t sw = iso_file_spec(cmd, &spec, &others);

	(void)rsp;
	spec.life = myeid_in_creation(c) ? FILE_CREATION : FILE_ACTIVATED;
	is_key = file_kind_of(spec.descriptor[0]) == FILE_INTERNAL;
	if (sw == SW_OK && is_key && !myeid_is_key(spec.descriptor[0]))
		sw = SW_WRONG_DATA;
	if (sw == SW_OK)
		sw = is_key ? create_key(c, &spec) : myeid_create(c, &spec, NULL);
	buf_free(&others);
	return sw;
}

static sw_t
myeid_activate(struct iso *c, const struct apdu *cmd, struct buf *rsp)
{
	struct file *f;

	(void)rsp;
	if (cmd->p1 != FS_BY_NAME || cmd->p2 != 0)
		return SW_WRONG_P1P2;
	if (!view_equal(cmd->data, view_of(aid, sizeof(aid))))
		return SW_FILE_NOT_FOUND;
	if (!myeid_in_creation(c))
		return SW_OK;
	for (f = c->state->fs.mf; f; f = fs_walk(&c->state->fs, f)) {
		if (f->life == FILE_CREATION)
			f->life = FILE_ACTIVATED;
	}
	c->state->fs.changed = true;
	return SW_OK;
}

/* --- PUT DATA ------------------------------------------------------------------------------ */

#define PUT_FORMAT 0xe0
#define RULE_SIZE 3

static sw_t
add_df(struct fs *fs, uint16_t fid, bool named, struct view rule)
{
	struct buf others = BUF(32);
	struct file_spec spec = {
		.fid = fid, .descriptor = { 0x38 }, .descriptor_n = 1, .life = FILE_CREATION,
		.sfi = FCP_SFI_IMPLIED,
	};
	sw_t sw;

	if (named)
		tlv_put(&others, FCP_NAME, view_of(aid, sizeof(aid)));
	tlv_put(&others, FCP_RULE_PROPRIETARY, rule);
	spec.others = buf_view(&others);
	if (others.failed)
		sw = SW_NO_MEMORY;
	else
		sw = fid == FILE_FID_MF ? fs_format(fs, &spec) : fs_add(fs, fs->mf, &spec, NULL);
	buf_free(&others);
	return sw;
}

/* All else goes, with PINs and keys; files never get an identity that another had. */
static sw_t
begin_anew(struct iso *c, struct view mf_rule, struct view app_rule)
{
	struct fs *old = &c->state->fs, fresh;
	sw_t sw;

	if (!fs_init(&fresh))
		return SW_NO_MEMORY;
	fresh.quota = old->quota;
	fresh.next_uid = old->next_uid;
	sw = add_df(&fresh, FILE_FID_MF, false, mf_rule);
	if (sw == SW_OK)
		sw = add_df(&fresh, MYEID_FID_APPLICATION, true, app_rule);
	if (sw != SW_OK) {
		fs_free(&fresh);
		return sw;
	}
	fs_free(old);
	*old = fresh;
	sam_clear(&c->state->sam);
	myeid_forget_pins(c);
	c->global = (struct auth) { 0 };
	c->x.ch->at = (struct cursor) { 0 };
	return SW_OK;
}

/* FF FF, rule of the MF, rule of the application. */
static sw_t
format(struct iso *c, struct view data)
{
	struct view mark, mf_rule, app_rule;
	sw_t sw = iso_hooks(c)->check_access(&c->x.who, c->state->fs.mf, ACL_DELETE);

	if (sw != SW_OK)
		return sw;
	if (!view_take(&data, 2, &mark) || !view_take(&data, RULE_SIZE, &mf_rule) ||
	    !view_take(&data, RULE_SIZE, &app_rule) || data.n > 0)
		return SW_WRONG_LENGTH;
	return begin_anew(c, mf_rule, app_rule);
}

static sw_t
myeid_put_data(struct iso *c, const struct apdu *cmd, struct buf *rsp)
{
	(void)rsp;
	if (!PRIVATE(apdu_p1p2(cmd)))
		return SW_WRONG_P1P2;
	if (cmd->data.n == 0)
		return SW_WRONG_LENGTH;
	if (cmd->p2 == PUT_FORMAT)
		return format(c, cmd->data);
	if (cmd->p2 >= 1 && cmd->p2 <= MYEID_PIN_LAST)
		return myeid_make_pin(c, cmd->p2, cmd->data);
	return myeid_load(c, cmd->p2, cmd->data);
}

/* --- the rest ------------------------------------------------------------------------------- */

static void
myeid_reset_volatile(struct iso *c, void *memory)
{
	struct myeid *own = memory;

	buf_free(&own->half);
	myeid_drop_session(c);
}

/*
 * A cipher goes on in the class of chaining, and answers each part by itself. Secure
 * messaging is no class of this card.
 */
static sw_t
myeid_classify(struct iso *c, struct apdu *cmd)
{
	sw_t sw = iso_classify(c, cmd);

	if (!sw && cmd->sm != APDU_SM_NONE)
		return SW_CLA;
	if (!sw && myeid_is_cipher(cmd))
		cmd->chained = false;
	return sw;
}

/* The family's; GET RESPONSE is the base's. */
static const struct instr rows[] = {
	{ .ins = 0x0e, .fn = iso_erase_binary, .name = "ERASE BINARY" },
	{ .ins = 0x20, .fn = myeid_verify, .name = "VERIFY", .flags = INSTR_SECRET,
	  .p1_rfu = 0xff },
	{ .ins = 0x22, .fn = myeid_manage_security_environment,
	  .name = "MANAGE SECURITY ENVIRONMENT" },
	{ .ins = 0x24, .fn = myeid_change_reference_data, .name = "CHANGE REFERENCE DATA",
	  .flags = INSTR_LC | INSTR_SECRET, .p1_rfu = 0xff },
	{ .ins = 0x2a, .fn = myeid_perform_security_operation, .name = "PERFORM SECURITY OPERATION",
	  .flags = INSTR_SECRET },
	{ .ins = 0x2c, .fn = myeid_reset_retry_counter, .name = "RESET RETRY COUNTER",
	  .flags = INSTR_LC | INSTR_SECRET, .p1_rfu = 0xff },
	{ .ins = 0x2e, .fn = myeid_logout, .name = "LOGOUT", .flags = INSTR_NO_LC },
	{ .ins = 0x44, .fn = myeid_activate, .name = "ACTIVATE", .flags = INSTR_LC },
	{ .ins = 0x46, .fn = myeid_generate, .name = "GENERATE ASYMMETRIC KEY PAIR",
	  .flags = INSTR_SECRET, .p1_rfu = 0xff, .p2_rfu = 0xff },
	{ .ins = 0x84, .fn = iso_get_challenge, .name = "GET CHALLENGE",
	  .flags = INSTR_NO_LC | INSTR_LE, .p1_rfu = 0xff, .p2_rfu = 0xff },
	{ .ins = 0x86, .fn = myeid_general_authenticate, .name = "GENERAL AUTHENTICATE",
	  .flags = INSTR_LC | INSTR_SECRET, .p1_rfu = 0xff, .p2_rfu = 0xff },
	{ .ins = 0xa4, .fn = myeid_select, .name = "SELECT" },
	{ .ins = 0xb0, .fn = iso_read_binary, .name = "READ BINARY",
	  .flags = INSTR_NO_LC | INSTR_LE },
	{ .ins = 0xca, .fn = myeid_get_data, .name = "GET DATA", .flags = INSTR_NO_LC | INSTR_LE },
	{ .ins = 0xd6, .fn = iso_update_binary, .name = "UPDATE BINARY", .flags = INSTR_LC },
	{ .ins = 0xda, .fn = myeid_put_data, .name = "PUT DATA", .flags = INSTR_SECRET },
	{ .ins = 0xe0, .fn = myeid_create_file, .name = "CREATE FILE", .flags = INSTR_LC,
	  .p1_rfu = 0xff, .p2_rfu = 0xff },
	{ .ins = 0xe4, .fn = iso_delete_file, .name = "DELETE FILE" },
	{ .ins = 0xe4, .cla = 0xa0, .cla_mask = 0xff, .fn = iso_delete_file,
	  .name = "DELETE FILE" },
	INSTR_END
};

const struct iso_app myeid_app = {
	.base = &iso_bare_app,
	.rows = rows,
	.hooks = {
		.classify = myeid_classify,
		.check_access = myeid_check_access,
		.changing = myeid_changing,
		.after = myeid_after,
	},
	.memory = sizeof(struct myeid),
	.reset_volatile = myeid_reset_volatile,
};

static const struct iso_type myeid_iso_type = {
	.root = &myeid_app,
	.atr = VIEW(atr),
	.configure = myeid_configure,
};

const struct card_type myeid_type = {
	.name = "myeid",
	.summary = "PKCS#15 card that OpenSC personalises (driver myeid): ssh, PKCS#11",
	.flags = CARD_TAKES_ATR | CARD_TAKES_SERIAL,
	.open = iso_open,
	.data = &myeid_iso_type,
	.schema = iso_type_schema,
	.contents = contents_myeid,
	.personal = &myeid_personal,
};
