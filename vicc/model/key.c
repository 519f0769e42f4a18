/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "model/key.h"

#include <errno.h>
#include <string.h>

#include "codec/tlv.h"
#include "crypto/import.h"
#include "crypto/mac.h"

/* --- as data objects and back --------------------------------------------------- */

static const uint8_t rsa_tags[RSA_PART_COUNT] = {
	[RSA_PART_N] = KEY_RSA_N,   [RSA_PART_E] = KEY_RSA_E,   [RSA_PART_D] = KEY_RSA_D,
	[RSA_PART_P] = KEY_RSA_P,   [RSA_PART_Q] = KEY_RSA_Q,   [RSA_PART_QINV] = KEY_RSA_QINV,
	[RSA_PART_DP] = KEY_RSA_DP, [RSA_PART_DQ] = KEY_RSA_DQ,
};

/* An object's value; empty: there is none. */
static struct view
object(struct view objects, uint32_t tag)
{
	struct view v = { .n = 0 };

	tlv_find(objects, tag, &v);
	return v;
}

static int
rsa_from(struct view objects, struct rsa **out)
{
	struct rsa_parts parts;
	size_t i;

	for (i = 0; i < RSA_PART_COUNT; i++)
		parts.part[i] = object(objects, rsa_tags[i]);
	if (parts.part[RSA_PART_P].n > 0 || parts.part[RSA_PART_D].n > 0)
		return rsa_private(out, &parts);
	return rsa_public(out, parts.part[RSA_PART_N], parts.part[RSA_PART_E]);
}

bool
key_curve_of(struct view objects, enum curve *out)
{
	static const uint8_t tags[CURVE_PART_COUNT] = {
		[CURVE_PART_P] = 0x81, [CURVE_PART_A] = 0x82, [CURVE_PART_B] = 0x83,
		[CURVE_PART_G] = 0x84, [CURVE_PART_N] = 0x85, [CURVE_PART_H] = 0x87,
	};
	struct curve_params params;
	struct view oid = object(objects, KEY_OID);
	size_t i;

	if (oid.n > 0)
		return curve_from_oid(oid, out);
	for (i = 0; i < CURVE_PART_COUNT; i++)
		params.part[i] = object(objects, tags[i]);
	return curve_from_params(&params, out) == 0;
}

static int
ec_from(struct view objects, struct ec **out)
{
	struct view d = object(objects, KEY_D);
	enum curve c;

	if (!key_curve_of(objects, &c))
		return -EINVAL;
	return d.n > 0 ? ec_private(out, c, d) : ec_public(out, c, object(objects, KEY_POINT));
}

static const enum sam_kind ed_kinds[] = {
	[ED_25519] = SAM_ED25519, [ED_X25519] = SAM_X25519, [ED_448] = SAM_ED448,
	[ED_X448] = SAM_X448,
};

bool
key_ed_kind(enum sam_kind kind, enum ed_kind *out)
{
	size_t i;

	for (i = 0; i < sizeof(ed_kinds) / sizeof(*ed_kinds) && ed_kinds[i] != kind; i++)
		;
	*out = (enum ed_kind)i;
	return i < sizeof(ed_kinds) / sizeof(*ed_kinds);
}

enum sam_kind
key_kind_of_ed(enum ed_kind kind)
{
	return ed_kinds[kind];
}

static int
ed_from(enum ed_kind kind, struct view objects, struct ed **out)
{
	struct view d = object(objects, KEY_D);

	return d.n > 0 ? ed_private(out, kind, d)
		       : ed_public(out, kind, object(objects, KEY_POINT));
}

/* Append what get says of a key as an object; what it does not have is left out. */
#define PUT_PART(out, tag, get) \
	do { \
		struct buf part_ = BUF(SAM_ASYM_MAX); \
		int rc_ = (get); \
		if (rc_ == 0) \
			tlv_put((out), (tag), buf_view(&part_)); \
		else if (rc_ != -ENOENT) \
			(out)->failed = true; \
		buf_free(&part_); \
	} while (0)

static void
put_rsa(const struct rsa *rsa, struct buf *out)
{
	bool crt = false;
	size_t i;

	for (i = 0; i < RSA_PART_COUNT; i++) {
		size_t before = out->n;

		/* d is worked out again from p and q: it need not lie about twice */
		if (i == RSA_PART_D)
			continue;
		PUT_PART(out, rsa_tags[i], rsa_get(rsa, (enum rsa_part)i, &part_));
		crt = crt || (i == RSA_PART_P && out->n > before);
	}
	if (!crt)
		PUT_PART(out, KEY_RSA_D, rsa_get(rsa, RSA_PART_D, &part_));
}

