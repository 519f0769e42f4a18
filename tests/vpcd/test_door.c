/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <grp.h>
#include <stdio.h>
#include <sys/stat.h>

#include "door.h"
#include "peer.h"

static struct name name;
static struct door door;
static struct arrival came;
static uint16_t port;

static void
open_door_with(const char *mode, const char *options)
{
	char text[128], error[256];

	snprintf(text, sizeof(text), "%s:127.0.0.1:%u%s", mode, port, options);
	ck_assert_msg(name_parse(&name, text, error, sizeof(error)) == 0, "%s", error);
	door_open(&door, &name, 0);
}

static void
open_door(const char *mode)
{
	open_door_with(mode, "");
}

static void
setup(void)
{
	came = (struct arrival) { .fd = -1 };
	port = free_ports(1);
	open_door("listen");
}

static void
teardown(void)
{
	door_close(&door);
	if (came.fd >= 0)
		close(came.fd);
}

/* Sleep until the door has something to do, at most ms. */
static void
await_door(bool busy, int ms)
{
	struct pollfd fds[DOOR_POLLFDS];
	int64_t until = wire_now() + ms, left;
	unsigned n = door_pollfds(&door, fds, busy, &until);

	ck_assert_uint_le(n, DOOR_POLLFDS);
	left = until - wire_now();
	poll(fds, n, left > 0 ? (int)left : 0);
}

static bool
step(void)
{
	await_door(false, 50);
	return door_step(&door, &came);
}

static void
expect_arrival(void)
{
	int64_t end = wire_now() + PEER_PATIENCE_MS;

	while (!step())
		ck_assert_int_lt(wire_now(), end);
}

/* A peer that has been taken in and asked. */
static int
candidate(void)
{
	int64_t end = wire_now() + PEER_PATIENCE_MS;
	int fd = peer_connect(port);

	ck_assert_int_ge(fd, 0);
	while (!peer_readable(fd, 0)) {
		ck_assert(!step());
		ck_assert_int_lt(wire_now(), end);
	}
	peer_expect(fd, BYTES("\x00\x01\x04"));
	return fd;
}

static void
expect_dismissal(int fd)
{
	int64_t end = wire_now() + PEER_PATIENCE_MS;

	while (!peer_readable(fd, 0)) {
		ck_assert(!step());
		ck_assert_int_lt(wire_now(), end);
	}
	peer_expect_end(fd);
	close(fd);
}

static void
expect_a_card_can_come(void)
{
	int peer = candidate();

	peer_say(peer, BYTES(PEER_ATR));
	expect_arrival();
	ck_assert_uint_eq(came.atr_len, PEER_ATR_LEN);
	ck_assert_mem_eq(came.atr, &PEER_ATR[2], PEER_ATR_LEN);
	/* it was asked for its ATR, and for nothing else */
	peer_expect_silence(peer);
	close(peer);
}

START_TEST(a_card_comes)
{
	expect_a_card_can_come();
}
END_TEST

START_TEST(an_atr_byte_by_byte)
{
	const char atr[] = PEER_ATR;
	int peer = candidate();
	size_t i;

	for (i = 0; i < sizeof(PEER_ATR) - 1; i++) {
		ck_assert(!step());
		peer_say(peer, atr + i, 1);
	}
	expect_arrival();
	ck_assert_mem_eq(came.atr, &PEER_ATR[2], PEER_ATR_LEN);
	close(peer);
}
END_TEST

/* An ATR of n bytes from a new candidate, after the two bytes of its length. */
static int
atr_of(size_t n)
{
	static uint8_t frame[2 + 65535];
	int peer = candidate();

	frame[0] = (uint8_t)(n >> 8);
	frame[1] = (uint8_t)n;
	frame[2] = 0x3b;
	/* as much as the driver can have an interest in: it may close before the end */
	peer_say(peer, frame, 2 + (n < 40 ? n : 40));
	return peer;
}

START_TEST(atrs_that_are_too_short_or_long)
{
	static const size_t sizes[] = { 0, 1, 34, 255, 65535 };

	expect_dismissal(atr_of(sizes[_i]));
	expect_a_card_can_come();
}
END_TEST

START_TEST(the_longest_atr)
{
	int peer = atr_of(33);

	expect_arrival();
	ck_assert_uint_eq(came.atr_len, 33);
	close(peer);
}
END_TEST

