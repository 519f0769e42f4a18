/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * 100,000 commands that make little sense, from a seed (SOAK_SEED; how many:
 * SOAK_COMMANDS), against a card of each type: it lives, each is answered with a
 * status word, what it keeps can be read again at any time, and a card that has
 * gone leaves no memory behind.
 */
#include <malloc.h>

#include "base/hex.h"
#include "iso/iso.h"
#include "image/text.h"
#include "session.h"

#define COMMANDS 100000
#define SEED 7816
#define CARDS 10            /* one after the other: a terminated one has little to say */
#define LOOK_EVERY 50       /* commands */
#define GROWN_MAX (8 << 20) /* bytes: twice what all of a card's memory and its copy take */
#define LEFT_MAX 524288     /* bytes: what libcrypto fetches once, and what libc keeps at hand */

static uint64_t dice_state;

/* xorshift64*: the same everywhere */
static uint32_t
dice(uint32_t n)
{
	dice_state ^= dice_state >> 12;
	dice_state ^= dice_state << 25;
	dice_state ^= dice_state >> 27;
	return (uint32_t)((dice_state * 0x2545F4914F6CDD1DULL) >> 32) % n;
}

static uint8_t
pick(const uint8_t *from, size_t n)
{
	return from[dice((uint32_t)n)];
}

#define PICK(array) pick(array, sizeof(array))

static const uint8_t classes[] = {
	0x00, 0x00, 0x00, 0x00, 0x01, 0x10, 0x0c, 0x40, 0x80, 0xf0, 0xc0,
};
static const uint8_t instructions[] = {
	0x04, 0x0c, 0x0e, 0x0f, 0x10, 0x12, 0x20, 0x21, 0x22, 0x24, 0x26, 0x28,
	0x2a, 0x2c, 0x30, 0x32, 0x34, 0x36, 0x44, 0x46, 0x47, 0x70, 0x82, 0x84,
	0x86, 0x87, 0x88, 0xa0, 0xa1, 0xa2, 0xa4, 0xa8, 0xb0, 0xb1, 0xb2, 0xb3,
	0xc0, 0xca, 0xcb, 0xd0, 0xd1, 0xd2, 0xd3, 0xd6, 0xd7, 0xda, 0xdb, 0xdc,
	0xdd, 0xe0, 0xe2, 0xe4, 0xe6, 0xe8,
};
static const uint8_t parameters[] = {
	0x00, 0x00, 0x00, 0x00, 0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x08, 0x09,
	0x0c, 0x14, 0x3f, 0x41, 0x80, 0x81, 0x82, 0x84, 0x86, 0x9a, 0x9e, 0xa4,
	0xb6, 0xb8, 0xff,
};
static const uint8_t tags[] = {
	0x53, 0x54, 0x5c, 0x62, 0x6f, 0x7c, 0x80, 0x81, 0x82, 0x83, 0x84, 0x85,
	0x86, 0x87, 0x88, 0x8a, 0x8b, 0x8c, 0x8e, 0x90, 0x91, 0x95, 0x97, 0x99,
	0x9e, 0xa0, 0xa4, 0xab, 0xb6, 0xb8, 0x4d,
};

static void
put_bytes(struct buf *b, uint32_t n)
{
	while (n-- > 0)
		buf_u8(b, (uint8_t)(dice(3) ? PICK(parameters) : dice(256)));
}

/* Data objects, now and then with a length that is not theirs. */
static void
put_objects(struct buf *b, unsigned depth)
{
	struct buf value = BUF(65536);
	uint32_t n = 1 + dice(4);

	while (n-- > 0) {
		buf_reset(&value);
		if (depth < 3 && dice(3) == 0)
			put_objects(&value, depth + 1);
		else
			put_bytes(&value, dice(10));
		buf_u8(b, PICK(tags));
		buf_u8(b, (uint8_t)(value.n + (dice(20) == 0)));
		buf_put_view(b, value.n < 0x80 ? buf_view(&value) : view_of(NULL, 0));
	}
	buf_free(&value);
}

static void
make_up(struct buf *cmd)
{
	struct buf data = BUF(65536);
	uint32_t kind = dice(8);

	buf_u8(cmd, PICK(classes));
	buf_u8(cmd, (uint8_t)(dice(50) ? PICK(instructions) : dice(256)));
	buf_u8(cmd, (uint8_t)(dice(8) ? PICK(parameters) : dice(256)));
	buf_u8(cmd, (uint8_t)(dice(8) ? PICK(parameters) : dice(256)));
	if (kind < 3)
		put_bytes(&data, dice(dice(20) ? 20 : 2000));
	else if (kind < 6)
		put_objects(&data, 0);
	if (data.n > 255)
		buf_u8(cmd, 0);
	if (data.n > 255)
		buf_u16(cmd, (uint16_t)data.n);
	else if (data.n > 0)
		buf_u8(cmd, (uint8_t)data.n);
	buf_put_view(cmd, buf_view(&data));
	if (dice(3))
		put_bytes(cmd, data.n > 255 ? 2 : 1);
	buf_free(&data);
}

/* The scripts' commands in their order, from here or from somewhere else. */
static struct view
next_frame(struct view all, struct view *at)
{
	struct view frame = view_of(NULL, 0);
	uint32_t skipped = dice(20) == 0 ? dice(1000) : 0;

	do {
		if (!session_next(at, &frame))
			*at = all;
	} while (frame.n < 2 || skipped-- > 0);
	return frame;
}

