/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A card with two applications that have nothing in common but the card: rows, memory,
 * numbers of algorithms; what is on it is an image. two.apdu beside it says what it answers.
 */
#include <string.h>
#include <vicc/card.h>

static const struct vicc_services *vicc;

/* Answers what was told last, and keeps P2 instead: in memory, until the application is left. */
static uint16_t
tell(struct vicc_iso *c, const struct vicc_apdu *cmd, struct vicc_buf *rsp)
{
	uint8_t *last = vicc->own(c);

	vicc->put(rsp, last, 1);
	*last = cmd->p2;
	return 0x9000;
}

/* How often the card was powered or reset since: the root's memory. */
static uint16_t
count(struct vicc_iso *c, const struct vicc_apdu *cmd, struct vicc_buf *rsp)
{
	uint8_t *n = vicc->own(c);

	(void)cmd;
	++*n;
	vicc->put(rsp, n, 1);
	return 0x9000;
}

/* Each part of a chain, with what it is. */
static uint16_t
part(struct vicc_iso *c, const struct vicc_apdu *cmd, struct vicc_buf *rsp)
{
	(void)c;
	vicc->put(rsp, &cmd->chained, 1);
	vicc->put(rsp, cmd->data.p, cmd->data.n);
	return 0x9000;
}

static const struct vicc_instr root_rows[] = {
	{ .cla = 0x80, .cla_mask = 0xfc, .ins = 0x02, .fn = count, .name = "COUNT",
	  .flags = VICC_INSTR_LE },
};

static const struct vicc_instr first_rows[] = {
	{ .ins = 0x08, .fn = tell, .name = "TELL", .flags = VICC_INSTR_LE },
	{ .ins = 0x84, .fn = NULL, .name = "GET CHALLENGE" },
};
static const struct vicc_algorithm first_numbers[] = {
	{ .id = 0x77, .what = VICC_ALGORITHM_HASH, .digest = VICC_DIGEST_SHA256 },
	{ .what = VICC_ALGORITHM_END },
};

static const struct vicc_instr second_rows[] = {
	{ .ins = 0x08, .fn = tell, .name = "TELL", .flags = VICC_INSTR_LE },
	{ .ins = 0x06, .fn = part, .name = "PART", .flags = VICC_INSTR_EACH_PART },
};

static const struct vicc_application applications[] = {
	{ .name = "first", .rows = first_rows, .n_rows = 2, .algorithms = first_numbers,
	  .memory = 1 },
	{ .name = "second", .base = "bare", .rows = second_rows, .n_rows = 2, .memory = 1 },
};

static const char contents[] =
	"{ \"format\": 2, \"type\": \"two\", \"mf\": { \"files\": ["
	"{ \"fid\": \"1001\", \"structure\": \"df\", \"fcp\": { \"name\": \"text:two:first\" },"
	" \"application\": \"first\", \"selected\": true,"
	" \"pins\": [{ \"ref\": 1, \"value\": \"text:1111\", \"tries\": 3, \"tries_max\": 3 }] },"
	"{ \"fid\": \"1002\", \"structure\": \"df\", \"fcp\": { \"name\": \"text:two:second\" },"
	" \"application\": \"second\" },"
	"{ \"fid\": \"1003\", \"structure\": \"df\", \"fcp\": { \"name\": \"text:other\" } } ] } }";

VICC_PLUGIN(vicc, .name = "two", .summary = "a card with two applications (a test)",
	    .base = "iso7816", .rows = root_rows, .n_rows = 1, .memory = 1, .contents = contents,
	    .applications = applications, .n_applications = 2)
