/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Which reader a relay takes, and that it goes on looking at it; test_watch.c has what PC/SC
 * may say meanwhile, tests/e2e/relay.sh all else.
 */
#include <poll.h>
#include <pthread.h>
#include <string.h>

#include <winscard.h>

#include "cards/relay/relay.h"
#include "support.h"

static const char readers[] = "Reader A 00 00\0Reader B 00 00\0Reader B 00 01\0";
static char error[512];

static void
expect(const char *list, const char *wanted, const char *chosen, const char *said)
{
	const char *got;

	error[0] = '\0';
	got = relay_choose(list, wanted, error, sizeof(error));
	if (chosen)
		ck_assert_str_eq(got, chosen);
	else
		ck_assert_ptr_null(got);
	ck_assert_msg(!said || strstr(error, said), "%s", error);
}

START_TEST(by_number_and_by_name)
{
	expect(readers, "0", "Reader A 00 00", NULL);
	expect(readers, "2", "Reader B 00 01", NULL);
	expect(readers, "A", "Reader A 00 00", NULL);
	expect(readers, "B 00 01", "Reader B 00 01", NULL);
	/* a whole name is meant, although others contain it */
	expect("Reader\0Reader 2\0", "Reader", "Reader", NULL);
	/* a number with something behind it is a name */
	expect(readers, "00 01", "Reader B 00 01", NULL);
	expect("Only one\0", NULL, "Only one", NULL);
}
END_TEST

