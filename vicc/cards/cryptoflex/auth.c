/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* CHVs, keys, and the rights that come of them. */
#include <errno.h>
#include <string.h>

#include "cards/cryptoflex/cryptoflex.h"
#include "crypto/cipher.h"

#define CHV_SIZE 8
#define MAC_SIZE 6
#define CHALLENGE_SIZE 8

/* A CHV file: activation, FF FF, then twice value, tries at most, tries left. */
#define CHV_FILE_SIZE 23
#define CHV_AT 3
#define UNBLOCK_AT 13
#define TRIES_MAX_BEHIND 8
#define TRIES_LEFT_BEHIND 9

/* A value in a file, and its two counters. */
struct code {
	struct file *file;
	struct view value;
	uint8_t *tries; /* left */
	uint8_t tries_max;
	uint8_t number;
	uint8_t kind;
	bool triple; /* 3DES */
};

/* --- which file governs ------------------------------------------------------ */

/* One that was only just created is not a CHV yet: its parent's goes on governing. */
static bool
chv_governs(const struct file *f)
{
	return f && file_kind(f) == FILE_TRANSPARENT && f->contents.n >= CHV_FILE_SIZE &&
	       f->contents.p[0] != 0 && f->contents.p[CHV_AT + TRIES_MAX_BEHIND] != 0;
}

static struct file *
governing_chv(const struct file *df, unsigned n)
{
	struct file *f;

	for (; df; df = df->parent) {
		f = fs_child(df, n == 1 ? FLEX_FID_CHV1 : FLEX_FID_CHV2);
		if (chv_governs(f))
			return f;
	}
	return NULL;
}

static void
code_at(struct code *code, struct file *f, size_t at)
{
	uint8_t *p = f->contents.p + at;

	code->file = f;
	code->value = view_of(p, CHV_SIZE);
	code->tries = p + TRIES_LEFT_BEHIND;
	code->tries_max = p[TRIES_MAX_BEHIND];
	code->number = 0;
}

/*
 * A file of keys: a byte, then for each length, algorithm, key, tries at most, tries
 * left; length 00 ends.
 */
static bool
key_in(struct file *f, unsigned number, struct code *code)
{
	uint8_t *p = f->contents.p;
	size_t n = f->contents.n, at = 1, len;

	if (file_kind(f) != FILE_TRANSPARENT)
		return false;
	for (; at < n && p[at] != 0; at += len + 4, number--) {
		len = p[at];
		if (at + len + 4 > n)
			return false;
		if (number > 0)
			continue;
		code->file = f;
		code->triple = p[at + 1] == 0x02;
		code->value = view_of(p + at + 2, len);
		code->tries_max = p[at + 2 + len];
		code->tries = p + at + 3 + len;
		return cipher_takes_key(CIPHER_3DES, len);
	}
	return false;
}

/* Key number n of the nearest file of keys that has it. */
static bool
governing_key(const struct file *df, uint16_t fid, unsigned number, struct code *code)
{
	struct file *f;

	for (; df; df = df->parent) {
		f = fs_child(df, fid);
		if (f && key_in(f, number, code)) {
			code->number = (uint8_t)number;
			code->kind = FLEX_AUT;
			return true;
		}
	}
	return false;
}

static const struct file *
df_of(const struct file *f)
{
	return file_is_df(f) ? f : f->parent;
}

/* --- rights ------------------------------------------------------------------- */

/* Its place, or n_rights: there is no such right. */
static size_t
find_right(const struct flex *x, const struct code *code)
{
	size_t i;

	for (i = 0; i < x->n_rights; i++) {
		const struct flex_right *r = &x->rights[i];

		if (r->file == code->file->uid && r->kind == code->kind &&
		    r->number == code->number)
			break;
	}
	return i;
}

static bool
has_right(const struct flex *x, const struct code *code)
{
	return find_right(x, code) < x->n_rights;
}

static void
drop_right(struct flex *x, size_t i)
{
	memmove(&x->rights[i], &x->rights[i + 1], (x->n_rights - i - 1) * sizeof(*x->rights));
	x->n_rights--;
}

static void
revoke(struct flex *x, const struct code *code)
{
	if (has_right(x, code))
		drop_right(x, find_right(x, code));
}

static void
grant(struct flex *x, const struct code *code)
{
	revoke(x, code);
	if (x->n_rights == FLEX_RIGHTS_MAX)
		drop_right(x, 0);
	x->rights[x->n_rights++] = (struct flex_right) {
		.file = code->file->uid, .kind = code->kind, .number = code->number,
	};
}

static bool
chv_proven(const struct flex *x, const struct file *df, unsigned n)
{
	struct code code = { .kind = n == 1 ? FLEX_CHV1 : FLEX_CHV2 };

	code.file = governing_chv(df, n);
	return code.file && has_right(x, &code);
}

