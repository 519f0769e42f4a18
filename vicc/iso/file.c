/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which file: selection, creation, deletion, life cycle (ISO/IEC 7816-4, 11.1; 7816-9). */
#include "iso/iso.h"

#include "iso/auth.h"
#include "codec/tlv.h"
#include "iso/key.h"
#include "model/acl.h"

#define SFI_REST 31 /* five bits, all set: no short identifier */

/* --- what other handlers ask ---------------------------------------------------------- */

sw_t
iso_check_access(const struct access *who, const struct file *f, enum acl_op op)
{
	return op <= ACL_READ ? acl_check(who, f, op) : iso_check_key_rule(who, f, op);
}

void
iso_app_selected(struct iso *c, struct file *df)
{
	/* 7816-4, 9.2.1: what was proven to an application ends when it is selected */
	*proofs_own(&c->x.ch->proven, df) = (struct auth) { 0 };
	if (c->x.ch->certified.owner == df->uid)
		iso_certified_clear(&c->x.ch->certified);
}

sw_t
iso_ef_by_sfi(struct iso *c, unsigned sfi, struct file **ef)
{
	if (sfi == SFI_REST)
		return SW_WRONG_P1P2;
	*ef = sfi ? fs_child_by_sfi(iso_df(c), (uint8_t)sfi) : iso_ef(c);
	if (!*ef)
		return sfi ? SW_FILE_NOT_FOUND : SW_NO_CURRENT_EF;
	if (sfi)
		fs_enter(&c->x.ch->at, *ef);
	return SW_OK;
}

sw_t
iso_ef_by_p1p2(struct iso *c, const struct apdu *cmd, struct file **ef)
{
	uint16_t number = apdu_p1p2(cmd);

	if (number < SFI_REST)
		return iso_ef_by_sfi(c, number, ef);
	*ef = fs_child(iso_df(c), number);
	if (!*ef)
		return SW_FILE_NOT_FOUND;
	if (file_is_df(*ef))
		return SW_INCOMPATIBLE_FILE;
	fs_enter(&c->x.ch->at, *ef);
	return SW_OK;
}

/* --- SELECT --------------------------------------------------------------------------- */

#define FORM_FCI 0
#define FORM_FCP 1
#define FORM_FMD 2

static sw_t
life_sw(const struct file *f)
{
	if (file_terminated(f))
		return SW_TERMINATED;
	return file_deactivated(f) ? SW_DEACTIVATED : SW_OK;
}

/* 7816-4, 7.4.2: what is for applications rather than for managing the file. */
static void
put_fmd(const struct file *f, struct buf *rsp)
{
	struct view all = buf_view(&f->others);
	struct tlv t;

	while (tlv_next(&all, &t)) {
		if (t.tag == FCP_NAME || (t.whole.p[0] & 0xc0) == 0x40)
			buf_put_view(rsp, t.whole);
	}
}

sw_t
iso_fci(struct iso *c, const struct file *f, const struct apdu *cmd, struct buf *rsp)
{
	static const uint32_t templates[] = { FCI_TEMPLATE, FCP_TEMPLATE, FMD_TEMPLATE };
	unsigned form = cmd->p2 >> 2 & 3;
	size_t mark;

	(void)c;
	if (form > FORM_FMD)
		return life_sw(f);
	mark = tlv_open(rsp, templates[form]);
	if (form == FORM_FMD)
		put_fmd(f, rsp);
	else
		file_fcp(f, rsp);
	tlv_close(rsp, mark);
	return life_sw(f);
}

/* Whether P1 is a way of selecting; data and P2 are fs_find's and the caller's. */
static bool
how_of(uint8_t p1, enum fs_how *how)
{
	if (p1 > FS_BY_NAME && p1 != FS_PATH_FROM_MF && p1 != FS_PATH_FROM_DF)
		return false;
	*how = (enum fs_how)p1;
	return true;
}

