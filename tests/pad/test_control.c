/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A pad that is commanded: who says what, in which order, and where digits are not. */
#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "control/server.h"
#include "pad/asked.h"
#include "peer.h"
#include "support.h"
#include "wire.h"

#define PIN "314159"
#define NEWPIN "27182818"

static char folder[] = "/tmp/padctl.XXXXXX";
static int client, served; /* served: what the last commands have come to */
static char heard[65536];  /* all that was told */

static void
turn(void)
{
	struct pollfd p[PAD_WATCH];
	unsigned n, turns = 0;
	int rc;

	for (;;) {
		n = source->ops->watch(source, p);
		ck_assert_uint_le(n, PAD_WATCH);
		if (poll(p, n, 0) <= 0)
			return;
		rc = source->ops->serve(source, p, n, &say);
		served = rc ? rc : served;
		ck_assert_uint_lt(++turns, 10000);
	}
}

/* The next line, an object to be decref'd. */
static json_t *
hear(int fd)
{
	char line[4096];
	json_t *object;
	size_t n = 0;

	do {
		turn();
		ck_assert(peer_readable(fd, PEER_PATIENCE_MS));
		ck_assert_int_eq(recv(fd, line + n, 1, 0), 1);
	} while (line[n++] != '\n' && n < sizeof(line) - 1);
	line[n] = '\0';
	strlcat(heard, line, sizeof(heard));
	object = json_loads(line, 0, NULL);
	ck_assert_msg(json_is_object(object), "%s", line);
	return object;
}

static const char *
text_of(const json_t *o, const char *member)
{
	const char *text = json_string_value(json_object_get(o, member));

	return text ? text : "";
}

static int
join(void)
{
	char path[128];
	json_t *greeting;
	int fd;

	snprintf(path, sizeof(path), "%s/pin.sock", folder);
	fd = peer_connect_unix(path);
	ck_assert_int_ge(fd, 0);
	greeting = hear(fd);
	ck_assert_str_eq(text_of(json_object_get(greeting, "vicc"), "type"), "pad");
	json_decref(greeting);
	return fd;
}

static void
begin(void)
{
	source = pad_control(&pins, "pin", "/reader.pad", &pad_log);
	ck_assert_ptr_nonnull(source);
	ck_assert_ptr_null(pins.first);
	client = join();
}

static void
setup_without_pins(void)
{
	pad_log = (struct log) { .out = tmpfile(), .level = LOG_INFO };
	served = 0;
	*heard = '\0';
	ck_assert_ptr_nonnull(mkdtemp(folder));
	ck_assert_int_eq(setenv("VICC_CONTROL_DIR", folder, 1), 0);
}

static void
setup(void)
{
	setup_without_pins();
	ck_assert(props_set(&pins, "PIN1", view_of(PIN, strlen(PIN))));
	ck_assert(props_set(&pins, "NEWPIN1", view_of(NEWPIN, strlen(NEWPIN))));
	begin();
}

static void
setup_empty(void)
{
	setup_without_pins();
	begin();
}

static void
teardown(void)
{
	char logged[4096];
	ssize_t n;

	close(client);
	source->ops->free(source);
	/* its socket is removed */
	ck_assert_int_eq(rmdir(folder), 0);
	strcpy(folder, "/tmp/padctl.XXXXXX");
	buf_free(&say);
	n = pread(fileno(pad_log.out), logged, sizeof(logged) - 1, 0);
	ck_assert_int_ge(n, 0);
	logged[n] = '\0';
	fclose(pad_log.out);
	/* no digits anywhere */
	ck_assert_ptr_null(strstr(logged, PIN));
	ck_assert_ptr_null(strstr(heard, PIN));
	ck_assert_ptr_null(strstr(heard, NEWPIN));
}

/* The answer to a line. */
static json_t *
asks(const char *line)
{
	peer_say(client, line, strlen(line));
	peer_say(client, "\n", 1);
	return hear(client);
}

