/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/slurp.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "support.h"

static char path[] = "/tmp/vicc-slurp-XXXXXX";

/* A file of n bytes; path names it. */
static void
make_file(size_t n)
{
	struct buf b = BUF(n + 1);
	int fd;

	strcpy(path + strlen(path) - 6, "XXXXXX");
	fd = mkstemp(path);
	buf_fill(&b, 'x', n);
	ck_assert_int_eq(write(fd, b.p, b.n), (ssize_t)n);
	close(fd);
	buf_free(&b);
}

static void
remove_file(void)
{
	unlink(path);
}

START_TEST(all_of_it)
{
	static const size_t sizes[] = { 0, 1, 16383, 16384, 16385, 100000 };
	struct buf b = BUF(100000);

	make_file(sizes[_i]);
	ck_assert_int_eq(slurp(path, &b), 0);
	ck_assert_uint_eq(b.n, sizes[_i]);
	ck_assert_uint_eq(view_strip_end(buf_view(&b), 'x').n, 0);
	buf_free(&b);
}
END_TEST

START_TEST(behind_what_is_there)
{
	struct buf b = BUF(10);

	make_file(3);
	buf_put(&b, "abc", 3);
	ck_assert_int_eq(slurp(path, &b), 0);
	ck_assert(view_equal(buf_view(&b), view_of("abcxxx", 6)));
	buf_free(&b);
}
END_TEST

START_TEST(too_much)
{
	struct buf b = BUF(20000);

	make_file(20001);
	ck_assert_int_eq(slurp(path, &b), -EFBIG);
	buf_free(&b);
	make_file(20000);
	ck_assert_int_eq(slurp(path, &b), 0);
	buf_free(&b);
}
END_TEST

START_TEST(what_cannot_be_read)
{
	struct buf b = BUF(10);

	ck_assert_int_eq(slurp("/nonexistent/file", &b), -ENOENT);
	ck_assert_int_eq(slurp("/tmp", &b), -EISDIR);
	ck_assert_int_eq(slurp_fd(-1, &b), -EBADF);
	ck_assert_uint_eq(b.n, 0);
	make_file(0);
}
END_TEST

START_TEST(a_pipe)
{
	struct buf b = BUF(10);
	int fds[2];

	make_file(0);
	ck_assert_int_eq(pipe(fds), 0);
	ck_assert_int_eq(write(fds[1], "12", 2), 2);
	ck_assert_int_eq(write(fds[1], "34", 2), 2);
	close(fds[1]);
	ck_assert_int_eq(slurp_fd(fds[0], &b), 0);
	ck_assert(view_equal(buf_view(&b), view_of("1234", 4)));
	close(fds[0]);
	buf_free(&b);
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("slurp");

	tcase_add_checked_fixture(tc, NULL, remove_file);
	tcase_add_loop_test(tc, all_of_it, 0, 6);
	tcase_add_test(tc, behind_what_is_there);
	tcase_add_test(tc, too_much);
	tcase_add_test(tc, what_cannot_be_read);
	tcase_add_test(tc, a_pipe);
	return run("slurp", tc);
}
