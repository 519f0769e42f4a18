/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A script's text, against a card that says back what it was sent. */
#include <errno.h>

#include "fuzz.h"
#include "script/script.h"

static int
echo_atr(void *ctx, struct buf *out)
{
	(void)ctx;
	buf_u16(out, 0x3b00);
	return 0;
}

static int
echo_power(void *ctx, enum card_power what)
{
	(void)ctx;
	(void)what;
	return 0;
}

static int
echo_transmit(void *ctx, struct view cmd, struct buf *rsp)
{
	(void)ctx;
	buf_put_view(rsp, view_slice(cmd, 0, 64));
	buf_u16(rsp, 0x9000);
	return 0;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct script_target echo = {
		.atr = echo_atr,
		.power = echo_power,
		.transmit = echo_transmit,
	};
	struct script s = { .name = "fuzz", .out = fopen("/dev/null", "we") };
	int rc;

	must(s.out);
	rc = script_run(&s, view_of(data, size), &echo);
	must(rc == 0 || rc == -EBADMSG || rc == -EINVAL || rc == -ENOMEM);
	/* whoever is refused is told so */
	must((rc == 0) == (ftell(s.out) == 0));
	script_free(&s);
	fclose(s.out);
	return 0;
}