sw_t
iso_select(struct iso *c, const struct apdu *cmd, struct buf *rsp)
{
	struct selector what = { .which = (enum fs_which)(cmd->p2 & 3), .data = cmd->data };
	struct file *f;
	sw_t sw;

	if (!how_of(cmd->p1, &what.how) || cmd->p2 & 0xf0 ||
	    (what.which != FS_FIRST && what.how != FS_BY_NAME))
		return SW_WRONG_P1P2;
	sw = fs_select(&c->state->fs, &what, &c->x.ch->at, &f);
	if (sw != SW_OK)
		return sw;
	iso_app_enter(c);
	sw = iso_hooks(c)->fci(c, f, cmd, rsp);
	/* what was proven ends with a selection, not with an attempt */
	if (what.how == FS_BY_NAME && !sw_is_error(sw) && !rsp->failed)
		iso_hooks(c)->app_selected(c, f);
	return sw;
}

/* --- CREATE --------------------------------------------------------------------------- */

/* 7816-9, 9.2.2.1: P1 and P2 may say what the template does not. */
static sw_t
spec_by_header(const struct apdu *cmd, struct file_spec *spec)
{
	uint8_t sfi = cmd->p2 >> 3;

	if ((cmd->p1 && file_kind_of(cmd->p1) == FILE_NO_KIND) || cmd->p2 & 7 || sfi == SFI_REST)
		return SW_WRONG_P1P2;
	if (cmd->p1 && spec->descriptor_n > 0 && spec->descriptor[0] != cmd->p1)
		return SW_WRONG_DATA;
	if (cmd->p1 && spec->descriptor_n == 0)
		spec->descriptor[spec->descriptor_n++] = cmd->p1;
	if (sfi && spec->sfi != FCP_SFI_IMPLIED && spec->sfi != sfi)
		return SW_WRONG_DATA;
	if (sfi)
		spec->sfi = sfi;
	return SW_OK;
}

/* 7816-4, 7.4.1: the identifiers that mean something else. */
static bool
fid_may_be(uint16_t fid)
{
	return fid != 0x0000 && fid != FILE_FID_MF && fid != 0x3fff && fid != 0xffff;
}

/* A new file is in one of the states before the end of its life. */
static bool
life_may_begin(uint8_t life)
{
	return life <= 7 && life != 2;
}

sw_t
iso_file_spec(const struct apdu *cmd, struct file_spec *spec, struct buf *others)
{
	struct view in = cmd->data, v;
	struct fcp fcp;
	struct tlv t;
	bool df;
	sw_t sw;

	*spec = (struct file_spec) { 0 };
	if (!tlv_next(&in, &t) || in.n > 0 || (t.tag != FCP_TEMPLATE && t.tag != FCI_TEMPLATE) ||
	    fcp_read(&fcp, t.value) < 0)
		return SW_WRONG_DATA;
	spec->fid = fcp.fid;
	spec->sfi = fcp.sfi;
	for (v = fcp.descriptor; view_u8(&v, &spec->descriptor[spec->descriptor_n]);)
		spec->descriptor_n++;
	sw = spec_by_header(cmd, spec);
	if (sw != SW_OK)
		return sw;
	spec->life = fcp.has_life ? fcp.life : FILE_ACTIVATED;
	if (!fcp.has_fid || !fid_may_be(fcp.fid) || spec->descriptor_n == 0 ||
	    !life_may_begin(spec->life))
		return SW_WRONG_DATA;
	df = file_kind_of(spec->descriptor[0]) == FILE_DF;
	spec->has_size = !df && (fcp.has_size || fcp.has_total);
	spec->size = fcp.has_size ? fcp.size : fcp.total;
	fcp_others(others, t.value, df);
	spec->others = buf_view(others);
	return others->failed ? SW_NO_MEMORY : SW_OK;
}

sw_t
iso_create_file(struct iso *c, const struct apdu *cmd, struct buf *rsp)
{
	struct buf others = BUF(FILE_OTHERS_MAX);
	struct file_spec spec;
	sw_t sw = iso_file_spec(cmd, &spec, &others);

	(void)rsp;
	if (sw == SW_OK)
		sw = fs_create(&c->state->fs, &c->x.ch->at, &c->x.who, &spec, NULL);
	buf_free(&others);
	return sw;
}

