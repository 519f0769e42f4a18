/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Middle-men, in this process and as programs: what each may do, and what ends the card. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "cards/plugin/mitm.h"
#include "cards/plugin/mitm_program.h"
#include "talk.h"

/* --- the card behind: what it gets comes back with 9000 ---------------------------------- */

struct lower {
	struct card card;
	unsigned powers, commands, freed;
	int fails, there, fd;
	bool plain; /* its commands may be shown */
};

static int
lower_atr(struct card *c, struct buf *out)
{
	buf_put(out, "\x3b\x00", 2);
	return ((struct lower *)c)->fails;
}

static int
lower_power(struct card *c, uint32_t what)
{
	struct lower *l = (struct lower *)c;

	l->powers = l->powers * 10 + what + 1;
	return l->fails;
}

static int
lower_transmit(struct card *c, struct view cmd, struct buf *rsp)
{
	struct lower *l = (struct lower *)c;

	l->commands++;
	if (l->plain)
		c->note = (struct card_note) { .instruction = "PLAIN" };
	buf_put_view(rsp, cmd);
	buf_u16(rsp, 0x9000);
	return l->fails;
}

static int
lower_event(struct card *c, int32_t *fd)
{
	*fd = ((struct lower *)c)->fd;
	return ((struct lower *)c)->there;
}

static void
lower_free(struct card *c)
{
	((struct lower *)c)->freed++;
}

static const struct card_ops lower_ops = {
	.atr = lower_atr,
	.power = lower_power,
	.transmit = lower_transmit,
	.event = lower_event,
	.free = lower_free,
};

/* --- one before it, that does as it is told ------------------------------------------------- */

static int verdict;
static int own_fd;
static const char *put;   /* hex, instead */
static size_t flood;      /* or so many bytes */
static unsigned freed;
static char heard[256];   /* what it was asked, in hex */

static int32_t
decide(struct card *m, struct view v, struct buf *instead)
{
	struct buf hex = BUF(sizeof(heard) - 2);

	ck_assert_ptr_nonnull(m);
	hex_write(&hex, v);
	buf_u8(&hex, 0);
	strcat(strcat(heard, (const char *)hex.p), " ");
	buf_free(&hex);
	if (put)
		ck_assert(hex_read(instead, put));
	buf_fill(instead, 0x90, flood);
	return verdict;
}

static int32_t
decide_power(struct card *m, uint32_t what)
{
	ck_assert_ptr_nonnull(m);
	ck_assert_uint_le(what, VICC_RESET);
	return verdict;
}

static int32_t
decide_event(struct card *m, int32_t *fd)
{
	ck_assert_ptr_nonnull(m);
	*fd = own_fd;
	return verdict;
}

static void
leave(struct card *m)
{
	ck_assert_ptr_nonnull(m);
	freed++;
}

static const struct mitm_ops none;
static const struct mitm_ops on_atr = { .atr = decide, .free = leave };
static const struct mitm_ops on_power = { .power = decide_power, .free = leave };
static const struct mitm_ops on_command = { .command = decide, .free = leave };
static const struct mitm_ops on_answer = { .answer = decide, .free = leave };
static const struct mitm_ops on_event = { .event = decide_event, .free = leave };

/* --- the stage -------------------------------------------------------------------------------- */

static struct lower lower;
static struct card *card;
static char said[4096];
static struct log logs;
static bool stop;
static char guarded[64]; /* whose code was entered, . for its end */
static char dir[] = "/tmp/test_mitm.XXXXXX";
static char path[64];

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
	ck_assert_int_eq(deadline, name ? 77 : 0);
	strcat(guarded, name ? name : ".");
}

static const struct card_env env = { .log = &logs, .interrupted = interrupted, .foreign = foreign };

static void
setup(void)
{
	signal(SIGPIPE, SIG_IGN);
	lower = (struct lower) { .card.ops = &lower_ops, .there = 1, .fd = -1 };
	verdict = VICC_PASS;
	own_fd = -1;
	logs = (struct log) { .out = tmpfile(), .level = LOG_NOTICE };
}

static void
teardown(void)
{
	card_free(card);
	if (card)
		ck_assert_uint_eq(lower.freed, 1);
	fclose(logs.out);
	if (*path) {
		unlink(path);
		rmdir(dir);
	}
}

