/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cards/relay/relay.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#include <reader.h>
#include <winscard.h>

#define PROTOCOLS (SCARD_PROTOCOL_T0 | SCARD_PROTOCOL_T1)
#define RETRY_MS 500                   /* until pcscd or the reader is back, or a card can be had */
#define COUNTER(state) ((state) >> 16) /* of insertions and removals, in an event state */

/* What the watching thread knows of the reader, in one word. */
#define NEWS_PRESENT 0x1u
#define NEWS(counter) ((unsigned)(counter) << 1)

struct relay {
	struct card card;
	const struct log *log;
	char *reader;
	DWORD share;
	bool complained; /* that somebody else has the card */

	SCARDCONTEXT ctx;
	SCARDHANDLE handle;
	bool connected;
	bool fresh;      /* unpowered since its last command */
	DWORD protocol;
	uint8_t atr[MAX_ATR_SIZE];
	DWORD atr_len;   /* 0: no card is held */
	unsigned held;   /* the news that it came with */

	pthread_t thread;
	bool watched;    /* the thread runs */
	int tell;        /* timerfd: look what is new */
	int quit;        /* eventfd: the thread is to end */
	atomic_uint news;
	pthread_mutex_t lock; /* the thread's context, which another cancels */
	SCARDCONTEXT watch_ctx;
	bool watching;
	uint8_t rx[MAX_BUFFER_SIZE_EXTENDED];
};

static struct relay *
relay_of(struct card *card)
{
	return (struct relay *)card;
}

/* What pcscd says, in words that help. */
static const char *
pcsc_text(LONG rc)
{
	if (rc == SCARD_W_SECURITY_VIOLATION)
		return "pcscd refuses this user (polkit); README.md has a rule under \"Access denied\"";
	if (rc == SCARD_E_NO_SERVICE)
		return "Service not available; is pcscd there?";
	return pcsc_stringify_error(rc);
}

/* --- which reader --------------------------------------------------------------- */

static const char *
next_name(const char *name)
{
	return name + strlen(name) + 1;
}

static void
put_names(const char *readers, char *out, size_t size)
{
	const char *name;
	size_t n = 0;
	unsigned i = 0;

	for (name = readers; *name && n < size; name = next_name(name))
		n += (size_t)snprintf(out + n, size - n, "%s%u \"%s\"", i ? ", " : "", i, name),
			i++;
}

static const char *
nth(const char *readers, unsigned long n)
{
	const char *name;

	for (name = readers; *name && n > 0; name = next_name(name))
		n--;
	return *name ? name : NULL;
}

static const char *
by_part(const char *readers, const char *part, unsigned *matches)
{
	const char *name, *found = NULL;

	*matches = 0;
	for (name = readers; *name; name = next_name(name)) {
		if (!strstr(name, part))
			continue;
		found = name;
		++*matches;
		if (strcmp(name, part) == 0) {
			*matches = 1;
			break;
		}
	}
	return found;
}

const char *
relay_choose(const char *readers, const char *wanted, char *error, size_t size)
{
	const char *found;
	char names[1024] = "";
	unsigned matches = 1;
	char *end;
	unsigned long number = wanted && *wanted ? strtoul(wanted, &end, 10) : 0;
	bool is_number = wanted && *wanted >= '0' && *wanted <= '9' && *end == '\0';

	put_names(readers, names, sizeof(names));
	if (!*readers)
		found = NULL;
	else if (is_number)
		found = nth(readers, number);
	else
		found = by_part(readers, wanted ? wanted : "", &matches);
	if (found && matches == 1)
		return found;
	if (!*readers)
		snprintf(error, size, "there is no PC/SC reader");
	else if (!wanted)
		snprintf(error, size, "which PC/SC reader? --reader, one of %s", names);
	else
		snprintf(error, size, "--reader \"%s\" matches %s of %s", wanted,
			 found ? "more than one" : "none", names);
	return NULL;
}

/* --- the watching thread ----------------------------------------------------------- */

/* Look what is new: in so many ms, below a second. */
static void
ring(struct relay *r, int ms)
{
	const struct itimerspec in = { .it_value.tv_nsec = ms > 0 ? ms * 1000000L : 1 };

	timerfd_settime(r->tell, 0, &in, NULL);
}

static void
publish(struct relay *r, unsigned news)
{
	atomic_store(&r->news, news);
	ring(r, 0);
}

static bool
must_quit(const struct relay *r, int ms)
{
	struct pollfd p = { .fd = r->quit, .events = POLLIN };

	return poll(&p, 1, ms) == 1;
}