/* --- the file that a command is about ------------------------------------------------- */

sw_t
iso_target(struct iso *c, const struct apdu *cmd, struct file **f)
{
	struct selector what = { .data = cmd->data };

	if (!how_of(cmd->p1, &what.how) || cmd->p2 & 0xf3)
		return SW_WRONG_P1P2;
	if (cmd->data.n > 0 || cmd->p1)
		return fs_find(&c->state->fs, &c->x.ch->at, &what, f);
	*f = iso_ef(c);
	if (!*f)
		*f = iso_df(c);
	return SW_OK;
}

/* A lone identifier means a child, and nothing else. */
static sw_t
child_target(struct iso *c, const struct apdu *cmd, struct file **f)
{
	struct view v = cmd->data;
	uint16_t fid;

	if (v.n != 2 || !view_u16(&v, &fid))
		return SW_LC_P1P2;
	*f = fid == FILE_FID_MF ? c->state->fs.mf : fs_child(iso_df(c), fid);
	return *f ? SW_OK : SW_FILE_NOT_FOUND;
}

/* --- DELETE --------------------------------------------------------------------------- */

sw_t
iso_delete_file(struct iso *c, const struct apdu *cmd, struct buf *rsp)
{
	bool child = cmd->p1 == FS_BY_FID && cmd->data.n > 0 && !(cmd->p2 & 0xf3);
	struct cursor after = c->x.ch->at;
	struct file *f;
	sw_t sw = child ? child_target(c, cmd, &f) : iso_target(c, cmd, &f);

	(void)rsp;
	if (sw != SW_OK)
		return sw;
	fs_leave(&c->state->fs, &after, f);
	sw = fs_delete(&c->state->fs, f, &c->x.who);
	if (sw != SW_OK)
		return sw;
	c->x.ch->at = after;
	sam_drop_orphans(&c->state->sam, &c->state->fs);
	return SW_OK;
}

/* --- life cycle ----------------------------------------------------------------------- */

sw_t
iso_activate_file(struct iso *c, const struct apdu *cmd, struct buf *rsp)
{
	struct file *f;
	sw_t sw = iso_target(c, cmd, &f);

	(void)rsp;
	return sw == SW_OK ? fs_activate(&c->state->fs, f, &c->x.who) : sw;
}

sw_t
iso_deactivate_file(struct iso *c, const struct apdu *cmd, struct buf *rsp)
{
	struct file *f;
	sw_t sw = iso_target(c, cmd, &f);

	(void)rsp;
	return sw == SW_OK ? fs_deactivate(&c->state->fs, f, &c->x.who) : sw;
}

sw_t
iso_terminate_ef(struct iso *c, const struct apdu *cmd, struct buf *rsp)
{
	struct file *f;
	sw_t sw = iso_target(c, cmd, &f);

	(void)rsp;
	if (sw == SW_OK && file_is_df(f))
		sw = cmd->data.n > 0 ? SW_INCOMPATIBLE_FILE : SW_NO_CURRENT_EF;
	return sw == SW_OK ? fs_terminate(&c->state->fs, f, &c->x.who) : sw;
}

sw_t
iso_terminate_df(struct iso *c, const struct apdu *cmd, struct buf *rsp)
{
	struct file *f;
	sw_t sw = iso_target(c, cmd, &f);

	(void)rsp;
	if (sw == SW_OK && cmd->data.n == 0 && cmd->p1 == 0)
		f = iso_df(c);
	if (sw == SW_OK && !file_is_df(f))
		sw = SW_INCOMPATIBLE_FILE;
	return sw == SW_OK ? fs_terminate(&c->state->fs, f, &c->x.who) : sw;
}

sw_t
iso_terminate_card(struct iso *c, const struct apdu *cmd, struct buf *rsp)
{
	(void)rsp;
	if (apdu_p1p2(cmd) != 0)
		return SW_WRONG_P1P2;
	return fs_terminate_card(&c->state->fs, &c->x.who);
}