static void
stand(struct card *behind, const struct mitm_ops *ops)
{
	const struct mitm_instance instance = {
		.name = "joe", .ops = ops, .card = calloc(1, sizeof(struct card)),
		.size = sizeof(struct card),
		.deadline = 77,
	};

	card = mitm_new(behind, &instance, &env);
	ck_assert_ptr_nonnull(card);
}

static int
tell(const char *command)
{
	struct buf cmd = BUF(64), rsp = BUF(CARD_RESPONSE_MAX);
	int rc;

	ck_assert(hex_read(&cmd, command));
	rc = card_transmit(card, buf_view(&cmd), &rsp);
	if (rc < 0)
		ck_assert_uint_eq(rsp.n, 0);
	buf_free(&cmd);
	buf_free(&rsp);
	return rc;
}

static void
expect(const char *command, const char *answer)
{
	struct buf cmd = BUF(64), rsp = BUF(CARD_RESPONSE_MAX);

	ck_assert(hex_read(&cmd, command));
	ck_assert_int_eq(card_transmit(card, buf_view(&cmd), &rsp), 0);
	ck_assert_msg(answer_is(buf_view(&rsp), answer), "%s: not %s", command, answer);
	buf_free(&cmd);
	buf_free(&rsp);
}

static int
atr(const char *wanted)
{
	struct buf out = BUF(CARD_RESPONSE_MAX);
	int rc = card_atr(card, &out);

	if (rc == 0)
		ck_assert(answer_is(buf_view(&out), wanted));
	else
		ck_assert_uint_eq(out.n, 0);
	buf_free(&out);
	return rc;
}

static void
read_said(void)
{
	rewind(logs.out);
	said[fread(said, 1, sizeof(said) - 1, logs.out)] = '\0';
}

/* It has been named, in one line, and the card is gone for good. */
static void
gone_for_good(const char *why)
{
	unsigned commands = lower.commands;
	char *line;
	int fd;

	read_said();
	line = strstr(said, "the middle-man ");
	ck_assert_msg(line && strstr(line, why), "\"%s\" is not said: %s", why, said);
	ck_assert_ptr_eq(strchr(said, '\n'), said + strlen(said) - 1);
	ck_assert_int_lt(card_event(card, &fd), 0);
	ck_assert_int_lt(tell("00B0000000"), 0);
	ck_assert_int_lt(atr(""), 0);
	ck_assert_int_lt(card_power(card, CARD_POWER_ON), 0);
	ck_assert_uint_eq(lower.commands, commands);
}

/* Out for a moment only. */
static void
gone_for_now(int rc)
{
	int fd;

	ck_assert_int_lt(rc, 0);
	verdict = VICC_PASS;
	put = NULL;
	ck_assert_int_eq(card_event(card, &fd), 1);
	expect("00B00000", "00B000009000");
}

/* --- in this process -------------------------------------------------------------- */

START_TEST(who_does_nothing_changes_nothing)
{
	int fd;

	stand(&lower.card, &none);
	ck_assert_int_eq(atr("3B00"), 0);
	ck_assert_int_eq(card_power(card, CARD_POWER_ON), 0);
	ck_assert_int_eq(card_power(card, CARD_RESET), 0);
	ck_assert_uint_eq(lower.powers, 23);
	expect("00A4", "00A49000");
	ck_assert_int_eq(card_event(card, &fd), 1);
	ck_assert_int_eq(fd, -1);
	read_said();
	ck_assert_str_eq(said, "");
}
END_TEST

START_TEST(passes_changes_answers)
{
	stand(&lower.card, &on_command);
	expect("00A40000", "00A400009000");
	ck_assert_str_eq(heard, "00A40000 ");
	verdict = VICC_CHANGE;
	put = "80CA";
	expect("00A40000", "80CA9000");
	verdict = VICC_ANSWER;
	put = "01026A82";
	expect("00A40000", "01026A82");
	put = "9000";
	expect("0020000104 31323334", "9000");
	ck_assert_uint_eq(lower.commands, 2);
	ck_assert_ptr_null(strstr(heard, "9000"));
	/* what was put before is not put again */
	verdict = VICC_PASS;
	expect("00A40000", "00A400009000");
}
END_TEST

