/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <pthread.h>
#include <signal.h>
#include <stdio.h>

#include "peer.h"
#include "slot.h"

static struct reader *reader;
static struct slot *slot; /* the first */
static uint16_t port;

/* --- allocations of the driver, counted (-Wl,--wrap=malloc and kin) --------- */

static atomic_uint allocations;

void *__real_malloc(size_t n);
void *__real_calloc(size_t n, size_t size);
void *__real_realloc(void *p, size_t n);
void *__wrap_malloc(size_t n);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_realloc(void *p, size_t n);

void *
__wrap_malloc(size_t n)
{
	allocations++;
	return __real_malloc(n);
}

void *
__wrap_calloc(size_t n, size_t size)
{
	allocations++;
	return __real_calloc(n, size);
}

void *
__wrap_realloc(void *p, size_t n)
{
	allocations++;
	return __real_realloc(p, n);
}

/* --- a card on a thread of its own ---------------------------------------- */

/* It answers one frame after the other with these bytes, as they are. */
struct answer {
	const char *bytes; /* NULL: the end of the connection instead */
	size_t len;
	bool ends; /* the connection, after this */
};

static struct card {
	int fd;
	pthread_t thread;
	const struct answer *next;
	uint8_t heard[64]; /* the first bytes of all that it was sent */
	size_t heard_len;
} card;

static bool
hear(size_t n)
{
	static uint8_t some[65536];
	ssize_t got;

	for (; n > 0; n -= (size_t)got) {
		got = recv(card.fd, some, n < sizeof(some) ? n : sizeof(some), 0);
		if (got <= 0)
			return false;
		if (card.heard_len + (size_t)got <= sizeof(card.heard)) {
			memcpy(card.heard + card.heard_len, some, (size_t)got);
			card.heard_len += (size_t)got;
		}
	}
	return true;
}

/* One frame. Returns its length; 0: the reader has left. */
static size_t
hear_frame(uint8_t *first)
{
	uint8_t header[2];
	size_t n;

	if (recv(card.fd, header, 2, MSG_PEEK | MSG_WAITALL) != 2 || !hear(2))
		return 0;
	n = (size_t)header[0] << 8 | header[1];
	if (recv(card.fd, first, 1, MSG_PEEK) != 1 || !hear(n))
		return 0;
	return n;
}

static void *
play(void *arg)
{
	const struct answer *a;
	uint8_t first;
	size_t n;

	(void)arg;
	while ((n = hear_frame(&first)) > 0) {
		if (n == 1 && first != WIRE_ATR)
			continue;
		a = card.next++;
		if (!a->bytes)
			break;
		if (a->len > 0 && send(card.fd, a->bytes, a->len, MSG_NOSIGNAL) < 0)
			break;
		if (a->ends)
			break;
	}
	shutdown(card.fd, SHUT_WR);
	return NULL;
}

/* From now on the card plays these answers; the last one is { NULL, 0, true }. */
static void
plays(const struct answer *answers)
{
	card.next = answers;
	pthread_create(&card.thread, NULL, play, NULL);
}

static void
has_played(void)
{
	pthread_join(card.thread, NULL);
}

/* --- the slot ------------------------------------------------------------- */

static void
make_reader(const char *options)
{
	char text[128], error[256];
	unsigned k;

	port = free_ports(4);
	snprintf(text, sizeof(text), "listen:127.0.0.1:%u%s", port, options);
	ck_assert_msg(name_parse(&reader->name, text, error, sizeof(error)) == 0, "%s", error);
	for (k = 0; k < reader->name.slots; k++)
		ck_assert_int_eq(slot_open(&reader->slots[k], reader, k), 0);
}

static void
setup(void)
{
	reader = calloc(1, sizeof(*reader));
	ck_assert_ptr_nonnull(reader);
	atomic_store(&reader->polled, true);
	slot = &reader->slots[0];
	card = (struct card) { .fd = -1 };
	make_reader("/slots=1");
}

static void
free_reader(void)
{
	unsigned k;

	for (k = reader->name.slots; k-- > 0;)
		slot_free(&reader->slots[k]);
}

static void
teardown(void)
{
	free_reader();
	free(reader);
	if (card.fd >= 0)
		close(card.fd);
}

/* The same with other options. */
static void
remake(const char *options)
{
	free_reader();
	memset(reader->slots, 0, sizeof(reader->slots));
	make_reader(options);
}

/* One round of the host's status thread. */
static bool
round_of(struct slot *s)
{
	bool present = slot_present(s);

	slot_wait(s, 200);
	return present;
}

static void
await_presence(struct slot *s, bool wanted)
{
	int64_t end = wire_now() + PEER_PATIENCE_MS;

	while (round_of(s) != wanted)
		ck_assert_int_lt(wire_now(), end);
}

/* A card that has come in, its get ATR taken off the wire. */
static int
insert(struct slot *s, uint16_t at)
{
	int fd = peer_connect(at);

	ck_assert_int_ge(fd, 0);
	peer_say(fd, BYTES(PEER_ATR)); /* it is early: the door takes it all the same */
	await_presence(s, true);
	peer_expect(fd, BYTES("\x00\x01\x04"));
	return fd;
}

