/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Applications of one card: what is in force where, and what becomes of memory. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cards/iso7816/iso7816.h"
#include "crypto/cipher.h"
#include "support.h"
#include "thecard.h"

/* --- two applications, and what they build on ---------------------------------------- */

static unsigned wiped;

struct memory {
	uint8_t byte;
};

static const struct iso_app first_app, second_app;

static void
count_wiped(struct iso *c, void *memory)
{
	const struct memory *m = memory;

	(void)c;
	if (m->byte)
		wiped++;
}

/* P2 is kept until the application is left; the answer is what was kept. */
static sw_t
remember(struct iso *c, const struct apdu *cmd, struct buf *rsp)
{
	struct memory *m = iso_own(c, &first_app);

	buf_u8(rsp, m->byte);
	m->byte = cmd->p2;
	return SW_OK;
}

static sw_t
remember_other(struct iso *c, const struct apdu *cmd, struct buf *rsp)
{
	struct memory *m = iso_own(c, &second_app);

	ck_assert_ptr_null(iso_own(c, &first_app));
	buf_u8(rsp, m->byte);
	m->byte = cmd->p2;
	return SW_OK;
}

/* What algorithm P2 means, and on how many parts. */
static sw_t
means(struct iso *c, const struct apdu *cmd, struct buf *rsp)
{
	const struct algorithm *a = iso_algorithm(c, cmd->p2);

	if (!a)
		return SW_FUNCTION_NOT_SUPPORTED;
	buf_u8(rsp, a->kind);
	return SW_OK;
}

/* The FID of the application's DF. */
static sw_t
whose(struct iso *c, const struct apdu *cmd, struct buf *rsp)
{
	(void)cmd;
	buf_u16(rsp, iso_app_df(c)->fid);
	return SW_OK;
}

static sw_t
each(struct iso *c, const struct apdu *cmd, struct buf *rsp)
{
	(void)c;
	buf_u8(rsp, cmd->chained);
	buf_put_view(rsp, cmd->data);
	return SW_OK;
}

/* One object is made anew each time, one takes values and shows none; the DF keeps all others. */
static sw_t
first_object(struct iso *c, struct file *f, uint32_t tag, const struct view *put, struct buf *rsp)
{
	struct memory *m = iso_own(c, &first_app);

	if (tag == 0x0101 && !put) {
		buf_u8(rsp, ++m->byte);
		return SW_OK;
	}
	if (tag == 0x0102) {
		if (put && put->n == 1)
			m->byte = put->p[0];
		return put ? SW_OK : SW_REFERENCE_NOT_FOUND;
	}
	return iso_object(c, f, tag, put, rsp);
}

/* Of its keys it asks for something else than they do. */
static enum acl_op asked;
static uint8_t asked_of;

static sw_t
first_check_access(const struct access *who, const struct file *f, enum acl_op op)
{
	if (op <= ACL_READ)
		return iso_check_access(who, f, op);
	asked = op;
	asked_of = who->key ? who->key->ref : 0;
	return SW_SECURITY_STATUS;
}

static const struct algorithm numbers[] = {
	{ .id = 0x03, .what = ALGORITHM_CIPHER, .kind = SAM_DES3 },
	ALGORITHM_END
};

static const struct instr first_rows[] = {
	{ .ins = 0x10, .fn = remember, .name = "REMEMBER", .flags = INSTR_LE },
	{ .ins = 0x12, .fn = means, .name = "MEANS", .flags = INSTR_LE },
	{ .ins = 0x14, .fn = each, .name = "EACH", .flags = INSTR_EACH_PART },
	{ .ins = 0x18, .fn = whose, .name = "WHOSE", .flags = INSTR_LE },
	{ .ins = 0x84, .fn = NULL, .name = "GET CHALLENGE" },
	INSTR_END
};
static const struct iso_app first_app = {
	.schema.name = "first", /* on the root of the card, whatever that is */
	.rows = first_rows,
	.hooks = { .object = first_object, .check_access = first_check_access },
	.algorithms = numbers,
	.memory = sizeof(struct memory),
	.reset_volatile = count_wiped,
};

