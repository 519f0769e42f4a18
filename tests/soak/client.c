/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * client echo|store SECONDS SEED READER: a PC/SC client that does what comes to its
 * mind, while cards and pcscd come and go. An error may come at any time; an answer
 * has to be the right one.
 *
 * echo: the card is a badcard (echo.h): each answer proves which command it belongs
 * to, and which card gave it; within one session that is always the same.
 * store: the card is a vicc, and ours alone: what it has acknowledged is what it
 * reads, whatever happened to it since.
 */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <winscard.h>

#include "echo.h"

#define FAIL_PREFIX "WRONG"
#include "../program.h"

#define TX_MAX 65535
#define RX_MAX 65544
#define STUCK_S 90 /* that no call may take */
#define TRIES_MAX 64
#define ID_UNKNOWN (-1)

struct client {
	const char *reader;
	SCARDCONTEXT ctx;
	bool has_ctx, connected;
	SCARDHANDLE card;
	DWORD protocol;
	int id; /* of the card that this session is with */
	uint32_t seq;
	uint64_t dice;
	uint8_t tx[TX_MAX], rx[RX_MAX];
	DWORD rx_len;
	unsigned long right, errors, sessions;

	/* store: what may stand there; the first is what was acknowledged */
	uint8_t values[TRIES_MAX][8];
	unsigned n_values;
	bool selected;
};

static double
now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

/* xorshift64*: the same everywhere */
static uint32_t
dice(struct client *c, uint32_t n)
{
	c->dice ^= c->dice >> 12;
	c->dice ^= c->dice << 25;
	c->dice ^= c->dice >> 27;
	return (uint32_t)((c->dice * 0x2545F4914F6CDD1DULL) >> 32) % n;
}

/* --- errors --------------------------------------------------------------- */

/*
 * The session is over; pcscd's end is the context's, too. What is no error of a lost
 * card or pcscd is wrong.
 */
static void
took_badly(struct client *c, const char *what, LONG rc)
{
	static const uint32_t gone[] = {
		(uint32_t)SCARD_E_NO_SERVICE, (uint32_t)SCARD_E_SERVICE_STOPPED,
		(uint32_t)SCARD_E_INVALID_HANDLE, (uint32_t)SCARD_F_COMM_ERROR,
		(uint32_t)SCARD_E_READER_UNAVAILABLE, (uint32_t)SCARD_E_UNKNOWN_READER,
		(uint32_t)SCARD_E_NO_READERS_AVAILABLE, (uint32_t)SCARD_F_INTERNAL_ERROR,
		/* pcsc-lite's word for a pcscd that was killed */
		(uint32_t)SCARD_W_SECURITY_VIOLATION,
	};
	static const uint32_t lost[] = {
		(uint32_t)SCARD_E_NO_SMARTCARD, (uint32_t)SCARD_W_REMOVED_CARD,
		(uint32_t)SCARD_W_RESET_CARD, (uint32_t)SCARD_E_NOT_TRANSACTED,
		(uint32_t)SCARD_W_UNPOWERED_CARD, (uint32_t)SCARD_W_UNRESPONSIVE_CARD,
		(uint32_t)SCARD_E_SHARING_VIOLATION, (uint32_t)SCARD_E_NOT_READY,
		(uint32_t)SCARD_E_TIMEOUT, (uint32_t)SCARD_E_PROTO_MISMATCH,
	};
	size_t i;

	c->errors++;
	c->id = ID_UNKNOWN;
	c->selected = false;
	for (i = 0; i < sizeof(gone) / sizeof(gone[0]); i++) {
		if ((uint32_t)rc != gone[i])
			continue;
		if (c->has_ctx)
			SCardReleaseContext(c->ctx);
		c->has_ctx = c->connected = false;
		usleep(20000);
		return;
	}
	for (i = 0; i < sizeof(lost) / sizeof(lost[0]); i++)
		if ((uint32_t)rc == lost[i])
			return;
	fail("%s: %08lX", what, (unsigned long)(uint32_t)rc);
}

static bool
went_well(struct client *c, const char *what, LONG rc)
{
	if (rc == SCARD_S_SUCCESS)
		return true;
	took_badly(c, what, rc);
	return false;
}

/* --- sessions ------------------------------------------------------------- */

static void
hang_up(struct client *c, DWORD disposition)
{
	c->id = ID_UNKNOWN;
	c->selected = false;
	if (c->connected)
		SCardDisconnect(c->card, disposition);
	c->connected = false;
}

static void
wait_for_card(struct client *c)
{
	SCARD_READERSTATE r = { .szReader = c->reader };

	usleep(5000); /* a card that is there and mute would keep us busy */
	if (went_well(c, "state", SCardGetStatusChange(c->ctx, 0, &r, 1)) &&
	    !(r.dwEventState & SCARD_STATE_PRESENT)) {
		r.dwCurrentState = r.dwEventState;
		went_well(c, "change", SCardGetStatusChange(c->ctx, 200, &r, 1));
	}
}

