/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "run/keeper.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "run/pcscd.h"
#include "run/place.h"
#include "run/present.h"
#include "wire.h"

#define FRONT_DIED SIGUSR1 /* or somebody has sent that: see getppid() */
#define TAIL_MAX 2048      /* of a log, bytes */
#define LOOK_MS 100        /* between two looks for a signal */
#define CHILDREN_MAX 4096  /* bytes of a list */

struct keeper {
	struct run *r;
	pid_t front, place, command;
	int signals;   /* signalfd(2) */
	int notify;    /* where READY comes in */
	bool made_ipc; /* pcscd's folder */
	int status;    /* negative: the command has not ended */
};

void
keeper_signals(sigset_t *set)
{
	static const int signals[] = { SIGCHLD, SIGINT, SIGTERM, SIGHUP, SIGQUIT, FRONT_DIED };
	size_t i;

	sigemptyset(set);
	for (i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
		sigaddset(set, signals[i]);
}

/* --- what goes wrong -------------------------------------------------------- */

/* The last lines of a log, with this before each. */
static void
print_tail(const char *prefix, int fd)
{
	char text[TAIL_MAX + 1], *line, *save = NULL;
	off_t size = lseek(fd, 0, SEEK_END);
	off_t from = size > TAIL_MAX ? size - TAIL_MAX : 0;
	ssize_t n = pread(fd, text, TAIL_MAX, from);

	if (n <= 0)
		return;
	text[n] = '\0';
	line = strtok_r(text, "\n", &save);
	if (from > 0)
		line = strtok_r(NULL, "\n", &save); /* the first is cut */
	for (; line; line = strtok_r(NULL, "\n", &save))
		fprintf(stderr, "%s%s\n", prefix, line);
}

/* --- to set up -------------------------------------------------------------- */

static int
open_log(const struct run *r, const char *name)
{
	const char *folder = r->logs ? r->logs : r->folder;
	char path[PATH_MAX];
	int fd;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	fd = open(path, O_RDWR | O_CREAT | O_APPEND | O_TRUNC | O_CLOEXEC, 0600);
	if (fd < 0)
		run_fail("cannot write \"%s\": %s", path, strerror(errno));
	return fd;
}

static int
open_logs(struct run *r)
{
	if (r->logs && mkdir(r->logs, 0777) < 0 && errno != EEXIST) {
		run_fail("cannot make --logs \"%s\": %s", r->logs, strerror(errno));
		return -1;
	}
	r->pcscd_log = open_log(r, "pcscd.log");
	r->card_log = open_log(r, "vicc.log");
	return r->pcscd_log < 0 || r->card_log < 0 ? -1 : 0;
}

static int
open_notify(const struct run *r)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	snprintf(a.sun_path, sizeof(a.sun_path), "%s/notify", r->folder);
	if (fd < 0 || bind(fd, (const struct sockaddr *)&a, sizeof(a)) < 0) {
		run_fail("cannot make \"%s\": %s", a.sun_path, strerror(errno));
		return -1;
	}
	return fd;
}

static int
make_folders(const struct run *r)
{
	static const char *const names[] = { "pcscd", "drop", "control" };
	char path[PATH_MAX];
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		snprintf(path, sizeof(path), "%s/%s", r->folder, names[i]);
		if (mkdir(path, 0700) < 0)
			return -errno;
	}
	/* others may go in where it is mounted; here they cannot get to it */
	snprintf(path, sizeof(path), "%s/pcscd", r->folder);
	if (chmod(path, 0755) < 0)
		return -errno;
	return pcscd_configure(r);
}

/*
 * In the environment of all that follows: the private pcscd, and where the cards may be
 * commanded. A container may have said the latter: then all of its programs know.
 */
static void
say_where(const struct run *r)
{
	char control[PATH_MAX];

	snprintf(control, sizeof(control), "%s/control", r->folder);
	setenv("PCSCLITE_CSOCK_NAME", r->comm, 1);
	setenv("VICC_CONTROL_DIR", control, !r->plain);
}