static void
insert_card(void)
{
	card.fd = insert(slot, port);
}

static int
say_command(size_t *len, uint8_t *rsp)
{
	static const uint8_t cmd[] = { 0x00, 0xa4, 0x00, 0x00 };

	return slot_transmit(slot, cmd, sizeof(cmd), rsp, len);
}

static void
expect_wiped(void)
{
	size_t i;

	for (i = 0; i < sizeof(slot->rx); i++)
		ck_assert_uint_eq(slot->rx[i], 0);
	ck_assert_uint_eq(wire_pending(&slot->in), 0);
}

START_TEST(an_empty_slot)
{
	uint8_t atr[ATR_MAX], rsp[16];
	size_t len = sizeof(atr);

	ck_assert(!slot_present(slot));
	ck_assert_uint_eq(slot_atr(slot, atr), 0);
	ck_assert_int_eq(slot_power_up(slot, WIRE_POWER_ON, atr, &len), -ENODEV);
	ck_assert_uint_eq(len, 0);
	ck_assert_int_eq(slot_power_off(slot), 0);
	len = sizeof(rsp);
	ck_assert_int_eq(say_command(&len, rsp), -ENODEV);
	ck_assert_uint_eq(len, 0);
	len = sizeof(rsp);
	ck_assert_int_eq(slot_transmit(slot, rsp, 1, rsp, &len), -ENODEV);
	ck_assert(!slot_set_protocol(slot, 0));
}
END_TEST

START_TEST(a_card_comes_and_goes)
{
	uint8_t atr[ATR_MAX];

	insert_card();
	ck_assert_uint_eq(slot_atr(slot, atr), PEER_ATR_LEN);
	ck_assert_mem_eq(atr, &PEER_ATR[2], PEER_ATR_LEN);
	close(card.fd);
	card.fd = -1;
	await_presence(slot, false);
	ck_assert_uint_eq(slot_atr(slot, atr), 0);
	insert_card();
}
END_TEST

START_TEST(a_card_that_left_unseen_is_absent)
{
	insert_card();
	shutdown(card.fd, SHUT_WR);
	/* nobody has waited since: the socket says so itself */
	ck_assert(!slot_present(slot));
}
END_TEST

START_TEST(command_and_answer)
{
	const struct answer answers[] = { { BYTES("\x00\x04\xca\xfe\x90\x00"), false },
					  { NULL, 0, true } };
	uint8_t rsp[16];
	size_t len = sizeof(rsp);

	insert_card();
	plays(answers);
	ck_assert_int_eq(say_command(&len, rsp), 0);
	ck_assert_uint_eq(len, 4);
	ck_assert_mem_eq(rsp, "\xca\xfe\x90\x00", 4);
	ck_assert_mem_eq(card.heard, "\x00\x04\x00\xa4\x00\x00", 6);
	expect_wiped();
	slot_shut(slot);
	has_played();
}
END_TEST

START_TEST(an_exchange_allocates_nothing)
{
	const struct answer answers[] = {
		{ BYTES("\x00\x05\x3b\x80\x80\x01\x01"), false },
		{ BYTES("\x00\x02\x90\x00"), false },
		{ NULL, 0, true },
	};
	uint8_t rsp[16], atr[ATR_MAX];
	size_t len = sizeof(rsp), atr_len;
	unsigned before = allocations, during;
	void *volatile p = calloc(1, 1);
	int up, sent, off;
	bool present;

	free(p);
	ck_assert_uint_gt(allocations, before); /* they are counted */
	insert_card();
	plays(answers);
	before = allocations; /* check's own do not count: nothing is asserted meanwhile */
	up = slot_power_up(slot, WIRE_POWER_ON, atr, &atr_len);
	sent = say_command(&len, rsp);
	off = slot_power_off(slot);
	present = slot_present(slot);
	during = allocations - before;
	ck_assert(up == 0 && sent == 0 && off == 0 && present);
	ck_assert_uint_eq(during, 0);
	slot_shut(slot);
	has_played();
}
END_TEST

START_TEST(the_largest_answer_and_command)
{
	static char big[2 + WIRE_BODY_MAX] = { '\xff', '\xff', 'a' };
	static uint8_t cmd[WIRE_BODY_MAX], rsp[WIRE_BODY_MAX + 13];
	const struct answer answers[] = { { big, sizeof(big), false },
					  { big, sizeof(big), false },
					  { NULL, 0, true } };
	size_t len = sizeof(rsp);

	insert_card();
	plays(answers);
	cmd[1] = 1;
	ck_assert_int_eq(slot_transmit(slot, cmd, sizeof(cmd), rsp, &len), 0);
	ck_assert_uint_eq(len, WIRE_BODY_MAX);
	ck_assert_mem_eq(rsp, big + 2, WIRE_BODY_MAX);
	/* one byte too many for the host */
	len = WIRE_BODY_MAX - 1;
	ck_assert_int_eq(slot_transmit(slot, cmd, sizeof(cmd), rsp, &len), -ENODEV);
	ck_assert_uint_eq(len, 0);
	has_played();
}
END_TEST

