/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What is done with the keys: signatures, deciphering, key agreement. */
#include "iso/key.h"
#include "cards/myeid/myeid.h"
#include "codec/tlv.h"

/* DO 80 of a template. */
#define RAW 0x00
#define PKCS1 0x02
#define ON_CURVE 0x04
#define WRAP 0x0a
#define WRAP_PADDED 0x8a

#define CBC(number, kind_) \
	{ .id = (number), .what = ALGORITHM_CIPHER, .kind = (kind_), .mode = CIPHER_CBC }

/* Padding indicators of DECIPHER: all of it, or the first half and the second. */
#define WHOLE 0x00
#define FIRST_HALF 0x81
#define SECOND_HALF 0x82

static const struct {
	unsigned purposes; /* SAM_USE_..., MYEID_USE_WRAP */
	struct algorithm algorithm;
} algorithms[] = {
	{ SAM_USE_SIGN | SAM_USE_DECIPHER,
	  { .id = RAW, .what = ALGORITHM_RSA_RAW, .kind = SAM_RSA } },
	{ SAM_USE_SIGN | SAM_USE_DECIPHER,
	  { .id = PKCS1, .what = ALGORITHM_RSA_PKCS1, .kind = SAM_RSA } },
	{ SAM_USE_SIGN, { .id = ON_CURVE, .what = ALGORITHM_ECDSA_DER, .kind = SAM_EC } },
	{ SAM_USE_DERIVE, { .id = ON_CURVE, .what = ALGORITHM_ECDH, .kind = SAM_EC } },
	{ SAM_USE_ENCIPHER | SAM_USE_DECIPHER, CBC(RAW, SAM_AES) },
	{ SAM_USE_ENCIPHER | SAM_USE_DECIPHER, CBC(RAW, SAM_DES3) },
	{ SAM_USE_ENCIPHER | SAM_USE_DECIPHER, CBC(RAW, SAM_DES) },
	{ MYEID_USE_WRAP, { .id = WRAP, .what = ALGORITHM_RSA_PKCS1, .kind = SAM_RSA } },
	{ MYEID_USE_WRAP, CBC(WRAP, SAM_AES) },
	{ MYEID_USE_WRAP, CBC(WRAP_PADDED, SAM_AES) },
};

/* --- MANAGE SECURITY ENVIRONMENT ----------------------------------------------------------- */

#define SET_CHECK 0x81 /* P1: encipher, wrap */
#define SET_MAKE 0x41  /* sign, decipher, unwrap, agree */
#define RESTORE 0xf3

/* P1 P2 of SET: 6985 no such template, 6A81 not what this card does. */
static sw_t
set_of(const struct apdu *cmd, enum se_crt *crt)
{
	const bool known = cmd->p2 == 0xb8 ||
			   (cmd->p1 == SET_MAKE && (cmd->p2 == 0xb6 || cmd->p2 == 0xa4));

	if (cmd->p1 != SET_CHECK && cmd->p1 != SET_MAKE)
		return SW_FUNCTION_NOT_SUPPORTED;
	return known && se_crt_of(cmd->p2, crt) ? SW_OK : SW_CONDITIONS;
}

/* RESTORE of the environment 00, which is empty; none is ever stored. */
static sw_t
restore(struct iso *c, const struct apdu *cmd)
{
	if (cmd->data.n > 0 || cmd->p2 != 0)
		return SW_LC_P1P2;
	se_clear(&c->x.ch->se);
	return SW_OK;
}

/* Each SET begins a template anew: what one operation named is not the next one's. */
sw_t
myeid_manage_security_environment(struct iso *c, const struct apdu *cmd, struct buf *rsp)
{
	enum se_crt crt;
	sw_t sw;

	secret_wipe(&myeid_of(c)->iv);
	buf_free(&myeid_of(c)->half);
	if (cmd->p1 == RESTORE)
		return restore(c, cmd);
	sw = set_of(cmd, &crt);
	if (sw == SW_OK)
		sw = iso_manage_security_environment(c, cmd, rsp);
	if (sw != SW_OK)
		return sw;
	if (!buf_set(&c->x.ch->se.crt[crt][cmd->p1 == SET_MAKE ? SE_MAKE : SE_CHECK], cmd->data))
		return SW_NO_MEMORY;
	return SW_OK;
}

/* --- which key, and how -------------------------------------------------------------------- */

static sw_t
choose_key(struct iso *c, struct view objects, struct myeid_key_op *m)
{
	struct selector what = { .how = FS_BY_FID };
	struct file *ef;

	if (!tlv_find(objects, SE_DO_FILE, &what.data))
		return SW_CONDITIONS;
	if (what.data.n != 2 || fs_find(&c->state->fs, &c->x.ch->at, &what, &ef) != SW_OK)
		return SW_REFERENCE_NOT_FOUND;
	m->ef = ef;
	m->key = sam_key_find(&c->state->sam, ef->uid, 0);
	return m->key ? file_check(ef, &c->x.who, FILE_INTERNAL, ACL_KEY_USE)
		      : SW_REFERENCE_NOT_FOUND;
}

static sw_t
choose_algorithm(struct view objects, unsigned purpose, struct myeid_key_op *m)
{
	const struct algorithm *a;
	struct view id;
	size_t i;

	if (!tlv_find(objects, SE_DO_ALGORITHM, &id))
		return SW_CONDITIONS;
	for (i = 0; i < sizeof(algorithms) / sizeof(*algorithms); i++) {
		a = &algorithms[i].algorithm;
		if (algorithms[i].purposes & purpose && id.n == 1 && a->id == id.p[0] &&
		    a->kind == m->key->kind) {
			m->algorithm = a;
			return SW_OK;
		}
	}
	return SW_FUNCTION_NOT_SUPPORTED;
}

