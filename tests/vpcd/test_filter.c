/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The driver in a host whose system calls are filtered as by the unit of pcscd from
 * pcsc-lite 2.3.2 on: SystemCallFilter=~@resources @privileged, and no errno. A call
 * of these ends the host, and all its readers. Each test is a process of its own: libcheck's
 * must go on with its clock.
 */
#include "config.h"

#include <ifdhandler.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#ifdef HAVE_SECCOMP
#include <seccomp.h>
#endif

#include "folder.h"
#include "peer.h"
#include "slot.h"
#include "wire.h"
#include "valgrind.h"

static char path[72];

static void
setup(void)
{
	make_dir();
	snprintf(path, sizeof(path), "%s/s", dir);
}

/* systemd-analyze syscall-filter @privileged @resources */
static const char *const denied[] = {
	"chown", "chown32", "fchown", "fchown32", "fchownat", "lchown", "lchown32",
	"adjtimex", "clock_adjtime", "clock_adjtime64", "clock_settime", "clock_settime64",
	"settimeofday", "delete_module", "finit_module", "init_module", "ioperm", "iopl",
	"kexec_file_load", "kexec_load", "reboot", "swapoff", "swapon", "_sysctl", "acct", "bpf",
	"capset", "chroot", "fanotify_init", "fanotify_mark", "nfsservctl", "open_by_handle_at",
	"pivot_root", "quotactl", "quotactl_fd",
	"setdomainname", "setfsuid", "setfsuid32", "setgroups", "setgroups32", "sethostname",
	"setresuid", "setresuid32", "setreuid", "setreuid32", "setuid", "setuid32", "vhangup",
	"ioprio_set", "mbind", "migrate_pages", "move_pages", "nice", "sched_setaffinity",
	"sched_setattr", "sched_setparam", "sched_setscheduler", "set_mempolicy",
	"set_mempolicy_home_node",
	"setpriority",
	"setrlimit",
};

static void
enter_filter(void)
{
#ifdef HAVE_SECCOMP
	scmp_filter_ctx ctx = seccomp_init(SCMP_ACT_ALLOW);
	size_t i;
	int nr;

	ck_assert_ptr_nonnull(ctx);
	for (i = 0; i < sizeof(denied) / sizeof(denied[0]); i++) {
		nr = seccomp_syscall_resolve_name(denied[i]);
		if (nr >= 0)
			ck_assert_int_eq(seccomp_rule_add(ctx, SCMP_ACT_KILL_PROCESS, nr, 0), 0);
	}
	ck_assert_int_eq(seccomp_load(ctx), 0);
	seccomp_release(ctx);
#endif
}

/* Does it there, and comes back alive. */
static void
in_filter(void (*act)(void))
{
	pid_t pid = fork();
	int status;

	ck_assert_int_ge(pid, 0);
	if (pid == 0) {
		enter_filter();
		act();
		_exit(0);
	}
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_msg(!WIFSIGNALED(status), "killed by signal %d", WTERMSIG(status));
	ck_assert_int_eq(WEXITSTATUS(status), 0);
}

/* --- the group of a unix socket ----------------------------------------------------- */

/* A group that the folder has, with the setgid bit, and that is not ours; -1: there is none. */
static gid_t
folder_of_another_group(void)
{
	gid_t groups[64], gid = (gid_t)-1;
	int n = getgroups(64, groups);

	while (gid == (gid_t)-1 && n > 0) {
		if (groups[--n] != getegid())
			gid = groups[n];
	}
	if (gid == (gid_t)-1 && geteuid() == 0)
		gid = getegid() + 1;
	if (gid == (gid_t)-1 || chown(dir, (uid_t)-1, gid) < 0 || chmod(dir, 02750) < 0)
		return (gid_t)-1;
	return gid;
}

static gid_t other_group;

static void
listen_for_other_group(void)
{
	struct stat st;
	int fd = net_listen_unix(path, 0660, other_group);

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(stat(path, &st), 0);
	ck_assert_uint_eq(st.st_gid, other_group);
	ck_assert_uint_eq(st.st_mode & 07777, 0660);
}

START_TEST(a_setgid_folder_gives_the_group)
{
	other_group = folder_of_another_group();
	if (other_group == (gid_t)-1)
		return; /* in a namespace with one group */
	in_filter(listen_for_other_group);
}
END_TEST

static void
listen_in_vain(void)
{
	ck_assert_int_eq(net_listen_unix(path, 0660, getegid() + 1), -EPERM);
	ck_assert_int_eq(access(path, F_OK), -1);
}

START_TEST(a_group_that_would_take_a_chown)
{
	in_filter(listen_in_vain);
}
END_TEST

/* --- the life of a card ------------------------------------------------------------- */

static char devicename[128];
static int card;