static const struct instr second_rows[] = {
	{ .ins = 0x10, .fn = remember_other, .name = "REMEMBER", .flags = INSTR_LE },
	{ .cla = 0x80, .cla_mask = 0xff, .ins = 0x10, .fn = means, .name = "OWN CLASS",
	  .flags = INSTR_LE },
	INSTR_END
};
static const struct iso_app second_app = {
	.schema.name = "second",
	.base = &iso_bare_app,
	.rows = second_rows,
	.memory = sizeof(struct memory),
	.without_le = 256,
};

/* --- a session of another kind: bytes are turned around, behind them stands 99 ---------- */

static unsigned started, ended, over;

static void
count_over(struct iso *c, const struct apdu *cmd, sw_t sw)
{
	(void)c;
	(void)cmd;
	(void)sw;
	over++;
}

static sw_t
toy_unwrap(struct sm *sm, const struct apdu *in, struct apdu *plain, struct buf *scratch)
{
	size_t i;

	(void)sm;
	if (in->data.n == 0)
		return SW_SM_MISSING;
	if (in->data.p[in->data.n - 1] != 0x99)
		return SW_SM_INCORRECT;
	buf_reset(scratch);
	for (i = 0; i + 1 < in->data.n; i++)
		buf_u8(scratch, in->data.p[i] ^ 0xff);
	*plain = *in;
	plain->cla &= (uint8_t)~0x0c;
	plain->data = buf_view(scratch);
	return SW_OK;
}

static int
toy_wrap(struct sm *sm, const struct apdu *cmd, sw_t sw, struct buf *rsp)
{
	(void)sm;
	(void)cmd;
	buf_u16(rsp, sw);
	buf_u8(rsp, 0x99);
	return 0;
}

static size_t
toy_room(const struct sm *sm, const struct apdu *cmd, size_t wrapped)
{
	(void)sm;
	(void)cmd;
	return wrapped > 3 ? wrapped - 3 : 0;
}

static void
toy_free(struct sm *sm)
{
	free(sm);
}

static const struct sm_ops toy_ops = {
	.unwrap = toy_unwrap, .wrap = toy_wrap, .room = toy_room, .free = toy_free
};

static struct sm *
toy_session(void)
{
	struct sm *sm = calloc(1, sizeof(*sm));

	ck_assert_ptr_nonnull(sm);
	sm->ops = &toy_ops;
	return sm;
}

/* Agrees on keys. */
static sw_t
agree(struct iso *c, const struct apdu *cmd, struct buf *rsp)
{
	(void)cmd;
	(void)rsp;
	c->x.ch->sm_next = toy_session();
	return SW_OK;
}

static struct sm *
no_session(struct iso *c)
{
	(void)c;
	return NULL;
}

static void
count_started(struct iso *c)
{
	ck_assert_ptr_nonnull(c->x.ch->sm);
	started++;
}

static void
count_ended(struct iso *c)
{
	ck_assert_ptr_null(c->x.ch->sm);
	ended++;
}

static const struct instr third_rows[] = {
	{ .ins = 0x14, .fn = each, .name = "ECHO" },
	{ .ins = 0x16, .fn = agree, .name = "AGREE" },
	INSTR_END
};
static const struct iso_app third_app = {
	.schema.name = "third",
	.base = &iso_bare_app,
	.rows = third_rows,
	.hooks = { .sm_begin = no_session, .sm_started = count_started, .sm_ended = count_ended,
		   .after = count_over },
	.order = CHAIN_THEN_UNWRAP,
	.plain_ends_sm = true,
};

static const struct iso_app *const apps[] = { &first_app, &second_app, &third_app, NULL };
static const uint8_t atr[] = { 0x3b, 0x00 };
static const struct iso_type type = {
	.root = &iso7816_app, .atr = VIEW(atr), .channels = 4, .apps = apps
};
static const struct card_type with_apps = { .name = "apps", .open = iso_open, .data = &type };

/* --- the card -------------------------------------------------------------------------- */

