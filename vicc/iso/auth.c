/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Who is there: PINs, challenges and what is proven by them (ISO/IEC 7816-4, 11.5). */
#include "iso/auth.h"

#include <errno.h>
#include <string.h>

#include "iso/key.h"
#include "iso/sm.h"
#include "codec/tlv.h"
#include "crypto/kdf.h"
#include "crypto/mac.h"
#include "crypto/rand.h"

#define NUMBER 0x1f /* of a PIN, in P2 */

/* --- PINs --------------------------------------------------------------------- */

struct sam_pin *
iso_pin(struct iso *c, uint8_t ref)
{
	const struct sam *s = &c->state->sam;
	const struct file *df;
	struct sam_pin *pin = NULL;

	if (!iso_ref_is_local(ref))
		return sam_pin_find(s, 0, ref & NUMBER);
	for (df = iso_df(c); df && !pin; df = df->parent)
		pin = sam_pin_find(s, df->uid, ref & NUMBER);
	return pin;
}

struct auth *
iso_auth(struct iso *c, uint32_t owner)
{
	const struct file *df = owner ? fs_by_uid(&c->state->fs, owner) : NULL;

	return df ? proofs_own(&c->ch->proven, df) : &c->global;
}

/* References that nobody asks for count as proven. */
static void
add_disabled(const struct iso *c, struct access *who)
{
	const struct sam *s = &c->state->sam;
	const struct file *df;
	uint32_t disabled;

	who->global.user |= sam_disabled(s, 0);
	for (df = iso_df(c); df; df = df->parent) {
		disabled = sam_disabled(s, df->uid);
		if (disabled)
			proofs_own(&who->local, df)->user |= disabled;
	}
}

struct access
iso_asker(const struct iso *c)
{
	struct access who = {
		.global = c->global,
		.local = c->ch->proven,
		.fs = &c->state->fs,
		.df = iso_df(c)->uid,
		.se = c->ch->se.number,
		.judge = iso_hooks(c)->judge,
		.holder = &c->ch->certified.holder,
		.refs = &iso_access_refs,
		.card = c,
	};

	add_disabled(c, &who);
	return who;
}

void
iso_end_proofs(struct iso *c)
{
	struct channel *ch = c->ch;
	const struct file *df = iso_df(c);

	proofs_leave(&ch->proven, df);
	while (df && df->uid != ch->certified.owner)
		df = df->parent;
	if (ch->certified.owner && !df)
		iso_certified_clear(&ch->certified);
}

sw_t
iso_verify_data(struct iso *c, const struct apdu *cmd, struct view data)
{
	struct sam_pin *pin = iso_pin(c, cmd->p2);
	struct auth *proven;

	if (cmd->p1 != 0x00 && cmd->p1 != 0xff)
		return SW_WRONG_P1P2;
	if (!pin)
		return SW_REFERENCE_NOT_FOUND;
	proven = iso_auth(c, pin->scope);
	if (cmd->p1 == 0x00)
		return data.n > 0 ? sam_verify(&c->state->sam, pin, data, proven)
				  : sam_pin_state(pin, proven);
	if (data.n > 0)
		return SW_WRONG_LENGTH;
	proven->user &= ~(UINT32_C(1) << pin->ref);
	return SW_OK;
}

sw_t
iso_verify(struct iso *c, const struct apdu *cmd, struct buf *rsp)
{
	(void)rsp;
	return iso_verify_data(c, cmd, cmd->data);
}

/* The same in DO 53. */
sw_t
iso_verify_odd(struct iso *c, const struct apdu *cmd, struct buf *rsp)
{
	struct view data = cmd->data;

	(void)rsp;
	/* biometric data and the like are another command, which this card has not */
	if (data.n > 0 && (!tlv_valid(data) || !tlv_find(cmd->data, 0x53, &data)))
		return SW_INS;
	return iso_verify_data(c, cmd, data);
}

sw_t
iso_change_reference_data(struct iso *c, const struct apdu *cmd, struct buf *rsp)
{
	struct sam_pin *pin = iso_pin(c, cmd->p2);

	(void)rsp;
	if (cmd->p1 > 1)
		return SW_WRONG_P1P2;
	if (!pin)
		return SW_REFERENCE_NOT_FOUND;
	if (cmd->p1 == 0)
		return sam_change(&c->state->sam, pin, cmd->data, iso_auth(c, pin->scope));
	return sam_set(&c->state->sam, pin, cmd->data, &c->who);
}

