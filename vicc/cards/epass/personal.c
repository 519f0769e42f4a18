/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A new passport: out of the options, everything that is on it. */
#include "cards/epass/personal.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "codec/tlv.h"
#include "crypto/certify.h"
#include "model/field.h"
#include "model/key.h"

#define FILE_MAX (1u << 20) /* bytes */
#define ELEMENTARY 0x01     /* descriptor of a transparent EF */

/* ICAO Doc 9303-4, appendix B */
static const char specimen[] = "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<"
			       "L898902C36UTO7408122F1204159ZE184226B<<<<<10";

int
making_error(struct making *m, int rc)
{
	return rc < 0 ? eac_fail(&m->to, rc, "the card cannot be made: %s", strerror(-rc)) : rc;
}

/* --- data groups ----------------------------------------------------------------------------- */

static int
make_mrz(struct making *m)
{
	const char *text = card_value(m->to.cfg, "mrz");
	char fault[MRZ_FAULT_SIZE];

	if (!text)
		text = specimen;
	if (!mrz_read(&m->mrz, view_of(text, strlen(text)), fault))
		return eac_fail(&m->to, -EINVAL, "--mrz: %s", fault);
	lds_put_mrz(&m->lds.group[1], &m->mrz);
	return 0;
}

static int
make_face(struct making *m)
{
	const char *path = card_value(m->to.cfg, "photo");
	struct buf file = BUF(FILE_MAX);
	int rc = path ? eac_read_file(&m->to, "photo", path, &file) : 0;

	if (rc == 0 && !lds_put_face(&m->lds.group[2], path ? buf_view(&file) : lds_portrait))
		rc = eac_fail(&m->to, -EINVAL, "--photo %s: neither JPEG nor JPEG 2000", path);
	buf_free(&file);
	return rc;
}

/* N=FILE, which has been looked at before. */
static int
make_group(struct making *m, const char *value)
{
	unsigned n = (unsigned)strtoul(value, NULL, 10);
	const char *path = strchr(value, '=') + 1;
	struct buf file = BUF(FILE_MAX);
	int rc = eac_read_file(&m->to, "dg", path, &file);

	buf_reset(&m->lds.group[n]);
	if (rc == 0 && !lds_put_group(&m->lds.group[n], n, buf_view(&file)))
		rc = eac_fail(
			&m->to, -EINVAL,
			"--dg %s: it begins as data group %u (%02X), but is not as long as it says",
			value, n, lds_tag(n));
	if (rc == 0 && m->lds.group[n].failed)
		rc = eac_fail(&m->to, -EFBIG, "--dg %s: more than %d bytes", value, LDS_GROUP_MAX);
	buf_free(&file);
	return rc;
}

static int
make_groups(struct making *m)
{
	const struct card_value *v = NULL;
	int rc = make_mrz(m);

	if (rc == 0)
		rc = make_face(m);
	while (rc == 0 && (v = card_value_next(m->to.cfg, "dg", v)))
		rc = make_group(m, v->value);
	return rc;
}

/* What was given by --dg stays. */
static void
make_security_groups(struct making *m)
{
	size_t group, set;

	if (m->lds.group[15].n == 0 && m->aa_key.n > 0)
		tlv_put(&m->lds.group[15], lds_tag(15), buf_view(&m->aa_key));
	if (m->lds.group[14].n > 0 || m->access.n + m->chip.n == 0)
		return;
	group = tlv_open(&m->lds.group[14], lds_tag(14));
	set = tlv_open(&m->lds.group[14], 0x31);
	buf_put_view(&m->lds.group[14], buf_view(&m->access));
	buf_put_view(&m->lds.group[14], buf_view(&m->chip));
	tlv_close(&m->lds.group[14], set);
	tlv_close(&m->lds.group[14], group);
}

/* --- files ------------------------------------------------------------------------------------- */

/* Also in place of one that is there. */
static sw_t
add_file(struct making *m, struct file *df, uint16_t fid, uint8_t sfi, struct view contents)
{
	const struct file_spec spec = {
		.fid = fid, .descriptor = { ELEMENTARY }, .descriptor_n = 1, .life = FILE_ACTIVATED, .sfi = sfi,
		.has_size = true, .size = contents.n,
	};
	struct file *f = fs_child(df, fid);
	sw_t sw;

	if (f)
		return file_set_contents(&m->to.s->fs, f, contents);
	sw = fs_add(&m->to.s->fs, df, &spec, &f);
	return sw == SW_OK ? file_update(&m->to.s->fs, f, NULL, 0, contents) : sw;
}

static sw_t
add_built(struct making *m, struct file *df, uint16_t fid, uint8_t sfi, const struct buf *b)
{
	return b->failed ? SW_NO_MEMORY : add_file(m, df, fid, sfi, buf_view(b));
}

