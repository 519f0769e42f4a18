/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "run/pcscd.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define ANSWER_MAX 16384

bool
pcscd_takes(const char *value)
{
	return value[strspn(
		       value,
		       "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789=\\/-._@:")] ==
	       '\0';
}

int
pcscd_read(struct run *r, const char *text)
{
	static const char key[] = " ipcdir=";
	const char *at = strstr(text, key);
	size_t n;

	if (!at)
		return -1;
	at += strlen(key);
	n = strcspn(at, " \n");
	if (*at != '/' || n >= sizeof(r->ipc))
		return -1;
	memcpy(r->ipc, at, n);
	r->ipc[n] = '\0';
	r->disable_polkit = strstr(at, "--disable-polkit") != NULL;
	return 0;
}

int
pcscd_ask(struct run *r, char *error, size_t size)
{
	FILE *answers =
		popen("PATH=$PATH:" PCSCD_PATH "; { pcscd --version && pcscd --help; } 2>&1", "r");
	char text[ANSWER_MAX];
	size_t n;

	if (!answers) {
		snprintf(error, size, "cannot ask pcscd: %s", strerror(errno));
		return -1;
	}
	n = fread(text, 1, sizeof(text) - 1, answers);
	text[n] = '\0';
	pclose(answers); /* --help may end as it likes */
	if (pcscd_read(r, text) == 0)
		return 0;
	snprintf(error, size,
		 "pcscd is not installed, or does not say its ipcdir: pcscd --version");
	return -1;
}

int
pcscd_configure(const struct run *r)
{
	char path[PATH_MAX], module[PATH_MAX];
	FILE *f;

	/* pcscd takes few characters in a path: a link, wherever the driver is */
	snprintf(module, sizeof(module), "%s/libifdvpcd.so", r->folder);
	snprintf(path, sizeof(path), "%s/reader.conf", r->folder);
	if (symlink(r->driver, module) < 0)
		return -errno;
	f = fopen(path, "we");
	if (!f)
		return -errno;
	fprintf(f, "FRIENDLYNAME \"Virtual PCD\"\nDEVICENAME %s%s%s%s%s\nLIBPATH %s\n",
		r->inside ? "/dev/null:0x8C7B" : "unix:", r->inside ? "" : r->reader,
		r->slots ? "/slots=" : "", r->slots ? r->slots : "", r->device, module);
	return fclose(f) == 0 ? 0 : -errno;
}
