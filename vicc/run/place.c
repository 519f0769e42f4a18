/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "run/place.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <net/if.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "run/pcscd.h"

#define POLL_US 2000 /* between two looks for pcscd's socket */
#define FAREWELL_S 2 /* for the cards to end in */

/* The children. */
struct place {
	const struct run *r;
	pid_t pcscd, card, command;
	bool going;
};

/* --- namespaces ------------------------------------------------------------- */

/* As fork(2); the child is process 1 of namespaces of its own. */
static pid_t
fork_apart(unsigned long long user)
{
	struct clone_args args = {
		.flags = CLONE_NEWNS | CLONE_NEWNET | CLONE_NEWPID | user,
		.exit_signal = SIGCHLD,
	};

	return (pid_t)syscall(SYS_clone3, &args, sizeof(args));
}

/* Root needs no user namespace, unless it is root in name only. */
static pid_t
fork_place(const struct run *r, bool *user)
{
	pid_t pid = -1;

	*user = false;
	if (!r->apart)
		return fork();
	if (geteuid() == 0)
		pid = fork_apart(0);
	if (pid < 0) {
		*user = true;
		pid = fork_apart(CLONE_NEWUSER);
	}
	return pid;
}

static int place_say(int fd, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* What was refused, and errno. */
static int
place_say(int fd, const char *fmt, ...)
{
	int error = errno;
	va_list ap;

	va_start(ap, fmt);
	vdprintf(fd, fmt, ap);
	va_end(ap);
	dprintf(fd, ": %s", strerror(error));
	return -1;
}

static int
write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	ssize_t n;

	if (fd < 0)
		return -1;
	n = write(fd, text, strlen(text));
	close(fd);
	return n < 0 ? -1 : 0;
}

/* Everybody is who they were. uid and gid are those of before. */
static int
map_user(uid_t uid, gid_t gid, int why)
{
	char uids[64], gids[64];

	snprintf(uids, sizeof(uids), "%u %u 1", uid, uid);
	snprintf(gids, sizeof(gids), "%u %u 1", gid, gid);
	if (write_file("/proc/self/setgroups", "deny") < 0 ||
	    write_file("/proc/self/uid_map", uids) < 0 ||
	    write_file("/proc/self/gid_map", gids) < 0)
		return place_say(why, "a user namespace has no users");
	return 0;
}

static int
loopback_up(int why)
{
	struct ifreq lo = { .ifr_name = "lo", .ifr_flags = IFF_UP };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	int rc = fd < 0 ? -1 : ioctl(fd, SIOCSIFFLAGS, &lo);

	if (rc < 0)
		place_say(why, "loopback");
	if (fd >= 0)
		close(fd);
	return rc;
}

/* Show what is at from, whatever it is, at to as well. */
static int
show_again(const char *from, const char *to)
{
	char link[PATH_MAX];
	struct stat st;
	ssize_t n;
	int fd;

	if (lstat(from, &st) < 0)
		return -1;
	if (S_ISLNK(st.st_mode)) {
		n = readlink(from, link, sizeof(link) - 1);
		if (n < 0)
			return -1;
		link[n] = '\0';
		return symlink(link, to);
	}
	if (S_ISDIR(st.st_mode)) {
		if (mkdir(to, 0755) < 0)
			return -1;
	} else {
		fd = open(to, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
		if (fd < 0)
			return -1;
		close(fd);
	}
	return mount(from, to, NULL, MS_BIND | MS_REC, NULL);
}

/*
 * pcscd has never run here: its folder is missing, and we may not make it. So another parent
 * is put in place of its parent, with all that is in there.
 */
static int
rebuild_parent(const struct run *r)
{
	char parent[PATH_MAX], old[PATH_MAX], from[PATH_MAX * 2], to[PATH_MAX * 2];
	struct dirent *e;
	DIR *d;

	strlcpy(parent, r->ipc, sizeof(parent));
	*strrchr(parent, '/') = '\0';
	snprintf(old, sizeof(old), "%s/old", r->folder);
	if (mkdir(old, 0700) < 0 || mount(parent, old, NULL, MS_BIND | MS_REC, NULL) < 0 ||
	    mount("tmpfs", parent, "tmpfs", 0, "mode=0755") < 0)
		return -1;
	d = opendir(old);
	if (!d)
		return -1;
	while ((e = readdir(d))) {
		if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0)
			continue;
		snprintf(from, sizeof(from), "%s/%s", old, e->d_name);
		snprintf(to, sizeof(to), "%s/%s", parent, e->d_name);
		show_again(from, to); /* what cannot be shown pcscd does without */
	}
	closedir(d);
	return mkdir(r->ipc, 0755);
}

