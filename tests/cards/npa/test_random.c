/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Commands at random in every state of an identity card: locked, by each password, after terminal
 * authentication, after chip authentication. None gives away what the state does not; NPA_COMMANDS
 * in the environment says how many; by hand it was 10000 in each state.
 */
#include "chain.h"
#include "idcard.h"
#include "nonsense.h"

static const struct view none = { .n = 0 };
static struct chain chain;

static void
setup(void)
{
	chain_of(&chain, CHAT_AT_ALL);
	idcard_open();
	ck_assert_int_eq(eac_anchor_add(kept, buf_view(&chain.cvca.cvc)), 0);
	ck_assert(field_set_number(eac_fields(kept), EAC_FIELD_DATE, 20260101));
}

static void
teardown(void)
{
	idcard_close();
	chain_free(&chain);
}

/* --- states ---------------------------------------------------------------------------------- */

enum state_of_card { LOCKED, BY_MRZ, BY_CAN, BY_PIN, BY_PUK, BY_TA, BY_CA, STATES };

static const struct {
	enum eac_password password;
	const char *secret;
	uint8_t tries;
} passwords[] = {
	{ EAC_MRZ, "T22000129364081252010315", 0 },
	{ EAC_CAN, "222222", 0 },
	{ EAC_PIN, "111111", 3 },
	{ EAC_PUK, "3333333333", 10 },
};

/* As on a new card: a session may have changed them. */
static void
restore_passwords(void)
{
	struct sam_pin *pin;
	size_t i;

	for (i = 0; i < sizeof(passwords) / sizeof(*passwords); i++) {
		pin = sam_pin_find(&kept->sam, 0, passwords[i].password);
		ck_assert(sam_code_set(&pin->code, said(passwords[i].secret)));
		pin->life = SAM_ACTIVE;
		if (passwords[i].tries > 0)
			pin->code.tries = passwords[i].tries;
	}
}

static void
select_eid(void)
{
	ck_assert_uint_eq(doc_command(&terminal, "00A4040C", known("E80704007F00070302"), 0, NULL),
			  0x9000);
}

static void
bring_to(enum state_of_card wanted)
{
	const size_t i = wanted >= BY_TA ? BY_PIN - 1 : (size_t)wanted - 1;

	idcard_reset();
	restore_passwords();
	if (wanted != LOCKED)
		ck_assert_uint_eq(idcard_pace(passwords[i].password, passwords[i].secret,
					      wanted == BY_TA || wanted == BY_CA
						      ? chat_of(CHAT_AT_ALL)
						      : none),
				  0x9000);
	if (wanted == BY_TA || wanted == BY_CA) {
		ck_assert_uint_eq(show_chain(&terminal, &chain, true), 0x9000);
		ck_assert_uint_eq(authenticate(&terminal, &chain, none), 0x9000);
	}
	if (wanted == BY_CA)
		ck_assert_uint_eq(idcard_chip_authentication(), 0x9000);
	select_eid();
}

/* --- what may never be answered ---------------------------------------------------------------- */

static bool
has_part_of(struct view answer, struct view file)
{
	const size_t part = file.n < 8 ? file.n : 8;

	return answer.n >= part && memmem(answer.p, answer.n, file.p, part);
}

/* A data group before chip authentication; what is signed before terminal authentication. */
static void
check_answer(enum state_of_card at, struct view answer)
{
	static const unsigned groups[] = { 4, 5, 8, 17 };
	size_t i;

	for (i = 0; at != BY_CA && i < sizeof(groups) / sizeof(*groups); i++)
		ck_assert(!has_part_of(answer, buf_view(&npa_data_group(kept, groups[i])->contents)));
	if (at < BY_TA)
		ck_assert(!has_part_of(answer, buf_view(&fs_child(kept->fs.mf, 0x011d)->contents)));
}

/* --- commands ---------------------------------------------------------------------------------- */

