/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "image/store.h"
#include "support.h"

/* The linker's --wrap puts these before the real ones. */
int __real_fsync(int fd);
int __wrap_fsync(int fd);
int __real_renameat(int from_dir, const char *from, int to_dir, const char *to);
int __wrap_renameat(int from_dir, const char *from, int to_dir, const char *to);
ssize_t __real_write(int fd, const void *p, size_t n);
ssize_t __wrap_write(int fd, const void *p, size_t n);

/* Which call of each kind fails, counted down: 0 is none. */
static int fail_fsync, fail_renameat, fail_write;
static int fail_with;
static bool short_writes;

static bool
fails(int *countdown)
{
	if (*countdown == 0 || --*countdown > 0)
		return false;
	errno = fail_with;
	return true;
}

int
__wrap_fsync(int fd)
{
	return fails(&fail_fsync) ? -1 : __real_fsync(fd);
}

int
__wrap_renameat(int from_dir, const char *from, int to_dir, const char *to)
{
	return fails(&fail_renameat) ? -1 : __real_renameat(from_dir, from, to_dir, to);
}

ssize_t
__wrap_write(int fd, const void *p, size_t n)
{
	if (fails(&fail_write))
		return -1;
	return __real_write(fd, p, short_writes && n > 3 ? 3 : n);
}

static char dir[] = "/tmp/vicc-store-XXXXXX";
static char error[512];

