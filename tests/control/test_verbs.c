/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What verbs do to a card: faults on the wire, power, snapshots, files; each verb on each type. */
#include "control/desk.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/time.h>

#include "newcard.h"
#include "wire.h"

static struct desk d;
static int fd;

static const uint8_t challenge[] = { 0x00, 0x84, 0x00, 0x00, 0x08 }; /* GET CHALLENGE */
static const uint8_t cases[] = { 0x80, 0x34, 0x00, 0x04,
				 0x04 }; /* handler_test: 00 01 02 03 9000 */

static void
open_with(const struct card_type *type, const char *path)
{
	desk_open(&d, type);
	desk_card(&d, NULL, path);
	fd = desk_client(&d);
}

static void
done(void)
{
	close(fd);
	desk_close(&d);
}

static void
setup(void)
{
	open_with(&handler_test_type, NULL);
}

/* As the host does it once the card is out, and in again. */
static void
out(void)
{
	desk_does(&d, fd, "{\"do\":\"remove\"}");
	d.host.offered = false;
}

static struct buf
transmit(const uint8_t *cmd, size_t n, int wanted)
{
	struct buf rsp = BUF(CARD_RESPONSE_MAX);

	ck_assert_int_eq(desk_command(&d, view_of(cmd, n), &rsp), wanted);
	return rsp;
}

/* --- frames ------------------------------------------------------------------- */

/* A command, and what its answer is on the wire; returns what sending says. */
static int
on_the_wire(const uint8_t *cmd, size_t n, uint8_t *got, ssize_t *n_got)
{
	struct buf rsp = transmit(cmd, n, 0);
	struct timeval soon = { .tv_usec = 10000 };
	int pair[2], rc;
	ssize_t k;

	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	setsockopt(pair[1], SOL_SOCKET, SO_RCVTIMEO, &soon, sizeof(soon));
	rc = between_send(d.c, pair[0], buf_view(&rsp));
	close(pair[0]);
	for (*n_got = 0; (k = recv(pair[1], got + *n_got, 64 - (size_t)*n_got, 0)) > 0;)
		*n_got += k;
	close(pair[1]);
	buf_free(&rsp);
	return rc;
}

/* The answer is 00 01 02 03 90 00, of 6 bytes. */
static void
suffers(const char *fault, int rc, const char *frame, size_t n)
{
	uint8_t got[64];
	ssize_t n_got;

	desk_does(&d, fd, fault);
	ck_assert_int_eq(on_the_wire(cases, sizeof(cases), got, &n_got), rc);
	ck_assert_msg(n_got == (ssize_t)n, "%s: %zd bytes, not %zu", fault, n_got, n);
	ck_assert_mem_eq(got, frame, n);
	/* once, and then never again */
	ck_assert_int_eq(on_the_wire(cases, sizeof(cases), got, &n_got), 0);
	ck_assert_int_eq(n_got, 8);
	ck_assert_mem_eq(got, "\0\6\0\1\2\3\x90\0", 8);
}

#define SUFFERS(fault, rc, frame) \
	suffers("{\"do\":\"fault\",\"kind\":" fault "}", rc, frame, sizeof(frame) - 1)

