/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* PIN management (TR-03110-2, 2.4 and 3.7; TR-03110-3, B.6): which session may do what is one table. */
#include "cards/npa/npa.h"
#include "model/sam.h"

#define PIN_SIZE 6
#define CAN_SIZE 6

/* P1 of RESET RETRY COUNTER. */
#define NEW_VALUE 0x02
#define UNBLOCK 0x03

#define P1_PIN 0x10 /* of ACTIVATE and DEACTIVATE: a PIN, not a file */

/* Passwords whose session does; an authentication terminal with the right always does. */
#define BY_PIN 0x1u
#define BY_PUK 0x2u

static const struct management {
	uint8_t p1, p2;
	size_t size; /* bytes of data */
	unsigned by;
} managements[] = {
	{ NEW_VALUE, EAC_PIN, PIN_SIZE, BY_PIN | BY_PUK },
	{ NEW_VALUE, EAC_CAN, CAN_SIZE, 0 },
	{ UNBLOCK, EAC_PIN, 0, BY_PUK },
};

bool
npa_by_puk(const struct iso *c)
{
	return eac_status(c)->session == EAC_PACE && eac_status(c)->password == EAC_PUK;
}

static bool
allowed(const struct iso *c, unsigned by)
{
	const struct eac_status *now = eac_status(c);

	if (eac_has_right(c, CVC_AT, CHAT_AT_PIN))
		return true;
	return (by & BY_PIN && now->session == EAC_PACE && now->password == EAC_PIN) ||
	       (by & BY_PUK && npa_by_puk(c));
}

/* Which of them is meant. 6A86: P1 is none; 6A88: P2. */
static sw_t
find_management(const struct apdu *cmd, const struct management **out)
{
	size_t i;

	if (cmd->p1 != NEW_VALUE && cmd->p1 != UNBLOCK)
		return SW_WRONG_P1P2;
	for (i = 0; i < sizeof(managements) / sizeof(*managements); i++) {
		*out = &managements[i];
		if (cmd->p1 == managements[i].p1 && cmd->p2 == managements[i].p2)
			return SW_OK;
	}
	return SW_REFERENCE_NOT_FOUND;
}

bool
npa_is_digits(struct view v)
{
	uint8_t digit;

	while (view_u8(&v, &digit)) {
		if (digit < '0' || digit > '9')
			return false;
	}
	return true;
}

static struct sam_pin *
npa_password(struct iso *c, uint8_t number)
{
	return sam_pin_find(&c->state->sam, 0, number);
}

sw_t
npa_refill(struct iso *c, struct sam_pin *pin)
{
	const struct sam_pin *puk = npa_password(c, EAC_PUK);

	if (npa_by_puk(c) && (!puk || puk->code.tries == 0))
		return SW_BLOCKED;
	pin->code.tries = pin->code.tries_max;
	c->state->sam.tries_changed = true;
	return SW_OK;
}

static sw_t
set_value(struct iso *c, struct sam_pin *pin, struct view value)
{
	struct secret kept = { .n = 0 };

	if (!npa_is_digits(value) || !sam_code_fits(&pin->code, value, &kept))
		return SW_WRONG_DATA;
	/* tries and life stay: a new value unblocks nothing */
	pin->code.value = kept;
	secret_wipe(&kept);
	c->state->sam.changed = true;
	return SW_OK;
}

sw_t
npa_reset_retry_counter(struct iso *c, const struct apdu *cmd, struct buf *rsp)
{
	const struct management *m;
	struct sam_pin *pin;
	sw_t sw = find_management(cmd, &m);

	(void)rsp;
	if (sw != SW_OK)
		return sw;
	if (!allowed(c, m->by))
		return SW_SECURITY_STATUS;
	if (cmd->data.n != m->size)
		return SW_WRONG_LENGTH;
	pin = npa_password(c, m->p2);
	if (!pin)
		return SW_REFERENCE_NOT_FOUND;
	return m->p1 == UNBLOCK ? npa_refill(c, pin) : set_value(c, pin, cmd->data);
}

static sw_t
set_life(struct iso *c, const struct apdu *cmd, enum sam_life life)
{
	struct sam_pin *pin = npa_password(c, EAC_PIN);

	if (cmd->p1 != P1_PIN)
		return SW_WRONG_P1P2;
	if (cmd->p2 != EAC_PIN || !pin)
		return SW_REFERENCE_NOT_FOUND;
	if (!allowed(c, 0))
		return SW_SECURITY_STATUS;
	pin->life = life;
	c->state->sam.changed = true;
	return SW_OK;
}

sw_t
npa_activate(struct iso *c, const struct apdu *cmd, struct buf *rsp)
{
	(void)rsp;
	return set_life(c, cmd, SAM_ACTIVE);
}

sw_t
npa_deactivate(struct iso *c, const struct apdu *cmd, struct buf *rsp)
{
	(void)rsp;
	return set_life(c, cmd, SAM_DEACTIVATED);
}
