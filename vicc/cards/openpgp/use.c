/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What keys are used for: signatures, decryption, authentication, AES. */
#include "cards/openpgp/openpgp.h"

#include <errno.h>
#include <poll.h>

#include "codec/tlv.h"
#include "crypto/cipher.h"
#include "crypto/rsa.h"
#include "iso/auth.h"
#include "iso/key.h"
#include "model/key.h"

#define PKCS1_OVERHEAD 11 /* bytes: RFC 8017, 9.2 */
#define SW_NOT_TOUCHED 0x6600

/* --- the button (4.4.3.6) -------------------------------------------------------------------- */

#define LOOK_EVERY 50 /* ms: whether the process is to end */

/* Somebody presses it: at once, after a while, or never. */
static sw_t
wait_for_touch(struct iso *c)
{
	const struct props *p = &iso_df(c)->props;
	uint32_t ms = field_number(p, OPENPGP_FIELD_TOUCH_AFTER, 0);
	int step;

	if (field_word(p, OPENPGP_FIELD_TOUCH, OPENPGP_TOUCHED) != OPENPGP_TOUCHED)
		return SW_NOT_TOUCHED;
	for (; ms > 0; ms -= (uint32_t)step) {
		if (iso_interrupted(c))
			return SW_NOT_TOUCHED;
		step = ms < LOOK_EVERY ? (int)ms : LOOK_EVERY;
		poll(NULL, 0, step);
	}
	return SW_OK;
}

/* --- which key ------------------------------------------------------------ */

struct key_use {
	uint8_t ref; /* the password that it takes */
	uint8_t slot;
	bool agrees; /* ECDH, or else signatures */
};

/*
 * A key is what its attributes say, which an image may have
 * otherwise; so they say what it is for.
 */
static bool
openpgp_fits(const struct iso *c, const struct key_use *use, const struct sam_key *k)
{
	struct openpgp_algorithm a;

	if (openpgp_read_attributes(openpgp_attributes(iso_df(c), use->slot), use->slot, &a) !=
	    SW_OK)
		return false;
	return k->kind == a.kind && (a.id == OPENPGP_RSA || (a.id == OPENPGP_ECDH) == use->agrees);
}

/* The key, once all is proven that it takes. 9000, 6982, 6A88, 6985, 6600. */
static sw_t
key_for(struct iso *c, const struct key_use *use, struct sam_key **k)
{
	struct view uif = openpgp_object(iso_df(c), OPENPGP_UIF + use->slot);

	if (!openpgp_is_proven(c, use->ref))
		return SW_SECURITY_STATUS;
	*k = openpgp_key(c, use->slot);
	if (!*k)
		return SW_REFERENCE_NOT_FOUND;
	if (!openpgp_fits(c, use, *k))
		return SW_CONDITIONS;
	return uif.n > 0 && uif.p[0] != 0x00 ? wait_for_touch(c) : SW_OK;
}

/* --- signatures ----------------------------------------------------------- */

static sw_t
openpgp_sign(struct iso *c, struct sam_key *k, struct view in, struct buf *rsp)
{
	if (key_rsa(k) && in.n + PKCS1_OVERHEAD > rsa_size(key_rsa(k)))
		return SW_WRONG_LENGTH;
	if (key_rsa(k))
		return iso_crypto_sw(c, rsa_sign_pkcs1(key_rsa(k), in, rsp));
	if (key_ec(k))
		return iso_crypto_sw(c, ec_sign(key_ec(k), EC_FORM_PLAIN, in, rsp));
	return iso_crypto_sw(c, ed_sign(key_ed(k), in, rsp));
}

#define SIGNATURES_MAX 0xffffff

static sw_t
compute_signature(struct iso *c, const struct apdu *cmd, struct buf *rsp)
{
	const struct key_use use = { OPENPGP_PW1, OPENPGP_SIG, false };
	struct props *p = &iso_df(c)->props;
	uint32_t n = field_number(p, OPENPGP_FIELD_SIGNATURES, 0);
	struct sam_key *k;
	sw_t sw = key_for(c, &use, &k);

	if (sw == SW_OK)
		sw = openpgp_sign(c, k, cmd->data, rsp);
	if (sw != SW_OK)
		return sw;
	if (rsp->failed ||
	    !field_set_number(p, OPENPGP_FIELD_SIGNATURES, n < SIGNATURES_MAX ? n + 1 : n))
		return SW_NO_MEMORY;
	c->state->fs.changed = true;
	if (!field_flag(p, OPENPGP_FIELD_KEEPS_81))
		openpgp_forget(c, OPENPGP_PW1);
	return SW_OK;
}

sw_t
openpgp_internal_authenticate(struct iso *c, const struct apdu *cmd, struct buf *rsp)
{
	uint8_t set = openpgp_own(c)->authenticate;
	const struct key_use use = { OPENPGP_PW1_OTHERS, set ? set : OPENPGP_AUT, false };
	struct sam_key *k;
	sw_t sw;

	if (apdu_p1p2(cmd) != 0x0000)
		return SW_WRONG_OFFSET;
	sw = key_for(c, &use, &k);
	return sw == SW_OK ? openpgp_sign(c, k, cmd->data, rsp) : sw;
}

/* --- decryption ----------------------------------------------------------- */

#define BY_RSA 0x00
#define BY_AES 0x02
#define BY_ECDH 0xa6

#define NATIVE_POINT 0x40

