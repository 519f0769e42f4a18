/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "crypto/digest.h"

#include <errno.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

#include "codec/tlv.h"
#include "crypto/failure.h"
#include "crypto/resume.h"

static const struct library_digest {
	const char *name;
	size_t size;
	size_t block;
	const EVP_MD *(*md)(void);
	struct view oid;
} algorithms[DIGEST_COUNT] = {
#define OID(...) \
	{ .p = (const uint8_t[]) { __VA_ARGS__ }, .n = sizeof((uint8_t[]) { __VA_ARGS__ }) }
#define NIST_HASH(n) OID(0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, n)
	[DIGEST_SHA1] = { "SHA1", 20, 64, EVP_sha1, OID(0x2b, 0x0e, 0x03, 0x02, 0x1a) },
	[DIGEST_SHA224] = { "SHA224", 28, 64, EVP_sha224, NIST_HASH(4) },
	[DIGEST_SHA256] = { "SHA256", 32, 64, EVP_sha256, NIST_HASH(1) },
	[DIGEST_SHA384] = { "SHA384", 48, 128, EVP_sha384, NIST_HASH(2) },
	[DIGEST_SHA512] = { "SHA512", 64, 128, EVP_sha512, NIST_HASH(3) },
	[DIGEST_SHA3_256] = { "SHA3-256", 32, 136, EVP_sha3_256, NIST_HASH(8) },
	[DIGEST_SHA3_384] = { "SHA3-384", 48, 104, EVP_sha3_384, NIST_HASH(9) },
	[DIGEST_SHA3_512] = { "SHA3-512", 64, 72, EVP_sha3_512, NIST_HASH(10) },
};

/* One of the two: libcrypto's, or one that began in the middle. */
struct hash {
	enum digest digest;
	EVP_MD_CTX *ctx;
	struct resume *resumed;
};

size_t
digest_size(enum digest d)
{
	return algorithms[d].size;
}

size_t
digest_block(enum digest d)
{
	return algorithms[d].block;
}

const char *
digest_name(enum digest d)
{
	return algorithms[d].name;
}

static int
append_hash(struct buf *out, uint8_t hash[DIGEST_MAX], enum digest d)
{
	buf_put(out, hash, digest_size(d));
	explicit_bzero(hash, DIGEST_MAX);
	return out->failed ? -ENOMEM : 0;
}

int
digest_once(enum digest d, struct view data, struct buf *out)
{
	uint8_t hash[DIGEST_MAX];

	if (EVP_Digest(data.p, data.n, hash, NULL, algorithms[d].md(), NULL) != 1)
		return crypto_failure(-EIO);
	return append_hash(out, hash, d);
}

struct hash *
hash_new(enum digest d)
{
	struct hash *h = calloc(1, sizeof(*h));

	if (!h)
		return NULL;
	h->digest = d;
	h->ctx = EVP_MD_CTX_new();
	if (!h->ctx || EVP_DigestInit_ex2(h->ctx, algorithms[d].md(), NULL) != 1) {
		crypto_failure(-ENOMEM);
		hash_free(h);
		return NULL;
	}
	return h;
}

int
hash_resume(struct hash **out, enum digest d, struct view state)
{
	struct resume *resumed;
	int r;

	*out = NULL;
	if (state.n == 0) {
		*out = hash_new(d);
		return *out ? 0 : -ENOMEM;
	}
	r = resume_new(&resumed, d, state);
	if (r < 0)
		return r;
	*out = calloc(1, sizeof(**out));
	if (!*out) {
		resume_free(resumed);
		return -ENOMEM;
	}
	**out = (struct hash) { .digest = d, .resumed = resumed };
	return 0;
}

void
hash_free(struct hash *h)
{
	if (!h)
		return;
	EVP_MD_CTX_free(h->ctx);
	resume_free(h->resumed);
	free(h);
}

int
hash_update(struct hash *h, struct view data)
{
	if (data.n == 0)
		return 0;
	if (h->resumed)
		return resume_update(h->resumed, data);
	return EVP_DigestUpdate(h->ctx, data.p, data.n) == 1 ? 0 : crypto_failure(-EIO);
}

int
hash_final(struct hash *h, struct buf *out)
{
	uint8_t hash[DIGEST_MAX];
	int r;

	if (h->resumed)
		r = resume_final(h->resumed, hash);
	else
		r = EVP_DigestFinal_ex(h->ctx, hash, NULL) == 1 ? 0 : crypto_failure(-EIO);
	return r < 0 ? r : append_hash(out, hash, h->digest);
}

void
digest_put_algorithm(enum digest d, struct buf *out)
{
	size_t mark = tlv_open(out, 0x30);

	tlv_put(out, 0x06, algorithms[d].oid);
	tlv_close(out, mark);
}

int
digest_info(enum digest d, struct view hash, struct buf *out)
{
	size_t info, algorithm;

	if (hash.n != digest_size(d))
		return -EINVAL;
	info = tlv_open(out, 0x30);
	algorithm = tlv_open(out, 0x30);
	tlv_put(out, 0x06, algorithms[d].oid);
	tlv_put(out, 0x05, view_of(NULL, 0));
	tlv_close(out, algorithm);
	tlv_put(out, 0x04, hash);
	tlv_close(out, info);
	return out->failed ? -ENOMEM : 0;
}
