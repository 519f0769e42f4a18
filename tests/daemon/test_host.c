/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A host in a child, with a card that does what it is told; we are the reader. */
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/uio.h>
#include <sys/wait.h>

#include "daemon/host.h"
#include "daemon/signals.h"
#include "support.h"
#include "wire.h"

#define PATIENCE 60000 /* ms */

/* What the child tells, in memory that both have. */
struct shared {
	volatile int on, resets, off;
	volatile int atrs, exchanges;
	volatile bool secret;    /* of the last exchange */
	volatile int leftovers;  /* where something was found that should be gone */
	volatile bool ready;     /* it minds signals */
	volatile bool asleep, go;
	volatile bool broken;    /* it has no ATR, and cannot be switched on */
	volatile bool unfit;     /* what is to be done when the reader was found fails */
};

static struct shared *sh;
static struct endpoint where;
static int listeners[NET_LISTENERS], n_listeners;
static pid_t child;
static int fd = -1;        /* the reader's end of the connection */
static uint8_t rx[WIRE_FRAME_MAX];
static struct wire in;
static int card_pipe[2];   /* a byte: the card comes or goes */

/* --- the card: INS says what it does --------------------------------------------- */

enum {
	DO_ECHO = 0x00,  /* the data, 9000 */
	DO_SIZE = 0x02,  /* P1 P2 bytes of answer, SW included */
	DO_SLEEP = 0x04, /* until let go, unless interrupted */
	DO_HANG = 0x06,  /* for ever */
	DO_FAIL = 0x08,  /* no answer: the card is broken */
	DO_NONE = 0x0a,  /* nothing at all, and no error */
	DO_WORK = 0x0e,  /* until let go, whatever comes */
	DO_LOOK = 0x0c,  /* search the host's buffers for the secret */
};

static struct host host;
static int there = 1;

static int
c_atr(struct card *c, struct buf *out)
{
	(void)c;
	buf_put(out, "\x3b\x80\x80\x01\x01", 5);
	return sh->broken ? -EIO : 0;
}

static int
c_power(struct card *c, enum card_power what)
{
	(void)c;
	if (what == CARD_POWER_ON)
		sh->on++;
	else if (what == CARD_RESET)
		sh->resets++;
	else
		sh->off++;
	return sh->broken ? -EIO : 0;
}

static void
sleep_until_let_go(bool whatever_comes)
{
	sh->asleep = true;
	while (!sh->go && (whatever_comes || !signals_give_up()))
		usleep(1000);
}

/* In all that was allocated, used or not: read by the kernel, so that valgrind does not mind. */
static bool
left_in(const struct buf *b)
{
	static uint8_t copy[CARD_RESPONSE_MAX];
	const struct iovec to = { .iov_base = copy, .iov_len = b->cap },
			   from = { .iov_base = b->p, .iov_len = b->cap };

	if (b->cap > sizeof(copy) ||
	    process_vm_readv(getpid(), &to, 1, &from, 1, 0) != (ssize_t)b->cap)
		return true;
	return memmem(copy, b->cap, "12345678", 8);
}

static int
c_transmit(struct card *c, struct view cmd, struct buf *rsp)
{
	unsigned n = cmd.n < 4 ? 0 : (unsigned)(cmd.p[2] << 8 | cmd.p[3]);

	switch (cmd.p[1]) {
	case DO_ECHO:
		buf_put(rsp, cmd.p + 2, cmd.n - 2);
		break;
	case DO_SIZE:
		buf_fill(rsp, 0x55, n - 2);
		break;
	case DO_SLEEP:
		sleep_until_let_go(false);
		break;
	case DO_WORK:
		sleep_until_let_go(true);
		break;
	case DO_HANG:
		sh->asleep = true;
		for (;;)
			pause();
	case DO_FAIL:
		return -EIO;
	case DO_NONE:
		return 0;
	case DO_LOOK:
		sh->leftovers = memmem(host.rx, sizeof(host.rx), "12345678", 8) || left_in(rsp);
		break;
	}
	c->note = (struct card_note) { .instruction = "TEST", .secret = cmd.p[0] == 0x20 };
	buf_u16(rsp, 0x9000);
	return 0;
}

static int
c_event(struct card *c, int *event)
{
	uint8_t byte;

	(void)c;
	*event = card_pipe[0];
	if (poll(&(struct pollfd) { .fd = card_pipe[0], .events = POLLIN }, 1, 0) == 1 &&
	    read(card_pipe[0], &byte, 1) == 1)
		there = (int8_t)byte;
	return there;
}

