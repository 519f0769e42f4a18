/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* How a session of secure messaging begins (SP 800-73-4 Part 2, 4.1), and the key that it needs. */
#include "cards/piv/piv.h"

#include <errno.h>
#include <string.h>

#include "cards/pkcs15/certificate.h"
#include "cards/piv/sm.h"
#include "codec/tlv.h"
#include "crypto/digest.h"
#include "crypto/mac.h"
#include "crypto/rand.h"
#include "iso/key.h"
#include "model/key.h"
#include "model/object.h"

#define ID_SIZE 8
#define NONCE_MAX 24
#define CONTROL 0x00 /* CBh and CBicc: no persistent binding */
#define X_TAKEN 16   /* bytes of the terminal's point that go into the derivation */

/* Table 14: what a suite is made of. */
static const struct suite {
	uint8_t id;
	enum curve curve;
	enum digest hash;
	uint8_t key_id;  /* of AES, in the derivation */
	size_t key_size; /* bytes */
	size_t nonce;    /* bytes */
} suites[] = {
	{ PIV_CS2, CURVE_P256, DIGEST_SHA256, 0x09, 16, 16 },
	{ PIV_CS7, CURVE_P384, DIGEST_SHA384, 0x0d, 32, 24 },
};
#define N_SUITES (sizeof(suites) / sizeof(*suites))

static struct sam_key *
sm_key(const struct iso *c)
{
	struct sam_key *k = sam_key_find(&c->state->sam, 0, PIV_KEY_SM);

	return k && k->label.n > 0 && key_ec(k) && ec_is_private(key_ec(k)) ? k : NULL;
}

static const struct suite *
suite_of(struct sam_key *k)
{
	size_t i;

	for (i = 0; i < N_SUITES; i++) {
		if (ec_curve(key_ec(k)) == suites[i].curve)
			return &suites[i];
	}
	return NULL;
}

uint8_t
piv_sm_suite(const struct iso *c)
{
	struct sam_key *k = sm_key(c);
	const struct suite *s = k ? suite_of(k) : NULL;

	return s ? s->id : 0;
}

struct sm *
piv_sm_begin(struct iso *c)
{
	return piv_sm_refuse(piv_sm_suite(c) ? SW_SECURITY_STATUS : SW_SM_NOT_SUPPORTED);
}

/* --- key agreement ---------------------------------------------------------------- */

/* Both sides of it. */
struct agreement {
	const struct suite *suite;
	struct sam_key *key;
	struct view host_id, host_point;
	uint8_t card_id[ID_SIZE];
	uint8_t nonce[NONCE_MAX];
};

/* CBh, IDsh, Qeh */
static bool
take_host(struct view in, struct agreement *a)
{
	uint8_t control;

	if (!view_u8(&in, &control) || !view_take(&in, ID_SIZE, &a->host_id))
		return false;
	a->host_point = in;
	return control == CONTROL && in.n == curve_point(a->suite->curve);
}

static int
make_card(struct agreement *a)
{
	struct buf hash = BUF(DIGEST_MAX);
	int rc = digest_once(DIGEST_SHA256, buf_view(&a->key->label), &hash);

	if (rc == 0)
		memcpy(a->card_id, hash.p, ID_SIZE);
	buf_free(&hash);
	return rc < 0 ? rc : rand_bytes(a->nonce, a->suite->nonce);
}

static void
put_sized(struct buf *out, struct view v)
{
	buf_u8(out, (uint8_t)v.n);
	buf_put_view(out, v);
}

/* 4.1.6: what goes into the derivation beside the secret. */
static void
put_other_info(const struct agreement *a, struct buf *out)
{
	static const uint8_t control[] = { CONTROL };

	buf_u8(out, PIV_SM_KEYS);
	buf_fill(out, a->suite->key_id, PIV_SM_KEYS);
	put_sized(out, a->host_id);
	put_sized(out, view_of(control, 1));
	put_sized(out, view_slice(a->host_point, 1, X_TAKEN));
	put_sized(out, view_of(a->card_id, ID_SIZE));
	put_sized(out, view_of(a->nonce, a->suite->nonce));
	put_sized(out, view_of(control, 1));
}