static void
does(const char *line)
{
	json_t *answer = asks(line);

	ck_assert_msg(json_is_object(json_object_get(answer, "ok")), "%s: %s", line, heard);
	json_decref(answer);
}

static void
refused(const char *line, const char *error)
{
	json_t *answer = asks(line);

	ck_assert_str_eq(text_of(json_object_get(answer, "error"), "name"), error);
	json_decref(answer);
}

/* What the reader has been told since the last time. */
static void
says(const char *wanted)
{
	buf_u8(&say, 0);
	ck_assert_str_eq((char *)say.p, wanted);
	buf_reset(&say);
}

static void
event(const char *name, const char *member, const char *value)
{
	json_t *o = hear(client);

	ck_assert_str_eq(text_of(o, "event"), name);
	ck_assert_str_eq(text_of(o, member), value);
	json_decref(o);
}

static void
reader_asks(const struct pad_ask *ask, const char *wanted)
{
	ck_assert_int_eq(source->ops->ask(source, ask, &say), 0);
	says(wanted);
}

static void
status_is(const char *state, int next, int requests, const char *sw)
{
	json_t *answer = asks("{\"do\":\"status\"}"), *ok = json_object_get(answer, "ok");

	ck_assert_str_eq(text_of(ok, "name"), "pin");
	ck_assert_str_eq(text_of(ok, "endpoint"), "/reader.pad");
	ck_assert_str_eq(text_of(ok, "state"), state);
	ck_assert_int_eq(json_integer_value(json_object_get(ok, "next")), next);
	ck_assert_int_eq(json_integer_value(json_object_get(ok, "requests")), requests);
	ck_assert_str_eq(text_of(ok, "sw"), sw);
	ck_assert(json_is_object(json_object_get(ok, "asked")) == (strcmp(state, "asked") == 0));
	json_decref(answer);
}

START_TEST(a_request)
{
	json_t *asked;

	status_is("away", 0, 0, "");
	source->connected = true;
	status_is("ready", 0, 0, "");
	does("{\"do\":\"subscribe\"}");
	reader_asks(&change, "");
	asked = hear(client);
	ck_assert_str_eq(text_of(asked, "event"), "asked");
	ck_assert_str_eq(text_of(asked, "ins"), "24");
	ck_assert_str_eq(text_of(asked, "ref"), "01");
	ck_assert_int_eq(json_integer_value(json_object_get(asked, "min")), 4);
	ck_assert_int_eq(json_integer_value(json_object_get(asked, "max")), 8);
	ck_assert_uint_eq(json_array_size(json_object_get(asked, "want")), 3);
	json_decref(asked);
	status_is("asked", 0, 1, "");
	does("{\"do\":\"pad\",\"how\":\"right\"}");
	says("key\npin " PIN " " NEWPIN " " NEWPIN "\n");
	status_is("ready", 0, 1, "");
	refused("{\"do\":\"pad\",\"how\":\"right\"}", "not-possible");
	source->ops->over(source, 0x9000);
	event("done", "sw", "9000");
	status_is("ready", 0, 1, "9000");
	/* the new PIN is the PIN now */
	reader_asks(&verify, "");
	event("asked", "ins", "20");
	does("{\"do\":\"pad\",\"how\":\"right\"}");
	says("key\npin " NEWPIN "\n");
	/* nobody has an answer */
	source->ops->over(source, 0);
	event("done", "sw", "");
	does("{\"do\":\"unsubscribe\"}");
	reader_asks(&verify, "");
	source->ops->over(source, 0x63c2);
	status_is("ready", 0, 3, "63C2");
}
END_TEST

static const struct {
	const char *how, *says;
	int rc;
} ways[] = {
	{ "right", "key\npin " PIN "\n", 0 }, { "wrong", "key\npin 425260\n", 0 },
	{ "short", "key\npin 111\n", 0 },     { "long", "key\npin 111111111\n", 0 },
	{ "cancel", "cancel\n", 0 },          { "time", "", 0 },
	{ "sw=63C2", "sw 63C2\n", 0 },        { "gone", "", -ECANCELED },
};