static const struct card_ops ops = { c_atr, c_power, c_transmit, c_event, NULL };

static void
t_atr(struct tap *t, struct view atr)
{
	(void)t;
	sh->atrs += atr.n == 5;
}

static void
t_exchange(struct tap *t, struct view cmd, struct view rsp, const struct card_note *note)
{
	(void)t;
	(void)cmd;
	sh->secret = note->secret;
	sh->exchanges += rsp.n >= 2;
}

/* --- the child ----------------------------------------------------------------------- */

static int
found(void *ctx)
{
	(void)ctx;
	return sh->unfit ? -EPERM : 0;
}

static int
be_host(void)
{
	static const struct log quiet = { .out = NULL };
	struct card card = { .ops = &ops };
	struct tap tap = { .atr = t_atr, .exchange = t_exchange };
	struct link link;
	int rc;

	rc = link_open(&link, &where, &quiet);
	if (rc < 0)
		return 9;
	host = (struct host) { .link = &link, .card = &card, .log = &quiet, .taps = &tap,
			       .found = found, .signals = signals_catch() };
	sh->ready = true;
	rc = host_run(&host);
	link_close(&link);
	return rc < 0 ? 1 : 0;
}

static void
until(const volatile bool *what)
{
	int i;

	for (i = 0; !*what && i < PATIENCE; i++)
		usleep(1000);
	ck_assert(*what);
}

/* It has heard what it was sent, and waits for what comes next. */
static bool
is_settled(pid_t pid)
{
	char path[64], line[256], state = 0;
	unsigned long long pending, all = 0;
	FILE *status;

	snprintf(path, sizeof(path), "/proc/%d/status", (int)pid);
	status = fopen(path, "r");
	ck_assert_ptr_nonnull(status);
	while (fgets(line, sizeof(line), status)) {
		sscanf(line, "State: %c", &state);
		if (sscanf(line, "SigPnd: %llx", &pending) == 1 ||
		    sscanf(line, "ShdPnd: %llx", &pending) == 1)
			all |= pending;
	}
	fclose(status);
	return state == 'S' && all == 0;
}

static void
settle(void)
{
	int i;

	for (i = 0; !is_settled(child) && i < PATIENCE; i++)
		usleep(1000);
	ck_assert(is_settled(child));
}

static void
start(void)
{
	child = fork();
	if (child == 0)
		_exit(be_host());
	until(&sh->ready);
}

/* The next connection of the card, in good time. */
static void
connected(void)
{
	struct pollfd p[NET_LISTENERS];
	int i;

	for (i = 0; i < n_listeners; i++)
		p[i] = (struct pollfd) { .fd = listeners[i], .events = POLLIN };
	ck_assert_int_gt(poll(p, (nfds_t)n_listeners, PATIENCE), 0);
	fd = net_accept(p[0].revents ? listeners[0] : listeners[1]);
	ck_assert_int_ge(fd, 0);
	wire_init(&in, rx, sizeof(rx));
}

/* Nobody connects for a while. */
static void
not_connected(void)
{
	struct pollfd p = { .fd = listeners[0], .events = POLLIN };

	ck_assert_int_eq(poll(&p, 1, 400), 0);
}

static void
hang_up(void)
{
	close(fd);
	fd = -1;
}

