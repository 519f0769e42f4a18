/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What takes how long, as a PC/SC client sees it. All times are microseconds.
 *
 *   bench operations ROUNDS BETWEEN SUBJECT...
 *       every operation with every subject, in small blocks one after the other,
 *       ROUNDS times; the shell command BETWEEN is run in every fifth. A subject
 *       is LABEL:CLASSES:READER (see operations[]); READER tcp or unix is a bare
 *       ping-pong, port=N a card that connects to us, disk=FOLDER a file in there
 *       that is replaced. Prints LABEL,OPERATION,N,MIN,P50,P99.
 *   bench rate SECONDS READER...
 *       GET CHALLENGE in all readers at once, a client each. Prints
 *       READERS,RATE,P50,WORST-P99,SLOWEST/FASTEST.
 *   bench moves N LABEL READER PORT        cards that come and go: insertion, removal
 *   bench start N LABEL PORT COMMAND...    a card's exec to its ATR
 *   bench first N LABEL READER COMMAND...  a card's exec to its first answer
 */
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>

#include <winscard.h>

#include "bare.h"

#define FAIL_PREFIX "bench"
#include "../program.h"

#define SUBJECTS_MAX 24
#define RX_MAX 65544
#define PATIENCE_MS 60000 /* drivers that look into one slot after the other need it */
#define REST_MS 400 /* our driver lets no card in right after one that was talked to */
#define PREPARED_MAX 3
#define RATE_SAMPLES_MAX 400000

/* --- samples -------------------------------------------------------------- */

struct samples {
	double *v;
	size_t n, room;
};

static void
keep(struct samples *s, double took)
{
	if (s->n == s->room) {
		s->room = s->room ? 2 * s->room : 256;
		s->v = realloc(s->v, s->room * sizeof(*s->v));
		if (!s->v)
			fail("no memory");
	}
	s->v[s->n++] = took;
}

/* Of sorted samples. */
static double
part(const struct samples *s, unsigned percent)
{
	return s->v[s->n * percent / 100];
}

static void
print(const char *label, const char *what, struct samples *s)
{
	if (s->n == 0)
		return;
	qsort(s->v, s->n, sizeof(*s->v), by_value);
	printf("%s,%s,%zu,%.2f,%.2f,%.2f\n", label, what, s->n, s->v[0], part(s, 50), part(s, 99));
	free(s->v);
	*s = (struct samples) { 0 };
}

/* --- whom we measure ------------------------------------------------------ */

struct subject {
	const char *label, *classes, *reader;
	int fd; /* of a ping-pong or a folder, or -1 */
	SCARDCONTEXT ctx;
	SCARDHANDLE card;
	DWORD protocol;
	uint8_t rx[RX_MAX];
	DWORD rx_len;
};

static void
check(const struct subject *s, const char *what, LONG rc)
{
	if (rc != SCARD_S_SUCCESS)
		fail("%s: %s: %08lX", s->label, what, (unsigned long)rc);
}

static void
await_state(struct subject *s, bool present)
{
	SCARD_READERSTATE r = { .szReader = s->reader };
	double end = now_us() + PATIENCE_MS * 1e3;

	for (;;) {
		LONG rc = SCardGetStatusChange(s->ctx, 1000, &r, 1);

		if (rc == SCARD_S_SUCCESS && !(r.dwEventState & SCARD_STATE_PRESENT) == !present)
			return;
		if (now_us() > end)
			fail("%s: the card in \"%s\" does not %s", s->label, s->reader,
			     present ? "come" : "go");
		r.dwCurrentState = r.dwEventState;
	}
}

static void
establish(struct subject *s)
{
	check(s, "context", SCardEstablishContext(SCARD_SCOPE_SYSTEM, NULL, NULL, &s->ctx));
}

static void
connect_card(struct subject *s)
{
	check(s, "connect",
	      SCardConnect(s->ctx, s->reader, SCARD_SHARE_SHARED,
			   SCARD_PROTOCOL_T0 | SCARD_PROTOCOL_T1, &s->card, &s->protocol));
}

/* Both ends of a stream of our own; the other one is served by a child. */
static int
ping_pong(bool tcp)
{
	struct sockaddr_in sin;
	socklen_t len = sizeof(sin);
	int pair[2], listener;

	if (tcp) {
		listener = bare_listen(0);
		if (listener < 0 || getsockname(listener, (struct sockaddr *)&sin, &len) < 0)
			fail("listen: %s", strerror(errno));
		pair[0] = bare_dial(ntohs(sin.sin_port), 1);
		pair[1] = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
		close(listener);
		bare_no_delay(pair[0]);
		bare_no_delay(pair[1]);
	} else if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair) < 0) {
		fail("socketpair: %s", strerror(errno));
	}
	if (fork() == 0) {
		close(pair[0]);
		bare_serve(pair[1], false, -1);
		_exit(0);
	}
	close(pair[1]);
	return pair[0];
}

