/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A PC/SC client for scripts.
 *
 *   pcscprobe ready PID        wait until that pcscd serves clients
 *   pcscprobe stop PID         end that process with SIGTERM, print how long it took
 *   pcscprobe list             each reader, and whether a card is in it
 *   pcscprobe latency READER PORT N   put a card in and out N times, print how
 *                              long SCardGetStatusChange takes to tell
 *   pcscprobe first READER N COMMAND...   start a card N times, print how long it
 *                              takes from exec to the answer to a first command
 *   pcscprobe hunt PID TEXT    exit 1 when the text is in that process's memory
 *   pcscprobe do READER STEP...   a session, step after step
 *
 * A step is NAME[:ARGUMENT][=WANTED][~RESULT,...]: what to do, the answer that
 * is wanted (hexadecimal, ?? for any byte) and the results that are (SUCCESS by
 * default; others as PC/SC names them, without SCARD_). The first step that ends
 * otherwise ends the session with exit 1. Nothing waits for ever.
 */
#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <reader.h>
#include <winscard.h>

#include "echo.h"

#define FAIL_PREFIX "pcscprobe"
#include "../program.h"

#define IPC_DIR "/run/pcscd"
#define PATIENCE_MS 60000
#define HUNT_MAX (1ul << 30)
#define REST_MS 400 /* the driver lets no card in right after one that was talked to */
#define TX_MAX (MAX_BUFFER_SIZE_EXTENDED + 16)
#define RX_MAX (ECHO_MAX + 16)

/* Results of our own, beside PC/SC's. */
#define PROBE_MISMATCH ((LONG)0x1001) /* success, but not the answer that was wanted */

static int patience_ms = PATIENCE_MS; /* E2E_PATIENCE, seconds, makes it longer */

static double
now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec * 1e3 + (double)ts.tv_nsec / 1e6;
}

static void
nap(int ms)
{
	struct timespec ts = { .tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000L };

	nanosleep(&ts, NULL);
}

/* --- names ---------------------------------------------------------------- */

struct named {
	const char *name;
	unsigned long value;
};

#define NAMED(x) { #x, (unsigned long)(uint32_t)SCARD_##x }
static const struct named results[] = {
	{ "SUCCESS", 0 },
	{ "MISMATCH", (unsigned long)PROBE_MISMATCH },
	NAMED(E_TIMEOUT), NAMED(E_NO_SMARTCARD), NAMED(E_NOT_TRANSACTED), NAMED(E_PROTO_MISMATCH),
	NAMED(E_INVALID_PARAMETER), NAMED(E_INVALID_VALUE), NAMED(E_INVALID_HANDLE),
	NAMED(E_INSUFFICIENT_BUFFER), NAMED(E_NO_SERVICE), NAMED(E_SERVICE_STOPPED),
	NAMED(E_UNKNOWN_READER), NAMED(E_READER_UNAVAILABLE), NAMED(E_NO_READERS_AVAILABLE),
	NAMED(E_SHARING_VIOLATION), NAMED(E_NOT_READY), NAMED(E_UNSUPPORTED_FEATURE),
	NAMED(E_NO_MEMORY), NAMED(F_COMM_ERROR), NAMED(F_INTERNAL_ERROR),
	NAMED(W_UNRESPONSIVE_CARD), NAMED(W_UNPOWERED_CARD), NAMED(W_RESET_CARD),
	NAMED(W_REMOVED_CARD), NAMED(W_UNSUPPORTED_CARD),
	{ NULL, 0 },
};

static const struct named attributes[] = {
	NAMED(ATTR_ATR_STRING), NAMED(ATTR_ICC_PRESENCE), NAMED(ATTR_ICC_INTERFACE_STATUS),
	NAMED(ATTR_ICC_TYPE_PER_ATR), NAMED(ATTR_VENDOR_NAME), NAMED(ATTR_VENDOR_IFD_TYPE),
	NAMED(ATTR_VENDOR_IFD_VERSION), NAMED(ATTR_VENDOR_IFD_SERIAL_NO), NAMED(ATTR_CHANNEL_ID),
	NAMED(ATTR_MAXINPUT), NAMED(ATTR_ASYNC_PROTOCOL_TYPES), NAMED(ATTR_CURRENT_PROTOCOL_TYPE),
	NAMED(ATTR_DEVICE_FRIENDLY_NAME), NAMED(ATTR_MAX_CLK),
	{ NULL, 0 },
};

static const char *
result_name(LONG rc)
{
	static char text[16];
	const struct named *n;

	for (n = results; n->name; n++)
		if (n->value == (unsigned long)(uint32_t)rc)
			return n->name;
	snprintf(text, sizeof(text), "%08lX", (unsigned long)(uint32_t)rc);
	return text;
}