/* EF.DIR; EF.ATR/INFO: card service data and capabilities as the ATR has them, lengths. */
static sw_t
add_free_files(struct making *m)
{
	static const uint8_t info[] = {
		0x43, 0x01, 0xf8, 0x47, 0x03, 0xf7, 0x41, 0xe0,
		0x7f, 0x66, 0x0a, 0x02, 0x03, 0x00, 0xff, 0xff, 0x02, 0x03, 0x00, 0xff, 0xff,
	};
	struct buf dir = BUF(64), access = BUF(FILE_MAX);
	size_t mark = tlv_open(&dir, 0x61);
	sw_t sw;

	tlv_put(&dir, 0x4f, file_name(m->df));
	tlv_close(&dir, mark);
	sw = add_built(m, m->to.s->fs.mf, EPASS_FID_DIR, 0x1e, &dir);
	if (sw == SW_OK)
		sw = add_file(m, m->to.s->fs.mf, EPASS_FID_ATR, 0x01, view_of(info, sizeof(info)));
	if (m->access.n > 0)
		tlv_put(&access, 0x31, buf_view(&m->access));
	if (sw == SW_OK && m->access.n > 0)
		sw = add_built(m, m->to.s->fs.mf, EPASS_FID_CARD_ACCESS, 0x1c, &access);
	buf_free(&dir);
	buf_free(&access);
	return sw;
}

static sw_t
add_groups(struct making *m)
{
	unsigned n;
	sw_t sw = SW_OK;

	for (n = 1; sw == SW_OK && n <= LDS_GROUPS; n++) {
		if (m->lds.group[n].n > 0)
			sw = add_built(m, m->df, (uint16_t)(EMRTD_FID_GROUP + n), (uint8_t)n,
				       &m->lds.group[n]);
	}
	return sw;
}

/* EF.CVCA has as many bytes as two names need. */
static sw_t
add_cvca(struct making *m)
{
	struct buf empty = BUF(EMRTD_CVCA_SIZE);
	sw_t sw;

	if (eac_anchor(m->to.s, CVC_IS, false).n == 0)
		return SW_OK;
	buf_fill(&empty, 0, EMRTD_CVCA_SIZE);
	sw = add_built(m, m->df, EMRTD_FID_CVCA, 0x1c, &empty);
	buf_free(&empty);
	return sw == SW_OK ? emrtd_renew_cvca(m->to.s) : sw;
}

/* EF.COM, EF.SOD and EF.CardSecurity: each again, where it is there already. */
static sw_t
add_signed(struct making *m, const struct buf *sod, const struct buf *security)
{
	struct buf com = BUF(64);
	sw_t sw;

	lds_put_com(&com, &m->lds);
	sw = add_built(m, m->df, EMRTD_FID_COM, 0x1e, &com);
	if (sw == SW_OK)
		sw = add_built(m, m->df, EMRTD_FID_SOD, 0x1d, sod);
	if (sw == SW_OK && security->n > 0)
		sw = add_built(m, m->to.s->fs.mf, EPASS_FID_CARD_SECURITY, 0x1d, security);
	buf_free(&com);
	return sw;
}

static int
add_certificates(struct making *m)
{
	struct props *p = &m->df->props;

	return props_set(p, EAC_FIELD_CSCA, buf_view(&m->pki.csca_cert)) &&
			       props_set(p, EAC_FIELD_DS, buf_view(&m->pki.ds_cert))
		       ? 0
		       : -ENOMEM;
}

int
making_sign(struct making *m)
{
	struct buf sod = BUF(FILE_MAX), security = BUF(FILE_MAX);
	int rc = lds_put_sod(&sod, &m->lds, &m->pki);

	buf_put_view(&security, buf_view(&m->card_security));
	if (rc == 0 && security.n == 0 && m->security.n > 0)
		rc = pki_sign(&m->pki, pki_oid_card_security, buf_view(&m->security), &security);
	if (rc == 0 && add_signed(m, &sod, &security) != SW_OK)
		rc = -ENOSPC;
	if (rc == 0)
		rc = add_certificates(m);
	buf_free(&sod);
	buf_free(&security);
	return making_error(m, rc);
}

static int
add_files(struct making *m)
{
	sw_t sw = add_free_files(m);

	if (sw == SW_OK)
		sw = add_groups(m);
	if (sw == SW_OK)
		sw = add_cvca(m);
	return sw == SW_OK ? making_sign(m) : making_error(m, -ENOSPC);
}

/* --- what is kept beside files ------------------------------------------------------------------- */