START_TEST(nothing_is_guessed)
{
	expect(readers, "3", NULL, "none of 0 \"Reader A 00 00\", 1 \"Reader B 00 00\"");
	expect(readers, "99999999999999999999", NULL, "none");
	expect(readers, "-1", NULL, "none");
	expect(readers, "C", NULL, "none");
	expect(readers, "B", NULL, "more than one");
	expect(readers, NULL, NULL, "--reader");
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

/* --- the watching thread, with a PC/SC of our own ------------------------------------- */

static struct {
	pthread_mutex_t lock;
	pthread_cond_t change;
	DWORD state;           /* of the reader, with its counter */
	LONG fails;            /* what the next wait ends with; 0: nothing */
	bool cancelled;
	SCARDCONTEXT contexts; /* made so far */
	SCARDCONTEXT waiting;  /* the last that waited */
	unsigned waiters;      /* contexts that did, one after the other */
	bool wrong;            /* a wait did not begin where the one before had ended */
} fake = { .lock = PTHREAD_MUTEX_INITIALIZER, .change = PTHREAD_COND_INITIALIZER };

LONG
SCardEstablishContext(DWORD scope, LPCVOID r1, LPCVOID r2, LPSCARDCONTEXT context)
{
	(void)scope;
	(void)r1;
	(void)r2;
	pthread_mutex_lock(&fake.lock);
	*context = ++fake.contexts;
	pthread_mutex_unlock(&fake.lock);
	return SCARD_S_SUCCESS;
}

LONG
SCardReleaseContext(SCARDCONTEXT context)
{
	(void)context;
	return SCARD_S_SUCCESS;
}

LONG
SCardListReaders(SCARDCONTEXT context, LPCSTR groups, LPSTR names, LPDWORD len)
{
	char *one = calloc(1, 16);

	(void)context;
	(void)groups;
	(void)len;
	strcpy(one, "Reader 00 00");
	memcpy(names, &one, sizeof(one));
	return SCARD_S_SUCCESS;
}

LONG
SCardFreeMemory(SCARDCONTEXT context, LPCVOID memory)
{
	(void)context;
	free((void *)(uintptr_t)memory);
	return SCARD_S_SUCCESS;
}

LONG
SCardConnect(SCARDCONTEXT context, LPCSTR reader, DWORD share, DWORD protocols, LPSCARDHANDLE handle,
	     LPDWORD protocol)
{
	(void)context;
	(void)reader;
	(void)share;
	(void)protocols;
	*handle = 1;
	*protocol = SCARD_PROTOCOL_T1;
	return SCARD_S_SUCCESS;
}

LONG
SCardStatus(SCARDHANDLE handle, LPSTR reader, LPDWORD reader_len, LPDWORD state, LPDWORD protocol,
	    LPBYTE atr, LPDWORD len)
{
	(void)handle;
	(void)reader;
	(void)reader_len;
	(void)state;
	(void)protocol;
	memcpy(atr, "\x3b\x80\x01\x81", 4);
	*len = 4;
	return SCARD_S_SUCCESS;
}

LONG
SCardDisconnect(SCARDHANDLE handle, DWORD how)
{
	(void)handle;
	(void)how;
	return SCARD_S_SUCCESS;
}

LONG
SCardCancel(SCARDCONTEXT context)
{
	(void)context;
	pthread_mutex_lock(&fake.lock);
	fake.cancelled = true;
	pthread_cond_broadcast(&fake.change);
	pthread_mutex_unlock(&fake.lock);
	return SCARD_S_SUCCESS;
}

/* Under the lock: whether there is something to tell, and what. */
static bool
has_news(SCARD_READERSTATE *s, LONG *rc)
{
	*rc = fake.cancelled ? SCARD_E_CANCELLED : fake.fails;
	if (*rc != SCARD_S_SUCCESS) {
		fake.fails = SCARD_S_SUCCESS;
		return true;
	}
	if (s->dwCurrentState & SCARD_STATE_CHANGED)
		fake.wrong = true;
	s->dwEventState = fake.state | SCARD_STATE_CHANGED;
	return s->dwCurrentState != fake.state;
}

LONG
SCardGetStatusChange(SCARDCONTEXT context, DWORD timeout, SCARD_READERSTATE *states, DWORD n)
{
	LONG rc = SCARD_S_SUCCESS;

	(void)n;
	pthread_mutex_lock(&fake.lock);
	if (timeout == 0) { /* a look, no wait */
		states->dwEventState = fake.state;
		pthread_mutex_unlock(&fake.lock);
		return rc;
	}
	if (context != fake.waiting)
		fake.waiters++;
	fake.waiting = context;
	while (!has_news(states, &rc))
		pthread_cond_wait(&fake.change, &fake.lock);
	pthread_mutex_unlock(&fake.lock);
	return rc;
}

static void
set_reader(DWORD state, LONG fails)
{
	pthread_mutex_lock(&fake.lock);
	fake.state = state;
	fake.fails = fails;
	pthread_cond_broadcast(&fake.change);
	pthread_mutex_unlock(&fake.lock);
}

/* Until the card is there, or is not; a second at most. */
static bool
comes_to(struct card *card, int wanted)
{
	struct pollfd p = { .events = POLLIN };
	int i;

	for (i = 0; i < 100; i++) {
		if (card_event(card, &p.fd) == wanted)
			return true;
		poll(&p, 1, 10);
	}
	return false;
}

#define EMPTY(n) (SCARD_STATE_EMPTY | (DWORD)(n) << 16)
#define PRESENT(n) (SCARD_STATE_PRESENT | (DWORD)(n) << 16)

/* One wait after the other, in one context: no card comes or goes because a wait has ended. */
START_TEST(goes_on_watching)
{
	static const struct log quiet = { .out = NULL };
	static const struct card_env env = { .log = &quiet };
	static const struct card_config cfg = { .values = NULL };
	struct card *card;

	set_reader(PRESENT(1), 0);
	card = card_open(&relay_type, &cfg, &env);
	ck_assert_ptr_nonnull(card);
	ck_assert(comes_to(card, 1));
	set_reader(EMPTY(2), 0);
	ck_assert(comes_to(card, 0));
	set_reader(PRESENT(3), 0);
	ck_assert(comes_to(card, 1));
	set_reader(PRESENT(3), SCARD_E_TIMEOUT);
	ck_assert(!comes_to(card, 0));
	ck_assert_uint_eq(fake.waiters, 1);
	/* pcscd is gone: so is the card, until another context sees it */
	set_reader(PRESENT(3), SCARD_E_SERVICE_STOPPED);
	ck_assert(comes_to(card, 0));
	ck_assert(comes_to(card, 1));
	ck_assert_uint_eq(fake.waiters, 2);
	ck_assert(!fake.wrong);
	card_free(card);
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("relay");

	tcase_add_test(tc, by_number_and_by_name);
	tcase_add_test(tc, nothing_is_guessed);
	tcase_add_test(tc, a_long_list_is_cut);
	tcase_add_test(tc, goes_on_watching);
	return run("relay", tc);
}
