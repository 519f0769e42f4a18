/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A card in a file, and what can happen to it: vicc itself, as its users start it,
 * with this program for a reader. What was acknowledged has to be there afterwards,
 * and nothing by half.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "folder.h"
#include "net.h"
#include "sanitized.h"
#include "support.h"
#include "textfile.h"
#include "wire.h"

#define PATIENCE_MS 60000
#define VALUE 240 /* bytes, all of them made of one number */
#define SPAN_MAX 20000000u /* us, until a card is killed */
#define KILLS 25
#define STRANGER 54321

/* --- a folder, a reader, a card ------------------------------------------------ */

static int listener = -1;
static unsigned seed;
static bool stranger; /* vicc is to run as nobody that the machine has ever heard of */

static struct vicc {
	pid_t pid;
	int fd;             /* the reader's end; -1: not connected */
	struct wire wire;
	uint8_t buffer[WIRE_FRAME_MAX];
} vicc;

static void
setup(void)
{
	make_dir();
	ck_assert_int_eq(chdir(dir), 0);
	listener = net_listen_unix("socket", 0777, (gid_t)-1);
	ck_assert_int_ge(listener, 0);
	vicc = (struct vicc) { .fd = -1 };
}

static void
teardown(void)
{
	close(listener);
	ck_assert_int_eq(chdir("/"), 0);
	remove_dir();
}

static const char *
built(const char *name)
{
	static char path[1024];

	/* make runs in the build tree, from which we have gone */
	snprintf(path, sizeof(path), "%s/%s", getenv("top_builddir"), name);
	return path;
}

/* vicc -t iso7816 and these words, up to NULL; what it says goes to "said". */
static void
exec_vicc(const char *fault, const char *const *words)
{
	const char *argv[32] = { "vicc",   "-t",     "iso7816",
				 "--unix", "socket", SANITIZED ? "--no-sandbox" : "-q" };
	int said = open("said", O_WRONLY | O_CREAT | O_TRUNC, 0600);
	/* before it is somebody else who may not even look into the build tree */
	int program = open(built("vicc/vicc"), O_RDONLY | O_CLOEXEC);
	size_t n = 6;

	while (*words)
		argv[n++] = *words++;
	if (fault) {
		setenv("FAULT", fault, 1);
		setenv("LD_PRELOAD", built("tests/.libs/faults.so"), 1);
	}
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	dup2(said, STDERR_FILENO);
	if (stranger && setresuid(STRANGER, STRANGER, STRANGER) < 0)
		_exit(127);
	fexecve(program, (char *const *)argv, environ);
	_exit(127);
}

#define MAX_WORDS 12

static void
start_with(const char *fault, ...)
{
	const char *words[MAX_WORDS];
	size_t n = 0;
	va_list ap;

	va_start(ap, fault);
	while ((words[n] = va_arg(ap, const char *)))
		n++;
	va_end(ap);
	vicc.pid = fork();
	ck_assert_int_ge(vicc.pid, 0);
	if (vicc.pid == 0)
		exec_vicc(fault, words);
}

#define START(...) start_with(NULL, __VA_ARGS__, NULL)
#define START_FAULTY(fault, ...) start_with(fault, __VA_ARGS__, NULL)

/* What it said; dies with the next call. */
static const char *
said(void)
{
	static char text[4096];
	int fd = open("said", O_RDONLY);
	ssize_t n = fd >= 0 ? read(fd, text, sizeof(text) - 1) : 0;

	text[n > 0 ? n : 0] = '\0';
	if (fd >= 0)
		close(fd);
	return text;
}

static void
hang_up(void)
{
	if (vicc.fd >= 0)
		close(vicc.fd);
	vicc.fd = -1;
}

/* It may have connected just before it ended: the next one is not to be taken for it. */
static void
drop_unanswered(void)
{
	int fd;

	while ((fd = net_accept(listener)) >= 0)
		close(fd);
}