static int
add_password(struct making *m, uint8_t number, struct view value)
{
	struct sam_pin *pin = sam_pin_add(&m->to.s->sam, 0, number);

	if (!pin)
		return making_error(m, -ENOMEM);
	pin->code = (struct sam_code) { .min = (uint8_t)value.n, .max = (uint8_t)value.n };
	pin->life = SAM_ACTIVE;
	return sam_code_set(&pin->code, value) ? 0 : making_error(m, -EINVAL);
}

static int
add_passwords(struct making *m)
{
	const char *can = card_value(m->to.cfg, "can");
	struct buf information = BUF(MRZ_INFORMATION_MAX);
	int rc;

	mrz_put_information(&m->mrz, &information);
	rc = information.failed ? making_error(m, -ENOMEM)
				: add_password(m, EAC_MRZ, buf_view(&information));
	if (rc == 0 && can)
		rc = add_password(m, EAC_CAN, view_of(can, strlen(can)));
	buf_free(&information);
	return rc;
}

static int
add_fields(struct making *m)
{
	struct props *p = &m->df->props;

	if (!props_set(p, EMRTD_FIELD_MRZ, view_of(m->mrz.text, m->mrz.n)) ||
	    !props_set(p, EAC_FIELD_CSCA, buf_view(&m->pki.csca_cert)) ||
	    !props_set(p, EAC_FIELD_DS, buf_view(&m->pki.ds_cert)) ||
	    (card_value(m->to.cfg, "no-bac") && !field_set_flag(p, EMRTD_FIELD_NO_BAC, true)))
		return making_error(m, -ENOMEM);
	return making_error(m, eac_set_today(m->to.s));
}

/* --- the issuer ---------------------------------------------------------------------------------- */

/* Two letters for the issuing state of the MRZ: of most states the first two of its three. */
static void
country_of(const struct mrz *mrz, char country[3])
{
	snprintf(country, 3, "%.2s", mrz->text + 2);
	if (country[1] == '<') /* D<< */
		country[1] = 'E';
}

int
making_issuer(struct making *m)
{
	const char *dir = card_value(m->to.cfg, "pki");
	char country[3];

	country_of(&m->mrz, country);
	return dir ? pki_open(&m->pki, dir, country, m->to.error, m->to.size)
		   : making_error(m, pki_make(&m->pki, country));
}

/* --- all of it --------------------------------------------------------------------------------------- */

/* What found no memory would look like what is not there. */
static bool
is_whole(const struct making *m)
{
	unsigned n;

	for (n = 1; n <= LDS_GROUPS; n++) {
		if (m->lds.group[n].failed)
			return false;
	}
	return !m->access.failed && !m->chip.failed && !m->security.failed &&
	       !m->card_security.failed && !m->aa_key.failed;
}

static int
make_card(struct making *m)
{
	static int (*const steps[])(struct making * m) = {
		make_groups, making_pace, making_anchors, making_ca, making_card_security,
		making_aa,   making_issuer,
	};
	static int (*const last[])(struct making *m) = { add_passwords, add_files, add_fields };
	size_t i;
	int rc = 0;

	for (i = 0; rc == 0 && i < sizeof(steps) / sizeof(*steps); i++)
		rc = steps[i](m);
	if (rc == 0)
		make_security_groups(m);
	if (rc == 0 && !is_whole(m))
		rc = making_error(m, -ENOMEM);
	for (i = 0; rc == 0 && i < sizeof(last) / sizeof(*last); i++)
		rc = last[i](m);
	return rc;
}

void
making_begin(struct making *m, struct state *s, const struct card_config *cfg, char *error,
	     size_t size)
{
	*m = (struct making) {
		.to = { s, cfg, error, size },
		.df = emrtd_df(s),
		.pki = PKI_INIT,
		.access = BUF(MAKING_INFOS_MAX),
		.chip = BUF(MAKING_INFOS_MAX),
		.security = BUF(MAKING_INFOS_MAX),
		.card_security = BUF(MAKING_INFOS_MAX),
		.aa_key = BUF(CERTIFY_SIZE_MAX),
	};
	lds_init(&m->lds);
}

void
making_end(struct making *m)
{
	lds_free(&m->lds);
	pki_free(&m->pki);
	buf_free(&m->access);
	buf_free(&m->chip);
	buf_free(&m->security);
	buf_free(&m->card_security);
	buf_free(&m->aa_key);
}

int
epass_fill(struct state *s, const struct card_config *cfg, char *error, size_t size)
{
	struct making m;
	int rc;

	making_begin(&m, s, cfg, error, size);
	buf_free(&s->comment); /* it is not nobody's any more */
	rc = make_card(&m);
	making_end(&m);
	return rc;
}
