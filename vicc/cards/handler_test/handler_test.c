/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cards/handler_test/handler_test.h"

#include <errno.h>
#include <stdlib.h>
#include <time.h>

#include "base/mem.h"
#include "base/sw.h"
#include "codec/apdu.h"

#define COUNT_MAX 256          /* bytes that P1-P2 may ask for */
#define ENTERED_MAX 261        /* bytes of a command that a PIN pad makes: short, of case 4 */
#define TIME_UNIT_NS 10000000L /* of P2 of a time request: 10 ms */

struct handler_test {
	struct card card;
	const struct card_env *env;
	size_t pending; /* bytes that GET RESPONSE fetches; 0: none are */
	struct view raw;    /* the command, as it came */
	struct buf entered; /* the last one with a PIN */
};

typedef sw_t test_fn(struct handler_test *h, const struct apdu *cmd, struct buf *rsp);

static const uint8_t atr[] = {
	0x3b, 0xd6, 0x18, 0x00, 0x80, 0xb1, 0x80, 0x6d, 0x1f,
	0x03, 0x80, 0x51, 0x00, 0x61, 0x10, 0x30, 0x9e,
};

static void
count_up(struct buf *rsp, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		buf_u8(rsp, (uint8_t)i);
}

/* What came in must count up from 00; the first byte that does not is told, up to FF. */
static sw_t
check_counts(struct view data)
{
	size_t i;

	for (i = 0; i < data.n; i++) {
		if (data.p[i] != (uint8_t)i)
			return (sw_t)(0x6a00 | (i < 0xff ? i : 0xff));
	}
	return SW_OK;
}

static sw_t
select_applet(struct handler_test *h, const struct apdu *cmd, struct buf *rsp)
{
	static const uint8_t contact[] = { 0xa0, 0x00, 0x00, 0x00, 0x18, 0xff };
	static const uint8_t combi[] = { 0xa0, 0x00, 0x00, 0x00, 0x18, 0x50 };

	(void)h;
	(void)rsp;
	if (cmd->p1 != 0x04)
		return SW_WRONG_P1P2;
	if (!view_equal(cmd->data, view_of(contact, sizeof(contact))) &&
	    !view_equal(cmd->data, view_of(combi, sizeof(combi))))
		return SW_FILE_NOT_FOUND;
	return SW_OK;
}

/* Neither data nor an answer. With T=0 there is a P3 of 0, which reads as Le. */
static sw_t
case_1(struct handler_test *h, const struct apdu *cmd, struct buf *rsp)
{
	(void)h;
	(void)rsp;
	return cmd->data.n > 0 ? SW_WRONG_LENGTH : SW_OK;
}

/* P1-P2 bytes are the answer: at once where Le has room for them, else announced. */
static sw_t
answer_count(struct handler_test *h, const struct apdu *cmd, struct buf *rsp)
{
	size_t n = apdu_p1p2(cmd);

	if (n > COUNT_MAX)
		return SW_WRONG_P1P2;
	if (cmd->le == APDU_LE_NONE && n > 0) {
		h->pending = n;
		return (sw_t)(SW_MORE | (n & 0xff));
	}
	if (n > cmd->ne)
		return (sw_t)(SW_WRONG_LE | (n & 0xff));
	count_up(rsp, n);
	return SW_OK;
}

static sw_t
case_2(struct handler_test *h, const struct apdu *cmd, struct buf *rsp)
{
	return cmd->data.n > 0 ? SW_WRONG_LENGTH : answer_count(h, cmd, rsp);
}

static sw_t
case_3(struct handler_test *h, const struct apdu *cmd, struct buf *rsp)
{
	(void)h;
	(void)rsp;
	return check_counts(cmd->data);
}

static sw_t
case_4(struct handler_test *h, const struct apdu *cmd, struct buf *rsp)
{
	sw_t sw = check_counts(cmd->data);

	return sw == SW_OK ? answer_count(h, cmd, rsp) : sw;
}

/* Any data, of extended length where the test asks for it. */
static sw_t
extended_3(struct handler_test *h, const struct apdu *cmd, struct buf *rsp)
{
	(void)h;
	(void)rsp;
	return cmd->data.n > 0 ? SW_OK : SW_WRONG_LENGTH;
}

/* Le bytes of P2, at most as many as an answer carries beside its status word. */
static sw_t
extended_2(struct handler_test *h, const struct apdu *cmd, struct buf *rsp)
{
	size_t room = CARD_RESPONSE_MAX - 2;

	(void)h;
	if (cmd->data.n > 0 || cmd->le == APDU_LE_NONE)
		return SW_WRONG_LENGTH;
	buf_fill(rsp, cmd->p2, cmd->ne < room ? cmd->ne : room);
	return SW_OK;
}

/* The card takes its time, so that the reader has to wait: P2 units. */
static sw_t
time_request(struct handler_test *h, const struct apdu *cmd, struct buf *rsp)
{
	const struct timespec unit = { .tv_nsec = TIME_UNIT_NS };
	unsigned i;

	(void)rsp;
	for (i = 0; i < cmd->p2; i++) {
		if (h->env->interrupted && h->env->interrupted(h->env->ctx))
			return SW_UNKNOWN;
		nanosleep(&unit, NULL);
	}
	return SW_OK;
}

/*
 * The PIN that the reader's tests type is 1234, in a block of these bytes; the first that is
 * not is told.
 */
static sw_t
judge_pin(struct view data)
{
	static const uint8_t block[] = { '1', '2', '3', '4', 0, 0, 0, 0 };
	size_t i;

	for (i = 0; i < data.n && i < sizeof(block); i++) {
		if (data.p[i] != block[i])
			return (sw_t)(0x6a00 | i);
	}
	return SW_OK;
}

