/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cards/npa/npa.h"

#include "cards/contents.h"
#include "cards/eac/options.h"
#include "cards/eac/pki.h"

#define MF_DIR 0x2f00
#define MF_ATR_INFO 0x2f01
#define MF_CARD_ACCESS 0x011c
#define MF_CARD_SECURITY 0x011d
#define MF_CHIP_SECURITY 0x011b
#define DG_FIRST 0x0101

static const uint8_t atr[] = { 0x3b, 0x8a, 0x80, 0x01, 0x80, 0x31, 0xf8, 0x73,
			       0xf7, 0x41, 0xe0, 0x82, 0x90, 0x00, 0x75 };

static const uint8_t eid_name[] = { 0xe8, 0x07, 0x04, 0x00, 0x7f, 0x00, 0x07, 0x03, 0x02 };
static const uint8_t cia_name[] = { 0xe8, 0x28, 0xbd, 0x08, 0x0f, 0xa0, 0x00, 0x00,
				    0x01, 0x67, 0x45, 0x53, 0x49, 0x47, 0x4e };
static const uint8_t esign_name[] = { 0xa0, 0x00, 0x00, 0x01, 0x67, 0x45, 0x53, 0x49, 0x47, 0x4e };

/* --- files -------------------------------------------------------------------------------- */

struct file *
npa_eid_df(const struct state *s)
{
	return fs_by_name(&s->fs, view_of(eid_name, sizeof(eid_name)));
}

struct file *
npa_esign_df(const struct state *s)
{
	return fs_by_name(&s->fs, view_of(esign_name, sizeof(esign_name)));
}

struct file *
npa_data_group(const struct state *s, unsigned n)
{
	struct file *df = npa_eid_df(s);

	return df ? fs_child(df, (uint16_t)(DG_FIRST - 1 + n)) : NULL;
}

/* The data group that a file is; 0: none. */
static unsigned
data_group_of(const struct file *f)
{
	return f->fid >= DG_FIRST && f->fid < DG_FIRST + NPA_DATA_GROUPS
		       ? (unsigned)(f->fid - DG_FIRST + 1)
		       : 0;
}

/* --- who may read and write what -------------------------------------------------------------- */

/* What the one who asks has to have done (TR-03110-2, tables of 3.1 and of A). */
enum need {
	NEED_NOTHING,
	NEED_PACE,
	NEED_TA,         /* CA is not needed: clients read EF.CardSecurity between the two */
	NEED_PRIVILEGED, /* TA by a privileged terminal */
	NEED_READ_RIGHT, /* TA and CA, and the right to read this data group */
	NEED_WRITE_RIGHT,
	NEED_INSTALL_RIGHT, /* TA and CA, and the right to install a certificate */
};

static bool
may_read_group(const struct iso *c, unsigned n)
{
	return eac_has_right(c, CVC_AT, CHAT_AT_READ(n)) || eac_has_right(c, CVC_IS, CHAT_IS_EID);
}

static bool
may_write_group(const struct iso *c, unsigned n)
{
	return n >= NPA_WRITABLE_FIRST && eac_has_right(c, CVC_AT, CHAT_AT_WRITE(n));
}

static bool
has_done(const struct iso *c, enum need need, const struct file *f)
{
	bool done = false;

	switch (need) {
	case NEED_NOTHING:
		done = true;
		break;
	case NEED_PACE:
		done = eac_status(c)->session == EAC_PACE;
		break;
	case NEED_TA:
		done = eac_status(c)->session == EAC_PACE && eac_status(c)->ta;
		break;
	case NEED_PRIVILEGED:
		done = eac_has_right_before_ca(c, CVC_AT, CHAT_AT_PRIVILEGED);
		break;
	case NEED_READ_RIGHT:
		done = may_read_group(c, data_group_of(f));
		break;
	case NEED_WRITE_RIGHT:
		done = may_write_group(c, data_group_of(f));
		break;
	case NEED_INSTALL_RIGHT:
		done = eac_has_right(c, CVC_AT, CHAT_AT_INSTALL | CHAT_AT_INSTALL_QUALIFIED);
		break;
	}
	return done;
}

static const struct {
	uint16_t fid;
	enum need need;
} mf_files[] = {
	{ MF_DIR, NEED_NOTHING },
	{ MF_ATR_INFO, NEED_NOTHING },
	{ MF_CARD_ACCESS, NEED_NOTHING },
	{ MF_CARD_SECURITY, NEED_TA },
	{ MF_CHIP_SECURITY, NEED_PRIVILEGED },
};

static const struct {
	struct view name;
	enum need need;
} applications[] = {
	{ VIEW(eid_name), NEED_READ_RIGHT },
	{ VIEW(cia_name), NEED_NOTHING },
	{ VIEW(esign_name), NEED_PACE },
};

/* False: nobody may read it. */
static bool
need_to_read(const struct file *f, enum need *need)
{
	size_t i;

	if (f->parent && !f->parent->parent) {
		for (i = 0; i < sizeof(mf_files) / sizeof(*mf_files); i++) {
			*need = mf_files[i].need;
			if (mf_files[i].fid == f->fid)
				return true;
		}
		return false;
	}
	for (i = 0; f->parent && i < sizeof(applications) / sizeof(*applications); i++) {
		*need = applications[i].need;
		if (view_equal(file_name(f->parent), applications[i].name))
			return *need != NEED_READ_RIGHT || data_group_of(f) > 0;
	}
	return false;
}

