/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "cli/options.h"
#include "support.h"

#define MAX_WORDS 40

static struct command cmd;

static void
teardown(void)
{
	options_free(&cmd);
}

/* Parse the words of a line; "''" is an empty one. */
static int
parse(const char *line)
{
	static char text[1024];
	char *words[MAX_WORDS + 1] = { text }, *w, *rest = text + 5;
	int n = 1;

	ck_assert_uint_lt(strlen(line) + 5, sizeof(text));
	memcpy(text, "vicc", 5);
	strcpy(text + 5, line);
	while ((w = strsep(&rest, " ")) && n < MAX_WORDS) {
		if (*w)
			words[n++] = strcmp(w, "''") == 0 ? w + 2 : w;
	}
	return options_parse(&cmd, n, words);
}

/* Parse what is right. */
static void
right(const char *line)
{
	if (parse(line) < 0)
		ck_abort_msg("%s: %s", line, cmd.error);
}

static const char *
text_of(size_t i)
{
	static char text[LINK_TEXT];

	ck_assert_uint_lt(i, cmd.n_cards);
	endpoint_text(&cmd.cards[i].where, text);
	return text;
}

/* --- one card ------------------------------------------------------------- */

START_TEST(by_itself)
{
	right("-t handler_test");
	ck_assert_int_eq(cmd.action, ACTION_RUN);
	ck_assert_uint_eq(cmd.n_cards, 1);
	ck_assert_str_eq(cmd.cards[0].type->name, "handler_test");
	ck_assert_str_eq(text_of(0), "localhost:35963");
	ck_assert(!cmd.cards[0].where.reversed);
	ck_assert(!cmd.cards[0].where.once);
	ck_assert(!cmd.cards[0].no_sandbox);
	ck_assert_int_eq(cmd.cards[0].verbosity, LOG_NOTICE);
	ck_assert_ptr_null(cmd.cards[0].log_file);
}
END_TEST

/* Options before or after the only -t are the card's. */
static const char *const all[] = {
	"-t handler_test -H phone -P 4000 --slot 2 -R --once -v -v --log /l --no-sandbox",
	"-H phone -P 4000 --slot 2 -R --once -vv --log /l --no-sandbox -t handler_test",
	("--hostname=phone --port=4000 --slot=2 --reversed --once --verbose --verbose --log=/l --no-sandbox "
	 "--type=handler_test"),
	"--type handler_test --hostname phone --port 0xFA0 --slot 2 --rev --once -v -v --log /l --no-s",
	"-thandler_test -Hphone -P4000 --slot 2 -Rvv --once --log /l --no-sandbox",
};

START_TEST(everything)
{
	const struct options *o;

	right(all[_i]);
	o = &cmd.cards[0];
	ck_assert_str_eq(text_of(0), "phone:4002");
	ck_assert_uint_eq(o->where.slot, 2);
	ck_assert(o->where.reversed);
	ck_assert(o->where.once);
	ck_assert_int_eq(o->verbosity, LOG_DEBUG);
	ck_assert_str_eq(o->log_file, "/l");
	ck_assert(o->no_sandbox);
}
END_TEST

START_TEST(verbosity)
{
	right("-t handler_test -q");
	ck_assert_int_eq(cmd.cards[0].verbosity, LOG_ERROR_ONLY);
	options_free(&cmd);
	right("-t handler_test -v");
	ck_assert_int_eq(cmd.cards[0].verbosity, LOG_INFO);
	options_free(&cmd);
	right("-t handler_test -vvvv");
	ck_assert_int_eq(cmd.cards[0].verbosity, LOG_DEBUG);
}
END_TEST