/* What made sense once, mostly with a byte or two that are others. */
static void
change(struct buf *cmd, struct view frame)
{
	uint32_t n;

	buf_put_view(cmd, frame);
	for (n = dice(3); n > 0; n--)
		cmd->p[dice((uint32_t)(cmd->n < 24 ? cmd->n : 24))] =
			(uint8_t)(dice(2) ? PICK(parameters) : dice(256));
	if (dice(20) == 0)
		buf_cut(cmd, 1 + dice((uint32_t)cmd->n));
}

/* TERMINATE CARD USAGE and the rest would be short. */
static bool
is_terminal(const struct buf *cmd)
{
	return cmd->n > 1 && (cmd->p[1] == 0xfe || cmd->p[1] == 0xe6) && dice(2000) > 0;
}

static void
fail(const char *what, struct view cmd)
{
	struct buf hex = BUF(4096);

	hex_write(&hex, view_slice(cmd, 0, 2000));
	printf("FAIL: %s: %.*s\n", what, (int)hex.n, (const char *)hex.p);
	exit(EXIT_FAILURE);
}

static void
send(struct card *c, struct view cmd)
{
	struct buf rsp = BUF(CARD_RESPONSE_MAX);

	if (card_transmit(c, cmd, &rsp) < 0)
		fail("the card is lost", cmd);
	if (rsp.n < 2 || (rsp.p[rsp.n - 2] != 0x90 && (rsp.p[rsp.n - 2] & 0xf0) != 0x60))
		fail("no status word", cmd);
	buf_free(&rsp);
}

/* An image of it is one that opens, and says the same. */
static void
check_image(const struct card_type *type, struct card *c, struct view cmd)
{
	struct buf text = BUF(IMAGE_TEXT_MAX), again = BUF(IMAGE_TEXT_MAX);
	struct image_text t;
	char error[512];

	if (!type->contents)
		return;
	if (!image_text_write(&text, type->name, ((struct iso *)c)->state))
		fail("no image of it", cmd);
	if (image_text_read(&t, buf_view(&text), "image", NULL, error, sizeof(error)) < 0)
		fail(error, cmd);
	if (!image_text_write(&again, type->name, t.state) ||
	    !view_equal(buf_view(&text), buf_view(&again)))
		fail("its image says something else", cmd);
	image_text_free(&t);
	buf_free(&text);
	buf_free(&again);
}

/* Bytes that are allocated; 0 where a sanitizer keeps the books. */
static size_t
in_use(void)
{
	const struct mallinfo2 m = mallinfo2();

	return m.uordblks + m.hblkhd;
}

/* The most that was in use at a time, above what was before. */
static size_t
one_card(const struct card_type *type, unsigned long commands, struct view frames)
{
	struct buf cmd = BUF(65536);
	struct new_card made;
	struct view at = frames;
	size_t before = in_use(), most = before, now;
	unsigned long i;

	new_card(&made, type, NULL, NULL, nobody_waits);
	if (!made.card)
		fail(made.error, view_of(NULL, 0));
	for (i = 0; i < commands; i++) {
		buf_reset(&cmd);
		if (frames.n > 0 && dice(4))
			change(&cmd, next_frame(frames, &at));
		else
			make_up(&cmd);
		if (!is_terminal(&cmd))
			send(made.card, buf_view(&cmd));
		if (i % LOOK_EVERY == 0)
			check_image(type, made.card, buf_view(&cmd));
		if (dice(2000) == 0)
			card_power(made.card, (enum card_power)dice(3));
		now = in_use();
		most = now > most ? now : most;
	}
	free_card(&made);
	buf_free(&cmd);
	return most - before;
}

static void
soak(const struct card_type *type, unsigned long commands)
{
	struct buf frames = BUF(SESSION_MAX);
	size_t before, most = 0, grown, left, i;
	struct new_card made;
	glob_t scripts;

	/* a relay has nothing to say by itself */
	new_card(&made, type, NULL, NULL, nobody_waits);
	free_card(&made);
	if (!made.card && !type->contents) {
		printf("%s: not a card of its own\n", type->name);
		return;
	}
	/* a type without scripts is met with what is made up alone */
	if (session_scripts(&scripts, type) == 0) {
		for (i = 0; i < scripts.gl_pathc; i++) {
			if (!session_record(&frames, type, scripts.gl_pathv[i]))
				exit(EXIT_FAILURE);
		}
		globfree(&scripts);
	}
	/* what libraries make once is made by the first */
	one_card(type, commands / CARDS, buf_view(&frames));
	before = in_use();
	for (i = 1; i < CARDS; i++) {
		grown = one_card(type, commands / CARDS, buf_view(&frames));
		most = grown > most ? grown : most;
	}
	left = in_use() > before ? in_use() - before : 0;
	printf("%s: %lu commands; at most %zu bytes for a card, %zu left behind by %d\n",
	       type->name, commands, most, left, CARDS);
	if (most > GROWN_MAX || left > LEFT_MAX)
		fail("memory is not flat", view_of(NULL, 0));
	buf_free(&frames);
}

int
main(void)
{
	const char *seed = getenv("SOAK_SEED"), *commands = getenv("SOAK_COMMANDS");
	const struct card_type *const *type;

	setvbuf(stdout, NULL, _IOLBF, 0);
	dice_state = seed ? strtoull(seed, NULL, 0) : SEED;
	for (type = card_types; *type; type++)
		soak(*type, commands ? strtoul(commands, NULL, 0) : COMMANDS);
	return EXIT_SUCCESS;
}
