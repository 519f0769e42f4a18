/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * How a relay watches its reader, with a PC/SC of our own that errs as pcsc-lite 2.5 does:
 * there an event between two messages makes SCardGetStatusChange fail, or say that it does
 * not know the reader.
 */
#include <poll.h>
#include <pthread.h>
#include <string.h>

#include <reader.h>
#include <winscard.h>

#include "cards/relay/relay.h"
#include "support.h"
#include "wire.h"

#define READER "Some Reader 00 00"

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;

/* Of the reader, and what it does next. */
static bool listed, there, mute, cancelled;
static DWORD counter;
static LONG error;        /* of the next SCardGetStatusChange, once */
static DWORD error_state; /* or its event state */
static unsigned errors;   /* that it gave */
static unsigned in_vain;  /* so often SCardConnect says that the card is unresponsive */

/* --- PC/SC ---------------------------------------------------------------------------- */

const SCARD_IO_REQUEST g_rgSCardT0Pci = { SCARD_PROTOCOL_T0, sizeof(SCARD_IO_REQUEST) };
const SCARD_IO_REQUEST g_rgSCardT1Pci = { SCARD_PROTOCOL_T1, sizeof(SCARD_IO_REQUEST) };

const char *
pcsc_stringify_error(const LONG rc)
{
	return rc == SCARD_W_UNRESPONSIVE_CARD ? "Card is unresponsive." : "error";
}

LONG
SCardEstablishContext(DWORD scope, LPCVOID a, LPCVOID b, LPSCARDCONTEXT context)
{
	(void)scope;
	(void)a;
	(void)b;
	*context = 1;
	return SCARD_S_SUCCESS;
}

LONG
SCardReleaseContext(SCARDCONTEXT context)
{
	(void)context;
	return SCARD_S_SUCCESS;
}

LONG
SCardListReaders(SCARDCONTEXT context, LPCSTR groups, LPSTR readers, LPDWORD len)
{
	static char names[] = READER "\0";

	(void)context;
	(void)groups;
	if (!listed)
		return SCARD_E_NO_READERS_AVAILABLE;
	*(char **)readers = names;
	*len = sizeof(names);
	return SCARD_S_SUCCESS;
}

LONG
SCardFreeMemory(SCARDCONTEXT context, LPCVOID memory)
{
	(void)context;
	(void)memory;
	return SCARD_S_SUCCESS;
}

static DWORD
state_now(void)
{
	return counter << 16 | (there ? SCARD_STATE_PRESENT : SCARD_STATE_EMPTY) |
	       (mute ? SCARD_STATE_MUTE : 0);
}

LONG
SCardGetStatusChange(SCARDCONTEXT context, DWORD timeout, SCARD_READERSTATE *s, DWORD n)
{
	LONG rc = SCARD_S_SUCCESS;

	(void)context;
	(void)timeout;
	(void)n;
	pthread_mutex_lock(&lock);
	while (!cancelled && !error && !error_state && s->dwCurrentState == state_now())
		pthread_cond_wait(&changed, &lock);
	s->dwEventState = (error_state ? error_state : state_now()) | SCARD_STATE_CHANGED;
	if (error || error_state)
		errors++;
	rc = cancelled ? SCARD_E_CANCELLED : error;
	error = 0;
	error_state = 0;
	pthread_mutex_unlock(&lock);
	return rc;
}

LONG
SCardCancel(SCARDCONTEXT context)
{
	(void)context;
	pthread_mutex_lock(&lock);
	cancelled = true;
	pthread_cond_broadcast(&changed);
	pthread_mutex_unlock(&lock);
	return SCARD_S_SUCCESS;
}

LONG
SCardConnect(SCARDCONTEXT context, LPCSTR reader, DWORD share, DWORD protocols, LPSCARDHANDLE h,
	     LPDWORD protocol)
{
	(void)context;
	(void)reader;
	(void)share;
	(void)protocols;
	if (in_vain > 0) {
		in_vain--;
		return SCARD_W_UNRESPONSIVE_CARD;
	}
	*h = 1;
	*protocol = SCARD_PROTOCOL_T1;
	return SCARD_S_SUCCESS;
}

LONG
SCardDisconnect(SCARDHANDLE h, DWORD how)
{
	(void)h;
	(void)how;
	return SCARD_S_SUCCESS;
}

LONG
SCardReconnect(SCARDHANDLE h, DWORD share, DWORD protocols, DWORD how, LPDWORD protocol)
{
	(void)h;
	(void)share;
	(void)protocols;
	(void)how;
	*protocol = SCARD_PROTOCOL_T1;
	return SCARD_S_SUCCESS;
}