START_TEST(changes_an_answer)
{
	stand(&lower.card, &on_answer);
	expect("00A4", "00A49000");
	ck_assert_str_eq(heard, "00A49000 ");
	verdict = VICC_CHANGE;
	put = "6982";
	expect("00A4", "6982");
}
END_TEST

START_TEST(changes_the_atr)
{
	stand(&lower.card, &on_atr);
	ck_assert_int_eq(atr("3B00"), 0);
	verdict = VICC_CHANGE;
	put = "3B84800100010203 05";
	ck_assert_int_eq(atr("3B8480010001020305"), 0);
	put = "3B80";
	ck_assert_int_lt(atr(""), 0);
	gone_for_good("an invalid one");
}
END_TEST

START_TEST(takes_it_out_for_a_moment)
{
	stand(&lower.card, &on_command);
	verdict = VICC_GONE;
	gone_for_now(tell("00A4"));
	ck_assert_uint_eq(lower.commands, 1);
	card_free(card);
	lower.freed = lower.commands = 0;
	stand(&lower.card, &on_answer);
	verdict = VICC_GONE;
	gone_for_now(tell("00A4"));
	card_free(card);
	lower.freed = 0;
	stand(&lower.card, &on_atr);
	verdict = VICC_GONE;
	gone_for_now(atr(""));
}
END_TEST

START_TEST(power_reaches_the_card)
{
	stand(&lower.card, &on_power);
	ck_assert_int_eq(card_power(card, CARD_POWER_ON), 0);
	verdict = VICC_GONE;
	ck_assert_int_lt(card_power(card, CARD_RESET), 0);
	ck_assert_uint_eq(lower.powers, 2);
	card->ops->free(NULL);
	/* what is volatile is forgotten, whoever is against it */
	ck_assert_int_lt(card_power(card, CARD_POWER_OFF), 0);
	ck_assert_uint_eq(lower.powers, 21);
	verdict = VICC_CHANGE;
	ck_assert_int_lt(card_power(card, CARD_POWER_ON), 0);
	ck_assert_uint_eq(lower.powers, 21);
}
END_TEST

/* What each may not decide, or put. */
static const struct {
	const struct mitm_ops *ops;
	int verdict;
	const char *put;
	size_t flood;
	const char *said;
} nonsense[] = {
	{ &on_command, -EIO, NULL, 0, "joe has failed (-5)" },
	{ &on_command, INT32_MIN, NULL, 0, "has failed" },
	{ &on_command, 4, NULL, 0, "returned 4" },
	{ &on_command, INT32_MAX, NULL, 0, "returned 2147483647" },
	{ &on_command, VICC_CHANGE, NULL, 0, "changes a command to an empty one" },
	{ &on_command, VICC_ANSWER, NULL, 0, "answers without a status word" },
	{ &on_command, VICC_ANSWER, "90", 0, "answers without a status word" },
	{ &on_command, VICC_ANSWER, NULL, CARD_RESPONSE_MAX + 1,
	  "a message to one that is too long" },
	{ &on_answer, -1, NULL, 0, "has failed (-1)" },
	{ &on_answer, VICC_CHANGE, "90", 0, "without a status word" },
	{ &on_answer, VICC_ANSWER, "9000", 0, "returned 2" },
	{ &on_answer, VICC_CHANGE, NULL, CARD_RESPONSE_MAX + 1,
	  "a message to one that is too long" },
	{ &on_atr, VICC_ANSWER, "3B00", 0, "returned 2" },
	{ &on_atr, VICC_CHANGE, NULL, 0, "an invalid one" },
	{ &on_atr, VICC_CHANGE, NULL, 34, "an invalid one" },
	{ &on_atr, -1, NULL, 0, "has failed" },
	{ &on_power, VICC_CHANGE, NULL, 0, "returned 1" },
	{ &on_power, -7, NULL, 0, "has failed (-7)" },
	{ &on_event, -7, NULL, 0, "has failed (-7)" },
};