/* False: nobody may write it. */
static bool
need_to_update(const struct file *f, enum need *need)
{
	const struct view df = f->parent ? file_name(f->parent) : view_of(NULL, 0);

	*need = view_equal(df, view_of(eid_name, sizeof(eid_name))) ? NEED_WRITE_RIGHT
								    : NEED_INSTALL_RIGHT;
	return *need == NEED_WRITE_RIGHT ||
	       view_equal(df, view_of(esign_name, sizeof(esign_name)));
}

static sw_t
npa_check_access(const struct access *who, const struct file *f, enum acl_op op)
{
	enum need need;

	if (op == ACL_READ ? !need_to_read(f, &need)
			   : op != ACL_UPDATE || !need_to_update(f, &need))
		return SW_SECURITY_STATUS;
	return has_done(who->card, need, f) ? SW_OK : SW_SECURITY_STATUS;
}

/* --- the card ------------------------------------------------------------------------------------ */

static bool
signed_infos_of(const struct iso *c, uint16_t fid, struct view *infos)
{
	const struct file *ef = fs_child(c->state->fs.mf, fid);

	return ef && eac_signed_infos(buf_view(&ef->contents), infos);
}

/* EF.CardSecurity has all that there is, and EF.CardAccess what is needed where that is missing. */
static struct view
npa_chip_infos(struct iso *c)
{
	struct view infos = { .n = 0 };

	return signed_infos_of(c, MF_CARD_SECURITY, &infos) ? infos : eac_card_access(c);
}

static struct view
npa_privileged_infos(struct iso *c)
{
	struct view infos = { .n = 0 };

	signed_infos_of(c, MF_CHIP_SECURITY, &infos);
	return infos;
}

/* 80 20 is protected as interindustry commands are (TR-03110-3, B.5). */
static sw_t
npa_classify(struct iso *c, struct apdu *cmd)
{
	sw_t sw;

	if ((cmd->cla & 0xf0) != 0x80)
		return eac_classify(c, cmd);
	cmd->cla &= 0x7f;
	sw = eac_classify(c, cmd);
	cmd->cla |= 0x80;
	return sw;
}

static const struct instr rows[] = {
	{ .ins = 0x04, .fn = npa_deactivate, .name = "DEACTIVATE PIN", .flags = INSTR_NO_LC },
	{ .cla = 0x80, .cla_mask = 0xf0, .ins = 0x20, .fn = npa_verify_auxiliary, .name = "VERIFY", .flags = INSTR_LC | INSTR_SECRET },
	{ .ins = 0x2c, .fn = npa_reset_retry_counter, .name = "RESET RETRY COUNTER", .flags = INSTR_SECRET },
	{ .ins = 0x44, .fn = npa_activate, .name = "ACTIVATE PIN", .flags = INSTR_NO_LC },
	INSTR_END
};

static const struct field fields[] = {
	EAC_FIELDS,
	{ .name = EAC_FIELD_CSCA, .kind = FIELD_BYTES, .min = 1, .max = PKI_CERT_MAX },
	{ .name = EAC_FIELD_DS, .kind = FIELD_BYTES, .min = 1, .max = PKI_CERT_MAX },
	FIELD_END
};

static const struct eac_type root = {
	.app = {
		.schema = { .fields = fields },
		.base = &eac_app,
		.rows = rows,
		.hooks = { .classify = npa_classify, .check_access = npa_check_access },
		.plain_ends_sm = true,
	},
	.chip_infos = npa_chip_infos,
	.privileged_infos = npa_privileged_infos,
	.eac2 = true,
};

static const struct instr eid_rows[] = {
	{ .ins = 0xd6, .fn = npa_update_binary, .name = "UPDATE BINARY", .flags = INSTR_LC | INSTR_SECRET },
	{ .ins = 0xd7, .fn = npa_update_binary_odd, .name = "UPDATE BINARY", .flags = INSTR_LC | INSTR_SECRET },
	INSTR_END
};

const struct iso_app npa_eid_app = {
	.schema = { .name = "eid" },
	.rows = eid_rows,
	.plain_ends_sm = true,
};

static const struct iso_type npa_iso_type = {
	.root = &root.app,
	.atr = VIEW(atr),
	.configure = eac_configure,
};

static struct card *
npa_open(const struct card_type *t, const struct card_config *cfg, const struct card_env *env)
{
	if (!eac_issue(npa_issue, cfg, env))
		return NULL;
	check_logged(npa_check_card, cfg, env);
	return eac_open(t, cfg, env);
}

const struct card_type npa_type = {
	.name = "nPA",
	.summary =
		"German identity card: PACE, PIN management, eID, for AusweisApp and eID servers",
	.flags = CARD_TAKES_ATR | CARD_TAKES_SERIAL,
	.open = npa_open,
	.options = npa_options,
	.data = &npa_iso_type,
	.schema = iso_type_schema,
	.contents = contents_npa,
	.fill = npa_fill,
	.check = npa_check,
};
