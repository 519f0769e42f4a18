/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* MANAGE SECURITY ENVIRONMENT and PERFORM SECURITY OPERATION (ISO/IEC 7816-4, 11.5.11; 7816-8). */
#include "iso/key.h"

#include <errno.h>

#include "codec/tlv.h"

#define CHECKSUM_MIN 8 /* bytes of a checksum that convinces */

/* Padding indicators (7816-4, 10.2.2). */
#define PADDING_UNTOLD 0x00
#define PADDING_ISO 0x01
#define PADDING_NONE 0x02

/* --- MANAGE SECURITY ENVIRONMENT -------------------------------------------------- */

/* Stored ones are found in the current DF, or else above it. */
static const struct se *
find_se(struct iso *c, uint8_t number)
{
	const struct file *df;
	const struct se *se = NULL;

	for (df = iso_df(c); df && !se; df = df->parent)
		se = sam_se_find(&c->state->sam, iso_se_owner(df), number);
	return se;
}

static sw_t
mse_set(struct iso *c, const struct apdu *cmd)
{
	enum se_crt crt;

	if (!(cmd->p1 & 0xf0) || !se_crt_of(cmd->p2, &crt))
		return SW_WRONG_P1P2;
	if (cmd->data.n == 0)
		return SW_WRONG_LENGTH;
	return se_set(&c->x.ch->se, cmd->p1 & 0xf0, crt, cmd->data);
}

/* 00 is the empty environment, EF is reserved, FF tells nothing (7816-4, 10.3.3). */
static bool
storable(uint8_t number)
{
	return number != 0x00 && number != 0xef && number != 0xff;
}

static sw_t
mse_store(struct iso *c, uint8_t number)
{
	struct file *df = iso_df(c);
	sw_t sw = iso_hooks(c)->check_access(&c->x.who, df, ACL_CREATE_EF);

	if (sw != SW_OK)
		return sw;
	if (!storable(number))
		return SW_WRONG_P1P2;
	if (!iso_room(c, se_size(&c->x.ch->se)))
		return SW_NO_MEMORY;
	return sam_se_store(&c->state->sam, iso_se_owner(df), number, &c->x.ch->se) ? SW_OK
										    : SW_NO_MEMORY;
}

static sw_t
mse_restore(struct iso *c, uint8_t number)
{
	const struct se *se;

	if (number == 0) {
		se_clear(&c->x.ch->se);
		return SW_OK;
	}
	se = find_se(c, number);
	if (!se)
		return SW_REFERENCE_NOT_FOUND;
	return se_copy(&c->x.ch->se, se) ? SW_OK : SW_NO_MEMORY;
}

static sw_t
mse_erase(struct iso *c, uint8_t number)
{
	struct file *df = iso_df(c);
	sw_t sw = iso_hooks(c)->check_access(&c->x.who, df, ACL_DELETE_CHILD);

	if (sw != SW_OK)
		return sw;
	return sam_se_erase(&c->state->sam, iso_se_owner(df), number) ? SW_OK
								      : SW_REFERENCE_NOT_FOUND;
}

sw_t
iso_manage_security_environment(struct iso *c, const struct apdu *cmd, struct buf *rsp)
{
	(void)rsp;
	if ((cmd->p1 & 0x0f) == 1)
		return mse_set(c, cmd);
	if (cmd->p1 < 0xf2 || cmd->p1 > 0xf4)
		return SW_WRONG_P1P2;
	if (cmd->data.n > 0)
		return SW_WRONG_LENGTH;
	switch (cmd->p1) {
	case 0xf2:
		return mse_store(c, cmd->p2);
	case 0xf3:
		return mse_restore(c, cmd->p2);
	default:
		return mse_erase(c, cmd->p2);
	}
}

/* --- HASH ------------------------------------------------------------------------- */

/* Hash, keep the code for the signature to come, and tell it to whom asks. */
static sw_t
hash(struct iso *c, const struct apdu *cmd, struct view state, struct view last, struct buf *rsp)
{
	struct channel *ch = c->x.ch;
	struct buf code = BUF(DIGEST_MAX);
	struct hash *h = NULL;
	enum digest d;
	sw_t sw = iso_hash_algorithm(c, &d);
	int rc;

	if (sw != SW_OK)
		return sw;
	secret_wipe(&ch->hash);
	rc = hash_resume(&h, d, state);
	if (rc == 0)
		rc = hash_update(h, last);
	if (rc == 0)
		rc = hash_final(h, &code);
	hash_free(h);
	if (rc == 0) {
		secret_set(&ch->hash, buf_view(&code));
		ch->hash_by = d;
		if (cmd->ne > 0)
			buf_put_view(rsp, buf_view(&code));
	}
	buf_free(&code);
	return iso_crypto_sw(c, rc);
}

