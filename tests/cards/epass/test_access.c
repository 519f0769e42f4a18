/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * No authentication, no data, by any route; protected commands that are garbled, played back
 * or out of order; commands at random in every state.
 */
#include "../eac/nonsense.h"
#include "passport.h"

static struct chain chain;

/* Fingers, eyes, EF.CVCA, EF.CardSecurity: all that a passport may have. */
static void
setup(void)
{
	chain_make(&chain, 3, "300101");
	open_with_chain(&chain, "20270101", false);
}

static void
teardown(void)
{
	passport_close();
	chain_free(&chain);
}

/* --- states ------------------------------------------------------------------------------------- */

enum state_of_card {
	LOCKED,
	BY_BAC,
	BY_PACE,
	BY_CA,
	BY_TA,
	STATES
};

/* The application selected, and so far. */
static void
bring_to(enum state_of_card wanted)
{
	passport_reset();
	ck_assert_uint_eq(select_application(), 0x9000);
	if (wanted == BY_PACE)
		ck_assert_uint_eq(pace_with_mrz(), 0x9000);
	else if (wanted != LOCKED)
		ck_assert_uint_eq(doc_bac(&terminal, said(INFORMATION)), 0x9000);
	if (wanted == BY_CA || wanted == BY_TA)
		ck_assert_uint_eq(chip_authentication(SECINFO_ECDH, SECINFO_AES128, -1, 13),
				  0x9000);
	if (wanted == BY_TA)
		ck_assert_uint_eq(terminal_authentication(&chain, said("L898902C36")), 0x9000);
}

/* --- routes ---------------------------------------------------------------------------------------- */

/* Whether an answer gives away what this file holds: eight bytes of it in a row, or all. */
static bool
gives_away(struct view answer, struct view contents)
{
	const size_t n = contents.n < 8 ? contents.n : 8;
	size_t i;

	for (i = 0; answer.n >= n && n > 2 && i + n <= contents.n; i++) {
		if (memmem(answer.p, answer.n, contents.p + i, n))
			return true;
	}
	return false;
}

/* Send it as it stands; out: what is answered before the status word. */
static unsigned
send_plain(const char *header, const char *data, size_t ne, struct buf *out)
{
	buf_reset(out);
	return doc_plain(&terminal, header, known(data), ne, out);
}

/* Every way to one file, in the clear. */
static void
try_routes(const struct file *f)
{
	const size_t lengths[] = { 8, 256, 65536 };
	const struct view contents = buf_view(&f->contents);
	struct buf out = BUF(70000);
	char header[16], fid[8];
	size_t i;

	snprintf(fid, sizeof(fid), "%04X", f->fid);
	for (i = 0; i < 3; i++) {
		/* selected, then read: by B0 and by B1, at 0 and further on, in a chain */
		ck_assert_uint_eq(send_plain("00A4020C", fid, 0, &out), 0x9000);
		ck_assert_uint_eq(send_plain("00B00000", "", lengths[i], &out), 0x6982);
		ck_assert_uint_eq(send_plain("00B00001", "", lengths[i], &out), 0x6982);
		ck_assert_uint_eq(send_plain("00B10000", "540100", lengths[i], &out), 0x6982);
		send_plain("10B10000", "54", lengths[i], &out);
		ck_assert_uint_eq(out.n, 0);
		ck_assert_uint_eq(send_plain("00B10000", "0100", lengths[i], &out), 0x6982);
		/* by short identifier, by identifier */
		snprintf(header, sizeof(header), "00B0%02X00", 0x80 | file_sfi(f));
		ck_assert_uint_eq(send_plain(header, "", lengths[i], &out), 0x6982);
		snprintf(header, sizeof(header), "00B100%02X", file_sfi(f));
		ck_assert_uint_eq(send_plain(header, "540100", lengths[i], &out), 0x6982);
		snprintf(header, sizeof(header), "00B1%s", fid);
		ck_assert_uint_eq(send_plain(header, "540100", lengths[i], &out), 0x6982);
	}
	/* what SELECT tells is not what is in it */
	for (i = 0; i < 3; i++) {
		snprintf(header, sizeof(header), "00A402%02X", (unsigned)(4 * i));
		send_plain(header, fid, 65536, &out);
		ck_assert(!gives_away(buf_view(&out), contents));
	}
	buf_free(&out);
}

