/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cards/isoapplet/isoapplet.h"

#include "cards/contents.h"
#include "iso/auth.h"
#include "iso/key.h"
#include "codec/tlv.h"
#include "model/acl.h"

#define PIN_REF ISOAPPLET_PIN
#define PIN_MIN ISOAPPLET_PIN_MIN
#define PIN_MAX ISOAPPLET_PIN_MAX
#define PUK_REF 2
#define PUK_SIZE ISOAPPLET_PUK_SIZE
#define KEYS 16
#define FID_PKCS15 0x5015 /* the DF that pkcs15-init makes, and that counts as the application's */

#define NOT_ALLOWED SW_NO_CURRENT_EF /* 6986, which the applet calls: command not allowed */

/* What it can do, as its version answers say. */
#define FEATURES_0 0x07 /* extended APDUs, random numbers, elliptic curves */
#define FEATURES_1 0x2f /* and PSS, RSA of 4096 bits */

/* Its algorithm bytes (DO 80). */
#define ALG_RSA_PKCS1 0x11
#define ALG_RSA_PSS 0x12
#define ALG_ECDSA 0x21
#define ALG_MAKE_RSA_2048 0xf3
#define ALG_MAKE_RSA_4096 0xf5
#define ALG_MAKE_EC 0xec

#define DO_PRIVATE_EC 0xe0u

/*
 * T=0 and T=1; compact TLV: selection by full name, path and FID, short EF
 * identifiers, no records; a data unit is a byte; chaining, extended length.
 */
static const uint8_t atr[] = {
	0x3b, 0x85, 0x80, 0x01, 0x80, 0x73, 0xb4, 0x01, 0xc0, 0x82,
};

static const uint8_t aid[] = {
	0xf2, 0x76, 0xa2, 0x88, 0xbc, 0xfb, 0xa6, 0x9d, 0x34, 0xf3, 0x10, 0x01,
};

/* --- who may ------------------------------------------------------------------------ */

static bool
pin_is_set(const struct iso *c)
{
	const struct sam_pin *pin = sam_pin_find(&c->state->sam, 0, PIN_REF);

	return pin && pin->life != SAM_UNSET;
}

/* Without a PIN the card is still being made; keys are made by who knows it. */
static sw_t
isoapplet_check_access(const struct access *who, const struct file *f, enum acl_op op)
{
	if (!pin_is_set(who->card))
		return SW_OK;
	if (op == ACL_KEY_GENERATE || op == ACL_KEY_IMPORT)
		return acl_user(who, PIN_REF) ? SW_OK : SW_SECURITY_STATUS;
	return iso_check_access(who, f, op);
}

/* --- the application ------------------------------------------------------------------ */

/* The applet knows neither secure messaging nor other channels. */
static sw_t
isoapplet_classify(struct iso *c, struct apdu *cmd)
{
	sw_t sw = iso_classify(c, cmd);

	return !sw && cmd->sm != APDU_SM_NONE ? SW_SM_NOT_SUPPORTED : sw;
}

/* The application: its DF once there is one, nothing proven, and what version it is. */
static sw_t
enter_application(struct iso *c, const struct apdu *cmd, struct buf *rsp)
{
	static const uint8_t version[] = { 0x00, 0x06, FEATURES_0 };
	struct file *df = fs_child(c->state->fs.mf, FID_PKCS15);

	fs_enter(&c->x.ch->at, df && file_is_df(df) ? df : c->state->fs.mf);
	c->global = (struct auth) { 0 };
	iso_hooks(c)->app_selected(c, iso_df(c));
	isoapplet_of(c)->version_1 = false;
	/* 7816-4, 11.2.2: P2 0C, no answer */
	if ((cmd->p2 & 0x0c) != 0x0c)
		buf_put(rsp, version, sizeof(version));
	return SW_OK;
}