START_TEST(each_kind_of_fault)
{
	SUFFERS("\"sw\",\"value\":\"6a82\"", 0, "\0\2\x6a\x82");
	SUFFERS("\"sw\",\"value\":\"6A 82\",\"late\":true", 0, "\0\2\x6a\x82");
	SUFFERS("\"flip\",\"byte\":1,\"bit\":7", 0, "\0\6\0\x81\2\3\x90\0");
	SUFFERS("\"short\",\"n\":1", 0, "\0\5\0\1\2\x90\0");
	SUFFERS("\"data\",\"hex\":\"ff\"", 0, "\0\3\xff\x90\0");
	SUFFERS("\"delay\",\"ms\":1", 0, "\0\6\0\1\2\3\x90\0");
	SUFFERS("\"empty\"", 0, "\0\0");
	SUFFERS("\"one\"", 0, "\0\1\0");
	SUFFERS("\"cut\",\"n\":1", 1, "\0");
	SUFFERS("\"cut\",\"n\":5", 1, "\0\6\0\1\2");
	SUFFERS("\"close\"", 1, "");
	SUFFERS("\"abort\"", 1, "");
	SUFFERS("\"lie\",\"n\":2", 0, "\0\x8\0\1\2\3\x90\0");
	SUFFERS("\"lie\",\"n\":-9", 0, "\0\0\0\1\2\3\x90\0");
	SUFFERS("\"twice\"", 0, "\0\6\0\1\2\3\x90\0\0\6\0\1\2\3\x90\0");
	SUFFERS("\"stray\",\"hex\":\"0102\"", 0, "\0\6\0\1\2\3\x90\0\1\2");
	SUFFERS("\"split\",\"n\":3,\"ms\":0", 0, "\0\6\0\1\2\3\x90\0");
	SUFFERS("\"nothing\"", 0, "");
	ck_assert_uint_eq(d.c->n_faults, 18);
}
END_TEST

/* The process is to end: nobody waits for what is late by a fault. */
START_TEST(the_end_in_a_delay)
{
	uint8_t got[64];
	ssize_t n;

	desk_does(&d, fd, "{\"do\":\"fault\",\"kind\":\"delay\",\"ms\":3600000}");
	raise(SIGTERM);
	ck_assert_int_lt(on_the_wire(cases, sizeof(cases), got, &n), 0);
	ck_assert_int_eq(n, 0);
}
END_TEST

START_TEST(what_is_no_fault)
{
	static const char *const lines[] = {
		"\"no\"",
		"\"sw\"",
		"\"sw\",\"value\":\"90\"",
		"\"sw\",\"value\":\"900000\"",
		"\"sw\",\"value\":\"9000\",\"n\":1",
		"\"cut\"",
		"\"cut\",\"n\":0",
		"\"cut\",\"n\":65538",
		"\"cut\",\"n\":1.5",
		"\"cut\",\"n\":\"1\"",
		"\"big\",\"n\":1",
		"\"delay\"",
		"\"delay\",\"ms\":-1",
		"\"split\",\"n\":3",
		"\"data\"",
		"\"data\",\"hex\":\"0\"",
		"\"flip\",\"bit\":8",
		"\"one\",\"late\":true",
		"\"one\",\"rate\":[1]",
		"\"one\",\"rate\":[1,0]",
		"\"one\",\"rate\":[2,1]",
		"\"one\",\"rate\":[1,2,3]",
		"\"one\",\"rate\":[\"1\",\"2\"]",
		"\"one\",\"on\":\"2\"",
		"\"one\",\"on\":7",
		"\"one\",\"on\":[\"20\",7]",
		"\"one\",\"on\":[\"atr\",\"20\"]",
		"\"flip\",\"on\":\"atr\"",
		"\"one\",\"every\":0",
		"\"one\",\"after\":-1",
		"\"one\",\"times\":99999999999",
		"7",
	};
	char line[128];
	size_t i;

	for (i = 0; i < sizeof(lines) / sizeof(*lines); i++) {
		snprintf(line, sizeof(line), "{\"do\":\"fault\",\"kind\":%s}", lines[i]);
		desk_refused(&d, fd, line, "bad-argument");
	}
	desk_refused(&d, fd, "{\"do\":\"fault\"}", "bad-argument");
	desk_refused(&d, fd, "{\"do\":\"clear\",\"rule\":1}", "bad-argument");
	ck_assert_uint_eq(d.c->faults.n, 0);
	for (i = 0; i < FAULT_RULES; i++)
		desk_does(&d, fd, "{\"do\":\"fault\",\"kind\":\"one\",\"on\":[\"aa\"]}");
	desk_refused(&d, fd, "{\"do\":\"fault\",\"kind\":\"one\"}", "not-possible");
	desk_does(&d, fd, "{\"do\":\"clear\",\"rule\":3}");
	desk_does(&d, fd, "{\"do\":\"clear\"}");
	ck_assert_uint_eq(d.c->faults.n, 0);
}
END_TEST

