/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A slot with a PIN pad: a client's request on a thread, its card and the pad's programs
 * played here.
 */
#include <pthread.h>
#include <stdio.h>

#include "peer.h"
#include "slot.h"

/* 4 to 8 digits, and so many seconds until the first and until each further one. */
#define VERIFY(first, next) \
	first next "\x82\x08\x00\x08\x04\x02\x00\x00\x00\x00\x00\x00\x00\x0d\x00\x00\x00" \
		   "\x00\x20\x00\x01\x08\xff\xff\xff\xff\xff\xff\xff\xff"
#define CHANGE \
	"\x1e\x1e\x02\x08\x00\x00\x08\x08\x04\x03\x02\x00\x00\x00\x00\x01\x02\x00\x00\x00\x15\x00\x00\x00" \
	"\x00\x24\x00\x01\x10\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff"
#define LONG_VERIFY VERIFY("\x1e", "\x1e")
#define ASKED \
	"ask 1 verify slot=0 ins=20 ref=01 min=4 max=8 first=30 next=30 end=02 want=pin texts=00 lang=0000 " \
	"display=0\n"
#define ASKED_NEW \
	"ask 1 modify slot=0 ins=24 ref=01 min=4 max=8 first=30 next=30 end=02 want=old,new,again " \
	"texts=00 lang=0000 display=0\n"
#define SENT \
	"\x00\x0d\x00\x20\x00\x01\x08" \
	"123456\xff\xff"

static char dir[] = "/tmp/padXXXXXX";
static struct reader *reader;
static struct slot *slot;
static int card;

static const char *
path(const char *suffix)
{
	static char text[64];

	snprintf(text, sizeof(text), "%s/s%s", dir, suffix);
	return text;
}

static void
open_reader(const char *options)
{
	char text[128], error[256];
	unsigned k;

	reader = calloc(1, sizeof(*reader));
	snprintf(text, sizeof(text), "unix:%s%s", path(""), options);
	ck_assert_msg(name_parse(&reader->name, text, error, sizeof(error)) == 0, "%s", error);
	atomic_store(&reader->polled, true);
	for (k = 0; k < reader->name.slots; k++)
		ck_assert_int_eq(slot_open(&reader->slots[k], reader, k), 0);
	slot = &reader->slots[0];
}

static void
close_reader(void)
{
	unsigned k;

	for (k = reader->name.slots; k-- > 0;)
		slot_free(&reader->slots[k]);
	free(reader);
}

static int
insert(struct slot *s, const char *suffix)
{
	int fd = peer_connect_unix(path(suffix));

	ck_assert_int_ge(fd, 0);
	peer_say(fd, BYTES(PEER_ATR));
	while (!slot_present(s))
		slot_wait(s, 20000);
	peer_expect(fd, BYTES("\x00\x01\x04"));
	return fd;
}