static sw_t
isoapplet_select(struct iso *c, const struct apdu *cmd, struct buf *rsp)
{
	/* the first of a name only, and no FMD */
	if (cmd->p2 & 0x03 || (cmd->p2 & 0x0c) == 0x08)
		return SW_WRONG_P1P2;
	if (cmd->p1 == FS_BY_NAME && view_equal(cmd->data, view_of(aid, sizeof(aid))))
		return enter_application(c, cmd, rsp);
	return iso_select(c, cmd, rsp);
}

static sw_t
isoapplet_get_data(struct iso *c, const struct apdu *cmd, struct buf *rsp)
{
	static const uint8_t version[] = { 0x01, 0x00, FEATURES_1 };

	if (apdu_p1p2(cmd) != 0x0101)
		return SW_WRONG_P1P2;
	isoapplet_of(c)->version_1 = true;
	buf_put(rsp, version, sizeof(version));
	return SW_OK;
}

/* --- PIN and PUK ------------------------------------------------------------------------ */

/* A blocked one is told as no tries left, whatever is asked of it. */
static sw_t
told(sw_t sw)
{
	return sw == SW_BLOCKED ? SW_TRIES : sw;
}

/* Nothing to be proven as long as there is no PIN. */
static sw_t
isoapplet_verify(struct iso *c, const struct apdu *cmd, struct buf *rsp)
{
	if (cmd->p1 != 0 || cmd->p2 != PIN_REF)
		return SW_WRONG_P1P2;
	if (cmd->data.n > 0 && (cmd->data.n < PIN_MIN || cmd->data.n > PIN_MAX))
		return SW_WRONG_LENGTH;
	if (cmd->data.n == 0 && !pin_is_set(c))
		return SW_OK;
	return told(iso_verify(c, cmd, rsp));
}

/* The PUK comes first, or never. */
static sw_t
set_puk(struct iso *c, struct view puk)
{
	struct sam_pin *pin = sam_pin_find(&c->state->sam, 0, PIN_REF);

	if (!pin)
		return SW_REFERENCE_NOT_FOUND;
	if (pin->puk.value.n > 0)
		return SW_WRONG_P1P2;
	if (!sam_code_set(&pin->puk, puk))
		return SW_WRONG_LENGTH;
	c->state->sam.changed = true;
	return SW_OK;
}

/* P1 01: what is not there is set, PUK and PIN; the PIN ends the making of the card. */
static sw_t
set_code(struct iso *c, const struct apdu *cmd, struct buf *rsp)
{
	if (pin_is_set(c))
		return SW_WRONG_P1P2;
	if (cmd->p2 == PUK_REF)
		return set_puk(c, cmd->data);
	if (cmd->data.n < PIN_MIN || cmd->data.n > PIN_MAX)
		return SW_WRONG_LENGTH;
	return iso_change_reference_data(c, cmd, rsp);
}

/* P1 00: the old PIN and the new one, each filled up, or else nobody knows where one ends. */
static sw_t
isoapplet_change_reference_data(struct iso *c, const struct apdu *cmd, struct buf *rsp)
{
	if (cmd->p1 == 1 && (cmd->p2 == PIN_REF || cmd->p2 == PUK_REF))
		return set_code(c, cmd, rsp);
	if (cmd->p1 != 0 || cmd->p2 != PIN_REF || !pin_is_set(c))
		return SW_WRONG_P1P2;
	if (cmd->data.n != (size_t)2 * PIN_MAX)
		return SW_WRONG_LENGTH;
	return told(iso_change_reference_data(c, cmd, rsp));
}

/* The PUK and a new PIN. A card that was made without a PUK has no tries for one. */
static sw_t
isoapplet_reset_retry_counter(struct iso *c, const struct apdu *cmd, struct buf *rsp)
{
	const struct sam_pin *pin = sam_pin_find(&c->state->sam, 0, PIN_REF);

	if (!pin_is_set(c))
		return NOT_ALLOWED;
	if (cmd->data.n < PUK_SIZE + PIN_MIN || cmd->data.n > PUK_SIZE + PIN_MAX)
		return SW_WRONG_LENGTH;
	if (cmd->p1 != 0 || cmd->p2 != PIN_REF)
		return SW_WRONG_P1P2;
	return pin->puk.value.n > 0 ? told(iso_reset_retry_counter(c, cmd, rsp)) : SW_TRIES;
}