/* A fault of the ATR, and a card that is mute: from the next power on. */
START_TEST(the_atr)
{
	struct buf atr = BUF(CARD_ATR_MAX);
	const struct view none = { .n = 0 };
	struct tap *t = &d.c->tap;

	desk_does(&d, fd, "{\"do\":\"fault\",\"kind\":\"cut\",\"n\":4,\"on\":\"atr\"}");
	desk_does(&d, fd, "{\"do\":\"mute\",\"on\":true}");
	buf_put(&atr, "\x3b\x80\x80\x01\x01", 5);
	ck_assert_int_eq(between_answer(d.c, none, &atr), 0);
	ck_assert_uint_eq(atr.n, 2);
	buf_set(&atr, view_of("\x3b\x80\x80\x01\x01", 5));
	ck_assert_int_eq(between_answer(d.c, none, &atr), 0);
	ck_assert_uint_eq(atr.n, 5);
	t->power(t, CARD_POWER_ON);
	ck_assert_int_eq(between_answer(d.c, none, &atr), 0);
	ck_assert_uint_eq(atr.n, 1);
	ck_assert_uint_eq(atr.p[0], 0);
	desk_does(&d, fd, "{\"do\":\"mute\",\"on\":false}");
	desk_refused(&d, fd, "{\"do\":\"mute\"}", "bad-argument");
	desk_refused(&d, fd, "{\"do\":\"mute\",\"on\":1}", "bad-argument");
	buf_free(&atr);
}
END_TEST

/* A fault and a tear are told, with the number of their command. */
START_TEST(events_of_faults)
{
	struct buf rsp;
	json_t *line;

	desk_does(&d, fd, "{\"do\":\"subscribe\",\"classes\":[\"faults\"]}");
	desk_does(&d, fd, "{\"do\":\"fault\",\"kind\":\"one\"}");
	rsp = transmit(cases, sizeof(cases), 0);
	buf_free(&rsp);
	line = desk_hear(&d, fd);
	ck_assert_str_eq(json_string_value(json_object_get(line, "kind")), "one");
	ck_assert_int_eq(json_integer_value(json_object_get(line, "rule")), 1);
	ck_assert_int_eq(json_integer_value(json_object_get(line, "command")), 1);
	json_decref(line);
	desk_does(&d, fd, "{\"do\":\"tear\",\"at\":\"command\",\"after\":1,\"on\":\"34\"}");
	rsp = transmit(cases, sizeof(cases), 0);
	buf_free(&rsp);
	rsp = transmit(cases, sizeof(cases), -ECANCELED);
	buf_free(&rsp);
	line = desk_hear(&d, fd);
	ck_assert_str_eq(json_string_value(json_object_get(line, "event")), "tear");
	json_decref(line);
	/* it is back after a while */
	ck_assert_int_eq(d.host.back, 500);
	ck_assert(!signals_out());
	ck_assert_uint_eq(signals_removals(), 1);
}
END_TEST

/* Some bytes of the answer go out. */
START_TEST(torn_in_the_answer)
{
	uint8_t got[64];
	ssize_t n;

	desk_does(&d, fd, "{\"do\":\"tear\",\"at\":\"answer\",\"n\":3,\"back\":-1}");
	ck_assert_int_eq(on_the_wire(cases, sizeof(cases), got, &n), 1);
	ck_assert_int_eq(n, 3);
	ck_assert_mem_eq(got, "\0\6\0", 3);
	ck_assert(signals_out());
	ck_assert_uint_eq(d.c->n_torn, 1);
	desk_refused(&d, fd, "{\"do\":\"tear\",\"at\":\"commit\"}", "not-possible");
	desk_refused(&d, fd, "{\"do\":\"tear\",\"at\":\"night\"}", "bad-argument");
	desk_refused(&d, fd, "{\"do\":\"tear\",\"at\":\"command\",\"n\":1}", "bad-argument");
	desk_refused(&d, fd, "{\"do\":\"tear\",\"at\":\"answer\",\"on\":\"atr\"}", "bad-argument");
	desk_refused(&d, fd, "{\"do\":\"tear\"}", "bad-argument");
}
END_TEST