START_TEST(what_is_no_command)
{
	static uint8_t cmd[WIRE_BODY_MAX + 1];
	const struct answer answers[] = { { BYTES("\x00\x02\x90\x00"), false }, { NULL, 0, true } };
	uint8_t rsp[16];
	size_t len = sizeof(rsp);

	insert_card();
	ck_assert_int_eq(slot_transmit(slot, cmd, 0, rsp, &len), -EINVAL);
	ck_assert_uint_eq(len, 0);
	len = sizeof(rsp);
	ck_assert_int_eq(slot_transmit(slot, cmd, sizeof(cmd), rsp, &len), -EINVAL);
	ck_assert_uint_eq(len, 0);
	/* it would be a control on the wire */
	len = sizeof(rsp);
	ck_assert_int_eq(slot_transmit(slot, cmd, 1, rsp, &len), 0);
	ck_assert_uint_eq(len, 2);
	ck_assert_mem_eq(rsp, "\x67\x00", 2);
	peer_expect_silence(card.fd);
	/* and the card is still there */
	plays(answers);
	len = sizeof(rsp);
	ck_assert_int_eq(slot_transmit(slot, cmd, 2, rsp, &len), 0);
	slot_shut(slot);
	has_played();
}
END_TEST

/* Whatever is wrong with an answer to a host that has room for 8 bytes. */
static const struct answer bad_answers[] = {
	{ BYTES("\x00\x00"), false },                                /* empty */
	{ BYTES("\x00\x01\x90"), false },                            /* no whole status word */
	{ BYTES("\x00\x09" "1234567\x90\x00"), false },              /* too long */
	{ BYTES("\x00\x02\x90\x00\x00\x02\x90\x00"), false },        /* two of them */
	{ BYTES("\x00\x02\x90\x00\x00"), false },                    /* one, and a bit */
	{ BYTES("\x00\x03\x90\x00"), true },                         /* cut off in the body */
	{ BYTES("\x00\x02"), true },                                 /* before the body */
	{ BYTES("\x00"), true },                                     /* in the length */
	{ BYTES(""), true },                                         /* before anything */
};

START_TEST(a_bad_answer_is_none)
{
	const struct answer answers[] = { bad_answers[_i], { NULL, 0, true } };
	uint8_t rsp[8];
	size_t len = sizeof(rsp);

	insert_card();
	plays(answers);
	ck_assert_int_eq(say_command(&len, rsp), -ENODEV);
	ck_assert_uint_eq(len, 0);
	ck_assert(!slot_present(slot));
	expect_wiped();
	/* nor is it one to the next command */
	len = sizeof(rsp);
	ck_assert_int_eq(say_command(&len, rsp), -ENODEV);
	has_played();
}
END_TEST

static void *
answer_in_pieces(void *arg)
{
	static const char answer[] = "\x00\x04\xca\xfe\x90\x00";
	size_t i;

	(void)arg;
	peer_expect(card.fd, BYTES("\x00\x04\x00\xa4\x00\x00"));
	for (i = 0; i < sizeof(answer) - 1; i++) {
		peer_say(card.fd, answer + i, 1);
		usleep(2000);
	}
	return NULL;
}

START_TEST(an_answer_in_pieces)
{
	uint8_t rsp[16];
	size_t len = sizeof(rsp);
	pthread_t t;

	insert_card();
	pthread_create(&t, NULL, answer_in_pieces, NULL);
	ck_assert_int_eq(say_command(&len, rsp), 0);
	ck_assert_uint_eq(len, 4);
	ck_assert_mem_eq(rsp, "\xca\xfe\x90\x00", 4);
	pthread_join(t, NULL);
}
END_TEST

START_TEST(it_speaks_unasked)
{
	uint8_t rsp[16];
	size_t len = sizeof(rsp);

	insert_card();
	peer_say(card.fd, BYTES("\x00\x02\x90\x00"));
	ck_assert(slot_present(slot));
	ck_assert_int_eq(say_command(&len, rsp), -ENODEV);
	ck_assert_uint_eq(len, 0);
	ck_assert(!slot_present(slot));
	peer_expect_end(card.fd);
}
END_TEST

START_TEST(no_answer_in_time)
{
	const struct answer answers[] = { { BYTES("\x00\x04\x90"), false }, { NULL, 0, true } };
	int64_t start = wire_now();
	uint8_t rsp[16];
	size_t len = sizeof(rsp);

	remake("/slots=1/timeout=1");
	insert_card();
	plays(answers);
	ck_assert_int_eq(say_command(&len, rsp), -ETIMEDOUT);
	ck_assert_uint_eq(len, 0);
	ck_assert_int_ge(wire_now() - start, 1000);
	/* what comes too late is never an answer */
	len = sizeof(rsp);
	ck_assert_int_eq(say_command(&len, rsp), -ENODEV);
	ck_assert(!slot_present(slot));
	has_played();
}
END_TEST

/* A connection that holds less than a large command, so that sending one has to wait. */
static int
connect_narrow(void)
{
	struct sockaddr_in sin = { .sin_family = AF_INET, .sin_port = htons(port) };
	int fd = socket(AF_INET, SOCK_STREAM, 0), small = 2048;

	sin.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	setsockopt(slot->door->listeners[0], SOL_SOCKET, SO_SNDBUF, &small, sizeof(small));
	setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &small, sizeof(small));
	ck_assert_int_eq(connect(fd, (struct sockaddr *)&sin, sizeof(sin)), 0);
	return fd;
}

