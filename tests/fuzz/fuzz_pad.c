/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What a client and a pad's program may say: the structure of a PIN command, and lines. The
 * first byte says which; a structure is followed by the line that answers it, up to its end.
 */
#include <errno.h>
#include <string.h>

#include "fuzz.h"
#include "padline.h"
#include "pinblock.h"

#define INPUT_MAX 1024

/* A command is one: a header of the template, no more data than Lc says. */
static void
is_command(const struct pinblock *b)
{
	must(b->cmd_len >= 5 && b->cmd_len <= sizeof(b->cmd));
	must(b->cmd_len == 5u + b->cmd[4] || b->cmd_len == 6u + b->cmd[4]);
	must(b->cmd[1] == 0x20 || b->cmd[1] == 0x24 || b->cmd[1] == 0x2c);
}

static void
structure(const uint8_t *p, size_t n, bool modify, const char *line)
{
	struct pad_answer a;
	struct pinblock b;
	uint8_t header[4];
	int rc = pinblock_read(&b, modify, p, n);

	must(rc == 0 || rc == -ENOTSUP || rc == PINBLOCK_PARAMETER);
	if (rc != 0)
		return;
	must(b.ask.n_wanted >= 1 && b.ask.n_wanted <= PIN_WANTED && b.ask.min <= b.ask.max);
	must(b.ask.first >= 1 && b.ask.first <= 255 && b.ask.next >= 1 && b.ask.next <= 255);
	must(b.ask.end >= 1 && b.ask.end <= 7);
	memcpy(header, b.cmd, sizeof(header));
	if (!padline_read_answer(line, &a) || a.word != PAD_PINS || a.n_pins != b.ask.n_wanted)
		return;
	rc = pinblock_fill(&b, a.pins);
	must(rc == 0 || rc == PINBLOCK_LENGTH || rc == PINBLOCK_DIFFER || rc == PINBLOCK_PARAMETER);
	if (rc == 0) {
		must(memcmp(b.cmd, header, sizeof(header)) == 0);
		is_command(&b);
	}
}

static void
lines(const char *line)
{
	char again[PADLINE_SIZE];
	struct pad_answer a;
	struct pad_ask ask, back;
	size_t n;

	if (padline_read_answer(line, &a) && a.word == PAD_PINS)
		must(a.n_pins >= 1 && a.n_pins <= PIN_WANTED &&
		     strlen(a.pins[a.n_pins - 1].digits) >= 1);
	if (!padline_read_ask(line, &ask))
		return;
	n = padline_write_ask(again, &ask);
	must(n <= PADLINE_MAX && again[n - 1] == '\n');
	again[n - 1] = '\0';
	must(padline_read_ask(again, &back) && memcmp(&back, &ask, sizeof(ask)) == 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char text[INPUT_MAX + 1];
	const uint8_t *end;
	size_t n;

	if (size < 1 || size > INPUT_MAX)
		return 0;
	/* the line is the input's last; in front of it is the structure */
	end = memrchr(data + 1, '\n', size - 1);
	n = end ? (size_t)(end - data) : size;
	memcpy(text, data + (end ? n + 1 : 1), size - (end ? n + 1 : 1));
	text[size - (end ? n + 1 : 1)] = '\0';
	if (data[0] & 2)
		lines(text);
	else
		structure(data + 1, n - 1, data[0] & 1, text);
	return 0;
}