/* --- what is kept ------------------------------------------------------------------- */

static const struct card_type *
iso7816(void)
{
	return card_type_find("iso7816");
}

static void
answers(const char *command, const char *wanted)
{
	char line[512];
	json_t *ok;

	snprintf(line, sizeof(line), "{\"do\":\"apdu\",\"command\":\"%s\"}", command);
	ok = desk_ok(&d, fd, line);
	ck_assert_str_eq(json_string_value(json_object_get(ok, "response")), wanted);
	json_decref(ok);
}

/* A wrong PIN counts; the snapshot has not seen it. */
START_TEST(back_to_a_snapshot)
{
	open_with(iso7816(), NULL);
	desk_refused(&d, fd, "{\"do\":\"apdu\",\"command\":\"00200001\"}", "in");
	out();
	desk_does(&d, fd, "{\"do\":\"snapshot\",\"name\":\"new\"}");
	answers("00 E0 00 00 0D 62 0B 82 01 01 83 02 10 01 80 02 00 10", "9000");
	answers("00A4020C021001", "9000");
	desk_does(&d, fd, "{\"do\":\"snapshot\"}");
	desk_does(&d, fd, "{\"do\":\"restore\",\"name\":\"new\"}");
	answers("00A4020C021001", "6A82");
	desk_does(&d, fd, "{\"do\":\"restore\"}");
	answers("00A4020C021001", "9000");
	/* as often as one likes */
	desk_does(&d, fd, "{\"do\":\"restore\",\"name\":\"new\"}");
	answers("00A4020C021001", "6A82");
	desk_refused(&d, fd, "{\"do\":\"restore\",\"name\":\"other\"}", "no-snapshot");
	desk_refused(&d, fd, "{\"do\":\"restore\",\"name\":\"../x\"}", "bad-argument");
	desk_refused(&d, fd, "{\"do\":\"snapshot\",\"name\":\"own\"}", "bad-argument");
	desk_refused(&d, fd, "{\"do\":\"tear\",\"at\":\"command\",\"on\":\"nothing\"}",
		     "bad-argument");
	desk_refused(&d, fd, "{\"do\":\"snapshot\",\"name\":\"\"}", "bad-argument");
	desk_does(&d, fd, "{\"do\":\"insert\"}");
	desk_refused(&d, fd, "{\"do\":\"restore\"}", "in");
	done();
}
END_TEST

START_TEST(sixteen_snapshots)
{
	char line[64];
	int i;

	open_with(iso7816(), NULL);
	for (i = 0; i < SNAPSHOTS_MAX; i++) {
		snprintf(line, sizeof(line), "{\"do\":\"snapshot\",\"name\":\"s%d\"}", i);
		desk_does(&d, fd, line);
	}
	desk_refused(&d, fd, "{\"do\":\"snapshot\"}", "too-large");
	/* one that is there is replaced */
	desk_does(&d, fd, "{\"do\":\"snapshot\",\"name\":\"s3\"}");
	done();
}
END_TEST

static int
disk_fails(void *ctx, struct state *s, unsigned changed)
{
	(void)ctx;
	(void)s;
	(void)changed;
	return -EIO;
}

/* What cannot be kept is not done, and is no change. */
START_TEST(a_disk_that_fails)
{
	open_with(iso7816(), NULL);
	out();
	d.c->own.commit = disk_fails;
	answers("00E000000D620B820101830210018002 0010", "6581");
	ck_assert_int_eq(d.c->tear.commits, 0);
	d.c->own.commit = image_commit;
	answers("00E000000D620B820101830210018002 0010", "9000");
	done();
}
END_TEST

