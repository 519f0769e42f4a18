/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A pad and what it meets at the other end: a reader, one that talks nonsense, one that goes; and its sources. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "daemon/signals.h"
#include "net.h"
#include "pad/pad.h"
#include "peer.h"
#include "tty.h"

#define ASK \
	"ask 1 verify slot=0 ins=20 ref=81 min=4 max=8 first=30 next=30 end=02 want=pin texts=01 lang=0409 display=0\n"
#define CHANGE \
	"ask 1 modify slot=0 ins=24 ref=81 min=4 max=8 first=30 next=30 end=02 want=old,new,again texts=01 " \
	"lang=0409 display=0\n"

static char dir[32], path[64], log_path[64];
static int listener;
static pid_t pad;

static void
setup(void)
{
	strcpy(dir, "/tmp/test_pad.XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/pad", dir);
	snprintf(log_path, sizeof(log_path), "%s/log", dir);
	listener = net_listen_unix(path, 0600, (gid_t)-1);
	ck_assert_int_ge(listener, 0);
	pad = 0;
}

static void
teardown(void)
{
	close(listener);
	unlink(path);
	unlink(log_path);
	ck_assert_int_eq(rmdir(dir), 0);
}

/* --- the pad, in a process of its own ------------------------------------- */

static int
run_pad(struct pad_source *(*open_source)(const struct log *log))
{
	struct log log = { .out = fopen(log_path, "w"), .level = LOG_INFO, .name = "pad" };
	int signals = signals_catch(), rc;
	struct pad_source *source = open_source(&log);

	if (!source)
		return 2;
	rc = pad_run(source, path, signals, false, &log);
	source->ops->free(source);
	fclose(log.out);
	return rc < 0;
}

static void
start(struct pad_source *(*open_source)(const struct log *log))
{
	pad = fork();
	ck_assert_int_ge(pad, 0);
	if (pad == 0)
		_exit(run_pad(open_source));
}

static void
ends(int code)
{
	int status;

	ck_assert_int_eq(waitpid(pad, &status, 0), pad);
	ck_assert(WIFEXITED(status));
	ck_assert_int_eq(WEXITSTATUS(status), code);
}

static void
stop(void)
{
	kill(pad, SIGTERM);
	ends(0);
}

static struct pad_source *
right_pin(const struct log *log)
{
	struct props pins = { .first = NULL };

	ck_assert(props_set(&pins, "PIN81", view_of("123456", 6)));
	return pad_file(&pins, NULL, log);
}

/* --- the reader ----------------------------------------------------------- */

static int
caller(void)
{
	int fd;

	ck_assert(peer_readable(listener, PEER_PATIENCE_MS));
	fd = net_accept(listener);
	ck_assert_int_ge(fd, 0);
	return fd;
}

static void
read_log(char *got, size_t size)
{
	FILE *f = fopen(log_path, "r");

	ck_assert_ptr_nonnull(f);
	got[fread(got, 1, size - 1, f)] = '\0';
	fclose(f);
}

static void
await_log(const char *text)
{
	char got[8192] = "";
	int i;

	for (i = 0; !strstr(got, text) && i < PEER_PATIENCE_MS; i++) {
		usleep(1000);
		if (access(log_path, F_OK) == 0)
			read_log(got, sizeof(got));
	}
	ck_assert_msg(strstr(got, text) != NULL, "\"%s\" is not logged: %s", text, got);
}

static void
logged(const char *text)
{
	char got[8192];

	read_log(got, sizeof(got));
	ck_assert_msg(strstr(got, text) != NULL, "\"%s\" is not logged: %s", text, got);
	ck_assert_ptr_null(strstr(got, "123456"));
}

START_TEST(one_request_after_the_other)
{
	int i, fd;

	start(right_pin);
	for (i = 0; i < 3; i++) {
		fd = caller();
		peer_say(fd, BYTES(ASK));
		peer_expect(fd, BYTES("key\npin 123456\n"));
		peer_say(fd, BYTES("done 9000\n"));
		peer_expect_end(fd);
		close(fd);
	}
	stop();
	logged("INS 20, reference 81");
	logged("told 9000");
}
END_TEST

/* In pieces, with words and lines of a later reader. */
START_TEST(a_later_reader)
{
	const char *c;
	int fd;

	start(right_pin);
	fd = caller();
	for (c = "hello 2\nask 1 verify colour=red want=pin\n"; *c; c++) {
		peer_say(fd, c, 1);
		usleep(500);
	}
	peer_expect(fd, BYTES("key\npin 123456\n"));
	peer_say(fd, BYTES("stop time\n"));
	peer_expect_end(fd);
	close(fd);
	stop();
	logged("no PIN is wanted any more: time");
}
END_TEST

static const char *const nonsense[] = {
	ASK ASK,
	"done 90\n",
	"done 9000x\n",
};

