/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "daemon/sandbox.h"

#include <errno.h>
#include <libgen.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>
#include <asm/termbits.h>
#ifdef HAVE_LINUX_LANDLOCK_H
#include <linux/landlock.h>
#endif
#ifdef HAVE_SECCOMP
#include <seccomp.h>
#endif

void
sandbox_hide(bool debuggers)
{
	const struct rlimit none = { 0, 0 };

	setrlimit(RLIMIT_CORE, &none);
	/* also where a program collects the cores: those do not ask for the limit */
	if (!debuggers)
		prctl(PR_SET_DUMPABLE, 0);
}

#ifdef HAVE_SECCOMP

/*
 * By name: one that the library or the architecture does not know is not missed.
 * Those with 64 in them are how 32-bit machines say the same.
 */
static const char *const always[] = {
	"poll", "ppoll", "ppoll_time64", "read", "recvfrom", "recvmsg", "recv", "sendto", "sendmsg",
	"send",
	"write", "writev", "close", "shutdown",
	"brk", "munmap", "mremap", "madvise", "futex", "futex_time64",
	"clock_gettime", "clock_gettime64", "gettimeofday", "time", "getrandom",
	"nanosleep", "clock_nanosleep", "clock_nanosleep_time64",
	"rt_sigreturn", "sigreturn", "rt_sigprocmask", "rt_sigaction", "restart_syscall",
	"setitimer",
	"setsockopt", "getsockopt", "getsockname", "getpeername",
	"fstat", "fstat64", "newfstatat", "fstatat64", "statx", "lseek", "_llseek",
	"getpid", "gettid", "getuid", "geteuid", "sched_yield", "exit", "exit_group",
};

static const char *const calls[] = { "connect", "stat", "stat64", "access", "faccessat" };
static const char *const answers[] = { "accept4" };
static const char *const stores[] = {
	"open", "openat", "fchmod", "fchown", "fsync", "fdatasync", "rename", "renameat",
	"renameat2",
	"unlink", "unlinkat", "pread64", "pwrite64", "ftruncate",
};
static const char *const awaits[] = { "wait4", "waitid", "waitpid" };
static const char *const forwards[] = { "kill", "rt_sigtimedwait", "rt_sigtimedwait_time64" };
static const char *const unlinks[] = { "unlink", "unlinkat" };

/* What the wide filter leaves out. */
static const char *const never[] = {
	"execve", "execveat", "ptrace", "process_vm_readv", "process_vm_writev", "pidfd_getfd",
	"kcmp",
	"mount", "umount", "umount2", "pivot_root", "chroot", "move_mount", "open_tree", "fsopen",
	"fsconfig", "fsmount", "fspick", "mount_setattr", "setns", "unshare", "open_by_handle_at",
	"init_module", "finit_module", "delete_module", "create_module", "kexec_load",
	"kexec_file_load",
	"bpf", "perf_event_open", "userfaultfd", "add_key", "request_key", "keyctl",
	"reboot", "swapon", "swapoff", "acct", "quotactl", "sethostname", "setdomainname",
	"settimeofday", "clock_settime", "clock_settime64", "adjtimex", "clock_adjtime",
	"clock_adjtime64",
	"iopl", "ioperm", "personality", "fanotify_init",
	"io_uring_setup", "io_uring_enter", "io_uring_register",
};

#define N(list) (sizeof(list) / sizeof((list)[0]))

static int
add_names(scmp_filter_ctx ctx, uint32_t action, const char *const *names, size_t n)
{
	int rc = 0, nr;
	size_t i;

	for (i = 0; rc == 0 && i < n; i++) {
		nr = seccomp_syscall_resolve_name(names[i]);
		if (nr != __NR_SCMP_ERROR)
			rc = seccomp_rule_add(ctx, action, nr, 0);
	}
	return rc;
}

/* Memory, but none to run code in. */
static int
add_memory(scmp_filter_ctx ctx)
{
	static const char *const names[] = { "mmap", "mmap2", "mprotect" };
	int rc = 0, nr;
	size_t i;

	for (i = 0; rc == 0 && i < N(names); i++) {
		nr = seccomp_syscall_resolve_name(names[i]);
		if (nr != __NR_SCMP_ERROR)
			rc = seccomp_rule_add(ctx, SCMP_ACT_ALLOW, nr, 1,
					      SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0));
	}
	return rc;
}