/* A card that connects to us, as if we were the reader. */
static int
await_card(unsigned port)
{
	int listener = bare_listen(port), fd;

	if (listener < 0)
		fail("port %u: %s", port, strerror(errno));
	fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
	close(listener);
	bare_no_delay(fd);
	return fd;
}

static int
open_folder(const char *path)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		fail("%s: %s", path, strerror(errno));
	return fd;
}

static int
open_direct(const char *reader)
{
	if (strncmp(reader, "port=", 5) == 0)
		return await_card((unsigned)atoi(reader + 5));
	if (strncmp(reader, "disk=", 5) == 0)
		return open_folder(reader + 5);
	if (strcmp(reader, "tcp") == 0 || strcmp(reader, "unix") == 0)
		return ping_pong(reader[0] == 't');
	return -1;
}

static void
meet(struct subject *s, char *spec)
{
	s->label = strtok(spec, ":");
	s->classes = strtok(NULL, ":");
	s->reader = strtok(NULL, "");
	if (!s->reader)
		fail("a subject is LABEL:CLASSES:READER");
	s->fd = open_direct(s->reader);
	if (s->fd >= 0)
		return;
	establish(s);
	await_state(s, true);
	connect_card(s);
}

/* Whether the answer is a success; it is in rx. */
static bool
exchange(struct subject *s, const uint8_t *cmd, size_t n)
{
	static uint8_t frame[BARE_FRAME_MAX];
	size_t got;

	if (s->fd >= 0) {
		got = bare_exchange(s->fd, cmd, n, frame);
		return got >= 2 && frame[BARE_HEADER + got - 2] == 0x90;
	}
	s->rx_len = sizeof(s->rx);
	check(s, "command",
	      SCardTransmit(s->card, s->protocol == SCARD_PROTOCOL_T1 ? SCARD_PCI_T1 : SCARD_PCI_T0,
			    cmd, (DWORD)n, NULL, s->rx, &s->rx_len));
	return s->rx_len >= 2 && s->rx[s->rx_len - 2] == 0x90;
}

/* --- what is measured ----------------------------------------------------- */

struct operation {
	const char *name;
	/*
	 * s: sizes, u, l: update, k, v, a: signatures, c: an object, b: a certificate in parts,
	 * p: power and connection, d: disk
	 */
	char class;
	unsigned block; /* so many one after the other */
	/* hexadecimal; none is timed. One that is refused: the subject has no such thing. */
	const char *prepare[PREPARED_MAX];
	const char *cmd;   /* hexadecimal */
	unsigned data;     /* that many bytes follow, other ones each time */
	void (*act)(struct subject *s); /* instead of a command */
};

static const uint8_t challenge[] = { 0x00, 0x84, 0x00, 0x00, 0x08 };

static void
reset(struct subject *s)
{
	check(s, "reset",
	      SCardReconnect(s->card, SCARD_SHARE_SHARED, SCARD_PROTOCOL_T0 | SCARD_PROTOCOL_T1,
			     SCARD_RESET_CARD, &s->protocol));
}

static void
connect_and_ask(struct subject *s)
{
	connect_card(s);
	exchange(s, challenge, sizeof(challenge));
}

static void
ask_state(struct subject *s)
{
	SCARD_READERSTATE r = { .szReader = s->reader };

	check(s, "state", SCardGetStatusChange(s->ctx, 0, &r, 1));
}

static void
ask_status(struct subject *s)
{
	uint8_t atr[MAX_ATR_SIZE];
	DWORD atr_len = sizeof(atr), state, protocol;

	check(s, "status", SCardStatus(s->card, NULL, NULL, &state, &protocol, atr, &atr_len));
}

/* So many parts of a CAC's certificate, as OpenSC asks for them. */
#define BUFFER_PART 0xf0
#define BUFFER_PARTS 9

static void
read_certificate(struct subject *s)
{
	uint8_t cmd[] = { 0x00, 0x52, 0x00, 0x00, 0x02, 0x02, BUFFER_PART, BUFFER_PART };
	unsigned i, at;

	for (i = 0; i < BUFFER_PARTS; i++) {
		at = i * BUFFER_PART;
		cmd[2] = (uint8_t)(at >> 8);
		cmd[3] = (uint8_t)at;
		if (!exchange(s, cmd, sizeof(cmd)) || s->rx_len != BUFFER_PART + 2)
			fail("%s: no certificate of %d bytes", s->label,
			     BUFFER_PARTS * BUFFER_PART);
	}
}

