/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Passwords of PACE and how often one may be wrong (TR-03110-2, 2.4; TR-03110-3, B.1).
 * All that a state of one means is in one table.
 */
#include "cards/eac/engine.h"
#include "crypto/digest.h"
#include "model/sam.h"

enum pin_state {
	PIN_FULL,      /* all tries, or nobody counts */
	PIN_SOME,
	PIN_SUSPENDED, /* one try is left, and the CAN has to be given before it counts */
	PIN_RESUMED,   /* it was */
	PIN_BLOCKED,
	PIN_DEACTIVATED,
	PIN_STATES
};

static const struct {
	sw_t set;   /* MSE; SW_TRIES: with how many are left */
	sw_t token; /* 9000: it is judged, and costs a try; else the answer to right and wrong alike */
	sw_t query; /* 20 00 03, without data; SW_TRIES likewise */
} pin_states[PIN_STATES] = {
	[PIN_FULL] = { SW_OK, SW_OK, SW_TRIES },
	[PIN_SOME] = { SW_TRIES, SW_OK, SW_TRIES },
	[PIN_SUSPENDED] = { SW_TRIES, SW_CONDITIONS, SW_TRIES },
	[PIN_RESUMED] = { SW_TRIES, SW_OK, SW_TRIES },
	[PIN_BLOCKED] = { SW_TRIES, SW_BLOCKED, SW_TRIES },
	[PIN_DEACTIVATED] = { SW_DEACTIVATED, SW_REFERENCE_UNUSABLE, SW_DEACTIVATED },
};

struct sam_pin *
eac_password(const struct iso *c, unsigned number)
{
	struct sam_pin *pin = number >= EAC_MRZ && number <= EAC_PUK
				      ? sam_pin_find(&c->state->sam, 0, (uint8_t)number)
				      : NULL;

	return pin && pin->life != SAM_UNSET ? pin : NULL;
}

/* The CAN was given: it is what the session in force began with. */
static bool
resumed(const struct iso *c)
{
	const struct eac_status *now = eac_status(c);

	return now->session == EAC_PACE && now->password == EAC_CAN;
}

static enum pin_state
pin_state(const struct iso *c, const struct sam_pin *pin)
{
	if (pin->life == SAM_DEACTIVATED)
		return PIN_DEACTIVATED;
	if (pin->code.tries_max == 0 || pin->code.tries >= pin->code.tries_max)
		return PIN_FULL;
	if (pin->code.tries == 0)
		return PIN_BLOCKED;
	if (pin->ref != EAC_PIN || pin->code.tries > 1)
		return PIN_SOME;
	return resumed(c) ? PIN_RESUMED : PIN_SUSPENDED;
}

static sw_t
with_tries(sw_t sw, const struct sam_pin *pin)
{
	return sw == SW_TRIES ? (sw_t)(sw | (pin->code.tries < 15 ? pin->code.tries : 15)) : sw;
}

sw_t
eac_password_set(const struct iso *c, const struct sam_pin *pin)
{
	sw_t sw = pin_states[pin_state(c, pin)].set;

	/* of the PUK no state is told before it is spent */
	if (pin->ref == EAC_PUK && pin->code.tries > 0)
		return SW_OK;
	return with_tries(sw, pin);
}

int
eac_password_key(const struct sam_pin *pin, const struct eac_suite *suite, struct secret *key)
{
	struct view value = secret_view(&pin->code.value);
	struct buf hash = BUF(DIGEST_MAX);
	int rc = 0;

	if (pin->ref == EAC_MRZ) {
		rc = digest_once(DIGEST_SHA1, value, &hash);
		value = buf_view(&hash);
	}
	if (rc == 0)
		rc = kdf_derive(suite->cipher, suite->key, value, KDF_PASSWORD, key);
	buf_free(&hash);
	return rc;
}

sw_t
eac_password_try(struct iso *c, struct sam_pin *pin)
{
	sw_t sw = pin_states[pin_state(c, pin)].token;

	if (sw != SW_OK)
		return sw;
	return sam_decrement_tries(&c->state->sam, &pin->code.tries, pin->code.tries_max);
}

sw_t
eac_password_judge(struct iso *c, struct sam_pin *pin, bool right)
{
	struct sam *sam = &c->state->sam;

	if (pin->ref != EAC_PUK || !right)
		return sam_restore_tries(sam, &pin->code.tries, pin->code.tries_max, right);
	/* what was wrong with the PUK stays so */
	sam_increment_tries(sam, &pin->code.tries, pin->code.tries_max);
	return SW_OK;
}

sw_t
eac_query_pin(struct iso *c, const struct apdu *cmd, struct buf *rsp)
{
	const struct sam_pin *pin = eac_password(c, cmd->p2);

	(void)rsp;
	if (cmd->p1 != 0)
		return SW_WRONG_P1P2;
	if (cmd->p2 != EAC_PIN || !pin)
		return SW_REFERENCE_NOT_FOUND;
	if (eac_status(c)->session == EAC_LOCKED)
		return SW_SECURITY_STATUS;
	return with_tries(pin_states[pin_state(c, pin)].query, pin);
}
