/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cards/cac/softhsm.h"

#include <errno.h>
#include <string.h>

#include "crypto/cipher.h"
#include "crypto/digest.h"

/* --- files --------------------------------------------------------------------------------- */

/* Numbers have eight bytes, the high one first. */
#define NUMBER_SIZE 8

enum kind {
	KIND_FLAG = 1,
	KIND_NUMBER = 2,
	KIND_BYTES = 3,
	KIND_ATTRIBUTES = 4, /* so many bytes of attributes */
	KIND_MECHANISMS = 5, /* so many numbers */
};

/* Of PKCS#11: CKA_..., CKO_..., CKK_... */
#define CLASS 0x000
#define PRIVATE 0x002
#define KEY_TYPE 0x100
#define CLASS_CERTIFICATE 1
#define CLASS_PRIVATE_KEY 3
#define TYPE_RSA 0

static const size_t wanted[SOFTHSM_ATTRIBUTES] = {
	[SOFTHSM_LABEL] = 0x003,
	[SOFTHSM_ID] = 0x102,
	[SOFTHSM_VALUE] = 0x011,
	[SOFTHSM_TOKEN_SERIAL] = 0x8000534a,
	[SOFTHSM_USER_PIN] = 0x8000534d,
	[SOFTHSM_RSA + RSA_PART_N] = 0x120,
	[SOFTHSM_RSA + RSA_PART_E] = 0x122,
	[SOFTHSM_RSA + RSA_PART_D] = 0x123,
	[SOFTHSM_RSA + RSA_PART_P] = 0x124,
	[SOFTHSM_RSA + RSA_PART_Q] = 0x125,
	[SOFTHSM_RSA + RSA_PART_DP] = 0x126,
	[SOFTHSM_RSA + RSA_PART_DQ] = 0x127,
	[SOFTHSM_RSA + RSA_PART_QINV] = 0x128,
};

/* One that is larger than a size_t is none that could be meant. */
static bool
take_number(struct view *in, size_t *n)
{
	struct view bytes;

	return view_take(in, NUMBER_SIZE, &bytes) && view_number(bytes, n);
}

struct attribute {
	size_t type, kind, number; /* of a flag or a number */
	struct view bytes;
};

static bool
next_attribute(struct view *in, struct attribute *a)
{
	uint8_t flag;
	size_t n;

	*a = (struct attribute) { .type = 0 };
	if (!take_number(in, &a->type) || !take_number(in, &a->kind))
		return false;
	switch (a->kind) {
	case KIND_FLAG:
		if (!view_u8(in, &flag))
			return false;
		a->number = flag;
		return true;
	case KIND_NUMBER:
		if (!view_take(in, NUMBER_SIZE, &a->bytes))
			return false;
		/* all bits set where there is none; so is what is too large for a size_t */
		a->number = SIZE_MAX;
		view_number(a->bytes, &a->number);
		return true;
	case KIND_BYTES:
	case KIND_ATTRIBUTES:
		return take_number(in, &n) && view_take(in, n, &a->bytes);
	case KIND_MECHANISMS:
		return take_number(in, &n) && n <= in->n / NUMBER_SIZE &&
		       view_take(in, n * NUMBER_SIZE, &a->bytes);
	default:
		return false;
	}
}

static void
keep_bytes(struct softhsm_object *o, const struct attribute *a)
{
	size_t i;

	for (i = 0; i < SOFTHSM_ATTRIBUTES; i++) {
		if (wanted[i] == a->type)
			o->value[i] = a->bytes;
	}
}

bool
softhsm_read(struct view file, struct softhsm_object *out)
{
	size_t generation, class = SIZE_MAX, type = SIZE_MAX;
	struct attribute a;

	*out = (struct softhsm_object) { .private = false };
	if (!take_number(&file, &generation))
		return false;
	while (file.n > 0) {
		if (!next_attribute(&file, &a))
			return false;
		if (a.kind == KIND_BYTES)
			keep_bytes(out, &a);
		else if (a.type == PRIVATE)
			out->private = a.number != 0;
		else if (a.type == CLASS)
			class = a.number;
		else if (a.type == KEY_TYPE)
			type = a.number;
	}
	if (class == CLASS_CERTIFICATE && !out->private)
		out->class = SOFTHSM_CERTIFICATE;
	else if (class == CLASS_PRIVATE_KEY && type == TYPE_RSA)
		out->class = SOFTHSM_RSA_KEY;
	return true;
}

