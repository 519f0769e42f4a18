/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Data groups 1 to 21 of a person (TR-03110-4, 2; TR-03127): from a file of lines, or single ones. */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/hex.h"
#include "base/slurp.h"
#include "base/text.h"
#include "cards/npa/npa.h"
#include "codec/cvc.h"
#include "codec/tlv.h"

#define FILE_MAX 262144
#define VALUE_MAX 65536

#define OCTETS 0x04
#define UTF8 0x0c
#define NUMERIC 0x12
#define PRINTABLE 0x13

enum rule {
	RULE_TEXT,
	RULE_DATE,    /* YYYYMMDD */
	RULE_PARTIAL, /* the same, or YYYYMM, or YYYY */
	RULE_HEX,
	RULE_RAW,    /* bytes as they are, "hex:..", "file:.." */
	RULE_ABSENT, /* only <NotOnChip> */
};

#define NOT_ON_CHIP "<NotOnChip>"

/* A name, the group that it goes to, and as what; those of one group stand together. */
static const struct row {
	const char *name;
	uint8_t group, type;
	uint32_t around; /* a constructed object within the group; 0: none */
	enum rule rule;
	const char *sample; /* of a person who does not exist */
} rows[] = {
	{ "DocumentType", 1, PRINTABLE, 0, RULE_TEXT, "ID" },
	{ "IssuingState", 2, PRINTABLE, 0, RULE_TEXT, "D" },
	{ "DateOfExpiry", 3, NUMERIC, 0, RULE_DATE, "20361031" },
	{ "GivenNames", 4, UTF8, 0, RULE_TEXT, "Erika" },
	{ "FamilyNames", 5, UTF8, 0, RULE_TEXT, "Mustermann" },
	{ "ReligiousArtisticName", 6, UTF8, 0, RULE_TEXT, "" },
	{ "AcademicTitle", 7, UTF8, 0, RULE_TEXT, "Dr." },
	{ "DateOfBirth", 8, NUMERIC, 0, RULE_PARTIAL, "19640812" },
	{ "PlaceOfBirth", 9, UTF8, 0xa1, RULE_TEXT, "Berlin" },
	{ "Nationality", 10, PRINTABLE, 0, RULE_TEXT, "D" },
	{ "Sex", 11, PRINTABLE, 0, RULE_TEXT, "F" },
	{ "dg12", 12, 0, 0, RULE_RAW, NOT_ON_CHIP },
	{ "BirthName", 13, UTF8, 0, RULE_TEXT, "Gabler" },
	{ "dg14", 14, 0, 0, RULE_RAW, NOT_ON_CHIP },
	{ "dg15", 15, 0, 0, RULE_RAW, NOT_ON_CHIP },
	{ "dg16", 16, 0, 0, RULE_RAW, NOT_ON_CHIP },
	{ "PlaceOfResidence", 17, 0, 0, RULE_ABSENT, "" },
	{ "Street", 17, UTF8, 0xaa, RULE_TEXT, "Heidestra\xc3\x9f" "e 17" },
	{ "City", 17, UTF8, 0xab, RULE_TEXT, "K\xc3\xb6ln" },
	{ "Country", 17, PRINTABLE, 0xad, RULE_TEXT, "D" },
	{ "ZIP", 17, PRINTABLE, 0xae, RULE_TEXT, "51147" },
	{ "CommunityID", 18, OCTETS, 0, RULE_HEX, "0276050315000000" },
	{ "ResidencePermit1", 19, UTF8, 0xa1, RULE_TEXT, "Residence permit 1" },
	{ "ResidencePermit2", 20, UTF8, 0xa1, RULE_TEXT, "Residence permit 2" },
	{ "dg21", 21, 0, 0, RULE_RAW, NOT_ON_CHIP },
};

#define ROWS (sizeof(rows) / sizeof(*rows))

/* Where a value stands, for messages. */
struct place {
	const char *path; /* NULL: the sample */
	size_t line;
};

struct dataset {
	const char *values[ROWS];
	struct place at[ROWS];
	struct {
		const char *value;
		struct place at;
	} whole[NPA_DATA_GROUPS + 1]; /* dgN=..., which goes before them */
	char *error;
	size_t size;
};

static int
dataset_fail(const struct dataset *d, const struct place *at, const char *what, const char *name)
{
	snprintf(d->error, d->size, "%s:%zu: %s%s%s", at->path ? at->path : "sample", at->line,
		 name, *name ? ": " : "", what);
	return -EINVAL;
}

/* --- lines ---------------------------------------------------------------------------------- */