START_TEST(no_atr_at_all)
{
	static const char *const texts[] = {
		"GET / HTTP/1.0\r\n\r\n", "SSH-2.0-x\r\n", "\x16\x03\x01\x02",
	};
	int peer = candidate();

	peer_say(peer, texts[_i], strlen(texts[_i]));
	expect_dismissal(peer);
}
END_TEST

START_TEST(more_than_an_atr)
{
	int peer = candidate();

	peer_say(peer, BYTES(PEER_ATR "\x00\x02\x90\x00"));
	expect_dismissal(peer);
}
END_TEST

START_TEST(who_leaves_is_forgotten)
{
	int peer = candidate();

	peer_say(peer, BYTES("\x00\x05\x3b"));
	close(peer);
	while (door.candidates[0].fd >= 0)
		ck_assert(!step());
}
END_TEST

/* --- nobody is asked ------------------------------------------------------ */

static void
reopen_with(const char *options)
{
	door_close(&door);
	open_door_with("listen", options);
}

START_TEST(an_atr_of_the_entry)
{
	int64_t begin = wire_now();
	int peer;

	reopen_with("/atr=3B80800101");
	peer = peer_connect(port);
	expect_arrival();
	ck_assert_int_ge(wire_now() - begin, DOOR_SILENCE_MS);
	ck_assert_uint_eq(came.atr_len, PEER_ATR_LEN);
	ck_assert_mem_eq(came.atr, &PEER_ATR[2], PEER_ATR_LEN);
	peer_expect_silence(peer);
	close(peer);
}
END_TEST

START_TEST(who_speaks_or_leaves_is_no_card)
{
	int peer;

	reopen_with("/atr=3B00");
	peer = peer_connect(port);
	peer_say(peer, BYTES(PEER_ATR));
	expect_dismissal(peer);
	peer = peer_connect(port);
	while (!step() && door.candidates[0].fd < 0)
		;
	close(peer);
	while (door.candidates[0].fd >= 0)
		ck_assert(!step());
	peer = peer_connect(port);
	expect_arrival();
	close(peer);
}
END_TEST

/* What one may say before it is powered, in pieces; none of it is its ATR. */
static const char *const greetings[][2] = { { "", "" },
					    { "\x00\x05\x3b\x80\x80\x01\x01", "" },
					    { "\x00\x05\x3b", "\x80\x80\x01\x01" } };
static const size_t greeting_lens[][2] = { { 0, 0 }, { 7, 0 }, { 3, 4 } };

START_TEST(an_atr_with_power)
{
	int peer;

	reopen_with("/atr=power");
	peer = peer_connect(port);
	peer_say(peer, greetings[_i][0], greeting_lens[_i][0]);
	while (door.candidates[0].fd < 0)
		ck_assert(!step());
	/* however long the machine lets us wait */
	door.candidates[0].deadline += PEER_PATIENCE_MS;
	ck_assert(!step());
	peer_say(peer, greetings[_i][1], greeting_lens[_i][1]);
	while (_i > 0 && !door.candidates[0].greeted)
		ck_assert(!step());
	door.candidates[0].deadline -= PEER_PATIENCE_MS;
	expect_arrival();
	ck_assert_uint_eq(came.atr_len, 0);
	peer_expect_silence(peer);
	close(peer);
}
END_TEST

START_TEST(an_empty_greeting)
{
	int peer;

	reopen_with("/atr=power");
	peer = peer_connect(port);
	peer_say(peer, BYTES("\x00\x00"));
	expect_arrival();
	close(peer);
}
END_TEST

static const struct answer_bytes {
	const char *bytes;
	size_t len;
} no_greetings[] = {
	{ BYTES("\x00\x02\x90\x00") }, /* no ATR */
	{ BYTES("\x00\x00\x00\x00") }, /* two */
	{ BYTES("\x00\x02\x3b\x00\x00\x02\x3b\x00") },
	{ BYTES("\x00\x02\x3b") }, /* half of one, and no more */
	{ BYTES("\x00\x22\x3b") }, /* longer than any */
};

START_TEST(no_greeting)
{
	int peer;

	reopen_with("/atr=power");
	peer = peer_connect(port);
	peer_say(peer, no_greetings[_i].bytes, no_greetings[_i].len);
	expect_dismissal(peer);
}
END_TEST

START_TEST(a_silent_peer_keeps_nobody_out)
{
	int scanner = candidate(), card = candidate();

	peer_say(card, BYTES(PEER_ATR));
	expect_arrival();
	peer_expect_silence(scanner);
	close(card);
	close(scanner);
}
END_TEST

