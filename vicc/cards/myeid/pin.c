/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* PINs, numbered from 1: how they are made, and what their flags let be done without one. */
#include <string.h>

#include "cards/myeid/myeid.h"
#include "iso/auth.h"

#define CODE_SIZE 8 /* bytes of a PIN or PUK, filled up with FF */

/* What may stand behind the two, each left out only with all that follow; and its default. */
enum {
	TRIES,
	PUK_TRIES,
	FLAGS,
	KIND, /* 0: a PIN of characters, and nothing else */
	GRID, /* of no use to such a PIN */
	MIN,
	PUK_MIN,
	PARAMETERS,
};
static const uint8_t defaults[PARAMETERS] = {
	[TRIES] = 5, [PUK_TRIES] = 10, [MIN] = 4, [PUK_MIN] = 4,
};

#define TRIES_MAX 15

/* --- flags --------------------------------------------------------------------------- */

#define LOCKED 0x01     /* has to be changed before it counts */
#define RELOCKS 0x02    /* is locked again when it was unblocked */
#define UNBLOCKABLE 0x04 /* a global unblocker may unblock it */
#define UNBLOCKER 0x08  /* is one */
#define MANAGED 0x10    /* an administrator may set it */
#define ADMIN 0x20      /* is one */
#define FLAGS_ALL 0x3f

#define PIN_FLAGS "pin-flags" /* property: a byte for each PIN */

static uint8_t
flags_of(const struct iso *c, uint8_t ref)
{
	struct view all = props_get(&c->state->props, PIN_FLAGS);

	return ref >= 1 && ref <= MYEID_PIN_LAST && all.n == MYEID_PIN_LAST ? all.p[ref - 1] : 0;
}

/* Where they are kept; then they can be set without memory. */
static bool
has_place_for_flags(struct iso *c)
{
	static const uint8_t none[MYEID_PIN_LAST];

	return props_get(&c->state->props, PIN_FLAGS).n == sizeof(none) ||
	       props_set(&c->state->props, PIN_FLAGS, view_of(none, sizeof(none)));
}

static void
set_flags(struct iso *c, uint8_t ref, uint8_t flags)
{
	uint8_t *at;

	if (flags_of(c, ref) == flags)
		return;
	at = props_change(&c->state->props, PIN_FLAGS, MYEID_PIN_LAST);
	if (at)
		at[ref - 1] = flags;
}

void
myeid_forget_pins(struct iso *c)
{
	props_remove(&c->state->props, PIN_FLAGS);
}

/* PINs with a flag, as bits. */
static uint32_t
flagged(const struct iso *c, uint8_t flag)
{
	uint32_t refs = 0;
	uint8_t ref;

	for (ref = 1; ref <= MYEID_PIN_LAST; ref++) {
		if (flags_of(c, ref) & flag)
			refs |= UINT32_C(1) << ref;
	}
	return refs;
}

/* Whether whoever has proven such a PIN may do this to one that allows it. */
static bool
allows(const struct iso *c, uint8_t ref, uint8_t flag, uint8_t by)
{
	return flags_of(c, ref) & flag && c->global.user & flagged(c, by);
}

/* --- making one ---------------------------------------------------------------------- */

/* A PIN that is there is its owner's: whoever does not know it formats the card. */
static sw_t
may_make_pin(struct iso *c, uint8_t ref)
{
	if (!myeid_in_creation(c) && sam_pin_find(&c->state->sam, 0, ref))
		return SW_CONDITIONS;
	if (iso_hooks(c)->check_access(&c->x.who, c->state->fs.mf, ACL_DELETE) == SW_OK)
		return SW_OK;
	return iso_hooks(c)->check_access(&c->x.who, c->state->fs.mf, ACL_CREATE_EF);
}

static bool
take_code(struct view value, uint8_t tries, uint8_t min, struct sam_code *code)
{
	*code = (struct sam_code) {
		.min = min >= 1 && min <= CODE_SIZE ? min : defaults[MIN],
		.max = CODE_SIZE, .pad = SAM_PAD_FF,
		.tries_max = tries < TRIES_MAX ? tries : TRIES_MAX,
	};
	return tries > 0 && sam_code_set(code, value);
}

