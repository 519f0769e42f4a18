/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A DEVICENAME, as pcscd hands it over, is understood within bounds or refused with a reason. */
#include <string.h>

#include "fuzz.h"
#include "name.h"

/* Longer than any text of ours: the rest is the parser's to refuse. */
#define DEVICENAME_MAX 1024

static void
within_bounds(const struct name *n)
{
	must(n->mode == NAME_LISTEN || n->mode == NAME_UNIX || n->mode == NAME_CONNECT);
	must(memchr(n->address, '\0', sizeof(n->address)));
	must(n->slots >= 1 && n->slots <= NAME_SLOTS_MAX);
	must(n->timeout_s >= 1 && n->timeout_s <= NAME_TIMEOUT_MAX);
	must(n->file_mode <= 0777);
	if (n->mode == NAME_UNIX)
		must(n->address[0] != '\0');
	else
		must(n->port >= 1 && n->port + (n->shared ? 0 : n->slots - 1) <= 65535);
}

/* Each slot stands somewhere that can be said; the reader is in its own way, and in no other's. */
static void
stands_somewhere(const struct name *n)
{
	char text[NAME_TEXT_SIZE], last[NAME_TEXT_SIZE] = "";
	struct name elsewhere = { .mode = NAME_UNIX, .address = "/nowhere else", .slots = 1 };
	unsigned k;

	for (k = 0; k < n->slots; k++) {
		memset(text, 'x', sizeof(text));
		name_endpoint(n, k, text);
		must(memchr(text, '\0', sizeof(text)));
		must(k == 0 || (strcmp(text, last) == 0) == n->shared);
		memcpy(last, text, sizeof(last));
	}
	must(name_collides(n, n));
	must(!name_collides(n, &elsewhere) || strcmp(n->address, elsewhere.address) == 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char text[DEVICENAME_MAX + 1], error[64] = "";
	struct name n;

	if (size > DEVICENAME_MAX)
		size = DEVICENAME_MAX;
	memcpy(text, data, size);
	text[size] = '\0';
	if (name_parse(&n, text, error, sizeof(error)) == 0) {
		within_bounds(&n);
		stands_somewhere(&n);
	} else {
		must(error[0] != '\0' && memchr(error, '\0', sizeof(error)));
	}
	return 0;
}
