/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Whatever a card says: frames are taken from the stream as they stand in it, and
 * a client gets the one answer to its command, whole, or an error. The first byte
 * of the input says how it comes and what is asked, the others are the card's.
 */
#include <errno.h>
#include <pthread.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "fuzz.h"
#include "slot.h"
#include "wire.h"

#define SMALL (WIRE_HEADER + ATR_MAX + 1) /* as much as a candidate may say */
#define STREAM_MAX 100000                 /* what a socket holds, and more than a frame */

/* What the card says, in pieces of this size. */
struct speech {
	int fd;
	const uint8_t *p;
	size_t n, step;
	bool asked; /* it waits for a command first */
};

static void
speak(const struct speech *s)
{
	size_t at, n;

	for (at = 0; at < s->n; at += n) {
		n = s->step && s->step < s->n - at ? s->step : s->n - at;
		/* a reader that has heard enough is gone */
		if (send(s->fd, s->p + at, n, MSG_NOSIGNAL) != (ssize_t)n)
			break;
	}
	shutdown(s->fd, SHUT_WR);
}

static void *
card(void *ctx)
{
	const struct speech *s = ctx;
	uint8_t cmd[64];

	if (!s->asked || recv(s->fd, cmd, sizeof(cmd), 0) > 0)
		speak(s);
	return NULL;
}

/* The length that the stream announces at its begin, or 0. */
static size_t
announced(const uint8_t *p, size_t n)
{
	return n < WIRE_HEADER ? 0 : (size_t)p[0] << 8 | p[1];
}

static void
take_frames(const struct speech *s, int fd, size_t room)
{
	static uint8_t buf[WIRE_FRAME_MAX];
	const uint8_t *at = s->p, *end = s->p + s->n, *body;
	struct wire w;
	size_t len;
	int rc = 0;

	wire_init(&w, buf, room);
	while (rc == 0) {
		rc = wire_receive(&w, fd, 10000, &body, &len);
		if (rc == 0) {
			must((size_t)(end - at) >= WIRE_HEADER + len &&
			     len == announced(at, (size_t)(end - at)));
			must(memcmp(at + WIRE_HEADER, body, len) == 0);
			at += WIRE_HEADER + len;
		}
	}
	/* what is left is no whole frame, or one that has no room */
	len = announced(at, (size_t)(end - at));
	if (rc == -EMSGSIZE)
		must(WIRE_HEADER + len > room);
	else
		must(rc == -EPIPE &&
		     (end - at < WIRE_HEADER || (size_t)(end - at) < WIRE_HEADER + len));
	wire_wipe(&w);
	for (len = 0; len < room; len++)
		must(buf[len] == 0);
}

/* What the door does with a card that has come in. */
static void
put_in(struct slot *s, int fd)
{
	s->fd = fd;
	s->atr_len = 2;
	atomic_store(&s->state, SLOT_PRESENT);
}

static void
command(struct slot *s, const struct speech *said)
{
	static uint8_t rsp[WIRE_BODY_MAX];
	static const uint8_t cmd[] = { 0x00, 0x84, 0x00, 0x00, 0x00 };
	size_t len = sizeof(rsp), wanted = announced(said->p, said->n);
	int rc = slot_transmit(s, cmd, sizeof(cmd), rsp, &len);

	if (rc == 0) {
		must(len >= 2 && len == wanted && said->n >= WIRE_HEADER + wanted);
		must(memcmp(rsp, said->p + WIRE_HEADER, len) == 0);
		must(atomic_load(&s->state) == SLOT_PRESENT);
	} else {
		must(len == 0 && rc == -ENODEV && atomic_load(&s->state) == SLOT_DEAD);
		must(wanted < 2 || said->n != WIRE_HEADER + wanted);
	}
}

static void
power_up(struct slot *s, const struct speech *said)
{
	uint8_t atr[ATR_MAX];
	size_t len = 0, wanted = announced(said->p, said->n);
	int rc = slot_power_up(s, WIRE_RESET, atr, &len);

	if (rc == 0) {
		must(len == wanted && said->n >= WIRE_HEADER + wanted && atr_plausible(atr, len));
		must(memcmp(atr, said->p + WIRE_HEADER, len) == 0);
		must(atr_protocols(atr, len) != 0);
	} else {
		must(len == 0 && rc == -ENODEV && atomic_load(&s->state) == SLOT_DEAD);
		must(said->n != WIRE_HEADER + wanted ||
		     !atr_plausible(said->p + WIRE_HEADER, wanted));
	}
}

static void
converse(const struct speech *said, int fd, bool powers_up)
{
	static struct reader r;
	struct slot *s = &r.slots[0];

	/* a reader that connects opens nothing before it is waited for */
	r = (struct reader) { .name = { .mode = NAME_CONNECT,
					.address = "localhost",
					.port = WIRE_PORT,
					.slots = 1,
					.timeout_s = 10 } };
	must(slot_open(s, &r, 0) == 0);
	put_in(s, fd);
	if (powers_up)
		power_up(s, said);
	else
		command(s, said);
	slot_free(s);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t how = size > 0 ? data[0] : 0;
	struct speech said = { .p = data + 1, .n = size > 0 ? size - 1 : 0, .step = how >> 2 };
	pthread_t thread;
	int pair[2];

	if (said.n > STREAM_MAX)
		said.n = STREAM_MAX;
	if (said.n == 0)
		said.p = (const uint8_t *)"";
	/* a piece for each byte of a long stream tells nothing new */
	if (said.step && said.n / said.step > 64)
		said.step = said.n / 64;
	must(socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0);
	said.fd = pair[1];
	said.asked = how & 2;
	must(pthread_create(&thread, NULL, card, &said) == 0);
	if (said.asked) {
		converse(&said, pair[0], how & 1);
	} else {
		take_frames(&said, pair[0], how & 1 ? SMALL : WIRE_FRAME_MAX);
		close(pair[0]);
	}
	pthread_join(thread, NULL);
	close(pair[1]);
	return 0;
}