/* A PIN comes: whoever tests a PIN pad wants to see what it makes of a template. */
static sw_t
keep_entered(struct handler_test *h, sw_t sw)
{
	if (h->raw.n > ENTERED_MAX)
		return SW_WRONG_LENGTH;
	return buf_set(&h->entered, h->raw) ? sw : SW_NO_MEMORY;
}

static sw_t
verify_pin(struct handler_test *h, const struct apdu *cmd, struct buf *rsp)
{
	(void)rsp;
	return keep_entered(h, judge_pin(cmd->data));
}

static sw_t
change_pin(struct handler_test *h, const struct apdu *cmd, struct buf *rsp)
{
	(void)cmd;
	(void)rsp;
	return keep_entered(h, SW_OK);
}

/* What has come, header and all. */
static sw_t
dump_entered(struct handler_test *h, const struct apdu *cmd, struct buf *rsp)
{
	if (cmd->data.n > 0 || cmd->le == APDU_LE_NONE)
		return SW_WRONG_LENGTH;
	if (h->entered.n > cmd->ne || (h->entered.n < cmd->ne && cmd->ne < 256))
		return (sw_t)(SW_WRONG_LE | (h->entered.n & 0xff));
	buf_put_view(rsp, buf_view(&h->entered));
	return SW_OK;
}

static sw_t
get_response(struct handler_test *h, const struct apdu *cmd, struct buf *rsp)
{
	size_t n = h->pending;

	if (n == 0)
		return SW_CONDITIONS;
	if (cmd->data.n > 0 || cmd->le == APDU_LE_NONE)
		return SW_WRONG_LENGTH;
	if (n > cmd->ne)
		return (sw_t)(SW_WRONG_LE | (n & 0xff));
	h->pending = 0;
	count_up(rsp, n);
	return SW_OK;
}

static const struct row {
	uint8_t cla, cla_mask, ins;
	test_fn *fn;
	const char *name;
	bool secret; /* has digits of a PIN, one way or the other */
} rows[] = {
	{ 0x00, 0xff, 0xa4, select_applet, "SELECT", false },
	{ 0x00, 0xff, 0x20, verify_pin, "VERIFY", true },
	{ 0x00, 0xff, 0x24, change_pin, "CHANGE REFERENCE DATA", true },
	{ 0x00, 0xff, 0x2c, change_pin, "RESET RETRY COUNTER", true },
	{ 0x00, 0xff, 0x40, dump_entered, "DUMP", true },
	{ 0x80, 0xff, 0x00, extended_2, "EXTENDED CASE 2", false },
	{ 0x80, 0xff, 0x12, extended_3, "EXTENDED CASE 3", false },
	{ 0x80, 0xff, 0x30, case_1, "CASE 1", false },
	{ 0x80, 0xff, 0x32, case_3, "CASE 3", false },
	{ 0x80, 0xff, 0x34, case_2, "CASE 2", false },
	{ 0x80, 0xff, 0x36, case_4, "CASE 4", false },
	{ 0x80, 0xff, 0x38, time_request, "TIME REQUEST", false },
	/* some of the test scripts write A0 C0, and drivers that fetch by themselves 00 C0 */
	{ 0x00, 0x5f, 0xc0, get_response, "GET RESPONSE", false },
};

/* The row of a command. NULL, and why. */
static const struct row *
find_case(const struct apdu *cmd, sw_t *sw)
{
	size_t i;

	*sw = SW_INS;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (rows[i].ins != cmd->ins)
			continue;
		if ((cmd->cla & rows[i].cla_mask) == rows[i].cla)
			return &rows[i];
		*sw = SW_CLA;
	}
	return NULL;
}

static int
ht_transmit(struct card *c, struct view raw, struct buf *rsp)
{
	struct handler_test *h = (struct handler_test *)c;
	const struct row *row;
	struct apdu cmd;
	sw_t sw = SW_WRONG_LENGTH;

	if (apdu_parse(&cmd, raw) == 0) {
		row = find_case(&cmd, &sw);
		if (!row || row->fn != get_response)
			h->pending = 0;
		if (row) {
			c->note.instruction = row->name;
			c->note.secret = row->secret;
			h->raw = raw;
			sw = row->fn(h, &cmd, rsp);
		}
	}
	buf_u16(rsp, sw);
	return 0;
}

static int
ht_atr(struct card *c, struct buf *out)
{
	(void)c;
	buf_put(out, atr, sizeof(atr));
	return 0;
}

static int
ht_power(struct card *c, enum card_power what)
{
	(void)what;
	((struct handler_test *)c)->pending = 0;
	buf_reset(&((struct handler_test *)c)->entered);
	return 0;
}

static int
ht_event(struct card *c, int *fd)
{
	(void)c;
	*fd = -1;
	return 1;
}

static void
ht_free(struct card *c)
{
	buf_free(&((struct handler_test *)c)->entered);
	free(c);
}

static const struct card_ops ops = {
	.atr = ht_atr,
	.power = ht_power,
	.transmit = ht_transmit,
	.event = ht_event,
	.free = ht_free,
};

static struct card *
ht_open(const struct card_type *t, const struct card_config *cfg, const struct card_env *env)
{
	struct handler_test *h = calloc(1, sizeof(*h));

	(void)t;
	(void)cfg;
	if (!h) {
		log_error(env->log, "no memory for a card");
		return NULL;
	}
	h->card.ops = &ops;
	h->env = env;
	h->entered.max = ENTERED_MAX;
	return &h->card;
}

const struct card_type handler_test_type = {
	.name = "handler_test",
	.summary = "the test card of reader-driver tests (HandlerTest)",
	.open = ht_open,
};