static bool
open_watch(struct relay *r)
{
	LONG rc;

	pthread_mutex_lock(&r->lock);
	rc = SCardEstablishContext(SCARD_SCOPE_SYSTEM, NULL, NULL, &r->watch_ctx);
	r->watching = rc == SCARD_S_SUCCESS;
	pthread_mutex_unlock(&r->lock);
	return r->watching;
}

static void
close_watch(struct relay *r)
{
	pthread_mutex_lock(&r->lock);
	if (r->watching)
		SCardReleaseContext(r->watch_ctx);
	r->watching = false;
	pthread_mutex_unlock(&r->lock);
}

static bool
is_listed(const struct relay *r)
{
	DWORD len = SCARD_AUTOALLOCATE;
	char *names = NULL;
	const char *name;
	bool listed = false;

	if (SCardListReaders(r->watch_ctx, NULL, (LPSTR)&names, &len) != SCARD_S_SUCCESS)
		return false;
	for (name = names; *name && !listed; name = next_name(name))
		listed = strcmp(name, r->reader) == 0;
	SCardFreeMemory(r->watch_ctx, names);
	return listed;
}

/* What an answer that is out of step looks like, see below; SUCCESS: of an unknown reader. */
static bool
is_nonsense(LONG rc)
{
	return rc == SCARD_S_SUCCESS || rc == SCARD_E_UNKNOWN_READER ||
	       rc == SCARD_E_UNSUPPORTED_FEATURE;
}

/*
 * Until we are to quit, or pcscd is gone, and with it the card, or it answers nonsense. True:
 * it did answer at first, and is worth another question at once.
 */
static bool
relay_watch(struct relay *r)
{
	SCARD_READERSTATE s = { .szReader = r->reader };
	bool answered = false;
	LONG rc = SCARD_S_SUCCESS;

	while (!must_quit(r, 0)) {
		rc = SCardGetStatusChange(r->watch_ctx, INFINITE, &s, 1);
		if (rc == SCARD_E_TIMEOUT)
			continue;
		if (rc != SCARD_S_SUCCESS || s.dwEventState & SCARD_STATE_UNKNOWN)
			break;
		answered = true;
		/* a mute card, too: to connect to it powers it again */
		publish(r, NEWS(COUNTER(s.dwEventState)) |
				   (s.dwEventState & SCARD_STATE_PRESENT ? NEWS_PRESENT : 0));
		s.dwCurrentState = s.dwEventState & ~(DWORD)SCARD_STATE_CHANGED;
	}
	if (is_nonsense(rc))
		return answered;
	publish(r, 0);
	return false;
}

/*
 * libpcsclite and pcscd from 2.5.0 on ask for events with one message and for the states
 * with another. An event in between is read as a part of the states: the reader is unknown
 * then, or the call fails, and the connection may stay out of step. So such an answer does
 * not count: a new connection is asked again.
 */
static void *
watch_for_ever(void *arg)
{
	struct relay *r = arg;
	int ms = 0;

	while (!must_quit(r, ms)) {
		ms = RETRY_MS;
		if (!open_watch(r) || !is_listed(r))
			publish(r, 0);
		else if (relay_watch(r))
			ms = 0;
		close_watch(r);
	}
	return NULL;
}

/* Signals are the process's own thread's business. */
static int
start_watching(struct relay *r)
{
	sigset_t all, before;
	int rc;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	rc = pthread_create(&r->thread, NULL, watch_for_ever, r);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	r->watched = rc == 0;
	return -rc;
}

static void
stop_watching(struct relay *r)
{
	if (!r->watched)
		return;
	eventfd_write(r->quit, 1);
	pthread_mutex_lock(&r->lock);
	if (r->watching)
		SCardCancel(r->watch_ctx);
	pthread_mutex_unlock(&r->lock);
	pthread_join(r->thread, NULL);
}

/* --- the card ----------------------------------------------------------------------- */

static void
let_go(struct relay *r)
{
	if (r->connected)
		SCardDisconnect(r->handle, SCARD_RESET_CARD);
	r->connected = r->fresh = false;
	r->atr_len = 0;
}

static LONG
read_atr(struct relay *r)
{
	DWORD len = sizeof(r->atr);
	LONG rc = SCardStatus(r->handle, NULL, NULL, NULL, NULL, r->atr, &len);

	r->atr_len = rc == SCARD_S_SUCCESS ? len : 0;
	return rc;
}