START_TEST(a_silent_peer_has_its_time)
{
	int64_t start = wire_now();
	int scanner = candidate();

	ck_assert_int_ge(door.candidates[0].deadline, start + DOOR_CANDIDATE_MS);
	ck_assert_int_le(door.candidates[0].deadline, wire_now() + DOOR_CANDIDATE_MS);
	door.candidates[0].deadline = wire_now();
	expect_dismissal(scanner);
}
END_TEST

START_TEST(a_ninth_candidate_displaces_the_oldest)
{
	int peers[DOOR_CANDIDATES + 1], i;

	for (i = 0; i < DOOR_CANDIDATES; i++) {
		peers[i] = candidate();
		door.candidates[i].deadline += i; /* also within one millisecond */
	}
	peer_expect_silence(peers[0]);
	peers[i] = candidate();
	peer_expect_end(peers[0]);
	for (i = 1; i <= DOOR_CANDIDATES; i++)
		ck_assert(!peer_readable(peers[i], 0));
	/* the youngest can still be the card */
	peer_say(peers[DOOR_CANDIDATES], BYTES(PEER_ATR));
	expect_arrival();
	for (i = 0; i <= DOOR_CANDIDATES; i++)
		close(peers[i]);
}
END_TEST

#define LATER 3600000 /* ms: no test takes as long */

/* It came only then, and has its time, however long this machine takes. */
static void
come_later(int i)
{
	door.candidates[i].deadline += LATER;
}

/* However many come and say nothing: a card that needs some time for its ATR gets it. */
START_TEST(silent_peers_keep_no_slow_card_out)
{
	int slow = candidate(), silent[3 * DOOR_CANDIDATES], i;

	come_later(0);
	for (i = 0; i < 3 * DOOR_CANDIDATES; i++) {
		silent[i] = peer_connect(port);
		ck_assert_int_ge(silent[i], 0);
	}
	ck_assert(!step());
	for (i = 1; i < DOOR_CANDIDATES; i++)
		come_later(i);
	for (i = 0; i < 5; i++)
		ck_assert(!step());
	peer_say(slow, BYTES(PEER_ATR));
	expect_arrival();
	for (i = 0; i < 3 * DOOR_CANDIDATES; i++)
		close(silent[i]);
	close(slow);
}
END_TEST

/* A full house is no reason to wake up, but for when it has room again. */
START_TEST(a_full_house_sleeps)
{
	struct pollfd fds[DOOR_POLLFDS];
	int64_t until = INT64_MAX, start = wire_now();
	int peers[DOOR_CANDIDATES + 1], i;

	for (i = 0; i < DOOR_CANDIDATES; i++) {
		peers[i] = candidate();
		come_later(i);
	}
	peers[i] = peer_connect(port);
	ck_assert_uint_eq(door_pollfds(&door, fds, false, &until), DOOR_CANDIDATES);
	ck_assert_int_ge(until, start + LATER + DOOR_FAIR_MS);
	ck_assert_int_le(until, wire_now() + LATER + DOOR_FAIR_MS);
	for (i = 0; i <= DOOR_CANDIDATES; i++)
		close(peers[i]);
}
END_TEST

START_TEST(many_at_one_family_keep_nobody_out_of_the_other)
{
	int silent[32 * DOOR_CANDIDATES], i, card;
	char text[32], error[256];
	int64_t end;

	if (!peer_has_ipv6())
		return;
	door_close(&door);
	snprintf(text, sizeof(text), "listen:%u", port);
	ck_assert_int_eq(name_parse(&name, text, error, sizeof(error)), 0);
	door_open(&door, &name, 0);
	for (i = 0; i < 32 * DOOR_CANDIDATES; i++)
		silent[i] = peer_connect(port);
	ck_assert(!step());
	card = peer_connect6(port);
	peer_say(card, BYTES(PEER_ATR));
	/* 8 s, if those came first */
	end = wire_now() + 16 * DOOR_FAIR_MS;
	while (!step())
		ck_assert_int_lt(wire_now(), end);
	for (i = 0; i < 32 * DOOR_CANDIDATES; i++)
		close(silent[i]);
	close(card);
}
END_TEST

START_TEST(turned_away)
{
	int early = candidate(), late = peer_connect(port);

	ck_assert(!door.turned_away);
	door_turn_away(&door);
	ck_assert(door.turned_away);
	peer_expect_end(early);
	while (!peer_readable(late, 0)) {
		await_door(true, PEER_PATIENCE_MS);
		door_turn_away(&door);
	}
	peer_expect_end(late);
	/* said once, until the card has gone */
	door_reopen(&door);
	ck_assert(!door.turned_away);
	close(early);
	close(late);
}
END_TEST