static void
replace(struct subject *s)
{
	if (!bare_replace(s->fd))
		fail("disk: %s", strerror(errno));
}

/*
 * A file that is large enough for all of them, current; one that is there already is
 * only selected.
 */
#define CREATE "00E0000010620E8002F00082010183021001880128"
#define SELECT "00A4000C021001"
#define HASH "000102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F"

/* GET DATA of 5FC105, all 3072 bytes; a block that is filled up, for a key of 2048 bits. */
#define OBJECT_3072 "00CB3FFF0000055C035FC1050C00"
#define FF16 "FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF"
#define FF64 FF16 FF16 FF16 FF16
#define BLOCK \
	"0001" FF64 FF64 FF64 "FFFFFFFFFFFFFFFFFFFF00" \
	"3031300D060960864801650304020105000420" HASH
#define PIV_RSA_2048 "0087079E00010A7C820106820081820100" BLOCK "0000"
#define PIV_P256 "0087119A267C2482008120" HASH "00"
#define PIV_PIN "0020008008313233343536FFFF"
#define CAC_PIN "0020000008313233343536FFFF"
#define CAC_PKI "00A4040007A000000079010000"
#define CAC_RSA_2048 "00420000000100" BLOCK "0000"

static const struct operation operations[] = {
	{ "GET CHALLENGE 8", 's', 40, { NULL }, "0084000008", 0, NULL },
	{ "READ 16", 's', 40, { SELECT }, "00B0000010", 0, NULL },
	{ "READ 256", 's', 40, { SELECT }, "00B0000000", 0, NULL },
	{ "READ 1024", 's', 40, { SELECT }, "00B00000000400", 0, NULL },
	{ "READ 4096", 's', 40, { SELECT }, "00B00000001000", 0, NULL },
	{ "READ 16384", 's', 40, { SELECT }, "00B00000004000", 0, NULL },
	{ "READ 61440", 's', 40, { SELECT }, "00B0000000F000", 0, NULL },
	{ "UPDATE 128", 'u', 10, { SELECT }, "00D6000080", 128, NULL },
	{ "UPDATE 61440", 'l', 10, { SELECT }, "00D6000000F000", 61440, NULL },
	{ "a file replaced and synced", 'd', 10, { NULL }, NULL, 0, replace },
	{ "sign RSA-2048", 'k', 4, { "002241B60680010C840106" }, "002A9E9A20" HASH "00", 0, NULL },
	{ "sign P-256", 'k', 20, { "002241B606800113840105" }, "002A9E9A20" HASH "00", 0, NULL },
	{ "GET DATA 3072", 'c', 40, { NULL }, OBJECT_3072, 0, NULL },
	{ "sign RSA-2048", 'v', 4, { NULL }, PIV_RSA_2048, 0, NULL },
	{ "sign P-256", 'v', 20, { PIV_PIN }, PIV_P256, 0, NULL },
	{ "READ BUFFER 2160", 'b', 10, { CAC_PKI }, NULL, 0, read_certificate },
	{ "sign RSA-2048", 'a', 4, { CAC_PIN, CAC_PKI }, CAC_RSA_2048, 0, NULL },
	/*
	 * of OpenPGP cards with keys: which one is for signatures, by
	 * VERIFY 81, the other for authentication
	 */
	{ "OpenPGP RSA-2048", 'g', 4, { "0020008106313233343536" }, "002A9E9A20" HASH "00", 0, NULL },
	{ "OpenPGP Ed25519", 'g', 20, { "0020008206313233343536" }, "0088000020" HASH "00", 0, NULL },
	{ "OpenPGP P-256", 'e', 20, { "0020008106313233343536" }, "002A9E9A20" HASH "00", 0, NULL },
	{ "reset", 'p', 10, { NULL }, NULL, 0, reset },
	{ "connect and GET CHALLENGE", 'p', 10, { NULL }, NULL, 0, connect_and_ask },
	{ "GetStatusChange", 'p', 20, { NULL }, NULL, 0, ask_state },
	{ "Status", 'p', 20, { NULL }, NULL, 0, ask_status },
};
#define OPERATIONS (sizeof(operations) / sizeof(operations[0]))

static size_t
unhex(const char *text, uint8_t *out)
{
	size_t n = 0;
	unsigned byte;

	for (; sscanf(text, "%2x", &byte) == 1; text += 2)
		out[n++] = (uint8_t)byte;
	return n;
}

