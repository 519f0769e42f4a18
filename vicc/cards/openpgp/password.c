/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * PW1, PW3 and the resetting code (4.2, 4.3), and how a
 * host's key derivation meets them (4.3.2).
 */
#include "cards/openpgp/openpgp.h"

#include <string.h>

#include "codec/tlv.h"
#include "model/object.h"

static const char *const factory[] = {
	[OPENPGP_PW1] = "123456",
	[OPENPGP_PW3] = "12345678",
};
static const uint8_t passwords[] = { OPENPGP_PW1, OPENPGP_PW3 };
#define N_PASSWORDS (sizeof(passwords) / sizeof(*passwords))

/* --- who may what ------------------------------------------------------------------------ */

static struct auth *
openpgp_proven(struct iso *c)
{
	return iso_auth(c, iso_df(c)->uid);
}

bool
openpgp_is_proven(struct iso *c, uint8_t ref)
{
	return openpgp_proven(c)->user & UINT32_C(1) << ref;
}

void
openpgp_forget(struct iso *c, uint8_t ref)
{
	openpgp_proven(c)->user &= ~(UINT32_C(1) << ref);
}

static struct sam_pin *
openpgp_password(const struct iso *c, uint8_t ref)
{
	return sam_pin_find(&c->state->sam, iso_df(c)->uid, ref);
}

bool
openpgp_pw3_is_blocked(const struct iso *c)
{
	const struct sam_pin *pin = openpgp_password(c, OPENPGP_PW3);

	return pin && pin->code.tries_max > 0 && pin->code.tries == 0;
}

/* --- what a password was before -------------------------------------------------------------- */

static struct sam_pin *
before(const struct iso *c, const struct sam_pin *pin)
{
	return openpgp_password(c, pin->ref + OPENPGP_BEFORE);
}

static void
forget_before(struct iso *c, const struct sam_pin *pin)
{
	struct sam_pin *old = before(c, pin);

	if (!old || old->code.value.n == 0)
		return;
	secret_wipe(&old->code.value);
	old->life = SAM_UNSET;
	c->state->sam.changed = true;
}

/* Another reference in its place; CHANGE REFERENCE DATA still takes the one that was. */
static void
openpgp_replace(struct iso *c, struct sam_pin *pin, struct view reference)
{
	struct sam_pin *old = before(c, pin);

	if (secret_equal(secret_view(&pin->code.value), reference))
		return;
	if (old) {
		old->code.value = pin->code.value;
		old->life = SAM_ACTIVE;
	}
	secret_set(&pin->code.value, reference);
	c->state->sam.changed = true;
}

/* --- DO F9 --------------------------------------------------------------------------------- */

#define KDF_NONE 0x00
#define KDF_ITERSALTED_S2K 0x03
#define KDF_SHA256 0x08
#define KDF_SHA512 0x0a
#define SALT_SIZE 8

struct kdf {
	size_t size;                      /* bytes of a hash; 0: the host hashes nothing */
	struct view initial[N_PASSWORDS]; /* of the factory's passwords */
};

/* The next object has this tag and size. */
static bool
next_is(struct view *in, uint32_t tag, size_t n, struct view *value)
{
	struct tlv t;

	if (!tlv_next(in, &t) || t.tag != tag || t.value.n != n)
		return false;
	*value = t.value;
	return true;
}

/* 84, and 85 86 unless that one salt is for all. */
static bool
take_salts(struct view *in)
{
	struct view salt, rest;

	if (!next_is(in, 0x84, SALT_SIZE, &salt))
		return false;
	rest = *in;
	if (next_is(&rest, 0x85, SALT_SIZE, &salt) && next_is(&rest, 0x86, SALT_SIZE, &salt))
		*in = rest;
	return true;
}

static bool
take_kdf(struct view in, struct kdf *kdf)
{
	struct view v;

	*kdf = (struct kdf) { .size = 0 };
	if (in.n == 0)
		return true;
	if (!next_is(&in, 0x81, 1, &v))
		return false;
	if (v.p[0] == KDF_NONE)
		return in.n == 0;
	if (v.p[0] != KDF_ITERSALTED_S2K || !next_is(&in, 0x82, 1, &v))
		return false;
	if (v.p[0] != KDF_SHA256 && v.p[0] != KDF_SHA512)
		return false;
	kdf->size = v.p[0] == KDF_SHA256 ? 32 : 64;
	return next_is(&in, 0x83, 4, &v) && take_salts(&in) &&
	       next_is(&in, 0x87, kdf->size, &kdf->initial[0]) &&
	       next_is(&in, 0x88, kdf->size, &kdf->initial[1]) && in.n == 0;
}

static struct view
initial_of(const struct kdf *kdf, size_t which)
{
	const char *text = factory[passwords[which]];

	return kdf->size > 0 ? kdf->initial[which] : view_of(text, strlen(text));
}

/*
 * Some hosts send hashes from here on, and expect what 87 and 88 say of a password that
 * nobody has changed; others go on to change it, from the password itself to its hash. One
 * that somebody has changed stays.
 */