START_TEST(images)
{
	right("-f card.json");
	ck_assert_str_eq(cmd.cards[0].file, "card.json");
	ck_assert(!cmd.cards[0].read_only && !cmd.cards[0].is_volatile);
	options_free(&cmd);
	right("--read-only -t iso7816 --file=a -t iso7816 -f b -t handler_test -t iso7816 -f a");
	ck_assert_str_eq(cmd.cards[0].file, "a");
	ck_assert_str_eq(cmd.cards[1].file, "b");
	ck_assert_ptr_null(cmd.cards[2].file);
	ck_assert(cmd.cards[0].read_only && cmd.cards[3].read_only);
	options_free(&cmd);
	right("-t iso7816 -f a -t iso7816 -f b --volatile");
	ck_assert(!cmd.cards[0].is_volatile && cmd.cards[1].is_volatile);
	options_free(&cmd);
	right("-t iso7816 --check-image card.json");
	ck_assert_int_eq(cmd.action, ACTION_CHECK_IMAGE);
	ck_assert_str_eq(cmd.image, "card.json");
}
END_TEST

START_TEST(imports)
{
	const struct options *o;

	right("-t myeid -f card.json --import a.p12 --import=b.pem --pin-file p --passphrase-file q --label \xc3\xa4 --force");
	o = &cmd.cards[0];
	ck_assert_uint_eq(o->n_imports, 2);
	ck_assert_str_eq(o->imports[0], "a.p12");
	ck_assert_str_eq(o->imports[1], "b.pem");
	ck_assert_str_eq(o->pin_file, "p");
	ck_assert_str_eq(o->passphrase_file, "q");
	ck_assert_str_eq(o->label, "\xc3\xa4");
	ck_assert(o->force && !o->keep);
	options_free(&cmd);
	right("-t myeid -f card.json --import a --keep");
	ck_assert(cmd.cards[0].keep && !cmd.cards[0].force);
	options_free(&cmd);
	right("-t piv --generate 9A=p256 --generate 9C=rsa2048 --subject me --pin-file p --import 9D=a.p12");
	ck_assert_uint_eq(cmd.cards[0].n_generates, 2);
	ck_assert_str_eq(cmd.cards[0].generates[1], "9C=rsa2048");
	ck_assert_str_eq(cmd.cards[0].subject, "me");
	ck_assert_str_eq(cmd.cards[0].imports[0], "9D=a.p12");
	options_free(&cmd);
	right("--import a -t isoapplet");
	ck_assert_uint_eq(cmd.cards[0].n_imports, 1);
	options_free(&cmd);
	right("-t myeid --pad --pin-file p");
	options_free(&cmd);
	right("-R -H @ --pad --pin-file p -t myeid");
	options_free(&cmd);
	right("--pin-file p -t isoapplet --import a -t myeid --import b --import c");
	ck_assert_uint_eq(cmd.cards[0].n_imports, 1);
	ck_assert_str_eq(cmd.cards[1].imports[1], "c");
	ck_assert_str_eq(cmd.cards[1].pin_file, "p");
	options_free(&cmd);
	/* in memory there is nothing to be written */
	right("--volatile -t isoapplet --import a -t iso7816 -f b");
	ck_assert_uint_eq(cmd.cards[0].n_imports, 1);
}
END_TEST

START_TEST(other_actions)
{
	right("--version");
	ck_assert_int_eq(cmd.action, ACTION_VERSION);
	options_free(&cmd);
	right("-h");
	ck_assert_int_eq(cmd.action, ACTION_HELP);
	options_free(&cmd);
	right("--list-types");
	ck_assert_int_eq(cmd.action, ACTION_TYPES);
}
END_TEST

START_TEST(a_socket)
{
	right("-t handler_test --unix /run/s");
	ck_assert_str_eq(text_of(0), "/run/s");
	options_free(&cmd);
	right("-t handler_test --unix /run/s --slot 1");
	ck_assert_str_eq(text_of(0), "/run/s.1");
	options_free(&cmd);
	/* a card's own choice is instead of what holds for all */
	right("--unix /run/s -t handler_test -P 4000");
	ck_assert_str_eq(text_of(0), "localhost:4000");
	options_free(&cmd);
	right("-P 4000 -H phone -t handler_test --unix /run/s");
	ck_assert_str_eq(text_of(0), "/run/s");
}
END_TEST

