/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Blocks and masks; what Wireshark makes of them is tests/e2e/trace.sh's. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "known.h"
#include "support.h"
#include "trace/trace.h"

static char path[] = "/tmp/test_trace.XXXXXX";
static int fd;

static void
setup(void)
{
	static const char *const names[] = { "one", "two" };

	strcpy(path + strlen(path) - 6, "XXXXXX");
	close(mkstemp(path));
	ck_assert_int_eq(chmod(path, 0644), 0);
	fd = trace_create(path, names, 2);
	ck_assert_int_ge(fd, 0);
}

static void
teardown(void)
{
	close(fd);
	unlink(path);
}

/* The file as it is now; good until the next call. */
static struct view
contents(void)
{
	static uint8_t bytes[4096];
	int in = open(path, O_RDONLY);
	ssize_t n = read(in, bytes, sizeof(bytes));

	close(in);
	ck_assert_int_ge(n, 0);
	return view_of(bytes, (size_t)n);
}

/* Take a block off: its type; lengths in front and behind must be the same. */
static uint32_t
next_block(struct view *in, struct view *body)
{
	uint32_t type, n, again;
	struct view block;

	ck_assert_uint_ge(in->n, 12);
	memcpy(&type, in->p, 4);
	memcpy(&n, in->p + 4, 4);
	ck_assert_uint_eq(n % 4, 0);
	ck_assert(view_take(in, n, &block));
	memcpy(&again, block.p + n - 4, 4);
	ck_assert_uint_eq(n, again);
	*body = view_slice(block, 8, n - 12);
	return type;
}

START_TEST(a_file_begins)
{
	struct view in = contents(), body;

	ck_assert_uint_eq(next_block(&in, &body), 0x0a0d0d0a);
	ck_assert_uint_eq(next_block(&in, &body), 1);
	ck_assert_uint_eq(body.p[0] | body.p[1] << 8, 252);
	ck_assert(memmem(body.p, body.n, "one", 3) != NULL);
	ck_assert_uint_eq(next_block(&in, &body), 1);
	ck_assert(memmem(body.p, body.n, "two", 3) != NULL);
	ck_assert_uint_eq(in.n, 0);
	ck_assert_uint_eq(mode_of(path), 0600); /* whatever it was before */
}
END_TEST

/* A device is everybody's, and so is a pipe that somebody made for it. */
START_TEST(only_a_file_is_closed_to_others)
{
	int reader, writer;

	ck_assert_uint_eq(mode_of(path), 0600);
	unlink(path);
	ck_assert_int_eq(mkfifo(path, 0600), 0);
	ck_assert_int_eq(chmod(path, 0644), 0);
	reader = open(path, O_RDONLY | O_NONBLOCK);
	writer = trace_create(path, NULL, 0);
	ck_assert_int_ge(writer, 0);
	ck_assert_uint_eq(mode_of(path), 0644);
	close(writer);
	close(reader);
	ck_assert_int_eq(trace_private(-1), -EBADF);
}
END_TEST

START_TEST(packets)
{
	const struct card_note plain = { .instruction = "SELECT" }, secret = { .secret = true };
	struct view in, body;
	struct trace t;
	unsigned i;

	trace_init(&t, fd, 1, false, NULL);
	t.tap.atr(&t.tap, known("3B 00"));
	t.tap.exchange(&t.tap, known("00A40000 02 3F00"), known("AABB 9000"), &plain);
	t.tap.exchange(&t.tap, known("00200001 04 31323334"), known("CAFE 9000"), &secret);
	in = contents();
	for (i = 0; i < 3; i++)
		next_block(&in, &body);
	ck_assert_uint_eq(next_block(&in, &body), 6);
	ck_assert_uint_eq(body.p[0], 1); /* interface */
	ck_assert(memmem(body.p, body.n, "\x00\x0c\x00\x0ciso7816.atr\x00\x00\x00\x00\x00\x3b\x00",
			 23) != NULL);
	ck_assert_uint_eq(next_block(&in, &body), 6);
	ck_assert(memmem(body.p, body.n,
			 "\x00\x0c\x00\x08iso7816\x00\x00\x00\x00\x00\x00\xa4\x00\x00\x02\x3f\x00",
			 23) != NULL);
	ck_assert_uint_eq(next_block(&in, &body), 6);
	ck_assert(memmem(body.p, body.n, "\xaa\xbb\x90\x00", 4) != NULL);
	ck_assert_uint_eq(next_block(&in, &body), 6);
	ck_assert(memmem(body.p, body.n, "\x00\x20\x00\x01\x04\xff\xff\xff\xff", 9) != NULL);
	ck_assert_uint_eq(next_block(&in, &body), 6);
	ck_assert(memmem(body.p, body.n, "\xff\xff\x90\x00", 4) != NULL);
	ck_assert_uint_eq(in.n, 0);
}
END_TEST

static const struct { const char *in, *out; } masks[] = {
	{ "00200001 04 31323334", "00200001 04 FFFFFFFF" },
	{ "00200001 04 31323334 00", "00200001 04 FFFFFFFF 00" },
	{ "00200001 000004 31323334", "00200001 000004 FFFFFFFF" },
	{ "00200001 000004 31323334 0000", "00200001 000004 FFFFFFFF 0000" },
	{ "00200001", "00200001" },
	{ "00200001 00", "00200001 00" },
	{ "00200001 05 31323334", "00200001 05 FFFFFFFF" }, /* no command: all behind P3 */
	{ "C0200001 04 3132", "C0200001 04 FFFF" },
	{ "00200001 00 0004", "00200001 00 0004" }, /* Le */
	{ "0020", "0020" },
};

START_TEST(a_masked_command)
{
	struct buf b = BUF(64);

	trace_mask_command(&b, known(masks[_i].in));
	ck_assert_view(buf_view(&b), known(masks[_i].out));
	buf_free(&b);
}
END_TEST

START_TEST(a_masked_answer)
{
	struct buf b = BUF(64);

	trace_mask_response(&b, known("010203 6282"));
	ck_assert_view(buf_view(&b), known("FFFFFF 6282"));
	buf_reset(&b);
	trace_mask_response(&b, known("9000"));
	ck_assert_view(buf_view(&b), known("9000"));
	buf_free(&b);
}
END_TEST

START_TEST(a_full_disk_ends_the_trace_and_nothing_else)
{
	const struct card_note note = { .instruction = "X" };
	int full = open("/dev/full", O_WRONLY);
	struct trace t;

	trace_init(&t, full, 0, false, NULL);
	t.tap.exchange(&t.tap, known("00A40000"), known("9000"), &note);
	ck_assert(t.failed);
	t.tap.exchange(&t.tap, known("00A40000"), known("9000"), &note);
	close(full);
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("trace");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, a_file_begins);
	tcase_add_test(tc, only_a_file_is_closed_to_others);
	tcase_add_test(tc, packets);
	tcase_add_loop_test(tc, a_masked_command, 0, (int)(sizeof(masks) / sizeof(*masks)));
	tcase_add_test(tc, a_masked_answer);
	tcase_add_test(tc, a_full_disk_ends_the_trace_and_nothing_else);
	return run("trace", tc);
}
