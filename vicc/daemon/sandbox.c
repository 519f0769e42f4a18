/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "daemon/sandbox.h"

#include <errno.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>
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
	"poll", "ppoll", "ppoll_time64", "read", "recvfrom", "recvmsg", "recv", "sendto", "sendmsg", "send",
	"write", "writev", "close", "shutdown",
	"brk", "munmap", "mremap", "madvise", "futex", "futex_time64",
	"clock_gettime", "clock_gettime64", "gettimeofday", "time", "getrandom",
	"nanosleep", "clock_nanosleep", "clock_nanosleep_time64",
	"rt_sigreturn", "sigreturn", "rt_sigprocmask", "rt_sigaction", "restart_syscall", "setitimer",
	"setsockopt", "getsockopt", "getsockname", "getpeername", "fcntl", "fcntl64",
	"fstat", "fstat64", "newfstatat", "fstatat64", "statx", "lseek", "_llseek",
	"getpid", "gettid", "getuid", "geteuid", "sched_yield", "exit", "exit_group",
};

static const char *const calls[] = { "connect", "stat", "stat64", "access", "faccessat" };
static const char *const answers[] = { "accept4" };
static const char *const stores[] = {
	"open", "openat", "fchmod", "fchown", "fsync", "fdatasync", "rename", "renameat", "renameat2",
	"unlink", "unlinkat", "pread64", "pwrite64", "ftruncate",
};
static const char *const awaits[] = { "wait4", "waitid", "waitpid" };
static const char *const unlinks[] = { "unlink", "unlinkat" };

/* What the wide filter leaves out. */
static const char *const never[] = {
	"execve", "execveat", "ptrace", "process_vm_readv", "process_vm_writev", "pidfd_getfd", "kcmp",
	"mount", "umount", "umount2", "pivot_root", "chroot", "move_mount", "open_tree", "fsopen",
	"fsconfig", "fsmount", "fspick", "mount_setattr", "setns", "unshare", "open_by_handle_at",
	"init_module", "finit_module", "delete_module", "create_module", "kexec_load", "kexec_file_load",
	"bpf", "perf_event_open", "userfaultfd", "add_key", "request_key", "keyctl",
	"reboot", "swapon", "swapoff", "acct", "quotactl", "sethostname", "setdomainname",
	"settimeofday", "clock_settime", "clock_settime64", "adjtimex", "clock_adjtime", "clock_adjtime64",
	"iopl", "ioperm", "personality", "fanotify_init",
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

/* Of the first argument. SCMP_A0 leaves out a member, which clang warns of. */
static struct scmp_arg_cmp
equals(scmp_datum_t value)
{
	return (struct scmp_arg_cmp) { .arg = 0, .op = SCMP_CMP_EQ, .datum_a = value };
}

static int
add_sockets(scmp_filter_ctx ctx)
{
	static const int families[] = { AF_UNIX, AF_INET, AF_INET6 };
	int rc = 0;
	size_t i;

	for (i = 0; rc == 0 && i < N(families); i++)
		rc = seccomp_rule_add(ctx, SCMP_ACT_ALLOW, SCMP_SYS(socket), 1,
				      equals((scmp_datum_t)families[i]));
	return rc;
}

static int
add_narrow(scmp_filter_ctx ctx, unsigned allowed)
{
	int rc = add_names(ctx, SCMP_ACT_ALLOW, always, N(always));

	if (rc == 0)
		rc = add_memory(ctx);
	/* abort(3), of oneself */
	if (rc == 0)
		rc = seccomp_rule_add(ctx, SCMP_ACT_ALLOW, SCMP_SYS(tgkill), 1,
				      equals((scmp_datum_t)getpid()));
	if (rc == 0 && (allowed & SANDBOX_CALLS))
		rc = add_sockets(ctx);
	if (rc == 0 && (allowed & SANDBOX_CALLS))
		rc = add_names(ctx, SCMP_ACT_ALLOW, calls, N(calls));
	if (rc == 0 && (allowed & SANDBOX_ANSWERS))
		rc = add_names(ctx, SCMP_ACT_ALLOW, answers, N(answers));
	if (rc == 0 && (allowed & SANDBOX_STORES))
		rc = add_names(ctx, SCMP_ACT_ALLOW, stores, N(stores));
	if (rc == 0 && (allowed & SANDBOX_AWAITS))
		rc = add_names(ctx, SCMP_ACT_ALLOW, awaits, N(awaits));
	if (rc == 0 && (allowed & SANDBOX_UNLINKS))
		rc = add_names(ctx, SCMP_ACT_ALLOW, unlinks, N(unlinks));
	return rc;
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
	rc = wide ? add_names(ctx, refuse, never, N(never)) : add_narrow(ctx, allowed);
	if (rc == 0)
		rc = seccomp_load(ctx);
	seccomp_release(ctx);
	return rc;
}

#endif

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
		log_error(log, "cannot shut itself in: %s; --no-sandbox goes without", strerror(-rc));
	else if (allowed & SANDBOX_WIDE)
		log_notice(log, "with a wider filter of system calls: other people's code runs in this card");
	return rc;
}