static void
follow_kdf(struct iso *c, const struct kdf *was, const struct kdf *is)
{
	struct sam_pin *pin;
	size_t i;

	for (i = 0; i < N_PASSWORDS; i++) {
		pin = openpgp_password(c, passwords[i]);
		if (pin && secret_equal(secret_view(&pin->code.value), initial_of(was, i)))
			openpgp_replace(c, pin, initial_of(is, i));
	}
	pin = openpgp_password(c, OPENPGP_PW1);
	if (pin && pin->puk.value.n > 0) {
		secret_wipe(&pin->puk.value);
		c->state->sam.changed = true;
	}
}

sw_t
openpgp_set_kdf(struct iso *c, struct view value)
{
	struct buf old = BUF(OBJECT_MAX);
	struct kdf was, is;
	sw_t sw = SW_NO_MEMORY;

	if (!take_kdf(value, &is))
		return SW_WRONG_DATA;
	buf_put_view(&old, openpgp_object(iso_df(c), OPENPGP_KDF));
	if (!take_kdf(buf_view(&old), &was))
		was = (struct kdf) { .size = 0 };
	if (!old.failed)
		sw = openpgp_keep_object(c, OPENPGP_KDF, is.size > 0 ? value : view_of(NULL, 0));
	if (sw == SW_OK)
		follow_kdf(c, &was, &is);
	buf_free(&old);
	return sw;
}

/* --- VERIFY --------------------------------------------------------------- */

#define REF_FIRST 0x81
#define REF_LAST 0x83

sw_t
openpgp_verify(struct iso *c, const struct apdu *cmd, struct buf *rsp)
{
	uint8_t ref = cmd->p2 & 0x7f;
	struct sam_pin *pin;
	sw_t sw;

	(void)rsp;
	if ((cmd->p1 != 0x00 && cmd->p1 != 0xff) || cmd->p2 < REF_FIRST || cmd->p2 > REF_LAST)
		return SW_WRONG_OFFSET;
	pin = openpgp_password(c, ref);
	if (!pin)
		return SW_REFERENCE_NOT_FOUND;
	if (cmd->p1 == 0xff && cmd->data.n > 0)
		return SW_WRONG_LENGTH;
	if (cmd->p1 == 0xff) {
		openpgp_forget(c, ref);
		return SW_OK;
	}
	if (cmd->data.n == 0)
		return sam_pin_state(pin, ref, openpgp_proven(c));
	if (cmd->data.n < pin->code.min || cmd->data.n > pin->code.max)
		return SW_WRONG_LENGTH;
	sw = sam_verify(&c->state->sam, pin, ref, cmd->data, openpgp_proven(c));
	if (sw == SW_OK)
		forget_before(c, pin);
	return sw;
}

/* --- new values ----------------------------------------------------------- */

/* The password itself, too, where DO F9 lets hosts hash: they change it, and then the object. */
static sw_t
set_password(struct iso *c, struct sam_pin *pin, struct view value)
{
	if (!sam_code_set(&pin->code, value))
		return SW_WRONG_DATA;
	pin->life = SAM_ACTIVE;
	forget_before(c, pin);
	c->state->sam.changed = true;
	return SW_OK;
}

/* Whether data begin with this value; what is behind it. */
static bool
begins_with(struct view data, const struct secret *value, struct view *rest)
{
	struct view given;

	if (value->n == 0 || !view_take(&data, value->n, &given))
		return false;
	*rest = data;
	return secret_equal(given, secret_view(value));
}

/* One try for both: the value, and what it was before. */
static sw_t
try_old(struct iso *c, struct sam_pin *pin, struct view data, struct view *new)
{
	struct sam *sam = &c->state->sam;
	const struct sam_pin *old = before(c, pin);
	sw_t sw = sam_decrement_tries(sam, &pin->code.tries, pin->code.tries_max);
	bool right;

	if (sw != SW_OK)
		return sw;
	right = begins_with(data, &pin->code.value, new) ||
		(old && begins_with(data, &old->code.value, new));
	return sam_restore_tries(sam, &pin->code.tries, pin->code.tries_max, right);
}

sw_t
openpgp_change_reference_data(struct iso *c, const struct apdu *cmd, struct buf *rsp)
{
	struct sam_pin *pin;
	struct view new;
	sw_t sw;

	(void)rsp;
	if (cmd->p1 != 0x00)
		return SW_WRONG_OFFSET;
	pin = cmd->p2 == 0x81 || cmd->p2 == 0x83 ? openpgp_password(c, cmd->p2 & 0x7f) : NULL;
	if (!pin)
		return SW_REFERENCE_NOT_FOUND;
	sw = try_old(c, pin, cmd->data, &new);
	return sw == SW_OK ? set_password(c, pin, new) : sw;
}