/* Takes the command in near the end of the time that it has. */
static void *
read_late(void *arg)
{
	uint8_t some[4096];

	(void)arg;
	usleep(4500000);
	while (recv(card.fd, some, sizeof(some), 0) > 0)
		;
	return NULL;
}

START_TEST(sending_counts_as_waiting)
{
	static uint8_t cmd[WIRE_BODY_MAX];
	int64_t start;
	uint8_t rsp[16];
	size_t len = sizeof(rsp);
	pthread_t t;

	remake("/slots=1/timeout=5");
	card.fd = connect_narrow();
	peer_say(card.fd, BYTES(PEER_ATR));
	await_presence(slot, true);
	start = wire_now();
	pthread_create(&t, NULL, read_late, NULL);
	cmd[1] = 1;
	ck_assert_int_eq(slot_transmit(slot, cmd, sizeof(cmd), rsp, &len), -ETIMEDOUT);
	ck_assert_int_lt(wire_now() - start, 9000); /* 9.5 s would be both waits */
	slot_shut(slot);
	pthread_join(t, NULL);
}
END_TEST

/* --- power ---------------------------------------------------------------- */

START_TEST(power)
{
	const struct answer answers[] = {
		{ BYTES("\x00\x02\x3b\x00"), false },
		{ BYTES("\x00\x03\x3f\x01\x55"), false },
		{ NULL, 0, true },
	};
	uint8_t atr[ATR_MAX];
	size_t len;

	insert_card();
	ck_assert(slot_set_protocol(slot, 1));
	plays(answers);
	ck_assert_int_eq(slot_power_up(slot, WIRE_POWER_ON, atr, &len), 0);
	ck_assert_uint_eq(len, 2);
	ck_assert_mem_eq(atr, "\x3b\x00", 2);
	ck_assert_mem_eq(card.heard, "\x00\x01\x01\x00\x01\x04", 6);
	expect_wiped();
	/* the ATR is the new one now, and a protocol has to be chosen anew */
	ck_assert_uint_eq(slot_atr(slot, atr), 2);
	ck_assert(!slot_set_protocol(slot, 1));
	ck_assert_int_eq(slot_power_up(slot, WIRE_RESET, atr, &len), 0);
	ck_assert_mem_eq(card.heard + 6, "\x00\x01\x02\x00\x01\x04", 6);
	ck_assert_mem_eq(atr, "\x3f\x01\x55", 3);
	ck_assert_int_eq(slot_power_off(slot), 0);
	slot_shut(slot);
	has_played();
	ck_assert_mem_eq(card.heard + 12, "\x00\x01\x00", 3);
}
END_TEST

static const struct answer bad_atrs[] = {
	{ BYTES("\x00\x00"), false },                 /* the card says that it is out */
	{ BYTES("\x00\x01\x3b"), false },
	{ BYTES("\x00\x02\x90\x00"), false },         /* a late answer, not an ATR */
	{ BYTES("\x00\x22\x3b" "1234567890" "1234567890" "1234567890" "123"), false },
	{ BYTES("\x00\x02\x3b\x00\x00"), false },
	{ BYTES("\x00\x05\x3b"), true },
	{ BYTES(""), true },
};

START_TEST(a_bad_atr_is_none)
{
	const struct answer answers[] = { bad_atrs[_i], { NULL, 0, true } };
	uint8_t atr[ATR_MAX];
	size_t len = 77;

	insert_card();
	plays(answers);
	ck_assert_int_eq(slot_power_up(slot, WIRE_POWER_ON, atr, &len), -ENODEV);
	ck_assert_uint_eq(len, 0);
	ck_assert(!slot_present(slot));
	expect_wiped();
	/* power off is never an error */
	ck_assert_int_eq(slot_power_off(slot), 0);
	has_played();
}
END_TEST

START_TEST(power_for_one_who_spoke_unasked)
{
	uint8_t atr[ATR_MAX];
	size_t len;

	insert_card();
	peer_say(card.fd, BYTES("\x00"));
	ck_assert_int_eq(slot_power_up(slot, WIRE_RESET, atr, &len), -ENODEV);
	ck_assert(!slot_present(slot));
}
END_TEST

/* After power, the one byte 00: there is a card, and it is mute. */
START_TEST(a_mute_card_stays)
{
	const struct answer answers[] = {
		{ BYTES("\x00\x01\x00"), false },
		{ BYTES("\x00\x01\x00"), false },
		{ BYTES("\x00\x02\x3b\x00"), false },
		{ NULL, 0, true },
	};
	uint8_t atr[ATR_MAX];
	size_t len = 77;

	insert_card();
	plays(answers);
	ck_assert_int_eq(slot_power_up(slot, WIRE_POWER_ON, atr, &len), -ENOMSG);
	ck_assert_uint_eq(len, 0);
	expect_wiped();
	ck_assert(slot_present(slot));
	ck_assert_int_eq(slot_power_up(slot, WIRE_RESET, atr, &len), -ENOMSG);
	/* it may find its voice again */
	ck_assert_int_eq(slot_power_up(slot, WIRE_POWER_ON, atr, &len), 0);
	ck_assert_uint_eq(len, 2);
	slot_shut(slot);
	has_played();
}
END_TEST