/* Other instructions of a file system, protected or not: there are none. */
static void
try_other_instructions(void)
{
	static const char *const instructions[] = {
		"04", "0C", "0E", "0F", "10", "20", "24", "2C", "44", "46", "47", "70", "A0", "A1", "A2", "A3", "B2", "B3",
		"CA", "CB", "D0", "D1", "D2", "D6", "D7", "DA", "DB", "DC", "E0", "E2", "E4", "E6", "E8", "FE",
	};
	struct buf out = BUF(70000);
	char header[16];
	size_t i;

	for (i = 0; i < sizeof(instructions) / sizeof(*instructions); i++) {
		snprintf(header, sizeof(header), "00%s0000", instructions[i]);
		ck_assert_uint_ne(send_plain(header, "", 256, &out) >> 8, 0x90);
		ck_assert_uint_eq(out.n, 0);
		ck_assert_uint_ne(send_plain(header, "0101", 256, &out) >> 8, 0x90);
		ck_assert_uint_eq(out.n, 0);
	}
	buf_free(&out);
}

static bool
is_free(const struct file *f)
{
	return !f->parent->parent && (f->fid == 0x2f00 || f->fid == 0x2f01 || f->fid == 0x011c);
}

/* Nothing can be read that is not free; what is, can. */
static void
check_locked(void)
{
	const struct fs *fs = &passport_state()->fs;
	const struct file *f;
	unsigned n = 0;

	doc_forget(&terminal);
	for (f = fs_walk(fs, NULL); f; f = fs_walk(fs, f)) {
		if (file_is_df(f) || is_free(f))
			continue;
		ck_assert_uint_eq(doc_plain(&terminal, "00A4000C", known("3F00"), 0, NULL), 0x9000);
		if (f->parent->parent)
			ck_assert_uint_eq(
				doc_plain(&terminal, "00A4040C", known("A0000002471001"), 0, NULL),
				0x9000);
		try_routes(f);
		n++;
	}
	ck_assert_uint_ge(n, 7);
	try_other_instructions();
	ck_assert_uint_eq(doc_plain(&terminal, "00A4000C", known("3F00"), 0, NULL), 0x9000);
	ck_assert_uint_eq(doc_plain(&terminal, "00B09C00", none, 256, NULL), 0x9000);
	ck_assert_uint_eq(doc_plain(&terminal, "00B09E00", none, 256, NULL), 0x9000);
	ck_assert_uint_eq(doc_plain(&terminal, "00B08100", none, 256, NULL), 0x9000);
}

START_TEST(locked)
{
	check_locked();
	/* who has failed has not got anywhere */
	ck_assert_uint_eq(select_application(), 0x9000);
	ck_assert_uint_eq(doc_bac(&terminal, said("L898902C3674081221204158")), 0x6300);
	check_locked();
	ck_assert_uint_eq(pace_as(SECINFO_ECDH_GM, SECINFO_AES128, 13, EAC_CAN, "123457", ""),
			  0x6300);
	check_locked();
}
END_TEST

/* What is answered in the clear has no data. */
static unsigned
send_bare(struct view raw)
{
	struct buf rsp = BUF(70000);
	unsigned sw;

	passport_send(NULL, raw, &rsp);
	ck_assert_uint_eq(rsp.n, 2);
	sw = (unsigned)(rsp.p[0] << 8 | rsp.p[1]);
	buf_free(&rsp);
	return sw;
}

