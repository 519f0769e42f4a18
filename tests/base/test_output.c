/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/output.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "folder.h"
#include "support.h"

static void
go_to_dir(void)
{
	make_dir();
	ck_assert_int_eq(chdir(dir), 0);
}

static void
leave_dir(void)
{
	ck_assert_int_eq(chdir("/"), 0);
	remove_dir();
}

static void
put(const char *name, const char *text)
{
	FILE *f = fopen(name, "w");

	ck_assert_ptr_nonnull(f);
	fputs(text, f);
	ck_assert_int_eq(fclose(f), 0);
}

static void
expect_written(const char *path, const char *name, bool begin, const char *text)
{
	int fd = output_open(path, 0600, begin);
	char got[64] = "";
	FILE *f;

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(write(fd, "y", 1), 1);
	close(fd);
	f = fopen(name, "r");
	ck_assert_ptr_nonnull(f);
	got[fread(got, 1, sizeof(got) - 1, f)] = '\0';
	fclose(f);
	ck_assert_str_eq(got, text);
}

START_TEST(ours)
{
	umask(022);
	expect_written("new", "new", true, "y");
	ck_assert_uint_eq(mode_of("new"), 0600);
	expect_written("new", "new", false, "yy");
	expect_written("new", "new", true, "y");
	ck_assert_int_eq(output_open("nowhere/new", 0600, false), -ENOENT);
	ck_assert_int_eq(output_open(dir, 0600, false), -EISDIR);
}
END_TEST

START_TEST(our_links)
{
	put("file", "x");
	ck_assert_int_eq(symlink("file", "link"), 0);
	expect_written("link", "file", false, "xy");
	ck_assert_int_eq(symlink("circle", "circle"), 0);
	ck_assert_int_eq(output_open("circle", 0600, false), -ELOOP);
}
END_TEST

/* Nothing is written, and nothing emptied. */
static void
expect_refused(const char *path, const char *name)
{
	struct stat st;

	ck_assert_int_eq(output_open(path, 0600, true), -EPERM);
	ck_assert_int_eq(stat(name, &st), 0);
	ck_assert_int_eq(st.st_size, 1);
	ck_assert_ptr_nonnull(strstr(output_fault(-EPERM), "another user's"));
	ck_assert_str_eq(output_fault(-ENOENT), strerror(ENOENT));
}

START_TEST(hard_links)
{
	put("file", "x");
	ck_assert_int_eq(link("file", "other"), 0);
	expect_refused("other", "file");
	ck_assert_int_eq(unlink("file"), 0);
	expect_written("other", "other", false, "xy");
}
END_TEST

START_TEST(of_others)
{
	if (geteuid() != 0)
		return;
	put("file", "x");
	ck_assert_int_eq(chown("file", 1000, 0), 0);
	expect_refused("file", "file");
	ck_assert_int_eq(chown("file", 0, 0), 0);
	ck_assert_int_eq(symlink("file", "link"), 0);
	ck_assert_int_eq(lchown("link", 1000, 0), 0);
	expect_refused("link", "file");
}
END_TEST

START_TEST(no_files)
{
	int fd, reader;

	fd = output_open("/dev/null", 0600, true);
	ck_assert_int_ge(fd, 0);
	close(fd);
	ck_assert_int_eq(mkfifo("fifo", 0600), 0);
	reader = open("fifo", O_RDONLY | O_NONBLOCK);
	fd = output_open("fifo", 0600, true);
	ck_assert_int_ge(fd, 0);
	close(fd);
	close(reader);
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("output");

	tcase_add_checked_fixture(tc, go_to_dir, leave_dir);
	tcase_add_test(tc, ours);
	tcase_add_test(tc, our_links);
	tcase_add_test(tc, hard_links);
	tcase_add_test(tc, of_others);
	tcase_add_test(tc, no_files);
	return run("output", tc);
}
