/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * EVP hides the chaining value, so this one file uses the functions under it.
 * They are deprecated since libcrypto 3.0, and there in all of 3.x and in 4.0.
 */
#define OPENSSL_SUPPRESS_DEPRECATED
#include "crypto/resume.h"

#include <errno.h>
#include <openssl/sha.h>
#include <stdlib.h>
#include <string.h>

#define COUNT_SIZE 8 /* bytes of the number of bits */

struct resume {
	enum digest digest;
	union {
		SHA_CTX sha1;
		SHA256_CTX sha256;
		SHA512_CTX sha512;
	} u;
};

static uint64_t
resume_number(const uint8_t *p, size_t n)
{
	uint64_t v = 0;

	while (n-- > 0)
		v = v << 8 | *p++;
	return v;
}

static void
load32(SHA_LONG *h, size_t n, const uint8_t *p)
{
	size_t i;

	for (i = 0; i < n; i++)
		h[i] = (SHA_LONG)resume_number(p + 4 * i, 4);
}

static void
load_sha1(SHA_CTX *c, const uint8_t *p, uint64_t bits)
{
	SHA_LONG h[5];

	SHA1_Init(c);
	load32(h, 5, p);
	c->h0 = h[0];
	c->h1 = h[1];
	c->h2 = h[2];
	c->h3 = h[3];
	c->h4 = h[4];
	c->Nl = (SHA_LONG)bits;
	c->Nh = (SHA_LONG)(bits >> 32);
	explicit_bzero(h, sizeof(h));
}

static void
load_sha256(SHA256_CTX *c, enum digest d, const uint8_t *p, uint64_t bits)
{
	if (d == DIGEST_SHA224)
		SHA224_Init(c);
	else
		SHA256_Init(c);
	load32(c->h, 8, p);
	c->Nl = (SHA_LONG)bits;
	c->Nh = (SHA_LONG)(bits >> 32);
}

static void
load_sha512(SHA512_CTX *c, enum digest d, const uint8_t *p, uint64_t bits)
{
	size_t i;

	if (d == DIGEST_SHA384)
		SHA384_Init(c);
	else
		SHA512_Init(c);
	for (i = 0; i < 8; i++)
		c->h[i] = resume_number(p + 8 * i, 8);
	c->Nl = bits;
}

static void
resume_load(struct resume *r, const uint8_t *p, uint64_t bits)
{
	if (r->digest == DIGEST_SHA1)
		load_sha1(&r->u.sha1, p, bits);
	else if (r->digest <= DIGEST_SHA256)
		load_sha256(&r->u.sha256, r->digest, p, bits);
	else
		load_sha512(&r->u.sha512, r->digest, p, bits);
}

int
resume_new(struct resume **out, enum digest d, struct view state)
{
	static const size_t chained[] = {
		[DIGEST_SHA1] = 20, [DIGEST_SHA224] = 32, [DIGEST_SHA256] = 32,
		[DIGEST_SHA384] = 64, [DIGEST_SHA512] = 64,
	};
	uint64_t bits;

	*out = NULL;
	if (d > DIGEST_SHA512)
		return -ENOTSUP;
	if (state.n != chained[d] + COUNT_SIZE)
		return -EINVAL;
	bits = resume_number(state.p + chained[d], COUNT_SIZE);
	if (bits % (8 * digest_block(d)) != 0)
		return -EINVAL;
	*out = calloc(1, sizeof(**out));
	if (!*out)
		return -ENOMEM;
	(*out)->digest = d;
	resume_load(*out, state.p, bits);
	return 0;
}

void
resume_free(struct resume *r)
{
	if (r)
		freezero(r, sizeof(*r));
}

int
resume_update(struct resume *r, struct view data)
{
	int ok;

	if (r->digest == DIGEST_SHA1)
		ok = SHA1_Update(&r->u.sha1, data.p, data.n);
	else if (r->digest <= DIGEST_SHA256)
		ok = SHA256_Update(&r->u.sha256, data.p, data.n);
	else
		ok = SHA512_Update(&r->u.sha512, data.p, data.n);
	return ok == 1 ? 0 : -EIO;
}

/* The context knows how much of the hash SHA-224 and SHA-384 leave off. */
int
resume_final(struct resume *r, uint8_t hash[DIGEST_MAX])
{
	int ok;

	if (r->digest == DIGEST_SHA1)
		ok = SHA1_Final(hash, &r->u.sha1);
	else if (r->digest <= DIGEST_SHA256)
		ok = SHA256_Final(hash, &r->u.sha256);
	else
		ok = SHA512_Final(hash, &r->u.sha512);
	return ok == 1 ? 0 : -EIO;
}