static LONG
connect_card(struct relay *r)
{
	LONG rc;

	/* a pcscd that was restarted knows nothing of the old one */
	SCardReleaseContext(r->ctx);
	rc = SCardEstablishContext(SCARD_SCOPE_SYSTEM, NULL, NULL, &r->ctx);
	if (rc != SCARD_S_SUCCESS)
		return rc;
	rc = SCardConnect(r->ctx, r->reader, r->share, PROTOCOLS, &r->handle, &r->protocol);
	r->connected = rc == SCARD_S_SUCCESS;
	if (rc == SCARD_S_SUCCESS)
		rc = read_atr(r);
	if (rc != SCARD_S_SUCCESS)
		let_go(r);
	return rc;
}

/* The news say that there is one: take it, unless somebody else has it. */
static bool
relay_take(struct relay *r, unsigned news)
{
	LONG rc = connect_card(r);

	if (rc == SCARD_S_SUCCESS) {
		r->held = news;
		r->complained = false;
		log_info(r->log, "the card in \"%s\" is ours", r->reader);
		return true;
	}
	if (!r->complained)
		log_error(r->log, "the card in \"%s\" cannot be had: %s; waiting for it", r->reader,
			  pcsc_text(rc));
	r->complained = true;
	/* nobody tells when it is let go of; what came meanwhile is not put off */
	ring(r, RETRY_MS);
	if (atomic_load(&r->news) != news)
		ring(r, 0);
	return false;
}

static int
relay_event(struct card *card, int *fd)
{
	struct relay *r = relay_of(card);
	uint64_t n;
	unsigned news;

	*fd = r->tell;
	if (read(r->tell, &n, sizeof(n)) < 0)
		n = 0; /* asked without being told: all the same */
	news = atomic_load(&r->news);
	if (r->atr_len > 0) {
		if (news == r->held)
			return 1;
		/* gone, or another one in its place: either way ours leaves first */
		let_go(r);
		log_info(r->log, "the card in \"%s\" has left", r->reader);
		if (news & NEWS_PRESENT)
			ring(r, 0);
		return 0;
	}
	return news & NEWS_PRESENT && relay_take(r, news);
}

static int
relay_atr(struct card *card, struct buf *out)
{
	const struct relay *r = relay_of(card);

	buf_put(out, r->atr, r->atr_len);
	return out->failed ? -ENOMEM : 0;
}

/* What pcscd says, in words of the machine; the card is lost. */
static int
lost(struct relay *r, LONG rc)
{
	log_error(r->log, "\"%s\": %s", r->reader, pcsc_stringify_error(rc));
	let_go(r);
	/* it may still be there, reset by another: then it comes back as a new one */
	ring(r, 0);
	return -ENODEV;
}

static int
relay_power(struct card *card, enum card_power what)
{
	struct relay *r = relay_of(card);
	DWORD how = what == CARD_RESET ? SCARD_RESET_CARD : SCARD_UNPOWER_CARD;
	LONG rc = SCARD_S_SUCCESS;

	if (r->atr_len == 0)
		return what == CARD_POWER_OFF ? 0 : -ENODEV;
	/* to let go of it would let others in: it is unpowered, and at once powered again */
	if (what != CARD_POWER_ON || !r->fresh) {
		rc = SCardReconnect(r->handle, r->share, PROTOCOLS, how, &r->protocol);
		if (rc == SCARD_S_SUCCESS)
			rc = read_atr(r);
	}
	r->fresh = what == CARD_POWER_OFF;
	return rc == SCARD_S_SUCCESS ? 0 : lost(r, rc);
}

/* T=0 has no room for data and an Le in one command: the reader would refuse it. */
static struct view
for_protocol(const struct relay *r, struct view cmd)
{
	if (r->protocol == SCARD_PROTOCOL_T0 && cmd.n > 5 && cmd.p[4] > 0 &&
	    cmd.n == (size_t)cmd.p[4] + 6)
		return view_slice(cmd, 0, cmd.n - 1);
	return cmd;
}

static int
relay_transmit(struct card *card, struct view cmd, struct buf *rsp)
{
	struct relay *r = relay_of(card);
	const SCARD_IO_REQUEST *pci;
	DWORD len = sizeof(r->rx);
	LONG rc;

	if (!r->connected)
		return -ENODEV;
	r->fresh = false;
	pci = r->protocol == SCARD_PROTOCOL_T1 ? SCARD_PCI_T1 : SCARD_PCI_T0;
	cmd = for_protocol(r, cmd);
	rc = SCardTransmit(r->handle, pci, cmd.p, cmd.n, NULL, r->rx, &len);
	if (rc != SCARD_S_SUCCESS)
		return lost(r, rc);
	buf_put(rsp, r->rx, len);
	explicit_bzero(r->rx, len);
	return rsp->failed || len < 2 ? -EPROTO : 0;
}

