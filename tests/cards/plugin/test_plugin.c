/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The services of vicc, used by a plug-in that is loaded; tests/plugin.sh has what is refused. */
#include <errno.h>
#include <stdio.h>

#include "iso/iso.h"
#include "cards/plugin/plugin.h"
#include "known.h"
#include "talk.h"

static struct module *module;
static struct card *card;
static struct state *kept;
static struct log logs;
static unsigned commits;
static int disk_error;
static bool stop, lost; /* the process is to end; nothing to go back to */
static int inside; /* other people's code; where it begins and ends */

static int
commit(void *ctx, struct state *s, unsigned changed)
{
	(void)ctx;
	(void)changed;
	ck_assert_ptr_eq(s, kept);
	commits++;
	return disk_error;
}

/* As it was at the beginning. */
static struct state *
revert(void *ctx)
{
	(void)ctx;
	if (lost)
		return NULL;
	kept = state_new();
	ck_assert_ptr_nonnull(kept);
	return kept;
}

static bool
interrupted(void *ctx)
{
	(void)ctx;
	return stop;
}

static void
foreign(void *ctx, const char *name, int deadline)
{
	(void)ctx;
	(void)deadline;
	if (name)
		ck_assert_str_eq(name, "services");
	inside += name ? 1 : -1;
	ck_assert_int_ge(inside, 0);
	ck_assert_int_le(inside, 1);
}

static const struct card_env env = {
	.log = &logs, .commit = commit, .revert = revert, .interrupted = interrupted,
	.foreign = foreign,
};

static void
load(const char *name)
{
	const char *top = getenv("top_builddir");
	char path[4096], error[512];

	snprintf(path, sizeof(path), "%s/tests/cards/plugin/.libs/%s.so", top ? top : ".", name);
	module = module_load(path, error, sizeof(error));
	ck_assert_msg(module, "%s", error);
	ck_assert_str_eq(module_path(module), path);
	ck_assert_ptr_null(module_mitm(module));
}

static void
open_card(const char *name, bool keeps)
{
	const struct card_type *type;
	struct card_config cfg = { .state = keeps ? state_new() : NULL };
	struct sam_pin *pin;

	load(name);
	type = module_type(module);
	ck_assert_ptr_nonnull(type);
	ck_assert_str_eq(type->name, "services");
	ck_assert_uint_eq(type->flags & CARD_FOREIGN_CODE, CARD_FOREIGN_CODE);
	kept = cfg.state;
	if (keeps) {
		pin = sam_pin_add(&kept->sam, 0, 1);
		pin->life = SAM_ACTIVE;
		ck_assert(sam_code_set(&pin->code, said("1234")));
		state_clean(kept);
	}
	logs = (struct log) { .out = tmpfile(), .level = LOG_NOTICE };
	card = card_open(type, &cfg, &env);
	ck_assert_ptr_nonnull(card);
	ck_assert_int_eq(card_power(card, CARD_POWER_ON), 0);
}

static void
teardown(void)
{
	card_free(card);
	ck_assert_int_eq(inside, 0);
	module_free(module);
	fclose(logs.out);
}

static void
expect(const char *command, const char *answer)
{
	expect_from(card, command, answer);
	ck_assert_int_eq(inside, 0);
}

static void
expect_log(const char *text)
{
	static char got[4096];

	rewind(logs.out);
	got[fread(got, 1, sizeof(got) - 1, logs.out)] = '\0';
	ck_assert_str_eq(got, text);
}

static void
expect_atr(void)
{
	struct buf out = BUF(CARD_ATR_MAX);

	ck_assert_int_eq(card_atr(card, &out), 0);
	ck_assert_buf(&out, known("3B00"));
}

/* What is not for rows, from whatever it is asked. */
static void
uses_all_services(void)
{
	expect_atr();
	expect("80120100", "9000");
	expect("80120200", "9000");
	stop = true;
	expect("80120200", "6FFF");
	stop = false;
	expect("8012030006 00B00000 02 09", "6700");
	expect("8012030007 03D60000 02 AABB 00", "D603 AABB 9000");
	expect("8012050000", "9000");
	expect("80120000", "9000");
	expect("80120001", "9000");
	expect("80120002", "9000"); /* not without -v */
	expect("801200FF", "9000");
	expect_log("vicc: services: one\nvicc: services: one\n");
}