START_TEST(nonsense_ends_the_card)
{
	int rc, fd;

	stand(&lower.card, nonsense[_i].ops);
	verdict = nonsense[_i].verdict;
	put = nonsense[_i].put;
	flood = nonsense[_i].flood;
	if (nonsense[_i].ops == &on_atr)
		rc = atr("");
	else if (nonsense[_i].ops == &on_power)
		rc = card_power(card, CARD_POWER_ON);
	else if (nonsense[_i].ops == &on_event)
		rc = card_event(card, &fd);
	else
		rc = tell("00A4");
	ck_assert_int_lt(rc, 0);
	gone_for_good(nonsense[_i].said);
}
END_TEST

START_TEST(as_much_as_a_message_can_be)
{
	struct buf rsp = BUF(CARD_RESPONSE_MAX);

	stand(&lower.card, &on_command);
	verdict = VICC_ANSWER;
	flood = CARD_RESPONSE_MAX;
	ck_assert_int_eq(talk(card, "00A4", &rsp), 0);
	ck_assert_uint_eq(rsp.n, CARD_RESPONSE_MAX);
	buf_free(&rsp);
}
END_TEST

START_TEST(a_failing_card_fails)
{
	stand(&lower.card, &on_answer);
	lower.fails = -EIO;
	ck_assert_int_eq(tell("00A4"), -EIO);
	ck_assert_int_eq(card_power(card, CARD_POWER_ON), -EIO);
	ck_assert_int_eq(atr(""), -EIO);
	ck_assert_str_eq(heard, "");
	read_said();
	ck_assert_str_eq(said, "");
}
END_TEST

START_TEST(who_is_there)
{
	int fd;

	stand(&lower.card, &on_event);
	/* it takes the card out, and puts it back */
	ck_assert_int_eq(card_event(card, &fd), 0);
	verdict = 1;
	own_fd = STDIN_FILENO;
	ck_assert_int_eq(card_event(card, &fd), 1);
	ck_assert_int_eq(fd, STDIN_FILENO);
	/* what is no descriptor wakes nobody */
	own_fd = 12345;
	ck_assert_int_eq(card_event(card, &fd), 1);
	ck_assert_int_eq(fd, -1);
	/* the card's own comes first, and it is out when it says so */
	lower.fd = STDOUT_FILENO;
	own_fd = STDIN_FILENO;
	lower.there = 0;
	ck_assert_int_eq(card_event(card, &fd), 0);
	ck_assert_int_eq(fd, STDOUT_FILENO);
	lower.there = -ENODEV;
	ck_assert_int_eq(card_event(card, &fd), -ENODEV);
}
END_TEST

START_TEST(the_note_is_the_card_s_or_secret)
{
	stand(&lower.card, &on_command);
	lower.plain = true;
	expect("0010", "00109000");
	ck_assert_str_eq(card->note.instruction, "PLAIN");
	ck_assert_uint_eq(card->note.secret, 0);
	/* what came is not what the card tells of */
	verdict = VICC_CHANGE;
	put = "0011";
	expect("0010", "00119000");
	ck_assert_ptr_null(card->note.instruction);
	ck_assert_uint_ne(card->note.secret, 0);
	verdict = VICC_ANSWER;
	put = "9000";
	expect("0020000104 31323334", "9000");
	ck_assert_uint_ne(card->note.secret, 0);
}
END_TEST

START_TEST(two_of_them)
{
	stand(&lower.card, &on_command);
	stand(card, &on_answer);
	/* the inner one's own answer goes through the outer one's hands */
	verdict = VICC_PASS;
	expect("00A4", "00A49000");
	ck_assert_str_eq(heard, "00A4 00A49000 ");
	ck_assert_str_eq(guarded, "joe.joe.");
	card_free(card);
	ck_assert_uint_eq(freed, 2);
	ck_assert_uint_eq(lower.freed, 1);
	card = NULL;
}
END_TEST

/* --- programs --------------------------------------------------------------------- */

