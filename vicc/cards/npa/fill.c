/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A new card, as its options want it. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cards/npa/fill.h"
#include "codec/mrz.h"
#include "codec/tlv.h"
#include "model/sam.h"

int
fill_fail(const struct filling *f, int rc, const char *option, const char *why)
{
	return eac_fail(&f->to, rc < 0 ? rc : -EINVAL, "--%s: %s", option, why);
}

static struct view
profile_bytes(const struct profile *p, const char *option)
{
	if (strcmp(option, "ef-cardaccess") == 0)
		return buf_view(&p->access);
	return buf_view(strcmp(option, "ef-cardsecurity") == 0 ? &p->security : &p->ca_key);
}

bool
fill_source(const struct filling *f, const char *option, struct source *out)
{
	*out = (struct source) { .option = option, .path = card_value(f->to.cfg, option) };
	if (out->path || !f->profile)
		return out->path;
	out->bytes = profile_bytes(f->profile, option);
	out->option = "profile";
	out->path = card_value(f->to.cfg, "profile");
	return out->bytes.n > 0;
}

int
fill_take(const struct filling *f, const struct source *from, struct buf *out)
{
	if (!from->bytes.p)
		return eac_read_file(&f->to, from->option, from->path, out);
	return buf_set(out, from->bytes) ? 0 : -ENOMEM;
}

int
fill_refuse(const struct filling *f, const struct source *from, const char *fmt, ...)
{
	int n = snprintf(f->to.error, f->to.size, "--%s %s: ", from->option, from->path);
	va_list ap;

	va_start(ap, fmt);
	if (n > 0 && (size_t)n < f->to.size)
		vsnprintf(f->to.error + n, f->to.size - (size_t)n, fmt, ap);
	va_end(ap);
	return -EINVAL;
}

int
npa_set_file(struct state *s, struct file *df, uint16_t fid, uint8_t sfi, struct view contents)
{
	struct file_spec spec = { .fid = fid,
				  .sfi = sfi,
				  .descriptor = { 0x01 },
				  .descriptor_n = 1,
				  .life = FILE_ACTIVATED };
	struct file *ef = fs_child(df, fid);

	if (!ef && fs_add(&s->fs, df, &spec, &ef) != SW_OK)
		return -ENOMEM;
	return file_set_contents(&s->fs, ef, contents) == SW_OK ? 0 : -ENOMEM;
}

/* --- passwords -------------------------------------------------------------------------------- */

static bool
all_digits(const char *text)
{
	return text[strspn(text, "0123456789")] == '\0';
}

static const char *
pin_fault(const char *value)
{
	return (strlen(value) == 6 || strlen(value) == 5) && all_digits(value)
		       ? NULL
		       : "6 digits, or 5 of a transport PIN";
}

static const char *
puk_fault(const char *value)
{
	return strlen(value) == 10 && all_digits(value) ? NULL : "10 digits";
}

static const char *
qes_fault(const char *value)
{
	return strlen(value) >= 6 && strlen(value) <= 12 && all_digits(value) ? NULL
									      : "6 to 12 digits";
}

static int
fill_password(const struct filling *f, const char *option, uint8_t number)
{
	const char *value = card_value(f->to.cfg, option);
	struct sam_pin *pin = sam_pin_find(&f->to.s->sam, 0, number);

	if (!value)
		return 0;
	if (!pin || !sam_code_set(&pin->code, view_of(value, strlen(value))))
		return fill_fail(f, 0, option, "the card has no such password");
	return 0;
}

static int
fill_mrz(const struct filling *f)
{
	const char *value = card_value(f->to.cfg, "mrz");
	struct sam_pin *pin = sam_pin_find(&f->to.s->sam, 0, EAC_MRZ);
	struct buf information = BUF(MRZ_INFORMATION_MAX);
	char fault[MRZ_FAULT_SIZE];
	struct mrz m;
	int rc = 0;

	if (!value)
		return 0;
	if (!mrz_read(&m, view_of(value, strlen(value)), fault))
		return fill_fail(f, 0, "mrz", fault);
	mrz_put_information(&m, &information);
	if (!pin || information.failed || !sam_code_set(&pin->code, buf_view(&information)))
		rc = fill_fail(f, 0, "mrz", "the card has no such password");
	buf_free(&information);
	return rc;
}

static int
fill_passwords(const struct filling *f)
{
	int rc = fill_password(f, "can", EAC_CAN);

	rc = rc < 0 ? rc : fill_password(f, "pin", EAC_PIN);
	rc = rc < 0 ? rc : fill_password(f, "puk", EAC_PUK);
	return rc < 0 ? rc : fill_mrz(f);
}