/* --- what is sealed -------------------------------------------------------------------------- */

#define SALT_SIZE 8
#define IV_SIZE 16
#define MASTER_SIZE 32
#define ROUNDS 1500 /* and the last byte of the salt */
#define SEALED_MAX 4096 /* bytes */

static const uint8_t magic[] = { 'R', 'J', 'R' };

/* The key that a PIN is: its hash, hashed again and again. */
static int
derive_key(struct view salt, struct view pin, struct secret *key)
{
	struct buf in = BUF(SALT_SIZE + SECRET_MAX), hash = BUF(DIGEST_MAX);
	unsigned rounds = ROUNDS + salt.p[salt.n - 1];
	int rc = 0;

	buf_put_view(&in, salt);
	buf_put_view(&in, pin);
	for (; rc == 0 && rounds > 0; rounds--) {
		buf_reset(&hash);
		rc = in.failed ? -ENOMEM : digest_once(DIGEST_SHA256, buf_view(&in), &hash);
		if (rc == 0 && !buf_set(&in, buf_view(&hash)))
			rc = -ENOMEM;
	}
	if (rc == 0)
		secret_set(key, buf_view(&in));
	buf_free(&in);
	buf_free(&hash);
	return rc;
}

/* PKCS#7: n times n. */
static bool
unpad(struct view *v)
{
	uint8_t n = v->n > 0 ? v->p[v->n - 1] : 0, differs = 0;
	size_t i;

	if (n == 0 || n > CIPHER_BLOCK_MAX || n > v->n)
		return false;
	for (i = v->n - n; i < v->n; i++)
		differs |= v->p[i] ^ n;
	v->n -= n;
	return differs == 0;
}

/* IV and AES-256-CBC. */
static int
cac_decrypt(const struct secret *key, struct view sealed, struct buf *out)
{
	struct buf all = BUF(SEALED_MAX);
	uint8_t block[IV_SIZE];
	struct view iv, text;
	int rc;

	if (!view_take(&sealed, sizeof(block), &iv) || sealed.n == 0)
		return -EBADMSG;
	memcpy(block, iv.p, sizeof(block));
	rc = cipher_decrypt(CIPHER_AES, CIPHER_CBC, secret_view(key), block, sealed, &all);
	text = buf_view(&all);
	if (rc == 0 && all.failed)
		rc = -ENOMEM;
	else if (rc == -EINVAL || (rc == 0 && !unpad(&text)))
		rc = -EBADMSG;
	if (rc == 0)
		buf_put_view(out, text);
	buf_free(&all);
	return rc == 0 && out->failed ? -ENOMEM : rc;
}

int
softhsm_open(struct view blob, struct view pin, struct secret *master)
{
	struct secret key = { .n = 0 };
	struct buf text = BUF(SOFTHSM_BLOB_SIZE);
	struct view salt, rest;
	int rc;

	if (blob.n != SOFTHSM_BLOB_SIZE || !view_take(&blob, SALT_SIZE, &salt))
		return -EINVAL;
	rc = derive_key(salt, pin, &key);
	if (rc == 0)
		rc = cac_decrypt(&key, blob, &text);
	secret_wipe(&key);
	rest = buf_view(&text);
	if (rc == 0 && !(view_starts(rest, view_of(magic, sizeof(magic))) &&
			 rest.n == sizeof(magic) + MASTER_SIZE))
		rc = -EBADMSG;
	if (rc == 0)
		secret_set(master, view_slice(rest, sizeof(magic), MASTER_SIZE));
	buf_free(&text);
	return rc == -EBADMSG ? -EACCES : rc;
}

int
softhsm_unseal(const struct secret *master, struct view sealed, struct buf *out)
{
	return sealed.n > 0 ? cac_decrypt(master, sealed, out) : 0;
}