START_TEST(an_address_of_six)
{
	right("-t handler_test -H ::1");
	ck_assert_str_eq(text_of(0), "[::1]:35963");
}
END_TEST

/* --- several cards -------------------------------------------------------- */

START_TEST(the_next_slot)
{
	right("-t handler_test -t handler_test -t handler_test");
	ck_assert_uint_eq(cmd.n_cards, 3);
	ck_assert_str_eq(text_of(0), "localhost:35963");
	ck_assert_str_eq(text_of(1), "localhost:35964");
	ck_assert_str_eq(text_of(2), "localhost:35965");
	ck_assert_uint_eq(cmd.cards[2].where.slot, 2);
}
END_TEST

START_TEST(where_each_is)
{
	right("-P 4000 -t handler_test --slot 3 -t handler_test -t handler_test -P 5000 -t handler_test");
	ck_assert_str_eq(text_of(0), "localhost:4003");
	ck_assert_str_eq(text_of(1), "localhost:4004");
	ck_assert_str_eq(text_of(2), "localhost:5000");
	ck_assert_str_eq(text_of(3), "localhost:4005");
	options_free(&cmd);
	right("--slot 1 -t handler_test -t handler_test -t handler_test -P 5000 --slot 1");
	ck_assert_str_eq(text_of(0), "localhost:35964");
	ck_assert_str_eq(text_of(1), "localhost:35965");
	ck_assert_str_eq(text_of(2), "localhost:5001");
	options_free(&cmd);
	right("--unix /run/s -t handler_test -t handler_test -t handler_test --unix /run/t");
	ck_assert_str_eq(text_of(0), "/run/s");
	ck_assert_str_eq(text_of(1), "/run/s.1");
	ck_assert_str_eq(text_of(2), "/run/t");
}
END_TEST

START_TEST(one_port_for_all)
{
	right("--shared-port --slot 1 -t handler_test -t handler_test");
	ck_assert_str_eq(text_of(0), "localhost:35964");
	ck_assert_str_eq(text_of(1), "localhost:35964");
	options_free(&cmd);
	right("--shared-port --unix /run/s -t handler_test -t handler_test");
	ck_assert_str_eq(text_of(1), "/run/s");
}
END_TEST

START_TEST(before_and_after)
{
	right("-v --once -t handler_test -q -t handler_test -R --log /l -t handler_test");
	ck_assert_int_eq(cmd.cards[0].verbosity, LOG_ERROR_ONLY);
	ck_assert_int_eq(cmd.cards[1].verbosity, LOG_INFO);
	ck_assert_int_eq(cmd.cards[2].verbosity, LOG_INFO);
	ck_assert(!cmd.cards[0].where.reversed);
	ck_assert(cmd.cards[1].where.reversed);
	ck_assert(!cmd.cards[2].where.reversed);
	ck_assert_str_eq(cmd.cards[1].log_file, "/l");
	ck_assert_ptr_null(cmd.cards[2].log_file);
	ck_assert(cmd.cards[0].where.once && cmd.cards[2].where.once);
}
END_TEST

/* --- options of a type ---------------------------------------------------- */

static const char *
own(size_t i, const char *name)
{
	const struct card_config cfg = { .values = cmd.cards[i].own };

	return card_value(&cfg, name);
}