static void
keeps(void)
{
	expect("8010000000", "9000");
	ck_assert_uint_eq(commits, 0);
	expect("8010010003 010203", "9000");
	ck_assert_uint_eq(commits, 1);
	expect("8010000000", "010203 9000");
	expect("8010070000", "9000");
	ck_assert_uint_eq(commits, 1);
	/* a name of letters, digits, - and _; what is no view */
	expect("8010020001 01", "6F16");
	expect("8010030001 01", "6F16");
	expect("8010040001 01", "6F16");
	expect("8010050001 01", "6F16");
	expect("8010060001 01", "9000");
	/* more than an image may hold */
	kept->fs.quota = 12;
	expect("8010010003 010203", "6F1C");
	kept->fs.quota = 1000;
	/* what cannot be kept was not: the card is as the disk has it */
	disk_error = -EIO;
	expect("8010010001 FF", "6581");
	disk_error = 0;
	expect("8010000000", "9000");
}

START_TEST(rows_have_services)
{
	open_card("services_rows", true);
	uses_all_services();
}
END_TEST

START_TEST(rows_keep)
{
	open_card("services_rows", true);
	keeps();
}
END_TEST

START_TEST(own_memory)
{
	open_card("services_rows", true);
	expect("801C000000", "01 9000");
	expect("801C000000", "02 9000");
	ck_assert_int_eq(card_power(card, CARD_RESET), 0);
	expect("801C000000", "01 9000");
	ck_assert_uint_eq(commits, 0);
}
END_TEST

START_TEST(files)
{
	open_card("services_rows", true);
	expect("00E000000D 620B 8002 000A 820101 8302 0101", "9000");
	expect("00D600000A 00010203040506070809", "9000");
	expect("00A4000C023F00", "9000");
	expect("8022000302 0101 00", "000102 9000");
	expect("8022080302 0101 00", "0809 6282");
	expect("8022000002 0102", "6A82");
	expect("8022000001 01", "6A80");
	/* the MF has nothing to be read */
	expect("8022000100", "69??");
	expect("80220001023F0000", "69??");
	expect("8022000002 0101", "9000");
	commits = 0;
	expect("8024090001 FF", "9000");
	ck_assert_uint_eq(commits, 1);
	expect("8024090002 AABB", "6A84");
	expect("80240A0001 FF", "6B00");
	expect("8022080002 0101", "9000");
	expect("00B0000800", "08FF 9000");
}
END_TEST

START_TEST(pins)
{
	open_card("services_rows", true);
	expect("8026000100", "00 9000");
	expect("0020000104 31323334", "9000");
	expect("8026000100", "01 9000");
	expect("8026008100", "00 9000");
	ck_assert_int_eq(card_power(card, CARD_RESET), 0);
	expect("8026000100", "00 9000");
}
END_TEST

START_TEST(the_base)
{
	open_card("services_rows", true);
	/* its own row is taken away, the base's is there */
	expect("0084000008", "6D00");
	expect("8028840008", "???????????????? 9000");
	/* gate included */
	expect("8028840100", "6A86");
	expect("80288400", "6700");
	expect("8028990000", "6D00");
}
END_TEST

START_TEST(what_is_no_view)
{
	open_card("services_rows", true);
	expect("802A0000", "9000");
}
END_TEST

START_TEST(too_long_for_a_row)
{
	open_card("services_rows", true);
	expect("8012040000", "6A84");
	expect("80120100", "9000");
}
END_TEST

START_TEST(cards_have_services)
{
	int fd;

	open_card("services_ops", true);
	uses_all_services();
	ck_assert_str_eq(card->note.instruction, "LENT");
	ck_assert_int_eq(card_power(card, CARD_POWER_OFF), 0);
	expect("80120400", "6F00");
	/* there, out, gone; what is no descriptor wakes nobody */
	ck_assert_int_eq(card_event(card, &fd), 1);
	ck_assert_int_eq(fd, -1);
	expect("80160100", "6D00");
	ck_assert_int_eq(card_event(card, &fd), 0);
	expect("8016FF00", "6D00");
	ck_assert_int_eq(card_event(card, &fd), -ENODEV);
}
END_TEST