static void
put_ec(const struct ec *ec, struct buf *out)
{
	tlv_put(out, KEY_OID, curve_oid(ec_curve(ec)));
	PUT_PART(out, KEY_POINT, ec_get_point(ec, &part_));
	PUT_PART(out, KEY_D, ec_get_d(ec, &part_));
}

static void
put_ed(const struct ed *ed, struct buf *out)
{
	PUT_PART(out, KEY_POINT, ed_get_public(ed, &part_));
	PUT_PART(out, KEY_D, ed_get_private(ed, &part_));
}

/* --- a key, opened -------------------------------------------------------------- */

static void
close_rsa(void *rsa)
{
	rsa_free(rsa);
}

static void
close_ec(void *ec)
{
	ec_free(ec);
}

static void
close_ed(void *ed)
{
	ed_free(ed);
}

struct rsa *
key_rsa(struct sam_key *k)
{
	struct rsa *rsa;

	if (k->kind != SAM_RSA)
		return NULL;
	if (!k->opened && k->asym.n > 0 && rsa_from(buf_view(&k->asym), &rsa) == 0) {
		k->opened = rsa;
		k->close = close_rsa;
	}
	return k->opened;
}

struct ec *
key_ec(struct sam_key *k)
{
	struct ec *ec;

	if (k->kind != SAM_EC)
		return NULL;
	if (!k->opened && k->asym.n > 0 && ec_from(buf_view(&k->asym), &ec) == 0) {
		k->opened = ec;
		k->close = close_ec;
	}
	return k->opened;
}

struct ed *
key_ed(struct sam_key *k)
{
	enum ed_kind kind;
	struct ed *ed;

	if (!key_ed_kind(k->kind, &kind))
		return NULL;
	if (!k->opened && k->asym.n > 0 && ed_from(kind, buf_view(&k->asym), &ed) == 0) {
		k->opened = ed;
		k->close = close_ed;
	}
	return k->opened;
}

struct import_key
key_asym(struct sam_key *k)
{
	return (struct import_key) { .rsa = key_rsa(k), .ec = key_ec(k), .ed = key_ed(k) };
}

bool
key_is_private(struct sam_key *k)
{
	if (sam_kind_is_symmetric(k->kind))
		return k->secret.n > 0;
	if (k->kind == SAM_RSA)
		return key_rsa(k) && rsa_is_private(key_rsa(k));
	if (k->kind == SAM_EC)
		return key_ec(k) && ec_is_private(key_ec(k));
	return key_ed(k) && ed_is_private(key_ed(k));
}

/* Its encoding and itself, into k. */
static int
keep_objects(struct sam_key *k, enum sam_kind kind, size_t bits, struct buf *objects, void *opened,
     void (*close)(void *))
{
	bool kept = !objects->failed && sam_key_set_asym(k, buf_view(objects));

	buf_free(objects);
	if (!kept) {
		close(opened);
		return -ENOMEM;
	}
	secret_wipe(&k->secret);
	k->kind = kind;
	k->bits = (unsigned)bits;
	k->opened = opened;
	k->close = close;
	return 0;
}

int
key_keep_rsa(struct sam_key *k, struct rsa *given)
{
	struct buf objects = BUF(SAM_ASYM_MAX);

	put_rsa(given, &objects);
	return keep_objects(k, SAM_RSA, rsa_size(given) * 8, &objects, given, close_rsa);
}

int
key_keep_ec(struct sam_key *k, struct ec *given)
{
	struct buf objects = BUF(SAM_ASYM_MAX);

	put_ec(given, &objects);
	return keep_objects(k, SAM_EC, curve_bits(ec_curve(given)), &objects, given, close_ec);
}

int
key_keep_ed(struct sam_key *k, struct ed *given)
{
	struct buf objects = BUF(SAM_ASYM_MAX);

	put_ed(given, &objects);
	return keep_objects(k, ed_kinds[ed_kind(given)], ed_bits(ed_kind(given)), &objects, given,
			    close_ed);
}

int
key_generate(struct sam_key *k, size_t bits, enum curve curve, bool (*stop)(void *), void *ctx)
{
	enum ed_kind kind;
	struct rsa *rsa;
	struct ec *ec;
	struct ed *ed;
	int rc;

	switch (k->kind) {
	case SAM_RSA:
		rc = rsa_generate(&rsa, bits, view_of(NULL, 0), stop, ctx);
		return rc < 0 ? rc : key_keep_rsa(k, rsa);
	case SAM_EC:
		rc = ec_generate(&ec, curve);
		return rc < 0 ? rc : key_keep_ec(k, ec);
	default:
		rc = key_ed_kind(k->kind, &kind) ? ed_generate(&ed, kind) : -EINVAL;
		return rc < 0 ? rc : key_keep_ed(k, ed);
	}
}