START_TEST(of_a_type)
{
	right("-t relay --reader 1 -t iso7816 -t relay --reade=2 --reader 3 --shared");
	ck_assert_str_eq(own(0, "reader"), "1");
	ck_assert_ptr_null(own(0, "shared"));
	ck_assert_ptr_null(own(1, "reader"));
	ck_assert_str_eq(own(2, "reader"), "3");
	ck_assert_str_eq(own(2, "shared"), "");
	options_free(&cmd);
	/* before the first -t they hold for all cards */
	right("--shared -t relay --reader 1 -t relay --reader 2");
	ck_assert_str_eq(own(0, "reader"), "1");
	ck_assert_ptr_nonnull(own(0, "shared"));
	ck_assert_str_eq(own(1, "reader"), "2");
	ck_assert_ptr_nonnull(own(1, "shared"));
	options_free(&cmd);
	right("--reader 1 -t relay");
	ck_assert_str_eq(own(0, "reader"), "1");
	options_free(&cmd);
	/* one that has a letter, too */
	right("-t nPA -d one -t nPA --datasetfile two");
	ck_assert_str_eq(own(0, "datasetfile"), "one");
	ck_assert_str_eq(own(1, "datasetfile"), "two");
}
END_TEST

/* --- what is wrong -------------------------------------------------------- */