/* Whether somebody serves pcscd's clients there. */
static bool
is_served(const char *path)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	bool served;

	if (strlcpy(a.sun_path, path, sizeof(a.sun_path)) >= sizeof(a.sun_path))
		return true;
	served = fd < 0 || connect(fd, (const struct sockaddr *)&a, sizeof(a)) == 0;
	if (fd >= 0)
		close(fd);
	return served;
}

/* Those of a pcscd that has ended. */
static void
remove_files(const struct run *r)
{
	static const char *const names[] = { "pcscd.comm", "pcscd.pid", "pcscd.pub" };
	char path[PATH_MAX + 16];
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		snprintf(path, sizeof(path), "%s/%s", r->ipc, names[i]);
		unlink(path);
	}
}

/*
 * A machine that is the test's alone, such as a container: pcscd as it is. Why there are no
 * namespaces.
 */
static int
start_plainly(struct keeper *k, const char *refusal)
{
	struct run *r = k->r;
	char why[256];

	k->made_ipc = mkdir(r->ipc, 0755) == 0;
	snprintf(r->comm, sizeof(r->comm), "%s/pcscd.comm", r->ipc);
	if (access(r->ipc, W_OK) < 0)
		return run_fail("no namespaces (%s), and %s cannot be used: %s", refusal, r->ipc,
				strerror(errno));
	if (is_served(r->comm))
		return run_fail("no namespaces (%s), and another pcscd runs: %s", refusal, r->comm);
	r->apart = false;
	remove_files(r); /* what one that was killed has left */
	say_where(r);
	k->place = place_start(r, why, sizeof(why));
	return k->place < 0 ? run_fail("%s", why) : 0;
}

static int
keeper_start(struct keeper *k)
{
	struct run *r = k->r;
	char why[256];
	int rc;

	if (open_logs(r) < 0)
		return RUN_FAILED;
	k->notify = open_notify(r);
	if (k->notify < 0)
		return RUN_FAILED;
	rc = make_folders(r);
	if (rc < 0)
		return run_fail("cannot write to \"%s\": %s", r->folder, strerror(-rc));
	if (r->plain)
		return start_plainly(k, "--plain");
	snprintf(r->comm, sizeof(r->comm), "%s/pcscd/pcscd.comm", r->folder);
	say_where(r);
	k->place = place_start(r, why, sizeof(why));
	return k->place < 0 ? start_plainly(k, why) : 0;
}

/* --- signals ---------------------------------------------------------------- */

static void
keeper_reap(struct keeper *k)
{
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		if (pid == k->command || (pid == k->place && k->r->inside))
			k->status = run_status(status);
		if (pid == k->place)
			k->place = 0;
		if (pid == k->command)
			k->command = 0;
	}
}

/*
 * The next signal, or false after so many ms. Negative: wait. What it means for the children
 * is done.
 */
static bool
next_signal(struct keeper *k, int ms, struct signalfd_siginfo *s)
{
	struct pollfd p = { .fd = k->signals, .events = POLLIN };

	if (poll(&p, 1, ms) != 1 || read(k->signals, s, sizeof(*s)) != (ssize_t)sizeof(*s))
		return false;
	if (s->ssi_signo == SIGCHLD)
		keeper_reap(k);
	return true;
}

static bool
is_orphaned(const struct keeper *k)
{
	return getppid() != k->front;
}

/*
 * Before there is a command: whether to go on. Else what to exit with.
 */
static int
keeper_interrupted(struct keeper *k)
{
	struct signalfd_siginfo s;

	while (next_signal(k, 0, &s)) {
		if (s.ssi_signo != SIGCHLD && s.ssi_signo != FRONT_DIED)
			return RUN_SIGNALLED + (int)s.ssi_signo;
	}
	if (k->place == 0)
		return run_fail("pcscd or the card has ended");
	return is_orphaned(k) ? RUN_FAILED : 0;
}

/* --- the cards -------------------------------------------------------------- */

