/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* main for a fuzzer that only replays: fuzz_x FILE-OR-FOLDER... */
#include <errno.h>
#include <ftw.h>
#include <string.h>

#include "fuzz.h"

#define OPEN_FOLDERS_MAX 16

static unsigned replayed;

static int
replay(const char *path)
{
	FILE *f = fopen(path, "rb");
	uint8_t *data = NULL;
	size_t n = 0, room = 0, got;

	if (!f)
		return -errno;
	do {
		if (n == room) {
			room = room ? 2 * room : 4096;
			data = realloc(data, room);
			must(data);
		}
		got = fread(data + n, 1, room - n, f);
		n += got;
	} while (got > 0);
	fclose(f);
	/* a block of just its size: a sanitizer sees the byte behind it */
	data = realloc(data, n ? n : 1);
	must(data);
	LLVMFuzzerTestOneInput(data, n);
	free(data);
	replayed++;
	return 0;
}

static int
visit(const char *path, const struct stat *st, int kind, struct FTW *at)
{
	(void)st;
	(void)at;
	return kind == FTW_F ? replay(path) : 0;
}

int
main(int argc, char **argv)
{
	int i, rc = 0;

	for (i = 1; i < argc && rc == 0; i++)
		rc = nftw(argv[i], visit, OPEN_FOLDERS_MAX, FTW_PHYS);
	if (rc != 0)
		fprintf(stderr, "%s: %s\n", argv[i - 1], strerror(rc < -1 ? -rc : errno));
	printf("%s: %u inputs\n", argv[0], replayed);
	return rc == 0 && replayed > 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