sw_t
iso_reset_retry_counter(struct iso *c, const struct apdu *cmd, struct buf *rsp)
{
	struct sam_pin *pin = iso_pin(c, cmd->p2);

	(void)rsp;
	if ((cmd->p1 == 3) != (cmd->data.n == 0))
		return SW_WRONG_LENGTH;
	if (!pin)
		return SW_REFERENCE_NOT_FOUND;
	return sam_unblock(&c->state->sam, pin, cmd->p1, cmd->data, &c->who,
			   iso_auth(c, pin->scope));
}

static sw_t
require(struct iso *c, const struct apdu *cmd, bool required)
{
	struct sam_pin *pin = iso_pin(c, cmd->p2);

	if ((cmd->p1 == 1) != (cmd->data.n == 0))
		return SW_WRONG_LENGTH;
	if (!pin)
		return SW_REFERENCE_NOT_FOUND;
	return sam_require(&c->state->sam, pin, required, cmd->data, &c->who,
			   iso_auth(c, pin->scope));
}

sw_t
iso_disable_verification(struct iso *c, const struct apdu *cmd, struct buf *rsp)
{
	(void)rsp;
	return require(c, cmd, false);
}

sw_t
iso_enable_verification(struct iso *c, const struct apdu *cmd, struct buf *rsp)
{
	(void)rsp;
	return require(c, cmd, true);
}

#define RND 8 /* bytes of a challenge of mutual authentication */

/* --- challenges ------------------------------------------------------------------ */

static void
keep_challenge(struct iso *c, const uint8_t *p, size_t n, bool witness)
{
	struct channel *ch = c->ch;

	explicit_bzero(ch->challenge, sizeof(ch->challenge));
	ch->challenge_len = n <= sizeof(ch->challenge) ? n : 0;
	ch->witness = witness;
	if (ch->challenge_len > 0)
		memcpy(ch->challenge, p, n);
}

struct view
iso_challenge_of(const struct iso *c)
{
	return view_of(c->ch->challenge, c->ch->witness ? 0 : c->ch->challenge_len);
}

static struct view
witness_of(const struct iso *c)
{
	return view_of(c->ch->challenge, c->ch->witness ? c->ch->challenge_len : 0);
}

void
iso_drop_challenge(struct iso *c)
{
	keep_challenge(c, NULL, 0, false);
}

sw_t
iso_challenge(struct iso *c, size_t n, struct buf *rsp)
{
	uint8_t *at = buf_grow(rsp, n);
	int rc;

	if (!at)
		return SW_NO_MEMORY;
	rc = rand_bytes(at, n);
	if (rc == 0)
		keep_challenge(c, at, n, false);
	return iso_sw(c, rc);
}

/* Longer ones than a challenge may be are random numbers, and nothing more. */
sw_t
iso_get_challenge(struct iso *c, const struct apdu *cmd, struct buf *rsp)
{
	return iso_challenge(c, cmd->ne, rsp);
}

/* --- by a key --------------------------------------------------------------------- */

/* What a key makes of a challenge. */
static int
respond(const struct iso_means *m, struct view challenge, struct buf *out)
{
	switch (m->algorithm->what) {
	case ALGORITHM_CIPHER:
		/* one block: this is no way to have data enciphered */
		if (challenge.n != key_block(m->key->kind))
			return -EINVAL;
		return key_encipher(m->key, m->algorithm, NULL, view_of(NULL, 0), challenge, out);
	case ALGORITHM_CMAC:
	case ALGORITHM_RETAIL_MAC:
	case ALGORITHM_HMAC:
		return key_checksum(m->key, m->algorithm, challenge, out);
	default:
		return key_sign(m->key, m->algorithm, NULL, challenge, out);
	}
}

/* Whether a response is the one to a challenge: 0, -EBADMSG, or what else is wrong. */
static int
judge(const struct iso_means *m, struct view challenge, struct view response)
{
	struct buf right = BUF(DIGEST_MAX);
	int rc;

	if (!sam_kind_is_symmetric(m->key->kind))
		return key_verify(m->key, m->algorithm, NULL, challenge, response);
	rc = respond(m, challenge, &right);
	if (rc == 0 && !secret_equal(buf_view(&right), response))
		rc = -EBADMSG;
	buf_free(&right);
	return rc;
}

