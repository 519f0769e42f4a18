/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Lines for a PIN pad that is commanded, with requests of a reader between them: a line that
 * begins with > is one, with ! its end. Each other line has one answer, and what the reader is
 * told is lines that it understands.
 */
#include <errno.h>
#include <jansson.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/alloc.h"
#include "control/server.h"
#include "fuzz.h"
#include "pad/source.h"

#define LINES_MAX 64

static const struct log quiet = { .out = NULL };
static char path[64];

struct bench {
	struct pad_source *source;
	int client;
	bool asked;
	struct buf say;
};

static void
turn(struct bench *b)
{
	struct pollfd p[PAD_WATCH];
	unsigned n = b->source->ops->watch(b->source, p);
	int rc = 0;

	while (rc == 0 && poll(p, n, 0) > 0) {
		rc = b->source->ops->serve(b->source, p, n, &b->say);
		n = b->source->ops->watch(b->source, p);
	}
	must(rc == 0 || rc == -ECANCELED);
}

/* How many answers there are: objects, a line each. Events are none. */
static size_t
hear(struct bench *b)
{
	static char text[1 << 20];
	ssize_t n;
	char *line = text, *end;
	size_t answers = 0;
	json_t *o;

	turn(b);
	n = recv(b->client, text, sizeof(text), MSG_DONTWAIT);
	for (; n > 0 && (end = memchr(line, '\n', (size_t)n));
	     n -= end + 1 - line, line = end + 1) {
		o = json_loadb(line, (size_t)(end - line), JSON_REJECT_DUPLICATES, NULL);
		must(json_is_object(o));
		answers += json_object_get(o, "ok") || json_object_get(o, "error");
		json_decref(o);
	}
	must(n <= 0);
	return answers;
}

/* Keys, and one line that ends it; only while it asks. */
static void
check_said(struct bench *b)
{
	struct pad_answer answer;
	char *line, *rest;
	unsigned last = 0;

	buf_u8(&b->say, 0);
	must(!b->say.failed);
	rest = (char *)b->say.p;
	must(b->say.n == 1 || b->asked);
	while ((line = strsep(&rest, "\n")) && rest) {
		must(strlen(line) <= PADLINE_MAX && padline_read_answer(line, &answer));
		last += answer.word != PAD_KEY;
	}
	must(*line == '\0' && last <= 1);
	buf_reset(&b->say);
}

static void
ask(struct bench *b, uint8_t how)
{
	const struct pad_ask verify = { .ins = 0x20,
					.ref = how & 7,
					.min = how >> 4,
					.max = 8,
					.want = { PIN_VERIFIED },
					.n_wanted = 1 };
	const struct pad_ask change = { .modify = true,
					.ins = how & 1 ? 0x2c : 0x24,
					.ref = 1,
					.min = 4,
					.max = 63,
					.want = { PIN_OLD, PIN_NEW, PIN_AGAIN },
					.n_wanted = 3 };
	int rc;

	if (b->asked)
		return;
	b->asked = true;
	rc = b->source->ops->ask(b->source, how & 8 ? &change : &verify, &b->say);
	must(rc == 0 || rc == -ECANCELED);
}

static int
connect_to_pad(void)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	strlcpy(a.sun_path, path, sizeof(a.sun_path));
	must(fd >= 0 && connect(fd, (const struct sockaddr *)&a, sizeof(a)) == 0);
	return fd;
}

static void
bench_open(struct bench *b)
{
	struct props pins = { .first = NULL };

	if (!path[0]) {
		json_set_alloc_funcs(wiping_malloc, wiping_free);
		snprintf(path, sizeof(path), "/tmp/fuzz_padctl.%d", (int)getpid());
		/* what "quit" sends, and a client that ties */
		signal(SIGTERM, SIG_IGN);
	}
	must(props_set(&pins, "PIN1", view_of("1234", 4)) &&
	     props_set(&pins, "NEWPIN1", view_of("56789", 5)));
	b->source = pad_control(&pins, path, "/pad", &quiet);
	must(b->source);
	b->client = connect_to_pad();
	hear(b);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct view rest = view_of(data, size), line;
	struct bench b = { .say = BUF(4096) };
	const uint8_t *end;
	size_t lines = 0;

	if (size > SERVER_LINE_MAX)
		return 0;
	bench_open(&b);
	for (; rest.n > 0 && lines < LINES_MAX; lines++) {
		end = memchr(rest.p, '\n', rest.n);
		line = view_slice(rest, 0, end ? (size_t)(end - rest.p) : rest.n);
		rest = view_slice(rest, line.n + 1, rest.n);
		if (line.n > 1 && *line.p == '>') {
			ask(&b, line.p[1]);
			hear(&b);
		} else if (line.n > 0 && *line.p == '!') {
			b.source->ops->over(b.source, line.n > 1 ? 0x9000 : 0);
			b.asked = false;
			hear(&b);
		} else {
			/* one that is too deep was the last */
			if (send(b.client, line.p, line.n, MSG_NOSIGNAL) < 0 ||
			    send(b.client, "\n", 1, MSG_NOSIGNAL) < 0)
				break;
			must(hear(&b) == 1);
		}
		check_said(&b);
	}
	close(b.client);
	b.source->ops->free(b.source);
	buf_free(&b.say);
	return 0;
}
