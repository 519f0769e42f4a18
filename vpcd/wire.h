/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The vpcd protocol: a frame is its body's length (2 bytes, big-endian) and
 * that many bytes. From the reader a body of one byte is a control, a longer
 * one a command APDU. The card answers the latter, and WIRE_ATR.
 */
#ifndef VPCD_WIRE_H
#define VPCD_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define WIRE_PORT 0x8C7B /* the first slot's TCP port, 35963 */
#define WIRE_HEADER 2
#define WIRE_BODY_MAX 65535
#define WIRE_FRAME_MAX (WIRE_HEADER + WIRE_BODY_MAX)

enum wire_control {
	WIRE_POWER_OFF = 0, /* no reply */
	WIRE_POWER_ON = 1,  /* no reply */
	WIRE_RESET = 2,     /* no reply */
	WIRE_ATR = 4,       /* reply: the ATR, empty when there is no card */
};

#define WIRE_MUTE 0x00 /* all of an "ATR" after power on or reset: the card is there, and mute */

/*
 * What has been received: a window [head, tail) in the owner's memory. The
 * owner lends buf for the struct's life; wire.c allocates nothing.
 */
struct wire {
	uint8_t *buf;
	size_t size; /* of buf, bytes; at least one frame of what is expected */
	size_t head;
	size_t tail;
};

void wire_init(struct wire *w, void *buf, size_t size);

/* Forget and wipe all that was received. */
void wire_wipe(struct wire *w);

/* Wipe what has been taken, and keep what is pending: the views die. */
void wire_wipe_taken(struct wire *w);

/* Bytes received and not yet taken. */
size_t wire_pending(const struct wire *w);

/*
 * One recv(2) with flags into the free space. Where it leaves less than a whole
 * frame on a TCP socket, the acknowledgement is sent at once: a peer with Nagle
 * on holds the rest back until then. Returns 0; -EPIPE at the end of the stream;
 * -EAGAIN when nothing is there (MSG_DONTWAIT, or SO_RCVTIMEO ran out);
 * -EMSGSIZE when the frame at hand can never fit; other negative errno values.
 */
int wire_fill(struct wire *w, int fd, int flags);

/*
 * Take the next whole frame: its body is views into buf, valid until the next
 * wire_fill, wire_wipe_taken or wire_wipe. False when there is none yet.
 */
bool wire_next(struct wire *w, const uint8_t **body, size_t *len);

/*
 * wire_fill until there is a frame, and take it; waits at most timeout_ms, in
 * poll(2), on a socket in either mode. Returns 0, -ETIMEDOUT, or wire_fill's.
 */
int wire_receive(struct wire *w, int fd, int timeout_ms, const uint8_t **body, size_t *len);

/*
 * Send body as one frame, in one sendmsg(2) where the socket takes it, and wait
 * at most timeout_ms for a peer that does not read. len <= WIRE_BODY_MAX.
 * Returns 0, -ETIMEDOUT (some of it may be on its way: the stream is lost), or
 * another negative errno value.
 */
int wire_send(int fd, const void *body, size_t len, int timeout_ms);

/*
 * The same for an owner who waits in his own way until fd can be written to: wait
 * returns 0, or what wire_send_waiting is to return.
 */
typedef int wire_wait_fn(void *ctx, int fd);
int wire_send_waiting(int fd, const void *body, size_t len, wire_wait_fn *wait, void *ctx);

/* Send n controls (at most 2), one frame each, in one segment. As wire_send. */
int wire_send_controls(int fd, const uint8_t *controls, size_t n, int timeout_ms);

/* Milliseconds of CLOCK_MONOTONIC. */
int64_t wire_now(void);

#endif
