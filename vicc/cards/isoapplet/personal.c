/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* An IsoApplet that has been personalised, as OpenSC's profile for it has the files. */
#include "cards/isoapplet/isoapplet.h"
#include "cards/pkcs15/personal.h"
#include "codec/tlv.h"

#define PIN_REF ISOAPPLET_PIN
#define PIN_MIN ISOAPPLET_PIN_MIN
#define PIN_MAX ISOAPPLET_PIN_MAX
#define PUK_SIZE ISOAPPLET_PUK_SIZE

/* FF, then a condition byte for each access mode from b7 on: 00 everyone, 90 the PIN, FF nobody. */
#define FREE "\xff\x00\x00\x00\x00\x00\x00\x00"
#define OWNED "\xff\x90\x90\x90\x90\x90\x90\x00"
#define KEPT "\xff\x90\xff\xff\xff\xff\x90\x00"
#define RULE_SIZE 8

static const uint8_t user_id[] = { 0xff };
static const uint8_t app_rule[RULE_SIZE] = { 0xff, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x90 };

#define APP_SIZE 5000 /* bytes; nothing comes of it */

static void
put_objects(size_t size, struct view rule, struct buf *others)
{
	tlv_put_u16(others, FCP_TOTAL, (uint16_t)size);
	tlv_put(others, FCP_RULE_PROPRIETARY, rule);
}

static void
isoapplet_objects(const struct personal *p, const struct personal_ef *ef, size_t size,
		  struct buf *others)
{
	(void)p;
	put_objects(size, view_of(ef->rule, RULE_SIZE), others);
}

static sw_t
isoapplet_place(struct state *s, struct personal *p, size_t n, struct import_key *k, uint8_t *room,
      struct personal_place *at)
{
	struct sam_key *key = sam_key_add(&s->sam, 0, (uint8_t)n, personal_kind(k));

	(void)p;
	if (!key)
		return SW_NO_MEMORY;
	isoapplet_guard(key);
	at->path = personal_path(room, 0);
	at->reference = (uint8_t)n;
	s->sam.changed = true;
	return personal_give(key, k);
}

static void
isoapplet_pins(const struct personal *p, struct buf *out)
{
	static const struct pkcs15_pin pin = {
		/* with this label OpenSC shows the token's alone, and not: token (label) */
		.object = { "PIN", PKCS15_PRIVATE | PKCS15_MODIFIABLE, .id = VIEW(user_id) },
		.flags = PKCS15_PIN_CASE_SENSITIVE | PKCS15_PIN_INITIALIZED |
			 PKCS15_PIN_NEEDS_PADDING,
		.reference = PIN_REF, .min = PIN_MIN, .max = PIN_MAX, .pad = 0x00,
	};

	(void)p;
	pkcs15_put_pin(out, &pin);
}

static const struct personal_directory directories[] = {
	{ PKCS15_AODF, { 0x4401, 256, OWNED } },
	{ PKCS15_PRKDF, { 0x4402, 512, OWNED } },
	{ PKCS15_PUKDF, { 0x4403, 512, OWNED } },
	{ PKCS15_CDF, { 0x4404, 512, OWNED } },
};

static const struct personal_layout layout = {
	.dir = { 0x2f00, 128, FREE },
	.odf = { 0x5031, 256, FREE },
	.token_info = { 0x5032, 0, FREE },
	.profile = { 0x4946, 128, OWNED },
	.public_key = { 0x3300, 0, KEPT },
	.cert = { 0x3400, 0, KEPT },
	.directories = directories,
	.n_directories = sizeof(directories) / sizeof(*directories),
	.user_id = VIEW(user_id),
	.token_flags = PKCS15_TOKEN_EID,
	.objects = isoapplet_objects,
	.place = isoapplet_place,
	.pins = isoapplet_pins,
};

static sw_t
set_pin(struct state *s, const struct personal *p)
{
	static const struct sam_code code = {
		.min = PIN_MIN, .max = PIN_MAX, .pad = SAM_PAD_00,
		.tries = ISOAPPLET_PIN_TRIES, .tries_max = ISOAPPLET_PIN_TRIES,
	};
	static const struct sam_code puk = {
		.min = PUK_SIZE, .max = PUK_SIZE,
		.tries = ISOAPPLET_PUK_TRIES, .tries_max = ISOAPPLET_PUK_TRIES,
	};

	return personal_set_pin(s, PIN_REF, &code, &p->secrets[PERSONAL_PIN], &puk,
				&p->secrets[PERSONAL_PUK]);
}

static sw_t
isoapplet_personalise(struct state *s, struct personal *p)
{
	struct buf others = BUF(32);
	struct file_spec spec = {
		.fid = PERSONAL_FID_APPLICATION, .descriptor = { 0x38 }, .descriptor_n = 1,
		.life = FILE_ACTIVATED, .sfi = FCP_SFI_IMPLIED,
	};
	struct file *app;
	sw_t sw;

	put_objects(APP_SIZE, view_of(app_rule, sizeof(app_rule)), &others);
	spec.others = buf_view(&others);
	sw = others.failed ? SW_NO_MEMORY : fs_add(&s->fs, s->fs.mf, &spec, &app);
	buf_free(&others);
	if (sw == SW_OK)
		sw = personal_lay_out(s, p, app, &layout);
	return sw == SW_OK ? set_pin(s, p) : sw;
}

/* Those that OpenSC's driver knows of this card. */
static const char *
isoapplet_fault(const struct import_key *k)
{
	static const bool known[CURVE_COUNT] = {
		[CURVE_P192] = true, [CURVE_P224] = true, [CURVE_P256] = true, [CURVE_P384] = true,
		[CURVE_BP192] = true, [CURVE_BP224] = true, [CURVE_BP256] = true,
		[CURVE_BP320] = true,
		[CURVE_K256] = true,
	};

	if (k->rsa && (rsa_size(k->rsa) == 2048 / 8 || rsa_size(k->rsa) == 4096 / 8))
		return NULL;
	if (k->ec && known[ec_curve(k->ec)])
		return NULL;
	return "RSA of 2048 or 4096 bits, P-192 to P-384, brainpoolP192r1 to P320r1, secp256k1";
}

const struct personal_type isoapplet_personal = {
	.secrets = {
		[PERSONAL_PIN] = { PIN_MIN, PIN_MAX },
		[PERSONAL_PUK] = { PUK_SIZE, PUK_SIZE },
	},
	.fault = isoapplet_fault,
	.personalise = isoapplet_personalise,
};