int
key_import(struct sam_key *k, enum sam_kind kind, struct view objects)
{
	enum ed_kind curve;
	struct rsa *rsa;
	struct ec *ec;
	struct ed *ed;
	int rc;

	switch (kind) {
	case SAM_RSA:
		rc = rsa_from(objects, &rsa);
		return rc < 0 ? rc : key_keep_rsa(k, rsa);
	case SAM_EC:
		rc = ec_from(objects, &ec);
		return rc < 0 ? rc : key_keep_ec(k, ec);
	default:
		rc = key_ed_kind(kind, &curve) ? ed_from(curve, objects, &ed) : -EINVAL;
		return rc < 0 ? rc : key_keep_ed(k, ed);
	}
}

/* Nothing of it is secret, or there yet: a curve, or numbers that are still coming. */
static bool
is_to_come(const struct sam_key *k)
{
	struct view objects = buf_view(&k->asym), v;
	enum curve c;

	if (tlv_find(objects, KEY_UNFINISHED, &v))
		return true;
	return k->kind == SAM_EC && object(objects, KEY_D).n == 0 &&
	       object(objects, KEY_POINT).n == 0 && key_curve_of(objects, &c);
}

static int
set_objects(struct sam_key *k, struct view objects)
{
	if (!tlv_valid(objects))
		return -EINVAL;
	if (!sam_key_set_asym(k, objects))
		return -ENOMEM;
	if (key_rsa(k))
		k->bits = (unsigned)rsa_size(key_rsa(k)) * 8;
	else if (key_ec(k))
		k->bits = (unsigned)curve_bits(ec_curve(key_ec(k)));
	else if (key_ed(k))
		k->bits = (unsigned)ed_bits(ed_kind(key_ed(k)));
	else
		return is_to_come(k) ? 0 : -EINVAL;
	return 0;
}

/* Takes over the one of the three that is there. */
static int
keep_one(struct sam_key *k, struct import_key *given)
{
	if (given->rsa && k->kind == SAM_RSA)
		return key_keep_rsa(k, given->rsa);
	if (given->ec && k->kind == SAM_EC)
		return key_keep_ec(k, given->ec);
	if (given->ed && ed_kinds[ed_kind(given->ed)] == k->kind)
		return key_keep_ed(k, given->ed);
	rsa_free(given->rsa);
	ec_free(given->ec);
	ed_free(given->ed);
	return -EINVAL;
}

int
key_set_value(struct sam_key *k, struct view value)
{
	struct import_key given;
	int rc;

	/* a SEQUENCE, or "-----BEGIN": no key's object has either tag */
	if (value.n == 0 || (value.p[0] != 0x30 && value.p[0] != '-'))
		return set_objects(k, value);
	rc = import_key_read(&given, value);
	if (rc == 0)
		return keep_one(k, &given);
	return rc == -ENOMEM ? rc : -EINVAL;
}

bool
key_kind_of(struct view objects, enum sam_kind *kind)
{
	bool point = object(objects, KEY_D).n > 0 || object(objects, KEY_POINT).n > 0;
	bool prime = object(objects, KEY_RSA_P).n > 0;

	*kind = point ? SAM_EC : SAM_RSA;
	return point || prime ||
	       (object(objects, KEY_RSA_N).n > 0 && object(objects, KEY_RSA_E).n > 0);
}

int
key_put_public(struct sam_key *k, struct buf *out)
{
	if (key_rsa(k)) {
		PUT_PART(out, KEY_RSA_N, rsa_get(key_rsa(k), RSA_PART_N, &part_));
		PUT_PART(out, KEY_RSA_E, rsa_get(key_rsa(k), RSA_PART_E, &part_));
		return 0;
	}
	if (key_ec(k)) {
		tlv_put(out, KEY_OID, curve_oid(ec_curve(key_ec(k))));
		PUT_PART(out, KEY_POINT, ec_get_point(key_ec(k), &part_));
		return 0;
	}
	if (!key_ed(k))
		return -ENOENT;
	PUT_PART(out, KEY_POINT, ed_get_public(key_ed(k), &part_));
	return 0;
}

int
key_put_plain_public(struct sam_key *k, struct buf *out)
{
	if (k->kind != SAM_EC)
		return key_put_public(k, out);
	if (!key_ec(k))
		return -ENOENT;
	PUT_PART(out, KEY_POINT, ec_get_point(key_ec(k), &part_));
	return 0;
}