/* A key that rules can name by its number: not that of a key EF. */
static bool
has_number(const struct iso *c, const struct sam_key *k)
{
	return k->ref < 32 && (!k->owner || file_is_df(fs_by_uid(&c->state->fs, k->owner)));
}

/* A certified key has no number: it proves its holder. */
static void
prove(struct iso *c, const struct sam_key *k, bool yes)
{
	uint32_t bit = UINT32_C(1) << (k->ref & 0x1f);

	if (k == iso_certified_key(c))
		c->ch->certified.holder.proven = yes;
	else if (has_number(c, k) && yes)
		iso_auth(c, k->owner)->external |= bit;
	else if (has_number(c, k))
		iso_auth(c, k->owner)->external &= ~bit;
}

static bool
is_proven(struct iso *c, const struct sam_key *k)
{
	if (k == iso_certified_key(c))
		return c->ch->certified.holder.proven;
	return has_number(c, k) && iso_auth(c, k->owner)->external >> k->ref & 1;
}

static bool
is_blocked(const struct sam_key *k)
{
	return k->tries_max > 0 && k->tries == 0;
}

/* What EXTERNAL AUTHENTICATE answers without data. */
static sw_t
external_state(struct iso *c, const struct sam_key *k)
{
	if (is_proven(c, k))
		return SW_OK;
	if (is_blocked(k))
		return SW_BLOCKED;
	return k->tries_max > 0 ? (sw_t)(SW_TRIES | (k->tries < 15 ? k->tries : 15))
				: SW_WARNING_CHANGED;
}

/* Check a response to the challenge, at the price of a try, and of the challenge, which counts once. */
static sw_t
external(struct iso *c, const struct iso_means *m, struct view response)
{
	struct view challenge = iso_challenge_of(c);
	struct sam_key *k = m->key;
	sw_t sw;
	int rc;

	if (is_blocked(k))
		return SW_BLOCKED;
	/* a block cipher takes one block: the challenge was for another key */
	if (challenge.n == 0 ||
	    (m->algorithm->what == ALGORITHM_CIPHER && challenge.n != key_block(k->kind)))
		return SW_CONDITIONS;
	sw = sam_spend(&c->state->sam, &k->tries, k->tries_max);
	if (sw != SW_OK)
		return sw;
	rc = judge(m, challenge, response);
	if (rc < 0 && rc != -EBADMSG) {
		sam_give_back(&c->state->sam, &k->tries, k->tries_max);
		return iso_crypto_sw(c, rc);
	}
	iso_drop_challenge(c);
	sw = sam_settle(&c->state->sam, &k->tries, k->tries_max, rc == 0);
	prove(c, k, sw == SW_OK);
	return sw;
}

sw_t
iso_internal_authenticate(struct iso *c, const struct apdu *cmd, struct buf *rsp)
{
	struct iso_means m;
	sw_t sw = iso_choose(c, SE_AT, SE_MAKE, SAM_USE_INTERNAL, cmd->p1, cmd->p2, &m);

	if (sw != SW_OK)
		return sw;
	if (m.algorithm->what == ALGORITHM_CIPHER && cmd->data.n != key_block(m.key->kind))
		return SW_WRONG_LENGTH;
	return iso_crypto_sw(c, respond(&m, cmd->data, rsp));
}

/* Both sides prove themselves: of a session's keys, when the environment names such. */
static sw_t
mutual(struct iso *c, const struct iso_sm_keys *keys, const struct apdu *cmd, struct buf *rsp)
{
	struct sam_key *k = keys->enc;
	sw_t sw;

	if (is_blocked(k))
		return SW_BLOCKED;
	if (iso_challenge_of(c).n != RND)
		return SW_CONDITIONS;
	sw = sam_spend(&c->state->sam, &k->tries, k->tries_max);
	if (sw != SW_OK)
		return sw;
	sw = iso_basic_access(c, keys->suite, secret_view(&k->secret),
			      secret_view(&keys->mac->secret), cmd->data, rsp);
	if (sw != SW_OK && sw != SW_WARNING_CHANGED) {
		sam_give_back(&c->state->sam, &k->tries, k->tries_max);
		return sw;
	}
	sw = sam_settle(&c->state->sam, &k->tries, k->tries_max, sw == SW_OK);
	prove(c, k, sw == SW_OK);
	return sw;
}

