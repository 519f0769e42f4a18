/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Files of viccctl's, with a disk that is full, calls that are interrupted, and what memory keeps of them. */
#include "viccctl/file.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "support.h"

#define SECRET "PIN1=735162, and a key that nobody else is to have"
#define STACK (512u << 10) /* bytes of a thread's */

/* What goes wrong in the calls of file.c; each but "short" once. */
static struct {
	unsigned interrupted_reads, interrupted_writes;
	int write, fstat, close; /* errno; 0: it goes well */
	size_t at_once;          /* bytes that a write takes; 0: all */
	int closed;              /* descriptors */
} trouble;

ssize_t __real_read(int fd, void *p, size_t n);
ssize_t __wrap_read(int fd, void *p, size_t n);
ssize_t __real_write(int fd, const void *p, size_t n);
ssize_t __wrap_write(int fd, const void *p, size_t n);
int __real_fstat(int fd, struct stat *st);
int __wrap_fstat(int fd, struct stat *st);
int __wrap_fstat64(int fd, struct stat *st);
int __real_close(int fd);
int __wrap_close(int fd);

static int
fails_with(int error)
{
	errno = error;
	return -1;
}

ssize_t
__wrap_read(int fd, void *p, size_t n)
{
	if (trouble.interrupted_reads > 0) {
		trouble.interrupted_reads--;
		return fails_with(EINTR);
	}
	return __real_read(fd, p, n);
}

ssize_t
__wrap_write(int fd, const void *p, size_t n)
{
	if (trouble.interrupted_writes > 0) {
		trouble.interrupted_writes--;
		return fails_with(EINTR);
	}
	if (trouble.write)
		return fails_with(trouble.write);
	return __real_write(fd, p, trouble.at_once && n > trouble.at_once ? trouble.at_once : n);
}

int
__wrap_fstat(int fd, struct stat *st)
{
	return trouble.fstat ? fails_with(trouble.fstat) : __real_fstat(fd, st);
}

/* What it is called where files are large. */
int
__wrap_fstat64(int fd, struct stat *st)
{
	return __wrap_fstat(fd, st);
}

int
__wrap_close(int fd)
{
	int rc = __real_close(fd);

	trouble.closed++;
	return trouble.close ? fails_with(trouble.close) : rc;
}

static char folder[] = "/tmp/ctlfile.XXXXXX";
static char path[64];

