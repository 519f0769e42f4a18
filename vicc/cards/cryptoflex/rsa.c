/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * RSA, and the files of its keys. All numbers stand with the least byte first.
 * A record: its length (2 bytes), the key's number, then, h being half the
 * modulus, private p q qinv dp dq of h each, public n (2h) J0 (h) H (2h) e (4).
 * J0 and H are for the chip's own arithmetic, and zero here.
 */
#include <errno.h>

#include "cards/cryptoflex/cryptoflex.h"
#include "crypto/rsa.h"

#define HALF_MAX (RSA_KEY_SIZE_MAX / 2)
#define RECORD_HEADER 3
#define PRIVATE_SIZE(h) ((size_t)(5 * (h) + 3))
#define PUBLIC_SIZE(h) ((size_t)(5 * (h) + 7))
#define DES_BLOCK 8
#define EXPONENT_SIZE 4

static void
put_reversed(struct buf *out, struct view v)
{
	uint8_t *p = buf_grow(out, v.n);
	size_t i;

	for (i = 0; p && i < v.n; i++)
		p[i] = v.p[v.n - 1 - i];
}

/*
 * Where the record of a key stands. False: nowhere; then at is where the next
 * one would go.
 */
static bool
find_record(const struct file *f, uint8_t number, size_t *at, struct view *record)
{
	struct view rest = buf_view(&f->contents), v;
	uint16_t n;

	for (*at = 0; ; *at += n) {
		v = view_slice(rest, *at, rest.n);
		if (!view_u16(&v, &n) || n < RECORD_HEADER || n > v.n + 2)
			return false;
		*record = view_slice(rest, *at, n);
		if (v.p[0] == number)
			return true;
	}
}

static bool
open_private(struct view record, struct rsa **key)
{
	static const enum rsa_part order[] = {
		RSA_PART_P, RSA_PART_Q, RSA_PART_QINV, RSA_PART_DP, RSA_PART_DQ,
	};
	size_t h = (record.n - RECORD_HEADER) / 5, i;
	struct buf numbers = BUF(5 * HALF_MAX);
	struct rsa_parts parts = { 0 };
	bool good = record.n == PRIVATE_SIZE(h) && h > 0;

	for (i = 0; i < 5; i++)
		put_reversed(&numbers, view_slice(record, RECORD_HEADER + i * h, h));
	for (i = 0; i < 5; i++)
		parts.part[order[i]] = view_slice(buf_view(&numbers), i * h, h);
	good = good && !numbers.failed && rsa_private(key, &parts) == 0;
	buf_free(&numbers);
	return good;
}

static sw_t
raw_private(struct iso *c, const struct rsa *key, struct view data, struct buf *rsp)
{
	struct buf in = BUF(RSA_KEY_SIZE_MAX), out = BUF(RSA_KEY_SIZE_MAX);
	sw_t sw = SW_WRONG_LENGTH;
	int rc;

	if (data.n == rsa_size(key)) {
		put_reversed(&in, data);
		rc = in.failed ? -ENOMEM : rsa_raw_private(key, buf_view(&in), &out);
		/* the only thing that can be wrong with the data now: not below the modulus */
		sw = rc == -ENOMEM ? SW_NO_MEMORY : SW_WRONG_DATA;
		if (rc == 0) {
			put_reversed(rsp, buf_view(&out));
			sw = SW_OK;
		}
	}
	buf_free(&in);
	buf_free(&out);
	(void)c;
	return sw;
}

static sw_t
sign_raw(struct iso *c, const struct apdu *cmd, struct buf *rsp)
{
	struct file *f = fs_child(iso_df(c), FLEX_FID_PRIVATE_KEYS);
	struct view record;
	struct rsa *key;
	size_t at;
	sw_t sw;

	if (!f)
		return SW_FILE_NOT_FOUND;
	if (file_deactivated(f))
		return SW_DEACTIVATED;
	if (!flex_chv1_proven(c))
		return SW_SECURITY_STATUS;
	if (!find_record(f, (uint8_t)(cmd->p2 + 1), &at, &record) || !open_private(record, &key))
		return SW_REFERENCE_NOT_FOUND;
	sw = raw_private(c, key, cmd->data, rsp);
	rsa_free(key);
	return sw;
}

/* A block is for a DES key, anything else for an RSA key. */
sw_t
flex_internal_authenticate(struct iso *c, const struct apdu *cmd, struct buf *rsp)
{
	if (cmd->data.n == DES_BLOCK)
		return flex_des_authenticate(c, cmd, rsp);
	if (cmd->p1 != 0)
		return SW_WRONG_P1P2;
	return sign_raw(c, cmd, rsp);
}

/* --- RSA KEYGEN -------------------------------------------------------------------- */

static void
put_part(const struct rsa *key, enum rsa_part part, struct buf *out)
{
	struct buf number = BUF(RSA_KEY_SIZE_MAX);

	if (rsa_get(key, part, &number) < 0)
		out->failed = true;
	put_reversed(out, buf_view(&number));
	buf_free(&number);
}