static const struct {
	const char *line;
	const char *says; /* part of the one line */
} wrong[] = {
	{ "-t cac --softhsm conf -f card.json", "--softhsm says all that is on the card: --file is too much" },
	{ "-t cac --softhsm conf --import k.pem", "--import is too much" },
	{ "-t cac --softhsm conf --generate 00=rsa2048", "--generate is too much" },
	{ "-t cac --softhsm conf --serial 01", "--serial is too much" },
	{ "-t piv --softhsm conf", "--softhsm is an option of type cac, not of type piv" },
	{ "-t cac --import k.pem --label x", "--label: a card of type cac is called what its certificate says" },
	{ "-t", "--type needs a value" },
	{ "-t nothing", "no card type \"nothing\"" },
	{ "-t ''", "no card type \"\"" },
	{ "-t HANDLER-TEST", "--list-types" },
	{ "-P", "--port needs a value" },
	{ "-P 0", "1 to 65535" },
	{ "-P 65536", "1 to 65535" },
	{ "-P 99999999999999999999", "1 to 65535" },
	{ "-P -1", "1 to 65535" },
	{ "-P +1", "1 to 65535" },
	{ "-P 1x", "1 to 65535" },
	{ "-P 0x", "1 to 65535" },
	{ "-P ''", "1 to 65535" },
	{ "--slot x", "not a slot" },
	{ "--slot 65535", "not a slot" },
	{ "--slot 16", "not a slot: 0 for the first, at most 15" },
	{ "--slot 15 -t handler_test -t handler_test", "card 2 would be in slot 16" },
	{ "-H localhost:35963", "write --hostname localhost --port 35963" },
	{ "-H [::1]:35963", "without brackets" },
	{ "-t iso7816 --reader x", "--reader is an option of type relay, not of type iso7816" },
	{ "--reader x", "--reader is an option of type relay, not of type iso7816" },
	{ "--shared -t handler_test",
	  "--shared is an option of type relay, not of type handler_test" },
	{ "--shared -t relay -t iso7816", "not of type iso7816" },
	{ "-t relay --reader=", "--reader needs the number of a PC/SC reader" },
	{ "-t relay --reader", "--reader needs a value: READER" },
	{ "-t relay --shared=yes", "--shared takes no value" },
	{ "--reader x -t relay -t relay", "after its -t" },
	{ "-t handler_test -P 65535 --slot 1", "more than 65535" },
	{ "-P 65535 -t handler_test -t handler_test", "more than 65535" },
	{ "-H ''", "--hostname is empty" },
	{ "--unix ''", "--unix is empty" },
	{ "--unix /1234567890/1234567890/1234567890/1234567890/1234567890/1234567890/1234567890/1234567890/"
	  "1234567890/123456789",
	  "too long" },
	{ "-t handler_test --slot 1 --unix /1234567890/1234567890/1234567890/1234567890/1234567890/1234567890/"
	  "1234567890/1234567890/1234567890/1234567",
	  "too long" },
	{ "--unix /s -P 4000", "choose" },
	{ "-t handler_test -H phone --unix /s", "choose" },
	{ "--atr 3B", "not an ATR" },
	{ "--atr xyz", "not hexadecimal" },
	{ "--atr ''", "1 to 33 bytes" },
	{ "--serial 3", "not hexadecimal" },
	{ "--serial 0102030405060708090A0B0C0D0E0F1011", "1 to 16 bytes" },
	{ "-t handler_test --atr 3B00", "an ATR of its own" },
	{ "-t handler_test -f card.json", "keeps nothing" },
	{ "-t handler_test --file=", "is empty" },
	{ "-t handler_test --mitm=", "no such program in PATH" },
	{ "-f card.json -t handler_test -t handler_test", "after its -t" },
	{ "-t handler_test --read-only", "needs --file" },
	{ "--volatile -t handler_test", "needs --file" },
	{ "-t handler_test --read-only --volatile", "choose" },
	{ "--import a", "type iso7816 has no place for keys" },
	{ "-t handler_test --import a", "type handler_test has no place for keys" },
	{ "-t myeid --generate 9A=p256", "type myeid has no places for keys" },
	{ "-t piv --generate 1 --generate 2 --generate 3 --generate 4 --generate 5 --generate 6 --generate 7 --generate 8 --generate 9 "
	  "--generate 10 --generate 11 --generate 12 --generate 13 --generate 14 --generate 15 --generate 16 --generate 17",
	  "--generate: at most 16 keys" },
	{ "-t piv --subject me", "--subject needs --import" },
	{ "-t piv --sm CS3", "--sm needs CS2 or CS7" },
	{ "-t piv --subject= --generate 9A=p256", "--subject wants a name" },
	{ "-t myeid --import=", "--import is empty" },
	{ "-t myeid --import 1 --import 2 --import 3 --import 4 --import 5 --import 6 --import 7 --import 8 --import 9 "
	  "--import 10 --import 11 --import 12 --import 13 --import 14 --import 15 --import 16 --import 17",
	  "at most 16" },
	{ "-t myeid --label x", "--label needs --import" },
	{ "-t myeid --import a --label a\x1b[31m",
	  "--label wants UTF-8 without control characters" },
	{ "-t myeid --import a --label a\xff", "--label wants UTF-8 without control characters" },
	{ "-t myeid --import a --label=", "--label is empty" },
	{ "-t myeid --force -f a", "--force needs --import" },
	{ "-t myeid --passphrase-file x", "--passphrase-file needs --import" },
	{ "-t myeid --pin-file x", "--pin-file needs --import" },
	{ "-t myeid --pad", "--pad needs --pin-file" },
	{ "-t myeid --pad --pin-file x --script y", "--pad needs a reader" },
	{ "-t myeid --pad --pin-file x --shared-port", "use vicc-pad --slot" },
	{ "-t myeid --pad --pin-file x --hostname there", "leave out --hostname" },
	{ "-t myeid -f a --read-only --import x", "--read-only would not write it" },
	{ "-t myeid -f a --volatile --import x", "--volatile would not write it" },
	{ "-t myeid --force --import x", "--force is about an image: it needs --file" },
	{ "-t myeid --keep --import x", "--keep is about an image: it needs --file" },
	{ "-t myeid --keep -f a", "--keep needs --import" },
	{ "-t myeid --keep --force -f a --import x", "choose" },
	{ "--import x -t myeid -t myeid", "after its -t" },
	{ "--label x -t myeid -t myeid", "after its -t" },
	{ "--script a --trace b", "--trace needs a conversation" },
	{ "--script a --record b", "--record needs a conversation" },
	{ "--trace-secrets", "--trace-secrets needs --trace" },
	{ "--check-image", "needs a value: FILE" },
	{ "--check-image=", "is empty" },
	{ "-t handler_test --serial 01", "no serial number" },
	{ "--atr 3B00 -t handler_test -t handler_test", "after its -t" },
	{ "--serial 01 -t handler_test -t handler_test", "after its -t" },
	{ "-R --shared-port -t handler_test -t handler_test", "a port of its own" },
	{ "--log", "--log needs a value" },
	{ "--log ''", "--log is empty" },
	{ "--once=1", "--once takes no value" },
	{ "--nonsense", "no option --nonsense" },
	{ "--ver", "more than one that begins so" },
	{ "-x", "no option -x" },
	{ "-vx", "no option -x" },
	{ "word", "\"word\" is not an option" },
	{ "-t handler_test word -v", "\"word\" is not an option" },
	{ "-t handler_test -- -v", "\"-v\" is not an option" },
	{ "--config /does/not/exist", "/does/not/exist" },
};

