/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Which reader a relay takes, and how it watches it, with a PC/SC of our own that errs as
 * pcsc-lite 2.5 does: there an event between two messages makes SCardGetStatusChange fail,
 * or say that it does not know the reader. tests/e2e/relay.sh has all else.
 */
#include <poll.h>
#include <pthread.h>
#include <string.h>

#include <reader.h>
#include <winscard.h>

#include "cards/relay/relay.h"
#include "support.h"
#include "wire.h"

/* --- which reader ----------------------------------------------------------------- */

static const char three[] = "Reader A 00 00\0Reader B 00 00\0Reader B 00 01\0";

static void
expect(const char *list, const char *wanted, const char *chosen, const char *said)
{
	char error[512] = "";
	const char *got = relay_choose(list, wanted, error, sizeof(error));

	if (chosen)
		ck_assert_str_eq(got, chosen);
	else
		ck_assert_ptr_null(got);
	ck_assert_msg(!said || strstr(error, said), "%s", error);
}

START_TEST(by_number_and_by_name)
{
	expect(three, "0", "Reader A 00 00", NULL);
	expect(three, "2", "Reader B 00 01", NULL);
	expect(three, "A", "Reader A 00 00", NULL);
	expect(three, "B 00 01", "Reader B 00 01", NULL);
	/* a whole name is meant, although others contain it */
	expect("Reader\0Reader 2\0", "Reader", "Reader", NULL);
	/* a number with something behind it is a name */
	expect(three, "00 01", "Reader B 00 01", NULL);
	expect("Only one\0", NULL, "Only one", NULL);
}
END_TEST

START_TEST(nothing_is_guessed)
{
	expect(three, "3", NULL, "none of 0 \"Reader A 00 00\", 1 \"Reader B 00 00\"");
	expect(three, "99999999999999999999", NULL, "none");
	expect(three, "-1", NULL, "none");
	expect(three, "C", NULL, "none");
	expect(three, "B", NULL, "more than one");
	expect(three, NULL, NULL, "--reader");
	expect("", NULL, NULL, "no PC/SC reader");
	expect("", "0", NULL, "no PC/SC reader");
}
END_TEST

START_TEST(a_long_list_is_cut)
{
	static char list[8192];
	size_t i;

	for (i = 0; i < 80; i++)
		memset(list + i * 100, 'a', 99);
	expect(list, "b", NULL, "none");
}
END_TEST

/* --- PC/SC ---------------------------------------------------------------------- */

#define READER "Some Reader 00 00"

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;

/* Of the reader, and what it does next. */
static bool listed, there, mute, cancelled;
static DWORD counter;
static LONG failure;      /* of the next SCardGetStatusChange, once */
static DWORD error_state; /* or its event state */
static unsigned errors;   /* that it gave */
static unsigned in_vain;  /* so often SCardConnect says that the card is unresponsive */
static bool forbidden;    /* polkit lets this user in nowhere */
static SCARDCONTEXT contexts, waiting; /* made so far; the last that waited */
static unsigned waiters;               /* contexts that waited, one after the other */
static bool astray;                    /* a wait did not begin where the one before had ended */

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
	if (forbidden)
		return SCARD_W_SECURITY_VIOLATION;
	pthread_mutex_lock(&lock);
	*context = ++contexts;
	pthread_mutex_unlock(&lock);
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

	(void)n;
	pthread_mutex_lock(&lock);
	if (timeout == 0) { /* a look, no wait */
		s->dwEventState = state_now();
		pthread_mutex_unlock(&lock);
		return rc;
	}
	waiters += context != waiting;
	waiting = context;
	astray |= s->dwCurrentState & SCARD_STATE_CHANGED;
	while (!cancelled && !failure && !error_state && s->dwCurrentState == state_now())
		pthread_cond_wait(&changed, &lock);
	s->dwEventState = (error_state ? error_state : state_now()) | SCARD_STATE_CHANGED;
	if (failure || error_state)
		errors++;
	rc = cancelled ? SCARD_E_CANCELLED : failure;
	failure = 0;
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

static struct log logs;
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
	failure = rc;
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
	int64_t end = wire_now() + 60000;

	while (ask(100) != wanted)
		ck_assert_int_lt(wire_now(), end);
}

static void
setup(void)
{
	static const struct card_config cfg = { .values = NULL };
	static const struct card_env env = { .log = &logs };

	listed = there = true;
	cancelled = false;
	counter = 1;
	logs = (struct log) { .out = tmpfile(), .level = LOG_NOTICE };
	card = relay_type.open(&relay_type, &cfg, &env);
}

static void
teardown(void)
{
	card_free(card);
	fclose(logs.out);
}

static void
expect_log(const char *wanted)
{
	char text[512];

	rewind(logs.out);
	text[fread(text, 1, sizeof(text) - 1, logs.out)] = '\0';
	ck_assert_msg(strstr(text, wanted), "\"%s\", not \"%s\"", text, wanted);
}

/* --- the watching thread ---------------------------------------------------------- */

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
	int64_t end = wire_now() + 60000, quiet_until;

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

/* One wait after the other, in one context: no card comes or goes because a wait has ended. */
START_TEST(goes_on_watching)
{
	int64_t until;

	await_card(1);
	move_card(false);
	await_card(0);
	move_card(true);
	await_card(1);
	err(SCARD_E_TIMEOUT, 0);
	for (until = wire_now() + 1000; wire_now() < until;)
		ck_assert_int_eq(ask(50), 1);
	ck_assert_uint_eq(waiters, 1);
	/* pcscd is gone: so is the card, until another context sees it */
	err(SCARD_E_SERVICE_STOPPED, 0);
	await_card(0);
	await_card(1);
	ck_assert_uint_eq(waiters, 2);
	ck_assert(!astray);
}
END_TEST

/* --- those that polkit does not let in -------------------------------------------- */

START_TEST(no_reader_for_this_user)
{
	teardown();
	forbidden = true;
	setup();
	ck_assert_ptr_null(card);
	expect_log("vicc: no PC/SC: pcscd refuses this user (polkit); README.md has a rule");
}
END_TEST

/* The reader was found; the card is another matter. It is waited for. */
START_TEST(no_card_for_this_user)
{
	int64_t until;

	await_card(1);
	forbidden = true;
	move_card(false);
	await_card(0);
	move_card(true);
	for (until = wire_now() + 1000; wire_now() < until;)
		ck_assert_int_eq(ask(50), 0);
	expect_log("cannot be had: pcscd refuses this user (polkit)");
	forbidden = false;
	await_card(1);
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("relay");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, by_number_and_by_name);
	tcase_add_test(tc, nothing_is_guessed);
	tcase_add_test(tc, a_long_list_is_cut);
	tcase_add_test(tc, no_reader_for_this_user);
	tcase_add_test(tc, goes_on_watching);
	tcase_add_test(tc, no_card_for_this_user);
	tcase_add_loop_test(tc, an_error_does_not_take_the_card_out, 0, 3);
	tcase_add_test(tc, a_reader_that_goes_and_comes);
	tcase_add_test(tc, a_card_that_was_powered_in_vain);
	return run("relay", tc);
}
