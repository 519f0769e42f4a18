/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The eSign application (TR-03117): a signature by one key, each time after the signature PIN. */
#include "cards/npa/npa.h"
#include "codec/tlv.h"
#include "crypto/ec.h"
#include "iso/key.h"
#include "model/key.h"
#include "model/sam.h"

#define DO_KEY 0x84
#define DO_CRT 0xb6 /* template of digital signatures */

#define UNBLOCK 0x03   /* P1 of RESET RETRY COUNTER */
#define NEW_VALUE 0x02

/* Zero after a reset and on deselection. */
struct esign {
	uint8_t key; /* that MSE has set; 0: the first */
};

/* A signature terminal, or the holder's own with the CAN and the right to install certificates (TR-03110-2, 2.4). */
static bool
may_be_used(const struct iso *c)
{
	return eac_has_right(c, CVC_ST, CHAT_ST_SIGN | CHAT_ST_QUALIFIED) ||
	       (eac_status(c)->password == EAC_CAN &&
		eac_has_right(c, CVC_AT, CHAT_AT_INSTALL | CHAT_AT_INSTALL_QUALIFIED));
}

static void
forget_pin(struct iso *c)
{
	iso_auth(c, iso_app_df(c)->uid)->user = 0;
}

static void
esign_sm_started(struct iso *c)
{
	eac_sm_started(c);
	forget_pin(c);
}

static void
esign_sm_ended(struct iso *c)
{
	eac_sm_ended(c);
	forget_pin(c);
}

static sw_t
esign_verify(struct iso *c, const struct apdu *cmd, struct buf *rsp)
{
	if (!iso_ref_is_local(cmd->p2))
		return cmd->data.n > 0 ? SW_WRONG_LENGTH : eac_query_pin(c, cmd, rsp);
	return may_be_used(c) ? iso_verify(c, cmd, rsp) : SW_SECURITY_STATUS;
}

static sw_t
esign_change(struct iso *c, const struct apdu *cmd, struct buf *rsp)
{
	if (cmd->p1 != 0 || !iso_ref_is_local(cmd->p2))
		return SW_WRONG_P1P2;
	return may_be_used(c) ? iso_change_reference_data(c, cmd, rsp) : SW_SECURITY_STATUS;
}

/* An authentication terminal that may put a certificate on the card. */
static bool
may_install(const struct iso *c)
{
	return eac_has_right(c, CVC_AT, CHAT_AT_INSTALL | CHAT_AT_INSTALL_QUALIFIED);
}

static sw_t
esign_new_pin(struct iso *c, struct sam_pin *pin, struct view value)
{
	if (!may_install(c))
		return SW_SECURITY_STATUS;
	if (value.n < pin->code.min || value.n > pin->code.max)
		return SW_WRONG_LENGTH;
	if (!npa_is_digits(value) || !sam_code_set(&pin->code, value))
		return SW_WRONG_DATA;
	c->state->sam.changed = true;
	return SW_OK;
}

static sw_t
esign_unblock(struct iso *c, struct sam_pin *pin, struct view value)
{
	if (!may_install(c) && !npa_by_puk(c))
		return SW_SECURITY_STATUS;
	return value.n > 0 ? SW_WRONG_LENGTH : npa_refill(c, pin);
}

/* RESET RETRY COUNTER of the signature PIN; of the card's own it is the root's. */
static sw_t
esign_reset(struct iso *c, const struct apdu *cmd, struct buf *rsp)
{
	struct sam_pin *pin;

	if (!iso_ref_is_local(cmd->p2))
		return npa_reset_retry_counter(c, cmd, rsp);
	if (cmd->p1 != NEW_VALUE && cmd->p1 != UNBLOCK)
		return SW_WRONG_P1P2;
	pin = sam_pin_find(&c->state->sam, iso_app_df(c)->uid, cmd->p2 & 0x7f);
	if (!pin)
		return SW_REFERENCE_NOT_FOUND;
	forget_pin(c);
	return cmd->p1 == UNBLOCK ? esign_unblock(c, pin, cmd->data)
				  : esign_new_pin(c, pin, cmd->data);
}

static struct sam_key *
esign_key(const struct iso *c, uint8_t ref)
{
	return sam_key_find(&c->state->sam, iso_app_df(c)->uid, ref & 0x7f);
}

static sw_t
esign_manage(struct iso *c, const struct apdu *cmd, struct buf *rsp)
{
	struct esign *own = iso_own(c, &npa_esign_app);
	struct view ref;

	if (apdu_p1p2(cmd) != 0x41b6)
		return eac_manage_security_environment(c, cmd, rsp);
	if (!tlv_valid(cmd->data) || !tlv_find(cmd->data, DO_KEY, &ref) || ref.n != 1)
		return SW_WRONG_DATA;
	if (!esign_key(c, ref.p[0]))
		return SW_REFERENCE_NOT_FOUND;
	own->key = ref.p[0];
	return SW_OK;
}