static void
setup(void)
{
	memset(&trouble, 0, sizeof(trouble));
	ck_assert_ptr_nonnull(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/file", folder);
}

static void
teardown(void)
{
	memset(&trouble, 0, sizeof(trouble));
	unlink(path);
	ck_assert_int_eq(rmdir(folder), 0);
	strcpy(folder, "/tmp/ctlfile.XXXXXX");
}

static int
memory_with(const char *text)
{
	int fd = file_memory();

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(__real_write(fd, text, strlen(text)), (ssize_t)strlen(text));
	return fd;
}

static void
has_text(int fd, const char *text)
{
	char got[256] = "";
	ssize_t n = pread(fd, got, sizeof(got) - 1, 0);

	ck_assert_int_ge(n, 0);
	ck_assert_str_eq(got, text);
}

/* The lowest descriptor that is free: none was left open. */
static int
next_descriptor(void)
{
	int fd = dup(STDIN_FILENO);

	ck_assert_int_ge(fd, 0);
	__real_close(fd);
	return fd;
}

static void
writes(const char *text)
{
	int fd = memory_with(text), to;
	struct stat st;

	ck_assert_int_eq(file_write(path, fd), 0);
	to = open(path, O_RDONLY);
	ck_assert_int_ge(to, 0);
	ck_assert_int_eq(__real_fstat(to, &st), 0);
	ck_assert_uint_eq(st.st_mode & 0777, 0600);
	has_text(to, text);
	__real_close(to);
	__real_close(fd);
}

START_TEST(to_a_file)
{
	writes(SECRET);
	writes("");
	trouble.at_once = 7;
	writes(SECRET);
}
END_TEST

START_TEST(interrupted)
{
	int fds[2], fd;

	trouble.interrupted_reads = 2;
	trouble.interrupted_writes = 2;
	writes(SECRET);
	ck_assert_uint_eq(trouble.interrupted_reads + trouble.interrupted_writes, 0);
	/* from a pipe */
	ck_assert_int_eq(pipe(fds), 0);
	ck_assert_int_eq(__real_write(fds[1], SECRET, strlen(SECRET)), (ssize_t)strlen(SECRET));
	__real_close(fds[1]);
	ck_assert_int_eq(dup2(fds[0], STDIN_FILENO), STDIN_FILENO);
	__real_close(fds[0]);
	trouble.interrupted_reads = 1;
	fd = file_read("-");
	ck_assert_int_ge(fd, 0);
	has_text(fd, SECRET);
	__real_close(fd);
}
END_TEST

START_TEST(no_room)
{
	int fd = memory_with(SECRET), lowest = next_descriptor();

	trouble.write = ENOSPC;
	ck_assert_int_eq(file_write(path, fd), -ENOSPC);
	ck_assert_int_eq(next_descriptor(), lowest);
	/* which some file systems say at the end */
	trouble.write = 0;
	trouble.close = EDQUOT;
	ck_assert_int_eq(file_write(path, fd), -EDQUOT);
	trouble.close = 0;
	__real_close(fd);
}
END_TEST

START_TEST(nothing_known_of_it)
{
	int lowest = next_descriptor();

	trouble.fstat = EIO;
	ck_assert_int_eq(file_read("-"), -EIO);
	ck_assert_int_eq(next_descriptor(), lowest);
	ck_assert_int_eq(trouble.closed, 1);
	ck_assert_int_eq(file_read(path), -ENOENT);
}
END_TEST

static void *
write_it(void *fd)
{
	return (void *)(intptr_t)file_write(path, *(int *)fd);
}

/* As another process would read it, which no checker of memory minds. */
static bool
has_secret(const void *memory, size_t n)
{
	char *copy = malloc(n);
	int fd = open("/proc/self/mem", O_RDONLY);
	bool has;

	ck_assert_ptr_nonnull(copy);
	ck_assert_int_eq(pread(fd, copy, n, (off_t)(uintptr_t)memory), (ssize_t)n);
	has = memmem(copy, n, SECRET, strlen(SECRET)) != NULL;
	free(copy);
	__real_close(fd);
	return has;
}

/* Written or not: what was copied is not on the stack afterwards. */
START_TEST(nothing_stays_on_the_stack)
{
	static const int errors[] = { 0, ENOSPC };
	char *stack = mmap(NULL, STACK, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	int fd = memory_with(SECRET);
	pthread_attr_t attr;
	pthread_t thread;
	void *rc;

	ck_assert_ptr_ne(stack, MAP_FAILED);
	/* it could fail */
	memcpy(stack + 1000, SECRET, sizeof(SECRET));
	ck_assert(has_secret(stack, STACK));
	memset(stack, 0, STACK);
	ck_assert_int_eq(pthread_attr_init(&attr), 0);
	ck_assert_int_eq(pthread_attr_setstack(&attr, stack, STACK), 0);
	trouble.write = errors[_i];
	ck_assert_int_eq(pthread_create(&thread, &attr, write_it, &fd), 0);
	ck_assert_int_eq(pthread_join(thread, &rc), 0);
	ck_assert_int_eq((intptr_t)rc, -errors[_i]);
	ck_assert(!has_secret(stack, STACK));
	pthread_attr_destroy(&attr);
	munmap(stack, STACK);
	__real_close(fd);
}
END_TEST

START_TEST(names_of_files)
{
	ck_assert(file_is_path("-"));
	ck_assert(file_is_path("a.json"));
	ck_assert(file_is_path("a/b"));
	ck_assert(!file_is_path("clean"));
	ck_assert(!file_is_path(""));
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("file");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, to_a_file);
	tcase_add_test(tc, interrupted);
	tcase_add_test(tc, no_room);
	tcase_add_test(tc, nothing_known_of_it);
	tcase_add_loop_test(tc, nothing_stays_on_the_stack, 0, 2);
	tcase_add_test(tc, names_of_files);
	return run("file", tc);
}