sw_t
iso_external_authenticate(struct iso *c, const struct apdu *cmd, struct buf *rsp)
{
	struct iso_sm_keys keys;
	struct iso_means m;
	sw_t sw;

	if (cmd->ne > 0 && cmd->data.n == ISO_BASIC_ACCESS_SIZE && iso_sm_keys(c, &keys) &&
	    keys.enc)
		return mutual(c, &keys, cmd, rsp);
	sw = iso_choose(c, SE_AT, SE_CHECK, SAM_USE_EXTERNAL, cmd->p1, cmd->p2, &m);
	if (sw != SW_OK)
		return sw;
	return cmd->data.n > 0 ? external(c, &m, cmd->data) : external_state(c, m.key);
}

/* --- mutual authentication with two keys -------------------------------------------- */

#define SEED 16 /* of K.IFD and K.IC */
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
checksum(enum sm_suite suite, struct view kmac, struct view data, struct buf *out)
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
	int rc = checksum(suite, kmac, view_slice(data, 0, TOKEN), &mac);

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
		rc = checksum(suite, kmac, buf_view(&sealed), &mac);
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
		sm_free(c->ch->sm_next);
		c->ch->sm_next = next;
	}
	explicit_bzero(&ours, sizeof(ours));
	return rc;
}

sw_t
iso_basic_access(struct iso *c, enum sm_suite suite, struct view kenc, struct view kmac,
		 struct view data, struct buf *rsp)
{
	struct token theirs = { .bytes = { 0 } };
	int rc;

	if (data.n != ISO_BASIC_ACCESS_SIZE)
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

/* --- GENERAL AUTHENTICATE ------------------------------------------------------------ */

#define TEMPLATE 0x7c
#define WITNESS 0x80
#define CHALLENGE 0x81
#define RESPONSE 0x82
#define EXPONENTIAL 0x85

static sw_t
put_response(struct iso *c, int rc, struct buf *value, struct buf *rsp)
{
	size_t mark;

	if (rc == 0) {
		mark = tlv_open(rsp, TEMPLATE);
		tlv_put(rsp, RESPONSE, buf_view(value));
		tlv_close(rsp, mark);
	}
	buf_free(value);
	return iso_crypto_sw(c, rc);
}

static sw_t
agree(struct iso *c, const struct apdu *cmd, struct view point, struct buf *rsp)
{
	struct buf value = BUF(CURVE_SIZE_MAX);
	struct iso_means m;
	struct view ref;
	bool kat = cmd->p2 == 0 && (se_get(&c->ch->se, SE_KAT, SE_MAKE, SE_DO_PRIVATE_KEY, &ref) ||
				    se_get(&c->ch->se, SE_KAT, SE_MAKE, SE_DO_FILE, &ref));
	sw_t sw =
		iso_choose(c, kat ? SE_KAT : SE_AT, SE_MAKE, SAM_USE_DERIVE, cmd->p1, cmd->p2, &m);

	if (sw != SW_OK)
		return sw;
	return put_response(c, key_agree(m.key, m.algorithm, point, &value), &value, rsp);
}

static sw_t
internal(struct iso *c, const struct apdu *cmd, struct view challenge, struct buf *rsp)
{
	struct buf value = BUF(RSA_KEY_SIZE_MAX);
	struct iso_means m;
	sw_t sw = iso_choose(c, SE_AT, SE_MAKE, SAM_USE_INTERNAL, cmd->p1, cmd->p2, &m);

	if (sw != SW_OK)
		return sw;
	return put_response(c, respond(&m, challenge, &value), &value, rsp);
}

/* A random number of ours: to be answered (81), or, enciphered, to be told back (80). */
static sw_t
ask(struct iso *c, const struct apdu *cmd, bool witness, struct buf *rsp)
{
	struct buf secret = BUF(CIPHER_BLOCK_MAX);
	uint8_t random[CIPHER_BLOCK_MAX];
	struct iso_means m;
	size_t n, mark;
	int rc;
	sw_t sw = iso_choose(c, SE_AT, SE_CHECK, SAM_USE_EXTERNAL, cmd->p1, cmd->p2, &m);

	if (sw != SW_OK)
		return sw;
	n = key_block(m.key->kind) > 0 ? key_block(m.key->kind) : sizeof(random);
	rc = rand_bytes(random, n);
	if (rc == 0 && witness)
		rc = m.algorithm->what == ALGORITHM_CIPHER
			     ? respond(&m, view_of(random, n), &secret)
			     : -ENOTSUP;
	if (rc == 0) {
		keep_challenge(c, random, n, witness);
		mark = tlv_open(rsp, TEMPLATE);
		tlv_put(rsp, witness ? WITNESS : CHALLENGE,
			witness ? buf_view(&secret) : view_of(random, n));
		tlv_close(rsp, mark);
	}
	explicit_bzero(random, sizeof(random));
	buf_free(&secret);
	return iso_crypto_sw(c, rc);
}

/* They told our witness back; now they want theirs enciphered. */
static sw_t
mutual_witness(struct iso *c, const struct apdu *cmd, struct view witness, struct view challenge,
	       struct buf *rsp)
{
	struct buf value = BUF(RSA_KEY_SIZE_MAX);
	struct iso_means theirs, ours;
	struct sam_key *k;
	sw_t sw = iso_choose(c, SE_AT, SE_CHECK, SAM_USE_EXTERNAL, cmd->p1, cmd->p2, &theirs);