/* Whether name is an item of the comma-separated list. */
static bool
listed(const char *list, const char *name)
{
	size_t n = strlen(name), k;

	for (; *list; list += k + (list[k] == ',')) {
		k = strcspn(list, ",");
		if (k == n && strncmp(list, name, n) == 0)
			return true;
	}
	return false;
}

/* --- a session ------------------------------------------------------------ */

struct probe {
	SCARDCONTEXT ctx;
	SCARDHANDLE card;
	const char *reader;
	DWORD protocol;
	uint8_t id;    /* of the badcard that is to answer */
	uint32_t seq;  /* makes every command another */
	uint8_t tx[TX_MAX], rx[RX_MAX];
	DWORD rx_len;
};

typedef LONG step_fn(struct probe *p, const char *arg, const char *want);

static unsigned long
number(const char *s, unsigned long absent)
{
	char *rest;
	unsigned long v;

	if (*s == '\0')
		return absent;
	v = strtoul(s, &rest, 0);
	if (*rest != '\0')
		fail("%s is no number", s);
	return v;
}

static size_t
unhex(const char *s, uint8_t *out, size_t max)
{
	size_t n = 0;
	unsigned v;

	for (; *s; s += 2) {
		if (n == max || !isxdigit((unsigned char)s[0]) || !isxdigit((unsigned char)s[1]))
			fail("bad hexadecimal: %s", s);
		sscanf(s, "%2x", &v);
		out[n++] = (uint8_t)v;
	}
	return n;
}

/* Whether the bytes are as the pattern has them; without a pattern they are. */
static bool
matches(const char *pattern, const uint8_t *p, size_t n)
{
	char byte[3];
	size_t i;

	if (!pattern)
		return true;
	if (strlen(pattern) != 2 * n)
		return false;
	for (i = 0; i < n; i++, pattern += 2) {
		snprintf(byte, sizeof(byte), "%02X", p[i]);
		if (strncmp(pattern, "??", 2) != 0 && strncasecmp(pattern, byte, 2) != 0)
			return false;
	}
	return true;
}

static void
print_bytes(const uint8_t *p, size_t n)
{
	size_t i;

	for (i = 0; i < n && i < 64; i++)
		printf("%02X", p[i]);
	if (n > 64)
		printf("... %zu bytes", n);
	putchar('\n');
}

/* Print bytes, and whether they are the wanted ones. */
static LONG
judge(const char *want, const uint8_t *p, size_t n)
{
	print_bytes(p, n);
	return matches(want, p, n) ? SCARD_S_SUCCESS : PROBE_MISMATCH;
}

/*
 * One look at the reader's state, or one wait for it to become another, in a
 * connection of its own: in pcsc-lite 2.5 an event that comes while a client asks
 * for the states is taken for their number, and the connection is out of step.
 */
static LONG
await_change(SCARD_READERSTATE *s, DWORD ms)
{
	SCARDCONTEXT ctx;
	LONG rc = SCardEstablishContext(SCARD_SCOPE_SYSTEM, NULL, NULL, &ctx);

	if (rc != SCARD_S_SUCCESS)
		return rc;
	rc = SCardGetStatusChange(ctx, ms, s, 1);
	SCardReleaseContext(ctx);
	return rc;
}

/*
 * Wait until the reader's state has all of mask on, or off. In slices: what
 * happens between pcscd's telling the state and its knowing that somebody waits,
 * it tells nobody.
 */
static LONG
await_state(struct probe *p, DWORD mask, bool on, int ms)
{
	SCARD_READERSTATE s = { .szReader = p->reader, .dwCurrentState = SCARD_STATE_UNAWARE };
	double end = now_ms() + ms, left;
	LONG rc;

	for (;;) {
		left = end - now_ms();
		rc = await_change(&s, left < 0 ? 0 : left < 1000 ? (DWORD)left : 1000);
		if (rc == SCARD_S_SUCCESS && ((s.dwEventState & mask) != 0) == on)
			return SCARD_S_SUCCESS;
		if (left <= 0)
			return rc == SCARD_S_SUCCESS ? SCARD_E_TIMEOUT : rc;
		if (rc == SCARD_S_SUCCESS)
			s.dwCurrentState = s.dwEventState;
		else if (rc != (LONG)SCARD_E_TIMEOUT)
			nap(20);
	}
}

static LONG
step_present(struct probe *p, const char *arg, const char *want)
{
	(void)want;
	return await_state(p, SCARD_STATE_PRESENT, true,
			   (int)number(arg, (unsigned long)patience_ms));
}