static sw_t
pso_hash(struct iso *c, const struct apdu *cmd, struct buf *rsp)
{
	return hash(c, cmd, view_of(NULL, 0), cmd->data, rsp);
}

/* 90: chaining value and how many bits went before; 80: what is left. 90 alone: the code. */
static sw_t
pso_hash_last(struct iso *c, const struct apdu *cmd, struct buf *rsp)
{
	struct view state = { .n = 0 }, last = { .n = 0 };
	enum digest d;
	sw_t sw;

	if (cmd->data.n == 0 || !tlv_valid(cmd->data))
		return SW_WRONG_DATA;
	tlv_find(cmd->data, 0x90, &state);
	if (tlv_find(cmd->data, 0x80, &last))
		return hash(c, cmd, state, last, rsp);
	sw = iso_hash_algorithm(c, &d);
	if (sw != SW_OK)
		return sw;
	if (state.n != digest_size(d))
		return SW_WRONG_DATA;
	secret_set(&c->x.ch->hash, state);
	c->x.ch->hash_by = d;
	if (cmd->ne > 0)
		buf_put_view(rsp, state);
	return SW_OK;
}

/* --- signatures ------------------------------------------------------------------- */

/* What is signed: data, by the hash that the environment names if they are one; or the code. */
struct to_sign {
	struct view in;
	enum digest by;
	bool hashed; /* by means something */
};

static const enum digest *
by(const struct to_sign *s)
{
	return s->hashed ? &s->by : NULL;
}

static sw_t
what_to_sign(struct iso *c, struct view data, struct to_sign *s)
{
	enum digest d;

	*s = (struct to_sign) { .in = data };
	if (data.n == 0) {
		if (c->x.ch->hash.n == 0)
			return SW_CONDITIONS;
		*s = (struct to_sign) {
			.in = secret_view(&c->x.ch->hash),
			.by = c->x.ch->hash_by,
			.hashed = true,
		};
	} else if (iso_hash_algorithm(c, &d) == SW_OK && digest_size(d) == data.n) {
		s->by = d;
		s->hashed = true;
	}
	return SW_OK;
}

static sw_t
sign_data(struct iso *c, struct view data, struct buf *rsp)
{
	struct key_op m;
	struct to_sign s;
	sw_t sw =
		iso_select_key(c, &(struct key_query) { SE_DST, SE_MAKE, SAM_USE_SIGN, 0, 0 }, &m);

	if (sw == SW_OK)
		sw = what_to_sign(c, data, &s);
	if (sw == SW_OK)
		sw = iso_crypto_sw(c, key_sign(m.key, m.algorithm, by(&s), s.in, rsp));
	if (sw == SW_OK)
		secret_wipe(&c->x.ch->hash);
	return sw;
}

static sw_t
pso_sign(struct iso *c, const struct apdu *cmd, struct buf *rsp)
{
	return sign_data(c, cmd->data, rsp);
}

/* The values of data objects, one behind the other. */
static sw_t
pso_sign_values(struct iso *c, const struct apdu *cmd, struct buf *rsp)
{
	struct buf values = BUF(APDU_DATA_MAX);
	struct view in = cmd->data;
	struct tlv t;
	sw_t sw;

	while (tlv_next(&in, &t))
		buf_put_view(&values, t.value);
	if (in.n > 0 || values.n == 0)
		sw = SW_WRONG_DATA;
	else
		sw = values.failed ? SW_NO_MEMORY : sign_data(c, buf_view(&values), rsp);
	buf_free(&values);
	return sw;
}

/* Data objects as they are. */
static sw_t
pso_sign_objects(struct iso *c, const struct apdu *cmd, struct buf *rsp)
{
	if (cmd->data.n == 0 || !tlv_valid(cmd->data))
		return SW_WRONG_DATA;
	return sign_data(c, cmd->data, rsp);
}