/* In the place of the one that was there. */
static sw_t
keep_pin(struct iso *c, uint8_t ref, const struct sam_code *code, const struct sam_code *puk,
	 uint8_t flags)
{
	struct sam *sam = &c->state->sam;
	bool changed = c->state->props.changed;
	struct sam_pin *pin;

	if (flags && !has_place_for_flags(c))
		return SW_NO_MEMORY;
	pin = sam_pin_find(sam, 0, ref);
	if (!pin)
		pin = sam_pin_add(sam, 0, ref);
	if (!pin) {
		c->state->props.changed = changed;
		return SW_NO_MEMORY;
	}
	set_flags(c, ref, flags);
	pin->code = *code;
	pin->puk = *puk;
	pin->life = SAM_ACTIVE;
	c->global.user &= ~(UINT32_C(1) << ref);
	sam->changed = true;
	return SW_OK;
}

/* PIN, PUK, and what is said of them. */
sw_t
myeid_make_pin(struct iso *c, uint8_t ref, struct view data)
{
	uint8_t parameter[PARAMETERS];
	struct view value, puk_value;
	struct sam_code code, puk;
	sw_t sw = may_make_pin(c, ref);

	if (sw != SW_OK)
		return sw;
	if (!view_take(&data, CODE_SIZE, &value) || !view_take(&data, CODE_SIZE, &puk_value) ||
	    data.n > PARAMETERS)
		return SW_WRONG_LENGTH;
	memcpy(parameter, defaults, sizeof(parameter));
	if (data.n > 0)
		memcpy(parameter, data.p, data.n);
	if (parameter[KIND] != 0)
		return SW_REFERENCE_UNUSABLE;
	sw = SW_WRONG_DATA;
	if (take_code(value, parameter[TRIES], parameter[MIN], &code) &&
	    take_code(puk_value, parameter[PUK_TRIES], parameter[PUK_MIN], &puk))
		sw = keep_pin(c, ref, &code, &puk, parameter[FLAGS] & FLAGS_ALL);
	explicit_bzero(&code, sizeof(code));
	explicit_bzero(&puk, sizeof(puk));
	return sw;
}

/* --- VERIFY -------------------------------------------------------------------------- */

static bool
is_number(uint8_t ref)
{
	return ref >= 1 && ref <= MYEID_PIN_LAST;
}

/* While the card is in creation there is nothing that has to be proven. */
sw_t
myeid_verify(struct iso *c, const struct apdu *cmd, struct buf *rsp)
{
	sw_t sw;

	if (!is_number(cmd->p2))
		return SW_WRONG_P1P2;
	if (cmd->data.n == 0 && myeid_in_creation(c))
		return SW_OK;
	sw = iso_verify(c, cmd, rsp);
	if (flags_of(c, cmd->p2) & LOCKED &&
	    (sw == SW_OK || (cmd->data.n == 0 && sw != SW_BLOCKED))) {
		c->global.user &= ~(UINT32_C(1) << cmd->p2);
		return SW_CONDITIONS;
	}
	return sw;
}

/* P1 P2: 00 and one PIN, or 00 for all; A0 00 administrators, B0 00 global unblockers. */
sw_t
myeid_logout(struct iso *c, const struct apdu *cmd, struct buf *rsp)
{
	(void)rsp;
	switch (cmd->p1) {
	case 0x00:
		if (cmd->p2 > MYEID_PIN_LAST)
			return SW_WRONG_P1P2;
		c->global.user &= cmd->p2 ? ~(UINT32_C(1) << cmd->p2) : 0;
		return SW_OK;
	case 0xa0:
	case 0xb0:
		if (cmd->p2 != 0)
			return SW_WRONG_P1P2;
		c->global.user &= ~flagged(c, cmd->p1 == 0xa0 ? ADMIN : UNBLOCKER);
		return SW_OK;
	default:
		return SW_WRONG_P1P2;
	}
}