static const uint8_t some_ins[] = {
	0xa4, 0xb0, 0xb1, 0xd6, 0xd7, 0x84, 0x82, 0x22, 0x86, 0x2a, 0x20, 0x24, 0x2c, 0x04, 0x44, 0x47, 0xc0,
};
static const uint8_t some_tags[] = {
	0x7c, 0x80, 0x81, 0x83, 0x84, 0x85, 0x91, 0x54, 0x53, 0x7f, 0x4e, 0x5f, 0x37, 0x67, 0x97, 0xa0, 0x06,
};
static const uint16_t some_p1p2[] = {
	0xc1a4, 0x41a4, 0x81b6, 0x81a4, 0x41b6, 0x00be, 0x9e9a, 0x040c, 0x020c, 0x0203, 0x0303, 0x0202,
	0x1003, 0x8000, 0x8200, 0x8400, 0x8500, 0x9100, 0x9d00, 0x0004, 0x0081, 0x0003, 0x0000,
};

/* What a command may bring: one in four is one of these. */
static const char *const some_data[] = {
	"",
	"313233343536",
	"3132333435",
	"E80704007F00070302",
	"A000000167455349474E",
	"3F00",
	"0107",
	"540100530101",
	"060904007F000703010401",
	"840101",
	"800A04007F00070202050203840101",
	"7C00",
	"00112233445566778899AABBCCDDEEFF00112233445566778899AABBCCDDEEFF",
};

static struct nonsense nonsense = {
	.ins = some_ins, .n_ins = sizeof(some_ins),
	.p1p2 = some_p1p2, .n_p1p2 = sizeof(some_p1p2) / sizeof(*some_p1p2),
	.tags = some_tags, .n_tags = sizeof(some_tags),
};

static bool
session_lives(void)
{
	return ((const struct iso *)card)->channel[0].sm != NULL;
}

/* The terminal lost count where the card answered in the clear: then all begins again. */
static void
say_at_random(enum state_of_card at, const char *header, struct view data)
{
	const size_t ne = nonsense_ne(&nonsense);
	const bool protect = at != LOCKED && nonsense_number(&nonsense, 1000) != 0;
	struct buf out = BUF(70000);

	if (protect)
		doc_command(&terminal, header, data, ne, &out);
	else
		doc_plain(&terminal, header, data, ne, &out);
	check_answer(protect ? at : LOCKED, buf_view(&out));
	buf_free(&out);
	if (at != LOCKED && (!session_lives() || terminal.plain_answer || !protect))
		bring_to(at);
}

START_TEST(random_commands)
{
	const enum state_of_card at = (enum state_of_card)_i;
	const unsigned n = nonsense_commands("NPA_COMMANDS", 2500);
	uint8_t data[NONSENSE_MAX];
	char header[16];
	unsigned i, sw;
	struct buf group = BUF(2048);

	nonsense.seed = (uint64_t)_i + 1;
	bring_to(at);
	for (i = 0; i < n; i++) {
		size_t size = nonsense_command(&nonsense, header, data);

		if (nonsense_number(&nonsense, 4) == 0)
			say_at_random(at, header,
				      known(some_data[nonsense_number(
					      &nonsense, sizeof(some_data) / sizeof(*some_data))]));
		else
			say_at_random(at, header, view_of(data, size));
	}
	/* it is still an identity card, and a locked one */
	bring_to(BY_CA);
	ck_assert(doc_read_file(&terminal, 4, &group, &sw));
	ck_assert_buf(&group, buf_view(&npa_data_group(kept, 4)->contents));
	bring_to(LOCKED);
	ck_assert_uint_eq(doc_plain(&terminal, "00B08400", none, 256, NULL), 0x6982);
	buf_free(&group);
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("random");

	tcase_set_timeout(tc, 300);
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_loop_test(tc, random_commands, 0, STATES);
	return run("npa random", tc);
}