static char *
npa_trimmed(char *text)
{
	char *end;

	text += strspn(text, " \t");
	end = text + strlen(text);
	while (end > text && strchr(" \t\r", end[-1]))
		*--end = '\0';
	return text;
}

/* "dgN" for any N. 0: it is not that. */
static unsigned
group_named(const char *name)
{
	char *end;
	unsigned long n;

	if (strncasecmp(name, "dg", 2) != 0 || name[2] < '1' || name[2] > '9')
		return 0;
	n = strtoul(name + 2, &end, 10);
	return *end || n > NPA_DATA_GROUPS ? 0 : (unsigned)n;
}

static int
take_pair(struct dataset *d, const char *name, const char *value, const struct place *at)
{
	const unsigned group = group_named(name);
	size_t i = 0;

	while (i < ROWS && strcmp(rows[i].name, name) != 0)
		i++;
	if (i < ROWS) {
		d->values[i] = value;
		d->at[i] = *at;
		d->whole[rows[i].group].value =
			rows[i].rule == RULE_RAW ? value : d->whole[rows[i].group].value;
		d->whole[rows[i].group].at = *at;
		return 0;
	}
	if (group == 0)
		return dataset_fail(d, at, "there is no such name", name);
	d->whole[group].value = value;
	d->whole[group].at = *at;
	return 0;
}

static int
take_line(struct dataset *d, char *line, const struct place *at)
{
	char *text = npa_trimmed(line), *equals;

	if (!text_is_plain(text))
		return dataset_fail(d, at, "not UTF-8, or a control character", "");
	equals = strchr(text, '=');
	if (*text == '\0' || *text == '#')
		return 0;
	if (!equals)
		return dataset_fail(d, at, "not NAME=VALUE", "");
	*equals = '\0';
	return take_pair(d, npa_trimmed(text), npa_trimmed(equals + 1), at);
}

/* The line in which there is a NUL. 0: there is none. */
static size_t
line_with_nul(struct view text)
{
	const uint8_t *nul = memchr(text.p, 0, text.n), *p;
	size_t line = 1;

	for (p = text.p; nul && p < nul; p++)
		line += *p == '\n';
	return nul ? line : 0;
}

/* text: ended by a NUL, which is not of the file. */
static int
take_lines(struct dataset *d, const struct buf *text, const char *path)
{
	struct place at = { path, line_with_nul(view_slice(buf_view(text), 0, text->n - 1)) };
	char *line = (char *)text->p, *next;
	int rc = at.line > 0 ? dataset_fail(d, &at, "a NUL", "") : 0;

	for (; rc == 0 && line; line = next) {
		next = strchr(line, '\n');
		if (next)
			*next++ = '\0';
		at.line++;
		rc = take_line(d, line, &at);
	}
	return rc;
}

/* --- values ----------------------------------------------------------------------------------- */

static bool
date_fits(const char *text, bool partial)
{
	const size_t n = strlen(text);
	char full[9] = "00000101";

	if (strspn(text, "0123456789") != n || (n != 8 && !(partial && (n == 6 || n == 4))))
		return false;
	memcpy(full, text, n);
	return date_valid((uint32_t)strtoul(full, NULL, 10));
}

/* NULL: it may be this row's. */
static const char *
value_fault(const struct row *r, const char *value)
{
	switch (r->rule) {
	case RULE_DATE:
		return date_fits(value, false) ? NULL : "not a date YYYYMMDD";
	case RULE_PARTIAL:
		return date_fits(value, true) ? NULL : "not a date YYYYMMDD, YYYYMM or YYYY";
	case RULE_ABSENT:
		return *value ? "can only be " NOT_ON_CHIP : NULL;
	default:
		return NULL;
	}
}

static int
put_value(const struct dataset *d, size_t i, struct buf *out)
{
	const struct row *r = &rows[i];
	const char *value = d->values[i], *fault = value_fault(r, value);
	size_t around, mark;

	if (fault)
		return dataset_fail(d, &d->at[i], fault, r->name);
	if (r->rule == RULE_ABSENT)
		return 0;
	around = r->around ? tlv_open(out, r->around) : 0;
	mark = tlv_open(out, r->type);
	if (r->rule != RULE_HEX)
		buf_put(out, value, strlen(value));
	else if (!hex_read(out, value))
		return dataset_fail(d, &d->at[i], "not hex digits in pairs", r->name);
	tlv_close(out, mark);
	if (r->around)
		tlv_close(out, around);
	return 0;
}