/* Empty: the first key; else B6 with the number of the one. False: another form. */
static bool
named_key(struct view in, uint8_t *ref)
{
	struct view crt, value;

	*ref = NPA_ESIGN_KEY;
	if (in.n == 0)
		return true;
	if (!tlv_valid(in) || !tlv_find(in, DO_CRT, &crt) || !tlv_valid(crt))
		return false;
	if (!tlv_find(crt, DO_KEY, &value))
		return true;
	*ref = value.n == 1 ? value.p[0] & 0x7f : 0;
	return value.n == 1;
}

/* GENERATE ASYMMETRIC KEY PAIR, on the curve of the key that goes: 7F49 with OID and point. */
static sw_t
esign_generate(struct iso *c, const struct apdu *cmd, struct buf *rsp)
{
	const uint32_t df = iso_app_df(c)->uid;
	struct sam_key *k;
	struct ec *old;
	uint8_t ref;
	sw_t sw;

	if (apdu_p1p2(cmd) != 0x8200)
		return SW_WRONG_P1P2;
	if (!named_key(cmd->data, &ref))
		return SW_WRONG_DATA;
	if (!may_install(c))
		return SW_SECURITY_STATUS;
	k = esign_key(c, ref);
	old = k ? key_ec(k) : NULL;
	if (!old)
		return SW_REFERENCE_NOT_FOUND;
	k = iso_draft_key(c, df, SAM_EC);
	if (!k)
		return SW_NO_MEMORY;
	sw = iso_crypto_sw(c, key_generate(k, 0, ec_curve(old), iso_interrupted, c));
	if (sw == SW_OK)
		sw = iso_put_public(c, k, rsp);
	if (sw == SW_OK)
		iso_draft_keep(c, k, ref);
	else
		iso_draft_drop(c, k);
	return sw;
}

static bool
is_hash(size_t n)
{
	return n == 20 || n == 28 || n == 32 || n == 48 || n == 64;
}

/* COMPUTE DIGITAL SIGNATURE: r || s over a hash. The PIN is good for one. */
static sw_t
esign_operate(struct iso *c, const struct apdu *cmd, struct buf *rsp)
{
	const struct esign *own = iso_own(c, &npa_esign_app);
	struct sam_key *k;
	struct ec *ec;
	sw_t sw;

	if (apdu_p1p2(cmd) != 0x9e9a)
		return eac_perform_security_operation(c, cmd, rsp);
	if (!may_be_used(c) || !(iso_auth(c, iso_app_df(c)->uid)->user & 1u << NPA_QES_PIN))
		return SW_SECURITY_STATUS;
	if (!is_hash(cmd->data.n))
		return SW_WRONG_LENGTH;
	k = esign_key(c, own->key ? own->key : NPA_ESIGN_KEY);
	ec = k ? key_ec(k) : NULL;
	if (!ec)
		return SW_REFERENCE_NOT_FOUND;
	sw = iso_crypto_sw(c, ec_sign(ec, EC_FORM_PLAIN, cmd->data, rsp));
	if (sw == SW_OK)
		forget_pin(c);
	return sw;
}

static const struct instr rows[] = {
	{ .ins = 0x20, .fn = esign_verify, .name = "VERIFY", .flags = INSTR_SECRET },
	{ .ins = 0x22, .fn = esign_manage, .name = "MANAGE SECURITY ENVIRONMENT" },
	{ .ins = 0x24, .fn = esign_change, .name = "CHANGE REFERENCE DATA", .flags = INSTR_LC | INSTR_SECRET },
	{ .ins = 0x2a, .fn = esign_operate, .name = "PERFORM SECURITY OPERATION", .flags = INSTR_LC },
	{ .ins = 0x2c, .fn = esign_reset, .name = "RESET RETRY COUNTER", .flags = INSTR_SECRET },
	{ .ins = 0x47, .fn = esign_generate, .name = "GENERATE ASYMMETRIC KEY PAIR", .flags = INSTR_LE },
	{ .ins = 0xd6, .fn = npa_update_binary, .name = "UPDATE BINARY", .flags = INSTR_LC },
	{ .ins = 0xd7, .fn = npa_update_binary_odd, .name = "UPDATE BINARY", .flags = INSTR_LC },
	INSTR_END
};

const struct iso_app npa_esign_app = {
	.schema = { .name = "esign" },
	.rows = rows,
	.hooks = { .sm_started = esign_sm_started, .sm_ended = esign_sm_ended },
	.memory = sizeof(struct esign),
	.plain_ends_sm = true,
};