/* What apdu has done to the volatile state is gone when the card is offered. */
START_TEST(a_command_without_a_reader)
{
	open_with(iso7816(), NULL);
	out();
	desk_refused(&d, fd, "{\"do\":\"apdu\",\"command\":\"0\"}", "bad-argument");
	desk_refused(&d, fd, "{\"do\":\"apdu\",\"command\":\"00\"}", "bad-argument");
	desk_refused(&d, fd, "{\"do\":\"apdu\"}", "bad-argument");
	answers("0070000001", "019000");
	/* the second of the channels that it opened is there as long as it has power */
	answers("0070000001", "029000");
	d.c->remote.news(d.c, HOST_INSERTED, "");
	answers("0070000001", "019000");
	done();
}
END_TEST

/* A glitch: the reader is told nothing, and the card knows nothing. */
START_TEST(a_glitch)
{
	struct buf rsp;

	open_with(iso7816(), NULL);
	card_power(d.host.card, CARD_POWER_ON);
	d.host.powered = true;
	rsp = transmit((const uint8_t *)"\x00\x70\x00\x00\x01", 5, 0);
	ck_assert_mem_eq(rsp.p, "\x01\x90\x00", 3);
	buf_free(&rsp);
	desk_does(&d, fd, "{\"do\":\"glitch\"}");
	ck_assert(d.host.powered);
	rsp = transmit((const uint8_t *)"\x00\x70\x00\x00\x01", 5, 0);
	ck_assert_mem_eq(rsp.p, "\x01\x90\x00", 3);
	buf_free(&rsp);
	done();
}
END_TEST

/* --- descriptors ------------------------------------------------------------------------ */

/* Send a line with a descriptor; what is answered. */
static json_t *
ask_with(int passed, const char *line)
{
	union {
		struct cmsghdr align;
		uint8_t bytes[CMSG_SPACE(sizeof(int))];
	} control = { .bytes = { 0 } };
	struct iovec iov = { .iov_base = (void *)(uintptr_t)line, .iov_len = strlen(line) };
	struct msghdr m = { .msg_iov = &iov,
			    .msg_iovlen = 1,
			    .msg_control = &control,
			    .msg_controllen = sizeof(control.bytes) };

	*CMSG_FIRSTHDR(&m) = (struct cmsghdr) { .cmsg_level = SOL_SOCKET,
						.cmsg_type = SCM_RIGHTS,
						.cmsg_len = CMSG_LEN(sizeof(int)) };
	memcpy(CMSG_DATA(CMSG_FIRSTHDR(&m)), &passed, sizeof(passed));
	ck_assert_int_eq(sendmsg(fd, &m, MSG_NOSIGNAL), (ssize_t)strlen(line));
	return desk_hear(&d, fd);
}

static void
with(int passed, const char *line, const char *error)
{
	json_t *answer = ask_with(passed, line);
	const char *name =
		json_string_value(json_object_get(json_object_get(answer, "error"), "name"));

	ck_assert_msg(error ? name && strcmp(name, error) == 0
			    : json_object_get(answer, "ok") != NULL,
		      "%s: %s", line, name ? name : "ok");
	json_decref(answer);
}

#define SNAPSHOT "{\"do\":\"snapshot\"}\n"
#define NAMED_SNAPSHOT "{\"do\":\"snapshot\",\"name\":\"a\"}\n"
#define LOAD "{\"do\":\"load\"}\n"
#define TRACE "{\"do\":\"trace\",\"on\":true}\n"
#define ANOTHER_TYPE "{ \"format\": 2, \"type\": \"isoapplet\", \"serial\": \"01\", \"mf\": {} }"