static int
mount_all(const struct run *r, int why)
{
	char own[PATH_MAX];

	if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
		return place_say(why, "private mounts");
	if (access(r->ipc, F_OK) < 0 && rebuild_parent(r) < 0)
		return place_say(why, "making %s", r->ipc);
	snprintf(own, sizeof(own), "%s/pcscd", r->folder);
	if (mount(own, r->ipc, NULL, MS_BIND, NULL) < 0)
		return place_say(why, "mounting on %s", r->ipc);
	/* for ps(1) and its kin; a container may forbid it */
	if (r->inside)
		mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL);
	return 0;
}

/* --- its processes ---------------------------------------------------------- */

struct program {
	const char *const *argv;
	const char *env[4][2]; /* names and values, NULL at the end */
	int log;               /* for what it says */
};

/* Start one that ends with us. */
static pid_t
spawn(const struct run *r, const struct program *p)
{
	pid_t pid = fork();
	unsigned i;

	if (pid != 0)
		return pid;
	for (i = 0; p->env[i][0]; i++)
		setenv(p->env[i][0], p->env[i][1], 1);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	sigprocmask(SIG_SETMASK, &r->mask, NULL);
	dup2(open("/dev/null", O_RDONLY | O_CLOEXEC), STDIN_FILENO);
	dup2(p->log, STDOUT_FILENO);
	dup2(p->log, STDERR_FILENO);
	execvp(p->argv[0], (char *const *)p->argv);
	place_say(STDERR_FILENO, "%s", p->argv[0]);
	_exit(RUN_FAILED);
}

static pid_t
start_pcscd(const struct run *r)
{
	const char *path = getenv("PATH");
	char conf[PATH_MAX], drop[PATH_MAX], paths[PATH_MAX * 2];
	const char *argv[] = { "pcscd",
			       "--foreground",
			       "--config",
			       conf,
			       r->disable_polkit ? "--disable-polkit" : NULL,
			       NULL };
	struct program pcscd = {
		.argv = argv,
		.log = r->pcscd_log,
		.env = {
			{ "PATH", paths },
			/*
			 * drivers of readers of plastic: none, those stay with the machine's pcscd
			 */
			{ "PCSCLITE_HP_DROPDIR", drop },
			/* if it asks polkit, and has no option to leave that: not the machine's */
			{ "DBUS_SYSTEM_BUS_ADDRESS", "unix:path=/nonexistent/bus" },
		},
	};

	snprintf(conf, sizeof(conf), "%s/reader.conf", r->folder);
	snprintf(drop, sizeof(drop), "%s/drop", r->folder);
	snprintf(paths, sizeof(paths), "%s:" PCSCD_PATH, path ? path : "/usr/bin:/bin");
	return spawn(r, &pcscd);
}

static pid_t
start_card(const struct run *r)
{
	char notify[PATH_MAX];
	struct program card = {
		.argv = (const char *const *)r->card,
		.log = r->card_log,
		.env = { { "NOTIFY_SOCKET", notify } },
	};

	snprintf(notify, sizeof(notify), "%s/notify", r->folder);
	return spawn(r, &card);
}

