/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A middle-man that only looks on: headers and status words on standard error, no data. */
#include <stdio.h>
#include <vicc/card.h>

static void
print(char way, const uint8_t *p, size_t n)
{
	fprintf(stderr, "%c", way);
	while (n-- > 0)
		fprintf(stderr, " %02X", *p++);
	fprintf(stderr, "\n");
}

static int32_t
watch_power(struct vicc_card *m, uint32_t what)
{
	(void)m;
	fprintf(stderr, "! %s\n",
		what == VICC_RESET      ? "reset"
		: what == VICC_POWER_ON ? "power on"
					: "power off");
	return VICC_PASS;
}

static int32_t
watch_command(struct vicc_card *m, struct vicc_view cmd, struct vicc_buf *instead)
{
	(void)m;
	(void)instead;
	print('>', cmd.p, cmd.n < 4 ? cmd.n : 4);
	return VICC_PASS;
}

static int32_t
watch_answer(struct vicc_card *m, struct vicc_view rsp, struct vicc_buf *instead)
{
	(void)m;
	(void)instead;
	print('<', rsp.p + rsp.n - 2, 2);
	return VICC_PASS;
}

static const struct vicc_mitm_ops ops = {
	.power = watch_power,
	.command = watch_command,
	.answer = watch_answer,
};

const struct vicc_plugin *
vicc_plugin(const struct vicc_services *services)
{
	static const struct vicc_plugin me = {
		.abi = VICC_ABI,
		.size = sizeof(me),
		.name = "watch",
		.summary = "prints headers and status words (an example)",
		.memory = sizeof(struct vicc_card),
		.mitm = &ops,
	};

	return services->abi == VICC_ABI ? &me : NULL;
}
