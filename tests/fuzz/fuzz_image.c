/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* An image is read; what is written of it is read as the same. */
#include <string.h>

#include "fuzz.h"
#include "image/text.h"

static void
check_written(const struct image_text *t)
{
	struct buf first = BUF(IMAGE_TEXT_MAX), second = BUF(IMAGE_TEXT_MAX);
	struct image_text again;
	char error[256];

	must(image_text_write(&first, t->type, t->state));
	if (image_text_read(&again, buf_view(&first), "again", NULL, error, sizeof(error)) < 0) {
		fprintf(stderr, "%s\n%.*s\n", error, (int)first.n, (const char *)first.p);
		abort();
	}
	must(!again.fetched && strcmp(again.type, t->type) == 0);
	must(image_text_write(&second, again.type, again.state));
	must(view_equal(buf_view(&first), buf_view(&second)));
	image_text_free(&again);
	buf_free(&first);
	buf_free(&second);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct image_text t;
	char error[256] = "";

	if (image_text_read(&t, view_of(data, size), "fuzz", NULL, error, sizeof(error)) < 0) {
		/* one line that names the place */
		must(strncmp(error, "fuzz", 4) == 0 && !strchr(error, '\n'));
		return 0;
	}
	check_written(&t);
	image_text_free(&t);
	return 0;
}