START_TEST(each_way)
{
	char line[64];

	reader_asks(&verify, "");
	snprintf(line, sizeof(line), "{\"do\":\"pad\",\"how\":\"%s\"}", ways[_i].how);
	does(line);
	says(ways[_i].says);
	ck_assert_int_eq(served, ways[_i].rc);
	refused(line, "not-possible");
}
END_TEST

START_TEST(slowly)
{
	reader_asks(&verify, "");
	does("{\"do\":\"pad\",\"how\":\"slow=1\"}");
	says("");
	ck_assert_int_gt(source->until, 0);
	ck_assert_int_eq(source->ops->more(source, &say), 0);
	says("key\npin " PIN "\n");
	ck_assert_int_eq(source->until, 0);
}
END_TEST

START_TEST(digits_that_are_brought)
{
	char line[128];

	refused("{\"do\":\"enter\",\"pins\":[\"1234\"]}", "not-possible");
	reader_asks(&verify, "");
	refused("{\"do\":\"enter\",\"pins\":[]}", "bad-argument");
	refused("{\"do\":\"enter\"}", "bad-argument");
	refused("{\"do\":\"enter\",\"pins\":\"1234\"}", "bad-argument");
	refused("{\"do\":\"enter\",\"pins\":[1234]}", "bad-argument");
	refused("{\"do\":\"enter\",\"pins\":[\"\"]}", "bad-argument");
	refused("{\"do\":\"enter\",\"pins\":[\"12a4\"]}", "bad-argument");
	refused("{\"do\":\"enter\",\"pins\":[\"1234\\npin 1\"]}", "bad-argument");
	refused("{\"do\":\"enter\",\"pins\":[\"1234\",\"1234\"]}", "bad-argument");
	refused("{\"do\":\"enter\",\"pins\":[\"1\",\"1\",\"1\",\"1\"]}", "bad-argument");
	snprintf(line, sizeof(line), "{\"do\":\"enter\",\"pins\":[\"%064d\"]}", 0);
	refused(line, "bad-argument");
	says("");
	snprintf(line, sizeof(line), "{\"do\":\"enter\",\"pins\":[\"%063d\"]}", 0);
	does(line);
	snprintf(line, sizeof(line), "key\npin %063d\n", 0);
	says(line);
	refused("{\"do\":\"enter\",\"pins\":[\"1234\"]}", "not-possible");
	reader_asks(&change, "");
	refused("{\"do\":\"enter\",\"pins\":[\"1234\"]}", "bad-argument");
	does("{\"do\":\"enter\",\"pins\":[\"1234\",\"5678\"]}");
	says("key\npin 1234 5678 5678\n");
	reader_asks(&change, "");
	does("{\"do\":\"enter\",\"pins\":[\"1234\",\"5678\",\"5679\"]}");
	says("key\npin 1234 5678 5679\n");
}
END_TEST

START_TEST(said_before)
{
	char line[4096] = "{\"do\":\"next\",\"words\":[\"cancel\"";
	unsigned i;

	does("{\"do\":\"next\",\"words\":[\"wrong\",\"right\"]}");
	refused("{\"do\":\"next\",\"words\":[\"right\",\"rigth\"]}", "bad-argument");
	refused("{\"do\":\"next\",\"words\":[1]}", "bad-argument");
	status_is("away", 2, 0, "");
	reader_asks(&verify, "key\npin 425260\n");
	reader_asks(&verify, "key\npin " PIN "\n");
	reader_asks(&verify, "");
	/* one that waits is answered by the first */
	does("{\"do\":\"next\",\"words\":[\"cancel\",\"gone\",\"right\"]}");
	says("cancel\n");
	ck_assert_int_eq(source->ops->ask(source, &verify, &say), -ECANCELED);
	status_is("away", 1, 4, "");
	does("{\"do\":\"next\",\"words\":[]}");
	status_is("away", 0, 4, "");
	for (i = 1; i < 256; i++)
		strlcat(line, ",\"cancel\"", sizeof(line));
	strlcat(line, "]}", sizeof(line));
	does(line);
	refused("{\"do\":\"next\",\"words\":[\"cancel\"]}", "too-large");
	status_is("away", 256, 4, "");
}
END_TEST