/* "hex:..", "file:..", or what it says. */
static int
put_raw(const struct dataset *d, const struct place *at, const char *value, struct buf *out)
{
	if (strncmp(value, "hex:", 4) == 0)
		return hex_read(out, value + 4)
			       ? 0
			       : dataset_fail(d, at, "not hex digits in pairs", "");
	if (strncmp(value, "file:", 5) == 0) {
		int rc = slurp(value + 5, out);

		return rc < 0 ? dataset_fail(d, at, strerror(-rc), value + 5) : 0;
	}
	buf_put(out, value, strlen(value));
	return 0;
}

/* The whole data object of a group, unless these are it already. */
static void
wrap_group(unsigned n, struct view v, struct buf *out)
{
	struct view in = v;
	struct tlv t;

	if (tlv_next(&in, &t) && in.n == 0 && t.tag == 0x60u + n)
		buf_put_view(out, v);
	else
		tlv_put(out, 0x60u + n, v);
}

static int
set_group(struct state *s, unsigned n, struct view v)
{
	struct file *df = npa_eid_df(s);
	struct buf whole = BUF(VALUE_MAX);
	int rc = -ENOENT;

	wrap_group(n, v, &whole);
	if (df)
		rc = whole.failed ? -ENOMEM
				  : npa_set_file(s, df, (uint16_t)(0x0100 + n), (uint8_t)n,
						 buf_view(&whole));
	buf_free(&whole);
	return rc;
}

/* What a group is made of. 1: it is not on the chip. */
static int
put_group(const struct dataset *d, unsigned n, struct buf *out)
{
	size_t i, mark = 0;
	int rc = 0;

	if (d->whole[n].value && strcmp(d->whole[n].value, NOT_ON_CHIP) == 0)
		return 1;
	if (d->whole[n].value)
		return put_raw(d, &d->whole[n].at, d->whole[n].value, out);
	if (n == 17)
		mark = tlv_open(out, 0x30);
	for (i = 0; rc == 0 && i < ROWS; i++) {
		if (rows[i].group != n)
			continue;
		if (strcmp(d->values[i], NOT_ON_CHIP) != 0)
			rc = put_value(d, i, out);
		else if (n != 17 || rows[i].rule == RULE_ABSENT)
			return 1;
	}
	if (n == 17)
		tlv_close(out, mark);
	return rc;
}

static int
put_groups(struct state *s, const struct dataset *d)
{
	struct buf v = BUF(VALUE_MAX);
	unsigned n;
	int rc = 0;

	for (n = 1; rc == 0 && n <= NPA_DATA_GROUPS; n++) {
		buf_reset(&v);
		rc = put_group(d, n, &v);
		if (rc == 0 && v.failed)
			rc = dataset_fail(d, &d->whole[n].at, "too long", "");
		if (rc == 0)
			rc = set_group(s, n, buf_view(&v));
		else if (rc == 1) /* a new card has none */
			rc = 0;
	}
	buf_free(&v);
	return rc;
}

int
npa_dataset(struct state *s, const char *path, char *error, size_t size)
{
	struct dataset d = { .error = error, .size = size };
	struct buf text = BUF(FILE_MAX);
	size_t i;
	int rc = 0;

	for (i = 0; i < ROWS; i++) {
		d.values[i] = rows[i].sample;
		if (rows[i].rule == RULE_RAW)
			d.whole[rows[i].group].value = rows[i].sample;
	}
	if (path) {
		rc = slurp(path, &text);
		buf_u8(&text, 0);
		if (rc < 0 || text.failed)
			snprintf(error, size, "%s: %s", path, strerror(rc < 0 ? -rc : EFBIG));
	}
	if (rc == 0 && path)
		rc = take_lines(&d, &text, path);
	if (rc == 0)
		rc = put_groups(s, &d);
	buf_free(&text);
	return rc;
}

/* --- single ones ----------------------------------------------------------------------------------- */

const char *
npa_dg_fault(const char *text, unsigned *n)
{
	char *end;
	unsigned long number = strtoul(text, &end, 10);

	*n = (unsigned)number;
	return end == text || *end != '=' || number < 1 || number > NPA_DATA_GROUPS
		       ? "N=FILE, N of 1 to 21"
		       : NULL;
}

int
npa_dg_from_file(struct state *s, const char *text, char *error, size_t size)
{
	const char *path = strchr(text, '=') + 1;
	struct buf v = BUF(VALUE_MAX);
	unsigned n;
	int rc;

	npa_dg_fault(text, &n);
	rc = slurp(path, &v);
	if (rc == 0)
		rc = set_group(s, n, buf_view(&v));
	if (rc < 0)
		snprintf(error, size, "--dg %u: %s: %s", n, path, strerror(-rc));
	buf_free(&v);
	return rc;
}