START_TEST(one_line_says_so)
{
	ck_assert_int_eq(parse(wrong[_i].line), -1);
	if (!strstr(cmd.error, wrong[_i].says))
		ck_abort_msg("%s: \"%s\", not \"%s\"", wrong[_i].line, cmd.error, wrong[_i].says);
	ck_assert_ptr_null(strchr(cmd.error, '\n'));
}
END_TEST

/* --- files ---------------------------------------------------------------- */

static char path[] = "/tmp/vicc-options-XXXXXX";

static int
parse_config(const char *text, const char *more)
{
	char line[256];
	int fd, rc;

	strcpy(path + strlen(path) - 6, "XXXXXX");
	fd = mkstemp(path);
	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	close(fd);
	snprintf(line, sizeof(line), "--config %s %s", path, more);
	rc = parse(line);
	unlink(path);
	return rc;
}

START_TEST(a_file)
{
	ck_assert_int_eq(parse_config("# a comment\n\n  port 4000\r\nhostname=phone\n--once\n"
				      "type\thandler_test\n--slot = 2\nverbose\ntype=handler_test", ""), 0);
	ck_assert_uint_eq(cmd.n_cards, 2);
	ck_assert_str_eq(text_of(0), "phone:4002");
	ck_assert_str_eq(text_of(1), "phone:4003");
	ck_assert_int_eq(cmd.cards[0].verbosity, LOG_INFO);
	ck_assert_int_eq(cmd.cards[1].verbosity, LOG_NOTICE);
	ck_assert(cmd.cards[1].where.once);
}
END_TEST

START_TEST(a_file_and_more)
{
	ck_assert_int_eq(parse_config("port 4000\n", "-t handler_test -P 5000"), 0);
	ck_assert_str_eq(text_of(0), "localhost:5000");
	options_free(&cmd);
	ck_assert_int_eq(parse_config("", "-t handler_test"), 0);
	ck_assert_str_eq(text_of(0), "localhost:35963");
}
END_TEST

static const struct {
	const char *text, *says;
} wrong_files[] = {
	{ "once\nport 70000\n", ":2: --port \"70000\"" },
	{ "nonsense\n", ":1: there is no option \"nonsense\"" },
	{ "-P 4000\n", ":1: there is no option \"-P\"" },
	{ "onc\n", ":1: there is no option \"onc\"" },
	{ "\nport\n", ":2: port needs a value" },
	{ "once 1\n", ":1: once takes no value" },
	{ "type relay\nreader =\n", ":2: reader needs a value" },
	{ "type iso7816\nreader 1\n", ":2: --reader is an option of type relay" },
	{ "config /etc/passwd\n", ":1: a --config file cannot name another" },
	{ "=\n", ":1: there is no option \"\"" },
};

START_TEST(a_wrong_file)
{
	ck_assert_int_eq(parse_config(wrong_files[_i].text, "-t handler_test"), -1);
	if (!strstr(cmd.error, wrong_files[_i].says))
		ck_abort_msg("\"%s\", not \"%s\"", cmd.error, wrong_files[_i].says);
	ck_assert_ptr_null(strchr(cmd.error, '\n'));
}
END_TEST