static bool
tell(struct subject *s, const char *hex)
{
	uint8_t cmd[300];

	return exchange(s, cmd, unhex(hex, cmd));
}

/* What the operations need; who refuses has it, or does without. */
static void
furnish(struct subject *s)
{
	static const uint8_t zeros[65536 + 9] = { 0x00, 0xD6, 0x00, 0x00, 0x00, 0xF0, 0x00 };

	if (strpbrk(s->classes, "su") && !tell(s, SELECT)) {
		tell(s, CREATE);
		tell(s, SELECT);
	}
	if (strchr(s->classes, 's'))
		exchange(s, zeros, 7 + 61440);
	if (strpbrk(s->classes, "ge")) {
		/* one PIN for many signatures */
		tell(s, "00200083083132333435363738");
		tell(s, "00DA00C40101");
	}
	if (strchr(s->classes, 'k')) {
		tell(s, "002241B606800113840105");
		tell(s, "0046000000");
		tell(s, "002241B60680010C840106");
		tell(s, "00460000000000");
	}
}

static void
block(struct subject *s, const struct operation *o, struct samples *took)
{
	static uint8_t cmd[65536 + 9];
	size_t n = o->cmd ? unhex(o->cmd, cmd) : 0;
	unsigned i;
	double start;

	if (s->fd < 0 && o->class == 's')
		exchange(s, challenge, sizeof(challenge)); /* warm again */
	for (i = 0; i < PREPARED_MAX && o->prepare[i]; i++)
		if (!tell(s, o->prepare[i]))
			return;
	for (i = 0; i < o->block; i++) {
		memset(cmd + n, (int)(now_us() / 7), o->data);
		if (o->act == connect_and_ask)
			SCardDisconnect(s->card, SCARD_LEAVE_CARD);
		start = now_us();
		if (o->act)
			o->act(s);
		else if (!exchange(s, cmd, n + o->data))
			return;
		keep(took, now_us() - start);
	}
}

static int
operate(unsigned rounds, const char *between, char **specs)
{
	static struct subject subjects[SUBJECTS_MAX];
	static struct samples took[OPERATIONS][SUBJECTS_MAX];
	size_t n, i, o;

	for (n = 0; specs[n]; n++) {
		if (n == SUBJECTS_MAX)
			fail("at most %d subjects", SUBJECTS_MAX);
		meet(&subjects[n], specs[n]);
		furnish(&subjects[n]);
	}
	for (; rounds > 0; rounds--) {
		for (o = 0; o < OPERATIONS; o++)
			for (i = 0; i < n; i++)
				if (strchr(subjects[i].classes, operations[o].class))
					block(&subjects[i], &operations[o], &took[o][i]);
		if (rounds % 5 == 0 && system(between) != 0)
			fail("%s has failed", between);
	}
	for (o = 0; o < OPERATIONS; o++)
		for (i = 0; i < n; i++)
			print(subjects[i].label, operations[o].name, &took[o][i]);
	return 0;
}

/* --- many at once --------------------------------------------------------- */

struct runner {
	pthread_t thread;
	struct subject who;
	struct samples took;
	double seconds;
};

static pthread_barrier_t all_ready;

static void *
run(void *ctx)
{
	struct runner *r = ctx;
	double start, end, at;

	pthread_barrier_wait(&all_ready);
	for (at = now_us(), end = at + r->seconds * 1e6; at < end && r->took.n < RATE_SAMPLES_MAX;
	     at = now_us()) {
		start = at;
		exchange(&r->who, challenge, sizeof(challenge));
		keep(&r->took, now_us() - start);
	}
	return NULL;
}

static int
rate(double seconds, char **names)
{
	static struct runner r[SUBJECTS_MAX];
	double all = 0, worst = 0, p50 = 0;
	size_t n, i, least = SIZE_MAX, most = 0;

	alarm(PATIENCE_MS / 1000 * 2); /* a driver that never answers is the end, not a wait */
	for (n = 0; names[n] && n < SUBJECTS_MAX; n++) {
		r[n].who = (struct subject) { .label = names[n], .reader = names[n], .fd = -1 };
		r[n].seconds = seconds;
		establish(&r[n].who);
		await_state(&r[n].who, true);
		connect_card(&r[n].who);
		exchange(&r[n].who, challenge, sizeof(challenge));
	}
	pthread_barrier_init(&all_ready, NULL, (unsigned)n);
	for (i = 0; i < n; i++)
		if (pthread_create(&r[i].thread, NULL, run, &r[i]) != 0)
			fail("no thread");
	for (i = 0; i < n; i++)
		pthread_join(r[i].thread, NULL);
	for (i = 0; i < n; i++) {
		struct samples *s = &r[i].took;

		qsort(s->v, s->n, sizeof(*s->v), by_value);
		all += (double)s->n;
		least = s->n < least ? s->n : least;
		most = s->n > most ? s->n : most;
		p50 += part(s, 50) / (double)n;
		worst = part(s, 99) > worst ? part(s, 99) : worst;
	}
	printf("%zu,%.0f,%.2f,%.2f,%.3f\n", n, all / seconds, p50, worst,
	       (double)least / (double)most);
	return 0;
}