/* SP 800-56A, 5.8.1: hashes over a number, the secret and the rest, one behind the other. */
static int
derive(const struct agreement *a, struct view secret, struct buf *out)
{
	struct buf input = BUF(256);
	uint8_t i;
	int rc = 0;

	for (i = 1; rc == 0 && out->n < PIV_SM_KEYS * a->suite->key_size; i++) {
		buf_reset(&input);
		buf_fill(&input, 0, 3);
		buf_u8(&input, i);
		buf_put_view(&input, secret);
		put_other_info(a, &input);
		rc = input.failed ? -ENOMEM : digest_once(a->suite->hash, buf_view(&input), out);
	}
	buf_free(&input);
	return rc == 0 && out->failed ? -ENOMEM : rc;
}

static int
make_keys(const struct agreement *a, struct secret keys[PIV_SM_KEYS])
{
	struct buf shared = BUF(CURVE_SIZE_MAX), all = BUF((size_t)4 * DIGEST_MAX);
	int rc = ec_shared(key_ec(a->key), a->host_point, &shared);
	size_t i, n = a->suite->key_size;

	if (rc == 0)
		rc = derive(a, buf_view(&shared), &all);
	for (i = 0; rc == 0 && i < PIV_SM_KEYS; i++)
		secret_set(&keys[i], view_slice(buf_view(&all), i * n, n));
	buf_free(&shared);
	buf_free(&all);
	return rc;
}

/* 4.1.7: that the card has the keys. */
static int
put_confirmation(const struct agreement *a, const struct secret *key, struct buf *out)
{
	struct buf input = BUF(256);
	int rc;

	buf_put(&input, "KC_1_V", 6);
	buf_put(&input, a->card_id, ID_SIZE);
	buf_put_view(&input, a->host_id);
	buf_put_view(&input, view_slice(a->host_point, 1, a->host_point.n));
	rc = input.failed ? -ENOMEM : mac_cmac(secret_view(key), buf_view(&input), out);
	buf_free(&input);
	return rc;
}

/* 7C { 82 { CBicc, Nicc, confirmation, certificate } } */
static int
put_answer(const struct agreement *a, const struct secret *key, struct buf *rsp)
{
	size_t outer = tlv_open(rsp, 0x7c), mark = tlv_open(rsp, 0x82);
	int rc;

	buf_u8(rsp, CONTROL);
	buf_put(rsp, a->nonce, a->suite->nonce);
	rc = put_confirmation(a, key, rsp);
	buf_put_view(rsp, buf_view(&a->key->label));
	tlv_close(rsp, mark);
	tlv_close(rsp, outer);
	return rc;
}

static int
agree_keys(struct iso *c, struct agreement *a, struct buf *rsp)
{
	struct secret keys[PIV_SM_KEYS] = { { .n = 0 } };
	int rc = make_card(a);

	if (rc == 0)
		rc = make_keys(a, keys);
	if (rc == 0)
		rc = put_answer(a, &keys[PIV_SM_CONFIRM], rsp);
	if (rc == 0) {
		sm_free(c->x.ch->sm_next);
		c->x.ch->sm_next = piv_sm_new(keys);
		rc = c->x.ch->sm_next ? 0 : -ENOMEM;
	}
	explicit_bzero(keys, sizeof(keys));
	return rc;
}

sw_t
piv_establish_sm(struct iso *c, uint8_t algorithm, const struct piv_template *t, struct buf *rsp)
{
	struct agreement a = { .key = sm_key(c) };

	a.suite = a.key ? suite_of(a.key) : NULL;
	if (!a.suite || a.suite->id != algorithm)
		return SW_WRONG_P1P2;
	if (!take_host(t->object[PIV_CHALLENGE], &a))
		return SW_WRONG_DATA;
	return iso_crypto_sw(c, agree_keys(c, &a, rsp));
}

/* --- a key, and what certifies it ------------------------------------------------- */

#define CVC_MAX 512
#define ISSUER_SIZE 8

static const uint8_t ecdsa_sha256[] = {
	0x30, 0x0a, 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02,
};
static const uint8_t ecdsa_sha384[] = {
	0x30, 0x0a, 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x03,
};

/* Part 2, table 15: all but the signature. */
static int
put_cvc_body(const struct suite *s, const struct ec *key, struct view issuer, struct view guid,
	     struct buf *out)
{
	size_t public, point;
	int rc;

	tlv_put_u8(out, 0x5f29, 0x80);
	tlv_put(out, 0x42, issuer);
	tlv_put(out, 0x5f20, guid);
	public = tlv_open(out, 0x7f49);
	tlv_put(out, 0x06, curve_oid(s->curve));
	point = tlv_open(out, 0x86);
	rc = ec_get_point(key, out);
	tlv_close(out, point);
	tlv_close(out, public);
	tlv_put_u8(out, 0x5f4c, 0x00);
	return rc;
}

