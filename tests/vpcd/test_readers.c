/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <stdio.h>

#include "peer.h"
#include "readers.h"

#define LUN(reader, slot) ((unsigned long)(reader) << 16 | (slot))

static struct name name;
static uint16_t port;

static void
read_name(const char *options)
{
	char text[128], error[256];

	snprintf(text, sizeof(text), "listen:127.0.0.1:%u%s", port, options);
	ck_assert_int_eq(name_parse(&name, text, error, sizeof(error)), 0);
}

static void
setup(void)
{
	port = free_ports(4);
	read_name("");
}

static void
teardown(void)
{
	unsigned reader, slot;

	for (reader = 0; reader < 8; reader++)
		for (slot = 0; slot < 3; slot++)
			reader_close(LUN(reader, slot));
}

static bool
exists(unsigned long lun)
{
	struct slot *s = reader_get(lun);

	if (s)
		reader_put(s);
	return s != NULL;
}

static int
create(unsigned long lun)
{
	return reader_create(lun, &name);
}

static bool
port_is_open(unsigned k)
{
	int fd = peer_connect((uint16_t)(port + k));

	if (fd >= 0)
		close(fd);
	return fd >= 0;
}

START_TEST(a_reader_of_two_slots)
{
	struct slot *s;

	ck_assert_int_eq(create(LUN(0, 0)), 0);
	ck_assert(port_is_open(0)); /* before pcscd serves anybody */
	ck_assert_int_eq(create(LUN(0, 1)), 0);
	ck_assert(port_is_open(1));
	s = reader_get(LUN(0, 1));
	ck_assert_ptr_nonnull(s);
	ck_assert_uint_eq(s->k, 1);
	reader_put(s);
	ck_assert_int_eq(reader_close(LUN(0, 0)), 0);
	ck_assert(!exists(LUN(0, 0)));
	ck_assert(port_is_open(1));
	ck_assert_int_eq(reader_close(LUN(0, 1)), 0);
	ck_assert(!port_is_open(0));
	ck_assert(!port_is_open(1));
}
END_TEST

START_TEST(what_there_is_not)
{
	ck_assert(!exists(LUN(0, 0)));
	ck_assert_int_eq(reader_close(LUN(0, 0)), -ENODEV);
	/* the first slot is the first to be created */
	ck_assert_int_lt(create(LUN(0, 1)), 0);
	ck_assert_int_eq(create(LUN(0, 0)), 0);
	ck_assert(!exists(LUN(0, 1)));
	ck_assert(!exists(LUN(1, 0)));
	ck_assert_int_lt(create(LUN(0, 2)), 0);
	ck_assert_int_lt(create(LUN(0, 0xffff)), 0);
	/* a slot is created once */
	ck_assert_int_lt(create(LUN(0, 0)), 0);
	ck_assert(exists(LUN(0, 0)));
}
END_TEST

START_TEST(one_endpoint_has_one_reader)
{
	ck_assert_int_eq(create(LUN(0, 0)), 0);
	ck_assert_int_lt(create(LUN(1, 0)), 0);
	port += 1; /* the first one's second slot stands there */
	read_name("");
	ck_assert_int_lt(create(LUN(1, 0)), 0);
	port += 1;
	read_name("");
	ck_assert_int_eq(create(LUN(1, 0)), 0);
	ck_assert(exists(LUN(0, 0)));
	ck_assert(exists(LUN(1, 0)));
}
END_TEST

START_TEST(an_endpoint_is_free_again)
{
	int i;

	for (i = 0; i < 20; i++) {
		ck_assert_int_eq(create(LUN(i, 0)), 0);
		ck_assert_int_eq(create(LUN(i, 1)), 0);
		ck_assert_int_eq(reader_close(LUN(i, 1)), 0);
		ck_assert_int_eq(reader_close(LUN(i, 0)), 0);
	}
}
END_TEST

/* pcscd closes without asking who is still in a call. */
START_TEST(a_slot_in_use_outlives_its_closing)
{
	struct slot *s;
	int64_t start = wire_now();

	read_name("/slots=1");
	ck_assert_int_eq(create(LUN(0, 0)), 0);
	s = reader_get(LUN(0, 0));
	ck_assert_int_eq(reader_close(LUN(0, 0)), 0);
	ck_assert(!exists(LUN(0, 0)));
	/* the call under way ends at once */
	slot_wait(s, 60000);
	ck_assert_int_lt(wire_now() - start, 30000);
	reader_put(s);
	ck_assert(!port_is_open(0));
}
END_TEST

START_TEST(a_shared_door_goes_with_the_last_slot)
{
	read_name("/shared=1/slots=3");
	ck_assert_int_eq(create(LUN(7, 0)), 0);
	ck_assert_int_eq(create(LUN(7, 1)), 0);
	ck_assert_int_eq(create(LUN(7, 2)), 0);
	ck_assert_int_eq(reader_close(LUN(7, 0)), 0);
	ck_assert(port_is_open(0));
	ck_assert(!port_is_open(1));
	ck_assert_int_eq(reader_close(LUN(7, 2)), 0);
	ck_assert_int_eq(reader_close(LUN(7, 1)), 0);
	ck_assert(!port_is_open(0));
}
END_TEST

/* A slot wants one; a reader that cannot be made leaves nothing behind. */
START_TEST(no_descriptor_left)
{
	struct rlimit was = peer_no_descriptors();

	ck_assert_int_eq(create(LUN(0, 0)), -EMFILE);
	ck_assert(!exists(LUN(0, 0)));
	ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &was), 0);
	ck_assert_int_eq(create(LUN(0, 0)), 0);
	was = peer_no_descriptors();
	ck_assert_int_eq(create(LUN(0, 1)), -EMFILE);
	ck_assert(exists(LUN(0, 0)));
	ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &was), 0);
	ck_assert_int_eq(create(LUN(0, 1)), 0);
	ck_assert(port_is_open(1));
}
END_TEST

START_TEST(a_taken_port_is_no_error)
{
	int fds[NET_LISTENERS];

	ck_assert_int_eq(net_listen_tcp("127.0.0.1", port, fds), 1);
	ck_assert_int_eq(create(LUN(0, 0)), 0);
	ck_assert(exists(LUN(0, 0)));
	close(fds[0]);
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("readers");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, a_reader_of_two_slots);
	tcase_add_test(tc, what_there_is_not);
	tcase_add_test(tc, one_endpoint_has_one_reader);
	tcase_add_test(tc, an_endpoint_is_free_again);
	tcase_add_test(tc, a_slot_in_use_outlives_its_closing);
	tcase_add_test(tc, a_shared_door_goes_with_the_last_slot);
	tcase_add_test(tc, no_descriptor_left);
	tcase_add_test(tc, a_taken_port_is_no_error);
	return run("readers", tc);
}