bool
flex_chv1_proven(struct iso *c)
{
	return chv_proven(flex_of(c), iso_df(c), 1);
}

/* --- conditions ------------------------------------------------------------------ */

/* Half a byte of the conditions, or of the key numbers behind them. */
static unsigned
condition_of(const struct file *f, enum flex_ac ac, bool key)
{
	struct view v;
	uint8_t byte;

	/* a file of an image that says nothing is free for everything */
	if (!file_other(f, FLEX_DO_AC, &v) || v.n != 6)
		return 0;
	byte = v.p[(key ? 3 : 0) + ac / 2];
	return ac % 2 ? byte & 15u : byte >> 4;
}

static bool
wants_mac(unsigned condition_)
{
	return condition_ == 3 || condition_ == 6 || condition_ == 7;
}

/* Which CHV a condition wants; 0: none. */
static unsigned
wanted_chv(unsigned condition_)
{
	static const uint8_t chv[16] = { [1] = 1, [2] = 2, [6] = 1, [7] = 2, [8] = 1, [9] = 2 };

	return chv[condition_];
}

static bool
wants_key(unsigned condition_)
{
	return condition_ == 4 || condition_ == 8 || condition_ == 9;
}

sw_t
flex_allows(const struct flex *x, const struct file *f, enum flex_ac ac)
{
	unsigned wanted = condition_of(f, ac, false), chv = wanted_chv(wanted);
	struct code key = { 0 };

	if (wanted == 0)
		return SW_OK;
	if (!chv && !wants_key(wanted) && !wants_mac(wanted))
		return SW_SECURITY_STATUS; /* F, and what has no meaning */
	if (chv && !chv_proven(x, df_of(f), chv))
		return SW_SECURITY_STATUS;
	if (wants_mac(wanted) && !x->protected)
		return SW_SECURITY_STATUS;
	if (wants_key(wanted) &&
	    (!governing_key(df_of(f), FLEX_FID_EXTERNAL_KEYS, condition_of(f, ac, true), &key) ||
	     !has_right(x, &key)))
		return SW_SECURITY_STATUS;
	return SW_OK;
}

/* The base's words for what is to be done, in this card's. */
sw_t
flex_check_access(const struct access *who, const struct file *f, enum acl_op op)
{
	static const enum flex_ac of_df[] = {
		[ACL_ACTIVATE] = FLEX_REHABILITATE, [ACL_DEACTIVATE] = FLEX_INVALIDATE,
		[ACL_CREATE_DF] = FLEX_CREATE, [ACL_CREATE_EF] = FLEX_CREATE,
		[ACL_DELETE_CHILD] = FLEX_DELETE,
	};
	static const enum flex_ac of_ef[] = {
		[ACL_ACTIVATE] = FLEX_REHABILITATE, [ACL_DEACTIVATE] = FLEX_INVALIDATE,
		[ACL_WRITE] = FLEX_CREATE, [ACL_UPDATE] = FLEX_UPDATE, [ACL_READ] = FLEX_READ,
	};

	/* its keys are in files that are written as others */
	if (op == ACL_TERMINATE || op > ACL_READ)
		return SW_SECURITY_STATUS;
	/* deleting is the right of the DF that the file is in */
	if (op == ACL_DELETE)
		return f->parent ? flex_allows(flex_of(who->card), f->parent, FLEX_DELETE)
				 : SW_SECURITY_STATUS;
	return flex_allows(flex_of(who->card), f, file_is_df(f) ? of_df[op] : of_ef[op]);
}

/* --- proving --------------------------------------------------------------------- */

/* Wrong is 6300, and 6983 as soon as no try is left; an image may ask for 63CX. */
static sw_t
try_outcome(const struct iso *c, sw_t sw)
{
	if (sw >> 4 != SW_TRIES >> 4)
		return sw;
	if (sw == SW_TRIES)
		return SW_BLOCKED;
	return props_has(&c->state->props, "show-tries") ? sw : SW_WARNING_CHANGED;
}

static sw_t
prove_code(struct iso *c, struct code *code, struct view given, struct view right)
{
	sw_t sw = sam_try(&c->state->sam, code->tries, code->tries_max, given, right);

	if (sw == SW_OK)
		grant(flex_of(c), code);
	else
		revoke(flex_of(c), code);
	return try_outcome(c, sw);
}

/* P1 P2 of the CHV commands: 00 and the CHV's number. */
static sw_t
named_chv(struct iso *c, const struct apdu *cmd, size_t at, size_t data_size, struct code *code)
{
	struct file *f;

	if (cmd->p1 != 0 || cmd->p2 < 1 || cmd->p2 > 2)
		return SW_WRONG_P1P2;
	if (cmd->data.n != data_size)
		return SW_WRONG_LENGTH;
	f = governing_chv(iso_df(c), cmd->p2);
	if (!f)
		return SW_INCOMPATIBLE_FILE;
	code_at(code, f, at);
	code->kind = cmd->p2 == 1 ? FLEX_CHV1 : FLEX_CHV2;
	return SW_OK;
}

