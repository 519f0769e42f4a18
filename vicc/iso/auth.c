/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Who is there: PINs, challenges and what is proven by them (ISO/IEC 7816-4, 11.5). */
#include "iso/auth.h"

#include <errno.h>
#include <string.h>

#include "iso/key.h"
#include "codec/tlv.h"
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

	return df ? proofs_own(&c->x.ch->proven, df) : &c->global;
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
		.local = c->x.ch->proven,
		.fs = &c->state->fs,
		.df = iso_df(c)->uid,
		.se = c->x.ch->se.number,
		.check_access = iso_hooks(c)->check_access,
		.holder = &c->x.ch->certified.holder,
		.refs = &iso_access_refs,
		.card = c,
	};

	add_disabled(c, &who);
	return who;
}

void
iso_end_proofs(struct iso *c)
{
	struct channel *ch = c->x.ch;
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
		return data.n > 0 ? sam_verify(&c->state->sam, pin, cmd->p2 & NUMBER, data, proven)
				  : sam_pin_state(pin, cmd->p2 & NUMBER, proven);
	if (data.n > 0)
		return SW_WRONG_LENGTH;
	proven->user &= ~sam_pin_bit(pin, cmd->p2 & NUMBER);
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
		return sam_change(&c->state->sam, pin, cmd->p2 & NUMBER, cmd->data,
				  iso_auth(c, pin->scope));
	return sam_set(&c->state->sam, pin, cmd->data, &c->x.who);
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
	return sam_unblock(&c->state->sam, pin, cmd->p1, cmd->data, &c->x.who,
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
	return sam_require(&c->state->sam, pin, cmd->p2 & NUMBER, required, cmd->data, &c->x.who,
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


/* --- challenges ------------------------------------------------------------------ */

static void
keep_challenge(struct iso *c, const uint8_t *p, size_t n, bool witness)
{
	struct channel *ch = c->x.ch;

	explicit_bzero(ch->challenge, sizeof(ch->challenge));
	ch->challenge_len = n <= sizeof(ch->challenge) ? n : 0;
	ch->witness = witness;
	if (ch->challenge_len > 0)
		memcpy(ch->challenge, p, n);
}

struct view
iso_challenge_of(const struct iso *c)
{
	return view_of(c->x.ch->challenge, c->x.ch->witness ? 0 : c->x.ch->challenge_len);
}

static struct view
witness_of(const struct iso *c)
{
	return view_of(c->x.ch->challenge, c->x.ch->witness ? c->x.ch->challenge_len : 0);
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

bool
iso_is_padded_pin(struct view value, size_t min, size_t size)
{
	struct view digits = view_strip_end(value, 0xff);
	size_t i;

	for (i = 0; i < digits.n; i++) {
		if (digits.p[i] < '0' || digits.p[i] > '9')
			return false;
	}
	return value.n == size && digits.n >= min;
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
respond(const struct key_op *m, struct view challenge, struct buf *out)
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
judge_response(const struct key_op *m, struct view challenge, struct view response)
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
void
iso_prove_key(struct iso *c, const struct sam_key *k, bool yes)
{
	uint32_t bit = UINT32_C(1) << (k->ref & 0x1f);

	if (k == iso_certified_key(c))
		c->x.ch->certified.holder.proven = yes;
	else if (has_number(c, k) && yes)
		iso_auth(c, k->owner)->external |= bit;
	else if (has_number(c, k))
		iso_auth(c, k->owner)->external &= ~bit;
}

static bool
is_proven(struct iso *c, const struct sam_key *k)
{
	if (k == iso_certified_key(c))
		return c->x.ch->certified.holder.proven;
	return has_number(c, k) && iso_auth(c, k->owner)->external >> k->ref & 1;
}

bool
iso_key_is_blocked(const struct sam_key *k)
{
	return k->tries_max > 0 && k->tries == 0;
}

/* What EXTERNAL AUTHENTICATE answers without data. */
static sw_t
external_state(struct iso *c, const struct sam_key *k)
{
	if (is_proven(c, k))
		return SW_OK;
	if (iso_key_is_blocked(k))
		return SW_BLOCKED;
	return k->tries_max > 0 ? (sw_t)(SW_TRIES | (k->tries < 15 ? k->tries : 15))
				: SW_WARNING_CHANGED;
}

/*
 * Check a response to the challenge, at the price of a try, and of the challenge, which
 * counts once.
 */
static sw_t
external(struct iso *c, const struct key_op *m, struct view response)
{
	struct view challenge = iso_challenge_of(c);
	struct sam_key *k = m->key;
	sw_t sw;
	int rc;

	if (iso_key_is_blocked(k))
		return SW_BLOCKED;
	/* a block cipher takes one block: the challenge was for another key */
	if (challenge.n == 0 ||
	    (m->algorithm->what == ALGORITHM_CIPHER && challenge.n != key_block(k->kind)))
		return SW_CONDITIONS;
	sw = sam_decrement_tries(&c->state->sam, &k->tries, k->tries_max);
	if (sw != SW_OK)
		return sw;
	rc = judge_response(m, challenge, response);
	if (rc < 0 && rc != -EBADMSG) {
		sam_increment_tries(&c->state->sam, &k->tries, k->tries_max);
		return iso_crypto_sw(c, rc);
	}
	iso_drop_challenge(c);
	sw = sam_restore_tries(&c->state->sam, &k->tries, k->tries_max, rc == 0);
	iso_prove_key(c, k, sw == SW_OK);
	return sw;
}

/* The key of P1 and P2, or of the environment, that shows who the card is. */
static sw_t
select_internal(struct iso *c, const struct apdu *cmd, struct key_op *out)
{
	const struct key_query q = { SE_AT, SE_MAKE, SAM_USE_INTERNAL, cmd->p1, cmd->p2 };

	return iso_select_key(c, &q, out);
}

/* And the one by which others do. */
static sw_t
select_external(struct iso *c, const struct apdu *cmd, struct key_op *out)
{
	const struct key_query q = { SE_AT, SE_CHECK, SAM_USE_EXTERNAL, cmd->p1, cmd->p2 };

	return iso_select_key(c, &q, out);
}

sw_t
iso_internal_authenticate(struct iso *c, const struct apdu *cmd, struct buf *rsp)
{
	struct key_op m;
	sw_t sw = select_internal(c, cmd, &m);

	if (sw != SW_OK)
		return sw;
	if (m.algorithm->what == ALGORITHM_CIPHER && cmd->data.n != key_block(m.key->kind))
		return SW_WRONG_LENGTH;
	return iso_crypto_sw(c, respond(&m, cmd->data, rsp));
}

sw_t
iso_external_authenticate(struct iso *c, const struct apdu *cmd, struct buf *rsp)
{
	struct key_op m;
	sw_t sw = select_external(c, cmd, &m);

	(void)rsp;
	if (sw != SW_OK)
		return sw;
	return cmd->data.n > 0 ? external(c, &m, cmd->data) : external_state(c, m.key);
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
	struct key_op m;
	struct view ref;
	bool kat =
		cmd->p2 == 0 && (se_get(&c->x.ch->se, SE_KAT, SE_MAKE, SE_DO_PRIVATE_KEY, &ref) ||
				 se_get(&c->x.ch->se, SE_KAT, SE_MAKE, SE_DO_FILE, &ref));
	sw_t sw = iso_select_key(c,
				 &(struct key_query) { kat ? SE_KAT : SE_AT, SE_MAKE,
						       SAM_USE_DERIVE, cmd->p1, cmd->p2 },
				 &m);

	if (sw != SW_OK)
		return sw;
	return put_response(c, key_agree(m.key, m.algorithm, point, &value), &value, rsp);
}

static sw_t
internal(struct iso *c, const struct apdu *cmd, struct view challenge, struct buf *rsp)
{
	struct buf value = BUF(RSA_KEY_SIZE_MAX);
	struct key_op m;
	sw_t sw = select_internal(c, cmd, &m);

	if (sw != SW_OK)
		return sw;
	return put_response(c, respond(&m, challenge, &value), &value, rsp);
}

/* A random number of ours: to be answered (81), or, enciphered, to be told back (80). */
static sw_t
give_challenge(struct iso *c, const struct apdu *cmd, bool witness, struct buf *rsp)
{
	struct buf secret = BUF(CIPHER_BLOCK_MAX);
	uint8_t random[CIPHER_BLOCK_MAX];
	struct key_op m;
	size_t n, mark;
	int rc;
	sw_t sw = select_external(c, cmd, &m);

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
	struct key_op theirs, ours;
	struct sam_key *k;
	sw_t sw = select_external(c, cmd, &theirs);

	if (sw == SW_OK)
		sw = select_internal(c, cmd, &ours);
	if (sw != SW_OK)
		return sw;
	k = theirs.key;
	if (iso_key_is_blocked(k))
		return SW_BLOCKED;
	if (witness_of(c).n == 0)
		return SW_CONDITIONS;
	sw = iso_crypto_sw(c, respond(&ours, challenge, &value));
	if (sw == SW_OK) {
		sw = sam_try(&c->state->sam, &k->tries, k->tries_max, witness, witness_of(c));
		iso_drop_challenge(c);
		iso_prove_key(c, k, sw == SW_OK);
	}
	if (sw == SW_OK)
		return put_response(c, 0, &value, rsp);
	buf_free(&value);
	return sw;
}

static sw_t
respond_once(struct iso *c, const struct apdu *cmd, struct view response)
{
	struct key_op m;
	sw_t sw = select_external(c, cmd, &m);

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
		return give_challenge(c, cmd, true, rsp);
	return wants_challenge ? give_challenge(c, cmd, false, rsp) : SW_WRONG_DATA;
}

sw_t
iso_general_authenticate_odd(struct iso *c, const struct apdu *cmd, struct buf *rsp)
{
	return iso_general_authenticate(c, cmd, rsp);
}