static void
insert_unasked(const char *options)
{
	remake(options);
	card.fd = peer_connect(port);
	ck_assert_int_ge(card.fd, 0);
	await_presence(slot, true);
}

START_TEST(power_with_an_atr_of_the_entry)
{
	const struct answer answers[] = { { BYTES("\x00\x02\x90\x00"), false }, { NULL, 0, true } };
	uint8_t atr[ATR_MAX], rsp[16];
	size_t len = sizeof(rsp), atr_len;

	insert_unasked("/slots=1/atr=3B80800101");
	ck_assert_uint_eq(slot_atr(slot, atr), PEER_ATR_LEN);
	ck_assert_int_eq(slot_power_up(slot, WIRE_POWER_ON, atr, &atr_len), 0);
	ck_assert_uint_eq(atr_len, PEER_ATR_LEN);
	ck_assert_mem_eq(atr, &PEER_ATR[2], PEER_ATR_LEN);
	ck_assert_int_eq(slot_power_up(slot, WIRE_RESET, atr, &atr_len), 0);
	plays(answers);
	ck_assert_int_eq(say_command(&len, rsp), 0);
	ck_assert_mem_eq(card.heard, "\x00\x01\x01\x00\x01\x02\x00\x04\x00\xa4\x00\x00", 12);
	slot_shut(slot);
	has_played();
}
END_TEST

START_TEST(power_that_is_answered_with_the_atr)
{
	uint8_t atr[ATR_MAX];
	size_t len;

	insert_unasked("/slots=1/atr=power");
	ck_assert_uint_eq(slot_atr(slot, atr), 0);
	peer_say(card.fd, BYTES("\x00"));
	ck_assert_int_eq(slot_power_up(slot, WIRE_POWER_ON, atr, &len), -ENODEV);
}
END_TEST

static void *
answer_power(void *arg)
{
	(void)arg;
	peer_expect(card.fd, BYTES("\x00\x01\x01"));
	peer_say(card.fd, BYTES(PEER_ATR));
	peer_expect(card.fd, BYTES("\x00\x01\x02"));
	peer_say(card.fd, BYTES("\x00\x02\x3f\x00"));
	return NULL;
}

START_TEST(each_power_brings_an_atr)
{
	uint8_t atr[ATR_MAX];
	size_t len;

	insert_unasked("/slots=1/atr=power");
	pthread_create(&card.thread, NULL, answer_power, NULL);
	ck_assert_int_eq(slot_power_up(slot, WIRE_POWER_ON, atr, &len), 0);
	ck_assert_uint_eq(slot_atr(slot, atr), PEER_ATR_LEN);
	ck_assert_mem_eq(atr, &PEER_ATR[2], PEER_ATR_LEN);
	ck_assert_int_eq(slot_power_up(slot, WIRE_RESET, atr, &len), 0);
	ck_assert_uint_eq(slot_atr(slot, atr), 2);
	has_played();
	peer_expect_silence(card.fd);
}
END_TEST

/* --- one session, one card ------------------------------------------------ */

START_TEST(two_cards_are_never_one)
{
	uint8_t rsp[16];
	size_t len = sizeof(rsp);
	int second;

	insert_card();
	ck_assert(slot_present(slot));
	/* it is lost on another thread than the waiting one, and the next is there */
	peer_say(card.fd, BYTES("!"));
	ck_assert_int_eq(say_command(&len, rsp), -ENODEV);
	second = peer_connect(port);
	peer_say(second, BYTES(PEER_ATR));
	/* the host was last told that there is a card: first it has to learn better */
	slot_wait(slot, PEER_PATIENCE_MS);
	ck_assert_int_eq(atomic_load(&slot->state), SLOT_DEAD);
	peer_expect_silence(second);
	ck_assert(!slot_present(slot));
	ck_assert(!slot_present(slot));
	len = sizeof(rsp);
	ck_assert_int_eq(say_command(&len, rsp), -ENODEV);
	/* now it knows */
	slot_wait(slot, PEER_PATIENCE_MS);
	ck_assert(slot_present(slot));
	peer_expect(second, BYTES("\x00\x01\x04"));
	peer_expect_end(card.fd);
	close(second);
}
END_TEST

/* In one round it was told both: it may have acted on either. */
START_TEST(told_both_is_told_nothing)
{
	insert_card();
	ck_assert(slot_present(slot));
	close(card.fd);
	card.fd = -1;
	ck_assert(!slot_present(slot));
	slot_wait(slot, PEER_PATIENCE_MS); /* it is found dead here */
	ck_assert_int_eq(atomic_load(&slot->state), SLOT_DEAD);
	slot_wait(slot, PEER_PATIENCE_MS); /* nothing told since */
	ck_assert_int_eq(atomic_load(&slot->state), SLOT_DEAD);
	ck_assert(!slot_present(slot));
	slot_wait(slot, 10);
	ck_assert_int_eq(atomic_load(&slot->state), SLOT_EMPTY);
}
END_TEST

