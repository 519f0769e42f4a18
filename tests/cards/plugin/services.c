/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A plug-in that uses all services: for each service a command of class 80, on a
 * card that is derived (of LENT_BASE, where it may be another class) and, with -DLENT_OPS,
 * on one of its own as far as it goes there.
 */
#include <string.h>
#include <vicc/card.h>

#ifndef LENT_BASE
#define LENT_BASE "iso7816"
#endif
#ifndef LENT_CLASS
#define LENT_CLASS 0x80
#endif

static const struct vicc_services *vicc;

/* What a negative errno value becomes where a status word is wanted. */
static uint16_t
sw(int32_t rc)
{
	return rc == 0 ? 0x9000 : (uint16_t)(0x6f00 | (-rc & 0xff));
}

/* P1: how to keep. */
static uint16_t
keep(void *card, const struct vicc_apdu *cmd, struct vicc_buf *rsp)
{
	static const char longest[65] =
		"0123456789012345678901234567890123456789012345678901234567890123";
	const struct vicc_view none = { NULL, 3 };
	struct vicc_view v;

	switch (cmd->p1) {
	case 0:
		v = vicc->kept(card, "my-Thing_1");
		vicc->put(rsp, v.p, v.n);
		return 0x9000;
	case 1:
		return sw(vicc->keep(card, "my-Thing_1", cmd->data));
	case 2:
		return sw(vicc->keep(card, "", cmd->data));
	case 3:
		return sw(vicc->keep(card, "a/b", cmd->data));
	case 4:
		return sw(vicc->keep(card, NULL, cmd->data));
	case 5:
		return sw(vicc->keep(card, "my-Thing_1", none));
	case 6:
		return sw(vicc->keep(card, longest, cmd->data));
	case 7:
		return sw(vicc->commit(card));
	default:
		return 0x6a86;
	}
}

static uint16_t
others(const void *card, const struct vicc_apdu *cmd, struct vicc_buf *rsp)
{
	static const uint8_t much[70000];
	uint8_t random[16] = { 0 }, zero[16] = { 0 };
	struct vicc_apdu inner;

	switch (cmd->p1) {
	case 0:
		vicc->log(card, cmd->p2, "one\ntwo");
		vicc->log(card, cmd->p2, NULL);
		return 0x9000;
	case 1:
		if (vicc->random(random, 16) < 0 || memcmp(random, zero, 16) == 0 ||
		    vicc->random(NULL, 1) == 0)
			return 0x6f00;
		return 0x9000;
	case 2:
		return vicc->interrupted(card) ? 0x6fff : 0x9000;
	case 3:
		if (vicc->parse(cmd->data, &inner) < 0)
			return 0x6700;
		vicc->put(rsp, &inner.ins, 1);
		vicc->put(rsp, &inner.channel, 1);
		vicc->put(rsp, inner.data.p, inner.data.n);
		return 0x9000;
	case 4:
		vicc->put(rsp, much, sizeof(much));
		vicc->put(rsp, much, sizeof(much));
		return 0x9000;
	case 5:
		vicc->put(rsp, NULL, 5);
		return 0x9000;
	default:
		return 0x6a86;
	}
}

#ifdef LENT_OPS

struct me {
	struct vicc_card card;
	uint8_t there, powers;
	int8_t fails; /* what atr and power return */
};

static int32_t
me_atr(struct vicc_card *c, struct vicc_buf *out)
{
	vicc->put(out, "\x3b\x00", 2);
	return ((struct me *)c)->fails;
}

static int32_t
me_power(struct vicc_card *c, uint32_t what)
{
	((struct me *)c)->powers = (uint8_t)(((struct me *)c)->powers << 2 | (what + 1));
	return ((struct me *)c)->fails;
}

static int32_t
me_transmit(struct vicc_card *c, struct vicc_view raw, struct vicc_buf *rsp)
{
	struct vicc_apdu cmd;
	uint16_t done = 0x6d00;

	if (vicc->parse(raw, &cmd) < 0)
		done = 0x6700;
	else if (cmd.ins == 0x14)
		return -5;
	else if (cmd.ins == 0x16)
		((struct me *)c)->there = cmd.p1;
	else if (cmd.ins == 0x18)
		((struct me *)c)->fails = (int8_t)cmd.p1;
	else if (cmd.ins == 0x1a)
		vicc->put(rsp, &((struct me *)c)->powers, 1);
	else if (cmd.ins == 0x10)
		done = keep(c, &cmd, rsp);
	else if (cmd.ins == 0x12)
		done = others(c, &cmd, rsp);
	c->note.instruction = "LENT";
	vicc->put(rsp, (uint8_t[]) { done >> 8, done & 0xff }, 2);
	return 0;
}