/* --- use ------------------------------------------------------------------------- */

static bool
suits(const struct sam_key *k, const struct algorithm *a)
{
	return a->what != ALGORITHM_HASH && a->kind == k->kind;
}

/* PSS is over a hash: which one may be told from its length. */
static bool
hash_of(const enum digest *hash, struct view in, enum digest *out)
{
	if (hash)
		*out = *hash;
	return (hash || algorithm_digest_of(in.n, out)) && digest_size(*out) == in.n;
}

/* What PKCS#1 pads: the DigestInfo of a hash, or what there is. */
static int
to_pad(const enum digest *hash, struct view in, struct buf *t)
{
	if (hash && digest_size(*hash) == in.n)
		return digest_info(*hash, in, t);
	buf_put_view(t, in);
	return t->failed ? -ENOMEM : 0;
}

/* Without padding: what was signed may have lost leading zeros, or gained them. */
static int
verify_raw(struct rsa *rsa, struct view in, struct view signature)
{
	struct buf out = BUF(RSA_KEY_SIZE_MAX);
	size_t missing;
	int rc = rsa_raw_public(rsa, signature, &out);

	if (rc == 0) {
		missing = out.n - (in.n < out.n ? in.n : out.n);
		rc = view_equal(view_slice(buf_view(&out), missing, out.n), in) ? 0 : -EBADMSG;
		while (rc == 0 && missing > 0)
			rc = out.p[--missing] == 0 ? 0 : -EBADMSG;
	}
	buf_free(&out);
	return rc == -EINVAL ? -EBADMSG : rc;
}

/* Sign, or verify if there is a signature: what is padded, and how, is the same. */
static int
sign_or_verify_rsa(struct rsa *rsa, const struct algorithm *a, const enum digest *hash,
		   struct view in, const struct view *signature, struct buf *out)
{
	struct buf t = BUF(RSA_KEY_SIZE_MAX + 64);
	struct rsa_pss pss;
	enum digest d;
	int rc;

	if (!rsa)
		return -ENOENT;
	switch (a->what) {
	case ALGORITHM_RSA_PKCS1:
		rc = in.n > rsa_size(rsa) ? -EINVAL : to_pad(hash, in, &t);
		if (rc == 0)
			rc = signature ? rsa_verify_pkcs1(rsa, buf_view(&t), *signature)
				       : rsa_sign_pkcs1(rsa, buf_view(&t), out);
		buf_free(&t);
		return rc;
	case ALGORITHM_RSA_RAW:
		return signature ? verify_raw(rsa, in, *signature) : rsa_raw_private(rsa, in, out);
	case ALGORITHM_RSA_PSS:
		if (!hash_of(hash, in, &d))
			return -EINVAL;
		pss = (struct rsa_pss) { .digest = d, .mgf = d, .salt = digest_size(d) };
		return signature ? rsa_verify_pss(rsa, &pss, in, *signature)
				 : rsa_sign_pss(rsa, &pss, in, out);
	default:
		return -ENOTSUP;
	}
}

static enum ec_form
form_of(const struct algorithm *a)
{
	return a->what == ALGORITHM_ECDSA ? EC_FORM_PLAIN : EC_FORM_DER;
}

int
key_sign(struct sam_key *k, const struct algorithm *a, const enum digest *hash, struct view in,
	 struct buf *out)
{
	if (!suits(k, a))
		return -ENOTSUP;
	switch (a->what) {
	case ALGORITHM_ECDSA:
	case ALGORITHM_ECDSA_DER:
		return key_ec(k) ? ec_sign(key_ec(k), form_of(a), in, out) : -ENOENT;
	case ALGORITHM_ED25519:
		return key_ed(k) ? ed_sign(key_ed(k), in, out) : -ENOENT;
	default:
		return sign_or_verify_rsa(key_rsa(k), a, hash, in, NULL, out);
	}
}

int
key_verify(struct sam_key *k, const struct algorithm *a, const enum digest *hash, struct view in,
	   struct view signature)
{
	if (!suits(k, a))
		return -ENOTSUP;
	switch (a->what) {
	case ALGORITHM_ECDSA:
	case ALGORITHM_ECDSA_DER:
		return key_ec(k) ? ec_verify(key_ec(k), form_of(a), in, signature) : -ENOENT;
	case ALGORITHM_ED25519:
		return key_ed(k) ? ed_verify(key_ed(k), in, signature) : -ENOENT;
	default:
		return sign_or_verify_rsa(key_rsa(k), a, hash, in, &signature, NULL);
	}
}