static void *
play(void *arg)
{
	static const uint8_t ok[] = { 0, 2, 0x90, 0 };

	(void)arg;
	/* get ATR, asked of whoever comes; power on and get ATR; a command; power off */
	peer_expect(card, BYTES("\x00\x01\x04"));
	peer_say(card, BYTES(PEER_ATR));
	peer_expect(card, BYTES("\x00\x01\x01\x00\x01\x04"));
	peer_say(card, BYTES(PEER_ATR));
	peer_expect(card, BYTES("\x00\x04\x00\xa4\x00\x00"));
	peer_say(card, ok, sizeof(ok));
	peer_expect(card, BYTES("\x00\x01\x00"));
	close(card);
	return NULL;
}

typedef RESPONSECODE wait_fn(DWORD Lun, int timeout_ms);

static wait_fn *
polling(void)
{
	wait_fn *wait;
	DWORD len = sizeof(wait);

	ck_assert_int_eq(IFDHGetCapabilities(0, 0x0FB3, &len, (PUCHAR)&wait), IFD_SUCCESS);
	return wait;
}

static void
await(wait_fn *wait, RESPONSECODE wanted)
{
	int64_t end = wire_now() + PEER_PATIENCE_MS;

	while (IFDHICCPresence(0) != wanted) {
		wait(0, 200);
		ck_assert_int_lt(wire_now(), end);
	}
}

static void
use_card(void)
{
	uint8_t cmd[] = { 0x00, 0xa4, 0x00, 0x00 }, rsp[258], atr[MAX_ATR_SIZE];
	SCARD_IO_HEADER pci = { 0, 0 };
	DWORD len = sizeof(atr);

	ck_assert_int_eq(IFDHPowerICC(0, IFD_POWER_UP, atr, &len), IFD_SUCCESS);
	len = sizeof(rsp);
	ck_assert_int_eq(IFDHTransmitToICC(0, pci, cmd, sizeof(cmd), rsp, &len, &pci), IFD_SUCCESS);
	ck_assert_int_eq(IFDHPowerICC(0, IFD_POWER_DOWN, atr, &len), IFD_SUCCESS);
}

static void
live(int (*arrive)(void))
{
	wait_fn *wait;
	pthread_t t;

	ck_assert_int_eq(IFDHCreateChannelByName(0, devicename), IFD_SUCCESS);
	wait = polling();
	ck_assert_int_eq(IFDHICCPresence(0), IFD_ICC_NOT_PRESENT);
	card = arrive();
	ck_assert_int_ge(card, 0);
	ck_assert_int_eq(pthread_create(&t, NULL, play, NULL), 0);
	await(wait, IFD_ICC_PRESENT);
	use_card();
	await(wait, IFD_ICC_NOT_PRESENT);
	pthread_join(t, NULL);
	ck_assert_int_eq(IFDHCloseChannel(0), IFD_SUCCESS);
}

static uint16_t port;

static int
call_port(void)
{
	return peer_connect(port);
}

static int
call_path(void)
{
	return peer_connect_unix(path);
}

static int listener;

static int
be_called(void)
{
	wait_fn *wait = polling();

	while (!peer_readable(listener, 0))
		wait(0, 100);
	return accept(listener, NULL, NULL);
}

static void
live_on_tcp(void)
{
	snprintf(devicename, sizeof(devicename), "listen:%u/slots=1", port);
	live(call_port);
}

static void
live_on_unix(void)
{
	snprintf(devicename, sizeof(devicename), "unix:%s/slots=1/pad=1/mode=0660/group=root",
		 path);
	if (getegid() != 0)
		snprintf(devicename, sizeof(devicename), "unix:%s/slots=1/pad=1", path);
	live(call_path);
}

static void
live_reversed(void)
{
	snprintf(devicename, sizeof(devicename), "connect:127.0.0.1:%u", port);
	live(be_called);
}

START_TEST(a_card_in_each_kind_of_reader)
{
	struct sockaddr_in sin = { .sin_family = AF_INET };
	socklen_t len = sizeof(sin);

	port = free_ports(1);
	in_filter(live_on_tcp);
	in_filter(live_on_unix);
	sin.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	listener = socket(AF_INET, SOCK_STREAM, 0);
	ck_assert_int_eq(bind(listener, (struct sockaddr *)&sin, len), 0);
	ck_assert_int_eq(listen(listener, 1), 0);
	ck_assert_int_eq(getsockname(listener, (struct sockaddr *)&sin, &len), 0);
	port = ntohs(sin.sin_port);
	in_filter(live_reversed);
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("filter");

	if (under_valgrind()) {
		puts("SKIP: valgrind cannot live behind the filter");
		return 77;
	}

	tcase_add_checked_fixture(tc, setup, remove_dir);
	tcase_add_test(tc, a_setgid_folder_gives_the_group);
	tcase_add_test(tc, a_group_that_would_take_a_chown);
	tcase_add_test(tc, a_card_in_each_kind_of_reader);
	return run("filter", tc);
}