static int32_t
me_event(struct vicc_card *c, int32_t *fd)
{
	*fd = 12345;
	return ((struct me *)c)->there == 0xff ? -19 : !((struct me *)c)->there;
}

static void
me_free(struct vicc_card *c)
{
	vicc->log(c, 1, "freed");
}

static const struct vicc_card_ops ops = {
	.atr = me_atr, .power = me_power, .transmit = me_transmit, .event = me_event,
	.free = me_free,
};

#else

static uint16_t
own(struct vicc_iso *c, const struct vicc_apdu *cmd, struct vicc_buf *rsp)
{
	uint8_t *mine = vicc->own(c);

	(void)cmd;
	mine[99]++;
	vicc->put(rsp, mine + 99, 1);
	return 0x9000;
}

/* Select what data name; read P2 bytes from P1 on. */
static uint16_t
select_and_read(struct vicc_iso *c, const struct vicc_apdu *cmd, struct vicc_buf *rsp)
{
	uint16_t done = vicc->select(c, cmd->data);
	uint8_t bytes[256];
	size_t n = cmd->p2;

	if (done == 0x9000 && n > 0) {
		done = vicc->read(c, cmd->p1, bytes, &n);
		vicc->put(rsp, bytes, n);
	}
	return done;
}

static uint16_t
update(struct vicc_iso *c, const struct vicc_apdu *cmd, struct vicc_buf *rsp)
{
	(void)rsp;
	return vicc->update(c, cmd->p1, cmd->data);
}

static uint16_t
verified(struct vicc_iso *c, const struct vicc_apdu *cmd, struct vicc_buf *rsp)
{
	uint8_t yes = (uint8_t)vicc->verified(c, cmd->p2);

	vicc->put(rsp, &yes, 1);
	return 0x9000;
}

/* Of each service what it cannot do: a view of no bytes that says it has some. */
static uint16_t
no_views(struct vicc_iso *c, const struct vicc_apdu *cmd, struct vicc_buf *rsp)
{
	const struct vicc_view none = { NULL, 2 };
	struct vicc_apdu other = *cmd;
	size_t n = 2;

	(void)rsp;
	other.data = none;
	if (vicc->select(c, none) != 0x6f00 || vicc->update(c, 0, none) != 0x6f00)
		return 0x6f01;
	if (vicc->read(c, 0, NULL, &n) != 0x6f00 || vicc->read(c, 0, NULL, NULL) != 0x6f00)
		return 0x6f02;
	return vicc->base(c, NULL, rsp) == 0x6f00 && vicc->base(c, &other, rsp) == 0x6f00 ? 0x9000
											  : 0x6f03;
}

/* The base's instruction P1, with its P2. */
static uint16_t
base(struct vicc_iso *c, const struct vicc_apdu *cmd, struct vicc_buf *rsp)
{
	struct vicc_apdu other = *cmd;

	other.cla = 0;
	other.ins = cmd->p1;
	other.p1 = 0;
	return vicc->base(c, &other, rsp);
}

static uint16_t
kept_row(struct vicc_iso *c, const struct vicc_apdu *cmd, struct vicc_buf *rsp)
{
	return keep(c, cmd, rsp);
}

static uint16_t
others_row(struct vicc_iso *c, const struct vicc_apdu *cmd, struct vicc_buf *rsp)
{
	return others(c, cmd, rsp);
}

#define ROW(number, what) { .cla = LENT_CLASS, .cla_mask = 0xff, .ins = (number), .fn = (what), .name = #what }

static const struct vicc_instr rows[] = {
	ROW(0x10, kept_row),
	ROW(0x12, others_row),
	ROW(0x1c, own),
	ROW(0x22, select_and_read),
	ROW(0x24, update),
	ROW(0x26, verified),
	ROW(0x28, base),
	ROW(0x2a, no_views),
	{ .ins = 0x84, .fn = NULL, .name = "GET CHALLENGE" },
};

#endif

const struct vicc_plugin *
vicc_plugin(const struct vicc_services *services)
{
	static const struct vicc_plugin me = {
		.abi = VICC_ABI,
		.size = sizeof(me),
		.name = "services",
		.summary = "uses all services",
#ifdef LENT_OPS
		.memory = sizeof(struct me),
		.ops = &ops,
#else
		.memory = 100,
		.base = LENT_BASE,
		.rows = rows,
		.n_rows = sizeof(rows) / sizeof(rows[0]),
		.atr = { (const uint8_t *)"\x3b\x00", 2 },
#endif
	};

	vicc = services;
	return services->abi == VICC_ABI && services->size >= sizeof(*services) && services->version
		       ? &me
		       : NULL;
}