/* Whether this is the word that they have their readers; how many they are. */
static bool
is_ready(int notify, unsigned *cards)
{
	static const char ready[] = "READY=1\nX_VICC_CARDS=";
	char text[256];
	ssize_t n = recv(notify, text, sizeof(text) - 1, MSG_DONTWAIT);

	if (n <= 0)
		return false;
	text[n] = '\0';
	if (strncmp(text, ready, strlen(ready)) != 0)
		return false;
	*cards = (unsigned)strtoul(text + strlen(ready), NULL, 10);
	return true;
}

static int
await_cards(struct keeper *k)
{
	int64_t deadline = wire_now() + k->r->timeout_ms;
	struct pollfd fds[] = { { .fd = k->notify, .events = POLLIN },
				{ .fd = k->signals, .events = POLLIN } };
	bool ready = false;
	unsigned cards = 0;
	int rc;

	while ((rc = keeper_interrupted(k)) == 0 && wire_now() < deadline) {
		if (ready && present_wait(cards, LOOK_MS))
			return 0;
		if (!ready && poll(fds, 2, LOOK_MS) > 0)
			ready = is_ready(k->notify, &cards);
	}
	return rc ? rc : run_fail("no card in its reader after %d s", k->r->timeout_ms / 1000);
}

/* --- the command ------------------------------------------------------------ */

static void
start_command(struct keeper *k)
{
	if (!k->r->inside) {
		k->command = fork();
		if (k->command == 0)
			_exit(run_exec(k->r));
	}
	kill(k->place, PLACE_GO);
}

static void
await_command(struct keeper *k)
{
	struct signalfd_siginfo s;
	pid_t to;

	start_command(k);
	while (k->status < 0 && !is_orphaned(k)) {
		to = k->r->inside ? k->place : k->command;
		if (next_signal(k, -1, &s) && to > 0 && run_passes((int)s.ssi_signo, s.ssi_code))
			kill(to, (int)s.ssi_signo);
	}
}

/* --- the end ---------------------------------------------------------------- */

/* Kill whoever is our child but the place; how many they are. */
static unsigned
kill_children(const struct keeper *k)
{
	char path[64], text[CHILDREN_MAX] = "", *at = text, *end;
	unsigned n = 0;
	FILE *f;
	long pid;

	snprintf(path, sizeof(path), "/proc/self/task/%d/children", (int)getpid());
	f = fopen(path, "re");
	if (!f)
		return 0;
	text[fread(text, 1, sizeof(text) - 1, f)] = '\0';
	fclose(f);
	for (; (pid = strtol(at, &end, 10)) > 0; at = end) {
		if (pid != k->place && kill((pid_t)pid, SIGKILL) == 0)
			n++;
	}
	return n;
}

/* The front was killed: so is the command, with all that it has started. */
static void
kill_command(struct keeper *k)
{
	struct signalfd_siginfo s;

	while (kill_children(k) > 0)
		next_signal(k, LOOK_MS, &s);
}

static void
keeper_end(struct keeper *k)
{
	if (is_orphaned(k))
		kill_command(k);
	if (k->place > 0 && kill(k->place, PLACE_END) == 0)
		waitpid(k->place, NULL, 0);
	if (!k->r->apart)
		remove_files(k->r);
	if (k->made_ipc)
		rmdir(k->r->ipc);
	run_remove(k->r);
}

int
keeper_run(struct run *r, pid_t front)
{
	struct keeper k = { .r = r, .front = front, .status = -1 };
	sigset_t set;
	int rc;

	prctl(PR_SET_PDEATHSIG, FRONT_DIED);
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	keeper_signals(&set);
	k.signals = signalfd(-1, &set, SFD_CLOEXEC);
	r->apart = true;
	rc = k.signals < 0 ? run_fail("signalfd: %s", strerror(errno)) : keeper_start(&k);
	if (rc == 0) {
		rc = await_cards(&k);
		if (rc == RUN_FAILED) {
			print_tail("pcscd: ", r->pcscd_log);
			print_tail("", r->card_log);
		}
	}
	if (rc == 0)
		await_command(&k);
	keeper_end(&k);
	return rc ? rc : k.status;
}