static void
relay_free(struct card *card)
{
	struct relay *r = relay_of(card);

	if (!r)
		return;
	stop_watching(r);
	let_go(r);
	SCardReleaseContext(r->ctx);
	if (r->tell >= 0)
		close(r->tell);
	if (r->quit >= 0)
		close(r->quit);
	pthread_mutex_destroy(&r->lock);
	free(r->reader);
	freezero(r, sizeof(*r));
}

static const struct card_ops relay_ops = {
	.atr = relay_atr,
	.power = relay_power,
	.transmit = relay_transmit,
	.event = relay_event,
	.free = relay_free,
};

/* --- beginning ------------------------------------------------------------------------- */

/* Whether this is the very slot that we are about to appear in: our driver says which it is. */
static bool
is_own_slot(const struct relay *r, const char *endpoint)
{
	char serial[256] = "";
	DWORD len = sizeof(serial) - 1, protocol;
	SCARDHANDLE h;
	size_t n, tail;

	if (!endpoint || SCardConnect(r->ctx, r->reader, SCARD_SHARE_DIRECT, 0, &h, &protocol) !=
				 SCARD_S_SUCCESS)
		return false;
	if (SCardGetAttrib(h, SCARD_ATTR_VENDOR_IFD_SERIAL_NO, (LPBYTE)serial, &len) !=
	    SCARD_S_SUCCESS)
		serial[0] = '\0';
	SCardDisconnect(h, SCARD_LEAVE_CARD);
	n = strlen(serial);
	tail = strlen(endpoint);
	return n >= tail && strcmp(serial + n - tail, endpoint) == 0 &&
	       (strncmp(serial, "listen:", 7) == 0 || strncmp(serial, "unix:", 5) == 0);
}

static bool
find_reader(struct relay *r, const struct card_config *cfg)
{
	char error[1400], *names = NULL;
	DWORD len = SCARD_AUTOALLOCATE;
	const char *found;
	LONG rc;

	rc = SCardEstablishContext(SCARD_SCOPE_SYSTEM, NULL, NULL, &r->ctx);
	if (rc == SCARD_S_SUCCESS)
		rc = SCardListReaders(r->ctx, NULL, (LPSTR)&names, &len);
	if (rc != SCARD_S_SUCCESS && rc != SCARD_E_NO_READERS_AVAILABLE) {
		log_error(r->log, "no PC/SC: %s", pcsc_text(rc));
		return false;
	}
	found = relay_choose(rc == SCARD_S_SUCCESS ? names : "", card_value(cfg, "reader"), error,
			     sizeof(error));
	if (found)
		r->reader = strdup(found);
	else
		log_error(r->log, "%s", error);
	if (names)
		SCardFreeMemory(r->ctx, names);
	if (!r->reader || !is_own_slot(r, cfg->endpoint))
		return r->reader;
	log_error(r->log, "\"%s\" is the slot that this card would go into: relay from another, or "
			  "choose another slot with --slot", r->reader);
	return false;
}

/* Said at the start only: later, cards come and go. */
static void
log_if_empty(const struct relay *r)
{
	SCARD_READERSTATE s = { .szReader = r->reader };

	if (SCardGetStatusChange(r->ctx, 0, &s, 1) == SCARD_S_SUCCESS &&
	    s.dwEventState & SCARD_STATE_EMPTY)
		log_notice(r->log, "no card in \"%s\"; waiting", r->reader);
}

static struct card *
relay_open(const struct card_type *t, const struct card_config *cfg, const struct card_env *env)
{
	struct relay *r = calloc(1, sizeof(*r));

	(void)t;
	if (!r) {
		log_error(env->log, "no memory for a card");
		return NULL;
	}
	r->card.ops = &relay_ops;
	r->log = env->log;
	r->share = card_value(cfg, "shared") ? SCARD_SHARE_SHARED : SCARD_SHARE_EXCLUSIVE;
	pthread_mutex_init(&r->lock, NULL);
	r->tell = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
	r->quit = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (r->tell >= 0 && r->quit >= 0 && find_reader(r, cfg) && start_watching(r) == 0) {
		log_if_empty(r);
		return &r->card;
	}
	relay_free(&r->card);
	return NULL;
}

static const char *
reader_fault(const char *value)
{
	return *value ? NULL : "the number of a PC/SC reader, or a part of its name";
}

static const struct card_option relay_options[] = {
	{ "reader", "READER", "relay the card in this PC/SC reader: number or name", reader_fault, 0 },
	{ "shared", NULL, "let others use the real card, too", NULL, 0 },
	{ .name = NULL },
};

const struct card_type relay_type = {
	.name = "relay",
	.summary = "a card in another PC/SC reader: --reader",
	.flags = CARD_FOREIGN_CODE,
	.options = relay_options,
	.open = relay_open,
};