static void
setup(void)
{
	uint16_t port = free_ports(1);

	where = (struct endpoint) { .host = "127.0.0.1", .port = port };
	sh = mmap(NULL, sizeof(*sh), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	n_listeners = net_listen_tcp("127.0.0.1", port, listeners);
	ck_assert_int_ge(n_listeners, 1);
	ck_assert_int_eq(pipe(card_pipe), 0);
}

static int
ended(void)
{
	int status;

	ck_assert_int_eq(waitpid(child, &status, 0), child);
	child = 0;
	ck_assert(WIFEXITED(status));
	return WEXITSTATUS(status);
}

/* Every test ends so, too: told to end, it does, with 0. */
static void
teardown(void)
{
	if (child > 0) {
		kill(child, SIGTERM);
		ck_assert_int_eq(ended(), 0);
	}
}

/* --- the reader ------------------------------------------------------------------------ */

static void
say(const void *p, size_t n)
{
	ck_assert_int_eq(write(fd, p, n), (ssize_t)n);
}

static void
expect(const void *p, size_t n)
{
	const uint8_t *body;
	size_t len;

	ck_assert_int_eq(wire_receive(&in, fd, PATIENCE, &body, &len), 0);
	ck_assert_uint_eq(len, n);
	ck_assert_mem_eq(body, p, n);
}

static void
dialog(const void *cmd, size_t n, const void *rsp, size_t len)
{
	ck_assert_int_eq(wire_send(fd, cmd, n, PATIENCE), 0);
	expect(rsp, len);
}

static void
expect_end(void)
{
	const uint8_t *body;
	size_t len;
	int rc = wire_receive(&in, fd, PATIENCE, &body, &len);

	ck_assert(rc == -EPIPE || rc == -ECONNRESET);
	hang_up();
}

#define ECHO(x) dialog("\x00\x00" x, sizeof(x) + 1, x "\x90\x00", sizeof(x) + 1)
#define ATR "\x3b\x80\x80\x01\x01"

static void
start_and_connect(void)
{
	start();
	connected();
}

/* --- frames ----------------------------------------------------------------------------- */

START_TEST(the_atr_and_power)
{
	start_and_connect();
	say("\0\1\4", 3);
	expect(ATR, 5);
	ck_assert_int_eq(sh->on, 0);
	/* without a reply: the next frame's answer comes next */
	say("\0\1\1\0\1\4", 6);
	expect(ATR, 5);
	ck_assert_int_eq(sh->on, 1);
	say("\0\1\2\0\1\4", 6);
	expect(ATR, 5);
	ck_assert_int_eq(sh->resets, 1);
	say("\0\1\0\0\1\4", 6);
	expect(ATR, 5);
	ck_assert_int_eq(sh->off, 1);
	ck_assert_int_eq(sh->atrs, 4);
}
END_TEST

START_TEST(a_command_switches_it_on)
{
	start_and_connect();
	ECHO("abc");
	ck_assert_int_eq(sh->on, 1);
	ECHO("abc");
	ck_assert_int_eq(sh->on, 1);
	say("\0\1\0", 3);
	ECHO("abc");
	ck_assert_int_eq(sh->on, 2);
}
END_TEST

START_TEST(any_split)
{
	const uint8_t frames[] = { 0, 1, 1, 0, 4, 0, 0, 'a', 'b', 0, 1, 4, 0, 3, 0, 0, 'c' };
	size_t i;

	start_and_connect();
	for (i = 0; i < sizeof(frames); i++) {
		say(frames + i, 1);
		usleep(2000);
	}
	expect("ab\x90\x00", 4);
	expect(ATR, 5);
	expect("c\x90\x00", 3);
}
END_TEST

START_TEST(several_at_once_in_order)
{
	uint8_t frames[200 * 5];
	uint8_t want[3] = { 0, 0x90, 0x00 };
	size_t i;

	start_and_connect();
	for (i = 0; i < 200; i++)
		memcpy(frames + i * 5, (const uint8_t[]) { 0, 3, 0, 0, (uint8_t)i }, 5);
	say(frames, sizeof(frames));
	for (i = 0; i < 200; i++) {
		want[0] = (uint8_t)i;
		expect(want, 3);
	}
}
END_TEST

START_TEST(what_is_nothing_is_ignored)
{
	unsigned c;

	start_and_connect();
	for (c = 0; c < 256; c++) {
		if (c != 0 && c != 1 && c != 2 && c != 4)
			say((const uint8_t[]) { 0, 0, 0, 1, (uint8_t)c, 0, 0 }, 7);
	}
	ECHO("x");
	ck_assert_int_eq(sh->off, 0);
	ck_assert_int_eq(sh->resets, 0);
}
END_TEST

START_TEST(every_answer_has_a_status_word)
{
	start_and_connect();
	dialog("\0\0", 2, "\x90\x00", 2);
	dialog("\0\x0a", 2, "\x6f\x00", 2);
	dialog("\0\x0a\0\0", 4, "\x6f\x00", 2);
}
END_TEST

START_TEST(the_largest_frames)
{
	static uint8_t big[WIRE_BODY_MAX], want[WIRE_BODY_MAX];
	size_t i;

	start_and_connect();
	for (i = 2; i < sizeof(big); i++)
		big[i] = (uint8_t)(i * 7);
	memcpy(want, big + 2, sizeof(big) - 2);
	memcpy(want + sizeof(big) - 2, "\x90\x00", 2);
	dialog(big, sizeof(big), want, sizeof(want));
	memset(want, 0x55, sizeof(want) - 2);
	dialog("\0\x02\xff\xff", 4, want, sizeof(want));
	ECHO("and on");
}
END_TEST

START_TEST(nothing_outlives_its_exchange)
{
	start_and_connect();
	ECHO("12345678");
	ECHO("short");
	dialog("\0\x0c\0\0", 4, "\x90\x00", 2);
	ck_assert_int_eq(sh->leftovers, 0);
}
END_TEST

START_TEST(observers)
{
	start_and_connect();
	ECHO("a");
	ck_assert_int_eq(sh->exchanges, 1);
	ck_assert(!sh->secret);
	dialog("\x20\0x", 3, "x\x90\x00", 3);
	ck_assert_int_eq(sh->exchanges, 2);
	ck_assert(sh->secret);
}
END_TEST

static long
memory_of(pid_t pid)
{
	char path[64], line[256];
	long kib = -1;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/status", (int)pid);
	f = fopen(path, "r");
	ck_assert_ptr_nonnull(f);
	while (fgets(line, sizeof(line), f))
		sscanf(line, "RssAnon: %ld", &kib);
	fclose(f);
	return kib;
}

/* A peer that sends and does not read: the card waits, and everything comes when it does. */
START_TEST(back_pressure)
{
	static uint8_t want[WIRE_BODY_MAX];
	long before;
	size_t i;

	memset(want, 0x55, sizeof(want));
	memcpy(want + sizeof(want) - 2, "\x90\x00", 2);
	start_and_connect();
	dialog("\0\x02\xff\xff", 4, want, sizeof(want));
	before = memory_of(child);
	for (i = 0; i < 200; i++)
		say("\0\4\0\x02\xff\xff", 6);
	usleep(500000);
	ck_assert_int_lt(memory_of(child), before + 1024);
	for (i = 0; i < 200; i++)
		expect(want, sizeof(want));
	ECHO("and on");
	/* and once more, for the end in that state */
	for (i = 0; i < 200; i++)
		say("\0\4\0\x02\xff\xff", 6);
	usleep(200000);
}
END_TEST

/* --- coming and going ------------------------------------------------------------------- */

START_TEST(a_lost_connection_is_power_off)
{
	start_and_connect();
	ECHO("a");
	ck_assert_int_eq(sh->off, 0);
	hang_up();
	connected();
	ck_assert_int_eq(sh->off, 1);
	ECHO("b");
	ck_assert_int_eq(sh->on, 2);
	/* in the middle of a frame, too */
	say("\0\5a", 3);
	hang_up();
	connected();
	ECHO("c");
}
END_TEST

START_TEST(out_and_back)
{
	start_and_connect();
	ECHO("a");
	kill(child, SIGUSR1);
	expect_end();
	not_connected();
	kill(child, SIGUSR1);
	not_connected();
	kill(child, SIGUSR2);
	connected();
	ECHO("b");
	/* it is in */
	kill(child, SIGUSR2);
	ECHO("c");
}
END_TEST

START_TEST(out_after_the_answer)
{
	start_and_connect();
	/* the second is not begun any more */
	say("\0\4\0\x04\0\0" "\0\3\0\0x", 11);
	until(&sh->asleep);
	kill(child, SIGUSR1);
	sh->go = true;
	expect("\x90\x00", 2);
	expect_end();
	not_connected();
}
END_TEST

START_TEST(out_and_back_in_one_answer)
{
	start_and_connect();
	say("\0\4\0\x04\0\0", 6);
	until(&sh->asleep);
	kill(child, SIGUSR1);
	kill(child, SIGUSR2);
	sh->go = true;
	expect("\x90\x00", 2);
	expect_end();
	connected();
	ECHO("a");
}
END_TEST

START_TEST(out_before_a_reader_is_there)
{
	int i;

	for (i = 0; i < n_listeners; i++)
		close(listeners[i]);
	start();
	settle();
	kill(child, SIGUSR1);
	settle();
	n_listeners = net_listen_tcp("127.0.0.1", where.port, listeners);
	ck_assert_int_ge(n_listeners, 1);
	not_connected();
	kill(child, SIGUSR2);
	connected();
	ECHO("a");
}
END_TEST

START_TEST(the_card_comes_and_goes_by_itself)
{
	start_and_connect();
	ECHO("a");
	ck_assert_int_eq(write(card_pipe[1], "\0", 1), 1);
	expect_end();
	not_connected();
	ck_assert_int_eq(write(card_pipe[1], "\1", 1), 1);
	connected();
	ECHO("b");
	/* for good: that is the end, and not a good one */
	ck_assert_int_eq(write(card_pipe[1], "\xff", 1), 1);
	expect_end();
	ck_assert_int_eq(ended(), 1);
}
END_TEST

START_TEST(a_card_that_fails)
{
	start_and_connect();
	ECHO("a");
	say("\0\4\0\x08\0\0", 6);
	expect_end();
	connected();
	ECHO("b");
	/* nor is there an ATR, nor can it be switched on */
	sh->broken = true;
	say("\0\1\4", 3);
	expect_end();
	connected();
	say("\0\3\0\0x", 5);
	expect_end();
	sh->broken = false;
	connected();
	ECHO("c");
}
END_TEST

START_TEST(once)
{
	where.once = true;
	start_and_connect();
	ECHO("a");
	hang_up();
	ck_assert_int_eq(ended(), 1);
}
END_TEST

/* No frame of a reader's before that. */
START_TEST(found_in_vain)
{
	sh->unfit = true;
	start_and_connect();
	expect_end();
	ck_assert_int_eq(ended(), 1);
}
END_TEST

START_TEST(once_and_out)
{
	where.once = true;
	start_and_connect();
	ECHO("a");
	kill(child, SIGTERM);
	expect_end();
	ck_assert_int_eq(ended(), 0);
}
END_TEST

/* --- the end ------------------------------------------------------------------------------ */

START_TEST(the_end_in_a_card_call)
{
	static const uint8_t ins[] = { DO_SLEEP, DO_HANG };
	int64_t began;

	start_and_connect();
	say((const uint8_t[]) { 0, 4, 0, ins[_i], 0, 0 }, 6);
	until(&sh->asleep);
	began = wire_now();
	kill(child, SIGINT);
	expect_end(); /* and no answer */
	ck_assert_int_eq(ended(), 0);
	/* within a second; the machine may be busy */
	ck_assert_int_lt(wire_now() - began, 30000);
}
END_TEST

/* What was not broken off is answered: whoever asked for it knows what became of it. */
START_TEST(the_end_behind_an_answer)
{
	start_and_connect();
	say((const uint8_t[]) { 0, 4, 0, DO_WORK, 0, 0 }, 6);
	until(&sh->asleep);
	kill(child, SIGTERM);
	sh->go = true;
	expect("\x90\x00", 2);
	expect_end();
	ck_assert_int_eq(ended(), 0);
}
END_TEST

START_TEST(the_end_while_it_waits_for_a_reader)
{
	int i;

	for (i = 0; i < n_listeners; i++)
		close(listeners[i]);
	start();
	settle();
	kill(child, SIGTERM);
	ck_assert_int_eq(ended(), 0);
}
END_TEST

START_TEST(the_end_while_out)
{
	start_and_connect();
	kill(child, SIGUSR1);
	expect_end();
	kill(child, SIGHUP);
	ck_assert_int_eq(ended(), 0);
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("host");

	/* nobody's pcscd is to be started */
	setenv("PCSCLITE_CSOCK_NAME", "/nonexistent/pcscd.comm", 1);
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, the_atr_and_power);
	tcase_add_test(tc, a_command_switches_it_on);
	tcase_add_test(tc, any_split);
	tcase_add_test(tc, several_at_once_in_order);
	tcase_add_test(tc, what_is_nothing_is_ignored);
	tcase_add_test(tc, every_answer_has_a_status_word);
	tcase_add_test(tc, the_largest_frames);
	tcase_add_test(tc, nothing_outlives_its_exchange);
	tcase_add_test(tc, observers);
	tcase_add_test(tc, back_pressure);
	tcase_add_test(tc, a_lost_connection_is_power_off);
	tcase_add_test(tc, out_and_back);
	tcase_add_test(tc, out_after_the_answer);
	tcase_add_test(tc, out_and_back_in_one_answer);
	tcase_add_test(tc, out_before_a_reader_is_there);
	tcase_add_test(tc, the_card_comes_and_goes_by_itself);
	tcase_add_test(tc, a_card_that_fails);
	tcase_add_test(tc, once);
	tcase_add_test(tc, found_in_vain);
	tcase_add_test(tc, once_and_out);
	tcase_add_loop_test(tc, the_end_in_a_card_call, 0, 2);
	tcase_add_test(tc, the_end_behind_an_answer);
	tcase_add_test(tc, the_end_while_it_waits_for_a_reader);
	tcase_add_test(tc, the_end_while_out);
	return run("host", tc);
}