sw_t
flex_verify_chv(struct iso *c, const struct apdu *cmd, struct buf *rsp)
{
	struct code code;
	sw_t sw = named_chv(c, cmd, CHV_AT, CHV_SIZE, &code);

	(void)rsp;
	return sw == SW_OK ? prove_code(c, &code, cmd->data, code.value) : sw;
}

/* What is in front proves, what follows is the new CHV, with all its tries. */
static sw_t
replace_chv(struct iso *c, const struct apdu *cmd, size_t at)
{
	struct view new = cmd->data, old;
	struct code code;
	uint8_t *p;
	sw_t sw = named_chv(c, cmd, at, (size_t)2 * CHV_SIZE, &code);

	if (sw != SW_OK)
		return sw;
	view_take(&new, CHV_SIZE, &old);
	sw = prove_code(c, &code, old, code.value);
	if (sw != SW_OK)
		return sw;
	p = code.file->contents.p + CHV_AT;
	memcpy(p, new.p, CHV_SIZE);
	p[TRIES_LEFT_BEHIND] = p[TRIES_MAX_BEHIND];
	c->state->fs.changed = true;
	return SW_OK;
}

sw_t
flex_change_chv(struct iso *c, const struct apdu *cmd, struct buf *rsp)
{
	(void)rsp;
	return replace_chv(c, cmd, CHV_AT);
}

sw_t
flex_unblock_chv(struct iso *c, const struct apdu *cmd, struct buf *rsp)
{
	(void)rsp;
	return replace_chv(c, cmd, UNBLOCK_AT);
}

static sw_t
named_key(struct iso *c, uint16_t fid, unsigned number, struct code *code)
{
	return governing_key(iso_df(c), fid, number, code) ? SW_OK : SW_REFERENCE_NOT_FOUND;
}

sw_t
flex_verify_key(struct iso *c, const struct apdu *cmd, struct buf *rsp)
{
	struct code key = { 0 };
	sw_t sw = named_key(c, FLEX_FID_EXTERNAL_KEYS, cmd->p2, &key);

	(void)rsp;
	return sw == SW_OK ? prove_code(c, &key, cmd->data, key.value) : sw;
}

/* One block under a key: DES, or 3DES where the key says so. */
static sw_t
encipher(const struct iso *c, const struct code *key, struct view block, struct buf *out)
{
	return iso_sw(c, cipher_encrypt(CIPHER_3DES, CIPHER_ECB, key->value, NULL, block, out));
}

static bool
is_blocked(const struct code *code)
{
	return code->tries_max > 0 && *code->tries == 0;
}

/* The first bytes of the enciphered challenge; it is valid once. */
static sw_t
expected_answer(struct iso *c, const struct code *key, struct buf *out)
{
	struct channel *ch = c->x.ch;
	sw_t sw;

	if (is_blocked(key))
		return SW_BLOCKED;
	if (ch->challenge_len != CHALLENGE_SIZE)
		return SW_CONDITIONS;
	sw = encipher(c, key, view_of(ch->challenge, CHALLENGE_SIZE), out);
	ch->challenge_len = 0;
	buf_cut(out, MAC_SIZE);
	return sw;
}

sw_t
flex_external_authenticate(struct iso *c, const struct apdu *cmd, struct buf *rsp)
{
	struct buf right = BUF(CHALLENGE_SIZE);
	struct view given = cmd->data;
	struct code key = { 0 };
	uint8_t number;
	sw_t sw;

	(void)rsp;
	if (!view_u8(&given, &number) || given.n != MAC_SIZE)
		return SW_WRONG_LENGTH;
	sw = named_key(c, FLEX_FID_EXTERNAL_KEYS, number, &key);
	if (sw == SW_OK)
		sw = expected_answer(c, &key, &right);
	if (sw == SW_OK)
		sw = prove_code(c, &key, given, buf_view(&right));
	buf_free(&right);
	return sw;
}

/* INTERNAL AUTHENTICATE with a DES key: the first six bytes of the enciphered block. */
sw_t
flex_des_authenticate(struct iso *c, const struct apdu *cmd, struct buf *rsp)
{
	struct code key = { 0 };
	sw_t sw;

	if (cmd->p1 > 1)
		return SW_WRONG_P1P2;
	sw = named_key(c, FLEX_FID_INTERNAL_KEYS, cmd->p2, &key);
	if (sw == SW_OK)
		sw = encipher(c, &key, cmd->data, rsp);
	buf_cut(rsp, MAC_SIZE);
	return sw;
}