static void
setup(void)
{
	strcpy(dir, "/tmp/padXXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(dir));
	open_reader("/slots=2/pad=1/timeout=5");
	card = insert(slot, "");
}

static void
teardown(void)
{
	close(card);
	close_reader();
	/* it has removed its sockets */
	ck_assert_int_eq(rmdir(dir), 0);
}

/* --- a request ------------------------------------------------------------ */

struct request {
	struct slot *slot;
	bool modify;
	const void *in;
	size_t in_len;
	pthread_t thread;
	int rc;
	uint8_t rsp[64];
	size_t len;
	int64_t ms;
};

static void *
enter(void *arg)
{
	struct request *r = arg;
	int64_t start = wire_now();

	r->len = sizeof(r->rsp);
	r->rc = slot_enter_pin(r->slot, r->modify, r->in, r->in_len, r->rsp, &r->len);
	r->ms = wire_now() - start;
	return NULL;
}

static void
begin(struct request *r, bool modify, const void *in, size_t len)
{
	*r = (struct request) { .slot = slot, .modify = modify, .in = in, .in_len = len };
	pthread_create(&r->thread, NULL, enter, r);
}

static void
expect(struct request *r, const void *rsp, size_t len)
{
	pthread_join(r->thread, NULL);
	ck_assert_int_eq(r->rc, 0);
	ck_assert_uint_eq(r->len, len);
	ck_assert_mem_eq(r->rsp, rsp, len);
}

static void
expect_error(struct request *r, int rc)
{
	pthread_join(r->thread, NULL);
	ck_assert_int_eq(r->rc, rc);
	ck_assert_uint_eq(r->len, 0);
}

static int
pad(void)
{
	int fd = peer_connect_unix(path(".pad"));

	ck_assert_int_ge(fd, 0);
	return fd;
}

static void
say(int fd, const char *line)
{
	peer_say(fd, line, strlen(line));
}

/* A line, which is longer than what peer_expect has room for. */
static void
hears(int fd, const char *wanted)
{
	char got[PADLINE_SIZE] = "";
	size_t n = 0;

	while (n < sizeof(got) - 1 && (n == 0 || got[n - 1] != '\n')) {
		ck_assert(peer_readable(fd, PEER_PATIENCE_MS));
		ck_assert_int_eq(recv(fd, got + n++, 1, 0), 1);
	}
	ck_assert_str_eq(got, wanted);
}

/* Nothing of a request is left in the slot. */
static void
expect_wiped(void)
{
	static const struct pad_answer no_answer;
	static const struct pinblock no_block;
	const uint8_t *rx;

	ck_assert_int_eq(slot->pad.fd, -1);
	ck_assert_uint_eq(slot->pad.have, 0);
	ck_assert_mem_eq(slot->pad.line, (char[PADLINE_SIZE]) { 0 }, PADLINE_SIZE);
	ck_assert_mem_eq(&slot->pad.answer, &no_answer, sizeof(no_answer));
	ck_assert_mem_eq(&slot->pad.block, &no_block, sizeof(no_block));
	for (rx = slot->rx; rx < slot->rx + 64; rx++)
		ck_assert_uint_eq(*rx, 0);
}

/* --- what is right -------------------------------------------------------- */

START_TEST(a_pin_is_verified)
{
	struct request r;
	int p = pad();

	begin(&r, false, BYTES(LONG_VERIFY));
	hears(p, ASKED);
	say(p, "key\nkey\n");
	say(p, "pin 123456\n");
	peer_expect(card, BYTES(SENT));
	peer_say(card, BYTES("\x00\x02\x90\x00"));
	expect(&r, BYTES("\x90\x00"));
	hears(p, "done 9000\n");
	peer_expect_end(p);
	close(p);
	expect_wiped();
}
END_TEST

START_TEST(a_pin_is_changed)
{
	struct request r;
	int p;

	begin(&r, true, BYTES(CHANGE));
	p = pad();
	hears(p, ASKED_NEW);
	say(p, "pin 1234 56789 56789\n");
	peer_expect(card, BYTES("\x00\x15\x00\x24\x00\x01\x10"
				"1234\xff\xff\xff\xff"
				"56789\xff\xff\xff"));
	peer_say(card, BYTES("\x00\x02\x63\xc2"));
	expect(&r, BYTES("\x63\xc2"));
	hears(p, "done 63C2\n");
	close(p);
}
END_TEST

/* The card is not asked for any of these. */
START_TEST(what_the_reader_answers)
{
	static const struct {
		bool modify;
		const char *says, *done, *rsp;
	} rows[] = {
		{ false, "cancel\n", "done 6401\n", "\x64\x01" },
		{ false, "sw 63C1\n", "done 63C1\n", "\x63\xc1" },
		{ false, "sw 6100\n", "done 6100\n", "\x61\x00" },
		{ false, "pin 123\n", "done 6403\n", "\x64\x03" },
		{ false, "pin 123456789\n", "done 6403\n", "\x64\x03" },
		{ true, "pin 1234 5678 5679\n", "done 6402\n", "\x64\x02" },
		{ true, "pin 1234 567 567\n", "done 6403\n", "\x64\x03" },
	};
	struct request r;
	int p = pad();

	if (rows[_i].modify)
		begin(&r, true, BYTES(CHANGE));
	else
		begin(&r, false, BYTES(LONG_VERIFY));
	say(p, rows[_i].says);
	expect(&r, rows[_i].rsp, 2);
	hears(p, rows[_i].modify ? ASKED_NEW : ASKED);
	hears(p, rows[_i].done);
	peer_expect_silence(card);
	close(p);
	expect_wiped();
}
END_TEST

START_TEST(what_is_refused_without_asking)
{
	struct request r;
	uint8_t rsp[2];
	size_t len = 1;
	int p = pad();

	begin(&r, false,
	      BYTES("\x1e\x1e\x82\x00\x00\x08\x04\x02\x00\x00\x00\x00\x00\x00\x00\x05\x00\x00\x00"
		    "\x00\xd6\x00\x01\x00"));
	expect(&r, BYTES("\x6b\x80"));
	begin(&r, true, BYTES("\x1e"));
	expect_error(&r, -ENOTSUP);
	begin(&r, false, NULL, 0);
	expect_error(&r, -ENOTSUP);
	ck_assert_int_eq(slot_enter_pin(slot, false, (const uint8_t *)LONG_VERIFY,
					sizeof(LONG_VERIFY) - 1, rsp, &len),
			 -ENOSPC);
	peer_expect_silence(p);
	peer_expect_silence(card);
	close(p);
}
END_TEST

/* --- time ----------------------------------------------------------------- */

START_TEST(nobody_at_the_pad)
{
	struct request r;

	begin(&r, false, BYTES(VERIFY("\x01", "\x00")));
	expect(&r, BYTES("\x64\x00"));
	ck_assert_int_ge(r.ms, 900);
	peer_expect_silence(card);
}
END_TEST

START_TEST(somebody_who_does_not_type)
{
	struct request r;
	int p = pad();

	begin(&r, false, BYTES(VERIFY("\x01", "\x1e")));
	hears(p,
	      "ask 1 verify slot=0 ins=20 ref=01 min=4 max=8 first=1 next=30 end=02 want=pin texts=00 lang=0000 "
	      "display=0\n");
	expect(&r, BYTES("\x64\x00"));
	hears(p, "stop time\n");
	peer_expect_end(p);
	close(p);
}
END_TEST

/* The second time begins with each key: five seconds after the last, and not the first, of three. */
START_TEST(somebody_who_types_slowly)
{
	struct request r;
	int64_t last = 0;
	int p = pad(), i;

	begin(&r, false, BYTES(VERIFY("\x1e", "\x05")));
	for (i = 0; i < 3; i++) {
		usleep(500000);
		last = wire_now();
		say(p, "key\n");
	}
	expect(&r, BYTES("\x64\x00"));
	ck_assert_int_ge(wire_now() - last, 5000);
	ck_assert_int_lt(r.ms, 30000);
	close(p);
}
END_TEST

/* --- pads that are of no use ---------------------------------------------- */

static const char *const nonsense[] = {
	"pin\n",
	"pin 12a4\n",
	"hello\n",
	"pin 1234 5678\n",
	"\n",
	"pin 1234\npin 1234\n",
	"cancel\nkey\n",
	"sw 9000\nsw 9000\n",
	"key",
	"pin 1234\nx",
	"KEY\n",
	"sw 99\n",
	"sw 0000\n",
	"pin 1234567890123456789012345678901234567890123456789012345678901234\n",
};

START_TEST(one_that_talks_nonsense)
{
	struct request r;
	int bad = pad(), good = pad();

	say(bad, nonsense[_i]);
	shutdown(bad, SHUT_WR);
	begin(&r, false, BYTES(LONG_VERIFY));
	hears(good, ASKED);
	peer_expect_end(bad);
	say(good, "pin 123456\n");
	peer_expect(card, BYTES(SENT));
	peer_say(card, BYTES("\x00\x02\x90\x00"));
	expect(&r, BYTES("\x90\x00"));
	close(bad);
	close(good);
	expect_wiped();
}
END_TEST

/* Bytes that are no text, a line without an end, keys without an end. */
START_TEST(one_that_floods)
{
	char junk[3][4096];
	struct request r;
	int bad = pad(), good = pad();
	size_t i;

	memset(junk[0], '\0', sizeof(junk[0]));
	memset(junk[1], '7', sizeof(junk[1]));
	for (i = 0; i < sizeof(junk[2]); i++)
		junk[2][i] = "key\n"[i % 4];
	peer_say(bad, junk[_i], sizeof(junk[_i]));
	begin(&r, false, BYTES(LONG_VERIFY));
	hears(good, ASKED);
	say(good, "cancel\n");
	expect(&r, BYTES("\x64\x01"));
	close(bad);
	close(good);
	expect_wiped();
}
END_TEST

START_TEST(dead_ones_first_and_one_that_comes_late)
{
	struct request r;
	int i, p;

	for (i = 0; i < 20; i++)
		close(pad());
	begin(&r, false, BYTES(LONG_VERIFY));
	usleep(100000);
	p = pad();
	hears(p, ASKED);
	say(p, "cancel\n");
	expect(&r, BYTES("\x64\x01"));
	close(p);
}
END_TEST

START_TEST(one_that_dies_while_typing)
{
	struct request r;
	int p = pad(), next;

	begin(&r, false, BYTES(LONG_VERIFY));
	hears(p, ASKED);
	say(p, "key\nkey\npin 12");
	close(p);
	next = pad();
	hears(next, ASKED);
	say(next, "pin 123456\n");
	peer_expect(card, BYTES(SENT));
	peer_say(card, BYTES("\x00\x02\x90\x00"));
	expect(&r, BYTES("\x90\x00"));
	close(next);
}
END_TEST

START_TEST(letter_by_letter)
{
	const char *c;
	struct request r;
	int p = pad();

	begin(&r, false, BYTES(LONG_VERIFY));
	for (c = "key\npin 123456\n"; *c; c++) {
		peer_say(p, c, 1);
		usleep(2000);
	}
	peer_expect(card, BYTES(SENT));
	peer_say(card, BYTES("\x00\x02\x90\x00"));
	expect(&r, BYTES("\x90\x00"));
	close(p);
}
END_TEST

START_TEST(no_descriptor_for_one)
{
	struct rlimit was;
	struct request r;
	int p = pad();

	was = peer_no_descriptors();
	begin(&r, false, BYTES(LONG_VERIFY));
	peer_expect_silence(p);
	setrlimit(RLIMIT_NOFILE, &was);
	hears(p, ASKED);
	say(p, "cancel\n");
	expect(&r, BYTES("\x64\x01"));
	close(p);
}
END_TEST

/* --- cards and slots that go ---------------------------------------------- */

START_TEST(the_card_is_taken_out)
{
	struct request r;
	int64_t then;
	int p = pad();

	begin(&r, false, BYTES(LONG_VERIFY));
	hears(p, ASKED);
	then = wire_now();
	shutdown(card, SHUT_RDWR);
	expect_error(&r, -ENODEV);
	ck_assert_int_lt(wire_now() - then, 20000);
	hears(p, "stop card\n");
	peer_expect_end(p);
	close(p);
	expect_wiped();
}
END_TEST

static void *
wait_for_news(void *arg)
{
	slot_wait(arg, 20000);
	return NULL;
}

/* pcscd waits for the card meanwhile, and is told as soon. */
START_TEST(the_card_is_taken_out_and_all_see_it)
{
	struct request r;
	pthread_t waiting;
	int p = pad();

	pthread_create(&waiting, NULL, wait_for_news, slot);
	begin(&r, false, BYTES(LONG_VERIFY));
	hears(p, ASKED);
	shutdown(card, SHUT_RDWR);
	pthread_join(waiting, NULL);
	expect_error(&r, -ENODEV);
	hears(p, "stop card\n");
	ck_assert(!slot_present(slot));
	close(p);
	/* and another one is let in */
	close(card);
	card = insert(slot, "");
	p = pad();
	begin(&r, false, BYTES(LONG_VERIFY));
	hears(p, ASKED);
	say(p, "cancel\n");
	expect(&r, BYTES("\x64\x01"));
	close(p);
}
END_TEST

START_TEST(no_card)
{
	struct request r;
	int p = pad();

	shutdown(card, SHUT_RDWR);
	begin(&r, false, BYTES(LONG_VERIFY));
	expect_error(&r, -ENODEV);
	peer_expect_silence(p);
	close(p);
}
END_TEST

START_TEST(the_reader_is_closed)
{
	struct request r;
	int p = pad();

	begin(&r, false, BYTES(LONG_VERIFY));
	hears(p, ASKED);
	slot_shut(slot);
	expect_error(&r, -ENODEV);
	hears(p, "stop end\n");
	close(p);
}
END_TEST

START_TEST(the_card_speaks_meanwhile)
{
	struct request r;
	int p = pad();

	begin(&r, false, BYTES(LONG_VERIFY));
	hears(p, ASKED);
	peer_say(card, BYTES("\x00\x02\x90\x00"));
	say(p, "pin 123456\n");
	expect_error(&r, -ENODEV);
	hears(p, "stop card\n");
	close(p);
	expect_wiped();
}
END_TEST

START_TEST(the_card_answers_nonsense)
{
	struct request r;
	int p = pad();

	begin(&r, false, BYTES(LONG_VERIFY));
	say(p, "pin 123456\n");
	peer_expect(card, BYTES(SENT));
	peer_say(card, BYTES("\x00\x01\x90"));
	expect_error(&r, -ENODEV);
	hears(p, ASKED);
	hears(p, "stop card\n");
	close(p);
}
END_TEST

START_TEST(two_slots_at_once)
{
	struct request r[2];
	struct slot *first = slot;
	int p = pad(), p1 = peer_connect_unix(path(".1.pad")),
	    card1 = insert(&reader->slots[1], ".1");

	begin(&r[0], false, BYTES(LONG_VERIFY));
	hears(p, ASKED);
	slot = &reader->slots[1];
	begin(&r[1], false, BYTES(LONG_VERIFY));
	hears(p1,
	      "ask 1 verify slot=1 ins=20 ref=01 min=4 max=8 first=30 next=30 end=02 want=pin texts=00 lang=0000 "
	      "display=0\n");
	say(p1, "cancel\n");
	expect(&r[1], BYTES("\x64\x01"));
	slot = first;
	say(p, "sw 6985\n");
	expect(&r[0], BYTES("\x69\x85"));
	close(p);
	close(p1);
	close(card1);
}
END_TEST

/* --- its socket ----------------------------------------------------------- */

START_TEST(its_socket)
{
	ck_assert_uint_eq(mode_of(path(".pad")), 0600);
	close_reader();
	open_reader("/slots=1/pad=display/mode=0660");
	ck_assert_uint_eq(mode_of(path(".pad")), 0660);
	close(card);
	card = insert(slot, "");
}
END_TEST

START_TEST(its_socket_is_taken)
{
	struct request r;
	int other, p;

	close_reader();
	other = net_listen_unix(path(".pad"), 0600, (gid_t)-1);
	ck_assert_int_ge(other, 0);
	open_reader("/slots=1/pad=display");
	close(card);
	card = insert(slot, "");
	begin(&r, false, BYTES(VERIFY("\x01", "\x00")));
	expect(&r, BYTES("\x64\x00"));
	close(other);
	begin(&r, false, BYTES(LONG_VERIFY));
	while ((p = peer_connect_unix(path(".pad"))) < 0)
		usleep(1000);
	hears(p,
	      "ask 1 verify slot=0 ins=20 ref=01 min=4 max=8 first=30 next=30 end=02 want=pin texts=00 lang=0000 "
	      "display=1\n");
	say(p, "cancel\n");
	expect(&r, BYTES("\x64\x01"));
	close(p);
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("pad");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, a_pin_is_verified);
	tcase_add_test(tc, a_pin_is_changed);
	tcase_add_loop_test(tc, what_the_reader_answers, 0, 7);
	tcase_add_test(tc, what_is_refused_without_asking);
	tcase_add_test(tc, nobody_at_the_pad);
	tcase_add_test(tc, somebody_who_does_not_type);
	tcase_add_test(tc, somebody_who_types_slowly);
	tcase_add_loop_test(tc, one_that_talks_nonsense, 0,
			    (int)(sizeof(nonsense) / sizeof(nonsense[0])));
	tcase_add_loop_test(tc, one_that_floods, 0, 3);
	tcase_add_test(tc, dead_ones_first_and_one_that_comes_late);
	tcase_add_test(tc, one_that_dies_while_typing);
	tcase_add_test(tc, letter_by_letter);
	tcase_add_test(tc, no_descriptor_for_one);
	tcase_add_test(tc, the_card_is_taken_out);
	tcase_add_test(tc, the_card_is_taken_out_and_all_see_it);
	tcase_add_test(tc, no_card);
	tcase_add_test(tc, the_reader_is_closed);
	tcase_add_test(tc, the_card_speaks_meanwhile);
	tcase_add_test(tc, the_card_answers_nonsense);
	tcase_add_test(tc, two_slots_at_once);
	tcase_add_test(tc, its_socket);
	tcase_add_test(tc, its_socket_is_taken);
	return run("pad", tc);
}
