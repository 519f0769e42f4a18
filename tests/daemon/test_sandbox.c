/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What is left of the system behind the filter. Not for sanitizers, which need more. */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <termios.h>

#include "daemon/sandbox.h"
#include "support.h"
#include "valgrind.h"

static const struct log quiet = { .out = NULL };

/*
 * The filter is for a child's child: check times the child, and takes another clock
 * for its end than for its beginning where the filter refuses timer_create.
 */
static void
in_child(void (*test)(void))
{
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		test();
		_exit(0);
	}
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert(WIFEXITED(status));
	ck_assert_int_eq(WEXITSTATUS(status), 0);
}

static int
result(long rc)
{
	return rc < 0 ? errno : 0;
}

#ifdef HAVE_SECCOMP

static int pair[2]; /* open before the door is shut */

/* --- each is one thing that a process may try: 0 or an errno ------------------ */

static int
talk(void)
{
	struct pollfd p = { .fd = pair[0], .events = POLLIN };
	char c;

	if (write(pair[1], "x", 1) != 1 || poll(&p, 1, 1000) != 1)
		return errno;
	return result(recv(pair[0], &c, 1, MSG_DONTWAIT));
}

static int
more_memory(void)
{
	void *p = mmap(NULL, 1 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	free(malloc(1 << 20));
	return p == MAP_FAILED ? errno : result(munmap(p, 1 << 20));
}

static int
code_memory(void)
{
	void *p = mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return p == MAP_FAILED ? errno : 0;
}

static int
memory_to_code(void)
{
	void *p = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return result(mprotect(p, 4096, PROT_READ | PROT_EXEC));
}

static int
open_file(void)
{
	return result(open("/etc/passwd", O_RDONLY));
}

static int
remove_file(void)
{
	/* there is none: ENOENT is what was allowed */
	return result(unlink("/nonexistent/file"));
}

static int
new_socket(void)
{
	return result(socket(AF_INET, SOCK_STREAM, 0));
}

static int
new_socket_6(void)
{
	return result(socket(AF_INET6, SOCK_STREAM, 0));
}

static int
unix_socket(void)
{
	return result(socket(AF_UNIX, SOCK_STREAM, 0));
}

static int
call_somebody(void)
{
	/* no socket is what was allowed */
	return result(connect(-1, NULL, 0));
}

static int
look_at_flags(void)
{
	return result(fcntl(pair[0], F_SETFL, fcntl(pair[0], F_GETFL) | O_NONBLOCK));
}

static int
own_signals(void)
{
	return result(fcntl(pair[0], F_SETOWN, getppid()));
}

/* Terminals only know these; EPERM comes from the filter. */
static int
type_for_others(void)
{
	return result(ioctl(pair[0], TIOCSTI, "x"));
}

static int
paste_for_others(void)
{
	return result(ioctl(pair[0], TIOCLINUX, "\3"));
}

/* The kernel looks at the low half alone. */
static int
type_in_disguise(void)
{
	return result(syscall(SYS_ioctl, (long)pair[0], (long)(TIOCSTI | 1l << 32), "x"));
}

static int
ring(void)
{
	return result(syscall(SYS_io_uring_setup, 1, NULL));
}

static int
take_signal(void)
{
	const struct timespec now = { 0, 0 };
	sigset_t some;

	sigemptyset(&some);
	sigaddset(&some, SIGUSR2);
	return result(sigtimedwait(&some, NULL, &now));
}

/* As tcsetattr(3) does it, whichever request it makes. */
static int
change_a_terminal(void)
{
	struct termios any = { 0 };

	/* that this is none is what was allowed */
	return result(tcsetattr(pair[0], TCSANOW, &any));
}

static int
raw_socket(void)
{
	return result(socket(AF_NETLINK, SOCK_RAW, 0));
}

static int
accept_nothing(void)
{
	return result(accept4(pair[0], NULL, NULL, SOCK_CLOEXEC));
}

static int
program(void)
{
	char *argv[] = { NULL };

	/* not found is what was allowed */
	return result(execve("/nonexistent", argv, argv));
}

static int
process(void)
{
	pid_t pid = fork();

	if (pid == 0)
		_exit(0);
	if (pid > 0)
		waitpid(pid, NULL, 0);
	return result(pid);
}

static int
await(void)
{
	/* that there is no child is what was allowed */
	return result(waitpid(-1, NULL, WNOHANG));
}

static int
look_into(void)
{
	return result(ptrace(PTRACE_ATTACH, getppid(), 0, 0));
}

static int
shoot(void)
{
	return result(kill(getppid(), 0));
}

/* --- who may do what ------------------------------------------------------------ */

static const struct {
	const char *name;
	int (*attempt)(void);
	int allowed;  /* what it ends with where it is allowed */
	unsigned by;  /* SANDBOX_..., or ALWAYS */
} attempts[] = {
#define ALWAYS 0x10000u
	{ "talk", talk, 0, ALWAYS },
	{ "more memory", more_memory, 0, ALWAYS },
	{ "code memory", code_memory, 0, SANDBOX_WIDE },
	{ "memory to code", memory_to_code, 0, SANDBOX_WIDE },
	{ "open a file", open_file, 0, SANDBOX_STORES | SANDBOX_WIDE },
	{ "remove a file", remove_file, ENOENT, SANDBOX_STORES | SANDBOX_UNLINKS | SANDBOX_WIDE },
	{ "a socket", new_socket, 0, SANDBOX_INET | SANDBOX_WIDE },
	{ "a socket of IPv6", new_socket_6, 0, SANDBOX_INET6 | SANDBOX_WIDE },
	{ "a unix socket", unix_socket, 0, SANDBOX_UNIX | SANDBOX_WIDE },
	{ "connect", call_somebody, EBADF, SANDBOX_CALLS | SANDBOX_WIDE },
	{ "flags", look_at_flags, 0, ALWAYS },
	{ "another's signals", own_signals, 0, SANDBOX_WIDE },
	{ "TIOCSTI", type_for_others, EPERM, 0 },
	{ "TIOCLINUX", paste_for_others, EPERM, 0 },
	{ "TIOCSTI in disguise", type_in_disguise, EPERM, 0 },
	{ "a terminal's echo", change_a_terminal, ENOTTY, SANDBOX_TERMINAL | SANDBOX_WIDE },
	{ "io_uring", ring, EPERM, 0 },
	{ "await a signal", take_signal, EAGAIN, SANDBOX_FORWARDS | SANDBOX_WIDE },
	{ "a raw socket", raw_socket, 0, SANDBOX_WIDE },
	{ "accept", accept_nothing, EINVAL, SANDBOX_ANSWERS | SANDBOX_WIDE },
	{ "fork", process, 0, SANDBOX_WIDE },
	{ "signals to others", shoot, 0, SANDBOX_WIDE | SANDBOX_FORWARDS },
	{ "await a program", await, ECHILD, SANDBOX_AWAITS | SANDBOX_WIDE },
	{ "a program", program, ENOENT, 0 },
	{ "ptrace", look_into, 0, 0 },
};

#define N_ATTEMPTS (sizeof(attempts) / sizeof(attempts[0]))

static const unsigned filters[] = {
	0, SANDBOX_CALLS, SANDBOX_ANSWERS, SANDBOX_STORES, SANDBOX_ANSWERS | SANDBOX_UNLINKS,
	SANDBOX_CALLS | SANDBOX_STORES, SANDBOX_CALLS | SANDBOX_AWAITS, SANDBOX_WIDE,
	SANDBOX_CALLS | SANDBOX_UNIX, SANDBOX_CALLS | SANDBOX_INET, SANDBOX_CALLS | SANDBOX_INET6,
	SANDBOX_AWAITS | SANDBOX_FORWARDS, SANDBOX_CALLS | SANDBOX_UNIX | SANDBOX_TERMINAL,
};

#define N_FILTERS (sizeof(filters) / sizeof(filters[0]))

/* The child: the number of the first attempt that ended otherwise, from 1. */
static int
behind(unsigned filter)
{
	size_t i;
	int want;

	if (sandbox_enter(filter, &quiet) < 0)
		return 100;
	for (i = 0; i < N_ATTEMPTS; i++) {
		want = attempts[i].by & (filter | ALWAYS) ? attempts[i].allowed : EPERM;
		if (attempts[i].attempt() != want)
			return (int)i + 1;
	}
	return 0;
}

START_TEST(what_is_left)
{
	int status;
	pid_t pid;

	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	pid = fork();
	if (pid == 0)
		_exit(behind(filters[_i]));
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert(WIFEXITED(status));
	ck_assert_int_ne(WEXITSTATUS(status), 100);
	if (WEXITSTATUS(status) != 0)
		ck_abort_msg("filter %x: %s", filters[_i], attempts[WEXITSTATUS(status) - 1].name);
}
END_TEST

START_TEST(it_can_still_abort)
{
	const struct rlimit none = { 0, 0 };
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		setrlimit(RLIMIT_CORE, &none);
		if (sandbox_enter(0, &quiet) == 0)
			abort();
		_exit(1);
	}
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert(WIFSIGNALED(status));
	ck_assert_int_eq(WTERMSIG(status), SIGABRT);
}
END_TEST