sw_t
myeid_select_key(struct iso *c, enum se_crt crt, enum se_use use, unsigned purpose,
	     struct myeid_key_op *m)
{
	struct view objects = se_template(&c->x.ch->se, crt, use);
	sw_t sw = choose_key(c, objects, m);

	return sw == SW_OK ? choose_algorithm(objects, purpose, m) : sw;
}

void
myeid_spend_consent(struct iso *c, const struct file *ef)
{
	struct view v;

	if (file_other(ef, FCP_PROPRIETARY, &v) && v.n > 0)
		myeid_of(c)->spent |= UINT32_C(1) << (v.p[0] >> 4);
}

void
myeid_after(struct iso *c, const struct apdu *cmd, sw_t sw)
{
	(void)cmd;
	(void)sw;
	c->global.user &= ~myeid_of(c)->spent;
	myeid_of(c)->spent = 0;
}

/* --- PERFORM SECURITY OPERATION ------------------------------------------------------------ */

/*
 * The client fills a hash up with zeros in front, to the bytes of the field. Of a
 * curve whose order is not whole bytes the leftmost bits would be other ones then.
 */
static struct view
without_filling(const struct sam_key *k, struct view hash)
{
	if (k->bits % 8 == 0 || hash.n != (k->bits + 7) / 8)
		return hash;
	while (hash.n > 1 && hash.p[0] == 0)
		hash = view_slice(hash, 1, hash.n);
	return hash;
}

static sw_t
myeid_sign(struct iso *c, const struct apdu *cmd, struct buf *rsp)
{
	struct view in = cmd->data;
	struct myeid_key_op m;
	sw_t sw = myeid_select_key(c, SE_DST, SE_MAKE, SAM_USE_SIGN, &m);

	if (sw != SW_OK)
		return sw;
	if (in.n == 0)
		return SW_WRONG_DATA;
	if (m.key->kind == SAM_EC)
		in = without_filling(m.key, in);
	myeid_spend_consent(c, m.ef);
	return iso_crypto_sw(c, key_sign(m.key, m.algorithm, NULL, in, rsp));
}

sw_t
myeid_join(struct iso *c, struct view data, struct view *whole)
{
	struct buf *half = &myeid_of(c)->half;
	uint8_t part;

	*whole = view_of(NULL, 0);
	if (!view_u8(&data, &part) || data.n == 0)
		return SW_WRONG_DATA;
	half->max = RSA_KEY_SIZE_MAX;
	if (part == SECOND_HALF && half->n == 0)
		return SW_CONDITIONS;
	if (part != SECOND_HALF)
		buf_free(half);
	if (part != WHOLE && part != FIRST_HALF && part != SECOND_HALF)
		return SW_WRONG_DATA;
	buf_put_view(half, data);
	if (half->failed) {
		buf_free(half);
		return SW_WRONG_DATA;
	}
	if (part != FIRST_HALF)
		*whole = buf_view(half);
	return SW_OK;
}

static sw_t
myeid_decipher(struct iso *c, const struct apdu *cmd, struct buf *rsp)
{
	struct view whole, no_iv = { .n = 0 };
	struct myeid_key_op m;
	sw_t sw = myeid_select_key(c, SE_CT, SE_MAKE, SAM_USE_DECIPHER, &m);

	if (sw == SW_OK)
		sw = myeid_join(c, cmd->data, &whole);
	if (sw != SW_OK || whole.n == 0)
		return sw;
	myeid_spend_consent(c, m.ef);
	sw = iso_crypto_sw(c, key_decipher(m.key, m.algorithm, NULL, no_iv, whole, rsp));
	buf_free(&myeid_of(c)->half);
	return sw;
}

sw_t
myeid_perform_security_operation(struct iso *c, const struct apdu *cmd, struct buf *rsp)
{
	switch (apdu_p1p2(cmd)) {
	case 0x9e9a:
		return myeid_sign(c, cmd, rsp);
	case 0x8086:
		return myeid_decipher(c, cmd, rsp);
	case 0x8084:
		return myeid_decipher_blocks(c, cmd, rsp);
	case 0x8480:
		return myeid_encipher(c, cmd, rsp);
	case 0x8400:
		return myeid_wrap(c, cmd, rsp);
	case 0x0084:
	case 0x0086:
		return myeid_unwrap(c, cmd, rsp);
	default:
		return SW_WRONG_P1P2;
	}
}

/* --- GENERAL AUTHENTICATE: key agreement ----------------------------------------------------- */

/* 7C { 85 point }; the answer is the shared secret, in no template. */
sw_t
myeid_general_authenticate(struct iso *c, const struct apdu *cmd, struct buf *rsp)
{
	static const uint32_t path[] = { 0x7c, 0x85, 0 };
	struct view point;
	struct myeid_key_op m;
	sw_t sw = myeid_select_key(c, SE_AT, SE_MAKE, SAM_USE_DERIVE, &m);

	if (sw != SW_OK)
		return sw;
	if (!tlv_find_path(cmd->data, path, &point))
		return SW_WRONG_DATA;
	myeid_spend_consent(c, m.ef);
	return iso_crypto_sw(c, key_agree(m.key, m.algorithm, point, rsp));
}