/* --- keys --------------------------------------------------------------------------------- */

/* SET for what is made with a private key, and nothing else: no other use, nothing is stored. */
static sw_t
isoapplet_manage_security_environment(struct iso *c, const struct apdu *cmd, struct buf *rsp)
{
	if (cmd->p1 != 0x41 || (cmd->p2 != 0x00 && cmd->p2 != 0xb6 && cmd->p2 != 0xb8))
		return SW_FUNCTION_NOT_SUPPORTED;
	return iso_manage_security_environment(c, cmd, rsp);
}

/* What MANAGE SECURITY ENVIRONMENT named: algorithm byte and key, 0 to 15. */
static sw_t
named_key(const struct iso *c, enum se_crt crt, uint8_t *alg, struct key_ref *at)
{
	struct view v;

	if (!se_get(&c->x.ch->se, crt, SE_MAKE, SE_DO_ALGORITHM, &v) || !view_u8(&v, alg))
		return SW_CONDITIONS;
	if (!se_get(&c->x.ch->se, crt, SE_MAKE, SE_DO_PRIVATE_KEY, &v))
		return SW_CONDITIONS;
	*at = (struct key_ref) { 0 };
	return view_u8(&v, &at->ref) && at->ref < KEYS ? SW_OK : SW_REFERENCE_NOT_FOUND;
}

void
isoapplet_guard(struct sam_key *k)
{
	k->use = k->manage = (struct sam_rule) {
		.grant = SAM_ALL, .global.user = UINT32_C(1) << PIN_REF,
	};
}

static void
guard(struct iso *c, struct sam_key *k)
{
	isoapplet_guard(k);
	c->state->sam.changed = true;
}

/* As DO 81 the generation takes the bits of a modulus. */
static sw_t
generate_rsa(struct iso *c, const struct key_ref *at, uint16_t bits, struct sam_key **k)
{
	struct buf objects = BUF(8);
	sw_t sw;

	tlv_put_u16(&objects, KEY_RSA_N, bits);
	sw = objects.failed ? SW_NO_MEMORY : iso_generate(c, at, SAM_RSA, buf_view(&objects), k);
	buf_free(&objects);
	return sw;
}

static sw_t
isoapplet_generate(struct iso *c, const struct apdu *cmd, struct buf *rsp)
{
	struct key_ref at;
	struct sam_key *k;
	uint8_t alg;
	sw_t sw = named_key(c, SE_ANY, &alg, &at);

	if (sw == SW_OK)
		sw = iso_may_make_key(c, &at, ACL_KEY_GENERATE);
	if (sw == SW_OK && apdu_p1p2(cmd) != (alg == ALG_MAKE_EC ? 0x0000 : 0x4200))
		sw = SW_WRONG_P1P2;
	if (sw != SW_OK)
		return sw;
	if (alg == ALG_MAKE_RSA_2048 || alg == ALG_MAKE_RSA_4096)
		sw = generate_rsa(c, &at, alg == ALG_MAKE_RSA_2048 ? 2048 : 4096, &k);
	else if (alg == ALG_MAKE_EC && tlv_valid(cmd->data) && cmd->data.n > 0)
		sw = iso_generate(c, &at, SAM_EC, cmd->data, &k);
	else
		sw = alg == ALG_MAKE_EC ? SW_WRONG_DATA : SW_FUNCTION_NOT_SUPPORTED;
	if (sw != SW_OK)
		return sw;
	guard(c, k);
	return iso_put_public(c, k, rsp);
}