/* The low half of an argument. SCMP_A0 and its like leave out a member, which clang warns of. */
static struct scmp_arg_cmp
equals(unsigned arg, scmp_datum_t value)
{
	return (struct scmp_arg_cmp) {
		.arg = arg, .op = SCMP_CMP_MASKED_EQ, .datum_a = UINT32_MAX, .datum_b = value,
	};
}

/* A call by name, for some values of one argument. */
static int
add_values(scmp_filter_ctx ctx, uint32_t action, const char *name, unsigned arg,
	   const uint32_t *values, size_t n)
{
	int rc = 0, nr = seccomp_syscall_resolve_name(name);
	size_t i;

	for (i = 0; nr != __NR_SCMP_ERROR && rc == 0 && i < n; i++)
		rc = seccomp_rule_add(ctx, action, nr, 1, equals(arg, values[i]));
	return rc;
}

/* Not who gets signals for a descriptor, no leases, no pipe's size. */
static int
add_fcntl(scmp_filter_ctx ctx)
{
	static const uint32_t commands[] = { F_GETFD, F_SETFD, F_GETFL, F_SETFL };
	int rc = add_values(ctx, SCMP_ACT_ALLOW, "fcntl", 1, commands, N(commands));

	return rc == 0 ? add_values(ctx, SCMP_ACT_ALLOW, "fcntl64", 1, commands, N(commands)) : rc;
}

/* tcgetattr(3) and tcsetattr(3); the C library changes which requests it makes. */
static int
add_terminal(scmp_filter_ctx ctx)
{
	static const uint32_t requests[] = {
		TCGETS,  TCSETS,  TCSETSW,  TCSETSF,
#ifdef TCGETS2
		TCGETS2, TCSETS2, TCSETSW2, TCSETSF2,
#endif
	};

	return add_values(ctx, SCMP_ACT_ALLOW, "ioctl", 1, requests, N(requests));
}

static int
add_sockets(scmp_filter_ctx ctx, unsigned allowed)
{
	static const struct {
		unsigned flag;
		uint32_t family;
	} rows[] = {
		{ SANDBOX_UNIX, AF_UNIX },
		{ SANDBOX_INET, AF_INET },
		{ SANDBOX_INET6, AF_INET6 },
	};
	int rc = 0;
	size_t i;

	for (i = 0; rc == 0 && i < N(rows); i++) {
		if (allowed & rows[i].flag)
			rc = add_values(ctx, SCMP_ACT_ALLOW, "socket", 0, &rows[i].family, 1);
	}
	return rc;
}

static int
add_narrow(scmp_filter_ctx ctx, unsigned allowed)
{
	static const struct {
		unsigned flag;
		const char *const *names;
		size_t n;
	} rows[] = {
		{ SANDBOX_CALLS, calls, N(calls) },       { SANDBOX_ANSWERS, answers, N(answers) },
		{ SANDBOX_STORES, stores, N(stores) },    { SANDBOX_AWAITS, awaits, N(awaits) },
		{ SANDBOX_UNLINKS, unlinks, N(unlinks) },
		{ SANDBOX_FORWARDS, forwards, N(forwards) },
	};
	const uint32_t self = (uint32_t)getpid();
	int rc = add_names(ctx, SCMP_ACT_ALLOW, always, N(always));
	size_t i;

	if (rc == 0)
		rc = add_memory(ctx);
	if (rc == 0)
		rc = add_fcntl(ctx);
	/* abort(3), of oneself */
	if (rc == 0)
		rc = add_values(ctx, SCMP_ACT_ALLOW, "tgkill", 0, &self, 1);
	if (rc == 0 && allowed & SANDBOX_TERMINAL)
		rc = add_terminal(ctx);
	if (rc == 0)
		rc = add_sockets(ctx, allowed);
	for (i = 0; rc == 0 && i < N(rows); i++) {
		if (allowed & rows[i].flag)
			rc = add_names(ctx, SCMP_ACT_ALLOW, rows[i].names, rows[i].n);
	}
	return rc;
}

/* Nothing that gets round it, or types into the terminal for whoever reads there next. */
static int
add_wide(scmp_filter_ctx ctx, uint32_t refuse)
{
	static const uint32_t requests[] = { TIOCSTI, TIOCLINUX };
	int rc = add_names(ctx, refuse, never, N(never));

	return rc == 0 ? add_values(ctx, refuse, "ioctl", 1, requests, N(requests)) : rc;
}