START_TEST(cards_keep)
{
	open_card("services_ops", true);
	keeps();
}
END_TEST

START_TEST(a_card_that_keeps_nothing)
{
	open_card("services_ops", false);
	expect("8010000000", "9000");
	expect("8010010001 01", "6F5F"); /* ENOTSUP */
	expect("80100700", "6F5F");
}
END_TEST

START_TEST(a_card_that_fails)
{
	struct buf rsp = BUF(CARD_RESPONSE_MAX);

	open_card("services_ops", true);
	ck_assert_int_eq(talk(card, "80140000", &rsp), -EIO);
	expect("8018FB00", "6D00");
	ck_assert_int_eq(card_atr(card, &rsp), -EIO);
	ck_assert_int_eq(card_power(card, CARD_RESET), -EIO);
	buf_free(&rsp);
}
END_TEST

START_TEST(a_card_that_cannot_be_had_back)
{
	struct buf rsp = BUF(CARD_RESPONSE_MAX);

	open_card("services_ops", true);
	disk_error = -EIO;
	lost = true;
	ck_assert_int_eq(talk(card, "8010010001 FF", &rsp), -EIO);
	buf_free(&rsp);
}
END_TEST

START_TEST(power_and_the_end)
{
	open_card("services_ops", true);
	expect("801A0000", "02 6D00"); /* on */
	ck_assert_int_eq(card_power(card, CARD_RESET), 0);
	ck_assert_int_eq(card_power(card, CARD_POWER_OFF), 0);
	expect("801A0000", "2D 6D00"); /* 2 3 1 */
	card->ops->free(NULL);
	expect_log("");
	card_free(card);
	card = NULL;
	expect_log("vicc: services: freed\n");
}
END_TEST

/* What its base has to forget at a reset it does, too. */
START_TEST(a_base_that_forgets)
{
	open_card("services_flex", true);
	expect("C01C000000", "01 9000");
	expect("1440000040 6161616161616161616161616161616161616161616161616161616161616161"
	       "6161616161616161616161616161616161616161616161616161616161616161", "9000");
	ck_assert_int_eq(card_power(card, CARD_RESET), 0);
	/* FIPS 180-4, "abc", and nothing before it */
	expect("0440000003 616263", "6114");
	expect("00C0000014", "A9993E364706816ABA3E25717850C26C9CD0D89D 9000");
	expect("C01C000000", "01 9000");
}
END_TEST

START_TEST(what_is_none)
{
	char error[64];

	logs.out = tmpfile();
	ck_assert_ptr_null(module_load("/nowhere/x.so", error, sizeof(error)));
	ck_assert_ptr_nonnull(strstr(error, "/nowhere/x.so cannot be loaded"));
	/* without a slash: of this folder, not of the libraries */
	ck_assert_ptr_null(module_load("libc.so.6", error, sizeof(error)));
	ck_assert_ptr_nonnull(strstr(error, "./libc.so.6 cannot be loaded"));
	/* however small the place for it */
	ck_assert_ptr_null(module_load("/nowhere/x.so", error, 4));
	ck_assert_str_eq(error, "/no");
	module_free(NULL);
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("plugin");

	tcase_add_checked_fixture(tc, NULL, teardown);
	tcase_add_test(tc, rows_have_services);
	tcase_add_test(tc, rows_keep);
	tcase_add_test(tc, own_memory);
	tcase_add_test(tc, files);
	tcase_add_test(tc, pins);
	tcase_add_test(tc, the_base);
	tcase_add_test(tc, what_is_no_view);
	tcase_add_test(tc, too_long_for_a_row);
	tcase_add_test(tc, cards_have_services);
	tcase_add_test(tc, cards_keep);
	tcase_add_test(tc, a_card_that_keeps_nothing);
	tcase_add_test(tc, a_card_that_fails);
	tcase_add_test(tc, a_card_that_cannot_be_had_back);
	tcase_add_test(tc, power_and_the_end);
	tcase_add_test(tc, a_base_that_forgets);
	tcase_add_test(tc, what_is_none);
	return run("plugin", tc);
}