static bool
session(struct client *c)
{
	if (!c->has_ctx)
		c->has_ctx =
			went_well(c, "context",
				  SCardEstablishContext(SCARD_SCOPE_SYSTEM, NULL, NULL, &c->ctx));
	if (c->has_ctx && !c->connected) {
		c->connected = went_well(c, "connect",
					 SCardConnect(c->ctx, c->reader, SCARD_SHARE_SHARED,
						      SCARD_PROTOCOL_T0 | SCARD_PROTOCOL_T1,
						      &c->card, &c->protocol));
		c->sessions += c->connected;
		if (c->has_ctx && !c->connected)
			wait_for_card(c);
	}
	return c->connected;
}

static void
again(struct client *c, DWORD how)
{
	c->id = ID_UNKNOWN;
	c->selected = false;
	if (!went_well(c, "reconnect",
		       SCardReconnect(c->card, SCARD_SHARE_SHARED,
				      SCARD_PROTOCOL_T0 | SCARD_PROTOCOL_T1, how, &c->protocol)))
		hang_up(c, SCARD_LEAVE_CARD);
}

/* False: no answer, and the session is over or joined again. */
static bool
transmit(struct client *c, size_t n)
{
	LONG rc;

	c->rx_len = sizeof(c->rx);
	rc = SCardTransmit(c->card, c->protocol == SCARD_PROTOCOL_T1 ? SCARD_PCI_T1 : SCARD_PCI_T0,
			   c->tx, (DWORD)n, NULL, c->rx, &c->rx_len);
	if (went_well(c, "command", rc))
		return true;
	if ((uint32_t)rc == (uint32_t)SCARD_W_RESET_CARD)
		again(c, SCARD_LEAVE_CARD);
	else
		hang_up(c, SCARD_LEAVE_CARD);
	return false;
}

/* --- echo ----------------------------------------------------------------- */

/* Send tx, which no command before was like, and look at the answer. */
static void
exchange(struct client *c, size_t n)
{
	static uint8_t expected[ECHO_MAX];
	size_t size = echo_size(c->tx, n);
	int id;

	if (!transmit(c, n))
		return;
	if (c->rx_len != size)
		fail("%zu bytes wanted, %lu came", size, (unsigned long)c->rx_len);
	if (size > 2) {
		id = c->rx[0] ^ c->tx[0] ^ 0x5A;
		if (c->id != ID_UNKNOWN && c->id != id)
			fail("the session was with card %d, the answer is of card %d", c->id, id);
		c->id = id;
	}
	echo_fill(expected, size, c->tx, n, (uint8_t)c->id);
	if (memcmp(c->rx, expected, size) != 0)
		fail("%zu bytes came, and they are no answer to this command", size);
	c->right++;
}

/* Header, a number that is new, and filling; n in all, 13 or more. */
static void
compose(struct client *c, uint8_t ins, uint16_t p1p2, size_t n)
{
	uint32_t nonce[2] = { (uint32_t)getpid(), ++c->seq };
	uint8_t header[] = { 0x80, ins, (uint8_t)(p1p2 >> 8), (uint8_t)p1p2, (uint8_t)(n - 5) };
	size_t i;

	for (i = 0; i < n; i++)
		c->tx[i] = (uint8_t)(i * 7 + i / 256);
	memcpy(c->tx, header, sizeof(header));
	memcpy(c->tx + sizeof(header), nonce, sizeof(nonce));
}

static void
echo(struct client *c)
{
	size_t n = 13 + (dice(c, 8) == 0 ? dice(c, 60000) : dice(c, 200));

	compose(c, 0x84, 0, n);
	exchange(c, n);
}

static void
ask(struct client *c)
{
	compose(c, ECHO_INS_SIZED, (uint16_t)(3 + dice(c, 65000)), 13);
	exchange(c, 13);
}

static void
transaction(struct client *c)
{
	unsigned n = 1 + dice(c, 4);

	if (!went_well(c, "begin", SCardBeginTransaction(c->card))) {
		hang_up(c, SCARD_LEAVE_CARD);
		return;
	}
	while (n-- > 0 && c->connected)
		echo(c);
	if (c->connected && !went_well(c, "end", SCardEndTransaction(c->card, SCARD_LEAVE_CARD)))
		hang_up(c, SCARD_LEAVE_CARD);
}

static void
status(struct client *c)
{
	uint8_t atr[MAX_ATR_SIZE];
	DWORD len = sizeof(atr), state, protocol;

	if (!went_well(c, "status", SCardStatus(c->card, NULL, NULL, &state, &protocol, atr, &len)))
		hang_up(c, SCARD_LEAVE_CARD);
	else if (len == 0)
		c->errors++; /* it has died in a reset, or is just leaving */
	else if (len < 2 || (atr[0] != 0x3B && atr[0] != 0x3F))
		fail("an ATR of %lu bytes", (unsigned long)len);
}