static struct card_env env;

static struct file *
add_df(struct state *s, uint16_t fid, const char *name, const struct iso_app *app)
{
	struct buf others = BUF(32);
	struct file_spec spec = {
		.fid = fid, .descriptor = { 0x38 }, .descriptor_n = 1, .life = FILE_ACTIVATED,
		.sfi = FCP_SFI_IMPLIED,
	};
	struct file *df;

	buf_u8(&others, FCP_NAME);
	buf_u8(&others, (uint8_t)strlen(name));
	buf_put(&others, name, strlen(name));
	spec.others = buf_view(&others);
	ck_assert_uint_eq(fs_add(&s->fs, s->fs.mf, &spec, &df), SW_OK);
	buf_free(&others);
	if (app)
		df->application = &app->schema;
	return df;
}

static struct state *
new_state(void)
{
	struct state *s = state_new();
	struct sam_pin *pin;
	struct file *first;

	ck_assert_ptr_nonnull(s);
	first = add_df(s, 0x1001, "AAone", &first_app);
	add_df(s, 0x1002, "AAtwo", &second_app);
	add_df(s, 0x1003, "BBplain", NULL);
	add_df(s, 0x1004, "CCthree", &third_app);
	pin = sam_pin_add(&s->sam, first->uid, 1);
	pin->life = SAM_ACTIVE;
	ck_assert(sam_code_set(&pin->code, view_of("1234", 4)));
	return s;
}

static void
open_card(struct state *s)
{
	const struct card_config cfg = { .state = s };

	wiped = started = ended = 0;
	card = with_apps.open(&with_apps, &cfg, &env);
	ck_assert_ptr_nonnull(card);
}

static void
setup(void)
{
	open_card(new_state());
}

static void
teardown(void)
{
	card_free(card);
}

#define SELECT_ONE "00A4040C 05 41416F6E65"
#define SELECT_TWO "00A4040C 05 414174776F"
#define SELECT_MF "00A4000C 02 3F00"

/* --- what is in force ------------------------------------------------------------------- */

START_TEST(rows_of_what_is_selected)
{
	expect("00100000 00", "6D00");
	expect("00840000 08", "*9000");
	expect(SELECT_ONE, "9000");
	expect("00100000 00", "00 9000");
	expect("00840000 08", "6D00"); /* taken away */
	expect("00CA006F 00", "*9000"); /* of the root */
	expect(SELECT_TWO, "9000");
	expect("00100000 00", "00 9000");
	expect("00CA006F 00", "6D00"); /* bare */
	expect("80100003 00", "6A81");
	expect(SELECT_MF, "6A86");     /* nothing but names */
	expect("00A4040C 02 4242", "9000");
	expect("00100000 00", "6D00");
	expect("80100003 00", "6E00"); /* a class that is known elsewhere */
	expect("00840000 08", "*9000");
}
END_TEST

/* 7816-4, 11.1.1: the beginning of a name, and the next one that has it. */
START_TEST(names_in_part)
{
	expect("00A40400 02 4141 00", "*9000");
	expect("00100055 00", "00 9000");
	expect("00A4040E 02 4141", "9000");
	expect("80100003 00", "6A81");
	expect("00A4040E 02 4141", "6A82");
	expect("80100003 00", "6A81");
	expect("00A4040C 02 4143", "6A82");
	expect("80100003 00", "6A81");
}
END_TEST

START_TEST(files_below)
{
	struct iso *c = (struct iso *)card;
	struct file_spec ef = { .fid = 0x2001,
				.descriptor = { 0x01 },
				.descriptor_n = 1,
				.has_size = true,
				.size = 4 };

	ck_assert_uint_eq(fs_add(&c->state->fs, fs_child(c->state->fs.mf, 0x1001), &ef, NULL),
			  SW_OK);
	expect(SELECT_ONE, "9000");
	expect("00100007 00", "00 9000");
	expect("00A4020C 02 2001", "9000");
	expect("00100000 00", "07 9000"); /* still the same application */
	expect("00E00000 0C 620A 820138 83021101 8A0105", "9000");
	expect("00180000 00", "1001 9000"); /* below its DF, too */
	expect("00A4030C", "9000");
	expect("00A4030C", "9000");
	expect("00100000 00", "6D00");
}
END_TEST

