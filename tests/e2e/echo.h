/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What badcard answers: every byte is made of the command, of the place and of
 * the card's identity, so that a client can tell its own answer from a stale,
 * foreign, short or cut one.
 */
#ifndef TESTS_E2E_ECHO_H
#define TESTS_E2E_ECHO_H

#include <stddef.h>
#include <stdint.h>

#define ECHO_INS_SIZED 0xEE /* P1-P2 is the size of the answer, status word included */
#define ECHO_MAX 65535

/* How long the answer to a command (2 bytes or more) is, SW included; at least 2. */
static inline size_t
echo_size(const uint8_t *cmd, size_t len)
{
	size_t n = len + 2;

	if (len >= 4 && cmd[1] == ECHO_INS_SIZED)
		n = (size_t)cmd[2] << 8 | cmd[3];
	if (n > ECHO_MAX)
		n = ECHO_MAX;
	return n < 2 ? 2 : n;
}

/* Fill out[n]: n - 2 bytes of echo and 9000. */
static inline void
echo_fill(uint8_t *out, size_t n, const uint8_t *cmd, size_t len, uint8_t id)
{
	size_t i;

	for (i = 0; i + 2 < n; i++)
		out[i] = (uint8_t)(cmd[i % len] ^ 0x5A ^ id ^ (i >> 8));
	out[n - 2] = 0x90;
	out[n - 1] = 0x00;
}

#endif
