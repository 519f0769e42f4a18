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

/* RFC 8410, 3 has the object identifiers: 1.3.101.N. */
static const struct {
	const char *name; /* libcrypto's, whose case does not matter */
	size_t size, bits;
	bool signs;
	uint8_t oid[3];
} kinds[] = {
	[ED_25519] = { "Ed25519", 32, 256, true, { 0x2b, 0x65, 0x70 } },
	[ED_X25519] = { "X25519", 32, 256, false, { 0x2b, 0x65, 0x6e } },
	[ED_448] = { "Ed448", 57, 456, true, { 0x2b, 0x65, 0x71 } },
	[ED_X448] = { "X448", 56, 448, false, { 0x2b, 0x65, 0x6f } },
};

size_t
ed_size(enum ed_kind kind)
{
	return kinds[kind].size;
}

size_t
ed_bits(enum ed_kind kind)
{
	return kinds[kind].bits;
}

const char *
ed_name(enum ed_kind kind)
{
	return kinds[kind].name;
}

bool
ed_signs(enum ed_kind kind)
{
	return kinds[kind].signs;
}

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
	return ed_wrap(out, kind, EVP_PKEY_Q_keygen(NULL, NULL, kinds[kind].name), true);
}

int
ed_private(struct ed **out, enum ed_kind kind, struct view key)
{
	*out = NULL;
	if (key.n != kinds[kind].size)
		return -EINVAL;
	return ed_wrap(out, kind,
		       EVP_PKEY_new_raw_private_key_ex(NULL, kinds[kind].name, NULL, key.p, key.n),
		       true);
}

int
ed_public(struct ed **out, enum ed_kind kind, struct view key)
{
	*out = NULL;
	if (key.n != kinds[kind].size)
		return -EINVAL;
	return ed_wrap(out, kind,
		       EVP_PKEY_new_raw_public_key_ex(NULL, kinds[kind].name, NULL, key.p, key.n),
		       false);
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
	return view_of(kinds[kind].oid, sizeof(kinds[kind].oid));
}

static int
get(const struct ed *k, int (*fn)(const EVP_PKEY *, unsigned char *, size_t *), struct buf *out)
{
	size_t n = kinds[k->kind].size;
	uint8_t *at = buf_grow(out, n);

	if (!at)
		return -ENOMEM;
	if (fn(k->pkey, at, &n) == 1)
		return 0;
	buf_cut(out, out->n - kinds[k->kind].size);
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
	const size_t size = 2 * kinds[k->kind].size;
	size_t n = size;
	uint8_t *at;
	int r = 0;

	if (!kinds[k->kind].signs)
		return -ENOTSUP;
	if (!k->is_private)
		return -ENOENT;
	at = buf_grow(out, n);
	if (!at)
		return -ENOMEM;
	ctx = EVP_MD_CTX_new();
	if (!ctx || EVP_DigestSignInit_ex(ctx, NULL, NULL, NULL, NULL, k->pkey, NULL) != 1 ||
	    EVP_DigestSign(ctx, at, &n, pointer(message), message.n) != 1) {
		buf_cut(out, out->n - size);
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

	if (!kinds[k->kind].signs)
		return -ENOTSUP;
	if (signature.n != 2 * kinds[k->kind].size)
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
	const size_t size = kinds[k->kind].size;
	size_t n = size;
	uint8_t *at;
	int r = 0;

	if (kinds[k->kind].signs)
		return -ENOTSUP;
	if (!k->is_private)
		return -ENOENT;
	if (other.n != size)
		return -EINVAL;
	at = buf_grow(out, n);
	if (!at)
		return -ENOMEM;
	peer = EVP_PKEY_new_raw_public_key_ex(NULL, kinds[k->kind].name, NULL, other.p, other.n);
	ctx = EVP_PKEY_CTX_new_from_pkey(NULL, k->pkey, NULL);
	if (!peer || !ctx || EVP_PKEY_derive_init(ctx) != 1 ||
	    EVP_PKEY_derive_set_peer(ctx, peer) != 1)
		r = crypto_failure(-EIO);
	/* fails for the points of small order, whose secret is zero */
	else if (EVP_PKEY_derive(ctx, at, &n) != 1)
		r = crypto_failure(-EINVAL);
	if (r < 0)
		buf_cut(out, out->n - size);
	EVP_PKEY_CTX_free(ctx);
	EVP_PKEY_free(peer);
	return r;
}