/* --- a new value ----------------------------------------------------------------------- */

/* By right, without the old one: its first try is its first again. */
static sw_t
set_by_right(struct iso *c, struct sam_pin *pin, struct view value)
{
	if (!sam_code_set(&pin->code, value))
		return SW_WRONG_DATA;
	c->global.user &= ~(UINT32_C(1) << pin->ref);
	c->state->sam.changed = true;
	return SW_OK;
}

/* Whoever has no right is told the tries, as if nothing had been sent. */
static sw_t
tries_of(const struct sam_pin *pin, bool puk)
{
	const struct sam_code *code = puk ? &pin->puk : &pin->code;

	return code->tries > 0 ? (sw_t)(SW_TRIES | code->tries) : SW_BLOCKED;
}

static sw_t
by_right(struct iso *c, const struct apdu *cmd, bool unblocks)
{
	struct sam_pin *pin = sam_pin_find(&c->state->sam, 0, cmd->p2);

	if (!pin)
		return SW_REFERENCE_NOT_FOUND;
	if (allows(c, cmd->p2, MANAGED, ADMIN) ||
	    (unblocks && allows(c, cmd->p2, UNBLOCKABLE, UNBLOCKER)))
		return set_by_right(c, pin, cmd->data);
	return tries_of(pin, unblocks);
}

/* Old value or PUK and the new one, or the new one alone. */
static sw_t
new_value(struct iso *c, const struct apdu *cmd, instr_fn *by_code, struct buf *rsp)
{
	const bool unblocks = by_code == iso_reset_retry_counter;
	uint8_t flags = flags_of(c, cmd->p2);
	sw_t sw;

	if (!is_number(cmd->p2))
		return SW_WRONG_P1P2;
	if (cmd->data.n == CODE_SIZE)
		sw = by_right(c, cmd, unblocks);
	else
		sw = cmd->data.n == (size_t)2 * CODE_SIZE ? by_code(c, cmd, rsp) : SW_WRONG_LENGTH;
	if (sw != SW_OK)
		return sw;
	flags &= (uint8_t)~LOCKED;
	if (unblocks && flags & RELOCKS)
		flags |= LOCKED;
	set_flags(c, cmd->p2, flags);
	return SW_OK;
}

sw_t
myeid_change_reference_data(struct iso *c, const struct apdu *cmd, struct buf *rsp)
{
	return new_value(c, cmd, iso_change_reference_data, rsp);
}

sw_t
myeid_reset_retry_counter(struct iso *c, const struct apdu *cmd, struct buf *rsp)
{
	return new_value(c, cmd, iso_reset_retry_counter, rsp);
}

/* --- what is told of them ----------------------------------------------------------------- */

sw_t
myeid_put_pin_info(const struct iso *c, uint8_t ref, struct buf *rsp)
{
	const struct sam_pin *pin = sam_pin_find(&c->state->sam, 0, ref);

	if (!is_number(ref))
		return SW_WRONG_P1P2;
	if (!pin)
		return SW_REFERENCE_NOT_FOUND;
	buf_u8(rsp, pin->code.tries);
	buf_u8(rsp, pin->puk.tries);
	buf_u8(rsp, pin->code.tries_max);
	buf_u8(rsp, pin->puk.tries_max);
	buf_u8(rsp, flags_of(c, ref));
	buf_u8(rsp, 0);
	buf_u8(rsp, 0);
	buf_u8(rsp, pin->code.min);
	buf_u8(rsp, pin->puk.min);
	return SW_OK;
}

/* b1 PIN 1 and so on; b15 a global unblocker, b16 an administrator. */
void
myeid_put_proven(const struct iso *c, struct buf *rsp)
{
	uint32_t proven = c->global.user;
	uint16_t bits = (uint16_t)(proven >> 1 & 0x3fff);

	if (proven & flagged(c, UNBLOCKER))
		bits |= 0x4000;
	if (proven & flagged(c, ADMIN))
		bits |= 0x8000;
	buf_u16(rsp, bits);
}
