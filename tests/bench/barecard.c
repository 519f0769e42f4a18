/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * barecard PORT [apart | disk=FOLDER]: the yardstick's card. apart: one with Nagle on that
 * sends length and body one by one; disk: one that keeps what an UPDATE says in a file there.
 */
#include <stdio.h>
#include <stdlib.h>

#include "bare.h"

int
main(int argc, char **argv)
{
	bool apart = argc == 3 && strcmp(argv[2], "apart") == 0;
	bool keeps = argc == 3 && strncmp(argv[2], "disk=", 5) == 0;
	int fd, folder = keeps ? open(argv[2] + 5, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;

	if (argc != 2 && !apart && folder < 0) {
		fputs("usage: barecard PORT [apart | disk=FOLDER]\n", stderr);
		return 2;
	}
	fd = bare_dial((unsigned)atoi(argv[1]), 500);
	if (fd < 0)
		return 1;
	if (!apart)
		bare_no_delay(fd);
	bare_serve(fd, apart, folder);
	return 0;
}