LONG
SCardStatus(SCARDHANDLE h, LPSTR name, LPDWORD name_len, LPDWORD state, LPDWORD protocol,
	    LPBYTE atr, LPDWORD len)
{
	(void)h;
	(void)name;
	(void)name_len;
	(void)state;
	(void)protocol;
	memcpy(atr, "\x3b\x00", 2);
	*len = 2;
	return SCARD_S_SUCCESS;
}

LONG
SCardTransmit(SCARDHANDLE h, const SCARD_IO_REQUEST *pci, LPCBYTE cmd, DWORD n,
	      SCARD_IO_REQUEST *back, LPBYTE rsp, LPDWORD len)
{
	(void)h;
	(void)pci;
	(void)cmd;
	(void)n;
	(void)back;
	(void)rsp;
	*len = 0;
	return SCARD_S_SUCCESS;
}

LONG
SCardGetAttrib(SCARDHANDLE h, DWORD id, LPBYTE value, LPDWORD len)
{
	(void)h;
	(void)id;
	(void)value;
	(void)len;
	return SCARD_E_UNSUPPORTED_FEATURE;
}

/* --- the relay ------------------------------------------------------------------------ */

static const struct log quiet = { .out = NULL };
static struct card *card;

static void
move_card(bool in)
{
	pthread_mutex_lock(&lock);
	there = in;
	counter++;
	pthread_cond_broadcast(&changed);
	pthread_mutex_unlock(&lock);
}

static void
err(LONG rc, DWORD state)
{
	pthread_mutex_lock(&lock);
	error = rc;
	error_state = state;
	errors = 0;
	pthread_cond_broadcast(&changed);
	pthread_mutex_unlock(&lock);
}

/* As the host asks: when told, and what it hears. */
static int
ask(int ms)
{
	struct pollfd p = { .fd = -1, .events = POLLIN };
	int in = card->ops->event(card, &p.fd);

	if (poll(&p, 1, ms) == 1)
		in = card->ops->event(card, &p.fd);
	return in;
}

static void
await_card(int wanted)
{
	int64_t end = wire_now() + 20000;

	while (ask(100) != wanted)
		ck_assert_int_lt(wire_now(), end);
}

static void
setup(void)
{
	static const struct card_config cfg = { .values = NULL };
	static const struct card_env env = { .log = &quiet };

	listed = there = true;
	cancelled = false;
	counter = 1;
	card = relay_type.open(&relay_type, &cfg, &env);
	ck_assert_ptr_nonnull(card);
}

static void
teardown(void)
{
	card->ops->free(card);
}

static const struct {
	LONG rc;
	DWORD state;
} nonsense[] = {
	{ SCARD_E_UNKNOWN_READER, 0 },
	{ SCARD_E_UNSUPPORTED_FEATURE, 0 },
	{ SCARD_S_SUCCESS, SCARD_STATE_UNKNOWN | SCARD_STATE_UNAVAILABLE },
};

START_TEST(an_error_does_not_take_the_card_out)
{
	int64_t end = wire_now() + 20000, quiet_until;

	await_card(1);
	err(nonsense[_i].rc, nonsense[_i].state);
	while (errors == 0)
		ck_assert_int_lt(wire_now(), end);
	for (quiet_until = wire_now() + 1000; wire_now() < quiet_until;)
		ck_assert_int_eq(ask(50), 1);
	/* what comes after it is heard */
	move_card(false);
	await_card(0);
	move_card(true);
	await_card(1);
}
END_TEST

START_TEST(a_reader_that_goes_and_comes)
{
	await_card(1);
	listed = false;
	err(SCARD_E_UNKNOWN_READER, 0);
	await_card(0);
	listed = true;
	await_card(1);
}
END_TEST

/* pcscd counts it as mute from then on: nobody tells when it can be had. */
START_TEST(a_card_that_was_powered_in_vain)
{
	in_vain = 3;
	mute = true;
	move_card(true);
	await_card(1);
	ck_assert_uint_eq(in_vain, 0);
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("watch");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_set_timeout(tc, 60);
	tcase_add_loop_test(tc, an_error_does_not_take_the_card_out, 0, 3);
	tcase_add_test(tc, a_reader_that_goes_and_comes);
	tcase_add_test(tc, a_card_that_was_powered_in_vain);
	return run("watch", tc);
}