/* 9E is the signature; 9A, 90 or 80 what it is of, or nothing: the code kept. */
static sw_t
pso_verify_signature(struct iso *c, const struct apdu *cmd, struct buf *rsp)
{
	struct view data = { .n = 0 }, signature;
	struct key_op m;
	struct to_sign s;
	sw_t sw;

	(void)rsp;
	if (!tlv_valid(cmd->data) || !tlv_find(cmd->data, 0x9e, &signature))
		return SW_WRONG_DATA;
	if (!tlv_find(cmd->data, 0x9a, &data) && !tlv_find(cmd->data, 0x90, &data))
		tlv_find(cmd->data, 0x80, &data);
	sw = iso_select_key(c, &(struct key_query) { SE_DST, SE_CHECK, SAM_USE_VERIFY, 0, 0 }, &m);
	if (sw == SW_OK)
		sw = what_to_sign(c, data, &s);
	if (sw == SW_OK)
		sw = iso_check_sw(c, key_verify(m.key, m.algorithm, by(&s), s.in, signature));
	if (sw == SW_OK || sw == SW_WARNING_CHANGED)
		secret_wipe(&c->x.ch->hash);
	return sw;
}

/* --- checksums -------------------------------------------------------------------- */

static sw_t
pso_checksum(struct iso *c, const struct apdu *cmd, struct buf *rsp)
{
	struct key_op m;
	sw_t sw = iso_select_key(c, &(struct key_query) { SE_CCT, SE_MAKE, SAM_USE_CHECKSUM, 0, 0 },
				 &m);

	return sw == SW_OK ? iso_crypto_sw(c, key_checksum(m.key, m.algorithm, cmd->data, rsp))
			   : sw;
}

static sw_t
pso_verify_checksum(struct iso *c, const struct apdu *cmd, struct buf *rsp)
{
	struct buf right = BUF(DIGEST_MAX);
	struct view plain, given;
	struct key_op m;
	sw_t sw;
	int rc;

	(void)rsp;
	if (!tlv_valid(cmd->data) || !tlv_find(cmd->data, 0x80, &plain) ||
	    !tlv_find(cmd->data, 0x8e, &given))
		return SW_WRONG_DATA;
	sw = iso_select_key(
		c,
		&(struct key_query) { SE_CCT, SE_CHECK, SAM_USE_VERIFY | SAM_USE_CHECKSUM, 0, 0 },
		&m);
	if (sw != SW_OK)
		return sw;
	rc = key_checksum(m.key, m.algorithm, plain, &right);
	if (rc == 0 && (given.n < CHECKSUM_MIN ||
			!secret_equal(given, view_slice(buf_view(&right), 0, given.n))))
		rc = -EBADMSG;
	buf_free(&right);
	return iso_check_sw(c, rc);
}

/* --- confidentiality --------------------------------------------------------------- */

#define WITH_INDICATOR 0x86 /* P2 of DECIPHER, P1 of ENCIPHER: a padding indicator in front */

static struct view
initial_value(const struct iso *c, enum se_use use)
{
	struct view iv = { .n = 0 };

	se_get(&c->x.ch->se, SE_CT, use, SE_DO_IV, &iv);
	return iv;
}

static const enum digest *
oaep_hash(const struct iso *c, enum digest *d)
{
	return iso_hash_algorithm(c, d) == SW_OK ? d : NULL;
}

static bool
agrees(const struct algorithm *a)
{
	return a->what == ALGORITHM_ECDH || a->what == ALGORITHM_X25519;
}

/* A public key: by itself, or in the templates A6 and 7F49 as others send it. */
static struct view
public_point(struct view data)
{
	static const uint32_t long_way[] = { 0xa6, 0x7f49, 0x86, 0 },
			      short_way[] = { 0x7f49, 0x86, 0 };
	struct view point = data;

	if (!tlv_find_path(data, long_way, &point))
		tlv_find_path(data, short_way, &point);
	return point;
}

/* Padding that the indicator says is there comes off. */
static sw_t
pso_unpad(uint8_t indicator, const struct sam_key *k, struct view *v)
{
	size_t block = key_block(k->kind);

	if (indicator == PADDING_UNTOLD || indicator == PADDING_NONE)
		return SW_OK;
	if (indicator != PADDING_ISO || block == 0)
		return SW_WRONG_DATA;
	return unpad_iso(v, block) ? SW_OK : SW_WRONG_DATA;
}