/* A card goes into a file, becomes another, and what was in it is its own again. */
START_TEST(another_card_is_loaded)
{
	int file = memfd_create("a", 0), other;
	json_t *status;

	open_with(iso7816(), NULL);
	with(file, SNAPSHOT, NULL);
	out();
	answers("00E000000D620B820101830210018002 0010", "9000");
	with(file, LOAD, NULL);
	status = desk_ok(&d, fd, "{\"do\":\"status\"}");
	ck_assert(json_is_true(json_object_get(status, "loaded")));
	json_decref(status);
	answers("00A4020C021001", "6A82");
	/* once more: its own is put aside already */
	with(file, LOAD, NULL);
	answers("00A4020C021001", "6A82");
	with(file, NAMED_SNAPSHOT, "bad-argument");
	desk_does(&d, fd, "{\"do\":\"restore\",\"name\":\"own\"}");
	answers("00A4020C021001", "9000");
	status = desk_ok(&d, fd, "{\"do\":\"status\"}");
	ck_assert(json_is_null(json_object_get(status, "loaded")));
	json_decref(status);
	/* of another type, of none, and empty */
	other = memfd_create("b", 0);
	ck_assert_int_eq(write(other, "{}", 2), 2);
	with(other, LOAD, "bad-argument");
	ck_assert_int_eq(ftruncate(other, 0), 0);
	ck_assert_int_eq(pwrite(other, ANOTHER_TYPE, strlen(ANOTHER_TYPE), 0),
			 (ssize_t)strlen(ANOTHER_TYPE));
	with(other, LOAD, "bad-argument");
	ck_assert_int_eq(ftruncate(other, 0), 0);
	with(other, LOAD, "bad-argument");
	answers("00A4020C021001", "9000");
	close(other);
	close(file);
	done();
}
END_TEST

/* Each kind of descriptor that is not to be had. */
START_TEST(hostile_descriptors)
{
	int ends[2], dir = open("/", O_RDONLY), null = open("/dev/null", O_RDWR),
		     big = memfd_create("big", 0), full = open("/dev/full", O_WRONLY), reads;
	static const char *const lines[] = { SNAPSHOT, LOAD, TRACE };
	char path[128];
	size_t i;

	open_with(iso7816(), NULL);
	out();
	ck_assert_int_eq(pipe(ends), 0);
	ck_assert_int_eq(ftruncate(big, 65 << 20), 0);
	for (i = 0; i < 3; i++) {
		with(ends[0], lines[i], "bad-argument");
		with(ends[1], lines[i], "bad-argument");
		with(dir, lines[i], "bad-argument");
		with(null, lines[i], "bad-argument");
		with(full, lines[i], "bad-argument");
		with(fd, lines[i], "bad-argument");
	}
	with(big, LOAD, "too-large");
	/* one that can only be read, one that can only be written */
	snprintf(path, sizeof(path), "%s/file", d.folder);
	close(open(path, O_CREAT | O_RDWR, 0600));
	reads = open(path, O_RDONLY);
	with(reads, SNAPSHOT, "io");
	with(reads, TRACE, "io");
	close(reads);
	reads = open(path, O_WRONLY);
	with(reads, LOAD, "io");
	close(reads);
	unlink(path);
	/* and none */
	desk_refused(&d, fd, "{\"do\":\"load\"}", "bad-argument");
	desk_refused(&d, fd, "{\"do\":\"trace\",\"on\":true}", "bad-argument");
	desk_does(&d, fd, "{\"do\":\"trace\",\"on\":false}");
	answers("0070000001", "019000");
	for (i = 0; i < 2; i++)
		close(ends[i]);
	close(dir);
	close(null);
	close(full);
	close(big);
	done();
}
END_TEST

