/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A source of PINs, the only one of a test program, and what a reader asks it. */
#ifndef TESTS_PAD_ASKED_H
#define TESTS_PAD_ASKED_H

#include "pad/source.h"

static struct pad_source *source;
static struct props pins;
static struct buf say = BUF(1024);
static struct log pad_log;

static const struct pad_ask verify = {
	.ins = 0x20,
	.ref = 0x01,
	.min = 4,
	.max = 8,
	.first = 30,
	.next = 30,
	.end = 2,
	.want = { PIN_VERIFIED },
	.n_wanted = 1,
};
static const struct pad_ask change = {
	.modify = true,
	.ins = 0x24,
	.ref = 0x01,
	.min = 4,
	.max = 8,
	.first = 30,
	.next = 30,
	.end = 2,
	.want = { PIN_OLD, PIN_NEW, PIN_AGAIN },
	.n_wanted = 3,
};

#endif
