/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "pinblock.h"

#include <errno.h>
#include <string.h>

/* bmFormatString */
#define FORMAT_BYTES 0x80 /* positions are bytes, else bits */
#define FORMAT_RIGHT 0x04 /* the PIN is at the end of its block */
#define FORMAT_ENCODING 0x03
enum { ENCODING_BINARY, ENCODING_BCD, ENCODING_ASCII };

#define LENGTH_BYTES 0x10 /* bmPINLengthFormat: likewise */
#define LENGTH_RESERVED 0xe0
#define CONFIRM_NEW 0x01 /* bConfirmPIN */
#define CONFIRM_OLD 0x02

#define FIRST_S 30  /* seconds, where the client leaves it to the reader */
#define FILLER 0x0f /* low half of a last byte that no template has */

#define INS_VERIFY 0x20
#define INS_CHANGE 0x24
#define INS_UNBLOCK 0x2c

/* --- the structure -------------------------------------------------------- */

static unsigned
u16(const uint8_t *p)
{
	return (unsigned)p[1] << 8 | p[0];
}

/* Timers, formats: the same five bytes begin both structures. */
static void
read_formats(struct pinblock *b, const uint8_t *in)
{
	b->ask.first = in[0] ? in[0] : FIRST_S;
	b->ask.next = in[1] ? in[1] : b->ask.first;
	b->format = in[2];
	b->position = in[2] >> 3 & 0x0f;
	b->length_bits = in[3] >> 4;
	b->size = in[3] & 0x0f;
	b->length_at = in[4] & LENGTH_BYTES ? (in[4] & 0x0fu) * 8 : in[4] & 0x0fu;
}

/* What follows in both: which lengths, what ends the entry, what is shown. */
static void
read_entry(struct pinblock *b, const uint8_t *extra, const uint8_t *rest)
{
	unsigned min = extra[1], max = extra[0]; /* 0xMMXX, little-endian */

	b->ask.min = min;
	b->ask.max = max ? max : 255;
	b->ask.end = rest[0] == 0 || rest[0] > 0x07 ? 0x02 : rest[0];
	b->ask.texts = rest[1];
	b->ask.lang = (uint16_t)u16(rest + 2);
}

static void
want(struct pinblock *b, enum pin_role role)
{
	b->ask.want[b->ask.n_wanted++] = role;
}

static void
read_verify(struct pinblock *b, const uint8_t *in)
{
	read_entry(b, in + 5, in + 7);
	want(b, PIN_VERIFIED);
}

static void
read_modify(struct pinblock *b, const uint8_t *in)
{
	read_entry(b, in + 7, in + 10);
	if (in[9] & CONFIRM_OLD)
		want(b, PIN_OLD);
	want(b, PIN_NEW);
	if (in[9] & CONFIRM_NEW)
		want(b, PIN_AGAIN);
	/* of the PINs in the command, which are one where the old is not asked */
	b->offset[0] = in[9] & CONFIRM_OLD ? in[5] : in[6];
	b->offset[1] = in[6];
}

/* Positions: of the digits a whole byte, of their number a nibble or a byte that is one. */
static bool
is_placed(struct pinblock *b, uint8_t length_format)
{
	if (!(b->format & FORMAT_BYTES)) {
		if (b->position % 8 != 0)
			return false;
		b->position /= 8;
	}
	if ((b->format & FORMAT_ENCODING) > ENCODING_ASCII ||
	    (b->format & FORMAT_RIGHT && b->size == 0))
		return false;
	if (b->length_bits == 0)
		return true;
	return (b->length_bits == 4 || b->length_bits == 8) && !(length_format & LENGTH_RESERVED) &&
	       b->length_at % b->length_bits == 0;
}

/*
 * Secure messaging in an interindustry class (7816-4, 5.4.1): the card would take the PIN for
 * something else.
 */
static bool
is_protected(uint8_t cla)
{
	if (cla & 0x80)
		return false;
	return cla & 0x40 ? cla & 0x20 : cla & 0x0c;
}

/*
 * A command that takes a PIN, or the client could have it written into a file and read it
 * there. With no data there is nothing to put it in its place: it is appended, and all that
 * would place it is wrong.
 */
static bool
is_pin_command(const struct pinblock *b)
{
	const uint8_t *cmd = b->cmd;
	size_t lc = b->cmd_len > 4 ? cmd[4] : 0;

	if (b->cmd_len > 4 && b->cmd_len != 5 + lc && b->cmd_len != 5 + lc + 1)
		return false;
	if (lc == 0 && (b->size > 0 || b->length_bits > 0))
		return false;
	if (is_protected(cmd[0]))
		return false;
	return b->ask.modify ? cmd[1] == INS_CHANGE || cmd[1] == INS_UNBLOCK : cmd[1] == INS_VERIFY;
}

int
pinblock_read(struct pinblock *b, bool modify, const uint8_t *in, size_t len)
{
	size_t head = modify ? 24 : 19;
	size_t data;

	*b = (struct pinblock) { .ask.modify = modify };
	if (len < head + 4)
		return -ENOTSUP;
	data = (size_t)u16(in + head - 2) << 16 | u16(in + head - 4);
	if (data != len - head)
		return -ENOTSUP;
	read_formats(b, in);
	if (modify)
		read_modify(b, in);
	else
		read_verify(b, in);
	if (modify && b->ask.texts > 3 && b->ask.texts != 0xff)
		return -ENOTSUP;
	if (data > sizeof(b->cmd))
		return PINBLOCK_PARAMETER;
	memcpy(b->cmd, in + head, data);
	b->cmd_len = data;
	b->ask.ins = b->cmd[1];
	b->ask.ref = b->cmd[3];
	if (!is_placed(b, in[4]) || !is_pin_command(b) || b->ask.min > b->ask.max)
		return PINBLOCK_PARAMETER;
	return 0;
}

