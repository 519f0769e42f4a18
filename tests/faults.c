/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A disk that fails, for LD_PRELOAD. FAULT=CALL:N:ERROR has the N-th call (from 1)
 * of fsync, renameat, fchmod, openat (of a new file) or write (to a file) fail
 * with this errno, once; and those after it, too, with a + behind N.
 */
#undef _FILE_OFFSET_BITS /* openat is to be openat: both are here */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool
fails(const char *call)
{
	static int countdown = -1;
	static bool for_good;
	const char *fault = getenv("FAULT");
	size_t n = strlen(call);
	char *end;

	if (!fault || strncmp(fault, call, n) != 0 || fault[n] != ':')
		return false;
	if (countdown < 0) {
		countdown = (int)strtol(fault + n + 1, &end, 10);
		for_good = *end == '+';
	}
	if (countdown == 0 ? !for_good : --countdown > 0)
		return false;
	errno = atoi(strrchr(fault, ':') + 1);
	return true;
}

#define REAL(type, name) type *real = (type *)dlsym(RTLD_NEXT, name)

typedef int fd_fn(int);
typedef int fchmod_fn(int, mode_t);
typedef int renameat_fn(int, const char *, int, const char *);
typedef int openat_fn(int, const char *, int, ...);
typedef ssize_t write_fn(int, const void *, size_t);

int
fsync(int fd)
{
	REAL(fd_fn, "fsync");

	return fails("fsync") ? -1 : real(fd);
}

int
fchmod(int fd, mode_t mode)
{
	REAL(fchmod_fn, "fchmod");

	return fails("fchmod") ? -1 : real(fd, mode);
}

int
renameat(int from_dir, const char *from, int to_dir, const char *to)
{
	REAL(renameat_fn, "renameat");

	return fails("renameat") ? -1 : real(from_dir, from, to_dir, to);
}

static int
open_new(const char *name, int dir, const char *path, int flags, mode_t mode)
{
	REAL(openat_fn, name);

	return (flags & O_EXCL) && fails("openat") ? -1 : real(dir, path, flags, mode);
}

#define OPENAT(name) \
	int \
	name(int dir, const char *path, int flags, ...) \
	{ \
		mode_t mode = 0; \
		va_list ap; \
\
		va_start(ap, flags); \
		if (flags & O_CREAT) \
			mode = va_arg(ap, mode_t); \
		va_end(ap); \
		return open_new(#name, dir, path, flags, mode); \
	}

OPENAT(openat)
OPENAT(openat64)

ssize_t
write(int fd, const void *p, size_t n)
{
	REAL(write_fn, "write");
	struct stat st;

	if (fd > STDERR_FILENO && fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && fails("write"))
		return -1;
	return real(fd, p, n);
}