static const char *
dg_fault(const char *value)
{
	unsigned n;

	return npa_dg_fault(value, &n);
}

const struct card_option npa_options[] = {
	{ "can", "DIGITS", "the card access number, 6 digits", eac_can_fault, CARD_OPTION_SECRET },
	{ "pin", "DIGITS", "the PIN, 6 digits; 5: a transport PIN", pin_fault, CARD_OPTION_SECRET },
	{ "puk", "DIGITS", "the PUK, 10 digits", puk_fault, CARD_OPTION_SECRET },
	{ "qes-pin", "DIGITS", "the PIN of signatures, 6 to 12 digits", qes_fault,
	  CARD_OPTION_SECRET },
	{ "mrz", "TEXT", "machine readable zone, its lines joined", NULL, 0 },
	{ "pace", "LIST", "sets of PACE, such as ecdh-gm-aes128:13", eac_pace_fault, 0 },
	{ "pki", "DIR", "folder of CAs, document signer and a terminal", eac_path_fault,
	  CARD_OPTION_LATE },
	EAC_OPTIONS,
	{ "esign-key", "FILE", "private EC key of signatures", eac_path_fault, 0 },
	{ "esign-cert", "FILE", "certificate of that key", eac_path_fault, 0 },
	{ "esign-ca-cert", "FILE", "certificate of its CA", eac_path_fault, 0 },
	{ "profile", "FILE", "files and keys, as AusweisApp's simulator has them", eac_path_fault,
	  0 },
	{ "epass", NULL, "also the application of a passport", NULL, 0 },
	{ "datasetfile", "FILE", "data groups, in lines NAME=VALUE", eac_path_fault,
	  CARD_OPTION_LETTER('d') },
	{ "dg", "N=FILE", "data group N, 1 to 21; may be repeated", dg_fault, CARD_OPTION_AGAIN },
	{ .name = NULL },
};

/* --- trust ---------------------------------------------------------------------------------------------- */

static int
fill_trust(const struct filling *f)
{
	int rc = eac_set_today(f->to.s);

	return rc < 0 ? rc : eac_take_anchors(&f->to);
}

/* The data groups of a profile, and no others. */
static int
fill_profile_groups(const struct filling *f)
{
	struct file *df = npa_eid_df(f->to.s);
	unsigned n;
	int rc = df ? 0 : -ENOENT;

	for (n = 1; rc == 0 && n <= PROFILE_GROUPS; n++) {
		if (f->profile->group[n].n > 0)
			rc = npa_set_file(f->to.s, df, (uint16_t)(0x0100 + n), (uint8_t)n,
					  buf_view(&f->profile->group[n]));
	}
	if (rc == 0 && f->profile->dir.n > 0)
		rc = npa_set_file(f->to.s, f->to.s->fs.mf, 0x2f00, 0x1e,
				  buf_view(&f->profile->dir));
	return rc;
}

static int
fill_groups(const struct filling *f)
{
	const bool by_profile = f->profile && f->profile->has_files;
	const char *path = card_value(f->to.cfg, "datasetfile");
	const struct card_value *v = NULL;
	int rc;

	if (by_profile && path)
		return fill_fail(f, 0, "datasetfile", "--profile has the data groups");
	rc = by_profile ? fill_profile_groups(f)
			: npa_dataset(f->to.s, path, f->to.error, f->to.size);
	while (rc == 0 && (v = card_value_next(f->to.cfg, "dg", v)) != NULL)
		rc = npa_dg_from_file(f->to.s, v->value, f->to.error, f->to.size);
	return rc;
}

static int
fill_all(const struct filling *f)
{
	static int (*const steps[])(const struct filling *f) = {
		/* the passport's MRZ is of the holder in the data groups */
		fill_passwords, fill_groups, fill_security, fill_trust, fill_terminal, fill_esign,
	};
	size_t i;
	int rc = 0;

	for (i = 0; rc == 0 && i < sizeof(steps) / sizeof(*steps); i++)
		rc = steps[i](f);
	return rc;
}

int
npa_fill(struct state *s, const struct card_config *cfg, char *error, size_t size)
{
	const char *path = card_value(cfg, "profile");
	struct profile profile;
	int rc = 0;

	snprintf(error, size, "the card could not be made");
	profile_init(&profile);
	if (path)
		rc = profile_read(&profile, path, error, size);
	if (rc == 0)
		rc = fill_all(
			&(struct filling) { { s, cfg, error, size }, path ? &profile : NULL });
	profile_free(&profile);
	return rc;
}