	if (sw == SW_OK)
		sw = iso_choose(c, SE_AT, SE_MAKE, SAM_USE_INTERNAL, cmd->p1, cmd->p2, &ours);
	if (sw != SW_OK)
		return sw;
	k = theirs.key;
	if (is_blocked(k))
		return SW_BLOCKED;
	if (witness_of(c).n == 0)
		return SW_CONDITIONS;
	sw = iso_crypto_sw(c, respond(&ours, challenge, &value));
	if (sw == SW_OK) {
		sw = sam_try(&c->state->sam, &k->tries, k->tries_max, witness, witness_of(c));
		iso_drop_challenge(c);
		prove(c, k, sw == SW_OK);
	}
	if (sw == SW_OK)
		return put_response(c, 0, &value, rsp);
	buf_free(&value);
	return sw;
}

static sw_t
respond_once(struct iso *c, const struct apdu *cmd, struct view response)
{
	struct iso_means m;
	sw_t sw = iso_choose(c, SE_AT, SE_CHECK, SAM_USE_EXTERNAL, cmd->p1, cmd->p2, &m);

	return sw == SW_OK ? external(c, &m, response) : sw;
}

/* What there is decides (7816-4, 11.5.5): of each object the value, or that it is wanted. */
sw_t
iso_general_authenticate(struct iso *c, const struct apdu *cmd, struct buf *rsp)
{
	struct view in, witness = { .n = 0 }, challenge = { .n = 0 }, response = { .n = 0 },
			point = { .n = 0 };
	bool wants_witness, wants_challenge;

	if (!tlv_valid(cmd->data) || !tlv_find(cmd->data, TEMPLATE, &in) || !tlv_valid(in))
		return SW_WRONG_DATA;
	wants_witness = tlv_find(in, WITNESS, &witness);
	wants_challenge = tlv_find(in, CHALLENGE, &challenge);
	tlv_find(in, RESPONSE, &response);
	tlv_find(in, EXPONENTIAL, &point);
	if (point.n > 0)
		return agree(c, cmd, point, rsp);
	if (witness.n > 0 && challenge.n > 0)
		return mutual_witness(c, cmd, witness, challenge, rsp);
	if (challenge.n > 0)
		return internal(c, cmd, challenge, rsp);
	if (response.n > 0)
		return respond_once(c, cmd, response);
	if (wants_witness && witness.n == 0)
		return ask(c, cmd, true, rsp);
	return wants_challenge ? ask(c, cmd, false, rsp) : SW_WRONG_DATA;
}

sw_t
iso_general_authenticate_odd(struct iso *c, const struct apdu *cmd, struct buf *rsp)
{
	return iso_general_authenticate(c, cmd, rsp);
}