/* Its exit status; 128 and the signal that ended it. */
static int
ended(void)
{
	int status;

	ck_assert_int_eq(waitpid(vicc.pid, &status, 0), vicc.pid);
	hang_up();
	drop_unanswered();
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static int
end(int sig)
{
	ck_assert_int_eq(kill(vicc.pid, sig), 0);
	return ended();
}

static const uint8_t power_on = WIRE_POWER_ON;

static bool
has_ended(void)
{
	siginfo_t info = { .si_pid = 0 };

	return waitid(P_PID, (id_t)vicc.pid, &info, WEXITED | WNOHANG | WNOWAIT) == 0 &&
	       info.si_pid != 0;
}

/* Wait for it, and switch the card on. False: it has gone. */
static bool
insert(void)
{
	struct pollfd p = { .fd = listener, .events = POLLIN };
	int i;

	for (i = 0; i < PATIENCE_MS / 10 && poll(&p, 1, 10) != 1; i++) {
		if (has_ended())
			return false;
	}
	vicc.fd = net_accept(listener);
	if (vicc.fd < 0)
		return false;
	wire_init(&vicc.wire, vicc.buffer, sizeof(vicc.buffer));
	return wire_send(vicc.fd, &power_on, 1, PATIENCE_MS) == 0;
}

/* The answer to a command, up to the next one. False: there is none. */
static bool
exchange(const uint8_t *cmd, size_t n, struct view *answer)
{
	wire_wipe_taken(&vicc.wire);
	return wire_send(vicc.fd, cmd, n, PATIENCE_MS) == 0 &&
	       wire_receive(&vicc.wire, vicc.fd, PATIENCE_MS, &answer->p, &answer->n) == 0 &&
	       answer->n >= 2;
}

/* Its status word; 0: there is none. */
static unsigned
command(const char *bytes, size_t n)
{
	struct view v;

	if (!exchange((const uint8_t *)bytes, n, &v))
		return 0;
	return (unsigned)(v.p[v.n - 2] << 8 | v.p[v.n - 1]);
}

#define COMMAND(bytes) command(bytes, sizeof(bytes) - 1)
#define VERIFY_WRONG "\x00\x20\x00\x01\x04" "9999"
#define VERIFY_RIGHT "\x00\x20\x00\x01\x04" "1234"

static void
insert_and_select(void)
{
	ck_assert_msg(insert(), "%s", said());
	ck_assert_uint_eq(COMMAND("\x00\xa4\x02\x0c\x02\x2f\x00"), 0x9000);
}

/* UPDATE BINARY of EF.DIR: a whole value that is nothing but this number. */
static unsigned
update(uint32_t number)
{
	char cmd[5 + VALUE] = { 0x00, (char)0xd6, 0x00, 0x00, (char)VALUE };
	size_t i;

	for (i = 0; i < VALUE; i += sizeof(number))
		memcpy(cmd + 5 + i, &number, sizeof(number));
	return command(cmd, sizeof(cmd));
}

/* The number that all of a value is. */
static uint32_t
number_of(struct view v)
{
	uint32_t number, next;
	size_t i;

	ck_assert_uint_ge(v.n, VALUE);
	memcpy(&number, v.p, sizeof(number));
	for (i = 0; i < VALUE; i += sizeof(number)) {
		memcpy(&next, v.p + i, sizeof(next));
		ck_assert_msg(next == number, "by half: %u and %u", number, next);
	}
	return number;
}

/* READ BINARY of it. */
static uint32_t
value(void)
{
	static const uint8_t cmd[] = { 0x00, 0xb0, 0x00, 0x00, VALUE };
	struct view v;

	ck_assert(exchange(cmd, sizeof(cmd), &v));
	ck_assert_uint_eq(v.n, VALUE + 2);
	return number_of(v);
}

/* --- the image, without a card --------------------------------------------------- */

static uint32_t
value_on_disk(const char *path)
{
	struct buf text = slurped(path);
	struct image_text t;
	char error[512];
	uint32_t number;

	ck_assert_msg(image_text_read(&t, buf_view(&text), path, NULL, error, sizeof(error)) == 0,
		      "%s", error);
	number = number_of(buf_view(&fs_child(t.state->fs.mf, 0x2f00)->contents));
	image_text_free(&t);
	buf_free(&text);
	return number;
}

/* --- kill -9 ------------------------------------------------------------------------ */

/* Kills vicc after so many microseconds. */
static pid_t
start_killer(useconds_t after)
{
	pid_t pid = fork();

	if (pid == 0) {
		usleep(after);
		kill(vicc.pid, SIGKILL);
		_exit(0);
	}
	return pid;
}

START_TEST(killed_at_any_time)
{
	uint32_t acknowledged = 0, sent = 0, on_disk;
	unsigned span = 60000;
	pid_t killer;
	int round;

	for (round = 0; round < KILLS; round++) {
		START("-f", "card.json");
		/* the first ones may come before there is a card at all */
		killer = start_killer((useconds_t)rand_r(&seed) % (round < 5 ? 8000 : span));
		if (insert() && COMMAND("\x00\xa4\x02\x0c\x02\x2f\x00") == 0x9000) {
			while (update(sent + 1) == 0x9000)
				acknowledged = ++sent;
		}
		ck_assert_int_eq(ended(), 128 + SIGKILL);
		ck_assert_int_eq(waitpid(killer, NULL, 0), killer);
		/* a slow machine gets more time, so that something happens at all */
		if (round >= 5 && sent == 0 && span < SPAN_MAX)
			span *= 2;
		if (access("card.json", F_OK) < 0) {
			ck_assert_uint_eq(acknowledged, 0);
			continue;
		}
		on_disk = value_on_disk("card.json");
		ck_assert_msg(on_disk == acknowledged || on_disk == acknowledged + 1,
			      "seed %u, round %d: %u was acknowledged, %u is there", seed, round,
			      acknowledged, on_disk);
		sent = acknowledged = on_disk;
	}
	ck_assert_uint_gt(sent, 0);
	/* and the card still works */
	START("-f", "card.json");
	insert_and_select();
	ck_assert_uint_eq(value(), sent);
	ck_assert_uint_eq(update(sent + 1), 0x9000);
	ck_assert_int_eq(end(SIGTERM), 0);
	ck_assert_uint_eq(value_on_disk("card.json"), sent + 1);
	ck_assert_int_ne(access(".card.json.vicc-tmp", F_OK), 0);
}
END_TEST

/* Nobody gets a try back by pulling the plug. */
START_TEST(a_try_is_spent_for_good)
{
	unsigned left;

	for (left = 3; left-- > 0;) {
		START("-f", "card.json");
		ck_assert(insert());
		ck_assert_uint_eq(COMMAND(VERIFY_WRONG), 0x63c0 | left);
		ck_assert_int_eq(end(SIGKILL), 128 + SIGKILL);
	}
	START("-f", "card.json");
	ck_assert(insert());
	ck_assert_uint_eq(COMMAND(VERIFY_RIGHT), 0x6983);
	ck_assert_int_eq(end(SIGTERM), 0);
}
END_TEST

/* --- a disk that fails --------------------------------------------------------------- */

static const struct fault {
	const char *call;
	int error;
} faults[] = {
	{ "fsync", EIO },
	{ "renameat", EACCES },
	{ "fchmod", EPERM },
	{ "openat", EDQUOT },
	{ "write", ENOSPC },
};

/* Any one call of a run fails: that command is refused, all others are kept. */
START_TEST(one_failing_call)
{
	const struct fault *f = &faults[_i];
	uint32_t sent, kept = 0;
	char fault[64];
	unsigned sw, refused;
	int nth;

	if (SANITIZED) {
		puts("skipped: the sanitizer's runtime wants to be loaded first");
		return;
	}
	START("-f", "card.json");
	insert_and_select();
	ck_assert_uint_eq(update(0), 0x9000);
	ck_assert_int_eq(end(SIGTERM), 0);
	for (nth = 1; nth <= 6; nth++) {
		snprintf(fault, sizeof(fault), "%s:%d:%d", f->call, nth, f->error);
		START_FAULTY(fault, "-f", "card.json");
		insert_and_select();
		ck_assert_uint_eq(value(), kept);
		for (refused = 0, sent = kept + 1; sent < kept + 100 && !refused; sent++) {
			sw = update(sent);
			if (sw == 0x9000)
				continue;
			ck_assert_uint_eq(sw, 0x6581);
			refused = sent;
			ck_assert_uint_eq(COMMAND("\x00\xa4\x02\x0c\x02\x2f\x00"), 0x9000);
			ck_assert_uint_eq(value(), sent - 1);
			ck_assert_uint_eq(value_on_disk("card.json"), sent - 1);
		}
		ck_assert_msg(refused != 0, "%s has not failed", fault);
		ck_assert_ptr_nonnull(strstr(said(), "image was not written"));
		/* it was once: now it works again */
		kept = refused + 1000;
		ck_assert_uint_eq(update(kept), 0x9000);
		ck_assert_int_eq(end(SIGTERM), 0);
		ck_assert_uint_eq(value_on_disk("card.json"), kept);
	}
}
END_TEST

/* A disk that is gone for good takes no card with it, and refuses no reading. */
START_TEST(fails_for_good)
{
	const struct fault *f = &faults[_i];
	char fault[64];
	int i;

	if (SANITIZED)
		return;
	/* and cannot begin one either */
	snprintf(fault, sizeof(fault), "%s:1+:%d", f->call, f->error);
	START_FAULTY(fault, "-f", "card.json");
	ck_assert_int_eq(ended(), 1);
	ck_assert_msg(strstr(said(), "card.json: cannot be written: ") != NULL, "%s", said());
	ck_assert_int_ne(access("card.json", F_OK), 0);

	START("-f", "card.json");
	insert_and_select();
	ck_assert_uint_eq(update(7), 0x9000);
	ck_assert_int_eq(end(SIGTERM), 0);
	START_FAULTY(fault, "-f", "card.json");
	insert_and_select();
	for (i = 0; i < 5; i++) {
		ck_assert_uint_eq(update(8), 0x6581);
		ck_assert_uint_eq(COMMAND("\x00\xa4\x02\x0c\x02\x2f\x00"), 0x9000);
		ck_assert_uint_eq(value(), 7);
		/* a try that cannot be spent is none */
		ck_assert_uint_eq(COMMAND(VERIFY_RIGHT), 0x6581);
		ck_assert_uint_eq(COMMAND("\x00\xa4\x02\x0c\x02\x2f\x00"), 0x9000);
	}
	ck_assert_int_eq(end(SIGTERM), 0);
	ck_assert_uint_eq(value_on_disk("card.json"), 7);
}
END_TEST

/* As unshare(1) has it: whether all of the text was taken. */
static bool
tell(const char *path, const char *text)
{
	FILE *f = fopen(path, "w");
	bool taken;

	if (!f)
		return false;
	taken = fputs(text, f) >= 0;
	return fclose(f) == 0 && taken;
}

/* Without its mappings a user namespace has no owner for a new file: EOVERFLOW. */
static bool
unshare_mounts(void)
{
	char uids[32], gids[32];

	if (getuid() == 0)
		return unshare(CLONE_NEWNS) == 0;
	snprintf(uids, sizeof(uids), "%d %d 1", (int)getuid(), (int)getuid());
	snprintf(gids, sizeof(gids), "%d %d 1", (int)getgid(), (int)getgid());
	return unshare(CLONE_NEWUSER | CLONE_NEWNS) == 0 && tell("/proc/self/uid_map", uids) &&
	       tell("/proc/self/setgroups", "deny") && tell("/proc/self/gid_map", gids);
}

/* A small file system of our own over what is in dir. */
static bool
mount_small(void)
{
	if (!unshare_mounts())
		return false;
	if (mount("none", "/", "none", MS_REC | MS_PRIVATE, NULL) < 0 || mkdir("small", 0700) < 0 ||
	    mount("tmpfs", "small", "tmpfs", 0, "size=64k,mode=0777") < 0) {
		rmdir("small");
		return false;
	}
	return true;
}

static void
fill_up(void)
{
	static const char block[4096] = "x";
	int fd = open("small/filler", O_WRONLY | O_CREAT, 0600);

	while (write(fd, block, sizeof(block)) > 0)
		;
	ck_assert_int_eq(errno, ENOSPC);
	close(fd);
}

START_TEST(a_full_disk)
{
	if (!mount_small()) {
		puts("skipped: no file system can be mounted here");
		return;
	}
	START("-f", "small/card.json");
	insert_and_select();
	ck_assert_uint_eq(update(1), 0x9000);
	fill_up();
	ck_assert_uint_eq(update(2), 0x6581);
	ck_assert_uint_eq(COMMAND("\x00\xa4\x02\x0c\x02\x2f\x00"), 0x9000);
	ck_assert_uint_eq(value(), 1);
	ck_assert_uint_eq(value_on_disk("small/card.json"), 1);
	ck_assert_int_ne(access("small/.card.json.vicc-tmp", F_OK), 0);
	ck_assert_ptr_nonnull(strstr(said(), "No space left"));
	ck_assert_int_eq(unlink("small/filler"), 0);
	ck_assert_uint_eq(update(3), 0x9000);
	ck_assert_int_eq(end(SIGTERM), 0);
	ck_assert_uint_eq(value_on_disk("small/card.json"), 3);
	ck_assert_int_eq(umount2("small", MNT_DETACH), 0);
	rmdir("small");
}
END_TEST

/* --- who may --------------------------------------------------------------------------- */

START_TEST(two_processes)
{
	struct vicc first;

	START("-f", "card.json");
	insert_and_select();
	first = vicc;
	START("-f", "./card.json");
	vicc.fd = -1;
	ck_assert_int_eq(ended(), 1);
	ck_assert_msg(strstr(said(), "./card.json: in use by another process") != NULL, "%s",
		      said());
	vicc.pid = first.pid;
	vicc.fd = first.fd;
	ck_assert_uint_eq(update(1), 0x9000);
	ck_assert_int_eq(end(SIGTERM), 0);
	/* not a moment longer */
	START("-f", "card.json");
	insert_and_select();
	ck_assert_uint_eq(value(), 1);
	ck_assert_int_eq(end(SIGKILL), 128 + SIGKILL);
	START("-f", "card.json");
	insert_and_select();
	ck_assert_int_eq(end(SIGTERM), 0);
}
END_TEST

START_TEST(damaged)
{
	static const char *const broken[] = {
		"", "{", "{\"format\": 1,\n\"type\": \"iso7816\",\n\"mf\": 7}", "\177ELF",
	};
	struct buf b;
	size_t i;

	for (i = 0; i < sizeof(broken) / sizeof(broken[0]); i++) {
		spill("card.json", broken[i]);
		START("-f", "card.json", "--serial", "01");
		ck_assert_int_eq(ended(), 1);
		ck_assert_msg(strstr(said(), i == 2 ? "vicc: card.json:3: mf: "
						    : "vicc: card.json:1: ") != NULL,
			      "%s", said());
		b = slurped("card.json");
		ck_assert(view_equal(buf_view(&b), view_of(broken[i], strlen(broken[i]))));
		buf_free(&b);
	}
	spill("card.json", "{\"format\": 1, \"type\": \"isoapplet\"}");
	START("-f", "card.json");
	ck_assert_int_eq(ended(), 1);
	ck_assert_msg(strstr(said(), "start it with -t isoapplet") != NULL, "%s", said());
}
END_TEST

START_TEST(nobody_in_particular)
{
	const bool root = getuid() == 0;
	struct stat st;
	mode_t old = umask(0);

	ck_assert_int_eq(chmod(dir, 0777), 0);
	stranger = root;
	START("-f", "card.json");
	insert_and_select();
	ck_assert_uint_eq(update(1), 0x9000);
	ck_assert_int_eq(end(SIGTERM), 0);
	ck_assert_int_eq(stat("card.json", &st), 0);
	ck_assert_uint_eq(st.st_mode & 07777, 0600);
	ck_assert_uint_eq(st.st_uid, root ? STRANGER : getuid());
	stranger = false;
	/* root leaves it its owner's */
	START("-f", "card.json");
	insert_and_select();
	ck_assert_uint_eq(update(2), 0x9000);
	ck_assert_int_eq(end(SIGTERM), 0);
	ck_assert_int_eq(stat("card.json", &st), 0);
	ck_assert_uint_eq(st.st_mode & 07777, 0600);
	ck_assert_uint_eq(st.st_uid, root ? STRANGER : getuid());
	umask(old);
}
END_TEST

/* --- what must not change ----------------------------------------------------------------- */

START_TEST(read_only)
{
	struct buf before, after;

	START("-f", "card.json");
	insert_and_select();
	ck_assert_uint_eq(update(1), 0x9000);
	ck_assert_int_eq(end(SIGTERM), 0);
	before = slurped("card.json");

	START("-f", "card.json", "--read-only");
	insert_and_select();
	ck_assert_uint_eq(COMMAND(VERIFY_WRONG), 0x63c2);
	ck_assert_uint_eq(update(2), 0x6581);
	ck_assert_uint_eq(COMMAND("\x00\xa4\x02\x0c\x02\x2f\x00"), 0x9000);
	ck_assert_uint_eq(value(), 1);
	ck_assert_uint_eq(COMMAND(VERIFY_WRONG), 0x63c1);
	ck_assert_uint_eq(COMMAND(VERIFY_RIGHT), 0x9000);
	ck_assert_int_eq(end(SIGTERM), 0);

	START("-f", "card.json", "--volatile");
	insert_and_select();
	ck_assert_uint_eq(COMMAND(VERIFY_WRONG), 0x63c2);
	ck_assert_uint_eq(update(3), 0x9000);
	ck_assert_uint_eq(value(), 3);
	ck_assert_int_eq(end(SIGTERM), 0);

	after = slurped("card.json");
	ck_assert(view_equal(buf_view(&before), buf_view(&after)));
	buf_free(&before);
	buf_free(&after);
}
END_TEST

START_TEST(serial_numbers)
{
	struct buf text;

	START("-f", "card.json", "--serial", "0A0B0C");
	insert_and_select();
	ck_assert_int_eq(end(SIGTERM), 0);
	text = slurped("card.json");
	ck_assert_ptr_nonnull(memmem(text.p, text.n, "\"serial\": \"0A0B0C\",\n", 20));
	buf_free(&text);
	START("-f", "card.json", "--serial", "FF");
	insert_and_select();
	ck_assert_int_eq(end(SIGTERM), 0);
	text = slurped("card.json");
	ck_assert_ptr_nonnull(memmem(text.p, text.n, "\"serial\": \"FF\",\n", 16));
	buf_free(&text);
}
END_TEST

int
main(void)
{
	const int n_faults = sizeof(faults) / sizeof(faults[0]);
	TCase *tc = tcase_create("crash");
	const char *given = getenv("SEED");

	signal(SIGPIPE, SIG_IGN);
	seed = given ? (unsigned)strtoul(given, NULL, 10) : (unsigned)getpid();
	printf("SEED=%u\n", seed);
	if (!getenv("top_builddir")) {
		char here[1000];

		setenv("top_builddir", getcwd(here, sizeof(here)), 1);
	}
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, killed_at_any_time);
	tcase_add_test(tc, a_try_is_spent_for_good);
	tcase_add_loop_test(tc, one_failing_call, 0, n_faults);
	tcase_add_loop_test(tc, fails_for_good, 0, n_faults);
	tcase_add_test(tc, a_full_disk);
	tcase_add_test(tc, two_processes);
	tcase_add_test(tc, damaged);
	tcase_add_test(tc, nobody_in_particular);
	tcase_add_test(tc, read_only);
	tcase_add_test(tc, serial_numbers);
	return run("crash", tc);
}