/* Somebody has to have the PINs. */
START_TEST(without_a_file)
{
	refused("{\"do\":\"next\",\"words\":[\"cancel\",\"right\"]}", "not-possible");
	status_is("away", 0, 0, "");
	reader_asks(&verify, "");
	refused("{\"do\":\"pad\",\"how\":\"right\"}", "not-possible");
	refused("{\"do\":\"pad\",\"how\":\"slow=1\"}", "not-possible");
	status_is("asked", 0, 1, "");
	does("{\"do\":\"enter\",\"pins\":[\"1234\"]}");
	says("key\npin 1234\n");
	reader_asks(&verify, "");
	does("{\"do\":\"pad\",\"how\":\"sw=6401\"}");
	says("sw 6401\n");
}
END_TEST

START_TEST(nonsense)
{
	static const char *const lines[] = {
		"",
		"{",
		"[]",
		"{\"do\":\"insert\"}",
		"{\"do\":\"pad\"}",
		"{\"do\":\"pad\",\"how\":\"rigth\"}",
		"{\"do\":\"pad\",\"how\":\"right \"}",
		"{\"do\":\"pad\",\"how\":7}",
		"{\"do\":\"pad\",\"how\":\"right\",\"pins\":[\"1\"]}",
		"{\"do\":\"next\",\"words\":{}}",
		"{\"do\":\"subscribe\",\"classes\":[\"commands\"]}",
	};
	json_t *answer;
	size_t i;

	reader_asks(&verify, "");
	for (i = 0; i < sizeof(lines) / sizeof(*lines); i++) {
		answer = asks(lines[i]);
		ck_assert_msg(json_object_get(answer, "error") != NULL, "%s", lines[i]);
		json_decref(answer);
	}
	says("");
	status_is("asked", 0, 1, "");
}
END_TEST

/* Clients that vanish at any place, and one too many: the request waits on. */
START_TEST(clients_that_go)
{
	int others[SERVER_CLIENTS - 1], ninth;
	char path[128];
	size_t i;

	reader_asks(&verify, "");
	for (i = 0; i < SERVER_CLIENTS - 1; i++)
		others[i] = join();
	snprintf(path, sizeof(path), "%s/pin.sock", folder);
	ninth = peer_connect_unix(path);
	turn();
	peer_expect_end(ninth);
	close(ninth);
	peer_say(others[0], "{\"do\":\"pad\",", 12);
	peer_say(others[1], "{\"do\":\"subscribe\"}\n", 19);
	for (i = 0; i < SERVER_CLIENTS - 1; i++)
		close(others[i]);
	turn();
	says("");
	status_is("asked", 0, 1, "");
	does("{\"do\":\"pad\",\"how\":\"right\"}");
	says("key\npin " PIN "\n");
}
END_TEST

START_TEST(a_name_that_is_taken)
{
	struct props none = { .first = NULL };

	ck_assert_ptr_null(pad_control(&none, "pin", "/x", &pad_log));
	/* the one that is there is not harmed */
	status_is("away", 0, 0, "");
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("control"), *empty = tcase_create("without a file");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, a_request);
	tcase_add_loop_test(tc, each_way, 0, (int)(sizeof(ways) / sizeof(*ways)));
	tcase_add_test(tc, slowly);
	tcase_add_test(tc, digits_that_are_brought);
	tcase_add_test(tc, said_before);
	tcase_add_test(tc, nonsense);
	tcase_add_test(tc, clients_that_go);
	tcase_add_test(tc, a_name_that_is_taken);
	tcase_add_checked_fixture(empty, setup_empty, teardown);
	tcase_add_test(empty, without_a_file);
	return run_both("pad control", tc, empty);
}