static LONG
step_absent(struct probe *p, const char *arg, const char *want)
{
	(void)want;
	return await_state(p, SCARD_STATE_PRESENT, false,
			   (int)number(arg, (unsigned long)patience_ms));
}

/* Until nobody holds the card: pcscd lets go of a client that has died in a thread of its own. */
static LONG
step_unused(struct probe *p, const char *arg, const char *want)
{
	(void)want;
	return await_state(p, SCARD_STATE_INUSE | SCARD_STATE_EXCLUSIVE, false,
			   (int)number(arg, (unsigned long)patience_ms));
}

static LONG
step_mute(struct probe *p, const char *arg, const char *want)
{
	(void)want;
	return await_state(p, SCARD_STATE_MUTE, true, (int)number(arg, (unsigned long)patience_ms));
}

static DWORD
protocols(const char *arg)
{
	if (strcmp(arg, "T0") == 0)
		return SCARD_PROTOCOL_T0;
	if (strcmp(arg, "T1") == 0)
		return SCARD_PROTOCOL_T1;
	if (strcmp(arg, "RAW") == 0)
		return SCARD_PROTOCOL_RAW;
	if (*arg != '\0')
		fail("protocol %s: want T0, T1 or RAW", arg);
	return SCARD_PROTOCOL_ANY;
}

static LONG
step_connect(struct probe *p, const char *arg, const char *want)
{
	(void)want;
	return SCardConnect(p->ctx, p->reader, SCARD_SHARE_SHARED, protocols(arg), &p->card,
			    &p->protocol);
}

static LONG
step_direct(struct probe *p, const char *arg, const char *want)
{
	(void)arg;
	(void)want;
	return SCardConnect(p->ctx, p->reader, SCARD_SHARE_DIRECT, 0, &p->card, &p->protocol);
}

static DWORD
disposition(const char *arg)
{
	if (strcmp(arg, "reset") == 0)
		return SCARD_RESET_CARD;
	if (strcmp(arg, "unpower") == 0)
		return SCARD_UNPOWER_CARD;
	if (*arg != '\0')
		fail("%s: want reset or unpower", arg);
	return SCARD_LEAVE_CARD;
}

static LONG
step_reconnect(struct probe *p, const char *arg, const char *want)
{
	(void)want;
	return SCardReconnect(p->card, SCARD_SHARE_SHARED, SCARD_PROTOCOL_ANY, disposition(arg),
			      &p->protocol);
}

static LONG
step_disconnect(struct probe *p, const char *arg, const char *want)
{
	(void)want;
	return SCardDisconnect(p->card, disposition(arg));
}

static LONG
step_begin(struct probe *p, const char *arg, const char *want)
{
	(void)arg;
	(void)want;
	return SCardBeginTransaction(p->card);
}

static LONG
step_end(struct probe *p, const char *arg, const char *want)
{
	(void)arg;
	(void)want;
	return SCardEndTransaction(p->card, SCARD_LEAVE_CARD);
}

static LONG
transmit(struct probe *p, size_t n)
{
	const SCARD_IO_REQUEST *pci =
		p->protocol == SCARD_PROTOCOL_T1 ? SCARD_PCI_T1 : SCARD_PCI_T0;

	p->rx_len = sizeof(p->rx);
	return SCardTransmit(p->card, pci, p->tx, (DWORD)n, NULL, p->rx, &p->rx_len);
}

static LONG
step_apdu(struct probe *p, const char *arg, const char *want)
{
	LONG rc = transmit(p, unhex(arg, p->tx, sizeof(p->tx)));

	return rc == SCARD_S_SUCCESS ? judge(want, p->rx, p->rx_len) : rc;
}

/* That many zero bytes instead of an APDU. */
static LONG
step_raw(struct probe *p, const char *arg, const char *want)
{
	size_t n = number(arg, 0);
	LONG rc;

	if (n > sizeof(p->tx))
		fail("raw: at most %zu", sizeof(p->tx));
	memset(p->tx, 0, n);
	rc = transmit(p, n);
	return rc == SCARD_S_SUCCESS ? judge(want, p->rx, p->rx_len) : rc;
}

/* Send what is in tx, which no command before was like, and check the echo. */
static LONG
exchange(struct probe *p, size_t n)
{
	static uint8_t expected[ECHO_MAX];
	size_t size = echo_size(p->tx, n);
	LONG rc = transmit(p, n);

	if (rc != SCARD_S_SUCCESS)
		return rc;
	echo_fill(expected, size, p->tx, n, p->id);
	if (p->rx_len == size && memcmp(p->rx, expected, size) == 0)
		return SCARD_S_SUCCESS;
	printf("%zu bytes wanted, got %lu: ", size, (unsigned long)p->rx_len);
	print_bytes(p->rx, p->rx_len);
	return PROBE_MISMATCH;
}

