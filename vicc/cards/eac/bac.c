/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cards/eac/bac.h"

#include <errno.h>
#include <string.h>

#include "crypto/cipher.h"
#include "crypto/kdf.h"
#include "crypto/mac.h"
#include "crypto/rand.h"
#include "iso/auth.h"
#include "iso/key.h"

#define SEED 16 /* of K.IFD and K.IC */
#define RND BAC_CHALLENGE
#define TOKEN (2 * RND + SEED)
#define MAC 8

/* One side's contribution, as it travels enciphered. */
struct token {
	uint8_t bytes[TOKEN]; /* own RND, the other's RND, key seed */
};

static enum cipher
cipher_of(enum sm_suite suite)
{
	return suite == SM_AES ? CIPHER_AES : CIPHER_3DES;
}

static int
bac_checksum(enum sm_suite suite, struct view kmac, struct view data, struct buf *out)
{
	int rc = suite == SM_AES ? mac_cmac(kmac, data, out) : mac_retail_padded(kmac, data, out);

	if (rc == 0)
		buf_cut(out, MAC);
	return rc;
}

/* 0; -EBADMSG: it is not from one who has the keys and our challenge. */
static int
open_token(enum sm_suite suite, struct view kenc, struct view kmac, struct view data,
	   struct view rnd_ic, struct token *out)
{
	struct buf mac = BUF(16), plain = BUF(TOKEN);
	int rc = bac_checksum(suite, kmac, view_slice(data, 0, TOKEN), &mac);

	if (rc == 0 && !secret_equal(buf_view(&mac), view_slice(data, TOKEN, MAC)))
		rc = -EBADMSG;
	if (rc == 0)
		rc = cipher_decrypt(cipher_of(suite), CIPHER_CBC, kenc, NULL,
				    view_slice(data, 0, TOKEN), &plain);
	if (rc == 0 && !secret_equal(view_slice(buf_view(&plain), RND, RND), rnd_ic))
		rc = -EBADMSG;
	if (rc == 0)
		memcpy(out->bytes, plain.p, TOKEN);
	buf_free(&mac);
	buf_free(&plain);
	return rc;
}

static int
seal_token(enum sm_suite suite, struct view kenc, struct view kmac, const struct token *t,
	   struct buf *rsp)
{
	struct buf mac = BUF(16), sealed = BUF(TOKEN);
	int rc = cipher_encrypt(cipher_of(suite), CIPHER_CBC, kenc, NULL, view_of(t->bytes, TOKEN),
				&sealed);

	if (rc == 0)
		rc = bac_checksum(suite, kmac, buf_view(&sealed), &mac);
	buf_put_view(rsp, buf_view(&sealed));
	buf_put_view(rsp, buf_view(&mac));
	buf_free(&mac);
	buf_free(&sealed);
	return rc;
}

/* Doc 9303-11, 4.3.3 and 9.8.6. NULL: no memory. */
static struct sm *
agreed(enum sm_suite suite, size_t key_size, const struct token *theirs, const struct token *ours)
{
	const struct view seed = view_of(theirs->bytes + 2 * RND, SEED);
	struct secret kenc = { .n = 0 }, kmac = { .n = 0 };
	uint8_t both[SEED], ssc[RND];
	struct sm *sm = NULL;
	size_t i;

	for (i = 0; i < SEED; i++)
		both[i] = seed.p[i] ^ ours->bytes[2 * RND + i];
	memcpy(ssc, ours->bytes + 4, 4);
	memcpy(ssc + 4, theirs->bytes + 4, 4);
	if (kdf_derive(cipher_of(suite), key_size, view_of(both, SEED), KDF_ENC, &kenc) == 0 &&
	    kdf_derive(cipher_of(suite), key_size, view_of(both, SEED), KDF_MAC, &kmac) == 0)
		sm = sm_new(suite, secret_view(&kenc), secret_view(&kmac),
			    view_of(ssc, suite == SM_DES3 ? sizeof(ssc) : 0));
	explicit_bzero(both, sizeof(both));
	secret_wipe(&kenc);
	secret_wipe(&kmac);
	return sm;
}

/* Our token to theirs, and the session that comes of both. */
static int
answer_token(struct iso *c, enum sm_suite suite, struct view kenc, struct view kmac,
	     const struct token *theirs, struct buf *rsp)
{
	struct token ours;
	struct sm *next = NULL;
	int rc;

	memcpy(ours.bytes, theirs->bytes + RND, RND);
	memcpy(ours.bytes + RND, theirs->bytes, RND);
	rc = rand_bytes(ours.bytes + 2 * RND, SEED);
	if (rc == 0)
		rc = seal_token(suite, kenc, kmac, &ours, rsp);
	if (rc == 0)
		next = agreed(suite, kenc.n, theirs, &ours);
	if (rc == 0 && !next)
		rc = -ENOMEM;
	if (rc == 0) {
		sm_free(c->x.ch->sm_next);
		c->x.ch->sm_next = next;
	}
	explicit_bzero(&ours, sizeof(ours));
	return rc;
}

sw_t
bac_authenticate(struct iso *c, enum sm_suite suite, struct view kenc, struct view kmac,
		 struct view data, struct buf *rsp)
{
	struct token theirs = { .bytes = { 0 } };
	int rc;

	if (data.n != BAC_SIZE)
		return SW_WRONG_LENGTH;
	if (iso_challenge_of(c).n != RND)
		return SW_CONDITIONS;
	rc = open_token(suite, kenc, kmac, data, iso_challenge_of(c), &theirs);
	if (rc == 0)
		rc = answer_token(c, suite, kenc, kmac, &theirs, rsp);
	if (rc == 0 || rc == -EBADMSG)
		iso_drop_challenge(c);
	explicit_bzero(&theirs, sizeof(theirs));
	return iso_check_sw(c, rc);
}
