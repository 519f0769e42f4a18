/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A middle-man that passes everything: what being there costs. */
#include <vicc/card.h>

static const struct vicc_services *vicc;

static int32_t
pass(struct vicc_card *m, struct vicc_view message, struct vicc_buf *instead)
{
	(void)m;
	(void)message;
	(void)instead;
	(void)vicc;
	return VICC_PASS;
}

static const struct vicc_mitm_ops ops = { .command = pass, .answer = pass };

VICC_PLUGIN(vicc, .name = "passall", .summary = "passes everything",
	    .memory = sizeof(struct vicc_card), .mitm = &ops)