/* Header, then a number that is new, then filling; n in all, at least 13. */
static void
compose(struct probe *p, uint8_t ins, uint16_t p1p2, size_t n)
{
	uint32_t nonce[2] = { (uint32_t)getpid(), ++p->seq };
	uint8_t header[] = { 0x80, ins, (uint8_t)(p1p2 >> 8), (uint8_t)p1p2, (uint8_t)(n - 5) };
	size_t i;

	memcpy(p->tx, header, sizeof(header));
	for (i = sizeof(header); i < n; i++)
		p->tx[i] = (uint8_t)(i * 7 + i / 256);
	memcpy(p->tx + sizeof(header), nonce, sizeof(nonce));
}

/* A command of n bytes (13), whose answer proves itself. */
static LONG
step_echo(struct probe *p, const char *arg, const char *want)
{
	size_t n = number(arg, 13);

	(void)want;
	if (n < 13 || n > sizeof(p->tx))
		fail("echo: want 13..%zu", sizeof(p->tx));
	compose(p, 0x84, 0, n);
	return exchange(p, n);
}

/* A small command with an answer of n bytes. */
static LONG
step_ask(struct probe *p, const char *arg, const char *want)
{
	(void)want;
	compose(p, ECHO_INS_SIZED, (uint16_t)number(arg, 2), 13);
	return exchange(p, 13);
}

static void
print_figures(const char *what, double *v, size_t n)
{
	qsort(v, n, sizeof(*v), by_value);
	printf("FIGURE %s: p50 %.3f ms, p95 %.3f ms, worst %.3f ms, n %zu\n", what, v[n / 2],
	       v[n * 95 / 100], v[n - 1], n);
}

/* echo n times, with figures. */
static LONG
step_echoes(struct probe *p, const char *arg, const char *want)
{
	size_t n = number(arg, 100), i;
	double *took = calloc(n, sizeof(*took)), start;
	LONG rc = SCARD_S_SUCCESS;

	if (!took)
		fail("no memory");
	for (i = 0; i < n && rc == SCARD_S_SUCCESS; i++) {
		start = now_ms();
		rc = step_echo(p, "", want);
		took[i] = now_ms() - start;
	}
	if (rc == SCARD_S_SUCCESS)
		print_figures("APDU", took, n);
	free(took);
	return rc;
}

static volatile sig_atomic_t asked_to_end;

static void
on_term(int sig)
{
	(void)sig;
	asked_to_end = 1;
}

/* echo until SIGTERM comes: whatever happens elsewhere, here nothing may. */
static LONG
step_steady(struct probe *p, const char *arg, const char *want)
{
	struct sigaction sa = { .sa_handler = on_term };
	double worst = 0, start, took;
	unsigned long n = 0;
	LONG rc = SCARD_S_SUCCESS;

	(void)arg;
	sigaction(SIGTERM, &sa, NULL);
	printf("steady\n");
	fflush(stdout);
	for (; !asked_to_end && rc == SCARD_S_SUCCESS; n++) {
		start = now_ms();
		rc = step_echo(p, "", want);
		took = now_ms() - start;
		worst = took > worst ? took : worst;
		nap(10);
		alarm((unsigned)(patience_ms / 1000 * 10));
	}
	printf("FIGURE the other slot: %lu commands, worst %.3f ms\n", n, worst);
	return rc;
}

static LONG
step_id(struct probe *p, const char *arg, const char *want)
{
	(void)want;
	p->id = (uint8_t)number(arg, 0);
	return SCARD_S_SUCCESS;
}

static LONG
step_atr(struct probe *p, const char *arg, const char *want)
{
	uint8_t atr[MAX_ATR_SIZE];
	DWORD atr_len = sizeof(atr), state, protocol;
	LONG rc = SCardStatus(p->card, NULL, NULL, &state, &protocol, atr, &atr_len);

	(void)arg;
	return rc == SCARD_S_SUCCESS ? judge(want, atr, atr_len) : rc;
}

/* =T0, =T1: the protocol in use */
static LONG
step_protocol(struct probe *p, const char *arg, const char *want)
{
	const char *name = p->protocol == SCARD_PROTOCOL_T0 ? "T0" :
			   p->protocol == SCARD_PROTOCOL_T1 ? "T1" : "other";

	(void)arg;
	printf("%s\n", name);
	return !want || strcmp(want, name) == 0 ? SCARD_S_SUCCESS : PROBE_MISMATCH;
}

