/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "crypto/ed.h"

#include <errno.h>
#include <openssl/evp.h>
#include <stdlib.h>

#include "crypto/failure.h"

struct ed {
	enum ed_kind kind;
	bool is_private;
	EVP_PKEY *pkey;
};

static const char *const names[] = {
	[ED_25519] = "ED25519",
	[ED_X25519] = "X25519",
};

void
ed_free(struct ed *k)
{
	if (!k)
		return;
	EVP_PKEY_free(k->pkey);
	free(k);
}

/* Takes pkey over, whether it succeeds or not; NULL: libcrypto made none. */
static int
ed_wrap(struct ed **out, enum ed_kind kind, EVP_PKEY *pkey, bool is_private)
{
	*out = NULL;
	if (!pkey)
		return crypto_failure(-EIO);
	*out = calloc(1, sizeof(**out));
	if (!*out) {
		EVP_PKEY_free(pkey);
		return -ENOMEM;
	}
	**out = (struct ed) { .kind = kind, .is_private = is_private, .pkey = pkey };
	return 0;
}

int
ed_generate(struct ed **out, enum ed_kind kind)
{
	return ed_wrap(out, kind, EVP_PKEY_Q_keygen(NULL, NULL, names[kind]), true);
}

int
ed_private(struct ed **out, enum ed_kind kind, struct view key)
{
	*out = NULL;
	if (key.n != ED_KEY_SIZE)
		return -EINVAL;
	return ed_wrap(out, kind,
		       EVP_PKEY_new_raw_private_key_ex(NULL, names[kind], NULL, key.p, key.n), true);
}

int
ed_public(struct ed **out, enum ed_kind kind, struct view key)
{
	*out = NULL;
	if (key.n != ED_KEY_SIZE)
		return -EINVAL;
	return ed_wrap(out, kind,
		       EVP_PKEY_new_raw_public_key_ex(NULL, names[kind], NULL, key.p, key.n), false);
}

enum ed_kind
ed_kind(const struct ed *k)
{
	return k->kind;
}

bool
ed_is_private(const struct ed *k)
{
	return k->is_private;
}

struct view
ed_oid(enum ed_kind kind)
{
	static const uint8_t ed25519[] = { 0x2b, 0x65, 0x70 }, x25519[] = { 0x2b, 0x65, 0x6e };

	return kind == ED_25519 ? view_of(ed25519, sizeof(ed25519)) : view_of(x25519, sizeof(x25519));
}

static int
get(const struct ed *k, int (*fn)(const EVP_PKEY *, unsigned char *, size_t *), struct buf *out)
{
	uint8_t *at = buf_grow(out, ED_KEY_SIZE);
	size_t n = ED_KEY_SIZE;

	if (!at)
		return -ENOMEM;
	if (fn(k->pkey, at, &n) == 1)
		return 0;
	buf_cut(out, out->n - ED_KEY_SIZE);
	return crypto_failure(-EIO);
}

int
ed_get_private(const struct ed *k, struct buf *out)
{
	return k->is_private ? get(k, EVP_PKEY_get_raw_private_key, out) : -ENOENT;
}

int
ed_get_public(const struct ed *k, struct buf *out)
{
	return get(k, EVP_PKEY_get_raw_public_key, out);
}

/* libcrypto takes no NULL for a message of nothing. */
static const uint8_t *
pointer(struct view v)
{
	static const uint8_t nothing;

	return v.n > 0 ? v.p : &nothing;
}

int
ed_sign(const struct ed *k, struct view message, struct buf *out)
{
	EVP_MD_CTX *ctx;
	size_t n = ED_SIGNATURE_SIZE;
	uint8_t *at;
	int r = 0;

	if (k->kind != ED_25519)
		return -ENOTSUP;
	if (!k->is_private)
		return -ENOENT;
	at = buf_grow(out, n);
	if (!at)
		return -ENOMEM;
	ctx = EVP_MD_CTX_new();
	if (!ctx || EVP_DigestSignInit_ex(ctx, NULL, NULL, NULL, NULL, k->pkey, NULL) != 1 ||
	    EVP_DigestSign(ctx, at, &n, pointer(message), message.n) != 1) {
		buf_cut(out, out->n - ED_SIGNATURE_SIZE);
		r = crypto_failure(-EIO);
	}
	EVP_MD_CTX_free(ctx);
	return r;
}

int
ed_verify(const struct ed *k, struct view message, struct view signature)
{
	EVP_MD_CTX *ctx;
	int r = -EBADMSG;

	if (k->kind != ED_25519)
		return -ENOTSUP;
	if (signature.n != ED_SIGNATURE_SIZE)
		return -EBADMSG;
	ctx = EVP_MD_CTX_new();
	if (!ctx || EVP_DigestVerifyInit_ex(ctx, NULL, NULL, NULL, NULL, k->pkey, NULL) != 1)
		r = -EIO;
	else if (EVP_DigestVerify(ctx, signature.p, signature.n, pointer(message), message.n) == 1)
		r = 0;
	EVP_MD_CTX_free(ctx);
	return r < 0 ? crypto_failure(r) : 0;
}

int
ed_shared(const struct ed *k, struct view other, struct buf *out)
{
	EVP_PKEY_CTX *ctx = NULL;
	EVP_PKEY *peer;
	size_t n = ED_KEY_SIZE;
	uint8_t *at;
	int r = 0;

	if (k->kind != ED_X25519)
		return -ENOTSUP;
	if (!k->is_private)
		return -ENOENT;
	if (other.n != ED_KEY_SIZE)
		return -EINVAL;
	at = buf_grow(out, n);
	if (!at)
		return -ENOMEM;
	peer = EVP_PKEY_new_raw_public_key_ex(NULL, names[k->kind], NULL, other.p, other.n);
	ctx = EVP_PKEY_CTX_new_from_pkey(NULL, k->pkey, NULL);
	if (!peer || !ctx || EVP_PKEY_derive_init(ctx) != 1 || EVP_PKEY_derive_set_peer(ctx, peer) != 1)
		r = crypto_failure(-EIO);
	/* fails for the points of small order, whose secret is zero */
	else if (EVP_PKEY_derive(ctx, at, &n) != 1)
		r = crypto_failure(-EINVAL);
	if (r < 0)
		buf_cut(out, out->n - ED_KEY_SIZE);
	EVP_PKEY_CTX_free(ctx);
	EVP_PKEY_free(peer);
	return r;
}