static void
act_echo(struct client *c)
{
	static const DWORD ways[] = { SCARD_LEAVE_CARD, SCARD_RESET_CARD, SCARD_UNPOWER_CARD };
	uint32_t d = dice(c, 100);

	if (d < 70)
		echo(c);
	else if (d < 80)
		ask(c);
	else if (d < 86)
		transaction(c);
	else if (d < 90)
		status(c);
	else if (d < 95)
		again(c, ways[dice(c, 3)]);
	else
		hang_up(c, ways[dice(c, 3)]);
	if (dice(c, 20) == 0)
		usleep(dice(c, 30000));
}

/* --- store ---------------------------------------------------------------- */

static unsigned
command(struct client *c, const void *bytes, size_t n)
{
	memcpy(c->tx, bytes, n);
	if (!transmit(c, n))
		return 0;
	if (c->rx_len < 2)
		fail("an answer without a status word");
	return (unsigned)c->rx[c->rx_len - 2] << 8 | c->rx[c->rx_len - 1];
}

static void
open_file(struct client *c)
{
	static const uint8_t select[] = { 0x00, 0xA4, 0x00, 0x0C, 0x02, 0x50, 0x01 };
	static const uint8_t create[] = { 0x00, 0xE0, 0x00, 0x00, 0x10, 0x62, 0x0E,
					  0x80, 0x02, 0x01, 0x00, 0x82, 0x01, 0x01,
					  0x83, 0x02, 0x50, 0x01, 0x88, 0x01, 0x28 };
	unsigned sw = command(c, select, sizeof(select));

	if (sw == 0x6A82 && c->n_values > 0)
		fail("the file is gone");
	if (sw == 0x6A82)
		sw = command(c, create, sizeof(create));
	if (sw == 0x9000)
		c->selected = c->connected;
	else if (sw != 0)
		fail("the file cannot be opened: %04X", sw);
}

static void
write_value(struct client *c)
{
	uint8_t update[13] = { 0x00, 0xD6, 0x00, 0x00, 0x08 };
	unsigned sw, i;

	for (i = 5; i < sizeof(update); i++)
		update[i] = (uint8_t)dice(c, 256);
	if (c->n_values > 0 && c->n_values < TRIES_MAX)
		memcpy(c->values[c->n_values++], update + 5, 8);
	sw = command(c, update, sizeof(update));
	if (sw == 0x9000) {
		memcpy(c->values[0], update + 5, 8);
		c->n_values = 1;
		c->right++;
	} else if (sw != 0) {
		fail("UPDATE BINARY: %04X", sw);
	}
}

static void
read_value(struct client *c)
{
	static const uint8_t read[] = { 0x00, 0xB0, 0x00, 0x00, 0x08 };
	unsigned sw = command(c, read, sizeof(read)), i;

	if (sw == 0)
		return;
	if (sw != 0x9000 || c->rx_len != 10)
		fail("READ BINARY: %04X", sw);
	for (i = 0; i < c->n_values && memcmp(c->values[i], c->rx, 8) != 0; i++)
		;
	if (i == c->n_values && c->n_values > 0 && c->n_values < TRIES_MAX)
		fail("what was acknowledged is not what is there");
	memcpy(c->values[0], c->rx, 8);
	c->n_values = 1;
	c->right++;
}

static void
act_store(struct client *c)
{
	uint32_t d = dice(c, 100);

	if (!c->selected)
		open_file(c);
	else if (d < 30 && c->n_values < TRIES_MAX)
		write_value(c);
	else if (d < 90)
		read_value(c);
	else if (d < 95)
		again(c, SCARD_RESET_CARD);
	else
		hang_up(c, SCARD_UNPOWER_CARD);
	usleep(dice(c, 20000));
}

int
main(int argc, char **argv)
{
	static struct client c = { .id = ID_UNKNOWN };
	void (*act)(struct client *c);
	double end;

	if (argc != 5)
		return 2;
	act = strcmp(argv[1], "store") == 0 ? act_store : act_echo;
	end = now() + atof(argv[2]);
	c.dice = strtoull(argv[3], NULL, 0) * 0x9E3779B97F4A7C15ULL + 1;
	c.reader = argv[4];
	while (now() < end) {
		alarm(STUCK_S);
		if (session(&c))
			act(&c);
	}
	hang_up(&c, SCARD_LEAVE_CARD);
	if (c.has_ctx)
		SCardReleaseContext(c.ctx);
	printf("%lu right, %lu errors, %lu sessions\n", c.right, c.errors, c.sessions);
	return 0;
}