/* attr:NAME or attr:0xTAG */
static LONG
step_attr(struct probe *p, const char *arg, const char *want)
{
	const struct named *n;
	unsigned long tag;
	LONG rc;

	for (n = attributes; n->name; n++)
		if (strcmp(n->name + strlen("ATTR_"), arg) == 0)
			break;
	tag = n->name ? n->value : number(arg, 0);
	p->rx_len = MAX_BUFFER_SIZE;
	rc = SCardGetAttrib(p->card, (DWORD)tag, p->rx, &p->rx_len);
	return rc == SCARD_S_SUCCESS ? judge(want, p->rx, p->rx_len) : rc;
}

/* control:CODE or control:CODE,MAX: an answer buffer of only MAX bytes */
static LONG
step_control(struct probe *p, const char *arg, const char *want)
{
	char code[32];
	const char *comma = strchr(arg, ',');
	DWORD room = comma ? (DWORD)number(comma + 1, 0) : sizeof(p->rx);
	LONG rc;

	snprintf(code, sizeof(code), "%.*s", (int)strcspn(arg, ","), arg);
	rc = SCardControl(p->card, (DWORD)number(code, CM_IOCTL_GET_FEATURE_REQUEST), p->tx, 0,
			  p->rx, room, &p->rx_len);
	return rc == SCARD_S_SUCCESS ? judge(want, p->rx, p->rx_len) : rc;
}

/* A feature of Part 10, found as a client finds it, with bytes in hexadecimal. */
static LONG
feature(struct probe *p, uint8_t tag, const char *arg, const char *want)
{
	const PCSC_TLV_STRUCTURE *f = (const void *)p->rx;
	LONG rc = SCardControl(p->card, CM_IOCTL_GET_FEATURE_REQUEST, NULL, 0, p->rx,
			       sizeof(p->rx), &p->rx_len);
	size_t len = unhex(arg, p->tx, sizeof(p->tx));
	DWORD i, n = p->rx_len / sizeof(*f);

	for (i = 0; rc == SCARD_S_SUCCESS && i < n; i++) {
		if (f[i].tag != tag)
			continue;
		rc = SCardControl(p->card, ntohl(f[i].value), p->tx, (DWORD)len, p->rx,
				  sizeof(p->rx), &p->rx_len);
		return rc == SCARD_S_SUCCESS ? judge(want, p->rx, p->rx_len) : rc;
	}
	return rc == SCARD_S_SUCCESS ? SCARD_E_UNSUPPORTED_FEATURE : rc;
}

static LONG
step_properties(struct probe *p, const char *arg, const char *want)
{
	return feature(p, FEATURE_GET_TLV_PROPERTIES, arg, want);
}

/* verify:HEX, modify:HEX: a PIN is entered at the reader, as this structure says */
static LONG
step_verify(struct probe *p, const char *arg, const char *want)
{
	return feature(p, FEATURE_VERIFY_PIN_DIRECT, arg, want);
}

static LONG
step_modify(struct probe *p, const char *arg, const char *want)
{
	return feature(p, FEATURE_MODIFY_PIN_DIRECT, arg, want);
}

static LONG
step_sleep(struct probe *p, const char *arg, const char *want)
{
	(void)p;
	(void)want;
	nap((int)number(arg, 10));
	return SCARD_S_SUCCESS;
}

/* run:COMMAND, in the middle of the session */
static LONG
step_run(struct probe *p, const char *arg, const char *want)
{
	(void)p;
	(void)want;
	fflush(stdout);
	return system(arg) == 0 ? SCARD_S_SUCCESS : PROBE_MISMATCH;
}

static const struct step {
	const char *name;
	step_fn *fn;
} steps[] = {
	{ "present", step_present },
	{ "absent", step_absent },
	{ "unused", step_unused },
	{ "mute", step_mute },
	{ "connect", step_connect },
	{ "direct", step_direct },
	{ "reconnect", step_reconnect },
	{ "disconnect", step_disconnect },
	{ "begin", step_begin },
	{ "end", step_end },
	{ "apdu", step_apdu },
	{ "raw", step_raw },
	{ "echo", step_echo },
	{ "ask", step_ask },
	{ "echoes", step_echoes },
	{ "steady", step_steady },
	{ "id", step_id },
	{ "atr", step_atr },
	{ "protocol", step_protocol },
	{ "attr", step_attr },
	{ "control", step_control },
	{ "properties", step_properties },
	{ "verify", step_verify },
	{ "modify", step_modify },
	{ "sleep", step_sleep },
	{ "run", step_run },
	{ NULL, NULL },
};