static void *
ask_presence(void *arg)
{
	(void)arg;
	ck_assert(!slot_present(slot));
	return NULL;
}

START_TEST(another_thread_does_not_count)
{
	pthread_t t;

	insert_card();
	close(card.fd);
	card.fd = -1;
	slot_wait(slot, PEER_PATIENCE_MS);
	ck_assert_int_eq(atomic_load(&slot->state), SLOT_DEAD);
	pthread_create(&t, NULL, ask_presence, NULL);
	pthread_join(t, NULL);
	slot_wait(slot, PEER_PATIENCE_MS);
	ck_assert_int_eq(atomic_load(&slot->state), SLOT_DEAD);
}
END_TEST

static void *
transmit_in_vain(void *arg)
{
	uint8_t rsp[16];
	size_t len = sizeof(rsp);

	(void)arg;
	ck_assert_int_eq(say_command(&len, rsp), -ENODEV);
	return NULL;
}

/*
 * pcscd writes down on the thread that called, and some time after the call, that
 * the card is out: it must not write that of the next card.
 */
START_TEST(after_a_failure_no_card_comes_at_once)
{
	pthread_t t;
	int64_t failed;

	slot_wait(slot, 1);
	failed = wire_now();
	pthread_create(&t, NULL, transmit_in_vain, NULL);
	pthread_join(t, NULL);
	card.fd = peer_connect(port);
	peer_say(card.fd, BYTES(PEER_ATR));
	slot_wait(slot, PEER_PATIENCE_MS);
	ck_assert(slot_present(slot));
	ck_assert_int_ge(wire_now() - failed, SLOT_REST_MS);
}
END_TEST

static void *
reset_it(void *arg)
{
	uint8_t atr[ATR_MAX];
	size_t len;

	(void)arg;
	slot_power_up(slot, WIRE_RESET, atr, &len);
	return NULL;
}

static void *
power_off(void *arg)
{
	(void)arg;
	slot_power_off(slot);
	return NULL;
}

/*
 * Likewise it writes that the card is there, or mute, of one that has just been reset or
 * powered off; when it has left meanwhile, that is told when this has been written.
 */
START_TEST(after_power_a_loss_is_told_late)
{
	pthread_t t;
	int64_t began = wire_now();
	bool off = _i == 2, dies = _i == 1;

	insert_card();
	ck_assert(slot_present(slot));
	pthread_create(&t, NULL, off ? power_off : reset_it, NULL);
	if (off)
		peer_expect(card.fd, BYTES("\x00\x01\x00"));
	else
		peer_expect(card.fd, BYTES("\x00\x01\x02\x00\x01\x04"));
	if (!off && !dies)
		peer_say(card.fd, BYTES(PEER_ATR));
	if (!dies)
		pthread_join(t, NULL);
	close(card.fd);
	card.fd = -1;
	slot_wait(slot, 1);
	if (dies)
		pthread_join(t, NULL);
	if (!slot_present(slot)) {
		/* this machine has slept all the while */
		ck_assert_int_ge(wire_now(), atomic_load(&slot->hold_until));
		return;
	}
	slot_wait(slot, PEER_PATIENCE_MS);
	ck_assert(!slot_present(slot));
	ck_assert_int_ge(wire_now() - began, SLOT_REST_MS);
	slot_wait(slot, 1);
	ck_assert_int_eq(atomic_load(&slot->state), SLOT_EMPTY);
}
END_TEST

static void *
transmit_well(void *arg)
{
	uint8_t rsp[16];
	size_t len = sizeof(rsp);

	(void)arg;
	ck_assert_int_eq(say_command(&len, rsp), 0);
	return NULL;
}

/* The next command of that session may be on its way, and is not for the next card. */
START_TEST(after_an_answer_no_other_card_comes_at_once)
{
	pthread_t t;
	int64_t answered;
	int second;

	insert_card();
	pthread_create(&t, NULL, transmit_well, NULL);
	peer_expect(card.fd, BYTES("\x00\x04\x00\xa4\x00\x00"));
	answered = wire_now();
	peer_say(card.fd, BYTES("\x00\x02\x90\x00"));
	pthread_join(t, NULL);
	close(card.fd);
	card.fd = -1;
	second = peer_connect(port);
	peer_say(second, BYTES(PEER_ATR));
	await_presence(slot, false);
	await_presence(slot, true);
	ck_assert_int_ge(wire_now() - answered, SLOT_REST_MS);
	close(second);
}
END_TEST

START_TEST(a_failure_on_the_waiting_thread_is_no_reason_to_rest)
{
	slot_wait(slot, 1);
	transmit_in_vain(NULL);
	reset_it(NULL);
	power_off(NULL);
	ck_assert_int_eq(atomic_load(&slot->rest_until), 0);
	ck_assert_int_eq(atomic_load(&slot->hold_until), 0);
}
END_TEST

/* --- waiting -------------------------------------------------------------- */

