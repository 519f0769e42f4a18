/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Symmetric keys at work, and keys that travel under others. */
#include "iso/key.h"
#include "cards/myeid/myeid.h"
#include "codec/tlv.h"

#define ENCIPHER 0x8480 /* P1 P2 */
#define DECIPHER_BLOCKS 0x8084
#define UNWRAP_INDICATED 0x86 /* P2: halves, as DECIPHER has them */
#define PADDED 0x80           /* of an algorithm's number: PKCS#7 */
#define MORE 0x10             /* class: the cipher goes on */

/* --- ciphers --------------------------------------------------------------------------- */

bool
myeid_is_cipher(const struct apdu *cmd)
{
	return cmd->ins == 0x2a && (apdu_p1p2(cmd) == ENCIPHER || apdu_p1p2(cmd) == DECIPHER_BLOCKS);
}

static struct view
initial_value(struct iso *c, enum se_use use)
{
	struct view iv = { .n = 0 };

	se_get(&c->ch->se, SE_CT, use, SE_DO_IV, &iv);
	return iv;
}

/* Where it goes on, when it does: the last block of the cryptogram. */
static void
keep_iv(struct iso *c, const struct apdu *cmd, struct view cryptogram, size_t block)
{
	struct secret *iv = &myeid_of(c)->iv;

	secret_wipe(iv);
	if (cmd->cla & MORE)
		secret_set(iv, view_slice(cryptogram, cryptogram.n - block, block));
}

/* CBC over whole blocks; a single one that does not go on is ECB, with the IV that is none. */
static sw_t
run(struct iso *c, const struct apdu *cmd, enum se_use use, struct buf *rsp)
{
	const bool enciphers = use == SE_CHECK;
	struct view iv = secret_view(&myeid_of(c)->iv);
	struct myeid_means m;
	int rc;
	sw_t sw = myeid_choose(c, SE_CT, use, enciphers ? SAM_USE_ENCIPHER : SAM_USE_DECIPHER, &m);

	if (sw != SW_OK)
		return sw;
	if (m.key->kind == SAM_RSA)
		return SW_FUNCTION_NOT_SUPPORTED;
	if (cmd->data.n == 0)
		return SW_WRONG_DATA;
	if (iv.n == 0)
		iv = initial_value(c, use);
	if (enciphers)
		rc = key_encipher(m.key, m.algorithm, NULL, iv, cmd->data, rsp);
	else
		rc = key_decipher(m.key, m.algorithm, NULL, iv, cmd->data, rsp);
	if (rc < 0)
		return iso_crypto_sw(c, rc);
	keep_iv(c, cmd, enciphers ? buf_view(rsp) : cmd->data, key_block(m.key->kind));
	if (!(cmd->cla & MORE))
		myeid_take_consent_back(c, m.ef);
	return SW_OK;
}

sw_t
myeid_encipher(struct iso *c, const struct apdu *cmd, struct buf *rsp)
{
	return run(c, cmd, SE_CHECK, rsp);
}

sw_t
myeid_decipher_blocks(struct iso *c, const struct apdu *cmd, struct buf *rsp)
{
	return run(c, cmd, SE_MAKE, rsp);
}

/* --- wrapping ---------------------------------------------------------------------------- */

/* The key EF that DO 83 names. 6985, 6A88, 6982. */
static sw_t
target(struct iso *c, enum se_use use, enum acl_op op, struct file **ef, struct sam_key **k)
{
	struct selector what = { .how = FS_BY_FID };

	if (!se_get(&c->ch->se, SE_CT, use, SE_DO_SECRET_KEY, &what.data) || what.data.n != 2)
		return SW_CONDITIONS;
	if (fs_find(&c->state->fs, &c->ch->at, &what, ef) != SW_OK)
		return SW_REFERENCE_NOT_FOUND;
	*k = sam_key_find(&c->state->sam, (*ef)->uid, 0);
	if (!*k || !sam_kind_is_symmetric((*k)->kind))
		return SW_REFERENCE_NOT_FOUND;
	return file_check(*ef, &c->who, FILE_INTERNAL, op);
}

static bool
has_flag(const struct file *ef, uint8_t flag)
{
	struct view v;

	return file_other(ef, FCP_PROPRIETARY, &v) && v.n == 2 && v.p[1] & flag;
}