START_TEST(numbers_of_algorithms)
{
	expect(SELECT_ONE, "9000");
	expect("00120003 00", "01 9000"); /* its own: DES3 */
	expect("00120002 00", "6A81");
	expect(SELECT_TWO, "9000");
	expect("80100003 00", "6A81");    /* none at all */
}
END_TEST

/* --- memory ------------------------------------------------------------------------------- */

START_TEST(memory_until_it_is_left)
{
	expect(SELECT_ONE, "9000");
	expect("00100011 00", "00 9000");
	expect("00100022 00", "11 9000");
	expect(SELECT_ONE, "9000");       /* again: it was not left */
	expect("00100033 00", "22 9000");
	expect("00A4040C 03 585858", "6A82");
	expect("00100044 00", "33 9000");
	ck_assert_uint_eq(wiped, 0);
	expect(SELECT_TWO, "9000");
	ck_assert_uint_eq(wiped, 1);
	expect("00100055 00", "00 9000");
	expect("00A4040C 05 41416F6E65", "9000");
	expect("00100066 00", "00 9000");
	ck_assert_int_eq(card_power(card, CARD_RESET), 0);
	ck_assert_uint_eq(wiped, 2);
	expect("00100000 00", "6D00");
	expect(SELECT_ONE, "9000");
	expect("00100000 00", "00 9000");
}
END_TEST

START_TEST(memory_of_each_channel)
{
	expect(SELECT_ONE, "9000");
	expect("00100011 00", "00 9000");
	expect("00700000 01", "01 9000");
	expect("01100000 00", "6D00");
	expect("01A4040C 05 41416F6E65", "9000");
	expect("01100022 00", "00 9000");
	expect("01A4040C 05 414174776F", "9000");
	expect("01100033 00", "00 9000");
	expect("00100044 00", "11 9000");
	expect("01100000 00", "33 9000");
	expect("01700000 01", "6D00");    /* a bare application has no channels of its own */
	expect("00708001", "9000");
	ck_assert_uint_eq(wiped, 1);
	expect("00100000 00", "44 9000");
	expect("00700000 01", "01 9000");
	expect("01100000 00", "6D00");
}
END_TEST

/* A channel that is opened from one that is not the basic one stands where that does. */
START_TEST(a_channel_from_another)
{
	expect("00700000 01", "01 9000");
	expect("01A4040C 05 41416F6E65", "9000");
	expect("01100011 00", "00 9000");
	expect("01700000 01", "02 9000");
	expect("02100022 00", "00 9000");
	expect("01100000 00", "11 9000");
}
END_TEST

/* --- references, default selection, the end ----------------------------------------------- */

START_TEST(objects_of_its_own)
{
	expect(SELECT_ONE, "9000");
	expect("00CA0101 00", "01 9000");
	expect("00CA0101 00", "02 9000");
	expect("00DA0102 01 10", "9000");
	expect("00CA0102 00", "6A88");
	expect("00CA0101 00", "11 9000");
	expect("00DA0103 01 77", "9000");
	expect("00CA0103 00", "77 9000");
	expect(SELECT_MF, "9000");
	expect("00CA0101 00", "6A88");
}
END_TEST

/* Use, generation and import of keys go down the same way as all else. */
START_TEST(keys_are_asked_for)
{
	struct iso *c = (struct iso *)card;
	struct sam_key *k =
		sam_key_add(&c->state->sam, fs_child(c->state->fs.mf, 0x1001)->uid, 5, SAM_AES);
	const uint8_t value[16] = { 1 };

	ck_assert(sam_key_set_secret(k, view_of(value, sizeof(value))));
	expect(SELECT_ONE, "9000");
	expect("00880085 10 00112233445566778899AABBCCDDEEFF 00", "6982");
	ck_assert_int_eq(asked, ACL_KEY_USE);
	ck_assert_uint_eq(asked_of, 5);
	expect("00DB3FFF 0E B603830186 7F4906 810123820103", "6982");
	ck_assert_int_eq(asked, ACL_KEY_IMPORT);
	ck_assert_uint_eq(asked_of, 0);
	expect(SELECT_MF, "9000");
	expect("00880085 10 00112233445566778899AABBCCDDEEFF 00", "6A88");
}
END_TEST

