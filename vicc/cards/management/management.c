/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cards/management/management.h"

#include <stdio.h>
#include <string.h>

#include "codec/tlv.h"

#define FIELD_VERSION "version"

static const uint8_t version[] = { 5, 7, 2 };

/* --- SELECT ---------------------------------------------------------------------------------- */

static struct view
version_of(const struct file *df)
{
	struct view own = props_get(&df->props, FIELD_VERSION);

	return own.n > 0 ? own : view_of(version, sizeof(version));
}

/* Clients look for three numbers with points between. */
static sw_t
management_fci(struct iso *c, const struct file *df, const struct apdu *cmd, struct buf *rsp)
{
	struct view v = version_of(df);
	char text[64];

	(void)c;
	if ((cmd->p2 & 0x0c) == 0x0c)
		return SW_OK;
	snprintf(text, sizeof(text), "vicc management - version %u.%u.%u", v.p[0], v.p[1], v.p[2]);
	buf_put(rsp, text, strlen(text));
	return SW_OK;
}

/* --- READ CONFIG ------------------------------------------------------------------ */

#define TAG_SUPPORTED 0x01
#define TAG_SERIAL 0x02
#define TAG_ENABLED 0x03
#define TAG_FORM_FACTOR 0x04
#define TAG_VERSION 0x05
#define TAG_LOCKED 0x0a

#define FORM_KEYCHAIN 0x01

/* The applications that these tools know, by name. */
static const struct {
	const char *name;
	uint16_t capability;
} known[] = {
	{ "openpgp", 0x0008 },
	{ "piv", 0x0010 },
};

static uint16_t
capabilities(const struct fs *fs)
{
	const struct file *f;
	uint16_t all = 0;
	size_t i;

	for (f = fs->mf; f; f = fs_walk(fs, f)) {
		for (i = 0; f->application && i < sizeof(known) / sizeof(*known); i++) {
			if (strcmp(f->application->name, known[i].name) == 0)
				all |= known[i].capability;
		}
	}
	return all;
}

/* A length, and then what there is; all of it on the first page. */
static sw_t
read_config(struct iso *c, const struct apdu *cmd, struct buf *rsp)
{
	struct buf all = BUF(255);
	uint16_t has = capabilities(&c->state->fs);
	const uint32_t n = iso_serial(c);
	const uint8_t serial[] = { (uint8_t)(n >> 24), (uint8_t)(n >> 16), (uint8_t)(n >> 8),
				   (uint8_t)n };

	(void)cmd;
	tlv_put_u16(&all, TAG_SUPPORTED, has);
	tlv_put(&all, TAG_SERIAL, view_of(serial, sizeof(serial)));
	tlv_put_u16(&all, TAG_ENABLED, has);
	tlv_put_u8(&all, TAG_FORM_FACTOR, FORM_KEYCHAIN);
	tlv_put(&all, TAG_VERSION, version_of(iso_df(c)));
	tlv_put_u8(&all, TAG_LOCKED, 0);
	buf_u8(rsp, (uint8_t)all.n);
	buf_put_view(rsp, buf_view(&all));
	rsp->failed = rsp->failed || all.failed;
	buf_free(&all);
	return SW_OK;
}

/* --- what it is ------------------------------------------------------------------- */

static const struct instr rows[] = {
	{ .ins = 0x1d, .fn = read_config, .name = "READ CONFIG", .flags = INSTR_NO_LC,
	  .p1_rfu = 0xff, .p2_rfu = 0xff },
	INSTR_END
};

static const struct field fields[] = {
	{ .name = FIELD_VERSION, .kind = FIELD_BYTES, .min = sizeof(version),
	  .max = sizeof(version) },
	FIELD_END
};

const struct iso_app management_app = {
	.schema = { .name = "management", .fields = fields },
	.base = &iso_bare_app,
	.rows = rows,
	.hooks = { .fci = management_fci },
	.without_le = 256, /* these tools send none */
};