/* --- the command ---------------------------------------------------------- */

static size_t
pin_bytes(const struct pinblock *b, size_t digits)
{
	return (b->format & FORMAT_ENCODING) == ENCODING_BCD ? (digits + 1) / 2 : digits;
}

/* The digits, as bytes; a half that is not reached is as it was. */
static void
encode_digits(const struct pinblock *b, const struct pin *pin, uint8_t *out)
{
	size_t i, n = strlen(pin->digits);
	uint8_t digit;

	for (i = 0; i < n; i++) {
		digit = (uint8_t)(pin->digits[i] - '0');
		switch (b->format & FORMAT_ENCODING) {
		case ENCODING_BINARY:
			out[i] = digit;
			break;
		case ENCODING_BCD:
			out[i / 2] = i % 2 ? (uint8_t)((out[i / 2] & 0xf0) | digit)
					   : (uint8_t)((out[i / 2] & 0x0f) | digit << 4);
			break;
		default:
			out[i] = (uint8_t)pin->digits[i];
			break;
		}
	}
}

/* The number of digits, into its nibble or byte of a block in the template. */
static bool
put_length(struct pinblock *b, size_t at, size_t digits)
{
	uint8_t *p = b->cmd + 5 + at + b->length_at / 8;

	if (b->length_bits == 0)
		return true;
	if (at + b->length_at / 8 >= b->cmd[4] || digits >= 1u << b->length_bits)
		return false;
	if (b->length_bits == 8)
		*p = (uint8_t)digits;
	else if (b->length_at % 8 == 0)
		*p = (uint8_t)((*p & 0x0f) | digits << 4);
	else
		*p = (uint8_t)((*p & 0xf0) | digits);
	return true;
}

/* Where a PIN's bytes begin in the data. */
static size_t
pin_at(const struct pinblock *b, unsigned i, size_t bytes)
{
	size_t at = b->offset[i] + b->position;

	return b->format & FORMAT_RIGHT ? at + b->size - bytes : at;
}

/* Over the template, whose length stays: what no PIN reaches is its padding. */
static int
overwrite_template(struct pinblock *b, const struct pin *pins, unsigned n)
{
	size_t digits, bytes, at, before = 0, end = 0;
	unsigned i;

	for (i = 0; i < n; i++) {
		digits = strlen(pins[i].digits);
		bytes = pin_bytes(b, digits);
		if (b->format & FORMAT_RIGHT && bytes > b->size)
			return PINBLOCK_LENGTH;
		if (b->format & FORMAT_RIGHT && (b->format & FORMAT_ENCODING) == ENCODING_BCD &&
		    digits % 2)
			return PINBLOCK_PARAMETER;
		at = pin_at(b, i, bytes);
		/* nor one PIN into the other */
		if (at + bytes > b->cmd[4] || (at < end && at + bytes > before) ||
		    !put_length(b, b->offset[i], digits))
			return PINBLOCK_LENGTH;
		encode_digits(b, &pins[i], b->cmd + 5 + at);
		before = at;
		end = at + bytes;
	}
	return 0;
}

/* The data are the PINs, one behind the other; Le, if there is one, stays behind them. */
static int
append_pins(struct pinblock *b, const struct pin *pins, unsigned n)
{
	bool has_le = b->cmd_len == 6;
	uint8_t le = b->cmd[5];
	size_t bytes, at = 5;
	unsigned i;

	for (i = 0; i < n; i++) {
		bytes = pin_bytes(b, strlen(pins[i].digits));
		memset(b->cmd + at, FILLER, bytes);
		encode_digits(b, &pins[i], b->cmd + at);
		at += bytes;
	}
	b->cmd[4] = (uint8_t)(at - 5);
	if (has_le)
		b->cmd[at++] = le;
	b->cmd_len = at;
	return 0;
}

/* In a time that says nothing about where they differ. */
static bool
is_same(const struct pin *a, const struct pin *b)
{
	unsigned char differ = 0;
	size_t i;

	for (i = 0; i < sizeof(a->digits); i++)
		differ |= (unsigned char)(a->digits[i] ^ b->digits[i]);
	return differ == 0;
}

int
pinblock_fill(struct pinblock *b, const struct pin pins[PIN_WANTED])
{
	const struct pad_ask *ask = &b->ask;
	unsigned i, n = ask->n_wanted;
	bool again = ask->want[n - 1] == PIN_AGAIN;
	int sw;

	for (i = 0; i < n; i++) {
		if (strlen(pins[i].digits) < ask->min || strlen(pins[i].digits) > ask->max)
			return PINBLOCK_LENGTH;
	}
	n -= again;
	sw = b->cmd_len > 4 && b->cmd[4] > 0 ? overwrite_template(b, pins, n)
					     : append_pins(b, pins, n);
	return sw == 0 && again && !is_same(&pins[n - 1], &pins[n]) ? PINBLOCK_DIFFER : sw;
}
