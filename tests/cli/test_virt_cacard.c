/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The command line of virt_cacard, what it comes to, and which processes its signals reach. */
#include "cli/virt_cacard.h"

#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "support.h"

static struct virt_cacard v;
static FILE *err;
static char said[256];

static void
setup(void)
{
	err = tmpfile();
	ck_assert_ptr_nonnull(err);
	setenv("SOFTHSM2_CONF", "/x/conf", 1);
}

static void
teardown(void)
{
	fclose(err);
}

/* Words after the name, with spaces between. */
static enum virt_cacard_action
parse(const char *line)
{
	static char text[256];
	char *argv[16] = { (char *)(uintptr_t) "virt_cacard" }, *rest = text, *word;
	int argc = 1;

	strcpy(text, line);
	while ((word = strsep(&rest, " "))) {
		if (*word)
			argv[argc++] = word;
	}
	ck_assert_int_eq(ftruncate(fileno(err), 0), 0);
	rewind(err);
	virt_cacard_parse(&v, argc, argv, err);
	fflush(err);
	said[pread(fileno(err), said, sizeof(said) - 1, 0)] = '\0';
	return v.action;
}

START_TEST(names)
{
	ck_assert(virt_cacard_is("virt_cacard"));
	ck_assert(virt_cacard_is("/usr/bin/virt_cacard"));
	ck_assert(!virt_cacard_is("vicc"));
	ck_assert(!virt_cacard_is("/virt_cacard/vicc"));
	ck_assert(!virt_cacard_is("virt_cacard2"));
	ck_assert(!virt_cacard_is(NULL));
}
END_TEST

START_TEST(a_card)
{
	char *words[VIRT_CACARD_WORDS + 1];

	ck_assert_int_eq(parse(">> /var/log/virt_cacard.debug 2>&1"), VIRT_CACARD_RUN);
	virt_cacard_words(&v, words);
	ck_assert_str_eq(words[0], "virt_cacard");
	ck_assert_str_eq(words[2], "cac");
	ck_assert_str_eq(words[4], "/x/conf");
	ck_assert_str_eq(words[6], "3B890056434152445F4E5353");
	ck_assert_str_eq(words[8], "0");
	ck_assert_ptr_null(words[VIRT_CACARD_WORDS]);
	ck_assert_int_eq(parse(">> -s 3 2>&1"), VIRT_CACARD_RUN);
	ck_assert_str_eq(v.slot, "3");
	ck_assert_str_eq(said, "");
}
END_TEST

START_TEST(where_softhsm_looks)
{
	unsetenv("SOFTHSM2_CONF");
	setenv("HOME", "/nonexistent", 1);
	parse("");
	ck_assert_ptr_nonnull(strstr(v.conf, "softhsm2.conf"));
	ck_assert_ptr_null(strstr(v.conf, "/nonexistent"));
	setenv("SOFTHSM2_CONF", "", 1);
	parse("");
	ck_assert_ptr_nonnull(strstr(v.conf, "softhsm2.conf"));
}
END_TEST

START_TEST(others)
{
	ck_assert_int_eq(parse("-r"), VIRT_CACARD_SIGNAL);
	ck_assert_int_eq(v.signal, SIGUSR1);
	ck_assert_int_eq(v.pid, 0);
	ck_assert_int_eq(parse("-p 17 -i"), VIRT_CACARD_SIGNAL);
	ck_assert_int_eq(v.signal, SIGUSR2);
	ck_assert_int_eq(v.pid, 17);
	ck_assert_int_eq(parse("-h"), VIRT_CACARD_HELP);
	ck_assert_int_eq(parse("-?"), VIRT_CACARD_HELP);
	ck_assert_str_eq(said, "");
}
END_TEST

START_TEST(what_is_wrong)
{
	static const struct {
		const char *line, *words;
	} wrong[] = {
		{ "-s 4", "0 to 3" },
		{ "-s -1", "0 to 3" },
		{ "-s 00", "0 to 3" },
		{ "-s", "need a number" },
		{ "-r -p 0", "number of a process" },
		{ "-p 1", "number of a process" },
		{ "-p x", "number of a process" },
		{ "-p 99999999999", "number of a process" },
		{ "-x", "no such option" },
		{ "--type cac", "no such option" },
		{ "-h -x", "no such option" },
	};
	size_t i;

	for (i = 0; i < sizeof(wrong) / sizeof(*wrong); i++) {
		ck_assert_msg(parse(wrong[i].line) == VIRT_CACARD_WRONG, "%s", wrong[i].line);
		ck_assert_msg(strstr(said, wrong[i].words) != NULL, "%s: %s", wrong[i].line, said);
	}
}
END_TEST

/* What /proc would say of a process; the machine's own has others' cards. */
static void
describe(const char *proc, pid_t pid, const char *name)
{
	char path[128];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%d", proc, (int)pid);
	ck_assert_int_eq(mkdir(path, 0700), 0);
	strcat(path, "/comm");
	f = fopen(path, "w");
	ck_assert_ptr_nonnull(f);
	fprintf(f, "%s\n", name);
	fclose(f);
}

/* A process that does nothing. */
static pid_t
start(void)
{
	pid_t pid = fork();

	ck_assert_int_ge(pid, 0);
	while (pid == 0)
		pause();
	return pid;
}

/* Processes of this name end by the signal, and no other; its own is left alone. */
START_TEST(processes)
{
	char proc[] = "/tmp/test_virt_cacard.XXXXXX", command[64];
	pid_t first = start(), second = start(), other = start();
	int status;

	ck_assert_ptr_nonnull(mkdtemp(proc));
	describe(proc, first, "virt_cacard");
	describe(proc, second, "virt_cacard");
	describe(proc, other, "virt_cacard2");
	describe(proc, getpid(), "virt_cacard");
	ck_assert_int_eq(parse("-r"), VIRT_CACARD_SIGNAL);
	ck_assert_uint_eq(virt_cacard_signal(&v, "/nonexistent"), 0);
	ck_assert_uint_eq(virt_cacard_signal(&v, proc), 2);
	ck_assert_int_eq(waitpid(first, &status, 0), first);
	ck_assert(WIFSIGNALED(status) && WTERMSIG(status) == SIGUSR1);
	ck_assert_int_eq(waitpid(second, &status, 0), second);
	ck_assert_uint_eq(virt_cacard_signal(&v, proc), 0);
	v.pid = other;
	v.signal = SIGKILL;
	ck_assert_uint_eq(virt_cacard_signal(&v, proc), 1);
	ck_assert_int_eq(waitpid(other, &status, 0), other);
	ck_assert_uint_eq(virt_cacard_signal(&v, proc), 0);
	snprintf(command, sizeof(command), "rm -r %s", proc);
	ck_assert_int_eq(system(command), 0);
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("virt_cacard");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, names);
	tcase_add_test(tc, a_card);
	tcase_add_test(tc, where_softhsm_looks);
	tcase_add_test(tc, others);
	tcase_add_test(tc, what_is_wrong);
	tcase_add_test(tc, processes);
	return run("virt_cacard", tc);
}