static const struct step *
step_find(const char *name)
{
	const struct step *s;

	for (s = steps; s->name; s++)
		if (strcmp(s->name, name) == 0)
			return s;
	fail("what is step %s?", name);
}

/* Cut text at the first c; returns what is behind it, or NULL. */
static char *
cut(char *text, int c)
{
	char *at = strchr(text, c);

	if (at)
		*at++ = '\0';
	return at;
}

static void
run_step(struct probe *p, const char *word)
{
	char *text = strdup(word), *arg, *want = NULL, *allowed = NULL;
	const char *got;
	double start;
	LONG rc;

	if (!text)
		fail("no memory");
	if (strncmp(text, "run:", 4) != 0) {
		allowed = cut(text, '~');
		want = cut(text, '=');
	}
	arg = cut(text, ':');
	alarm((unsigned)(patience_ms / 1000 * 6));
	start = now_ms();
	rc = step_find(text)->fn(p, arg ? arg : "", want);
	got = result_name(rc);
	printf("%s: %s (%.1f ms)\n", word, got, now_ms() - start);
	if (!listed(allowed ? allowed : "SUCCESS", got))
		fail("%s ended with %s", word, got);
	free(text);
}

static int
session(const char *reader, char **words)
{
	static struct probe p;
	LONG rc;

	p.reader = reader;
	rc = SCardEstablishContext(SCARD_SCOPE_SYSTEM, NULL, NULL, &p.ctx);
	if (rc != SCARD_S_SUCCESS)
		fail("no pcscd: %s", result_name(rc));
	for (; *words; words++)
		run_step(&p, *words);
	SCardReleaseContext(p.ctx);
	return 0;
}

/* --- latency -------------------------------------------------------------- */

/* Shared with the child that plays the card. */
struct clock {
	volatile double moved; /* ms, when the card went in or out */
};

static int
dial(uint16_t port)
{
	struct sockaddr_in sin = { .sin_family = AF_INET, .sin_port = htons(port) };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	sin.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (fd < 0 || connect(fd, (struct sockaddr *)&sin, sizeof(sin)) < 0)
		fail("port %u: %s", port, strerror(errno));
	return fd;
}

/* Answer what an idle card is asked, until the parent says that it is to go. */
static void
play_card(int fd, int parent)
{
	static const uint8_t atr[] = { 0, 5, 0x3B, 0x80, 0x80, 0x01, 0x01 };
	struct pollfd fds[] = { { .fd = fd, .events = POLLIN },
				{ .fd = parent, .events = POLLIN } };
	uint8_t frame[64];
	ssize_t n, i;

	while (poll(fds, 2, -1) > 0 && !fds[1].revents) {
		n = recv(fd, frame, sizeof(frame), 0);
		if (n <= 0)
			fail("the reader closed the card's connection");
		/* controls only: three bytes each, and never cut on loopback */
		for (i = 0; i + 3 <= n; i += 3)
			if (frame[i + 2] == 4 && send(fd, atr, sizeof(atr), MSG_NOSIGNAL) < 0)
				fail("send: %s", strerror(errno));
	}
}

static void __attribute__((noreturn))
card_child(uint16_t port, unsigned n, int parent, struct clock *c)
{
	char byte;
	int fd;

	while (n-- > 0 && read(parent, &byte, 1) == 1) {
		nap(5 + (int)(n % 7));
		c->moved = now_ms();
		fd = dial(port);
		play_card(fd, parent);
		if (read(parent, &byte, 1) != 1)
			break;
		nap(5 + (int)(n % 7));
		c->moved = now_ms();
		close(fd);
	}
	_exit(0);
}

static double
measure_move(struct probe *p, int child, bool in, const struct clock *c)
{
	LONG rc;

	if (write(child, "x", 1) != 1)
		fail("the card has ended");
	rc = await_state(p, SCARD_STATE_PRESENT, in, patience_ms);
	if (rc != SCARD_S_SUCCESS)
		fail("waiting for the card to %s: %s", in ? "come" : "go", result_name(rc));
	return now_ms() - c->moved;
}