static int
put_signature(const struct suite *s, const struct ec *signer, struct view body, struct buf *out)
{
	struct buf hash = BUF(DIGEST_MAX);
	int rc = digest_once(s->hash, body, &hash);
	size_t object = tlv_open(out, 0x5f37), pair = tlv_open(out, 0x30), bits;

	if (s->hash == DIGEST_SHA256)
		buf_put(out, ecdsa_sha256, sizeof(ecdsa_sha256));
	else
		buf_put(out, ecdsa_sha384, sizeof(ecdsa_sha384));
	bits = tlv_open(out, 0x03);
	buf_u8(out, 0);
	if (rc == 0)
		rc = ec_sign(signer, EC_FORM_DER, buf_view(&hash), out);
	tlv_close(out, bits);
	tlv_close(out, pair);
	tlv_close(out, object);
	buf_free(&hash);
	return rc;
}

static int
put_cvc(const struct suite *s, const struct ec *key, const struct ec *signer, struct view guid,
	struct buf *out)
{
	struct buf point = BUF(CVC_MAX), issuer = BUF(DIGEST_MAX), body = BUF(CVC_MAX);
	int rc = ec_get_point(signer, &point);
	size_t mark;

	if (rc == 0)
		rc = digest_once(DIGEST_SHA1, buf_view(&point), &issuer);
	if (rc == 0)
		rc = put_cvc_body(s, key, view_slice(buf_view(&issuer), 0, ISSUER_SIZE), guid,
				  &body);
	mark = tlv_open(out, 0x7f21);
	buf_put_view(out, buf_view(&body));
	if (rc == 0)
		rc = put_signature(s, signer, buf_view(&body), out);
	tlv_close(out, mark);
	if (point.failed || issuer.failed || body.failed || out->failed)
		rc = -ENOMEM;
	buf_free(&point);
	buf_free(&issuer);
	buf_free(&body);
	return rc;
}

/* The key of who signs is needed once, and gone then; his certificate is object 5FC122. */
static int
make_signer(struct state *state, struct file *df, const struct suite *s, struct sam_key *signer)
{
	struct buf der = BUF(OBJECT_MAX), value = BUF(OBJECT_MAX);
	struct ec *ec;
	int rc = ec_generate(&ec, s->curve);

	if (rc == 0)
		rc = key_keep_ec(signer, ec);
	if (rc == 0)
		rc = personal_self_sign(signer, "vicc PIV content signer",
					PERSONAL_CERTIFICATE_SIGNER, &der);
	piv_put_certificate_object(&value, buf_view(&der));
	if (rc == 0 && (value.failed || object_set(&state->fs, df, PIV_OBJECT_SM_SIGNER,
						   buf_view(&value)) != SW_OK))
		rc = -ENOMEM;
	buf_free(&der);
	buf_free(&value);
	return rc;
}

static int
make_sm_key(struct state *state, struct file *df, const struct suite *s, struct sam_key *k,
	    struct sam_key *signer)
{
	const struct object *chuid = object_find(df, PIV_OBJECT_CHUID);
	struct view guid;
	struct ec *ec;
	int rc = make_signer(state, df, s, signer);

	if (!chuid || !tlv_find(buf_view(&chuid->value), 0x34, &guid))
		return -ENOENT;
	if (rc == 0)
		rc = ec_generate(&ec, s->curve);
	if (rc == 0)
		rc = key_keep_ec(k, ec);
	return rc == 0 ? put_cvc(s, key_ec(k), key_ec(signer), guid, &k->label) : rc;
}

int
piv_enable_sm(struct state *state, struct file *df, uint8_t suite)
{
	const struct suite *s = suite == PIV_CS2 ? &suites[0] : &suites[1];
	struct sam_key *k, *signer;
	int rc = -ENOMEM;

	if (sam_key_find(&state->sam, 0, PIV_KEY_SM))
		return 0; /* what it has stays */
	k = sam_key_add(&state->sam, 0, PIV_KEY_SM, SAM_EC);
	signer = k ? sam_key_add(&state->sam, df->uid, ISO_DRAFT, SAM_EC) : NULL;
	if (signer)
		rc = make_sm_key(state, df, s, k, signer);
	if (signer)
		sam_key_remove(&state->sam, signer);
	if (k && rc < 0)
		sam_key_remove(&state->sam, k);
	return rc;
}