sw_t
flex_logout(struct iso *c, const struct apdu *cmd, struct buf *rsp)
{
	struct flex *x = flex_of(c);
	size_t i;

	(void)rsp;
	for (i = x->n_rights; i-- > 0;) {
		if (x->rights[i].kind & cmd->p1)
			drop_right(x, i);
	}
	return SW_OK;
}

/* --- protected commands ------------------------------------------------------------ */

/*
 * CBC over INS P1 P2 and the data, which begin with the length of what is meant
 * and end in padding; the challenge is what the first block is chained to.
 */
static sw_t
mac(struct iso *c, const struct apdu *cmd, const struct code *key, struct view padded,
    struct buf *out)
{
	const uint8_t header[] = { cmd->ins, cmd->p1, cmd->p2 };
	struct buf text = BUF(512);
	uint8_t iv[CHALLENGE_SIZE];
	int rc;

	memcpy(iv, c->x.ch->challenge, sizeof(iv));
	buf_put(&text, header, sizeof(header));
	buf_put_view(&text, padded);
	/* of nothing the checksum would be the challenge, which everybody knows */
	rc = text.failed ? -ENOMEM :
	     cipher_encrypt(CIPHER_3DES, CIPHER_CBC, key->value, iv, buf_view(&text), out);
	buf_free(&text);
	if (rc == 0) {
		buf_reset(out);
		buf_put(out, iv, MAC_SIZE);
	}
	explicit_bzero(iv, sizeof(iv));
	return iso_sw(c, rc);
}

/* length ‖ data ‖ FF.. ‖ MAC; header and all but the MAC are whole blocks. */
static bool
take_apart(struct view field, struct view *padded, struct view *data, struct view *given)
{
	struct view rest;
	uint8_t n;

	if (field.n < MAC_SIZE + 1)
		return false;
	*padded = view_slice(field, 0, field.n - MAC_SIZE);
	*given = view_slice(field, field.n - MAC_SIZE, MAC_SIZE);
	rest = *padded;
	return (padded->n + 3) % 8 == 0 && view_u8(&rest, &n) && view_take(&rest, n, data);
}

static sw_t
check_mac(struct iso *c, const struct apdu *cmd, struct code *key, struct view *data)
{
	struct buf right = BUF(512);
	struct view padded, given;
	sw_t sw;

	if (!take_apart(cmd->data, &padded, data, &given))
		return SW_SECURITY_STATUS;
	if (is_blocked(key))
		return SW_BLOCKED;
	if (c->x.ch->challenge_len != CHALLENGE_SIZE)
		return SW_CONDITIONS;
	sw = mac(c, cmd, key, padded, &right);
	c->x.ch->challenge_len = 0;
	if (sw == SW_OK)
		sw = try_outcome(c, sam_try(&c->state->sam, key->tries, key->tries_max, given,
					buf_view(&right)));
	buf_free(&right);
	return sw;
}

sw_t
flex_data(struct iso *c, const struct apdu *cmd, const struct file *f, enum flex_ac ac,
	  struct view *data)
{
	struct code key = { 0 };
	sw_t sw;

	*data = cmd->data;
	if (!wants_mac(condition_of(f, ac, false)))
		return SW_OK;
	if (!governing_key(df_of(f), FLEX_FID_EXTERNAL_KEYS, condition_of(f, ac, true), &key))
		return SW_SECURITY_STATUS;
	sw = check_mac(c, cmd, &key, data);
	flex_of(c)->protected = sw == SW_OK;
	return sw;
}

/* The key that was proven last. */
static bool
last_key(struct iso *c, struct code *key)
{
	const struct flex *x = flex_of(c);
	size_t i;

	for (i = x->n_rights; i-- > 0;) {
		if (x->rights[i].kind != FLEX_AUT)
			continue;
		key->file = fs_by_uid(&c->state->fs, x->rights[i].file);
		if (key->file && key_in(key->file, x->rights[i].number, key))
			return true;
	}
	return false;
}

sw_t
flex_update_enciphered(struct iso *c, const struct apdu *cmd, struct buf *rsp)
{
	struct buf plain = BUF(256);
	struct code key = { 0 };
	struct file *ef;
	sw_t sw = flex_ef(c, FILE_TRANSPARENT, &ef);

	(void)rsp;
	if (sw != SW_OK)
		return sw;
	if (cmd->data.n % 8 != 0)
		return SW_WRONG_LENGTH;
	if (!last_key(c, &key))
		return SW_SECURITY_STATUS;
	sw = iso_sw(c, cipher_decrypt(CIPHER_3DES, CIPHER_ECB, key.value, NULL, cmd->data, &plain));
	if (sw == SW_OK)
		sw = file_update(&c->state->fs, ef, &c->x.who, apdu_p1p2(cmd), buf_view(&plain));
	buf_free(&plain);
	return sw;
}