static int
latency(const char *reader, uint16_t port, unsigned n)
{
	static struct probe p;
	struct clock *c =
		mmap(NULL, sizeof(*c), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	double *in = calloc(n, sizeof(*in)), *out = calloc(n, sizeof(*out));
	int pair[2], status;
	unsigned i;
	pid_t child;

	if (c == MAP_FAILED || !in || !out || socketpair(AF_UNIX, SOCK_STREAM, 0, pair) < 0)
		fail("%s", strerror(errno));
	child = fork();
	if (child == 0)
		card_child(port, n, pair[1], c);
	close(pair[1]);
	p.reader = reader;
	if (child < 0 ||
	    SCardEstablishContext(SCARD_SCOPE_SYSTEM, NULL, NULL, &p.ctx) != SCARD_S_SUCCESS)
		fail("no child or no pcscd");
	for (i = 0; i < n; i++) {
		alarm((unsigned)(patience_ms / 1000 * 3));
		in[i] = measure_move(&p, pair[0], true, c);
		out[i] = measure_move(&p, pair[0], false, c);
	}
	print_figures("insertion", in, n);
	print_figures("removal", out, n);
	free(in);
	free(out);
	SCardReleaseContext(p.ctx);
	return waitpid(child, &status, 0) == child && status == 0 ? 0 : 1;
}

/* --- the first command ---------------------------------------------------- */

/* ms from the start of a card to the answer to its first command. */
static double
first_answer(struct probe *p, char **argv)
{
	static const uint8_t challenge[] = { 0x00, 0x84, 0x00, 0x00, 0x08 };
	const SCARD_IO_REQUEST *pci;
	double began = now_ms(), took;
	pid_t pid = launch(argv);
	int status;
	LONG rc;

	rc = await_state(p, SCARD_STATE_PRESENT, true, patience_ms);
	if (rc == SCARD_S_SUCCESS)
		rc = SCardConnect(p->ctx, p->reader, SCARD_SHARE_SHARED,
				  SCARD_PROTOCOL_T0 | SCARD_PROTOCOL_T1, &p->card, &p->protocol);
	pci = p->protocol == SCARD_PROTOCOL_T0 ? SCARD_PCI_T0 : SCARD_PCI_T1;
	p->rx_len = sizeof(p->rx);
	if (rc == SCARD_S_SUCCESS)
		rc = SCardTransmit(p->card, pci, challenge, sizeof(challenge), NULL, p->rx,
				   &p->rx_len);
	took = now_ms() - began;
	if (rc != SCARD_S_SUCCESS || p->rx_len < 2)
		fail("no answer from a card just started: %s", result_name(rc));
	SCardDisconnect(p->card, SCARD_LEAVE_CARD);
	kill(pid, SIGTERM);
	if (waitpid(pid, &status, 0) != pid || status != 0)
		fail("the card ended with %d", status);
	rc = await_state(p, SCARD_STATE_PRESENT, false, patience_ms);
	if (rc != SCARD_S_SUCCESS)
		fail("the card is still there: %s", result_name(rc));
	return took;
}

static int
first(const char *reader, unsigned n, char **argv)
{
	static struct probe p;
	double *took = calloc(n, sizeof(*took));
	unsigned i;

	p.reader = reader;
	if (!took ||
	    SCardEstablishContext(SCARD_SCOPE_SYSTEM, NULL, NULL, &p.ctx) != SCARD_S_SUCCESS)
		fail("no pcscd");
	for (i = 0; i < n; i++) {
		alarm((unsigned)(patience_ms / 1000 * 3));
		took[i] = first_answer(&p, argv);
		usleep(REST_MS * 1000);
	}
	print_figures("first", took, n);
	free(took);
	SCardReleaseContext(p.ctx);
	return 0;
}

/* --- processes ------------------------------------------------------------ */

static int
open_pid(const char *pid)
{
	int fd = (int)syscall(SYS_pidfd_open, (pid_t)number(pid, 0), 0);

	if (fd < 0)
		fail("process %s: %s", pid, strerror(errno));
	return fd;
}

static bool
serves(void)
{
	SCARDCONTEXT ctx;

	if (SCardEstablishContext(SCARD_SCOPE_SYSTEM, NULL, NULL, &ctx) != SCARD_S_SUCCESS)
		return false;
	SCardReleaseContext(ctx);
	return true;
}

static int
ready(const char *pid)
{
	struct pollfd fds[] = {
		{ .fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK), .events = POLLIN },
		{ .fd = open_pid(pid), .events = POLLIN },
	};
	double start = now_ms();
	char events[4096];

	if (inotify_add_watch(fds[0].fd, IPC_DIR, IN_CREATE | IN_ATTRIB) < 0)
		fail(IPC_DIR ": %s", strerror(errno));
	while (!serves()) {
		/* the socket appears before it listens: look again soon after */
		poll(fds, 2, 20);
		if (fds[1].revents)
			fail("pcscd has ended");
		if (now_ms() - start > patience_ms)
			fail("pcscd is not ready after %d ms", patience_ms);
		while (read(fds[0].fd, events, sizeof(events)) > 0)
			;
	}
	printf("pcscd serves after %.1f ms\n", now_ms() - start);
	return 0;
}

