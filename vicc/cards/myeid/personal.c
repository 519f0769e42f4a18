/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A card of the MyEID family that has been personalised, as OpenSC's profile for it has
 * the files.
 */
#include "cards/myeid/myeid.h"
#include "cards/pkcs15/personal.h"
#include "codec/tlv.h"

#define PIN_REF 1
#define SO_REF 3

#define CODE_MIN 4
#define CODE_MAX 8

/* Half bytes as in the contents of a new card; 3 becomes 1 where there is no security officer. */
#define BY_OFFICER "\x03\x3f\xff"
#define BY_USER "\x01\x3f\xff"
#define USERS "\x01\x1f\xff"
#define KEY "\x11\x11\xff"
#define MF "\x11\x3f\xff"
#define APPLICATION "\x11\x1f\xff"
#define RULE_SIZE 3

#define FID_KEY 0x4b01

static const uint8_t user_id[] = { 0x01 };
static const uint8_t so_id[] = { 0xff };

static bool
has_officer(const struct personal *p)
{
	return p->secrets[PERSONAL_SO_PIN].n > 0;
}

/* What only the officer may is the user's where he is alone: else nobody could. */
static void
put_rule(const struct personal *p, const char *rule, struct buf *others)
{
	uint8_t bytes[RULE_SIZE];
	size_t i;

	for (i = 0; i < RULE_SIZE; i++) {
		bytes[i] = (uint8_t)rule[i];
		if (!has_officer(p) && bytes[i] >> 4 == SO_REF)
			bytes[i] = (uint8_t)(PIN_REF << 4 | (bytes[i] & 0x0f));
		if (!has_officer(p) && (bytes[i] & 0x0f) == SO_REF)
			bytes[i] = (uint8_t)((bytes[i] & 0xf0) | PIN_REF);
	}
	tlv_put(others, FCP_RULE_PROPRIETARY, view_of(bytes, sizeof(bytes)));
}

static void
myeid_objects(const struct personal *p, const struct personal_ef *ef, size_t size,
	      struct buf *others)
{
	(void)size;
	put_rule(p, ef->rule, others);
	tlv_put_u16(others, FCP_PROPRIETARY, 0);
}

/* A key EF of its own. */
static sw_t
myeid_place(struct state *s, struct personal *p, size_t n, struct import_key *k, uint8_t *room,
      struct personal_place *at)
{
	struct buf others = BUF(32);
	struct file_spec spec = {
		.fid = (uint16_t)(FID_KEY + n),
		.descriptor = { k->ec ? MYEID_KEY_EC : MYEID_KEY_RSA }, .descriptor_n = 1,
		.life = FILE_ACTIVATED, .sfi = FCP_SFI_IMPLIED, .has_size = true,
		.size = k->ec ? curve_bits(ec_curve(k->ec)) : rsa_size(k->rsa) * 8,
	};
	struct sam_key *key;
	struct file *ef;
	sw_t sw;

	tlv_put_u16(&others, FCP_TOTAL, (uint16_t)spec.size);
	put_rule(p, KEY, &others);
	tlv_put_u16(&others, FCP_PROPRIETARY, 0);
	spec.others = buf_view(&others);
	sw = others.failed ? SW_NO_MEMORY :
			     fs_add(&s->fs, fs_child(s->fs.mf, MYEID_FID_APPLICATION), &spec, &ef);
	buf_free(&others);
	if (sw != SW_OK)
		return sw;
	at->path = personal_path(room, spec.fid);
	at->reference = (uint8_t)spec.fid;
	key = sam_key_add(&s->sam, ef->uid, 0, personal_kind(k));
	s->sam.changed = true;
	return key ? personal_give(key, k) : SW_NO_MEMORY;
}

static void
myeid_pins(const struct personal *p, struct buf *out)
{
	static const struct pkcs15_pin user = {
		/* with this label OpenSC shows the token's alone, and not: token (label) */
		.object = { "PIN", PKCS15_PRIVATE | PKCS15_MODIFIABLE, .id = VIEW(user_id) },
		.flags = PKCS15_PIN_INITIALIZED | PKCS15_PIN_NEEDS_PADDING,
		.reference = PIN_REF, .min = CODE_MIN, .max = CODE_MAX, .pad = 0xff,
	};
	static const struct pkcs15_pin so = {
		.object = { "Security Officer PIN", PKCS15_PRIVATE | PKCS15_MODIFIABLE,
			    .id = VIEW(so_id) },
		.flags = PKCS15_PIN_INITIALIZED | PKCS15_PIN_NEEDS_PADDING | PKCS15_PIN_SO,
		.reference = SO_REF, .min = CODE_MIN, .max = CODE_MAX, .pad = 0xff,
	};

	if (has_officer(p))
		pkcs15_put_pin(out, &so);
	pkcs15_put_pin(out, &user);
}

static const struct personal_directory directories[] = {
	{ PKCS15_PRKDF, { 0x4402, 1530, BY_USER } },
	{ PKCS15_PUKDF, { 0x4404, 1530, BY_USER } },
	{ PKCS15_SKDF, { 0x4407, 1530, BY_USER } },
	{ PKCS15_CDF, { 0x4403, 1530, BY_USER } },
	{ PKCS15_CDF_TRUSTED, { 0x4405, 510, BY_USER } },
	{ PKCS15_DODF, { 0x4406, 1530, BY_USER } },
	{ PKCS15_AODF, { 0x4401, 255, BY_OFFICER } },
};