static void
put_private(const struct rsa *key, uint8_t number, struct buf *out)
{
	buf_u16(out, (uint16_t)PRIVATE_SIZE(rsa_size(key) / 2));
	buf_u8(out, number);
	put_part(key, RSA_PART_P, out);
	put_part(key, RSA_PART_Q, out);
	put_part(key, RSA_PART_QINV, out);
	put_part(key, RSA_PART_DP, out);
	put_part(key, RSA_PART_DQ, out);
}

static void
put_public(const struct rsa *key, uint8_t number, struct view e, struct buf *out)
{
	buf_u16(out, (uint16_t)PUBLIC_SIZE(rsa_size(key) / 2));
	buf_u8(out, number);
	put_part(key, RSA_PART_N, out);
	buf_fill(out, 0, rsa_size(key) / 2 * 3);
	buf_put_view(out, e);
}

/* Where the record of this size goes: over the key's old one, or behind all others. */
static sw_t
place_record(const struct iso *c, uint16_t fid, uint8_t number, size_t size, struct file **f,
	     size_t *at)
{
	struct view old;

	*f = fs_child(iso_df(c), fid);
	if (!*f || file_kind(*f) != FILE_TRANSPARENT)
		return SW_FILE_NOT_FOUND;
	if (file_deactivated(*f))
		return SW_DEACTIVATED;
	if (find_record(*f, number, at, &old) && old.n != size)
		return SW_NO_MEMORY;
	return *at + size > (*f)->contents.n ? SW_NO_MEMORY : SW_OK;
}

static sw_t
store(struct iso *c, const struct rsa *key, uint8_t number, struct view e)
{
	struct buf private = BUF(PRIVATE_SIZE(HALF_MAX)), public = BUF(PUBLIC_SIZE(HALF_MAX));
	struct file *private_file, *public_file;
	size_t private_at, public_at;
	sw_t sw;

	put_private(key, number, &private);
	put_public(key, number, e, &public);
	sw = private.failed || public.failed ? SW_NO_MEMORY : SW_OK;
	if (sw == SW_OK)
		sw = place_record(c, FLEX_FID_PRIVATE_KEYS, number, private.n, &private_file,
				  &private_at);
	if (sw == SW_OK)
		sw = place_record(c, FLEX_FID_PUBLIC_KEYS, number, public.n, &public_file,
				  &public_at);
	/* who may generate may write both: their own conditions are for UPDATE */
	if (sw == SW_OK)
		sw = file_update(&c->state->fs, private_file, NULL, private_at, buf_view(&private));
	if (sw == SW_OK)
		sw = file_update(&c->state->fs, public_file, NULL, public_at, buf_view(&public));
	buf_free(&private);
	buf_free(&public);
	return sw;
}

/* Bits by P2; 0: none of them. */
static size_t
key_bits(uint8_t p2)
{
	switch (p2) {
	case 0x40:
		return 512;
	case 0x60:
		return 768;
	case 0x80:
		return 1024;
	case 0x00:
		return 2048;
	default:
		return 0;
	}
}

/* Before the long work: is there room for what will come of it? */
static sw_t
check_room(struct iso *c, uint8_t number, size_t bits)
{
	struct file *f;
	size_t at;
	sw_t sw = place_record(c, FLEX_FID_PRIVATE_KEYS, number, PRIVATE_SIZE(bits / 16), &f, &at);

	if (sw != SW_OK)
		return sw;
	return place_record(c, FLEX_FID_PUBLIC_KEYS, number, PUBLIC_SIZE(bits / 16), &f, &at);
}

sw_t
flex_generate_key(struct iso *c, const struct apdu *cmd, struct buf *rsp)
{
	uint8_t number = (uint8_t)(cmd->p1 + 1);
	struct buf exponent = BUF(EXPONENT_SIZE);
	size_t bits = key_bits(cmd->p2);
	struct rsa *key = NULL;
	sw_t sw;
	int rc;

	(void)rsp;
	if (bits == 0)
		return SW_WRONG_P1P2;
	if (cmd->data.n != EXPONENT_SIZE)
		return SW_WRONG_LENGTH;
	if (!flex_chv1_proven(c))
		return SW_SECURITY_STATUS;
	sw = check_room(c, number, bits);
	if (sw != SW_OK)
		return sw;
	put_reversed(&exponent, cmd->data);
	rc = exponent.failed ? -ENOMEM :
	     rsa_generate(&key, bits, buf_view(&exponent), iso_interrupted, c);
	buf_free(&exponent);
	if (rc == -EINVAL)
		return SW_SECURITY_STATUS; /* what this card says of such an exponent */
	sw = rc < 0 ? iso_sw(c, rc) : store(c, key, number, cmd->data);
	rsa_free(key);
	return sw;
}