static sw_t
pso_decipher(struct iso *c, const struct apdu *cmd, struct buf *rsp)
{
	struct view data = cmd->data, iv = initial_value(c, SE_MAKE), plain;
	struct buf out = BUF(APDU_DATA_MAX);
	uint8_t indicator = PADDING_UNTOLD;
	struct key_op m;
	enum digest d;
	sw_t sw = iso_select_key(c, &(struct key_query) { SE_CT, SE_MAKE, SAM_USE_DECIPHER, 0, 0 },
				 &m);

	if (sw != SW_OK)
		return sw;
	if (data.n == 0)
		return SW_WRONG_DATA;
	if (cmd->p2 == WITH_INDICATOR)
		view_u8(&data, &indicator);
	if (agrees(m.algorithm))
		sw = iso_crypto_sw(c, key_agree(m.key, m.algorithm, public_point(data), &out));
	else
		sw = iso_crypto_sw(c, key_decipher(m.key, m.algorithm, oaep_hash(c, &d), iv, data,
						   &out));
	plain = buf_view(&out);
	if (sw == SW_OK)
		sw = pso_unpad(indicator, m.key, &plain);
	if (sw == SW_OK)
		buf_put_view(rsp, plain);
	buf_free(&out);
	return sw;
}

static sw_t
pso_encipher(struct iso *c, const struct apdu *cmd, struct buf *rsp)
{
	struct view iv = initial_value(c, SE_CHECK);
	struct buf in = BUF(APDU_DATA_MAX + CIPHER_BLOCK_MAX);
	struct key_op m;
	enum digest d;
	size_t block;
	sw_t sw = iso_select_key(c, &(struct key_query) { SE_CT, SE_CHECK, SAM_USE_ENCIPHER, 0, 0 },
				 &m);

	if (sw != SW_OK)
		return sw;
	if (cmd->data.n == 0)
		return SW_WRONG_DATA;
	block = key_block(m.key->kind);
	buf_put_view(&in, cmd->data);
	if (cmd->p1 == WITH_INDICATOR) {
		buf_u8(rsp, block > 0 ? PADDING_ISO : PADDING_UNTOLD);
		if (block > 0)
			pad_iso(&in, 0, block);
	}
	sw = in.failed ? SW_NO_MEMORY
		       : iso_crypto_sw(c, key_encipher(m.key, m.algorithm, oaep_hash(c, &d), iv,
						       buf_view(&in), rsp));
	buf_free(&in);
	return sw;
}

/* --- the operations ------------------------------------------------------------------ */

static const struct {
	uint8_t p1, p2; /* what comes out, what goes in (7816-8, 11.1) */
	instr_fn *fn;
} operations[] = {
	{ 0x9e, 0x9a, pso_sign },
	{ 0x9e, 0xac, pso_sign_values },
	{ 0x9e, 0xbc, pso_sign_objects },
	{ 0x90, 0x80, pso_hash },
	{ 0x90, 0xa0, pso_hash_last },
	{ 0x8e, 0x80, pso_checksum },
	{ 0x00, 0xa2, pso_verify_checksum },
	{ 0x00, 0xa8, pso_verify_signature },
	{ 0x00, 0x92, iso_verify_certificate },
	{ 0x00, 0xae, iso_verify_certificate },
	{ 0x00, 0xbe, iso_verify_certificate },
	{ 0x80, 0x82, pso_decipher },
	{ 0x80, 0x84, pso_decipher },
	{ 0x80, 0x86, pso_decipher },
	{ 0x82, 0x80, pso_encipher },
	{ 0x84, 0x80, pso_encipher },
	{ 0x86, 0x80, pso_encipher },
};

sw_t
iso_perform_security_operation(struct iso *c, const struct apdu *cmd, struct buf *rsp)
{
	size_t i;

	for (i = 0; i < sizeof(operations) / sizeof(*operations); i++) {
		if (operations[i].p1 != cmd->p1 || operations[i].p2 != cmd->p2)
			continue;
		return cmd->data.n > 0 || cmd->ne > 0 ? operations[i].fn(c, cmd, rsp)
						      : SW_WRONG_LENGTH;
	}
	return SW_WRONG_P1P2;
}
