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
	return cmd->ins == 0x2a &&
	       (apdu_p1p2(cmd) == ENCIPHER || apdu_p1p2(cmd) == DECIPHER_BLOCKS);
}

/* That of the template, which is a block, if it has one. 6985. */
static sw_t
initial_value(struct iso *c, enum se_use use, const struct sam_key *k, struct view *iv)
{
	*iv = view_of(NULL, 0);
	if (!se_get(&c->x.ch->se, SE_CT, use, SE_DO_IV, iv))
		return SW_OK;
	return iv->n == 0 || iv->n == key_block(k->kind) ? SW_OK : SW_CONDITIONS;
}

/* What is not whole blocks is 6700; RSA has its own mind of it. */
static sw_t
whole_blocks(const struct sam_key *k, struct view data)
{
	size_t block = key_block(k->kind);

	return block == 0 || (data.n > 0 && data.n % block == 0) ? SW_OK : SW_WRONG_LENGTH;
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
run_cipher(struct iso *c, const struct apdu *cmd, enum se_use use, struct buf *rsp)
{
	const bool enciphers = use == SE_CHECK;
	struct view going_on = secret_view(&myeid_of(c)->iv), iv;
	struct myeid_key_op m;
	int rc;
	sw_t sw = myeid_select_key(c, SE_CT, use, enciphers ? SAM_USE_ENCIPHER : SAM_USE_DECIPHER,
				   &m);

	if (sw != SW_OK)
		return sw;
	if (m.key->kind == SAM_RSA)
		return SW_FUNCTION_NOT_SUPPORTED;
	sw = whole_blocks(m.key, cmd->data);
	if (sw == SW_OK)
		sw = initial_value(c, use, m.key, &iv);
	if (sw != SW_OK)
		return sw;
	if (going_on.n > 0)
		iv = going_on;
	myeid_spend_consent(c, m.ef);
	if (enciphers)
		rc = key_encipher(m.key, m.algorithm, NULL, iv, cmd->data, rsp);
	else
		rc = key_decipher(m.key, m.algorithm, NULL, iv, cmd->data, rsp);
	if (rc < 0)
		return iso_crypto_sw(c, rc);
	keep_iv(c, cmd, enciphers ? buf_view(rsp) : cmd->data, key_block(m.key->kind));
	return SW_OK;
}

sw_t
myeid_encipher(struct iso *c, const struct apdu *cmd, struct buf *rsp)
{
	return run_cipher(c, cmd, SE_CHECK, rsp);
}

sw_t
myeid_decipher_blocks(struct iso *c, const struct apdu *cmd, struct buf *rsp)
{
	return run_cipher(c, cmd, SE_MAKE, rsp);
}

/* --- wrapping ---------------------------------------------------------------------------- */

/* The key EF that DO 83 names. 6985, 6A88, 6982. */
static sw_t
wrap_target(struct iso *c, enum se_use use, enum acl_op op, struct file **ef, struct sam_key **k)
{
	struct selector what = { .how = FS_BY_FID };

	if (!se_get(&c->x.ch->se, SE_CT, use, SE_DO_SECRET_KEY, &what.data) || what.data.n != 2)
		return SW_CONDITIONS;
	if (fs_find(&c->state->fs, &c->x.ch->at, &what, ef) != SW_OK)
		return SW_REFERENCE_NOT_FOUND;
	*k = sam_key_find(&c->state->sam, (*ef)->uid, 0);
	if (!*k || !sam_kind_is_symmetric((*k)->kind))
		return SW_REFERENCE_NOT_FOUND;
	return file_check(*ef, &c->x.who, FILE_INTERNAL, op);
}

static bool
has_flag(const struct file *ef, uint8_t flag)
{
	struct view v;

	return file_other(ef, FCP_PROPRIETARY, &v) && v.n == 2 && v.p[1] & flag;
}

/* 1 to a block of bytes that say how many they are (RFC 5652, 6.3). */
static void
pad_value(struct buf *b, size_t block)
{
	uint8_t n = (uint8_t)(block - b->n % block);

	buf_fill(b, n, n);
}

static bool
unpad_value(struct view *v, size_t block)
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

/* The value that leaves the card, as it is enciphered. 6700, 6A84. */
static sw_t
to_wrap(const struct myeid_key_op *m, const struct sam_key *k, struct buf *plain)
{
	buf_put_view(plain, secret_view(&k->secret));
	if (m->algorithm->id & PADDED)
		pad_value(plain, key_block(m->key->kind));
	return plain->failed ? SW_NO_MEMORY : whole_blocks(m->key, buf_view(plain));
}

/* What 84 00 wraps by which key: 6985, 6A88, 6982, 6700. */
static sw_t
choose_wrapped(struct iso *c, const struct apdu *cmd, struct myeid_key_op *m, struct file **ef,
	       struct sam_key **k)
{
	sw_t sw = myeid_select_key(c, SE_CT, SE_CHECK, MYEID_USE_WRAP, m);

	if (sw == SW_OK)
		sw = wrap_target(c, SE_CHECK, ACL_KEY_USE, ef, k);
	if (sw != SW_OK)
		return sw;
	if (!has_flag(*ef, MYEID_EXTRACTABLE))
		return SW_SECURITY_STATUS;
	if (cmd->data.n > 0)
		return SW_WRONG_LENGTH;
	return (*k)->secret.n > 0 ? SW_OK : SW_REFERENCE_NOT_FOUND;
}

/* 84 00: the answer is the key that 83 names, under the one that 81 names. Both are used. */
sw_t
myeid_wrap(struct iso *c, const struct apdu *cmd, struct buf *rsp)
{
	struct buf plain = BUF(SECRET_MAX + CIPHER_BLOCK_MAX);
	struct myeid_key_op m;
	struct sam_key *k;
	struct file *ef;
	struct view iv;
	sw_t sw = choose_wrapped(c, cmd, &m, &ef, &k);

	if (sw == SW_OK)
		sw = to_wrap(&m, k, &plain);
	if (sw == SW_OK)
		sw = initial_value(c, SE_CHECK, m.key, &iv);
	if (sw == SW_OK) {
		myeid_spend_consent(c, m.ef);
		myeid_spend_consent(c, ef);
		sw = iso_crypto_sw(
			c, key_encipher(m.key, m.algorithm, NULL, iv, buf_view(&plain), rsp));
	}
	buf_free(&plain);
	return sw;
}

/* Open what was wrapped, and take the padding away. */
static sw_t
open_wrapped(struct iso *c, const struct myeid_key_op *m, struct view iv, struct view wrapped,
	     struct buf *plain, struct view *value)
{
	sw_t sw;

	myeid_spend_consent(c, m->ef);
	sw = iso_crypto_sw(c, key_decipher(m->key, m->algorithm, NULL, iv, wrapped, plain));
	*value = buf_view(plain);
	if (sw == SW_OK && m->algorithm->id & PADDED &&
	    !unpad_value(value, key_block(m->key->kind)))
		sw = SW_WRONG_DATA;
	return sw;
}

/* What was wrapped becomes the value of the key that 83 names; there is no answer. */
sw_t
myeid_unwrap(struct iso *c, const struct apdu *cmd, struct buf *rsp)
{
	struct buf plain = BUF(RSA_KEY_SIZE_MAX);
	struct view value, iv, wrapped = cmd->data;
	struct myeid_key_op m;
	struct sam_key *k;
	struct file *ef;
	sw_t sw = myeid_select_key(c, SE_CT, SE_MAKE, MYEID_USE_WRAP, &m);

	(void)rsp;
	if (sw == SW_OK)
		sw = wrap_target(c, SE_MAKE, ACL_KEY_IMPORT, &ef, &k);
	if (sw == SW_OK && cmd->p2 == UNWRAP_INDICATED)
		sw = myeid_join(c, cmd->data, &wrapped);
	if (sw != SW_OK || (cmd->p2 == UNWRAP_INDICATED && wrapped.n == 0))
		return sw;
	sw = whole_blocks(m.key, wrapped);
	if (sw == SW_OK)
		sw = initial_value(c, SE_MAKE, m.key, &iv);
	if (sw == SW_OK)
		sw = open_wrapped(c, &m, iv, wrapped, &plain, &value);
	if (sw == SW_OK)
		sw = myeid_set_secret(c, k, ef, value);
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
