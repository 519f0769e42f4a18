/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "run/run.h"

#include <errno.h>
#include <ftw.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "run/keeper.h"
#include "run/pcscd.h"

#define FOLDER "/vicc-run.XXXXXX"
#define FIRST_WORDS 5 /* of vicc, at most, before those of the command line */

int
run_status(int wait_status)
{
	return WIFSIGNALED(wait_status) ? RUN_SIGNALLED + WTERMSIG(wait_status)
					: WEXITSTATUS(wait_status);
}

bool
run_passes(int signal, int code)
{
	return code <= 0 &&
	       (signal == SIGINT || signal == SIGTERM || signal == SIGHUP || signal == SIGQUIT);
}

int
run_exec(const struct run *r)
{
	int rc;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	sigprocmask(SIG_SETMASK, &r->mask, NULL);
	execvp(r->command[0], r->command);
	rc = errno == ENOENT ? RUN_NOT_FOUND : RUN_CANNOT_EXEC;
	fprintf(stderr, "vicc-run: %s: %s\n", r->command[0], strerror(errno));
	return rc;
}

static int
remove_one(const char *path, const struct stat *st, int type, struct FTW *at)
{
	(void)st;
	(void)type;
	(void)at;
	remove(path);
	return 0;
}

void
run_remove(const struct run *r)
{
	nftw(r->folder, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

int
run_fail(const char *fmt, ...)
{
	va_list ap;

	fputs("vicc-run: ", stderr);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
	return RUN_FAILED;
}

/* --- the command line --------------------------------------------------------- */

static void
help(void)
{
	puts("usage: vicc-run [OPTION]... [OPTION OF vicc]... [-- COMMAND [ARGUMENT]...]\n"
	     "A private pcscd, a reader and cards for one command; without COMMAND, for $SHELL.\n"
	     "\n"
	     "  --slots N       slots of the reader, 1 to 16 [2]\n"
	     "  --device TEXT   append this to DEVICENAME, as in /shared=1: vpcd(8)\n"
	     "  --inside        run the command in the namespaces, too\n"
	     "  --plain         make no namespaces: pcscd is all of this container's\n"
	     "  --timeout S     wait so many seconds at most for the cards [10]\n"
	     "  --logs DIR      write pcscd.log and vicc.log there and keep them\n"
	     "  --help          print this text\n"
	     "  --version       print the version\n"
	     "\n"
	     "The exit status is the command's, 128 + N if signal N ended it, 125 if there was no\n"
	     "card, 126 or 127 if the command cannot be run or is not there. See also vicc-run(1).");
}

/*
 * --NAME VALUE or --NAME=VALUE: the value, and *i is at its last word. NULL: it is another
 * option.
 */
static const char *
take_value(const char *name, char **argv, int *i)
{
	size_t n = strlen(name);

	if (strncmp(argv[*i], name, n) != 0)
		return NULL;
	if (argv[*i][n] == '=')
		return argv[*i] + n + 1;
	return argv[*i][n] == '\0' && argv[*i + 1] ? argv[++*i] : NULL;
}

/* One of our own options. False: it is vicc's. */
static bool
take_own(struct run *r, char **argv, int *i)
{
	const struct {
		const char *name;
		const char **to;
	} own[] = { { "--slots", &r->slots },
		    { "--device", &r->device },
		    { "--timeout", &r->timeout },
		    { "--logs", &r->logs } };
	const char *value;
	size_t k;

	for (k = 0; k < sizeof(own) / sizeof(own[0]); k++) {
		value = take_value(own[k].name, argv, i);
		if (value) {
			*own[k].to = value;
			return true;
		}
	}
	if (strcmp(argv[*i], "--inside") == 0)
		return r->inside = true;
	if (strcmp(argv[*i], "--plain") == 0)
		return r->plain = true;
	return false;
}

/* 0: it is none, from 1 to max. */
static int
read_number(const char *text, int max)
{
	char *end;
	long n = strtol(text, &end, 10);

	return *text >= '0' && *text <= '9' && !*end && n >= 1 && n <= max ? (int)n : 0;
}

static int
check(struct run *r)
{
	if (r->slots && !read_number(r->slots, 16))
		return run_fail("--slots \"%s\" is not a number of slots: 1 to 16", r->slots);
	r->timeout_ms = 1000 * (r->timeout ? read_number(r->timeout, 86400) : RUN_TIMEOUT);
	if (r->timeout_ms == 0)
		return run_fail("--timeout \"%s\" is not a time: 1 to 86400 seconds", r->timeout);
	if (*r->device && (*r->device != '/' || !pcscd_takes(r->device)))
		return run_fail(
			"--device \"%s\" does not go into DEVICENAME: want /KEY=VALUE, as in /shared=1",
			r->device);
	if (r->inside && r->plain)
		return run_fail("choose either --inside or --plain");
	if (r->logs && !*r->logs)
		return run_fail("--logs is empty: it needs DIR");
	return 0;
}

/* vicc is beside us, if we were called by a path; else PATH leads to it. */
static char *
beside(const char *called)
{
	const char *slash = strrchr(called, '/');
	char *path = NULL;

	if (!slash)
		return strdup("vicc");
	return asprintf(&path, "%.*s/vicc", (int)(slash - called), called) < 0 ? NULL : path;
}

/* Before those of the command line: vicc, and the words that make it ours. Returns the first. */
static char **
put_first_words(struct run *r, const char *called, char **card)
{
	static char control[] = "--control=card", at[] = "--unix", shared[] = "--shared-port";

	if (strstr(r->device, "/shared=1"))
		*--card = shared;
	if (!r->inside) {
		*--card = r->reader;
		*--card = at;
	}
	*--card = control;
	*--card = beside(called);
	return card;
}

/* The words: ours, vicc's, the command's. 0 or RUN_FAILED. */
static int
run_parse(struct run *r, int argc, char **argv)
{
	static char sh[] = "/bin/sh", *shell[2];
	char **card = calloc((size_t)argc + FIRST_WORDS + 1, sizeof(*card));
	int i, n = FIRST_WORDS;

	r->words = card;
	if (!card)
		return run_fail("no memory");
	for (i = 1; i < argc && strcmp(argv[i], "--") != 0; i++) {
		if (!take_own(r, argv, &i))
			card[n++] = argv[i];
	}
	r->card = put_first_words(r, argv[0], card + FIRST_WORDS);
	shell[0] = getenv("SHELL");
	if (!shell[0] || !*shell[0])
		shell[0] = sh;
	r->command = i + 1 < argc ? argv + i + 1 : shell;
	return r->card[0] ? check(r) : run_fail("no memory");
}

/* --- the front ------------------------------------------------------------------ */

/* Where it may be: writable, short enough for sockets, without what pcscd does not take. */
static int
make_folder(struct run *r)
{
	const char *const places[] = { getenv("XDG_RUNTIME_DIR"), getenv("TMPDIR"), "/tmp" };
	size_t i;
	int n;

	for (i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		if (!places[i] || *places[i] != '/' || !pcscd_takes(places[i]))
			continue;
		n = snprintf(r->folder, sizeof(r->folder), "%s" FOLDER, places[i]);
		if (n < (int)sizeof(r->folder) && mkdtemp(r->folder)) {
			snprintf(r->reader, sizeof(r->reader), "%s/reader", r->folder);
			return 0;
		}
	}
	return run_fail("cannot make a folder in XDG_RUNTIME_DIR, TMPDIR or /tmp: %s",
			strerror(errno));
}

/* Wait for the keeper, and hand on what is sent to us. */
static int
front(const struct run *r, pid_t keeper)
{
	siginfo_t s;
	sigset_t set;
	int status;

	keeper_signals(&set);
	do {
		if (sigwaitinfo(&set, &s) > 0 && run_passes(s.si_signo, s.si_code))
			kill(keeper, s.si_signo);
	} while (waitpid(keeper, &status, WNOHANG) != keeper);
	if (WIFEXITED(status))
		return WEXITSTATUS(status);
	run_remove(r); /* it was killed, and the others with it */
	return RUN_FAILED;
}

static int
run_all(struct run *r)
{
	char error[256];
	sigset_t set;
	pid_t self = getpid(), keeper;

	if (pcscd_ask(r, error, sizeof(error)) < 0)
		return run_fail("%s", error);
	if (make_folder(r) != 0)
		return RUN_FAILED;
	keeper_signals(&set);
	sigprocmask(SIG_BLOCK, &set, &r->mask);
	keeper = fork();
	if (keeper == 0)
		_exit(keeper_run(r, self));
	return keeper < 0 ? run_fail("fork: %s", strerror(errno)) : front(r, keeper);
}

int
main(int argc, char **argv)
{
	const char *driver = getenv("VICC_DRIVER");
	struct run r = { .device = "",
			 .driver = driver && *driver ? driver : DRIVERDIR "/libifdvpcd.so" };
	int rc;

	if (argc > 1 && strcmp(argv[1], "--help") == 0) {
		help();
		return EXIT_SUCCESS;
	}
	if (argc > 1 && strcmp(argv[1], "--version") == 0) {
		puts("vicc-run " PACKAGE_VERSION);
		return EXIT_SUCCESS;
	}
	rc = run_parse(&r, argc, argv);
	if (rc == 0)
		rc = run_all(&r);
	if (r.words)
		free(r.card[0]);
	free(r.words);
	return rc;
}