/* --- coming and going ----------------------------------------------------- */

static void
nap(unsigned i)
{
	/* not in step with anybody's timer */
	usleep(5000 + i * 2741 % 7000);
}

/* A bare card until the connection to it is shut; *fd is the end to shut. */
static pid_t
insert(unsigned port, int *fd)
{
	pid_t pid;

	*fd = bare_dial(port, 1);
	if (*fd < 0)
		fail("port %u: nobody listens", port);
	bare_no_delay(*fd);
	pid = fork();
	if (pid == 0) {
		bare_serve(*fd, false, -1);
		_exit(0);
	}
	return pid;
}

static int
moves(unsigned n, const char *label, const char *reader, unsigned port)
{
	struct subject s = { .label = label, .reader = reader, .fd = -1 };
	struct samples in = { 0 }, out = { 0 };
	double start;
	unsigned i;
	pid_t pid;
	int fd;

	establish(&s);
	for (i = 0; i < n; i++) {
		nap(i);
		start = now_us();
		pid = insert(port, &fd);
		await_state(&s, true);
		keep(&in, now_us() - start);
		nap(i + 1);
		start = now_us();
		shutdown(fd, SHUT_RDWR);
		await_state(&s, false);
		keep(&out, now_us() - start);
		close(fd);
		waitpid(pid, NULL, 0);
	}
	print(label, "insertion", &in);
	print(label, "removal", &out);
	return 0;
}

/* --- starting ------------------------------------------------------------- */

static void
finish(pid_t pid)
{
	kill(pid, SIGTERM);
	waitpid(pid, NULL, 0);
}

static int
start_to_atr(unsigned n, const char *label, unsigned port, char **argv)
{
	static const uint8_t get_atr = 4;
	static uint8_t frame[BARE_FRAME_MAX];
	struct samples took = { 0 };
	int listener = bare_listen(port), fd;
	double start;
	pid_t pid;

	if (listener < 0)
		fail("port %u: %s", port, strerror(errno));
	for (; n > 0; n--) {
		start = now_us();
		pid = launch(argv);
		fd = accept(listener, NULL, NULL);
		if (fd < 0 || bare_exchange(fd, &get_atr, 1, frame) < 2)
			fail("%s: no ATR", label);
		keep(&took, now_us() - start);
		close(fd);
		finish(pid);
	}
	print(label, "exec to ATR", &took);
	return 0;
}

static int
start_to_answer(unsigned n, const char *label, const char *reader, char **argv)
{
	struct subject s = { .label = label, .reader = reader, .fd = -1 };
	struct samples took = { 0 };
	double start;
	pid_t pid;

	establish(&s);
	for (; n > 0; n--) {
		start = now_us();
		pid = launch(argv);
		await_state(&s, true);
		connect_and_ask(&s);
		keep(&took, now_us() - start);
		SCardDisconnect(s.card, SCARD_LEAVE_CARD);
		finish(pid);
		await_state(&s, false);
		usleep(REST_MS * 1000);
	}
	print(label, "exec to first answer", &took);
	return 0;
}

int
main(int argc, char **argv)
{
	const char *what = argc > 1 ? argv[1] : "";
	unsigned n = argc > 2 ? (unsigned)atoi(argv[2]) : 0;

	setvbuf(stdout, NULL, _IOLBF, 0);
	signal(SIGPIPE, SIG_IGN);
	if (strcmp(what, "operations") == 0 && argc > 4)
		return operate(n, argv[3], argv + 4);
	if (strcmp(what, "rate") == 0 && argc > 3)
		return rate(atof(argv[2]), argv + 3);
	if (strcmp(what, "moves") == 0 && argc == 6)
		return moves(n, argv[3], argv[4], (unsigned)atoi(argv[5]));
	if (strcmp(what, "start") == 0 && argc > 5)
		return start_to_atr(n, argv[3], (unsigned)atoi(argv[4]), argv + 5);
	if (strcmp(what, "first") == 0 && argc > 5)
		return start_to_answer(n, argv[3], argv[4], argv + 5);
	fputs("usage: see the head of bench.c\n", stderr);
	return 2;
}