/* What the driver wants to read of symmetric ones: AES with 128 and 256 bits, as ECB and CBC. */
#define AES(ref, ckm, last) \
	{ .reference = (ref), .mechanism = (ckm), \
	  .operations = PKCS15_OP_ENCIPHER | PKCS15_OP_DECIPHER, \
	  .oid = { .p = (const uint8_t[]) { 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x01, (last) }, \
		   .n = 9 } }
#define CKM_AES_ECB 0x1081
#define CKM_AES_CBC 0x1082

static const struct pkcs15_algorithm algorithms[] = {
	AES(1, CKM_AES_ECB, 1), AES(2, CKM_AES_CBC, 2), AES(3, CKM_AES_ECB, 41),
	AES(4, CKM_AES_CBC, 42),
};

static const struct personal_layout layout = {
	.dir = { 0x2f00, 128, BY_OFFICER },
	.odf = { 0x5031, 255, BY_USER },
	.token_info = { 0x5032, 160, BY_OFFICER },
	.profile = { 0x4946, 128, BY_OFFICER },
	.public_key = { 0x5501, 0, USERS },
	.cert = { 0x4301, 0, USERS },
	.directories = directories,
	.n_directories = sizeof(directories) / sizeof(*directories),
	.user_id = VIEW(user_id),
	.token_flags = PKCS15_TOKEN_RANDOM | PKCS15_TOKEN_EID,
	.algorithms = algorithms,
	.n_algorithms = sizeof(algorithms) / sizeof(*algorithms),
	.agrees = true,
	.objects = myeid_objects,
	.place = myeid_place,
	.pins = myeid_pins,
};

static sw_t
set_pins(struct state *s, const struct personal *p)
{
	static const struct sam_code code = {
		.min = CODE_MIN, .max = CODE_MAX, .pad = SAM_PAD_FF, .tries = 3, .tries_max = 3,
	};
	static const struct sam_code puk = {
		.min = CODE_MIN, .max = CODE_MAX, .pad = SAM_PAD_FF, .tries = 10, .tries_max = 10,
	};
	sw_t sw = personal_set_pin(s, PIN_REF, &code, &p->secrets[PERSONAL_PIN], &puk,
				   &p->secrets[PERSONAL_PUK]);

	if (sw == SW_OK && has_officer(p))
		sw = personal_set_pin(s, SO_REF, &code, &p->secrets[PERSONAL_SO_PIN], &puk,
				      &p->secrets[PERSONAL_SO_PUK]);
	return sw;
}

/* Its MF and its application again, with rules that are in force. */
static sw_t
make_dfs(struct state *s, const struct personal *p, struct file **app)
{
	struct buf mf_objects = BUF(32), app_objects = BUF(32);
	struct file_spec spec = {
		.fid = FILE_FID_MF, .descriptor = { 0x38 }, .descriptor_n = 1,
		.life = FILE_ACTIVATED,
		.sfi = FCP_SFI_IMPLIED,
	};
	sw_t sw = SW_NO_MEMORY;

	put_rule(p, MF, &mf_objects);
	tlv_put(&app_objects, FCP_NAME, personal_aid);
	put_rule(p, APPLICATION, &app_objects);
	spec.others = buf_view(&mf_objects);
	if (!mf_objects.failed && !app_objects.failed)
		sw = fs_format(&s->fs, &spec);
	spec.fid = MYEID_FID_APPLICATION;
	spec.others = buf_view(&app_objects);
	if (sw == SW_OK)
		sw = fs_add(&s->fs, s->fs.mf, &spec, app);
	buf_free(&mf_objects);
	buf_free(&app_objects);
	return sw;
}

static sw_t
myeid_personalise(struct state *s, struct personal *p)
{
	struct file *app;
	sw_t sw = make_dfs(s, p, &app);

	if (sw == SW_OK)
		sw = personal_lay_out(s, p, app, &layout);
	return sw == SW_OK ? set_pins(s, p) : sw;
}

/* Those that OpenSC's driver knows of this card. */
static const char *
myeid_fault(const struct import_key *k)
{
	static const uint16_t sizes[] = { 512, 768, 1024, 1536, 2048, 3072, 4096 };
	static const bool known[CURVE_COUNT] = {
		[CURVE_P192] = true, [CURVE_P256] = true, [CURVE_P384] = true, [CURVE_P521] = true,
	};
	size_t i;

	for (i = 0; k->rsa && i < sizeof(sizes) / sizeof(*sizes); i++) {
		if (rsa_size(k->rsa) * 8 == sizes[i])
			return NULL;
	}
	if (k->ec && known[ec_curve(k->ec)])
		return NULL;
	return "RSA of 512, 768, 1024, 1536, 2048, 3072 or 4096 bits, P-192, P-256, P-384, P-521";
}

const struct personal_type myeid_personal = {
	.secrets = {
		[PERSONAL_PIN] = { CODE_MIN, CODE_MAX },
		[PERSONAL_PUK] = { CODE_MIN, CODE_MAX },
		[PERSONAL_SO_PIN] = { CODE_MIN, CODE_MAX },
		[PERSONAL_SO_PUK] = { CODE_MIN, CODE_MAX },
	},
	.fault = myeid_fault,
	.personalise = myeid_personalise,
};