size_t
key_block(enum sam_kind kind)
{
	switch (kind) {
	case SAM_DES:
	case SAM_DES3:
		return 8;
	case SAM_AES:
		return 16;
	default:
		return 0;
	}
}

typedef int cipher_fn(enum cipher c, enum cipher_mode m, struct view key, uint8_t *iv,
		      struct view in, struct buf *out);

static int
run_cipher(cipher_fn *run, const struct sam_key *k, const struct algorithm *a, struct view iv,
	   struct view in, struct buf *out)
{
	uint8_t chain[CIPHER_BLOCK_MAX] = { 0 };

	if (k->secret.n == 0)
		return -ENOENT;
	if (iv.n > 0 && iv.n != key_block(k->kind))
		return -EINVAL;
	if (iv.n > 0)
		memcpy(chain, iv.p, iv.n);
	return run(k->kind == SAM_AES ? CIPHER_AES : CIPHER_3DES, a->mode, secret_view(&k->secret),
		   chain, in, out);
}

/* What is done in one direction, by each kind of algorithm. */
struct direction {
	cipher_fn *block;
	int (*pkcs1)(const struct rsa *k, struct view in, struct buf *out);
	int (*raw)(const struct rsa *k, struct view in, struct buf *out);
	int (*oaep)(const struct rsa *k, const struct rsa_oaep *oaep, struct view in,
		    struct buf *out);
};

static int
encipher_by(const struct direction *d, struct sam_key *k, const struct algorithm *a,
	    const enum digest *hash, struct view iv, struct view in, struct buf *out)
{
	const enum digest by = hash ? *hash : DIGEST_SHA1;
	const struct rsa_oaep oaep = { .digest = by, .mgf = by };

	if (!suits(k, a))
		return -ENOTSUP;
	if (a->what == ALGORITHM_CIPHER)
		return run_cipher(d->block, k, a, iv, in, out);
	if (!key_rsa(k))
		return k->kind == SAM_RSA ? -ENOENT : -ENOTSUP;
	switch (a->what) {
	case ALGORITHM_RSA_PKCS1:
		return d->pkcs1(key_rsa(k), in, out);
	case ALGORITHM_RSA_RAW:
		return d->raw(key_rsa(k), in, out);
	case ALGORITHM_RSA_OAEP:
		return d->oaep(key_rsa(k), &oaep, in, out);
	default:
		return -ENOTSUP;
	}
}

int
key_encipher(struct sam_key *k, const struct algorithm *a, const enum digest *hash, struct view iv,
	     struct view in, struct buf *out)
{
	static const struct direction encipher = {
		cipher_encrypt, rsa_encrypt_pkcs1, rsa_raw_public, rsa_encrypt_oaep,
	};

	return encipher_by(&encipher, k, a, hash, iv, in, out);
}

int
key_decipher(struct sam_key *k, const struct algorithm *a, const enum digest *hash, struct view iv,
	     struct view in, struct buf *out)
{
	static const struct direction decipher = {
		cipher_decrypt, rsa_decrypt_pkcs1, rsa_raw_private, rsa_decrypt_oaep,
	};

	return encipher_by(&decipher, k, a, hash, iv, in, out);
}

int
key_checksum(struct sam_key *k, const struct algorithm *a, struct view in, struct buf *out)
{
	if (!suits(k, a))
		return -ENOTSUP;
	if (k->secret.n == 0)
		return sam_kind_is_symmetric(k->kind) ? -ENOENT : -ENOTSUP;
	switch (a->what) {
	case ALGORITHM_CMAC:
		return mac_cmac(secret_view(&k->secret), in, out);
	case ALGORITHM_RETAIL_MAC:
		/* it has two keys, and no use for a third */
		return k->secret.n == 16 ? mac_retail_padded(secret_view(&k->secret), in, out)
					 : -ENOTSUP;
	case ALGORITHM_HMAC:
		return mac_hmac(a->digest, secret_view(&k->secret), in, out);
	default:
		return -ENOTSUP;
	}
}

int
key_agree(struct sam_key *k, const struct algorithm *a, struct view point, struct buf *out)
{
	if (!suits(k, a))
		return -ENOTSUP;
	switch (a->what) {
	case ALGORITHM_ECDH:
		return key_ec(k) ? ec_shared(key_ec(k), point, out) : -ENOENT;
	case ALGORITHM_X25519:
		return key_ed(k) ? ed_shared(key_ed(k), point, out) : -ENOENT;
	default:
		return -ENOTSUP;
	}
}