/* RSA in 7F48 with the base's tags, EC in E0 with the curve's parameters and 88. */
static sw_t
isoapplet_put_data_odd(struct iso *c, const struct apdu *cmd, struct buf *rsp)
{
	struct key_ref at;
	struct view objects;
	struct sam_key *k;
	bool ec = tlv_find(cmd->data, DO_PRIVATE_EC, &objects);
	uint8_t alg;
	sw_t sw;

	(void)rsp;
	if (apdu_p1p2(cmd) != 0x3fff)
		return SW_WRONG_P1P2;
	if (!ec && !tlv_find(cmd->data, 0x7f48, &objects))
		return SW_WRONG_DATA;
	sw = named_key(c, SE_ANY, &alg, &at);
	if (sw == SW_OK)
		sw = iso_may_make_key(c, &at, ACL_KEY_IMPORT);
	if (sw == SW_OK)
		sw = iso_keep_key(c, &at, ec ? SAM_EC : SAM_RSA, objects, &k);
	if (sw == SW_OK)
		guard(c, k);
	return sw;
}

/* The key that is named, and may be used for this. */
static sw_t
choose(struct iso *c, enum se_crt crt, unsigned purpose, uint8_t *alg, struct sam_key **k)
{
	struct key_ref at;
	sw_t sw = named_key(c, crt, alg, &at);

	if (sw != SW_OK)
		return sw;
	*k = sam_key_find(&c->state->sam, at.owner, at.ref);
	return *k ? iso_may_use(c, *k, purpose) : SW_REFERENCE_NOT_FOUND;
}

/* Version 0 signs messages with ECDSA, version 1 hashes. */
static sw_t
sign_ec(struct iso *c, struct sam_key *k, struct view in, struct buf *rsp)
{
	static const struct algorithm ecdsa = { .what = ALGORITHM_ECDSA_DER, .kind = SAM_EC };
	struct buf hash = BUF(DIGEST_MAX);
	int rc = 0;

	if (!isoapplet_of(c)->version_1) {
		rc = digest_once(DIGEST_SHA1, in, &hash);
		in = buf_view(&hash);
	}
	if (rc == 0)
		rc = key_sign(k, &ecdsa, NULL, in, rsp);
	buf_free(&hash);
	return iso_crypto_sw(c, rc);
}

static sw_t
isoapplet_sign(struct iso *c, struct view in, struct buf *rsp)
{
	static const struct algorithm pkcs1 = { .what = ALGORITHM_RSA_PKCS1, .kind = SAM_RSA };
	static const struct algorithm pss = { .what = ALGORITHM_RSA_PSS, .kind = SAM_RSA };
	struct sam_key *k;
	enum digest d;
	uint8_t alg;
	sw_t sw = choose(c, SE_DST, SAM_USE_SIGN, &alg, &k);

	if (sw != SW_OK)
		return sw;
	switch (alg) {
	case ALG_RSA_PKCS1:
		return iso_crypto_sw(c, key_sign(k, &pkcs1, NULL, in, rsp));
	case ALG_RSA_PSS:
		if (!algorithm_digest_of(in.n, &d))
			return SW_WRONG_DATA;
		return iso_crypto_sw(c, key_sign(k, &pss, &d, in, rsp));
	case ALG_ECDSA:
		return sign_ec(c, k, in, rsp);
	default:
		return SW_FUNCTION_NOT_SUPPORTED;
	}
}

static sw_t
isoapplet_decipher(struct iso *c, struct view in, struct buf *rsp)
{
	static const struct algorithm pkcs1 = { .what = ALGORITHM_RSA_PKCS1, .kind = SAM_RSA };
	struct sam_key *k;
	uint8_t alg, indicator;
	sw_t sw = choose(c, SE_CT, SAM_USE_DECIPHER, &alg, &k);

	if (sw != SW_OK)
		return sw;
	if (alg != ALG_RSA_PKCS1)
		return SW_FUNCTION_NOT_SUPPORTED;
	if (!view_u8(&in, &indicator) || indicator != 0)
		return SW_WRONG_DATA;
	return iso_crypto_sw(c, key_decipher(k, &pkcs1, NULL, view_of(NULL, 0), in, rsp));
}