START_TEST(a_stop_is_sticky)
{
	int64_t start = wire_now();

	slot_stop(slot);
	slot_wait(slot, 60000);
	ck_assert_int_lt(wire_now() - start, 30000);
	/* once */
	start = wire_now();
	slot_wait(slot, 100);
	ck_assert_int_ge(wire_now() - start, 100);
}
END_TEST

static void *
stop_soon(void *arg)
{
	(void)arg;
	usleep(50000);
	slot_stop(slot);
	return NULL;
}

START_TEST(a_stop_ends_the_waiting)
{
	int64_t start = wire_now();
	pthread_t t;

	pthread_create(&t, NULL, stop_soon, NULL);
	slot_wait(slot, 60000);
	ck_assert_int_lt(wire_now() - start, 30000);
	pthread_join(t, NULL);
}
END_TEST

static pthread_t sleeper;

static void
nothing(int sig)
{
	(void)sig;
}

static void *
knock_soon(void *arg)
{
	(void)arg;
	usleep(50000);
	pthread_kill(sleeper, SIGUSR1);
	return NULL;
}

START_TEST(a_signal_does_not_end_it)
{
	const struct sigaction act = { .sa_handler = nothing };
	int64_t start = wire_now();
	pthread_t t;

	sigaction(SIGUSR1, &act, NULL);
	sleeper = pthread_self();
	pthread_create(&t, NULL, knock_soon, NULL);
	slot_wait(slot, 200);
	ck_assert_int_ge(wire_now() - start, 200);
	pthread_join(t, NULL);
}
END_TEST

/* A card that is gone needs no switching off: the host hears that it is. */
START_TEST(no_power_off_for_who_has_left)
{
	const struct linger now = { .l_onoff = 1 };

	insert_card();
	ck_assert_int_eq(setsockopt(card.fd, SOL_SOCKET, SO_LINGER, &now, sizeof(now)), 0);
	close(card.fd);
	card.fd = -1;
	ck_assert_int_eq(slot_power_off(slot), 0);
	ck_assert(!slot_present(slot));
	insert_card();
}
END_TEST

/* pcscd would take an early return for a reason to switch the card off. */
START_TEST(a_busy_slot_turns_away_and_waits_on)
{
	int64_t start;
	int late;

	insert_card();
	late = peer_connect(port);
	start = wire_now();
	slot_wait(slot, 200);
	ck_assert_int_ge(wire_now() - start, 200);
	peer_expect_end(late);
	ck_assert(slot_present(slot));
	close(late);
}
END_TEST

/* They were at the door together: only one can be the card. */
START_TEST(who_comes_second_is_told_at_once)
{
	int late = peer_connect(port);

	slot_wait(slot, 50);
	peer_expect(late, BYTES("\x00\x01\x04"));
	card.fd = peer_connect(port);
	peer_say(card.fd, BYTES(PEER_ATR));
	slot_wait(slot, PEER_PATIENCE_MS);
	ck_assert_int_eq(atomic_load(&slot->state), SLOT_PRESENT);
	ck_assert(peer_readable(late, 0));
	peer_expect_end(late);
	close(late);
}
END_TEST

/* An answer on its way is its thread's business, and none of the waiting one's. */
START_TEST(data_wakes_nobody)
{
	int64_t start;

	insert_card();
	peer_say(card.fd, BYTES("\x00\x02\x90\x00"));
	start = wire_now();
	slot_wait(slot, 200);
	ck_assert_int_ge(wire_now() - start, 200);
}
END_TEST

START_TEST(shutting_ends_a_command_under_way)
{
	int64_t start = wire_now();
	pthread_t t;

	insert_card();
	pthread_create(&t, NULL, transmit_in_vain, NULL);
	peer_expect(card.fd, BYTES("\x00\x04\x00\xa4\x00\x00"));
	slot_shut(slot);
	pthread_join(t, NULL);
	ck_assert_int_lt(wire_now() - start, 30000);
}
END_TEST

/* A card that dies during a command wakes the waiting thread. */
START_TEST(a_loss_wakes_the_waiting)
{
	int64_t start = wire_now();
	pthread_t t;

	insert_card();
	ck_assert(slot_present(slot));
	peer_say(card.fd, BYTES("!"));
	pthread_create(&t, NULL, transmit_in_vain, NULL);
	slot_wait(slot, 60000);
	ck_assert_int_lt(wire_now() - start, 30000);
	pthread_join(t, NULL);
	ck_assert(!slot_present(slot));
}
END_TEST

/* --- a host that does not poll -------------------------------------------- */

START_TEST(presence_without_polling)
{
	int64_t start;

	atomic_store(&reader->polled, false);
	ck_assert(!slot_present(slot)); /* nobody on the way */
	card.fd = peer_connect(port);
	start = wire_now();
	ck_assert(!slot_present(slot)); /* somebody, who says nothing */
	ck_assert_int_ge(wire_now() - start, SLOT_PRESENCE_MS);
	peer_say(card.fd, BYTES(PEER_ATR));
	ck_assert(slot_present(slot));
	ck_assert(slot_present(slot));
	close(card.fd);
	card.fd = -1;
	ck_assert(!slot_present(slot));
	ck_assert_int_eq(atomic_load(&slot->state), SLOT_EMPTY);
}
END_TEST