static int
filter(unsigned allowed)
{
	bool wide = allowed & SANDBOX_WIDE;
	const uint32_t refuse = SCMP_ACT_ERRNO(EPERM);
	scmp_filter_ctx ctx = seccomp_init(wide ? SCMP_ACT_ALLOW : refuse);
	int rc;

	if (!ctx)
		return -ENOMEM;
	rc = wide ? add_wide(ctx, refuse) : add_narrow(ctx, allowed);
	if (rc == 0)
		rc = seccomp_load(ctx);
	seccomp_release(ctx);
	return rc;
}

#endif

/* --- folders ---------------------------------------------------------------- */

#if defined(HAVE_LINUX_LANDLOCK_H) && defined(SYS_landlock_create_ruleset)

/* Names that came later than the header may be. */
#define ACCESS_ABI_1 0x1fffull /* LANDLOCK_ACCESS_FS_EXECUTE to _MAKE_SYM */
#define ACCESS_REFER (1ull << 13)
#define ACCESS_TRUNCATE (1ull << 14)
#define ACCESS_IMAGE (LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_WRITE_FILE | \
		      LANDLOCK_ACCESS_FS_MAKE_REG | LANDLOCK_ACCESS_FS_REMOVE_FILE)

static int
allow(int ruleset, int folder, uint64_t access)
{
	struct landlock_path_beneath_attr rule = { .allowed_access = access, .parent_fd = folder };

	if (folder < 0)
		return 0;
	return syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &rule, 0) < 0
		       ? -errno
		       : 0;
}

/* 0: the kernel has none, or it is not switched on, or a container denies it. */
static long
landlock_abi(void)
{
	long abi = syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);

	return abi > 0 ? abi : 0;
}

static int
landlock(long abi, int image, const int *sockets, size_t n)
{
	struct landlock_ruleset_attr all = {
		.handled_access_fs = ACCESS_ABI_1 | (abi >= 2 ? ACCESS_REFER : 0) |
				     (abi >= 3 ? ACCESS_TRUNCATE : 0),
	};
	int ruleset = (int)syscall(SYS_landlock_create_ruleset, &all, sizeof(all), 0), rc;
	size_t i;

	if (ruleset < 0)
		return -errno;
	rc = allow(ruleset, image, ACCESS_IMAGE);
	for (i = 0; rc == 0 && i < n; i++)
		rc = allow(ruleset, sockets[i], LANDLOCK_ACCESS_FS_REMOVE_FILE);
	if (rc == 0 && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		rc = -errno;
	if (rc == 0 && syscall(SYS_landlock_restrict_self, ruleset, 0) < 0)
		rc = -errno;
	close(ruleset);
	return rc;
}

#else

static long
landlock_abi(void)
{
	return 0;
}

static int
landlock(long abi, int image, const int *sockets, size_t n)
{
	(void)abi;
	(void)image;
	(void)sockets;
	(void)n;
	return 0;
}

#endif

int
sandbox_folder(const char *socket)
{
	char path[sizeof(((struct sockaddr_un *)0)->sun_path)];

	if (!socket || !socket[0])
		return -1;
	strlcpy(path, socket, sizeof(path));
	return open(dirname(path), O_PATH | O_DIRECTORY | O_CLOEXEC);
}

int
sandbox_confine(int image, const int *sockets, size_t n, const struct log *log)
{
	long abi = landlock_abi();
	int rc = abi > 0 ? landlock(abi, image, sockets, n) : 0;

	if (abi == 0)
		log_info(
			log,
			"this kernel has no Landlock: files are confined by nothing but their owners");
	if (rc < 0)
		log_error(log, "cannot confine itself to a folder: %s; --no-sandbox goes without",
			  strerror(-rc));
	return rc;
}

int
sandbox_enter(unsigned allowed, const struct log *log)
{
	int rc = prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ? -errno : 0;

#ifdef HAVE_SECCOMP
	if (rc == 0)
		rc = filter(allowed);
#else
	(void)allowed;
	log_info(log, "built without libseccomp: no filter of system calls");
#endif
	if (rc < 0)
		log_error(log, "cannot shut itself in: %s; --no-sandbox goes without",
			  strerror(-rc));
	else if (allowed & SANDBOX_WIDE)
		log_notice(
			log,
			"with a wider filter of system calls: other people's code runs in this card");
	return rc;
}
