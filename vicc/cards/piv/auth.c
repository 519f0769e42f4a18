/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* PIN and PUK (SP 800-73-4 Part 2, 3.2), and the card management key (SP 800-73-4 Part 2, A.1). */
#include "cards/piv/piv.h"

#include <string.h>

#include "codec/tlv.h"
#include "crypto/cipher.h"
#include "crypto/rand.h"
#include "iso/auth.h"

#define REF_PIN 0x80
#define REF_GLOBAL_PIN 0x00
#define REF_PUK 0x81
#define REF_PAIRING_CODE 0x98

#define PIN_MIN 6 /* digits: Part 2, 2.4.3 */

#define ADMIN_BIT (UINT32_C(1) << (PIV_KEY_ADMIN & 0x1f))
#define PIN_BIT (UINT32_C(1) << PIV_PIN_REF)

/* --- who may what --------------------------------------------------------------------------- */

static struct auth *
piv_proven(struct iso *c)
{
	return iso_auth(c, iso_df(c)->uid);
}

bool
piv_admin_is_proven(struct iso *c)
{
	return piv_proven(c)->external & ADMIN_BIT;
}

void
piv_prove_admin(struct iso *c, bool yes)
{
	if (yes)
		piv_proven(c)->external |= ADMIN_BIT;
	else
		piv_proven(c)->external &= ~ADMIN_BIT;
}

bool
piv_pin_is_proven(struct iso *c)
{
	if (piv_proven(c)->user & PIN_BIT)
		return true;
	return piv_global_pin_counts(c) && iso_auth(c, 0)->user & PIN_BIT;
}

void
piv_forget_pin(struct iso *c)
{
	piv_proven(c)->user &= ~PIN_BIT;
	piv_own(c)->verified_last = false;
}

/* --- PIN and PUK ------------------------------------------------------------------------------ */

struct sam_pin *
piv_pin(const struct iso *c)
{
	return sam_pin_find(&c->state->sam, iso_df(c)->uid, PIV_PIN_REF);
}

/* A PIN by its reference, and where it is proven. NULL: there is none. */
static struct sam_pin *
pin_by_ref(struct iso *c, uint8_t ref, struct auth **proof)
{
	if (ref == REF_PIN) {
		*proof = piv_proven(c);
		return piv_pin(c);
	}
	*proof = iso_auth(c, 0);
	return ref == REF_GLOBAL_PIN ? sam_pin_find(&c->state->sam, 0, PIV_PIN_REF) : NULL;
}

/*
 * Part 2, 3.2.1: under secure messaging it opens the virtual contact interface, which
 * changes nothing for a card that is in contact. Nobody counts the wrong ones.
 */
static sw_t
verify_pairing_code(struct iso *c, const struct apdu *cmd)
{
	struct sam_pin *pin = sam_pin_find(&c->state->sam, iso_df(c)->uid, REF_PAIRING_CODE & 0x1f);

	if (!pin)
		return SW_REFERENCE_NOT_FOUND;
	if (!c->x.under_sm)
		return SW_SECURITY_STATUS;
	if (cmd->p1 != 0x00)
		return SW_WRONG_P1P2;
	if (cmd->data.n != PIV_CODE_SIZE)
		return SW_WRONG_DATA;
	return sam_verify(&c->state->sam, pin, pin->ref, cmd->data, piv_proven(c));
}

sw_t
piv_verify(struct iso *c, const struct apdu *cmd, struct buf *rsp)
{
	struct auth *proof;
	struct sam_pin *pin = pin_by_ref(c, cmd->p2, &proof);
	sw_t sw;

	(void)rsp;
	piv_own(c)->verified_last = false;
	if (cmd->p2 == REF_PAIRING_CODE)
		return verify_pairing_code(c, cmd);
	if (cmd->p1 != 0x00 && cmd->p1 != 0xff)
		return SW_WRONG_P1P2;
	if (!pin)
		return SW_REFERENCE_NOT_FOUND;
	if (cmd->p1 == 0x00 && cmd->data.n == 0)
		return sam_pin_state(pin, PIV_PIN_REF, proof);
	if (cmd->data.n != (cmd->p1 ? 0 : PIV_CODE_SIZE))
		return SW_WRONG_DATA;
	if (cmd->p1 == 0xff) {
		proof->user &= ~PIN_BIT;
		return SW_OK;
	}
	sw = sam_verify(&c->state->sam, pin, PIV_PIN_REF, cmd->data, proof);
	piv_own(c)->verified_last = sw == SW_OK;
	return sw;
}