/* --- a shared door -------------------------------------------------------- */

START_TEST(one_port_for_all_slots)
{
	struct slot *second = &reader->slots[1];
	int a, b, c;

	remake("/slots=2/shared=1");
	a = peer_connect(port);
	peer_say(a, BYTES(PEER_ATR));
	/* it is the lowest slot's turn */
	slot_wait(second, 100);
	ck_assert(!slot_present(second));
	await_presence(slot, true);
	b = peer_connect(port);
	peer_say(b, BYTES(PEER_ATR));
	slot_wait(slot, 100);
	ck_assert(!peer_readable(b, 0));
	await_presence(second, true);
	/* all full: the first slot closes the surplus */
	c = peer_connect(port);
	slot_wait(second, 100);
	ck_assert(!peer_readable(c, 0));
	slot_wait(slot, 100);
	peer_expect_end(c);
	/* a place is free again, and the waiting one is told so */
	close(a);
	await_presence(slot, false);
	slot_wait(slot, 10);
	close(c);
	c = peer_connect(port);
	peer_say(c, BYTES(PEER_ATR));
	await_presence(slot, true);
	ck_assert(slot_present(second));
	close(b);
	close(c);
}
END_TEST

START_TEST(ports_of_two_slots)
{
	struct slot *second = &reader->slots[1];
	int a;

	remake("");
	ck_assert_uint_eq(reader->name.slots, 2);
	a = insert(second, (uint16_t)(port + 1));
	ck_assert(!slot_present(slot));
	insert_card();
	close(a);
	await_presence(second, false);
	ck_assert(slot_present(slot));
}
END_TEST

/* --- protocols ------------------------------------------------------------ */

START_TEST(choosing_a_protocol)
{
	unsigned offered, current;

	slot_protocols(slot, &offered, &current);
	ck_assert_uint_eq(offered, 0);
	ck_assert_uint_eq(current, 0);
	insert_card();
	slot_protocols(slot, &offered, &current);
	ck_assert_uint_eq(offered, 3);
	ck_assert_uint_eq(current, 0);
	ck_assert(slot_set_protocol(slot, 1));
	slot_protocols(slot, &offered, &current);
	ck_assert_uint_eq(current, 2);
	ck_assert(slot_set_protocol(slot, 0));
	ck_assert(!slot_set_protocol(slot, 2));
	ck_assert(!slot_set_protocol(slot, 15));
	ck_assert(!slot_set_protocol(slot, 64));
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("slot");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, an_empty_slot);
	tcase_add_test(tc, a_card_comes_and_goes);
	tcase_add_test(tc, a_card_that_left_unseen_is_absent);
	tcase_add_test(tc, command_and_answer);
	tcase_add_test(tc, an_exchange_allocates_nothing);
	tcase_add_test(tc, the_largest_answer_and_command);
	tcase_add_test(tc, what_is_no_command);
	tcase_add_loop_test(tc, a_bad_answer_is_none, 0,
			    sizeof(bad_answers) / sizeof(bad_answers[0]));
	tcase_add_test(tc, an_answer_in_pieces);
	tcase_add_test(tc, it_speaks_unasked);
	tcase_add_test(tc, no_answer_in_time);
	tcase_add_test(tc, sending_counts_as_waiting);
	tcase_add_test(tc, power);
	tcase_add_loop_test(tc, a_bad_atr_is_none, 0, sizeof(bad_atrs) / sizeof(bad_atrs[0]));
	tcase_add_test(tc, power_for_one_who_spoke_unasked);
	tcase_add_test(tc, a_mute_card_stays);
	tcase_add_test(tc, power_with_an_atr_of_the_entry);
	tcase_add_test(tc, power_that_is_answered_with_the_atr);
	tcase_add_test(tc, each_power_brings_an_atr);
	tcase_add_test(tc, two_cards_are_never_one);
	tcase_add_test(tc, told_both_is_told_nothing);
	tcase_add_test(tc, another_thread_does_not_count);
	tcase_add_test(tc, after_a_failure_no_card_comes_at_once);
	tcase_add_test(tc, after_an_answer_no_other_card_comes_at_once);
	tcase_add_loop_test(tc, after_power_a_loss_is_told_late, 0, 3);
	tcase_add_test(tc, a_failure_on_the_waiting_thread_is_no_reason_to_rest);
	tcase_add_test(tc, a_stop_is_sticky);
	tcase_add_test(tc, a_stop_ends_the_waiting);
	tcase_add_test(tc, a_signal_does_not_end_it);
	tcase_add_test(tc, no_power_off_for_who_has_left);
	tcase_add_test(tc, a_busy_slot_turns_away_and_waits_on);
	tcase_add_test(tc, who_comes_second_is_told_at_once);
	tcase_add_test(tc, data_wakes_nobody);
	tcase_add_test(tc, shutting_ends_a_command_under_way);
	tcase_add_test(tc, a_loss_wakes_the_waiting);
	tcase_add_test(tc, presence_without_polling);
	tcase_add_test(tc, one_port_for_all_slots);
	tcase_add_test(tc, ports_of_two_slots);
	tcase_add_test(tc, choosing_a_protocol);
	return run("slot", tc);
}