/* It is left, and called again. */
START_TEST(one_that_talks_nonsense)
{
	int fd;

	start(right_pin);
	fd = caller();
	peer_say(fd, nonsense[_i], strlen(nonsense[_i]));
	peer_expect_end(fd);
	close(fd);
	fd = caller();
	peer_say(fd, BYTES(ASK));
	peer_expect(fd, BYTES("key\npin 123456\n"));
	close(fd);
	stop();
	logged("nonsense");
}
END_TEST

START_TEST(a_line_without_an_end)
{
	char much[4096];
	int fd;

	memset(much, 'x', sizeof(much));
	start(right_pin);
	fd = caller();
	peer_say(fd, much, sizeof(much));
	peer_expect_end(fd);
	close(fd);
	close(caller());
	stop();
	logged("nonsense");
}
END_TEST

/* Closed at once, in the middle, and gone for a while. */
START_TEST(one_that_goes)
{
	int fd;

	start(right_pin);
	close(caller());
	fd = caller();
	peer_say(fd, BYTES("ask 1 ver"));
	close(fd);
	fd = caller();
	peer_say(fd, BYTES(ASK));
	close(fd);
	close(listener);
	unlink(path);
	await_log("the reader has gone away");
	listener = net_listen_unix(path, 0600, (gid_t)-1);
	fd = caller();
	peer_say(fd, BYTES(ASK));
	peer_expect(fd, BYTES("key\npin 123456\n"));
	close(fd);
	stop();
}
END_TEST

/* pcscd is not there yet, or its reader has no pad. */
START_TEST(one_that_is_not_there_yet)
{
	close(listener);
	unlink(path);
	start(right_pin);
	await_log("not there yet: the entry of the reader needs /pad=1");
	listener = net_listen_unix(path, 0600, (gid_t)-1);
	close(caller());
	stop();
}
END_TEST

/* --- a program ------------------------------------------------------------ */

static const char *script;

static const char *
in_dir(const char *name)
{
	static char file[64];

	snprintf(file, sizeof(file), "%s/%s", dir, name);
	return file;
}

static struct pad_source *
a_program(const struct log *log)
{
	const char *program = in_dir("program");
	FILE *f = fopen(program, "w");

	fprintf(f, "#!/bin/sh\n%s", script);
	fclose(f);
	chmod(program, 0700);
	return pad_program(program, log);
}

static void
remove_program(void)
{
	unlink(in_dir("program"));
}

START_TEST(a_program_answers)
{
	int fd;

	script =
		"while read -r line; do case $line in *ref=81*want=pin*) echo key; echo pin 123456 ;; *) echo cancel ;; "
		"esac; done\n";
	start(a_program);
	fd = caller();
	peer_say(fd, BYTES(ASK));
	peer_expect(fd, BYTES("key\npin 123456\n"));
	peer_say(fd, BYTES("done 9000\n"));
	close(fd);
	fd = caller();
	peer_say(fd, BYTES(CHANGE));
	peer_expect(fd, BYTES("cancel\n"));
	close(fd);
	stop();
	remove_program();
}
END_TEST

START_TEST(a_program_that_talks_nonsense)
{
	int fd;

	script = "while read -r line; do echo 123456; done\n";
	start(a_program);
	fd = caller();
	peer_say(fd, BYTES(ASK));
	peer_expect(fd, BYTES("cancel\n"));
	close(fd);
	stop();
	logged("has answered nonsense, a line of 6 characters");
	remove_program();
}
END_TEST

/* It answers when the reader has given up: that is nobody's PIN any more. */
START_TEST(a_program_that_is_late)
{
	int fd;

	script =
		"read -r line; : >\"$0.asked\"; until [ -e \"$0.go\" ]; do sleep 0.01; done\n"
		"rm \"$0.asked\" \"$0.go\"; echo key; echo pin 1111\n"
		"while read -r line; do echo pin 2222; done\n";
	start(a_program);
	fd = caller();
	peer_say(fd, BYTES(ASK));
	while (access(in_dir("program.asked"), F_OK) < 0)
		usleep(1000);
	peer_say(fd, BYTES("stop time\n"));
	peer_expect_end(fd);
	close(fd);
	fd = caller();
	close(open(in_dir("program.go"), O_WRONLY | O_CREAT, 0600));
	peer_say(fd, BYTES(ASK));
	peer_expect(fd, BYTES("pin 2222\n"));
	close(fd);
	stop();
	remove_program();
}
END_TEST

static const struct {
	const char *script, *said;
} broken[] = {
	{ "read -r line; exit 1\n", "has ended" },
	{ "read -r line; while :; do printf 0000000000000000; done\n", "too long" },
};

START_TEST(a_program_that_is_broken)
{
	int fd;

	script = broken[_i].script;
	start(a_program);
	fd = caller();
	peer_say(fd, BYTES(ASK));
	ends(1);
	close(fd);
	logged(broken[_i].said);
	remove_program();
}
END_TEST

START_TEST(a_program_that_is_none)
{
	struct log log = { .out = NULL };

	ck_assert_ptr_null(pad_program("/nowhere/joe", &log));
}
END_TEST

/* --- a person ------------------------------------------------------------- */