/* A6 { 7F49 { 86 point } } */
static bool
take_point(struct view in, struct view *point)
{
	struct tlv cipher, key, t;

	if (!tlv_next(&in, &cipher) || in.n > 0 || cipher.tag != BY_ECDH)
		return false;
	if (!tlv_next(&cipher.value, &key) || key.tag != 0x7f49 || cipher.value.n > 0)
		return false;
	if (!tlv_next(&key.value, &t) || t.tag != KEY_POINT || key.value.n > 0)
		return false;
	*point = t.value;
	return true;
}

static int
openpgp_agree(struct sam_key *k, struct view in, struct buf *out)
{
	struct view point;
	size_t n;

	if (!take_point(in, &point))
		return -EINVAL;
	if (key_ec(k))
		return ec_shared(key_ec(k), point, out);
	n = ed_size(ed_kind(key_ed(k)));
	if (point.n == n + 1 && point.p[0] == NATIVE_POINT)
		point = view_slice(point, 1, n);
	return ed_shared(key_ed(k), point, out);
}

/* Whatever is wrong with a cryptogram, one answer for it: 6A80. */
static int
openpgp_decipher(struct sam_key *k, struct view in, struct buf *out)
{
	bool by_rsa = in.p[0] == BY_RSA;
	int rc;

	if (by_rsa != (k->kind == SAM_RSA))
		return -EINVAL;
	if (!by_rsa)
		return openpgp_agree(k, in, out);
	rc = in.n - 1 == rsa_size(key_rsa(k))
		     ? rsa_decrypt_pkcs1(key_rsa(k), view_slice(in, 1, in.n), out)
		     : -EINVAL;
	return rc == -EBADMSG ? -EINVAL : rc;
}

static sw_t
openpgp_aes(struct iso *c, bool encrypt, struct view in, struct buf *out)
{
	struct sam_key *k = sam_key_find(&c->state->sam, iso_df(c)->uid, OPENPGP_AES);
	uint8_t iv[CIPHER_BLOCK_MAX] = { 0 };

	if (!openpgp_is_proven(c, OPENPGP_PW1_OTHERS))
		return SW_SECURITY_STATUS;
	if (!k || k->kind != SAM_AES || k->secret.n == 0)
		return SW_REFERENCE_NOT_FOUND;
	if (in.n == 0 || in.n % CIPHER_BLOCK_MAX != 0)
		return SW_WRONG_LENGTH;
	return iso_crypto_sw(c, (encrypt ? cipher_encrypt : cipher_decrypt)(CIPHER_AES, CIPHER_CBC,
									    secret_view(&k->secret),
									    iv, in, out));
}

static sw_t
openpgp_use_decipher(struct iso *c, const struct apdu *cmd, struct buf *rsp)
{
	uint8_t set = openpgp_own(c)->decipher;
	const struct key_use use = { OPENPGP_PW1_OTHERS, set ? set : OPENPGP_DEC, true };
	struct sam_key *k;
	sw_t sw;

	if (cmd->data.p[0] == BY_AES)
		return openpgp_aes(c, false, view_slice(cmd->data, 1, cmd->data.n), rsp);
	if (cmd->data.p[0] != BY_RSA && cmd->data.p[0] != BY_ECDH)
		return SW_WRONG_DATA;
	sw = key_for(c, &use, &k);
	return sw == SW_OK ? iso_crypto_sw(c, openpgp_decipher(k, cmd->data, rsp)) : sw;
}

static sw_t
openpgp_encipher(struct iso *c, const struct apdu *cmd, struct buf *rsp)
{
	buf_u8(rsp, BY_AES);
	return openpgp_aes(c, true, cmd->data, rsp);
}

sw_t
openpgp_perform_security_operation(struct iso *c, const struct apdu *cmd, struct buf *rsp)
{
	switch (apdu_p1p2(cmd)) {
	case 0x9e9a:
		return compute_signature(c, cmd, rsp);
	case 0x8086:
		return openpgp_use_decipher(c, cmd, rsp);
	case 0x8680:
		return openpgp_encipher(c, cmd, rsp);
	default:
		return SW_WRONG_OFFSET;
	}
}

/* --- the rest ------------------------------------------------------------- */

sw_t
openpgp_manage_environment(struct iso *c, const struct apdu *cmd, struct buf *rsp)
{
	struct openpgp *own = openpgp_own(c);
	struct view in = cmd->data;
	struct tlv ref;

	(void)rsp;
	if (cmd->p1 != 0x41 || (cmd->p2 != 0xa4 && cmd->p2 != 0xb8))
		return SW_WRONG_OFFSET;
	if (!tlv_next(&in, &ref) || in.n > 0 || ref.tag != 0x83 || ref.value.n != 1)
		return SW_WRONG_DATA;
	if (ref.value.p[0] != OPENPGP_DEC && ref.value.p[0] != OPENPGP_AUT)
		return SW_WRONG_DATA;
	*(cmd->p2 == 0xa4 ? &own->authenticate : &own->decipher) = ref.value.p[0];
	return SW_OK;
}

sw_t
openpgp_get_challenge(struct iso *c, const struct apdu *cmd, struct buf *rsp)
{
	if (apdu_p1p2(cmd) != 0x0000)
		return SW_WRONG_OFFSET;
	if (cmd->ne == 0 || cmd->ne > OPENPGP_CHALLENGE_MAX)
		return SW_WRONG_LENGTH;
	return iso_challenge(c, cmd->ne, rsp);
}