static sw_t
isoapplet_perform_security_operation(struct iso *c, const struct apdu *cmd, struct buf *rsp)
{
	switch (apdu_p1p2(cmd)) {
	case 0x9e9a:
		return isoapplet_sign(c, cmd->data, rsp);
	case 0x8086:
		return isoapplet_decipher(c, cmd->data, rsp);
	default:
		return SW_WRONG_P1P2;
	}
}

/* --- the type -------------------------------------------------------------------------------- */

/* The applet's fourteen, and no others; GET RESPONSE is the base's. */
static const struct instr rows[] = {
	{ .ins = 0x20, .fn = isoapplet_verify, .name = "VERIFY", .flags = INSTR_SECRET },
	{ .ins = 0x22, .fn = isoapplet_manage_security_environment,
	  .name = "MANAGE SECURITY ENVIRONMENT", .flags = INSTR_LC },
	{ .ins = 0x24, .fn = isoapplet_change_reference_data, .name = "CHANGE REFERENCE DATA",
	  .flags = INSTR_LC | INSTR_SECRET },
	{ .ins = 0x2a, .fn = isoapplet_perform_security_operation,
	  .name = "PERFORM SECURITY OPERATION",
	  .flags = INSTR_LC | INSTR_SECRET },
	{ .ins = 0x2c, .fn = isoapplet_reset_retry_counter, .name = "RESET RETRY COUNTER",
	  .flags = INSTR_SECRET },
	{ .ins = 0x46, .fn = isoapplet_generate, .name = "GENERATE ASYMMETRIC KEY PAIR",
	  .flags = INSTR_LE },
	{ .ins = 0x84, .fn = iso_get_challenge, .name = "GET CHALLENGE",
	  .flags = INSTR_NO_LC | INSTR_LE, .p1_rfu = 0xff, .p2_rfu = 0xff },
	/* the older driver sends no Le and reads the answer all the same */
	{ .ins = 0xa4, .fn = isoapplet_select, .name = "SELECT", .flags = INSTR_AT_ONCE },
	{ .ins = 0xb0, .fn = iso_read_binary, .name = "READ BINARY",
	  .flags = INSTR_NO_LC | INSTR_LE },
	{ .ins = 0xca, .fn = isoapplet_get_data, .name = "GET DATA",
	  .flags = INSTR_NO_LC | INSTR_LE },
	{ .ins = 0xd6, .fn = iso_update_binary, .name = "UPDATE BINARY", .flags = INSTR_LC },
	{ .ins = 0xdb, .fn = isoapplet_put_data_odd, .name = "PUT DATA",
	  .flags = INSTR_LC | INSTR_SECRET },
	{ .ins = 0xe0, .fn = iso_create_file, .name = "CREATE FILE", .flags = INSTR_LC,
	  .p1_rfu = 0xff, .p2_rfu = 0xff },
	{ .ins = 0xe4, .fn = iso_delete_file, .name = "DELETE FILE", .flags = INSTR_LC,
	  .p1_rfu = 0xff, .p2_rfu = 0xff },
	INSTR_END
};

const struct iso_app isoapplet_app = {
	.base = &iso_bare_app,
	.rows = rows,
	.memory = sizeof(struct isoapplet),
	.hooks = { .classify = isoapplet_classify, .check_access = isoapplet_check_access },
};

static const struct iso_type isoapplet_iso_type = {
	.root = &isoapplet_app,
	.atr = VIEW(atr),
	.channels = 1,
};

const struct card_type isoapplet_type = {
	.name = "isoapplet",
	.summary = "IsoApplet, for OpenSC: pkcs15-init, ssh, PKCS#11",
	.flags = CARD_TAKES_ATR | CARD_TAKES_SERIAL,
	.open = iso_open,
	.data = &isoapplet_iso_type,
	.schema = iso_type_schema,
	.contents = contents_isoapplet,
	.personal = &isoapplet_personal,
};