static sw_t
change_puk(struct iso *c, struct view old, struct view new)
{
	struct sam *sam = &c->state->sam;
	struct sam_pin *pin = piv_pin(c);
	struct secret fits = { .n = 0 };
	sw_t sw;

	if (!pin || pin->puk.value.n == 0)
		return SW_REFERENCE_NOT_FOUND;
	if (!sam_code_fits(&pin->puk, new, &fits))
		return SW_WRONG_DATA;
	secret_wipe(&fits);
	sw = sam_try(sam, &pin->puk.tries, pin->puk.tries_max, old, secret_view(&pin->puk.value));
	if (sw != SW_OK)
		return sw;
	sam_code_set(&pin->puk, new);
	sam->changed = true;
	return SW_OK;
}

sw_t
piv_change_reference_data(struct iso *c, const struct apdu *cmd, struct buf *rsp)
{
	struct auth *proof;
	struct sam_pin *pin = pin_by_ref(c, cmd->p2, &proof);
	struct view old, new = cmd->data;

	(void)rsp;
	if (!pin && cmd->p2 != REF_PUK)
		return SW_REFERENCE_NOT_FOUND;
	if (!view_take(&new, PIV_CODE_SIZE, &old) || new.n != PIV_CODE_SIZE)
		return SW_WRONG_DATA;
	if (cmd->p2 == REF_PUK)
		return change_puk(c, old, new);
	if (!iso_is_padded_pin(new, PIN_MIN, PIV_CODE_SIZE))
		return SW_WRONG_DATA;
	return sam_change(&c->state->sam, pin, PIV_PIN_REF, cmd->data, proof);
}

/* A wrong PUK counts whatever PIN comes with it: that is how clients block it on purpose. */
sw_t
piv_reset_retry_counter(struct iso *c, const struct apdu *cmd, struct buf *rsp)
{
	struct sam *sam = &c->state->sam;
	struct sam_pin *pin = piv_pin(c);
	struct view puk, new = cmd->data;
	sw_t sw;

	(void)rsp;
	if (!pin || cmd->p2 != REF_PIN)
		return SW_REFERENCE_NOT_FOUND;
	if (!view_take(&new, PIV_CODE_SIZE, &puk) || new.n != PIV_CODE_SIZE)
		return SW_WRONG_DATA;
	sw = sam_try(sam, &pin->puk.tries, pin->puk.tries_max, puk, secret_view(&pin->puk.value));
	if (sw != SW_OK)
		return sw;
	if (!iso_is_padded_pin(new, PIN_MIN, PIV_CODE_SIZE) || !sam_code_set(&pin->code, new))
		return SW_WRONG_DATA;
	sam->changed = true;
	piv_forget_pin(c);
	return SW_OK;
}

/* --- the card management key ------------------------------------------------------ */

#define ALGORITHM_DEFAULT 0x00 /* 3DES: SP 800-78-4, table 6-2 */
#define ALGORITHM_3DES 0x03
#define CHALLENGE_DEFAULT 8    /* bytes by that number, whatever the key is */

static enum cipher
cipher_of(const struct sam_key *k)
{
	return k->kind == SAM_AES ? CIPHER_AES : CIPHER_3DES;
}

void
piv_drop_challenge(struct piv *own)
{
	explicit_bzero(own->challenge, sizeof(own->challenge));
	own->challenge_n = 0;
}

static sw_t
new_challenge(struct iso *c, size_t n, bool witness)
{
	struct piv *own = piv_own(c);
	int rc = rand_bytes(own->challenge, n);

	if (rc < 0)
		return iso_sw(c, rc);
	own->challenge_n = n;
	own->challenge_new = true;
	own->witness = witness;
	return SW_OK;
}

static int
encipher_block(const struct sam_key *k, struct view block, struct buf *out)
{
	return cipher_encrypt(cipher_of(k), CIPHER_ECB, secret_view(&k->secret), NULL, block, out);
}

/* 7C { tag value } */
static sw_t
answer(struct iso *c, int rc, uint32_t tag, const struct buf *value, struct buf *rsp)
{
	size_t mark;

	if (rc < 0)
		return iso_sw(c, rc);
	mark = tlv_open(rsp, 0x7c);
	tlv_put(rsp, tag, buf_view(value));
	tlv_close(rsp, mark);
	return SW_OK;
}