static int
stop(const char *pid)
{
	struct pollfd p = { .fd = open_pid(pid), .events = POLLIN };
	double start = now_ms();

	kill((pid_t)number(pid, 0), SIGTERM);
	if (poll(&p, 1, patience_ms) != 1)
		fail("process %s runs on %d ms after SIGTERM", pid, patience_ms);
	printf("%.0f\n", now_ms() - start);
	return 0;
}

static int
list(void)
{
	SCARDCONTEXT ctx;
	SCARD_READERSTATE s;
	char names[8192], *name;
	DWORD len = sizeof(names);
	LONG rc = SCardEstablishContext(SCARD_SCOPE_SYSTEM, NULL, NULL, &ctx);

	if (rc == SCARD_S_SUCCESS)
		rc = SCardListReaders(ctx, NULL, names, &len);
	if (rc != SCARD_S_SUCCESS)
		fail("%s", result_name(rc));
	for (name = names; *name; name += strlen(name) + 1) {
		s = (SCARD_READERSTATE) { .szReader = name };
		await_change(&s, 0);
		printf("%s: %s\n", name, s.dwEventState & SCARD_STATE_PRESENT ? "card" : "empty");
	}
	SCardReleaseContext(ctx);
	return 0;
}

/* --- hunt ----------------------------------------------------------------- */

/* Where text is in memory from..to of the process, once. */
static bool
hunt_in(int mem, unsigned long from, unsigned long to, const char *text)
{
	static uint8_t some[1 << 20];
	size_t overlap = strlen(text) - 1;
	ssize_t n;

	while (from < to) {
		n = pread(mem, some, to - from < sizeof(some) ? to - from : sizeof(some),
			  (off_t)from);
		if (n <= (ssize_t)overlap)
			return false;
		if (memmem(some, (size_t)n, text, strlen(text)))
			return true;
		from += (unsigned long)n - overlap;
	}
	return false;
}

/* Exit 1 when the text is in memory that the process can write to. */
static int
hunt(const char *pid, const char *text)
{
	char path[64], line[512];
	unsigned long from, to, found = 0, regions = 0;
	int mem;
	FILE *maps;

	snprintf(path, sizeof(path), "/proc/%s/mem", pid);
	mem = open(path, O_RDONLY | O_CLOEXEC);
	snprintf(path, sizeof(path), "/proc/%s/maps", pid);
	maps = fopen(path, "r");
	if (mem < 0 || !maps)
		fail("cannot look into process %s: %s", pid, strerror(errno));
	while (fgets(line, sizeof(line), maps)) {
		if (sscanf(line, "%lx-%lx rw", &from, &to) != 2 || !strstr(line, " rw"))
			continue;
		/* a sanitizer's shadow is as large as all that there could be */
		if (to - from > HUNT_MAX)
			continue;
		regions++;
		if (!hunt_in(mem, from, to, text))
			continue;
		found++;
		printf("found in %s", line);
	}
	fclose(maps);
	close(mem);
	if (regions == 0)
		fail("process %s has no memory", pid);
	return found > 0;
}

int
main(int argc, char **argv)
{
	const char *seconds = getenv("E2E_PATIENCE");
	const char *what = argc > 1 ? argv[1] : "";

	if (seconds)
		patience_ms = (int)number(seconds, PATIENCE_MS / 1000) * 1000;
	setvbuf(stdout, NULL, _IOLBF, 0);
	alarm((unsigned)(patience_ms / 1000 * 6));
	if (strcmp(what, "ready") == 0 && argc == 3)
		return ready(argv[2]);
	if (strcmp(what, "stop") == 0 && argc == 3)
		return stop(argv[2]);
	if (strcmp(what, "list") == 0 && argc == 2)
		return list();
	if (strcmp(what, "latency") == 0 && argc == 5)
		return latency(argv[2], (uint16_t)number(argv[3], 0), (unsigned)number(argv[4], 0));
	if (strcmp(what, "first") == 0 && argc > 4)
		return first(argv[2], (unsigned)number(argv[3], 0), argv + 4);
	if (strcmp(what, "hunt") == 0 && argc == 4)
		return hunt(argv[2], argv[3]);
	if (strcmp(what, "do") == 0 && argc > 3)
		return session(argv[2], argv + 3);
	fputs("usage: pcscprobe ready PID | stop PID | list | latency READER PORT N |\n"
	      "       first READER N COMMAND... | hunt PID TEXT | do READER STEP...\n",
	      stderr);
	return 2;
}