/* From the one on to the off after it. */
START_TEST(a_trace)
{
	int file = memfd_create("t", 0);
	struct tap *t;
	struct stat before, st;

	open_with(iso7816(), NULL);
	with(file, TRACE, NULL);
	ck_assert_int_eq(fstat(file, &before), 0);
	ck_assert_int_gt(before.st_size, 28);
	for (t = d.host.taps; t; t = t->next)
		t->exchange(t, view_of(challenge, 5), view_of("\x90\x00", 2), &d.host.card->note);
	ck_assert_int_eq(fstat(file, &st), 0);
	ck_assert_int_gt(st.st_size, before.st_size);
	/* another one takes its place */
	with(file, TRACE, NULL);
	desk_does(&d, fd, "{\"do\":\"trace\",\"on\":false}");
	ck_assert_int_eq(fstat(file, &before), 0);
	for (t = d.host.taps; t; t = t->next)
		t->exchange(t, view_of(challenge, 5), view_of("\x90\x00", 2), &d.host.card->note);
	ck_assert_int_eq(fstat(file, &st), 0);
	ck_assert_int_eq(st.st_size, before.st_size);
	close(file);
	done();
}
END_TEST

/* --- each verb, each type ------------------------------------------------------------------ */

/* Of those that keep something and of those that do not; 0: all can. */
static const struct {
	const char *line;
	const char *nothing_kept; /* the error */
} everything[] = {
	{ "{\"do\":\"insert\"}", NULL },
	{ "{\"do\":\"status\"}", NULL },
	{ "{\"do\":\"subscribe\"}", NULL },
	{ "{\"do\":\"unsubscribe\"}", NULL },
	{ "{\"do\":\"glitch\"}", NULL },
	{ "{\"do\":\"tear\",\"at\":\"command\"}", NULL },
	{ "{\"do\":\"tear\",\"at\":\"commit\"}", "not-possible" },
	{ "{\"do\":\"fault\",\"kind\":\"close\"}", NULL },
	{ "{\"do\":\"faults\"}", NULL },
	{ "{\"do\":\"clear\"}", NULL },
	{ "{\"do\":\"mute\",\"on\":true}", NULL },
	{ "{\"do\":\"mute\",\"on\":false}", NULL },
	{ "{\"do\":\"snapshot\"}", "not-possible" },
	{ "{\"do\":\"remove\"}", NULL },
	{ "{\"do\":\"restore\"}", "not-possible" },
	{ "{\"do\":\"apdu\",\"command\":\"00A40400\"}", NULL },
	{ "{\"do\":\"trace\",\"on\":false}", NULL },
	{ "{\"do\":\"counters\"}", NULL },
	{ "{\"do\":\"lock\"}", NULL },
	{ "{\"do\":\"unlock\"}", NULL },
	{ "{\"do\":\"tie\"}", NULL },
};

START_TEST(each_verb_on_each_type)
{
	const struct card_type *type = card_types[_i];
	size_t i;

	/* a relay wants a reader */
	if (strcmp(type->name, "relay") == 0)
		return;
	open_with(type, NULL);
	for (i = 0; i < sizeof(everything) / sizeof(*everything); i++) {
		if (everything[i].nothing_kept && !type->contents)
			desk_refused(&d, fd, everything[i].line, everything[i].nothing_kept);
		else
			desk_does(&d, fd, everything[i].line);
	}
	done();
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("faults"), *own = tcase_create("kept");
	int n = 0;

	while (card_types[n])
		n++;
	tcase_add_checked_fixture(tc, setup, done);
	tcase_add_test(tc, each_kind_of_fault);
	tcase_add_test(tc, the_end_in_a_delay);
	tcase_add_test(tc, what_is_no_fault);
	tcase_add_test(tc, the_atr);
	tcase_add_test(tc, events_of_faults);
	tcase_add_test(tc, torn_in_the_answer);
	tcase_add_test(own, back_to_a_snapshot);
	tcase_add_test(own, sixteen_snapshots);
	tcase_add_test(own, a_disk_that_fails);
	tcase_add_test(own, a_command_without_a_reader);
	tcase_add_test(own, a_glitch);
	tcase_add_test(own, another_card_is_loaded);
	tcase_add_test(own, hostile_descriptors);
	tcase_add_test(own, a_trace);
	tcase_add_loop_test(own, each_verb_on_each_type, 0, n);
	return run_both("verbs", tc, own);
}