static unsigned
send_raw(struct view raw)
{
	struct buf rsp = BUF(70000);
	unsigned sw;

	passport_send(NULL, raw, &rsp);
	sw = (unsigned)(rsp.p[rsp.n - 2] << 8 | rsp.p[rsp.n - 1]);
	/* whatever is wrong is told in the clear */
	if (sw == 0x6987 || sw == 0x6988)
		ck_assert_uint_eq(rsp.n, 2);
	buf_free(&rsp);
	return sw;
}

/* From every state, by everything that ends a session. */
START_TEST(locked_again)
{
	struct buf raw = BUF(300);

	bring_to((enum state_of_card)_i);
	ck_assert_uint_eq(doc_command(&terminal, "00B08100", none, 16, NULL), 0x9000);
	/* a command in the clear */
	ck_assert_uint_eq(doc_plain(&terminal, "00840000", none, 8, NULL), 0x9000);
	check_locked();
	/* one whose checksum is wrong */
	bring_to((enum state_of_card)_i);
	doc_protect(&terminal, "00B08100", none, 256, &raw);
	raw.p[raw.n - 3] ^= 1;
	ck_assert_uint_eq(send_raw(buf_view(&raw)), 0x6988);
	check_locked();
	/* one without any */
	bring_to((enum state_of_card)_i);
	ck_assert_uint_eq(doc_plain(&terminal, "0CB08100", known("970100"), 256, NULL), 0x6987);
	check_locked();
	/* and a reset */
	bring_to((enum state_of_card)_i);
	ck_assert_int_eq(p.card->ops->power(p.card, CARD_RESET), 0);
	check_locked();
	bring_to((enum state_of_card)_i);
	ck_assert_int_eq(p.card->ops->power(p.card, CARD_POWER_OFF), 0);
	ck_assert_int_eq(p.card->ops->power(p.card, CARD_POWER_ON), 0);
	check_locked();
	buf_free(&raw);
}
END_TEST

/* What each state may read, by all routes under secure messaging. */
START_TEST(rights_of_each_state)
{
	const enum state_of_card at = (enum state_of_card)_i;
	const struct file *f;
	struct buf out = BUF(70000);
	char header[16], fid[8];
	unsigned wanted;

	bring_to(at);
	for (f = emrtd_df(passport_state())->children; f; f = f->next) {
		wanted = (f->fid == 0x0103 || f->fid == 0x0104) && at != BY_TA ? 0x6982 : 0x9000;
		snprintf(fid, sizeof(fid), "%04X", f->fid);
		snprintf(header, sizeof(header), "00B0%02X00", 0x80 | file_sfi(f));
		buf_reset(&out);
		ck_assert_uint_eq(doc_command(&terminal, header, none, 256, &out), wanted);
		ck_assert(!terminal.plain_answer);
		snprintf(header, sizeof(header), "00B1%s", fid);
		buf_reset(&out);
		ck_assert_uint_eq(doc_command(&terminal, header, known("540100"), 65536, &out),
				  wanted);
		ck_assert_uint_eq(out.n > 0, wanted == 0x9000);
		ck_assert_uint_eq(doc_command(&terminal, "00A4020C", known(fid), 0, NULL), 0x9000);
		ck_assert_uint_eq(doc_command(&terminal, "00B00000", none, 65536, NULL), wanted);
		/* nobody writes, whoever he is */
		ck_assert_uint_eq(doc_command(&terminal, "00D60000", known("00"), 0, NULL), 0x6d00);
		ck_assert_uint_eq(doc_command(&terminal, "00E40000", none, 0, NULL), 0x6d00);
	}
	buf_free(&out);
}
END_TEST

/* --- secure messaging that is not what it should be -------------------------------------------------- */