/* The reader of a pad at a terminal: asks, and hears what it says up to the answer. */
static pid_t
reader(const char *ask, const char *answer, const char *then)
{
	pid_t pid = fork();
	int fd;

	if (pid != 0)
		return pid;
	fd = caller();
	peer_say(fd, ask, strlen(ask));
	peer_expect(fd, answer, strlen(answer));
	peer_say(fd, then, strlen(then));
	close(fd);
	kill(getppid(), SIGUSR1);
	_exit(0);
}

static volatile sig_atomic_t answered;

static void
on_answer(int sig)
{
	(void)sig;
	answered = 1;
}

static int
pad_at_terminal(void *ctx)
{
	const char *const *asked = ctx;
	struct sigaction act = { .sa_handler = on_answer };
	struct log log = { .out = fopen(log_path, "w"), .level = LOG_INFO, .name = "pad" };
	struct pad_source *source;
	pid_t other;
	int rc, status;

	sigaction(SIGUSR1, &act, NULL);
	other = reader(asked[0], asked[1], asked[2]);
	pad = fork();
	if (pad == 0) {
		int signals = signals_catch();

		source = pad_terminal(&log);
		rc = source ? pad_run(source, path, signals, false, &log) : 2;
		if (source)
			source->ops->free(source);
		fclose(log.out);
		_exit(rc < 0 ? 1 : rc);
	}
	while (!answered)
		usleep(1000);
	/* it calls again when it has shown what came of it */
	close(caller());
	kill(pad, SIGTERM);
	waitpid(other, &rc, 0);
	waitpid(pad, &status, 0);
	return rc != 0 || status != 0;
}

static const struct {
	const char *ask, *answer, *then;
	const char *typed[4];
	const char *seen;
} typists[] = {
	{ ASK,
	  "key\nkey\nkey\nkey\npin 1234\n",
	  "done 9000\n",
	  { "1234\r" },
	  "(4 to 8 digits): ****" },
	{ ASK,
	  "key\nkey\nkey\nkey\npin 1234\n",
	  "done 63C2\n",
	  { "1234\n" },
	  "not accepted: 63C2" },
	{ ASK,
	  "key\nkey\nkey\npin 13\n",
	  "done 6403\n",
	  { "12\x7f"
	    "3x\r" },
	  "*\b \b*\a" },
	{ ASK,
	  "key\npin 1\n",
	  "done 6403\n",
	  { "\x7f"
	    "1\r" },
	  "(4 to 8 digits): *" },
	{ ASK, "key\nkey\ncancel\n", "done 6401\n", { "12\x1b" }, "not accepted: 6401" },
	{ ASK, "key\ncancel\n", "done 6401\n", { "\r1\x03" }, "\a*" },
	{ ASK, "key\n", "stop time\n", { "1" }, "no longer wanted" },
	{ CHANGE,
	  "key\nkey\nkey\nkey\nkey\nkey\nkey\npin 1 22 333\n",
	  "done 9000\n",
	  { "1\r", "22\r", "33\b33\r" },
	  "old PIN (4 to 8 digits): *" },
	{ "ask 1 modify ins=2C ref=01 min=4 max=4 end=01 want=old,new\n",
	  "key\nkey\nkey\nkey\nkey\nkey\nkey\nkey\npin 1234 5678\n",
	  "done 9000\n",
	  { "1234", "5678" },
	  "PUK (4 to 4 digits)" },
	{ "ask 1 verify ref=01 min=4 max=8 first=1 next=1 end=04 want=pin\n",
	  "key\nkey\npin 12\n",
	  "done 9000\n",
	  { "12" },
	  "accepted" },
};

START_TEST(a_person)
{
	const char *asked[] = { typists[_i].ask, typists[_i].answer, typists[_i].then };
	char seen[4096];

	ck_assert_int_eq(at_terminal(pad_at_terminal, asked, typists[_i].typed, seen, sizeof(seen)),
			 0);
	ck_assert_msg(strstr(seen, typists[_i].seen) != NULL, "\"%s\" is not seen: %s",
		      typists[_i].seen, seen);
	ck_assert_ptr_null(strstr(seen, "1234"));
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("pad");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, one_request_after_the_other);
	tcase_add_test(tc, a_later_reader);
	tcase_add_loop_test(tc, one_that_talks_nonsense, 0,
			    (int)(sizeof(nonsense) / sizeof(nonsense[0])));
	tcase_add_test(tc, a_line_without_an_end);
	tcase_add_test(tc, one_that_goes);
	tcase_add_test(tc, one_that_is_not_there_yet);
	tcase_add_test(tc, a_program_answers);
	tcase_add_test(tc, a_program_that_talks_nonsense);
	tcase_add_test(tc, a_program_that_is_late);
	tcase_add_loop_test(tc, a_program_that_is_broken, 0, 2);
	tcase_add_test(tc, a_program_that_is_none);
	tcase_add_loop_test(tc, a_person, 0, (int)(sizeof(typists) / sizeof(typists[0])));
	return run("pad", tc);
}
