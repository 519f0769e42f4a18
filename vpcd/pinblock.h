/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * PIN_VERIFY and PIN_MODIFY of PC/SC Part 10 (2.5.2, 2.5.3): a structure that says how digits
 * become a command. Pure: bytes in, bytes out. Positions count from the first byte behind Lc.
 */
#ifndef VPCD_PINBLOCK_H
#define VPCD_PINBLOCK_H

#include "padline.h"

#define PINBLOCK_COMMAND_MAX (5 + 255 + 1)

/* Answers that a reader makes itself (Part 10, 2.5.2): the card was not asked. */
#define PINBLOCK_TIMEOUT 0x6400
#define PINBLOCK_CANCELLED 0x6401
#define PINBLOCK_DIFFER 0x6402
#define PINBLOCK_LENGTH 0x6403
#define PINBLOCK_PARAMETER 0x6b80

struct pinblock {
	struct pad_ask ask;   /* all but slot and display */
	uint8_t format;       /* bmFormatString */
	unsigned position;    /* of a PIN in its block, bytes: from bmFormatString */
	unsigned size;        /* of a block, bytes; 0: not said */
	unsigned length_bits; /* that hold the number of digits: 0, 4, 8 */
	unsigned length_at;   /* where in the block, bits */
	unsigned offset[2];   /* of the blocks of the first and the second PIN, bytes */
	uint8_t cmd[PINBLOCK_COMMAND_MAX]; /* the template; then the command, the owner wipes it */
	size_t cmd_len;
};

/*
 * Take a structure apart. 0; -ENOTSUP: it is none, as libccid sees it; else the status word
 * for the client.
 */
int pinblock_read(struct pinblock *b, bool modify, const uint8_t *in, size_t len);

/*
 * Put the PINs, as many as b->ask wants, into the command. 0, or the status word for the
 * client. Either way cmd is to be wiped by the owner.
 */
int pinblock_fill(struct pinblock *b, const struct pin pins[PIN_WANTED]);

#endif
