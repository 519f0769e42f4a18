/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* --epass: the card is a travel document, too (Doc 9303-10): DG1, DG2, EF.COM, EF.SOD. */
#include <errno.h>
#include <string.h>

#include "cards/eac/lds.h"
#include "cards/npa/fill.h"
#include "codec/tlv.h"

#define SOD_MAX 16384
#define SAMPLE_NUMBER 5 /* where it has the document number */

/* Whose password 1 is that of a card without --mrz. Some of its check digits are wrong. */
static const char sample[] = "IDD<<T220001293<<<<<<<<<<<<<<<"
			     "6408125<2010315D<<<<<<<<<<<<<<"
			     "MUSTERMANN<<ERIKA<<<<<<<<<<<<<";

/* What is in the one object of a data group of eID; empty: it has none. */
static struct view
holder_text(const struct filling *f, unsigned n)
{
	const struct file *ef = npa_data_group(f->to.s, n);
	struct view in = ef ? buf_view(&ef->contents) : view_of(NULL, 0);
	struct tlv group, text;

	if (!tlv_next(&in, &group) || !tlv_next(&group.value, &text))
		return view_of(NULL, 0);
	return text.value;
}

/* YYYYMMDD, or its beginning, without the century. */
static struct view
holder_date(const struct filling *f, unsigned n)
{
	const struct view date = holder_text(f, n);

	return view_slice(date, date.n < 2 ? date.n : 2, date.n);
}

/* The zone of the holder that the data groups of eID have, which is the password, too. */
static int
make_holder_mrz(const struct filling *f, struct mrz *mrz)
{
	const struct mrz_holder holder = {
		.type = holder_text(f, 1),
		.state = holder_text(f, 2),
		.number = view_of(sample + SAMPLE_NUMBER, 9),
		.birth = holder_date(f, 8),
		.sex = holder_text(f, 11),
		.expiry = holder_date(f, 3),
		.nationality = holder_text(f, 10),
		.family = holder_text(f, 5),
		.given = holder_text(f, 4),
	};
	struct sam_pin *pin = sam_pin_find(&f->to.s->sam, 0, EAC_MRZ);
	struct buf information = BUF(MRZ_INFORMATION_MAX);
	bool made = pin && mrz_make(mrz, &holder);

	if (made)
		mrz_put_information(mrz, &information);
	made = made && !information.failed && sam_code_set(&pin->code, buf_view(&information));
	buf_free(&information);
	return made ? 0 : -ENOMEM;
}

/* --mrz; of somebody's own data groups; or the sample person's. */
static int
make_passport_mrz(const struct filling *f, struct mrz *mrz)
{
	const char *text = card_value(f->to.cfg, "mrz");
	char fault[MRZ_FAULT_SIZE];

	if (!text && (card_value(f->to.cfg, "datasetfile") || card_value(f->to.cfg, "dg") ||
		      (f->profile && f->profile->has_files)))
		return make_holder_mrz(f, mrz);
	if (!text)
		text = sample;
	/* the option has been read before, for the password, and more strictly */
	return mrz_read_unchecked(mrz, view_of(text, strlen(text)), fault) ? 0 : -EINVAL;
}

static int
make_groups(const struct filling *f, struct file *df, struct lds *l)
{
	struct mrz mrz;
	int rc = make_passport_mrz(f, &mrz);

	if (rc == 0) {
		lds_put_mrz(&l->group[1], &mrz);
		rc = lds_put_face(&l->group[2], lds_portrait) && !l->group[1].failed &&
				     !l->group[2].failed &&
				     props_set(&df->props, EMRTD_FIELD_MRZ,
					       view_of(mrz.text, mrz.n))
			     ? 0
			     : -ENOMEM;
	}
	return rc;
}

static int
keep_groups(const struct filling *f, struct file *df, const struct lds *l)
{
	unsigned n;
	int rc = 0;

	for (n = 1; rc == 0 && n <= LDS_GROUPS; n++) {
		if (l->group[n].n > 0)
			rc = npa_set_file(f->to.s, df, (uint16_t)(EMRTD_FID_GROUP + n), (uint8_t)n,
					  buf_view(&l->group[n]));
	}
	return rc;
}

static int
keep_signed(const struct filling *f, struct file *df, const struct lds *l, const struct pki *p)
{
	struct buf com = BUF(64), sod = BUF(SOD_MAX);
	int rc = lds_put_sod(&sod, l, p);

	lds_put_com(&com, l);
	if (rc == 0)
		rc = com.failed || sod.failed
			     ? -ENOMEM
			     : npa_set_file(f->to.s, df, EMRTD_FID_COM, 0x1e, buf_view(&com));
	if (rc == 0)
		rc = npa_set_file(f->to.s, df, EMRTD_FID_SOD, 0x1d, buf_view(&sod));
	if (rc == 0 && (!props_set(&df->props, EAC_FIELD_CSCA, buf_view(&p->csca_cert)) ||
			!props_set(&df->props, EAC_FIELD_DS, buf_view(&p->ds_cert))))
		rc = -ENOMEM;
	buf_free(&com);
	buf_free(&sod);
	return rc;
}

int
fill_passport(const struct filling *f, const struct pki *p)
{
	struct file *df = emrtd_df(f->to.s);
	struct lds l;
	int rc;

	if (!card_value(f->to.cfg, "epass")) {
		if (df)
			fs_delete(&f->to.s->fs, df, NULL);
		return 0;
	}
	if (!df)
		return -ENOENT;
	lds_init(&l);
	rc = make_groups(f, df, &l);
	if (rc == 0)
		rc = keep_groups(f, df, &l);
	if (rc == 0)
		rc = keep_signed(f, df, &l, p);
	lds_free(&l);
	return rc;
}

int
issue_passport(const struct filling *f, const struct pki *p)
{
	struct file *df = emrtd_df(f->to.s);
	struct lds l;
	int rc;

	if (!df)
		return 0;
	lds_init(&l);
	rc = lds_read(&l, df) ? keep_signed(f, df, &l, p) : -ENOMEM;
	lds_free(&l);
	return rc;
}
