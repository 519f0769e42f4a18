/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <pthread.h>
#include <string.h>
#include <sys/socket.h>

#include "support.h"
#include "wire.h"

static uint8_t memory[WIRE_FRAME_MAX];
static uint8_t big[WIRE_BODY_MAX];
static struct wire w;
static int us, peer;

static void
setup(void)
{
	int fd[2];

	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, fd), 0);
	us = fd[0];
	peer = fd[1];
	wire_init(&w, memory, sizeof(memory));
}

static void
teardown(void)
{
	close(us);
	if (peer >= 0)
		close(peer);
}

static void
say(const void *p, size_t n)
{
	ck_assert_int_eq(write(peer, p, n), (ssize_t)n);
}

static void
expect_frame(const void *p, size_t n)
{
	const uint8_t *body;
	size_t len;

	ck_assert(wire_next(&w, &body, &len));
	ck_assert_uint_eq(len, n);
	ck_assert(memcmp(body, p, n) == 0);
}

static void
expect_none(void)
{
	const uint8_t *body;
	size_t len;

	ck_assert(!wire_next(&w, &body, &len));
}

START_TEST(a_frame_byte_by_byte)
{
	const uint8_t frame[] = { 0x00, 0x03, 'a', 'b', 'c' };
	size_t i;

	for (i = 0; i < sizeof(frame); i++) {
		expect_none();
		say(frame + i, 1);
		ck_assert_int_eq(wire_fill(&w, us, 0), 0);
	}
	expect_frame("abc", 3);
	expect_none();
	ck_assert_uint_eq(wire_pending(&w), 0);
}
END_TEST

START_TEST(several_frames_at_once)
{
	say("\x00\x01\x04\x00\x00\x00\x02xy\x00", 10);
	ck_assert_int_eq(wire_fill(&w, us, 0), 0);
	expect_frame("\x04", 1);
	expect_frame("", 0);
	expect_frame("xy", 2);
	expect_none();
	ck_assert_uint_eq(wire_pending(&w), 1);
	say("\x01z", 2);
	ck_assert_int_eq(wire_fill(&w, us, 0), 0);
	expect_frame("z", 1);
}
END_TEST

static void *
write_big(void *arg)
{
	const uint8_t header[] = { 0xff, 0xff };

	(void)arg;
	say(header, sizeof(header));
	say(big, sizeof(big));
	return NULL;
}

START_TEST(the_largest_frame)
{
	const uint8_t *body;
	size_t len;
	pthread_t t;

	memset(big, 0x5a, sizeof(big));
	big[0] = 1;
	big[sizeof(big) - 1] = 2;
	pthread_create(&t, NULL, write_big, NULL);
	ck_assert_int_eq(wire_receive(&w, us, 10000, &body, &len), 0);
	pthread_join(t, NULL);
	ck_assert_uint_eq(len, sizeof(big));
	ck_assert(memcmp(body, big, len) == 0);
}
END_TEST

START_TEST(a_frame_that_cannot_fit)
{
	uint8_t small[6];
	const uint8_t *body;
	size_t len;

	wire_init(&w, small, sizeof(small));
	say("\x00\x04" "abcd", 6);
	ck_assert_int_eq(wire_fill(&w, us, 0), 0);
	expect_frame("abcd", 4);
	say("\x00\x05", 2);
	ck_assert_int_eq(wire_receive(&w, us, 1000, &body, &len), -EMSGSIZE);
	ck_assert_int_eq(wire_fill(&w, us, 0), -EMSGSIZE);
	/* one that was not taken leaves no room for another */
	wire_init(&w, small, sizeof(small));
	say("\x00\x04" "abcd" "\x00\x01x", 9);
	ck_assert_int_eq(wire_fill(&w, us, 0), 0);
	ck_assert_int_eq(wire_fill(&w, us, 0), -EMSGSIZE);
	expect_frame("abcd", 4);
	ck_assert_int_eq(wire_fill(&w, us, 0), 0);
	expect_frame("x", 1);
}
END_TEST

START_TEST(room_is_made_and_no_copy_stays)
{
	uint8_t small[8];
	size_t i;

	wire_init(&w, small, sizeof(small));
	say("\x00\x03" "PIN" "\x00\x04" "1", 8);
	ck_assert_int_eq(wire_fill(&w, us, 0), 0);
	expect_frame("PIN", 3);
	say("234", 3);
	ck_assert_int_eq(wire_fill(&w, us, 0), 0);
	expect_frame("1234", 4);
	wire_wipe_taken(&w);
	for (i = 0; i < sizeof(small); i++)
		ck_assert_uint_eq(small[i], 0);
}
END_TEST

