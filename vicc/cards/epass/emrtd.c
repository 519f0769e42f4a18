/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The application, and who may read what on the card. */
#include "cards/epass/epass.h"

#include "cards/eac/eac.h"
#include "cards/eac/pki.h"
#include "codec/mrz.h"
#include "codec/tlv.h"
#include "model/field.h"

/* --- access (9303-10, 3.11; 9303-11, 4) --------------------------------------------------------- */

enum need {
	FREE,
	SESSION,        /* BAC or PACE */
	SESSION_PACE,
	FINGERPRINTS,   /* and terminal authentication, with this right */
	IRIS,
};

static const struct {
	bool in_application; /* or else in the MF */
	uint16_t fid;
	enum need need;
} needs[] = {
	{ false, EPASS_FID_DIR, FREE },
	{ false, EPASS_FID_ATR, FREE },
	{ false, EPASS_FID_CARD_ACCESS, FREE },
	{ false, EPASS_FID_CARD_SECURITY, SESSION_PACE },
	{ true, EMRTD_FID_GROUP + 3, FINGERPRINTS },
	{ true, EMRTD_FID_GROUP + 4, IRIS },
};

/* What is not in the table needs a session, wherever it is. */
static enum need
need_of(const struct file *f)
{
	const bool in_application = f->parent && f->parent->application == &emrtd_app.schema;
	const bool in_mf = f->parent && !f->parent->parent;
	size_t i;

	for (i = 0; i < sizeof(needs) / sizeof(*needs); i++) {
		if (needs[i].fid == f->fid && (needs[i].in_application ? in_application : in_mf))
			return needs[i].need;
	}
	return SESSION;
}

static bool
is_met(const struct iso *c, enum need need)
{
	bool met = false;

	switch (need) {
	case FREE:
		met = true;
		break;
	case SESSION:
		met = eac_status(c)->session != EAC_LOCKED;
		break;
	case SESSION_PACE:
		met = eac_status(c)->session == EAC_PACE;
		break;
	case FINGERPRINTS:
		met = eac_has_right(c, CVC_IS, CHAT_IS_DG3);
		break;
	case IRIS:
		met = eac_has_right(c, CVC_IS, CHAT_IS_DG4);
		break;
	}
	return met;
}

/* Files are read, and nothing else; what is not free, under secure messaging. */
sw_t
emrtd_check_access(const struct access *who, const struct file *f, enum acl_op op)
{
	enum need need = need_of(f);

	if (op != ACL_READ || file_is_df(f) || (need != FREE && !who->sm))
		return SW_SECURITY_STATUS;
	return is_met(who->card, need) ? SW_OK : SW_SECURITY_STATUS;
}

/* --- EF.CVCA: names of the trust anchors, which link certificates change ------------------------ */

static void
put_anchor_name(const struct state *s, bool before, struct buf *out)
{
	struct view certificate = eac_anchor(s, CVC_IS, before);
	struct cvc cert;

	if (certificate.n > 0 && cvc_read(certificate, &cert))
		tlv_put(out, 0x42, cert.chr);
}

sw_t
emrtd_renew_cvca(struct state *s)
{
	struct file *df = emrtd_df(s), *ef = df ? fs_child(df, EMRTD_FID_CVCA) : NULL;
	struct buf names = BUF(EMRTD_CVCA_SIZE);
	sw_t sw = SW_OK;

	if (!ef)
		return SW_OK;
	put_anchor_name(s, false, &names);
	put_anchor_name(s, true, &names);
	buf_fill(&names, 0, EMRTD_CVCA_SIZE - names.n);
	if (names.failed)
		sw = SW_NO_MEMORY;
	else if (!view_equal(buf_view(&names), buf_view(&ef->contents)))
		sw = file_set_contents(&s->fs, ef, buf_view(&names));
	buf_free(&names);
	return sw;
}

/* --- the application ------------------------------------------------------------------------------ */

sw_t
emrtd_external_authenticate(struct iso *c, const struct apdu *cmd, struct buf *rsp)
{
	const struct file *df = emrtd_df(c->state);

	if (df && field_flag(&df->props, EMRTD_FIELD_NO_BAC) && eac_status(c)->session != EAC_PACE)
		return SW_CONDITIONS;
	return eac_external_authenticate(c, cmd, rsp);
}

static const struct instr rows[] = {
	{ .ins = 0x82, .fn = emrtd_external_authenticate, .name = "EXTERNAL AUTHENTICATE",
	  .flags = INSTR_LC | INSTR_SECRET, .p1_rfu = 0xff, .p2_rfu = 0xff },
	{ .ins = 0x88, .fn = emrtd_internal_authenticate, .name = "INTERNAL AUTHENTICATE",
	  .flags = INSTR_LE, .p1_rfu = 0xff, .p2_rfu = 0xff },
	INSTR_END
};

static const struct field fields[] = {
	{ .name = EMRTD_FIELD_MRZ, .kind = FIELD_TEXT, .min = 72, .max = MRZ_MAX },
	{ .name = EAC_FIELD_CSCA, .kind = FIELD_BYTES, .min = 1, .max = PKI_CERT_MAX },
	{ .name = EAC_FIELD_DS, .kind = FIELD_BYTES, .min = 1, .max = PKI_CERT_MAX },
	{ .name = EMRTD_FIELD_NO_BAC, .kind = FIELD_FLAG },
	FIELD_END
};

static const struct field key_fields[] = {
	{ .name = EMRTD_KEY_FIELD_HASH, .kind = FIELD_WORD, .words = emrtd_aa_hashes },
	FIELD_END
};

const struct iso_app emrtd_app = {
	.schema = { .name = EMRTD_NAME, .fields = fields, .key_fields = key_fields },
	.rows = rows,
	.hooks = { .check_access = emrtd_check_access },
	.plain_ends_sm = true,
};