#endif

/* --- folders ------------------------------------------------------------------ */

/* Whether this kernel has Landlock, and it is switched on. */
static bool
has_landlock(void)
{
#ifdef SYS_landlock_create_ruleset
	return syscall(SYS_landlock_create_ruleset, NULL, 0, 1) > 0;
#else
	return false;
#endif
}

static char image_dir[] = "/tmp/vicc-sandbox-XXXXXX", socket_dir[] = "/tmp/vicc-sandbox-XXXXXX";

static int
make(int dir, const char *name)
{
	int fd = openat(dir, name, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

	if (fd >= 0)
		close(fd);
	return result(fd);
}

static int
may_open(int dir, const char *name)
{
	return result(openat(dir, name, O_RDONLY));
}

/* The child: the line of the first that ended otherwise. */
#define EXPECT(what, want) \
	do { \
		if ((what) != (want)) \
			return __LINE__ - first; \
	} while (0)

static int
confined(int image, int socket)
{
	const int first = __LINE__;
	int before = open("/etc/passwd", O_RDONLY);
	char c;

	EXPECT(sandbox_confine(image, &socket, 1, &quiet), 0);
	/* what a store does */
	EXPECT(make(image, "new"), 0);
	EXPECT(result(renameat(image, "new", image, "card")), 0);
	EXPECT(may_open(image, "card"), 0);
	EXPECT(result(fsync(image)), 0);
	EXPECT(result(unlinkat(image, "card", 0)), 0);
	/* what was open, and what is left of the rest */
	EXPECT(read(before, &c, 1), 1);
	EXPECT(may_open(AT_FDCWD, "/etc/passwd"), EACCES);
	EXPECT(result(mkdirat(image, "folder", 0700)), EACCES);
	EXPECT(result(symlinkat("/etc/passwd", image, "link")), EACCES);
	EXPECT(make(AT_FDCWD, "/tmp/vicc-sandbox-new"), EACCES);
	EXPECT(may_open(socket, "socket"), EACCES);
	EXPECT(make(socket, "new"), EACCES);
	EXPECT(result(unlinkat(socket, "socket", 0)), 0);
	return 0;
}

START_TEST(in_its_folder)
{
	int image, socket, status;
	pid_t pid;

	if (!has_landlock())
		return;
	image = open(mkdtemp(image_dir), O_RDONLY | O_DIRECTORY);
	socket = open(mkdtemp(socket_dir), O_RDONLY | O_DIRECTORY);
	ck_assert_int_eq(make(socket, "socket"), 0);
	pid = fork();
	if (pid == 0)
		_exit(confined(image, socket));
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_int_eq(rmdir(image_dir), 0);
	ck_assert_int_eq(rmdir(socket_dir), 0);
	ck_assert(WIFEXITED(status));
	ck_assert_int_eq(WEXITSTATUS(status), 0);
}
END_TEST

/* No file at all, for a card that keeps nothing. */
START_TEST(in_no_folder)
{
	int status;
	pid_t pid = has_landlock() ? fork() : -1;

	if (pid == 0)
		_exit(sandbox_confine(-1, NULL, 0, &quiet) == 0 &&
				      may_open(AT_FDCWD, "/etc/passwd") == EACCES
			      ? 0
			      : 1);
	if (pid < 0)
		return;
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_int_eq(status, 0);
}
END_TEST

/* As often as a kernel allows, and then no more; with no descriptor left. */
static int
confined_in_vain(void)
{
	const int first = __LINE__;
	struct rlimit none = { .rlim_cur = 3, .rlim_max = 3 };
	FILE *out = tmpfile();
	const struct log log = { .out = out };
	char text[256] = "";
	int i, rc = 0;

	for (i = 0; rc == 0 && i < 100; i++)
		rc = sandbox_confine(-1, NULL, 0, &log);
	EXPECT(rc, -E2BIG);
	rewind(out);
	EXPECT(fgets(text, sizeof(text), out) != NULL, true);
	EXPECT(strstr(text, "cannot confine itself to a folder: ") != NULL, true);
	EXPECT(fclose(out), 0);
	EXPECT(setrlimit(RLIMIT_NOFILE, &none), 0);
	EXPECT(sandbox_confine(-1, NULL, 0, &quiet), -EMFILE);
	return 0;
}

START_TEST(in_a_folder_in_vain)
{
	int status;
	pid_t pid = has_landlock() ? fork() : -1;

	if (pid == 0)
		_exit(confined_in_vain());
	if (pid < 0)
		return;
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_int_eq(status, 0);
}
END_TEST

static void
hides_itself(void)
{
	struct rlimit core;

	sandbox_hide(true);
	ck_assert_int_eq(prctl(PR_GET_DUMPABLE), 1);
	sandbox_hide(false);
	ck_assert_int_eq(prctl(PR_GET_DUMPABLE), 0);
	ck_assert_int_eq(getrlimit(RLIMIT_CORE, &core), 0);
	ck_assert_uint_eq(core.rlim_cur, 0);
	ck_assert_uint_eq(core.rlim_max, 0);
	ck_assert_int_eq(sandbox_enter(SANDBOX_WIDE, &quiet), 0);
	ck_assert_int_eq(prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0), 1);
}