static sw_t
try_resetting_code(struct iso *c, struct sam_pin *pin, struct view data, struct view *new)
{
	struct sam *sam = &c->state->sam;
	sw_t sw;

	if (pin->puk.value.n == 0)
		return SW_REFERENCE_NOT_FOUND;
	sw = sam_decrement_tries(sam, &pin->puk.tries, pin->puk.tries_max);
	if (sw != SW_OK)
		return sw;
	return sam_restore_tries(sam, &pin->puk.tries, pin->puk.tries_max,
				 begins_with(data, &pin->puk.value, new));
}

sw_t
openpgp_reset_retry_counter(struct iso *c, const struct apdu *cmd, struct buf *rsp)
{
	struct sam_pin *pin = openpgp_password(c, OPENPGP_PW1);
	struct view new = cmd->data;
	sw_t sw;

	(void)rsp;
	if ((cmd->p1 != 0x00 && cmd->p1 != 0x02) || cmd->p2 != 0x81)
		return SW_WRONG_OFFSET;
	if (!pin)
		return SW_REFERENCE_NOT_FOUND;
	if (cmd->p1 == 0x00)
		sw = try_resetting_code(c, pin, cmd->data, &new);
	else
		sw = openpgp_is_proven(c, OPENPGP_PW3) ? SW_OK : SW_SECURITY_STATUS;
	if (sw == SW_OK)
		sw = set_password(c, pin, new);
	if (sw == SW_OK) {
		openpgp_forget(c, OPENPGP_PW1);
		openpgp_forget(c, OPENPGP_PW1_OTHERS);
	}
	return sw;
}

sw_t
openpgp_set_resetting_code(struct iso *c, struct view value)
{
	struct sam_pin *pin = openpgp_password(c, OPENPGP_PW1);

	if (!pin)
		return SW_REFERENCE_NOT_FOUND;
	if (value.n == 0)
		secret_wipe(&pin->puk.value);
	else if (!sam_code_set(&pin->puk, value))
		return SW_WRONG_DATA;
	c->state->sam.changed = true;
	return SW_OK;
}

/* --- DO C4 ---------------------------------------------------------------- */

#define STATUS_FIXED 3 /* bytes behind the first that nobody changes, before the tries */

void
openpgp_put_status(const struct iso *c, struct buf *out)
{
	const struct sam_pin *pw1 = openpgp_password(c, OPENPGP_PW1),
			     *pw3 = openpgp_password(c, OPENPGP_PW3);

	buf_u8(out, field_flag(&iso_df(c)->props, OPENPGP_FIELD_KEEPS_81));
	buf_u8(out, pw1 ? pw1->code.max : 0);
	buf_u8(out, pw1 ? pw1->puk.max : 0);
	buf_u8(out, pw3 ? pw3->code.max : 0);
	buf_u8(out, pw1 ? pw1->code.tries : 0);
	buf_u8(out, pw1 && pw1->puk.value.n > 0 ? pw1->puk.tries : 0);
	buf_u8(out, pw3 ? pw3->code.tries : 0);
}

sw_t
openpgp_set_status(struct iso *c, struct view value)
{
	struct buf status = BUF(16);
	bool same;

	openpgp_put_status(c, &status);
	if (status.failed)
		return SW_NO_MEMORY;
	same = value.n == 1 || view_equal(view_slice(value, 1, value.n),
					  view_slice(buf_view(&status), 1, STATUS_FIXED));
	buf_free(&status);
	if (value.n == 0 || value.p[0] > 1 || !same)
		return SW_WRONG_DATA;
	if (!field_set_flag(&iso_df(c)->props, OPENPGP_FIELD_KEEPS_81, value.p[0]))
		return SW_NO_MEMORY;
	c->state->fs.changed = true;
	return SW_OK;
}

void
openpgp_set_tries(struct iso *c, const uint8_t tries[OPENPGP_SECRETS])
{
	struct sam_pin *pw1 = openpgp_password(c, OPENPGP_PW1),
		       *pw3 = openpgp_password(c, OPENPGP_PW3);

	if (pw1) {
		pw1->code.tries = pw1->code.tries_max = tries[0];
		pw1->puk.tries = pw1->puk.tries_max = tries[1];
	}
	if (pw3)
		pw3->code.tries = pw3->code.tries_max = tries[2];
	c->state->sam.changed = true;
}

/* --- as on a new card ----------------------------------------------------- */

void
openpgp_renew_passwords(struct iso *c)
{
	static const uint8_t tries[OPENPGP_SECRETS] = { 3, 3, 3 };
	struct sam_pin *pin;
	size_t i;

	if (openpgp_is_yubico(c))
		openpgp_set_tries(c, tries);

	for (i = 0; i < N_PASSWORDS; i++) {
		pin = openpgp_password(c, passwords[i]);
		if (!pin)
			continue;
		sam_code_set(&pin->code,
			     view_of(factory[passwords[i]], strlen(factory[passwords[i]])));
		pin->life = SAM_ACTIVE;
		secret_wipe(&pin->puk.value);
		forget_before(c, pin);
	}
	c->state->sam.changed = true;
	*openpgp_proven(c) = (struct auth) { 0 };
}
