/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cli/virt_cacard.h"

#include <dirent.h>
#include <fcntl.h>
#include <getopt.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define NAME "virt_cacard"
#define SLOT_LAST '3'
#define ATR "3B890056434152445F4E5353" /* its ATR: T=0, "VCARD_NSS" */

bool
virt_cacard_is(const char *program)
{
	const char *slash = program ? strrchr(program, '/') : NULL;

	return program && strcmp(slash ? slash + 1 : program, NAME) == 0;
}

static void
set_action(struct virt_cacard *v, enum virt_cacard_action action)
{
	if (v->action == VIRT_CACARD_RUN || action == VIRT_CACARD_WRONG)
		v->action = action;
}

static void
wrong(struct virt_cacard *v, FILE *err, const char *what)
{
	if (v->action != VIRT_CACARD_WRONG)
		fprintf(err, NAME ": %s\n", what);
	v->action = VIRT_CACARD_WRONG;
}

static void
take_slot(struct virt_cacard *v, FILE *err)
{
	if (optarg[0] < '0' || optarg[0] > SLOT_LAST || optarg[1])
		wrong(v, err, "-s needs a slot: 0 to 3");
	else
		v->slot[0] = optarg[0];
}

static void
take_pid(struct virt_cacard *v, FILE *err)
{
	char *end;
	long pid = strtol(optarg, &end, 10);

	if (pid <= 1 || *end || pid > 0x7fffffff)
		wrong(v, err, "-p needs the number of a process");
	else
		v->pid = (pid_t)pid;
}

static void
take_signal(struct virt_cacard *v, int signal)
{
	v->signal = signal;
	set_action(v, VIRT_CACARD_SIGNAL);
}

/* Where SoftHSM looks: the environment, the user's, the machine's; Debian's is elsewhere. */
static void
find_conf(struct virt_cacard *v)
{
	static const char *const usual[] = { "/etc/softhsm2.conf", "/etc/softhsm/softhsm2.conf" };
	const char *named = getenv("SOFTHSM2_CONF"), *home = getenv("HOME");
	size_t i;

	if (named && *named) {
		snprintf(v->conf, sizeof(v->conf), "%s", named);
		return;
	}
	snprintf(v->conf, sizeof(v->conf), "%s/.config/softhsm2/softhsm2.conf", home ? home : "");
	for (i = 0; access(v->conf, F_OK) < 0 && i < sizeof(usual) / sizeof(*usual); i++)
		snprintf(v->conf, sizeof(v->conf), "%s", usual[i]);
}

void
virt_cacard_parse(struct virt_cacard *v, int argc, char *const *argv, FILE *err)
{
	int c;

	*v = (struct virt_cacard) { .slot = "0" };
	optind = 0; /* GNU: from the beginning */
	opterr = 0;
	while ((c = getopt(argc, argv, ":s:rip:h")) != -1) {
		if (c == 's')
			take_slot(v, err);
		else if (c == 'p')
			take_pid(v, err);
		else if (c == 'r' || c == 'i')
			take_signal(v, c == 'r' ? SIGUSR1 : SIGUSR2);
		else if (c == 'h' || (c == '?' && optopt == '?'))
			set_action(v, VIRT_CACARD_HELP);
		else
			wrong(v, err,
			      c == ':' ? "-s and -p need a number"
				       : "there is no such option: -h lists them");
	}
	find_conf(v);
}

void
virt_cacard_words(struct virt_cacard *v, char *words[VIRT_CACARD_WORDS + 1])
{
	static char program[] = NAME, type[] = "--type", cac[] = "cac", softhsm[] = "--softhsm", atr[] = "--atr",
		    its[] = ATR, slot[] = "--slot";
	char *const all[VIRT_CACARD_WORDS + 1] = {
		program, type, cac, softhsm, v->conf, atr, its, slot, v->slot, NULL,
	};

	memcpy(words, all, sizeof(all));
}

/* Its number, where the process in this folder has that name. 0: it has another. */
static pid_t
named_process(int proc, const char *folder)
{
	char path[300], name[sizeof(NAME) + 1];
	ssize_t n;
	int fd;

	if (*folder < '1' || *folder > '9')
		return 0;
	snprintf(path, sizeof(path), "%.255s/comm", folder);
	fd = openat(proc, path, O_RDONLY | O_CLOEXEC);
	n = fd >= 0 ? read(fd, name, sizeof(name)) : -1;
	if (fd >= 0)
		close(fd);
	if (n != sizeof(NAME) || memcmp(name, NAME "\n", sizeof(NAME)) != 0)
		return 0;
	return (pid_t)strtol(folder, NULL, 10);
}

size_t
virt_cacard_signal(const struct virt_cacard *v, const char *proc)
{
	DIR *dir = v->pid ? NULL : opendir(proc);
	struct dirent *e;
	size_t n = 0;
	pid_t pid;

	if (v->pid)
		return kill(v->pid, v->signal) == 0;
	while (dir && (e = readdir(dir))) {
		pid = named_process(dirfd(dir), e->d_name);
		if (pid > 0 && pid != getpid() && kill(pid, v->signal) == 0)
			n++;
	}
	if (dir)
		closedir(dir);
	return n;
}

void
virt_cacard_help(FILE *out)
{
	fputs("usage: virt_cacard [-s SLOT]\n"
	      "       virt_cacard -r|-i [-p PID]\n"
	      "A card of the keys and certificates of a token of SoftHSM: vicc(1), in the place of\n"
	      "the program of this name.\n\n"
	      "  -s SLOT  put the card into this slot of the reader, 0 to 3 [0]\n"
	      "  -r       take out the cards of all that run, or of PID\n"
	      "  -i       put them back, with what the token has now\n"
	      "  -p PID   of this process alone\n"
	      "  -h, -?   print this\n\n"
	      "SOFTHSM2_CONF names the configuration of SoftHSM. Other words are ignored.\n",
	      out);
}