START_TEST(nobody_to_turn_away)
{
	door_turn_away(&door);
	ck_assert(!door.turned_away);
}
END_TEST

START_TEST(somebody_is_expected)
{
	int peer;

	ck_assert(!door_expects(&door));
	peer = candidate();
	ck_assert(door_expects(&door));
	close(peer);
}
END_TEST

START_TEST(a_taken_port_is_tried_again)
{
	int fds[NET_LISTENERS], n, peer;
	int64_t start = wire_now();

	door_close(&door);
	n = net_listen_tcp("127.0.0.1", port, fds);
	door_open(&door, &name, 0);
	ck_assert_uint_eq(door.n_listeners, 0);
	ck_assert(door.complained);
	while (n > 0)
		close(fds[--n]);
	while (door.n_listeners == 0)
		ck_assert(!step());
	ck_assert_int_ge(wire_now() - start, DOOR_LISTEN_RETRY_MS);
	ck_assert(!door.complained);
	peer = candidate();
	close(peer);
}
END_TEST

/* Who cannot be let in for want of a descriptor comes in later; nobody spins meanwhile. */
START_TEST(no_descriptor_left)
{
	struct pollfd p[DOOR_POLLFDS];
	int64_t until = INT64_MAX, start = wire_now();
	int peer = peer_connect(port);
	struct rlimit was;
	uint8_t byte;

	ck_assert_int_ge(peer, 0);
	was = peer_no_descriptors();
	while (!door.complained)
		ck_assert(!step());
	ck_assert_uint_eq(door_pollfds(&door, p, false, &until), 0);
	ck_assert_int_eq(until, door.rest_until);
	ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &was), 0);
	while (!peer_readable(peer, 0))
		ck_assert(!step());
	if (recv(peer, &byte, 1, MSG_PEEK) == 1) {
		ck_assert_int_ge(wire_now() - start, DOOR_LISTEN_RETRY_MS);
		peer_expect(peer, BYTES("\x00\x01\x04"));
	} else {
		/* valgrind, which has limits of its own, lets it in and closes it */
		close(peer);
		peer = candidate();
	}
	peer_say(peer, BYTES(PEER_ATR));
	expect_arrival();
	close(peer);
}
END_TEST

/* It was reset before it was let in. */
START_TEST(who_has_left_already)
{
	const struct linger now = { .l_onoff = 1 };
	int64_t end = wire_now() + 200;
	unsigned i;
	int peer = peer_connect(port);

	ck_assert_int_eq(setsockopt(peer, SOL_SOCKET, SO_LINGER, &now, sizeof(now)), 0);
	close(peer);
	while (wire_now() < end)
		ck_assert(!step());
	for (i = 0; i < DOOR_CANDIDATES; i++)
		ck_assert_int_eq(door.candidates[i].fd, -1);
	peer = candidate();
	close(peer);
}
END_TEST

/* While it rests it sleeps until then, and no longer. */
START_TEST(a_rest_is_a_sleep)
{
	int fds[NET_LISTENERS], n;
	int64_t until = INT64_MAX;
	struct pollfd p[DOOR_POLLFDS];

	door_close(&door);
	n = net_listen_tcp("127.0.0.1", port, fds);
	door_open(&door, &name, 0);
	ck_assert_uint_eq(door_pollfds(&door, p, false, &until), 0);
	ck_assert_int_eq(until, door.rest_until);
	until = INT64_MAX;
	ck_assert_uint_eq(door_pollfds(&door, p, true, &until), 0);
	ck_assert_int_eq(until, INT64_MAX);
	while (n > 0)
		close(fds[--n]);
}
END_TEST

START_TEST(an_idle_door_wakes_nobody)
{
	int64_t until = INT64_MAX;
	struct pollfd p[DOOR_POLLFDS];

	ck_assert_uint_eq(door_pollfds(&door, p, false, &until), door.n_listeners);
	ck_assert_int_eq(until, INT64_MAX);
}
END_TEST