START_TEST(nobody_looks_in)
{
	in_child(hides_itself);
}
END_TEST

#ifdef HAVE_SECCOMP

/* The narrow one lets nobody change it, not even by another of its kind. */
static void
enters_twice(void)
{
	char text[256] = "";
	FILE *f = tmpfile();
	struct log log = { .out = f, .level = LOG_NOTICE };

	ck_assert_int_eq(sandbox_enter(SANDBOX_STORES, &log), 0);
	ck_assert_int_eq(sandbox_enter(SANDBOX_STORES, &log), -EPERM);
	rewind(f);
	ck_assert_uint_gt(fread(text, 1, sizeof(text) - 1, f), 0);
	ck_assert_str_eq(
		text,
		"vicc: cannot shut itself in: Operation not permitted; --no-sandbox goes without\n");
	fclose(f);
}

START_TEST(it_says_that_it_cannot)
{
	in_child(enters_twice);
}
END_TEST

#endif

static void
enters_the_wide_one(void)
{
	char text[256] = "";
	FILE *f = tmpfile();
	struct log log = { .out = f, .level = LOG_NOTICE };

	ck_assert_int_eq(sandbox_enter(SANDBOX_WIDE, &log), 0);
	rewind(f);
	ck_assert_uint_gt(fread(text, 1, sizeof(text) - 1, f), 0);
	ck_assert_ptr_nonnull(strstr(text, "wider filter"));
	fclose(f);
}

START_TEST(it_says_that_it_is_wide)
{
	in_child(enters_the_wide_one);
}
END_TEST

int
main(void)
{
	TCase *tc;

	if (under_valgrind()) {
		puts("SKIP: valgrind cannot live behind the filter");
		return 77;
	}
	tc = tcase_create("sandbox");
#ifdef HAVE_SECCOMP
	tcase_add_loop_test(tc, what_is_left, 0, (int)N_FILTERS);
	tcase_add_test(tc, it_can_still_abort);
	tcase_add_test(tc, it_says_that_it_cannot);
#endif
	tcase_add_test(tc, in_its_folder);
	tcase_add_test(tc, in_no_folder);
	tcase_add_test(tc, in_a_folder_in_vain);
	tcase_add_test(tc, nobody_looks_in);
	tcase_add_test(tc, it_says_that_it_is_wide);
	return run("sandbox", tc);
}