START_TEST(forget_keeps_what_is_pending)
{
	say("\x00\x01" "a" "\x00\x01" "b", 6);
	ck_assert_int_eq(wire_fill(&w, us, 0), 0);
	expect_frame("a", 1);
	wire_wipe_taken(&w);
	ck_assert_uint_eq(memory[2], 0);
	expect_frame("b", 1);
}
END_TEST

START_TEST(nothing_there)
{
	const uint8_t *body;
	size_t len;

	ck_assert_int_eq(wire_fill(&w, us, MSG_DONTWAIT), -EAGAIN);
	ck_assert_int_eq(wire_receive(&w, us, 20, &body, &len), -ETIMEDOUT);
	say("\x00\x02" "a", 3);
	ck_assert_int_eq(wire_receive(&w, us, 20, &body, &len), -ETIMEDOUT);
}
END_TEST

START_TEST(the_end_of_the_stream)
{
	const uint8_t *body;
	size_t len;

	say("\x00\x02" "a", 3);
	close(peer);
	peer = -1;
	ck_assert_int_eq(wire_receive(&w, us, 1000, &body, &len), -EPIPE);
}
END_TEST

START_TEST(sending)
{
	uint8_t got[16];
	const uint8_t reset_atr[] = { WIRE_RESET, WIRE_ATR };

	ck_assert_int_eq(wire_send(us, "hello", 5, 0), 0);
	ck_assert_int_eq(read(peer, got, sizeof(got)), 7);
	ck_assert_mem_eq(got, "\x00\x05hello", 7);
	ck_assert_int_eq(wire_send(us, "", 0, 0), 0);
	ck_assert_int_eq(read(peer, got, sizeof(got)), 2);
	ck_assert_mem_eq(got, "\x00\x00", 2);
	ck_assert_int_eq(wire_send_controls(us, reset_atr, 2, 0), 0);
	ck_assert_int_eq(read(peer, got, sizeof(got)), 6);
	ck_assert_mem_eq(got, "\x00\x01\x02\x00\x01\x04", 6);
}
END_TEST

START_TEST(sending_too_much)
{
	const uint8_t three[] = { 0, 1, 2 };

	ck_assert_int_eq(wire_send(us, big, sizeof(big) + 1, 0), -EMSGSIZE);
	ck_assert_int_eq(wire_send_controls(us, three, 3, 0), -EMSGSIZE);
}
END_TEST

START_TEST(a_peer_that_does_not_read)
{
	int rc = 0, i;

	for (i = 0; i < 1000 && rc == 0; i++)
		rc = wire_send(us, big, sizeof(big), 20);
	ck_assert_int_eq(rc, -ETIMEDOUT);
}
END_TEST

/* Reads it all, slowly at first. */
static void *
read_all(void *arg)
{
	size_t *total = arg;
	uint8_t some[4096];
	ssize_t n;

	usleep(50000);
	while ((n = read(peer, some, sizeof(some))) > 0)
		*total += (size_t)n;
	return NULL;
}

START_TEST(a_peer_that_reads_late)
{
	size_t total = 0;
	pthread_t t;
	int i;

	pthread_create(&t, NULL, read_all, &total);
	for (i = 0; i < 20; i++)
		ck_assert_int_eq(wire_send(us, big, sizeof(big), 10000), 0);
	shutdown(us, SHUT_WR);
	pthread_join(t, NULL);
	ck_assert_uint_eq(total, 20 * (size_t)WIRE_FRAME_MAX);
}
END_TEST

START_TEST(a_peer_that_is_gone)
{
	close(peer);
	peer = -1;
	ck_assert_int_eq(wire_send(us, "x", 1, 1000), -EPIPE);
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("wire");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, a_frame_byte_by_byte);
	tcase_add_test(tc, several_frames_at_once);
	tcase_add_test(tc, the_largest_frame);
	tcase_add_test(tc, a_frame_that_cannot_fit);
	tcase_add_test(tc, room_is_made_and_no_copy_stays);
	tcase_add_test(tc, forget_keeps_what_is_pending);
	tcase_add_test(tc, nothing_there);
	tcase_add_test(tc, the_end_of_the_stream);
	tcase_add_test(tc, sending);
	tcase_add_test(tc, sending_too_much);
	tcase_add_test(tc, a_peer_that_does_not_read);
	tcase_add_test(tc, a_peer_that_reads_late);
	tcase_add_test(tc, a_peer_that_is_gone);
	return run("wire", tc);
}