/* 1 to a block of bytes that say how many they are (RFC 5652, 6.3). */
static void
pad(struct buf *b, size_t block)
{
	uint8_t n = (uint8_t)(block - b->n % block);

	buf_fill(b, n, n);
}

static bool
unpad(struct view *v, size_t block)
{
	uint8_t n = v->n > 0 ? v->p[v->n - 1] : 0;
	size_t i;

	if (n == 0 || n > block || n > v->n)
		return false;
	for (i = v->n - n; i < v->n; i++) {
		if (v->p[i] != n)
			return false;
	}
	*v = view_slice(*v, 0, v->n - n);
	return true;
}

/* 84 00: the answer is the key that 83 names, under the one that 81 names. */
sw_t
myeid_wrap(struct iso *c, const struct apdu *cmd, struct buf *rsp)
{
	struct buf plain = BUF(SECRET_MAX + CIPHER_BLOCK_MAX);
	struct myeid_means m;
	struct sam_key *k;
	struct file *ef;
	sw_t sw = myeid_choose(c, SE_CT, SE_CHECK, MYEID_USE_WRAP, &m);

	if (sw == SW_OK)
		sw = target(c, SE_CHECK, ACL_READ, &ef, &k);
	if (sw == SW_OK && !has_flag(ef, MYEID_EXTRACTABLE))
		sw = SW_SECURITY_STATUS;
	if (sw == SW_OK && (cmd->data.n > 0 || k->secret.n == 0))
		sw = cmd->data.n > 0 ? SW_WRONG_LENGTH : SW_REFERENCE_NOT_FOUND;
	if (sw != SW_OK)
		return sw;
	buf_put_view(&plain, secret_view(&k->secret));
	if (m.algorithm->id & PADDED)
		pad(&plain, key_block(m.key->kind));
	sw = plain.failed ? SW_NO_MEMORY :
	     iso_crypto_sw(c, key_encipher(m.key, m.algorithm, NULL, initial_value(c, SE_CHECK),
					   buf_view(&plain), rsp));
	buf_free(&plain);
	return sw;
}

/* What was wrapped becomes the value of the key that 83 names; there is no answer. */
sw_t
myeid_unwrap(struct iso *c, const struct apdu *cmd, struct buf *rsp)
{
	struct buf plain = BUF(RSA_KEY_SIZE_MAX);
	struct view value, wrapped = cmd->data;
	struct myeid_means m;
	struct sam_key *k;
	struct file *ef;
	sw_t sw = myeid_choose(c, SE_CT, SE_MAKE, MYEID_USE_WRAP, &m);

	(void)rsp;
	if (sw == SW_OK)
		sw = target(c, SE_MAKE, ACL_UPDATE, &ef, &k);
	if (sw == SW_OK && cmd->p2 == UNWRAP_INDICATED)
		sw = myeid_join(c, cmd->data, &wrapped);
	if (sw != SW_OK || wrapped.n == 0)
		return sw;
	sw = iso_crypto_sw(c, key_decipher(m.key, m.algorithm, NULL, initial_value(c, SE_MAKE), wrapped,
					   &plain));
	value = buf_view(&plain);
	if (sw == SW_OK && m.algorithm->id & PADDED && !unpad(&value, key_block(m.key->kind)))
		sw = SW_WRONG_DATA;
	if (sw == SW_OK)
		sw = myeid_set_secret(c, k, ef, value);
	if (sw == SW_OK)
		myeid_take_consent_back(c, m.ef);
	buf_free(&plain);
	buf_free(&myeid_of(c)->half);
	return sw;
}

/* --- session keys ------------------------------------------------------------------------- */

static struct file *
session_key(const struct iso *c)
{
	struct file *f;

	for (f = c->state->fs.mf; f; f = fs_walk(&c->state->fs, f)) {
		if (file_kind(f) == FILE_INTERNAL && has_flag(f, MYEID_SESSION))
			return f;
	}
	return NULL;
}

/*
 * They are kept, as all files are, while the session lasts. That they are gone
 * is no news to keep: an image that still has them loses them when it is opened.
 */
void
myeid_drop_session(struct iso *c)
{
	struct state *s = c->state;
	bool fs_changed = s->fs.changed, sam_changed = s->sam.changed;
	struct file *f;

	while ((f = session_key(c)))
		fs_delete(&s->fs, f, NULL);
	sam_drop_orphans(&s->sam, &s->fs);
	s->fs.changed = fs_changed;
	s->sam.changed = sam_changed;
}