/* Where it is wrong goes first, unless that leaves no room for what is. */
START_TEST(a_file_far_away)
{
	static char folders[1024], line[1200];
	int fd;

	while (strlen(folders) < 600)
		strcat(folders, "/.");
	strcpy(path + strlen(path) - 6, "XXXXXX");
	fd = mkstemp(path);
	ck_assert_int_eq(write(fd, "nonsense\n", 9), 9);
	close(fd);
	snprintf(line, sizeof(line), "--config /tmp%s%s", folders, path + strlen("/tmp"));
	ck_assert_int_eq(parse(line), -1);
	ck_assert_int_eq(strncmp(cmd.error, "there is no option \"nonsense\"", 29), 0);
	unlink(path);
}
END_TEST

START_TEST(a_folder)
{
	ck_assert_int_eq(parse("--config /"), -1);
	ck_assert_ptr_nonnull(strstr(cmd.error, "cannot read --config \"/\""));
}
END_TEST

/* --- help ----------------------------------------------------------------- */

START_TEST(help)
{
	static char text[8192];
	FILE *f = fmemopen(text, sizeof(text), "w");
	const char *line, *end;

	options_help(f);
	fclose(f);
	ck_assert_ptr_nonnull(strstr(text, "\nThe card:\n  -t, --type TYPE"));
	ck_assert_ptr_nonnull(strstr(text, "\nThe reader:\n  -H, --hostname HOST"));
	ck_assert_ptr_nonnull(strstr(text, "\nOnly of type relay:\n      --reader READER"));
	ck_assert_ptr_nonnull(strstr(text, "Options after -t apply to that card"));
	ck_assert_ptr_nonnull(strstr(text, "      --config FILE"));
	for (line = text; *line; line = end + 1) {
		end = strchr(line, '\n');
		ck_assert_ptr_nonnull(end);
		ck_assert_int_le(end - line, 80);
	}
}
END_TEST

START_TEST(middle_men)
{
	right("--mitm /bin/cat -t handler_test --mitm /bin/sh --mitm-deadline 70 -t handler_test");
	ck_assert_uint_eq(cmd.cards[0].n_mitms, 2);
	ck_assert_str_eq(cmd.cards[0].mitms[0].path, "/bin/cat");
	ck_assert_ptr_null(cmd.cards[0].mitms[0].module);
	ck_assert_str_eq(cmd.cards[0].mitms[1].path, "/bin/sh");
	ck_assert_int_eq(cmd.cards[0].mitm_deadline, 70);
	ck_assert_uint_eq(cmd.cards[1].n_mitms, 1);
	ck_assert_int_eq(cmd.cards[1].mitm_deadline, 5000);
}
END_TEST

START_TEST(types)
{
	static char text[8192];
	FILE *f = fmemopen(text, sizeof(text), "w");

	options_types(&(struct command) { .n_cards = 0 }, f);
	fclose(f);
	ck_assert_ptr_nonnull(strstr(text, "handler_test   the test card"));
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("options");

	tcase_add_checked_fixture(tc, NULL, teardown);
	tcase_add_test(tc, by_itself);
	tcase_add_loop_test(tc, everything, 0, sizeof(all) / sizeof(all[0]));
	tcase_add_test(tc, verbosity);
	tcase_add_test(tc, images);
	tcase_add_test(tc, imports);
	tcase_add_test(tc, other_actions);
	tcase_add_test(tc, a_socket);
	tcase_add_test(tc, an_address_of_six);
	tcase_add_test(tc, the_next_slot);
	tcase_add_test(tc, where_each_is);
	tcase_add_test(tc, one_port_for_all);
	tcase_add_test(tc, before_and_after);
	tcase_add_test(tc, of_a_type);
	tcase_add_loop_test(tc, one_line_says_so, 0, sizeof(wrong) / sizeof(wrong[0]));
	tcase_add_test(tc, a_file);
	tcase_add_test(tc, a_file_and_more);
	tcase_add_loop_test(tc, a_wrong_file, 0, sizeof(wrong_files) / sizeof(wrong_files[0]));
	tcase_add_test(tc, a_file_far_away);
	tcase_add_test(tc, a_folder);
	tcase_add_test(tc, help);
	tcase_add_test(tc, middle_men);
	tcase_add_test(tc, types);
	return run("options", tc);
}
