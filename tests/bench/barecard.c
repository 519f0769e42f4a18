/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* barecard PORT [apart]: the yardstick's card; apart: one with Nagle on that sends length and body one by one. */
#include <stdio.h>
#include <stdlib.h>

#include "bare.h"

int
main(int argc, char **argv)
{
	bool apart = argc == 3 && strcmp(argv[2], "apart") == 0;
	int fd;

	if (argc != 2 && !apart) {
		fputs("usage: barecard PORT [apart]\n", stderr);
		return 2;
	}
	fd = bare_dial((unsigned)atoi(argv[1]), 500);
	if (fd < 0)
		return 1;
	if (!apart)
		bare_no_delay(fd);
	bare_serve(fd, apart);
	return 0;
}