static int
start(const char *text, int deadline)
{
	struct mitm_instance instance;
	FILE *f;
	int rc;

	ck_assert_ptr_nonnull(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/joe", dir);
	f = fopen(path, "we");
	ck_assert_ptr_nonnull(f);
	fprintf(f, "#!/bin/sh\n%s\n", text);
	fclose(f);
	ck_assert_int_eq(chmod(path, 0700), 0);
	rc = mitm_program_start(&instance, path, deadline, &env);
	if (rc == 0) {
		card = mitm_new(&lower.card, &instance, &env);
		ck_assert_ptr_nonnull(card);
	}
	return rc;
}

#define PATIENCE 100000 /* ms: never used up */

START_TEST(a_program_that_passes)
{
	struct buf cmd = BUF(CARD_RESPONSE_MAX), rsp = BUF(CARD_RESPONSE_MAX);
	int fd;

	ck_assert_int_eq(start("exec cat", PATIENCE), 0);
	ck_assert_int_eq(atr("3B00"), 0);
	ck_assert_int_eq(card_power(card, CARD_POWER_ON), 0);
	ck_assert_int_eq(card_power(card, CARD_RESET), 0);
	ck_assert_int_eq(card_power(card, CARD_POWER_OFF), 0);
	ck_assert_uint_eq(lower.powers, 231);
	expect("00A4", "00A49000");
	ck_assert_int_eq(card_event(card, &fd), 1);
	ck_assert_int_ge(fd, 0);
	/* as long as can be: both pipes are full on the way */
	buf_fill(&cmd, 0x55, CARD_RESPONSE_MAX - 2);
	ck_assert_int_eq(card_transmit(card, buf_view(&cmd), &rsp), 0);
	ck_assert_uint_eq(rsp.n, CARD_RESPONSE_MAX);
	read_said();
	ck_assert_str_eq(said, "");
	buf_free(&cmd);
	buf_free(&rsp);
	/* looking after itself, the guard does not */
	ck_assert_str_eq(guarded, "");
}
END_TEST

START_TEST(a_program_that_changes_and_answers)
{
	ck_assert_int_eq(start("while read -r l; do case $l in"
			       " '!atr 3B00') echo '!atr 3B 84 80 01 00 01 02 03 05';;"
			       " '> 00A4') echo '>80 ca ';;"
			       " '> 0020') echo '< 63C3';;"
			       " '< 80CA9000') echo '< 01 6282';;"
			       " '> 0099') echo '!gone';;"
			       " *) echo \"$l\";; esac; done", PATIENCE), 0);
	ck_assert_int_eq(atr("3B8480010001020305"), 0);
	expect("00A4", "016282");
	expect("0020", "63C3");
	ck_assert_uint_eq(lower.commands, 1);
	gone_for_now(tell("0099"));
}
END_TEST

/* A script, and what is said of it. */
static const struct {
	const char *script, *said;
} bad_programs[] = {
	{ "read l; echo 1234; read l",
	  "has answered nonsense, a line of 4 characters that begins with none of" },
	{ "read l; echo hello; read l",
	  "has answered nonsense, a line of 5 characters that begins with none of ! < >" },
	{ "read l; echo; read l", "nonsense" },
	{ "read l; echo '> 0'; read l", "nonsense" },
	{ "read l; echo '> 00 zz'; read l", "nonsense" },
	{ "read l; echo '!gone for ever'; read l", "nonsense" },
	{ "read l; echo '!power on'; read l", "nonsense" },
	{ "read l; echo '<'; read l", "answers without a status word" },
	{ "read l; echo '< 90'; read l", "answers without a status word" },
	{ "read l; echo '>'; read l", "changes a command to an empty one" },
	{ "read l; printf '> 00A4\\n> 00A4\\n'; read l", "more than one line" },
	{ "read l; exit 3", "has ended with exit status 3" },
	{ "read l; printf '> 00A4'", "has ended with exit status 0" },
	{ "read l; kill -SEGV $$", "was ended by signal 11" },
	{ "read l; exec >/dev/null; read l", "has closed its output or its input" },
	{ "read l; while :; do printf 00000000000000000000000000000000000000000000000000; done",
	  "too long" },
	{ "exit 5", "has ended with exit status 5" },
	{ "read l; echo '> 00A4'; read l; echo '< 9'; read l", "nonsense" },
	{ "read l; echo '> 00A4'; read l; echo '> 00A4'; read l", "nonsense" },
};

START_TEST(a_program_that_is_broken)
{
	ck_assert_int_eq(start(bad_programs[_i].script, PATIENCE), 0);
	ck_assert_int_lt(tell("00A4"), 0);
	gone_for_good(bad_programs[_i].said);
}
END_TEST

START_TEST(a_program_that_changes_power)
{
	ck_assert_int_eq(start("read l; echo \"$l\"; read l; echo '!reset AA'; read l", PATIENCE),
			 0);
	ck_assert_int_eq(card_power(card, CARD_POWER_ON), 0);
	ck_assert_int_lt(card_power(card, CARD_RESET), 0);
	gone_for_good("has answered nonsense, a line of 9 characters that begins with !");
}
END_TEST

START_TEST(a_program_that_hangs)
{
	ck_assert_int_eq(start("read l; exec sleep 1000", 50), 0);
	ck_assert_int_lt(tell("00A4"), 0);
	gone_for_good("has not answered within 50 ms");
}
END_TEST

START_TEST(a_program_that_does_not_listen)
{
	struct buf cmd = BUF(CARD_RESPONSE_MAX), rsp = BUF(CARD_RESPONSE_MAX);

	ck_assert_int_eq(start("exec sleep 1000", 50), 0);
	buf_fill(&cmd, 0x55, CARD_RESPONSE_MAX);
	ck_assert_int_lt(card_transmit(card, buf_view(&cmd), &rsp), 0);
	buf_free(&cmd);
	gone_for_good("has not answered within 50 ms");
}
END_TEST

/* A moment, for what it does unasked. */
static int
event_when_it_came(void)
{
	int fd, rc, i;

	for (i = 0; i < 20000; i++) {
		rc = card_event(card, &fd);
		if (rc != 1)
			break;
		usleep(1000);
	}
	return rc;
}

START_TEST(a_program_that_speaks_unasked)
{
	ck_assert_int_eq(start("echo hello; read l", PATIENCE), 0);
	ck_assert_int_lt(event_when_it_came(), 0);
	gone_for_good("without being asked");
}
END_TEST

START_TEST(a_program_that_ends_unasked)
{
	ck_assert_int_eq(start("exit 4", PATIENCE), 0);
	ck_assert_int_lt(event_when_it_came(), 0);
	gone_for_good("has ended with exit status 4");
}
END_TEST

START_TEST(a_program_that_is_none)
{
	struct mitm_instance instance;

	ck_assert_int_eq(mitm_program_start(&instance, "/nowhere/joe", 1, &env), -ENOENT);
	read_said();
	ck_assert_str_eq(
		said,
		"vicc: cannot start the middle-man /nowhere/joe: No such file or directory\n");
}
END_TEST

START_TEST(the_end_is_not_waited_for)
{
	stop = true;
	ck_assert_int_eq(start("exec sleep 1000", PATIENCE), 0);
	ck_assert_int_eq(tell("00A4"), -ECANCELED);
	read_said();
	ck_assert_str_eq(said, "");
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("mitm");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, who_does_nothing_changes_nothing);
	tcase_add_test(tc, passes_changes_answers);
	tcase_add_test(tc, changes_an_answer);
	tcase_add_test(tc, changes_the_atr);
	tcase_add_test(tc, takes_it_out_for_a_moment);
	tcase_add_test(tc, power_reaches_the_card);
	tcase_add_loop_test(tc, nonsense_ends_the_card, 0, sizeof(nonsense) / sizeof(nonsense[0]));
	tcase_add_test(tc, as_much_as_a_message_can_be);
	tcase_add_test(tc, a_failing_card_fails);
	tcase_add_test(tc, who_is_there);
	tcase_add_test(tc, the_note_is_the_card_s_or_secret);
	tcase_add_test(tc, two_of_them);
	tcase_add_test(tc, a_program_that_passes);
	tcase_add_test(tc, a_program_that_changes_and_answers);
	tcase_add_loop_test(tc, a_program_that_is_broken, 0,
			    sizeof(bad_programs) / sizeof(bad_programs[0]));
	tcase_add_test(tc, a_program_that_changes_power);
	tcase_add_test(tc, a_program_that_hangs);
	tcase_add_test(tc, a_program_that_does_not_listen);
	tcase_add_test(tc, a_program_that_speaks_unasked);
	tcase_add_test(tc, a_program_that_ends_unasked);
	tcase_add_test(tc, a_program_that_is_none);
	tcase_add_test(tc, the_end_is_not_waited_for);
	return run("mitm", tc);
}