START_TEST(references_are_their_own)
{
	expect("00200081 04 31323334", "6A88");
	expect(SELECT_ONE, "9000");
	expect("00200081 04 31323334", "9000");
	expect("00200081", "9000");
	expect("00A4040C 07 4242706C61696E", "9000");
	expect("00200081", "6A88");
	expect(SELECT_ONE, "9000");
	expect("00200081", "63C3");
}
END_TEST

START_TEST(selected_after_a_reset)
{
	struct state *s = new_state();

	teardown();
	s->fs.selected = fs_child(s->fs.mf, 0x1002)->uid;
	open_card(s);
	expect("00100011 00", "00 9000");
	expect("00A4040C 02 4242", "9000");
	expect("00100011 00", "6D00");
	ck_assert_int_eq(card_power(card, CARD_RESET), 0);
	expect("00100022 00", "00 9000");
	/* it is no more: the MF */
	fs_delete(&s->fs, fs_child(s->fs.mf, 0x1002), NULL);
	expect("00100000 00", "6D00");
	ck_assert_int_eq(card_power(card, CARD_RESET), 0);
	expect("00840000 08", "*9000");
}
END_TEST

START_TEST(a_deleted_application)
{
	expect(SELECT_ONE, "9000");
	expect("00100011 00", "00 9000");
	expect("00E40000 02 1001", "6A82"); /* it has no such child */
	expect(SELECT_MF, "9000");
	expect("00E40000 02 1001", "9000");
	expect(SELECT_ONE, "6A82");
	expect("00100011 00", "6D00");
}
END_TEST

START_TEST(each_part_of_a_chain)
{
	expect(SELECT_ONE, "9000");
	expect("10140000 01 AA 00", "01AA 9000");
	expect("10140000 01 BB 00", "01BB 9000");
	expect("00140000 01 CC 00", "00CC 9000");
	expect("10140000 01 AA 00", "01AA 9000");
	expect("10140001 01 BB 00", "6883");
}
END_TEST

/* --- secure messaging of its own ----------------------------------------------------------- */

static void
begin_session(void)
{
	expect("00A4040C 07 43437468726565", "9000");
	expect("00160000", "9000");
}

START_TEST(a_session_of_another_kind)
{
	expect("00A4040C 07 43437468726565", "9000");
	expect("0C140000 02 5599 00", "6988"); /* none was agreed on, and none begins by itself */
	begin_session();
	ck_assert_uint_eq(started, 1);
	expect("0C140000 02 5599 00", "00AA 9000 99 9000");
	expect("0C140000 02 5598 00", "6988");
	ck_assert_uint_eq(ended, 1);
	expect("0C140000 02 5599 00", "6988");
}
END_TEST

/* The pieces of one protected command: only the whole is unwrapped. */
START_TEST(joined_before_unwrapped)
{
	begin_session();
	expect("1C140000 02 5544", "9000");
	expect("0C140000 02 3399 00", "00 AABBCC 9000 99 9000");
	/* a piece in the clear is none */
	expect("1C140000 02 5544", "9000");
	expect("00140000 02 3399 00", "6883");
	ck_assert_uint_eq(ended, 1);
}
END_TEST

/* Every command is over at some time, whatever became of it. */
START_TEST(refused_commands_are_over)
{
	static const char *const commands[] = { "00140000", "0014",   "E0140000",
						"00990000", "001400", "0C140000 02 5599 00" };
	size_t i;

	expect("00A4040C 07 43437468726565", "9000");
	over = 0;
	for (i = 0; i < sizeof(commands) / sizeof(*commands); i++) {
		struct buf rsp = BUF(300);

		ck_assert_int_eq(talk(card, commands[i], &rsp), 0);
		buf_free(&rsp);
		ck_assert_uint_eq(over, i + 1);
	}
}
END_TEST