/* External authentication, the first step; also what clients take random numbers from. */
static sw_t
give_challenge(struct iso *c, size_t n, struct buf *rsp)
{
	sw_t sw = new_challenge(c, n, false);
	struct buf plain = BUF(CIPHER_BLOCK_MAX);

	if (sw != SW_OK)
		return sw;
	buf_put(&plain, piv_own(c)->challenge, n);
	sw = plain.failed ? SW_NO_MEMORY : answer(c, 0, 0x81, &plain, rsp);
	buf_free(&plain);
	return sw;
}

/* Mutual authentication, the first step: a witness, enciphered. */
static sw_t
give_witness(struct iso *c, const struct sam_key *k, struct buf *rsp)
{
	size_t n = cipher_block(cipher_of(k));
	struct buf sealed = BUF(CIPHER_BLOCK_MAX);
	sw_t sw = new_challenge(c, n, true);

	if (sw == SW_OK)
		sw = answer(c, encipher_block(k, view_of(piv_own(c)->challenge, n), &sealed), 0x80,
			    &sealed, rsp);
	buf_free(&sealed);
	return sw;
}

/* Whether that is what was asked for. The challenge is gone either way. */
static bool
is_expected(struct piv *own, struct view given, struct view right, bool witness)
{
	bool same = own->challenge_n > 0 && own->witness == witness && secret_equal(given, right);

	piv_drop_challenge(own);
	return same;
}

static sw_t
take_witness(struct iso *c, const struct sam_key *k, struct view witness, struct view challenge,
	     struct buf *rsp)
{
	struct piv *own = piv_own(c);
	struct buf sealed = BUF(CIPHER_BLOCK_MAX);
	sw_t sw;

	if (challenge.n != cipher_block(cipher_of(k)))
		return SW_WRONG_DATA;
	sw = answer(c, encipher_block(k, challenge, &sealed), 0x82, &sealed, rsp);
	buf_free(&sealed);
	if (sw != SW_OK)
		return sw;
	piv_prove_admin(c,
			is_expected(own, witness, view_of(own->challenge, own->challenge_n), true));
	return piv_admin_is_proven(c) ? SW_OK : SW_SECURITY_STATUS;
}

static sw_t
take_response(struct iso *c, const struct sam_key *k, struct view response)
{
	struct piv *own = piv_own(c);
	struct buf right = BUF(CIPHER_BLOCK_MAX);
	int rc = 0;

	if (response.n != cipher_block(cipher_of(k)))
		return SW_WRONG_DATA;
	if (own->challenge_n == response.n)
		rc = encipher_block(k, view_of(own->challenge, own->challenge_n), &right);
	if (rc == 0)
		piv_prove_admin(c, is_expected(own, response, buf_view(&right), false));
	buf_free(&right);
	if (rc < 0)
		return iso_sw(c, rc);
	return piv_admin_is_proven(c) ? SW_OK : SW_SECURITY_STATUS;
}

static bool
is_request(const struct piv_template *t, int which)
{
	return t->is_there[which] && t->object[which].n == 0;
}

sw_t
piv_authenticate_admin(struct iso *c, uint8_t algorithm, const struct piv_template *t,
		       struct buf *rsp)
{
	struct sam_key *k = piv_key(c, PIV_KEY_ADMIN);
	const struct piv_algorithm *a = k ? piv_algorithm_of(k) : NULL;

	if (!a)
		return SW_REFERENCE_NOT_FOUND;
	if (algorithm == ALGORITHM_DEFAULT && is_request(t, PIV_CHALLENGE))
		return give_challenge(c, CHALLENGE_DEFAULT, rsp);
	if (a->id != (algorithm == ALGORITHM_DEFAULT ? ALGORITHM_3DES : algorithm))
		return SW_WRONG_P1P2;
	if (t->object[PIV_POINT].n > 0)
		return SW_WRONG_DATA;
	if (t->object[PIV_WITNESS].n > 0)
		return take_witness(c, k, t->object[PIV_WITNESS], t->object[PIV_CHALLENGE], rsp);
	if (t->object[PIV_RESPONSE].n > 0)
		return take_response(c, k, t->object[PIV_RESPONSE]);
	if (is_request(t, PIV_WITNESS))
		return give_witness(c, k, rsp);
	if (is_request(t, PIV_CHALLENGE))
		return give_challenge(c, cipher_block(cipher_of(k)), rsp);
	return SW_WRONG_DATA;
}