START_TEST(a_unix_door)
{
	char folder[] = "/tmp/test_door.XXXXXX", path[64], text[80], error[128];
	int peer;

	door_close(&door);
	ck_assert_ptr_nonnull(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/s", folder);
	snprintf(text, sizeof(text), "unix:%s", path);
	ck_assert_int_eq(name_parse(&name, text, error, sizeof(error)), 0);
	door_open(&door, &name, 0);
	peer = peer_connect_unix(path);
	peer_say(peer, BYTES(PEER_ATR));
	expect_arrival();
	close(peer);
	door_close(&door);
	ck_assert_int_eq(access(path, F_OK), -1);
	ck_assert_int_eq(rmdir(folder), 0);
	door_open(&door, &name, 0); /* for the teardown */
}
END_TEST

/* For a group that it may not be given to: it says so, and goes on trying. */
START_TEST(a_unix_door_for_another_group)
{
	char folder[] = "/tmp/test_door.XXXXXX", text[96], error[128];
	const uid_t uid = geteuid();
	const gid_t gid = getegid();
	bool others = true;

	door_close(&door);
	ck_assert_ptr_nonnull(mkdtemp(folder));
	snprintf(text, sizeof(text), "unix:%s/s/mode=0660/group=root", folder);
	ck_assert_int_eq(name_parse(&name, text, error, sizeof(error)), 0);
	/* a namespace may have no other users */
	if (uid == 0)
		others = chown(folder, 65534, 65534) == 0 && setgroups(0, NULL) == 0 &&
			 setegid(65534) == 0 && seteuid(65534) == 0;
	door_open(&door, &name, 0);
	ck_assert(door.complained == others);
	ck_assert(door.n_listeners == (others ? 0 : 1));
	door_close(&door);
	ck_assert_int_eq(seteuid(uid), 0);
	ck_assert_int_eq(setegid(gid), 0);
	ck_assert_int_eq(rmdir(folder), 0);
	door_open(&door, &name, 0); /* for the teardown */
}
END_TEST

/* --- reversed mode -------------------------------------------------------- */

static void
reverse(void)
{
	door_close(&door);
	open_door("connect");
}

/* Until it rests, for wait ms and at most a fifth more. */
static void
step_until_resting(unsigned wait)
{
	int64_t end = wire_now() + PEER_PATIENCE_MS, before;

	door.rest_until = 0;
	do {
		before = wire_now();
		ck_assert_int_lt(before, end);
		ck_assert(!step());
	} while (door.rest_until == 0);
	ck_assert_int_ge(door.rest_until, before + wait);
	ck_assert_int_le(door.rest_until, wire_now() + wait + wait / 5);
}

START_TEST(nothing_happens_at_the_opening)
{
	reverse();
	ck_assert_ptr_null(door.addresses);
	ck_assert_int_eq(door.candidates[0].fd, -1);
	ck_assert(door_expects(&door));
}
END_TEST

/* Listen there, and be called: the driver's connection. */
static int
called(int fds[NET_LISTENERS], int *n)
{
	int peer;

	reverse();
	*n = net_listen_tcp("127.0.0.1", port, fds);
	ck_assert(!step());
	ck_assert(peer_readable(fds[0], PEER_PATIENCE_MS));
	peer = net_accept(fds[0]);
	ck_assert_int_ge(peer, 0);
	return peer;
}

START_TEST(we_connect)
{
	int fds[NET_LISTENERS], n, peer = called(fds, &n);

	while (!peer_readable(peer, 0))
		ck_assert(!step());
	peer_expect(peer, BYTES("\x00\x01\x04"));
	peer_say(peer, BYTES(PEER_ATR));
	expect_arrival();
	/* one connection only */
	ck_assert(!peer_readable(fds[0], 50));
	close(peer);
	while (n > 0)
		close(fds[--n]);
}
END_TEST

START_TEST(we_back_off)
{
	static const unsigned waits[] = { 250, 500, 1000, 2000, 2000 };
	size_t i;

	reverse();
	for (i = 0; i < sizeof(waits) / sizeof(waits[0]); i++) {
		step_until_resting(waits[i]);
		ck_assert(door.complained);
		ck_assert_ptr_null(door.addresses); /* the host is looked up again */
	}
	/* from the start after each loss */
	door_reopen(&door);
	ck_assert_int_le(door.rest_until, wire_now() + 300);
	ck_assert_uint_eq(door.backoff_ms, 500);
}
END_TEST

START_TEST(a_host_that_is_none)
{
	char text[128], error[256], label[70] = "";

	/* a label has 63 characters at most: nobody is asked */
	memset(label, 'a', sizeof(label) - 1);
	door_close(&door);
	snprintf(text, sizeof(text), "connect:%s:%u", label, port);
	ck_assert_msg(name_parse(&name, text, error, sizeof(error)) == 0, "%s", error);
	door_open(&door, &name, 0);
	step_until_resting(DOOR_BACKOFF_MIN_MS);
	ck_assert(door.complained);
	ck_assert_ptr_null(door.addresses);
	step_until_resting(2 * DOOR_BACKOFF_MIN_MS);
}
END_TEST

START_TEST(who_shows_no_atr_is_not_hammered)
{
	int fds[NET_LISTENERS], n, peer = called(fds, &n);

	peer_say(peer, BYTES("\x00\x00"));
	step_until_resting(DOOR_BACKOFF_MIN_MS);
	peer_expect_end(peer);
	close(peer);
	while (n > 0)
		close(fds[--n]);
}
END_TEST

/* A listener that answers no connect any more: its queue is full. */
static void
silent_listener(int fds[3])
{
	struct sockaddr_in sin = { .sin_family = AF_INET, .sin_port = htons(port) };
	int i;

	sin.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	fds[0] = socket(AF_INET, SOCK_STREAM, 0);
	setsockopt(fds[0], SOL_SOCKET, SO_REUSEADDR, &(int) { 1 }, sizeof(int));
	ck_assert_int_eq(bind(fds[0], (struct sockaddr *)&sin, sizeof(sin)), 0);
	ck_assert_int_eq(listen(fds[0], 0), 0);
	for (i = 1; i < 3; i++)
		fds[i] = net_connect((struct sockaddr *)&sin, sizeof(sin));
}

START_TEST(a_connect_that_takes_too_long)
{
	int64_t left;
	int fds[3], i;

	reverse();
	silent_listener(fds);
	ck_assert(!door_step(&door, &came));
	ck_assert(door.candidates[0].connecting);
	left = door.candidates[0].deadline - wire_now();
	ck_assert_int_le(left, DOOR_CONNECT_MS);
	ck_assert_int_gt(left, 0);
	/* that time is over now */
	door.candidates[0].deadline = wire_now();
	step_until_resting(DOOR_BACKOFF_MIN_MS);
	ck_assert_int_eq(door.candidates[0].fd, -1);
	for (i = 0; i < 3; i++)
		close(fds[i]);
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("door");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, a_card_comes);
	tcase_add_test(tc, an_atr_byte_by_byte);
	tcase_add_loop_test(tc, atrs_that_are_too_short_or_long, 0, 5);
	tcase_add_test(tc, the_longest_atr);
	tcase_add_loop_test(tc, no_atr_at_all, 0, 3);
	tcase_add_test(tc, more_than_an_atr);
	tcase_add_test(tc, who_leaves_is_forgotten);
	tcase_add_test(tc, an_atr_of_the_entry);
	tcase_add_test(tc, who_speaks_or_leaves_is_no_card);
	tcase_add_loop_test(tc, an_atr_with_power, 0, 3);
	tcase_add_test(tc, an_empty_greeting);
	tcase_add_loop_test(tc, no_greeting, 0, sizeof(no_greetings) / sizeof(no_greetings[0]));
	tcase_add_test(tc, a_silent_peer_keeps_nobody_out);
	tcase_add_test(tc, a_silent_peer_has_its_time);
	tcase_add_test(tc, a_ninth_candidate_displaces_the_oldest);
	tcase_add_test(tc, silent_peers_keep_no_slow_card_out);
	tcase_add_test(tc, a_full_house_sleeps);
	tcase_add_test(tc, many_at_one_family_keep_nobody_out_of_the_other);
	tcase_add_test(tc, turned_away);
	tcase_add_test(tc, nobody_to_turn_away);
	tcase_add_test(tc, somebody_is_expected);
	tcase_add_test(tc, a_taken_port_is_tried_again);
	tcase_add_test(tc, no_descriptor_left);
	tcase_add_test(tc, who_has_left_already);
	tcase_add_test(tc, a_rest_is_a_sleep);
	tcase_add_test(tc, an_idle_door_wakes_nobody);
	tcase_add_test(tc, a_unix_door);
	tcase_add_test(tc, a_unix_door_for_another_group);
	tcase_add_test(tc, nothing_happens_at_the_opening);
	tcase_add_test(tc, we_connect);
	tcase_add_test(tc, we_back_off);
	tcase_add_test(tc, a_host_that_is_none);
	tcase_add_test(tc, who_shows_no_atr_is_not_hammered);
	tcase_add_test(tc, a_connect_that_takes_too_long);
	return run("door", tc);
}