START_TEST(plain_commands_end_it)
{
	begin_session();
	expect("0C140000 02 5599 00", "00AA 9000 99 9000");
	expect("00140000 01 AA 00", "00AA 9000");
	ck_assert_uint_eq(ended, 1);
	expect("0C140000 02 5599 00", "6988");
	/* GET RESPONSE is transport */
	begin_session();
	expect("0C140000 02 5599", "6105");
	expect("00C00000 05", "00AA 9000 99 9000");
	expect("0C140000 02 5599 00", "00AA 9000 99 9000");
	ck_assert_uint_eq(ended, 1);
}
END_TEST

/* What is fetched is 256 bytes at most where Le does not say how many: in T=0 it would be 00. */
START_TEST(fetched_without_le)
{
	struct iso *c = (struct iso *)card;
	struct buf *pending = &c->channel[0].pending;

	expect("00A4040C 05 414174776F", "9000");
	pending->max = 600;
	buf_fill(pending, 0xaa, 300);
	c->channel[0].pending_sw = SW_OK;
	expect("00C00000", "*612C");
	ck_assert_uint_eq(pending->n, 44);
	expect("00C00000", "*9000");
	expect("00C00000", "6985");
}
END_TEST

/* --- what options change ------------------------------------------------------------------- */

static int fails_with;
static unsigned kept;

static int
mark_card(struct state *s, const struct card_config *cfg)
{
	(void)cfg;
	s->fs.changed = true;
	return fails_with;
}

static int
count_kept(void *ctx, struct state *s, unsigned changed)
{
	(void)s;
	kept += changed != 0;
	return *(const int *)ctx;
}

static const struct iso_type configured_type = {
	.root = &iso7816_app, .atr = VIEW(atr), .configure = mark_card,
};
static const struct card_type configured = {
	.name = "configured", .open = iso_open, .data = &configured_type,
};

/* What an option changes is kept before the card answers; otherwise there is no card. */
START_TEST(options_are_kept)
{
	static const struct {
		int configure, commit;
		unsigned kept;
		bool opens;
	} rows[] = {
		{ 0, 0, 1, true },
		{ -ENOMEM, 0, 0, false },
		{ 0, -EIO, 1, false },
	};
	int commits = rows[_i].commit;
	const struct card_env keeps = { .ctx = &commits, .commit = count_kept };
	const struct card_config cfg = { .state = new_state() };
	struct card *opened;

	fails_with = rows[_i].configure;
	kept = 0;
	opened = card_open(&configured, &cfg, &keeps);
	ck_assert_int_eq(opened != NULL, rows[_i].opens);
	ck_assert_uint_eq(kept, rows[_i].kept);
	card_free(opened);
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("app");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, rows_of_what_is_selected);
	tcase_add_test(tc, names_in_part);
	tcase_add_test(tc, files_below);
	tcase_add_test(tc, numbers_of_algorithms);
	tcase_add_test(tc, memory_until_it_is_left);
	tcase_add_test(tc, memory_of_each_channel);
	tcase_add_test(tc, a_channel_from_another);
	tcase_add_test(tc, objects_of_its_own);
	tcase_add_test(tc, keys_are_asked_for);
	tcase_add_test(tc, references_are_their_own);
	tcase_add_test(tc, selected_after_a_reset);
	tcase_add_test(tc, a_deleted_application);
	tcase_add_test(tc, each_part_of_a_chain);
	tcase_add_test(tc, a_session_of_another_kind);
	tcase_add_test(tc, joined_before_unwrapped);
	tcase_add_test(tc, refused_commands_are_over);
	tcase_add_test(tc, plain_commands_end_it);
	tcase_add_test(tc, fetched_without_le);
	tcase_add_loop_test(tc, options_are_kept, 0, 3);
	return run("app", tc);
}
