/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The type: its root, its options. */
#include "cards/epass/epass.h"

#include "cards/contents.h"
#include "cards/eac/check.h"
#include "cards/eac/eac.h"
#include "cards/eac/lds.h"
#include "cards/eac/options.h"
#include "codec/tlv.h"
#include "model/field.h"

/*
 * Historical bytes 80 31 F8 73 F7 41 E0: selection by full and partial name, EF.DIR and
 * EF.ATR/INFO by READ BINARY, an MF; short identifiers; chaining, extended length, told
 * in EF.ATR/INFO; no channels.
 */
static const uint8_t atr[] = {
	0x3b, 0x8a, 0x80, 0x01, 0x80, 0x31, 0xf8, 0x73, 0xf7, 0x41, 0xe0, 0x82, 0x90, 0x00, 0x75,
};

/* SecurityInfos of chip authentication: those of DG14. */
static struct view
chip_infos(struct iso *c)
{
	const struct file *df = emrtd_df(c->state),
			  *ef = df ? fs_child(df, EMRTD_FID_GROUP + 14) : NULL;
	struct view in = { .n = 0 }, infos = { .n = 0 };
	struct tlv t;

	if (ef)
		in = buf_view(&ef->contents);
	if (tlv_next(&in, &t) && t.tag == lds_tag(14) && !secinfo_open(t.value, &infos))
		infos = view_of(NULL, 0);
	return infos;
}

static void
epass_changing(struct iso *c)
{
	emrtd_renew_cvca(c->state);
}

static const struct instr rows[] = {
	{ .ins = 0x82, .fn = emrtd_external_authenticate, .name = "EXTERNAL AUTHENTICATE",
	  .flags = INSTR_LC | INSTR_SECRET, .p1_rfu = 0xff, .p2_rfu = 0xff },
	INSTR_END
};

static const struct field fields[] = { EAC_FIELDS, FIELD_END };

static const struct eac_type epass_root = {
	.app = {
		.schema = { .fields = fields },
		.base = &eac_app,
		.rows = rows,
		.hooks = { .check_access = emrtd_check_access, .changing = epass_changing },
		.plain_ends_sm = true,
	},
	.chip_infos = chip_infos,
	.eac1 = true,
};

static const struct iso_type epass_iso_type = {
	.root = &epass_root.app,
	.atr = VIEW(atr),
	.configure = eac_configure,
};

/* --- options ------------------------------------------------------------------------------------ */

static const struct card_option options[] = {
	{ "mrz", "TEXT", "the passport's holder: 2 or 3 lines, joined", NULL, 0 },
	{ "photo", "FILE", "the holder's picture: JPEG or JPEG 2000", eac_path_fault, 0 },
	{ "dg", "N=FILE", "put data group N, 1 to 16, on the card; again: more", epass_wrong_dg,
	  CARD_OPTION_AGAIN },
	{ "can", "DIGITS", "card access number: 6 digits, for PACE", eac_can_fault,
	  CARD_OPTION_SECRET },
	{ "pace", "LIST", "kinds of PACE, or none [ecdh-gm-aes128:13]", eac_pace_or_none_fault, 0 },
	{ "aa", "KIND", "active authentication, or none [rsa:1024:sha256]", epass_wrong_aa, 0 },
	{ "no-bac", NULL, "no basic access control: PACE only", NULL, 0 },
	{ EAC_OPTION_PKI, "DIR", "issuer's keys and certificates; made if missing", eac_path_fault,
	  CARD_OPTION_LATE },
	EAC_OPTIONS,
	{ .name = NULL },
};

static void
check_passport(const struct check *k)
{
	const struct file *df = emrtd_df(k->s);

	if (!df) {
		check_say(k, "there is no DF of application %s", EMRTD_NAME);
		return;
	}
	check_emrtd(k, df);
	check_security(k, EPASS_FID_CARD_SECURITY, "EF.CardSecurity", &df->props);
}

void
epass_check(struct state *s, card_say_fn *say, void *ctx)
{
	check_passport(&(struct check) { .s = s, .say = say, .ctx = ctx });
}

static struct card *
epass_open(const struct card_type *t, const struct card_config *cfg, const struct card_env *env)
{
	if (!eac_issue(epass_issue, cfg, env))
		return NULL;
	check_logged(check_passport, cfg, env);
	return eac_open(t, cfg, env);
}

const struct card_type epass_type = {
	.name = "ePass",
	.summary = "electronic passport (ICAO Doc 9303): BAC, PACE, active and chip authentication",
	.flags = CARD_TAKES_ATR,
	.open = epass_open,
	.options = options,
	.data = &epass_iso_type,
	.schema = iso_type_schema,
	.contents = contents_ePass,
	.fill = epass_fill,
	.check = epass_check,
};