START_TEST(played_back)
{
	struct buf first = BUF(300), second = BUF(300);

	/* the same command twice */
	bring_to((enum state_of_card)_i);
	doc_protect(&terminal, "00B08100", none, 16, &first);
	ck_assert_uint_eq(send_raw(buf_view(&first)), 0x9000);
	ck_assert_uint_eq(send_raw(buf_view(&first)), 0x6988);
	check_locked();
	/* two in the wrong order: their counters are two apart, as an answer would be between them */
	buf_reset(&first);
	bring_to((enum state_of_card)_i);
	doc_protect(&terminal, "00B08100", none, 16, &first);
	terminal.keys.ssc[terminal.keys.cipher == 1 ? 7 : 15]++;
	doc_protect(&terminal, "00B08100", none, 16, &second);
	ck_assert_uint_eq(send_raw(buf_view(&second)), 0x6988);
	ck_assert_uint_eq(send_raw(buf_view(&first)), 0x6988);
	check_locked();
	/* of another session */
	bring_to((enum state_of_card)_i);
	ck_assert_uint_eq(send_raw(buf_view(&first)), 0x6988);
	check_locked();
	buf_free(&first);
	buf_free(&second);
}
END_TEST

/* Each byte of a protected command, but for those that only its form is made of. */
START_TEST(garbled)
{
	struct buf raw = BUF(300), again = BUF(300);
	unsigned sw;
	size_t i, n;

	bring_to(BY_BAC);
	doc_protect(&terminal, "00A4020C", known("0101"), 0, &raw);
	n = raw.n;
	buf_free(&raw);
	for (i = 0; i < n; i++) {
		if (i == 4 || i == n - 1)
			continue; /* Lc, Le */
		bring_to(BY_BAC);
		buf_reset(&again);
		doc_protect(&terminal, "00A4020C", known("0101"), 0, &again);
		again.p[i] ^= 0x04;
		sw = send_raw(buf_view(&again));
		ck_assert_uint_ne(sw, 0x9000);
		doc_forget(&terminal);
		ck_assert_uint_eq(doc_plain(&terminal, "00B08100", none, 256, NULL), 0x6982);
	}
	buf_free(&again);
}
END_TEST

/* Classes that are not 0C, under keys that are: refused in the clear, and the session is over. */
static const struct {
	uint8_t cla;
	bool covered; /* the header is in the checksum */
	unsigned sw;
} classes[] = {
	{ 0x04, true, 0x6882 }, { 0x04, false, 0x6882 }, /* proprietary */
	{ 0x08, true, 0x6882 }, { 0x08, false, 0x6882 }, /* the header unprotected (7816-4, 5.4.1) */
	{ 0x14, true, 0x6882 }, { 0x18, false, 0x6882 }, /* and in a chain */
	{ 0x0d, true, 0x6881 }, { 0x0f, true, 0x6881 },  /* other channels */
	{ 0x60, true, 0x6881 }, { 0x60, false, 0x6881 }, { 0x2c, true, 0x6e00 },
	{ 0x8c, true, 0x6e00 }, /* reserved, proprietary */
	{ 0xff, true, 0x6e00 },
};

START_TEST(other_classes)
{
	struct buf raw = BUF(300);
	size_t i;

	for (i = 0; i < sizeof(classes) / sizeof(*classes); i++) {
		bring_to((enum state_of_card)_i);
		buf_reset(&raw);
		doc_protect_as(&terminal, classes[i].cla, classes[i].covered, "00B08100", none, 16,
			       &raw);
		ck_assert_uint_eq(send_bare(buf_view(&raw)), classes[i].sw);
		/* it would have been right */
		buf_reset(&raw);
		doc_protect(&terminal, "00B08100", none, 16, &raw);
		ck_assert_uint_eq(send_bare(buf_view(&raw)), 0x6988);
		check_locked();
	}
	buf_free(&raw);
}
END_TEST

/* What the card refuses before it looks into it, in the clear. */
START_TEST(refused_in_the_clear)
{
	static const struct {
		const char *raw;
		unsigned sw;
	} commands[] = {
		{ "FF9A010100", 0x6e00 },   { "8084000008", 0x6e00 }, { "0184000008", 0x6881 },
		{ "00B0810000FF", 0x6700 }, { "00", 0x6700 },         { "006F000000", 0x6d00 },
		{ "00C0000000", 0x6985 },   { "0CC0000000", 0x6882 },
	};
	size_t i;

	for (i = 0; i < sizeof(commands) / sizeof(*commands); i++) {
		bring_to((enum state_of_card)_i);
		ck_assert_uint_eq(send_bare(known(commands[i].raw)), commands[i].sw);
		check_locked();
	}
}
END_TEST