static void
make_dir(void)
{
	strcpy(dir + strlen(dir) - 6, "XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(dir));
	ck_assert_int_eq(chdir(dir), 0);
	fail_fsync = fail_renameat = fail_write = 0;
	short_writes = false;
}

static void
remove_dir(void)
{
	struct dirent *e;
	DIR *d = opendir(dir);

	ck_assert_ptr_nonnull(d);
	while ((e = readdir(d)))
		if (unlinkat(dirfd(d), e->d_name, 0) < 0 && errno == EISDIR)
			unlinkat(dirfd(d), e->d_name, AT_REMOVEDIR);
	closedir(d);
	ck_assert_int_eq(chdir("/"), 0);
	rmdir(dir);
}

static struct store *
open_ok(const char *path, unsigned flags)
{
	struct store *s = NULL;

	ck_assert_msg(store_open(&s, path, flags, error, sizeof(error)) == 0, "%s", error);
	ck_assert_str_eq(store_path(s), path);
	return s;
}

static void
put(const char *name, const char *text)
{
	FILE *f = fopen(name, "w");

	ck_assert_ptr_nonnull(f);
	ck_assert_int_ge(fputs(text, f), 0);
	ck_assert_int_eq(fclose(f), 0);
}

static void
expect_file(const char *name, const char *text)
{
	char got[256] = "";
	FILE *f = fopen(name, "r");

	ck_assert_msg(f != NULL, "%s is missing", name);
	got[fread(got, 1, sizeof(got) - 1, f)] = '\0';
	fclose(f);
	ck_assert_str_eq(got, text);
}

static void
expect_kept(const struct store *s, const char *text)
{
	struct buf b = BUF(STORE_MAX);

	ck_assert_int_eq(store_read(s, &b), 0);
	buf_u8(&b, 0);
	ck_assert_str_eq((const char *)b.p, text);
	buf_free(&b);
}

static int
commit(struct store *s, const char *text)
{
	return store_commit(s, view_of(text, strlen(text)));
}

static unsigned
entries(void)
{
	DIR *d = opendir(dir);
	unsigned n = 0;

	while (readdir(d))
		n++;
	closedir(d);
	return n - 2;
}

START_TEST(made_read_replaced)
{
	struct store *s = open_ok("card.json", 0);
	struct buf b = BUF(10);

	ck_assert(!store_exists(s));
	ck_assert_int_eq(store_read(s, &b), -ENOENT);
	ck_assert_int_ne(access("card.json", F_OK), 0);

	ck_assert_int_eq(commit(s, "first"), 0);
	ck_assert(store_exists(s));
	expect_kept(s, "first");
	expect_file("card.json", "first");
	ck_assert_int_eq(commit(s, ""), 0);
	expect_file("card.json", "");
	ck_assert_int_eq(commit(s, "second, and longer"), 0);
	ck_assert_int_eq(store_read(s, &b), -EFBIG);
	store_free(s);

	s = open_ok("card.json", 0);
	expect_kept(s, "second, and longer");
	store_free(s);
	ck_assert_uint_eq(entries(), 2); /* and the lock */
	buf_free(&b);
	store_free(NULL);
}
END_TEST

START_TEST(large_in_small_writes)
{
	struct store *s = open_ok("card.json", 0);
	struct buf b = BUF(STORE_MAX), got = BUF(STORE_MAX);

	short_writes = true;
	buf_fill(&b, 'x', 100000);
	buf_u8(&b, 'y');
	ck_assert_int_eq(store_commit(s, buf_view(&b)), 0);
	store_free(s);
	s = open_ok("card.json", STORE_READ_ONLY);
	ck_assert_int_eq(store_read(s, &got), 0);
	ck_assert(view_equal(buf_view(&b), buf_view(&got)));
	store_free(s);
	buf_free(&b);
	buf_free(&got);
}
END_TEST

START_TEST(mode_whatever_the_umask)
{
	static const mode_t masks[] = { 0, 022, 0777 };
	mode_t old = umask(masks[_i]);
	struct store *s = open_ok("card.json", 0);

	ck_assert_int_eq(commit(s, "x"), 0);
	umask(old);
	ck_assert_uint_eq(mode_of("card.json"), 0600);
	/* one that others could read is theirs no longer */
	ck_assert_int_eq(chmod("card.json", 0644), 0);
	ck_assert_int_eq(commit(s, "y"), 0);
	ck_assert_uint_eq(mode_of("card.json"), 0600);
	store_free(s);
}
END_TEST

START_TEST(one_process)
{
	struct store *s = open_ok("card.json", 0), *other = NULL;
	pid_t pid;
	int status;

	ck_assert_int_eq(commit(s, "x"), 0);
	ck_assert_int_eq(store_open(&other, "card.json", 0, error, sizeof(error)), -EBUSY);
	ck_assert_ptr_nonnull(strstr(error, "card.json: in use"));
	ck_assert_ptr_nonnull(strstr(error, "card.json.lock"));
	/* by another name, too */
	ck_assert_int_eq(symlink("card.json", "link"), 0);
	ck_assert_int_eq(store_open(&other, "link", 0, error, sizeof(error)), -EBUSY);
	ck_assert_ptr_nonnull(strstr(error, "link: in use"));
	pid = fork();
	if (pid == 0) {
		status = store_open(&other, "card.json", 0, error, sizeof(error));
		store_free(s);
		_exit(status == -EBUSY ? 0 : 1);
	}
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_int_eq(status, 0);
	/* to look is allowed */
	other = open_ok("card.json", STORE_READ_ONLY);
	expect_kept(other, "x");
	store_free(other);
	store_free(s);
	store_free(open_ok("card.json", 0));
}
END_TEST

START_TEST(a_killed_process_lets_go)
{
	int pipe_fds[2], status;
	struct store *s;
	char c;
	pid_t pid;

	ck_assert_int_eq(pipe(pipe_fds), 0);
	pid = fork();
	if (pid == 0) {
		s = open_ok("card.json", 0);
		put(".card.json.vicc-tmp", "half of an im");
		if (write(pipe_fds[1], "x", 1) == 1)
			pause();
		_exit(1);
	}
	ck_assert_int_eq(read(pipe_fds[0], &c, 1), 1);
	ck_assert_int_eq(kill(pid, SIGKILL), 0);
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	s = open_ok("card.json", 0);
	ck_assert(!store_exists(s));
	ck_assert_int_ne(access(".card.json.vicc-tmp", F_OK), 0);
	store_free(s);
	close(pipe_fds[0]);
	close(pipe_fds[1]);
}
END_TEST

START_TEST(a_stale_file_in_the_way)
{
	struct store *s = open_ok("card.json", 0);

	put(".card.json.vicc-tmp", "of a commit that could not clean up");
	ck_assert_int_eq(commit(s, "x"), 0);
	expect_file("card.json", "x");
	ck_assert_int_ne(access(".card.json.vicc-tmp", F_OK), 0);
	/* nor is a link followed that somebody has put there */
	put("victim", "untouched");
	ck_assert_int_eq(symlink("victim", ".card.json.vicc-tmp"), 0);
	ck_assert_int_eq(commit(s, "y"), 0);
	expect_file("victim", "untouched");
	expect_file("card.json", "y");
	store_free(s);
}
END_TEST

START_TEST(paths)
{
	char path[600];
	struct store *s;

	ck_assert_int_eq(mkdir("sub", 0700), 0);
	s = open_ok("sub/../sub/card.json", 0);
	/* a changed working directory changes nothing */
	ck_assert_int_eq(chdir("/"), 0);
	ck_assert_int_eq(commit(s, "x"), 0);
	store_free(s);
	snprintf(path, sizeof(path), "%s/sub/card.json", dir);
	expect_file(path, "x");
	s = open_ok(path, 0);
	expect_kept(s, "x");
	store_free(s);
	ck_assert_int_eq(chdir(dir), 0);

	/* the link stays, the file behind it is replaced */
	ck_assert_int_eq(symlink("sub/card.json", "link"), 0);
	s = open_ok("link", 0);
	expect_kept(s, "x");
	ck_assert_int_eq(commit(s, "y"), 0);
	expect_file("sub/card.json", "y");
	expect_file("link", "y");
	ck_assert_int_eq(readlink("link", path, sizeof(path)), strlen("sub/card.json"));
	ck_assert_int_eq(access("sub/card.json.lock", F_OK), 0);
	store_free(s);
	unlink("sub/card.json");
	unlink("sub/card.json.lock");
}
END_TEST

/*
 * A link of another user leads to his files only; where the kernel asks the same, it
 * refuses first.
 */
START_TEST(links_of_others)
{
	static const struct {
		uid_t link, file;
		bool followed;
	} rows[] = {
		{ 0, 1000, true }, { 1000, 1000, true }, { 1000, 0, false }, { 1000, 1001, false },
	};
	struct store *s = NULL;

	if (geteuid() != 0)
		return;
	put("target", "x");
	ck_assert_int_eq(symlink("target", "link"), 0);
	ck_assert_int_eq(chown("target", rows[_i].file, 0), 0);
	ck_assert_int_eq(lchown("link", rows[_i].link, 0), 0);
	if (rows[_i].followed) {
		store_free(open_ok("link", 0));
		return;
	}
	ck_assert_int_eq(store_open(&s, "link", 0, error, sizeof(error)), -EPERM);
	ck_assert_ptr_nonnull(strstr(error, "link: a link of another user"));
	ck_assert_int_ne(access("target.lock", F_OK), 0);
}
END_TEST

START_TEST(removed_while_in_use)
{
	struct store *s = open_ok("card.json", 0);

	ck_assert_int_eq(commit(s, "x"), 0);
	ck_assert_int_eq(unlink("card.json"), 0);
	expect_kept(s, "x");
	ck_assert_int_eq(commit(s, "y"), 0);
	expect_file("card.json", "y");
	store_free(s);
}
END_TEST

static const struct refusal {
	const char *path;
	const char *word;
	int rc;
} refusals[] = {
	{ "", "Is a directory", -EISDIR },
	{ "a-dir", "Is a directory", -EISDIR },
	{ "a-dir/", "Is a directory", -EISDIR },
	{ "a-dir/..", "Is a directory", -EISDIR },
	{ "fifo", "not a regular file", -ENODEV },
	{ "/dev/null", "not a regular file", -ENODEV },
	{ "nowhere/card.json", "No such file", -ENOENT },
	{ "dangling", "No such file", -ENOENT },
	{ "circle", "symbolic links", -ELOOP },
	{ "a-file/card.json", "Not a directory", -ENOTDIR },
};

START_TEST(is_refused)
{
	const struct refusal *r = &refusals[_i];
	struct store *s = NULL;

	ck_assert_int_eq(mkdir("a-dir", 0700), 0);
	ck_assert_int_eq(mkfifo("fifo", 0600), 0);
	ck_assert_int_eq(symlink("is-not-there", "dangling"), 0);
	ck_assert_int_eq(symlink("circle", "circle"), 0);
	put("a-file", "");
	ck_assert_int_eq(store_open(&s, r->path, STORE_READ_ONLY, error, sizeof(error)), r->rc);
	ck_assert_msg(strstr(error, r->word) != NULL, "%s", error);
	ck_assert_int_eq(strncmp(error, r->path, strlen(r->path)), 0);
	ck_assert_ptr_null(s);
}
END_TEST

START_TEST(the_longest_name)
{
	char name[300] = "";
	struct store *s = NULL;

	/* .NAME.vicc-tmp is at most 255 */
	memset(name, 'n', 255 - strlen("..vicc-tmp"));
	s = open_ok(name, 0);
	ck_assert_int_eq(commit(s, "x"), 0);
	expect_file(name, "x");
	store_free(s);
	strcat(name, "n");
	ck_assert_int_eq(store_open(&s, name, 0, error, sizeof(error)), -ENAMETOOLONG);
}
END_TEST

START_TEST(too_large)
{
	struct store *s = NULL;

	put("card.json", "");
	ck_assert_int_eq(truncate("card.json", (off_t)STORE_MAX + 1), 0);
	ck_assert_int_eq(store_open(&s, "card.json", 0, error, sizeof(error)), -EFBIG);
}
END_TEST

START_TEST(read_only)
{
	struct store *s = NULL;

	ck_assert_int_eq(store_open(&s, "card.json", STORE_READ_ONLY, error, sizeof(error)),
			 -ENOENT);
	put("card.json", "x");
	put(".card.json.vicc-tmp", "of the one who writes");
	ck_assert_int_eq(chmod("card.json", 0400), 0);
	s = open_ok("card.json", STORE_READ_ONLY);
	expect_kept(s, "x");
	ck_assert_int_eq(commit(s, "y"), -EROFS);
	ck_assert_int_eq(store_keep(s, "v1"), -EROFS);
	store_free(s);
	expect_file("card.json", "x");
	ck_assert_uint_eq(entries(), 2); /* no lock */
}
END_TEST

/* A commit that fails at any of its steps leaves the old file, and the next one works. */
static const struct fault {
	int *countdown;
	int nth;
	int error;
} faults[] = {
	{ &fail_write, 1, ENOSPC }, { &fail_write, 2, EIO }, { &fail_fsync, 1, EIO },
	{ &fail_fsync, 2, EIO },    { &fail_renameat, 1, EACCES },
};

START_TEST(a_failing_step)
{
	const struct fault *f = &faults[_i];
	struct store *s = open_ok("card.json", 0);

	ck_assert_int_eq(commit(s, "old"), 0);
	short_writes = true;
	fail_with = f->error;
	*f->countdown = f->nth;
	ck_assert_int_eq(commit(s, "new contents"), -f->error);
	ck_assert_int_eq(*f->countdown, 0);
	expect_kept(s, "old");
	expect_file("card.json", "old");
	ck_assert_uint_eq(entries(), 2);
	ck_assert_int_eq(commit(s, "newer contents"), 0);
	expect_file("card.json", "newer contents");
	expect_kept(s, "newer contents");
	store_free(s);
}
END_TEST

START_TEST(a_failing_first_step)
{
	const struct fault *f = &faults[_i];
	struct store *s = open_ok("card.json", 0);

	short_writes = true;
	fail_with = f->error;
	*f->countdown = f->nth;
	ck_assert_int_eq(commit(s, "new contents"), -f->error);
	ck_assert(!store_exists(s));
	ck_assert_uint_eq(entries(), 1);
	ck_assert_int_eq(commit(s, "newer contents"), 0);
	expect_file("card.json", "newer contents");
	store_free(s);
}
END_TEST

START_TEST(a_directory_that_cannot_be_synced)
{
	struct store *s = open_ok("card.json", 0);

	fail_with = EINVAL;
	fail_fsync = 2;
	ck_assert_int_eq(commit(s, "x"), 0);
	expect_file("card.json", "x");
	store_free(s);
}
END_TEST

START_TEST(keeps_the_old)
{
	struct store *s = open_ok("card.json", 0);
	char suffix[256] = "";

	ck_assert_int_eq(store_keep(s, "v1"), -ENOENT);
	ck_assert_int_eq(commit(s, "old"), 0);
	ck_assert_int_eq(store_keep(s, "v1"), 0);
	ck_assert_int_eq(commit(s, "new"), 0);
	expect_file("card.json.v1", "old");
	/* the first one stays */
	ck_assert_int_eq(store_keep(s, "v1"), 0);
	expect_file("card.json.v1", "old");
	expect_file("card.json", "new");
	fail_with = EIO;
	fail_fsync = 1;
	ck_assert_int_eq(store_keep(s, "v2"), -EIO);
	ck_assert_int_ne(access("card.json.v2", F_OK), 0);
	/* card.json and a dot in front of it */
	memset(suffix, 'n', sizeof(suffix) - 1);
	ck_assert_int_eq(store_keep(s, suffix), -ENAMETOOLONG);
	store_free(s);
}
END_TEST

/* Nobody else's file is opened, or made, in place of the lock. */
START_TEST(a_lock_that_is_a_link)
{
	struct store *s = NULL;

	ck_assert_int_eq(symlink("elsewhere", "card.json.lock"), 0);
	ck_assert_int_eq(store_open(&s, "card.json", 0, error, sizeof(error)), -ELOOP);
	ck_assert_ptr_null(s);
	ck_assert_int_ne(access("elsewhere", F_OK), 0);
}
END_TEST

START_TEST(an_interrupted_write_goes_on)
{
	struct store *s = open_ok("card.json", 0);

	fail_with = EINTR;
	fail_write = 1;
	ck_assert_int_eq(commit(s, "whole"), 0);
	expect_file("card.json", "whole");
	store_free(s);
}
END_TEST

int
main(void)
{
	const int n_faults = sizeof(faults) / sizeof(faults[0]);
	TCase *tc = tcase_create("store");

	tcase_add_checked_fixture(tc, make_dir, remove_dir);
	tcase_add_test(tc, made_read_replaced);
	tcase_add_test(tc, large_in_small_writes);
	tcase_add_loop_test(tc, mode_whatever_the_umask, 0, 3);
	tcase_add_test(tc, one_process);
	tcase_add_test(tc, a_killed_process_lets_go);
	tcase_add_test(tc, a_stale_file_in_the_way);
	tcase_add_test(tc, paths);
	tcase_add_test(tc, removed_while_in_use);
	tcase_add_loop_test(tc, is_refused, 0, sizeof(refusals) / sizeof(refusals[0]));
	tcase_add_test(tc, the_longest_name);
	tcase_add_test(tc, too_large);
	tcase_add_test(tc, read_only);
	tcase_add_loop_test(tc, a_failing_step, 0, n_faults);
	tcase_add_loop_test(tc, a_failing_first_step, 0, n_faults);
	tcase_add_test(tc, a_directory_that_cannot_be_synced);
	tcase_add_test(tc, keeps_the_old);
	tcase_add_test(tc, a_lock_that_is_a_link);
	tcase_add_loop_test(tc, links_of_others, 0, 4);
	tcase_add_test(tc, an_interrupted_write_goes_on);
	return run("store", tc);
}