static pid_t
start_command(const struct run *r)
{
	pid_t pid = fork();

	if (pid == 0)
		_exit(run_exec(r));
	return pid;
}

/* pcscd is there when its socket is: the readers of its configuration are older. */
static void
await_pcscd(const struct place *p)
{
	int left;

	for (left = p->r->timeout_ms / (POLL_US / 1000); left > 0; left--) {
		if (access(p->r->comm, F_OK) == 0)
			return;
		if (waitpid(p->pcscd, NULL, WNOHANG) != 0)
			_exit(RUN_FAILED);
		usleep(POLL_US);
	}
	_exit(RUN_FAILED);
}

/* The cards end in order: what they write is written. The rest ends with us. */
static void
farewell(const struct place *p, int status)
{
	struct timespec limit = { .tv_sec = FAREWELL_S };
	sigset_t children;

	sigemptyset(&children);
	sigaddset(&children, SIGCHLD);
	if (p->card > 0 && kill(p->card, SIGTERM) == 0) {
		while (waitpid(p->card, NULL, WNOHANG) == 0 &&
		       sigtimedwait(&children, NULL, &limit) > 0)
			;
	}
	_exit(status);
}

/* Who has ended, and what it means. */
static void
place_reap(struct place *p)
{
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		if (pid == p->card)
			p->card = 0;
		if (pid == p->command)
			farewell(p, run_status(status));
		if (!p->going && (pid == p->pcscd || p->card == 0))
			farewell(p, RUN_FAILED);
	}
}

static void
handle(struct place *p, const siginfo_t *s)
{
	switch (s->si_signo) {
	case SIGCHLD:
		place_reap(p);
		break;
	case PLACE_GO:
		p->going = true;
		if (p->r->inside)
			p->command = start_command(p->r);
		break;
	case PLACE_END:
		farewell(p, 0);
		break;
	default:
		if (p->command > 0 && run_passes(s->si_signo, s->si_code))
			kill(p->command, s->si_signo);
	}
}

/* Never returns. */
static void
live(const struct run *r, const sigset_t *all)
{
	struct place p = { .r = r };
	siginfo_t s;

	p.pcscd = start_pcscd(r);
	await_pcscd(&p);
	p.card = start_card(r);
	for (;;) {
		if (sigwaitinfo(all, &s) > 0)
			handle(&p, &s);
	}
}

static void
begin(const struct run *r, bool user, uid_t uid, gid_t gid, int why)
{
	sigset_t all;

	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, NULL);
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0 || (user && map_user(uid, gid, why) < 0) ||
	    (r->apart && (loopback_up(why) < 0 || mount_all(r, why) < 0)))
		_exit(RUN_FAILED);
	close(why);
	live(r, &all);
}

/* What it says before it lives: nothing, when all is well. */
static bool
refused(int fd, char *why, size_t size)
{
	size_t n = 0;
	ssize_t got;

	while (n < size - 1 && (got = read(fd, why + n, size - 1 - n)) > 0)
		n += (size_t)got;
	why[n] = '\0';
	return n > 0;
}

pid_t
place_start(const struct run *r, char *why, size_t size)
{
	uid_t uid = geteuid();
	gid_t gid = getegid();
	bool user;
	int fds[2];
	pid_t pid;

	if (pipe2(fds, O_CLOEXEC) < 0) {
		snprintf(why, size, "pipe: %s", strerror(errno));
		return -1;
	}
	pid = fork_place(r, &user);
	if (pid == 0)
		begin(r, user, uid, gid, fds[1]);
	if (pid < 0)
		snprintf(why, size, "%s: %s", user ? "a user namespace" : "fork", strerror(errno));
	close(fds[1]);
	if (pid > 0 && refused(fds[0], why, size)) {
		waitpid(pid, NULL, 0);
		pid = -1;
	}
	close(fds[0]);
	return pid;
}