/* --- commands at random -------------------------------------------------------------------------------- */

static const uint8_t some_ins[] = { 0xa4, 0xb0, 0xb1, 0x84, 0x82, 0x88, 0x22, 0x86, 0x2a, 0x20, 0xc0 };
static const uint8_t some_tags[] = { 0x7c, 0x80, 0x81, 0x83, 0x84, 0x85, 0x91, 0x54, 0x53, 0x7f, 0x4e, 0x5f, 0x37, 0x67, 0x97 };
static const uint16_t some_p1p2[] = { 0xc1a4, 0x41a4, 0x41a6, 0x81b6, 0x81a4, 0x00be, 0x040c, 0x020c, 0x8100, 0x0000 };
static struct nonsense nonsense = {
	.ins = some_ins, .n_ins = sizeof(some_ins),
	.p1p2 = some_p1p2, .n_p1p2 = sizeof(some_p1p2) / sizeof(*some_p1p2),
	.tags = some_tags, .n_tags = sizeof(some_tags),
};

/* Whether a session is (still) there: asked in a way that does not end it. */
static bool
session_lives(void)
{
	const struct iso *c = (struct iso *)p.card;

	return c->channel[0].sm != NULL;
}

/* What may never be answered: DG3 without the right, anything else without a session. */
static void
check_answer(enum state_of_card at, struct view answer, bool had_session)
{
	const struct file *df = emrtd_df(passport_state());

	if (!had_session)
		ck_assert(!gives_away(answer, buf_view(&fs_child(df, 0x0101)->contents)));
	if (at != BY_TA)
		ck_assert(!gives_away(answer, buf_view(&fs_child(df, 0x0103)->contents)));
}

/* The terminal lost count where the card answered in the clear: then all begins again. */
static void
at_random(enum state_of_card at, const char *header, struct view data)
{
	const size_t ne = nonsense_ne(&nonsense);
	const bool protect = at != LOCKED && nonsense_number(&nonsense, 40) != 0;
	const bool had_session = session_lives();
	struct buf out = BUF(70000);

	if (protect)
		doc_command(&terminal, header, data, ne, &out);
	else
		doc_plain(&terminal, header, data, ne, &out);
	check_answer(at, buf_view(&out), had_session && protect);
	buf_free(&out);
	if (at != LOCKED && (!session_lives() || terminal.plain_answer || !protect))
		bring_to(at);
}

START_TEST(random_commands)
{
	const enum state_of_card at = (enum state_of_card)_i;
	const unsigned n = nonsense_commands("EPASS_COMMANDS", 10000);
	uint8_t data[NONSENSE_MAX];
	char header[16];
	unsigned i;

	nonsense.seed = (uint64_t)_i + 1;
	bring_to(at);
	for (i = 0; i < n; i++) {
		size_t size = nonsense_command(&nonsense, header, data);

		at_random(at, header, view_of(data, size));
	}
	/* it is still a passport */
	bring_to(BY_TA);
	ck_assert_uint_eq(doc_command(&terminal, "00B08300", none, 256, NULL), 0x9000);
	passport_reset();
	check_locked();
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("access");

	tcase_set_timeout(tc, 1200);
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, locked);
	tcase_add_loop_test(tc, locked_again, BY_BAC, STATES);
	tcase_add_loop_test(tc, rights_of_each_state, BY_BAC, STATES);
	tcase_add_loop_test(tc, played_back, BY_BAC, STATES);
	tcase_add_test(tc, garbled);
	tcase_add_loop_test(tc, other_classes, BY_BAC, STATES);
	tcase_add_loop_test(tc, refused_in_the_clear, BY_BAC, STATES);
	tcase_add_loop_test(tc, random_commands, LOCKED, STATES);
	return run("access", tc);
}
