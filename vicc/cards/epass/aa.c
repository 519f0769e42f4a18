/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Active authentication: the chip signs what the terminal sent (Doc 9303-11, 6.1). */
#include "cards/epass/epass.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "cards/eac/eac.h"
#include "crypto/rand.h"
#include "iso/key.h"

#define NONCE 8 /* bytes of RND.IFD */

const char *const emrtd_aa_hashes[] = { "sha1", "sha224", "sha256", "sha384", "sha512", NULL };

/* ISO/IEC 9796-2, 8.1 and ISO/IEC 10118-3: what ends a message says by which hash. */
static const struct {
	enum digest digest;
	uint8_t trailer[2];
	size_t trailer_n;
} hashes[] = {
	{ DIGEST_SHA1, { 0xbc }, 1 },
	{ DIGEST_SHA224, { 0x38, 0xcc }, 2 },
	{ DIGEST_SHA256, { 0x34, 0xcc }, 2 },
	{ DIGEST_SHA384, { 0x36, 0xcc }, 2 },
	{ DIGEST_SHA512, { 0x35, 0xcc }, 2 },
};

#define HASH_DEFAULT 2 /* SHA-256 */

static uint8_t
hash_of(const struct sam_key *k)
{
	return field_word(&k->props, EMRTD_KEY_FIELD_HASH, HASH_DEFAULT);
}

enum digest
emrtd_aa_digest(const struct sam_key *k)
{
	return hashes[hash_of(k)].digest;
}

/* Digital signature scheme 1 with partial recovery: 6A | M1 | H(M1 | M2) | trailer. */
static int
put_representative(const struct sam_key *k, size_t size, struct view m2, struct buf *out)
{
	const uint8_t h = hash_of(k);
	const size_t around = 1 + digest_size(hashes[h].digest) + hashes[h].trailer_n;
	struct buf message = BUF(RSA_KEY_SIZE_MAX + NONCE);
	uint8_t *m1;
	int rc = -EINVAL;

	if (size <= around)
		return rc;
	m1 = buf_grow(&message, size - around);
	rc = m1 ? rand_bytes(m1, size - around) : -ENOMEM;
	buf_u8(out, 0x6a);
	buf_put_view(out, buf_view(&message));
	buf_put_view(&message, m2);
	if (rc == 0)
		rc = message.failed ? -ENOMEM
				    : digest_once(hashes[h].digest, buf_view(&message), out);
	buf_put(out, hashes[h].trailer, hashes[h].trailer_n);
	buf_free(&message);
	return rc == 0 && out->failed ? -ENOMEM : rc;
}

static int
sign_rsa(struct sam_key *k, const struct rsa *rsa, struct view nonce, struct buf *rsp)
{
	struct buf m = BUF(RSA_KEY_SIZE_MAX);
	int rc = put_representative(k, rsa_size(rsa), nonce, &m);

	if (rc == 0)
		rc = rsa_raw_private(rsa, buf_view(&m), rsp);
	buf_free(&m);
	return rc;
}

static int
sign_ec(const struct sam_key *k, const struct ec *ec, struct view nonce, struct buf *rsp)
{
	struct buf hash = BUF(DIGEST_MAX);
	int rc = digest_once(emrtd_aa_digest(k), nonce, &hash);

	if (rc == 0)
		rc = ec_sign(ec, EC_FORM_PLAIN, buf_view(&hash), rsp);
	buf_free(&hash);
	return rc;
}

sw_t
emrtd_internal_authenticate(struct iso *c, const struct apdu *cmd, struct buf *rsp)
{
	struct sam_key *k = sam_key_find(&c->state->sam, iso_app_df(c)->uid, EMRTD_KEY_AA);

	if (!k)
		return SW_INS;
	if (eac_status(c)->session == EAC_LOCKED || !c->x.under_sm)
		return SW_SECURITY_STATUS;
	if (cmd->data.n != NONCE)
		return SW_WRONG_LENGTH;
	return iso_crypto_sw(c, k->kind == SAM_RSA ? sign_rsa(k, key_rsa(k), cmd->data, rsp)
						   : sign_ec(k, key_ec(k), cmd->data, rsp));
}

/* --- the option ------------------------------------------------------------------------------ */

static bool
hash_from_name(const char *text, uint8_t *hash)
{
	for (*hash = 0; emrtd_aa_hashes[*hash]; (*hash)++) {
		if (strcasecmp(text, emrtd_aa_hashes[*hash]) == 0)
			return true;
	}
	return false;
}

static bool
rsa_from_name(const char *text, struct aa_choice *out)
{
	char *end;

	if (*text < '1' || *text > '9')
		return false;
	out->bits = strtoul(text, &end, 10);
	return !*end && out->bits >= 1024 && out->bits <= RSA_KEY_BITS_MAX && out->bits % 8 == 0;
}

bool
emrtd_aa_from_name(const char *text, struct aa_choice *out)
{
	char copy[64], *kind, *what, *hash, *rest = copy;

	*out = (struct aa_choice) { .hash = HASH_DEFAULT };
	if (strcasecmp(text, "none") == 0)
		return true;
	if (strlcpy(copy, text, sizeof(copy)) >= sizeof(copy))
		return false;
	kind = strsep(&rest, ":");
	what = strsep(&rest, ":");
	hash = strsep(&rest, ":");
	if (!what || rest || (hash && !hash_from_name(hash, &out->hash)))
		return false;
	if (strcasecmp(kind, "rsa") == 0)
		return rsa_from_name(what, out);
	out->ec = strcasecmp(kind, "ec") == 0 && curve_from_name(what, &out->curve);
	return out->ec;
}
